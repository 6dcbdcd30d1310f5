//! `mdt history`: what was done to the records, by whom, in words; and who looked.

use std::io::BufRead as _;

use serde_json::json;

use crate::clock;
use crate::domain::Word as _;
use crate::domain::action::Action;
use crate::domain::change::{Record, RecordId as _, add};
use crate::domain::day::{Day, Moment};
use crate::domain::id::ActionId;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::Person;
use crate::domain::text::{Line, displayable, fold};
use crate::domain::viewing::{Looked, Viewing};
use crate::exchange::story::{Story, Teller};
use crate::store::Deed;
use crate::store::action::ActionFilter;
use crate::store::history::{Edge, StoryFilter, Told, Which, Whose};
use crate::store::log::StepKind;

use super::{Arguments, Desk, Failure, outgoing, say};

/// What `mdt history` can be told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  mdt history --limit 20\n  mdt history --person            asks for the NHS number or the name: it is not to stand in a command\n  mdt history --person --views    who looked at that person's record, and when\n  mdt history --action            asks for words of the action\n  mdt history --meeting latest --who okoro\n  mdt history --kind import --since 01/11/2026 --json"
)]
pub struct HistoryArgs {
    /// Of one person: their NHS number, or their name, is read from the first line of the input.
    #[arg(long, conflicts_with_all = ["action", "meeting"])]
    person: bool,
    /// Of one action: by its number in --json; without one, words of it are read from the first line of the input.
    #[arg(long, value_name = "NUMBER", num_args = 0..=1, default_missing_value = "", conflicts_with = "meeting")]
    action: Option<String>,
    /// Of one meeting: `latest`, or its day.
    #[arg(long, value_name = "latest|DATE")]
    meeting: Option<String>,
    /// Only steps of this member: a name, or its beginning.
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// Only steps of this kind: change, import, undo, export, seal …
    #[arg(long, value_name = "KIND", value_parser = outgoing::word::<StepKind>, conflicts_with = "views")]
    kind: Option<StepKind>,
    /// Only who looked at records, and when.
    #[arg(long)]
    views: bool,
    /// Everything, also who looked and where a meeting stood on its agenda.
    #[arg(long, conflicts_with_all = ["views", "kind"])]
    all: bool,
    /// Not before this day.
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Only until this day, itself included.
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// How many steps, newest first.
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: usize,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

/// Steps that are read at a time, and changes that are told of each.
const WINDOW: usize = 100;
const EACH: usize = 12;

/// Tells a story.
pub(super) fn run(arguments: &Arguments, args: &HistoryArgs) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    let person = if args.person { Some(asked_for(&desk)?) } else { None };
    let whose = match (&person, &args.action, &args.meeting) {
        (Some(person), _, _) => Whose::Person(person.id),
        (None, Some(wanted), _) => Whose::Action(action(&desk, wanted)?),
        (None, None, Some(wanted)) => {
            let latest = desk.reader.latest_meeting(desk.team.id)?;
            Whose::Meeting(outgoing::meeting(&desk, wanted, "latest", latest)?.id)
        }
        (None, None, None) => Whose::File,
    };
    let which = match (args.kind, args.views, args.all) {
        (Some(kind), _, _) => Which::Only(kind),
        (None, true, _) => Which::Only(StepKind::View),
        (None, false, true) => Which::All,
        (None, false, false) => Which::Done,
    };
    let day = |text: &Option<String>| text.as_deref().map(Day::parse).transpose();
    let filter = StoryFilter {
        which,
        actor: args.who.as_deref().map(|name| who(&desk, name)).transpose()?,
        since: day(&args.since)?.map(|day| clock::starts(day, &desk.clock)),
        until: day(&args.until)?.map(|day| clock::starts(day.plus(1), &desk.clock)),
        ..StoryFilter::of(whose)
    };
    if let Some(person) = &person {
        look(&mut desk, person)?;
    }
    tell(&desk, args, &filter, person.as_ref())
}

/// Whoever reads a person's history has looked at their record.
fn look(desk: &mut Desk, person: &Record<Person>) -> Result<(), Failure> {
    let by = Line::parse(&desk.actor)?;
    let viewing = Viewing { person: person.id, at: desk.now().moment, by, looked: Looked::History };
    let (stamp, change) = (desk.stamp(), add(desk.mint.mint(), viewing));
    // A file that can only be read tells its story all the same.
    let _ = desk.store.commit(&stamp, &Deed::change("Open a record").of_kind(StepKind::View), &[change]);
    Ok(())
}

fn tell(desk: &Desk, args: &HistoryArgs, filter: &StoryFilter, person: Option<&Record<Person>>) -> Result<(), Failure> {
    let teller = Teller::new(&desk.reader, desk.clock.clone()).only(person.map(|person| person.id));
    if let (Some(person), false) = (person, args.json) {
        say(&format!("History of {}", who_it_is(person)))?;
        say("")?;
    }
    let (mut edge, mut told, mut all) = (Edge::Newest, 0, Vec::new());
    while told < args.limit {
        let steps = desk.reader.story(filter, edge, WINDOW.min(args.limit - told), EACH)?;
        let Some(last) = steps.last().map(|step| step.place) else { break };
        edge = Edge::Before(last);
        for step in steps {
            told += 1;
            let story = teller.story(step)?;
            if args.json {
                all.push(as_json(&story));
            } else {
                print(desk, &story, person.is_none())?;
            }
        }
    }
    match (args.json, told) {
        (true, _) => say(&format!("{:#}", json!({ "version": 1, "steps": all }))),
        (false, 0) => say("No step like these."),
        (false, _) if told == args.limit => say(&format!("These are the newest {told}. --limit shows more.")),
        (false, _) => Ok(()),
    }
}

