//! Questions, for people.

use std::fmt::Write as _;

use protocol::question::Question;

use super::{ago, now, printable};

/// A question with its offered answers.
pub(crate) fn question_lines(job_number: u64, title: &str, question: &Question) -> String {
    let mut text = format!(
        "{}\n  job        #{job_number} {}\n  asked      {}\n",
        question.id,
        super::short(title, 80),
        ago(question.asked_at, now()),
    );
    for item in &question.items {
        let asked = printable(&item.text).replace('\n', "\n             ");
        writeln!(text, "  {:<10} {asked}", super::short(&item.key, 10)).ok();
        for option in &item.options {
            let meaning = option.description.as_deref().map(printable);
            let meaning = meaning.map(|m| format!(": {m}")).unwrap_or_default();
            writeln!(text, "             - {}{meaning}", printable(&option.label)).ok();
        }
        if item.free_text {
            text.push_str("             - or an answer of your own\n");
        }
    }
    text
}
