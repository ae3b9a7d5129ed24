//! Says in words how the service does, whenever that changes.

use std::{path::Path, time::Duration};

use control::Client;
use futures::StreamExt as _;
use tokio::time::sleep;

use super::super::status;
use crate::output::Output;

/// Time between two tries to reach the service, which is just starting or just ending.
const BETWEEN_TRIES: Duration = Duration::from_millis(200);

/// Goes on until it is dropped; programs read the log instead.
pub(super) async fn run(output: Output, data: &Path) {
    let mut said = String::new();
    loop {
        if !output.json {
            said = until_it_breaks(output, data, said).await;
        }
        sleep(BETWEEN_TRIES).await;
    }
}

async fn until_it_breaks(output: Output, data: &Path, mut said: String) -> String {
    let Ok(client) = Client::connect(data).await else {
        return said;
    };
    let Ok(mut states) = client.watch().await else {
        return said;
    };
    while let Some(Ok(state)) = states.next().await {
        let summary = status::summary(&state);
        if summary != said {
            output.message(&format!("Runner: {summary}"));
            said = summary;
        }
    }
    said
}
