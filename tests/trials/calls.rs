//! The system's own calls: what the trials ask of Linux, and a hand on every call that SQLite makes.
//!
//! SQLite lets its system calls be replaced (`xSetSystemCall`, the hook its own tests use); `fsync` and `fdatasync` are
//! replaced by name, because a program's own symbol wins over the library's. What the hand does is each thread's own affair:
//! a thread that asked for nothing gets the calls as they are.
#![allow(unsafe_code, reason = "signals, limits and SQLite's table of system calls have no safe wrapper")]

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_int, c_void};
use std::sync::Once;
use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::ffi;

/// This process ends when the one that started it ends.
pub fn die_with_parent() {
    // SAFETY: it sets a number of this process and touches no memory.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}

/// No file of this process grows beyond so many bytes from here on; writing more is an error instead of a signal.
pub fn limit_files(bytes: u64) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: both are calls with plain numbers; the struct outlives the call.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        libc::setrlimit(libc::RLIMIT_FSIZE, &limit);
    }
}

/// Which calls fail, and how.
#[derive(Clone, Copy, Debug)]
pub struct Failing {
    /// The first call that fails, counted from 1.
    pub at: u64,
    /// With which error.
    pub error: c_int,
    /// Whether all later ones fail too.
    pub forever: bool,
    /// Whether a failing write leaves half of its bytes behind.
    pub short: bool,
}

/// What reached the disk, in its order.
#[derive(Clone, Debug)]
pub enum Event {
    /// A file came to be.
    Create(String),
    /// Bytes were written at a place of a file.
    Write(String, u64, Vec<u8>),
    /// A file got a length.
    Cut(String, u64),
    /// A file went.
    Unlink(String),
    /// A file was made durable.
    Sync(String),
    /// The names in the folder were made durable.
    SyncNames,
    /// The program said that this step is saved.
    Saved(i64),
}

#[derive(Default)]
struct Recorder {
    events: Vec<Event>,
    open: HashMap<c_int, String>,
    /// A name that is used again is another file.
    generation: HashMap<String, u32>,
}

enum Hand {
    Rests,
    Fails { plan: Failing, calls: u64, hits: u64 },
    Records(Recorder),
}

thread_local! {
    static HAND: RefCell<Hand> = const { RefCell::new(Hand::Rests) };
}

/// Lets calls of this thread fail while `work` is done. Gives how many calls were made and how many failed.
pub fn failing<T>(plan: Failing, work: impl FnOnce() -> T) -> (T, u64, u64) {
    install();
    HAND.set(Hand::Fails { plan, calls: 0, hits: 0 });
    let done = work();
    match HAND.replace(Hand::Rests) {
        Hand::Fails { calls, hits, .. } => (done, calls, hits),
        Hand::Rests | Hand::Records(_) => (done, 0, 0),
    }
}

/// Records what reaches the disk from this thread while `work` is done. Nothing is really made durable meanwhile.
pub fn recording<T>(work: impl FnOnce() -> T) -> (T, Vec<Event>) {
    install();
    HAND.set(Hand::Records(Recorder::default()));
    let done = work();
    match HAND.replace(Hand::Rests) {
        Hand::Records(recorder) => (done, recorder.events),
        Hand::Rests | Hand::Fails { .. } => (done, Vec::new()),
    }
}

/// Notes that the program said so at this moment.
pub fn saved(step: i64) {
    record(|recorder| recorder.events.push(Event::Saved(step)));
}

fn record(note: impl FnOnce(&mut Recorder)) {
    let _ = HAND.try_with(|hand| {
        if let Ok(mut hand) = hand.try_borrow_mut()
            && let Hand::Records(recorder) = &mut *hand
        {
            note(recorder);
        }
    });
}

/// Whether this call is to fail – then with `errno` set – and whether by halves.
fn fails() -> Option<bool> {
    let met = HAND.try_with(|hand| {
        let Ok(mut hand) = hand.try_borrow_mut() else { return None };
        let Hand::Fails { plan, calls, hits } = &mut *hand else { return None };
        *calls += 1;
        let hit = *calls == plan.at || (plan.forever && *calls > plan.at);
        *hits += u64::from(hit);
        hit.then_some((plan.error, plan.short))
    });
    let (error, short) = met.ok().flatten()?;
    set_errno(error);
    Some(short)
}

fn set_errno(error: c_int) {
    // SAFETY: the address of this thread's errno is always valid.
    unsafe { *libc::__errno_location() = error };
}

fn is_kept(name: &str) -> bool {
    !name.contains("-shm")
}

fn text(path: *const c_char) -> String {
    // SAFETY: SQLite passes a path that ends with a zero byte.
    unsafe { CStr::from_ptr(path) }.to_string_lossy().into_owned()
}

