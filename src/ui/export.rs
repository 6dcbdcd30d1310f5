//! Documents that leave by way of the screen. The documents themselves are made in `exchange/output`.
//!
//! Each goes into the folder `exports` beside the file, under a name that is free, and is in the log before it is
//! on the disk: nothing leaves that the log does not know of.

use crate::clock::Clock;
use crate::exchange::output::NotMade;
use crate::exchange::output::file::{self, NotWritten};
use crate::exchange::output::outgoing::{Order, Parcel, Source};
use crate::exchange::output::template::{Template, TemplateError};
use crate::store::fault::Fault;
use crate::store::log::{Stamp, StepKind};
use crate::store::{Deed, Reader, Store};

use super::effect::Export;
use super::model::Model;
use super::msg::Msg;
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

/// Asks about a document that was cut; writes one that was agreed to, and says where it went.
pub(super) fn perform(store: &mut Store, reader: &Reader, model: &mut Model, clock: &Clock, export: Export) -> Msg {
    let done =
        if export.agreed { send(store, reader, model, clock, &export) } else { ask(reader, model, clock, export) };
    done.unwrap_or_else(|why| Msg::Trouble(why.to_string()))
}

fn ask(reader: &Reader, model: &Model, clock: &Clock, export: Export) -> Result<Msg, NotSent> {
    let template = Template::default();
    let source = Source { reader, team: &model.team, clock, template: &template };
    let reach = source.preview(&export.order)?;
    Ok(Msg::Ask(Box::new(sending::question(export, &reach))))
}

fn send(store: &mut Store, reader: &Reader, model: &mut Model, clock: &Clock, export: &Export) -> Result<Msg, NotSent> {
    let (template, broken) = template(reader, &export.order);
    let parcel = Source { reader, team: &model.team, clock, template: &template }.make(&export.order)?;
    let folder = file::default_folder(reader.path());
    file::make_folder(&folder)?;
    let path = file::free_path(&folder, &parcel.name);
    file::check(&path, false)?;
    record(store, model, clock, &parcel)?;
    file::write(&path, &parcel.bytes, false)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = reader.path().parent().map(file::shown).unwrap_or_default();
    let said = format!("Written: exports/{name} (in {beside})");
    Ok(match broken {
        None => Msg::Said(said),
        Some(why) => Msg::Ask(Box::new(without_template(&said, &why))),
    })
}

/// The template beside the file. A broken one stops nobody: the plain look is taken, and what is wrong is said.
fn template(reader: &Reader, order: &Order) -> (Template, Option<TemplateError>) {
    if !order.takes_template() {
        return (Template::default(), None);
    }
    match Template::beside(reader.path()) {
        Ok(found) => (found.unwrap_or_default(), None),
        Err(why) => (Template::default(), Some(why)),
    }
}

fn without_template(said: &str, why: &TemplateError) -> Confirm {
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

/// Writes down that it leaves.
fn record(store: &mut Store, model: &mut Model, clock: &Clock, parcel: &Parcel) -> Result<(), NotSent> {
    let at = clock.now().moment;
    let stamp = Stamp { at: at.iso(), actor: model.actor.clone() };
    let change = parcel.disclosure(&model.team, at, &stamp.actor, &mut model.mint).map_err(NotMade::from)?;
    let deed = Deed { meeting: parcel.meeting, ..Deed::change(parcel.label).of_kind(StepKind::Export) };
    store.commit(&stamp, &deed, &[change])?;
    Ok(())
}
