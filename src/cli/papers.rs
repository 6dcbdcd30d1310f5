//! What every command that sends something out shares: for whom, in which format, where to, and the preview.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::domain::Word as _;
use crate::exchange::output::Format;
use crate::exchange::output::file;
use crate::exchange::output::outgoing::{Order, Paper, Parcel, Source};
use crate::exchange::output::recipient::Recipient;
use crate::exchange::output::template::Template;
use crate::exchange::output::xlsx::Sheets;
use crate::store::Deed;
use crate::store::log::StepKind;

use super::outgoing::{Target, word};
use super::{Desk, Failure, say, warn};

/// For whom, how, and where to.
#[derive(Debug, clap::Args)]
pub(super) struct Sending {
    /// For whom: full, organisation:NAME, owner:NAME, pseudonymised or numbers.
    #[arg(long = "for", value_name = "RECIPIENT", default_value = "full")]
    pub(super) recipient: String,
    /// With pseudonymised: keep the free text. Say so only after you have read all of it.
    #[arg(long)]
    pub(super) cleared: bool,
    /// The format: docx, pdf, html, md, txt, xlsx, csv, json or ics, as the document allows.
    #[arg(long, value_name = "FORMAT", value_parser = word::<Format>)]
    pub(super) format: Option<Format>,
    /// Where to (default: the folder exports beside the data file); `-` prints.
    #[arg(short, long, value_name = "PATH")]
    pub(super) output: Option<PathBuf>,
    /// Replace a file that is there.
    #[arg(long)]
    pub(super) force: bool,
    /// Only say for whom it would be, about how many people, and what is left out.
    #[arg(long)]
    pub(super) preview: bool,
    /// How it looks: a template, or none for the plain look (default: template.toml beside the data file, if it is there).
    #[arg(long, value_name = "PATH|none")]
    pub(super) template: Option<PathBuf>,
}

impl Sending {
    /// Who `--for` means.
    pub(super) fn recipient(&self, desk: &Desk) -> Result<Recipient, Failure> {
        match (Recipient::parse(&self.recipient, &desk.reader, desk.team.id)?, self.cleared) {
            (Recipient::Pseudonymised { .. }, cleared) => Ok(Recipient::Pseudonymised { cleared }),
            (_, true) => Err(Failure::Refused(
                "--cleared goes with --for pseudonymised: other recipients get the words as they are, or not at all."
                    .to_owned(),
            )),
            (other, false) => Ok(other),
        }
    }

    /// The template of an order. One that nobody named and that is broken is said, and stops nobody.
    fn template(&self, desk: &Desk, order: &Order) -> Result<Template, Failure> {
        if let Some(named) = named_template(self.template.as_deref())? {
            return Ok(named);
        }
        if !order.takes_template() {
            return Ok(Template::default());
        }
        template_beside(desk)
    }

    /// Whether a document could be sent where it was asked to go, said before anything is changed.
    pub(super) fn check(&self, desk: &Desk, paper: &Paper, usual: Format) -> Result<(), Failure> {
        let (recipient, format) = (self.recipient(desk)?, self.format.unwrap_or(usual));
        let today = desk.now().today;
        named_template(self.template.as_deref())?;
        paper.check(format)?;
        let target = Target::of(
            self.output.as_deref(),
            desk.reader.path(),
            &file::name(&paper.stem(), today, &recipient, format.code()),
        )?;
        printable(&target, format)?;
        if self.output.is_some() { target.check(self.force) } else { Ok(()) }
    }

    /// Sends a document where it was asked to go. Answers whether it went: a preview does not.
    pub(super) fn send(&self, desk: &mut Desk, paper: Paper, usual: Format) -> Result<bool, Failure> {
        self.send_in(desk, paper, usual, Sheets::One)
    }

    /// The same, with the sheets that an action log is to have in Excel.
    pub(super) fn send_in(
        &self,
        desk: &mut Desk,
        paper: Paper,
        usual: Format,
        sheets: Sheets,
    ) -> Result<bool, Failure> {
        let order = Order { paper, recipient: self.recipient(desk)?, format: self.format.unwrap_or(usual), sheets };
        let template = self.template(desk, &order)?;
        let source = Source { reader: &desk.reader, team: &desk.team, clock: &desk.clock, template: &template };
        if self.preview {
            for line in source.preview(&order)?.lines() {
                say(&line)?;
            }
            return Ok(false);
        }
        let mut parcel = source.make(&order)?;
        let target = Target::of(self.output.as_deref(), desk.reader.path(), &parcel.name)?;
        printable(&target, order.format)?;
        if matches!(target, Target::Stdout) {
            parcel.unmarked();
        }
        deliver(desk, &parcel, &target, self.force)?;
        Ok(true)
    }
}

/// The template beside the file. One that is broken is said, and stops nobody.
pub(super) fn template_beside(desk: &Desk) -> Result<Template, Failure> {
    match Template::beside(desk.reader.path()) {
        Ok(found) => Ok(found.unwrap_or_default()),
        Err(broken) => {
            broken.lines().iter().try_for_each(|line| warn(line))?;
            warn("It is made in the plain look.")?;
            Ok(Template::default())
        }
    }
}

/// The template that a command names; `none` is the plain look.
pub(super) fn named_template(named: Option<&Path>) -> Result<Option<Template>, Failure> {
    match named {
        None => Ok(None),
        Some(none) if none.as_os_str() == "none" => Ok(Some(Template::default())),
        Some(path) => Ok(Some(Template::read(path)?)),
    }
}

fn printable(target: &Target, format: Format) -> Result<(), Failure> {
    if matches!(target, Target::Stdout) && !format.is_text() {
        return Err(Failure::Refused(format!(
            "A file for {} cannot be printed. Give -o with a path, or --format md.",
            format.label()
        )));
    }
    Ok(())
}

/// Logs the disclosure, then sends it out: nothing leaves that the log does not know of.
pub(super) fn deliver(desk: &mut Desk, parcel: &Parcel, target: &Target, force: bool) -> Result<(), Failure> {
    target.check(force)?;
    let (stamp, at) = (desk.stamp(), desk.now().moment);
    let change = parcel.disclosure(&desk.team, at, &stamp.actor, &mut desk.mint)?;
    let deed = Deed { meeting: parcel.meeting, ..Deed::change(parcel.label).of_kind(StepKind::Export) };
    desk.store.commit(&stamp, &deed, &[change])?;
    match target {
        Target::Stdout => {
            let mut out = std::io::stdout().lock();
            // These very bytes are in the log.
            match out.write_all(&parcel.bytes).and_then(|()| out.flush()) {
                Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
                other => other.map_err(Failure::from),
            }
        }
        Target::File(path) => {
            file::write(path, &parcel.bytes, force)?;
            say(&file::shown(path))?;
            let told = |line: &&String| ["Left out", "Note"].iter().any(|begin| line.starts_with(begin));
            let whom = parcel.reach.lines().first().cloned().filter(|_| parcel.is_cut());
            for line in whom.iter().chain(parcel.reach.lines().iter().filter(told)) {
                say(line)?;
            }
            Ok(())
        }
    }
}
