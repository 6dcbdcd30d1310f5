//! What was done to the records, by whom: the story of the file, of a person, of an action or of a meeting, as a window.
//!
//! State, reading and commands are here; `forms` narrows the story, `view` draws. A step that is open has the undo key: it
//! then takes back exactly this step, whoever's it is, if nothing was built on it.

mod forms;
mod view;

use crate::clock;
use crate::domain::Word as _;
use crate::domain::action::Action;
use crate::domain::id::PersonId;
use crate::domain::meeting::Meeting;
use crate::domain::person::Person;
use crate::domain::viewing::Looked;
use crate::exchange::story::{Story, Teller};
use crate::store::Reader;
use crate::store::fault::Fault;
use crate::store::history::{Edge, Place, StoryFilter, Told, Which, Whose};
use crate::store::log::StepKind;
use crate::ui::command::{HistoryCommand, ListCommand};
use crate::ui::effect::Effect;
use crate::ui::facts::Facts;
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::screens::Screen;
use crate::ui::undoing::{drop_veil, meant};
use crate::ui::widgets::cursor::Cursor;

pub use forms::Purpose;
pub(in crate::ui) use forms::save;
pub(in crate::ui) use view::view;

/// Steps that are read at a time.
const WINDOW: usize = 60;
/// Steps that are kept; further ones are read again when somebody goes back to them.
const KEPT: usize = 4 * WINDOW;
/// Changes of a step that the list reads, and that the page of a step reads.
const IN_LIST: usize = 6;
const ON_PAGE: usize = 200;

/// What narrows the story.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Narrowing {
    which: Which,
    actor: Option<String>,
    /// Only the last so many days, today among them.
    days: Option<i64>,
}

/// A step that is open.
#[derive(Debug)]
struct Page {
    story: Story,
    scroll: usize,
    /// What u and U would do, in a sentence.
    keys: String,
}

/// The room's state.
#[derive(Debug, Default)]
pub struct History {
    whose: Option<Whose>,
    /// Whose story it is, in words.
    subject: String,
    narrowing: Narrowing,
    rows: Vec<Story>,
    at: Cursor,
    /// Whether newer or older steps than these have been seen to be missing.
    is_newest: bool,
    is_oldest: bool,
    page: Option<Page>,
}

impl History {
    fn row(&self) -> Option<&Story> {
        self.rows.get(self.at.at)
    }

    fn whose(&self) -> Whose {
        self.whose.unwrap_or(Whose::File)
    }

    /// Whether lines say whom they are about.
    fn names(&self) -> bool {
        !matches!(self.whose(), Whose::Person(_))
    }
}

/// Opens a story. That a person's is opened is kept: it tells who they are as their page does.
///
/// # Errors
/// Any fault of the disk, or an unreadable row.
pub fn open(model: &mut Model, whose: Whose, reader: &Reader) -> Result<(), Fault> {
    let again = model.screen == Screen::History && model.history.whose == Some(whose);
    if let (Whose::Person(person), false) = (whose, again) {
        model.looked.push((person, Looked::History));
    }
    model.history = History { whose: Some(whose), ..History::default() };
    model.go(Screen::History, reader)
}

/// Whose story is shown, if one is, or lies under another room.
pub(in crate::ui) fn shown(model: &Model) -> Option<Whose> {
    model.history.whose
}

/// Shows this story again, from its newest step.
pub(in crate::ui) fn come_back_to(model: &mut Model, story: Option<Whose>) {
    model.history = History { whose: story, ..History::default() };
}

/// The step that is open, or the one under the cursor, if it is one of this file: u and U are about it.
pub(in crate::ui) fn in_hand(model: &Model) -> Option<i64> {
    if model.screen != Screen::History {
        return None;
    }
    let told = match &model.history.page {
        Some(page) => &page.story.told,
        None => &model.history.row()?.told,
    };
    told.joined.is_none().then_some(told.step.seq)
}

/// Reads again what the room shows; the cursor stays on its step.
pub(in crate::ui) fn load(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    model.history.subject = subject(model, reader)?;
    // At the top the newest step is what one looks for; elsewhere the step one looks at.
    let at =
        model.history.row().map(|row| row.told.place).filter(|_| model.history.at.at > 0 || !model.history.is_newest);
    match at {
        None => newest(model, reader)?,
        Some(place) => around(model, place, reader)?,
    }
    if let Some(page) = &model.history.page {
        let (place, scroll) = (page.story.told.place, page.scroll);
        model.history.page = page_of(model, place, reader)?.map(|page| Page { scroll, ..page });
    }
    Ok(())
}

