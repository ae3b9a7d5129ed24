//! Making a back-up while the coordinator works.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use protocol::{digest::sha256_hex, time::Timestamp};
use store::{Source, TableDigest, Tally};

use super::{
    BackupError, FILES, Manifest, SETTINGS,
    archive::{self, Workplace},
    check_empty,
    files::{self, Listed},
    manifest::FORMAT,
    of_file,
};
use crate::{config::Config, server};

/// What is to be backed up, and where to.
#[derive(Debug, Clone)]
pub struct BackupOptions {
    /// The coordinator's data directory.
    pub data: PathBuf,
    /// Another database than the embedded one.
    pub database: Option<String>,
    /// The folder to make, or the file, when its name ends in `.tar.zst`.
    pub out: PathBuf,
    /// The present moment.
    pub now: Timestamp,
}

/// Makes a back-up of a coordinator, whether it runs or not.
pub async fn backup(options: BackupOptions) -> Result<Manifest, BackupError> {
    if !archive::is_archive(&options.out) {
        return into_folder(options).await;
    }
    if options.out.exists() {
        return Err(BackupError::Exists(options.out));
    }
    let place = Workplace::beside(&options.out)?;
    let out = options.out.clone();
    let made = into_folder(BackupOptions {
        out: place.folder().to_owned(),
        ..options
    });
    let manifest = made.await?;
    archive::pack(place.folder(), &out)?;
    Ok(manifest)
}

async fn into_folder(options: BackupOptions) -> Result<Manifest, BackupError> {
    check_empty(&options.out)?;
    let config = Config::load(&options.data)?;
    let database = server::database_of(&options.data, options.database.as_deref())?;
    let mut source = Source::open(&database).await?;
    server::prepare_data_dir(&options.out)?;
    let folder = options.out.join("tables");
    fs::create_dir_all(&folder).map_err(of_file(&folder))?;
    let mut tables = Vec::new();
    for name in Source::tables() {
        tables.push(write_table(&mut source, name, &folder).await?);
    }
    let structure = source.version();
    source.close().await;
    // After the database, so that every file that a row names is there.
    let listed = copy_files(&config.objects_folder(&options.data), &options.out)?;
    let list: String = listed.iter().map(Listed::line).collect();
    let path = options.out.join(FILES);
    fs::write(&path, &list).map_err(of_file(&path))?;
    let settings = options.data.join(SETTINGS);
    if settings.exists() {
        fs::copy(&settings, options.out.join(SETTINGS)).map_err(of_file(&settings))?;
    }
    let manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: options.now,
        structure,
        tables,
        files: listed.len() as u64,
        file_bytes: listed.iter().map(|one| one.bytes).sum(),
        files_sha256: sha256_hex(list.as_bytes()),
    };
    manifest.write(&options.out)?;
    Ok(manifest)
}

async fn write_table(
    source: &mut Source,
    name: &str,
    folder: &Path,
) -> Result<TableDigest, BackupError> {
    let columns = source.begin(name).await?;
    let path = folder.join(format!("{name}.ndjson.zst"));
    let file = File::create_new(&path).map_err(of_file(&path))?;
    let mut out = zstd::Encoder::new(BufWriter::new(file), 0).map_err(of_file(&path))?;
    let mut tally = Tally::default();
    loop {
        let rows = source.next().await?;
        if rows.is_empty() {
            break;
        }
        tally.add(&rows);
        for row in &rows {
            writeln!(out, "{row}").map_err(of_file(&path))?;
        }
    }
    let file = out.finish().and_then(|out| Ok(out.into_inner()?));
    let file = file.map_err(of_file(&path))?;
    file.sync_all().map_err(of_file(&path))?;
    Ok(tally.of(name, &columns))
}

fn copy_files(from: &Path, out: &Path) -> Result<Vec<Listed>, BackupError> {
    let mut listed = Vec::new();
    for path in files::all_in(from)? {
        let to = out.join("objects").join(&path);
        // What went meanwhile belongs to something that was erased.
        if let Some((sha256, bytes)) = files::copy(&from.join(&path), &to)? {
            listed.push(Listed {
                sha256,
                bytes,
                path: path.to_string_lossy().replace('\\', "/"),
            });
        }
    }
    Ok(listed)
}
