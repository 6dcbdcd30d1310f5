//! `mdt agenda`, `mdt pack` and `mdt summary`: what a meeting is prepared with.

use std::io::BufRead as _;

use crate::domain::change::Record;
use crate::domain::meeting::Meeting;
use crate::domain::nhs_number::NhsNumber;
use crate::exchange::output::Format;
use crate::exchange::output::outgoing::Paper;

use super::papers::Sending;
use super::{Arguments, Desk, Failure, outgoing};

/// What `mdt agenda` can be told.
#[derive(Debug, clap::Args)]
pub struct AgendaArgs {
    /// Which meeting: `next` (the one that is live, or the first planned one), `latest`, or its day.
    #[arg(long, value_name = "next|latest|DATE", default_value = "next")]
    meeting: String,
    #[command(flatten)]
    sending: Sending,
}

/// What `mdt summary` can be told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  mdt summary --format pdf              everybody on the next agenda\n  mdt summary --person --format docx   asks for the NHS number: it is not to stand in a command"
)]
pub struct SummaryArgs {
    /// Which meeting: `next`, `latest`, or its day.
    #[arg(long, value_name = "next|latest|DATE", default_value = "next")]
    meeting: String,
    /// One person: their NHS number is read from the first line of the input.
    #[arg(long, conflicts_with = "meeting")]
    person: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Writes the agenda.
pub(super) fn run(arguments: &Arguments, args: &AgendaArgs) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    let meeting = ahead(&desk, &args.meeting)?;
    args.sending.send(&mut desk, Paper::Agenda(meeting.id), Format::Markdown).map(drop)
}

/// Writes the preparation pack.
pub(super) fn pack(arguments: &Arguments, args: &AgendaArgs) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    let meeting = ahead(&desk, &args.meeting)?;
    args.sending.send(&mut desk, Paper::Pack(meeting.id), Format::Docx).map(drop)
}

/// Writes summaries.
pub(super) fn summary(arguments: &Arguments, args: &SummaryArgs) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    let paper =
        if args.person { Paper::Summary(asked_for(&desk)?) } else { Paper::Summaries(ahead(&desk, &args.meeting)?.id) };
    args.sending.send(&mut desk, paper, Format::Docx).map(drop)
}

/// The meeting a preparation is for.
fn ahead(desk: &Desk, wanted: &str) -> Result<Record<Meeting>, Failure> {
    if wanted.trim().eq_ignore_ascii_case("latest") {
        let latest = desk.reader.latest_meeting(desk.team.id)?;
        return outgoing::meeting(desk, wanted, "latest", latest);
    }
    let next = match desk.reader.live_meeting(desk.team.id)? {
        Some(live) => Some(live),
        None => desk.reader.next_meeting(desk.team.id, desk.now().today)?,
    };
    outgoing::meeting(desk, wanted, "next", next)
}

fn asked_for(desk: &Desk) -> Result<crate::domain::id::PersonId, Failure> {
    if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        super::say("NHS number of the person:")?;
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let number = NhsNumber::parse(line.trim())?;
    let person = desk.reader.person_by_number(desk.team.id, number)?;
    Ok(person
        .ok_or_else(|| Failure::Refused("Nobody of this team has that number. Nothing was written.".to_owned()))?
        .id)
}
