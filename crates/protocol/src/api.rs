//! What the coordinator says to web app, command line and scripts (`/api/v1`).

mod account;
mod api_token;
mod audit;
mod device;
mod download;
mod job;
mod live;
mod notification;
mod plan;
mod runner;
mod session;
mod workspace;

pub use account::{Instance, Me, PersonRef, Role, SignInRequest, Workspace, WorkspaceRef};
pub use api_token::{ApiTokenList, ApiTokenMade, ApiTokenView, NewApiToken, TokenScope};
pub use audit::{AuditDetail, AuditEntry, AuditPage, Surface};
pub use device::{
    ClientKind, DeviceAuthorization, DeviceAuthorizationRequest, DeviceConfirmRequest,
    DeviceDecision, DeviceFacts, TokenRequest,
};
pub use download::{DownloadFile, DownloadList, PackageKind, SetupTokenMade, SetupTokenView};
pub use job::{
    AnswerStatus, ApprovalView, ArtifactView, AttachmentView, AttemptView, EventPage, JobList,
    JobRights, JobSummary, JobUpdate, JobView, LogMatches, LogPage, NewJob, ParkedView,
    PendingList, QuestionView, RetryRequest, TeamChange, TeamMember, TeamRole, TeamRoleChange,
};
pub use live::{Change, LiveEvent};
pub use notification::{
    NotificationKind, NotificationList, NotificationSettings, NotificationView, NotificationsRead,
};
pub use plan::{PlanUse, Use};
pub use runner::{
    Activity, CurrentJob, DisableRequest, Disabled, HourOfUse, OwnRunner, OwnRunnerList,
    PastAttempt, PauseRequest, RunnerAction, RunnerHistory, RunnerList, RunnerMoment, RunnerOption,
    RunnerRef, RunnerState, RunnerTimeline, RunnerUpdate, RunnerUse, RunnerView, Sharing,
    SharingChange, TargetPreview, TargetPreviewRequest,
};
pub use session::{
    AccountDelete, AccountUpdate, AccountView, DeviceList, DeviceView, PasswordChange,
    ResetConfirm, ResetLink, ResetRequest, SessionList, SessionView, SignUpRequest,
};
pub use workspace::{
    InvitationAccepted, InvitationFacts, InvitationList, InvitationMade, InvitationState,
    InvitationView, MemberList, MemberView, NewInvitation, NewWorkspace, RoleChange, Transfer,
    WorkspaceDelete, WorkspaceUpdate,
};
