//! Tool calls of Codex, in the words that all agents share.

use std::{collections::BTreeMap, path::Path};

use protocol::{
    approval::{Action, ApprovalSubject},
    record::{ToolKind, ToolStatus},
};

use super::{
    messages::{Change, Item},
    shell,
};
use crate::{
    bounds::{NAME_BYTES_MAX, TOOLS_BYTES_MAX, TOOLS_OPEN_MAX},
    driver::AgentEvent,
    subject, text,
    wire::Step,
};

/// A call that runs.
#[derive(Debug)]
struct Open {
    changes: Vec<Change>,
    /// About how much those take.
    bytes: usize,
    /// Whether its output came in pieces.
    printed: bool,
}

/// The calls that run.
#[derive(Debug, Default)]
pub(super) struct Tools {
    open: BTreeMap<String, Open>,
    /// About how much their changes take.
    bytes: usize,
}

impl Tools {
    /// An item began.
    pub(super) fn started(&mut self, item: Item) -> Option<Step> {
        let kind = kind_of(&item.kind)?;
        if self.open.contains_key(&item.id)
            || self.open.len() == TOOLS_OPEN_MAX
            || item.id.len() > NAME_BYTES_MAX
        {
            return None;
        }
        let step = Step::started(&item.id, kind, title_of(&item), detail_of(&item));
        // What is too much to be kept is not shown, so nobody can allow it unseen.
        let mut changes = item.changes.unwrap_or_default();
        let mut bytes: usize = changes.iter().map(weight).sum();
        if self.bytes + bytes > TOOLS_BYTES_MAX {
            (changes, bytes) = (Vec::new(), 0);
        }
        self.bytes += bytes;
        self.open.insert(
            item.id,
            Open {
                changes,
                bytes,
                printed: false,
            },
        );
        Some(step)
    }

    /// A piece of what a command printed.
    pub(super) fn printed(&mut self, id: &str, piece: String) -> Option<Step> {
        let open = self.open.get_mut(id)?;
        open.printed = true;
        Some(Step::Emit(AgentEvent::ToolOutput {
            tool_call: id.to_owned(),
            text: piece,
        }))
    }

    /// An item ended; `breaking` when the turn is being broken off.
    pub(super) fn ended(&mut self, item: &Item, breaking: bool) -> Vec<Step> {
        let Some(open) = self.open.remove(&item.id) else {
            return Vec::new();
        };
        self.bytes -= open.bytes;
        let status = match item.status.as_ref().and_then(|status| status.as_str()) {
            Some("declined") => ToolStatus::Declined,
            Some("failed") if breaking => ToolStatus::Cancelled,
            Some("failed") => ToolStatus::Failed,
            _ => ToolStatus::Completed,
        };
        let output = item.aggregated_output.as_deref().unwrap_or_default();
        let mut steps = Vec::new();
        if !open.printed && !output.is_empty() {
            steps.push(Step::Emit(AgentEvent::ToolOutput {
                tool_call: item.id.clone(),
                text: format!("{}\n", output.trim_end_matches('\n')),
            }));
        }
        let result = match item.exit_code {
            Some(code) if code != 0 => Some(format!("exit code {code}\n{output}")),
            _ => (!output.is_empty()).then(|| output.to_owned()),
        };
        let result = result.map(|result| text::shortened(result.trim_end()));
        steps.push(Step::ended(&item.id, status, result));
        steps
    }

    /// Ends all that is left.
    pub(super) fn end_all(&mut self, status: ToolStatus) -> Vec<Step> {
        self.bytes = 0;
        std::mem::take(&mut self.open)
            .into_keys()
            .map(|id| Step::ended(&id, status, None))
            .collect()
    }

    /// About how much is held.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.bytes + self.open.keys().map(String::len).sum::<usize>()
    }

    pub(super) fn any_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// The changes of a call that asks for permission, which does not repeat them.
    pub(super) fn changes(&self, id: &str) -> &[Change] {
        self.open
            .get(id)
            .map(|open| open.changes.as_slice())
            .unwrap_or_default()
    }

    /// The call of that name, where one runs.
    pub(super) fn known(&self, id: &str) -> Option<String> {
        self.open.contains_key(id).then(|| id.to_owned())
    }
}

/// About how much memory a change takes.
fn weight(change: &Change) -> usize {
    let to = change.kind.move_path.as_ref().map_or(0, String::len);
    size_of::<Change>() + change.path.len() + change.diff.len() + change.kind.kind.len() + to
}

/// What kind of tool an item is; none where it is something else.
fn kind_of(item: &str) -> Option<ToolKind> {
    match item {
        "commandExecution" => Some(ToolKind::Run),
        "fileChange" => Some(ToolKind::Edit),
        "webSearch" => Some(ToolKind::Fetch),
        "imageView" => Some(ToolKind::Read),
        "mcpToolCall" | "dynamicToolCall" | "collabAgentToolCall" | "imageGeneration" => {
            Some(ToolKind::Other)
        }
        _ => None,
    }
}