fn subject(model: &Model, reader: &Reader) -> Result<String, Fault> {
    Ok(match model.history.whose() {
        Whose::File => "the whole file".to_owned(),
        Whose::Person(person) => reader
            .get::<Person>(person)?
            .map_or_else(|| "somebody no longer on file".to_owned(), |person| model.subject_of(&person)),
        Whose::Action(action) => match reader.get::<Action>(action)? {
            Some(action) => {
                let person = match action.person {
                    Some(person) => reader.get::<Person>(person)?,
                    None => None,
                };
                format!("the action “{}”", model.veiled(person.as_ref(), action.what.as_str()))
            }
            None => "an action that is gone".to_owned(),
        },
        Whose::Meeting(meeting) => match reader.get::<Meeting>(meeting)? {
            Some(meeting) => format!("the meeting of {}", meeting.on.long()),
            None => "a meeting that is gone".to_owned(),
        },
    })
}

/// What the title says of the narrowing.
fn in_words(by: &Narrowing) -> String {
    let mut parts = vec![match by.which {
        Which::Done => "what was done".to_owned(),
        Which::All => "everything".to_owned(),
        Which::Only(StepKind::View) => "who looked".to_owned(),
        Which::Only(kind) => format!("only: {}", kind.label()),
    }];
    parts.extend(by.actor.clone());
    parts.extend(by.days.map(|days| if days == 1 { "today".to_owned() } else { format!("last {days} days") }));
    parts.join(" · ")
}

fn filter(model: &Model) -> StoryFilter {
    let by = &model.history.narrowing;
    let since = by.days.map(|days| clock::starts(model.now.today.plus(1 - days), &model.now.clock()));
    StoryFilter { which: by.which, actor: by.actor.clone(), since, ..StoryFilter::of(model.history.whose()) }
}

/// Reads a window and puts it in words.
fn read(model: &Model, edge: Edge, limit: usize, each: usize, reader: &Reader) -> Result<Vec<Story>, Fault> {
    let told = reader.story(&filter(model), edge, limit, each)?;
    in_sentences(model, told, reader)
}

fn in_sentences(model: &Model, told: Vec<Told>, reader: &Reader) -> Result<Vec<Story>, Fault> {
    let only: Option<PersonId> = match model.history.whose() {
        Whose::Person(person) => Some(person),
        Whose::File | Whose::Action(_) | Whose::Meeting(_) => None,
    };
    let teller = Teller::new(reader, model.now.clock()).masked(model.masked).only(only);
    let mut stories = told.into_iter().map(|told| teller.story(told)).collect::<Result<Vec<_>, _>>()?;
    if model.masked {
        let people = teller.people();
        for story in &mut stories {
            drop_veil(model, reader, &people, &mut story.sentences)?;
        }
    }
    Ok(stories)
}

fn newest(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let rows = read(model, Edge::Newest, WINDOW, IN_LIST, reader)?;
    let room = &mut model.history;
    (room.is_newest, room.is_oldest) = (true, rows.len() < WINDOW);
    room.rows = rows;
    room.at = Cursor::default();
    Ok(())
}

fn oldest(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let rows = read(model, Edge::Oldest, WINDOW, IN_LIST, reader)?;
    let room = &mut model.history;
    (room.is_newest, room.is_oldest) = (rows.len() < WINDOW, true);
    room.at.at = rows.len().saturating_sub(1);
    room.rows = rows;
    Ok(())
}

/// Reads the window around a step, which stays under the cursor.
fn around(model: &mut Model, place: Place, reader: &Reader) -> Result<(), Fault> {
    let mut rows = read(model, Edge::After(place), WINDOW, IN_LIST, reader)?;
    let is_newest = rows.len() < WINDOW;
    let newer = rows.len();
    let edge = rows.last().map_or(Edge::Newest, |row| Edge::Before(row.told.place));
    let rest = read(model, edge, WINDOW, IN_LIST, reader)?;
    let room = &mut model.history;
    (room.is_newest, room.is_oldest) = (is_newest, rest.len() < WINDOW);
    rows.extend(rest);
    room.at.at = newer;
    room.at.keep_within(rows.len());
    room.rows = rows;
    Ok(())
}

