//! What the search index knows, as one sum that does not depend on the order in which it is read: the index gives its words
//! in the order of the words, the caseload in the order of the people.

use rusqlite::Connection;

use super::fault::Fault;
use super::log::Sealer;

/// The sum over every word of every person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    words: u64,
    sum: u128,
}

impl Sum {
    fn word(&mut self, person: i64, place: i64, word: &str) {
        let hash = Sealer::new("mdt-word-1")
            .field(&person.to_be_bytes())
            .field(&place.to_be_bytes())
            .field(word.as_bytes())
            .digest();
        let mut half = [0; 16];
        half.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        self.words += 1;
        self.sum = self.sum.wrapping_add(u128::from_be_bytes(half));
    }

    /// Adds the words by which a person is found, cut as the index cuts them: everything but ASCII letters, digits and
    /// what is not ASCII parts one word from the next.
    pub(super) fn person(&mut self, id: i64, text: &str) {
        let parts = text.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        for (place, word) in (0..).zip(parts) {
            self.word(id, place, &word.to_ascii_lowercase());
        }
    }
}

/// The same of what the index holds.
pub(super) fn kept(db: &Connection) -> Result<Sum, Fault> {
    // A window on the index, in memory. A connection that only reads may not open even that, so it may for this one line.
    let reads_only: bool = db.query_row("PRAGMA query_only", [], |row| row.get(0))?;
    db.pragma_update(None, "query_only", false)?;
    let opened = db.execute_batch(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.person_words_held USING fts5vocab ('main', 'person_words', 'instance')",
    );
    db.pragma_update(None, "query_only", reads_only)?;
    opened?;
    let mut sum = Sum::default();
    let mut select = db.prepare("SELECT doc, \"offset\", term FROM temp.person_words_held")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        sum.word(row.get(0)?, row.get(1)?, row.get_ref(2)?.as_str().unwrap_or_default());
    }
    Ok(sum)
}
