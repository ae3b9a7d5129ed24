//! How a face of this machine's runner service talks to it.
//!
//! Desktop app, command line and tests are clients of the service through an
//! owner-only local socket; they share this typed client, and nothing else of
//! the runner. The service says its full state first, and then every new one.
//!
//! Not here: what the service does with a request (`runner`).

pub mod message;
pub mod state;
