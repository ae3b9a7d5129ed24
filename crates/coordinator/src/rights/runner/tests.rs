use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

const ROLES: [Role; 4] = [Role::Viewer, Role::Member, Role::Admin, Role::Owner];
const RELATIONS: [Relation; 2] = [Relation::Own, Relation::OfOthers];

/// The table as the documents show it.
fn table() -> String {
    let mut text = String::from(
        "| action | own runner: viewer | member | admin | owner \
         | runner of others: viewer | member | admin | owner |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for action in ACTIONS {
        let name = serde_json::to_value(action).unwrap();
        write!(text, "| {} |", name.as_str().unwrap()).unwrap();
        for relation in RELATIONS {
            for role in ROLES {
                let mark = if allows(action, relation, role) {
                    "yes"
                } else {
                    "–"
                };
                write!(text, " {mark} |").unwrap();
            }
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_documents_show_the_table_as_it_is() {
    let document = include_str!("../../../../../docs/rights.md");
    let table = table();
    assert!(
        document.contains(&table),
        "docs/rights.md should hold:\n{table}"
    );
}

#[test]
fn what_concerns_the_machine_everywhere_is_its_owners_alone() {
    for action in [
        RunnerAction::Rename,
        RunnerAction::Pause,
        RunnerAction::Resume,
        RunnerAction::Remove,
    ] {
        for role in ROLES {
            assert!(allows(action, Relation::Own, role), "{action:?} {role:?}");
            assert!(
                !allows(action, Relation::OfOthers, role),
                "{action:?} {role:?}"
            );
        }
    }
}

fn any_condition() -> impl Strategy<Value = Condition> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(shared, disabled, paused)| Condition {
        shared,
        disabled,
        paused,
    })
}

fn any_role() -> impl Strategy<Value = Role> {
    prop::sample::select(ROLES.to_vec())
}

fn any_relation() -> impl Strategy<Value = Relation> {
    prop::sample::select(RELATIONS.to_vec())
}

proptest! {
    /// Nobody is offered what the table would refuse, and whatever is refused says why.
    #[test]
    fn options_agree_with_the_table(
        relation in any_relation(), role in any_role(), condition in any_condition()
    ) {
        let options = options(relation, role, condition);
        prop_assert_eq!(options.len(), ACTIONS.len());
        for option in options {
            let allowed = require(option.action, relation, role).is_ok();
            match option.refused {
                None => prop_assert!(allowed, "{:?}", option.action),
                Some(reason) => prop_assert!(reason.ends_with('.'), "{}", reason),
            }
        }
    }

    /// Of each pair of opposites never both can be done.
    #[test]
    fn opposites_exclude_each_other(
        relation in any_relation(), role in any_role(), condition in any_condition()
    ) {
        let options = options(relation, role, condition);
        let can = |action| options.iter().any(|o| o.action == action && o.refused.is_none());
        for (one, other) in [
            (RunnerAction::Share, RunnerAction::Unshare),
            (RunnerAction::Pause, RunnerAction::Resume),
            (RunnerAction::Disable, RunnerAction::Enable),
        ] {
            prop_assert!(!(can(one) && can(other)), "{one:?} {other:?}");
        }
    }

    /// A higher role never loses an action, and owning a runner never takes one away.
    #[test]
    fn more_standing_never_means_fewer_rights(action in prop::sample::select(ACTIONS.to_vec())) {
        for relation in RELATIONS {
            for pair in ROLES.windows(2) {
                prop_assert!(
                    !allows(action, relation, pair[0]) || allows(action, relation, pair[1])
                );
            }
        }
        for role in ROLES {
            prop_assert!(
                !allows(action, Relation::OfOthers, role) || allows(action, Relation::Own, role)
            );
        }
    }
}
