//! What can be typed, and what is said to what cannot: the contract with people and scripts.

use assert_cmd::{Command, cargo::cargo_bin_cmd};

/// `coord` with an environment that holds nothing of whoever runs the tests.
#[cfg(test)]
fn coord(arguments: &[&str]) -> Command {
    let mut command = cargo_bin_cmd!("coord");
    command
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("COLUMNS", "100");
    command.args(arguments);
    command
}

/// What `coord` prints and says, with its exit code.
#[cfg(test)]
fn said(arguments: &[&str]) -> String {
    let output = coord(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let code = output.status.code().unwrap();
    format!(
        "exit {code}\n{}{}",
        text(&output.stdout),
        text(&output.stderr)
    )
}

#[test]
fn help_begins_with_examples() {
    insta::assert_snapshot!("help", said(&["--help"]));
}

#[test]
fn every_verb_has_help() {
    for verb in [
        "server",
        "server bootstrap",
        "server backup",
        "server restore",
        "server copy",
        "server reset-password",
        "login",
        "logout",
        "runner",
        "runner start",
        "runner status",
        "runner stop",
        "runner pause",
        "runner sharing set",
        "job",
        "job submit",
        "job list",
        "job show",
        "job logs",
        "job wait",
        "job cancel",
        "job artifacts",
        "approvals",
        "questions",
        "workspace",
        "member",
        "invite send",
        "runners",
        "runners pause",
        "token create",
        "audit",
        "demo-agent",
        "completions",
    ] {
        let words: Vec<&str> = verb.split(' ').chain(["--help"]).collect();
        insta::assert_snapshot!(format!("help-{}", verb.replace(' ', "-")), said(&words));
    }
}

#[test]
fn a_mistyped_verb_is_guessed() {
    insta::assert_snapshot!(said(&["runer"]), @r"
    exit 2
    error: unrecognized subcommand 'runer'

      tip: some similar subcommands exist: 'worker', 'runners', 'runner'

    Usage: coord [OPTIONS] [COMMAND]

    For more information, try '--help'.
    ");
}

#[test]
fn an_unknown_flag_is_a_matter_of_usage() {
    insta::assert_snapshot!(said(&["job", "list", "--wrkspace", "team"]), @r"
    exit 2
    error: unexpected argument '--wrkspace' found

      tip: a similar argument exists: '--workspace'

    Usage: coord job list --workspace <WORKSPACE>

    For more information, try '--help'.
    ");
}

#[test]
fn a_missing_option_is_named() {
    insta::assert_snapshot!(said(&["job", "submit", "--title", "T"]), @r"
    exit 2
    error: the following required arguments were not provided:
      --instructions-file <FILE>

    Usage: coord job submit --title <TEXT> --instructions-file <FILE>

    For more information, try '--help'.
    ");
}

#[test]
fn a_wrong_value_says_what_is_expected() {
    insta::assert_snapshot!(said(&["job", "show", "twelve"]), @r"
    exit 2
    error: invalid value 'twelve' for '<ID>': a job's id or its number is expected

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(said(&["job", "wait", "12", "--timeout", "soon"]), @r"
    exit 2
    error: invalid value 'soon' for '--timeout <DURATION>': a duration such as 60s, 5m or 1h30m is expected

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(said(&["job", "list", "--state", "finished"]), @r"
    exit 2
    error: invalid value 'finished' for '--state <STATE>': `finished` is not a job state

    For more information, try '--help'.
    ");
}

#[test]
fn nobody_signed_in_is_exit_3_with_the_way_to_go_on() {
    let config = tempfile::tempdir().unwrap();
    let config = config.path().display().to_string();
    insta::assert_snapshot!(said(&["job", "list", "--config", &config]), @r"
    exit 3
    error: you are not signed in to a coordinator
    hint: Sign in with `coord login --server URL`.
    ");
}

#[test]
fn nothing_at_the_address_is_exit_4() {
    let config = tempfile::tempdir().unwrap();
    // Bound and dropped, so that nothing listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let server = format!("http://127.0.0.1:{port}");
    coord(&["login", "--server", &server])
        .env("COORD_CONFIG", config.path())
        .assert()
        .code(4);
}

#[test]
fn a_database_in_the_environment_is_used_by_a_verb() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("password"), "correct horse battery").unwrap();
    coord(&["server", "bootstrap", "--email", "ada@example.org"])
        .args(["--workspace", "Team", "--password-file"])
        .arg(path("password"))
        .arg("--data")
        .arg(path("data"))
        .env(
            "COORD_DATABASE",
            format!("sqlite:{}", path("other.db").display()),
        )
        .assert()
        .success();
    assert!(path("other.db").exists());
}

#[test]
fn a_password_file_that_is_not_there_is_named() {
    let config = tempfile::tempdir().unwrap();
    let output = coord(&[
        "login",
        "--server",
        "http://127.0.0.1:9",
        "--email",
        "a@b.c",
    ])
    .args(["--password-file", "/nonexistent/pw"])
    .env("COORD_CONFIG", config.path())
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nonexistent/pw"));
}

#[test]
fn corrupt_sign_ins_are_named() {
    let config = tempfile::tempdir().unwrap();
    std::fs::write(config.path().join("servers.json"), "{").unwrap();
    let output = coord(&["job", "list"])
        .env("COORD_CONFIG", config.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains(&config.path().display().to_string()),
        "{said}"
    );
}

#[test]
fn version_and_schemas_are_json() {
    for arguments in [
        &["version", "--json"][..],
        &["schema", "api"],
        &["schema", "control"],
    ] {
        let output = coord(arguments)
            .assert()
            .success()
            .get_output()
            .stdout
            .clone();
        serde_json::from_slice::<serde_json::Value>(&output).unwrap();
    }
}

#[test]
fn completions_are_made_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "nushell"] {
        let output = coord(&["completions", shell])
            .assert()
            .success()
            .get_output()
            .stdout
            .clone();
        let script = String::from_utf8(output).unwrap();
        assert!(script.contains("bootstrap"), "{shell}");
    }
}

#[test]
fn a_machine_without_a_service_has_a_state() {
    let data = tempfile::tempdir().unwrap();
    let output = coord(&["runner", "status", "--json"])
        .env("COORD_DATA", data.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let status: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(status["state"], "stopped");
}
