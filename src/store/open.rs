//! Opening and making the file: checks before, key, settings set *and read back*.

use std::fs::{self, OpenOptions};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use openssl::hash::MessageDigest;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

use super::fault::Fault;
use super::ffi::set_key;

/// `MDT1`: marks the file as ours.
const APPLICATION_ID: i64 = 0x4d44_5431;
/// Schemas, oldest first. The number of the last is the newest this program knows.
const SCHEMAS: &[&str] = &[
    include_str!("schema/0001_house.sql"),
    include_str!("schema/0002_lists.sql"),
    include_str!("schema/0003_disclosures.sql"),
    include_str!("schema/0004_safekeeping.sql"),
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

/// What the first bytes of a file say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// Encrypted (or not a database at all).
    Encrypted,
    /// Plain SQLite.
    Plain,
}

/// Looks at a file before any connection to it is open: later, reading it would drop SQLite's locks.
///
/// # Errors
/// Says in words why the file should not be opened.
pub fn check(path: &Path) -> Result<Cover, Fault> {
    check_name(path)?;
    let meta = fs::symlink_metadata(path).map_err(|_| {
        Fault::NotOpened(format!(
            "There is no file {}. Make one with: mdt init \"Team name\" – or look at invented people with: mdt demo",
            path.display()
        ))
    })?;
    if meta.is_symlink() {
        return Err(Fault::NotOpened(format!("{} is a link to another file. Open the file itself.", path.display())));
    }
    if !meta.is_file() {
        return Err(Fault::NotOpened(format!("{} is not a file.", path.display())));
    }
    check_owner(path, &meta)?;
    check_place(path)?;
    let mut first = [0u8; 16];
    let plain =
        fs::File::open(path).and_then(|mut file| file.read_exact(&mut first)).is_ok() && &first == b"SQLite format 3\0";
    Ok(if plain { Cover::Plain } else { Cover::Encrypted })
}

fn check_name(path: &Path) -> Result<(), Fault> {
    let name = path.to_string_lossy();
    if !path.is_absolute() || name.contains(['?', '#']) {
        return Err(Fault::NotOpened("The path of the file must be absolute and hold neither ? nor #.".to_owned()));
    }
    Ok(())
}

#[cfg(unix)]
fn check_owner(path: &Path, meta: &fs::Metadata) -> Result<(), Fault> {
    use std::os::unix::fs::MetadataExt as _;
    if meta.nlink() != 1 {
        return Err(Fault::NotOpened(format!(
            "{} has more than one name on this disk (a hard link). Remove the others first.",
            path.display()
        )));
    }
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(Fault::NotOpened(format!(
            "{} belongs to another user. Only its owner may open it.",
            path.display()
        )));
    }
    if meta.mode() & 0o077 != 0 {
        return Err(Fault::NotOpened(format!(
            "Others may read {0}. Close that first: chmod 600 '{0}'",
            path.display()
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_owner(_path: &Path, _meta: &fs::Metadata) -> Result<(), Fault> {
    Ok(())
}

/// Network shares and cloud folders lose committed data: SQLite's own documents say not to.
fn check_place(path: &Path) -> Result<(), Fault> {
    const CLOUD: [&str; 7] =
        ["dropbox", "onedrive", "google drive", "googledrive", "icloud drive", "nextcloud", "box sync"];
    let cloud = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy().to_lowercase())
        .find(|part| CLOUD.iter().any(|name| part == name || part.starts_with(&format!("{name} - "))));
    if let Some(cloud) = cloud {
        return Err(Fault::NotOpened(format!(
            "{} lies in a folder that is copied elsewhere ({cloud}). That can damage it and sends it away. Keep it in a local folder.",
            path.display()
        )));
    }
    #[cfg(target_os = "linux")]
    {
        const REMOTE: [(u64, &str); 7] = [
            (0x6969, "NFS"),
            (0xff53_4d42, "CIFS"),
            (0xfe53_4d42, "SMB"),
            (0x6573_5546, "FUSE"),
            (0x0102_1997, "9P"),
            (0x5346_414f, "AFS"),
            (0x517b, "SMB"),
        ];
        let folder = path.parent().unwrap_or(path);
        if let Ok(stat) = rustix::fs::statfs(folder) {
            #[allow(
                clippy::cast_sign_loss,
                clippy::unnecessary_cast,
                reason = "the type of f_type differs between targets; the magic numbers are unsigned 32-bit"
            )]
            let kind = (stat.f_type as u64) & 0xffff_ffff;
            if let Some((_, name)) = REMOTE.iter().find(|(magic, _)| *magic == kind) {
                return Err(Fault::NotOpened(format!(
                    "{} lies on a network share ({name}), where committed work can be lost. Keep it on a local disk.",
                    path.display()
                )));
            }
        }
    }
    Ok(())
}

/// A file opened: its connection to write through, and the key for further ones.
pub(super) struct Opened {
    pub(super) db: Connection,
    pub(super) key: Option<RawKey>,
}

/// Makes a new file, readable by its owner only, and opens it.
pub(super) fn create(path: &Path, passphrase: Option<&Passphrase>) -> Result<Opened, Fault> {
    check_name(path)?;
    check_place(path)?;
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
        // Only the empty file made a moment ago goes; nothing of anybody's was in it.
        for name in [path.to_path_buf(), with_suffix(path, "-wal"), with_suffix(path, "-shm")] {
            let _ = fs::remove_file(name);
        }
    }
    made
}

