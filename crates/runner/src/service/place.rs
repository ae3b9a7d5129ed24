//! Whether this data directory is where it was when the service last ran.
//!
//! A copy of it has the tokens and attempts of the runner that it was made from.
//! Two with one identity would end each other's work, and using the tokens twice would
//! sign both out; so a directory that stands elsewhere does nothing with them until
//! somebody says whether it was moved or copied. A restart finds the same place.
//!
//! Not here: a whole machine that was copied with its disks. Its starts look like
//! restarts, and the coordinator listens to the newest (`lifecycle::sync_order`).

use std::{fs::Metadata, io, path::Path, sync::Arc};

use protocol::digest::sha256_hex;

use super::{ledger::LedgerError, session::Wish, shared::Shared};

/// What a person sees and does where the directory stands elsewhere.
pub(crate) const ELSEWHERE: &str = "This data directory is not where this runner last ran: it was copied, or moved. \
     As long as that is open it takes no jobs, and the other one goes on undisturbed. \
     Sign in to make this a runner of its own; or, if it was moved and the other is gone, `coord runner moved`.";

/// The place of `data`: other for a copy, the same after a restart or a renaming.
pub(crate) fn of(data: &Path) -> io::Result<String> {
    let machine = ["/etc/machine-id", "/var/lib/dbus/machine-id"]
        .iter()
        .find_map(|path| std::fs::read_to_string(path).ok())
        .unwrap_or_default();
    let folder = mark_of(&std::fs::metadata(data)?);
    Ok(sha256_hex(
        format!("{}:{folder}", machine.trim()).as_bytes(),
    ))
}

/// What the system itself gives each directory, and no copy has.
#[cfg(unix)]
fn mark_of(folder: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt as _;
    folder.ino().to_string()
}

/// What the system itself gives each directory, and no copy has.
#[cfg(windows)]
fn mark_of(folder: &Metadata) -> String {
    use std::os::windows::fs::MetadataExt as _;
    folder.creation_time().to_string()
}

/// Whether a directory that was at `kept` is somewhere else now.
pub(crate) fn is_elsewhere(kept: Option<&str>, here: &str) -> bool {
    kept.is_some_and(|kept| kept != here)
}

/// The directory was moved: the same runner goes on here.
pub(crate) async fn moved(shared: &Arc<Shared>) -> Result<(), LedgerError> {
    if !shared.session.is_elsewhere() {
        return Ok(());
    }
    shared.ledger.place(&shared.place).await?;
    shared.take_up_again().await?;
    shared.session.at_home(None);
    shared.session.wish(Wish::Load);
    Ok(())
}

/// The directory is a copy: from here on it is a runner of its own, with nothing of the other's.
pub(crate) async fn become_own(shared: &Shared) -> Result<(), LedgerError> {
    if !shared.session.is_elsewhere() {
        return Ok(());
    }
    let id = shared.ledger.become_own(&shared.place).await?;
    shared.session.at_home(Some(id));
    shared.board.update(|state| state.paused = None);
    tracing::info!(installation = %id, "this data directory is a runner of its own now");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_elsewhere_and_a_renamed_directory_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (data, renamed) = (folder.path().join("data"), folder.path().join("renamed"));
        std::fs::create_dir(&data).unwrap();
        let here = of(&data).unwrap();
        std::fs::rename(&data, &renamed).unwrap();
        assert_eq!(of(&renamed).unwrap(), here);
        std::fs::create_dir(&data).unwrap();
        let copy = of(&data).unwrap();
        assert!(is_elsewhere(Some(&here), &copy));
        assert!(!is_elsewhere(Some(&here), &here));
        assert!(!is_elsewhere(None, &copy), "a first start");
    }
}
