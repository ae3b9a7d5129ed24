//! The mode in which an agent works: whether it asks before it acts.
//!
//! It is always set, also when the agent says that it is in it already: agents
//! start in modes in which they approve by themselves.

use serde_json::Value;

/// Modes in which an agent asks before it acts, in the order of preference.
const ASKING_MODES: &[&str] = &["default", "ask", "manual", "read-only"];

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
    pub(super) fn choose(&self, agent: &str, chosen: Option<&str>) -> Result<Setting, String> {
        let offers = || self.offered.join(", ");
        let mode = match chosen {
            Some(chosen) if self.offered.iter().any(|mode| mode == chosen) => chosen,
            Some(chosen) => {
                return Err(format!(
                    "{agent} does not offer the mode `{chosen}` that was chosen for it (it offers {})",
                    offers()
                ));
            }
            None => ASKING_MODES
                .iter()
                .copied()
                .find(|asking| self.offered.iter().any(|mode| mode == asking))
                .ok_or_else(|| {
                    format!(
                        "{agent} offers no mode in which it is known to ask before it acts (it offers {})",
                        offers()
                    )
                })?,
        };
        let mode = mode.to_owned();
        Ok(match &self.option {
            Some(id) => Setting::Option {
                id: id.clone(),
                mode,
            },
            None => Setting::Mode(mode),
        })
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

    #[test]
    fn the_mode_that_asks_is_set_unless_another_was_chosen() {
        let modes = offering(&["auto", "default", "yolo"]);
        assert_eq!(modes.current.as_deref(), Some("yolo"));
        assert_eq!(modes.choose("A", None).unwrap().mode(), "default");
        assert_eq!(modes.choose("A", Some("auto")).unwrap().mode(), "auto");
        assert!(
            modes
                .choose("A", Some("plan"))
                .unwrap_err()
                .contains("auto, default, yolo")
        );
    }

    #[test]
    fn an_agent_without_a_mode_that_asks_is_refused() {
        let modes = offering(&["agent", "full"]);
        assert!(
            modes
                .choose("A", None)
                .unwrap_err()
                .contains("known to ask")
        );
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
        assert_eq!(Modes::read(&offer).choose("A", None).unwrap(), expected);
        assert_eq!(models(&offer), ["small", "big"]);
        assert_eq!(Modes::read(&json!("?")), Modes::default());
    }
}
