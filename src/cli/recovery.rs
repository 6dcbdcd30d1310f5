//! The recovery copy: under a second passphrase that somebody else keeps, opened by it before anybody relies on it.

use std::path::{Path, PathBuf};

use crate::clock::Now;
use crate::domain::day::Moment;
use crate::domain::text::displayable;
use crate::store::copy::{self, quietly};
use crate::store::fault::Fault;
use crate::store::log::{Stamp, StepKind};
use crate::store::open::Passphrase;
use crate::store::{Deed, FileKind, Reader, Stop, Store};

use super::{Failure, key, say};

/// Under this name the file keeps when its newest recovery copy was opened.
const MADE: &str = "recovery";

/// After so many days it is time for a new one.
const DAYS: i64 = 31;

/// What there is to be said about the recovery copy of a file that needs one.
pub(super) fn due(reader: &Reader, now: Now) -> Option<String> {
    if reader.kind() == FileKind::Demo || !reader.is_encrypted() {
        return None;
    }
    match made(reader) {
        None => Some(
            "There is no recovery copy: if the passphrase is lost, everything is. Make one with: mdt key recovery PATH"
                .to_owned(),
        ),
        Some(at) => {
            let days = now.moment.seconds_since(at) / 86_400;
            (days > DAYS).then(|| {
                format!("The newest recovery copy is {days} days old. Make a new one with: mdt key recovery PATH")
            })
        }
    }
}

/// When the newest recovery copy was made and opened.
pub(super) fn made(reader: &Reader) -> Option<Moment> {
    reader.setting(MADE).ok().flatten().and_then(|at| Moment::from_iso(&at))
}

/// How the second passphrase is come by.
pub(super) enum Second<'s> {
    /// From a file.
    Given(&'s Passphrase),
    /// Typed, twice, and once more to open the copy.
    Asked,
}

/// Why a passphrase will not do as the second one.
pub(super) fn unfit(first: &Passphrase, second: &Passphrase) -> Option<String> {
    if !second.is_long_enough() {
        Some(key::TOO_SHORT.to_owned())
    } else if second.matches(first) {
        Some("The second passphrase must be another one: whoever loses the first loses both.".to_owned())
    } else {
        None
    }
}

/// Makes the copy at `to` (in it, where that is a folder), opens it by the second passphrase, and writes down that it was done.
pub(super) fn make(
    store: &mut Store,
    reader: &Reader,
    first: &Passphrase,
    second: Second<'_>,
    to: &Path,
    stamp: &Stamp,
) -> Result<(), Failure> {
    let to = place(reader.path(), to, stamp)?;
    let asked;
    let (passphrase, typed) = match second {
        Second::Given(given) => {
            if let Some(why) = unfit(first, given) {
                return Err(Failure::Refused(format!("{why} No copy was made.")));
            }
            (given, false)
        }
        Second::Asked => {
            say("The second passphrase is for somebody else to keep: whoever looks after the team's records, say.")?;
            asked = key::ask_new("Second passphrase (fourteen characters, or six words): ", |it| unfit(first, it))?;
            (&asked, true)
        }
    };
    let copied = store.copy_under(passphrase, &to, &Stop::default(), &mut quietly)?;
    if typed {
        say("The copy is made. Now open it, as whoever keeps the second passphrase would.")?;
    }
    let opened = if typed {
        key::ask_until(|passphrase| copy::examine(&to, Some(&passphrase), &Stop::default()))
    } else {
        copy::examine(&to, Some(passphrase), &Stop::default()).map_err(Failure::from)
    };
    let opened = opened.map_err(|failure| {
        Failure::Refused(format!("{failure} The copy {} was not opened: do not rely on it.", shown(&to)))
    })?;
    let first_opens = !matches!(copy::examine(&to, Some(first), &Stop::default()), Err(Fault::WrongKey));
    if opened != copied || first_opens {
        return Err(Failure::Refused(format!("The copy {} did not prove good: do not rely on it.", shown(&to))));
    }
    store.commit(stamp, &Deed::change("Make a recovery copy").of_kind(StepKind::Key), &[])?;
    store.set(MADE, &stamp.at)?;
    say(&format!(
        "Opened {} with the second passphrase: {} people, {}, whole. Keep it away from this machine, and the second passphrase away from the first.",
        shown(&to),
        opened.people,
        opened.head.printed()
    ))
}

/// A folder gets a name in it.
fn place(file: &Path, to: &Path, stamp: &Stamp) -> Result<PathBuf, Failure> {
    let to = std::path::absolute(to)?;
    if !to.is_dir() {
        return Ok(to);
    }
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let at: String = stamp.at.chars().filter(char::is_ascii_alphanumeric).collect();
    Ok(to.join(format!("{stem}-recovery-{at}.mdt")))
}

fn shown(path: &Path) -> String {
    displayable(&path.to_string_lossy())
}
