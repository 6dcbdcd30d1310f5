//! The one document model: what minutes and agendas are before they become Word, Markdown or lines on a screen.
//!
//! A document is plain data with a versioned JSON shape, because sealed minutes are frozen as this JSON and must
//! still be read in ten years. It knows no format, no file and no record; every text in it is displayable text.
//!
//! It knows whom it speaks of: a [`Span`] of blocks, or a row, is about one person, and only there may anything about them
//! stand. By that `recipient` cuts it, also long after it was sealed. A text that says nothing by which anybody could be
//! known again has an open form ([`Cell::open`], [`Fact::open`]): that is what stands in a pseudonymised document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::id::{MemberId, PersonId, RecordId as _};
use crate::domain::text::DisplaySafe;

/// The name of the JSON shape.
pub const FORMAT: &str = "mdt-document";
/// The version of the JSON shape. A reader refuses a newer one. Version 1 did not say whom a part is about.
pub const VERSION: u32 = 2;
/// Since this version a document says whom each of its parts is about.
pub const PARTS: u32 = 2;

/// Whom a part is about that is about nobody, but was typed by hand and may name somebody: it stays in the team.
pub const TEAM: &str = "team";

/// Stands in the head of every page that leaves.
pub const CONFIDENTIALITY: &str =
    "OFFICIAL-SENSITIVE – confidential information about named people, only for those who care for them";

/// A document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Always [`FORMAT`].
    pub format: String,
    /// The version of the shape it was written in.
    pub version: u32,
    /// What it is, in one word: `minutes`, `agenda`, `actions`.
    pub kind: String,
    /// The title.
    pub title: String,
    /// What a reader must know before anything else: `DRAFT …`, `DEMO – invented people`.
    pub notices: Vec<String>,
    /// Who it belongs to; stands in the head of every page.
    pub team: String,
    /// The confidentiality line of every page.
    pub confidentiality: String,
    /// The lines under the title.
    pub meta: Vec<Fact>,
    /// What it says.
    pub blocks: Vec<Block>,
    /// Which of the blocks are about one person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
    /// Of sealed minutes: which organisations had to do with a person when they were sealed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub related: BTreeMap<String, Vec<String>>,
    /// Whether each section after the first begins a page of its own, to be handed out.
    #[serde(default, skip_serializing_if = "is_not")]
    pub paged: bool,
    /// The seal line at the foot of every page, once there is a seal.
    pub foot: Option<String>,
}

/// Blocks that follow one another and are about one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The person's id.
    pub person: String,
    /// The first block, counted from 0.
    pub from: usize,
    /// The block after the last one.
    pub to: usize,
}

/// A label and what stands beside it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// The label.
    pub label: String,
    /// What stands beside it.
    pub text: String,
    /// What stands there where nobody may be known again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
}

/// One block of a document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "block", rename_all = "snake_case", deny_unknown_fields)]
pub enum Block {
    /// A heading: level 1 for a section, 2 for a person.
    Heading {
        /// 1 to 3.
        level: u8,
        /// Its words.
        text: String,
    },
    /// A paragraph.
    Paragraph {
        /// Its words; `\n` parts lines.
        text: String,
    },
    /// A paragraph that begins with a label: `Update: …`.
    Labelled {
        /// The label, without the colon.
        label: String,
        /// Its words; `\n` parts lines.
        text: String,
        /// What stands there where nobody may be known again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        open: Option<String>,
    },
    /// Short facts one under the other.
    Facts {
        /// The facts.
        facts: Vec<Fact>,
    },
    /// A list with bullets.
    List {
        /// Its items.
        items: Vec<String>,
    },
    /// A table.
    Table {
        /// The columns, from the left.
        columns: Vec<Column>,
        /// The rows; each has one cell for each column.
        rows: Vec<Row>,
    },
}

/// A column of a table.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// What stands in the header row.
    pub title: String,
    /// How wide it is compared with the others.
    pub width: u32,
}

/// A row of a table.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its cells, from the left.
    pub cells: Vec<Cell>,
    /// The id of the person it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The id of the member whose action it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// A cell of a table.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// Its words; `\n` parts lines.
    pub text: String,
    /// How it stands out. The words say the same: never by colour alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What stands there where nobody may be known again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
}

/// How a cell stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Past its day.
    Overdue,
    /// Who or what the row is about.
    Subject,
}

