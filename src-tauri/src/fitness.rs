//! Whether this is a place where a desktop app can run at all.

/// Why it cannot.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    /// There is no screen.
    #[error(
        "there is no display here; on a machine without a screen, use `coord runner start` instead"
    )]
    NoDisplay,
    /// Started with the administrator's rights on somebody's desktop.
    #[error(
        "it was started with sudo, but belongs to the person at the desktop; start it without sudo"
    )]
    Sudo,
}

/// Looks at the environment before the toolkit does, which would only give up.
pub(crate) fn check() -> Result<(), Unfit> {
    if cfg!(target_os = "linux") {
        look(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
    } else {
        Ok(())
    }
}

fn look(is_set: impl Fn(&str) -> bool) -> Result<(), Unfit> {
    if !is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY") {
        Err(Unfit::NoDisplay)
    } else if is_set("SUDO_UID") && is_set("SUDO_COMMAND") {
        // Its session bus and keyring would be another user's.
        Err(Unfit::Sudo)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_a_display_and_the_person_at_it() {
        let with = |names: &'static [&str]| look(move |name| names.contains(&name));
        assert_eq!(with(&[]), Err(Unfit::NoDisplay));
        assert_eq!(with(&["WAYLAND_DISPLAY"]), Ok(()));
        assert_eq!(with(&["DISPLAY"]), Ok(()));
        let sudo = with(&["DISPLAY", "SUDO_UID", "SUDO_COMMAND"]);
        assert_eq!(sudo, Err(Unfit::Sudo));
    }
}
