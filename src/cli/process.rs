//! What the process does for itself before anything else: no core dumps, nothing to look into, no stray descriptors, no
//! passphrase from the environment, and no word about anybody where the program fails.

use std::ffi::OsString;
use std::io::Write as _;

use crate::domain::text::displayable;
use crate::ui::terminal;

/// Beginnings of names under which somebody might think a passphrase could be handed over.
const NOT_USED: [&str; 2] = ["MDT_PASS", "MDT_KEY"];

/// Keeps memory to the process itself: a crash leaves no core file, no other program of this login may look in, and whatever
/// is made is its owner's alone. Descriptors 0, 1 and 2 are opened where they were closed: otherwise the data file could get
/// one of them, and a message would be written into it.
#[cfg(unix)]
pub fn keep_to_itself() {
    use std::os::fd::{AsRawFd as _, IntoRawFd as _};

    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    // Where a system refuses one of these, the program still works; there is nobody to tell yet.
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    while let Ok(open) = rustix::fs::open("/dev/null", rustix::fs::OFlags::RDWR, rustix::fs::Mode::empty()) {
        if open.as_raw_fd() > 2 {
            break;
        }
        let _ = open.into_raw_fd();
    }
}

/// Keeps memory to the process itself.
#[cfg(not(unix))]
pub fn keep_to_itself() {}

/// Lets a mistake in the program say where it is, and nothing else: its message may hold what the program had in its hands.
/// (While a list is read, whoever reads it says what became of it.)
pub fn keep_mistakes_short() {
    std::panic::set_hook(Box::new(|info| {
        if !crate::jobs::lists::is_at_work() {
            let _ = writeln!(std::io::stderr(), "{}", terminal::mistake(info));
        }
    }));
}

/// The name of a variable that looks like a passphrase in the environment, where others can read it.
pub fn secret_in(names: impl Iterator<Item = OsString>) -> Option<String> {
    names
        .map(|name| name.to_string_lossy().into_owned())
        .find(|name| NOT_USED.iter().any(|begins| name.to_uppercase().starts_with(begins)))
        .map(|name| displayable(&name))
}

/// What is said then.
pub fn not_from_there(name: &str) -> String {
    format!(
        "The environment variable {name} was not used: other programs can read it there. Unset it, and give the passphrase on the terminal or with --key-file. Nothing was opened."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_look_like_a_passphrase_are_met() {
        let met = |name: &str| secret_in([OsString::from("HOME"), OsString::from(name)].into_iter());
        assert_eq!(met("MDT_PASSPHRASE").as_deref(), Some("MDT_PASSPHRASE"));
        assert_eq!(met("MDT_KEY").as_deref(), Some("MDT_KEY"));
        assert_eq!(met("mdt_pass").as_deref(), Some("mdt_pass"));
        assert_eq!(met("MDT_LONG"), None);
        assert_eq!(met("PASS"), None);
    }
}