fn title_of(item: &Item) -> String {
    if let Some(command) = &item.command {
        return text::title(&shell::unwrapped(command));
    }
    if let Some(changes) = item.changes.as_deref() {
        let first = changes.first().map_or("files", |change| &change.path);
        return match changes.len() {
            0 | 1 => text::title(&format!("Edit {first}")),
            count => text::title(&format!("Edit {first} and {} more", count - 1)),
        };
    }
    let what = item.query.as_ref().or(item.path.as_ref());
    let name = match (&item.server, &item.tool) {
        (Some(server), Some(tool)) => format!("{server}: {tool}"),
        (None, Some(tool)) => tool.clone(),
        (_, None) => match item.kind.as_str() {
            "webSearch" => "Search the web".to_owned(),
            "imageView" => "View".to_owned(),
            kind => kind.to_owned(),
        },
    };
    text::title(&what.map_or_else(|| name.clone(), |what| format!("{name} {what}")))
}

fn detail_of(item: &Item) -> Option<String> {
    let detail = if let Some(command) = &item.command {
        Some(shell::unwrapped(command))
    } else if let Some(changes) = &item.changes {
        let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
        Some(paths.join("\n"))
    } else {
        item.arguments.as_ref().and_then(text::pretty)
    };
    detail.as_deref().map(text::shortened)
}

/// A request to change files; none when it does not say which.
pub(super) fn edit(
    folder: &Path,
    changes: &[Change],
    reason: Option<&str>,
) -> Option<ApprovalSubject> {
    let mut subjects: Vec<ApprovalSubject> = Vec::new();
    for change in changes {
        let paths = [Some(&change.path), change.kind.move_path.as_ref()];
        subjects.extend(
            paths.into_iter().flatten().map(|path| {
                subject::edit(folder, path, words_of(change), reason.map(str::to_owned))
            }),
        );
    }
    if let [single] = subjects.as_mut_slice() {
        return Some(single.clone());
    }
    // The one that deserves most care stands for all.
    let worst = subjects
        .iter()
        .position(|subject| !subject.inside_folder)
        .unwrap_or_default();
    let mut together = subjects.get(worst)?.clone();
    for subject in &subjects {
        together.risks.extend(subject.risks.iter().copied());
    }
    together.risks.sort_unstable();
    together.risks.dedup();
    if let Action::Edit { diff, .. } = &mut together.action {
        let all = changes
            .iter()
            .map(|change| format!("=== {}\n{}", change.path, words_of(change)));
        *diff = all.collect::<Vec<_>>().join("\n");
    }
    Some(together)
}

/// What happens to a file, in full.
fn words_of(change: &Change) -> String {
    match (change.kind.kind.as_str(), &change.kind.move_path) {
        ("delete", _) => format!("The file is deleted:\n{}", change.diff),
        (_, Some(to)) => format!("The file is moved to {to}:\n{}", change.diff),
        _ => change.diff.clone(),
    }
}

#[cfg(test)]
mod tests {
    use protocol::approval::Risk;

    use super::*;
    use crate::codex::messages::ChangeKind;

    fn change(path: &str, kind: &str, to: Option<&str>) -> Change {
        Change {
            path: path.to_owned(),
            diff: "text\n".to_owned(),
            kind: ChangeKind {
                kind: kind.to_owned(),
                move_path: to.map(str::to_owned),
            },
        }
    }

    #[test]
    fn several_files_are_judged_by_the_worst_and_shown_all() {
        let folder = Path::new("/job");
        let changes = [change("a", "add", None), change("../b", "delete", None)];
        let subject = edit(folder, &changes, None).unwrap();
        assert!(!subject.inside_folder);
        assert!(subject.risks.contains(&Risk::OutsideFolder));
        let Action::Edit { path, diff } = subject.action else {
            panic!("it is an edit");
        };
        assert_eq!(path, "../b");
        assert_eq!(
            diff,
            "=== a\ntext\n\n=== ../b\nThe file is deleted:\ntext\n"
        );
        assert!(edit(folder, &[], None).is_none());
    }

    #[test]
    fn where_a_file_is_moved_to_counts() {
        let moved = [change("a", "update", Some("/etc/a"))];
        let subject = edit(Path::new("/job"), &moved, None).unwrap();
        assert!(!subject.inside_folder);
    }

    #[test]
    fn a_title_says_what_is_done() {
        let item = |item: Item| title_of(&item);
        assert_eq!(
            item(Item {
                command: Some("/bin/bash -lc 'make all'".to_owned()),
                ..Item::default()
            }),
            "make all"
        );
        assert_eq!(
            item(Item {
                changes: Some(vec![change("a", "add", None), change("b", "add", None)]),
                ..Item::default()
            }),
            "Edit a and 1 more"
        );
        assert_eq!(
            item(Item {
                kind: "mcpToolCall".to_owned(),
                server: Some("docs".to_owned()),
                tool: Some("find".to_owned()),
                query: Some("x".to_owned()),
                ..Item::default()
            }),
            "docs: find x"
        );
    }
}
