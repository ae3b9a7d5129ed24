//! What a file's name says: `coord-runner-0.1.0-linux-x86_64.deb`, `coord-0.1.0-linux-x86_64.tar.gz`.

use protocol::api::PackageKind;

const SYSTEMS: [&str; 3] = ["linux", "macos", "windows"];
const PROCESSORS: [&str; 2] = ["x86_64", "aarch64"];
const APP: [(&str, PackageKind); 6] = [
    (".deb", PackageKind::Deb),
    (".rpm", PackageKind::Rpm),
    (".AppImage", PackageKind::AppImage),
    (".dmg", PackageKind::Dmg),
    (".msi", PackageKind::Msi),
    (".exe", PackageKind::Exe),
];
const ARCHIVES: [&str; 2] = [".tar.gz", ".zip"];

/// A well-formed name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) kind: PackageKind,
    pub(super) os: String,
    pub(super) arch: String,
    pub(super) version: String,
}

impl Named {
    /// Takes a name apart; none when it is not of this form, as anything with a slash in it.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (kind, rest) = if let Some(rest) = name.strip_prefix("coord-runner-") {
            APP.iter()
                .find_map(|(ending, kind)| Some((*kind, rest.strip_suffix(ending)?)))?
        } else {
            let rest = name.strip_prefix("coord-")?;
            let rest = ARCHIVES.iter().find_map(|end| rest.strip_suffix(end))?;
            (PackageKind::Archive, rest)
        };
        let (rest, arch) = rest.rsplit_once('-')?;
        let (version, os) = rest.rsplit_once('-')?;
        let well_formed =
            SYSTEMS.contains(&os) && PROCESSORS.contains(&arch) && is_version(version);
        well_formed.then(|| Self {
            kind,
            os: os.to_owned(),
            arch: arch.to_owned(),
            version: version.to_owned(),
        })
    }
}

fn is_version(text: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || ".-+".contains(letter);
    text.starts_with(|letter: char| letter.is_ascii_digit())
        && text.len() <= 40
        && text.chars().all(is_part)
        && !text.contains("..")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_says_what_the_file_is() {
        let app = Named::parse("coord-runner-0.2.0-beta.1-macos-aarch64.dmg").unwrap();
        assert_eq!(
            (app.kind, app.version.as_str()),
            (PackageKind::Dmg, "0.2.0-beta.1")
        );
        assert_eq!((app.os.as_str(), app.arch.as_str()), ("macos", "aarch64"));
        let archive = Named::parse("coord-1.0.0-windows-x86_64.zip").unwrap();
        assert_eq!(archive.kind, PackageKind::Archive);
    }

    #[test]
    fn other_names_are_not_taken_apart() {
        for name in [
            "",
            "coord.db",
            "coord-runner-0.1.0-linux-x86_64.tar.gz",
            "coord-0.1.0-linux-x86_64.deb",
            "coord-0.1.0-plan9-x86_64.tar.gz",
            "coord-runner-x-linux-x86_64.deb",
            "coord-1../../etc/passwd-linux-x86_64.tar.gz",
            "coord-1.0\0-linux-x86_64.tar.gz",
            "coord-1.0.0-linux-x86_64.tar.gz.part",
        ] {
            assert_eq!(Named::parse(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_name_that_is_taken_apart_leads_elsewhere(name in "coord-[0-9./\\\\-]{0,30}-linux-x86_64.tar.gz") {
            if Named::parse(&name).is_some() {
                prop_assert!(!name.contains(['/', '\\']) && !name.contains(".."));
            }
        }
    }
}
