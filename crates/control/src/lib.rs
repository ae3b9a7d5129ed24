//! How a face of this machine's runner service talks to it.
//!
//! Desktop app, command line and tests are clients of the service through an
//! owner-only local socket; they share this typed client, and nothing else of
//! the runner. The service says its full state first, and then every new one.
//!
//! Not here: what the service does with a request (`runner`).

mod address;
mod ancestry;
mod client;
pub mod message;
mod runtime_dir;
mod schema;
mod server;
pub mod state;
mod stop_mark;
mod transport;

pub use client::{Client, ClientError, States};
pub use runtime_dir::{RuntimeDirError, runtime_dir, worker_socket};
pub use schema::schema;
pub use server::{BindError, Handler, Limits, Server};
pub use stop_mark::StopMark;
