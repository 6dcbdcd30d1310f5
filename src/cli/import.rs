//! `mdt import`: shows what a list would do, asks, takes it in, and writes down what could not be taken.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::domain::Word;
use crate::domain::intake::IntakeKind;
use crate::exchange::intake::columns::Guess;
use crate::exchange::intake::csv::Source;
use crate::exchange::intake::report::Report;
use crate::exchange::intake::{self, Trouble};
use crate::exchange::output::file::{self, NotWritten};
use crate::jobs::ahead::Ahead;
use crate::store::Stop;

use super::{Arguments, Desk, Failure, say};

/// Queued and refused rows shown on the screen.
const SHOWN: usize = 12;

/// What `mdt import` is told.
#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Take in people of the caseload: a risk list, a practice's list.
    Caseload(ListArguments),
    /// Take in members of the team with their organisations.
    Members(ListArguments),
}

#[derive(Debug, Args)]
struct ListArguments {
    /// The list, as CSV.
    list: PathBuf,
    /// Take it in without asking. For scripts.
    #[arg(long)]
    yes: bool,
    /// Only show what would come of it.
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Write the whole report to this file.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Print the report as JSON and nothing else.
    #[arg(long)]
    json: bool,
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::NotRead(why) => Self::Outside(why),
            Trouble::List(why) => Self::Refused(why),
            Trouble::Fault(fault) => Self::File(fault),
        }
    }
}

/// Takes a list in.
pub(super) fn run(arguments: &Arguments, import: &ImportArguments) -> Result<(), Failure> {
    let (kind, list) = match &import.what {
        What::Caseload(list) => (IntakeKind::Caseload, list),
        What::Members(list) => (IntakeKind::Members, list),
    };
    check_can_ask(list)?;
    // The list first: who mistyped its name should not have to give a passphrase to hear so.
    let source = Source::read(&list.list)?;
    let guess = Guess::of(&source, kind)?;
    let report_path = list.report.as_deref().map(free).transpose()?;
    let mut desk = arguments.desk()?;
    let now = desk.now();
    let view = intake::Desk { reader: &desk.reader, team: &desk.team, now };
    // Whoever has said yes already needs no look before: the list is walked once, straight into the step.
    let foreseen = if list.yes { None } else { Some(intake::survey(&view, &source, &guess)?) };
    if let Some(foreseen) = &foreseen {
        if !list.json {
            show(&source, &guess, foreseen)?;
        }
        if list.dry_run || (foreseen.counts.changes_anything() && !ask()?) {
            return finish(list, &desk, foreseen, None, None, report_path.as_deref());
        }
    }
    let (report, receipt) = match foreseen {
        Some(foreseen) if !foreseen.counts.changes_anything() => (foreseen, None),
        _ => {
            let stamp = desk.stamp();
            let mut ahead = Ahead::new(&mut desk.store, Stop::default());
            intake::take_in(&view, &mut ahead, &stamp, &mut desk.mint, &source, &guess)?
        }
    };
    if list.yes && !list.json {
        show(&source, &guess, &report)?;
    }
    let rejects = report.rejects(&source, &guess)?;
    let rejects = if rejects.is_empty() { None } else { Some(keep_rejects(&desk, &source.name, &rejects)?) };
    finish(list, &desk, &report, receipt.map(|receipt| receipt.step), rejects, report_path.as_deref())
}

fn check_can_ask(list: &ListArguments) -> Result<(), Failure> {
    if list.yes || list.dry_run {
        return Ok(());
    }
    if list.json {
        return Err(Failure::Refused("--json asks nothing: add --yes or --dry-run. Nothing was changed.".to_owned()));
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Refused(
            "A list is taken in only after a yes, and there is no terminal to ask on. Add --yes, or look first with --dry-run. Nothing was changed.".to_owned(),
        ));
    }
    Ok(())
}

fn show(source: &Source, guess: &Guess, report: &Report) -> Result<(), Failure> {
    say(&format!("The columns of {} are taken for:", source.name))?;
    for column in guess.shown(source)? {
        let field = column.field.map_or_else(|| "(not used)".to_owned(), |field| field.replace('_', " "));
        say(&format!("  {:<28} {:<18} {}", column.header, field, column.sample))?;
    }
    say("")?;
    for line in report.summary().iter().chain(&report.remarks(SHOWN)) {
        say(line)?;
    }
    say("")
}

fn ask() -> Result<bool, Failure> {
    let mut out = std::io::stdout();
    write!(out, "Take this in? [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Says, or prints as JSON, what came of it; writes the report.
fn finish(
    list: &ListArguments,
    desk: &Desk,
    report: &Report,
    step: Option<i64>,
    rejects: Option<PathBuf>,
    report_path: Option<&Path>,
) -> Result<(), Failure> {
    if let Some(path) = report_path {
        let text = report.text(desk.now().today, desk.team.name.as_str());
        file::write(path, text.as_bytes(), false).map_err(|error| after(step, &error))?;
    }
    let rejects = rejects.map(|path| path.display().to_string());
    if list.json {
        let mut json = report.json();
        if let Some(json) = json.as_object_mut() {
            json.insert("dry_run".to_owned(), list.dry_run.into());
            json.insert("step".to_owned(), step.into());
            json.insert("rejects".to_owned(), rejects.into());
        }
        return say(&format!("{json:#}"));
    }
    if let Some(path) = rejects {
        say(&format!("The refused rows are in {path} – correct them there and take that file in."))?;
    }
    match step {
        Some(step) => say(&format!("Taken in as step {step}. One undo takes all of it back.")),
        None if report.counts.changes_anything() => say("Nothing was changed."),
        None => say("Nothing in this list is new. Nothing was changed."),
    }
}

/// The failure to write beside the team's file: what was taken in stays so.
fn after(step: Option<i64>, error: &NotWritten) -> Failure {
    let taken = if step.is_some() { "The list itself was taken in." } else { "The list was not taken in." };
    Failure::Outside(format!("{error} {taken}"))
}

/// A report never goes over another file.
fn free(path: &Path) -> Result<PathBuf, Failure> {
    if path.symlink_metadata().is_ok() {
        return Err(Failure::Refused(format!(
            "{} exists already. Give another name for the report. Nothing was changed.",
            path.display()
        )));
    }
    std::path::absolute(path).map_err(Failure::from)
}

/// `<list>-rejects.csv` in the exports folder, with `-2`, `-3` … where there is one already.
fn keep_rejects(desk: &Desk, list: &str, bytes: &[u8]) -> Result<PathBuf, Failure> {
    let folder = file::default_folder(desk.reader.path());
    let stem = Path::new(list).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let stem = stem.unwrap_or_else(|| IntakeKind::Caseload.code().to_owned());
    file::make_folder(&folder)?;
    for n in 1..1_000 {
        let name = if n == 1 { format!("{stem}-rejects.csv") } else { format!("{stem}-rejects-{n}.csv") };
        let path = folder.join(name);
        // The same list taken in again has the same rejects: one file of them is enough.
        match std::fs::read(&path) {
            Ok(there) if there == bytes => return Ok(path),
            Ok(_) => {}
            Err(_) if path.symlink_metadata().is_ok() => {}
            Err(_) => return file::write(&path, bytes, false).map(|()| path).map_err(|error| after(Some(0), &error)),
        }
    }
    Err(Failure::Outside(format!(
        "The list was taken in, but {} holds too many rejects of it. Clear some away.",
        folder.display()
    )))
}
