//! People who can be taken for one another: the same surname and year of birth, the same name, or names that look the same
//! although their letters come from different alphabets.
//!
//! The look-alikes are a small choice from the confusables of Unicode Technical Standard 39: Cyrillic, Greek and Armenian
//! letters, and digits, that stand for a Latin letter to the eye.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike as _;

use super::change::Record;
use super::id::PersonId;
use super::person::Person;
use super::text::{displayable, fold};

/// An alphabet that letters of names come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alphabet {
    /// Latin.
    Latin,
    /// Greek.
    Greek,
    /// Cyrillic.
    Cyrillic,
    /// Armenian.
    Armenian,
    /// Any other one.
    Other,
}

impl Alphabet {
    fn of(c: char) -> Option<Self> {
        if !c.is_alphabetic() {
            return None;
        }
        Some(match c as u32 {
            0x41..=0x24f | 0x1e00..=0x1eff | 0x2c60..=0x2c7f | 0xa720..=0xa7ff | 0xff21..=0xff5a => Self::Latin,
            0x370..=0x3ff | 0x1f00..=0x1fff => Self::Greek,
            0x400..=0x52f | 0x1c80..=0x1c8f | 0x2de0..=0x2dff | 0xa640..=0xa69f => Self::Cyrillic,
            0x530..=0x58f => Self::Armenian,
            // Letters above the line and their like belong to no alphabet.
            0x2b0..=0x2ff => return None,
            _ => Self::Other,
        })
    }
}

/// Whether one word of this name has letters of more than one alphabet, as no name has by itself.
pub fn mixes_alphabets(name: &str) -> bool {
    name.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’').any(|word| {
        let mut seen = word.chars().filter_map(Alphabet::of);
        let first = seen.next();
        seen.any(|alphabet| Some(alphabet) != first && (alphabet != Alphabet::Other || first != Some(Alphabet::Other)))
    })
}

/// What a name looks like: folded, each letter as the Latin one it cannot be told from.
pub fn skeleton(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    // Capitals are replaced before they are made small: a Greek capital looks Latin where its small letter does not.
    for c in name.chars() {
        match latin(c) {
            Some(letter) => out.push(letter),
            None => out.push(c),
        }
    }
    let folded: String = fold(&out).chars().map(|c| latin(c).unwrap_or(c)).collect();
    // Two letters that look like one, and digits in the place of letters.
    folded.replace("rn", "m").replace("vv", "w").replace(['1', '|', 'ı'], "l").replace('0', "o")
}

/// The Latin letter that this one cannot be told from.
fn latin(c: char) -> Option<char> {
    Some(match c {
        'А' | 'а' | 'Α' | 'α' => 'a',
        'В' | 'Β' => 'b',
        'С' | 'с' | 'Ϲ' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'Е' | 'е' | 'Ε' | 'ё' | 'Ё' => 'e',
        'ƒ' => 'f',
        'Ԍ' | 'ց' => 'g',
        'Н' | 'Η' | 'һ' | 'հ' | 'Һ' => 'h',
        'І' | 'і' | 'Ι' | 'ι' | 'ї' | 'Ї' => 'i',
        'Ј' | 'ј' | 'Ϳ' | 'ϳ' => 'j',
        'К' | 'к' | 'Κ' | 'κ' => 'k',
        'Ӏ' | 'ӏ' => 'l',
        'М' | 'Μ' => 'm',
        'Ν' | 'ո' => 'n',
        'О' | 'о' | 'Ο' | 'ο' | 'օ' | 'Օ' => 'o',
        'Р' | 'р' | 'Ρ' | 'ρ' => 'p',
        'ԛ' | 'զ' => 'q',
        'ѕ' | 'Ѕ' | 'Տ' => 's',
        'Т' | 'т' | 'Τ' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ѡ' | 'Ԝ' => 'w',
        'Х' | 'х' | 'Χ' | 'χ' => 'x',
        'У' | 'у' | 'Υ' | 'γ' | 'ү' | 'Ү' => 'y',
        'Ζ' => 'z',
        _ => return None,
    })
}

/// Why two people can be taken for one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The same surname and the same year of birth.
    SurnameAndYear,
    /// The same surname and forename.
    Name,
    /// Names that look the same, in letters that are not.
    Look,
}

/// Whether two people can be taken for one another, and why.
pub fn likeness(a: &Person, b: &Person) -> Option<Likeness> {
    if a.is_erased() || b.is_erased() {
        return None;
    }
    let same = |of: fn(&str) -> String, a: &str, b: &str| of(a) == of(b);
    let names = |of: fn(&str) -> String| {
        same(of, a.surname.as_str(), b.surname.as_str()) && same(of, a.forename.as_str(), b.forename.as_str())
    };
    let year = |person: &Person| person.born.map(|born| born.date().year());
    let same_year = year(a).is_some() && year(a) == year(b);
    if names(fold) {
        Some(Likeness::Name)
    } else if same_year && same(fold, a.surname.as_str(), b.surname.as_str()) {
        Some(Likeness::SurnameAndYear)
    } else if names(skeleton) || (same_year && same(skeleton, a.surname.as_str(), b.surname.as_str())) {
        Some(Likeness::Look)
    } else {
        None
    }
}

