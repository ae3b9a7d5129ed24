//! Which jobs there are: every submitter with every target, in an order that mixes them.

/// A member of the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Member {
    /// The workspace's owner.
    Ada,
    /// A member with two machines.
    Bea,
    /// A member who shares all that is theirs.
    Carl,
}

impl Member {
    /// Everybody.
    pub(super) const ALL: [Self; 3] = [Self::Ada, Self::Bea, Self::Carl];

    const fn others(self) -> [Self; 2] {
        match self {
            Self::Ada => [Self::Bea, Self::Carl],
            Self::Bea => [Self::Ada, Self::Carl],
            Self::Carl => [Self::Ada, Self::Bea],
        }
    }

    /// Machines that this member may name: their own, and shared ones.
    const fn may_name(self) -> [&'static str; 4] {
        match self {
            Self::Ada => ["ada-desk", "ada-rack", "bea-rack", "carl-rack"],
            Self::Bea => ["bea-desk", "bea-rack", "ada-rack", "carl-rack"],
            Self::Carl => ["carl-rack", "ada-rack", "bea-rack", "carl-rack"],
        }
    }
}

/// A job that somebody wants done.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) by: Member,
    /// `my`, `team`, `any`, or `runner`.
    pub(super) target: &'static str,
    /// The machine, where it is chosen by name.
    pub(super) pinned: Option<&'static str>,
    /// Who works on it beside the submitter.
    pub(super) team: Vec<Member>,
    /// Whether it asks for its agent by name.
    pub(super) names_agent: bool,
}

/// So many jobs.
pub(super) fn plan(count: usize) -> Vec<Wish> {
    (0..count).map(wish).collect()
}

fn wish(n: usize) -> Wish {
    let by = Member::ALL[n % 3];
    // Each submitter comes round with each target in turn.
    let round = n / 3;
    let (target, pinned) = match round % 4 {
        0 => ("my", None),
        1 => ("team", None),
        2 => ("any", None),
        _ => ("runner", Some(by.may_name()[(round / 4) % 4])),
    };
    let [one, other] = by.others();
    let team = match (target, (round / 4) % 4) {
        ("team", 0) => vec![one],
        ("team", 1) => vec![other],
        ("team", 2) => vec![one, other],
        _ => Vec::new(),
    };
    Wish {
        by,
        target,
        pinned,
        team,
        names_agent: n.is_multiple_of(2),
    }
}
