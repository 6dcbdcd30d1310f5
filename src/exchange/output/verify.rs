//! Whether a copy is what was sealed.
//!
//! First by its bytes: whatever left is known by its hash. Then, for formats that are text, by its words: a copy that came
//! back by mail, with other line ends or blanks, still has them, in their order – every mark and tag among them, for a mark
//! can hide what follows it. The frozen document is the measure, with as many addenda as the copy may know of, cut to whom
//! the copy says it is for.

use sha2::{Digest as _, Sha256};

use crate::clock::{self, Clock};
use crate::domain::Word as _;
use crate::domain::change::Record;
use crate::domain::disclosure::Disclosure;
use crate::domain::erasure::Erasure;
use crate::domain::id::MeetingId;
use crate::domain::meeting::Meeting;
use crate::domain::team::Team;
use crate::domain::text::displayable;
use crate::store::Reader;
use crate::store::log::hex;

use super::cut::Gate;
use super::recipient::Recipient;
use super::template::Template;
use super::{Format, NotMade, erasing, sealed};

/// What a copy is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// What was sealed, in a sentence.
    Sealed(String),
    /// Something that left, but not sealed minutes, in a sentence.
    NotSealed(String),
    /// Neither; where it differs first, in sentences.
    Differs(String),
}

/// Words before and after the place where a copy differs.
const AROUND: usize = 6;

/// Looks at a copy. `format` is what its name says it is; `templates` those it may have been written with.
///
/// # Errors
/// Any fault of the file.
pub fn copy(
    reader: &Reader,
    team: &Record<Team>,
    clock: &Clock,
    bytes: &[u8],
    format: Option<Format>,
    templates: &[Template],
) -> Result<Verdict, NotMade> {
    let left = reader.disclosures_of(&hex(&Sha256::digest(bytes)))?;
    if let Some(it) = left.iter().find(|it| it.sealed) {
        let since: Vec<_> = match it.meeting {
            Some(meeting) => erased(reader, meeting)?.into_iter().filter(|erasure| erasure.at > it.at).collect(),
            None => Vec::new(),
        };
        let said = format!("{} It was sealed when it left.", told(it, clock));
        let said = [Some(said), erasing::older_copy(&since, clock)].into_iter().flatten().collect::<Vec<_>>();
        return Ok(Verdict::Sealed(said.join("\n")));
    }
    if let Some(it) = left.first() {
        return Ok(Verdict::NotSealed(format!("{} It was not sealed when it left.", told(it, clock))));
    }
    let text = match format {
        Some(format @ (Format::Markdown | Format::Html | Format::Text)) => {
            String::from_utf8(bytes.to_vec()).ok().map(|text| (text, format))
        }
        _ => None,
    };
    let Some((text, format)) = text else {
        return Ok(Verdict::Differs(
            "No document of this file left with exactly these bytes. A copy in another format than Markdown, HTML or text can only be known by its bytes: saving it again changes them.".to_owned(),
        ));
    };
    by_words(reader, team, clock, &text, format, templates)
}

/// The lawful erasures in the minutes of a meeting, newest first.
fn erased(reader: &Reader, meeting: MeetingId) -> Result<Vec<Record<Erasure>>, NotMade> {
    match reader.sealed_minutes(meeting)? {
        Some(minutes) => Ok(reader.erasures_in(minutes.id)?),
        None => Ok(Vec::new()),
    }
}

fn told(it: &Disclosure, clock: &Clock) -> String {
    let (day, time) = clock::local(it.at, clock);
    format!(
        "This is, byte for byte, the {} ({}) that {} sent out on {day} at {time}, for {}.",
        it.kind, it.format, it.by, it.recipient
    )
}

