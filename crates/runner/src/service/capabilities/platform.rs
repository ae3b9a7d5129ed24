//! Which machine this is.

use protocol::agent::Platform;

/// The machine, in words for a person.
pub(crate) fn platform() -> Platform {
    Platform {
        os: std::env::consts::OS.to_owned(),
        os_version: os_version(),
        arch: std::env::consts::ARCH.to_owned(),
        hostname: hostname(),
    }
}

#[cfg(target_os = "linux")]
fn os_version() -> String {
    let facts = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    pretty_name(&facts).unwrap_or_else(|| "Linux".to_owned())
}

/// The name in the file `os-release`, without its quotes.
#[cfg(target_os = "linux")]
fn pretty_name(facts: &str) -> Option<String> {
    let line = facts
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    let name = line.trim_matches(['"', '\'']);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(all(unix, not(target_os = "linux")))]
fn os_version() -> String {
    let facts = rustix::system::uname();
    format!(
        "{} {}",
        facts.sysname().to_string_lossy(),
        facts.release().to_string_lossy()
    )
}

#[cfg(not(unix))]
fn os_version() -> String {
    "Windows".to_owned()
}

#[cfg(unix)]
fn hostname() -> String {
    let facts = rustix::system::uname();
    facts.nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn hostname() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "this machine".to_owned())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_systems_name_is_read_without_its_quotes() {
        let facts = "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        assert_eq!(
            pretty_name(facts).as_deref(),
            Some("Debian GNU/Linux 12 (bookworm)")
        );
        assert_eq!(pretty_name("ID=x\n"), None);
    }

    #[test]
    fn the_machine_has_a_name() {
        assert!(!platform().hostname.is_empty());
    }
}
