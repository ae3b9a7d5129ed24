//! Approvals, for people: everything that is asked, before anything is answered.

use std::fmt::Write as _;

use protocol::approval::{Action, Approval, Risk};

use super::{ago, now, printable};

/// What an agent wants to do, in one line.
pub(crate) fn action(action: &Action) -> String {
    match action {
        Action::Run { command } => format!("run: {}", super::short(command, 120)),
        Action::Edit { path, .. } => format!("write: {}", super::short(path, 120)),
        Action::Other { title, .. } => super::short(title, 120),
    }
}

/// One request for permission, in full.
pub(crate) fn approval_lines(job_number: u64, title: &str, approval: &Approval) -> String {
    let subject = &approval.subject;
    let mut text = format!(
        "{}\n  job        #{job_number} {}\n  asked      {}\n",
        approval.id,
        super::short(title, 80),
        ago(approval.asked_at, now()),
    );
    let detail = match &subject.action {
        Action::Run { command } => format!("  runs       {}", indented(command)),
        Action::Edit { path, diff } => {
            format!(
                "  writes     {}\n             {}",
                printable(path),
                indented(diff)
            )
        }
        Action::Other { title, detail } => {
            format!(
                "  wants      {}\n             {}",
                printable(title),
                indented(detail)
            )
        }
    };
    text.push_str(&detail);
    writeln!(text, "\n  in         {}", printable(&subject.directory)).ok();
    if let Some(reason) = &subject.claimed_reason {
        writeln!(text, "  it says    {}", indented(reason)).ok();
    }
    if !subject.risks.is_empty() {
        let risks: Vec<_> = subject.risks.iter().map(|&risk| words(risk)).collect();
        writeln!(text, "  careful    {}", risks.join(", ")).ok();
    }
    text
}

/// Further lines stand under the first.
fn indented(text: &str) -> String {
    printable(text.trim_end()).replace('\n', "\n             ")
}

const fn words(risk: Risk) -> &'static str {
    match risk {
        Risk::Network => "talks to the network",
        Risk::Delete => "deletes something",
        Risk::OutsideFolder => "reaches outside of the job's folder",
        Risk::Secrets => "may touch credentials",
        Risk::Elevated => "asks for the administrator's rights",
    }
}
