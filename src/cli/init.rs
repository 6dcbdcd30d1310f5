//! `mdt init`: makes a team's file, with its folder, its passphrase and its team.

use std::path::Path;

use clap::Args;

use crate::clock::Clock;
use crate::domain::change::{Mint, add};
use crate::domain::id::TeamId;
use crate::domain::team::Team;
use crate::domain::text::Line;
use crate::store::log::Stamp;
use crate::store::open::Passphrase;
use crate::store::{self, Deed, FileKind};

use super::{Arguments, Failure, default_file, key, login, make_folder, random_salt, say};

/// How often a passphrase is asked for before giving up.
const TRIES: usize = 3;
const TOO_SHORT: &str = "A passphrase needs at least fourteen characters or six words.";

/// What `mdt init` is told.
#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// The name of the team, as it is to stand on screens and minutes.
    name: String,
    /// Make a plain file that anybody with access to the disk can read. Every screen then says NOT ENCRYPTED.
    #[arg(long)]
    no_encryption: bool,
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
    let passphrase = match (init.no_encryption, arguments.key_file_passphrase()?) {
        (true, Some(_)) => {
            return Err(Failure::Refused("Choose one: --key-file or --no-encryption. Nothing was made.".to_owned()));
        }
        (true, None) => None,
        (false, Some(passphrase)) if passphrase.is_long_enough() => Some(passphrase),
        (false, Some(_)) => return Err(Failure::Refused(format!("{TOO_SHORT} Nothing was made."))),
        (false, None) => Some(ask_twice()?),
    };
    make(&path, name.clone(), passphrase.as_ref())?;
    tell(arguments, &path, &name, passphrase.is_some())
}

fn ask_twice() -> Result<Passphrase, Failure> {
    for _ in 0..TRIES {
        let first = key::ask("New passphrase (fourteen characters, or six words): ")?;
        if !first.is_long_enough() {
            say(TOO_SHORT)?;
            continue;
        }
        if key::ask("The same again: ")?.matches(&first) {
            return Ok(first);
        }
        say("The two were not the same.")?;
    }
    Err(Failure::Refused("No passphrase was set. Nothing was made.".to_owned()))
}

fn make(path: &Path, name: Line, passphrase: Option<&Passphrase>) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let now = Clock::System.now();
    let stamp = Stamp { at: now.moment.iso(), actor: login() };
    let mut uuid = [0u8; 16];
    getrandom::fill(&mut uuid).map_err(|_| Failure::Outside("This machine gives no random numbers.".to_owned()))?;
    let (mut store, _reader) = store::create(path, passphrase, FileKind::Real, u128::from_be_bytes(uuid), &stamp)?;
    let team: TeamId = Mint::new(now.moment.utc(), random_salt()?).mint();
    store.commit(&stamp, &Deed::change("Add team"), &[add(team, Team::new(name))])?;
    store.close()?;
    Ok(())
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
