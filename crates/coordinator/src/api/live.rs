//! The live stream of a workspace, as server-sent events.

use std::{convert::Infallible, sync::Arc, time::Duration};

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
    ids::{AccountId, WorkspaceId},
};
use store::WorkspaceKey;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::Address;
use crate::{
    app::App, auth::Person, error::ApiResult, live::Batch, metrics::LiveStream, rights::Right,
};

/// How often a silent stream says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// After this long the browser comes back and shows anew who it is.
const STREAM_LIFE: Duration = Duration::from_hours(1);

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
    let reader = Reader {
        app: app.clone(),
        account: person.account.id,
        workspace: member.0.workspace.id,
        batches: app.live.subscribe(member.0.workspace.id),
    };
    let first = stream::iter([greeting(headers.contains_key("last-event-id"))]);
    let stopping = app.stopping.clone();
    let events = first.chain(events_of(reader)).take_until(async move {
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

/// Somebody who looks at a workspace.
struct Reader {
    app: App,
    account: AccountId,
    workspace: WorkspaceId,
    batches: Receiver<Arc<Batch>>,
}

impl Reader {
    /// What it is told next; none at the end, which comes when it is a member no more.
    async fn next(&mut self) -> Option<Vec<Event>> {
        let batch = match self.batches.recv().await {
            Ok(batch) => batch,
            Err(RecvError::Lagged(_)) => Arc::new(missed()),
            Err(RecvError::Closed) => return None,
        };
        if batch.changes.contains(&Change::Workspace) && !self.is_member().await {
            return None;
        }
        let told = batch.for_reader(self.account);
        Some(told.map(|change| event(batch.n, change)).collect())
    }

    async fn is_member(&self) -> bool {
        let key = WorkspaceKey::Id(self.workspace);
        let member = self.app.store.member(&key, self.account).await;
        // Who cannot be looked up is sent away, and comes back.
        matches!(member, Ok(Some(_)))
    }
}

/// What a reader is told that fell behind: who it is has to be looked at, too.
fn missed() -> Batch {
    Batch {
        changes: vec![Change::Everything, Change::Workspace, Change::Notifications],
        ..Batch::default()
    }
}

fn events_of(reader: Reader) -> impl Stream<Item = Event> {
    let batches = stream::unfold(reader, |mut reader| async move {
        let events = reader.next().await?;
        Some((stream::iter(events), reader))
    });
    batches.flatten()
}

fn event(n: u64, change: Change) -> Event {
    let event = Event::default().event("change").data(data_of(change));
    if n == 0 {
        event
    } else {
        event.id(n.to_string())
    }
}

fn data_of(change: Change) -> String {
    // Ids and numbers can always be written; an event without data would be passed over.
    serde_json::to_string(&LiveEvent { change }).unwrap_or_default()
}
