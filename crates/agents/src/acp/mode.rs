//! The mode in which an agent works: whether it asks before it acts.
//!
//! It is always set, also when the agent says that it is in it already: agents
//! start in modes in which they approve by themselves.

use protocol::runner::PermissionLevel;
use serde_json::Value;

use super::wire::Habits;

/// Modes in which an agent asks before it acts, in the order of preference.
const ASKING_MODES: &[&str] = &["default", "ask", "manual", "read-only"];

/// Modes in which an agent only reads, in the order of preference.
const READING_MODES: &[&str] = &["read-only", "read_only", "readonly"];

/// How a mode is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Setting {
    /// By the call for modes.
    Mode(String),
    /// As one of the session's options.
    Option {
        /// Which option.
        id: String,
        /// The mode.
        mode: String,
    },
}

/// What an agent offers when a session begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Modes {
    /// The modes' ids.
    pub(super) offered: Vec<String>,
    /// The one in which it is.
    pub(super) current: Option<String>,
    /// The option behind which they stand, where there is no call for them.
    option: Option<String>,
}

impl Modes {
    /// Reads the answer to the beginning of a session.
    pub(super) fn read(offer: &Value) -> Self {
        let modes = &offer["modes"];
        let offered = texts(&modes["availableModes"], "id");
        if !offered.is_empty() {
            return Self {
                offered,
                current: modes["currentModeId"].as_str().map(str::to_owned),
                option: None,
            };
        }
        let options = offer["configOptions"].as_array();
        let option = options
            .into_iter()
            .flatten()
            .find(|option| option["category"] == "mode");
        option.map_or_else(Self::default, |option| Self {
            offered: texts(&option["options"], "value"),
            current: option["currentValue"].as_str().map(str::to_owned),
            option: option["id"].as_str().map(str::to_owned),
        })
    }

    /// The mode to set: the one that the owner chose, else the first that asks; an
    /// error names why there is none.
    ///
    /// A job that may only read gets a mode that only reads, else one that asks, whatever was
    /// chosen: that may act without asking.
    pub(super) fn choose(
        &self,
        agent: &str,
        habits: &Habits,
        level: PermissionLevel,
    ) -> Result<Setting, String> {
        let offers = || self.offered.join(", ");
        let reads = level == PermissionLevel::ReadOnly;
        let reading = if reads { self.reading(habits) } else { None };
        let chosen = if reads {
            reading
        } else {
            habits.mode.as_deref()
        };
        let mode = match chosen {
            Some(chosen) if self.offers(chosen) => chosen,
            Some(chosen) => {
                return Err(format!(
                    "{agent} does not offer the mode `{chosen}` that was chosen for it (it offers {})",
                    offers()
                ));
            }
            None => ASKING_MODES
                .iter()
                .copied()
                .find(|asking| self.offers(asking))
                .ok_or_else(|| {
                    format!(
                        "{agent} offers no mode in which it is known to ask before it acts (it offers {})",
                        offers()
                    )
                })?,
        };
        Ok(self.setting(mode))
    }

    /// The mode that asks, for an agent that refused to be set to one that only reads.
    pub(super) fn asking_instead(&self, refused: &str) -> Option<Setting> {
        if ASKING_MODES.contains(&refused) {
            return None;
        }
        let mut asking = ASKING_MODES.iter();
        let mode = asking.find(|asking| self.offers(asking))?;
        Some(self.setting(mode))
    }

    fn setting(&self, mode: &str) -> Setting {
        let mode = mode.to_owned();
        match &self.option {
            Some(id) => Setting::Option {
                id: id.clone(),
                mode,
            },
            None => Setting::Mode(mode),
        }
    }

    fn offers(&self, mode: &str) -> bool {
        self.offered.iter().any(|offered| offered == mode)
    }

    /// The mode in which it only reads, where it offers one.
    fn reading<'a>(&self, habits: &'a Habits) -> Option<&'a str> {
        let own = habits.reading_mode.as_deref();
        let mut names = own.into_iter().chain(READING_MODES.iter().copied());
        names.find(|mode| self.offers(mode))
    }
}

impl Setting {
    /// The mode.
    pub(super) fn mode(&self) -> &str {
        match self {
            Self::Mode(mode) | Self::Option { mode, .. } => mode,
        }
    }
}

