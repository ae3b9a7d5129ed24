//! The coordinator's own settings: `coordinator.toml` in its data directory.

mod jobs;
mod leases;
mod mail;
mod oidc;
mod plans;
mod retention;

use std::{
    io,
    net::IpAddr,
    num::NonZeroU64,
    path::{Path, PathBuf},
};

use serde::Deserialize;

pub(crate) use jobs::JobsConfig;
pub(crate) use leases::LeasesConfig;
pub(crate) use mail::{MailConfig, MailTls};
pub(crate) use oidc::OidcConfig;
use plans::{PlanBook, PlanOf, Plans};
pub(crate) use retention::{RetentionConfig, cutoff};

/// Name of the file within the data directory.
const FILE_NAME: &str = "coordinator.toml";
const HOUR_S: u64 = 60 * 60;
const DAY_S: u64 = 24 * HOUR_S;

/// Settings of a coordinator; every one has a default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Lives of sessions, codes and tokens.
    pub(crate) sign_in: SignIn,
    /// How the coordinator is reached and stopped.
    pub(crate) server: ServerConfig,
    /// What holds for every job.
    pub(crate) jobs: JobsConfig,
    /// For how long silence of runners is borne.
    pub(crate) leases: LeasesConfig,
    /// How long what is over is kept.
    pub(crate) retention: RetentionConfig,
    /// Who may make an account.
    pub(crate) sign_up: SignUp,
    /// The identity provider; none without the section.
    pub(crate) oidc: Option<OidcConfig>,
    /// What the Download Runner page offers.
    pub(crate) downloads: DownloadsConfig,
    /// Where the content of files stands.
    pub(crate) objects: ObjectsConfig,
    /// How mail is sent; none without the section.
    pub(crate) mail: Option<MailConfig>,
    plans: Plans,
    plan_of: PlanOf,
}

/// Who may make an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SignUp {
    /// Anybody; otherwise it takes an invitation.
    pub(crate) open: bool,
}

/// Lives of sessions, codes and tokens.
#[expect(
    clippy::struct_field_names,
    reason = "the unit is part of each name in the file"
)]
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SignIn {
    /// A browser that is silent for this long has to sign in again.
    pub(crate) session_idle_s: NonZeroU64,
    /// A browser has to sign in again after this long, silent or not.
    pub(crate) session_life_s: NonZeroU64,
    /// For this long after the password was given, no action asks for it again.
    pub(crate) fresh_s: NonZeroU64,
    /// How often a device may ask whether it was confirmed.
    pub(crate) device_interval_s: NonZeroU64,
    /// Life of a device's code.
    pub(crate) device_code_life_s: NonZeroU64,
    /// Life of an access token.
    pub(crate) access_token_life_s: NonZeroU64,
    /// A device that is silent for this long has to sign in again.
    pub(crate) refresh_token_idle_s: NonZeroU64,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            session_idle_s: seconds(14 * DAY_S),
            session_life_s: seconds(90 * DAY_S),
            fresh_s: seconds(10 * 60),
            device_interval_s: seconds(5),
            device_code_life_s: seconds(10 * 60),
            access_token_life_s: seconds(HOUR_S),
            refresh_token_idle_s: seconds(30 * DAY_S),
        }
    }
}

/// How the coordinator is reached and stopped.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerConfig {
    /// Proxies whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<IpAddr>,
    /// How long requests under way may take when the coordinator stops.
    pub(crate) drain_s: NonZeroU64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            drain_s: seconds(10),
        }
    }
}

/// What the Download Runner page offers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DownloadsConfig {
    /// The folder with the files; `downloads` in the data directory when left out.
    pub(crate) folder: Option<PathBuf>,
}

/// Where the content of files stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ObjectsConfig {
    /// A folder that every coordinator of the database reaches; `objects` in the data
    /// directory when left out.
    pub(crate) folder: Option<PathBuf>,
}

