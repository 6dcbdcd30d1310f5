//! Which meeting is meant, and where a document goes.

use std::path::{Path, PathBuf};

use crate::domain::Word;
use crate::domain::change::Record;
use crate::domain::day::Day;
use crate::domain::meeting::Meeting;
use crate::exchange::output::file::{self, NotWritten};
use crate::exchange::output::{NotMade, codes};
use crate::store::Reader;

use super::{Desk, Failure};

impl From<NotWritten> for Failure {
    fn from(error: NotWritten) -> Self {
        Self::Outside(error.to_string())
    }
}

impl From<NotMade> for Failure {
    fn from(error: NotMade) -> Self {
        match error {
            NotMade::Refused(refusal) => refusal.into(),
            NotMade::Fault(fault) => fault.into(),
            NotMade::NotWritten(error) => error.into(),
        }
    }
}

/// Reads a word of a closed list from the command line; the error lists the choices.
pub(super) fn word<W: Word>(text: &str) -> Result<W, String> {
    W::from_code(&text.to_lowercase()).ok_or_else(|| format!("choose one of: {}", codes::<W>()))
}

/// Where a document goes.
pub(super) enum Target {
    /// To the terminal or a pipe.
    Stdout,
    /// To this file.
    File(PathBuf),
}

impl Target {
    /// What `-o` says: `-` is the terminal; without it, `name` in the folder `exports` beside the data file.
    pub(super) fn of(output: Option<&Path>, data_file: &Path, name: &str) -> Result<Self, Failure> {
        match output {
            Some(path) if path.as_os_str() == "-" => Ok(Self::Stdout),
            Some(path) => {
                let path = std::path::absolute(path)?;
                file::check_not_data(&path, data_file)?;
                Ok(Self::File(path))
            }
            None => {
                let folder = file::default_folder(data_file);
                file::make_folder(&folder)?;
                Ok(Self::File(folder.join(name)))
            }
        }
    }

    /// Whether it can be written, asked before anything is logged.
    pub(super) fn check(&self, force: bool) -> Result<(), Failure> {
        match self {
            Self::Stdout => Ok(()),
            Self::File(path) => Ok(file::check(path, force)?),
        }
    }
}

/// The meeting that `wanted` names: a day, or the word of this command, for which `by_word` is the answer.
pub(super) fn meeting(
    desk: &Desk,
    wanted: &str,
    word: &str,
    by_word: Option<Record<Meeting>>,
) -> Result<Record<Meeting>, Failure> {
    if wanted.trim().eq_ignore_ascii_case(word) {
        return by_word
            .ok_or_else(|| Failure::Refused(format!("There is no {word} meeting. {}", choices(&desk.reader, desk))));
    }
    let day = Day::parse(wanted).map_err(|_| {
        Failure::Refused(format!(
            "“{}” is no meeting: give “{word}” or a day. {}",
            crate::domain::text::displayable(wanted),
            choices(&desk.reader, desk)
        ))
    })?;
    let found = desk.reader.meetings(desk.team.id)?.into_iter().find(|meeting| meeting.on == day);
    found.ok_or_else(|| Failure::Refused(format!("There is no meeting on {day}. {}", choices(&desk.reader, desk))))
}

/// The meetings there are, newest first, as many as a line holds.
fn choices(reader: &Reader, desk: &Desk) -> String {
    const SHOWN: usize = 8;
    let meetings = reader.meetings(desk.team.id).unwrap_or_default();
    let days: Vec<String> =
        meetings.iter().take(SHOWN).map(|meeting| format!("{} ({})", meeting.on, meeting.stage.label())).collect();
    match (days.is_empty(), meetings.len() > SHOWN) {
        (true, _) => "This team has no meetings yet.".to_owned(),
        (false, false) => format!("There are: {}.", days.join(", ")),
        (false, true) => format!("There are: {}, and older ones.", days.join(", ")),
    }
}
