//! The one place that speaks to SQLite's C interface by hand: giving the key without putting it into SQL text.
#![allow(unsafe_code, reason = "sqlite3_key takes a pointer and a length; rusqlite has no safe wrapper")]

use rusqlite::{Connection, ffi};

use super::fault::Fault;

/// Gives the connection its key. `key` is what `PRAGMA key` would take.
pub(super) fn set_key(db: &Connection, key: &[u8]) -> Result<(), Fault> {
    let length = i32::try_from(key.len()).map_err(|_| Fault::WrongKey)?;
    // SAFETY: the handle is open for as long as `db` is borrowed, and SQLCipher copies the bytes before it returns.
    let code = unsafe { ffi::sqlite3_key(db.handle(), key.as_ptr().cast(), length) };
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(Fault::WrongKey) }
}