const fn seconds(count: u64) -> NonZeroU64 {
    match NonZeroU64::new(count) {
        Some(count) => count,
        None => NonZeroU64::MIN,
    }
}

/// The settings file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is there but cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It says something that is not understood.
    #[error("{} line {line}: {message}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// One setting cannot be used.
    #[error("{FILE_NAME}: {setting}: {reason}")]
    Setting {
        /// Which, with its section.
        setting: &'static str,
        /// Why not, and what to write instead.
        reason: String,
    },
}

/// Reads a secret from the file that a setting names.
pub(crate) fn read_secret(
    setting: &'static str,
    path: Option<&Path>,
) -> Result<String, ConfigError> {
    let refuse = |reason: String| ConfigError::Setting { setting, reason };
    let path = path.ok_or_else(|| refuse("it is missing; name a file that holds it".to_owned()))?;
    let text = std::fs::read_to_string(path)
        .map_err(|error| refuse(format!("{} cannot be read: {error}", path.display())))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(refuse(format!("{} is empty", path.display())));
    }
    Ok(secret.to_owned())
}

impl Config {
    /// Reads the settings of a data directory; without a file, all have their defaults.
    pub(crate) fn load(data: &Path) -> Result<Self, ConfigError> {
        let path = data.join(FILE_NAME);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, &path),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(ConfigError::Unreadable { path, source }),
        }
    }

    /// The folder in which the content of files stands.
    pub(crate) fn objects_folder(&self, data: &Path) -> PathBuf {
        let folder = self.objects.folder.clone();
        folder.unwrap_or_else(|| data.join("objects"))
    }

    /// What accounts may use.
    pub(crate) const fn plans(&self) -> PlanBook<'_> {
        PlanBook::new(&self.plans, &self.plan_of)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            ConfigError::Invalid {
                path: path.to_owned(),
                line: text.get(..at).unwrap_or_default().matches('\n').count() + 1,
                message: error.message().trim().to_owned(),
            }
        })?;
        config.plans().check()?;
        config.jobs.check()?;
        config.leases.check()?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("coordinator.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        let config = parse("[sign_in]\ndevice_interval_s = 1\n").unwrap();
        assert_eq!(config.sign_in.device_interval_s.get(), 1);
        assert_eq!(config.sign_in.device_code_life_s.get(), 600);
        assert_eq!(parse("").unwrap(), Config::default());
    }

    #[test]
    fn a_mistake_is_named_with_its_line() {
        let unknown = parse("[sign_in]\n\ndevice_intervall_s = 1\n").unwrap_err();
        assert!(
            unknown.starts_with("coordinator.toml line 3: unknown field"),
            "{unknown}"
        );
        let zero = parse("[server]\ndrain_s = 0\n").unwrap_err();
        assert!(zero.starts_with("coordinator.toml line 2: "), "{zero}");
        assert!(parse("[server\n").unwrap_err().contains("line 1"));
        assert!(
            parse("[server]\ntrusted_proxies = [\"here\"]")
                .unwrap_err()
                .contains("line 2")
        );
    }

    #[test]
    fn a_secret_is_the_text_of_its_file_without_the_last_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "top secret\r\n").unwrap();
        assert_eq!(read_secret("[x] y", Some(&path)).unwrap(), "top secret");
        std::fs::write(&path, "\n").unwrap();
        assert!(read_secret("[x] y", Some(&path)).is_err());
        let missing = read_secret("[x] y", None).unwrap_err().to_string();
        assert!(
            missing.starts_with("coordinator.toml: [x] y: "),
            "{missing}"
        );
    }

    #[test]
    fn a_data_directory_without_a_file_is_fine() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(Config::load(data.path()).unwrap(), Config::default());
        std::fs::create_dir(data.path().join(FILE_NAME)).unwrap();
        assert!(matches!(
            Config::load(data.path()),
            Err(ConfigError::Unreadable { .. })
        ));
    }
}
