//! Half-typed text. It belongs to the program it is typed in; when that program is gone, whoever opens the card next has it.

use rusqlite::{OptionalExtension, params};

use super::fault::Fault;
use super::{Reader, Store};

/// Ours, or nobody's any more: what another running program has half-typed is not offered here.
const OFFERED: &str = "session = ?2 OR session NOT IN (SELECT id FROM session)";

impl Store {
    /// Keeps half-typed text. Not a step: a draft is nobody's record yet.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn keep_draft(&mut self, name: &str, text: &str, at: &str) -> Result<(), Fault> {
        self.may_write()?;
        self.db
            .prepare_cached(
                "INSERT INTO draft (name, session, text, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name, session) DO UPDATE SET text = ?3, at = ?4",
            )?
            .execute(params![name, self.session, text, at])?;
        Ok(())
    }

    /// Forgets a draft that was saved or given up. What others have half-typed under that name stays.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn drop_draft(&mut self, name: &str) -> Result<(), Fault> {
        self.may_write()?;
        self.db
            .prepare_cached("DELETE FROM draft WHERE name = ?1 AND session = ?2")?
            .execute(params![name, self.session])?;
        Ok(())
    }

    /// Makes the text ours that a program left behind and that [`Reader::draft`] has just offered. Nothing where there is none.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn adopt_draft(&mut self, name: &str) -> Result<(), Fault> {
        self.db
            .prepare_cached(concat!(
                "UPDATE draft SET session = ?2 WHERE name = ?1 AND session = (SELECT session FROM draft WHERE name = ?1",
                " AND session NOT IN (SELECT id FROM session) ORDER BY at DESC, session LIMIT 1)",
                " AND NOT EXISTS (SELECT 1 FROM draft WHERE name = ?1 AND session = ?2)"
            ))?
            .execute(params![name, self.session])?;
        Ok(())
    }
}

impl Reader {
    /// Half-typed text kept under a name: ours, or else the newest that a program which is gone has left.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn draft(&self, name: &str) -> Result<Option<String>, Fault> {
        let sql = format!(
            "SELECT text FROM draft WHERE name = ?1 AND ({OFFERED}) ORDER BY session = ?2 DESC, at DESC, session LIMIT 1"
        );
        Ok(self.db.prepare_cached(&sql)?.query_row(params![name, self.session], |row| row.get(0)).optional()?)
    }

    /// The names of all drafts that can be had back here, newest first.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn drafts(&self) -> Result<Vec<String>, Fault> {
        let sql = "SELECT name FROM draft WHERE session = ?1 OR session NOT IN (SELECT id FROM session) GROUP BY name ORDER BY max(at) DESC, name";
        let mut select = self.db.prepare_cached(sql)?;
        Ok(select.query_map([self.session], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }
}
