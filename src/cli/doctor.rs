//! `mdt doctor`: the file, its surroundings and its copies, one line a check. It reads everything, changes nothing, and says
//! nothing about anybody.

use std::path::Path;

use clap::Args;
use serde_json::json;

use crate::clock::{Clock, Now};
use crate::domain::day::Moment;
use crate::domain::text::displayable;
use crate::store::copy::is_part;
use crate::store::doctor::{Check, State, beside};
use crate::store::heads::Heads;
use crate::store::rekey::{KEPT_DAYS, left_beside};
use crate::store::{FileKind, Reader};

use super::{Arguments, Failure, audit, data_folder, recovery, say};

/// Less free space than this is too little, whatever the file's size.
const FREE: u64 = 50 << 20;

/// Seconds in a day.
const DAY: i64 = 24 * 3_600;

/// What `mdt doctor` is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes:\n  0  nothing is wrong; what is to be done next is marked “>”\n  1  something is wrong, marked “!”\n  3  the file could not be opened"
)]
pub(super) struct DoctorArgs {
    /// Print the checks as JSON.
    #[arg(long)]
    json: bool,
}

/// Looks, and says what it saw.
pub(super) fn run(arguments: &Arguments, args: &DoctorArgs) -> Result<(), Failure> {
    let path = arguments.path()?;
    let now = Clock::System.now();
    // Before any connection is open: these read files that belong to SQLite.
    let fit = crate::store::open::check(&path);
    let mut checks = vec![match &fit {
        Ok(_) => Check::well("file", "Its place, its owner and its permissions are as they should be."),
        Err(unfit) => Check::problem("file", unfit.to_string()),
    }];
    if fit.is_ok() {
        checks.push(beside(&path));
        checks.push(space(&path));
    }
    checks.push(left(&path, now));
    let opened = match fit {
        Ok(_) => audit::look(arguments),
        Err(unfit) => Err(Failure::File(unfit)),
    };
    let failure = match opened {
        Ok(reader) => {
            checks.push(reader.versions());
            checks.extend(reader.look_over());
            checks.push(remembered(&reader));
            checks.push(copies(&reader, now));
            checks.extend(before_erasure(&reader));
            checks.push(recovery_copy(&reader, now));
            None
        }
        Err(failure) => {
            checks.push(Check::problem("opening", failure.to_string()));
            Some(failure)
        }
    };
    tell(&path, &checks, args.json)?;
    let count = |state: State| checks.iter().filter(|check| check.state == state).count();
    match (failure, count(State::Problem), count(State::Next)) {
        (Some(failure), _, _) => Err(failure),
        (None, 0, 0) => Ok(()),
        (None, 0, _) if args.json => Ok(()),
        (None, 0, _) => say("Nothing is wrong. What is marked > is to be done next."),
        (None, 1, _) => Err(Failure::Refused("One thing is to be seen to. Nothing was changed.".to_owned())),
        (None, n, _) => Err(Failure::Refused(format!("{n} things are to be seen to. Nothing was changed."))),
    }
}

fn tell(path: &Path, checks: &[Check], as_json: bool) -> Result<(), Failure> {
    if as_json {
        let word = |state: State| match state {
            State::Well => "ok",
            State::Note => "note",
            State::Next => "next",
            State::Problem => "problem",
        };
        let each: Vec<_> = checks
            .iter()
            .map(|check| json!({"about": check.about, "state": word(check.state), "words": displayable(&check.words)}))
            .collect();
        let well = checks.iter().all(|check| check.state != State::Problem);
        let all = json!({"file": displayable(&path.to_string_lossy()), "well": well, "checks": each});
        return say(&serde_json::to_string_pretty(&all).unwrap_or_default());
    }
    say(&displayable(&path.to_string_lossy()))?;
    for check in checks {
        let mark = match check.state {
            State::Well => "OK",
            State::Note => "· ",
            State::Next => "> ",
            State::Problem => "! ",
        };
        say(&format!("{mark} {:<14} {}", check.about, displayable(&check.words)))?;
    }
    Ok(())
}

#[cfg(unix)]
fn space(path: &Path) -> Check {
    let (Ok(stat), Ok(meta)) = (rustix::fs::statvfs(path), path.metadata()) else {
        return Check::note("space", "How much room the disk has could not be asked.");
    };
    let (free, size) = (stat.f_bavail.saturating_mul(stat.f_frsize), meta.len());
    let words = format!("{} MB are free; the file has {} MB.", free >> 20, (size >> 20).max(1));
    if free < FREE || free < size.saturating_mul(3) {
        Check::problem("space", format!("{words} A copy, a list or a change of passphrase may not fit: make room."))
    } else {
        Check::well("space", words)
    }
}

#[cfg(not(unix))]
fn space(_path: &Path) -> Check {
    Check::note("space", "How much room the disk has could not be asked.")
}

