//! The rule by which a list's own bands are put into the pyramid of need. What the list writes is kept beside the band.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::domain::Word;
use crate::domain::band::{Band, Score};

use super::synonyms::bare;
use super::values::{self, Why};

/// `assets/bands.toml`: data, so that a new word needs no new code.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    words: BTreeMap<String, Vec<String>>,
    assumed: BTreeMap<String, Vec<String>>,
    efi: BTreeMap<String, Vec<String>>,
    percent: From,
    percentile: From,
    rub: From,
    cfs: From,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct From {
    high_from: i64,
    medium_from: i64,
}

fn table() -> &'static Table {
    static READ: OnceLock<Table> = OnceLock::new();
    // The file is part of the program; a test reads it strictly.
    READ.get_or_init(|| toml::from_str(include_str!("../../../assets/bands.toml")).unwrap_or_default())
}

words! {
    /// What kind of bands a column holds.
    Scheme {
        /// Words: high, very high, amber, tier 1.
        Words = "words", "words";
        /// The frailty index in a word.
        Efi = "efi", "eFI category";
        /// Absolute risk in percent.
        Percent = "percent", "percent";
        /// Place in the list, 100 the highest risk.
        Percentile = "percentile", "percentile";
        /// Resource utilisation band, 0 to 5.
        Rub = "rub", "RUB 0 to 5";
        /// The number of a tier.
        Tier = "tier", "tier";
        /// The number of a level.
        Level = "level", "level";
        /// Clinical Frailty Scale.
        Cfs = "cfs", "Clinical Frailty Scale";
    }
}

/// The rule for one list.
#[derive(Clone, Debug, PartialEq)]
pub struct BandRule {
    /// What kind of bands the list has.
    pub scheme: Scheme,
    /// What a person said of single labels, by the label without case and spaces.
    pub said: BTreeMap<String, Band>,
}

/// How sure a band is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grounds {
    /// A common word, a number by a published limit, or what a person said.
    Plain,
    /// A word that means different things in different places.
    Assumed,
}

impl Default for BandRule {
    fn default() -> Self {
        Self { scheme: Scheme::Words, said: BTreeMap::new() }
    }
}

impl BandRule {
    /// The rule for a column of this name with these values.
    pub(super) fn guess<'c>(header: &str, efi: bool, cells: impl Iterator<Item = &'c str>) -> Self {
        let header = bare(header);
        let (mut numbers, mut words, mut most, mut percent) = (0, 0, Score(0), false);
        for cell in cells {
            match values::score(cell) {
                Ok(score) => {
                    numbers += 1;
                    most = most.max(score);
                    percent |= cell.contains('%');
                }
                Err(_) => words += 1,
            }
        }
        // One `Not scored` among numbers does not make them words.
        let scheme = if efi {
            Scheme::Efi
        } else if numbers == 0 || words * 2 > numbers {
            Scheme::Words
        } else if header.contains("centile") {
            Scheme::Percentile
        } else if header.contains("rub") || header.contains("utili") {
            Scheme::Rub
        } else if header.contains("tier") || header.contains("level") {
            // `1` under `Risk Tier` is what `Tier 1` is.
            if header.contains("tier") { Scheme::Tier } else { Scheme::Level }
        } else if (header.contains('%') || header.contains("percent") || header.contains("probability") || percent)
            && most > Score(1_000)
        {
            Scheme::Percent
        } else {
            // Bare numbers, and shares of one, mean nothing until somebody says what: no rule is taken for them.
            Scheme::Words
        };
        Self { scheme, said: BTreeMap::new() }
    }

    /// Says which band a label is.
    pub fn say(&mut self, label: &str, band: Band) {
        self.said.insert(bare(label), band);
    }

    /// The band of a cell, and on what grounds.
    ///
    /// # Errors
    /// What was expected.
    pub fn band(&self, cell: &str) -> Result<(Band, Grounds), Why> {
        let label = bare(cell);
        if let Some(band) = self.said.get(&label) {
            return Ok((*band, Grounds::Plain));
        }
        let (table, number) = (table(), values::score(cell).ok());
        let limits = match self.scheme {
            Scheme::Words | Scheme::Efi | Scheme::Tier | Scheme::Level => None,
            Scheme::Percent => Some(table.percent),
            Scheme::Percentile => Some(table.percentile),
            Scheme::Rub => Some(table.rub),
            Scheme::Cfs => Some(table.cfs),
        };
        if let (Some(limits), Some(number)) = (limits, number) {
            return Ok((by_number(limits, number), Grounds::Plain));
        }
        let label = match self.scheme {
            Scheme::Tier if number.is_some() => format!("tier{label}"),
            Scheme::Level if number.is_some() => format!("level{label}"),
            Scheme::Words
            | Scheme::Efi
            | Scheme::Percent
            | Scheme::Percentile
            | Scheme::Rub
            | Scheme::Tier
            | Scheme::Level
            | Scheme::Cfs => label,
        };
        let look = |words: &BTreeMap<String, Vec<String>>| {
            let has = |words: &Vec<String>| words.iter().any(|word| bare(word) == label);
            words.iter().find(|(_, words)| has(words)).and_then(|(code, _)| Band::from_code(code))
        };
        if self.scheme == Scheme::Efi
            && let Some(band) = look(&table.efi)
        {
            return Ok((band, Grounds::Plain));
        }
        if let Some(band) = look(&table.words) {
            return Ok((band, Grounds::Plain));
        }
        look(&table.assumed)
            .map(|band| (band, Grounds::Assumed))
            .ok_or_else(|| "no rule says which band this is; expected High, Medium or Low".to_owned())
    }

    /// The rule in words: `high from 18, medium from 12`; nothing where it goes by words.
    pub fn limits(&self) -> Option<String> {
        let limits = match self.scheme {
            Scheme::Words | Scheme::Efi | Scheme::Tier | Scheme::Level => return None,
            Scheme::Percent => table().percent,
            Scheme::Percentile => table().percentile,
            Scheme::Rub => table().rub,
            Scheme::Cfs => table().cfs,
        };
        Some(format!("{}: high from {}, medium from {}", self.scheme.label(), limits.high_from, limits.medium_from))
    }
}

