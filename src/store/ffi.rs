//! The one place that speaks to SQLite's C interface by hand: giving the key without putting it into SQL text, and
//! forbidding extensions.
#![allow(
    unsafe_code,
    reason = "rusqlite has no safe wrapper for sqlite3_key, nor in this build for the setting about extensions"
)]

use rusqlite::{Connection, ffi};

use super::fault::Fault;

/// Gives the connection its key. `key` is what `PRAGMA key` would take.
pub(super) fn set_key(db: &Connection, key: &[u8]) -> Result<(), Fault> {
    let length = i32::try_from(key.len()).map_err(|_| Fault::WrongKey)?;
    // SAFETY: the handle is open for as long as `db` is borrowed, and SQLCipher copies the bytes before it returns.
    let code = unsafe { ffi::sqlite3_key(db.handle(), key.as_ptr().cast(), length) };
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(Fault::WrongKey) }
}

/// Lets no code be loaded into this connection. Answers whether SQLite took it.
pub(super) fn load_no_extensions(db: &Connection) -> bool {
    let mut allowed: std::os::raw::c_int = -1;
    // SAFETY: the handle is open for as long as `db` is borrowed; this setting takes an int and a pointer to an int.
    let code =
        unsafe { ffi::sqlite3_db_config(db.handle(), ffi::SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, &raw mut allowed) };
    code == ffi::SQLITE_OK && allowed == 0
}