/// What was left beside the file: old keys past their time, and copies that were never finished.
fn left(path: &Path, now: Now) -> Check {
    const ABOUT: &str = "beside it";
    let Ok(keys) = left_beside(path) else {
        return Check::note(ABOUT, "The folder could not be read.");
    };
    let parts = path
        .parent()
        .and_then(|folder| std::fs::read_dir(folder).ok())
        .map_or(0, |folder| folder.flatten().filter(|entry| is_part(&entry.file_name().to_string_lossy())).count());
    let over = keys.iter().find(|left| age(&left.at, now).is_none_or(|days| days > KEPT_DAYS));
    let name = |path: &Path| displayable(&path.file_name().unwrap_or_default().to_string_lossy());
    if let (true, Some(left)) = (path.symlink_metadata().is_err(), keys.first()) {
        Check::problem(
            ABOUT,
            format!(
                "{} is left from a change of the passphrase. It may be all there is: do not remove it.",
                name(&left.path)
            ),
        )
    } else if let Some(left) = keys.iter().find(|left| left.interrupted) {
        Check::problem(
            ABOUT,
            format!(
                "{} is left from a change of the passphrase that was interrupted. Open the file; if all is there, remove it.",
                name(&left.path)
            ),
        )
    } else if let Some(left) = over {
        Check::problem(
            ABOUT,
            format!(
                "{} still opens with an old passphrase, and its {KEPT_DAYS} days are over. Remove it.",
                name(&left.path)
            ),
        )
    } else if parts > 0 {
        Check::note(
            ABOUT,
            format!("{parts} unfinished copies (.mdt-copy-….part): a copy is being made, or was interrupted."),
        )
    } else if let Some(left) = keys.first() {
        Check::note(
            ABOUT,
            format!("{} is kept for {KEPT_DAYS} days and opens with the old passphrase.", name(&left.path)),
        )
    } else {
        Check::well(ABOUT, "Nothing is left from copies or changes of the passphrase.")
    }
}

/// How many days ago `20261122…` was.
fn age(at: &str, now: Now) -> Option<i64> {
    let (year, rest) = at.split_at_checked(4)?;
    let (month, rest) = rest.split_at_checked(2)?;
    let (day, _) = rest.split_at_checked(2)?;
    let day = crate::domain::day::Day::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    Some(now.today.days_since(day))
}

fn remembered(reader: &Reader) -> Check {
    const ABOUT: &str = "newest step";
    if reader.kind() == FileKind::Demo {
        return Check::well(ABOUT, "Invented people: nothing is remembered of this file.");
    }
    let Ok(folder) = data_folder() else {
        return Check::note(ABOUT, "This login has no folder in which anything could be remembered.");
    };
    match Heads::at(&folder).measure(reader) {
        Ok(standing) => match (standing.warning(), standing) {
            (Some(warning), _) => Check::problem(ABOUT, warning),
            (None, crate::store::heads::Standing::New) => {
                Check::note(ABOUT, "This machine remembers nothing of this file yet.")
            }
            (None, _) => Check::well(ABOUT, "It goes on from where this machine remembers it."),
        },
        Err(fault) => Check::problem(ABOUT, fault.to_string()),
    }
}

/// The newest copy that is there: its age only counts where something was done since.
fn copies(reader: &Reader, now: Now) -> Check {
    const ABOUT: &str = "copies";
    if reader.kind() == FileKind::Demo {
        return Check::well(ABOUT, "Invented people: no copies are needed.");
    }
    let newest = match reader.newest_copy() {
        Ok(Some(newest)) => newest,
        Ok(None) => {
            let words = "There is no copy of this file in its folder backups. Make one with: mdt backup";
            // mdt makes one at the first start of each day: a file of today may well have none yet, an older one should.
            let fresh = reader.made_at().is_some_and(|made| now.moment.seconds_since(made) <= DAY);
            return if fresh { Check::next(ABOUT, words) } else { Check::problem(ABOUT, words) };
        }
        Err(fault) => return Check::problem(ABOUT, fault.to_string()),
    };
    let hours = Moment::from_iso(&newest.at).map(|at| now.moment.seconds_since(at) / 3_600);
    let changed = reader.changed_since(newest.seq).unwrap_or(true);
    match hours {
        Some(hours) if hours <= 24 || !changed => {
            Check::well(ABOUT, format!("The newest was tried {hours} hours ago, at step {}.", newest.seq))
        }
        Some(hours) => Check::problem(
            ABOUT,
            format!(
                "The newest was tried {hours} hours ago, at step {}, and work was done since. Make one with: mdt backup",
                newest.seq
            ),
        ),
        None => Check::problem(ABOUT, "When the newest was made cannot be read. Make one with: mdt backup"),
    }
}

/// Copies that still hold somebody who was erased since.
fn before_erasure(reader: &Reader) -> Option<Check> {
    const ABOUT: &str = "older copies";
    match reader.copies_before_erasure() {
        Ok(None) => None,
        Ok(Some((_, 0))) => Some(Check::well(ABOUT, "None in the folder backups is older than the newest erasure.")),
        Ok(Some((step, older))) => Some(Check::next(
            ABOUT,
            format!(
                "{older} in the folder backups were made before the newest erasure (step {step}) and may hold what went. Make a new one with: mdt backup; see them with: mdt backup --list; then remove them."
            ),
        )),
        Err(fault) => Some(Check::problem(ABOUT, fault.to_string())),
    }
}

fn recovery_copy(reader: &Reader, now: Now) -> Check {
    const ABOUT: &str = "recovery copy";
    match (recovery::due(reader, now), recovery::made(reader)) {
        (Some(due), _) if due.wrong => Check::problem(ABOUT, due.words),
        (Some(due), _) => Check::next(ABOUT, due.words),
        (None, Some(_)) => Check::well(ABOUT, "Made and opened less than a month ago."),
        (None, None) => Check::well(ABOUT, "None is needed: the file is not encrypted, or holds invented people."),
    }
}
