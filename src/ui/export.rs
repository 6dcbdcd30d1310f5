//! Documents that leave by way of the screen, and what goes to the clipboard. They are made in `exchange/output`.
//!
//! Each goes into the folder `exports` beside the file, under a name that is free, and is in the log before it is
//! on the disk: nothing leaves that the log does not know of.

use std::path::{Path, PathBuf};

use crate::clock::Clock;
use crate::domain::discussion::Discussion;
use crate::domain::meeting::Meeting;
use crate::domain::refusal::Refusal;
use crate::exchange::output::NotMade;
use crate::exchange::output::file::{self, NotWritten};
use crate::exchange::output::outgoing::{Order, Parcel, Source};
use crate::exchange::output::paste;
use crate::exchange::output::template::{Template, TemplateError};
use crate::store::fault::Fault;
use crate::store::log::{Stamp, StepKind};
use crate::store::{Deed, Reader, Store};

use super::effect::{Copying, Export};
use super::model::Model;
use super::msg::Msg;
use super::outside::Outside;
use super::overlays::confirm::{Answer, Confirm};
use super::sending;

/// Why it did not leave.
#[derive(Debug, thiserror::Error)]
enum NotSent {
    #[error("{0}")]
    NotMade(#[from] NotMade),
    #[error("{0}")]
    NotWritten(#[from] NotWritten),
    #[error("{0}")]
    Fault(#[from] Fault),
}

/// Asks about a document that was cut.
pub(super) fn ask(reader: &Reader, model: &Model, clock: &Clock, export: Export) -> Msg {
    let template = Template::default();
    let source = Source { reader, team: &model.team, clock, template: &template };
    let reaches = source
        .each(&export.order)
        .and_then(|orders| orders.iter().map(|order| source.preview(order)).collect::<Result<Vec<_>, _>>());
    match reaches {
        Ok(reaches) => Msg::Ask(Box::new(sending::question(export, &reaches))),
        Err(why) => Msg::Trouble(why.to_string()),
    }
}

/// The documents an export is made of, or why there are none.
pub(super) fn orders(reader: &Reader, model: &Model, clock: &Clock, export: &Export) -> Result<Vec<Order>, String> {
    let template = Template::default();
    let source = Source { reader, team: &model.team, clock, template: &template };
    source.each(&export.order).map_err(|why| why.to_string())
}

/// The template beside the file. A broken one stops nobody: the plain look is taken, and what is wrong is said.
pub(super) fn template(reader: &Reader, order: &Order) -> (Template, Option<TemplateError>) {
    if !order.takes_template() {
        return (Template::default(), None);
    }
    match Template::beside(reader.path()) {
        Ok(found) => (found.unwrap_or_default(), None),
        Err(why) => (Template::default(), Some(why)),
    }
}

pub(super) fn without_template(said: &str, why: &TemplateError) -> Confirm {
    const SHOWN: usize = 4;
    let mut lines = why.lines();
    if lines.len() > SHOWN {
        let more = lines.len() - SHOWN;
        lines.truncate(SHOWN);
        lines.push(format!("… and {more} more: mdt template check says them all."));
    }
    let body = format!("{said}\n\nThe template beside the file cannot be used:\n{}", lines.join("\n"));
    Confirm { title: "Written in the plain look".to_owned(), body, verb: "close", answer: Answer::Nothing }
}

/// Writes down that they leave, writes them beside the file, and says where they went.
pub(super) fn send(store: &mut Store, reader: &Reader, model: &mut Model, clock: &Clock, parcels: &[Parcel]) -> Msg {
    write(store, reader, model, clock, parcels).unwrap_or_else(|why| Msg::Trouble(why.to_string()))
}

fn write(
    store: &mut Store,
    reader: &Reader,
    model: &mut Model,
    clock: &Clock,
    parcels: &[Parcel],
) -> Result<Msg, NotSent> {
    let folder = file::default_folder(reader.path());
    file::make_folder(&folder)?;
    let paths: Vec<PathBuf> = parcels.iter().map(|parcel| file::free_path(&folder, &parcel.name)).collect();
    paths.iter().try_for_each(|path| file::check(path, false))?;
    record(store, model, clock, parcels)?;
    let all: Vec<(&Path, &[u8])> =
        paths.iter().map(PathBuf::as_path).zip(parcels.iter().map(|parcel| parcel.bytes.as_slice())).collect();
    file::write_all(&all, false)?;
    let beside = reader.path().parent().map(file::shown).unwrap_or_default();
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Msg::Said(match paths.as_slice() {
        [one] => format!("Written: exports/{} (in {beside})", name(one)),
        several => format!("Written: {} files in exports (in {beside})", several.len()),
    }))
}

/// Puts one person's record on the clipboard of the terminal, once the log knows of it.
pub(super) fn copy(
    store: &mut Store,
    reader: &Reader,
    model: &mut Model,
    clock: &Clock,
    outside: &mut dyn Outside,
    copying: Copying,
) -> Msg {
    match parcel(reader, model, clock, copying).and_then(|parcel| {
        record(store, model, clock, std::slice::from_ref(&parcel))?;
        Ok(parcel)
    }) {
        Err(why) => Msg::Trouble(why.to_string()),
        Ok(parcel) => match outside.copy(&parcel.bytes) {
            Ok(()) => Msg::Said("Sent to the terminal's clipboard (OSC 52). If nothing can be pasted, this terminal does not take it: use mdt minutes --format txt.".to_owned()),
            Err(why) => Msg::Trouble(format!("The terminal took nothing: {why}. The log says that it left; copy it with mdt minutes --format txt.")),
        },
    }
}

fn parcel(reader: &Reader, model: &Model, clock: &Clock, copying: Copying) -> Result<Parcel, NotSent> {
    let refuse = |why: &'static str| NotSent::from(NotMade::from(Refusal::new(why)));
    if model.masked {
        return Err(refuse("Identifiers are hidden. Nothing was copied."));
    }
    let gone = || refuse("The record is not there any more. Nothing was copied.");
    let meeting = reader.get::<Meeting>(copying.meeting)?.ok_or_else(gone)?;
    let discussion = reader.get::<Discussion>(copying.discussion)?.ok_or_else(gone)?;
    Ok(paste::parcel(reader, &model.team, &meeting, &discussion, clock)?)
}

/// Shows the folder of exports in a window of the desktop, and says where it is: a window may not come.
pub(super) fn open_folder(reader: &Reader, outside: &mut dyn Outside) -> Msg {
    let folder = file::default_folder(reader.path());
    let folder = std::path::absolute(&folder).unwrap_or(folder);
    let place = file::shown(&folder);
    if !file::is_folder(&folder) {
        return Msg::Trouble(format!(
            "Nothing was exported yet: there is no folder {place}. The first export makes it."
        ));
    }
    match outside.open(&folder) {
        Ok(()) => Msg::Said(format!("Opening {place}. If no window comes, that is where the exports are.")),
        Err(_) => Msg::Trouble(format!("No program here can show a folder. The exports are in {place}.")),
    }
}

/// Writes down that it leaves.
fn record(store: &mut Store, model: &mut Model, clock: &Clock, parcels: &[Parcel]) -> Result<(), NotSent> {
    let at = clock.now().moment;
    let stamp = Stamp { at: at.iso(), actor: model.actor.clone() };
    let mut changes = Vec::new();
    for parcel in parcels {
        changes.push(parcel.disclosure(&model.team, at, &stamp.actor, &mut model.mint).map_err(NotMade::from)?);
    }
    let Some(first) = parcels.first() else { return Ok(()) };
    let deed = Deed { meeting: first.meeting, ..Deed::change(first.label).of_kind(StepKind::Export) };
    store.commit(&stamp, &deed, &changes)?;
    Ok(())
}
