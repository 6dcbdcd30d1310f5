//! Every action of every meeting, as a window: only what is near the cursor is read.
//!
//! State and what is read are here; `forms` makes and saves the cards, `view` draws.

mod forms;
mod view;

use crate::domain::Word as _;
use crate::domain::action::accept;
use crate::domain::id::{ActionId, MemberId, OrganisationId};
use crate::store::action::{ActionFilter, ActionRow};
use crate::store::fault::Fault;
use crate::store::history::Whose;
use crate::store::{Deed, Reader};
use crate::ui::command::{ActionsCommand, ListCommand};
use crate::ui::effect::{Commit, Effect};
use crate::ui::facts::Facts;
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::confirm::Confirm;
use crate::ui::overlays::form::Form;
use crate::ui::screens::{self, Screen};

pub use forms::Purpose;
pub(in crate::ui) use forms::{refresh, save};
pub(in crate::ui) use view::view;

words! {
    /// Which due days are listed.
    When {
        /// Any.
        Any = "any", "any day";
        /// Past their day.
        Overdue = "overdue", "overdue";
        /// Due within seven days.
        Week = "week", "due within 7 days";
    }
}

/// What narrows the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Narrowing {
    mine: bool,
    owner: Option<MemberId>,
    organisation: Option<OrganisationId>,
    when: When,
    with_closed: bool,
}

impl Default for Narrowing {
    fn default() -> Self {
        Self { mine: false, owner: None, organisation: None, when: When::Any, with_closed: false }
    }
}

/// The room's state.
#[derive(Debug, Default)]
pub struct ActionList {
    narrowing: Narrowing,
    count: i64,
    /// The rows that were read, and the place of the first of them.
    rows: Vec<ActionRow>,
    first: i64,
    at: i64,
    selected: Option<ActionId>,
}

impl ActionList {
    fn row(&self) -> Option<&ActionRow> {
        usize::try_from(self.at - self.first).ok().and_then(|at| self.rows.get(at))
    }
}

/// What the narrowing means for the store.
fn filter(model: &Model) -> ActionFilter {
    let by = &model.actions.narrowing;
    let today = model.now.today;
    let me = if by.mine { model.me().map(|me| me.id) } else { None };
    let mut filter = ActionFilter {
        live_only: !by.with_closed,
        owner: me.or(by.owner),
        organisation: by.organisation,
        ..ActionFilter::default()
    };
    match by.when {
        When::Any => {}
        When::Overdue => filter.due_before = Some(today),
        When::Week => {
            filter.due_from = Some(today);
            filter.due_to = Some(today.plus(7));
        }
    }
    filter
}

/// What the title line says of the narrowing.
fn in_words(model: &Model) -> String {
    let by = &model.actions.narrowing;
    let mut parts = Vec::new();
    match (by.mine, model.me(), by.owner) {
        (true, Some(me), _) => parts.push(format!("mine ({})", me.name)),
        (_, _, Some(owner)) => parts.push(model.member_name(Some(owner))),
        (_, _, None) => {}
    }
    parts.extend(by.organisation.map(|it| model.organisation_name(Some(it))));
    if by.when != When::Any {
        parts.push(by.when.label().to_owned());
    }
    parts.push(if by.with_closed { "closed ones too".to_owned() } else { "to be done".to_owned() });
    parts.join(" · ")
}

/// Reads again what the room shows.
pub(in crate::ui) fn load(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let filter = filter(model);
    let count = reader.count_actions(model.team.id, &filter)?;
    let place = match model.actions.selected {
        Some(action) => reader.action_place(model.team.id, &filter, action)?,
        None => None,
    };
    let list = &mut model.actions;
    list.count = count;
    list.at = place.unwrap_or(list.at).clamp(0, (count - 1).max(0));
    read(model, reader)
}

/// Reads the rows around the cursor: a screenful to either side.
fn read(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let page = i64::from(model.size.1.max(4));
    let first = (model.actions.at - page).max(0);
    let rows = reader.actions(model.team.id, &filter(model), first, page * 2 + 1)?;
    let list = &mut model.actions;
    list.rows = rows;
    list.first = first;
    list.selected = list.row().map(|row| row.action.id);
    Ok(())
}

/// What gates may look at.
pub(in crate::ui) fn facts(model: &Model) -> Facts {
    let row = model.actions.row();
    Facts {
        selected: row.is_some(),
        live_action: row.is_some_and(|row| row.action.state.is_live()),
        ..Facts::default()
    }
}

