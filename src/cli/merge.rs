//! `mdt merge`: joins another copy of the file. Shows what would come, asks about what both changed, and then writes one step.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::domain::Word as _;
use crate::domain::change::{NounKind, RecordId as _};
use crate::domain::day::Day;
use crate::domain::id::{JoiningId, PersonId};
use crate::domain::person::Person;
use crate::domain::text::{Line, displayable};
use crate::exchange::story::columns::{ColumnWords, words};
use crate::store::Stop;
use crate::store::backup::{self, Why};
use crate::store::join::{Choice, Clash, Decisions, Differing, Foreseen, Joiner, Key, LeftOut, Other, Reason, What};
use crate::store::open::{Cover, check};

use super::{Arguments, Desk, Failure, key, say, warn};

/// How many people, or records left out, are shown by name.
const SHOWN: usize = 40;

/// How often one thing is asked before it counts as given up.
const TRIES: usize = 20;

/// What `mdt merge` is told.
#[derive(Debug, Args)]
pub(super) struct MergeArguments {
    /// The other copy. It is only read.
    other: PathBuf,
    /// Read the passphrase of the other copy from this file, which only its owner may read. For scripts.
    #[arg(long, value_name = "PATH")]
    other_key_file: Option<PathBuf>,
    /// Only show what would come, and what has to be decided.
    #[arg(long)]
    preview: bool,
    /// Decide a numbered question: --take 1=ours --take 2=theirs --take 3=both.
    #[arg(long, value_name = "N=ours|theirs|both")]
    take: Vec<String>,
}

/// The numbers under which questions were asked, which stay while answers bring up others.
#[derive(Default)]
struct Numbers(BTreeMap<Key, usize>);

impl Numbers {
    fn of(&mut self, clashes: &[Clash]) {
        for clash in clashes {
            let next = self.0.len() + 1;
            self.0.entry(clash.key).or_insert(next);
        }
    }

    fn get(&self, key: &Key) -> usize {
        self.0.get(key).copied().unwrap_or_default()
    }
}

/// Joins another copy.
pub(super) fn run(arguments: &Arguments, merge: &MergeArguments) -> Result<(), Failure> {
    let takes = merge.take.iter().map(|text| take(text)).collect::<Result<BTreeMap<usize, Choice>, _>>()?;
    let path = std::path::absolute(&merge.other)?;
    let ours = arguments.path()?;
    // Before anything is opened: to read a file that is open would drop its locks.
    if same(&path, &ours) {
        return Err(Failure::Refused(
            "This is the file itself, not another copy of it. Nothing was changed.".to_owned(),
        ));
    }
    let cover = check(&path)?;
    let mut desk = arguments.desk()?;
    // Two copies of one file mostly have one passphrase.
    let key_file = merge.other_key_file.as_ref().or(arguments.key_file.as_ref());
    let passphrase = match (cover, key_file) {
        (Cover::Plain, _) => None,
        (Cover::Encrypted, Some(file)) => Some(key::from_file(file)?),
        (Cover::Encrypted, None) => Some(key::ask("Passphrase of the other copy: ")?),
    };
    let stop = Stop::default();
    let other = Other::open(&path, passphrase.as_ref(), &stop)?;
    if !other.is_copy_of(&desk.reader) {
        return Err(Failure::Refused(
            "These are two different files, not two copies of one. Nothing was changed.".to_owned(),
        ));
    }
    let Some((decisions, foreseen)) = decide(&desk, &other, merge, &takes)? else { return Ok(()) };
    let stamp = desk.stamp();
    let copied = backup::before(&mut desk.store, &stamp, Why::Merge, &stop)?;
    if let Some(made) = &copied {
        for warning in &made.warnings {
            warn(warning)?;
        }
    }
    let (stamp, id) = (desk.stamp(), desk.mint.mint::<JoiningId>());
    let by = Line::parse(&desk.actor)?;
    let mut joiner = Joiner::new(&desk.reader, &other, desk.now().today)?;
    let receipt = desk.store.join(&stamp, &by, id, &mut joiner, &decisions, &stop)?;
    drop(joiner);
    if let Some(made) = copied {
        say(&format!("A copy of the file as it was is in {}.", displayable(&made.path.to_string_lossy())))?;
    }
    say(&format!(
        "Joined as step {}: {} of their steps came, {} decided by you. One undo takes all of it back. The other copy was only read; it does not have yet what is here – copy this file over, or merge the other way round too.",
        receipt.step,
        foreseen.steps,
        foreseen.clashes.len()
    ))
}

fn same(one: &Path, two: &Path) -> bool {
    match (one.canonicalize(), two.canonicalize()) {
        (Ok(one), Ok(two)) => one == two,
        (Ok(_) | Err(_), _) => one == two,
    }
}

