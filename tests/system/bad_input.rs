//! What goes wrong by hand, each with its clear error; and nothing hangs.

#[cfg(test)]
mod device;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod text;

use whole::Stage;

#[test]
fn a_wrong_password_signs_nobody_in() {
    let stage = Stage::ready();
    let wrong = stage.file("wrong", "not the password");
    stage
        .coord([
            "login",
            "--server",
            stage.url(),
            "--email",
            whole::stage::EMAIL,
        ])
        .arg("--password-file")
        .arg(wrong)
        .run()
        .refused(3, &["password"]);
}

#[test]
fn an_unknown_account_is_refused_in_the_same_words() {
    let stage = Stage::ready();
    let login = |email: &str, password: &str| {
        stage
            .coord(["login", "--server", stage.url(), "--email", email])
            .arg("--password-file")
            .arg(stage.file("wrong", password))
            .run()
    };
    let unknown = login("nobody@example.org", "not the password");
    let wrong = login(whole::stage::EMAIL, "not the password");
    assert_eq!(unknown.code, Some(3));
    assert_eq!(
        unknown.stderr, wrong.stderr,
        "the answers tell who has an account"
    );
}

#[test]
fn a_second_owner_is_refused_and_changes_nothing() {
    let stage = Stage::ready();
    stage.end_coordinator("TERM");
    stage
        .coord([
            "server",
            "bootstrap",
            "--email",
            "eve@example.org",
            "--workspace",
            "Mine",
        ])
        .arg("--data")
        .arg(stage.path("coordinator"))
        .arg("--password-file")
        .arg(stage.path("password"))
        .run()
        .refused(7, &["has an owner already"]);
    stage.start_coordinator();
    stage.login();
}

#[test]
fn a_revoked_sign_in_says_so_and_how_to_go_on() {
    let stage = Stage::ready();
    let kept = stage.path("kept");
    copy(&stage.path("config"), &kept);
    stage.coord(["logout"]).run().ok();
    // A folder brought back from before still holds the tokens.
    copy(&kept, &stage.path("config"));
    stage
        .coord(["job", "list"])
        .run()
        .refused(3, &["has ended", "coord login"]);
    stage
        .coord(["job", "list"])
        .run()
        .refused(3, &["coord login"]);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_coordinator_that_is_away_has_its_own_exit_code() {
    let stage = Stage::ready();
    stage.end_coordinator("TERM");
    stage
        .coord(["job", "list"])
        .run()
        .refused(4, &["cannot be reached", stage.url()]);
}

#[test]
fn a_port_in_use_is_named() {
    let stage = Stage::ready();
    let listen = stage.url().trim_start_matches("http://").to_owned();
    stage
        .coord(["server", "--listen", &listen, "--data"])
        .arg(stage.path("another"))
        .run()
        .refused(1, &[&listen, "in use"]);
}

#[test]
fn something_else_at_the_address_is_told_from_a_coordinator() {
    let stage = Stage::ready();
    let address = format!("{}/not-here", stage.url());
    stage
        .coord(["login", "--server", &address, "--email", "a@b.c"])
        .arg("--password-file")
        .arg(stage.path("password"))
        .run()
        .refused(4, &["no coordinator"]);
}

#[test]
fn what_does_not_exist_is_not_found() {
    let stage = Stage::ready();
    let nothing = "0199a7c4-0000-7000-8000-000000000000";
    stage.coord(["job", "show", nothing]).run().refused(6, &[]);
    stage.coord(["job", "show", "77"]).run().refused(6, &[]);
    let list = ["job", "list", "--workspace", "nowhere"];
    stage.coord(list).run().refused(6, &[]);
}