fn make(path: &Path, passphrase: Option<&Passphrase>) -> Result<Opened, Fault> {
    let key = match passphrase {
        None => None,
        Some(passphrase) => {
            let mut salt = [0u8; 16];
            getrandom::fill(&mut salt)
                .map_err(|_| Fault::NotOpened("This machine gives no random numbers.".to_owned()))?;
            Some(RawKey::derive(passphrase, &salt)?)
        }
    };
    let mut db = connect(path, key.as_ref())?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    set_references(&db, false)?;
    let tx = db.transaction()?;
    for schema in SCHEMAS {
        tx.execute_batch(schema)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", i64::try_from(SCHEMAS.len()).unwrap_or(i64::MAX))?;
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

/// Opens a file that is there.
pub(super) fn open(path: &Path, passphrase: Option<&Passphrase>) -> Result<Opened, Fault> {
    let cover = check(path)?;
    let key = match (cover, passphrase) {
        (Cover::Plain, _) => None,
        (Cover::Encrypted, None) => return Err(Fault::KeyNeeded),
        (Cover::Encrypted, Some(passphrase)) => {
            let mut salt = [0u8; 16];
            fs::File::open(path)
                .and_then(|mut file| file.read_exact(&mut salt))
                .map_err(|_| Fault::NotOurs(path.display().to_string()))?;
            Some(RawKey::derive(passphrase, &salt)?)
        }
    };
    let mut db = connect(path, key.as_ref())?;
    if db.is_readonly("main")? {
        return Err(Fault::ReadOnly);
    }
    let application: i64 = db.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if application != APPLICATION_ID {
        return Err(Fault::NotOurs(path.display().to_string()));
    }
    climb(&mut db)?;
    settle(&db, path)?;
    Ok(Opened { db, key })
}

/// Brings an older file up to the newest schema; refuses a newer one untouched.
fn climb(db: &mut Connection) -> Result<(), Fault> {
    let known = i64::try_from(SCHEMAS.len()).unwrap_or(i64::MAX);
    let found: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(Fault::Newer { found, known });
    }
    if found == known {
        return Ok(());
    }
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
    db.pragma_update(None, "query_only", true)?;
    if db.query_row("PRAGMA query_only", [], |row| row.get::<_, i64>(0))? != 1 {
        return Err(Fault::NotOpened("SQLite did not take the setting query_only.".to_owned()));
    }
    Ok(db)
}

/// A look at a plain file that cannot change it: `immutable` takes no lock and reads no log.
pub(super) fn glance(path: &Path) -> Result<Connection, Fault> {
    check_name(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let escaped = path.to_string_lossy().replace('%', "%25");
    Ok(Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)?)
}

fn connect(path: &Path, key: Option<&RawKey>) -> Result<Connection, Fault> {
    let version = rusqlite::version_number();
    if version < SQLITE_NEEDED {
        return Err(Fault::NotOpened(format!(
            "This mdt was built with SQLite {}; it needs 3.51.3 or newer, because older ones can lose committed work.",
            rusqlite::version()
        )));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(PATIENCE)?;
    // Without this SQLCipher writes over the screen when a key is wrong.
    db.execute_batch("PRAGMA cipher_log_level = NONE;")
        .or_else(|error| if key.is_none() { Ok(()) } else { Err(error) })?;
    if let Some(key) = key {
        set_key(&db, &key.0)?;
        let cipher: String = db.query_row("PRAGMA cipher_version", [], |row| row.get(0)).unwrap_or_default();
        if cipher.is_empty() {
            return Err(Fault::NotOpened("This build of mdt cannot encrypt. Nothing was opened.".to_owned()));
        }
    }
    // The first read is where a wrong key shows.
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    Ok(db)
}

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

fn settle(db: &Connection, path: &Path) -> Result<(), Fault> {
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
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, 16 << 20),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
        (Limit::SQLITE_LIMIT_COLUMN, 100),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
    ] {
        db.set_limit(limit, value)?;
    }
    let journal: String = db.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    let journal =
        if journal == "wal" { journal } else { db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))? };
    if journal != "wal" {
        return Err(Fault::NotOpened(format!(
            "{} lies on a disk without write-ahead logging ({journal}). Keep it on a local disk.",
            path.display()
        )));
    }
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

/// `name` + `suffix`, in the same folder.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