fn take(text: &str) -> Result<(usize, Choice), Failure> {
    let refused = || Failure::Refused("--take is given as N=ours, N=theirs or N=both. Nothing was changed.".to_owned());
    let (number, choice) = text.split_once('=').ok_or_else(refused)?;
    let choice = match choice.trim() {
        "ours" => Choice::Ours,
        "theirs" => Choice::Theirs,
        "both" => Choice::Both,
        _ => return Err(refused()),
    };
    Ok((number.trim().parse().map_err(|_| refused())?, choice))
}

/// Shows what would come and has everything decided; nothing where it is only looked at, given up, or nothing comes.
fn decide(
    desk: &Desk,
    other: &Other,
    merge: &MergeArguments,
    takes: &BTreeMap<usize, Choice>,
) -> Result<Option<(Decisions, Foreseen)>, Failure> {
    let stop = Stop::default();
    let mut joiner = Joiner::new(&desk.reader, other, desk.now().today)?;
    let mut decisions = Decisions::new();
    let mut foreseen = joiner.foresee(&decisions, &stop)?;
    if foreseen.is_nothing_new() {
        say("The other copy has nothing that this file does not have. Nothing was changed.")?;
        return Ok(None);
    }
    let terminal = std::io::stdin().is_terminal() && !merge.preview;
    let mut numbers = Numbers::default();
    show(&joiner, &foreseen)?;
    loop {
        numbers.of(&foreseen.clashes);
        let open: Vec<Clash> =
            foreseen.clashes.iter().filter(|clash| !decisions.contains_key(&clash.key)).cloned().collect();
        if open.is_empty() {
            break;
        }
        let mut unanswered = 0;
        for clash in &open {
            let number = numbers.get(&clash.key);
            let choice = match takes.get(&number) {
                Some(choice) if clash.choices.contains(choice) => Some(*choice),
                Some(_) => {
                    return Err(Failure::Refused(format!(
                        "Question {number} cannot be answered so; see --preview. Nothing was changed."
                    )));
                }
                None => None,
            };
            if choice.is_none() || merge.preview {
                ask(&joiner, clash, number)?;
            }
            match (choice, terminal) {
                (Some(choice), _) => {
                    decisions.insert(clash.key, choice);
                }
                (None, true) => match answer(clash)? {
                    Some(choice) => {
                        decisions.insert(clash.key, choice);
                    }
                    None => {
                        say("Given up. Nothing was changed.")?;
                        return Ok(None);
                    }
                },
                (None, false) => unanswered += 1,
            }
        }
        if unanswered > 0 && merge.preview {
            return say("Only looked at. Nothing was changed.").map(|()| None);
        }
        if unanswered > 0 {
            return Err(Failure::Refused(format!(
                "{unanswered} of these {} to be decided by a person: with --take N=ours, N=theirs or N=both, or on a terminal. Nothing was changed.",
                if unanswered == 1 { "has" } else { "have" }
            )));
        }
        foreseen = joiner.foresee(&decisions, &stop)?;
    }
    if let Some(number) = takes.keys().find(|number| !numbers.0.values().any(|it| it == *number)) {
        return Err(Failure::Refused(format!("There is no question {number}. Nothing was changed.")));
    }
    left_out(&joiner, &foreseen)?;
    if merge.preview {
        return say("Only looked at. Nothing was changed.").map(|()| None);
    }
    if terminal && !agreed()? {
        say("Nothing was written, and no answer is kept. Run it again to join them.")?;
        return Ok(None);
    }
    Ok(Some((decisions, foreseen)))
}

/// Asks until the answer is yes or no: all that was decided before hangs on it.
fn agreed() -> Result<bool, Failure> {
    for _ in 0..TRIES {
        match super::import::answer("Join them? [y/n] ")?.as_str() {
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => say("Please type y to join them, or n to write nothing.")?,
        }
    }
    Ok(false)
}

