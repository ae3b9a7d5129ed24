//! Runners that fell silent: nobody says so but the clock.

use protocol::limits::UNREACHABLE_AFTER_MS;

use super::{LOOK_EVERY, sweep::Sweep};
use crate::{app::App, changes};

/// How many runners are read at once.
const PAGE: u32 = 500;

/// Tells those who look at runners that fell silent since about the last look.
pub(super) async fn tell(app: &App) -> Result<(), store::Error> {
    let now = app.store.now(app.now()).await?;
    // Twice as far back as the last look: telling once more does no harm, and missing one would.
    let back = 2 * u64::try_from(LOOK_EVERY.as_millis()).unwrap_or(u64::MAX);
    let mut sweep = Sweep::begin("presence");
    while sweep.goes_on() {
        let page = app
            .store
            .runners_fallen_silent((UNREACHABLE_AFTER_MS, back), now, sweep.after(), PAGE)
            .await?;
        for (runner, account) in sweep.take(page) {
            if let Err(error) = changes::runner_moved(app, account, runner).await {
                sweep.failed(&runner, &error);
            }
        }
    }
    Ok(())
}