/// Who of one agenda or list can be taken for whom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alikes(BTreeMap<PersonId, Vec<(Record<Person>, Likeness)>>);

impl Alikes {
    /// Compares everybody with everybody.
    pub fn among<'p>(people: impl IntoIterator<Item = &'p Record<Person>>) -> Self {
        let people: Vec<&Record<Person>> = people.into_iter().collect();
        Self::between(&people, &people)
    }

    /// Compares each of some with each of others; only what some can be taken for is kept.
    pub fn between(some: &[&Record<Person>], others: &[&Record<Person>]) -> Self {
        // Whoever can be taken for whom has a surname that reads or looks the same: only those are compared.
        let mut by_surname: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, other) in others.iter().enumerate() {
            for key in keys(other) {
                by_surname.entry(key).or_default().push(at);
            }
        }
        let mut out: BTreeMap<PersonId, Vec<(Record<Person>, Likeness)>> = BTreeMap::new();
        for one in some {
            let near: BTreeSet<usize> =
                keys(one).iter().filter_map(|key| by_surname.get(key)).flatten().copied().collect();
            for other in near.into_iter().filter_map(|at| others.get(at)).filter(|other| other.id != one.id) {
                if let Some(why) = likeness(one, other) {
                    out.entry(one.id).or_default().push(((*other).clone(), why));
                }
            }
        }
        Self(out)
    }

    /// What is said beside this person's name, each a line of its own: whom they can be taken for, and a name whose letters
    /// come from more than one alphabet.
    pub fn marks(&self, person: &Record<Person>, masked: bool) -> Vec<String> {
        let mixed = is_mixed(person).then(|| MIXED.to_owned());
        let mut out: Vec<String> = mixed.into_iter().collect();
        out.extend(self.others(person, masked, ON_AGENDA));
        out
    }

    /// Whom a person can be taken for, each in words, with where they are.
    pub fn others(&self, person: &Record<Person>, masked: bool, place: &str) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for (other, why) in self.of(person.id) {
            let said = warning(other, why, masked, place);
            if !out.contains(&said) {
                out.push(said);
            }
        }
        out
    }

    /// Whom a person can be taken for, and why.
    pub fn of(&self, person: PersonId) -> impl Iterator<Item = (&Record<Person>, Likeness)> {
        self.0.get(&person).into_iter().flatten().map(|(other, why)| (other, *why))
    }
}

/// By what people are found who may be alike: how the surname reads, and how it looks.
fn keys(person: &Person) -> BTreeSet<String> {
    let surname = person.surname.as_str();
    BTreeSet::from([fold(surname), skeleton(surname)])
}

/// Where somebody is whose name stands on the same agenda.
pub const ON_AGENDA: &str = "is on this agenda";

/// Where somebody is who could be put on it, too.
pub const A_CANDIDATE: &str = "is a candidate too";

/// `! another J. SMITH born 1938 is on this agenda`: said beside a person who is not alone with what they are called.
/// On a masked screen only that there is somebody.
pub fn warning(other: &Person, why: Likeness, masked: bool, place: &str) -> String {
    if masked {
        return format!("! somebody with a name like this {place}");
    }
    let initial: String = other.forename.as_str().chars().take(1).flat_map(char::to_uppercase).collect();
    let born = other.born.map(|born| format!(" born {}", born.date().year())).unwrap_or_default();
    let name = format!("{initial}. {}{born}", other.surname.as_str().to_uppercase());
    displayable(&match why {
        Likeness::SurnameAndYear | Likeness::Name => format!("! another {name} {place}"),
        Likeness::Look => format!("! {name} {place}: the names look alike, their letters differ"),
    })
}

/// What is said of a name whose letters come from more than one alphabet.
pub const MIXED: &str = "! mixed alphabets";

/// Whether a person's name has a word of more than one alphabet.
pub fn is_mixed(person: &Person) -> bool {
    let preferred = person.preferred.as_ref().map(|name| name.as_str()).unwrap_or_default();
    [person.surname.as_str(), person.forename.as_str(), preferred].into_iter().any(mixes_alphabets)
}

#[cfg(test)]
mod tests {
    use super::super::change::RecordId as _;
    use super::super::day::Day;
    use super::super::id::TeamId;
    use super::super::text::Line;
    use super::*;

    fn person(surname: &str, forename: &str, year: Option<i32>) -> Person {
        let line = |text: &str| Line::parse(text).unwrap();
        let mut person = Person::new(TeamId::from_raw(1), line(surname), line(forename));
        person.born = year.and_then(|year| Day::new(year, 5, 4));
        person
    }

