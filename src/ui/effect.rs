//! What `update` asks the runtime to do. Plain data: it can be compared, printed and replayed.

use crate::domain::change::Change;
use crate::domain::id::{DiscussionId, MeetingId, PersonId};
use crate::domain::viewing::Looked;
use crate::exchange::output::outgoing::Order;
use crate::jobs::lists::Task;
use crate::store::Deed;

use super::overlays::confirm::Confirm;

/// Something outside the model.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Write one step.
    Commit(Commit),
    /// Take back the step with this number: the newest of this actor, as it was named to them.
    Undo(i64),
    /// Do again the step with this number.
    Redo(i64),
    /// Take back this step, whoever's it is, or do it again.
    Repeat {
        /// Its number.
        step: i64,
        /// Again, rather than back.
        redo: bool,
    },
    /// Keep that a person's record was opened.
    Look(PersonId, Looked),
    /// Forget a draft.
    DropDraft(String),
    /// Keep a choice that is part of nobody's record.
    Set {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// Work under this name from now on.
    Become(String),
    /// Write a document outside the file.
    Export(Box<Export>),
    /// Forget the documents that are being made.
    StopExport,
    /// Put one person's record on the clipboard of the terminal.
    Copy(Copying),
    /// Show the folder of exports in a window of the desktop.
    OpenExports,
    /// Begin work on a list.
    List(Task),
    /// Stop it; nothing is changed.
    StopList,
    /// Lead this live meeting from here on, taking over from another screen.
    TakeLead(MeetingId),
    /// Lock the screen.
    Lock,
    /// Make a copy of the file now.
    Backup,
    /// Leave.
    Quit,
    /// Give the shell back for a while (Unix).
    Suspend,
}

/// A step to write.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// What it is.
    pub deed: Deed,
    /// Its changes.
    pub changes: Vec<Change>,
    /// What the notice line says once it is on the disk.
    pub said: String,
    /// Drafts that are no longer needed then.
    pub drop_drafts: Vec<String>,
    /// What is asked or told once it is on the disk.
    pub then: Option<Box<Confirm>>,
}

impl Commit {
    /// A step, and what is said when it is on the disk.
    pub fn new(deed: Deed, changes: Vec<Change>, said: impl Into<String>) -> Self {
        Self { deed, changes, said: said.into(), drop_drafts: Vec::new(), then: None }
    }

    /// The same, followed by a question or a word.
    pub fn then(mut self, then: Option<Confirm>) -> Self {
        self.then = then.map(Box::new);
        self
    }

    /// The same, forgetting a draft.
    pub fn dropping(mut self, draft: impl Into<String>) -> Self {
        self.drop_drafts.push(draft.into());
        self
    }
}

impl From<Commit> for Effect {
    fn from(commit: Commit) -> Self {
        Self::Commit(commit)
    }
}

/// A document to write outside the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Which, for whom and how.
    pub order: Order,
    /// Whether what it gives away was looked at.
    pub agreed: bool,
}

/// What is put on the clipboard: one person's part of the minutes of one meeting. Its words are made when it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copying {
    /// The meeting.
    pub meeting: MeetingId,
    /// What was recorded for that person.
    pub discussion: DiscussionId,
}
