//! The directory of services on the team's page: a line, and the card that edits an entry.

use ratatui::text::Line as Row;

use crate::domain::change::{Record, add, replace};
use crate::domain::id::ServiceId;
use crate::domain::service::Service;
use crate::domain::text::Line;
use crate::store::Deed;
use crate::ui::effect::{Commit, Effect};
use crate::ui::model::Model;
use crate::ui::overlays::form::{Answers, Form};
use crate::ui::screens::{self, NotSaved};
use crate::ui::widgets::fit::{clip, fit, width, wrap_facts};

use super::Purpose;
use super::forms::kept;

fn fields(form: Form, service: Option<&Service>) -> Form {
    let text = |pick: fn(&Service) -> Option<&Line>| service.and_then(pick).map(Line::as_str);
    form.line("name", "Name", service.map(|it| it.name.as_str()), "What it is called")
        .line("organisation", "Run by", text(|it| it.organisation.as_ref()), "")
        .note("about", "What it does", service.and_then(|it| it.about.as_ref()), "")
        .line("needs", "Helps with", text(|it| it.needs.as_ref()), "falls; loneliness; carers")
        .line("eligibility", "Who for", text(|it| it.eligibility.as_ref()), "")
        .line("phone", "Phone", text(|it| it.phone.as_ref()), "")
        .line("email", "E-mail", text(|it| it.email.as_ref()), "")
        .line("website", "Website", text(|it| it.website.as_ref()), "")
        .line("capacity", "Room", text(|it| it.capacity.as_ref()), "two places on Tuesdays")
        .day("checked_on", "Checked on", service.and_then(|it| it.checked_on))
        .day("closed_on", "Ended on", service.and_then(|it| it.closed_on))
}

/// The card for a service.
pub(super) fn card(service: &Record<Service>) -> Form {
    let purpose = Purpose::Service(Box::new(service.clone()));
    let name = kept(&purpose);
    fields(Form::new("Service", "", screens::Purpose::Team(purpose)).kept_as(name), Some(&service.value))
}

/// The card for a new one.
pub(super) fn new_card() -> Form {
    let name = kept(&Purpose::NewService);
    fields(Form::new("New service", "", screens::Purpose::Team(Purpose::NewService)).kept_as(name), None)
}

/// Saves the card of a service, new where there is none yet.
pub(super) fn save(
    model: &mut Model,
    was: Option<&Record<Service>>,
    answers: &Answers<'_>,
) -> Result<Vec<Effect>, NotSaved> {
    let blank = |name: Line| Service {
        name,
        organisation: None,
        about: None,
        needs: None,
        eligibility: None,
        phone: None,
        email: None,
        website: None,
        checked_on: None,
        capacity: None,
        closed_on: None,
    };
    let mut now = match was {
        Some(was) => was.value.clone(),
        None => blank(answers.required_line("name")?),
    };
    answers.line("name", &mut now.name)?;
    answers.optional_line("organisation", &mut now.organisation)?;
    answers.note("about", &mut now.about)?;
    answers.optional_line("needs", &mut now.needs)?;
    answers.optional_line("eligibility", &mut now.eligibility)?;
    answers.optional_line("phone", &mut now.phone)?;
    answers.optional_line("email", &mut now.email)?;
    answers.optional_line("website", &mut now.website)?;
    answers.optional_line("capacity", &mut now.capacity)?;
    answers.day("checked_on", &mut now.checked_on)?;
    answers.day("closed_on", &mut now.closed_on)?;
    let said = format!("Saved: {}.", now.name);
    let (label, change) = match was {
        Some(was) if was.value == now => return Ok(Vec::new()),
        Some(was) => ("Edit a service", replace(was, now)),
        None => {
            let id: ServiceId = model.mint.mint();
            model.team_page.follow = Some(super::Row::Service(id));
            ("Add a service", add(id, now))
        }
    };
    Ok(vec![Commit::new(Deed::change(label), vec![change], said).into()])
}

/// A service in its lines: name and who runs it, then what it helps with and how to reach it.
pub(super) fn lines(model: &Model, service: &Record<Service>, cells: usize, selected: bool) -> Vec<Row<'static>> {
    let theme = &model.theme;
    let ended = service.closed_on.is_some_and(|on| on <= model.now.today);
    let style = match (selected, ended) {
        (true, _) => theme.selected(),
        (false, true) => theme.quiet(),
        (false, false) => theme.text(),
    };
    let run_by = service.organisation.as_ref().map(|it| format!(" · {it}")).unwrap_or_default();
    let mark = match (ended, service.is_stale(model.now.today)) {
        (true, _) => " · ENDED",
        (false, true) => " · ? not checked for half a year",
        (false, false) => "",
    };
    let room = cells.saturating_sub(width(mark));
    let head = format!("{}{mark}", clip(&format!("{}{}{run_by}", super::view::point(selected), service.name), room));
    let mut lines = vec![Row::styled(fit(&head, cells), style)];
    let facts: Vec<&str> = [&service.needs, &service.phone, &service.capacity]
        .into_iter()
        .filter_map(|fact| fact.as_ref().map(Line::as_str))
        .collect();
    for line in wrap_facts(&facts, cells.saturating_sub(6).max(1)) {
        lines.push(Row::styled(format!("     {line}"), theme.quiet()));
    }
    lines
}
