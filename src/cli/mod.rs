//! The same house by the back door: one file per subcommand.
//!
//! Everything printed here has passed through displayable text; errors become one sentence and an exit code.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

use crate::clock::{Clock, Now};
use crate::domain::Word as _;
use crate::domain::change::Record;
use crate::domain::id::Mint;
use crate::domain::refusal::Refusal;
use crate::domain::team::Team;
use crate::domain::text::DisplaySafe;
use crate::exchange::output::template::TemplateError;
use crate::store::fault::Fault;
use crate::store::log::Stamp;
use crate::store::open::Passphrase;
use crate::store::{Reader, Store};
use crate::ui;
use crate::ui::theme::{Theme, ThemeName};

use notices::Notices;

mod actions;
mod agenda;
mod audit;
mod backup;
mod demo;
mod doctor;
mod door;
mod erase;
mod history;
mod hold;
mod import;
mod init;
mod key;
mod merge;
mod minutes;
mod notices;
mod outgoing;
mod papers;
pub mod process;
mod recovery;
mod rekey;
mod restore;
mod slips;
mod template;
mod waiting;
mod whom;
mod wrap;

use door::Door;

/// Run community multidisciplinary team (MDT) meetings from the keyboard.
#[derive(Debug, Parser)]
#[command(
    name = "mdt",
    version,
    about,
    after_help = "Start with invented people:  mdt demo\nMake a real file:           mdt init \"Elm Grove MDT\"\nOpen it:                    mdt"
)]
pub struct Arguments {
    /// The file to work on (default: team.mdt in the local data folder; see `mdt paths`).
    #[arg(long, global = true, value_name = "PATH")]
    file: Option<PathBuf>,
    /// Read the passphrase from this file, which only its owner may read. For scripts.
    #[arg(long, global = true, value_name = "PATH")]
    key_file: Option<PathBuf>,
    /// Open the file to read only: nothing of it is written, whatever lies in the way of working on it.
    #[arg(long, global = true)]
    read_only: bool,
    /// The team, where the file holds several.
    #[arg(long, global = true, value_name = "NAME")]
    team: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open a team of invented people, to try things out on.
    Demo(demo::DemoArguments),
    /// Make a file for a team.
    Init(init::InitArguments),
    /// Take in a list: people, nominations, members, activity, services.
    Import(import::ImportArguments),
    /// Write the minutes of a meeting, or seal them.
    Minutes(minutes::MinutesArgs),
    /// Write the action log.
    Actions(actions::ActionsArgs),
    /// Write the agenda of a meeting.
    #[command(
        after_help = "Examples:\n  mdt agenda --format docx\n  mdt agenda --meeting 10/12/2026 -o -\n  mdt agenda --format ics\n  mdt agenda --for \"organisation:Elm Grove Surgery\" --preview"
    )]
    Agenda(agenda::AgendaArgs),
    /// Write what everybody should look up before a meeting, by discipline and by person.
    #[command(
        after_help = "Examples:\n  mdt pack\n  mdt pack --meeting 10/12/2026 --format pdf\n  mdt pack --for \"organisation:Elm Grove Surgery\" --preview"
    )]
    Pack(agenda::AgendaArgs),
    /// Write each owner's actions: a text, an e-mail draft, a calendar.
    Slips(slips::SlipsArgs),
    /// Write a page for each person on an agenda, or for one person.
    Summary(agenda::SummaryArgs),
    /// Tell what was done to the records, by whom; and who looked at them.
    History(history::HistoryArgs),
    /// Look a template over, or print one to begin with: a trust's own heading, logo, order and wording.
    Template(template::TemplateArgs),
    /// Make a copy, tried whole; list the copies; say where a second one goes.
    #[command(
        after_help = "Examples:\n  mdt backup\n  mdt backup /media/stick\n  mdt backup --second /media/stick\n  mdt backup --list"
    )]
    Backup(backup::BackupArguments),
    /// Make a new file from a copy, and say what the copy lacks.
    #[command(
        after_help = "Examples:\n  mdt restore backups/team-20261126T130000Z-214.mdt looked-at.mdt\n  mdt restore backups/team-20261126T130000Z-214.mdt --replace --witness \"Pat Okoro\""
    )]
    Restore(restore::RestoreArguments),
    /// Join another copy of the file: shows what would come, and asks about what both changed.
    #[command(
        after_help = "Examples:\n  mdt merge /media/stick/team.mdt --preview\n  mdt merge /media/stick/team.mdt\n  mdt merge other.mdt --take 1=ours --take 2=both"
    )]
    Merge(merge::MergeArguments),
    /// Erase the text about a person by law, or list whose time of retention is over.
    Erase(erase::EraseArgs),
    /// Place or lift a legal hold: while one stands, a record cannot be erased.
    Hold(hold::HoldArgs),
    /// Check the log of everything that was done, and every record against it.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Look over the file, its surroundings and its copies: one line a check, and no word about anybody.
    Doctor(doctor::DoctorArgs),
    /// Change the passphrase, or make a recovery copy under a second one.
    #[command(subcommand)]
    Key(rekey::KeyCommand),
    /// Print where mdt keeps its files.
    Paths,
}

