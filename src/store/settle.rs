//! The settings of every connection, each set *and read back*.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;

use super::fault::Fault;
use super::ffi::load_no_extensions;

/// The everyday page cache of a connection: 6 MB.
pub(super) const CACHE: i64 = -6_000;

/// Every setting, and what it must read back as.
const SETTINGS: &[(&str, &str, i64)] = &[
    ("foreign_keys", "ON", 1),
    ("recursive_triggers", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("synchronous", "FULL", 2),
    ("secure_delete", "ON", 1),
    ("temp_store", "MEMORY", 2),
    ("mmap_size", "0", 0),
    ("wal_autocheckpoint", "1000", 1000),
    ("busy_timeout", "3000", 3000),
    ("journal_size_limit", "0", 0),
    ("cache_size", "-6000", CACHE),
];

/// Settles a connection for work: its settings, and the write-ahead log.
pub(super) fn settle(db: &Connection, path: &Path) -> Result<(), Fault> {
    guard(db)?;
    let journal: String = db.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    let journal =
        if journal == "wal" { journal } else { db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))? };
    if journal != "wal" {
        return Err(Fault::NotOpened(format!(
            "{} lies on a disk without write-ahead logging ({journal}). Keep it on a local disk.",
            path.display()
        )));
    }
    read_back(db)
}

/// Settles a connection that only reads. The way the file keeps its log is left as it is.
pub(super) fn settle_to_read(db: &Connection) -> Result<(), Fault> {
    guard(db)?;
    read_back(db)?;
    no_writing(db)
}

/// Lets nothing be written through this connection.
pub(super) fn no_writing(db: &Connection) -> Result<(), Fault> {
    db.pragma_update(None, "query_only", true)?;
    if db.query_row("PRAGMA query_only", [], |row| row.get::<_, i64>(0))? != 1 {
        return Err(Fault::NotOpened("SQLite did not take the setting query_only.".to_owned()));
    }
    Ok(())
}

fn guard(db: &Connection) -> Result<(), Fault> {
    for (config, wanted) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        // Without this a statement is planned anew for other values: half a millisecond a key, and plans that change.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
    ] {
        if db.set_db_config(config, wanted)? != wanted {
            return Err(Fault::NotOpened("SQLite did not take a safety setting.".to_owned()));
        }
    }
    if !load_no_extensions(db) {
        return Err(Fault::NotOpened("SQLite did not take a safety setting.".to_owned()));
    }
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, 16 << 20),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
        (Limit::SQLITE_LIMIT_COLUMN, 100),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
    ] {
        db.set_limit(limit, value)?;
        if db.limit(limit)? != value {
            return Err(Fault::NotOpened("SQLite did not take a safety limit.".to_owned()));
        }
    }
    Ok(())
}

fn read_back(db: &Connection) -> Result<(), Fault> {
    for (name, value, expected) in SETTINGS {
        db.execute_batch(&format!("PRAGMA {name} = {value};"))?;
        let read: Option<i64> =
            db.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).map(Some).or_else(|error| match error {
                // A setting that this build has compiled away says nothing: mmap_size does under SQLCipher.
                rusqlite::Error::QueryReturnedNoRows if *name == "mmap_size" => Ok(None),
                other => Err(other),
            })?;
        if read.is_some_and(|read| read != *expected) {
            return Err(Fault::NotOpened(format!("SQLite did not take the setting {name}.")));
        }
    }
    Ok(())
}
