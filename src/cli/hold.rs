//! `mdt hold`: places, lifts and lists legal holds. While one stands, the record cannot be erased.

use crate::domain::Word as _;
use crate::domain::change::Change;
use crate::domain::hold;
use crate::domain::text::Line;
use crate::store::Deed;

use super::{Arguments, Desk, Failure, say, whom};

/// What `mdt hold` can be told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  mdt hold --person --why \"inquest\"            asks for the name or number: it is not to stand in a command\n  mdt hold --person --lift --why \"inquest closed\"\n  mdt hold --list"
)]
pub struct HoldArgs {
    /// Whose record: an NHS number, or a name that only one person has. Without one, it is read from the first line of the input.
    #[arg(long, value_name = "NAME|NUMBER", num_args = 0..=1, default_missing_value = "", required_unless_present = "list")]
    person: Option<String>,
    /// Why: the case or inquiry, or why it is lifted.
    #[arg(long, value_name = "WORDS", required_unless_present = "list")]
    why: Option<String>,
    /// Lift the hold that stands.
    #[arg(long)]
    lift: bool,
    /// List every hold of the team.
    #[arg(long, conflicts_with_all = ["person", "why", "lift"])]
    list: bool,
    /// With --list: by name and number.
    #[arg(long, requires = "list")]
    names: bool,
}

/// Places, lifts or lists holds.
pub(super) fn run(arguments: &Arguments, args: &HoldArgs) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    if args.list {
        return list(&desk, args.names);
    }
    let person = whom::person(&desk, args.person.as_deref().unwrap_or_default())?;
    let why = Line::parse(args.why.as_deref().unwrap_or_default())?;
    let (holds, today) = (desk.reader.holds(person.id)?, desk.now().today);
    let (label, changes, said): (&'static str, Vec<Change>, String) = if args.lift {
        let standing: Vec<_> = holds.iter().filter(|hold| hold.stands()).collect();
        if standing.is_empty() {
            return Err(Failure::Refused("No hold stands on this record. Nothing was changed.".to_owned()));
        }
        let changes =
            standing.iter().map(|it| hold::lift(it, why.clone(), today)).collect::<Result<Vec<Change>, _>>()?;
        let said = format!(
            "Lifted on {}: {}. The record may be erased once its time is over.",
            whom::in_words(&person),
            changes.len()
        );
        ("Lift a legal hold", changes, said)
    } else {
        let by = Line::parse(&desk.actor)?;
        let change = hold::place(&person, &holds, why, by, today, &mut desk.mint)?;
        (
            "Place a legal hold",
            vec![change],
            format!("A legal hold stands on {}. The record cannot be erased while it does.", whom::in_words(&person)),
        )
    };
    let stamp = desk.stamp();
    desk.store.commit(&stamp, &Deed::change(label), &changes)?;
    say(&said)
}

fn list(desk: &Desk, names: bool) -> Result<(), Failure> {
    let holds = desk.reader.all_holds(desk.team.id)?;
    let standing = holds.iter().filter(|hold| hold.stands()).count();
    say(&format!("Legal holds that stand: {standing}; lifted: {}.", holds.len() - standing))?;
    for hold in &holds {
        let until = hold.lifted_on.map(|on| format!(", lifted {on}")).unwrap_or_default();
        let whom = match whom::by_id(desk, hold.person)?.filter(|_| names) {
            Some(person) => format!("{} ({}) · ", whom::in_words(&person), person.standing.label()),
            None => String::new(),
        };
        say(&format!("  {whom}since {}{until}, by {}: {}", hold.on, hold.by, hold.why))?;
    }
    Ok(())
}
