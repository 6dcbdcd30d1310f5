//! `mdt minutes`: the minutes of a meeting as a document, and their seal.

use std::path::{Path, PathBuf};

use crate::clock;
use crate::domain::text::Line;
use crate::exchange::output::outgoing::Paper;
use crate::exchange::output::template::Template;
use crate::exchange::output::verify::{self, Verdict};
use crate::exchange::output::{Format, file, sealed};
use crate::store::Deed;
use crate::store::log::StepKind;

use super::papers::Sending;
use super::{Arguments, Desk, Failure, outgoing, say};

/// What `mdt minutes` can be told.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  mdt minutes --format docx\n  mdt minutes --meeting 26/11/2026 -o -\n  mdt minutes --seal --format docx\n  mdt minutes --for \"organisation:Elm Grove Surgery\" --preview\n  mdt minutes verify minutes-2026-11-26-full.md\n  mdt minutes versions"
)]
pub struct MinutesArgs {
    /// Which meeting: `latest`, or its day (26/11/2026, 2026-11-26).
    #[arg(long, value_name = "latest|DATE", default_value = "latest")]
    meeting: String,
    #[command(subcommand)]
    command: Option<MinutesCommand>,
    #[command(flatten)]
    sending: Sending,
    /// Seal the minutes of a closed meeting first. Sealed minutes can only be added to.
    #[arg(long)]
    seal: bool,
}

#[derive(Debug, clap::Subcommand)]
enum MinutesCommand {
    /// Say whether a copy is what was sealed.
    Verify {
        /// The copy. By its words for Markdown, HTML and text; any format by its bytes.
        #[arg(value_name = "FILE")]
        copy: PathBuf,
    },
    /// List the versions of all sealed minutes, and what of them left the building.
    Versions,
}

/// Writes the minutes.
pub(super) fn run(arguments: &Arguments, args: &MinutesArgs) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    match &args.command {
        Some(MinutesCommand::Verify { copy }) => return verify(&desk, copy),
        Some(MinutesCommand::Versions) => return versions(&desk),
        None => {}
    }
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

/// A copy that is not what was sealed is a problem found: exit code 1.
fn verify(desk: &Desk, path: &Path) -> Result<(), Failure> {
    let unread =
        |why: String| Failure::Outside(format!("{} cannot be read: {why}. Nothing was changed.", file::shown(path)));
    let size = std::fs::metadata(path).map_err(|error| unread(error.to_string()))?.len();
    if size > LARGEST_COPY {
        return Err(unread("it is larger than any minutes".to_owned()));
    }
    let bytes = std::fs::read(path).map_err(|error| unread(error.to_string()))?;
    let mut templates = vec![Template::default()];
    templates.extend(Template::beside(desk.reader.path()).ok().flatten());
    let format = verify::format_of(path);
    match verify::copy(&desk.reader, &desk.team, &desk.clock, &bytes, format, &templates)? {
        Verdict::Sealed(said) => say(&said),
        Verdict::NotSealed(said) | Verdict::Differs(said) => Err(Failure::Refused(said)),
    }
}

/// Bytes of the largest copy that is looked at.
const LARGEST_COPY: u64 = 50_000_000;

/// Documents of a meeting that left, of which a list is printed at most.
const SHOWN: i64 = 200;

fn versions(desk: &Desk) -> Result<(), Failure> {
    let meetings = sealed::versions(&desk.reader, desk.team.id)?;
    if meetings.is_empty() {
        return say("No minutes of this team are sealed yet.");
    }
    for (meeting, versions) in meetings {
        say(&format!("Minutes of {}", meeting.on.long()))?;
        for version in &versions {
            let (day, time) = clock::local(version.at, &desk.clock);
            let what = if version.number == 1 { "sealed" } else { "addendum" };
            say(&format!("  version {}  {what} {day} {time} by {}", version.number, version.by))?;
            say(&format!("             SHA-256 {}", version.sha256))?;
        }
        for it in desk.reader.disclosures(desk.team.id, Some(meeting.id), SHOWN)? {
            let (day, time) = clock::local(it.at, &desk.clock);
            let draft = if it.kind.as_str() == "minutes" && !it.sealed { " (draft)" } else { "" };
            say(&format!(
                "  left       {day} {time}: {}{draft}, {}, for {}, by {}",
                it.kind, it.format, it.recipient, it.by
            ))?;
        }
    }
    Ok(())
}

fn seal(
    desk: &mut Desk,
    meeting: &crate::domain::change::Record<crate::domain::meeting::Meeting>,
) -> Result<(), Failure> {
    let by = Line::parse(&desk.actor)?;
    let changes = sealed::seal(&desk.reader, &desk.team, meeting, &by, &desk.clock, &mut desk.mint)?;
    let stamp = desk.stamp();
    desk.store.commit(&stamp, &Deed::change("Seal minutes").of_kind(StepKind::Seal).at(meeting.id), &changes)?;
    Ok(())
}
