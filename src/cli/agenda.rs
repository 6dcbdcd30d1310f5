//! `mdt agenda`: the agenda of a meeting as a document.

use std::path::PathBuf;

use crate::domain::Word;
use crate::exchange::output::recipient::Recipient;
use crate::exchange::output::{Format, agenda, file};

use super::outgoing::{self, Target};
use super::{Arguments, Failure};

/// What `mdt agenda` can be told.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  mdt agenda --format docx\n  mdt agenda --meeting 10/12/2026 -o -")]
pub struct AgendaArgs {
    /// Which meeting: `next` (the one that is live, or the first planned one), or its day.
    #[arg(long, value_name = "next|DATE", default_value = "next")]
    meeting: String,
    /// The format: md, docx, pdf, html or txt.
    #[arg(long, value_name = "FORMAT", default_value = "md", value_parser = outgoing::word::<Format>)]
    format: Format,
    /// Where to (default: the folder exports beside the data file); `-` prints.
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Replace a file that is there.
    #[arg(long)]
    force: bool,
}

/// Writes the agenda.
pub(super) fn run(arguments: &Arguments, args: &AgendaArgs) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    let next = match desk.reader.live_meeting(desk.team.id)? {
        Some(live) => Some(live),
        None => desk.reader.next_meeting(desk.team.id, desk.now().today)?,
    };
    let meeting = outgoing::meeting(&desk, &args.meeting, "next", next)?;
    let name = file::name("agenda", meeting.on, Recipient::Full, args.format.code());
    let target = Target::of(args.output.as_deref(), desk.reader.path(), &name)?;
    if matches!(target, Target::Stdout) && !args.format.is_text() {
        return Err(outgoing::not_printed(args.format));
    }
    let document = agenda::document_of(&desk.reader, &desk.team, &meeting)?;
    let bytes = args.format.render(Recipient::Full.permit(&document))?;
    target.send(&mut desk, "Export agenda", Some(meeting.id), &bytes, args.force)
}
