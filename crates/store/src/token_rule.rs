//! Rotation of a grant's tokens, with detection of reuse: the rule, without any database.
//!
//! Each trade of a refresh token makes a new generation, an access and a refresh
//! token. It is *pending* until one of the two is first used; until then the
//! answer may have been lost, so the generation before it may be traded again,
//! which replaces the pending one. A refresh token of an earlier generation, or
//! one that was replaced, is in the wrong hands: the grant ends.
//!
//! Whoever trades says in which request. A network may deliver one request twice,
//! and late: the second one changes nothing, gets no tokens, and accuses nobody.

use protocol::{ids::RequestId, time::Timestamp};

/// How far a grant's generations are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Family {
    /// The newest generation that was used; 0 before any was.
    pub(crate) current: u64,
    /// The generation that was handed out after it and not used yet.
    pub(crate) pending: Option<u64>,
}

impl Family {
    /// A new grant, whose first tokens have generation 1.
    pub(crate) const NEW: Self = Self {
        current: 0,
        pending: Some(1),
    };

    /// The family after a token of `generation` was used.
    fn with_used(self, generation: u64) -> Self {
        if self.pending == Some(generation) {
            Self {
                current: generation,
                pending: None,
            }
        } else {
            self
        }
    }
}

/// A presented token, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    /// Of which generation.
    pub(crate) generation: u64,
    /// Whether another pair of the same generation has taken its place.
    pub(crate) replaced: bool,
    /// When it ends by itself.
    pub(crate) expires_at: Timestamp,
    /// The request that traded it last.
    pub(crate) traded_by: Option<RequestId>,
}

/// What the use of an access token means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessUse {
    /// It is good; the family is to be kept when it differs.
    Good(Family),
    /// It is not good, or no longer.
    Refused,
}

/// What the use of a refresh token means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefreshUse {
    /// A pair of the family's pending generation is handed out; kept tokens of
    /// that generation are replaced by it.
    Renew(Family),
    /// The same request was answered before: nothing changes.
    Repeated,
    /// Its successor is in use: somebody holds a copy, and the grant ends.
    Reused,
    /// It has ended by itself.
    Ended,
}

/// Decides about an access token at `now`.
pub(crate) fn use_access(family: Family, token: Token, now: Timestamp) -> AccessUse {
    if token.replaced || now >= token.expires_at {
        return AccessUse::Refused;
    }
    // An earlier generation stays good until its own end: calls are under way with it.
    AccessUse::Good(family.with_used(token.generation))
}

