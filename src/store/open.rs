//! Opening and making the file: its key, its connections, its schema.

use std::fs::{self, OpenOptions};
use std::path::Path;

use openssl::hash::MessageDigest;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

pub use super::check::{Cover, Looks, Unfit, check, check_to_read, close_to_others};
pub(super) use super::settle::CACHE;

use super::backup;
use super::check::{self as looks, look_before_making, salt, with_suffix};
use super::copy::Source;
use super::fault::Fault;
use super::ffi::{set_key, wipe_what_is_freed};
use super::settle::{no_writing, settle, settle_to_read};

/// `MDT1`: marks the file as ours.
const APPLICATION_ID: i64 = 0x4d44_5431;
/// Schemas, oldest first. The number of the last is the newest this program knows.
pub(super) const SCHEMAS: &[&str] = &[
    include_str!("schema/0001_house.sql"),
    include_str!("schema/0002_lists.sql"),
    include_str!("schema/0003_disclosures.sql"),
    include_str!("schema/0004_safekeeping.sql"),
    include_str!("schema/0005_erasure.sql"),
    include_str!("schema/0006_exact.sql"),
    include_str!("schema/0007_discussed.sql"),
];
/// SQLite 3.51.3: before it, two processes on one WAL file could lose committed data.
const SQLITE_NEEDED: i32 = 3_051_003;
/// SQLCipher's own default, so that its tools open the file with the same passphrase.
const KDF_ROUNDS: usize = 256_000;

/// So long a step waits for somebody else's.
pub(super) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(3);

/// A passphrase, wiped from memory when dropped.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a passphrase as typed or read from a key file.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Whether it is long enough for a new file: fourteen characters or six words.
    pub fn is_long_enough(&self) -> bool {
        self.0.chars().count() >= 14 || self.0.split_whitespace().count() >= 6
    }

    /// Whether both are the same.
    pub fn matches(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }
}

/// The key of a file, derived once per unlock and given raw to each connection.
#[derive(Clone)]
pub(super) struct RawKey(Zeroizing<Vec<u8>>);

impl RawKey {
    /// For a file that is yet to be made.
    pub(super) fn fresh(passphrase: &Passphrase) -> Result<Self, Fault> {
        let mut salt = [0u8; 16];
        getrandom::fill(&mut salt).map_err(|_| Fault::NotOpened("This machine gives no random numbers.".to_owned()))?;
        Self::derive(passphrase, &salt)
    }

    /// Of a file that is there, by the salt it begins with.
    pub(super) fn of_file(path: &Path, passphrase: &Passphrase) -> Result<Self, Fault> {
        Self::derive(passphrase, &salt(path)?)
    }

    fn derive(passphrase: &Passphrase, salt: &[u8]) -> Result<Self, Fault> {
        let mut key = Zeroizing::new([0u8; 32]);
        openssl::pkcs5::pbkdf2_hmac(passphrase.0.as_bytes(), salt, KDF_ROUNDS, MessageDigest::sha512(), &mut *key)
            .map_err(|_| {
                Fault::NotOpened("The passphrase could not be turned into a key. Nothing was opened.".to_owned())
            })?;
        let mut text = Zeroizing::new(Vec::with_capacity(3 + 96));
        text.extend_from_slice(b"x'");
        for byte in key.iter().chain(salt) {
            for nibble in [byte >> 4, byte & 15] {
                text.push(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 });
            }
        }
        text.push(b'\'');
        Ok(Self(text))
    }
}

impl RawKey {
    /// Whether this passphrase makes this key: with the salt that stands in it, after the key of 32 bytes.
    pub(super) fn is_of(&self, passphrase: &Passphrase) -> bool {
        let digits = self.0.get(2 + 64..self.0.len().saturating_sub(1)).unwrap_or_default();
        let nibble = |digit: &u8| char::from(*digit).to_digit(16).and_then(|n| u8::try_from(n).ok());
        let salt: Option<Vec<u8>> =
            digits.chunks(2).map(|pair| Some(nibble(pair.first()?)? << 4 | nibble(pair.get(1)?)?)).collect();
        let Some(Ok(key)) = salt.map(|salt| Self::derive(passphrase, &salt)) else { return false };
        key.0.len() == self.0.len() && openssl::memcmp::eq(&key.0, &self.0)
    }
}

/// A file opened: its connection to write through, and the key for further ones.
pub(super) struct Opened {
    pub(super) db: Connection,
    pub(super) key: Option<RawKey>,
}

