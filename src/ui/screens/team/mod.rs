//! The team: its rules, its members, its organisations; and which member the user is.
//!
//! State is here; `forms` makes and saves the cards, `view` draws.

mod forms;
mod services;
mod view;

use crate::domain::change::Record;
use crate::domain::id::{MemberId, OrganisationId, ServiceId};
use crate::domain::service::Service;
use crate::store::Reader;
use crate::store::fault::Fault;
use crate::ui::command::{ListCommand, TeamCommand};
use crate::ui::effect::Effect;
use crate::ui::facts::Facts;
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::confirm::Confirm;
use crate::ui::overlays::form::Form;
use crate::ui::widgets::cursor::Cursor;

pub use forms::Purpose;
pub(in crate::ui) use forms::{refresh, save, save_me};
pub(in crate::ui) use view::view;

/// What a line of the page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    Rules,
    Member(MemberId),
    Organisation(OrganisationId),
    Service(ServiceId),
}

/// The room's state.
#[derive(Debug, Default)]
pub struct TeamPage {
    rows: Vec<Row>,
    services: Vec<Record<Service>>,
    at: Cursor,
    /// The record that was just added, so that the cursor goes to it.
    follow: Option<Row>,
}

impl TeamPage {
    fn service(&self, id: ServiceId) -> Option<&Record<Service>> {
        self.services.iter().find(|service| service.id == id)
    }

    fn row(&self) -> Option<Row> {
        self.rows.get(self.at.at).copied()
    }
}

/// Reads again what the room shows. Members and organisations are shared; only their order is kept here.
pub(in crate::ui) fn load(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let today = model.now.today;
    let mut members: Vec<_> = model.members.iter().collect();
    // Those who left stand last; the rest keep their order.
    members.sort_by_key(|member| member.left_on.is_some_and(|left| left <= today));
    let mut rows = vec![Row::Rules];
    rows.extend(members.iter().map(|member| Row::Member(member.id)));
    rows.extend(model.organisations.iter().map(|organisation| Row::Organisation(organisation.id)));
    let services = reader.services()?;
    rows.extend(services.iter().map(|service| Row::Service(service.id)));
    let page = &mut model.team_page;
    page.services = services;
    let was = page.follow.take().or_else(|| page.row());
    if let Some(at) = rows.iter().position(|row| Some(*row) == was) {
        page.at.at = at;
    }
    page.at.keep_within(rows.len());
    page.rows = rows;
    Ok(())
}

/// What gates may look at.
pub(in crate::ui) fn facts(model: &Model) -> Facts {
    Facts { selected: model.team_page.row().is_some(), ..Facts::default() }
}

/// Moves in the list.
pub(in crate::ui) fn list(model: &mut Model, command: ListCommand) {
    let page = usize::from(model.size.1.saturating_sub(6));
    let len = model.team_page.rows.len();
    model.team_page.at.go(command, len, page);
}

/// Runs a command of this room.
pub(in crate::ui) fn command(model: &mut Model, command: TeamCommand, _reader: &Reader) -> Result<Vec<Effect>, Fault> {
    match command {
        TeamCommand::Edit => {
            let form = match model.team_page.row() {
                Some(Row::Rules) | None => Some(forms::rules(model)),
                Some(Row::Member(id)) => forms::member(model, id),
                Some(Row::Organisation(id)) => forms::organisation(model, id),
                Some(Row::Service(id)) => model.team_page.service(id).map(services::card),
            };
            open(model, form);
        }
        TeamCommand::Add => {
            let form = forms::new_member(model);
            open(model, Some(form));
        }
        TeamCommand::Organisation => {
            let form = forms::new_organisation();
            open(model, Some(form));
        }
        TeamCommand::Service => open(model, Some(services::new_card())),
        TeamCommand::Rules => {
            let form = forms::rules(model);
            open(model, Some(form));
        }
        TeamCommand::Me => this_is_me(model),
    }
    Ok(Vec::new())
}

fn open(model: &mut Model, form: Option<Form>) {
    if let Some(form) = form {
        model.overlays.push(Overlay::Form(Box::new(form)));
    }
}

fn this_is_me(model: &mut Model) {
    let Some(Row::Member(id)) = model.team_page.row() else {
        model.refuse("Select a member first: move to your own name, then press m.");
        return;
    };
    let Some(member) = model.current_members().into_iter().find(|member| member.id == id) else {
        model.refuse("This member has left the team. Nobody can work under their name.");
        return;
    };
    let name = member.name.to_string();
    let body = format!("From now on every step is written down as done by {name}, and “mine” means their actions.");
    let title = format!("Are you {name}?");
    let confirm = Confirm::effects(title, body, "this is me", vec![Effect::Become(name)]);
    model.overlays.push(Overlay::Confirm(confirm));
}

/// Asks which member the user is.
pub(in crate::ui) fn ask_me(model: &mut Model) {
    if model.current_members().is_empty() {
        model.refuse("The team has no members yet. Add them on the Team screen (8), then say who you are.");
        return;
    }
    let form = forms::me(model);
    open(model, Some(form));
}