/// What would come: counts by noun, and about whom.
fn show(joiner: &Joiner<'_>, foreseen: &Foreseen) -> Result<(), Failure> {
    say(&format!(
        "Both have the same up to step {}. The other copy went on to step {}; {} of its steps are not here.",
        foreseen.base, foreseen.head, foreseen.steps
    ))?;
    for (noun, counts) in &foreseen.counts {
        let parts: Vec<String> = [(counts.added, "new"), (counts.altered, "changed"), (counts.removed, "taken away")]
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        say(&format!("  {:<28} {}", noun.label(), parts.join(", ")))?;
    }
    if foreseen.counts.is_empty() {
        say("  no record would change, but for what has to be decided")?;
    }
    if !foreseen.people.is_empty() {
        say(&format!("About {}:", people(foreseen.people.len())))?;
    }
    for person in foreseen.people.iter().take(SHOWN) {
        say(&format!("  {}", who(joiner, *person)?))?;
    }
    if let Some(rest) = foreseen.people.len().checked_sub(SHOWN).filter(|rest| *rest > 0) {
        say(&format!("  … and {rest} more"))?;
    }
    for person in foreseen.back.iter().take(SHOWN) {
        say(&format!(
            "Look at this: {}, new in the other copy, has the name and date of birth of somebody erased here. They come as somebody new; if they are the same, erase them again.",
            who(joiner, *person)?
        ))?;
    }
    for (here, there) in foreseen.alike.iter().take(SHOWN) {
        say(&format!(
            "Look at this: {} was added on both sides ({} here). Both stay; nobody is merged.",
            who(joiner, *there)?,
            who(joiner, *here)?
        ))?;
    }
    Ok(())
}

fn people(count: usize) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

/// What does not come, and why.
fn left_out(joiner: &Joiner<'_>, foreseen: &Foreseen) -> Result<(), Failure> {
    if foreseen.left_out.is_empty() {
        return Ok(());
    }
    say("This does not come (it stays in the log of the other copy, which is kept beside ours):")?;
    for LeftOut { person, noun, row, why } in foreseen.left_out.iter().take(SHOWN) {
        let about = match person {
            Some(person) => format!(", {}", who(joiner, *person)?),
            None => joiner.called(*noun, *row)?.map(|name| format!(", {}", flat(&name))).unwrap_or_default(),
        };
        let why = match why {
            Reason::SealedHere => "the minutes of its meeting are sealed here; add an addendum",
            Reason::NotAsSealed => "the meeting is not the same here as it was sealed there; seal it here",
            Reason::NothingToBelongTo => "what it belongs to is not here",
            Reason::BuiltOnHere => "taken away there, but something here is built on it; it stays",
            Reason::StaysOut => "their record of this person stays out, as decided",
            Reason::Erased => {
                "the text about this person was erased in one of the copies, and none of it is taken over; erase it in both"
            }
        };
        say(&format!("  {}{about}: {why}", noun.label()))?;
    }
    match foreseen.left_out.len().checked_sub(SHOWN).filter(|rest| *rest > 0) {
        Some(rest) => say(&format!("  … and {rest} more")),
        None => Ok(()),
    }
}

fn who(joiner: &Joiner<'_>, id: PersonId) -> Result<String, Failure> {
    Ok(match joiner.get::<Person>(id)? {
        None => "somebody no longer on file".to_owned(),
        Some(person) => {
            let born = person.born.map(|born| format!(", born {born}")).unwrap_or_default();
            let number = person.nhs_number.map(|number| format!(", {number}")).unwrap_or_default();
            format!("{}{born}{number}", person.name())
        }
    })
}

/// One question, with all that is needed to answer it.
fn ask(joiner: &Joiner<'_>, clash: &Clash, number: usize) -> Result<(), Failure> {
    let (noun, row, _) = clash.key;
    let about = match clash.person {
        Some(person) => who(joiner, person)?,
        None => joiner.called(noun, row)?.map(|name| flat(&name)).unwrap_or_default(),
    };
    say("")?;
    say(&format!("{number}. {about} – {}", noun.label()))?;
    let by = joiner
        .their_hand(noun, row)?
        .map(|(actor, at)| format!(" (last written there by {}, {})", displayable(&actor), day_of(&at)));
    let by = by.unwrap_or_default();
    match &clash.what {
        What::Fields(fields) => {
            for field in fields {
                differing(joiner, noun, field)?;
            }
            say(&format!(
                "   [o]urs, [t]heirs{}?{by}",
                if clash.choices.contains(&Choice::Both) { ", [b]oth" } else { "" }
            ))
        }
        What::GoneThere => say(&format!("   Changed here, taken away there{by}. [o] keep it, [t] take it away?")),
        What::GoneHere => say(&format!(
            "   Taken away here; there it was changed, or something was built on it{by}. [o] leave it away, [t] bring it back?"
        )),
        What::SameNumber(with, new) => {
            say(&format!("   has the same NHS number as {}.", who(joiner, PersonId::from_raw(*with))?))?;
            say("   Nobody's records are moved to somebody else.")?;
            if *new {
                say(
                    "   [o] only ours stays, theirs and what belongs to it stay out; [t] both stay, theirs has the number; [b] both stay, ours keeps the number?",
                )
            } else {
                say("   [o] the number stays as it is here; [t] theirs gets it, and the other one has none?")
            }
        }
        What::TwoKeyWorkers(with) => {
            say("   Each copy has another key worker for them:")?;
            say(&format!("     ours    {}", worker(joiner, *with, joiner.our_hand(noun, *with)?)?))?;
            say(&format!("     theirs  {}", worker(joiner, row, joiner.their_hand(noun, row)?)?))?;
            say("   [o] ours stays, theirs is kept as one that ended today; [t] the other way round?")
        }
        What::TwoLive(with) => {
            let here = joiner.called(NounKind::Meeting, *with)?.unwrap_or_default();
            say(&format!(
                "   Two meetings are live: here {}, there this one.",
                value(joiner, noun, "on", Some(&here))?
            ))?;
            say("   [o] ours goes on, theirs is planned again, with all that was recorded; [t] the other way round?")
        }
    }
}

