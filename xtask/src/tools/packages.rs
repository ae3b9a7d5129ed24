//! The packages, under the name that each system gives them.

use super::probe::Probe::{self, FileBelow, Library, Postgres, Program, PythonModules};

/// A package of the operating system.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Package {
    /// What it is for, to a person.
    pub(crate) purpose: &'static str,
    /// How its presence shows.
    pub(crate) probe: Probe,
    /// On Debian and Ubuntu.
    pub(crate) apt: &'static str,
    /// On Fedora; empty where it is not needed.
    dnf: &'static str,
    /// On macOS; empty where it is not needed.
    brew: &'static str,
}

impl Package {
    /// Its name on this system; none where it is not needed.
    pub(crate) fn here(&self) -> Option<&'static str> {
        let name = match super::Installer::of_this_system() {
            Some(super::Installer::Dnf) => self.dnf,
            Some(super::Installer::Brew) => self.brew,
            // Unknown systems are told what Debian calls it.
            Some(super::Installer::Apt) | None => self.apt,
        };
        (!name.is_empty()).then_some(name)
    }
}

const fn package(
    purpose: &'static str,
    probe: Probe,
    [apt, dnf, brew]: [&'static str; 3],
) -> Package {
    Package {
        purpose,
        probe,
        apt,
        dnf,
        brew,
    }
}

/// What building needs.
pub(crate) const BUILD: &[Package] = &[
    package(
        "a C compiler",
        Program(&["cc"]),
        ["build-essential", "gcc", ""],
    ),
    package(
        "finds libraries",
        Program(&["pkg-config"]),
        ["pkg-config", "pkgconf-pkg-config", "pkgconf"],
    ),
    package(
        "the desktop window",
        Library("webkit2gtk-4.1"),
        ["libwebkit2gtk-4.1-dev", "webkit2gtk4.1-devel", ""],
    ),
    package(
        "the tray icon",
        Library("ayatana-appindicator3-0.1"),
        [
            "libayatana-appindicator3-dev",
            "libayatana-appindicator-gtk3-devel",
            "",
        ],
    ),
    package(
        "icons",
        Library("librsvg-2.0"),
        ["librsvg2-dev", "librsvg2-devel", ""],
    ),
];

/// What the tests need beside that.
pub(crate) const TEST: &[Package] = &[
    package(
        "throw-away databases",
        Postgres,
        ["postgresql", "postgresql-server", "postgresql@17"],
    ),
    package(
        "the browser",
        Program(&["chromium", "chromium-browser", "google-chrome"]),
        ["chromium", "chromium", ""],
    ),
    package(
        "a virtual display",
        Program(&["Xvfb"]),
        ["xvfb", "xorg-x11-server-Xvfb", ""],
    ),
    package(
        "a session bus",
        Program(&["dbus-run-session"]),
        ["dbus", "dbus-daemon", ""],
    ),
    package(
        "talks to the bus",
        Program(&["gdbus"]),
        ["libglib2.0-bin", "glib2", ""],
    ),
    package(
        "the keyring",
        Program(&["gnome-keyring-daemon"]),
        ["gnome-keyring", "gnome-keyring", ""],
    ),
    package(
        "drives the window",
        Program(&["WebKitWebDriver"]),
        ["webkit2gtk-driver", "webkit2gtk4.1", ""],
    ),
    package(
        "a window manager",
        Program(&["openbox"]),
        ["openbox", "openbox", ""],
    ),
    package(
        "keys and clicks",
        Program(&["xdotool"]),
        ["xdotool", "xdotool", ""],
    ),
    package(
        "pictures of the screen",
        Program(&["import"]),
        ["imagemagick", "ImageMagick", ""],
    ),
    package(
        "the bus from scripts",
        PythonModules("import dbus, gi"),
        [
            "python3-dbus python3-gi",
            "python3-dbus python3-gobject",
            "",
        ],
    ),
    package(
        "letters on the screen",
        FileBelow("/usr/share/fonts", ".ttf"),
        ["fonts-dejavu-core", "dejavu-sans-fonts", ""],
    ),
];

/// What the chaos tests need beside that.
pub(crate) const CHAOS: &[Package] = &[
    package(
        "clocks that jump",
        Program(&["faketime"]),
        ["faketime", "libfaketime", ""],
    ),
    package(
        "a disk that is soon full",
        Program(&["unshare"]),
        ["util-linux", "util-linux", ""],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_has_a_name_on_debian() {
        for package in BUILD.iter().chain(TEST).chain(CHAOS) {
            assert!(!package.apt.is_empty(), "{}", package.purpose);
            assert!(!package.purpose.is_empty());
        }
    }
}