extern "C" fn x_open(path: *const c_char, flags: c_int, mode: c_int) -> c_int {
    if fails().is_some() {
        return -1;
    }
    // SAFETY: the arguments are SQLite's own for this very call.
    let (there, fd) = unsafe {
        (libc::access(path, libc::F_OK) == 0, libc::open(path, flags, libc::c_uint::try_from(mode).unwrap_or(0o600)))
    };
    if fd >= 0 {
        record(|recorder| {
            let name = text(path);
            let name = format!("{name}#{}", recorder.generation.get(&name).copied().unwrap_or(0));
            if !there && is_kept(&name) {
                recorder.events.push(Event::Create(name.clone()));
            }
            recorder.open.insert(fd, name);
        });
    }
    fd
}

extern "C" fn x_close(fd: c_int) -> c_int {
    record(|recorder| drop(recorder.open.remove(&fd)));
    // SAFETY: as SQLite would.
    unsafe { libc::close(fd) }
}

extern "C" fn x_open_directory(path: *const c_char, out: *mut c_int) -> c_int {
    if fails().is_some() {
        return ffi::SQLITE_CANTOPEN;
    }
    let path = text(path);
    let folder = std::path::Path::new(&path).parent().unwrap_or(std::path::Path::new("/"));
    let Ok(folder) = CString::new(folder.to_string_lossy().into_owned()) else { return ffi::SQLITE_CANTOPEN };
    // SAFETY: the path ends with a zero byte; `out` is SQLite's own.
    let fd = unsafe { libc::open(folder.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
    // SAFETY: `out` points at SQLite's variable.
    unsafe { *out = fd };
    record(|recorder| drop(recorder.open.insert(fd, "names".to_owned())));
    if fd >= 0 { ffi::SQLITE_OK } else { ffi::SQLITE_CANTOPEN }
}

extern "C" fn x_read(fd: c_int, into: *mut c_void, count: usize) -> isize {
    if fails().is_some() {
        return -1;
    }
    // SAFETY: as SQLite would.
    unsafe { libc::read(fd, into, count) }
}

extern "C" fn x_pread(fd: c_int, into: *mut c_void, count: usize, at: i64) -> isize {
    if fails().is_some() {
        return -1;
    }
    // SAFETY: as SQLite would.
    unsafe { libc::pread(fd, into, count, at) }
}

extern "C" fn x_write(fd: c_int, from: *const c_void, count: usize) -> isize {
    // SAFETY: as SQLite would; seeking to where the file stands moves nothing.
    let at = unsafe { libc::lseek(fd, 0, libc::SEEK_CUR) };
    let done = written(fd, from, count, at);
    if done > 0 {
        // SAFETY: as above; what was written at its place counts as written from where the file stood.
        unsafe { libc::lseek(fd, at + i64::try_from(done).unwrap_or(0), libc::SEEK_SET) };
    }
    done
}

extern "C" fn x_pwrite(fd: c_int, from: *const c_void, count: usize, at: i64) -> isize {
    written(fd, from, count, at)
}

fn written(fd: c_int, from: *const c_void, count: usize, at: i64) -> isize {
    if let Some(short) = fails() {
        if short && count > 1 {
            let error = std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO);
            // SAFETY: half of the bytes SQLite gave, to where it wanted them.
            unsafe { libc::pwrite(fd, from, count / 2, at) };
            set_errno(error);
        }
        return -1;
    }
    record(|recorder| {
        if let Some(name) = recorder.open.get(&fd).filter(|name| is_kept(name)).cloned() {
            // SAFETY: SQLite gives `count` bytes to be read.
            let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), count) }.to_vec();
            recorder.events.push(Event::Write(name, u64::try_from(at).unwrap_or(0), bytes));
        }
    });
    // SAFETY: as SQLite would.
    unsafe { libc::pwrite(fd, from, count, at) }
}

extern "C" fn x_ftruncate(fd: c_int, length: i64) -> c_int {
    if fails().is_some() {
        return -1;
    }
    record(|recorder| {
        if let Some(name) = recorder.open.get(&fd).filter(|name| is_kept(name)).cloned() {
            recorder.events.push(Event::Cut(name, u64::try_from(length).unwrap_or(0)));
        }
    });
    // SAFETY: as SQLite would.
    unsafe { libc::ftruncate(fd, length) }
}

extern "C" fn x_unlink(path: *const c_char) -> c_int {
    if fails().is_some() {
        return -1;
    }
    record(|recorder| {
        let name = text(path);
        let generation = recorder.generation.entry(name.clone()).or_default();
        let which = format!("{name}#{generation}");
        *generation += 1;
        if is_kept(&name) {
            recorder.events.push(Event::Unlink(which));
        }
    });
    // SAFETY: as SQLite would.
    unsafe { libc::unlink(path) }
}

extern "C" fn x_fallocate(fd: c_int, at: i64, length: i64) -> c_int {
    if fails().is_some() {
        return std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO);
    }
    // SAFETY: as SQLite would.
    unsafe { libc::posix_fallocate(fd, at, length) }
}

