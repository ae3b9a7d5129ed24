//! The only place that starts, groups, times out and kills programs.
//!
//! Everything is started with an explicit argument list and an explicit
//! environment, in a session of its own (a Job Object on Windows), and is ended
//! together with everything that it started in turn: also what left its
//! session, what was handed to another parent, and what ignores a request to
//! stop. A wait for output never outlasts the program for long, even when a
//! grandchild keeps the pipe open.
//!
//! Not here: what is run, and what its output means.

mod brief;
mod child;
mod detached;
mod environment;
mod identity;
mod kin;
mod pipe;
mod program;
mod search;

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod system;
#[cfg(all(unix, not(target_os = "linux")))]
#[path = "macos.rs"]
mod system;
#[cfg(windows)]
#[path = "windows.rs"]
mod system;

pub use brief::{Brief, BriefError, run_briefly};
pub use child::{Child, Ended};
pub use detached::{Ahead, Detached, start_ahead, start_detached, wait_for_word};
pub use environment::own_environment;
pub use identity::{Identity, is_alive};
pub use kin::{Mark, descendants, end_all, is_descendant, marked};
pub use pipe::{OutputPipe, PIPE_LINGER};
pub use program::{Program, StartError};
pub use search::{find_program, login_shell_path, usual_path};
pub use system::become_subreaper;
