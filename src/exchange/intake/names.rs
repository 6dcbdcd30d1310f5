//! Names in one cell: `SMITH, Mary (Mrs)`, `Mrs Mary Smith`, `Peter van der Berg`.

use crate::domain::text::{Line, fold};

use super::values::Why;

const TITLES: [&str; 22] = [
    "mr",
    "mrs",
    "miss",
    "ms",
    "mx",
    "dr",
    "rev",
    "revd",
    "prof",
    "professor",
    "sir",
    "dame",
    "lady",
    "lord",
    "master",
    "father",
    "fr",
    "sister",
    "sr",
    "canon",
    "cllr",
    "hon",
];

/// Words that belong to the surname that follows them.
const PARTICLES: [&str; 17] =
    ["van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "ten", "ter", "st", "bin"];

/// A name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parted {
    pub(super) surname: Line,
    pub(super) forename: Line,
    pub(super) preferred: Option<Line>,
    pub(super) title: Option<Line>,
    /// No comma said where the surname begins, and there are more than two words.
    pub(super) guessed: bool,
}

fn is_title(word: &str) -> bool {
    TITLES.contains(&fold(word.trim_end_matches('.')).as_str())
}

/// Takes a name apart.
///
/// # Errors
/// Where it has only one part.
pub(super) fn part(cell: &str) -> Result<Parted, Why> {
    let lone = || "one word cannot be surname and forename; expected “SURNAME, Forename”".to_owned();
    let line = |text: &str| Line::parse(text).map_err(|why| why.to_string());
    let (whole, bracketed) = brackets(cell);
    let (mut title, mut preferred) = (None, None);
    for inside in bracketed {
        if is_title(inside) {
            title = Some(line(inside)?);
        } else if !inside.is_empty() {
            preferred = Some(line(inside)?);
        }
    }
    if let Some((surname, rest)) = whole.split_once(',') {
        let mut words: Vec<&str> = rest.split_whitespace().map(|word| word.trim_matches(',')).collect();
        // `SMITH, Mrs Mary` and `SMITH, Mary, Mrs`
        for at in [0, words.len().saturating_sub(1)] {
            if words.len() > 1 && words.get(at).is_some_and(|word| is_title(word)) {
                title = Some(line(words.remove(at))?);
            }
        }
        let forename = words.join(" ");
        if forename.is_empty() || surname.trim().is_empty() {
            return Err(lone());
        }
        return Ok(Parted { surname: line(surname)?, forename: line(&forename)?, preferred, title, guessed: false });
    }
    let mut words: Vec<&str> = whole.split_whitespace().collect();
    while words.len() > 2 && words.first().is_some_and(|word| is_title(word)) {
        title = Some(line(words.remove(0))?);
    }
    if words.len() < 2 || (words.len() == 2 && words.first().is_some_and(|word| is_title(word))) {
        return Err(lone());
    }
    let mut at = words.len() - 1;
    while at > 1 && words.get(at - 1).is_some_and(|word| PARTICLES.contains(&fold(word).as_str())) {
        at -= 1;
    }
    let (first, last) = words.split_at(at);
    Ok(Parted {
        surname: line(&last.join(" "))?,
        forename: line(&first.join(" "))?,
        preferred,
        title,
        guessed: words.len() > 2,
    })
}

/// The text outside of brackets, and what stands in them.
fn brackets(cell: &str) -> (String, Vec<&str>) {
    let (mut outside, mut inside, mut rest) = (String::new(), Vec::new(), cell);
    while let Some((before, after)) = rest.split_once('(') {
        let Some((within, behind)) = after.split_once(')') else { break };
        outside.push_str(before);
        outside.push(' ');
        inside.push(within.trim());
        rest = behind;
    }
    outside.push_str(rest);
    (outside.trim().to_owned(), inside)
}

