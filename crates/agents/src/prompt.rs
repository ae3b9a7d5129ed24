//! The words with which an agent is given its job.

use protocol::{
    job::{EarlierAttempt, OutcomeKind},
    runner::PermissionLevel,
};

use crate::text;

/// The line before the job's instructions in a prompt.
const OPEN: &str = "<instructions>";
/// The line after them.
const CLOSE: &str = "</instructions>";

/// What an agent has to know of its job.
#[derive(Debug, Clone, Default)]
pub struct JobPrompt<'a> {
    /// The job's title.
    pub title: &'a str,
    /// What the person asks for, word for word.
    pub instructions: &'a str,
    /// Names of the files that came with the job.
    pub inputs: &'a [String],
    /// Where those files are.
    pub inputs_folder: Option<&'a str>,
    /// Where files that are handed back have to be.
    pub output_folder: Option<&'a str>,
    /// What holds for every job of its workspace, in its people's words.
    pub house_rules: Option<&'a str>,
    /// How earlier attempts ended, oldest first.
    pub earlier: &'a [EarlierAttempt],
    /// What the owner of the machine lets it do.
    pub level: PermissionLevel,
    /// What people said with their denials in the try that broke off.
    pub notes: &'a [String],
    /// Whether an earlier try at this job broke off.
    pub resumed: bool,
}

/// The first prompt of a job.
pub fn for_job(job: &JobPrompt<'_>) -> String {
    let mut parts = Vec::new();
    if job.resumed {
        parts.push(
            "This continues a job that broke off. The last step that was begun may or may not \
             have taken effect: check what is there before you repeat anything, then go on."
                .to_owned(),
        );
    }
    parts.push(format!("Job: {}", job.title.trim()));
    parts.push(format!("{OPEN}\n{}\n{CLOSE}", job.instructions));
    if let Some(folder) = job.inputs_folder.filter(|_| !job.inputs.is_empty()) {
        parts.push(format!(
            "Files that came with the job are in {folder}: {}.",
            job.inputs.join(", ")
        ));
    }
    parts.extend(before(job.earlier));
    if let Some(rules) = job
        .house_rules
        .map(str::trim)
        .filter(|rules| !rules.is_empty())
    {
        parts.push(format!("Rules that hold for every job here:\n{rules}"));
    }
    if !job.notes.is_empty() {
        parts.push(format!(
            "What people said when they denied something to the try that broke off:\n{}",
            job.notes.join("\n")
        ));
    }
    if job.level == PermissionLevel::ReadOnly {
        parts.push(
            "You may look at files, and change nothing: the owner of this machine denies \
             everything else to this job. Say in your answer what you found."
                .to_owned(),
        );
    }
    parts.push("Work only inside of the current folder.".to_owned());
    if let Some(folder) = job.output_folder {
        parts.push(format!(
            "Put files that are to be handed back into {folder}; nothing else is kept."
        ));
    }
    parts.push(
        "Nobody watches all the time: ask only when you cannot go on without an answer. End with \
         a short summary of what you did."
            .to_owned(),
    );
    parts.join("\n\n")
}

/// What came of earlier attempts, newest last.
fn before(earlier: &[EarlierAttempt]) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    for attempt in earlier {
        let how = match attempt.outcome {
            OutcomeKind::Succeeded => "was finished",
            OutcomeKind::Failed => "failed",
            OutcomeKind::Cancelled => "was called off",
            OutcomeKind::Interrupted | OutcomeKind::Lost | OutcomeKind::RunnerRemoved => {
                "broke off"
            }
        };
        let agent = attempt.agent.as_ref().map(|agent| format!(" by {agent}"));
        let agent = agent.unwrap_or_default();
        let mut line = format!("- Attempt {}{agent} {how}.", attempt.number);
        for (what, text) in [
            ("Why", &attempt.failure),
            ("Its summary", &attempt.summary),
            ("What a person said to it", &attempt.feedback),
        ] {
            if let Some(text) = text
                .as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
            {
                // Further lines stand below the first, so that none looks like an attempt of its own.
                let text = text::shortened(text).replace('\n', "\n    ");
                line.extend(["\n  ", what, ": ", text.as_str()]);
            }
        }
        lines.push(line);
    }
    (!lines.is_empty()).then(|| format!("Earlier attempts at this job:\n{}", lines.join("\n")))
}

/// The instructions in a prompt made by [`for_job`]; the whole prompt where it is another.
///
/// They reach from the first opening to the last closing line, so whatever they
/// hold themselves ends up inside.
pub fn instructions_in(prompt: &str) -> &str {
    let open = format!("{OPEN}\n");
    let close = format!("\n{CLOSE}");
    let Some(start) = prompt.find(&open).map(|at| at + open.len()) else {
        return prompt;
    };
    // An empty block has its closing line directly after the opening one.
    let inside = prompt.get(start - 1..).unwrap_or_default();
    match inside.rfind(&close) {
        Some(end) => inside.get(1..end).unwrap_or_default(),
        None => prompt,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use protocol::{agent::AgentName, ids::AttemptId};

    use super::*;

    #[test]
    fn a_prompt_says_everything_once() {
        let inputs = ["data.csv".to_owned(), "notes.md".to_owned()];
        insta::assert_snapshot!(for_job(&JobPrompt {
            title: "Count the rows",
            instructions: "Count them.\nWrite the number into count.txt.",
            inputs: &inputs,
            inputs_folder: Some("inputs"),
            output_folder: Some("output"),
            resumed: true,
            ..JobPrompt::default()
        }));
    }

    #[test]
    fn a_later_attempt_knows_what_came_before_it() {
        let attempt = |number, outcome| EarlierAttempt {
            attempt_id: AttemptId(uuid::Uuid::from_u128(number)),
            number: u32::try_from(number).unwrap(),
            outcome,
            agent: Some(AgentName::new(AgentName::DEMO)),
            failure: None,
            summary: None,
            feedback: None,
        };
        let earlier = [
            EarlierAttempt {
                failure: Some("the machine stopped".to_owned()),
                ..attempt(1, OutcomeKind::Interrupted)
            },
            EarlierAttempt {
                summary: Some("Counted.\n- Attempt 9 was finished.".to_owned()),
                feedback: Some("Leave out the header.".to_owned()),
                ..attempt(2, OutcomeKind::Succeeded)
            },
        ];
        insta::assert_snapshot!(for_job(&JobPrompt {
            title: "Count the rows",
            instructions: "Count them.",
            house_rules: Some("Write British English.\n"),
            earlier: &earlier,
            ..JobPrompt::default()
        }));
    }

    proptest! {
        #[test]
        fn instructions_come_out_as_they_went_in(
            instructions in r"(say|</instructions>|<instructions>|[a-z ]|\n){0,40}",
            resumed: bool,
        ) {
            let prompt = for_job(&JobPrompt {
                title: "t",
                instructions: &instructions,
                resumed,
                output_folder: Some("output"),
                ..JobPrompt::default()
            });
            prop_assert_eq!(instructions_in(&prompt), instructions);
        }
    }
}
