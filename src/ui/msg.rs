//! What can happen to the model.

use crate::store::Receipt;
use crate::store::fault::Fault;

use crate::jobs::lists::{Outcome, Progress};

use super::command::Command;
use super::keymap::Key;
use super::overlays::confirm::Confirm;
use super::overlays::making::Making;

/// Something happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// A key.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// A command was chosen by name.
    Command(Command),
    /// The mouse wheel turned: rows, down if positive.
    Wheel(i32),
    /// The terminal has another size.
    Resize(u16, u16),
    /// Time passed.
    Tick,
    /// Another process wrote to the file.
    Foreign,
    /// A step is on the disk.
    Committed {
        /// Its number and what it touched.
        receipt: Receipt,
        /// What to say.
        said: String,
        /// What is asked then.
        then: Option<Box<Confirm>>,
    },
    /// Something could not be done; nothing was written.
    Failed(Fault),
    /// Something was done outside the file, in words.
    Said(String),
    /// Something could not be done outside the file, in words.
    Trouble(String),
    /// Documents are being made: how many of how many, and what.
    Making(Making),
    /// They are made, or were given up.
    NotMaking,
    /// Something has to be agreed to first.
    Ask(Box<Confirm>),
    /// That a record was opened is on the disk.
    Looked,
    /// A choice was kept.
    Became(String),
    /// Work on a list is done.
    List(Box<Outcome>),
    /// Work on a list has begun, in words.
    ListBegan(String),
    /// Work on a list goes on.
    ListProgress(Progress),
}
