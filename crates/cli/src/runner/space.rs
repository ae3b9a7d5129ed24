//! `coord runner space`: how much room is left on the disk, and for how long finished work is kept.

use std::path::Path;

use control::{
    message::{Reply, Request},
    state::{ConfigPatch, SpaceConfig},
};
use serde_json::json;

use super::client;
use crate::{
    arguments::{SetSpace, Space, SpaceCommand},
    context::Context,
    exit::Done,
};

/// Shows it, or changes it and then shows it.
pub(super) async fn run(context: &Context, data: &Path, arguments: Space) -> Done {
    if let SpaceCommand::Set(change) = arguments.command.unwrap_or_default() {
        let now = client::running_state(data).await?.config.space;
        let patch = ConfigPatch {
            space: Some(changed(now, change)),
            ..ConfigPatch::default()
        };
        match client::call(data, Request::Configure { patch }).await? {
            Reply::Done => {}
            _ => return Err(client::strange()),
        }
    }
    let space = client::running_state(data).await?.config.space;
    let result = json!({"space": space});
    context.output.result(&result, || in_words(space))
}

fn changed(now: SpaceConfig, change: SetSpace) -> SpaceConfig {
    SpaceConfig {
        disk_floor_mb: change.disk_floor_mb.unwrap_or(now.disk_floor_mb),
        keep_days: change.keep_days.unwrap_or(now.keep_days),
        aside_days: change.aside_days.unwrap_or(now.aside_days),
    }
}

fn in_words(space: SpaceConfig) -> String {
    let floor = match space.disk_floor_mb {
        0 => "no floor: jobs are taken however full the disk is".to_owned(),
        floor => format!("below {floor} MB of free space no job is taken"),
    };
    let kept = match space.keep_days {
        0 => "for ever".to_owned(),
        days => format!(
            "put aside after {}, and deleted {} later",
            count(days),
            count(space.aside_days)
        ),
    };
    format!("Disk            {floor}\nFinished work   {kept}")
}

fn count(days: u32) -> String {
    match days {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SpaceConfig = SpaceConfig {
        disk_floor_mb: 1000,
        keep_days: 30,
        aside_days: 7,
    };

    #[test]
    fn what_is_not_named_stays() {
        let change = SetSpace {
            disk_floor_mb: None,
            keep_days: Some(0),
            aside_days: None,
        };
        let wanted = SpaceConfig {
            keep_days: 0,
            ..NOW
        };
        assert_eq!(changed(NOW, change), wanted);
    }

    #[test]
    fn nothing_is_said_of_deleting_where_nothing_is_put_aside() {
        let shown = in_words(NOW);
        assert!(shown.contains("below 1000 MB") && shown.contains("after 30 days"));
        let kept = in_words(SpaceConfig {
            disk_floor_mb: 0,
            keep_days: 0,
            aside_days: 1,
        });
        assert!(kept.contains("no floor") && kept.contains("for ever"));
        assert!(!kept.contains("deleted"), "{kept}");
    }
}
