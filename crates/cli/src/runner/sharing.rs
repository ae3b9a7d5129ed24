//! `coord runner sharing`: what the machine's owner allows others to do with it.

use std::path::Path;

use control::{
    message::{Reply, Request},
    state::{ConfigPatch, SharedUseConfig},
};
use protocol::{agent::AgentName, runner::PermissionLevel};
use serde_json::json;

use super::client;
use crate::{
    arguments::{SetSharing, Sharing, SharingCommand},
    context::Context,
    exit::Done,
};

/// Shows it, or changes it and then shows it.
pub(super) async fn run(context: &Context, data: &Path, arguments: Sharing) -> Done {
    if let SharingCommand::Set(change) = arguments.command {
        let now = client::running_state(data).await?.config.shared_use;
        let patch = ConfigPatch {
            shared_use: Some(changed(now, change)),
            ..ConfigPatch::default()
        };
        match client::call(data, Request::Configure { patch }).await? {
            Reply::Done => {}
            _ => return Err(client::strange()),
        }
    }
    let shared = client::running_state(data).await?.config.shared_use;
    let result = json!({"shared_use": shared});
    context.output.result(&result, || in_words(&shared))
}

fn changed(mut shared: SharedUseConfig, change: SetSharing) -> SharedUseConfig {
    shared.allowed = change.allowed.unwrap_or(shared.allowed);
    if change.everybody || !change.people.is_empty() {
        shared.people = change.people;
    }
    if change.any_agent || !change.agents.is_empty() {
        shared.agents = change.agents.into_iter().map(AgentName::new).collect();
    }
    match change.permission.as_deref() {
        Some("read_only") => shared.permission = PermissionLevel::ReadOnly,
        Some(_) => shared.permission = PermissionLevel::Ask,
        None => {}
    }
    if let Some(at_once) = change.at_once {
        shared.at_once = (at_once > 0).then_some(at_once);
    }
    if let Some(hours) = change.hours {
        shared.hours = (hours != "always").then_some(hours);
    }
    shared
}

fn in_words(shared: &SharedUseConfig) -> String {
    if !shared.allowed {
        return "Nobody else may use this machine, wherever it is shared.\n\
                Next: coord runner sharing set --allowed yes"
            .to_owned();
    }
    let people = match shared.people.as_slice() {
        [] => "everybody".to_owned(),
        people => people.join(", "),
    };
    let agents: Vec<_> = shared.agents.iter().map(AgentName::as_str).collect();
    let agents = match agents.as_slice() {
        [] => "every enabled one".to_owned(),
        agents => agents.join(", "),
    };
    let permission = match shared.permission {
        PermissionLevel::ReadOnly => "their agents only read",
        PermissionLevel::Ask | PermissionLevel::AcceptEdits | PermissionLevel::Trusted => {
            "everything that changes something asks"
        }
    };
    let at_once = shared.at_once.map_or_else(
        || "as many as there are slots".to_owned(),
        |n| n.to_string(),
    );
    let hours = shared.hours.as_deref().unwrap_or("always");
    format!(
        "Where this machine is shared, others may use it.\n\
         People      {people}\n\
         Agents      {agents}\n\
         Permission  {permission}\n\
         At once     {at_once}\n\
         Hours       {hours}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing() -> SetSharing {
        SetSharing {
            allowed: None,
            people: Vec::new(),
            everybody: false,
            agents: Vec::new(),
            any_agent: false,
            permission: None,
            at_once: None,
            hours: None,
        }
    }

    #[test]
    fn only_what_is_named_changes_and_limits_can_be_lifted() {
        let narrowed = changed(
            SharedUseConfig::default(),
            SetSharing {
                people: vec!["ada@example.com".to_owned()],
                at_once: Some(2),
                hours: Some("Sat 10:00-12:00".to_owned()),
                permission: Some("read_only".to_owned()),
                ..nothing()
            },
        );
        assert_eq!(narrowed.people, ["ada@example.com"]);
        assert_eq!(narrowed.at_once, Some(2));
        assert_eq!(narrowed.permission, PermissionLevel::ReadOnly);
        assert_eq!(changed(narrowed.clone(), nothing()), narrowed);
        let lifted = changed(
            narrowed,
            SetSharing {
                everybody: true,
                at_once: Some(0),
                hours: Some("always".to_owned()),
                permission: Some("ask".to_owned()),
                ..nothing()
            },
        );
        assert_eq!(lifted, SharedUseConfig::default());
        let off = SetSharing {
            allowed: Some(false),
            ..nothing()
        };
        let words = in_words(&changed(lifted, off));
        assert!(words.starts_with("Nobody else"), "{words}");
    }
}
