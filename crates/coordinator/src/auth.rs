//! Who calls: passwords, sessions of browsers, access tokens of devices.

mod caller;
mod csrf;
mod password;
mod rate;
mod secret;
mod session;

pub(crate) use caller::{Device, Membership, Person, RunnerCaller, Scopes};
pub(crate) use csrf::refuse_cross_site;
pub use password::PasswordRefused;
pub(crate) use password::{Passwords, check_new_password};
pub(crate) use rate::RateLimits;
pub(crate) use secret::{Secret, sha256_of};
pub(crate) use session::{after_s, check_password, clear_cookie, sign_in, sign_out};
