//! Turns a target as it was typed into one that the coordinator knows.

use protocol::{api::RunnerView, job::Target};

use crate::{
    arguments::JobTarget,
    client::Client,
    exit::{Exit, Failure},
};

/// Looks up a runner's name, where one is given.
pub(super) async fn resolve(
    client: &Client,
    workspace: &str,
    target: &JobTarget,
) -> Result<Target, Failure> {
    match target {
        JobTarget::My => Ok(Target::My),
        JobTarget::Team => Ok(Target::Team),
        JobTarget::Any => Ok(Target::Any),
        JobTarget::Runner(name) => choose(&client.runners(workspace).await?.runners, name),
    }
}

/// The one runner that `name` stands for.
fn choose(runners: &[RunnerView], name: &str) -> Result<Target, Failure> {
    let named: Vec<_> = runners
        .iter()
        .filter(|r| r.name == name || r.short_id == name || r.id.to_string() == name)
        .collect();
    match named.as_slice() {
        [only] => Ok(Target::Runner { runner_id: only.id }),
        [] => {
            let known: Vec<_> = runners.iter().map(|r| r.name.as_str()).collect();
            let failure = Failure::new(Exit::NotFound, format!("no runner is called `{name}`"));
            Err(if known.is_empty() {
                failure.hint("There is no runner here; start one with `coord runner start`.")
            } else {
                failure.hint(format!("There is: {}.", known.join(", ")))
            })
        }
        several => {
            let ids: Vec<_> = several.iter().map(|r| r.short_id.as_str()).collect();
            Err(Failure::new(
                Exit::Conflict,
                format!("several runners are called `{name}`"),
            )
            .hint(format!("Name one by its short id: {}.", ids.join(", "))))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn runner(short_id: &str, name: &str) -> RunnerView {
        serde_json::from_value(json!({
            "id": "0199a7c4-0000-7000-8000-000000000000",
            "short_id": short_id, "name": name,
            "owner": {"id": "0199a7c4-0000-7000-8000-000000000000", "name": "Me", "email": "me@example.org"},
            "state": "online", "activity": "idle", "draining": false,
            "sharing": "private", "options": [], "slots": {"total": 1, "free": 1}, "troubles": [], "current_jobs": [],
            "lifetime_attempts": 0, "registered_at": 0,
        }))
        .unwrap()
    }

    #[test]
    fn a_name_must_stand_for_one_runner() {
        let runners = [runner("aaaaaa", "box"), runner("bbbbbb", "box")];
        assert_eq!(choose(&runners, "box").unwrap_err().exit, Exit::Conflict);
        assert_eq!(choose(&runners, "cube").unwrap_err().exit, Exit::NotFound);
        assert!(matches!(
            choose(&runners, "bbbbbb"),
            Ok(Target::Runner { .. })
        ));
    }
}