/// The models that an agent offers when a session begins.
pub(super) fn models(offer: &Value) -> Vec<String> {
    let listed = texts(&offer["models"]["availableModels"], "modelId");
    if !listed.is_empty() {
        return listed;
    }
    let options = offer["configOptions"].as_array();
    options
        .into_iter()
        .flatten()
        .find(|option| option["category"] == "model")
        .map(|option| texts(&option["options"], "value"))
        .unwrap_or_default()
}

fn texts(items: &Value, key: &str) -> Vec<String> {
    let items = items.as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item[key].as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn offering(modes: &[&str]) -> Modes {
        let listed: Vec<Value> = modes.iter().map(|mode| json!({"id": mode})).collect();
        Modes::read(&json!({"modes": {"currentModeId": modes.last(), "availableModes": listed}}))
    }

    fn chosen(modes: &Modes, mode: Option<&str>) -> Result<String, String> {
        with_level(modes, mode, PermissionLevel::Ask)
    }

    fn with_level(
        modes: &Modes,
        mode: Option<&str>,
        level: PermissionLevel,
    ) -> Result<String, String> {
        let habits = Habits {
            mode: mode.map(str::to_owned),
            reading_mode: Some("plan".to_owned()),
            ..Habits::default()
        };
        let setting = modes.choose("A", &habits, level)?;
        Ok(setting.mode().to_owned())
    }

    #[test]
    fn only_a_job_that_may_only_read_gets_another_mode() {
        let modes = offering(&["auto", "default", "plan", "read-only"]);
        for level in [
            PermissionLevel::Ask,
            PermissionLevel::AcceptEdits,
            PermissionLevel::Trusted,
        ] {
            assert_eq!(with_level(&modes, None, level).unwrap(), "default");
        }
        let reads = |modes: &Modes, mode| with_level(modes, mode, PermissionLevel::ReadOnly);
        assert_eq!(reads(&modes, Some("auto")).unwrap(), "plan");
        let unnamed = offering(&["auto", "default", "read_only"]);
        assert_eq!(reads(&unnamed, None).unwrap(), "read_only");
        // What was chosen may act without asking.
        let asking = offering(&["auto", "ask"]);
        assert_eq!(reads(&asking, Some("auto")).unwrap(), "ask");
        assert!(reads(&offering(&["auto"]), Some("auto")).is_err());
    }

    #[test]
    fn one_that_refuses_to_only_read_is_made_to_ask() {
        let modes = offering(&["default", "plan"]);
        let asking = Setting::Mode("default".to_owned());
        assert_eq!(modes.asking_instead("plan"), Some(asking));
        assert_eq!(modes.asking_instead("default"), None);
        assert_eq!(offering(&["plan"]).asking_instead("plan"), None);
    }

    #[test]
    fn the_mode_that_asks_is_set_unless_another_was_chosen() {
        let modes = offering(&["auto", "default", "yolo"]);
        assert_eq!(modes.current.as_deref(), Some("yolo"));
        assert_eq!(chosen(&modes, None).unwrap(), "default");
        assert_eq!(chosen(&modes, Some("auto")).unwrap(), "auto");
        assert!(
            chosen(&modes, Some("plan"))
                .unwrap_err()
                .contains("auto, default, yolo")
        );
    }

    #[test]
    fn an_agent_without_a_mode_that_asks_is_refused() {
        let modes = offering(&["agent", "full"]);
        assert!(chosen(&modes, None).unwrap_err().contains("known to ask"));
    }

    #[test]
    fn modes_may_stand_behind_an_option() {
        let offer = json!({"configOptions": [
            {"id": "m", "category": "model", "options": [{"value": "small"}, {"value": "big"}]},
            {"id": "how", "category": "mode", "currentValue": "x",
             "options": [{"value": "x"}, {"value": "ask"}]},
        ]});
        let expected = Setting::Option {
            id: "how".to_owned(),
            mode: "ask".to_owned(),
        };
        let setting = Modes::read(&offer).choose("A", &Habits::default(), PermissionLevel::Ask);
        assert_eq!(setting.unwrap(), expected);
        assert_eq!(models(&offer), ["small", "big"]);
        assert_eq!(Modes::read(&json!("?")), Modes::default());
    }
}
