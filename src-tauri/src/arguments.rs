//! What the program was started for.

use crate::page::Page;

/// What the program was started for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// The app: tray, and whatever the person opens from it.
    App {
        /// The page to open at once, when one was asked for.
        page: Option<Page>,
    },
    /// The window alone, as a process that lives while it is open.
    Window {
        /// The page to open.
        page: Page,
        /// Whether to tell the person that this desktop shows no tray.
        no_tray: bool,
    },
}

/// Arguments that mean nothing to this program.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}. Usage: coord-runner [window] [--page PAGE] | --version")]
pub struct Misused(String);

/// Whether the program is only to say its version; installers and support ask for it.
pub fn ask_version(arguments: impl IntoIterator<Item = String>) -> bool {
    let mut arguments = arguments.into_iter();
    let first = arguments.next();
    first.is_some_and(|first| first == "--version" || first == "-V") && arguments.next().is_none()
}

impl Start {
    /// Reads the arguments after the program's name.
    pub fn read(arguments: impl IntoIterator<Item = String>) -> Result<Self, Misused> {
        let mut arguments = arguments.into_iter();
        let (mut window, mut no_tray, mut page) = (false, false, None);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "window" => window = true,
                "--no-tray" => no_tray = true,
                "--page" => {
                    let name = arguments
                        .next()
                        .ok_or_else(|| Misused("--page needs the name of a page".to_owned()))?;
                    let named = name.parse::<Page>();
                    page = Some(named.map_err(|unknown| Misused(unknown.to_string()))?);
                }
                // Desktops hand over links of the app's scheme; they only bring it forward.
                link if link.starts_with("coord-runner:") => page = Some(Page::Last),
                other => return Err(Misused(format!("`{other}` is not understood"))),
            }
        }
        Ok(if window {
            Self::Window {
                page: page.unwrap_or_default(),
                no_tray,
            }
        } else {
            Self::App { page }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Start, Misused> {
        Start::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn without_arguments_the_app_starts_without_a_window() {
        assert_eq!(read(""), Ok(Start::App { page: None }));
    }

    #[test]
    fn a_page_may_be_named() {
        assert_eq!(
            read("window --page settings"),
            Ok(Start::Window {
                page: Page::Settings,
                no_tray: false
            })
        );
        assert!(read("--page").is_err());
        assert!(read("--page nowhere").is_err());
        assert!(read("--verbose").is_err());
    }

    #[test]
    fn the_version_is_asked_for_alone() {
        let asks = |line: &str| ask_version(line.split_whitespace().map(str::to_owned));
        assert!(asks("--version"));
        assert!(!asks(""));
        assert!(!asks("window --version"));
    }

    #[test]
    fn a_link_only_brings_the_app_forward() {
        let link = "coord-runner://anything?token=1";
        assert_eq!(
            read(link),
            Ok(Start::App {
                page: Some(Page::Last)
            })
        );
    }
}