fn by_words(
    reader: &Reader,
    team: &Record<Team>,
    clock: &Clock,
    text: &str,
    format: Format,
    templates: &[Template],
) -> Result<Verdict, NotMade> {
    let words = words_of(text);
    let plain = plainly(text, format);
    let says = |sentence: &str| plain.contains(&plainly(sentence, Format::Text));
    let mut nearest: Option<(usize, String)> = None;
    for (meeting, versions) in sealed::versions(reader, team.id)? {
        if !says(&meeting.on.long()) {
            continue;
        }
        for recipient in recipients(reader, team, says)? {
            for (version, template) in
                (1..=versions.len()).rev().flat_map(|it| templates.iter().map(move |template| (it, template)))
            {
                let measure = rendered(reader, team, &meeting, clock, &recipient, version, format, template)?;
                let Some(measure) = measure else { continue };
                match first_difference(&words, &words_of(&measure)) {
                    None => {
                        return Ok(Verdict::Sealed(format!(
                            "The words are those that were sealed: minutes of {}, version {version} of {}, for {}.",
                            meeting.on,
                            versions.len(),
                            recipient.says()
                        )));
                    }
                    Some((at, difference)) if nearest.as_ref().is_none_or(|(before, _)| at > *before) => {
                        let of = format!("minutes of {}, version {version}, for {}", meeting.on, recipient.says());
                        let said = match erasing::older_copy(&erased(reader, meeting.id)?, clock) {
                            Some(older) => {
                                format!("It is not what these minutes are now ({of}). {older}\n{difference}")
                            }
                            None => format!("It is not what was sealed ({of}).\n{difference}"),
                        };
                        nearest = Some((at, said));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    Ok(Verdict::Differs(nearest.map_or_else(
        || "No sealed minutes of this team are of a day that this copy names.".to_owned(),
        |(_, said)| said,
    )))
}

/// Whom the copy says it is for.
fn recipients(reader: &Reader, team: &Record<Team>, says: impl Fn(&str) -> bool) -> Result<Vec<Recipient>, NotMade> {
    let mut all = vec![Recipient::Full];
    all.extend(reader.organisations()?.iter().map(Recipient::organisation));
    all.extend(reader.members(team.id)?.iter().map(Recipient::owner));
    all.push(Recipient::Pseudonymised { cleared: false });
    all.push(Recipient::Pseudonymised { cleared: true });
    all.retain(|recipient| says(&format!("For: {}", recipient.says())) || says(&format!("For {}", recipient.says())));
    Ok(all)
}

#[allow(clippy::too_many_arguments, reason = "each is one thing that a copy may differ in")]
fn rendered(
    reader: &Reader,
    team: &Record<Team>,
    meeting: &Record<Meeting>,
    clock: &Clock,
    recipient: &Recipient,
    version: usize,
    format: Format,
    template: &Template,
) -> Result<Option<String>, NotMade> {
    let document = sealed::document_of(reader, meeting, clock, Some(version - 1))?;
    let gate = Gate::new(reader, team, Some(meeting.id), recipient.clone(), meeting.on)?;
    let cut = match gate.document(&document) {
        Ok(cut) => cut,
        // Sealed before it was written down whom each part is about: there is only the whole.
        Err(NotMade::Refused(_)) => return Ok(None),
        Err(other) => return Err(other),
    };
    let cut = cut.in_words_of(template);
    let bytes = format.render(cut.permitted(), template.look())?;
    Ok(String::from_utf8(bytes).ok())
}

/// A word of a copy, and the line it stands on.
struct Word {
    text: String,
    line: usize,
}

/// The words of a text as they are, marks and tags among them: a mark more can hide what follows it. Only the blanks and
/// line ends between words may differ.
fn words_of(text: &str) -> Vec<Word> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let lines = text.split('\n').enumerate();
    let words = |(line, text): (usize, &str)| {
        let blank = |c: char| c == ' ' || c == '\t';
        let words = text.split(blank).filter(|word| !word.is_empty());
        words.map(|word| Word { text: word.to_owned(), line: line + 1 }).collect::<Vec<_>>()
    };
    lines.flat_map(words).collect()
}

/// A text as it is read: single blanks between words, without marks that lay out (`|`, `**`, `<br>`, `\`) and without tags.
fn plainly(text: &str, format: Format) -> String {
    let text = if format == Format::Html { without_tags(text) } else { text.to_owned() };
    let text = text.replace("<br>", " ").replace("**", "").replace(['\\', '|', '\u{a0}'], " ");
    text.split_whitespace().map(|it| it.trim_matches('*')).collect::<Vec<_>>().join(" ")
}

/// What a browser would show, roughly: only to find which minutes a copy may be.
fn without_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, from)) = rest.split_once('<') {
        out.push_str(before);
        out.push(' ');
        let name = from.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
        let unseen = ["style", "head"].into_iter().find(|it| *it == name);
        let end = unseen.map_or_else(|| ">".to_owned(), |name| format!("</{name}>"));
        rest = from.split_once(end.as_str()).map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    ["&lt;<", "&gt;>", "&quot;\"", "&#39;'", "&#x27;'", "&nbsp; ", "&amp;&"].into_iter().fold(out, |out, pair| {
        let (entity, c) = pair.split_at(pair.len() - 1);
        out.replace(entity, c)
    })
}

/// Where the copy first says something else: how many words in, and both sides.
fn first_difference(copy: &[Word], sealed: &[Word]) -> Option<(usize, String)> {
    let same = copy.iter().zip(sealed).take_while(|(a, b)| a.text == b.text).count();
    if same == copy.len() && same == sealed.len() {
        return None;
    }
    let around = |words: &[Word]| {
        let from = same.saturating_sub(AROUND).min(words.len());
        let to = (same + AROUND).min(words.len());
        let shown: Vec<&str> = words.get(from..to).unwrap_or_default().iter().map(|it| it.text.as_str()).collect();
        if same >= words.len() { format!("{} (and there it ends)", shown.join(" ")) } else { shown.join(" ") }
    };
    let line = copy.get(same).or(copy.last()).map_or(1, |word| word.line);
    Some((
        same,
        format!(
            "Line {line} of the copy: “{}”\nWhat was sealed:  “{}”",
            displayable(&around(copy)),
            displayable(&around(sealed))
        ),
    ))
}

/// The format that a file's name says it has.
pub fn format_of(path: &std::path::Path) -> Option<Format> {
    let ending = path.extension()?.to_string_lossy().to_lowercase();
    match ending.as_str() {
        "htm" => Some(Format::Html),
        "markdown" => Some(Format::Markdown),
        other => Format::from_code(other),
    }
}
