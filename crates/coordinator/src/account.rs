//! A person's own account: made, changed, and looked after.

mod delete;
mod devices;
mod name;
mod password;
mod reset;
mod sign_up;
mod tokens;

pub(crate) use delete::delete;
pub(crate) use devices::revoke as revoke_device;
pub(crate) use name::rename;
pub(crate) use password::change as change_password;
pub(crate) use reset::{confirm as confirm_reset, link as reset_link, request as request_reset};
pub(crate) use sign_up::{closed, sign_up};
pub(crate) use tokens::{create as create_token, revoke as revoke_token};

use store::{Audit, Subject};

use crate::auth::Person;

/// A line in the log of the person's account about the account itself.
fn audited(person: &Person, action: &'static str) -> Audit {
    let account = &person.account;
    Audit::of_account(
        account.id,
        person.actor(),
        action,
        Subject::new("account", account.id, &account.name),
    )
}

/// A line about the browsers of the account.
pub(crate) fn browsers_audited(person: &Person) -> Audit {
    audited(person, "account.browsers_signed_out")
}
