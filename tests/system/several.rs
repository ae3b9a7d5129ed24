//! Two coordinators of one PostgreSQL database behind a proxy that sends every
//! connection to the other one: jobs, approvals, a live log, and the end of one of them.

use std::{
    fs,
    io::{self, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    process::Child,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use testkit::postgres::Postgres;
use whole::{
    Job, Runner, Stage,
    processes::{self, listening},
    stage::lines,
    until,
};

/// A proxy that knows nothing of what it passes on.
struct Proxy {
    url: String,
}

impl Proxy {
    /// Sends connections to each of `backends` in turn, and past those that do not answer.
    fn start(listener: TcpListener, backends: Vec<SocketAddr>) -> Self {
        let url = format!("http://{}", listener.local_addr().unwrap());
        let next = Arc::new(AtomicUsize::new(0));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (backends, next) = (backends.clone(), Arc::clone(&next));
                thread::spawn(move || pass_on(&client, &backends, &next));
            }
        });
        Self { url }
    }
}

fn pass_on(client: &TcpStream, backends: &[SocketAddr], next: &AtomicUsize) {
    let turn = next.fetch_add(1, Ordering::Relaxed);
    let reached = (0..backends.len())
        .find_map(|step| TcpStream::connect(backends[(turn + step) % backends.len()]).ok());
    let Some(backend) = reached else { return };
    client.set_nodelay(true).ok();
    backend.set_nodelay(true).ok();
    thread::scope(|scope| {
        scope.spawn(|| one_way(client, &backend));
        one_way(&backend, client);
    });
}

/// Passes on what comes until it ends or breaks; then the other way ends, too.
fn one_way(mut from: &TcpStream, mut to: &TcpStream) {
    if io::copy(&mut from, &mut to).is_ok() {
        to.flush().ok();
        to.shutdown(Shutdown::Write).ok();
    } else {
        from.shutdown(Shutdown::Both).ok();
        to.shutdown(Shutdown::Both).ok();
    }
}

/// One of the coordinators.
struct Coordinator {
    child: Child,
    address: SocketAddr,
}

impl Coordinator {
    fn start(stage: &Stage, name: &str, database: &str, public_url: &str) -> Self {
        let data = stage.path(name);
        fs::create_dir_all(&data).unwrap();
        let settings = format!(
            "[sign_in]\ndevice_interval_s = 1\n[objects]\nfolder = \"{}\"\n",
            stage.path("objects").display()
        );
        fs::write(data.join("coordinator.toml"), settings).unwrap();
        let said = stage.path(&format!("{name}.out"));
        let child = stage
            .coord(["server", "--json", "--listen", "127.0.0.1:0"])
            .args(["--public-url", public_url, "--database", database, "--data"])
            .arg(&data)
            .start(&said)
            .unwrap();
        until("the coordinator", || {
            (!lines(&said).is_empty()).then_some(())
        });
        let address = until("the coordinator's socket", || listening(child.id()));
        Self { child, address }
    }

    fn kill(&mut self) {
        processes::signal(self.child.id(), "KILL");
        self.child.wait().unwrap();
    }
}

#[test]
fn one_of_two_coordinators_may_be_killed() {
    let postgres = Postgres::start().unwrap();
    let database = postgres.database().unwrap();
    let stage = Stage::empty().unwrap();
    stage.bootstrap_with(&["--database", &database]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut one = Coordinator::start(&stage, "one", &database, &url);
    let mut other = Coordinator::start(&stage, "other", &database, &url);
    let proxy = Proxy::start(listener, vec![one.address, other.address]);
    stage.is_at(&proxy.url);
    stage.login();
    let runner = Runner::online(&stage, "box");

    let asks = Job::submit(&stage, "run touch proof\nsay after\n");
    let approval = asks.approval();
    let id = approval["id"].as_str().unwrap();
    stage.coord(["approvals", "allow", id]).run().ok();
    asks.wait().ok();
    assert!(asks.said().contains(&"after".to_owned()));

    let job = Job::submit(
        &stage,
        "say begin\nwait 3s\nflood 3000 100\nwait 1s\noutput a.txt it works\n",
    );
    job.wait_for_words("begin");
    one.kill();
    job.wait().ok();
    let show = job.show();
    let attempts = show["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 1, "the end of one coordinator cost nothing");
    let on_disk = fs::read_to_string(job.record(&runner).join("log.ndjson")).unwrap();
    assert_eq!(job.log_lines(), on_disk);
    assert_eq!(show["artifacts"][0]["path"], "a.txt");
    runner.wait_for_state("online");

    // The one that is left does everything alone, and another may come again.
    let mut again = Coordinator::start(&stage, "again", &database, &url);
    Job::submit(&stage, "say alone\n").wait().ok();
    again.kill();
    other.kill();
}

#[test]
fn a_log_is_followed_across_coordinators() {
    let postgres = Postgres::start().unwrap();
    let database = postgres.database().unwrap();
    let stage = Stage::empty().unwrap();
    stage.bootstrap_with(&["--database", &database]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut one = Coordinator::start(&stage, "one", &database, &url);
    let mut other = Coordinator::start(&stage, "other", &database, &url);
    stage.is_at(&Proxy::start(listener, vec![one.address, other.address]).url);
    stage.login();
    let _runner = Runner::online(&stage, "box");
    let job = Job::submit(&stage, "say begin\nwait 2s\nflood 500 100\nsay end\n");
    job.wait_for_words("begin");
    let log = stage.path("follow");
    let follow = job.coord("logs", &["--json", "--follow"]);
    let mut follow = follow.start(&log).unwrap();
    assert!(follow.wait().unwrap().success());
    let followed = fs::read_to_string(log.with_extension("out")).unwrap();
    assert_eq!(followed, job.log_lines());
    one.kill();
    other.kill();
}
