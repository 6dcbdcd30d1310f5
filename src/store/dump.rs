//! Every record of the file as text, derived columns among it: what tests compare.
//! Read-only, in one transaction; never shown on a screen.

use rusqlite::types::ValueRef;

use crate::domain::Word;
use crate::domain::change::NounKind;

use super::Reader;
use super::fault::Fault;

impl Reader {
    /// One line a record, nouns in their order, records by id, and the people whom a search can find. Two files that
    /// hold the same records give the same text; a file without records gives none.
    ///
    /// # Errors
    /// Any fault of the disk.
    #[doc(hidden)]
    pub fn dump(&self) -> Result<String, Fault> {
        let moment = self.db.unchecked_transaction()?;
        let mut out = String::new();
        for noun in NounKind::ALL {
            let mut select = moment.prepare(&format!("SELECT * FROM {} ORDER BY id", noun.code()))?;
            let names: Vec<String> = select.column_names().map(str::to_owned).collect();
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                out.push_str(noun.code());
                for (at, name) in names.iter().enumerate() {
                    out.push_str(&format!(" {name}={}", shown(row.get_ref(at)?)));
                }
                out.push('\n');
            }
        }
        let mut select = moment.prepare("SELECT rowid FROM person_words ORDER BY rowid")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            out.push_str(&format!("person_words {}\n", row.get::<_, i64>(0)?));
        }
        Ok(out)
    }
}

fn shown(cell: ValueRef<'_>) -> String {
    match cell {
        ValueRef::Null => "-".to_owned(),
        ValueRef::Integer(n) => n.to_string(),
        ValueRef::Real(x) => format!("{x:?}"),
        ValueRef::Text(text) => format!("{:?}", String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => super::log::hex(bytes),
    }
}
