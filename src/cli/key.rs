//! The passphrase: asked on the terminal, or read from a file that only its owner may read. Never from arguments or environment.

use std::fs;
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::store::fault::Fault;
use crate::store::open::Passphrase;

use super::{Failure, say, warn};

/// Asks for a passphrase on the terminal, without echo.
pub(super) fn ask(prompt: &str) -> Result<Passphrase, Failure> {
    // Nothing is shown from before the prompt on: whoever is quicker than the program must not see what they type.
    silently(|| rpassword::prompt_password(prompt), Typed::Counts)
        .map(Passphrase::new)
        .map_err(|_| Failure::Outside("The passphrase could not be asked for: this is not a terminal. Use --key-file with a file only you may read.".to_owned()))
}

/// Asks for a passphrase until `open` takes it: three tries, each wrong one waited for longer.
pub(super) fn ask_until<T>(mut open: impl FnMut(Passphrase) -> Result<T, Fault>) -> Result<T, Failure> {
    let mut wait = Duration::from_secs(1);
    for _ in 0..2 {
        match open(ask("Passphrase: ")?) {
            Err(Fault::WrongKey) => warn("Wrong passphrase, or the file is damaged. Nothing was changed.")?,
            other => return Ok(other?),
        }
        let pass = || {
            // Nothing is sent here: this only lets the time pass.
            let _ = crossbeam_channel::never::<()>().recv_timeout(wait);
        };
        // Whoever is quicker than the wait must not see their passphrase on the screen.
        silently(pass, Typed::Forgotten);
        wait *= 2;
    }
    Ok(open(ask("Passphrase: ")?)?)
}

/// What becomes of what was typed while nothing was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typed {
    /// It is read.
    Counts,
    /// It is forgotten: it was typed before anybody asked.
    Forgotten,
}

/// Does something while the terminal shows nothing of what is typed.
#[cfg(unix)]
fn silently<T>(it: impl FnOnce() -> T, typed: Typed) -> T {
    use rustix::termios::{LocalModes, OptionalActions, QueueSelector, tcflush, tcgetattr, tcsetattr};
    let Ok(terminal) = std::fs::File::open("/dev/tty") else { return it() };
    let Ok(before) = tcgetattr(&terminal) else { return it() };
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    let _ = tcsetattr(&terminal, OptionalActions::Now, &silent);
    let done = it();
    if typed == Typed::Forgotten {
        let _ = tcflush(&terminal, QueueSelector::IFlush);
    }
    let _ = tcsetattr(&terminal, OptionalActions::Now, &before);
    done
}

/// As on Unix; here the terminal is left as it is.
#[cfg(not(unix))]
fn silently<T>(it: impl FnOnce() -> T, _typed: Typed) -> T {
    it()
}

/// How often a new passphrase is asked for before giving up.
const TRIES: usize = 3;
pub(super) const TOO_SHORT: &str = "A passphrase needs at least fourteen characters or six words.";

/// Asks for a new passphrase, twice. `refused` may have something against it, in words.
pub(super) fn ask_new(prompt: &str, refused: impl Fn(&Passphrase) -> Option<String>) -> Result<Passphrase, Failure> {
    for _ in 0..TRIES {
        let first = ask(prompt)?;
        if !first.is_long_enough() {
            say(TOO_SHORT)?;
        } else if let Some(why) = refused(&first) {
            say(&why)?;
        } else if ask("The same again: ")?.matches(&first) {
            return Ok(first);
        } else {
            say("The two were not the same.")?;
        }
    }
    Err(Failure::Refused("No passphrase was set. Nothing was changed.".to_owned()))
}

/// Reads a passphrase from the first line of a file.
pub(super) fn from_file(path: &Path) -> Result<Passphrase, Failure> {
    let meta = fs::metadata(path)
        .map_err(|error| Failure::Outside(format!("The key file {} could not be read: {error}.", path.display())))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if meta.mode() & 0o077 != 0 || meta.uid() != rustix::process::geteuid().as_raw() {
            return Err(Failure::Refused(format!(
                "Others may read the key file {0}. It was not used. Close that first: chmod 600 '{0}'",
                path.display()
            )));
        }
    }
    if meta.len() > 4_096 {
        return Err(Failure::Refused(format!("The key file {} is too long to hold a passphrase.", path.display())));
    }
    let text =
        Zeroizing::new(fs::read_to_string(path).map_err(|error| {
            Failure::Outside(format!("The key file {} could not be read: {error}.", path.display()))
        })?);
    let first = text.lines().next().unwrap_or_default();
    if first.is_empty() {
        return Err(Failure::Refused(format!("The key file {} is empty.", path.display())));
    }
    Ok(Passphrase::new(first.to_owned()))
}
