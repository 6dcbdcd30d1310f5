//! The system's own calls: what the trials ask of Linux, and a hand on every call that SQLite makes.
//!
//! SQLite lets its system calls be replaced (`xSetSystemCall`, the hook its own tests use); `fsync` and `fdatasync` are
//! replaced by name, because a program's own symbol wins over the library's; so are the few calls by which Rust's own library
//! opens, writes, renames and unlinks ([`widely`]). What the hand does is each thread's own affair: a thread that asked for
//! nothing gets the calls as they are.
#![allow(unsafe_code, reason = "signals, limits and SQLite's table of system calls have no safe wrapper")]

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_int, c_void};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
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
    /// A file got another name.
    Rename(String, String),
    /// Two files changed places.
    Exchange(String, String),
    /// The names in this folder were made durable.
    SyncNames(String),
    /// The program said that this step is saved.
    Saved(i64),
}

#[derive(Default)]
struct Recorder {
    events: Vec<Event>,
    open: HashMap<c_int, String>,
    /// A name that is used again is another file.
    generation: HashMap<String, u32>,
    /// The folders whose files are known by their number, whatever their names; none where only SQLite's calls are recorded.
    folders: Vec<PathBuf>,
    /// The file of each number: what it is called in the record, and the name under which it stands.
    files: HashMap<u64, (String, String)>,
}

impl Recorder {
    /// Sees which files have another name than before. Some names are given by calls that nobody can take in hand; each is
    /// followed by one that can.
    fn look_round(&mut self) {
        let mut now = HashMap::new();
        for entry in self.folders.iter().filter_map(|it| std::fs::read_dir(it).ok()).flatten().flatten() {
            if let Ok(meta) = entry.metadata()
                && self.files.contains_key(&meta.ino())
            {
                now.insert(meta.ino(), entry.path().to_string_lossy().into_owned());
            }
        }
        let moved: Vec<(u64, String, String)> = now
            .iter()
            .filter_map(|(number, to)| {
                let (_, from) = &self.files[number];
                (from != to).then(|| (*number, from.clone(), to.clone()))
            })
            .collect();
        for (number, from, to) in &moved {
            let back = moved.iter().any(|(_, its, where_to)| (its, where_to) == (to, from));
            if !back {
                self.events.push(Event::Rename(from.clone(), to.clone()));
            } else if from < to {
                self.events.push(Event::Exchange(from.clone(), to.clone()));
            }
            if let Some((_, name)) = self.files.get_mut(number) {
                name.clone_from(to);
            }
        }
    }

    /// A file was opened: what it is called in the record. `made` says that it was not there before.
    fn opened(&mut self, fd: c_int, name: String, made: bool) {
        let number = if self.folders.is_empty() { None } else { number_of(fd) };
        if number.is_some() {
            self.look_round();
        }
        let known = number.filter(|_| !made).and_then(|number| self.files.get(&number)).map(|(key, _)| key.clone());
        let key = known.unwrap_or_else(|| {
            let generation = self.generation.get(&name).copied().unwrap_or(0);
            if made && number.is_some() {
                *self.generation.entry(name.clone()).or_default() += 1;
            }
            format!("{name}#{generation}")
        });
        if made && is_kept(&name) {
            self.events.push(Event::Create(key.clone()));
        }
        if let Some(number) = number.filter(|_| is_kept(&name)) {
            self.files.insert(number, (key.clone(), name));
        }
        self.open.insert(fd, key);
    }

    /// A name is gone.
    fn unlinked(&mut self, name: String) {
        if !self.folders.is_empty() {
            self.look_round();
            let number = self.files.iter().find(|(_, (_, its))| *its == name).map(|(number, _)| *number);
            if number.and_then(|number| self.files.remove(&number)).is_some() {
                self.events.push(Event::Unlink(name));
            }
            return;
        }
        *self.generation.entry(name.clone()).or_default() += 1;
        if is_kept(&name) {
            self.events.push(Event::Unlink(name));
        }
    }
}

fn number_of(fd: c_int) -> Option<u64> {
    // SAFETY: the struct is the system's to fill in, and all zeros is one.
    unsafe {
        let mut meta: libc::stat = std::mem::zeroed();
        (libc::fstat(fd, &raw mut meta) == 0).then_some(meta.st_ino)
    }
}

enum Hand {
    Rests,
    Fails { plan: Failing, calls: u64, hits: u64 },
    Records(Recorder),
}

thread_local! {
    static HAND: RefCell<Hand> = const { RefCell::new(Hand::Rests) };
    /// Whether the calls of Rust's own library are in hand too.
    static WIDELY: Cell<bool> = const { Cell::new(false) };
}

/// Takes the calls of Rust's own library in hand too, while `work` is done.
pub fn widely<T>(work: impl FnOnce() -> T) -> T {
    WIDELY.set(true);
    let done = work();
    WIDELY.set(false);
    done
}

fn is_wide() -> bool {
    WIDELY.try_with(Cell::get).unwrap_or(false)
}

