//! `mdt import`: shows what a list would do, asks, takes it in, and writes down what could not be taken.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::domain::Word;
use crate::domain::band::Band;
use crate::domain::intake::IntakeKind;
use crate::exchange::intake::columns::{Guess, Sure};
use crate::exchange::intake::days::DayOrder;
use crate::exchange::intake::mappings::{self, Mapping};
use crate::exchange::intake::report::Report;
use crate::exchange::intake::source::Source;
use crate::exchange::intake::{self, Gauge, PART, Trouble};
use crate::exchange::output::file::{self, NotWritten};
use crate::exchange::output::recipient::for_the_team;
use crate::exchange::output::{Format, taken, verify};
use crate::jobs::ahead::Ahead;
use crate::store::FileKind;
use crate::store::backup::{self, Why};

use super::waiting::{self, SettleArguments, WaitingArguments};
use super::{Arguments, Desk, Failure, papers, say, warn};

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
    /// Take in people of the caseload: a risk list, a practice's list, a frailty report.
    Caseload(ListArguments),
    /// Take in requests to discuss people: a practice's top ten.
    Nominations(ListArguments),
    /// Take in members of the team with their organisations.
    Members(ListArguments),
    /// Take in uses of services: A&E, unplanned admissions, out of hours, 999.
    Activity(ListArguments),
    /// Take in the directory of local and voluntary services.
    Directory(ListArguments),
    /// List the rows that wait for a person to look, and what lists propose.
    Waiting(WaitingArguments),
    /// Say what one of those that wait means.
    Settle(SettleArguments),
}

#[derive(Debug, Args)]
struct ListArguments {
    /// The list: CSV or other text, Excel (xlsx, xls) or OpenDocument (ods).
    list: PathBuf,
    /// The sheet of a workbook; the first one that is filled if this is not given.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Read the list by the mapping of this name, and keep what is agreed under it for next time.
    #[arg(long, value_name = "NAME")]
    map: Option<String>,
    /// Take a column for a field, or for none: --column "Pt No=nhs_number" --column "Notes=".
    #[arg(long, value_name = "HEADER=FIELD")]
    column: Vec<String>,
    /// Say how a column's days are written: day-first, month-first, serial-1900, serial-1904.
    #[arg(long, value_name = "HEADER=ORDER")]
    days: Vec<String>,
    /// Say which band a label of the list is: --band "Tier 1=high".
    #[arg(long, value_name = "LABEL=BAND")]
    band: Vec<String>,
    /// Take it in without asking. For scripts; only where it is certain which columns hold what is needed.
    #[arg(long)]
    yes: bool,
    /// The list is meant to be only a part of the caseload, though it leaves out more than a tenth of the people on file.
    #[arg(long)]
    part: bool,
    /// Only show what would come of it.
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Write the whole report to this file; its ending says how: docx, pdf, html, md, xlsx, json, else text.
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
            Trouble::Brake { .. } => Self::Refused(format!("{trouble} (On the command line: --part.)")),
            Trouble::Stopped | Trouble::GaveWay => Self::Refused(trouble.to_string()),
        }
    }
}

