//! `mdt key`: another passphrase, and the recovery copy.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::clock::Clock;
use crate::domain::text::displayable;
use crate::store::copy::quietly;
use crate::store::heads::Heads;
use crate::store::log::Stamp;
use crate::store::open::{Cover, Passphrase, check};
use crate::store::rekey::{Changing, KEPT_DAYS, change_key};
use crate::store::{self, FileKind, Reader, Stop, Store};

use super::{Arguments, Failure, actor, data_folder, key, recovery, say};

/// What `mdt key` can do.
#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Change the passphrase: a new file is written and proved, and takes the place of the old one, which stays beside it.
    Change(ChangeArgs),
    /// Make a copy that a second passphrase opens, and open it.
    Recovery(RecoveryArgs),
}

/// What `mdt key change` is told.
#[derive(Debug, Args)]
pub(super) struct ChangeArgs {
    /// Read the new passphrase from this file, which only its owner may read. For scripts; --key-file has the old one.
    #[arg(long, value_name = "PATH")]
    new_key_file: Option<PathBuf>,
}

/// What `mdt key recovery` is told.
#[derive(Debug, Args)]
pub(super) struct RecoveryArgs {
    /// Where the copy is to be: a name that is not there yet, or a folder.
    path: PathBuf,
    /// Read the second passphrase from this file, which only its owner may read. For scripts.
    #[arg(long, value_name = "PATH")]
    recovery_key_file: Option<PathBuf>,
}

/// Does it.
pub(super) fn run(arguments: &Arguments, command: &KeyCommand) -> Result<(), Failure> {
    let path = arguments.path()?;
    if check(&path)? == Cover::Plain {
        return Err(Failure::Refused(format!(
            "{} is not encrypted: it has no passphrase. Make a new file with mdt init, and take the lists in there.",
            displayable(&path.to_string_lossy())
        )));
    }
    match command {
        KeyCommand::Change(args) => change(arguments, args),
        KeyCommand::Recovery(args) => make_recovery(arguments, args),
    }
}

/// Opens the file and keeps the passphrase that did.
fn open(arguments: &Arguments) -> Result<(Store, Reader, Passphrase), Failure> {
    let path = arguments.path()?;
    if let Some(passphrase) = arguments.key_file_passphrase()? {
        let (store, reader) = store::open(&path, Some(&passphrase))?;
        return Ok((store, reader, passphrase));
    }
    let mut used = None;
    let (store, reader) = key::ask_until(|typed| {
        let opened = store::open(&path, Some(&typed))?;
        used = Some(typed);
        Ok(opened)
    })?;
    let used = used.ok_or_else(|| Failure::Refused("No passphrase was given.".to_owned()))?;
    Ok((store, reader, used))
}

fn change(arguments: &Arguments, args: &ChangeArgs) -> Result<(), Failure> {
    let path = arguments.path()?;
    let (store, reader, old) = open(arguments)?;
    let stamp = Stamp { at: Clock::System.now().moment.iso(), actor: actor(&reader)? };
    let (uuid, kind) = (reader.file_uuid().to_owned(), reader.kind());
    drop(reader);
    store.close()?;
    let same = |new: &Passphrase| new.matches(&old).then(|| "That is the passphrase it has already.".to_owned());
    let new = match &args.new_key_file {
        None => key::ask_new("New passphrase (fourteen characters, or six words): ", same)?,
        Some(file) => {
            let new = key::from_file(file)?;
            if !new.is_long_enough() {
                return Err(Failure::Refused(format!("{} Nothing was changed.", key::TOO_SHORT)));
            }
            if let Some(why) = same(&new) {
                return Err(Failure::Refused(format!("{why} Nothing was changed.")));
            }
            new
        }
    };
    let it = Changing { path: &path, old: &old, new: &new, stamp: &stamp };
    let changed = change_key(&it, &Stop::default(), &mut quietly, &mut |_| true)?;
    if kind == FileKind::Real {
        Heads::at(&data_folder()?).remember(&uuid, &path, &changed.head, &stamp.at)?;
    }
    say("The passphrase is changed: the new file was tried whole, the new passphrase opens it, the old one does not.")?;
    say(&format!(
        "The old file is kept as {}. The old passphrase still opens it: remove it after {KEPT_DAYS} days.",
        displayable(&changed.kept.to_string_lossy())
    ))?;
    say("Copies and recovery copies made before still open with the passphrases they were made under.")
}

fn make_recovery(arguments: &Arguments, args: &RecoveryArgs) -> Result<(), Failure> {
    let (mut store, reader, first) = open(arguments)?;
    let stamp = Stamp { at: Clock::System.now().moment.iso(), actor: actor(&reader)? };
    if reader.kind() == FileKind::Real {
        let standing = store.remember_in(&Heads::at(&data_folder()?), &reader);
        if let Some(warning) = standing.ok().and_then(|standing| standing.warning()) {
            super::warn(&warning)?;
        }
    }
    let given = args.recovery_key_file.as_deref().map(key::from_file).transpose()?;
    let second = given.as_ref().map_or(recovery::Second::Asked, recovery::Second::Given);
    recovery::make(&mut store, &reader, &first, second, &args.path, &stamp)?;
    drop(reader);
    Ok(store.close()?)
}
