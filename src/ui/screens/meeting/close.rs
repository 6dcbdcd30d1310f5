//! Closing the meeting: a gate lists who was not reached; they go to the next meeting.

use crate::domain::Word;
use crate::domain::agenda::{AgendaItem, Outcome};
use crate::domain::change::{Change, Record, add};
use crate::domain::id::AgendaItemId;
use crate::domain::meeting;
use crate::domain::refusal::Refusal;
use crate::domain::text::Note;
use crate::store::Deed;
use crate::ui::effect::{Commit, Effect};
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::confirm::{Answer, Confirm};
use crate::ui::overlays::form::Form;

use super::{cards, item_name};

/// Asks whether to close, naming who was not reached. What closing does is worked out when it is done, from the file as it is then.
pub(super) fn ask(model: &mut Model) {
    if let Some(name) = half_done(model) {
        let here = model.meeting.page.as_ref().map(|page| item_name(model, &page.item));
        let go = if here.as_ref() == Some(&name) { "" } else { "o goes there, " };
        model.refuse(format!("{name} is half done: {go}n reads it back, f defers. Then close."));
        return;
    }
    let unreached = unreached(model);
    let body = gate_words(model, &unreached, model.meeting.matters.len());
    let form = Form::new("Close the meeting?", "", crate::ui::screens::Purpose::Meeting(cards::Purpose::Close));
    model.overlays.push(Overlay::Form(Box::new(form.intro(body).verb("close it"))));
}

/// The item on the table – or another one – where something was recorded under it that nobody has read back.
fn half_done(model: &Model) -> Option<String> {
    let on_table =
        model.meeting.page.as_ref().filter(|page| {
            page.item.outcome == Outcome::Waiting && (!page.raised.is_empty() || page.discussion.is_some())
        });
    // The team may have gone on from somebody it was not through with.
    let begun = |item: &&Record<AgendaItem>| {
        item.outcome == Outcome::Waiting && item.person.is_some() && model.meeting.not_agreed.contains(&item.id)
    };
    let item = on_table.map(|page| &page.item).or_else(|| model.meeting.items.iter().find(begun))?;
    Some(item_name(model, item))
}

fn unreached(model: &Model) -> Vec<Record<AgendaItem>> {
    let mut found: Vec<_> =
        model.meeting.items.iter().filter(|item| item.outcome == Outcome::Waiting).cloned().collect();
    found.sort_by_key(|item| !is_urgent(item));
    found
}

/// Whether somebody asked for this person urgently: they are named first and come first next time.
fn is_urgent(item: &AgendaItem) -> bool {
    item.reasons.as_ref().is_some_and(|reasons| reasons.as_str().contains("URGENT"))
}

/// Closes the meeting.
pub(super) fn close(model: &mut Model) -> Result<Vec<Effect>, Refusal> {
    let Some(meeting) = model.meeting.meeting.clone() else { return Ok(Vec::new()) };
    let live: Vec<_> = model.meeting.matters.iter().map(|row| row.action.clone()).collect();
    let mut changes = meeting::close(&meeting, &model.meeting.items, &live, model.now.moment)?;
    let unreached = unreached(model);
    changes.extend(carry_over(model, &unreached));
    let deed = Deed::change("Close the meeting").at(meeting.id);
    Ok(vec![Commit::new(deed, changes, "The meeting is closed. Its minutes are on screen 6.").into()])
}

/// After the last item was agreed: says so. Closing is its own step, from what the file says then.
pub(super) fn after(model: &Model, agreed: AgendaItemId) -> Confirm {
    let people = || model.meeting.items.iter().filter(|item| item.person.is_some());
    let discussed = people().filter(|item| item.id == agreed || item.outcome == Outcome::Discussed).count();
    let of = |outcome: Outcome| people().filter(|item| item.id != agreed && item.outcome == outcome).count();
    let others = [Outcome::Deferred, Outcome::Withdrawn].map(|outcome| (of(outcome), outcome.label()));
    let counts: Vec<String> = std::iter::once((discussed, Outcome::Discussed.label()))
        .chain(others.into_iter().filter(|(n, _)| *n > 0))
        .map(|(n, what)| format!("{n} {what}"))
        .collect();
    let title = if counts.len() == 1 { "Everyone has been discussed" } else { "The agenda is through" };
    Confirm {
        title: title.to_owned(),
        body: format!(
            "That was the last item of the agenda: {}. Press c to close the meeting, or / to add somebody on the spot.",
            counts.join(", ")
        ),
        verb: "go on",
        answer: Answer::WalkOn,
    }
}

fn gate_words(model: &Model, unreached: &[Record<AgendaItem>], live: usize) -> String {
    let mut parts = Vec::new();
    if unreached.is_empty() {
        parts.push("Everyone on the agenda was discussed or deferred.".to_owned());
    } else {
        let names: Vec<String> = unreached
            .iter()
            .map(|item| format!("{}{}", item_name(model, item), if is_urgent(item) { " URGENT" } else { "" }))
            .collect();
        let to = match &model.after_next {
            Some(next) => format!("They go onto the agenda of {}.", next.on.long()),
            None => "No next meeting is planned: the people become candidates for it.".to_owned(),
        };
        parts.push(format!("NOT REACHED ({}): {}. {to}", names.len(), names.join("; ").trim_end_matches('.')));
    }
    parts.extend(changed_after(model));
    if live > 0 {
        parts.push(format!(
            "{live} earlier {} still to be done and carried once more.",
            if live == 1 { "action is" } else { "actions are" }
        ));
    }
    parts.join("\n\n")
}

/// Who was discussed and changed afterwards, and how to come to them.
fn changed_after(model: &Model) -> Option<String> {
    let names: Vec<String> = model.meeting.changed_after().iter().map(|item| item_name(model, item)).collect();
    if names.is_empty() {
        return None;
    }
    let what = match names.len() {
        1 => "1 text was changed after it was read back".to_owned(),
        n => format!("{n} texts were changed after they were read back"),
    };
    let whose = names.join("; ");
    Some(format!("! {what}: {}. Esc, then o goes there and n reads it back again.", whose.trim_end_matches('.')))
}

/// Those not reached, on the agenda of the next planned meeting, before everyone else.
fn carry_over(model: &mut Model, unreached: &[Record<AgendaItem>]) -> Vec<Change> {
    let (Some(next), Some(from)) = (model.after_next.clone(), model.meeting.meeting.as_ref().map(|meeting| meeting.on))
    else {
        return Vec::new();
    };
    let taken = model.meeting.on_next.clone();
    let first = -10 * i64::try_from(unreached.len()).unwrap_or(0);
    unreached
        .iter()
        .filter(|item| !taken.iter().any(|there| there.person == item.person && there.title == item.title))
        .enumerate()
        .map(|(n, item)| {
            let reasons = format!(
                "carried over from {}\n{}",
                from.day_month(),
                item.reasons.as_ref().map(Note::as_str).unwrap_or_default()
            );
            let next_item = AgendaItem {
                meeting: next.id,
                place: first + 10 * i64::try_from(n).unwrap_or(0),
                reasons: Note::parse(reasons.trim()).ok(),
                outcome: Outcome::Waiting,
                outcome_why: None,
                begun_at: None,
                spent: 0,
                ..item.value.clone()
            };
            add(model.mint.mint(), next_item)
        })
        .collect()
}
