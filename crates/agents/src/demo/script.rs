//! The demo agent's instructions, one a line.
//!
//! ```text
//! say TEXT                      says it
//! think TEXT                    thinks it
//! write PATH TEXT               writes a file; asks when it is outside of the job's folder
//! run COMMAND                   asks, then runs it
//! ask QUESTION | OPTION | …     asks a person; || begins a further question, +OPTION may be
//!                               chosen with others
//! wait 2s                       waits (ms, s, m)
//! flood LINES [BYTES]           says many lines: flood I/N CRC32 FILLER
//! output PATH TEXT              writes a file that is handed back
//! recite                        says all that it was told, word for word
//! fail transient|permanent MESSAGE
//! crash                         dies on the spot
//! ```
//! Any other line is said. Files get a line feed at their end.

use std::time::Duration;

/// Most lines of one flood.
const FLOOD_LINES_MAX: u64 = 100_000_000;
/// Longest filler of a flooded line.
const FLOOD_BYTES_MAX: usize = 64 * 1024;
/// Filler of a flooded line that names no length.
const FLOOD_BYTES_USUAL: usize = 64;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instruction {
    /// Say a text.
    Say(String),
    /// Think a text.
    Think(String),
    /// Write a file.
    Write {
        /// Where.
        path: String,
        /// What.
        text: String,
    },
    /// Run a command of the shell.
    Run(String),
    /// Ask a person, all of it at once.
    Ask(Vec<Asked>),
    /// Do nothing for a while.
    Wait(Duration),
    /// Say many lines.
    Flood {
        /// How many.
        lines: u64,
        /// Length of the filler of each.
        bytes: usize,
    },
    /// Write a file that is handed back.
    Output {
        /// Where, in the output folder.
        path: String,
        /// What.
        text: String,
    },
    /// Say all that it was told.
    Recite,
    /// End with an error.
    Fail {
        /// Whether another try makes sense.
        transient: bool,
        /// In these words.
        message: String,
    },
    /// Die on the spot.
    Crash,
}

/// One thing that a person is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What.
    pub question: String,
    /// Offered answers; free text without any.
    pub options: Vec<String>,
    /// Whether several of them may be chosen.
    pub several: bool,
}

/// Reads instructions; lines without content are left out.
pub fn parse(instructions: &str) -> Vec<Instruction> {
    instructions
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| instruction(line).unwrap_or_else(|| Instruction::Say(line.to_owned())))
        .collect()
}

/// The instruction in a line; none when it is just something to say.
fn instruction(line: &str) -> Option<Instruction> {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let text = || (!rest.is_empty()).then(|| rest.to_owned());
    Some(match word {
        "say" => Instruction::Say(text()?),
        "think" => Instruction::Think(text()?),
        "run" => Instruction::Run(text()?),
        "write" => {
            let (path, text) = file(rest)?;
            Instruction::Write { path, text }
        }
        "output" => {
            let (path, text) = file(rest)?;
            Instruction::Output { path, text }
        }
        "ask" => Instruction::Ask(rest.split("||").map(asked).collect::<Option<_>>()?),
        "wait" => Instruction::Wait(duration(rest)?),
        "flood" => flood(rest)?,
        "fail" => {
            let (kind, message) = rest
                .split_once(char::is_whitespace)
                .unwrap_or((rest, "as the instructions say"));
            Instruction::Fail {
                transient: match kind {
                    "transient" => true,
                    "permanent" => false,
                    _ => return None,
                },
                message: message.trim().to_owned(),
            }
        }
        "recite" if rest.is_empty() => Instruction::Recite,
        "crash" if rest.is_empty() => Instruction::Crash,
        _ => return None,
    })
}

fn asked(text: &str) -> Option<Asked> {
    let mut parts = text.split('|').map(str::trim);
    let question = parts.next().filter(|question| !question.is_empty())?;
    let offered: Vec<&str> = parts.filter(|option| !option.is_empty()).collect();
    let label = |option: &&str| option.strip_prefix('+').unwrap_or(option).trim().to_owned();
    Some(Asked {
        question: question.to_owned(),
        options: offered.iter().map(label).collect(),
        several: offered.iter().any(|option| option.starts_with('+')),
    })
}

fn file(rest: &str) -> Option<(String, String)> {
    let (path, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    (!path.is_empty()).then(|| (path.to_owned(), text.trim_start().to_owned()))
}

fn flood(rest: &str) -> Option<Instruction> {
    let mut words = rest.split_whitespace();
    let lines: u64 = words.next()?.parse().ok()?;
    let bytes: usize = words
        .next()
        .map_or(Some(FLOOD_BYTES_USUAL), |word| word.parse().ok())?;
    (lines <= FLOOD_LINES_MAX && bytes <= FLOOD_BYTES_MAX && words.next().is_none())
        .then_some(Instruction::Flood { lines, bytes })
}

fn duration(word: &str) -> Option<Duration> {
    let digits = word.trim_end_matches(|sign: char| sign.is_ascii_alphabetic());
    let number: u32 = digits.parse().ok()?;
    let unit = match word.get(digits.len()..)? {
        "ms" => Duration::from_millis(1),
        "s" | "" => Duration::from_secs(1),
        "m" => Duration::from_mins(1),
        _ => return None,
    };
    Some(unit.saturating_mul(number))
}

/// Line `number` of `count` of a flood.
pub fn flood_line(number: u64, count: u64, bytes: usize) -> String {
    let start = usize::try_from(number % 26).unwrap_or_default();
    let filler: String = ('a'..='z').cycle().skip(start).take(bytes).collect();
    let checksum = crc32fast::hash(filler.as_bytes());
    format!("flood {number}/{count} {checksum:08x} {filler}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_word_is_understood() {
        insta::assert_debug_snapshot!(parse(
            "say hello there\nthink hm\nwrite a/b.txt some text\nwrite empty.txt\nrun ls -l | wc\n\
             ask Which? | red | blue\nask Why?\nask Which ones? | +red | + blue || Why?\nwait 250ms\nwait 2s\nwait 1m\nflood 3\nflood 3 10\n\
             output report.md # Report\nrecite\nfail transient try again\nfail permanent\ncrash\n\n  plain words  "
        ));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for line in [
            "say",
            "wait soon",
            "wait 5h",
            "flood many",
            "flood 1 2 3",
            "flood 1 99999999",
            "fail somehow",
            "crash now",
            "recite a poem",
            "write",
            "ask |",
            "ask Which? ||",
            "Write a poem",
        ] {
            assert_eq!(parse(line), [Instruction::Say(line.to_owned())]);
        }
    }

    #[test]
    fn a_flooded_line_carries_the_checksum_of_its_filler() {
        let line = flood_line(7, 9, 30);
        let words: Vec<_> = line.split(' ').collect();
        assert_eq!(words[1], "7/9");
        assert_eq!(words[3].len(), 30);
        assert_eq!(
            words[2],
            format!("{:08x}", crc32fast::hash(words[3].as_bytes()))
        );
    }

    proptest! {
        #[test]
        fn any_text_gives_at_most_one_instruction_a_line(text in r"(\PC|\n){0,200}") {
            prop_assert!(parse(&text).len() <= text.lines().count());
        }
    }
}
