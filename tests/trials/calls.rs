//! The system's own calls: what the trials ask of Linux, and a hand on every call that SQLite makes.
#![allow(unsafe_code, reason = "signals, limits and SQLite's table of system calls have no safe wrapper")]

/// This process ends when the one that started it ends.
pub fn die_with_parent() {
    // SAFETY: it sets a number of this process and touches no memory.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}
