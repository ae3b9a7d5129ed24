//! Who calls: passwords, sessions of browsers, access tokens of devices.

mod browser;
mod caller;
mod confirm;
mod csrf;
mod password;
mod rate;
mod scopes;
mod secret;
mod session;

pub(crate) use caller::{API_TOKEN_PREFIX, Device, Membership, Person, RunnerCaller};
pub(crate) use confirm::{confirm, confirm_password, is_fresh};
pub(crate) use csrf::refuse_cross_site;
pub use password::PasswordRefused;
pub(crate) use password::{Passwords, check_new_password};
pub(crate) use rate::RateLimits;
pub(crate) use scopes::Scopes;
pub(crate) use secret::{Secret, sha256_of};
pub(crate) use session::{
    SignedIn, after_s, begin, check_password, clear_cookie, cookie, cookie_name, not_bootstrapped,
    sign_in, sign_out,
};
