//! The web app in a real browser, against the real binaries.
//!
//! The pages' own tests are Playwright's, in `e2e/`; this starts the stage on
//! which they play, and fails when one of them does.

use std::path::Path;

use reqwest::Method;
use serde_json::json;
use whole::{Person, Runner, Stage, stage};

/// Somebody beside the stage's owner, with a workspace and nothing to do with the other's.
fn second_owner<'a>(stage: &'a Stage, owner: &Person<'a>) -> (Person<'a>, &'static str) {
    let second = Person::invited(stage, owner, "bea");
    let made = second.call(
        Method::POST,
        "/api/v1/workspaces",
        Some(&json!({"name": "Crew", "slug": "crew"})),
    );
    assert_eq!(made["slug"], "crew");
    let leave = format!("/api/v1/workspaces/{}/leave", stage::WORKSPACE);
    second.call(Method::POST, &leave, None);
    (second, "crew")
}

#[test]
fn the_web_app_works_in_a_real_browser() {
    let stage = Stage::ready();
    let owner = Person::owner(&stage);
    // Two at a time: what one does to its runners and jobs, the other must not see.
    let (second, crew) = second_owner(&stage, &owner);
    let owners = format!(
        "{}={},bea@example.org={crew}",
        stage::EMAIL,
        stage::WORKSPACE
    );
    let _runner = Runner::online(&stage, "box");
    let config = second.config().display().to_string();
    let mut other =
        Runner::prepared(&stage, "crate").with(vec![("COORD_CONFIG".to_owned(), config)]);
    other.start();
    other.wait_for_state("online");
    let e2e = stage::here().unwrap().join("e2e");
    let mut run = stage
        .program(Path::new("/usr/bin/env"))
        .args(["npx", "playwright", "test"])
        .dir(&e2e)
        .env("COORD_E2E_URL", stage.url())
        .env("COORD_E2E_OWNERS", owners)
        .env("COORD_E2E_PASSWORD", stage::PASSWORD)
        // Some pages are about several people's machines, which the tests start themselves.
        .env("COORD_E2E_COORD", stage.coord_path())
        .env("COORD_E2E_FOLDER", stage.path("machines"));
    // The browser's place and Node's, as whoever runs the tests has them.
    for name in ["COORD_TEST_CHROMIUM", "PATH", "CI", "npm_config_cache"] {
        if let Some(value) = std::env::var_os(name) {
            run = run.env(name, value);
        }
    }
    let ran = run.run();
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
}
