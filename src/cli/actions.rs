//! `mdt actions`: the action log as CSV, JSON or Markdown.

use std::path::PathBuf;

use crate::domain::change::Record;
use crate::domain::member::Member;
use crate::domain::text::displayable;
use crate::exchange::output::recipient::Recipient;
use crate::exchange::output::{actions, csv, markdown};
use crate::store::action::ActionFilter;

use super::outgoing::{self, Target};
use super::{Arguments, Desk, Failure};

words! {
    /// The formats of the action log.
    LogFormat {
        /// For spreadsheets.
        Csv = "csv", "CSV";
        /// For programs.
        Json = "json", "JSON";
        /// For reading.
        Markdown = "md", "Markdown";
    }
}

/// What `mdt actions` can be told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  mdt actions --overdue\n  mdt actions --owner shah --format md\n  mdt actions --all -o actions.csv"
)]
pub struct ActionsArgs {
    /// The format: csv, json or md.
    #[arg(long, value_name = "FORMAT", default_value = "csv", value_parser = outgoing::word::<LogFormat>)]
    format: LogFormat,
    /// Only this owner's: a name, or its beginning.
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Only those still to be done and past their day.
    #[arg(long)]
    overdue: bool,
    /// Those done, not done and withdrawn too.
    #[arg(long, conflicts_with = "overdue")]
    all: bool,
    /// Where to (default: printed).
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Replace a file that is there.
    #[arg(long)]
    force: bool,
}

/// Writes the action log.
pub(super) fn run(arguments: &Arguments, args: &ActionsArgs) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    let today = desk.now().today;
    let filter = ActionFilter {
        live_only: !args.all,
        owner: args.owner.as_deref().map(|name| owner(&desk, name)).transpose()?.map(|member| member.id),
        due_before: args.overdue.then_some(today),
        ..ActionFilter::default()
    };
    let rows = actions::rows(&desk.reader, desk.team.id, &filter)?;
    let to_all = Recipient::Full;
    let text = match args.format {
        LogFormat::Csv => csv::render(to_all.permit(&actions::log_of(&desk.reader, &desk.team, &rows, today)))?,
        LogFormat::Json => actions::json(to_all.permit(&actions::log_of(&desk.reader, &desk.team, &rows, today)))
            .map_err(|error| Failure::Outside(format!("The list could not be written as JSON: {error}.")))?,
        LogFormat::Markdown => {
            markdown::render(to_all.permit(&actions::document_of(&desk.reader, &desk.team, &rows, today)))
        }
    };
    let target = match args.output.as_deref() {
        None => Target::Stdout,
        Some(path) => Target::of(Some(path), desk.reader.path(), "")?,
    };
    let bytes = match (args.format, &target) {
        (LogFormat::Csv, Target::File(_)) => csv::for_a_file(&text),
        _ => text.into_bytes(),
    };
    target.send(&mut desk, "Export action log", None, &bytes, args.force)
}

/// The one member the name means.
fn owner(desk: &Desk, name: &str) -> Result<Record<Member>, Failure> {
    let members = desk.reader.members(desk.team.id)?;
    let exact = |member: &&Record<Member>| member.name.as_str().eq_ignore_ascii_case(name.trim());
    let mut answering: Vec<&Record<Member>> = members.iter().filter(exact).collect();
    if answering.is_empty() {
        answering = members.iter().filter(|member| member.answers_to(name.trim())).collect();
    }
    match answering.as_slice() {
        [one] => Ok((*one).clone()),
        several => {
            let choices: Vec<&str> = if several.is_empty() {
                members.iter().map(|member| member.value.name.as_str()).collect()
            } else {
                several.iter().map(|member| member.value.name.as_str()).collect()
            };
            let name = displayable(name);
            Err(Failure::Refused(if several.is_empty() {
                format!("Nobody of this team is called “{name}”. Its members are: {}.", choices.join(", "))
            } else {
                format!("“{name}” may mean several: {}. Write more of the name.", choices.join(", "))
            }))
        }
    }
}
