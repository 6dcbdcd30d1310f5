//! Reads a template file. Whatever is wrong with it is said in a sentence with its line, and all of it at once where the file
//! is TOML at all.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _};
use std::ops::Range;
use std::path::{Component, Path};

use serde::Deserialize;
use toml::Spanned;
use unicode_normalization::UnicodeNormalization as _;

use crate::domain::text::{displayable, fold};

use super::super::document::Document;
use super::super::look::{Logo, Look, MOST_PIXELS, Rgb};
use super::super::pdf;
use super::super::recipient::for_the_team;
use super::words::{FIXED, KINDS, Kind};
use super::{NAME, Template};

/// Bytes a template may have.
const TEMPLATE_LIMIT: u64 = 64 * 1024;
/// Bytes a logo may have.
const LOGO_LIMIT: u64 = 1024 * 1024;
/// What WCAG 2.2 asks of text (1.4.3).
const CONTRAST: f64 = 4.5;
const HEADING_LINES: usize = 6;
const HEADING_LIMIT: usize = 100;
const CONFIDENTIALITY_LIMIT: usize = 160;
const SAYS_LIMIT: usize = 160;
const WORD_LIMIT: usize = 60;

/// The file as it is written. A line that is not known is an error, with the lines that are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    heading: Vec<Spanned<String>>,
    logo: Option<Spanned<String>>,
    logo_says: Option<Spanned<String>>,
    accent: Option<Spanned<String>>,
    confidentiality: Option<Spanned<String>>,
    minutes: Option<Sections>,
    agenda: Option<Sections>,
    pack: Option<Sections>,
    summary: Option<Sections>,
    actions: Option<Sections>,
    numbers: Option<Sections>,
    #[serde(default)]
    words: BTreeMap<Spanned<String>, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sections {
    #[serde(default)]
    order: Vec<Spanned<String>>,
}

/// Something that is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1, where it is of one.
    pub line: Option<usize>,
    /// What is wrong, in a sentence.
    pub why: String,
}

/// A template that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    file: Option<String>,
    problems: Vec<Problem>,
}

impl TemplateError {
    /// All that is wrong with it, by line.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// A line for each problem: `template.toml, line 3: …`.
    pub fn lines(&self) -> Vec<String> {
        let file = self.file.as_deref().unwrap_or("The template");
        let said = |it: &Problem| match it.line {
            Some(line) => format!("{file}, line {line}: {}", it.why),
            // Of the file as a whole: `is not there.`
            None => format!("{file} {}", it.why),
        };
        self.problems.iter().map(said).collect()
    }

    fn unread(why: impl Into<String>) -> Self {
        Self { file: None, problems: vec![Problem { line: None, why: why.into() }] }
    }

    /// The same, of this file. Its folder is left out: who reads it knows which, and a notice line has little room.
    fn of(self, path: &Path) -> Self {
        Self { file: path.file_name().map(|name| displayable(&name.to_string_lossy())), ..self }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

impl std::error::Error for TemplateError {}

pub(super) fn beside(data_file: &Path) -> Result<Option<Template>, TemplateError> {
    let path = data_file.with_file_name(NAME);
    match std::fs::symlink_metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        _ => of_file(&path, true).map(Some),
    }
}

pub(super) fn read(path: &Path) -> Result<Template, TemplateError> {
    of_file(path, false)
}

fn of_file(path: &Path, own: bool) -> Result<Template, TemplateError> {
    let bytes = contents(path, TEMPLATE_LIMIT, own).map_err(|why| TemplateError::unread(why).of(path))?;
    let text =
        String::from_utf8(bytes).map_err(|_| TemplateError::unread("is not plain text. Save it as UTF-8.").of(path))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    parse(&text, folder).map_err(|error| error.of(path))
}

pub(super) fn parse(text: &str, folder: &Path) -> Result<Template, TemplateError> {
    // Some editors of Windows begin a file so.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut check = Check { text, problems: Vec::new() };
    let template = match toml::from_str::<Written>(text) {
        Ok(written) => check.template(&written, folder),
        Err(error) => {
            let said = error.message().lines().map(displayable).collect::<Vec<_>>().join("; ");
            check.add(&error.span().unwrap_or_default(), format!("{}.", said.trim_end_matches('.')));
            Template::default()
        }
    };
    let mut problems = check.problems;
    if problems.is_empty() {
        return Ok(template);
    }
    problems.sort_by_key(|problem| problem.line);
    Err(TemplateError { file: None, problems })
}

/// Gathers what is wrong.
struct Check<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn add(&mut self, at: &Range<usize>, why: String) {
        let before = self.text.bytes().take(at.start).filter(|byte| *byte == b'\n').count();
        self.problems.push(Problem { line: Some(before + 1), why });
    }

