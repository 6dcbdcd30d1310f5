//! Documents that leave by way of the screen. The documents themselves are made in `exchange/output`.
//!
//! Each goes into the folder `exports` beside the file, under a name that is free, and is in the log before it is
//! on the disk: nothing leaves that the log does not know of.

use crate::clock::Clock;
use crate::domain::Word;
use crate::domain::change::Record;
use crate::domain::id::MeetingId;
use crate::domain::meeting::Meeting;
use crate::domain::refusal::Refusal;
use crate::exchange::output::file::{self, NotWritten};
use crate::exchange::output::recipient::Recipient;
use crate::exchange::output::{Format, NotMade, actions, agenda, csv, markdown, minutes};
use crate::store::action::ActionFilter;
use crate::store::fault::Fault;
use crate::store::log::{Stamp, StepKind};
use crate::store::{Deed, Reader, Store};

use super::effect::Export;
use super::model::Model;
use super::msg::Msg;

/// A document ready to leave.
struct Outgoing {
    name: String,
    bytes: Vec<u8>,
    label: &'static str,
    meeting: Option<MeetingId>,
}

/// Why it did not leave.
#[derive(Debug, thiserror::Error)]
enum NotSent {
    #[error("{0}")]
    NotMade(#[from] NotMade),
    #[error("{0}")]
    NotWritten(#[from] NotWritten),
    #[error("{0}")]
    Fault(#[from] Fault),
    #[error("{0}")]
    Refused(#[from] Refusal),
}

/// Writes a document beside the file and says where it went.
pub(super) fn perform(store: &mut Store, reader: &Reader, model: &Model, clock: &Clock, export: &Export) -> Msg {
    let stamp = Stamp { at: clock.now().moment.iso(), actor: model.actor.clone() };
    match make(reader, model, clock, export).and_then(|outgoing| send(store, reader, &stamp, &outgoing)) {
        Ok(place) => Msg::Said(format!("Written: {place}")),
        Err(why) => Msg::Trouble(why.to_string()),
    }
}

fn make(reader: &Reader, model: &Model, clock: &Clock, export: &Export) -> Result<Outgoing, NotSent> {
    let today = clock.now().today;
    match export {
        Export::Minutes(id, ending) => {
            let meeting = meeting(reader, *id)?;
            let document = minutes::document_of(reader, &model.team, &meeting, clock)?;
            Ok(Outgoing {
                name: file::name("minutes", meeting.on, Recipient::Full, ending),
                bytes: format(ending)?.render(Recipient::Full.permit(&document))?,
                label: "Export minutes",
                meeting: Some(meeting.id),
            })
        }
        Export::Agenda(id, ending) => {
            let meeting = meeting(reader, *id)?;
            let document = agenda::document_of(reader, &model.team, &meeting)?;
            Ok(Outgoing {
                name: file::name("agenda", meeting.on, Recipient::Full, ending),
                bytes: format(ending)?.render(Recipient::Full.permit(&document))?,
                label: "Export agenda",
                meeting: Some(meeting.id),
            })
        }
        Export::Actions(ending, with_closed) => {
            let filter = ActionFilter { live_only: !with_closed, ..ActionFilter::default() };
            let rows = actions::rows(reader, model.team.id, &filter)?;
            let log = actions::log_of(reader, &model.team, &rows, today);
            let all = Recipient::Full;
            let bytes = match *ending {
                "csv" => csv::for_a_file(&csv::render(all.permit(&log))?),
                "json" => actions::json(all.permit(&log))
                    .map_err(|_| NotWritten::new("The list could not be written as JSON. Nothing was written."))?
                    .into_bytes(),
                "md" => {
                    markdown::render(all.permit(&actions::document_of(reader, &model.team, &rows, today))).into_bytes()
                }
                other => return Err(unknown(other)),
            };
            Ok(Outgoing {
                name: file::name("actions", today, all, ending),
                bytes,
                label: "Export action log",
                meeting: None,
            })
        }
    }
}

fn meeting(reader: &Reader, id: MeetingId) -> Result<Record<Meeting>, NotSent> {
    let gone = || Refusal::new("The meeting is not there any more. Nothing was written.");
    Ok(reader.get(id)?.ok_or_else(gone)?)
}

fn format(ending: &str) -> Result<Format, NotSent> {
    Format::from_code(ending).ok_or_else(|| unknown(ending))
}

fn unknown(ending: &str) -> NotSent {
    Refusal::new(format!("“{ending}” is no format mdt can write here. Nothing was written.")).into()
}

fn send(store: &mut Store, reader: &Reader, stamp: &Stamp, outgoing: &Outgoing) -> Result<String, NotSent> {
    let folder = file::default_folder(reader.path());
    file::make_folder(&folder)?;
    let path = file::free_path(&folder, &outgoing.name);
    file::check(&path, false)?;
    let deed = Deed { meeting: outgoing.meeting, ..Deed::change(outgoing.label).of_kind(StepKind::Export) };
    store.commit(stamp, &deed, &[])?;
    file::write(&path, &outgoing.bytes, false)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = reader.path().parent().map(file::shown).unwrap_or_default();
    Ok(format!("exports/{name} (in {beside})"))
}
