//! `mdt minutes`: the minutes of a meeting as a document, and their seal.

use crate::domain::text::Line;
use crate::exchange::output::outgoing::Paper;
use crate::exchange::output::{Format, minutes};
use crate::store::Deed;
use crate::store::log::StepKind;

use super::papers::Sending;
use super::{Arguments, Desk, Failure, outgoing, say};

/// What `mdt minutes` can be told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  mdt minutes --format docx\n  mdt minutes --meeting 26/11/2026 -o -\n  mdt minutes --seal --format docx"
)]
pub struct MinutesArgs {
    /// Which meeting: `latest`, or its day (26/11/2026, 2026-11-26).
    #[arg(long, value_name = "latest|DATE", default_value = "latest")]
    meeting: String,
    #[command(flatten)]
    sending: Sending,
    /// Seal the minutes of a closed meeting first. Sealed minutes can only be added to.
    #[arg(long)]
    seal: bool,
}

/// Writes the minutes.
pub(super) fn run(arguments: &Arguments, args: &MinutesArgs) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    let latest = desk.reader.latest_meeting(desk.team.id)?;
    let mut meeting = outgoing::meeting(&desk, &args.meeting, "latest", latest)?;
    if args.seal {
        if args.sending.preview {
            return Err(Failure::Refused("A preview changes nothing: leave --seal or --preview out.".to_owned()));
        }
        // Whatever cannot be sent is said before anything is sealed.
        args.sending.check(&desk, &Paper::Minutes(meeting.id), Format::Markdown)?;
        seal(&mut desk, &meeting)?;
        meeting = desk
            .reader
            .get(meeting.id)?
            .ok_or_else(|| Failure::Refused("The meeting is not there any more. Nothing was written.".to_owned()))?;
    }
    args.sending.send(&mut desk, Paper::Minutes(meeting.id), Format::Markdown)?;
    let printed = args.sending.output.as_ref().is_some_and(|path| path.as_os_str() == "-");
    if let (true, Some(head), false) = (args.seal, desk.reader.seal_of(meeting.id)?, printed) {
        say(&format!("Sealed: {}", head.printed()))?;
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
