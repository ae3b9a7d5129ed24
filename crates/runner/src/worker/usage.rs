//! What an attempt has used: turn by turn, and nothing twice.
//!
//! Some agents count a turn anew each time, others a session over all its turns, also
//! over those of earlier processes and earlier attempts. Both become the same here:
//! what each turn added, and the sum.

use std::collections::BTreeMap;

use protocol::record::{TurnUsage, Usage};

/// The account of one attempt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Account {
    /// The turn under way, from 1; 0 before the first.
    turn: u32,
    /// What it has used.
    current: Usage,
    /// What all turns before it used.
    before: Usage,
    /// The highest total that each session has named.
    sessions: BTreeMap<String, Usage>,
    told: bool,
}

impl Account {
    /// What a session had used before this attempt took it up.
    pub(crate) fn carry_over(&mut self, session: &str, used: Usage) {
        self.sessions.insert(session.to_owned(), used);
    }

    /// A turn begins; what the last one used stays, however it ended.
    pub(crate) fn begin_turn(&mut self) {
        let ended = std::mem::take(&mut self.current);
        self.before.add(&ended);
        self.turn = self.turn.saturating_add(1);
    }

    /// The turn under way has used so much by now.
    pub(crate) fn turn_total(&mut self, usage: Usage) {
        self.told = true;
        self.current = usage;
    }

    /// The session has used so much since it was begun.
    pub(crate) fn session_total(&mut self, session: &str, total: &Usage) {
        self.told = true;
        let known = self.sessions.entry(session.to_owned()).or_default();
        let more = total.since(known);
        known.add(&more);
        self.current.add(&more);
    }

    /// The highest total that a session has named.
    pub(crate) fn session(&self, session: &str) -> Option<&Usage> {
        self.sessions.get(session)
    }

    /// The turn under way.
    pub(crate) fn turn(&self) -> TurnUsage {
        TurnUsage {
            turn: self.turn,
            usage: self.current.clone(),
        }
    }

    /// Everything; none when no agent said anything.
    pub(crate) fn total(&self) -> Option<Usage> {
        let mut total = self.before.clone();
        total.add(&self.current);
        self.told.then_some(total)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens(count: u64) -> Usage {
        Usage {
            input_tokens: count,
            output_tokens: count / 3,
            ..Usage::default()
        }
    }

    #[test]
    fn nothing_said_is_not_nothing_used() {
        let mut account = Account::default();
        account.begin_turn();
        assert_eq!(account.total(), None);
        account.turn_total(tokens(0));
        assert_eq!(account.total(), Some(tokens(0)));
    }

    #[test]
    fn a_session_of_an_earlier_attempt_counts_from_where_it_stood() {
        let mut account = Account::default();
        account.carry_over("s", tokens(900));
        account.begin_turn();
        account.session_total("s", &tokens(1200));
        assert_eq!(account.total().unwrap().input_tokens, 300);
        assert_eq!(account.session("s").unwrap().input_tokens, 1200);
    }

    /// What happens to an agent that counts its session: it works, says how much it
    /// has used in all or keeps it to itself, and is killed and taken up again.
    #[derive(Debug, Clone)]
    enum Happens {
        Works(u64),
        Says,
        Repeats,
        Dies { forgets: bool },
    }

    fn happens() -> impl Strategy<Value = Happens> {
        prop_oneof![
            (0..5000_u64).prop_map(Happens::Works),
            Just(Happens::Says),
            Just(Happens::Repeats),
            any::<bool>().prop_map(|forgets| Happens::Dies { forgets }),
        ]
    }

    proptest! {
        #[test]
        fn sessions_that_count_on_are_never_counted_twice(
            story in proptest::collection::vec(happens(), 0..60),
        ) {
            let mut account = Account::default();
            account.begin_turn();
            let (mut session, mut used, mut said) = (0_u32, 0_u64, 0_u64);
            // What was said last of each session, and the sum over all of them.
            let (mut settled, mut turns) = (0_u64, Vec::new());
            for step in story {
                match step {
                    Happens::Works(count) => used += count,
                    Happens::Says => {
                        said = used;
                        account.session_total(&session.to_string(), &tokens(used));
                    }
                    Happens::Repeats => {
                        account.session_total(&session.to_string(), &tokens(said));
                    }
                    Happens::Dies { forgets } => {
                        turns.push(account.turn().usage.input_tokens);
                        account.begin_turn();
                        if forgets {
                            settled += said;
                            (session, used, said) = (session + 1, 0, 0);
                        }
                    }
                }
            }
            turns.push(account.turn().usage.input_tokens);
            let total = account.total().map_or(0, |usage| usage.input_tokens);
            prop_assert_eq!(total, settled + said);
            prop_assert_eq!(turns.iter().sum::<u64>(), total);
        }

        #[test]
        fn turns_that_count_anew_add_up_whenever_they_are_killed(
            turns in proptest::collection::vec(proptest::collection::vec(0..5000_u64, 0..8), 1..20),
        ) {
            let mut account = Account::default();
            let mut expected = 0;
            for said in &turns {
                account.begin_turn();
                let mut sum = 0;
                for more in said {
                    sum += more;
                    account.turn_total(tokens(sum));
                    // Said once more, as with the result of a turn.
                    account.turn_total(tokens(sum));
                }
                expected += sum;
            }
            prop_assert_eq!(account.total().map_or(0, |usage| usage.input_tokens), expected);
        }
    }
}
