//! Mappings by name: what a person agreed to for lists of one shape, kept in the team's file, so that next month is one key.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::Word;
use crate::domain::intake::IntakeKind;
use crate::domain::text::Line;
use crate::store::fault::Fault;
use crate::store::{Reader, Store};

use super::Trouble;
use super::columns::Guess;
use super::synonyms::bare;

/// A mapping as it is kept: what a person agreed to for a list of this shape.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The sheet, of a workbook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Field by header; an empty word where the column is not used.
    pub columns: BTreeMap<String, String>,
    /// The order of days by header, where a person said it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub days: BTreeMap<String, String>,
    /// Bands by label, where a person said them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bands: BTreeMap<String, String>,
}

impl Mapping {
    /// Whether a list has the very columns that were agreed to.
    pub fn fits(&self, guess: &Guess) -> bool {
        let named: Vec<&str> = guess.headers().filter(|header| !header.is_empty()).collect();
        !self.columns.is_empty()
            && self.columns.keys().all(|header| guess.column(header).is_some())
            && named.iter().all(|header| self.columns.keys().any(|known| bare(known) == bare(header)))
    }
}

fn setting(kind: IntakeKind, name: &str) -> String {
    format!("mapping:{}:{}", kind.code(), name.trim().to_lowercase())
}

/// A name that a mapping can have: one short line.
///
/// # Errors
/// Where it is blank or too long.
pub fn name(text: &str) -> Result<String, Trouble> {
    let line = Line::parse(text).ok().filter(|line| line.as_str().chars().count() <= 60);
    line.map(|line| line.to_string()).ok_or_else(|| {
        Trouble::List("A mapping is called by a few words, at most 60 characters. Nothing was changed.".to_owned())
    })
}

/// The mapping of this name for this kind of list, if there is one.
///
/// # Errors
/// A fault of the file; or a mapping this program cannot read.
pub fn find(reader: &Reader, kind: IntakeKind, name: &str) -> Result<Option<Mapping>, Trouble> {
    let Some(text) = reader.setting(&setting(kind, name))? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|_| {
        Trouble::List(format!(
            "The mapping “{}” was written by another version of mdt. Choose another name. Nothing was changed.",
            name.trim()
        ))
    })
}

/// The names of all mappings for this kind of list.
///
/// # Errors
/// Any fault of the disk.
pub fn names(reader: &Reader, kind: IntakeKind) -> Result<Vec<String>, Fault> {
    let prefix = setting(kind, "");
    let all = reader.settings(&prefix)?;
    Ok(all.into_iter().filter_map(|name| name.strip_prefix(&prefix).map(str::to_owned)).collect())
}

/// Keeps a mapping under a name, in the place of an older one.
///
/// # Errors
/// Any fault of the disk.
pub fn keep(store: &mut Store, kind: IntakeKind, name: &str, mapping: &Mapping) -> Result<(), Fault> {
    let text = serde_json::to_string(mapping).unwrap_or_default();
    store.set(&setting(kind, name), &text)
}
