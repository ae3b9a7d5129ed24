//! Layers, errors and changes of the configuration.

use std::fs;

use super::*;

const WRITTEN_BY_HAND: &str = "\
# The team's coordinator
server = \"https://coord.example.com\"   # moved in May
slots = 2

[agents.claude] # signed in as the team
enabled = false
model = \"opus\"
";

struct Place(tempfile::TempDir);

impl Place {
    fn with(text: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::write(place.file(), text).unwrap();
        place
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("config.toml")
    }

    fn load(&self) -> Result<Configuration, ConfigError> {
        Configuration::load(&self.file(), Values::default(), Values::default())
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }
}

#[test]
fn a_missing_file_is_all_defaults() {
    let place = Place::with("");
    fs::remove_file(place.file()).unwrap();
    let loaded = place.load().unwrap();
    assert_eq!(loaded.config(), &RunnerConfig::default());
    assert_eq!(loaded.origin(Key::Slots), Origin::Default);
    assert!(loaded.config().agent(&AgentName::new("claude")).enabled);
}

#[test]
fn later_places_win_and_each_value_says_where_it_is_from() {
    let place = Place::with(WRITTEN_BY_HAND);
    let environment = Values::from_environment(|name| match name {
        "COORD_SERVER" => Some("localhost:1".to_owned()),
        "COORD_RUNNER_NAME" => Some("from the environment".to_owned()),
        "COORD_SLOTS" => Some(" ".to_owned()),
        _ => None,
    })
    .unwrap();
    let options = Values {
        name: Some("from an option".to_owned()),
        ..Values::default()
    };
    let loaded = Configuration::load(&place.file(), environment, options).unwrap();
    let config = loaded.config();
    assert_eq!(config.server.as_deref(), Some("http://localhost:1"));
    assert_eq!(config.name.as_deref(), Some("from an option"));
    assert_eq!(config.slots, 2);
    assert!(!config.agent(&AgentName::new("claude")).enabled);
    let origins = Key::ALL.map(|key| loaded.origin(key));
    assert_eq!(
        origins,
        [
            Origin::Environment,
            Origin::Option,
            Origin::Default,
            Origin::File,
            Origin::Default,
            Origin::Default,
            Origin::Default,
            Origin::Default,
            Origin::Default,
        ]
    );
    assert_eq!(loaded.locked(), [Key::Server, Key::Name]);
}

