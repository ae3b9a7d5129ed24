//! Prepares configuration, permissions and the window's files for the desktop app.

use tauri_build::{AppManifest, Attributes};

/// Every command; only what a capability grants can be called.
const COMMANDS: &[&str] = &[
    "control",
    "watch",
    "choose_directory",
    "open_url",
    "reveal_folder",
    "start_service",
    "quit",
];

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    let attributes = Attributes::new()
        .app_manifest(AppManifest::new().commands(COMMANDS))
        .capabilities_path_pattern("src-tauri/capabilities/**/*.json");
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error=the desktop app cannot be prepared: {error:#}");
    }
}