/// Takes a list in.
pub(super) fn run(arguments: &Arguments, import: &ImportArguments) -> Result<(), Failure> {
    let (kind, list) = match &import.what {
        What::Caseload(list) => (IntakeKind::Caseload, list),
        What::Nominations(list) => (IntakeKind::Nominations, list),
        What::Members(list) => (IntakeKind::Members, list),
        What::Activity(list) => (IntakeKind::Activity, list),
        What::Directory(list) => (IntakeKind::Directory, list),
        What::Waiting(list) => return waiting::list(arguments, list),
        What::Settle(settle) => return waiting::settle(arguments, settle),
    };
    check_can_ask(list)?;
    let map = list.map.as_deref().map(mappings::name).transpose()?;
    // The list first: who mistyped its name should not have to give a passphrase to hear so. With a mapping the file says
    // how to read the list; without one the list alone says it.
    let early = if map.is_none() {
        Some(read(list, kind, &Mapping::default())?)
    } else {
        Source::read(&list.list, None).map(|_| None)?
    };
    let report_path = list.report.as_deref().map(free).transpose()?;
    let mut desk = arguments.desk()?;
    let (source, guess) = match (early, &map) {
        (Some(read), _) => read,
        (None, Some(map)) => read(list, kind, &mappings::find(&desk.reader, kind, map)?.unwrap_or_default())?,
        (None, None) => read(list, kind, &Mapping::default())?,
    };
    if list.yes {
        if let Some(map) = &map
            && let Some(known) = mappings::find(&desk.reader, kind, map)?
            && !known.fits(&guess)
        {
            return Err(Failure::Refused(format!(
                "This list has other columns than “{map}” was agreed for. Look first with --dry-run, or give another name. Nothing was changed."
            )));
        }
        guess.certain().map_err(|why| {
            Failure::Refused(format!(
                "{why} Look first with --dry-run, then say it with --column or a mapping. Nothing was changed."
            ))
        })?;
    }
    let view = intake::Desk { reader: &desk.reader, team: &desk.team, now: desk.now() };
    let gauge = Gauge::default();
    // Whoever has said yes already needs no look before: the list is walked once, straight into the step.
    let foreseen = if list.yes { None } else { Some(intake::survey(&view, &source, &guess, &gauge)?) };
    let mut part = list.part;
    if let Some(foreseen) = &foreseen {
        if !list.json {
            show(&source, &guess, foreseen)?;
        }
        if list.dry_run || !foreseen.writes || !ask(foreseen, &mut part)? {
            return finish(list, &desk, foreseen, None, None, report_path.as_deref());
        }
    }
    let stamp = desk.stamp();
    match backup::before(&mut desk.store, &stamp, Why::Import, &gauge.attempt()) {
        Ok(made) => made.iter().flat_map(|made| &made.warnings).try_for_each(|said| warn(said))?,
        // A list is one step, and undo takes it back: without a copy it comes in all the same.
        Err(fault) => warn(&fault.to_string())?,
    }
    let mut ahead = Ahead::new(&mut desk.store, gauge.attempt());
    let (report, receipt) = intake::take_in(&view, &mut ahead, &stamp, &mut desk.mint, &source, &guess, part, &gauge)?;
    if let Some(map) = &map {
        mappings::keep(&mut desk.store, kind, map, &guess.mapping(&source))?;
    }
    if list.yes && !list.json {
        show(&source, &guess, &report)?;
    }
    // Said each time: a mistyped name would otherwise quietly be a mapping of its own.
    if let Some(map) = map.as_ref().filter(|_| !list.json) {
        say(&format!("How the columns are read is kept as “{map}”."))?;
    }
    let rejects = report.rejects(&source, &guess)?;
    let rejects = if rejects.is_empty() { None } else { Some(keep_rejects(&desk, kind, &rejects)?) };
    finish(list, &desk, &report, receipt.map(|receipt| receipt.step), rejects, report_path.as_deref())
}

/// Reads the list by a mapping, and by what was said beside it.
fn read(list: &ListArguments, kind: IntakeKind, mapping: &Mapping) -> Result<(Source, Guess), Failure> {
    let mut mapping = mapping.clone();
    let sheet = list.sheet.clone().or(mapping.sheet.clone());
    let source = Source::read(&list.list, sheet.as_deref())?;
    for (header, field) in pairs("--column", &list.column)? {
        mapping.columns.retain(|known, _| known != &header);
        mapping.columns.insert(header, field);
    }
    for (header, order) in pairs("--days", &list.days)? {
        if DayOrder::from_code(&order).is_none() {
            return Err(choice("--days", &order, DayOrder::ALL.iter().map(|order| order.code())));
        }
        mapping.days.insert(header, order);
    }
    for (label, band) in pairs("--band", &list.band)? {
        if Band::from_code(&band).is_none() {
            return Err(choice("--band", &band, Band::ALL.iter().map(|band| band.code())));
        }
        mapping.bands.insert(label, band);
    }
    let guess = Guess::by(&source, kind, &mapping)?;
    for header in pairs("--column", &list.column)?.iter().chain(&pairs("--days", &list.days)?).map(|(header, _)| header)
    {
        if guess.column(header).is_none() {
            let known: Vec<&str> = guess.headers().collect();
            return Err(Failure::Refused(format!(
                "The list has no column “{header}”. It has: {}. Nothing was changed.",
                known.join(", ")
            )));
        }
    }
    for (label, _) in pairs("--band", &list.band)? {
        if !guess.labels().iter().any(|known| known.text.trim().eq_ignore_ascii_case(&label)) {
            let known: Vec<&str> = guess.labels().iter().take(20).map(|known| known.text.as_str()).collect();
            return Err(Failure::Refused(format!(
                "The list has no band “{label}”. It has: {}. Nothing was changed.",
                crate::domain::text::displayable(&known.join(", "))
            )));
        }
    }
    Ok((source, guess))
}

