//! `mdt minutes`: the minutes of a meeting as a document, and their seal.

use std::path::PathBuf;

use crate::domain::text::Line;
use crate::exchange::output::recipient::Recipient;
use crate::exchange::output::{Format, file, minutes};
use crate::store::Deed;
use crate::store::log::StepKind;

use super::outgoing::{self, Target};
use super::{Arguments, Desk, Failure, say};

/// What `mdt minutes` can be told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  mdt minutes --format docx\n  mdt minutes --meeting 26/11/2026 -o -\n  mdt minutes --seal --format docx"
)]
pub struct MinutesArgs {
    /// Which meeting: `latest`, or its day (26/11/2026, 2026-11-26).
    #[arg(long, value_name = "latest|DATE", default_value = "latest")]
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
    /// Seal the minutes of a closed meeting first. Sealed minutes can only be added to.
    #[arg(long)]
    seal: bool,
}

/// Writes the minutes.
pub(super) fn run(arguments: &Arguments, args: &MinutesArgs) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    let latest = desk.reader.latest_meeting(desk.team.id)?;
    let mut meeting = outgoing::meeting(&desk, &args.meeting, "latest", latest)?;
    let name = file::name("minutes", meeting.on, Recipient::Full, crate::domain::Word::code(args.format));
    let target = Target::of(args.output.as_deref(), desk.reader.path(), &name)?;
    if matches!(target, Target::Stdout) && !args.format.is_text() {
        return Err(outgoing::not_printed(args.format));
    }
    target.check(args.force)?;
    if args.seal {
        seal(&mut desk, &meeting)?;
        meeting = desk
            .reader
            .get(meeting.id)?
            .ok_or_else(|| Failure::Refused("The meeting is not there any more. Nothing was written.".to_owned()))?;
    }
    let document = minutes::document_of(&desk.reader, &desk.team, &meeting, &desk.clock)?;
    let bytes = args.format.render(Recipient::Full.permit(&document))?;
    target.send(&mut desk, "Export minutes", Some(meeting.id), &bytes, args.force)?;
    if let (true, Some(foot), false) = (args.seal, &document.foot, matches!(target, Target::Stdout)) {
        say(foot)?;
    }
    Ok(())
}

fn seal(
    desk: &mut Desk,
    meeting: &crate::domain::change::Record<crate::domain::meeting::Meeting>,
) -> Result<(), Failure> {
    let by = Line::parse(&desk.actor)?;
    let changes = minutes::seal(&desk.reader, &desk.team, meeting, &by, &desk.clock, &mut desk.mint)?;
    let stamp = desk.stamp();
    desk.store.commit(&stamp, &Deed::change("Seal minutes").of_kind(StepKind::Seal).at(meeting.id), &changes)?;
    Ok(())
}