/// Whom, since when, and who named them on which day.
fn worker(joiner: &Joiner<'_>, period: i64, by: Option<(String, String)>) -> Result<String, Failure> {
    let kind = NounKind::KeyWorker;
    let by = by.map(|(actor, at)| format!(" (named by {}, {})", displayable(&actor), day_of(&at))).unwrap_or_default();
    let period =
        joiner.get::<crate::domain::key_worker::KeyWorker>(crate::domain::id::KeyWorkerId::from_raw(period))?;
    let Some(period) = period else { return Ok(format!("somebody ({}){by}", kind.label())) };
    let name = joiner.called(NounKind::Member, period.member.raw())?.unwrap_or_default();
    Ok(format!("{}, since {}{by}", flat(&name), period.since))
}

fn day_of(at: &str) -> String {
    let day = at.get(..10).unwrap_or(at);
    Day::from_iso(day).map_or_else(|| displayable(day), |day| day.to_string())
}

fn differing(joiner: &Joiner<'_>, noun: NounKind, field: &Differing) -> Result<(), Failure> {
    say(&format!("   {}", column(noun, field.column)))?;
    say(&format!("     before  {}", value(joiner, noun, field.column, field.base.as_deref())?))?;
    say(&format!("     ours    {}", value(joiner, noun, field.column, field.ours.as_deref())?))?;
    say(&format!("     theirs  {}", value(joiner, noun, field.column, field.theirs.as_deref())?))
}

/// The word that the program has for a field, as a heading.
fn column(noun: NounKind, name: &str) -> String {
    let label = match words(noun, name) {
        Some(ColumnWords::Is(label, _)) => label.to_owned(),
        Some(ColumnWords::Silent(_)) | None => name.replace('_', " "),
    };
    let mut letters = label.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A cell as a person reads it.
fn value(joiner: &Joiner<'_>, noun: NounKind, column: &str, cell: Option<&str>) -> Result<String, Failure> {
    const YES_NO: [&str; 11] = [
        "lives_alone",
        "housebound",
        "respect",
        "palliative",
        "has_carer",
        "objects_to_risk_lists",
        "overridden",
        "here_now",
        "telling",
        "break_offered",
        "sealed",
    ];
    let Some(cell) = cell else { return Ok("(empty)".to_owned()) };
    if let Some(to) = joiner.refers_to(noun, column)
        && let Ok(id) = cell.parse::<i64>()
    {
        return match to {
            NounKind::Person => who(joiner, PersonId::from_raw(id)),
            NounKind::AgendaItem => match joiner.person_of(to, id)? {
                Some(person) => who(joiner, person),
                None => Ok(joiner.called(to, id)?.map_or_else(|| to.label().to_owned(), |name| flat(&name))),
            },
            other => Ok(joiner.called(other, id)?.map_or_else(|| other.label().to_owned(), |name| flat(&name))),
        };
    }
    if YES_NO.contains(&column) {
        return Ok(if cell == "1" { "yes" } else { "no" }.to_owned());
    }
    Ok(Day::from_iso(cell).map_or_else(|| flat(cell), |day| day.to_string()))
}

/// A text on one line.
fn flat(text: &str) -> String {
    text.lines().map(displayable).collect::<Vec<_>>().join(" / ")
}

fn answer(clash: &Clash) -> Result<Option<Choice>, Failure> {
    for _ in 0..TRIES {
        let both = clash.choices.contains(&Choice::Both);
        let given = super::import::answer(if both { "   o/t/b, q gives up: " } else { "   o/t, q gives up: " })?;
        match given.as_str() {
            "o" | "ours" => return Ok(Some(Choice::Ours)),
            "t" | "theirs" => return Ok(Some(Choice::Theirs)),
            "b" | "both" if both => return Ok(Some(Choice::Both)),
            "q" => return Ok(None),
            _ => {}
        }
    }
    Ok(None)
}