/// Reads on where the cursor comes near an end of what was read.
fn read_on(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let near = usize::from(model.size.1);
    let (at, len) = (model.history.at.at, model.history.rows.len());
    if !model.history.is_oldest
        && at + near >= len
        && let Some(last) = model.history.rows.last().map(|row| row.told.place)
    {
        let more = read(model, Edge::Before(last), WINDOW, IN_LIST, reader)?;
        let room = &mut model.history;
        room.is_oldest = more.len() < WINDOW;
        room.rows.extend(more);
        let surplus = room.rows.len().saturating_sub(KEPT);
        room.rows.drain(..surplus);
        room.at.at = room.at.at.saturating_sub(surplus);
        room.is_newest &= surplus == 0;
    }
    if !model.history.is_newest
        && model.history.at.at < near
        && let Some(first) = model.history.rows.first().map(|row| row.told.place)
    {
        let mut more = read(model, Edge::After(first), WINDOW, IN_LIST, reader)?;
        let room = &mut model.history;
        room.is_newest = more.len() < WINDOW;
        room.at.at += more.len();
        more.append(&mut room.rows);
        room.rows = more;
        room.is_oldest &= room.rows.len() <= KEPT;
        room.rows.truncate(KEPT);
    }
    Ok(())
}

/// A step with all its changes, and what can be done with it.
fn page_of(model: &Model, place: Place, reader: &Reader) -> Result<Option<Page>, Fault> {
    let Some(story) = read(model, Edge::At(place), 1, ON_PAGE, reader)?.pop() else { return Ok(None) };
    let keys = match (&story.told.joined, story.told.taken_back()) {
        (Some(_), _) => "A step of a copy that was joined; the step that joined it is the one to take back.".to_owned(),
        (None, taken_back) => {
            let (step, redo) = meant(reader, story.told.step.seq, taken_back.is_some())?;
            match reader.can_repeat(step, redo)? {
                Ok(_) if redo => "U does exactly this again.".to_owned(),
                Ok(_) => "u takes exactly this back.".to_owned(),
                Err(why) => why.to_string(),
            }
        }
    };
    Ok(Some(Page { story, scroll: 0, keys }))
}

/// What gates may look at.
pub(in crate::ui) fn facts(model: &Model) -> Facts {
    Facts { selected: model.history.row().is_some(), ..Facts::default() }
}

/// Moves in the list, or through the step that is open.
pub(in crate::ui) fn list(model: &mut Model, command: ListCommand, reader: &Reader) -> Result<(), Fault> {
    let height = usize::from(model.size.1.saturating_sub(6)).max(2);
    if model.history.page.is_some() {
        let last = view::last_scroll(model);
        if let Some(page) = &mut model.history.page {
            let mut place = Cursor { at: page.scroll };
            place.go(command, last + 1, height);
            page.scroll = place.at;
        }
        return Ok(());
    }
    match command {
        ListCommand::Top => newest(model, reader),
        ListCommand::Bottom => oldest(model, reader),
        ListCommand::Down | ListCommand::Up | ListCommand::PageDown | ListCommand::PageUp => {
            let len = model.history.rows.len();
            model.history.at.go(command, len, height / 2);
            read_on(model, reader)
        }
    }
}

/// Esc: whether it was used here. It closes a step that is open, then takes the narrowing off.
pub(in crate::ui) fn back(model: &mut Model, reader: &Reader) -> Result<bool, Fault> {
    if model.history.page.take().is_some() {
        return Ok(true);
    }
    if model.history.narrowing == Narrowing::default() {
        return Ok(false);
    }
    narrow(model, Narrowing::default(), reader)?;
    Ok(true)
}

fn narrow(model: &mut Model, by: Narrowing, reader: &Reader) -> Result<(), Fault> {
    model.history.narrowing = by;
    model.history.page = None;
    newest(model, reader)
}

/// Runs a command of this room.
pub(in crate::ui) fn command(
    model: &mut Model,
    command: HistoryCommand,
    reader: &Reader,
) -> Result<Vec<Effect>, Fault> {
    match command {
        HistoryCommand::Open => {
            model.history.page = match (model.history.page.take(), model.history.row().map(|row| row.told.place)) {
                (None, Some(place)) => page_of(model, place, reader)?,
                (Some(_), _) | (None, None) => None,
            };
        }
        HistoryCommand::Filter => {
            let form = forms::narrowing(model, reader)?;
            model.overlays.push(Overlay::Form(Box::new(form)));
        }
        HistoryCommand::Looks => {
            let looks = Which::Only(StepKind::View);
            let which = if model.history.narrowing.which == looks { Which::Done } else { looks };
            narrow(model, Narrowing { which, ..model.history.narrowing.clone() }, reader)?;
        }
        HistoryCommand::Same => {
            let actor = match &model.history.narrowing.actor {
                Some(_) => None,
                None => model.history.row().map(|row| row.told.step.actor.clone()),
            };
            narrow(model, Narrowing { actor, ..model.history.narrowing.clone() }, reader)?;
        }
    }
    Ok(Vec::new())
}
