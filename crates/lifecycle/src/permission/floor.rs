//! Places that no job may touch.

use super::{
    Places, System, Touch,
    path::{canonical, is_within},
};

/// One part of the floor, by the name that stands in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloorRule {
    /// Its name.
    pub name: &'static str,
    /// What it keeps from every job.
    pub keeps: &'static str,
}

/// The whole floor: nothing lifts any of these.
pub const FLOOR: [FloorRule; 7] = [
    FloorRule {
        name: SYSTEM,
        keeps: "writing to or deleting what belongs to the operating system",
    },
    FloorRule {
        name: CREDENTIALS,
        keeps: "reading or changing credentials and keys, also by the tools that hand them out",
    },
    FloorRule {
        name: GIT,
        keeps: "changing which programs git runs: its hooks, its configuration, the job's own `.git`",
    },
    FloorRule {
        name: OWN,
        keeps: "touching the runner's data, settings, rules and sockets, even by name",
    },
    FloorRule {
        name: CONTROLS,
        keeps: "steering the runner or answering for a person with `coord`",
    },
    FloorRule {
        name: DISKS,
        keeps: "writing to disks, and formatting or partitioning them",
    },
    FloorRule {
        name: WIPES,
        keeps: "deleting a home, the job's folder with all around it, or more",
    },
];

pub(super) const SYSTEM: &str = "system directories";
pub(super) const CREDENTIALS: &str = "credentials and keys";
pub(super) const GIT: &str = "git's own hooks and configuration";
pub(super) const OWN: &str = "the runner's own files";
pub(super) const CONTROLS: &str = "the runner's own controls";
pub(super) const DISKS: &str = "disks";
pub(super) const WIPES: &str = "wiping data";

/// Why a job may not do that to `path`, which is canonical; none when it may, or a person may decide.
pub(super) fn why_not(
    path: &str,
    touch: Touch,
    places: &Places<'_>,
) -> Option<(&'static str, String)> {
    let inside = is_within(path, &canonical(places.folder, places));
    if places
        .own
        .iter()
        .any(|own| is_within(path, &canonical(own, places)))
    {
        return Some((OWN, format!("{path} belongs to the runner itself")));
    }
    if !inside && is_credential(path, places) {
        return Some((CREDENTIALS, format!("{path} holds credentials or keys")));
    }
    if touch == Touch::Mention {
        return None;
    }
    if is_git_own(path, places) {
        return Some((
            GIT,
            format!("{path} decides which programs git runs; a job may not change it"),
        ));
    }
    if touch == Touch::DeleteTree && !inside && is_vital(path, places) {
        return Some((
            WIPES,
            format!("deleting {path} would take much more with it than this job's work"),
        ));
    }
    if !inside && is_system(path, places) {
        return Some((SYSTEM, format!("{path} belongs to the operating system")));
    }
    None
}

/// Devices that are everybody's.
pub(super) fn is_harmless_device(path: &str) -> bool {
    matches!(
        path,
        "/dev/null"
            | "/dev/zero"
            | "/dev/stdin"
            | "/dev/stdout"
            | "/dev/stderr"
            | "/dev/tty"
            | "/dev/random"
            | "/dev/urandom"
    ) || path.starts_with("/dev/fd/")
}

/// Whether `path` is a device that holds a file system, or may.
pub(super) fn is_disk(path: &str) -> bool {
    is_within(path, "/dev") && !is_harmless_device(path) && !is_within(path, "/dev/shm")
        || path.contains("physicaldrive")
}

/// Whether a name often stands for a secret; inside of the job's folder a person decides.
pub(super) fn looks_secret(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name == ".env"
        || name.starts_with(".env.")
        || is_key_name(name)
        || name.contains("credential")
        || name.contains("secret")
}

fn is_key_name(name: &str) -> bool {
    const KEYS: [&str; 5] = [
        "id_rsa",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        "id_ed25519_sk",
    ];
    const ENDS: [&str; 6] = [".pem", ".key", ".p12", ".pfx", ".kdbx", ".keytab"];
    KEYS.contains(&name) || ENDS.iter().any(|end| name.ends_with(end))
}

