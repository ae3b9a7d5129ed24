//! What becomes of a request for permission: allowed by policy, put to a person, or denied.
//!
//! Below every policy lies a floor that nothing lifts: system directories,
//! credentials, git's own hooks and configuration, the runner's own files, and
//! whatever wipes a disk or a home. Nobody's answer reaches below it.
//!
//! The floor reads what is *written* in a request. It looks through quoting,
//! lists, pipes, substitutions, `cd` and the usual wrappers, and no further: a
//! program that the agent has written first, or a name that is put together
//! while a command runs, is beyond it. Only a sandbox stops those.

mod allowance;
mod command;
mod floor;
mod level;
mod path;
pub mod rule;
mod shell;
mod steering;
#[cfg(test)]
mod tests;

use protocol::{
    approval::{Action, ApprovalSubject, Risk},
    runner::PermissionLevel,
};

pub use allowance::Allowances;
pub use floor::{FLOOR, FloorRule};
pub use level::{Levels, level};

/// The system whose paths and directories are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum System {
    /// Linux and its kin.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

/// Where things are on this machine; paths are full and without links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places<'a> {
    /// Which system it is.
    pub system: System,
    /// The job's folder.
    pub folder: &'a str,
    /// The person's home directory.
    pub home: &'a str,
    /// The runner's own directories: data, sockets, configuration.
    pub own: &'a [String],
    /// Names that lead elsewhere, with where they lead: links that the caller has followed.
    pub links: &'a [(String, String)],
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may happen.
    Allow {
        /// The rule that says so.
        rule: &'static str,
    },
    /// A person decides.
    Ask,
    /// It may not happen, whatever a person says.
    Deny {
        /// The rule that says so.
        rule: &'static str,
        /// Why, in words for the agent and for people.
        reason: String,
    },
}

/// A verdict, with what a person should know of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What becomes of it.
    pub verdict: Verdict,
    /// Why it deserves care, each at most once, in order.
    pub risks: Vec<Risk>,
    /// Whether it stays inside of the job's folder, as far as can be read from it.
    pub inside_folder: bool,
    /// Every path that it names, in full.
    pub paths: Vec<String>,
}

/// Judges what is asked.
///
/// These rules see names only: a caller that can look follows the links of `paths`, and
/// judges once more with what it found in `places.links`.
pub fn judge(subject: &ApprovalSubject, places: &Places<'_>, level: PermissionLevel) -> Judgement {
    let base = path::resolve(&subject.directory, places.folder, places);
    let mut findings = Findings::default();
    match &subject.action {
        Action::Run { command } => command::look_at(command, base, places, &mut findings),
        Action::Edit { path, .. } => {
            let target = path::resolve(path, &base, places);
            findings.touches(&target, Touch::Write, places);
        }
        Action::Other { detail, .. } => {
            for target in path::named_in(detail, places) {
                findings.touches(&target, Touch::Mention, places);
            }
        }
    }
    let Findings {
        denied,
        mut risks,
        paths,
    } = findings;
    risks.sort_unstable();
    risks.dedup();
    let is_edit = matches!(subject.action, Action::Edit { .. });
    let steers = steering::touched(&paths, places);
    Judgement {
        verdict: match denied {
            Some((rule, reason)) => Verdict::Deny { rule, reason },
            None => by_level(level, is_edit && risks.is_empty() && !steers),
        },
        inside_folder: !risks.contains(&Risk::OutsideFolder),
        risks,
        paths,
    }
}

/// What the owner's setting says to something that the floor lets pass.
fn by_level(level: PermissionLevel, plain_edit: bool) -> Verdict {
    match level {
        PermissionLevel::Trusted => Verdict::Allow { rule: "trusted" },
        PermissionLevel::AcceptEdits if plain_edit => Verdict::Allow {
            rule: "edits in the job's folder",
        },
        PermissionLevel::ReadOnly => Verdict::Deny {
            rule: "read only",
            reason: "The owner of this machine lets this job look at files, and do nothing else."
                .to_owned(),
        },
        PermissionLevel::Ask | PermissionLevel::AcceptEdits => Verdict::Ask,
    }
}

/// What is done to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Touch {
    /// It is named; what happens to it is not known.
    Mention,
    /// It is written, changed or deleted.
    Write,
    /// It is deleted with everything in it.
    DeleteTree,
}

/// What was found so far; the first reason to deny counts.
#[derive(Debug, Default)]
struct Findings {
    denied: Option<(&'static str, String)>,
    risks: Vec<Risk>,
    paths: Vec<String>,
}

impl Findings {
    fn deny(&mut self, rule: &'static str, reason: impl Into<String>) {
        self.denied.get_or_insert_with(|| (rule, reason.into()));
    }

    fn risk(&mut self, risk: Risk) {
        self.risks.push(risk);
    }

    /// Takes in that `path`, which is resolved, is touched, and what it is a link to.
    fn touches(&mut self, path: &str, touch: Touch, places: &Places<'_>) {
        if floor::is_harmless_device(path) {
            return;
        }
        self.paths.push(path.to_owned());
        self.touches_exactly(path, touch, places);
        for (_, real) in places.links.iter().filter(|(name, _)| name == path) {
            self.touches_exactly(&path::canonical(real, places), touch, places);
        }
    }

    fn touches_exactly(&mut self, path: &str, touch: Touch, places: &Places<'_>) {
        if !path::is_within(path, &path::canonical(places.folder, places)) {
            self.risk(Risk::OutsideFolder);
        }
        if floor::looks_secret(path) {
            self.risk(Risk::Secrets);
        }
        if let Some((rule, reason)) = floor::why_not(path, touch, places) {
            self.deny(rule, reason);
        }
    }
}