    #[test]
    fn people_who_can_be_mixed_up_are_told_and_others_are_not() {
        let at = |year| Some(year);
        for (a, b, wanted) in [
            (("Smith", "John", at(1938)), ("SMITH", "Janet", at(1938)), Some(Likeness::SurnameAndYear)),
            (("Smith", "John", at(1938)), ("Smith", "Janet", at(1939)), None),
            (("Smith", "John", at(1938)), ("Smith", "john", at(1951)), Some(Likeness::Name)),
            (("Smith", "John", None), ("Smith", "Janet", None), None),
            (("Łukasz", "Ana", at(1940)), ("Lukasz", "Eva", at(1940)), Some(Likeness::SurnameAndYear)),
            (("O'Hara", "Jo", at(1940)), ("O’Hara", "Al", at(1940)), Some(Likeness::SurnameAndYear)),
            // Cyrillic С, о, р, е.
            (("Соре", "Ann", at(1940)), ("Cope", "Ann", at(1950)), Some(Likeness::Look)),
            (("Cornell", "Ann", at(1940)), ("Comell", "Bea", at(1940)), Some(Likeness::Look)),
            (("Petrov", "Ivan", at(1940)), ("Петров", "Иван", at(1940)), None),
            (("Smith", "John", at(1938)), ("Smythe", "John", at(1938)), None),
        ] {
            let (a, b) = (person(a.0, a.1, a.2), person(b.0, b.1, b.2));
            assert_eq!(likeness(&a, &b), wanted, "{} – {}", a.name(), b.name());
            assert_eq!(likeness(&b, &a), wanted, "it holds both ways");
        }
    }

    #[test]
    fn every_letter_that_is_replaced_makes_a_name_that_is_seen() {
        // Each name with one letter replaced by its double looks as before and is marked as mixed.
        let doubles = [('a', 'а'), ('c', 'с'), ('e', 'е'), ('o', 'о'), ('p', 'р'), ('x', 'х'), ('y', 'у'), ('i', 'і')];
        let mut tried = 0;
        for name in ["Alexopoulos", "Priscilla", "Copeyard", "Hixie"] {
            for (latin, double) in doubles {
                for (at, _) in name.match_indices(latin) {
                    let mut other = name.to_owned();
                    other.replace_range(at..=at, &double.to_string());
                    assert_eq!(skeleton(name), skeleton(&other), "{other}");
                    assert!(mixes_alphabets(&other), "{other}");
                    assert_ne!(fold(name), fold(&other));
                    tried += 1;
                }
            }
        }
        assert!(tried >= 15, "{tried}");
        for fine in
            ["Петров", "Παπαδόπουλος", "O’Hara", "Nguyễn", "李 Li", "Ramanathan-Thiagarajah", "Jean 2", "Μαρία Smith"]
        {
            assert!(!mixes_alphabets(fine), "{fine}");
        }
    }

    #[test]
    fn whoever_is_alike_is_found_among_many_without_comparing_all() {
        let names = [
            "Smith", "SMITH", "Smíth", "Ѕmith", "Srnith", "Brown", "Brоwn", "Jones", "Łukasz", "Lukasz", "ΆΝΝΑ", "ANNA",
        ];
        let mut people: Vec<Record<Person>> = Vec::new();
        for (n, name) in names.iter().flat_map(|name| [(1, name), (2, name)]) {
            let raw = i64::try_from(people.len()).unwrap() + 1;
            let year = if n == 1 { 1938 } else { 1951 };
            people.push(Record { id: PersonId::from_raw(raw), value: person(name, "Ann", Some(year)) });
        }
        let found = Alikes::among(&people);
        let mut pairs = 0;
        for one in &people {
            let all = people.iter().filter(|other| other.id != one.id && likeness(one, other).is_some());
            let all: Vec<PersonId> = all.map(|other| other.id).collect();
            pairs += all.len();
            assert_eq!(found.of(one.id).map(|(other, _)| other.id).collect::<Vec<_>>(), all, "{}", one.name());
        }
        assert!(pairs > 40, "{pairs}");
        let (some, others) = people.split_at(4);
        let across = Alikes::between(&some.iter().collect::<Vec<_>>(), &others.iter().collect::<Vec<_>>());
        assert!(others.iter().all(|it| across.of(it.id).next().is_none()));
        assert!(some.iter().all(|it| across.of(it.id).all(|(other, _)| other.id.raw() > 4)));
    }

    #[test]
    fn a_masked_screen_says_only_that_there_is_somebody() {
        let other = person("Smith", "John", Some(1938));
        assert_eq!(warning(&other, Likeness::Name, false, ON_AGENDA), "! another J. SMITH born 1938 is on this agenda");
        let masked = warning(&other, Likeness::Name, true, ON_AGENDA);
        assert!(!masked.contains("SMITH") && !masked.contains("1938"), "{masked}");
    }
}