/// Decides about a refresh token that `request` brings at `now`; one of an older runner has no id.
pub(crate) fn use_refresh(
    family: Family,
    token: Token,
    request: Option<RequestId>,
    now: Timestamp,
) -> RefreshUse {
    if request.is_some() && request == token.traded_by {
        return RefreshUse::Repeated;
    }
    let family = family.with_used(token.generation);
    if token.replaced || token.generation < family.current {
        return RefreshUse::Reused;
    }
    if now >= token.expires_at {
        return RefreshUse::Ended;
    }
    RefreshUse::Renew(Family {
        current: family.current,
        pending: Some(family.current + 1),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    /// A grant with every pair that was ever handed out, oldest first.
    struct Grant {
        family: Family,
        pairs: Vec<Token>,
        revoked: bool,
        requests: u128,
    }

    impl Grant {
        fn new() -> Self {
            let mut grant = Self {
                family: Family::NEW,
                pairs: Vec::new(),
                revoked: false,
                requests: 0,
            };
            grant.hand_out(1);
            grant
        }

        fn hand_out(&mut self, generation: u64) -> usize {
            for token in &mut self.pairs {
                token.replaced |= token.generation == generation;
            }
            self.pairs.push(Token {
                generation,
                replaced: false,
                expires_at: Timestamp(i64::MAX),
                traded_by: None,
            });
            self.pairs.len() - 1
        }

        fn access(&mut self, pair: usize) -> bool {
            match use_access(self.family, self.pairs[pair], NOW) {
                AccessUse::Good(family) if !self.revoked => {
                    self.family = family;
                    true
                }
                AccessUse::Good(_) | AccessUse::Refused => false,
            }
        }

        /// In a request of its own.
        fn refresh(&mut self, pair: usize) -> Option<usize> {
            self.requests += 1;
            self.refresh_in(self.requests, pair)
        }

        fn refresh_in(&mut self, request: u128, pair: usize) -> Option<usize> {
            if self.revoked {
                return None;
            }
            let request = Some(RequestId(Uuid::from_u128(request)));
            match use_refresh(self.family, self.pairs[pair], request, NOW) {
                RefreshUse::Renew(family) => {
                    self.family = family;
                    self.pairs[pair].traded_by = request;
                    Some(self.hand_out(family.pending.unwrap()))
                }
                RefreshUse::Reused => {
                    self.revoked = true;
                    None
                }
                RefreshUse::Repeated | RefreshUse::Ended => None,
            }
        }
    }

    #[test]
    fn a_lost_answer_costs_nothing() {
        let mut grant = Grant::new();
        let lost = grant.refresh(0).unwrap();
        let second = grant.refresh(0).unwrap();
        assert!(!grant.access(lost));
        assert!(grant.access(second));
        assert!(grant.refresh(second).is_some());
    }

    #[test]
    fn an_old_refresh_token_ends_the_grant_once_its_successor_was_used() {
        for use_successor in [Grant::access, |grant: &mut Grant, pair| {
            grant.refresh(pair).is_some()
        }] {
            let mut grant = Grant::new();
            let next = grant.refresh(0).unwrap();
            assert!(use_successor(&mut grant, next));
            assert_eq!(grant.refresh(0), None);
            assert!(grant.revoked);
            assert!(!grant.access(next));
        }
    }

    #[test]
    fn a_replaced_refresh_token_ends_the_grant() {
        let mut grant = Grant::new();
        let stolen = grant.refresh(0).unwrap();
        grant.refresh(0).unwrap();
        assert_eq!(grant.refresh(stolen), None);
        assert!(grant.revoked);
    }

    #[test]
    fn an_access_token_outlives_the_next_generation_but_not_its_own_end() {
        let mut grant = Grant::new();
        assert!(grant.access(0));
        let next = grant.refresh(0).unwrap();
        assert!(grant.access(next));
        assert!(grant.access(0));
        grant.pairs[0].expires_at = NOW;
        assert!(!grant.access(0));
    }

    #[test]
    fn an_ended_refresh_token_neither_renews_nor_accuses() {
        let token = Token {
            generation: 1,
            replaced: false,
            expires_at: NOW,
            traded_by: None,
        };
        assert_eq!(
            use_refresh(Family::NEW, token, None, NOW),
            RefreshUse::Ended
        );
    }

    #[test]
    fn a_request_that_comes_twice_replaces_nothing_and_accuses_nobody() {
        for successor_is_used in [false, true] {
            let mut grant = Grant::new();
            let next = grant.refresh_in(7, 0).unwrap();
            if successor_is_used {
                assert!(grant.access(next));
            }
            assert_eq!(grant.refresh_in(7, 0), None);
            assert!(grant.access(next));
            assert!(!grant.revoked);
        }
    }

    #[test]
    fn requests_without_an_id_are_never_the_same() {
        let mut grant = Grant::new();
        assert_eq!(grant.pairs[0].traded_by, None);
        let used = use_refresh(grant.family, grant.pairs[0], None, NOW);
        assert!(matches!(used, RefreshUse::Renew(_)));
        let next = grant.refresh(0).unwrap();
        assert!(grant.access(next));
        let used = use_refresh(grant.family, grant.pairs[0], None, NOW);
        assert_eq!(used, RefreshUse::Reused);
    }

    proptest! {
        /// One client that keeps the newest pair it heard of, over a network that loses answers,
        /// and delivers its newest request once more whenever it likes.
        #[test]
        fn an_honest_client_is_never_signed_out(steps in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 0..60)) {
            let mut grant = Grant::new();
            let mut held = 0;
            let mut newest = None;
            for (refreshes, answer_arrives, comes_again) in steps {
                if refreshes {
                    let traded = held;
                    let fresh = grant.refresh(held);
                    prop_assert!(fresh.is_some());
                    if answer_arrives {
                        held = fresh.unwrap();
                    }
                    newest = Some((grant.requests, traded));
                } else {
                    // Its pair may have been replaced by an answer that was lost, never revoked.
                    grant.access(held);
                }
                if let (true, Some((request, traded))) = (comes_again, newest) {
                    prop_assert_eq!(grant.refresh_in(request, traded), None);
                }
                prop_assert!(!grant.revoked);
            }
        }

        /// Two holders of a copy: as soon as both have refreshed with what they hold, one of
        /// them is found out, or only one of them still holds a good pair.
        #[test]
        fn two_holders_of_one_copy_cannot_both_go_on(steps in prop::collection::vec((0..2_usize, any::<bool>()), 1..60)) {
            let mut grant = Grant::new();
            let mut held = [0, 0];
            for (who, refreshes) in steps {
                if refreshes {
                    if let Some(fresh) = grant.refresh(held[who]) {
                        held[who] = fresh;
                    }
                } else {
                    grant.access(held[who]);
                }
            }
            if held[0] != held[1] {
                // Each now uses its pair and refreshes: this must end the grant.
                for who in [0, 1] {
                    grant.access(held[who]);
                }
                for who in [0, 1, 0, 1] {
                    if let Some(fresh) = grant.refresh(held[who]) {
                        held[who] = fresh;
                        grant.access(fresh);
                    }
                }
                prop_assert!(grant.revoked);
            }
        }

        /// No sequence of uses makes a generation go backwards, or leaves a gap.
        #[test]
        fn generations_only_rise(uses in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..60)) {
            let mut grant = Grant::new();
            for (pick, refreshes) in uses {
                let before = grant.family;
                let pair = pick.index(grant.pairs.len());
                if refreshes { grant.refresh(pair); } else { grant.access(pair); }
                prop_assert!(grant.family.current >= before.current);
                prop_assert!(grant.family.pending.is_none_or(|pending| pending == grant.family.current + 1));
            }
        }
    }
}
