//! A large step: what is put aside while it is written and put back before it is done, all in its one transaction.
//!
//! Twelve indexes of random order cost more than the people in them. Where a step adds (or takes away) more people than
//! were on file, the indexes of `person` are dropped and made anew from sorted rows. The step's own row, which comes last
//! in a small step, comes first here and is completed last: the foreign key of every change then finds it at once, where
//! otherwise all changes of the step would be read back when it comes. `sqlite_schema` is the same afterwards, word for
//! word; a step that is stopped or fails leaves everything as it was, because SQLite takes DDL back like anything else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use rusqlite::Connection;

use super::fault::Fault;

/// More people than this, and more than half of those on file, are worth putting indexes aside for.
const WORTH_IT: i64 = 2_000;

/// Virtual-machine steps of SQLite between two looks at [`Stop`]: some hundred microseconds.
const LOOK_EVERY: i32 = 10_000;

/// Nobody asked yet.
const GOING: u8 = 0;
/// Somebody asked in time: nothing will be written.
const ASKED: u8 = 1;
/// The step is being made durable, which takes as long as the disk takes and cannot be stopped any more.
const TOO_LATE: u8 = 2;

/// Asks a large step to stop. Whoever holds a clone may ask, from any thread, and is told at once whether it came in time;
/// the step then answers [`Fault::Stopped`].
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicU8>);

impl Stop {
    /// Asks. Says whether that came in time: then nothing of the step is kept, and otherwise all of it.
    pub fn ask(&self) -> bool {
        self.0.compare_exchange(GOING, ASKED, Ordering::SeqCst, Ordering::SeqCst) != Err(TOO_LATE)
    }

    /// Whether somebody asked in time.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed) == ASKED
    }

    /// # Errors
    /// [`Fault::Stopped`] where somebody asked.
    pub fn check(&self) -> Result<(), Fault> {
        if self.is_asked() { Err(Fault::Stopped) } else { Ok(()) }
    }

    /// From here on it is too late to ask.
    ///
    /// # Errors
    /// [`Fault::Stopped`] where somebody asked before.
    pub(super) fn close(&self) -> Result<(), Fault> {
        match self.0.compare_exchange(GOING, TOO_LATE, Ordering::SeqCst, Ordering::SeqCst) {
            Err(ASKED) => Err(Fault::Stopped),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Lets statements that take long look whether they should go on.
    pub(super) fn watch(&self, db: &mut Connection) -> Result<(), Fault> {
        let stop = self.clone();
        Ok(db.progress_handler(LOOK_EVERY, Some(move || stop.is_asked()))?)
    }

    pub(super) fn unwatch(db: &mut Connection) {
        let _ = db.progress_handler(0, None::<fn() -> bool>);
    }
}

/// What has been put aside.
#[derive(Default)]
pub(super) struct Aside {
    people: i64,
    moved: i64,
    indexes: Vec<String>,
    open: bool,
}

impl Aside {
    pub(super) fn new(db: &Connection) -> Result<Self, Fault> {
        let people =
            db.prepare_cached("SELECT coalesce(sum(people), 0) FROM census")?.query_row([], |row| row.get(0))?;
        Ok(Self { people, ..Self::default() })
    }

    /// Counts a person who comes or goes; whether that was the one from which on it is worth it.
    pub(super) fn count(&mut self) -> bool {
        self.moved += 1;
        !self.open && self.moved > WORTH_IT && self.moved * 2 > self.people
    }

    /// Drops the indexes of `person`. Those that hold few people stay: to make one again costs a walk through everybody.
    pub(super) fn put(&mut self, db: &Connection) -> Result<(), Fault> {
        self.open = true;
        let found: Vec<(String, String)> = db
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'person' AND sql IS NOT NULL AND (sql NOT LIKE '% WHERE %' OR name = 'person_nhs_number') ORDER BY rowid")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (name, sql) in found {
            db.execute_batch(&format!("DROP INDEX \"{name}\""))?;
            self.indexes.push(sql);
        }
        Ok(())
    }

    /// Makes them anew.
    pub(super) fn put_back(&mut self, db: &Connection, stop: &Stop) -> Result<(), Fault> {
        for sql in std::mem::take(&mut self.indexes) {
            stop.check()?;
            db.execute_batch(&sql)?;
        }
        Ok(())
    }
}
