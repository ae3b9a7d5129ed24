//! Putting a back-up into an empty place.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
};

use store::{TableDigest, Tally, Target};

use super::{
    BackupError, FILES, MANIFEST, Manifest, SETTINGS,
    archive::{self, Workplace},
    check_empty, files, of_file,
};
use crate::{
    config::Config,
    server::{self, Lock},
};

/// How many rows are written at once.
const ROWS_AT_ONCE: usize = 500;

/// What is to be restored, and where to.
#[derive(Debug, Clone)]
pub struct RestoreOptions {
    /// The back-up: a folder, or one file.
    pub from: PathBuf,
    /// The data directory; made when it is missing.
    pub data: PathBuf,
    /// Another database than the embedded one.
    pub database: Option<String>,
}

/// Puts a back-up into an empty database and an empty folder of files.
///
/// Everything is compared with its checksums before anything is written, and the
/// database comes last, in one transaction: what breaks off can be done again.
pub async fn restore(options: RestoreOptions) -> Result<Manifest, BackupError> {
    if !options.from.is_file() {
        return from_folder(options).await;
    }
    let place = Workplace::beside(&options.data)?;
    archive::unpack(&options.from, place.folder())?;
    if !place.folder().join(MANIFEST).exists() {
        return Err(BackupError::NoBackup(options.from));
    }
    from_folder(RestoreOptions {
        from: place.folder().to_owned(),
        ..options
    })
    .await
}

async fn from_folder(options: RestoreOptions) -> Result<Manifest, BackupError> {
    let manifest = Manifest::read(&options.from)?;
    for table in &manifest.tables {
        check_table(&options.from, table)?;
    }
    server::prepare_data_dir(&options.data)?;
    let _lock = Lock::take(&options.data)?;
    restore_settings(&options)?;
    let objects = Config::load(&options.data)?.objects_folder(&options.data);
    check_empty(&objects)?;
    let database = server::database_of(&options.data, options.database.as_deref())?;
    let mut target = Target::open(&database, manifest.structure).await?;
    restore_files(&options.from, &objects, &manifest)?;
    let filled = async {
        for table in &manifest.tables {
            fill(&mut target, &options.from, table).await?;
        }
        Ok(target.finish(&manifest.tables).await?)
    };
    if let Err(error) = filled.await {
        fs::remove_dir_all(&objects).map_err(of_file(&objects))?;
        return Err(error);
    }
    Ok(manifest)
}

/// The settings of the back-up, where the data directory has none.
fn restore_settings(options: &RestoreOptions) -> Result<(), BackupError> {
    let (from, to) = (options.from.join(SETTINGS), options.data.join(SETTINGS));
    if from.exists() && !to.exists() {
        fs::copy(&from, &to).map_err(of_file(&to))?;
    }
    Ok(())
}

/// Writes the files beside their place, compares them, and then moves them there.
fn restore_files(from: &Path, objects: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    let list = from.join(FILES);
    let (listed, sha256) = files::read_list(&list)?;
    if sha256 != manifest.files_sha256 || listed.len() as u64 != manifest.files {
        return Err(BackupError::Damaged(list));
    }
    let beside = objects.with_extension("restoring");
    if beside.exists() {
        fs::remove_dir_all(&beside).map_err(of_file(&beside))?;
    }
    server::prepare_data_dir(&beside)?;
    for one in listed {
        let file = from.join("objects").join(&one.path);
        let copied = files::copy(&file, &beside.join(&one.path))?;
        if copied != Some((one.sha256, one.bytes)) {
            fs::remove_dir_all(&beside).map_err(of_file(&beside))?;
            return Err(BackupError::Damaged(file));
        }
    }
    if objects.exists() {
        fs::remove_dir(objects).map_err(of_file(objects))?;
    }
    fs::rename(&beside, objects).map_err(of_file(objects))
}

fn check_table(from: &Path, table: &TableDigest) -> Result<(), BackupError> {
    let path = path_of(from, table);
    let mut tally = Tally::default();
    for line in lines(&path)? {
        let line = line.map_err(|_| BackupError::Damaged(path.clone()))?;
        tally.add(&[line]);
    }
    if tally.of(&table.name, &table.columns) == *table {
        Ok(())
    } else {
        Err(BackupError::Damaged(path))
    }
}

async fn fill(target: &mut Target, from: &Path, table: &TableDigest) -> Result<(), BackupError> {
    target.begin(&table.name, &table.columns).await?;
    let path = path_of(from, table);
    let mut rows = Vec::new();
    for line in lines(&path)? {
        rows.push(line.map_err(of_file(&path))?);
        if rows.len() == ROWS_AT_ONCE {
            target.insert(&rows).await?;
            rows.clear();
        }
    }
    if !rows.is_empty() {
        target.insert(&rows).await?;
    }
    Ok(())
}

fn path_of(from: &Path, table: &TableDigest) -> PathBuf {
    from.join("tables")
        .join(format!("{}.ndjson.zst", table.name))
}

fn lines(path: &Path) -> Result<impl Iterator<Item = std::io::Result<String>>, BackupError> {
    let file = File::open(path).map_err(of_file(path))?;
    let plain = zstd::Decoder::new(file).map_err(of_file(path))?;
    Ok(BufReader::new(plain).lines())
}
