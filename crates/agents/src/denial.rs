//! Words that came with a denial, for agents whose protocol has no room for them there.

use crate::{driver::ApprovalReply, text};

/// Most notes that wait to be said.
const NOTES_MAX: usize = 16;

/// What people said with their denials, and the agent has not heard yet.
#[derive(Debug, Default)]
pub(crate) struct Notes(Vec<String>);

impl Notes {
    /// Keeps what a person said; the machine's own reasons are no answer to anything.
    pub(crate) fn add(&mut self, reply: &ApprovalReply) {
        let note = reply.note.as_deref().unwrap_or_default().trim();
        let said = reply.by_person && !reply.decision.allows() && !note.is_empty();
        if said && self.0.len() < NOTES_MAX {
            self.0.push(text::shortened(note));
        }
    }

    /// All of it as a prompt, once; none when nothing was said.
    pub(crate) fn take(&mut self) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let notes = std::mem::take(&mut self.0).join("\n");
        Some(format!(
            "What you asked for was not allowed, and a person said why: {notes}\n\
             Take that into account, and end with a short summary again."
        ))
    }

    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.0.iter().map(String::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use protocol::approval::Decision;

    use super::*;

    fn reply(decision: Decision, note: &str, by_person: bool) -> ApprovalReply {
        ApprovalReply {
            decision,
            note: Some(note.to_owned()),
            by_person,
        }
    }

    #[test]
    fn only_what_a_person_says_with_a_denial_is_said_and_only_once() {
        let mut notes = Notes::default();
        notes.add(&reply(Decision::AllowOnce, "fine", true));
        notes.add(&reply(Decision::Deny, "read only", false));
        notes.add(&reply(Decision::Deny, "  ", true));
        assert_eq!(notes.take(), None);
        notes.add(&reply(Decision::Deny, "Use b.txt.", true));
        notes.add(&reply(Decision::Deny, "And ask first.", true));
        let words = notes.take().unwrap();
        assert!(words.contains("Use b.txt.\nAnd ask first."), "{words}");
        assert_eq!(notes.take(), None);
    }

    #[test]
    fn what_waits_to_be_said_is_bounded() {
        let mut notes = Notes::default();
        let long = "x".repeat(1024 * 1024);
        for _ in 0..100 {
            notes.add(&reply(Decision::Deny, &long, true));
        }
        assert!(notes.bytes() <= NOTES_MAX * (text::SHORT_BYTES_MAX + 64));
    }
}
