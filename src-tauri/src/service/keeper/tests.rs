//! The keeper before a service that only runs; starting another one fails here.

use control::{Handler, Limits, Server, message::Reply, state::ServiceState};
use tempfile::TempDir;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::*;
use crate::sample;

/// A service that does nothing.
struct Idle(watch::Sender<Arc<ServiceState>>);

impl Handler for Idle {
    fn states(&self) -> watch::Receiver<Arc<ServiceState>> {
        self.0.subscribe()
    }

    fn workers(&self) -> Vec<u32> {
        Vec::new()
    }

    async fn handle(&self, _: Request) -> Reply {
        Reply::Done
    }
}

/// A machine on which no service can be started by the keeper.
struct Machine {
    place: Place,
    mark: StopMark,
    tasks: TaskTracker,
    _data: TempDir,
}

impl Machine {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let place = Place::at(data.path()).unwrap();
        // Where programs would be installed stands a file.
        std::fs::write(place.programs(), "").unwrap();
        Self {
            mark: StopMark::of(place.data()),
            place,
            tasks: TaskTracker::new(),
            _data: data,
        }
    }

    fn keeper(&self, duty: Duty) -> (watch::Receiver<Link>, mpsc::Sender<Order>) {
        let (links_in, links) = watch::channel(Link::Starting);
        let (orders, orders_out) = mpsc::channel(1);
        let own = Arc::default();
        let keeper = Keeper::new(self.place.clone(), duty, links_in, orders_out, own);
        self.tasks.spawn(keeper.keep());
        (links, orders)
    }

    /// A service that runs until the token is cancelled.
    async fn service(&self) -> (CancellationToken, TaskTracker) {
        let server = Server::bind(self.place.data(), Limits::default())
            .await
            .unwrap();
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let handler = Arc::new(Idle(watch::Sender::new(Arc::new(sample::online()))));
        tasks.spawn(server.serve(handler, stop.clone()));
        tasks.close();
        (stop, tasks)
    }
}

async fn becomes(links: &mut watch::Receiver<Link>, wanted: impl FnMut(&Link) -> bool) {
    let seen = timeout(Duration::from_secs(30), links.wait_for(wanted)).await;
    seen.expect("the link changes").expect("the keeper lives");
}

fn is_running(link: &Link) -> bool {
    link.state().is_some()
}

fn was_tried(link: &Link) -> bool {
    matches!(link, Link::Broken { .. })
}

#[tokio::test]
async fn the_app_starts_a_service_that_was_stopped_before_the_app_came() {
    let machine = Machine::new();
    machine.mark.set().unwrap();
    let (mut links, _orders) = machine.keeper(Duty::Keeps);
    becomes(&mut links, |link| {
        assert_ne!(*link, Link::Stopped);
        was_tried(link)
    })
    .await;
    assert!(!machine.mark.is_set(), "the wish to stop is over");
}

#[tokio::test]
async fn a_stop_that_nobody_heard_of_is_believed_until_somebody_wants_the_service() {
    let machine = Machine::new();
    let (stop, service) = machine.service().await;
    let (mut links, orders) = machine.keeper(Duty::Keeps);
    becomes(&mut links, is_running).await;
    machine.mark.set().unwrap();
    stop.cancel();
    service.wait().await;
    becomes(&mut links, |link| {
        assert!(!was_tried(link), "{link:?}");
        *link == Link::Stopped
    })
    .await;
    orders.send(Order::Start).await.unwrap();
    becomes(&mut links, was_tried).await;
    assert!(!machine.mark.is_set());
}

#[tokio::test]
async fn a_stop_before_the_next_start_is_believed() {
    let machine = Machine::new();
    let (stop, service) = machine.service().await;
    let (mut links, _orders) = machine.keeper(Duty::Keeps);
    becomes(&mut links, is_running).await;
    stop.cancel();
    service.wait().await;
    // The keeper may have seen the end already: then it waits a while before a start.
    machine.mark.set().unwrap();
    becomes(&mut links, |link| {
        assert!(!was_tried(link), "{link:?}");
        *link == Link::Stopped
    })
    .await;
}

#[tokio::test]
async fn a_service_that_dies_is_started_again() {
    let machine = Machine::new();
    let (stop, service) = machine.service().await;
    let (mut links, _orders) = machine.keeper(Duty::Keeps);
    becomes(&mut links, is_running).await;
    stop.cancel();
    service.wait().await;
    becomes(&mut links, |link| {
        assert_ne!(*link, Link::Stopped);
        was_tried(link)
    })
    .await;
}

#[tokio::test]
async fn the_window_believes_the_mark_as_well() {
    let machine = Machine::new();
    machine.mark.set().unwrap();
    let (mut links, _orders) = machine.keeper(Duty::Watches);
    becomes(&mut links, |link| *link == Link::Stopped).await;
    machine.mark.clear().unwrap();
    becomes(&mut links, |link| *link == Link::Starting).await;
    let (stop, service) = machine.service().await;
    becomes(&mut links, is_running).await;
    machine.mark.set().unwrap();
    stop.cancel();
    service.wait().await;
    becomes(&mut links, |link| *link == Link::Stopped).await;
}