/// Moves in the list.
pub(in crate::ui) fn list(model: &mut Model, command: ListCommand, reader: &Reader) -> Result<(), Fault> {
    let page = i64::from(model.size.1.saturating_sub(10).max(2));
    let last = (model.actions.count - 1).max(0);
    let list = &mut model.actions;
    list.at = match command {
        ListCommand::Down => list.at + 1,
        ListCommand::Up => list.at - 1,
        ListCommand::PageDown => list.at + page,
        ListCommand::PageUp => list.at - page,
        ListCommand::Top => 0,
        ListCommand::Bottom => last,
    }
    .clamp(0, last);
    // A step inside what was read needs nothing from the disk.
    let edge = i64::try_from(list.rows.len()).unwrap_or(0) + list.first;
    let near = page.min(list.at).min(last - list.at);
    if list.at - near >= list.first && list.at + near < edge.max(1) {
        list.selected = list.row().map(|row| row.action.id);
        return Ok(());
    }
    read(model, reader)
}

/// Esc: whether it was used here. It takes the narrowing off first.
pub(in crate::ui) fn back(model: &mut Model, reader: &Reader) -> Result<bool, Fault> {
    if model.actions.narrowing == Narrowing::default() {
        return Ok(false);
    }
    model.actions.narrowing = Narrowing::default();
    load(model, reader)?;
    Ok(true)
}

/// Runs a command of this room.
pub(in crate::ui) fn command(
    model: &mut Model,
    command: ActionsCommand,
    reader: &Reader,
) -> Result<Vec<Effect>, Fault> {
    match command {
        ActionsCommand::Close => open(model, forms::close),
        ActionsCommand::Done => open(model, forms::done),
        ActionsCommand::Accept => ask_accept(model),
        ActionsCommand::Filter => {
            let form = forms::narrowing(model);
            model.overlays.push(Overlay::Form(Box::new(form)));
        }
        ActionsCommand::Edit => open(model, forms::edit),
        ActionsCommand::Mine => mine(model, reader)?,
        ActionsCommand::Person => {
            match model.actions.row().and_then(|row| row.person.as_ref()).map(|person| person.id) {
                Some(person) => screens::person::open(model, person, reader)?,
                None => model.refuse("This is an action of the team's own; it is about no person."),
            }
        }
        ActionsCommand::History => {
            if let Some(action) = model.actions.row().map(|row| row.action.id) {
                screens::history::open(model, Whose::Action(action), reader)?;
            }
        }
        ActionsCommand::Export => {
            let form = forms::export(model);
            model.overlays.push(Overlay::Form(Box::new(form)));
        }
    }
    Ok(Vec::new())
}

fn open(model: &mut Model, form: fn(&Model, &ActionRow) -> Form) {
    if let Some(row) = model.actions.row() {
        let form = form(model, row);
        model.overlays.push(Overlay::Form(Box::new(form)));
    }
}

fn ask_accept(model: &mut Model) {
    let Some(row) = model.actions.row().cloned() else { return };
    match accept(&row.action, model.now.today) {
        Ok(change) => {
            let body = format!("{} has said yes to: {}", row.owner.name, row.action.what);
            let said = format!("Accepted by {}.", row.owner.name);
            let commit = Commit::new(Deed::change("Accept an action"), vec![change], said);
            let confirm = Confirm::effects("Accepted by its owner?", body, "accepted", vec![commit.into()]);
            model.overlays.push(Overlay::Confirm(confirm));
        }
        Err(why) => model.refuse(why.to_string()),
    }
}

fn mine(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    if model.me().is_none() {
        screens::team::ask_me(model);
        return Ok(());
    }
    model.actions.narrowing.mine = !model.actions.narrowing.mine;
    model.actions.narrowing.owner = None;
    load(model, reader)
}

/// Opens the list on what is overdue: of one owner, or of everybody.
///
/// # Errors
/// Any fault of the disk, or an unreadable row.
pub fn show_overdue(model: &mut Model, owner: Option<MemberId>, reader: &Reader) -> Result<(), Fault> {
    model.actions.narrowing = Narrowing { owner, when: When::Overdue, ..Narrowing::default() };
    model.actions.at = 0;
    model.actions.selected = None;
    model.go(Screen::Actions, reader)
}