/// Whether two ways of writing a name have the same words: `Aoife Singh` and `SINGH, Aoife`.
pub(super) fn same_words(a: (&Line, &Line), b: (&Line, &Line)) -> bool {
    let words = |(surname, forename): (&Line, &Line)| {
        let mut words: Vec<String> =
            fold(&format!("{surname} {forename}")).split_whitespace().map(str::to_owned).collect();
        words.sort();
        words
    };
    words(a) == words(b)
}

/// Whether two names share a word of three letters or more, hyphens and apostrophes aside: `O'Connell` and `OCONNELL`.
pub(super) fn share_a_word(a: (&Line, &Line), b: (&Line, &Line)) -> bool {
    let words = |(surname, forename): (&Line, &Line)| -> Vec<String> {
        let folded = fold(&format!("{surname} {forename}"));
        let bare = |word: &str| word.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let whole = folded.split_whitespace().map(bare);
        let parts = folded.split(|c: char| !c.is_alphanumeric() && c != '\'').map(bare);
        whole.chain(parts).filter(|word| word.chars().count() >= 3).collect()
    };
    let (a, b) = (words(a), words(b));
    a.iter().any(|word| b.contains(word))
}

/// Whether a name has question marks, as letters become that an older encoding does not have. No name has one of its own.
pub(super) fn has_lost_letters(name: &Line) -> bool {
    name.as_str().contains(['?', '\u{fffd}'])
}

/// Whether two names are the same but for case, accents, and letters of the second that were lost: `Stanis?aw` is `Stanisław`.
pub(super) fn same_but_for_lost_letters(ours: &Line, theirs: &Line) -> bool {
    if !has_lost_letters(theirs) {
        return fold(ours.as_str()) == fold(theirs.as_str());
    }
    let (ours, theirs): (Vec<char>, Vec<char>) = (ours.as_str().chars().collect(), theirs.as_str().chars().collect());
    let one = |(ours, theirs): (&char, &char)| {
        matches!(theirs, '?' | '\u{fffd}') || fold(&ours.to_string()) == fold(&theirs.to_string())
    };
    ours.len() == theirs.len() && ours.iter().zip(&theirs).all(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_they_arrive() {
        for (cell, surname, forename, title, guessed) in [
            ("SMITH, Mary (Mrs)", "SMITH", "Mary", "Mrs", false),
            ("RAMANATHAN-THIAGARAJAH, Ernest (Mr)", "RAMANATHAN-THIAGARAJAH", "Ernest", "Mr", false),
            ("Abernathy, Winifred", "Abernathy", "Winifred", "", false),
            ("O'Hara, Miss Siân", "O'Hara", "Siân", "Miss", false),
            ("Begum, Fatima, Mrs", "Begum", "Fatima", "Mrs", false),
            ("Aoife Singh", "Singh", "Aoife", "", false),
            ("Mrs Mary Smith", "Smith", "Mary", "Mrs", false),
            ("Peter van der Berg", "van der Berg", "Peter", "", true),
            ("Mary Ann Jones", "Jones", "Mary Ann", "", true),
            ("Nguyễn, Văn", "Nguyễn", "Văn", "", false),
        ] {
            let parted = part(cell).unwrap();
            let shown = parted.title.as_ref().map_or("", Line::as_str);
            assert_eq!(
                (parted.surname.as_str(), parted.forename.as_str(), shown, parted.guessed),
                (surname, forename, title, guessed),
                "{cell}"
            );
        }
        let line = |text: &str| Line::parse(text).unwrap();
        assert!(same_but_for_lost_letters(&line("Stanisław"), &line("STANIS?AW")));
        assert!(same_but_for_lost_letters(&line("Nguyễn"), &line("Nguy?n")));
        assert!(!same_but_for_lost_letters(&line("Stanisław"), &line("Stanis?")));
        assert!(!same_but_for_lost_letters(&line("Stanis?aw"), &line("Stanislaw")));
        assert_eq!(part("Adeyemi, Jean (Jeannie)").unwrap().preferred.unwrap().as_str(), "Jeannie");
        for cell in ["Smith", "Mr Smith", "Smith,", ", Mary", "(Mrs)"] {
            assert!(part(cell).is_err(), "{cell}");
        }
    }
}
