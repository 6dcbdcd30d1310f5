//! The one place that speaks to SQLite's C interface by hand: giving the key without putting it into SQL text, forbidding
//! extensions, and wiping what SQLite frees.
#![allow(
    unsafe_code,
    reason = "rusqlite has no safe wrapper for sqlite3_key, for SQLite's memory, nor in this build for the setting about extensions"
)]

use std::os::raw::{c_int, c_void};
use std::sync::OnceLock;

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

/// SQLite's own functions for memory, which do the work; only what is freed passes through a hand first.
struct Memory(ffi::sqlite3_mem_methods);

// SAFETY: functions without state of their own, which SQLite itself calls from any thread.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

static MEMORY: OnceLock<Option<Memory>> = OnceLock::new();

/// From now on whatever SQLite frees – pages, rows, statements – is overwritten first. To be called before the first
/// connection is made; says whether it is so. Later calls do nothing and say the same.
///
/// `PRAGMA cipher_memory_security` wipes too, but locks and unlocks pages of memory at every allocation: taking in 300,000
/// rows took 29.4 s with it (sqlite3: 2.95 s), and every screen is read through it. Keys stay in memory that SQLCipher locks
/// by itself.
pub(super) fn wipe_what_is_freed() -> bool {
    MEMORY.get_or_init(install).is_some()
}

fn install() -> Option<Memory> {
    // SAFETY: all of the struct's fields may be null; SQLite fills it in.
    let mut own: ffi::sqlite3_mem_methods = unsafe { std::mem::zeroed() };
    // SAFETY: this setting takes a pointer to such a struct, which outlives the call.
    if unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_GETMALLOC, &raw mut own) } != ffi::SQLITE_OK {
        return None;
    }
    let mut wiping = own;
    wiping.xFree = Some(free);
    wiping.xRealloc = Some(grow);
    // SAFETY: SQLite copies the struct; where it is in use already it refuses and changes nothing.
    let done = unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, &raw mut wiping) };
    (done == ffi::SQLITE_OK).then_some(Memory(own))
}

fn own() -> Option<&'static ffi::sqlite3_mem_methods> {
    MEMORY.get().and_then(Option::as_ref).map(|memory| &memory.0)
}

/// Overwrites a block and gives it back.
extern "C" fn free(block: *mut c_void) {
    let Some(own) = own() else { return };
    let (Some(size), Some(give_back)) = (own.xSize, own.xFree) else { return };
    // SAFETY: SQLite gives a block that these functions made, once; its size is theirs to know. The call that follows is
    // opaque to the compiler, so the writes are not left out.
    unsafe {
        let bytes = usize::try_from(size(block)).unwrap_or_default();
        std::ptr::write_bytes(block.cast::<u8>(), 0, bytes);
        give_back(block);
    }
}

/// A larger block in the place of a smaller one, which is wiped. One that is large enough stays.
extern "C" fn grow(block: *mut c_void, wanted: c_int) -> *mut c_void {
    let none = std::ptr::null_mut();
    let Some(own) = own() else { return none };
    let (Some(size), Some(make)) = (own.xSize, own.xMalloc) else { return none };
    // SAFETY: as above; SQLite never asks with a null block or for nothing.
    unsafe {
        let has = size(block);
        if has >= wanted {
            return block;
        }
        let larger = make(wanted);
        if !larger.is_null() {
            std::ptr::copy_nonoverlapping(
                block.cast::<u8>(),
                larger.cast::<u8>(),
                usize::try_from(has).unwrap_or_default(),
            );
            free(block);
        }
        larger
    }
}
