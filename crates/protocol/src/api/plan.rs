//! What a plan allows, and how much of it is used.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;

/// One limit of a plan, with what is used of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Use {
    /// In use now.
    pub used: u64,
    /// The most that is allowed; none when there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// An account's plan with its use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanUse {
    /// The plan's name.
    pub plan: String,
    /// Runners of the account.
    pub runners: Use,
    /// Jobs of the account that are under way at once.
    pub concurrent_jobs: Use,
    /// Jobs that the account has submitted this month.
    pub monthly_jobs: Use,
    /// Bytes of files in the workspaces that the account owns.
    pub storage_bytes: Use,
    /// When the monthly count begins anew.
    pub month_ends_at: Timestamp,
}