/// Makes a new file, readable by its owner only, and opens it.
pub(super) fn create(path: &Path, passphrase: Option<&Passphrase>) -> Result<Opened, Fault> {
    look_before_making(path)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| {
        Fault::NotOpened(match error.kind() {
            std::io::ErrorKind::AlreadyExists => format!(
                "{} exists already. Nothing was changed. Give another --file, or open it with: mdt",
                path.display()
            ),
            _ => format!("{} could not be made: {error}.", path.display()),
        })
    })?;
    let made = make(path, passphrase);
    if made.is_err() {
        unmake(path);
    }
    made
}

/// Takes away a file whose making failed a moment ago; nothing of anybody's was in it.
pub(super) fn unmake(path: &Path) {
    for name in [path.to_path_buf(), with_suffix(path, "-wal"), with_suffix(path, "-shm")] {
        let _ = fs::remove_file(name);
    }
}

fn make(path: &Path, passphrase: Option<&Passphrase>) -> Result<Opened, Fault> {
    let key = match passphrase {
        None => None,
        Some(passphrase) => Some(RawKey::fresh(passphrase)?),
    };
    let mut db = connect(path, key.as_ref())?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    set_references(&db, false)?;
    let tx = db.transaction()?;
    for schema in SCHEMAS {
        tx.execute_batch(schema)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", newest())?;
    tx.commit()?;
    db.close().map_err(|(_, error)| Fault::from(error))?;
    // Proof that the file is what it was meant to be, read while no connection is open.
    let cover = check(path)?;
    if (cover == Cover::Plain) != key.is_none() {
        return Err(Fault::NotOpened(
            "The new file did not come out encrypted. It was not used. This build of mdt is not fit for real data."
                .to_owned(),
        ));
    }
    let db = connect(path, key.as_ref())?;
    settle(&db, path)?;
    Ok(Opened { db, key })
}

/// The key of a file that was looked at: none for a plain one.
pub(super) fn key_for(path: &Path, cover: Cover, passphrase: Option<&Passphrase>) -> Result<Option<RawKey>, Fault> {
    match (cover, passphrase) {
        (Cover::Plain, None) => Ok(None),
        // Somebody who gives a passphrase expects that nobody without it could have written this.
        (Cover::Plain, Some(_)) => Err(Unfit::NotEncrypted(path.display().to_string()).into()),
        (Cover::Encrypted, None) => Err(Fault::KeyNeeded),
        (Cover::Encrypted, Some(passphrase)) => Ok(Some(RawKey::of_file(path, passphrase)?)),
    }
}

/// Opens a file that is there and was looked at.
pub(super) fn open(path: &Path, key: Option<RawKey>) -> Result<Opened, Fault> {
    let mut db = connect(path, key.as_ref())?;
    if db.is_readonly("main")? {
        return Err(Unfit::NoWriting(path.display().to_string()).into());
    }
    check_mark(&db, path)?;
    climb(&mut db, key.as_ref(), path)?;
    settle(&db, path)?;
    Ok(Opened { db, key })
}

/// Whether the file bears our mark.
pub(super) fn check_mark(db: &Connection, path: &Path) -> Result<(), Fault> {
    let application: i64 = db.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if application == APPLICATION_ID { Ok(()) } else { Err(Fault::NotOurs(path.display().to_string())) }
}

/// The newest schema this program knows.
pub(super) fn newest() -> i64 {
    i64::try_from(SCHEMAS.len()).unwrap_or(i64::MAX)
}

/// Brings an older file up to the newest schema; refuses a newer one untouched.
fn climb(db: &mut Connection, key: Option<&RawKey>, path: &Path) -> Result<(), Fault> {
    let known = newest();
    let found: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(Fault::Newer { found, known });
    }
    if found == known {
        return Ok(());
    }
    backup::before_climbing(&Source { db, key }, path).map_err(|fault| {
        Fault::NotOpened(format!(
            "This file was made by an earlier mdt. Before it is changed to the present form a copy is made, and that failed, so that the file was not changed: {fault}"
        ))
    })?;
    set_references(db, false)?;
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for schema in SCHEMAS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        tx.execute_batch(schema)?;
    }
    if tx.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(Fault::Damaged);
    }
    tx.pragma_update(None, "user_version", known)?;
    tx.commit()?;
    set_references(db, true)
}

/// A schema may make a table anew that others refer to: their references are looked at once, when it is done.
fn set_references(db: &Connection, on: bool) -> Result<(), Fault> {
    Ok(db.pragma_update(None, "foreign_keys", on)?)
}

/// Another connection to a file that was opened and checked before.
pub(super) fn again(path: &Path, key: Option<&RawKey>) -> Result<Connection, Fault> {
    let db = connect(path, key)?;
    settle(&db, path)?;
    Ok(db)
}

