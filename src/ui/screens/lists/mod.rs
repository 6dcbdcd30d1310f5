//! Lists that come in: choosing one, its columns, what would come of it, what came of it; and what waits for a person.
//!
//! State and commands are here; `choose` is the path being typed, `page` the report in lines, `forms` the cards, `waiting`
//! what is shown side by side, and `view` draws.

mod choose;
mod forms;
mod page;
mod view;
mod view_columns;
mod waiting;

use crate::domain::change::Record;
use crate::domain::intake::{Intake, IntakeKind, QueueState};
use crate::exchange::intake::report::Report;
use crate::jobs::lists::{Opened, Outcome, Progress, Task};
use crate::store::Reader;
use crate::store::fault::Fault;
use crate::ui::command::{
    ListColumnsCommand, ListCommand, ListCompareCommand, ListReportCommand, ListWorkCommand, ListsCommand, Scope,
};
use crate::ui::effect::Effect;
use crate::ui::facts::Facts;
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::widgets::cursor::Cursor;

pub(in crate::ui) use choose::{pasted, typed, typing_hints};
pub use forms::Purpose;
pub(in crate::ui) use forms::save;
pub(in crate::ui) use view::{status, view};

use choose::Choosing;
use page::Page;
use waiting::Waiting;

/// Rows that wait, and lists, shown at most; the rest come up as these are settled.
const SHOWN: usize = 500;

/// The room's state.
#[derive(Debug, Default)]
pub struct ListRoom {
    rows: Vec<Row>,
    at: Cursor,
    stage: Stage,
    /// How many rows and proposals wait in all.
    waiting: (i64, i64),
}

/// A line of the first page.
#[derive(Debug)]
enum Row {
    Waiting(Box<Waiting>),
    Taken(Box<Record<Intake>>),
}

/// How far somebody is with a list.
#[derive(Debug, Default)]
enum Stage {
    /// What waits, and the lists taken in.
    #[default]
    Shelf,
    /// A path is typed.
    Choosing(Box<Choosing>),
    /// Work goes on.
    Working { what: String, progress: Option<Progress>, from: Box<Stage> },
    /// The columns of a list.
    Columns { opened: Box<Opened>, at: Cursor },
    /// What would come of a list (with the list), or what came of it.
    Report { opened: Option<Box<Opened>>, report: Box<Report>, page: Page, scroll: usize },
    /// What waits, side by side.
    Compare,
}

impl ListRoom {
    fn row(&self) -> Option<&Row> {
        self.rows.get(self.at.at)
    }

    fn waiting_row(&self) -> Option<&Waiting> {
        match self.row() {
            Some(Row::Waiting(waiting)) => Some(waiting),
            Some(Row::Taken(_)) | None => None,
        }
    }

    /// The scope whose keys work at this stage.
    pub(in crate::ui) fn scope(&self) -> Scope {
        match self.stage {
            Stage::Shelf | Stage::Choosing(_) => Scope::Lists,
            Stage::Working { .. } => Scope::ListWork,
            Stage::Columns { .. } => Scope::ListColumns,
            Stage::Report { .. } => Scope::ListReport,
            Stage::Compare => Scope::ListCompare,
        }
    }
}

/// The room's key leads to its first page, once there is nothing left to decide on the others.
pub(in crate::ui) fn come(model: &mut Model) {
    let over = matches!(model.lists.stage, Stage::Report { opened: None, .. } | Stage::Compare);
    if over {
        model.lists.stage = Stage::Shelf;
    }
}

/// Reads again what the room shows.
pub(in crate::ui) fn load(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let team = model.team.id;
    let was = model.lists.row().map(Row::key);
    let mut rows = Vec::new();
    for queued in reader.queue(team, Some(QueueState::Waiting))?.into_iter().take(SHOWN) {
        rows.push(Row::Waiting(Box::new(Waiting::row(queued, model, reader)?)));
    }
    for proposal in reader.proposals(team)?.into_iter().take(SHOWN) {
        rows.push(Row::Waiting(Box::new(Waiting::proposal(proposal, reader)?)));
    }
    rows.extend(reader.intakes(team, 60)?.into_iter().map(|intake| Row::Taken(Box::new(intake))));
    let room = &mut model.lists;
    room.waiting = reader.waiting_from_lists(team)?;
    if let Some(at) = rows.iter().position(|row| Some(row.key()) == was) {
        room.at.at = at;
    }
    room.at.keep_within(rows.len());
    room.rows = rows;
    if matches!(room.stage, Stage::Compare) && room.waiting_row().is_none() {
        room.stage = Stage::Shelf;
    }
    turn(model);
    Ok(())
}

impl Row {
    /// What tells it from the others, over a reload.
    fn key(&self) -> (u8, i64) {
        use crate::domain::change::RecordId as _;
        match self {
            Self::Waiting(waiting) => waiting.key(),
            Self::Taken(intake) => (2, intake.id.raw()),
        }
    }
}

