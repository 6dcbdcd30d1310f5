//! Text that is safe to show: the only text a record can hold.
//!
//! A [`Line`] or [`Note`] is made once, at the edge, and from then on can go to any screen or document; whatever else is shown
//! is made a [`DisplaySafe`] first:
//! control characters are visible pictures, bidirectional and invisible characters are spelled out,
//! everything is in Unicode NFC. Nothing is silently dropped. (Threats: CWE-150, CVE-2021-42574.)

use unicode_normalization::UnicodeNormalization;

use super::refusal::Refusal;

/// Characters a single line may hold.
pub const LINE_LIMIT: usize = 400;
/// Characters a note may hold.
pub const NOTE_LIMIT: usize = 20_000;

/// One line of displayable text, never blank.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(String);

/// Displayable text of one or more lines, never blank.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Note(String);

impl Line {
    /// Reads one line. Line breaks become spaces; runs of blanks become one.
    ///
    /// # Errors
    /// Refuses blank text and text over [`LINE_LIMIT`] characters.
    pub fn parse(raw: &str) -> Result<Self, Refusal> {
        if is_plain_line(raw) {
            return Ok(Self(raw.to_owned()));
        }
        let one_line: String =
            raw.split(['\n', '\r', '\t', '\u{2028}', '\u{2029}', '\u{a0}']).collect::<Vec<_>>().join(" ");
        let shown = displayable(&one_line).split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        match shown.chars().count() {
            0 => Err(Refusal::new("This cannot be blank.")),
            n if n > LINE_LIMIT => {
                Err(Refusal::new(format!("This is {n} characters long; one line holds {LINE_LIMIT}.")))
            }
            _ => Ok(Self(shown)),
        }
    }

    /// The line, or nothing where the text is blank or cannot be a line.
    pub fn optional(raw: &str) -> Result<Option<Self>, Refusal> {
        if raw.trim().is_empty() { Ok(None) } else { Self::parse(raw).map(Some) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Note {
    /// Reads a note. Line breaks are kept, whichever way they were written.
    ///
    /// # Errors
    /// Refuses blank text and text over [`NOTE_LIMIT`] characters.
    pub fn parse(raw: &str) -> Result<Self, Refusal> {
        let breaks =
            raw.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{85}'], "\n").replace('\t', "    ");
        let shown =
            breaks.split('\n').map(|line| displayable(line).trim_end().to_owned()).collect::<Vec<_>>().join("\n");
        let shown = shown.trim_matches('\n').to_owned();
        match shown.chars().count() {
            _ if shown.trim().is_empty() => Err(Refusal::new("This cannot be blank.")),
            n if n > NOTE_LIMIT => {
                Err(Refusal::new(format!("This is {n} characters long; a note holds {NOTE_LIMIT}.")))
            }
            _ => Ok(Self(shown)),
        }
    }

    /// The note, or nothing where the text is blank.
    ///
    /// # Errors
    /// As [`Note::parse`], but blank text is `None`.
    pub fn optional(raw: &str) -> Result<Option<Self>, Refusal> {
        if raw.trim().is_empty() { Ok(None) } else { Self::parse(raw).map(Some) }
    }

    /// The text, lines parted by `\n`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text that may be shown: what the screen, a document and the command line are given. Whatever it is made from – a record, the
/// name of a file, an error of the system, an argument, what somebody is typing – has been through [`displayable`].
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DisplaySafe(String);

impl DisplaySafe {
    /// Makes any text harmless. Line ends stay.
    pub fn new(raw: impl AsRef<str>) -> Self {
        let raw = raw.as_ref();
        // Lines and notes, which nearly everything is, are safe as they stand.
        if raw.bytes().all(|byte| byte == b'\n' || (0x20..0x7f).contains(&byte)) {
            return Self(raw.to_owned());
        }
        Self(raw.split('\n').map(displayable).collect::<Vec<_>>().join("\n"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, to keep.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl From<Line> for DisplaySafe {
    fn from(line: Line) -> Self {
        Self(line.0)
    }
}

impl From<Note> for DisplaySafe {
    fn from(note: Note) -> Self {
        Self(note.0)
    }
}

impl std::fmt::Display for DisplaySafe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for DisplaySafe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DisplaySafe({} characters)", self.0.chars().count())
    }
}

/// Whether a character can do something to a terminal, or to what stands around it, without being seen. Joiners are left to
/// [`displayable`], which knows where they belong.
pub fn is_harmful(c: char) -> bool {
    c.is_control() || (is_unseen(c) && !matches!(c, '\u{200c}' | '\u{200d}'))
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

// What a record says about a person must not reach a log or a panic by way of `{:?}`.
impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Line({} characters)", self.0.chars().count())
    }
}

impl std::fmt::Debug for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Note({} characters)", self.0.chars().count())
    }
}

/// Whether a text is a line as it stands, as nearly all are: printable ASCII, single blanks between words.
fn is_plain_line(raw: &str) -> bool {
    let mut before = b' ';
    let plain = raw.bytes().all(|byte| {
        let fits = (0x20..0x7f).contains(&byte) && !(byte == b' ' && before == b' ');
        before = byte;
        fits
    });
    plain && before != b' ' && raw.len() <= LINE_LIMIT
}

/// Makes one line of foreign text harmless: NFC, controls as pictures, bidirectional and invisible
/// characters spelled out as `‹U+202E›`. What was legible stays as it was.
pub fn displayable(raw: &str) -> String {
    if raw.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return raw.to_owned();
    }
    let chars: Vec<char> = raw.nfc().collect();
    let mut out = String::with_capacity(raw.len());
    for (i, &c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|j| chars.get(j)).copied();
        let after = chars.get(i + 1).copied();
        match c {
            '\u{0}'..='\u{1f}' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
            '\u{7f}' => out.push('\u{2421}'),
            // Joiners carry meaning inside some scripts and inside emoji; anywhere else they only hide.
            '\u{200c}' | '\u{200d}' if before.is_some_and(joins) && after.is_some_and(joins) => out.push(c),
            _ if is_unseen(c) => out.push_str(&format!("‹U+{:04X}›", c as u32)),
            _ => out.push(c),
        }
    }
    out
}

fn joins(c: char) -> bool {
    // What is spelled out beside it joins nothing: otherwise a text would be another one the next time it is looked at.
    c as u32 >= 0x600 && !is_unseen(c) && (c.is_alphabetic() || is_mark(c) || c as u32 >= 0x1f000 || c == '\u{fe0f}')
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// Characters that are not seen but change what is seen: C1 controls, bidirectional controls, zero-width
/// characters, interlinear and tag characters, private use and non-characters.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}')
}

/// The form used to compare, sort and search: lower case, without accents, letters of other Latin
/// alphabets as their plain cousins (`Ł` → `l`, `ø` → `o`, `đ` → `d`, `ß` → `ss`).
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        let lower = text.to_ascii_lowercase();
        return if lower.contains('`') { lower.replace('`', "'") } else { lower };
    }
    let mut out = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'ł' => out.push('l'),
            'ø' => out.push('o'),
            'đ' | 'ð' => out.push('d'),
            'ħ' => out.push('h'),
            'ı' => out.push('i'),
            'ŧ' => out.push('t'),
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'þ' => out.push_str("th"),
            '\u{2018}' | '\u{2019}' | '\u{2bc}' | '`' => out.push('\''),
            '\u{2010}'..='\u{2015}' => out.push('-'),
            _ => out.push(c),
        }
    }
    out
}

