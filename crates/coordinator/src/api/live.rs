//! The live stream of a workspace, as server-sent events.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt as _, stream};
use protocol::{
    api::{Change, LiveEvent},
    error::Problem,
};
use tokio::{
    sync::broadcast::{
        Receiver,
        error::{RecvError, TryRecvError},
    },
    time::Instant,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::Address;
use crate::{
    app::App, auth::Person, error::ApiResult, live::Numbered, metrics::LiveStream, rights::Right,
};

/// How often a silent stream says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long after a batch the next one is sent at the earliest: a burst becomes one batch.
const BATCH_EVERY: Duration = Duration::from_millis(100);
/// After this long the browser comes back and shows anew who it is.
const STREAM_LIFE: Duration = Duration::from_hours(1);
/// Most events of one batch.
const BATCH_EVENTS_MAX: usize = 512;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(live))
}

/// What changes in a workspace, as server-sent events named `change`.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/live", operation_id = "live", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug")),
    responses(
        (status = 200, description = "Each event's data is a `LiveEvent`", body = LiveEvent, content_type = "text/event-stream"),
        (status = 404, body = Problem)))]
async fn live(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let member = person.member_of(&app, &workspace).await?;
    member.require(Right::Read)?;
    let changes = app.live.subscribe(member.0.workspace.id);
    let first = stream::iter([greeting(headers.contains_key("last-event-id"))]);
    let stopping = app.stopping.clone();
    let events = first.chain(batches(changes)).take_until(async move {
        tokio::select! {
            () = stopping.cancelled() => {}
            () = tokio::time::sleep(STREAM_LIFE) => {}
        }
    });
    let open = LiveStream::open();
    let events = events.map(move |event| {
        let _counted = &open;
        Ok::<_, Infallible>(event)
    });
    let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    // Some proxies hold answers back to send them at once.
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((unbuffered, sse).into_response())
}

/// The first event. Its number makes a browser that comes back say so; it may have missed something.
fn greeting(resumed: bool) -> Event {
    let greeting = Event::default().id("0");
    if resumed {
        greeting.event("change").data(data_of(Change::Everything))
    } else {
        greeting
    }
}

/// Changes as they come: at once after a silence, in batches without repetition when they follow closely.
fn batches(changes: Receiver<Numbered>) -> impl Stream<Item = Event> {
    let not_before = Instant::now();
    stream::unfold(
        (changes, not_before),
        |(mut changes, not_before)| async move {
            let mut batch = vec![next(&mut changes).await?];
            tokio::time::sleep_until(not_before).await;
            gather(&mut changes, &mut batch);
            let not_before = Instant::now() + BATCH_EVERY;
            let events = stream::iter(batch.into_iter().map(event));
            Some((events, (changes, not_before)))
        },
    )
    .flatten()
}

/// The next change; [`Change::Everything`] when some were missed; none at the end.
async fn next(changes: &mut Receiver<Numbered>) -> Option<Numbered> {
    match changes.recv().await {
        Ok(change) => Some(change),
        Err(RecvError::Lagged(_)) => Some(Numbered {
            n: 0,
            change: Change::Everything,
        }),
        Err(RecvError::Closed) => None,
    }
}

/// Adds what has come meanwhile; a later word on the same thing replaces the earlier one.
fn gather(changes: &mut Receiver<Numbered>, batch: &mut Vec<Numbered>) {
    while batch.len() < BATCH_EVENTS_MAX {
        let change = match changes.try_recv() {
            Ok(change) => change,
            Err(TryRecvError::Lagged(_)) => Numbered {
                n: 0,
                change: Change::Everything,
            },
            Err(TryRecvError::Empty | TryRecvError::Closed) => return,
        };
        match batch
            .iter_mut()
            .find(|earlier| is_about_same(earlier.change, change.change))
        {
            Some(earlier) => *earlier = change,
            None => batch.push(change),
        }
    }
}

fn is_about_same(one: Change, other: Change) -> bool {
    match (one, other) {
        (Change::Log { attempt_id: a, .. }, Change::Log { attempt_id: b, .. }) => a == b,
        _ => one == other,
    }
}

fn event(numbered: Numbered) -> Event {
    let event = Event::default()
        .event("change")
        .data(data_of(numbered.change));
    if numbered.n == 0 {
        event
    } else {
        event.id(numbered.n.to_string())
    }
}

fn data_of(change: Change) -> String {
    // Ids and numbers can always be written; an event without data would be passed over.
    serde_json::to_string(&LiveEvent { change }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use protocol::ids::{AttemptId, JobId, WorkspaceId};
    use uuid::Uuid;

    use super::*;
    use crate::live::LiveBus;

    #[test]
    fn a_burst_becomes_one_word_on_each_thing() {
        let (bus, workspace) = (LiveBus::default(), WorkspaceId(Uuid::nil()));
        let mut changes = bus.subscribe(workspace);
        let job_id = JobId(Uuid::nil());
        for last in 1..=50 {
            bus.publish(
                workspace,
                Change::Log {
                    job_id,
                    attempt_id: AttemptId(Uuid::nil()),
                    last,
                },
            );
            bus.publish(workspace, Change::Job { job_id });
        }
        let mut batch = Vec::new();
        gather(&mut changes, &mut batch);
        assert_eq!(batch.len(), 2);
        assert!(matches!(batch[0].change, Change::Log { last: 50, .. }));
    }

    #[tokio::test]
    async fn a_reader_that_fell_behind_is_told_to_fetch_everything() {
        let (bus, workspace) = (LiveBus::default(), WorkspaceId(Uuid::nil()));
        let mut changes = bus.subscribe(workspace);
        for n in 0..1_000_u128 {
            bus.publish(
                workspace,
                Change::Job {
                    job_id: JobId(Uuid::from_u128(n)),
                },
            );
        }
        assert_eq!(next(&mut changes).await.unwrap().change, Change::Everything);
    }
}