    fn template(&mut self, written: &Written, folder: &Path) -> Template {
        let heading = self.heading(&written.heading);
        let accent = self.accent(written.accent.as_ref());
        let logo = self.logo(written, &heading, folder);
        let line = written.confidentiality.as_ref();
        let confidentiality = line.map(|line| self.line("the confidentiality line", line, CONFIDENTIALITY_LIMIT));
        let tables = [
            ("minutes", &written.minutes),
            ("agenda", &written.agenda),
            ("pack", &written.pack),
            ("summary", &written.summary),
            ("actions", &written.actions),
            ("numbers", &written.numbers),
        ];
        let mut orders = BTreeMap::new();
        for (code, sections) in tables {
            if let (Some(kind), Some(sections)) = (Kind::of(code), sections) {
                orders.insert(kind.code, self.order(kind, &sections.order));
            }
        }
        let words = self.words(&written.words);
        Template { look: Look { heading, logo, accent }, confidentiality, orders, words }
    }

    /// A text that can be shown on one line.
    fn line(&mut self, what: &str, text: &Spanned<String>, most: usize) -> String {
        let raw = text.get_ref().trim();
        let shown = displayable(raw);
        if raw.is_empty() {
            self.add(&text.span(), format!("{what} is blank. Write it, or leave the line out."));
        } else if shown != raw.nfc().collect::<String>() {
            self.add(&text.span(), format!("{what} holds characters that cannot be seen: {shown}"));
        } else if shown.chars().count() > most {
            let length = shown.chars().count();
            self.add(&text.span(), format!("{what} is {length} characters long; {most} fit."));
        }
        shown
    }

    fn heading(&mut self, lines: &[Spanned<String>]) -> Vec<String> {
        if let Some(over) = lines.get(HEADING_LINES) {
            let why = format!("the heading has {} lines; {HEADING_LINES} fit above a title.", lines.len());
            self.add(&over.span(), why);
        }
        lines.iter().map(|line| self.line("a line of the heading", line, HEADING_LIMIT)).collect()
    }

    fn accent(&mut self, accent: Option<&Spanned<String>>) -> Rgb {
        let plain = Look::default().accent;
        let Some(written) = accent else { return plain };
        let shown = displayable(written.get_ref());
        let Some(accent) = Rgb::parse(written.get_ref()) else {
            self.add(&written.span(), format!("the accent “{shown}” is no colour such as “#{}”.", plain.hex()));
            return plain;
        };
        let contrast = accent.contrast_on_white();
        if contrast < CONTRAST {
            // Rounded down: 4.49 is not to read 4.5.
            let contrast = (contrast * 10.0).floor() / 10.0;
            let why = format!(
                "the accent {shown} is too light: its contrast on white is {contrast}:1, and {CONTRAST}:1 is needed to be read (WCAG 2.2). Take a darker one."
            );
            self.add(&written.span(), why);
        }
        accent
    }

    fn logo(&mut self, written: &Written, heading: &[String], folder: &Path) -> Option<Logo> {
        let said = written.logo_says.as_ref().map(|says| self.line("what the logo says", says, SAYS_LIMIT));
        let Some(name) = &written.logo else {
            if let Some(says) = &written.logo_says {
                self.add(&says.span(), "logo_says is there, but no logo.".to_owned());
            }
            return None;
        };
        // For whoever does not see it: a logo mostly shows the name that the heading begins with.
        let says = said.or_else(|| heading.first().cloned()).unwrap_or_else(|| "Logo".to_owned());
        match picture(name.get_ref(), says, folder) {
            Ok(logo) => Some(logo),
            Err(why) => {
                self.add(&name.span(), format!("the logo “{}” {why}", displayable(name.get_ref())));
                None
            }
        }
    }

