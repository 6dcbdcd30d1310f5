//! `mdt slips`: what each owner is to do, one file or three for each of them.

use std::path::PathBuf;

use crate::exchange::output::Format;
use crate::exchange::output::file::{self, NotWritten};
use crate::exchange::output::outgoing::{Order, Paper, Parcel, Source};
use crate::exchange::output::recipient::{Audience, Recipient};
use crate::exchange::output::xlsx::Sheets;
use crate::store::Deed;
use crate::store::log::StepKind;

use super::{Arguments, Desk, Failure, outgoing, papers, say};

/// What `mdt slips` can be told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  mdt slips                              a text, an e-mail draft and a calendar for each owner\n  mdt slips --meeting latest --format eml\n  mdt slips --for owner:shah --format docx"
)]
pub struct SlipsArgs {
    /// Only actions agreed at this meeting: `latest`, or its day (default: everything still to be done).
    #[arg(long, value_name = "latest|DATE")]
    meeting: Option<String>,
    /// Whose: full (everybody's, each for its owner), organisation:NAME, owner:NAME.
    #[arg(long = "for", value_name = "RECIPIENT", default_value = "full")]
    recipient: String,
    /// The format: eml, txt, ics, docx, pdf, html or md (default: txt, eml and ics).
    #[arg(long, value_name = "FORMAT", value_parser = outgoing::word::<Format>)]
    format: Option<Format>,
    /// A template for its look and words, or `none` for the plain look (default: template.toml beside the data file).
    #[arg(long, value_name = "FILE|none")]
    template: Option<PathBuf>,
    /// The folder (default: exports beside the data file).
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Replace files that are there.
    #[arg(long)]
    force: bool,
    /// Only say for whom there would be slips, and about how many people.
    #[arg(long)]
    preview: bool,
}

/// Writes slips.
pub(super) fn run(arguments: &Arguments, args: &SlipsArgs) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    let recipient = Recipient::parse(&args.recipient, &desk.reader, desk.team.id)?;
    match recipient.audience() {
        Audience::Full | Audience::Organisation | Audience::Owner => {}
        Audience::Pseudonymised | Audience::Numbers => {
            return Err(Failure::Refused(
                "A slip is for its owner: --for full, organisation:NAME or owner:NAME.".to_owned(),
            ));
        }
    }
    let meeting = match &args.meeting {
        Some(wanted) => {
            let latest = desk.reader.latest_meeting(desk.team.id)?;
            Some(outgoing::meeting(&desk, wanted, "latest", latest)?.id)
        }
        None => None,
    };
    let formats = args.format.map_or_else(|| vec![Format::Text, Format::Eml, Format::Ics], |format| vec![format]);
    let template = match papers::named_template(args.template.as_deref())? {
        Some(named) => named,
        None => papers::template_beside(&desk)?,
    };
    let source = Source { reader: &desk.reader, team: &desk.team, clock: &desk.clock, template: &template };
    let mut parcels: Vec<Parcel> = Vec::new();
    for format in formats {
        let order = Order { paper: Paper::Slips(meeting), recipient: recipient.clone(), format, sheets: Sheets::One };
        if args.preview {
            for order in source.each(&order)? {
                source.preview(&order)?.lines().iter().try_for_each(|line| say(line))?;
            }
            return Ok(());
        }
        parcels.extend(source.make_all(&order)?);
    }
    let folder = match &args.output {
        Some(folder) => {
            let folder = std::path::absolute(folder)?;
            file::make_folder(&folder)?;
            folder
        }
        None => {
            let folder = file::default_folder(desk.reader.path());
            file::make_folder(&folder)?;
            folder
        }
    };
    deliver(&mut desk, &parcels, &folder, args.force)
}

/// All of them, or none.
fn deliver(desk: &mut Desk, parcels: &[Parcel], folder: &std::path::Path, force: bool) -> Result<(), Failure> {
    let paths: Vec<PathBuf> = parcels.iter().map(|parcel| folder.join(&parcel.name)).collect();
    for path in &paths {
        file::check_not_data(path, desk.reader.path())?;
        file::check(path, force)?;
    }
    let (stamp, at) = (desk.stamp(), desk.now().moment);
    let mut changes = Vec::new();
    for parcel in parcels {
        changes.push(parcel.disclosure(&desk.team, at, &stamp.actor, &mut desk.mint)?);
    }
    let Some(first) = parcels.first() else { return Ok(()) };
    let deed = Deed { meeting: first.meeting, ..Deed::change(first.label).of_kind(StepKind::Export) };
    desk.store.commit(&stamp, &deed, &changes)?;
    let all: Vec<(&std::path::Path, &[u8])> =
        paths.iter().map(PathBuf::as_path).zip(parcels.iter().map(|it| it.bytes.as_slice())).collect();
    file::write_all(&all, force).map_err(|error: NotWritten| Failure::from(error))?;
    paths.iter().try_for_each(|path| say(&file::shown(path)))
}
