//! `mdt init`: makes a team's file, with its folder, its passphrase and its team.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::clock::Clock;
use crate::domain::change::{Mint, add};
use crate::domain::id::TeamId;
use crate::domain::team::Team;
use crate::domain::text::Line;
use crate::store::heads::Heads;
use crate::store::log::Stamp;
use crate::store::open::Passphrase;
use crate::store::{self, Deed, FileKind, Reader, Store};

use super::{Arguments, Failure, data_folder, default_file, key, login, make_folder, random_salt, recovery, say, warn};

/// What `mdt init` is told.
#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// The name of the team, as it is to stand on screens and minutes.
    name: String,
    /// Make a plain file that anybody with access to the disk can read. Every screen then says NOT ENCRYPTED.
    #[arg(long)]
    no_encryption: bool,
    /// Make a recovery copy here at once: a name that is not there yet, or a folder.
    #[arg(long, value_name = "PATH", conflicts_with = "no_encryption")]
    recovery: Option<PathBuf>,
    /// Read the second passphrase, which opens the recovery copy, from this file, which only its owner may read. For scripts.
    #[arg(long, value_name = "PATH", requires = "recovery")]
    recovery_key_file: Option<PathBuf>,
}

/// Makes the file.
pub(super) fn run(arguments: &Arguments, init: &InitArguments) -> Result<(), Failure> {
    let name = Line::parse(&init.name).map_err(|why| Failure::Refused(format!("The name of the team: {why}")))?;
    let path = arguments.path()?;
    // Asked before the passphrase, so that nobody types one for nothing. The making checks once more.
    if path.symlink_metadata().is_ok() {
        return Err(Failure::Refused(format!(
            "{} exists already. Nothing was changed. Give another --file, or open it with: mdt",
            path.display()
        )));
    }
    if let Some(why) = init.recovery.as_deref().and_then(recovery::no_place) {
        return Err(Failure::Refused(format!("{why} Nothing was made.")));
    }
    let passphrase = match (init.no_encryption, arguments.key_file_passphrase()?) {
        (true, Some(_)) => {
            return Err(Failure::Refused("Choose one: --key-file or --no-encryption. Nothing was made.".to_owned()));
        }
        (true, None) => None,
        (false, Some(passphrase)) if passphrase.is_long_enough() => Some(passphrase),
        (false, Some(_)) => return Err(Failure::Refused(format!("{} Nothing was made.", key::TOO_SHORT))),
        (false, None) => Some(key::ask_new("New passphrase (fourteen characters, or six words): ", |_| None)?),
    };
    let second = init.recovery_key_file.as_deref().map(key::from_file).transpose()?;
    if let (Some(first), Some(second)) = (&passphrase, &second)
        && let Some(why) = recovery::unfit(first, second)
    {
        return Err(Failure::Refused(format!("{why} Nothing was made.")));
    }
    let (mut store, reader, stamp) = make(&path, name.clone(), passphrase.as_ref())?;
    let copied = match &passphrase {
        None => Ok(()),
        Some(first) => recovery_copy(arguments, init, (&mut store, &reader), first, second.as_ref(), &stamp),
    };
    drop(reader);
    store.close()?;
    tell(arguments, &path, &name, passphrase.is_some())?;
    copied
}

/// The recovery copy, made and opened at once – or, on a terminal, left out with a warning.
fn recovery_copy(
    arguments: &Arguments,
    init: &InitArguments,
    (store, reader): (&mut Store, &Reader),
    first: &Passphrase,
    second: Option<&Passphrase>,
    stamp: &Stamp,
) -> Result<(), Failure> {
    let asked = match &init.recovery {
        Some(path) => Some(path.clone()),
        None if arguments.key_file.is_none() && std::io::stdin().is_terminal() => recovery::ask_where()?,
        None => None,
    };
    let Some(path) = asked else {
        return say(
            "No recovery copy was made: if the passphrase is lost, everything is. Make one with: mdt key recovery PATH",
        );
    };
    let second = second.map_or(recovery::Second::Asked, recovery::Second::Given);
    recovery::make(store, reader, first, second, &path, stamp)
}

fn make(path: &Path, name: Line, passphrase: Option<&Passphrase>) -> Result<(Store, Reader, Stamp), Failure> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let now = Clock::System.now();
    let stamp = Stamp { at: now.moment.iso(), actor: login() };
    let mut uuid = [0u8; 16];
    getrandom::fill(&mut uuid).map_err(|_| Failure::Outside("This machine gives no random numbers.".to_owned()))?;
    let (mut store, reader) = store::create(path, passphrase, FileKind::Real, u128::from_be_bytes(uuid), &stamp)?;
    let team: TeamId = Mint::new(now.moment.utc(), random_salt()?).mint();
    store.commit(&stamp, &Deed::change("Add team"), &[add(team, Team::new(name))])?;
    if let Some(Err(fault)) = data_folder().ok().map(|folder| store.remember_in(&Heads::at(&folder), &reader)) {
        warn(&fault.to_string())?;
    }
    Ok((store, reader, stamp))
}

fn tell(arguments: &Arguments, path: &Path, name: &Line, encrypted: bool) -> Result<(), Failure> {
    let with_file = if default_file().is_ok_and(|default| default == path) {
        String::new()
    } else {
        format!(" --file '{}'", path.display())
    };
    let with_key =
        arguments.key_file.as_ref().map(|key| format!(" --key-file '{}'", key.display())).unwrap_or_default();
    say(&format!("Made {} for {name}. Only this login can read it.", path.display()))?;
    if encrypted {
        say(
            "It is encrypted. A lost passphrase cannot be recovered by anybody: keep a copy where the team keeps its keys.",
        )?;
    } else {
        say("NOT ENCRYPTED: whoever can read this disk can read this file. Do not put real people into it.")?;
    }
    say("")?;
    say("Next:")?;
    say(&format!("  mdt{with_file}{with_key} import members LIST.csv"))?;
    say(&format!("  mdt{with_file}{with_key} import caseload LIST.csv"))
}