    fn order(&mut self, kind: &Kind, order: &[Spanned<String>]) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for section in order {
            let name = section.get_ref();
            let shown = displayable(name);
            if kind.sections.is_empty() {
                self.add(&section.span(), format!("{} no sections that could be put in order.", kind.says));
                break;
            } else if !kind.sections.contains(&name.as_str()) {
                let choices = kind.sections.join(", ");
                let why = format!("{} no section “{shown}”. Our names, before any rewording: {choices}.", kind.says);
                self.add(&section.span(), why);
            } else if out.contains(name) {
                self.add(&section.span(), format!("“{shown}” stands twice in the order."));
            }
            out.push(name.clone());
        }
        out
    }

    fn words(&mut self, written: &BTreeMap<Spanned<String>, Spanned<String>>) -> BTreeMap<String, String> {
        let mut words = BTreeMap::new();
        for (ours, theirs) in written {
            let word = ours.get_ref();
            let shown = displayable(word);
            if FIXED.contains(&word.as_str()) {
                let why = format!("“{shown}” says the same in every document and cannot be reworded.");
                self.add(&ours.span(), why);
            } else if !KINDS.iter().any(|kind| kind.has(word)) {
                let why = match nearest(word) {
                    Some(near) => format!("“{shown}” is no word of ours. Is “{near}” meant?"),
                    None => {
                        format!("“{shown}” is no word of ours. All of them: mdt template example.")
                    }
                };
                self.add(&ours.span(), why);
            }
            let theirs = self.line(&format!("the word for “{shown}”"), theirs, WORD_LIMIT);
            words.insert(word.clone(), theirs);
        }
        self.apart(written, &words);
        words
    }

    /// Two words of one document must not read the same: `Update` under the name of `Situation` would be taken for it.
    fn apart(&mut self, written: &BTreeMap<Spanned<String>, Spanned<String>>, words: &BTreeMap<String, String>) {
        for (ours, theirs) in written {
            let word = ours.get_ref().as_str();
            let reads = |it: &str| fold(words.get(it).map_or(it, String::as_str));
            let same = |other: &&str| *other != word && reads(other) == fold(theirs.get_ref());
            let within = |kind: &&Kind| kind.has(word);
            let other = KINDS.iter().filter(within).flat_map(Kind::words).chain(FIXED.iter().copied()).find(same);
            if let Some(other) = other {
                let why = format!(
                    "“{word}” would read “{}”, and so would “{other}” in the same document: nobody could tell them apart.",
                    displayable(theirs.get_ref())
                );
                self.add(&theirs.span(), why);
            }
        }
    }
}

/// The word of ours that differs from this one by case, blanks or its last letters only.
fn nearest(word: &str) -> Option<&'static str> {
    let bare = |text: &str| fold(text).replace(|c: char| !c.is_alphanumeric(), "");
    let wanted = bare(word);
    let begins = |it: &&&str| {
        let it = bare(it);
        !wanted.is_empty()
            && (it == wanted || (wanted.len() > 3 && (it.starts_with(&wanted) || wanted.starts_with(&it))))
    };
    let words = Template::words();
    words.iter().find(|it| bare(it) == wanted).or_else(|| words.iter().find(begins)).copied()
}

/// The logo of this name, if every format can show it.
fn picture(name: &str, says: String, folder: &Path) -> Result<Logo, String> {
    let mut parts = Path::new(name).components();
    let alone = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None));
    if !alone || name.contains(['/', '\\', ':']) {
        return Err("is to lie beside the template: give its name alone, without a folder.".to_owned());
    }
    let bytes = contents(&folder.join(name), LOGO_LIMIT, false)?;
    let logo = Logo::of(bytes, says).ok_or("is neither a PNG nor a JPEG picture.")?;
    let (width, height) = (logo.width, logo.height);
    if width == 0 || height == 0 || width > MOST_PIXELS || height > MOST_PIXELS {
        return Err(format!("has {width} × {height} pixels; 1 to {MOST_PIXELS} fit on each side."));
    }
    // Only a look at all of it shows whether it is whole, and whether a PDF for archives may hold it: a page is made with it.
    let look = Look { logo: Some(logo), ..Look::default() };
    let page = Document::new("template", "Template".to_owned(), "Template");
    pdf::render(for_the_team(&page), &look)
        .map_err(|_| "cannot be shown in a PDF. Save it anew as PNG, in ordinary colours.")?;
    look.logo.ok_or_else(|| "is gone.".to_owned())
}

/// All of a small file. Nothing is opened that is not a file itself; `own`: nobody else may have written it.
fn contents(path: &Path, limit: u64, own: bool) -> Result<Vec<u8>, String> {
    let unread = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "is not there.".to_owned(),
        ErrorKind::PermissionDenied => "may not be read by this login.".to_owned(),
        _ => format!("cannot be read: {error}."),
    };
    let meta = std::fs::symlink_metadata(path).map_err(unread)?;
    if meta.is_symlink() {
        return Err("is a link to another file. Put the file itself there.".to_owned());
    }
    if !meta.is_file() {
        return Err("is not a file.".to_owned());
    }
    let mut file = open(path).map_err(unread)?;
    let meta = file.metadata().map_err(unread)?;
    if !meta.is_file() {
        return Err("is not a file.".to_owned());
    }
    #[cfg(unix)]
    if own {
        use std::os::unix::fs::MetadataExt as _;
        if meta.uid() != rustix::process::geteuid().as_raw() || meta.mode() & 0o022 != 0 {
            return Err(
                "could have been written by somebody else. Close it first: chmod go-w, as its owner.".to_owned()
            );
        }
    }
    #[cfg(not(unix))]
    let _ = own;
    let mut bytes = Vec::new();
    (&mut file).take(limit + 1).read_to_end(&mut bytes).map_err(unread)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        let most = if limit < 1024 * 1024 { format!("{} kB", limit / 1024) } else { "1 MB".to_owned() };
        return Err(format!("is too large: {most} at the most."));
    }
    Ok(bytes)
}

/// Opens a file that is no link, even if somebody made it one just now, and waits for nobody to write into it.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    options.open(path)
}
