//! The recovery copy: under a second passphrase that somebody else keeps, opened by it before anybody relies on it.

use std::path::{Path, PathBuf};

use crate::clock::Now;
use crate::domain::day::Moment;
use crate::domain::text::displayable;
use crate::store::copy::{self, quietly};
use crate::store::doctor::RECOVERY;
use crate::store::fault::Fault;
use crate::store::log::{Stamp, StepKind};
use crate::store::open::Passphrase;
use crate::store::{Deed, FileKind, Reader, Stop, Store};

use super::{Failure, key, say};

/// How often a place is asked for before it is left out.
const TRIES: usize = 5;

/// Under this name the file keeps when its newest recovery copy was opened.
const MADE: &str = "recovery";

/// After so many days it is time for a new one.
const DAYS: i64 = 31;

/// That a recovery copy is to be made.
#[derive(Debug)]
pub(super) struct Due {
    /// Whether that is wrong, and not only the next thing to be done.
    pub(super) wrong: bool,
    /// In words.
    pub(super) words: String,
}

/// What there is to be said about the recovery copy of a file that needs one: by what it holds, and what came since.
pub(super) fn due(reader: &Reader, now: Now) -> Option<Due> {
    if reader.kind() == FileKind::Demo || !reader.is_encrypted() {
        return None;
    }
    let due = |wrong: bool, words: String| Some(Due { wrong, words: format!("{words} mdt key recovery PATH") });
    let (at, held) = match (made(reader), reader.recovery()) {
        (None, _) | (_, Ok(None)) => {
            return due(
                false,
                "There is no recovery copy: if the passphrase is lost, everything is. Make one with:".to_owned(),
            );
        }
        (Some(_), Err(fault)) => return due(true, format!("What the recovery copy holds: {fault} Make a new one:")),
        (Some(at), Ok(Some(held))) => (at, held),
    };
    let days = now.moment.seconds_since(at) / 86_400;
    if held.people == 0 && held.now > 0 {
        due(
            true,
            "The recovery copy holds nobody: it was made before the first list came in. Make a new one:".to_owned(),
        )
    } else if held.erased {
        due(
            false,
            "The recovery copy still holds somebody who was erased since. Destroy it and make a new one:".to_owned(),
        )
    } else if held.key_changed {
        due(false, "The passphrase was changed since the recovery copy was made. Make a new one:".to_owned())
    } else if days > DAYS {
        due(false, format!("The newest recovery copy is {days} days old. Make a new one with:"))
    } else {
        None
    }
}

/// When the newest recovery copy was made and opened.
pub(super) fn made(reader: &Reader) -> Option<Moment> {
    reader.setting(MADE).ok().flatten().and_then(|at| Moment::from_iso(&at))
}

/// What there is against a place for the copy; nothing where one can be made.
pub(super) fn no_place(to: &Path) -> Option<String> {
    let folder = |it: &Path| format!("There is no folder {}.", shown(it));
    let above = to.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if to.is_dir() {
        None
    } else if to.symlink_metadata().is_ok() {
        Some(format!("{} exists already; a copy never replaces a file.", shown(to)))
    } else if to.extension().is_none_or(|it| it != "mdt") {
        Some(format!("{} Give a folder that is there, or a name that ends in .mdt.", folder(to)))
    } else {
        (!above.is_dir()).then(|| folder(above))
    }
}

/// Asks where the copy is to be until it can be made there; nothing where it is left out.
pub(super) fn ask_where() -> Result<Option<PathBuf>, Failure> {
    say("A recovery copy opens with a second passphrase, which somebody else keeps.")?;
    for _ in 0..TRIES {
        say("Where to make it (a folder, on a stick say; Enter to leave it out): ")?;
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        let place = PathBuf::from(line.trim());
        if place.as_os_str().is_empty() {
            return Ok(None);
        }
        match no_place(&place) {
            None => return Ok(Some(place)),
            Some(why) => say(&why)?,
        }
    }
    Ok(None)
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
    // That there is one already is said by the making itself, which never replaces a file.
    if let Some(why) = no_place(to).filter(|_| to.symlink_metadata().is_err()) {
        return Err(Failure::Refused(format!("{why} No copy was made.")));
    }
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
        let why = match failure {
            // What is to be done about a team's file of which the passphrase is not known is no advice here.
            Failure::File(Fault::WrongKey) => "Wrong passphrase.".to_owned(),
            other => other.to_string(),
        };
        Failure::Refused(format!(
            "{why} The copy {} was not opened: do not rely on it; remove it. Make another with: mdt key recovery PATH",
            shown(&to)
        ))
    })?;
    let first_opens = !matches!(copy::examine(&to, Some(first), &Stop::default()), Err(Fault::WrongKey));
    if opened != copied || first_opens {
        return Err(Failure::Refused(format!("The copy {} did not prove good: do not rely on it.", shown(&to))));
    }
    store.commit(stamp, &Deed::change(RECOVERY).of_kind(StepKind::Key), &[])?;
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
