//! What the coordinator says to web app, command line and scripts (`/api/v1`).

mod account;
mod device;
mod job;
mod live;
mod runner;

pub use account::{Instance, Me, PersonRef, Role, SignInRequest, Workspace, WorkspaceRef};
pub use device::{
    ClientKind, DeviceAuthorization, DeviceAuthorizationRequest, DeviceConfirmRequest,
    DeviceDecision, DeviceFacts, TokenRequest,
};
pub use job::{
    AnswerStatus, ApprovalView, ArtifactView, AttachmentView, AttemptView, EventPage, JobList,
    JobSummary, JobView, LogPage, NewJob, PendingList, QuestionView,
};
pub use live::{Change, LiveEvent};
pub use runner::{
    Activity, CurrentJob, RunnerList, RunnerState, RunnerView, TargetPreview, TargetPreviewRequest,
};
