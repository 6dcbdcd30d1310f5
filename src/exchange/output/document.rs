//! The one document model: what minutes and agendas are before they become Word, Markdown or lines on a screen.
//!
//! A document is plain data with a versioned JSON shape, because sealed minutes are frozen as this JSON and must
//! still be read in ten years. It knows no format, no file and no record; every text in it is displayable text.

use serde::{Deserialize, Serialize};

use crate::domain::text::displayable;

/// The name of the JSON shape.
pub const FORMAT: &str = "mdt-document";
/// The version of the JSON shape. A reader refuses a newer one.
pub const VERSION: u32 = 1;

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
    /// The seal line at the foot of every page, once there is a seal.
    pub foot: Option<String>,
}

/// A label and what stands beside it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// The label.
    pub label: String,
    /// What stands beside it.
    pub text: String,
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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its cells, from the left.
    pub cells: Vec<Cell>,
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
        self.blocks.push(Block::Labelled { label: label.to_owned(), text: shown(text.as_ref()) });
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
        if document.version != VERSION {
            return Err("a document of a newer version");
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
                Block::Labelled { label, text } => out.extend([label.as_str(), text.as_str()]),
                Block::Facts { facts } => out.extend(facts.iter().flat_map(Fact::texts)),
                Block::List { items } => out.extend(items.iter().map(String::as_str)),
                Block::Table { columns, rows } => {
                    out.extend(columns.iter().map(|column| column.title.as_str()));
                    out.extend(rows.iter().flat_map(|row| &row.cells).map(|cell| cell.text.as_str()));
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

impl Fact {
    /// A label and what stands beside it.
    pub fn new(label: &str, text: impl AsRef<str>) -> Self {
        Self { label: shown(label), text: shown(text.as_ref()) }
    }

    fn texts(&self) -> [&str; 2] {
        [&self.label, &self.text]
    }
}

impl Row {
    /// A row of plain cells.
    pub fn of<const N: usize>(texts: [String; N]) -> Self {
        Self { cells: texts.into_iter().map(|text| Cell { text: shown(&text), mark: None }).collect() }
    }

    /// The same, with the cell at `at` marked.
    pub fn marked(mut self, at: usize, mark: Option<Mark>) -> Self {
        if let Some(cell) = self.cells.get_mut(at) {
            cell.mark = mark;
        }
        self
    }

    fn of_width(mut self, width: usize) -> Self {
        self.cells.resize_with(width, || Cell { text: String::new(), mark: None });
        self
    }
}

/// Displayable text, lines kept. What comes here is displayable already; this is the wall that makes it certain.
fn shown(text: &str) -> String {
    text.split('\n').map(displayable).collect::<Vec<_>>().join("\n")
}