/// The words of a folded text, for searching: letters and digits only, and a joined form of words that a
/// hyphen or apostrophe parts, so that `O'Hara` is found by `ohara` and by `hara`.
pub fn search_words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut words = Vec::new();
    for chunk in folded.split_whitespace() {
        let parts: Vec<&str> = chunk.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
        if parts.len() > 1 {
            words.push(parts.concat());
        }
        words.extend(parts.into_iter().map(str::to_owned));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_shown_harmlessly() {
        for (raw, shown) in [
            ("plain", "plain"),
            ("a\u{1b}[31mred", "a␛[31mred"),
            ("bell\u{7}", "bell␇"),
            ("abc\u{202e}cba", "abc‹U+202E›cba"),
            ("zero\u{200b}width", "zero‹U+200B›width"),
            ("c1\u{9b}", "c1‹U+009B›"),
            ("tag\u{e0041}", "tag‹U+E0041›"),
            ("del\u{7f}", "del␡"),
            ("Nguye\u{302}\u{303}n", "Nguyễn"),
            ("क्‍ष", "क्‍ष"),
            ("tag\u{e0041}\u{200d}ष", "tag‹U+E0041›‹U+200D›ष"),
            ("👩\u{200d}⚕", "👩‹U+200D›⚕"),
        ] {
            assert_eq!(displayable(raw), shown, "{raw:?}");
        }
    }

    #[test]
    fn lines_join_and_notes_keep_breaks() {
        assert_eq!(Line::parse("  no\n allergies \t known ").unwrap().as_str(), "no allergies known");
        assert_eq!(Note::parse("one\r\ntwo\rthree\n\n").unwrap().as_str(), "one\ntwo\nthree");
        assert!(Line::parse(" \n ").is_err());
        assert!(Note::parse(&"x".repeat(NOTE_LIMIT + 1)).is_err());
        assert_eq!(Line::optional("  ").unwrap(), None);
    }

    #[test]
    fn folding_finds_cousins() {
        assert_eq!(fold("WIŚNIEWSKA"), "wisniewska");
        assert_eq!(fold("Łukasz Sørensen"), "lukasz sorensen");
        assert_eq!(fold("Nguyễn Đức"), "nguyen duc");
        assert_eq!(search_words("O’Hara"), ["ohara", "o", "hara"]);
        assert_eq!(
            search_words("Ramanathan-Thiagarajah, Siân"),
            ["ramanathanthiagarajah", "ramanathan", "thiagarajah", "sian"]
        );
    }

    #[test]
    fn debug_says_nothing_of_the_text() {
        assert_eq!(format!("{:?}", Line::parse("Jean").unwrap()), "Line(4 characters)");
    }
}
