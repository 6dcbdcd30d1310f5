//! `mdt import waiting` and `mdt import settle`: rows that only a person can judge, and values that lists propose.

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::domain::Word;
use crate::domain::change::{Record, RecordId as _};
use crate::domain::intake::{Proposal, QueueState, QueuedRow};
use crate::domain::person::Person;
use crate::exchange::intake::Kept;
use crate::exchange::intake::queue::{self, Choice};
use crate::store::Deed;
use crate::store::log::StepKind;

use super::{Arguments, Desk, Failure, say};

/// What `mdt import waiting` is told.
#[derive(Debug, Args)]
pub(super) struct WaitingArguments {
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

/// What `mdt import settle` is told.
#[derive(Debug, Args)]
pub(super) struct SettleArguments {
    /// Its number in `mdt import waiting`: its own, which no other takes when it is settled.
    number: i64,
    /// What you say of it.
    answer: Answer,
    /// Do it without asking. For scripts.
    #[arg(long)]
    yes: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Answer {
    /// The row means the person on file.
    Same,
    /// The row means somebody else, who joins the caseload.
    Different,
    /// The list's value takes the place of what the team wrote.
    Take,
    /// What the team wrote stays.
    Keep,
}

enum Item {
    Row(Box<Record<QueuedRow>>),
    Proposal(Box<Record<Proposal>>),
}

impl Item {
    /// Its number: the record's own.
    fn id(&self) -> i64 {
        match self {
            Self::Row(row) => row.id.raw(),
            Self::Proposal(proposal) => proposal.id.raw(),
        }
    }
}

/// Something that waits, and whom it may mean.
type Waiting = (Item, Option<Record<Person>>);

fn items(desk: &Desk) -> Result<Vec<Waiting>, Failure> {
    let mut out = Vec::new();
    for row in desk.reader.queue(desk.team.id, Some(QueueState::Waiting))? {
        let person = queue::candidate(&desk.reader, &desk.team, &row, desk.now().today)?;
        out.push((Item::Row(Box::new(row)), person));
    }
    for proposal in desk.reader.proposals(desk.team.id)? {
        let person = desk.reader.get::<Person>(proposal.person)?;
        out.push((Item::Proposal(Box::new(proposal)), person));
    }
    Ok(out)
}

/// Lists what waits.
pub(super) fn list(arguments: &Arguments, waiting: &WaitingArguments) -> Result<(), Failure> {
    let desk = arguments.desk()?;
    let items = items(&desk)?;
    if waiting.json {
        let one = |(item, _): &Waiting| match item {
            Item::Row(row) => json!({ "number": item.id(), "what": "row", "line": row.line, "why": row.why.as_str() }),
            Item::Proposal(it) => json!({ "number": item.id(), "what": "proposal", "field": it.field.code() }),
        };
        let all: Vec<_> = items.iter().map(one).collect();
        return say(&format!("{:#}", json!({ "version": 1, "waiting": all })));
    }
    if items.is_empty() {
        return say("Nothing waits.");
    }
    for (item, person) in &items {
        say(&format!("{}  {}", item.id(), who(person.as_ref(), item)))?;
        match item {
            Item::Row(row) => {
                say(&format!("      line {}: {}", row.line, row.why))?;
                let kept = Kept::read(&row.given);
                let cells: Vec<String> =
                    kept.shown().map(|(field, text)| format!("{} {text}", field.label())).collect();
                say(&format!("      the list has: {}", crate::domain::text::displayable(&cells.join(" · "))))?;
            }
            Item::Proposal(it) => {
                let ours = queue::current(&desk.reader, it)?;
                let ours = ours.as_ref().map_or("nothing", |ours| ours.as_str());
                say(&format!("      {}: the team has {ours}, the list has {}", it.field.label(), it.theirs))?;
            }
        }
    }
    say("")?;
    say("Settle one with: mdt import settle NUMBER same|different (a row), take|keep (a proposal).")
}

fn who(person: Option<&Record<Person>>, item: &Item) -> String {
    match (person, item) {
        (Some(person), _) => {
            let born = person.born.map(|born| format!(", born {born}")).unwrap_or_default();
            let number = person.nhs_number.map(|number| format!(", {number}")).unwrap_or_default();
            format!("{}{born}{number}", person.name())
        }
        (None, Item::Row(_)) => "nobody on file yet".to_owned(),
        (None, Item::Proposal(_)) => "somebody no longer on file".to_owned(),
    }
}

/// Settles one.
pub(super) fn settle(arguments: &Arguments, settle: &SettleArguments) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    let found = items(&desk)?.into_iter().find(|(item, _)| item.id() == settle.number);
    let (item, person) = found.ok_or_else(|| {
        Failure::Refused(format!(
            "Nothing that waits has the number {}. See `mdt import waiting`. Nothing was changed.",
            settle.number
        ))
    })?;
    let now = desk.now();
    let mut mint = desk.mint.clone();
    let (label, changes) = match (&item, settle.answer) {
        (Item::Row(row), Answer::Same) => (
            "Say that a row means this person",
            queue::decide(&desk.reader, &desk.team, now, &mut mint, row, Choice::Same)?,
        ),
        (Item::Row(row), Answer::Different) => (
            "Say that a row means somebody else",
            queue::decide(&desk.reader, &desk.team, now, &mut mint, row, Choice::Different)?,
        ),
        (Item::Proposal(it), Answer::Take) => {
            let actor = desk.stamp().actor;
            let changes = queue::accept(&desk.reader, &desk.team, now.today, &mut mint, &actor, it)?;
            ("Take what a list proposes", changes)
        }
        (Item::Proposal(it), Answer::Keep) => ("Keep what the team wrote", vec![queue::decline(it, now.today)]),
        (Item::Row(_), Answer::Take | Answer::Keep) => {
            return Err(Failure::Refused(
                "This is a row of a list: say same or different. Nothing was changed.".to_owned(),
            ));
        }
        (Item::Proposal(_), Answer::Same | Answer::Different) => {
            return Err(Failure::Refused("This is a proposal: say take or keep. Nothing was changed.".to_owned()));
        }
    };
    if !settle.yes {
        say(&format!("{}: {label}.", who(person.as_ref(), &item)))?;
        if !matches!(super::import::answer("Do it? [y/N] ")?.as_str(), "y" | "yes") {
            return say("Nothing was changed.");
        }
    }
    desk.mint = mint;
    let stamp = desk.stamp();
    // What a row brings is the list's, and a later list may change it; what was proposed and taken is a person's.
    let kind = match item {
        Item::Row(_) => StepKind::Import,
        Item::Proposal(_) => StepKind::Change,
    };
    let receipt = desk.store.commit(&stamp, &Deed::change(label).of_kind(kind), &changes)?;
    say(&format!("Done as step {}.", receipt.step))
}
