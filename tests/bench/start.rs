//! From a job that is made Ready to its agent's first line.

use anyhow::Result;

use crate::{
    bare::Bare,
    figures::{Bar, Times},
    place::Place,
    say,
};

/// What is done before anything counts: caches fill, connections open.
const WARM_UP: usize = 5;
/// How much longer than bare it may take.
const AIM: f64 = 1.5;

/// Takes times of `jobs` jobs, and of as many goes at the bare steps in between.
pub(crate) async fn measure(place: &Place, jobs: usize) -> Result<Vec<Bar>> {
    let mut bare = Bare::ready(&place.folder()).await?;
    for number in 0..WARM_UP {
        place.job(number).await?;
        bare.once(place).await?;
    }
    say(&format!(
        "starting {jobs} jobs, with as many goes at the bare steps in between"
    ));
    let (mut real, mut least) = (Times::default(), Times::default());
    for number in 0..jobs {
        real.push(place.job(number).await?);
        least.push(bare.once(place).await?);
    }
    let bars = [("median", 50), ("99 %", 99)].map(|(name, share)| {
        Bar::new(
            format!("job made Ready → agent's process started, {name}"),
            "ms",
            real.percentile_ms(share),
        )
        .against("the same steps bare", least.percentile_ms(share), AIM)
        .note(format!("{jobs} jobs, one idle runner, embedded database"))
    });
    Ok(bars.into())
}