/// A second connection that cannot write, by `query_only`.
pub(super) fn open_reader(path: &Path, key: Option<&RawKey>) -> Result<Connection, Fault> {
    let db = connect(path, key)?;
    settle(&db, path)?;
    no_writing(&db)?;
    Ok(db)
}

/// A look at a file that cannot change it: `immutable` takes no lock and reads no log.
pub(super) fn glance(path: &Path, key: Option<&RawKey>) -> Result<Connection, Fault> {
    looks::name(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let escaped = path.to_string_lossy().replace('%', "%25");
    let db = connection(format!("file:{escaped}?immutable=1"), flags)?;
    unlock(&db, key)?;
    for setting in ["trusted_schema = OFF", "cell_size_check = ON", "temp_store = MEMORY", "mmap_size = 0"] {
        db.execute_batch(&format!("PRAGMA {setting};"))?;
    }
    Ok(db)
}

/// A connection to look a file over with: it cannot write, and what lies in the write-ahead log stays there.
pub(super) fn examine(path: &Path, key: Option<&RawKey>) -> Result<Connection, Fault> {
    let waiting = fs::metadata(with_suffix(path, "-wal")).is_ok_and(|log| log.len() > 0);
    let db = connect(path, key)?;
    if waiting {
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    }
    check_mark(&db, path)?;
    let known = i64::try_from(SCHEMAS.len()).unwrap_or(i64::MAX);
    let found: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(Fault::Newer { found, known });
    }
    if found < known {
        return Err(Fault::NotOpened(format!(
            "{} was written by an older mdt (schema {found}; this program writes {known}). Open it once with: mdt",
            path.display()
        )));
    }
    settle_to_read(&db)?;
    Ok(db)
}

pub(super) fn connect(path: &Path, key: Option<&RawKey>) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    try_key(connection(path, flags)?, key)
}

/// Every connection is made here: what SQLite frees is wiped from the first one on.
pub(super) fn connection(path: impl AsRef<Path>, flags: OpenFlags) -> Result<Connection, Fault> {
    wipe_what_is_freed();
    Ok(Connection::open_with_flags(path, flags)?)
}

/// Gives a connection its key, and proves that the key is what reads the file.
pub(super) fn try_key(db: Connection, key: Option<&RawKey>) -> Result<Connection, Fault> {
    let version = rusqlite::version_number();
    if version < SQLITE_NEEDED {
        return Err(Fault::NotOpened(format!(
            "This mdt was built with SQLite {}; it needs 3.51.3 or newer, because older ones can lose committed work.",
            rusqlite::version()
        )));
    }
    db.busy_timeout(PATIENCE)?;
    unlock(&db, key)?;
    // The first read is where a wrong key shows.
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    Ok(db)
}

/// Gives a connection its key, before it reads anything.
fn unlock(db: &Connection, key: Option<&RawKey>) -> Result<(), Fault> {
    // Without this SQLCipher writes over the screen when a key is wrong.
    db.execute_batch("PRAGMA cipher_log_level = NONE;")
        .or_else(|error| if key.is_none() { Ok(()) } else { Err(error) })?;
    if let Some(key) = key {
        // Somebody else's SQLite in this process: SQLCipher's own way of wiping, which is slow, can be had at any time.
        if !wipe_what_is_freed() {
            db.execute_batch("PRAGMA cipher_memory_security = ON;")?;
        }
        set_key(db, &key.0)?;
        prove_encryption(db)?;
    }
    Ok(())
}

/// A library that cannot encrypt would take the key without a word and write plain pages.
fn prove_encryption(db: &Connection) -> Result<(), Fault> {
    let says = |asked: &str| -> String { db.query_row(asked, [], |row| row.get(0)).unwrap_or_default() };
    if says("PRAGMA cipher_version").is_empty() || says("PRAGMA cipher_status") != "1" {
        return Err(Fault::NotOpened("This build of mdt cannot encrypt. Nothing was opened.".to_owned()));
    }
    Ok(())
}

/// Whether the file under the connection is still the one that was opened.
#[cfg(unix)]
pub(super) fn has_moved(db: &Connection) -> bool {
    let mut moved = 0;
    let asked = db.file_control(Some("main"), rusqlite::FileControl::HasMoved(&mut moved));
    asked.is_ok() && moved != 0
}

/// Whether the file under the connection is still the one that was opened.
#[cfg(not(unix))]
pub(super) fn has_moved(_db: &Connection) -> bool {
    false
}