/// How the program ends. The number is the exit code.
#[derive(Debug)]
pub enum Failure {
    /// 1: refused, or a problem was found. Nothing was changed.
    Refused(String),
    /// 2: an argument is not what it should be. Nothing was looked at.
    Usage(String),
    /// 3: the file could not be opened, written or read.
    File(Fault),
    /// 4: something could not be written outside the file, or read.
    Outside(String),
    /// 5: the file ends before a step that it had once.
    Behind(String),
    /// 6: a step of the file is not the one it had under that number.
    Rewritten(String),
}

impl Failure {
    /// The exit code, as documented in the README.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Usage(_) => 2,
            Self::File(_) => 3,
            Self::Outside(_) => 4,
            Self::Behind(_) => 5,
            Self::Rewritten(_) => 6,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A sentence may quote a path, an argument, or an error of the system.
        let said = match self {
            Self::Refused(why) | Self::Usage(why) | Self::Outside(why) | Self::Behind(why) | Self::Rewritten(why) => {
                DisplaySafe::new(why)
            }
            Self::File(fault) => DisplaySafe::new(fault.to_string()),
        };
        write!(f, "{said}")
    }
}

/// Reads the arguments. What is wrong with them is said with the argument in it: that too is made displayable.
///
/// # Errors
/// The exit code: 2 for a mistake, 0 where only the help or the version was asked for.
pub fn arguments() -> Result<Arguments, u8> {
    let error = match Arguments::try_parse() {
        Ok(arguments) => return Ok(arguments),
        Err(error) => error,
    };
    let said = error.render().to_string();
    let shown = DisplaySafe::new(&said);
    if shown.as_str() == said {
        // Nothing foreign in it: clap says it, with its colours.
        let _ = error.print();
    } else {
        let _ = writeln!(std::io::stderr(), "{shown}");
    }
    Err(u8::try_from(error.exit_code()).unwrap_or(2))
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::File(fault)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

impl From<TemplateError> for Failure {
    fn from(error: TemplateError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Outside(format!("{error}."))
    }
}

/// An opened file with the team chosen: what most subcommands start from.
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) reader: Reader,
    pub(crate) team: Record<Team>,
    pub(crate) clock: Clock,
    pub(crate) mint: Mint,
    /// The login's member name in this file, or the login itself.
    pub(crate) actor: String,
    /// What is to be said before anything else.
    notices: Notices,
}

impl Desk {
    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { at: self.now().moment.iso(), actor: self.actor.clone() }
    }
}

/// Runs the program.
///
/// # Errors
/// One sentence and an exit code.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Some(Command::Demo(demo)) => demo::run(arguments, demo),
        Some(Command::Init(init)) => init::run(arguments, init),
        Some(Command::Import(import)) => import::run(arguments, import),
        Some(Command::Minutes(args)) => minutes::run(arguments, args),
        Some(Command::Actions(args)) => actions::run(arguments, args),
        Some(Command::Agenda(args)) => agenda::run(arguments, args),
        Some(Command::Pack(args)) => agenda::pack(arguments, args),
        Some(Command::Slips(args)) => slips::run(arguments, args),
        Some(Command::Summary(args)) => agenda::summary(arguments, args),
        Some(Command::History(args)) => history::run(arguments, args),
        Some(Command::Template(args)) => template::run(args),
        Some(Command::Backup(args)) => backup::run(arguments, args),
        Some(Command::Merge(args)) => merge::run(arguments, args),
        Some(Command::Restore(args)) => restore::run(arguments, args),
        Some(Command::Erase(args)) => erase::run(arguments, args),
        Some(Command::Hold(args)) => hold::run(arguments, args),
        Some(Command::Audit(args)) => audit::run(arguments, args),
        Some(Command::Doctor(args)) => doctor::run(arguments, args),
        Some(Command::Key(args)) => rekey::run(arguments, args),
        Some(Command::Paths) => paths(arguments),
        None => open_ui(arguments.open_desk()?),
    }
}

fn paths(arguments: &Arguments) -> Result<(), Failure> {
    let file = arguments.path()?;
    say(&format!("file     {}", file.display()))?;
    say(&format!("demo     {}", demo_file()?.display()))?;
    say(&format!("exports  {}", crate::exchange::output::file::default_folder(&file).display()))?;
    say(&format!("copies   {}", crate::store::backup::folder_of(&file).display()))?;
    say(&format!("template {}", file.with_file_name(crate::exchange::output::template::NAME).display()))
}

impl Arguments {
    /// The file these arguments mean, as an absolute path.
    pub(crate) fn path(&self) -> Result<PathBuf, Failure> {
        match &self.file {
            Some(path) => std::path::absolute(path).map_err(Failure::from),
            None => default_file(),
        }
    }

    fn door(&self, path: PathBuf) -> Door {
        Door::new(path, self.key_file.clone(), self.read_only)
    }

    /// Opens the file and chooses the team; what is to be said first goes beside what is printed.
    pub(crate) fn desk(&self) -> Result<Desk, Failure> {
        let desk = self.open_desk()?;
        desk.notices.warning.iter().try_for_each(|line| warn(line))?;
        Ok(desk)
    }