fn pairs(option: &str, given: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let pair = |text: &String| match text.rsplit_once('=') {
        Some((left, right)) if !left.trim().is_empty() => Ok((left.trim().to_owned(), right.trim().to_lowercase())),
        _ => Err(Failure::Refused(format!(
            "{option} is given as LEFT=RIGHT, as in {option} \"Tier 1=high\". Nothing was changed."
        ))),
    };
    given.iter().map(pair).collect()
}

fn choice<'c>(option: &str, given: &str, known: impl Iterator<Item = &'c str>) -> Failure {
    let known: Vec<&str> = known.collect();
    Failure::Refused(format!("{option} does not know “{given}”. It knows: {}. Nothing was changed.", known.join(", ")))
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
    let columns = guess.columns(source)?;
    let width = columns.iter().map(|column| column.header.chars().count()).max().unwrap_or(0).min(40);
    for column in columns {
        let field = match (column.field, column.sure) {
            (None, _) => "(not used)".to_owned(),
            (Some(field), Sure::Certain) => field.label().to_owned(),
            (Some(field), Sure::Likely) => format!("{} ?", field.label()),
        };
        say(&format!("  {:<width$}  {field:<30}  {}", column.header, column.samples.join(" · ")))?;
    }
    say("")?;
    for note in &report.notes {
        say(note)?;
    }
    say("")?;
    for line in report.summary().iter().chain(&report.remarks(SHOWN, true)) {
        say(line)?;
    }
    changed(report)?;
    say("")
}

fn changed(report: &Report) -> Result<(), Failure> {
    if report.changed.is_empty() {
        return Ok(());
    }
    say("Changed:")?;
    for (line, difference) in report.changed.iter().take(SHOWN) {
        let who = if difference.who.is_empty() { String::new() } else { format!(", {}", difference.who) };
        say(&format!("  line {line}{who}: {}", difference.in_words(true)))?;
    }
    let rest = usize::try_from(report.counts.changed).unwrap_or(0).saturating_sub(SHOWN);
    if rest > 0 { say(&format!("  … and {rest} more (with --report FILE)")) } else { Ok(()) }
}

fn ask(foreseen: &Report, part: &mut bool) -> Result<bool, Failure> {
    if foreseen.loses_many() && !*part {
        let (missing, on_file) = (foreseen.missing_count, foreseen.on_file);
        let question = format!(
            "{missing} of the {on_file} people on file are not on this list. If it is meant to be only a part of the caseload, type the word {PART}: "
        );
        *part = answer(&question)? == PART;
        return Ok(*part);
    }
    Ok(matches!(answer("Take this in? [y/N] ")?.as_str(), "y" | "yes"))
}

pub(super) fn answer(question: &str) -> Result<String, Failure> {
    let mut out = std::io::stdout();
    write!(out, "{question}")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().to_lowercase())
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
        let demo = desk.reader.kind() == FileKind::Demo;
        let document = taken::document_of(report, &desk.team, demo, desk.now().today, step.is_some());
        let format = verify::format_of(path).filter(|format| format.is_page()).unwrap_or(Format::Text);
        let template = papers::template_beside(desk)?;
        let document = template.apply(document);
        let bytes = format.render(for_the_team(&document), template.look()).map_err(|error| after(step, &error))?;
        file::write(path, &bytes, false).map_err(|error| after(step, &error))?;
        if !list.json {
            say(&format!("The report is in {}.", file::shown(path)))?;
        }
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
    if step.is_none() && !list.dry_run && report.counts.rows > 0 && report.counts.refused == report.counts.rows {
        return Err(Failure::Refused("Every row was refused. Nothing was changed.".to_owned()));
    }
    match step {
        Some(step) if report.counts.queued > 0 => say(&format!(
            "Taken in as step {step}. One undo takes all of it back. The queued rows wait: press 9 in mdt, or see `mdt import waiting`."
        )),
        Some(step) => say(&format!("Taken in as step {step}. One undo takes all of it back.")),
        None if report.writes => say("Nothing was changed."),
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

fn keep_rejects(desk: &Desk, kind: IntakeKind, bytes: &[u8]) -> Result<PathBuf, Failure> {
    file::keep_rejects(desk.reader.path(), kind.code(), desk.now().today, bytes).map_err(|error| after(Some(0), &error))
}
