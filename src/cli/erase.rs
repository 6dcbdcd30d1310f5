//! `mdt erase`: says what will go and what cannot be reached, asks, erases, and says what was done.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

use crate::clock;
use crate::domain::Word as _;
use crate::domain::change::{NounKind, Record};
use crate::domain::erasure::kept_until;
use crate::domain::id::PersonId;
use crate::domain::meeting::Meeting;
use crate::domain::person::Person;
use crate::domain::text::Line;
use crate::exchange::output::erasing;
use crate::exchange::output::file;
use crate::store::backup::{self, Manifest};
use crate::store::doctor::PAGES_LEFT;
use crate::store::erase::{Erased, Mention, Order, Pages, Redacted};

use super::{Arguments, Desk, Failure, say, whom};

/// What `mdt erase` can be told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  mdt erase --due                       who is past the time records are kept: counts only\n  mdt erase --due --names\n  mdt erase --person --why \"retention is over\" --witness \"Jo Hart\"      asks for the name or number: it is not to stand in a command\n\nNo copy is made before an erasure: it would keep what is to go. What is erased cannot be brought back."
)]
pub struct EraseArgs {
    /// Whose record: an NHS number, or a name that only one person has. Without one, it is read from the first line of the input.
    #[arg(long, value_name = "NAME|NUMBER", num_args = 0..=1, default_missing_value = "", required_unless_present_any = ["due", "tidy"])]
    person: Option<String>,
    /// On what authority: the request, the end of retention. It is kept.
    #[arg(long, value_name = "WORDS", required_unless_present_any = ["due", "tidy"])]
    why: Option<String>,
    /// Who is witness. It is kept.
    #[arg(long, value_name = "NAME", required_unless_present_any = ["due", "tidy"])]
    witness: Option<String>,
    /// Erase them although they are still on the caseload, and withdraw what is still to be done for them.
    #[arg(long)]
    still_active: bool,
    /// Do not ask. For scripts.
    #[arg(long)]
    yes: bool,
    /// Only list who is past the time records are kept.
    #[arg(long, conflicts_with_all = ["person", "why", "witness", "still_active", "yes"])]
    due: bool,
    /// Only write every page of the file anew, so that none still holds what was erased before.
    #[arg(long, conflicts_with_all = ["person", "why", "witness", "still_active", "yes", "due"])]
    tidy: bool,
    /// With --due: by name and number.
    #[arg(long, requires = "due")]
    names: bool,
}

/// Erases a record, or lists those that are due.
pub(super) fn run(arguments: &Arguments, args: &EraseArgs) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    if args.due {
        return due(&desk, args.names);
    }
    if args.tidy {
        return match desk.store.tidy_pages()? {
            Pages::Clean => say("Every page of the file was written anew."),
            Pages::Left => Err(Failure::Refused(
                "The file was written anew, but its log could not be emptied: another mdt has it open. Close it and try again."
                    .to_owned(),
            )),
        };
    }
    tidied(&mut desk)?;
    let person = whom::person(&desk, args.person.as_deref().unwrap_or_default())?;
    let (why, witness) = (
        Line::parse(args.why.as_deref().unwrap_or_default())?,
        Line::parse(args.witness.as_deref().unwrap_or_default())?,
    );
    let now = desk.now();
    // Before anything is asked; the erasure itself looks once more.
    desk.reader.may_erase(person.id, args.still_active).map_err(|fault| hinted(fault, args.still_active))?;
    let minutes = erasing::without(&desk.reader, person.id, now.today)?;
    let reach = Reach::of(&desk, &person, &minutes)?;
    announce(&desk, &person, &minutes, &reach)?;
    if !args.yes && !confirmed()? {
        return Err(Failure::Refused("Nothing was erased.".to_owned()));
    }
    let order = Order {
        person: person.id,
        id: desk.mint.mint(),
        by: Line::parse(&desk.actor)?,
        witness,
        why,
        still_active: args.still_active,
        at: now.moment,
        today: now.today,
        minutes,
    };
    let stamp = desk.stamp();
    let erased = desk.store.erase(&stamp, &order).map_err(|fault| hinted(fault, args.still_active))?;
    report(&erased)?;
    say("What still holds the text, and is yours to see to:")?;
    reach.told()
}

/// What an erasure before this one could not do, because it was killed, is done first.
fn tidied(desk: &mut Desk) -> Result<(), Failure> {
    if !desk.reader.pages_left()? {
        return Ok(());
    }
    match desk.store.tidy_pages() {
        Ok(Pages::Clean) => {
            say("An erasure before this one had not written the pages of the file anew. That is done now.")
        }
        Ok(Pages::Left) | Err(_) => super::warn(PAGES_LEFT),
    }
}