impl Document {
    /// An empty document.
    pub fn new(kind: &str, title: String, team: &str) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            kind: kind.to_owned(),
            title: shown(&title),
            notices: Vec::new(),
            team: shown(team),
            confidentiality: CONFIDENTIALITY.to_owned(),
            meta: Vec::new(),
            blocks: Vec::new(),
            spans: Vec::new(),
            related: BTreeMap::new(),
            paged: false,
            foot: None,
        }
    }

    /// Adds a line under the title.
    pub fn meta(&mut self, label: &str, text: impl AsRef<str>) {
        self.meta.push(Fact::new(label, text));
    }

    /// Adds a heading.
    pub fn heading(&mut self, level: u8, text: impl AsRef<str>) {
        self.blocks.push(Block::Heading { level, text: shown(text.as_ref()) });
    }

    /// Adds a paragraph.
    pub fn paragraph(&mut self, text: impl AsRef<str>) {
        self.blocks.push(Block::Paragraph { text: shown(text.as_ref()) });
    }

    /// Adds a labelled paragraph.
    pub fn labelled(&mut self, label: &str, text: impl AsRef<str>) {
        self.blocks.push(Block::Labelled { label: label.to_owned(), text: shown(text.as_ref()), open: None });
    }

    /// Adds a labelled paragraph with its open form.
    pub fn labelled_as(&mut self, label: &str, text: impl AsRef<str>, open: &str) {
        let (text, open) = (shown(text.as_ref()), Some(shown(open)));
        self.blocks.push(Block::Labelled { label: label.to_owned(), text, open });
    }

    /// Adds a labelled paragraph by which nobody can be known again.
    pub fn labelled_openly(&mut self, label: &str, text: &str) {
        self.labelled_as(label, text, text);
    }

    /// Adds what `write` adds, as being about this person.
    ///
    /// # Errors
    /// What `write` brings.
    pub fn about<E>(&mut self, person: PersonId, write: impl FnOnce(&mut Self) -> Result<(), E>) -> Result<(), E> {
        let from = self.blocks.len();
        let done = write(self);
        let to = self.blocks.len();
        if from < to {
            self.spans.push(Span { person: person.raw().to_string(), from, to });
        }
        done
    }

    /// Adds a list, if it has items.
    pub fn list(&mut self, items: &[String]) {
        if !items.is_empty() {
            self.blocks.push(Block::List { items: items.iter().map(|item| shown(item)).collect() });
        }
    }

    /// Adds facts, if there are any.
    pub fn facts(&mut self, facts: Vec<Fact>) {
        if !facts.is_empty() {
            self.blocks.push(Block::Facts { facts });
        }
    }

    /// Adds a table; a row too short gets empty cells, a row too long is a mistake of the caller and is cut.
    pub fn table(&mut self, columns: &[(&str, u32)], rows: Vec<Row>) {
        let width = columns.len();
        let columns =
            columns.iter().map(|(title, width)| Column { title: (*title).to_owned(), width: *width }).collect();
        let rows = rows.into_iter().map(|row| row.of_width(width)).collect();
        self.blocks.push(Block::Table { columns, rows });
    }

    /// Adds what `write` adds, as being of the team alone.
    pub fn of_the_team(&mut self, write: impl FnOnce(&mut Self)) {
        let from = self.blocks.len();
        write(self);
        let to = self.blocks.len();
        if from < to {
            self.spans.push(Span { person: TEAM.to_owned(), from, to });
        }
    }

    /// Somebody's parts, and those that are about nobody, in order.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        parts(&self.blocks, &self.spans).into_iter()
    }

    /// Every row of every table.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.blocks
            .iter()
            .filter_map(|block| if let Block::Table { rows, .. } = block { Some(rows) } else { None })
            .flatten()
    }

    /// Whether no part of it is about anybody.
    pub(super) fn speaks_of_nobody(&self) -> bool {
        self.spans.is_empty() && self.rows().all(|row| row.person.is_none())
    }

    /// The same head and foot, with nothing said yet.
    pub(super) fn emptied(&self) -> Self {
        Self { blocks: Vec::new(), spans: Vec::new(), related: BTreeMap::new(), ..self.clone() }
    }

    /// The document as frozen JSON.
    ///
    /// # Errors
    /// None that this shape can bring; the caller still says what it would mean.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Reads what [`Document::to_json`] wrote. Loading is parsing: a newer shape and text that is not safe to show are refused.
    ///
    /// # Errors
    /// In a few words, what is wrong with it.
    pub fn from_json(text: &str) -> Result<Self, &'static str> {
        let document: Self = serde_json::from_str(text).map_err(|_| "a document this program cannot read")?;
        if document.format != FORMAT {
            return Err("a document of another kind");
        }
        if document.version > VERSION {
            return Err("a document of a newer version");
        }
        let mut before = 0;
        for span in &document.spans {
            if span.from < before || span.to <= span.from || span.to > document.blocks.len() {
                return Err("a document that does not say whom it is about");
            }
            before = span.to;
        }
        if document.texts().iter().any(|text| shown(text) != **text) {
            return Err("text that is not safe to show");
        }
        Ok(document)
    }

    /// Every text of the document, in reading order.
    pub fn texts(&self) -> Vec<&str> {
        let mut out = vec![self.kind.as_str(), self.title.as_str(), self.team.as_str(), self.confidentiality.as_str()];
        out.extend(self.notices.iter().map(String::as_str));
        out.extend(self.meta.iter().flat_map(Fact::texts));
        for block in &self.blocks {
            match block {
                Block::Heading { text, .. } | Block::Paragraph { text } => out.push(text),
                Block::Labelled { label, text, open } => {
                    out.extend([label.as_str(), text.as_str()]);
                    out.extend(open.as_deref());
                }
                Block::Facts { facts } => out.extend(facts.iter().flat_map(Fact::texts)),
                Block::List { items } => out.extend(items.iter().map(String::as_str)),
                Block::Table { columns, rows } => {
                    out.extend(columns.iter().map(|column| column.title.as_str()));
                    for cell in rows.iter().flat_map(|row| &row.cells) {
                        out.push(&cell.text);
                        out.extend(cell.open.as_deref());
                    }
                }
            }
        }
        out.extend(self.foot.as_deref());
        out
    }
}

