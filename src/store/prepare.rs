//! What can be done to a change before the file is asked: its columns, its log text, its salt and hash, the words a new
//! person is found by. Nothing here touches the file, so that a large step can be made ready while it is being written.
//!
//! The order is part of it: the hash of a step covers the hashes of its changes as they came. One [`Preparing`] is one step.

use sha2::{Digest as _, Sha256};

use crate::domain::Word as _;
use crate::domain::change::{Change, NounKind};
use crate::domain::person::search_text;

use super::apply::{Deed, Naming, RowChange, derive, flatten};
use super::fault::Fault;
use super::log::{Sealer, change_hash, fields_json};

/// A change made ready to be written.
pub struct Prepared {
    pub(super) change: RowChange,
    /// Its columns as the log keeps them.
    pub(super) fields: String,
    pub(super) salt: [u8; 16],
    pub(super) hash: [u8; 32],
    pub(super) fresh: Option<Fresh>,
    /// Whether the log keeps only the hash: what is erased must not stand there either.
    pub(super) unsaid: bool,
}

/// What follows from the columns of a new person.
pub(super) struct Fresh {
    pub(super) derived: Vec<(&'static str, rusqlite::types::Value)>,
    pub(super) words: String,
}

/// How many changes a step has, and the hash over all of theirs.
pub struct Totals {
    pub(super) count: i64,
    pub(super) payload: [u8; 32],
}

/// What comes to be written: changes, and at the end how many there were.
pub enum Item {
    /// The next change.
    Change(Prepared),
    /// There are no more.
    End(Totals),
}

/// A step being made ready, change by change.
pub struct Preparing {
    nth: i64,
    payload: Sha256,
    salt_seed: [u8; 32],
}

impl Preparing {
    /// A step without changes yet.
    ///
    /// # Errors
    /// Where the machine gives no random numbers.
    pub fn new() -> Result<Self, Fault> {
        let mut salt_seed = [0; 32];
        getrandom::fill(&mut salt_seed)
            .map_err(|_| Fault::Other { code: -2, what: "this machine gives no random numbers".to_owned() })?;
        Ok(Self { nth: 0, payload: Sha256::new(), salt_seed })
    }

    /// The next change of the step; nothing where it changes nothing.
    pub fn change(&mut self, change: &Change) -> Option<Prepared> {
        flatten(change).map(|change| self.row(change))
    }

    pub(super) fn row(&mut self, change: RowChange) -> Prepared {
        let fields = fields_json(&change);
        let seeded = Sealer::new("mdt-salt-1").field(&self.salt_seed).field(&self.nth.to_be_bytes()).digest();
        let mut salt = [0; 16];
        salt.iter_mut().zip(seeded).for_each(|(to, from)| *to = from);
        let hash = change_hash(change.noun.code(), change.row, change.deed.code(), &salt, &fields);
        self.payload.update(hash);
        self.nth += 1;
        let fresh = (change.noun == NounKind::Person && change.deed == Deed::Add).then(|| Fresh::of(&change));
        Prepared { change, fields, salt, hash, fresh, unsaid: false }
    }

    /// The step as a whole.
    pub fn end(self) -> Totals {
        Totals { count: self.nth, payload: self.payload.finalize().into() }
    }
}

impl Fresh {
    fn of(change: &RowChange) -> Self {
        let naming = Naming::default().with(change);
        let words = search_text(&naming.surname, &naming.forename, naming.preferred.as_deref(), naming.number);
        Self { derived: derive(change, Some(&naming)), words }
    }
}