fn synced(fd: c_int, call: libc::c_long) -> c_int {
    if fails().is_some() {
        return -1;
    }
    let mut recorded = false;
    record(|recorder| {
        recorded = true;
        match recorder.open.get(&fd) {
            Some(name) if name == "names" => recorder.events.push(Event::SyncNames),
            Some(name) => recorder.events.push(Event::Sync(name.clone())),
            None => {}
        }
    });
    if recorded {
        return 0;
    }
    // SAFETY: the call this function stands for.
    c_int::try_from(unsafe { libc::syscall(call, fd) }).unwrap_or(-1)
}

/// In the place of the library's.
#[unsafe(no_mangle)]
pub extern "C" fn fsync(fd: c_int) -> c_int {
    synced(fd, libc::SYS_fsync)
}

/// In the place of the library's.
#[unsafe(no_mangle)]
pub extern "C" fn fdatasync(fd: c_int) -> c_int {
    synced(fd, libc::SYS_fdatasync)
}

/// How many more times SQLite gets memory; below nought it always does.
static MEMORY: AtomicI64 = AtomicI64::new(-1);

/// Takes SQLite's memory in hand, before SQLite is used for the first time in this process.
pub fn ration_memory() {
    extern "C" fn x_malloc(count: c_int) -> *mut c_void {
        if refused() { std::ptr::null_mut() } else { given(|own| own.xMalloc.map(|get| unsafe { get(count) })) }
    }
    extern "C" fn x_realloc(old: *mut c_void, count: c_int) -> *mut c_void {
        if refused() { std::ptr::null_mut() } else { given(|own| own.xRealloc.map(|get| unsafe { get(old, count) })) }
    }
    let mut methods = *own_memory();
    methods.xMalloc = Some(x_malloc);
    methods.xRealloc = Some(x_realloc);
    // SAFETY: the methods live as long as the process (SQLite copies them), and nothing has used SQLite yet.
    let done = unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, &raw mut methods) };
    assert_eq!(done, ffi::SQLITE_OK, "SQLite was in use already");
}

fn own_memory() -> &'static ffi::sqlite3_mem_methods {
    static OWN: std::sync::OnceLock<Methods> = std::sync::OnceLock::new();
    struct Methods(ffi::sqlite3_mem_methods);
    // SAFETY: functions without state of their own, which SQLite itself calls from any thread.
    unsafe impl Send for Methods {}
    // SAFETY: as above.
    unsafe impl Sync for Methods {}
    &OWN.get_or_init(|| {
        // SAFETY: SQLite fills in the struct it is given.
        unsafe {
            let mut methods: ffi::sqlite3_mem_methods = std::mem::zeroed();
            ffi::sqlite3_config(ffi::SQLITE_CONFIG_GETMALLOC, &raw mut methods);
            Methods(methods)
        }
    })
    .0
}

fn given(get: impl FnOnce(&ffi::sqlite3_mem_methods) -> Option<*mut c_void>) -> *mut c_void {
    get(own_memory()).unwrap_or(std::ptr::null_mut())
}

fn refused() -> bool {
    // Counting stops at nought: from there on everything is refused.
    let left = MEMORY.load(Ordering::Relaxed);
    if left > 0 {
        MEMORY.store(left - 1, Ordering::Relaxed);
    }
    left == 0
}

/// Lets SQLite have memory so many times while `work` is done, and then no more. Gives how often it asked.
pub fn with_memory<T>(times: i64, work: impl FnOnce() -> T) -> (T, i64) {
    MEMORY.store(times, Ordering::Relaxed);
    let done = work();
    (done, times - MEMORY.swap(-1, Ordering::Relaxed))
}

fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let calls: [(&CStr, *const ()); 12] = [
            (c"open", x_open as *const ()),
            (c"close", x_close as *const ()),
            (c"openDirectory", x_open_directory as *const ()),
            (c"read", x_read as *const ()),
            (c"pread", x_pread as *const ()),
            (c"pread64", x_pread as *const ()),
            (c"write", x_write as *const ()),
            (c"pwrite", x_pwrite as *const ()),
            (c"pwrite64", x_pwrite as *const ()),
            (c"ftruncate", x_ftruncate as *const ()),
            (c"unlink", x_unlink as *const ()),
            (c"fallocate", x_fallocate as *const ()),
        ];
        // SAFETY: the default VFS lives as long as the process; each function has the signature SQLite calls it with.
        let taken = unsafe {
            let vfs = ffi::sqlite3_vfs_find(std::ptr::null());
            let (get, set) = ((*vfs).xGetSystemCall.unwrap(), (*vfs).xSetSystemCall.unwrap());
            calls
                .iter()
                .filter(|(name, call)| {
                    get(vfs, name.as_ptr()).is_some()
                        && set(vfs, name.as_ptr(), std::mem::transmute::<*const (), ffi::sqlite3_syscall_ptr>(*call))
                            == ffi::SQLITE_OK
                })
                .count()
        };
        assert!(taken >= 8, "only {taken} calls could be taken in hand");
    });
}
