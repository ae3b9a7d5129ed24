//! The coordinator as a whole: started in order, stopped in two steps.
//!
//! Stopping first lets go of everything that waits (no new connection, parked
//! syncs and live streams end), then gives requests under way a while to finish.

mod connections;
mod data_dir;
mod housekeeping;
mod start_error;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use lifecycle::lease::LeaseTerms;
use object_store::local::LocalFileSystem;
use store::Store;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use data_dir::{Lock, prepare as prepare_data_dir};
pub use start_error::StartError;

use crate::{
    api,
    app::{App, Parts},
    auth::{Passwords, RateLimits},
    config::Config,
    downloads::Downloads,
    fleet::Lists,
    live::LiveBus,
    mail::{Mail, Outgoing},
    metrics, objects,
    oidc::Provider,
    options::Options,
    reconcile,
    relay::{self, Relay},
    scheduler::{self, Scheduler},
};

/// How old what was begun to be received is when nobody can be sending it any more.
const ARRIVING_MAX: Duration = Duration::from_hours(24);
/// How long what did not finish in time gets to be broken off.
const BREAK_OFF: Duration = Duration::from_secs(2);

/// A coordinator that listens.
pub struct Server {
    app: App,
    listener: TcpListener,
    router: axum::Router,
    abort: CancellationToken,
    mail: Option<Outgoing>,
    /// Held for as long as the server lives, so that no second one uses the directory.
    _lock: data_dir::Lock,
}

impl Server {
    /// Opens everything and begins to listen; requests are answered by [`Self::run_until`].
    pub async fn start(options: Options) -> Result<Self, StartError> {
        data_dir::prepare(&options.data)?;
        let lock = data_dir::Lock::take(&options.data)?;
        let config = Config::load(&options.data)?;
        let metrics = metrics::install()?;
        let listener = listen(options.listen).await?;
        let address = listener.local_addr().map_err(|source| StartError::Listen {
            address: options.listen,
            source,
        })?;
        let public_url = match &options.public_url {
            Some(url) => checked_public_url(url)?,
            None => url_of(address),
        };
        if !address.ip().is_loopback() && !public_url.starts_with("https://") {
            tracing::warn!(
                "passwords and tokens travel unencrypted to {public_url}: put a proxy with TLS \
                 in front and name its address with --public-url"
            );
        }
        let objects = config.objects_folder(&options.data);
        data_dir::prepare(&objects)?;
        data_dir::clear_old(&objects.join(objects::ARRIVING), ARRIVING_MAX);
        let objects = LocalFileSystem::new_with_prefix(objects)
            .map_err(StartError::Objects)?
            .with_fsync(true)
            .with_automatic_cleanup(true);
        let downloads = config.downloads.folder.clone();
        let downloads = downloads.unwrap_or_else(|| options.data.join("downloads"));
        let provider = config
            .oidc
            .as_ref()
            .map(|config| Provider::open(config, &public_url))
            .transpose()?;
        let (mail, outgoing) = Mail::open(config.mail.as_ref())?;
        let terms = config.leases.terms();
        let store = open_store(&options.data, options.database.as_deref(), terms).await?;
        let relay = if store.is_shared() {
            Relay::to_others()
        } else {
            Relay::default()
        };
        let app = App::new(Parts {
            store,
            live: LiveBus::with(relay.clone()),
            relay,
            scheduler: Scheduler::default(),
            lists: Lists::default(),
            downloads: Downloads::of(downloads),
            objects: Arc::new(objects),
            config,
            public_url,
            clock: options.clock,
            passwords: Passwords::default(),
            mail,
            provider,
            rates: RateLimits::default(),
            metrics,
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        Ok(Self {
            router: api::router(&app),
            app,
            listener,
            abort: CancellationToken::new(),
            mail: outgoing,
            _lock: lock,
        })
    }

    /// The address under which people and runners reach it.
    pub fn url(&self) -> &str {
        &self.app.public_url
    }

    /// Answers requests until `shutdown` is done, then stops.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) {
        let Self {
            app,
            listener,
            router,
            abort,
            mail,
            _lock: lock,
        } = self;
        housekeeping::start(&app);
        scheduler::start(&app);
        reconcile::start(&app);
        relay::start(&app);
        let live = app.live.clone();
        app.tasks.spawn(live.tell(app.stopping.clone()));
        if let Some(mail) = mail {
            app.tasks.spawn(mail.deliver(app.stopping.clone()));
        }
        app.tasks.spawn(connections::accept(
            listener,
            router,
            app.clone(),
            abort.clone(),
        ));
        shutdown.await;
        tracing::info!("stopping");
        app.stopping.cancel();
        app.tasks.close();
        let drain = Duration::from_secs(app.config.server.drain_s.get());
        if tokio::time::timeout(drain, app.tasks.wait()).await.is_err() {
            tracing::warn!("requests did not finish in time and are broken off");
            abort.cancel();
            if tokio::time::timeout(BREAK_OFF, app.tasks.wait())
                .await
                .is_err()
            {
                tracing::warn!("some tasks did not end");
            }
        }
        // A database that stands still answers nobody; what was committed stands.
        if tokio::time::timeout(BREAK_OFF, app.store.close())
            .await
            .is_err()
        {
            tracing::warn!("the database did not let go in time; its connections are broken off");
        }
        drop(lock);
        tracing::info!("stopped");
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { address, source })
}

/// Which database: the embedded one in the data directory, unless another is named.
pub(crate) fn database_of(
    data: &Path,
    database: Option<&str>,
) -> Result<store::Options, StartError> {
    Ok(match database {
        None => store::Options::Sqlite {
            path: data.join("coord.db"),
        },
        Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            store::Options::Postgres {
                url: url.to_owned(),
            }
        }
        Some(other) => match other.strip_prefix("sqlite:") {
            Some(path) => store::Options::Sqlite {
                path: path.trim_start_matches("//").into(),
            },
            None => return Err(StartError::DatabaseAddress),
        },
    })
}

/// Opens the database.
pub(crate) async fn open_store(
    data: &Path,
    database: Option<&str>,
    terms: LeaseTerms,
) -> Result<Store, StartError> {
    let options = database_of(data, database)?;
    Store::open_with(options, terms)
        .await
        .map_err(StartError::Store)
}

/// An outside address without its last slash; it has to be a bare origin.
pub(crate) fn checked_public_url(url: &str) -> Result<String, StartError> {
    let url = url.trim_end_matches('/');
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => {
            Ok(url.to_owned())
        }
        Some(_) | None => Err(StartError::PublicUrl(url.to_owned())),
    }
}

/// The address that this machine's own programs can use.
fn url_of(address: SocketAddr) -> String {
    let ip = if address.ip().is_unspecified() {
        IpAddr::V4(Ipv4Addr::LOCALHOST)
    } else {
        address.ip()
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_is_a_bare_origin() {
        assert_eq!(
            checked_public_url("https://coord.example.com/").unwrap(),
            "https://coord.example.com"
        );
        for url in [
            "coord.example.com",
            "https://",
            "ftp://x",
            "https://x/y",
            "https://a@b",
        ] {
            assert!(checked_public_url(url).is_err(), "{url}");
        }
    }

    #[test]
    fn an_address_for_all_interfaces_is_reached_by_loopback() {
        assert_eq!(url_of(([0, 0, 0, 0], 80).into()), "http://127.0.0.1:80");
        assert_eq!(url_of("[::1]:7000".parse().unwrap()), "http://[::1]:7000");
    }
}