// A document is about people: `{:?}` says nothing of them.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({}, {} blocks)", self.kind, self.blocks.len())
    }
}

impl Block {
    /// Lets every text be changed, and forgets the open forms.
    pub(super) fn texts_mut(&mut self, mut each: impl FnMut(&mut String)) {
        match self {
            Self::Heading { text, .. } | Self::Paragraph { text } => each(text),
            Self::Labelled { text, open, .. } => {
                *open = None;
                each(text);
            }
            Self::Facts { facts } => {
                for fact in facts {
                    fact.open = None;
                    each(&mut fact.text);
                }
            }
            Self::List { items } => items.iter_mut().for_each(each),
            Self::Table { rows, .. } => {
                for cell in rows.iter_mut().flat_map(|row| &mut row.cells) {
                    cell.open = None;
                    each(&mut cell.text);
                }
            }
        }
    }
}

impl Fact {
    /// A label and what stands beside it.
    pub fn new(label: &str, text: impl AsRef<str>) -> Self {
        Self { label: shown(label), text: shown(text.as_ref()), open: None }
    }

    /// The same, with what stands there where nobody may be known again.
    pub fn open(mut self, open: impl AsRef<str>) -> Self {
        self.open = Some(shown(open.as_ref()));
        self
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        [self.label.as_str(), self.text.as_str()].into_iter().chain(self.open.as_deref())
    }
}

impl Row {
    /// A row of plain cells.
    pub fn of<const N: usize>(texts: [String; N]) -> Self {
        let cell = |text: String| Cell { text: shown(&text), mark: None, open: None };
        Self { cells: texts.into_iter().map(cell).collect(), person: None, owner: None }
    }

    /// The same, with the cell at `at` marked.
    pub fn marked(mut self, at: usize, mark: Option<Mark>) -> Self {
        if let Some(cell) = self.cells.get_mut(at) {
            cell.mark = mark;
        }
        self
    }

    /// The same, without the ids and open forms that only a cut needs.
    pub(super) fn anonymous(&self) -> Self {
        let cell = |cell: &Cell| Cell { open: None, ..cell.clone() };
        Self { cells: self.cells.iter().map(cell).collect(), person: None, owner: None }
    }

    /// The same, as being of the team alone.
    pub fn of_the_team(mut self) -> Self {
        self.person = Some(TEAM.to_owned());
        self
    }

    /// The same, about this person.
    pub fn about(mut self, person: Option<PersonId>) -> Self {
        self.person = person.map(|person| person.raw().to_string());
        self
    }

    /// The same, as this member's action.
    pub fn owned_by(mut self, owner: MemberId) -> Self {
        self.owner = Some(owner.raw().to_string());
        self
    }

    /// The same, with these cells as they stand: nobody can be known again by them.
    pub fn open<const N: usize>(mut self, cells: [usize; N]) -> Self {
        for at in cells {
            if let Some(cell) = self.cells.get_mut(at) {
                cell.open = Some(cell.text.clone());
            }
        }
        self
    }

    /// The same, with the open form of the cell at `at`.
    pub fn opened(mut self, at: usize, open: impl AsRef<str>) -> Self {
        if let Some(cell) = self.cells.get_mut(at) {
            cell.open = Some(shown(open.as_ref()));
        }
        self
    }

    fn of_width(mut self, width: usize) -> Self {
        self.cells.resize_with(width, || Cell { text: String::new(), mark: None, open: Some(String::new()) });
        self
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what is left out of the JSON is asked by reference")]
fn is_not(it: &bool) -> bool {
    !it
}

/// Displayable text, lines kept. What comes here is displayable already; this is the wall that makes it certain.
fn shown(text: &str) -> String {
    DisplaySafe::new(text).into_string()
}

/// Blocks that belong together: somebody's part, or what is about nobody.
pub(super) struct Part<'d> {
    pub(super) person: Option<&'d str>,
    pub(super) blocks: &'d [Block],
}

/// The parts of a document, in order.
pub(super) fn parts<'d>(blocks: &'d [Block], spans: &'d [Span]) -> Vec<Part<'d>> {
    let mut out = Vec::new();
    let mut at = 0;
    for span in spans {
        let between = blocks.get(at..span.from).unwrap_or_default();
        out.push(Part { person: None, blocks: between });
        out.push(Part { person: Some(&span.person), blocks: blocks.get(span.from..span.to).unwrap_or_default() });
        at = span.to;
    }
    out.push(Part { person: None, blocks: blocks.get(at..).unwrap_or_default() });
    out
}