    /// Opens the file and chooses the team.
    fn open_desk(&self) -> Result<Desk, Failure> {
        let path = self.path()?;
        let mut door = self.door(path);
        // A subcommand may stand in a script, and its output in a file: it asks nothing.
        let (store, reader) = if self.command.is_none() { door.open_or_offer()? } else { door.open()? };
        self.desk_for(store, reader)
    }

    /// The desk for a file already opened.
    pub(crate) fn desk_for(&self, mut store: Store, reader: Reader) -> Result<Desk, Failure> {
        let teams = reader.teams()?;
        let wanted = self.team.as_deref().map(str::to_lowercase);
        let names: Vec<String> = teams.iter().map(|team| team.name.to_string()).collect();
        let team = match wanted {
            None => teams.into_iter().next(),
            Some(wanted) => teams.into_iter().find(|team| team.name.as_str().to_lowercase() == wanted),
        };
        let team = team.ok_or_else(|| {
            Failure::Refused(if names.is_empty() {
                "This file has no team.".to_owned()
            } else {
                format!("There is no such team. The file has: {}.", names.join(", "))
            })
        })?;
        let clock = Clock::System;
        let actor = actor(&reader)?;
        let mint = Mint::new(clock.now().moment.utc(), random_salt()?);
        let notices = Notices::at_opening(&mut store, &reader, clock.now());
        Ok(Desk { store, reader, team, clock, mint, actor, notices })
    }

    pub(crate) fn key_file_passphrase(&self) -> Result<Option<Passphrase>, Failure> {
        self.key_file.as_deref().map(key::from_file).transpose()
    }
}

/// Opens the terminal UI on a file that is open.
pub(super) fn open_ui(desk: Desk) -> Result<(), Failure> {
    let login = login();
    let kept = desk.reader.setting(&format!("theme:{login}"))?.and_then(|name| ThemeName::from_code(&name));
    let theme = Theme::new(match std::env::var_os("NO_COLOR") {
        Some(set) if !set.is_empty() => ThemeName::Mono,
        _ => kept.unwrap_or(ThemeName::Dark),
    });
    let Desk { store, reader, team, clock, mint, actor, notices } = desk;
    let desk = ui::runtime::Desk { store, reader, team, clock, mint, actor, login, theme };
    ui::runtime::run(desk, notices.messages()).map_err(|error| match error {
        ui::runtime::RunError::Terminal(_) => Failure::Outside(error.to_string()),
        ui::runtime::RunError::File(fault) => Failure::File(fault),
    })
}

/// Whose steps these are: the member this login said it is, or the login.
fn actor(reader: &Reader) -> Result<String, Failure> {
    Ok(reader.setting(&format!("me:{}", login()))?.unwrap_or_else(login))
}

/// The name of this login.
pub(crate) fn login() -> String {
    let name = std::env::var("USER").or_else(|_| std::env::var("USERNAME")).unwrap_or_default();
    let name = crate::domain::text::displayable(name.trim());
    if name.is_empty() { "unknown login".to_owned() } else { name }
}

pub(crate) fn random_salt() -> Result<u32, Failure> {
    let mut bytes = [0u8; 4];
    getrandom::fill(&mut bytes).map_err(|_| Failure::Outside("This machine gives no random numbers.".to_owned()))?;
    Ok(u32::from_be_bytes(bytes))
}

fn default_file() -> Result<PathBuf, Failure> {
    Ok(data_folder()?.join("team.mdt"))
}

/// The demo has a file of its own.
fn demo_file() -> Result<PathBuf, Failure> {
    Ok(data_folder()?.join("demo.mdt"))
}

/// Makes a folder, and those it lies in, for its owner alone. One that is there stays as it is.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Failure> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| Failure::Outside(format!("The folder {} could not be made: {error}.", folder.display())))
}

fn data_folder() -> Result<PathBuf, Failure> {
    let dirs = directories::ProjectDirs::from("", "", "mdt")
        .ok_or_else(|| Failure::Outside("This login has no home folder. Give the file with --file PATH.".to_owned()))?;
    Ok(dirs.data_local_dir().to_path_buf())
}

/// Prints a line beside what is printed: it must not get into a document that goes to the output.
pub(crate) fn warn(line: &str) -> Result<(), Failure> {
    let line = format!("mdt: {}", DisplaySafe::new(line));
    match writeln!(std::io::stderr(), "{}", wrap::wrapped(&line, wrap::columns(&std::io::stderr()))) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Failure::from),
    }
}

/// A failure as it is printed.
pub fn in_words(failure: &Failure) -> String {
    wrap::wrapped(&format!("mdt: {failure}"), wrap::columns(&std::io::stderr()))
}

/// Prints a line. A reader that has gone away (`mdt … | head`) is not an error.
pub(crate) fn say(line: &str) -> Result<(), Failure> {
    let line = DisplaySafe::new(line);
    match writeln!(std::io::stdout(), "{}", wrap::wrapped(line.as_str(), wrap::columns(&std::io::stdout()))) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Failure::from),
    }
}