fn is_credential(path: &str, places: &Places<'_>) -> bool {
    const IN_HOME: [&str; 44] = [
        ".ssh",
        ".aws",
        ".azure",
        ".gnupg",
        ".kube",
        ".docker/config.json",
        ".netrc",
        "_netrc",
        ".git-credentials",
        ".config/git/credentials",
        ".config/gh",
        ".config/hub",
        ".config/gcloud",
        ".config/op",
        ".npmrc",
        ".pypirc",
        ".gem/credentials",
        ".cargo/credentials",
        ".cargo/credentials.toml",
        ".claude/.credentials.json",
        ".codex/auth.json",
        ".gemini/oauth_creds.json",
        ".local/share/keyrings",
        ".password-store",
        ".mozilla",
        ".config/google-chrome",
        ".config/chromium",
        ".config/coord",
        ".local/share/coord",
        "library/keychains",
        "library/application support/google/chrome",
        "library/application support/firefox",
        "appdata/roaming/microsoft/credentials",
        "appdata/local/google/chrome/user data",
        "appdata/roaming/mozilla",
        "appdata/local/microsoft/edge/user data",
        "appdata/local/microsoft/vault",
        "appdata/roaming/gnupg",
        "appdata/roaming/gcloud",
        ".config/microsoft-edge",
        ".config/1password",
        ".terraform.d/credentials.tfrc.json",
        ".config/rclone/rclone.conf",
        ".local/share/kwalletd",
    ];
    const ANYWHERE: [&str; 5] = [
        "/etc/shadow",
        "/etc/gshadow",
        "/etc/sudoers",
        "/etc/krb5.keytab",
        "/root/.ssh",
    ];
    let home = canonical(places.home, places);
    let name = path.rsplit('/').next().unwrap_or_default();
    is_key_name(name)
        || IN_HOME
            .iter()
            .any(|entry| is_within(path, &format!("{home}/{entry}")))
        || ANYWHERE.iter().any(|entry| is_within(path, entry))
        || is_process_memory(path)
}

/// What a process was given and what it holds, tokens included.
fn is_process_memory(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    is_within(path, "/proc") && matches!(last, "environ" | "mem" | "cmdline" | "auxv")
}

fn is_git_own(path: &str, places: &Places<'_>) -> bool {
    let home = canonical(places.home, places);
    let global = [".gitconfig", ".config/git"];
    if path == "/etc/gitconfig"
        || global
            .iter()
            .any(|entry| is_within(path, &format!("{home}/{entry}")))
    {
        return true;
    }
    // Whoever replaces the whole of it replaces its hooks.
    if path == format!("{}/.git", canonical(places.folder, places)) {
        return true;
    }
    let Some((_, within)) = path.split_once("/.git/") else {
        return false;
    };
    let last = within.rsplit('/').next().unwrap_or_default();
    within.split('/').any(|part| part == "hooks") || matches!(last, "config" | "config.worktree")
}

fn is_system(path: &str, places: &Places<'_>) -> bool {
    const LINUX: [&str; 14] = [
        "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/opt", "/proc", "/run",
        "/sbin", "/sys", "/usr", "/var",
    ];
    const MACOS: [&str; 13] = [
        "/applications",
        "/bin",
        "/cores",
        "/dev",
        "/etc",
        "/library",
        "/opt",
        "/private/etc",
        "/private/var",
        "/sbin",
        "/system",
        "/usr",
        "/var",
    ];
    // On any drive.
    const WINDOWS: [&str; 6] = [
        "/windows",
        "/program files",
        "/program files (x86)",
        "/programdata",
        "/boot",
        "/system volume information",
    ];
    const OPEN: [&str; 6] = [
        "/dev/shm",
        "/run/user",
        "/var/tmp",
        "/var/folders",
        "/private/var/folders",
        "/private/var/tmp",
    ];
    let directories: &[&str] = match places.system {
        System::Linux => &LINUX,
        System::MacOs => &MACOS,
        System::Windows => &WINDOWS,
    };
    // The home itself may lie in such a place, as that of a service's user does.
    let below_drive = match path.get(1..2) {
        Some(":") => path.get(2..).unwrap_or_default(),
        _ => path,
    };
    is_root(path)
        || (directories
            .iter()
            .any(|directory| is_within(below_drive, directory))
            && !OPEN.iter().any(|open| is_within(path, open))
            && !is_within(path, &canonical(places.home, places)))
}

/// Whether much else than the job's work would go with `path`.
fn is_vital(path: &str, places: &Places<'_>) -> bool {
    let holds = |inner: &str| is_within(&canonical(inner, places), path);
    is_root(path)
        || holds(places.home)
        || holds(places.folder)
        || is_system(path, places)
        || places.own.iter().any(|own| holds(own))
}

fn is_root(path: &str) -> bool {
    path == "/" || (path.len() == 2 && path.ends_with(':'))
}