/// A step as a paragraph.
fn print(desk: &Desk, story: &Story, named: bool) -> Result<(), Failure> {
    let step = &story.told.step;
    let at = when(desk, &step.at);
    let fate = story.told.taken_back().map(|by| format!(" (taken back by {}, step {})", by.actor, by.seq));
    say(&format!(
        "{at}  {}  step {}, {}: {}{}",
        displayable(&step.actor),
        step.seq,
        step.kind.label(),
        displayable(&step.label),
        fate.unwrap_or_default()
    ))?;
    for line in story.lines(named) {
        if line != step.label {
            say(&format!("    {}", displayable(&line)))?;
        }
    }
    if story.told.more > 0 {
        say(&format!("    and {} more", story.told.more))?;
    }
    say("")
}

fn when(desk: &Desk, iso: &str) -> String {
    Moment::from_iso(iso).map_or_else(String::new, |moment| {
        let (day, time) = clock::local(moment, &desk.clock);
        format!("{} {time}", day.long())
    })
}

fn as_json(story: &Story) -> serde_json::Value {
    let Told { step, undoes, joined, more, changes, .. } = &story.told;
    let changes: Vec<_> = changes
        .iter()
        .map(|change| {
            let happened = match change.happened {
                crate::store::history::Happened::Added => "added",
                crate::store::history::Happened::Altered => "altered",
                crate::store::history::Happened::Removed => "removed",
            };
            json!({ "noun": change.noun.code(), "record": change.row, "what": happened })
        })
        .collect();
    let words: Vec<String> = story.sentences.iter().map(|sentence| sentence.in_a_line(true)).collect();
    json!({
        "step": step.seq,
        "at": step.at,
        "who": step.actor,
        "kind": step.kind.code(),
        "label": step.label,
        "takes_back_or_does_again": undoes,
        "taken_back_by": story.told.taken_back().map(|by| by.seq),
        "in_joined_copy": joined.is_some(),
        "changes": changes,
        "more": more,
        "words": words,
    })
}

fn who_it_is(person: &Record<Person>) -> String {
    let born = person.born.map(|born| format!(", born {born}")).unwrap_or_default();
    let number = person.nhs_number.map(|number| format!(", {number}")).unwrap_or_default();
    format!("{}{born}{number}", person.name())
}

/// The first line of the input.
fn line_for(question: &str) -> Result<String, Failure> {
    if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        say(question)?;
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

/// The one person whose number or name was given.
fn asked_for(desk: &Desk) -> Result<Record<Person>, Failure> {
    let wanted = line_for("NHS number or name of the person:")?;
    let nobody = || Failure::Refused("Nobody of this team has that number or name. Nothing was shown.".to_owned());
    if wanted.is_empty() {
        return Err(nobody());
    }
    if wanted.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ') {
        let number = NhsNumber::parse(&wanted)?;
        return desk.reader.person_by_number(desk.team.id, number)?.ok_or_else(nobody);
    }
    let mut found = desk.reader.search_people(desk.team.id, &wanted, 2)?;
    match (found.pop(), found.pop()) {
        (Some(one), None) => Ok(one.person),
        (None, _) => Err(nobody()),
        (Some(_), Some(_)) => {
            Err(Failure::Refused("Several people have that name. Give the NHS number. Nothing was shown.".to_owned()))
        }
    }
}

/// The one action of this number, or that has these words.
fn action(desk: &Desk, wanted: &str) -> Result<ActionId, Failure> {
    if let Ok(number) = wanted.trim().parse() {
        let found = desk.reader.get::<Action>(ActionId::from_raw(number))?;
        return found
            .map(|action| action.id)
            .ok_or_else(|| Failure::Refused("There is no action with that number. Nothing was shown.".to_owned()));
    }
    if !wanted.trim().is_empty() {
        return Err(Failure::Refused(
            "Give the number of the action, or --action alone: then its words are asked for. Nothing was shown."
                .to_owned(),
        ));
    }
    let words = fold(&line_for("Words of the action:")?);
    let filter = ActionFilter { live_only: false, ..ActionFilter::default() };
    let all = desk.reader.actions(desk.team.id, &filter, 0, i64::MAX)?;
    let has = |text: &str| words.split_whitespace().all(|word| fold(text).contains(word));
    let found: Vec<_> = all.iter().filter(|row| !words.is_empty() && has(row.action.what.as_str())).collect();
    match found.as_slice() {
        [one] => Ok(one.action.id),
        [] => Err(Failure::Refused("No action has these words. Nothing was shown.".to_owned())),
        several => {
            let numbers: Vec<String> = several
                .iter()
                .take(8)
                .map(|row| format!("{} ({}, due {})", row.action.id.raw(), row.owner.name, row.action.due))
                .collect();
            Err(Failure::Refused(format!(
                "Several actions have these words: {}. Give one's number.",
                numbers.join("; ")
            )))
        }
    }
}

/// The one name under which steps were done that this means.
fn who(desk: &Desk, name: &str) -> Result<String, Failure> {
    let actors = desk.reader.actors()?;
    let wanted = fold(name.trim());
    let exact = actors.iter().find(|actor| fold(actor) == wanted);
    let begins = |actor: &&String| fold(actor).split_whitespace().any(|word| word.starts_with(&wanted));
    let found: Vec<&String> = exact.map_or_else(|| actors.iter().filter(begins).collect(), |one| vec![one]);
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(Failure::Refused("Nobody called so did anything in this file.".to_owned())),
        several => {
            let names: Vec<&str> = several.iter().map(|name| name.as_str()).collect();
            Err(Failure::Refused(format!("That may mean several: {}. Write more of the name.", names.join(", "))))
        }
    }
}