/// Breaks the report into lines of the width it is shown in.
fn turn(model: &mut Model) {
    let (width, height) = (usize::from(model.size.0.saturating_sub(4)), model.size.1);
    let masked = model.masked;
    if let Stage::Report { opened, report, page, scroll } = &mut model.lists.stage {
        *page = Page::of(report, opened.is_some(), width, masked);
        *scroll = (*scroll).min(page.last_scroll(usize::from(height.saturating_sub(6))));
    }
}

/// What gates may look at.
pub(in crate::ui) fn facts(model: &Model) -> Facts {
    let room = &model.lists;
    let waiting = room.waiting_row();
    let (selected, foreseen, has_sheets) = match &room.stage {
        Stage::Shelf => (room.row().is_some(), false, false),
        Stage::Columns { opened, .. } => (true, false, !opened.source.other_sheets().is_empty()),
        Stage::Report { opened, report, .. } => (false, opened.is_some() && report.writes, false),
        Stage::Choosing(_) | Stage::Working { .. } | Stage::Compare => (false, false, false),
    };
    Facts {
        selected,
        foreseen,
        has_sheets,
        queued: waiting.is_some_and(Waiting::is_row),
        proposed: waiting.is_some_and(|waiting| !waiting.is_row()),
        ..Facts::default()
    }
}

/// Moves in the list, or through the report.
pub(in crate::ui) fn list(model: &mut Model, command: ListCommand) {
    let height = usize::from(model.size.1.saturating_sub(6));
    let room = &mut model.lists;
    match &mut room.stage {
        Stage::Shelf | Stage::Compare => {
            let len = match room.stage {
                // Side by side, only what waits is gone through.
                Stage::Compare => room.rows.iter().filter(|row| matches!(row, Row::Waiting(_))).count(),
                _ => room.rows.len(),
            };
            room.at.go(command, len, height / 2);
        }
        Stage::Columns { opened, at } => {
            let len = opened.columns.len() + opened.guess.labels().len();
            at.go(command, len, height);
        }
        Stage::Report { page, scroll, .. } => {
            let mut place = Cursor { at: *scroll };
            place.go(command, page.last_scroll(height) + 1, height);
            *scroll = place.at;
        }
        Stage::Choosing(_) | Stage::Working { .. } => {}
    }
}

/// Esc: whether it was used here.
pub(in crate::ui) fn back(model: &mut Model) -> bool {
    let room = &mut model.lists;
    room.stage = match std::mem::take(&mut room.stage) {
        Stage::Shelf => return false,
        Stage::Report { opened: Some(opened), .. } => Stage::Columns { opened, at: Cursor::default() },
        working @ Stage::Working { .. } => {
            room.stage = working;
            model.say("Press c to stop. Other screens can be used meanwhile.");
            return true;
        }
        Stage::Choosing(_) | Stage::Columns { .. } | Stage::Report { .. } | Stage::Compare => Stage::Shelf,
    };
    true
}

/// Runs a command of the first page.
pub(in crate::ui) fn command(model: &mut Model, command: ListsCommand, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let kind = match command {
        ListsCommand::Open => {
            open(model);
            return Ok(Vec::new());
        }
        ListsCommand::Caseload => IntakeKind::Caseload,
        ListsCommand::Nominations => IntakeKind::Nominations,
        ListsCommand::Members => IntakeKind::Members,
        ListsCommand::Activity => IntakeKind::Activity,
        ListsCommand::Directory => IntakeKind::Directory,
    };
    choose::begin(model, kind, reader)?;
    Ok(Vec::new())
}

fn open(model: &mut Model) {
    match model.lists.row() {
        Some(Row::Waiting(_)) => model.lists.stage = Stage::Compare,
        Some(Row::Taken(intake)) => {
            let told = page::of_intake(intake, &model.now.clock());
            model.overlays.push(Overlay::Confirm(told));
        }
        None => {}
    }
}

/// Runs a command of the columns.
pub(in crate::ui) fn columns_command(model: &mut Model, command: ListColumnsCommand) -> Vec<Effect> {
    let Stage::Columns { opened, at } = &model.lists.stage else { return Vec::new() };
    match command {
        ListColumnsCommand::Edit => {
            let form = forms::column(opened, at.at);
            model.overlays.extend(form.map(|form| Overlay::Form(Box::new(form))));
            Vec::new()
        }
        ListColumnsCommand::Sheet => {
            let form = forms::sheet(opened);
            model.overlays.push(Overlay::Form(Box::new(form)));
            Vec::new()
        }
        ListColumnsCommand::Next => {
            let task = Task::Survey(opened.clone());
            work(model, "Looking through the list", task)
        }
    }
}

/// Runs a command of the report.
pub(in crate::ui) fn report_command(model: &mut Model, command: ListReportCommand) -> Vec<Effect> {
    let height = usize::from(model.size.1.saturating_sub(6));
    let Stage::Report { opened, report, page, scroll } = &mut model.lists.stage else { return Vec::new() };
    match command {
        ListReportCommand::Section => *scroll = page.next_section(*scroll, height),
        ListReportCommand::TakeIn => {
            if let Some(opened) = opened {
                let form = forms::take_in(opened, report);
                model.overlays.push(Overlay::Form(Box::new(form)));
            }
        }
    }
    Vec::new()
}

