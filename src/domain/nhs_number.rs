//! The NHS number: ten digits with a modulus-11 check digit, shown 3-3-4.
//!
//! Source: NHS Data Dictionary, *NHS Number*; weights 10 to 2, remainder rule 11 → 0, 10 → never issued.

use super::refusal::Refusal;

/// A ten-digit NHS number whose check digit is right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NhsNumber(u64);

impl NhsNumber {
    /// Reads a number written with or without spaces and dashes.
    ///
    /// # Errors
    /// Refuses anything but ten digits with the right check digit, and the filler 9999999999. Nothing is repaired.
    pub fn parse(raw: &str) -> Result<Self, Refusal> {
        let mut digits = [0u64; 10];
        let mut n = 0;
        for c in raw.trim().trim_start_matches('\'').chars() {
            match c {
                ' ' | '-' | '\u{a0}' | '\u{2010}'..='\u{2013}' => {}
                '0'..='9' => {
                    if let Some(slot) = digits.get_mut(n) {
                        *slot = u64::from(c as u32 - '0' as u32);
                    }
                    n += 1;
                }
                _ => return Err(Refusal::new("An NHS number is ten digits; this has other characters in it.")),
            }
        }
        if n != 10 {
            return Err(Refusal::new(format!("An NHS number is ten digits; this has {n}.")));
        }
        let (body, check) = digits.split_at(9);
        let sum: u64 = body.iter().zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
        let expected = match 11 - sum % 11 {
            11 => 0,
            other => other,
        };
        if check.first() != Some(&expected) {
            return Err(Refusal::new(
                "The check digit of this NHS number is wrong: a digit was mistyped or two were swapped.",
            ));
        }
        let value = digits.iter().fold(0, |value, digit| value * 10 + digit);
        if value == 9_999_999_999 {
            return Err(Refusal::new(
                "9999999999 is a filler, not an NHS number. Leave it empty if the number is not known.",
            ));
        }
        Ok(Self(value))
    }

    /// The number as a number.
    pub fn value(self) -> u64 {
        self.0
    }

    /// The number with this value, if it is one.
    pub fn from_value(value: u64) -> Option<Self> {
        let body = value / 10;
        let sum: u64 = (2..=10)
            .scan(body, |rest, weight| {
                let digit = *rest % 10;
                *rest /= 10;
                Some(digit * weight)
            })
            .sum();
        let expected = match 11 - sum % 11 {
            11 => 0,
            other => other,
        };
        (value < 9_999_999_999 && value % 10 == expected).then_some(Self(value))
    }

    /// The ten digits without spaces.
    pub fn digits(self) -> String {
        format!("{:010}", self.0)
    }
}

impl std::fmt::Display for NhsNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:03} {:03} {:04}", self.0 / 10_000_000, self.0 / 10_000 % 1_000, self.0 % 10_000)
    }
}

impl std::fmt::Debug for NhsNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NhsNumber(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_examples() {
        for good in ["999 000 0018", "9990000026", "943-476-5919", "'9876543210", "9912003888"] {
            assert!(NhsNumber::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "9990000000",
            "999 123 4560",
            "9912003890",
            "8449303649",
            "4123456879",
            "9999999999",
            "999000001",
            "99900000180",
            "9.99E+09",
            "",
            "SMITH",
        ] {
            assert!(NhsNumber::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(NhsNumber::parse("9990000018").unwrap().to_string(), "999 000 0018");
        for value in (9_990_000_000..9_990_000_200).chain(0..200).chain(9_999_999_990..10_000_000_010) {
            assert_eq!(NhsNumber::from_value(value), NhsNumber::parse(&format!("{value:010}")).ok(), "{value}");
        }
    }

    #[test]
    fn every_wrong_digit_and_every_swap_of_neighbours_is_caught() {
        let right: Vec<char> = "9990000018".chars().collect();
        for at in 0..10 {
            for digit in '0'..='9' {
                let mut wrong = right.clone();
                wrong[at] = digit;
                let text: String = wrong.iter().collect();
                assert_eq!(NhsNumber::parse(&text).is_ok(), wrong == right, "{text}");
            }
            if at < 9 && right[at] != right[at + 1] {
                let mut swapped = right.clone();
                swapped.swap(at, at + 1);
                assert!(NhsNumber::parse(&swapped.iter().collect::<String>()).is_err());
            }
        }
    }
}