fn by_number(limits: From, number: Score) -> Band {
    match number.0 {
        n if n >= limits.high_from * 1_000 => Band::High,
        n if n >= limits.medium_from * 1_000 => Band::Medium,
        _ => Band::Low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read_and_no_word_means_two_bands() {
        let table: Table = toml::from_str(include_str!("../../../assets/bands.toml")).unwrap();
        for words in [&table.words, &table.assumed, &table.efi] {
            let mut seen = BTreeMap::new();
            for (band, words) in words {
                assert!(Band::from_code(band).is_some(), "{band}");
                for word in words {
                    assert_eq!(seen.insert(bare(word), band), None, "{word}");
                }
            }
        }
        assert!(table.percent.high_from > table.percent.medium_from && table.rub.medium_from > 0);
    }

    #[test]
    fn foreign_schemes_reach_the_pyramid() {
        let rule = |header: &str, efi, cells: &[&str]| BandRule::guess(header, efi, cells.iter().copied());
        for (header, efi, cells, scheme, cell, band) in [
            ("Risk Band", false, &["VERY HIGH", "Low"][..], Scheme::Words, "very-high", Band::High),
            ("Risk Tier", false, &["Tier 1"], Scheme::Words, "tier 2", Band::Medium),
            ("RUB", false, &["0", "5"], Scheme::Rub, "4", Band::High),
            ("Risk Tier", false, &["1", "2", "3"], Scheme::Tier, "1", Band::High),
            ("Risk Level", false, &["1", "3"], Scheme::Level, "3", Band::High),
            ("Probability of Admission %", false, &["45", "5", "Not scored"], Scheme::Percent, "5", Band::Low),
            ("Risk %", false, &["32.5", "4.0"], Scheme::Percent, "12.0", Band::Medium),
            ("Band", false, &["32%", "4%"], Scheme::Percent, "19 %", Band::High),
            ("Percentile", false, &["99.1", "4.0"], Scheme::Percentile, "97.9", Band::Medium),
            ("Frailty", true, &["severe", "fit"], Scheme::Efi, "Severe", Band::High),
            ("Frailty", true, &["mild"], Scheme::Efi, "moderate frailty", Band::Medium),
        ] {
            let rule = rule(header, efi, cells);
            assert_eq!((rule.scheme, rule.band(cell).map(|it| it.0)), (scheme, Ok(band)), "{header} {cell}");
        }
        // Bare numbers and shares of one are nobody's to guess.
        for cells in [["0", "5"], ["0.92", "0.02"]] {
            assert!(
                BandRule::guess("Probability of Admission %", false, cells.into_iter().filter(|it| *it != "5"))
                    .band("0.92")
                    .is_err()
            );
            assert!(BandRule::guess("Band", false, cells.into_iter()).band(cells[0]).is_err());
        }
        assert!(BandRule::default().band("purple").is_err());
        assert_eq!(BandRule::default().band("Tier 3"), Ok((Band::Low, Grounds::Assumed)));
        let mut said = BandRule::default();
        said.say("Purple ", Band::Medium);
        assert_eq!(said.band("PURPLE"), Ok((Band::Medium, Grounds::Plain)));
    }
}
