//! The web app in a real browser, against the real binaries.
//!
//! The pages' own tests are Playwright's, in `e2e/`; this starts the stage on
//! which they play, and fails when one of them does.

use std::path::Path;

use whole::{Runner, Stage, stage};

#[test]
fn the_web_app_works_in_a_real_browser() {
    let stage = Stage::ready();
    let _runner = Runner::online(&stage, "box");
    let e2e = stage::here().unwrap().join("e2e");
    let mut run = stage
        .program(Path::new("/usr/bin/env"))
        .args(["npx", "playwright", "test"])
        .dir(&e2e)
        .env("COORD_E2E_URL", stage.url())
        .env("COORD_E2E_EMAIL", stage::EMAIL)
        .env("COORD_E2E_PASSWORD", stage::PASSWORD)
        .env("COORD_E2E_WORKSPACE", stage::WORKSPACE)
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
