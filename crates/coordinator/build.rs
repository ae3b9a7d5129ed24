//! Finds the built web app; without one, an empty folder is embedded and the server says so.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let dist = here.join("../../ui/dist");
    let web = dist.join("web");
    let folder = if web.join("index.html").is_file() {
        println!("cargo::rerun-if-changed={}", web.display());
        web.canonicalize()?
    } else {
        // Watching the folder above notices the first build of the web app.
        let watched = if dist.is_dir() { dist } else { web };
        println!("cargo::rerun-if-changed={}", watched.display());
        let empty = PathBuf::from(env::var("OUT_DIR")?).join("no-web-app");
        fs::create_dir_all(&empty)?;
        empty
    };
    println!("cargo::rustc-env=COORD_WEB_FOLDER={}", folder.display());
    Ok(())
}
