//! Codes in the place of people: the same person has the same code in every document of one file, and nobody without the
//! file can tell whose it is. Ages stand in bands of five years.

use crate::domain::change::RecordId as _;
use crate::domain::day::Day;
use crate::domain::id::PersonId;
use crate::store::Reader;

/// Letters that are not mistaken for one another, read aloud or written down (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// `P-7F3K-Q2M9`: forty bits of a keyed hash of the id. The key is part of the file and is shown nowhere.
pub fn code(reader: &Reader, person: PersonId) -> String {
    format!("P-{}", letters(&reader.keyed("mdt-pseudonym-1", &person.raw().to_be_bytes())))
}

/// The same for something else that has an id.
pub(super) fn code_of(reader: &Reader, noun: &str, id: &str) -> String {
    letters(&reader.keyed(noun, id.as_bytes()))
}

fn letters(hash: &[u8; 32]) -> String {
    let bits = hash.iter().take(5).fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    let letter =
        |n: u32| LETTERS.get(usize::try_from(bits >> (5 * n) & 31).unwrap_or(0)).map_or('0', |it| char::from(*it));
    let all: String = (0..8).rev().map(letter).collect();
    let (left, right) = all.split_at(4);
    format!("{left}-{right}")
}

/// `80 to 84`, `90 or older`, `under 20`, `age not known`: at the ends the bands are wider, where few people are.
pub fn age_band(born: Option<Day>, on: Day) -> String {
    match born.map(|born| born.age_on(on)) {
        None => "age not known".to_owned(),
        Some(age) if age >= 90 => "90 or older".to_owned(),
        Some(age) if age < 20 => "under 20".to_owned(),
        Some(age) => format!("{} to {}", age / 5 * 5, age / 5 * 5 + 4),
    }
}
