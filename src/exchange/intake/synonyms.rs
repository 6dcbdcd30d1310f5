//! The headers that lists give their fields, bare of everything that differs between two hands.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::domain::Word;
use crate::domain::intake::IntakeKind;
use crate::domain::text::fold;

use super::field::Field;

/// `assets/columns.toml`: data, so that a new header needs no new code.
type Synonyms = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// The bare words of each field of a kind, best first.
pub(super) type Words = BTreeMap<Field, Vec<String>>;

/// The headers of the fields of a kind.
pub(super) fn synonyms(kind: IntakeKind) -> &'static Words {
    static READ: OnceLock<BTreeMap<IntakeKind, Words>> = OnceLock::new();
    static NONE: Words = BTreeMap::new();
    let read = || {
        // The file is part of the program; a test reads it strictly.
        let raw: Synonyms = toml::from_str(include_str!("../../../assets/columns.toml")).unwrap_or_default();
        let words = |kind: &IntakeKind| {
            let fields = raw.get(kind.code()).into_iter().flatten();
            let bared = |words: &Vec<String>| words.iter().map(|word| bare(word)).collect();
            fields.filter_map(|(code, words)| Some((Field::from_code(code)?, bared(words)))).collect()
        };
        IntakeKind::ALL.iter().map(|kind| (*kind, words(kind))).collect()
    };
    READ.get_or_init(read).get(&kind).unwrap_or(&NONE)
}

/// A header without case, accents, spaces and punctuation (but `%`, which tells a share from a score).
pub(super) fn bare(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric() || *c == '%').collect()
}

#[cfg(test)]
mod tests {
    use super::super::field::fields_of;
    use super::*;

    #[test]
    fn the_table_can_be_read_and_no_header_means_two_fields() {
        let table: Synonyms = toml::from_str(include_str!("../../../assets/columns.toml")).unwrap();
        assert_eq!(table.len(), IntakeKind::ALL.len());
        for (kind, fields) in &table {
            let kind = IntakeKind::from_code(kind).unwrap();
            let mut seen = BTreeMap::new();
            for (code, words) in fields {
                let field = Field::from_code(code).unwrap_or_else(|| panic!("{code} is a field"));
                assert!(fields_of(kind).contains(&field), "{code} belongs to {}", kind.code());
                for word in words {
                    if let Some(other) = seen.insert(bare(word), field) {
                        assert_eq!(other, field, "{word}");
                    }
                }
            }
            for field in fields_of(kind) {
                assert!(fields.contains_key(field.code()), "{} has headers", field.code());
            }
        }
    }
}
