//! A message that nobody has sent yet: a slip as a draft that a mail program opens, to be looked at and sent by a person.
//!
//! It has no sender, no date and no message id; the program that sends it adds its own. The same slip gives the same bytes.

use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::mime::MimePart;
use sha2::{Digest as _, Sha256};

use crate::domain::day::Day;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::text::displayable;
use crate::store::log::hex;

use super::file::NotWritten;

/// What the draft is made of.
pub struct Draft<'a> {
    /// The address of the owner, if the team knows it.
    pub to: Option<&'a str>,
    /// The subject. It is read on locked telephones: nothing about a person. See [`subject`].
    pub subject: &'a str,
    /// The slip as plain text.
    pub text: &'a str,
    /// The slip as HTML.
    pub html: Option<&'a str>,
    /// What goes with it.
    pub attachments: &'a [Attachment<'a>],
}

/// A file that goes with a draft.
pub struct Attachment<'a> {
    /// Its name: date and kind, never a person.
    pub name: &'a str,
    /// Its media type, `text/calendar`; texts are UTF-8.
    pub kind: &'a str,
    /// The whole file.
    pub bytes: &'a [u8],
}

/// `Elm Grove MDT: your actions, 26-Nov-2026`.
pub fn subject(team: &str, on: Day) -> String {
    format!("{}: your actions, {on}", displayable(team))
}

/// The draft as the bytes of an `.eml` file.
///
/// # Errors
/// Where the address is not one, the subject may name somebody, or an attachment is not named as a file is.
pub fn draft(slip: &Draft<'_>) -> Result<Vec<u8>, NotWritten> {
    check(slip)?;
    let mark = mark(slip);
    let text = MimePart::new("text/plain", lines(slip.text));
    let body = match slip.html {
        None => text,
        Some(html) => several("alternative", &mark, vec![text, MimePart::new("text/html", lines(html))]),
    };
    let mut whole = if slip.attachments.is_empty() {
        body
    } else {
        let kind = |it: &Attachment<'_>| match it.kind.strip_prefix("text/") {
            Some(_) => ContentType::new(it.kind.to_owned()).attribute("charset", "utf-8"),
            None => ContentType::new(it.kind.to_owned()),
        };
        let attached = slip.attachments.iter().map(|it| MimePart::new(kind(it), it.bytes).attachment(it.name));
        several("mixed", &mark, std::iter::once(body).chain(attached).collect())
    };
    // The library's own way to write a message adds a date and an id made of the time and the machine.
    let mut heads = vec![("X-Unsent".into(), Raw::new("1").into())];
    heads.extend(slip.to.map(|to| ("To".into(), Address::from(to).into())));
    heads.push(("Subject".into(), Text::new(slip.subject).into()));
    heads.push(("MIME-Version".into(), Raw::new("1.0").into()));
    whole.headers.splice(0..0, heads);
    let mut out = Vec::new();
    whole.write_part(&mut out);
    Ok(out)
}

fn several<'a>(kind: &str, mark: &str, parts: Vec<MimePart<'a>>) -> MimePart<'a> {
    let kind = ContentType::new(format!("multipart/{kind}")).attribute("boundary", format!("=_mdt_{kind}_{mark}"));
    MimePart::new(kind, parts)
}

fn check(slip: &Draft<'_>) -> Result<(), NotWritten> {
    if slip.to.is_some_and(|to| !is_address(to)) {
        return Err(NotWritten::new(
            "The owner's e-mail address is not one. Nothing was written. Correct it, or take it out.",
        ));
    }
    if slip.subject.chars().any(char::is_control) || slip.subject.chars().count() > 200 {
        return Err(NotWritten::new("The subject is not one line of text. Nothing was written."));
    }
    if holds_a_number(slip.subject) || slip.attachments.iter().any(|it| holds_a_number(it.name)) {
        return Err(NotWritten::new(
            "The subject or the name of an attachment holds an NHS number. Nothing was written.",
        ));
    }
    let named = |it: &Attachment<'_>| {
        let fit = |c: char| !c.is_control() && !"/\\:*?\"<>|".contains(c);
        let token =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "+-._".contains(c));
        let kind = it.kind.split_once('/').is_some_and(|(one, two)| token(one) && token(two) && one != "multipart");
        kind && !it.name.is_empty() && it.name.chars().all(fit)
    };
    if !slip.attachments.iter().all(named) {
        return Err(NotWritten::new("An attachment is not named as a file is. Nothing was written."));
    }
    Ok(())
}

/// Whether mail can be sent to it: one address as nearly all are (RFC 5321, without quoting, comments and literals).
pub fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c))
    };
    let label = |part: &str| {
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        part.len() <= 63
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && edge(part.chars().next())
            && edge(part.chars().last())
    };
    text.len() <= 254
        && local.len() <= 64
        && local.split('.').all(atom)
        && domain.contains('.')
        && domain.split('.').all(label)
}

/// Whether it holds an NHS number, however its digits are parted.
fn holds_a_number(text: &str) -> bool {
    let mut run = String::new();
    text.chars().any(|c| {
        match c {
            '0'..='9' => run.push(c),
            ' ' | '-' | '\u{a0}' | '\u{2010}'..='\u{2013}' => {}
            _ => run.clear(),
        }
        let last = run.len().checked_sub(10).and_then(|from| run.get(from..));
        c.is_ascii_digit() && last.is_some_and(|digits| NhsNumber::parse(digits).is_ok())
    })
}

/// Lines of a message end with CR LF, also where they are packed as base64.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace(['\n', '\r'], "\r\n")
}

/// What parts the parts: made of all that the message says, so that nothing in it can hold it.
fn mark(slip: &Draft<'_>) -> String {
    let mut digest = Sha256::new();
    let mut take = |bytes: &[u8]| {
        digest.update(bytes.len().to_le_bytes());
        digest.update(bytes);
    };
    [slip.to.unwrap_or_default(), slip.subject, slip.text, slip.html.unwrap_or_default()]
        .into_iter()
        .for_each(|text| take(text.as_bytes()));
    for it in slip.attachments {
        [it.name.as_bytes(), it.kind.as_bytes(), it.bytes].into_iter().for_each(&mut take);
    }
    hex(digest.finalize().get(..12).unwrap_or_default())
}
