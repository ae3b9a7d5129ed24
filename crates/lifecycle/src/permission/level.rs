//! Which of the owner's settings counts for a job.

use protocol::runner::PermissionLevel;

/// What the owner has set, as far as it concerns one job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Levels {
    /// For all jobs; *ask* when nothing is set.
    pub general: PermissionLevel,
    /// For the agent that does it.
    pub agent: Option<PermissionLevel>,
    /// For the workspace that it belongs to.
    pub workspace: Option<PermissionLevel>,
    /// What jobs of others may do at most; none for the owner's own.
    pub others: Option<PermissionLevel>,
}

/// The level that counts.
///
/// What is set for the agent or the workspace takes the place of what is set for all; of
/// the two the stricter one counts. A job of somebody else never gets more than `others`.
pub fn level(levels: Levels) -> PermissionLevel {
    let own = match (levels.agent, levels.workspace) {
        (Some(agent), Some(workspace)) => agent.min(workspace),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => levels.general,
    };
    levels.others.map_or(own, |others| own.min(others))
}

#[cfg(test)]
mod tests {
    use super::*;
    use PermissionLevel::{AcceptEdits, Ask, ReadOnly, Trusted};

    const ALL: [PermissionLevel; 4] = [ReadOnly, Ask, AcceptEdits, Trusted];

    #[test]
    fn the_nearer_setting_counts_and_of_two_the_stricter() {
        let set = |agent, workspace| {
            level(Levels {
                general: AcceptEdits,
                agent,
                workspace,
                others: None,
            })
        };
        assert_eq!(set(None, None), AcceptEdits);
        assert_eq!(set(Some(Trusted), None), Trusted);
        assert_eq!(set(None, Some(ReadOnly)), ReadOnly);
        assert_eq!(set(Some(Trusted), Some(Ask)), Ask);
        assert_eq!(set(Some(ReadOnly), Some(Trusted)), ReadOnly);
    }

    #[test]
    fn a_job_of_somebody_else_never_gets_more_than_the_owner_allows_others() {
        let choices = || ALL.map(Some).into_iter().chain([None]);
        for general in ALL {
            for agent in choices() {
                for workspace in choices() {
                    for others in ALL {
                        let mine = Levels {
                            general,
                            agent,
                            workspace,
                            others: None,
                        };
                        let theirs = Levels {
                            others: Some(others),
                            ..mine
                        };
                        assert_eq!(level(theirs), level(mine).min(others));
                    }
                }
            }
        }
    }
}
