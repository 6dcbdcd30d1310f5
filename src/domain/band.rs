//! The pyramid of need: which band a person is in, who or what put them there, and since when.

use super::Word;
use super::change::{Change, Mint, Record, add, alter};
use super::day::Day;
use super::erasure::not_erased;
use super::id::PersonId;
use super::person::Person;
use super::refusal::Refusal;
use super::text::{Line, Note};

words! {
    /// A place in the pyramid of need.
    Band {
        /// Highest risk of hospital admission.
        High = "high", "HIGH";
        /// In between.
        Medium = "medium", "MEDIUM";
        /// Lowest risk.
        Low = "low", "LOW";
    }
}

impl Band {
    /// 0 for high, 1 for medium, 2 for low: the order of the caseload.
    pub fn rank(self) -> i64 {
        match self {
            Self::High => 0,
            Self::Medium => 1,
            Self::Low => 2,
        }
    }

    /// One letter for narrow columns.
    pub fn letter(self) -> &'static str {
        match self {
            Self::High => "H",
            Self::Medium => "M",
            Self::Low => "L",
        }
    }
}

/// A risk score in thousandths, so that it compares and sorts exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(pub i64);

impl Score {
    /// Reads a decimal number such as `48.5` or `0.41`, up to three places.
    pub fn parse(raw: &str) -> Option<Self> {
        let text = raw.trim().trim_end_matches('%').trim_end();
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |t: &str| t.len() <= 9 && t.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(part) {
            return None;
        }
        let thousandths: String = part.chars().chain("000".chars()).take(3).collect();
        let rounds_up = part.as_bytes().get(3).is_some_and(|digit| *digit >= b'5');
        Some(Self(whole.parse::<i64>().ok()? * 1_000 + thousandths.parse::<i64>().ok()? + i64::from(rounds_up)))
    }
}

/// `48.5`, `0.41`, `32`: as many places as it has.
impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{}.{:03}", self.0 / 1_000, self.0 % 1_000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// One step of a person's band history.
#[derive(Clone, Debug, PartialEq)]
pub struct BandEntry {
    /// Whose band.
    pub person: PersonId,
    /// The band from this day on.
    pub band: Band,
    /// The band until then.
    pub before: Option<Band>,
    /// The day it took effect.
    pub on: Day,
    /// Who or what set it: a member's name, or the list it came from.
    pub set_by: Line,
    /// The risk tool, where one was used.
    pub tool: Option<Line>,
    /// The tool's own score.
    pub score: Option<Score>,
    /// The tool's own name for the band.
    pub label: Option<Line>,
    /// Why a professional set another band than the tool.
    pub reason: Option<Note>,
    /// Whether a professional overrode the tool. Lists do not change an overridden band.
    pub overridden: bool,
}

impl BandEntry {
    /// Whether the person went up the pyramid with it.
    pub fn climbed(&self) -> bool {
        self.before.is_some_and(|before| self.band.rank() < before.rank())
    }

    /// Whether the person went down the pyramid with it.
    pub fn fell(&self) -> bool {
        self.before.is_some_and(|before| self.band.rank() > before.rank())
    }
}

/// A professional sets another band than the person has, and says why. Lists leave such a band alone.
///
/// # Errors
/// Refuses the band the person is in already.
pub fn change_band(
    person: &Record<Person>,
    band: Band,
    reason: Note,
    set_by: Line,
    today: Day,
    mint: &mut Mint,
) -> Result<Vec<Change>, Refusal> {
    not_erased(person)?;
    if person.band == Some(band) {
        return Err(Refusal::new(format!("The band is {} already. Choose another one.", band.label())));
    }
    let entry = BandEntry {
        person: person.id,
        band,
        before: person.band,
        on: today,
        set_by,
        tool: person.score_tool.clone(),
        score: person.score,
        label: None,
        reason: Some(reason),
        overridden: true,
    };
    let moved = alter(person, |it| {
        it.band = Some(band);
        it.band_on = Some(today);
    });
    Ok(vec![moved, add(mint.mint(), entry)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_keep_their_places() {
        for (text, shown) in [("48.5", "48.5"), ("0.41", "0.41"), ("32", "32"), ("12.3456", "12.346"), ("7.0 %", "7")] {
            assert_eq!(Score::parse(text).unwrap().to_string(), shown);
        }
        for text in ["", "high", "-1", "1e3", "1.2.3"] {
            assert_eq!(Score::parse(text), None, "{text}");
        }
    }
}