/// As [`recording`], of all that is done in this folder and the folders in it, by Rust's own library too.
pub fn recording_in<T>(folder: &Path, work: impl FnOnce() -> T) -> (T, Vec<Event>) {
    install();
    let mut recorder = Recorder { folders: vec![folder.to_path_buf()], ..Recorder::default() };
    recorder
        .folders
        .extend(std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).filter(|path| path.is_dir()));
    for entry in recorder.folders.iter().flat_map(|it| std::fs::read_dir(it).unwrap()) {
        let (meta, name) = entry.map(|it| (it.metadata().unwrap(), it.path().to_string_lossy().into_owned())).unwrap();
        if meta.is_file() && is_kept(&name) {
            recorder.files.insert(meta.ino(), (format!("{name}#0"), name.clone()));
            recorder.generation.insert(name, 1);
        }
    }
    HAND.set(Hand::Records(recorder));
    let done = widely(work);
    record(Recorder::look_round);
    match HAND.replace(Hand::Rests) {
        Hand::Records(recorder) => (done, recorder.events),
        Hand::Rests | Hand::Fails { .. } => (done, Vec::new()),
    }
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

/// What a folder that is open is called.
const NAMES: &str = "names of ";

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
        record(|recorder| recorder.opened(fd, text(path), !there));
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
    let folder = Path::new(&path).parent().unwrap_or(Path::new("/")).to_string_lossy().into_owned();
    let Ok(name) = CString::new(folder.clone()) else { return ffi::SQLITE_CANTOPEN };
    // SAFETY: the path ends with a zero byte; `out` is SQLite's own.
    let fd = unsafe { libc::open(name.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
    // SAFETY: `out` points at SQLite's variable.
    unsafe { *out = fd };
    record(|recorder| drop(recorder.open.insert(fd, format!("{NAMES}{folder}"))));
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
    record(|recorder| recorder.unlinked(text(path)));
    // SAFETY: as SQLite would; not by its name, which is taken in hand below.
    c_int::try_from(unsafe { libc::syscall(libc::SYS_unlink, path) }).unwrap_or(-1)
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
        let Some(name) = recorder.open.get(&fd).cloned() else { return };
        if let Some(folder) = name.strip_prefix(NAMES) {
            recorder.look_round();
            recorder.events.push(Event::SyncNames(folder.to_owned()));
        } else {
            recorder.events.push(Event::Sync(name));
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

/// In the place of the library's, by which Rust opens a file.
///
/// # Safety
/// As the library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: libc::mode_t) -> c_int {
    if is_wide() && fails().is_some() {
        return -1;
    }
    // SAFETY: whoever calls this gives a path that ends with a zero byte.
    let (there, fd) = unsafe {
        let there = libc::access(path, libc::F_OK) == 0;
        (there, c_int::try_from(libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path, flags, mode)).unwrap_or(-1))
    };
    if fd >= 0 && is_wide() {
        record(|recorder| {
            let name = text(path);
            if Path::new(&name).is_dir() {
                recorder.look_round();
                recorder.open.insert(fd, format!("{NAMES}{name}"));
            } else if recorder.folders.iter().any(|folder| Path::new(&name).parent() == Some(folder)) {
                recorder.opened(fd, name, !there);
            } else {
                recorder.open.remove(&fd);
            }
        });
    }
    fd
}

/// In the place of the library's, by which Rust writes.
///
/// # Safety
/// As the library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(fd: c_int, from: *const c_void, count: usize) -> isize {
    if is_wide() && fails().is_some() {
        return -1;
    }
    if is_wide() {
        record(|recorder| {
            if let Some(name) = recorder.open.get(&fd).filter(|name| is_kept(name)).cloned() {
                // SAFETY: asking where a file stands moves nothing; whoever writes gives `count` bytes to be read.
                let (at, bytes) = unsafe {
                    let appends = libc::fcntl(fd, libc::F_GETFL) & libc::O_APPEND != 0;
                    let at =
                        if appends { libc::lseek(fd, 0, libc::SEEK_END) } else { libc::lseek(fd, 0, libc::SEEK_CUR) };
                    (at, std::slice::from_raw_parts(from.cast::<u8>(), count).to_vec())
                };
                recorder.events.push(Event::Write(name, u64::try_from(at).unwrap_or(0), bytes));
            }
        });
    }
    // SAFETY: as whoever called this would.
    isize::try_from(unsafe { libc::syscall(libc::SYS_write, fd, from, count) }).unwrap_or(-1)
}

/// In the place of the library's, by which Rust gives a file another name.
///
/// # Safety
/// As the library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    if is_wide() && fails().is_some() {
        return -1;
    }
    // SAFETY: as whoever called this would.
    let done = unsafe { libc::syscall(libc::SYS_rename, from, to) };
    if is_wide() {
        record(Recorder::look_round);
    }
    c_int::try_from(done).unwrap_or(-1)
}

/// In the place of the library's, by which Rust takes a file away.
///
/// # Safety
/// As the library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    if is_wide() && fails().is_some() {
        return -1;
    }
    if is_wide() {
        record(|recorder| recorder.unlinked(text(path)));
    }
    // SAFETY: as whoever called this would.
    c_int::try_from(unsafe { libc::syscall(libc::SYS_unlink, path) }).unwrap_or(-1)
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