/// A refusal that the flag would lift says so.
fn hinted(fault: crate::store::fault::Fault, still_active: bool) -> Failure {
    let said = fault.to_string();
    if !still_active && (said.contains("active caseload") || said.contains("still open")) {
        return Failure::Refused(format!("{said} (--still-active says so.)"));
    }
    match fault {
        crate::store::fault::Fault::Rule(_) => Failure::Refused(said),
        other => Failure::File(other),
    }
}

fn announce(desk: &Desk, person: &Record<Person>, minutes: &[Redacted], reach: &Reach) -> Result<(), Failure> {
    let foreseen = desk.reader.erasure_foreseen(person.id, desk.now().today)?;
    say(&format!("To be erased: {}", whom::in_words(person)))?;
    for (noun, count) in &foreseen.records {
        say(&format!("  {count:>5}  {}", noun.label()))?;
    }
    if foreseen.drafts > 0 {
        say(&format!("  {:>5}  half-typed text", foreseen.drafts))?;
    }
    if !minutes.is_empty() {
        say(&format!("  {:>5}  sealed minutes: the part about them", minutes.len()))?;
    }
    say(
        "and every earlier version of these in the log. What stays: that there was a record, on which days it was discussed,",
    )?;
    say(
        "that there were actions and what became of them, who looked, what left. It cannot be undone, and no copy is made of it.",
    )?;
    say("What an erasure cannot reach:")?;
    reach.told()
}

fn confirmed() -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Refused(
            "Nothing was erased: there is nobody to ask. Say --yes where a script is to do it.".to_owned(),
        ));
    }
    say("Type ERASE to erase it:")?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim() == "ERASE")
}

fn report(erased: &Erased) -> Result<(), Failure> {
    say(&format!(
        "Erased, as step {}: {} records, {} sealed minutes, {} half-typed texts, {} entries of the log. The chain of steps is whole.",
        erased.receipt.step, erased.records, erased.minutes, erased.drafts, erased.log
    ))?;
    match erased.pages {
        Pages::Clean => say("Every page of the file was written anew: none of it holds the text any more."),
        Pages::Left => say(
            "The records are erased, but old pages of the file could not all be written anew (it is open elsewhere, or disk or memory is short). Close every mdt on it and run: mdt erase --tidy",
        ),
    }
}

/// What lies outside the records of the person.
struct Reach {
    copies: Vec<PathBuf>,
    before: usize,
    rejects: Vec<PathBuf>,
    left: Vec<String>,
    mentions: Vec<(NounKind, usize)>,
    drafts: usize,
    named: usize,
    uncut: Vec<String>,
}

impl Reach {
    fn of(desk: &Desk, person: &Record<Person>, minutes: &[Redacted]) -> Result<Self, Failure> {
        let path = desk.reader.path();
        let exports = file::default_folder(path);
        let rejects = files(&exports).into_iter().filter(|it| it.to_string_lossy().contains("-rejects-")).collect();
        let left = desk.reader.disclosures_about(person.id)?;
        let left = left.iter().map(|it| {
            let (day, time) = clock::local(it.at, &desk.clock);
            format!("{day} {time}: {}, {}, for {}, by {}", it.kind, it.format, it.recipient, it.by)
        });
        let mentions = counted(&desk.reader.mentions(person.id, person.surname.as_str())?);
        let remains = erasing::remains(&desk.reader, person.id, person.surname.as_str(), minutes)?;
        let mut uncut = Vec::new();
        for it in &remains.uncut {
            uncut.extend(desk.reader.get::<Meeting>(it.meeting)?.map(|meeting| meeting.on.to_string()));
        }
        let drafts = desk.reader.erasure_foreseen(person.id, desk.now().today)?.drafts_naming;
        let (all, left, named) = (copies(desk)?, left.collect(), remains.named.len());
        let older = before_them(desk, person.id)?;
        let of = all.len();
        let copies: Vec<PathBuf> = all.into_iter().filter(|path| !older.contains(path)).collect();
        let before = of.saturating_sub(copies.len());
        Ok(Self { copies, before, rejects, left, mentions, drafts, named, uncut })
    }

