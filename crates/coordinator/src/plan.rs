//! What an account's plan allows, and how much of it is used.

use lifecycle::month::Month;
use protocol::api::{PlanUse, Use};
use store::Account;

use crate::{app::App, error::ApiResult};

/// The account's plan with its use.
pub(crate) async fn of(app: &App, account: &Account) -> ApiResult<PlanUse> {
    let (name, plan) = app.config.plans().of(&account.email);
    let now = app.store.now(app.now()).await?;
    let used = app.store.use_of(account.id, now).await?;
    let with = |used, limit| Use { used, limit };
    Ok(PlanUse {
        plan: name.to_owned(),
        runners: with(used.runners, plan.runners),
        concurrent_jobs: with(used.concurrent_jobs, plan.concurrent_jobs),
        monthly_jobs: with(used.monthly_jobs, plan.monthly_jobs),
        storage_bytes: with(used.storage_bytes, plan.storage_bytes),
        month_ends_at: Month::of(now).ends,
    })
}
