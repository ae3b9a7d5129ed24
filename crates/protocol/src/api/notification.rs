//! What a person is told in the app.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{account::WorkspaceRef, runner::RunnerRef},
    ids::{JobId, NotificationId},
    time::Timestamp,
};

/// What happened.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// An agent waits for permission.
    ApprovalWaiting,
    /// An agent has a question.
    QuestionWaiting,
    /// A job of the person is done.
    JobDone,
    /// A job of the person has failed.
    JobFailed,
    /// A runner of the person has been silent for a while.
    RunnerOffline,
    /// A runner of the person was disabled in a workspace.
    RunnerDisabled,
    /// The person has another role, or another workspace.
    MembershipChanged,
}

/// Something that a person is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NotificationView {
    /// Which.
    pub id: NotificationId,
    /// What happened.
    pub kind: NotificationKind,
    /// In one line.
    pub text: String,
    /// In which workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<WorkspaceRef>,
    /// About which job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// The job's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_number: Option<u64>,
    /// About which runner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<RunnerRef>,
    /// When.
    pub at: Timestamp,
    /// Whether it has been seen, or is no longer of interest.
    pub read: bool,
}

/// A page of notifications, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NotificationList {
    /// The notifications.
    pub notifications: Vec<NotificationView>,
    /// How many have not been seen, over all pages.
    pub unread: u64,
    /// Ask for the next page with `before` set to this; none when this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NotificationId>,
}

/// `POST /api/v1/notifications/read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NotificationsRead {
    /// Those that were seen; all when empty.
    #[serde(default)]
    pub ids: Vec<NotificationId>,
}

/// `GET` and `PUT /api/v1/account/notification-settings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NotificationSettings {
    /// Kinds that the person does not want to be told of.
    pub muted: Vec<NotificationKind>,
}
