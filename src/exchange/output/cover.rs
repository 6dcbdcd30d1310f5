//! Covering what gives somebody away in a text: a name, an NHS number.

use crate::domain::nhs_number::NhsNumber;

/// The text with every whole word `name` replaced, as it is typed or all in capitals; a name of one letter is no name.
pub(super) fn replaced(text: &str, name: &str, instead: &str) -> String {
    if name.chars().count() < 2 {
        return text.to_owned();
    }
    let upper = name.to_uppercase();
    let mut title = String::new();
    let mut begins = true;
    for c in name.chars() {
        if begins {
            title.extend(c.to_uppercase())
        } else {
            title.extend(c.to_lowercase())
        }
        begins = !c.is_alphabetic();
    }
    let mut out = text.to_owned();
    for form in [name, upper.as_str(), title.as_str()] {
        out = replaced_word(&out, form, instead);
    }
    out
}

fn replaced_word(text: &str, word: &str, instead: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, from) = rest.split_at(at);
        let after = from.get(word.len()..).unwrap_or_default();
        let joined = |c: char| c.is_alphanumeric();
        let apart =
            !before.chars().next_back().or(out.chars().next_back().filter(|_| before.is_empty())).is_some_and(joined)
                && !after.chars().next().is_some_and(joined);
        out.push_str(before);
        out.push_str(if apart { instead } else { word });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The text with NHS numbers covered, except those that `may` be seen; none where there are none.
pub(super) fn without_numbers(text: &str, may: impl Fn(NhsNumber) -> bool) -> Option<String> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut covered: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let run = digits_from(&chars, at);
        if let Some((end, digits)) = &run
            && digits.len() == 10
            && let Ok(number) = NhsNumber::parse(digits)
            && !may(number)
            && let (Some((from, _)), Some((to, last))) = (chars.get(at), chars.get(end - 1))
        {
            covered.push((*from, to + last.len_utf8()));
        }
        at = run.map_or(at + 1, |(end, _)| end.max(at + 1));
    }
    if covered.is_empty() {
        return None;
    }
    let mut out = text.to_owned();
    for (from, to) in covered.into_iter().rev() {
        out.replace_range(from..to, "[number]");
    }
    Some(out)
}

/// The digits that begin here, with single blanks or dashes between them: where they end, and the digits.
fn digits_from(chars: &[(usize, char)], at: usize) -> Option<(usize, String)> {
    let digit = |at: usize| chars.get(at).map(|(_, c)| *c).filter(char::is_ascii_digit);
    let mut digits = String::from(digit(at)?);
    let mut end = at + 1;
    loop {
        let gap = usize::from(chars.get(end).is_some_and(|(_, c)| matches!(c, ' ' | '-' | '\u{a0}')));
        let Some(next) = digit(end + gap) else { return Some((end, digits)) };
        digits.push(next);
        end += gap + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_covered_where_it_is_a_word() {
        for (text, name, expected) in [
            ("WRIGHT came with Wright's son", "Wright", "* came with *'s son"),
            ("Playwright, wright", "Wright", "Playwright, wright"),
            ("O'NEILL-SMITH rang", "o'neill-smith", "* rang"),
            ("ŵyn and Ŵyn", "Ŵyn", "ŵyn and *"),
            ("A is here", "A", "A is here"),
            ("Lee Lee", "Lee", "* *"),
        ] {
            assert_eq!(replaced(text, name, "*"), expected);
        }
    }

    #[test]
    fn a_number_is_covered_however_it_is_grouped_and_a_telephone_is_not() {
        for (text, expected) in [
            ("ring 999 000 0018 now", Some("ring [number] now")),
            ("9990000018", Some("[number]")),
            ("999-000-0018, 9990000026", Some("[number], [number]")),
            ("0118 496 0000", None),
            ("99900000181", None),
            ("due 10 12 2026", None),
        ] {
            assert_eq!(without_numbers(text, |_| false).as_deref(), expected, "{text}");
        }
        let own = NhsNumber::parse("999 000 0018").ok();
        assert_eq!(without_numbers("999 000 0018", |number| Some(number) == own), None);
    }
}
