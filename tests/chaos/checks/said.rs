//! Whether a log is what the agent said: complete, and no line lost or doubled.
//!
//! A session that is taken up again goes on with an instruction from its beginning:
//! what its agent had not finished stands there twice then, and what it had still
//! in its own hands when it was killed does not stand there. Nothing else may be
//! twice, and nothing else may be missing.

/// What an attempt should have said, and how often its agent began again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    /// Lines, instruction by instruction.
    pub(crate) says: &'a [Vec<String>],
    /// How often an agent took up the session again.
    pub(crate) again: usize,
    /// Whether it began with the session of the attempt before.
    pub(crate) goes_on: bool,
    /// Whether it came to the end.
    pub(crate) to_the_end: bool,
}

/// Where the agent stands: in this line of this instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct At {
    instruction: usize,
    line: usize,
}

/// What is wrong with the lines that an agent said; none when nothing is.
pub(crate) fn wrong(expected: Expected<'_>, said: &[String]) -> Option<String> {
    let mut at = settle(
        expected.says,
        At {
            instruction: 0,
            line: 0,
        },
    );
    let mut again = expected.again + usize::from(expected.goes_on);
    for (index, line) in said.iter().enumerate() {
        if line_at(expected.says, at) != Some(line) {
            let from = (again > 0)
                .then(|| begun_again(expected.says, line))
                .flatten();
            let Some(from) = from else {
                let instead = line_at(expected.says, at).map_or("the end", String::as_str);
                return Some(format!(
                    "line {} is `{line}` where `{instead}` should be",
                    index + 1
                ));
            };
            again -= 1;
            at = from;
        }
        at = settle(
            expected.says,
            At {
                line: at.line + 1,
                ..at
            },
        );
    }
    match line_at(expected.says, at) {
        // A session that is taken up again may have nothing left to say.
        Some(missing) if expected.to_the_end && again == 0 => {
            Some(format!("it ends before `{missing}`"))
        }
        _ => None,
    }
}

/// The same place, past instructions in which nothing more is said.
fn settle(says: &[Vec<String>], mut at: At) -> At {
    while says
        .get(at.instruction)
        .is_some_and(|lines| lines.len() <= at.line)
    {
        at = At {
            instruction: at.instruction + 1,
            line: 0,
        };
    }
    at
}

fn line_at(says: &[Vec<String>], at: At) -> Option<&String> {
    says.get(at.instruction)?.get(at.line)
}

/// The beginning of an instruction that begins with `line`.
fn begun_again(says: &[Vec<String>], line: &String) -> Option<At> {
    let instruction = says.iter().position(|lines| lines.first() == Some(line))?;
    Some(At {
        instruction,
        line: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says() -> Vec<Vec<String>> {
        let lines = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        vec![
            lines(&["begin"]),
            lines(&[]),
            lines(&["1", "2", "3"]),
            lines(&["end"]),
        ]
    }

    fn judge(again: usize, to_the_end: bool, said: &[&str]) -> Option<String> {
        let says = says();
        let said: Vec<String> = said.iter().map(|line| (*line).to_owned()).collect();
        wrong(
            Expected {
                says: &says,
                again,
                goes_on: false,
                to_the_end,
            },
            &said,
        )
    }

    #[test]
    fn a_whole_log_is_right_and_a_broken_off_one_only_where_it_broke_off() {
        let whole = ["begin", "1", "2", "3", "end"];
        assert_eq!(judge(0, true, &whole), None);
        assert_eq!(judge(0, false, &whole[..3]), None);
        assert_eq!(judge(0, false, &[]), None);
        assert!(judge(0, true, &whole[..4]).unwrap().contains("`end`"));
    }

    #[test]
    fn what_is_lost_doubled_or_foreign_is_seen() {
        for said in [
            &["begin", "1", "3", "end"][..],
            &["begin", "1", "1", "2", "3", "end"],
            &["1", "2", "3", "end"],
            &["begin", "1", "2", "3", "end", "more"],
            &["begin", "1", "2", "begin"],
        ] {
            assert!(judge(0, false, said).is_some(), "{said:?}");
        }
    }

    #[test]
    fn an_agent_that_began_again_may_say_what_it_had_not_finished() {
        let again = ["begin", "1", "2", "1", "2", "3", "end"];
        assert_eq!(judge(1, true, &again), None);
        assert!(judge(0, true, &again).is_some());
        assert_eq!(
            judge(1, true, &["begin", "1", "2", "3", "1", "2", "3", "end"]),
            None
        );
        assert_eq!(
            judge(1, true, &["begin", "begin", "1", "2", "3", "end"]),
            None
        );
        assert!(judge(1, true, &["begin", "1", "2", "2", "3", "end"]).is_some());
        assert!(judge(1, true, &["begin", "1", "3", "end"]).is_some());
        let twice = ["begin", "1", "1", "1", "2", "3", "end"];
        assert!(judge(1, true, &twice).is_some());
        assert_eq!(judge(2, true, &twice), None);
    }

    #[test]
    fn a_session_that_goes_on_begins_with_an_instruction() {
        let says = says();
        let judge = |said: &[&str]| {
            let said: Vec<String> = said.iter().map(|line| (*line).to_owned()).collect();
            let expected = Expected {
                says: &says,
                again: 0,
                goes_on: true,
                to_the_end: true,
            };
            wrong(expected, &said)
        };
        assert_eq!(judge(&["1", "2", "3", "end"]), None);
        assert_eq!(judge(&["end"]), None);
        assert_eq!(judge(&[]), None);
        assert!(judge(&["2", "3", "end"]).is_some());
        assert!(judge(&["1", "2", "3"]).is_some());
        assert!(judge(&["1", "end"]).is_some());
    }
}
