//! The questions before an undo and a redo: they name exactly what will change.

use crate::domain::change::Record;
use crate::domain::day::Moment;
use crate::domain::id::PersonId;
use crate::domain::person::Person;
use crate::exchange::story::{Sentence, Teller};
use crate::store::Reader;
use crate::store::fault::Fault;
use crate::store::history::{Edge, Place, StoryFilter, Which, Whose};
use crate::store::log::{Step, StepKind};

use super::effect::Effect;
use super::model::Model;
use super::overlays::Overlay;
use super::overlays::confirm::Confirm;
use super::screens;
use super::veil::Veil;
use super::widgets::fit::{grouped, wrap};

/// Changes that are read for a question; no screen shows more of them.
const READ: usize = 60;

/// Cells of a line of the question, on a screen wide enough.
const CELLS: u16 = 60;

/// Asks whether to take back the newest step of this actor – or, in the history, exactly the step that is open or under the cursor.
pub(super) fn ask_undo(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    if let Some(step) = screens::history::in_hand(model) {
        return ask_any(model, reader, step, false);
    }
    match reader.to_undo(&model.actor)? {
        None => model.refuse("There is nothing of yours to undo."),
        Some(step) => {
            let effect = Effect::Undo(step.seq);
            ask(model, reader, &step, false, effect)?;
        }
    }
    Ok(())
}

/// Asks whether to do again what was taken back last – or, in the history, exactly the step that is open or under the cursor.
pub(super) fn ask_redo(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    if let Some(step) = screens::history::in_hand(model) {
        return ask_any(model, reader, step, true);
    }
    match reader.to_redo(&model.actor)? {
        None => model.refuse("There is nothing to redo."),
        Some(step) => {
            let effect = Effect::Redo(step.seq);
            ask(model, reader, &step, true, effect)?;
        }
    }
    Ok(())
}

/// The step that u or U on this one is about: a step that took one back, or did it again, stands for that one. To take back what
/// took something back is to do that again.
pub(super) fn meant(reader: &Reader, step: i64, redo: bool) -> Result<(i64, bool), Fault> {
    let filter = StoryFilter { which: Which::All, ..StoryFilter::of(Whose::File) };
    let told = reader.story(&filter, Edge::At(Place::step(step)), 1, 1)?.pop();
    Ok(match told.and_then(|told| told.undoes.map(|target| (target, told.step.kind))) {
        Some((target, StepKind::Undo)) => (target, true),
        Some((target, _)) => (target, redo),
        None => (step, redo),
    })
}

fn ask_any(model: &mut Model, reader: &Reader, step: i64, redo: bool) -> Result<(), Fault> {
    let (step, redo) = meant(reader, step, redo)?;
    match reader.can_repeat(step, redo)? {
        Ok(step) => {
            let effect = Effect::Repeat { step: step.seq, redo };
            ask(model, reader, &step, redo, effect)
        }
        Err(why) => {
            model.refuse(format!("{why} Nothing was changed."));
            Ok(())
        }
    }
}

fn ask(model: &mut Model, reader: &Reader, step: &Step, redo: bool, effect: Effect) -> Result<(), Fault> {
    let subject = reader.step_subject(step.seq)?;
    let about = subject.as_ref().map(|person| format!(" for {}", model.name_of(person))).unwrap_or_default();
    let (changes, more) = what_changes(model, reader, step.seq, redo, subject.is_none())?;
    let (title, verb, first, last) = if redo {
        ("Redo?", "redo", format!("“{}”{about} is done again:", step.label), "")
    } else {
        let first =
            format!("“{}”{about}, {}, by {}, is taken back:", step.label, spoken_time(model, &step.at), step.actor);
        ("Undo?", "undo", first, "Nothing is erased: you can redo it.")
    };
    let body = body(model, &first, &changes, more, last);
    model.overlays.push(Overlay::Confirm(Confirm::effects(title, body, verb, vec![effect])));
    Ok(())
}

/// What a step turned round – or done again – will change, a line each, and how many more there are.
fn what_changes(
    model: &Model,
    reader: &Reader,
    step: i64,
    redo: bool,
    named: bool,
) -> Result<(Vec<String>, i64), Fault> {
    let filter = StoryFilter { which: Which::All, ..StoryFilter::of(Whose::File) };
    let Some(told) = reader.story(&filter, Edge::At(Place::step(step)), 1, READ)?.pop() else {
        return Ok((Vec::new(), 0));
    };
    let turned: Vec<_> =
        told.changes.iter().map(|change| if redo { change.clone() } else { change.turned() }).collect();
    let teller = Teller::new(reader, model.now.clock()).masked(model.masked);
    let mut sentences = teller.sentences(&turned)?;
    drop_veil(model, reader, &teller.people(), &mut sentences)?;
    Ok((sentences.iter().map(|it| it.in_a_line(named)).collect(), told.more))
}

/// Hides the names of these people, and of their carers, in sentences, where identifiers are hidden.
pub(super) fn drop_veil(
    model: &Model,
    reader: &Reader,
    people: &[PersonId],
    sentences: &mut [Sentence],
) -> Result<(), Fault> {
    if !model.masked {
        return Ok(());
    }
    let mut known: Vec<Record<Person>> = Vec::new();
    let mut carers = Vec::new();
    for id in people {
        known.extend(reader.get::<Person>(*id)?);
        carers.extend(reader.carers(*id)?);
    }
    let veil = Veil::over(true, known.iter().map(|person| &person.value), &carers);
    for sentence in sentences {
        sentence.head = veil.drop_over(&sentence.head);
        for part in &mut sentence.parts {
            for side in [&mut part.was, &mut part.now] {
                *side = side.as_deref().map(|text| veil.drop_over(text));
            }
        }
    }
    Ok(())
}

/// As much of it as the screen holds; what is left out is counted.
fn body(model: &Model, first: &str, changes: &[String], more: i64, last: &str) -> String {
    let cells = usize::from(model.size.0.saturating_sub(6).min(CELLS)).max(1);
    let tall = |text: &str| wrap(text, cells).len();
    let mut room = usize::from(model.size.1.saturating_sub(8)).saturating_sub(tall(first) + tall(last) + 1);
    let mut lines = vec![first.to_owned()];
    let mut shown = 0;
    for change in changes {
        let line = format!("– {change}");
        let height = tall(&line);
        if height > room && shown > 0 {
            break;
        }
        room = room.saturating_sub(height);
        lines.push(line);
        shown += 1;
    }
    let left = i64::try_from(changes.len() - shown).unwrap_or(0) + more;
    if left > 0 {
        lines.push(format!("– and {} more", grouped(left)));
    }
    if changes.is_empty() && left == 0 {
        lines.push("– where something stood in a list; no words change".to_owned());
    }
    if !last.is_empty() {
        lines.push(last.to_owned());
    }
    lines.join("\n")
}

fn spoken_time(model: &Model, iso: &str) -> String {
    match Moment::from_iso(iso) {
        Some(moment) if model.now.moment.seconds_since(moment) < 20 * 3_600 => model.now.time_of(moment).to_string(),
        Some(moment) => crate::domain::day::Day::from_date(moment.utc().date_naive()).to_string(),
        None => String::new(),
    }
}