#[test]
fn a_change_keeps_comments_and_what_it_does_not_name() {
    let place = Place::with(WRITTEN_BY_HAND);
    let mut loaded = place.load().unwrap();
    let claude = AgentSettings {
        enabled: true,
        program: Some("/opt/claude".to_owned()),
        model: None,
        extra_arguments: vec!["--add-dir".to_owned(), "/a b".to_owned()],
        custom: None,
        ..AgentSettings::default()
    };
    loaded
        .change(Values {
            server: Some("other.example.com".to_owned()),
            workspace_dir: Some(PathBuf::from("/work")),
            agents: [
                (AgentName::new("claude"), claude.clone()),
                (AgentName::new("demo"), AgentSettings::default()),
            ]
            .into(),
            ..Values::default()
        })
        .unwrap();
    assert_eq!(
        place.text(),
        "\
# The team's coordinator
server = \"https://other.example.com\"   # moved in May
slots = 2
workspace_dir = \"/work\"

[agents.claude] # signed in as the team
enabled = true
program = \"/opt/claude\"
extra_arguments = [\"--add-dir\", \"/a b\"]

[agents.demo]
enabled = true
"
    );
    assert_eq!(loaded.config(), place.load().unwrap().config());
    assert_eq!(loaded.config().agent(&AgentName::new("claude")), claude);
    assert_eq!(loaded.config().slots, 2);
}

#[test]
fn a_broken_file_is_named_with_its_line_and_never_written_to() {
    for (text, line, words) in [
        ("slots = 2\nserver = \n", 2, ""),
        ("\n\nslots = \"two\"\n", 3, "`slots` has to be a number"),
        ("slots = 0", 1, "1 to 64"),
        ("# x\nserver = \"ftp://x\"", 2, "http"),
        ("agents = 3", 1, "a table"),
        ("[agents.claude]\nenabled = \"yes\"", 2, "true or false"),
        (
            "[agents.claude]\nextra_arguments = [1]",
            2,
            "a list of texts",
        ),
        ("name = \"a\"\nname = \"b\"", 2, ""),
    ] {
        let place = Place::with(text);
        let error = place.load().unwrap_err();
        let ConfigError::Broken {
            line: found, why, ..
        } = &error
        else {
            panic!("{text}: {error}")
        };
        assert_eq!(*found, line, "{text}: {error}");
        assert!(why.contains(words), "{text}: {error}");
    }

    let place = Place::with("slots = 2\n");
    let mut loaded = place.load().unwrap();
    fs::write(place.file(), b"slots = \xff\n").unwrap();
    let change = Values {
        slots: Some(3),
        ..Values::default()
    };
    assert!(matches!(
        loaded.change(change).unwrap_err(),
        ConfigError::Broken { line: 1, .. }
    ));
    assert_eq!(fs::read(place.file()).unwrap(), b"slots = \xff\n");
    assert_eq!(loaded.config().slots, 2);
}

#[test]
fn what_an_option_has_set_cannot_be_changed_by_a_face() {
    let place = Place::with("");
    let options = Values {
        slots: Some(4),
        ..Values::default()
    };
    let mut loaded = Configuration::load(&place.file(), Values::default(), options).unwrap();
    let error = loaded
        .change(Values {
            slots: Some(1),
            ..Values::default()
        })
        .unwrap_err();
    assert!(matches!(
        error,
        ConfigError::Locked {
            key: Key::Slots,
            origin: Origin::Option
        }
    ));
    assert_eq!(place.text(), "");
}

#[test]
fn unknown_keys_are_told_and_kept() {
    let place = Place::with("future = 1\n[agents.claude]\ncolour = \"red\"\n");
    let mut loaded = place.load().unwrap();
    assert_eq!(loaded.unknown_keys(), ["future", "agents.claude.colour"]);
    loaded
        .change(Values {
            agents: [(AgentName::new("claude"), AgentSettings::default())].into(),
            ..Values::default()
        })
        .unwrap();
    assert!(place.text().contains("future = 1"));
    assert!(place.text().contains("colour = \"red\""));
}

#[test]
fn values_out_of_bounds_are_refused_wherever_they_come_from() {
    for values in [
        Values {
            name: Some(" ".to_owned()),
            ..Values::default()
        },
        Values {
            name: Some("a\nb".to_owned()),
            ..Values::default()
        },
        Values {
            name: Some("x".repeat(65)),
            ..Values::default()
        },
        Values {
            slots: Some(65),
            ..Values::default()
        },
        Values {
            workspace_dir: Some("relative".into()),
            ..Values::default()
        },
        Values {
            server: Some("not an address".to_owned()),
            ..Values::default()
        },
    ] {
        let place = Place::with("");
        let loaded = Configuration::load(&place.file(), Values::default(), values.clone());
        assert!(
            matches!(loaded, Err(ConfigError::Invalid { .. })),
            "{values:?}"
        );
        assert!(place.load().unwrap().change(values).is_err());
    }
    assert!(
        Values::from_environment(|name| (name == "COORD_SLOTS").then(|| "x".to_owned())).is_err()
    );
}

#[test]
fn an_agent_of_ones_own_is_written_read_and_removed() {
    let place = Place::with(WRITTEN_BY_HAND);
    let mut loaded = place.load().unwrap();
    let mine = AgentSettings {
        custom: Some(CustomSettings {
            title: Some("My agent".to_owned()),
            command: "node".to_owned(),
            arguments: vec!["/opt/agent.js".to_owned(), "--acp".to_owned()],
            environment: [("MODEL_URL".to_owned(), "http://localhost:1".to_owned())].into(),
            mode: Some("plan".to_owned()),
        }),
        ..AgentSettings::default()
    };
    let name = AgentName::new("mine");
    let change = Values {
        agents: [(name.clone(), mine.clone())].into(),
        ..Values::default()
    };
    loaded.change(change).unwrap();
    assert!(place.text().contains(
        "\
[agents.mine]
enabled = true
kind = \"acp\"
title = \"My agent\"
command = \"node\"
arguments = [\"/opt/agent.js\", \"--acp\"]
environment = { MODEL_URL = \"http://localhost:1\" }
mode = \"plan\"
"
    ));
    assert_eq!(place.load().unwrap().config().agent(&name), mine);
    let change = Values {
        agents_removed: vec![name.clone()],
        ..Values::default()
    };
    loaded.change(change).unwrap();
    assert_eq!(place.text(), WRITTEN_BY_HAND);
    assert!(!loaded.config().agents.contains_key(&name));
}

#[test]
fn a_description_that_cannot_be_used_is_told_with_its_line() {
    for (text, line, word) in [
        ("[agents.mine]\nkind = \"acp\"\n", 1, "command"),
        (
            "slots = 1\n[agents.claude]\nkind = \"acp\"\ncommand = \"x\"\n",
            2,
            "name",
        ),
        (
            "[agents.mine]\ncommand = \"x\"\nkind = \"other\"\n",
            3,
            "acp",
        ),
    ] {
        match Place::with(text).load() {
            Err(ConfigError::Broken { line: at, why, .. }) => {
                assert_eq!(at, line, "{why}");
                assert!(why.contains(word), "{why}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_others_may_do_is_changed_as_a_whole_and_reads_back() {
    let place = Place::with(
        "[shared_use] # my laptop\nallowed = true # for now\npeople = [\"old@example.com\"]\n",
    );
    let mut loaded = place.load().unwrap();
    let shared_use = SharedUseSettings {
        allowed: false,
        people: Vec::new(),
        agents: vec![AgentName::new("claude")],
        permission: PermissionLevel::ReadOnly,
        at_once: Some(2),
        hours: Some("Mon-Fri 18:00-08:00".parse().unwrap()),
    };
    let change = Values {
        shared_use: Some(shared_use.clone()),
        ..Values::default()
    };
    loaded.change(change).unwrap();
    assert_eq!(loaded.config().shared_use, shared_use);
    assert_eq!(place.load().unwrap().config().shared_use, shared_use);
    let text = place.text();
    assert!(text.contains("[shared_use] # my laptop"), "{text}");
    assert!(text.contains("allowed = false # for now"), "{text}");
    assert!(!text.contains("people"), "{text}");
}

#[test]
fn levels_are_set_for_all_for_an_agent_and_for_a_workspace() {
    let place = Place::with(
        "permission = \"accept_edits\"\napproval_timeout_min = 5\n\n\
         [agents.claude]\npermission = \"read_only\"\n\n[workspaces.team]\npermission = \"trusted\"\n",
    );
    let mut loaded = place.load().unwrap();
    let config = loaded.config();
    assert_eq!(config.permission, PermissionLevel::AcceptEdits);
    assert_eq!(config.approval_timeout_min, 5);
    let claude = config.agent(&AgentName::new("claude"));
    assert_eq!(claude.permission, Some(PermissionLevel::ReadOnly));
    assert_eq!(config.in_workspace("team"), Some(PermissionLevel::Trusted));
    assert_eq!(config.in_workspace("other"), None);
    let change = Values {
        permission: Some(PermissionLevel::Ask),
        approval_timeout_min: Some(60),
        workspaces: [
            ("team".to_owned(), WorkspaceSettings::default()),
            (
                "other".to_owned(),
                WorkspaceSettings {
                    permission: Some(PermissionLevel::AcceptEdits),
                },
            ),
        ]
        .into(),
        ..Values::default()
    };
    loaded.change(change).unwrap();
    assert_eq!(
        place.text(),
        "permission = \"ask\"\napproval_timeout_min = 60\n\n\
         [agents.claude]\npermission = \"read_only\"\n\n[workspaces.team]\n\n\
         [workspaces.other]\npermission = \"accept_edits\"\n"
    );
}

#[test]
fn a_level_that_is_none_is_named_and_trust_is_not_for_others() {
    for text in [
        "permission = \"all\"",
        "[workspaces.a]\npermission = 3",
        "[shared_use]\npermission = \"trusted\"",
        "[shared_use]\npermission = \"accept_edits\"",
        "approval_timeout_min = 0",
        "approval_timeout_min = 100000",
    ] {
        let error = Place::with(text).load().unwrap_err();
        assert!(
            matches!(error, ConfigError::Broken { .. }),
            "{text}: {error}"
        );
    }
}
