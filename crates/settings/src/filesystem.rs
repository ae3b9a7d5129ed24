//! What kind of file system a path is on.

use std::path::Path;

/// What kind of file system it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// On this machine, as far as can be told.
    Local,
    /// On another machine: locks and durable writes cannot be relied on.
    Network,
}

/// The kind of file system that `path`, or the nearest folder above it that exists, is on.
pub fn kind_of(path: &Path) -> Kind {
    path.ancestors()
        .find(|ancestor| ancestor.exists())
        .map_or(Kind::Local, platform::kind_of)
}

#[cfg(target_os = "linux")]
mod platform {
    use std::path::Path;

    use super::Kind;

    /// Numbers of network file systems, as `statfs` gives them.
    const NETWORK: [u32; 9] = [
        0x6969,      // NFS
        0x517b,      // SMB
        0xff53_4d42, // CIFS
        0xfe53_4d42, // SMB 2
        0x5346_414f, // AFS
        0x6b41_4653, // AFS, the kernel's own
        0x00c3_6400, // Ceph
        0x7375_7245, // Coda
        0x0bd0_0bd0, // Lustre
    ];

    pub(super) fn kind_of(path: &Path) -> Kind {
        let Ok(facts) = rustix::fs::statfs(path) else {
            return Kind::Local;
        };
        // The field's type differs between machines; the numbers have 32 bits on all.
        let Ok(number) = u32::try_from(facts.f_type & 0xffff_ffff) else {
            return Kind::Local;
        };
        if NETWORK.contains(&number) {
            return Kind::Network;
        }
        Kind::Local
    }
}

#[cfg(target_os = "macos")]
mod platform {
    use std::path::Path;

    use super::Kind;

    /// `MNT_LOCAL`: the file system is stored on this machine.
    const STORED_HERE: u32 = 0x1000;

    pub(super) fn kind_of(path: &Path) -> Kind {
        match rustix::fs::statfs(path) {
            Ok(facts) if facts.f_flags & STORED_HERE == 0 => Kind::Network,
            Ok(_) | Err(_) => Kind::Local,
        }
    }
}

#[cfg(windows)]
mod platform {
    use std::path::{Component, Path, Prefix};

    use super::Kind;

    pub(super) fn kind_of(path: &Path) -> Kind {
        match path.components().next() {
            Some(Component::Prefix(prefix))
                if matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..)) =>
            {
                Kind::Network
            }
            _ => Kind::Local,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_not_there_yet_is_judged_by_the_folder_above() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(kind_of(&folder.path().join("a/b")), kind_of(folder.path()));
    }
}