/// Runs a command while work goes on.
pub(in crate::ui) fn work_command(model: &mut Model, command: ListWorkCommand) -> Vec<Effect> {
    match command {
        ListWorkCommand::Stop => {
            model.say("Stopping …");
            vec![Effect::StopList]
        }
    }
}

/// Runs a command side by side.
pub(in crate::ui) fn compare_command(
    model: &mut Model,
    command: ListCompareCommand,
    reader: &Reader,
) -> Result<Vec<Effect>, Fault> {
    let room = &mut model.lists;
    if command == ListCompareCommand::Later {
        let waiting = room.rows.iter().filter(|row| matches!(row, Row::Waiting(_))).count();
        if room.at.at + 1 < waiting {
            room.at.at += 1;
        } else {
            room.stage = Stage::Shelf;
            model.say("That was the last. What was left for later still waits here.");
        }
        return Ok(Vec::new());
    }
    waiting::ask(model, command, reader)?;
    Ok(Vec::new())
}

/// Begins work, which the room shows until it is done.
fn work(model: &mut Model, what: &str, task: Task) -> Vec<Effect> {
    let from = Box::new(std::mem::take(&mut model.lists.stage));
    model.lists.stage = Stage::Working { what: what.to_owned(), progress: None, from };
    vec![Effect::List(task)]
}

/// Work begun elsewhere: a list taken back. It is shown here, and said there.
pub(in crate::ui) fn began(model: &mut Model, what: &str) {
    let from = Box::new(Stage::Shelf);
    model.lists.stage = Stage::Working { what: what.to_owned(), progress: None, from };
    model.say(format!("{what} … Everything else can be used meanwhile; 9 shows how far it is."));
}

/// How far the work is.
pub(in crate::ui) fn progressed(model: &mut Model, now: Progress) {
    if let Stage::Working { progress, .. } = &mut model.lists.stage {
        *progress = Some(now);
    }
}

/// Whether work goes on.
pub(in crate::ui) fn is_working(model: &Model) -> bool {
    matches!(model.lists.stage, Stage::Working { .. })
}

/// What the work came to.
pub(in crate::ui) fn done(model: &mut Model, outcome: Outcome, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let room = &mut model.lists;
    // What was asked for on one page is shown on the next; only a failure goes back.
    let from = match std::mem::take(&mut room.stage) {
        Stage::Working { from, .. } => *from,
        other => other,
    };
    match outcome {
        Outcome::Opened(opened) => {
            if let Some(name) = &opened.mapping {
                model.say(format!("Read as “{name}” was agreed before. Press n to see what would come of it."));
            }
            // A column that was changed keeps the cursor.
            let at = match &from {
                Stage::Columns { at, .. } => *at,
                _ => Cursor::default(),
            };
            model.lists.stage = Stage::Columns { opened, at };
        }
        Outcome::Foreseen(opened, report) => show(model, Some(opened), report),
        Outcome::Taken { report, receipt, rejects, trouble } => {
            let said = match (&receipt, report.counts.queued) {
                (None, _) => "Nothing in this list is new. Nothing was changed.".to_owned(),
                (Some(_), 0) => "Taken in as one step. Press u to take all of it back.".to_owned(),
                (Some(_), _) => {
                    "Taken in as one step; u takes all of it back. Rows that wait are on this screen (Esc).".to_owned()
                }
            };
            let rejects = rejects.map(|path| format!(" The refused rows are in {}.", path.display()));
            show(model, None, report);
            // What waits stands first on the page behind.
            model.lists.at = Cursor::default();
            model.lists.rows.clear();
            let (head, touched) = reader.since(model.seen_step)?;
            model.seen_step = head;
            model.reload(touched, reader)?;
            // Another process's step may have been read before this one's: what waits is read in any case.
            load(model, reader)?;
            match trouble {
                Some(trouble) => model.refuse(trouble),
                None => model.say(format!("{said}{}", rejects.unwrap_or_default())),
            }
        }
        Outcome::Repeated(said) => {
            let (head, touched) = reader.since(model.seen_step)?;
            model.seen_step = head;
            model.reload(touched, reader)?;
            model.say(said);
        }
        Outcome::Failed(why) => {
            // Back to where it was begun, with everything typed there.
            model.lists.stage = from;
            model.refuse(why);
        }
    }
    Ok(Vec::new())
}

fn show(model: &mut Model, opened: Option<Box<Opened>>, report: Box<Report>) {
    model.lists.stage = Stage::Report { opened, report, page: Page::default(), scroll: 0 };
    turn(model);
}

/// Breaks the report anew where identifiers are hidden or shown.
pub(in crate::ui) fn masked(model: &mut Model) {
    turn(model);
}
