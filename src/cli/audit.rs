//! `mdt audit`: whether the log and the records are as they were written, and whether the file is the newest there was.

use clap::{Args, Subcommand};

use crate::clock::Clock;
use crate::domain::Word as _;
use crate::store::audit::{self, Altered, Anchor, Anchored};
use crate::store::heads::{Heads, Standing};
use crate::store::log::StepKind;
use crate::store::open::{Cover, check};
use crate::store::{Deed, FileKind, Reader};

use super::{Arguments, Failure, data_folder, key, say};

/// What `mdt audit` can do.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Check every step, every change and every record.
    #[command(
        after_help = "Exit codes:\n  0  whole, and where the anchor says\n  1  altered: a step, a change, a record; the first one is named\n  3  the file could not be opened or read\n  5  the file ends before the anchor: its end was cut off, or an older copy was put back\n  6  the step of the anchor has another hash: the log was written anew, or this is another copy\n\nExamples:\n  mdt audit verify\n  mdt audit verify --head \"step 214 · 9f86 d081 884c 7d65\""
    )]
    Verify(VerifyArgs),
    /// Print the anchor: the newest step and the beginning of its hash, to be kept on paper.
    Head,
    /// Take the file as it is, where this machine remembers another one: say so after putting a copy back.
    Accept,
}

/// What `mdt audit verify` is told.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// An anchor, as printed under minutes, in backups, or by `mdt audit head`: the step must stand in the file with that
    /// hash. At least sixteen digits of a hash alone will do.
    #[arg(long, value_name = "ANCHOR")]
    head: Option<String>,
}

/// Does it.
pub(super) fn run(arguments: &Arguments, command: &AuditCommand) -> Result<(), Failure> {
    match command {
        AuditCommand::Verify(args) => verify(arguments, args),
        AuditCommand::Head => say(&look(arguments)?.head()?.printed()),
        AuditCommand::Accept => accept(arguments),
    }
}

/// Opens the file to look at it, whatever state it is in.
pub(super) fn look(arguments: &Arguments) -> Result<Reader, Failure> {
    let path = arguments.path()?;
    match (check(&path)?, arguments.key_file_passphrase()?) {
        (Cover::Plain, _) => Ok(audit::examine(&path, None)?),
        (Cover::Encrypted, Some(passphrase)) => Ok(audit::examine(&path, Some(&passphrase))?),
        (Cover::Encrypted, None) => key::ask_until(|passphrase| audit::examine(&path, Some(&passphrase))),
    }
}

fn verify(arguments: &Arguments, args: &VerifyArgs) -> Result<(), Failure> {
    let anchor = match args.head.as_deref().map(Anchor::parse) {
        Some(None) => {
            return Err(Failure::Refused(
                "That is not an anchor. Give it as printed: step 214 · 9f86 d081 884c 7d65 – or at least sixteen digits of the hash.".to_owned(),
            ));
        }
        Some(anchor) => anchor,
        None => None,
    };
    let reader = look(arguments)?;
    let whole = reader.audit()?.map_err(|altered| Failure::Refused(told(&altered)))?;
    let joined = if whole.joined > 0 { format!(", {} of joined copies", whole.joined) } else { String::new() };
    say(&format!(
        "Whole: {} steps{joined}; {} records are what the log says. Newest: {}.",
        whole.steps,
        whole.records,
        whole.head.printed()
    ))?;
    if let Some(untold) = whole.untold() {
        say(&untold)?;
    }
    if let Some(anchor) = anchor {
        return match (reader.anchored(anchor.seq, &anchor.hash)?, anchor.seq) {
            (Anchored::Here, _) => say("The anchor stands in this file."),
            (Anchored::Behind, Some(seq)) => Err(Failure::Behind(format!(
                "This file ends at step {}, before step {seq} of the anchor: its end was cut off, or an older copy was put back.",
                whole.head.seq
            ))),
            (Anchored::Behind, None) => Err(Failure::Behind(
                "No step of this file has that hash: its end was cut off, an older copy was put back, or its log was written anew. With the number of the step more can be said.".to_owned(),
            )),
            (Anchored::Rewritten, _) => Err(Failure::Rewritten(
                "That step has another hash in this file: its log was written anew, or this is a copy in which others went on.".to_owned(),
            )),
        };
    }
    remembered(&reader)
}

/// Measures the file by what this machine remembers of it.
fn remembered(reader: &Reader) -> Result<(), Failure> {
    if reader.kind() == FileKind::Demo {
        return Ok(());
    }
    let standing = Heads::at(&data_folder()?).measure(reader)?;
    match (standing.warning(), standing) {
        (None, Standing::New) => {
            say("This machine remembers nothing of this file yet. Compare with an anchor on paper: --head")
        }
        (None, _) => say("It goes on from where this machine remembers it."),
        (Some(warning), Standing::Behind { .. }) => Err(Failure::Behind(warning)),
        (Some(warning), _) => Err(Failure::Rewritten(warning)),
    }
}

fn told(altered: &Altered) -> String {
    format!(
        "{altered} The file was altered behind the program, or damaged. Nothing was changed. Keep it as it is, and compare with a copy: mdt audit verify --file COPY"
    )
}

fn accept(arguments: &Arguments) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    let heads = Heads::at(&data_folder()?);
    let before = heads.of(desk.reader.file_uuid(), desk.reader.path()).ok().flatten();
    let deed = Deed::change("Take the file as it is").of_kind(StepKind::Restore);
    desk.store.commit(&desk.stamp(), &deed, &[])?;
    let head = desk.reader.head()?;
    heads.accept(desk.reader.file_uuid(), desk.reader.path(), &head, &Clock::System.now().moment.iso())?;
    let was = before.map(|then| format!(" It was step {} before.", then.seq)).unwrap_or_default();
    say(&format!(
        "This machine remembers {} from now on.{was} A step of kind “{}” says so in the log.",
        head.printed(),
        StepKind::Restore.label()
    ))
}
