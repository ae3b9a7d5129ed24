//! The name that others see.

use protocol::{api::AccountUpdate, error::ErrorCode, limits::NAME_CHARS_MAX};

use super::audited;
use crate::{
    app::App,
    auth::Person,
    error::{ApiError, ApiResult},
};

/// Changes the name of the person's account.
pub(crate) async fn rename(app: &App, person: &Person, update: AccountUpdate) -> ApiResult<()> {
    let name = checked(&update.name)?;
    if name == person.account.name {
        return Ok(());
    }
    let line = audited(person, "account.renamed")
        .detail("before", &person.account.name)
        .detail("after", &name);
    app.store
        .rename_account(person.account.id, name, line, app.now())
        .await?;
    Ok(())
}

/// A name that can stand beside others: one line, of sensible length.
pub(super) fn checked(name: &str) -> ApiResult<String> {
    let name = name.trim();
    let is_fit = (1..=NAME_CHARS_MAX).contains(&name.chars().count())
        && !name.contains(|character: char| character.is_control());
    if is_fit {
        return Ok(name.to_owned());
    }
    Err(ApiError::new(
        ErrorCode::Invalid,
        format!("A name has 1 to {NAME_CHARS_MAX} characters on one line."),
    )
    .hint("Give another name."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_sensible_length() {
        assert_eq!(checked("  Ada Lovelace ").unwrap(), "Ada Lovelace");
        assert_eq!(checked(&"ä".repeat(NAME_CHARS_MAX)).unwrap().len(), 160);
        for name in ["", "   ", "Ada\nLovelace", &"x".repeat(NAME_CHARS_MAX + 1)] {
            assert!(checked(name).is_err(), "{name:?}");
        }
    }
}
