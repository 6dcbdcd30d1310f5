//! `mdt demo`: a file of invented people. It never touches a file that is not a demo.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::clock::Clock;
use crate::demo;
use crate::store::open::Cover;
use crate::store::{self, FileKind, Reader, Store};

use super::door::Door;
use super::{Arguments, Failure, demo_file, login, make_folder, open_ui, random_salt, say};

/// The member as whom the demo is used.
const YOU_ARE: &str = "Bethan Rees";

/// What `mdt demo` is told.
#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Make the file and stop there.
    #[arg(long)]
    no_ui: bool,
    /// Another throw of the dice: the same number gives the same people.
    #[arg(long, value_name = "N", default_value_t = demo::SEED)]
    seed: u64,
    /// Make the demo afresh. Only ever replaces a demo.
    #[arg(long)]
    reset: bool,
}

/// Makes the demo if it is not there, and opens it.
pub(super) fn run(arguments: &Arguments, demo: &DemoArguments) -> Result<(), Failure> {
    let path = match &arguments.file {
        Some(_) => arguments.path()?,
        None => demo_file()?,
    };
    let there = path.symlink_metadata().is_ok();
    if there {
        check_is_demo(&path)?;
    }
    let made = !there || demo.reset;
    if made {
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        make(&path, demo.seed, there)?;
    }
    if demo.no_ui {
        let done = if made { "Made" } else { "Already there (--reset makes it afresh):" };
        say(&format!("{done} {}", path.display()))?;
        say("DEMO – invented people. Nobody in it exists.")?;
        return say(&format!("Open it with: mdt --file '{}'", path.display()));
    }
    let (store, reader) = Door::new(path, None, arguments.read_only).open_or_offer()?;
    open_ui(arguments.desk_for(store, reader)?)
}

/// Looks at the file without writing to it; whatever cannot be seen to be a demo is not one.
fn check_is_demo(path: &Path) -> Result<(), Failure> {
    let is_demo = store::open::check(path)? == Cover::Plain && store::kind_of(path)? == Some(FileKind::Demo);
    if is_demo {
        return Ok(());
    }
    Err(Failure::Refused(format!(
        "{} is not a demo. It was not touched. Give another --file, or open it with: mdt --file '{0}'",
        path.display()
    )))
}

/// Builds under another name first, so that a half-made demo never stands under its own.
fn make(path: &Path, seed: u64, replace: bool) -> Result<(), Failure> {
    let building = beside(path, &format!(".{:08x}.new", random_salt()?));
    let built = build(&building, seed);
    let placed = built.and_then(|()| {
        if replace {
            for suffix in ["-wal", "-shm"] {
                let _ = fs::remove_file(beside(path, suffix));
            }
            fs::rename(&building, path).map_err(Failure::from)
        } else {
            place(&building, path)
        }
    });
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(beside(&building, suffix));
    }
    placed
}

fn build(path: &Path, seed: u64) -> Result<(), Failure> {
    let now = Clock::System.now();
    let uuid = (0xde30_u128 << 112) | u128::from(seed);
    let (mut store, reader): (Store, Reader) = store::create(path, None, FileKind::Demo, uuid, &demo::made(now))?;
    demo::build(&mut store, seed, now)?;
    store.set(&format!("me:{}", login()), YOU_ARE)?;
    drop(reader);
    store.close()?;
    Ok(())
}

/// Gives the built file its name, if nothing has that name by now.
fn place(building: &Path, path: &Path) -> Result<(), Failure> {
    match fs::hard_link(building, path) {
        Ok(()) => fs::remove_file(building).map_err(Failure::from),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(Failure::Refused(format!("{} has come into being meanwhile. It was not touched.", path.display())))
        }
        // A disk without hard links.
        Err(_) => fs::rename(building, path).map_err(Failure::from),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