    fn told(&self) -> Result<(), Failure> {
        for path in &self.copies {
            say(&format!("  copy       {}", file::shown(path)))?;
        }
        if self.before > 0 {
            say(&format!(
                "  ({} copies were made before anything was recorded of them; only text half-typed then could name them)",
                self.before
            ))?;
        }
        for path in &self.rejects {
            say(&format!("  rejects    {}", file::shown(path)))?;
        }
        for line in &self.left {
            say(&format!("  left       {line}"))?;
        }
        for (noun, count) in &self.mentions {
            say(&format!(
                "  mention    {count} × {} of somebody else, or of nobody, with this surname in it",
                noun.label()
            ))?;
        }
        if self.drafts > 0 {
            say(&format!("  mention    {} half-typed texts of somebody else, or of nobody on file", self.drafts))?;
        }
        if self.named > 0 {
            say(&format!("  mention    {} sealed minutes, in what was said of others", self.named))?;
        }
        for day in &self.uncut {
            say(&format!(
                "  minutes    of {day}: they do not say whom a part is about (sealed by an early version, or damaged), so nothing is cut out of them"
            ))?;
        }
        if self.copies.is_empty()
            && self.rejects.is_empty()
            && self.left.is_empty()
            && self.mentions.is_empty()
            && self.drafts == 0
            && self.named == 0
            && self.uncut.is_empty()
        {
            say("  nothing that this file knows of")?;
        }
        say("  every recovery copy, and every copy made elsewhere, that is older than this step;")?;
        say("  and whatever was copied by other means: paper, messages, copies of this machine, a record system.")?;
        say("  The next list that names them brings them in again, as somebody new.")
    }
}

fn counted(mentions: &[Mention]) -> Vec<(NounKind, usize)> {
    let mut out: Vec<(NounKind, usize)> = Vec::new();
    for it in mentions {
        match out.iter_mut().find(|(noun, _)| *noun == it.noun) {
            Some((_, count)) => *count += 1,
            None => out.push((it.noun, 1)),
        }
    }
    out
}

/// Copies of the file: what lies in the folder of copies and in the second one, and whatever stands beside the file under a
/// name that begins as its own. All of them hold what was there when they were made.
fn copies(desk: &Desk) -> Result<Vec<PathBuf>, Failure> {
    let path = desk.reader.path();
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let own = |it: &PathBuf| {
        let name = it.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let itself = path.file_name().is_some_and(|file| name.starts_with(&*file.to_string_lossy()));
        !itself && !stem.is_empty() && name.starts_with(&stem)
    };
    let second = desk.reader.setting(backup::SECOND)?.map(PathBuf::from);
    let folders = std::iter::once(backup::folder_of(path)).chain(second);
    let mut out: Vec<PathBuf> =
        folders.flat_map(|folder| files(&folder)).filter(|it| it.extension().is_some_and(|it| it == "mdt")).collect();
    out.extend(files(path.parent().unwrap_or(Path::new("."))).into_iter().filter(own));
    Ok(out)
}

/// Copies on our lists that end before the first step about somebody, in this very log: no record in them speaks of them.
fn before_them(desk: &Desk, person: PersonId) -> Result<Vec<PathBuf>, Failure> {
    let Some(first) = desk.reader.first_step_about(person, desk.now().today)? else { return Ok(Vec::new()) };
    let second = desk.reader.setting(backup::SECOND)?.map(PathBuf::from);
    let mut out = Vec::new();
    for folder in std::iter::once(backup::folder_of(desk.reader.path())).chain(second) {
        // A list that cannot be read says nothing: every copy of that folder is then named.
        for copy in Manifest::read(&folder).unwrap_or_default().entries {
            // Another file of the same name may lie there by now.
            if copy.seq < first && copy.is_there(&folder) && desk.reader.goes_on_from(&copy)? {
                out.push(folder.join(&copy.name));
            }
        }
    }
    Ok(out)
}

/// The files of a folder by name; none where there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect())
        .unwrap_or_default();
    out.sort();
    out
}

fn due(desk: &Desk, names: bool) -> Result<(), Failure> {
    let (years, today) = (desk.team.retention_years, desk.now().today);
    let all = desk.reader.past_retention(desk.team.id, years, today)?;
    let mut held = 0;
    let mut free = Vec::new();
    for person in &all {
        if desk.reader.holds(person.id)?.iter().any(|hold| hold.stands()) {
            held += 1;
        } else {
            free.push(person);
        }
    }
    say(&format!(
        "Records are kept {years} years after somebody leaves the caseload. Past that today: {}; of these under a legal hold: {held}.",
        all.len()
    ))?;
    if names {
        for person in free {
            let until = kept_until(person, years).map(|day| day.to_string()).unwrap_or_default();
            say(&format!("  {} · {} · kept until {until}", whom::in_words(person), person.standing.label()))?;
        }
    }
    Ok(())
}
