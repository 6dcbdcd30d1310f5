//! What hides names inside texts while identifiers are hidden: a sentence about Jeannie says `J.` instead.

use crate::domain::carer::Carer;
use crate::domain::change::Record;
use crate::domain::person::Person;

/// The words to hide, longest first.
#[derive(Clone, Debug, Default)]
pub struct Veil(Vec<String>);

impl Veil {
    /// Hides the names of these people and carers, where `masked` says so.
    pub fn over<'p>(masked: bool, people: impl IntoIterator<Item = &'p Person>, carers: &[Record<Carer>]) -> Self {
        if !masked {
            return Self::default();
        }
        let own = |person: &'p Person| [Some(&person.surname), Some(&person.forename), person.preferred.as_ref()];
        let mut words: Vec<String> = people
            .into_iter()
            .flat_map(own)
            .flatten()
            .chain(carers.iter().map(|carer| &carer.name))
            .flat_map(|name| name.as_str().split([' ', '-']))
            .filter(|word| word.chars().count() >= 3)
            .map(str::to_owned)
            .collect();
        // A list may have brought a name in capitals; a text has it as names are written, and a sheet in capitals.
        words.extend(words.clone().iter().flat_map(|word| [word.to_uppercase(), capitalised(word)]));
        words.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        words.dedup();
        Self(words)
    }

    /// The text, with each hidden name as its initial.
    pub fn drop_over(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, name| {
            let initial: String = name.chars().take(1).collect();
            text.replace(name.as_str(), &format!("{initial}."))
        })
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters.flat_map(char::to_lowercase)).collect()
}
