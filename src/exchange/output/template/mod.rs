//! A trust's own heading, logo, colour, order and wording: `template.toml` beside the data file, or one that is named.
//!
//! `words` is what may be changed, `reading` reads the file and says what is wrong with it, line by line. A template comes
//! after the gate: it is put on what the recipient may see, and can neither add to that nor hide for whom it is. It changes
//! how a document looks and what we call things. It does not touch what people typed, and no block is lost by it.
//!
//! Sealed minutes keep their words: only their look, their labels and the order of their sections follow the template.
//! Whatever compares a document with what was sealed renders with [`Template::default`].

mod reading;
mod words;

use std::collections::BTreeMap;
use std::path::Path;

use super::document::{Block, CONFIDENTIALITY, Document, Fact, Span};
use super::look::Look;

use words::{CLOSING, KINDS, Kind};

pub use reading::{Problem, TemplateError};

/// The name of a template that is found by itself.
pub const NAME: &str = "template.toml";
/// A template to begin with: every line says what it does.
pub const EXAMPLE: &str = include_str!("../../../../examples/template.toml");

/// How documents look and what things are called in them. [`Template::default`] is the plain one, which changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    look: Look,
    /// In the place of [`CONFIDENTIALITY`].
    confidentiality: Option<String>,
    /// The sections that come first, by kind of document.
    orders: BTreeMap<&'static str, Vec<String>>,
    /// Ours and theirs.
    words: BTreeMap<String, String>,
}

impl Template {
    /// The template that lies beside the data file, if there is one. Only the owner of both may have written it.
    ///
    /// # Errors
    /// Everything that is wrong with it, with the lines.
    pub fn beside(data_file: &Path) -> Result<Option<Self>, TemplateError> {
        reading::beside(data_file)
    }

    /// The template in this file.
    ///
    /// # Errors
    /// Everything that is wrong with it, with the lines.
    pub fn read(path: &Path) -> Result<Self, TemplateError> {
        reading::read(path)
    }

    /// The template that this text is; its logo lies in `folder`.
    ///
    /// # Errors
    /// Everything that is wrong with it, with the lines.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, TemplateError> {
        reading::parse(text, folder)
    }

    /// The heading, the logo and the accent.
    pub fn look(&self) -> &Look {
        &self.look
    }

    /// The document in the template's order and words. Nothing is left out, and whom each part is about moves with it.
    pub fn apply(&self, mut document: Document) -> Document {
        // What the cut put behind the line (`… – for Age UK`), or in its place, stays.
        if let Some(theirs) = &self.confidentiality
            && let Some(rest) = document.confidentiality.strip_prefix(CONFIDENTIALITY)
        {
            document.confidentiality = format!("{theirs}{rest}");
        }
        let Some(kind) = Kind::of(&document.kind) else { return document };
        if let Some(order) = self.orders.get(kind.code) {
            in_order(&mut document, order);
        }
        if !self.words.is_empty() {
            self.reword(&mut document, kind);
        }
        document
    }

    fn reword(&self, document: &mut Document, kind: &Kind) {
        let title = match document.title.split_once(" – ") {
            Some((head, rest)) => self.theirs(kind, head).map(|theirs| format!("{theirs} – {rest}")),
            None => self.theirs(kind, &document.title).cloned(),
        };
        document.title = title.unwrap_or_else(|| std::mem::take(&mut document.title));
        let word = |text: &mut String| {
            if let Some(theirs) = self.theirs(kind, text) {
                text.clone_from(theirs);
            }
        };
        let facts = |facts: &mut Vec<Fact>| facts.iter_mut().for_each(|fact| word(&mut fact.label));
        facts(&mut document.meta);
        for block in &mut document.blocks {
            match block {
                Block::Heading { level: 1, text } => word(text),
                Block::Labelled { label, .. } => word(label),
                Block::Facts { facts: list } => facts(list),
                Block::Table { columns, .. } => columns.iter_mut().for_each(|column| word(&mut column.title)),
                Block::Heading { .. } | Block::Paragraph { .. } | Block::List { .. } => {}
            }
        }
    }

    fn theirs(&self, kind: &Kind, ours: &str) -> Option<&String> {
        self.words.get(ours).filter(|_| kind.has(ours))
    }

    /// Every word that a template may change, each once.
    pub fn words() -> Vec<&'static str> {
        let mut words: Vec<&str> = KINDS.iter().flat_map(Kind::words).collect();
        words.sort_unstable();
        words.dedup();
        words
    }

    /// The sections of a kind of document, in the usual order.
    pub fn sections(kind: &str) -> &'static [&'static str] {
        Kind::of(kind).map_or(&[], |kind| kind.sections)
    }
}

/// A section: its blocks, counted from 0, and what it is called.
struct Section {
    from: usize,
    to: usize,
    name: Option<String>,
}

/// Puts the named sections first, in this order; the others follow as they stood. What comes before the first section stays
/// there, and what closes the minutes comes last, for it cannot be named.
fn in_order(document: &mut Document, order: &[String]) {
    let place = |section: &Section| {
        let named = section.name.as_ref().and_then(|name| order.iter().position(|it| it == name));
        named.unwrap_or(order.len())
    };
    let mut sections = sections(document);
    // Before the first section stands what all of it is about.
    if let Some((_, rest)) = sections.split_first_mut() {
        rest.sort_by_key(place);
    }
    let mut blocks: Vec<Option<Block>> = std::mem::take(&mut document.blocks).into_iter().map(Some).collect();
    let old = std::mem::take(&mut document.spans);
    for section in sections {
        let at = document.blocks.len();
        let here = old.iter().filter(|span| (section.from..section.to).contains(&span.from));
        let moved = |n: usize| (n + at).saturating_sub(section.from);
        let spans = here.map(|it| Span { person: it.person.clone(), from: moved(it.from), to: moved(it.to) });
        document.spans.extend(spans);
        let blocks = blocks.iter_mut().take(section.to).skip(section.from);
        document.blocks.extend(blocks.filter_map(Option::take));
    }
}

/// What comes before the first section, be it nothing, and the sections of a document: each begins with a heading of
/// level 1. Nobody's part is ever cut in two.
fn sections(document: &Document) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut section = Section { from: 0, to: 0, name: None };
    let mut spans = document.spans.iter().peekable();
    for (at, block) in document.blocks.iter().enumerate() {
        while spans.next_if(|span| span.to <= at).is_some() {}
        let within = spans.peek().is_some_and(|span| span.from < at);
        let begins = match block {
            Block::Heading { level: 1, text } => Some(Some(text.clone())),
            Block::Labelled { label, .. } if label == CLOSING => Some(None),
            Block::Heading { .. }
            | Block::Paragraph { .. }
            | Block::Labelled { .. }
            | Block::Facts { .. }
            | Block::List { .. }
            | Block::Table { .. } => None,
        };
        if let Some(name) = begins.filter(|_| !within) {
            sections.push(std::mem::replace(&mut section, Section { from: at, to: at, name }));
        }
        section.to = at + 1;
    }
    sections.push(section);
    sections
}
