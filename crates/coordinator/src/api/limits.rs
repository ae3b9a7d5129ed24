//! How large the JSON of each request may be.

use protocol::{
    api::{
        AccountDelete, AccountUpdate, DeviceConfirmRequest, JobUpdate, NewApiToken, NewJob,
        PasswordChange, ResetConfirm, ResetRequest, RetryRequest, SignInRequest, SignUpRequest,
        TargetPreviewRequest, TeamRoleChange,
    },
    approval::ApprovalAnswer,
    limits::{FEEDBACK_BYTES_MAX, INSTRUCTIONS_BYTES_MAX},
    question::QuestionAnswer,
};

use crate::{body::BodyLimit, error::ApiError, jobs};

impl BodyLimit for SignInRequest {}
impl BodyLimit for SignUpRequest {}
impl BodyLimit for ResetRequest {}
impl BodyLimit for ResetConfirm {}
impl BodyLimit for AccountUpdate {}
impl BodyLimit for AccountDelete {}
impl BodyLimit for PasswordChange {}
impl BodyLimit for NewApiToken {}
impl BodyLimit for DeviceConfirmRequest {}
impl BodyLimit for TargetPreviewRequest {}
impl BodyLimit for ApprovalAnswer {}
impl BodyLimit for TeamRoleChange {}

impl BodyLimit for QuestionAnswer {
    const BYTES_MAX: usize = 1024 * 1024;
}

impl BodyLimit for RetryRequest {
    // Every byte of it may take six as it travels (`\u0000`).
    const BYTES_MAX: usize = 6 * FEEDBACK_BYTES_MAX + 1024;

    fn too_large() -> ApiError {
        jobs::feedback_too_large()
    }
}

impl BodyLimit for NewJob {
    // Every byte of the instructions may take six as it travels (`\u0000`).
    const BYTES_MAX: usize = 6 * INSTRUCTIONS_BYTES_MAX + 64 * 1024;

    fn too_large() -> ApiError {
        jobs::instructions_too_large()
    }
}

impl BodyLimit for JobUpdate {
    const BYTES_MAX: usize = NewJob::BYTES_MAX;

    fn too_large() -> ApiError {
        jobs::instructions_too_large()
    }
}
