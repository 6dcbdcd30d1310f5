//! Covering what gives somebody away in a text: a name, an NHS number, a telephone.

use crate::domain::nhs_number::NhsNumber;
use crate::domain::text::fold;

/// A word of a text: where it stands, and what it is without accents, capitals and apostrophes.
struct Token {
    from: usize,
    to: usize,
    folded: String,
    capital: bool,
}

/// The words of a text. An apostrophe is part of its word, whichever it is; a hyphen parts two.
fn tokens(text: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    let mut open = false;
    for (at, c) in text.char_indices() {
        let inside = c.is_alphanumeric() || (open && is_apostrophe(c)) || (open && is_mark(c));
        match out.last_mut().filter(|_| open && inside) {
            Some(token) => token.to = at + c.len_utf8(),
            None if inside => out.push(Token {
                from: at,
                to: at + c.len_utf8(),
                folded: String::new(),
                capital: c.is_uppercase() || !c.is_lowercase(),
            }),
            None => {}
        }
        open = inside;
    }
    for token in &mut out {
        let word = text.get(token.from..token.to).unwrap_or_default();
        let end = word.trim_end_matches(is_apostrophe);
        token.to = token.from + end.len();
        token.folded = fold(&end.replace(is_apostrophe, ""));
    }
    out
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`')
}

/// An accent that stands after its letter.
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// The text with every place where `name` stands replaced: whatever its accents, apostrophes and hyphens, also with an `s`
/// after it, but beginning with a capital – `Long` is a name, `long` a word. A name of one letter is no name.
pub(super) fn replaced(text: &str, name: &str, instead: &str) -> String {
    let wanted: Vec<String> = tokens(name).into_iter().map(|token| token.folded).collect();
    if wanted.iter().map(|word| word.chars().count()).sum::<usize>() < 2 {
        return text.to_owned();
    }
    let words = tokens(text);
    let mut out = String::with_capacity(text.len());
    let (mut done, mut at) = (0, 0);
    while let Some(found) = words.get(at..at + wanted.len()) {
        let last = wanted.len() - 1;
        let same = |n: usize, word: &str, wanted: &str| {
            word == wanted || (n == last && word.strip_suffix('s').is_some_and(|word| word == wanted))
        };
        let is_it = found.iter().zip(&wanted).enumerate().all(|(n, (token, wanted))| same(n, &token.folded, wanted));
        match (is_it && found.iter().any(|token| token.capital), found.first(), found.last()) {
            (true, Some(first), Some(end)) => {
                out.push_str(text.get(done..first.from).unwrap_or_default());
                out.push_str(instead);
                done = end.to;
                at += wanted.len();
            }
            _ => at += 1,
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Figures that follow one another with little between them.
struct Run {
    /// Where each figure stands, and whether a group begins or ends with it.
    figures: Vec<(usize, char, bool, bool)>,
}

fn runs(text: &str) -> Vec<Run> {
    const BETWEEN: usize = 3;
    let parts = |c: char| c.is_whitespace() || matches!(c, '-' | '.' | '/' | '\u{2010}'..='\u{2015}' | '\u{a0}');
    let mut out: Vec<Run> = Vec::new();
    let mut gap = usize::MAX;
    for (at, c) in text.char_indices() {
        if c.is_ascii_digit() {
            let starts = gap > 0;
            if gap > BETWEEN {
                out.push(Run { figures: Vec::new() });
            }
            if let Some(run) = out.last_mut() {
                if starts && let Some(before) = run.figures.last_mut() {
                    before.3 = true;
                }
                run.figures.push((at, c, starts, false));
            }
            gap = 0;
        } else {
            gap = if parts(c) { gap.saturating_add(1) } else { usize::MAX };
        }
    }
    for run in &mut out {
        if let Some(last) = run.figures.last_mut() {
            last.3 = true;
        }
    }
    out
}

/// The text with NHS numbers covered, except those that `may` be seen; none where there are none. A number is ten figures
/// that begin and end where groups do: a telephone is not taken for one.
pub(super) fn without_numbers(text: &str, may: impl Fn(NhsNumber) -> bool) -> Option<String> {
    let mut covered: Vec<(usize, usize)> = Vec::new();
    for run in runs(text) {
        let mut at = 0;
        while let Some(window) = run.figures.get(at..at + 10) {
            let digits: String = window.iter().map(|(_, c, _, _)| *c).collect();
            let whole = window.first().is_some_and(|it| it.2) && window.last().is_some_and(|it| it.3);
            let found = whole.then(|| NhsNumber::parse(&digits).ok()).flatten().filter(|number| !may(*number));
            match (found, window.first(), window.last()) {
                (Some(_), Some(first), Some(last)) => {
                    covered.push((first.0, last.0 + 1));
                    at += 10;
                }
                _ => at += 1,
            }
        }
    }
    cover(text, &covered, "[number]")
}

/// The text with what may be a telephone covered: eight figures or more.
pub(super) fn without_telephones(text: &str) -> String {
    const LEAST: usize = 8;
    let long = runs(text).into_iter().filter(|run| run.figures.len() >= LEAST);
    let covered: Vec<(usize, usize)> =
        long.filter_map(|run| Some((run.figures.first()?.0, run.figures.last()?.0 + 1))).collect();
    cover(text, &covered, "[number]").unwrap_or_else(|| text.to_owned())
}

fn cover(text: &str, covered: &[(usize, usize)], instead: &str) -> Option<String> {
    let mut out = text.to_owned();
    for (from, to) in covered.iter().rev() {
        out.replace_range(*from..*to, instead);
    }
    (!covered.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_covered_where_it_is_a_word() {
        for (text, name, expected) in [
            ("WRIGHT came with Wright's son", "Wright", "* came with * son"),
            ("the Adeyemis and Mrs adeyemi", "Adeyemi", "the * and Mrs adeyemi"),
            ("Mrs O’Brien rang O'BRIEN", "O'Brien", "Mrs * rang *"),
            ("Wisniewski, WIŚNIEWSKI", "Wiśniewski", "*, *"),
            ("Smith Jones and Smith-Jones, Smith", "Smith-Jones", "* and *, Smith"),
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
            ("Flat 3 999 000 0018 rang", Some("Flat 3 [number] rang")),
            ("999 000 0018 999 000 0026", Some("[number] [number]")),
            ("999.000.0018", Some("[number]")),
            ("999–000–0018", Some("[number]")),
            ("999  000\n0018", Some("[number]")),
            ("07700 900123", None),
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
