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
    let inside = if subject.inside_folder {
        "inside of the job's folder"
    } else {
        "OUTSIDE of the job's folder"
    };
    let directory = printable(&subject.directory);
    writeln!(text, "\n  in         {directory} ({inside})").ok();
    if let Some(reason) = &subject.claimed_reason {
        writeln!(text, "  it claims  {}", indented(reason)).ok();
    }
    if !subject.risks.is_empty() {
        let risks: Vec<_> = subject.risks.iter().map(|&risk| words(risk)).collect();
        writeln!(text, "  careful    {}", risks.join(", ")).ok();
    }
    if let Some(rule) = &approval.proposed {
        writeln!(text, "  --always   {}", printable(&rule.to_string())).ok();
    }
    if let Some(end) = approval.expires_at {
        let left = end.0.saturating_sub(now().0).max(0) / 1000;
        let (minutes, seconds) = (left / 60, left % 60);
        writeln!(
            text,
            "  denied in  {minutes} min {seconds} s without an answer"
        )
        .ok();
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
