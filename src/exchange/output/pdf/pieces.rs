//! A document cut into pieces that follow one another down the page, each with its place in the tree of tags.
//!
//! A piece is a stack of slices. A page ends between two pieces; inside one only where it may break.

use std::num::NonZeroU16;

use krilla::tagging::{ListNumbering, TableHeaderScope, Tag};

use super::fonts::{ASCENT, DESCENT, Faces, Weight};
use super::lines::{Hand, Line, Segment, wrap};
use super::tree::{Branch, Tree};
use super::{LEFT, WIDTH, shortened};
use crate::domain::text::displayable;
use crate::exchange::output::document::{Block, Cell, Column, Document, Fact, Mark, Row};
use crate::exchange::output::look::{Look, Rgb, held_together};

/// What is overdue or must be known first.
pub(super) const ALARM: Rgb = Rgb(0x9c, 0x1c, 0x1c);
/// The lines between the rows of a table.
const HAIRLINE: Rgb = Rgb(0xbb, 0xbb, 0xbb);
const BLACK: Rgb = Rgb(0, 0, 0);
/// The width of the label column of facts.
const LABEL_WIDTH: f32 = 105.0;
/// Between the edge of a cell and its text.
const CELL: (f32, f32) = (3.5, 2.25);
/// A column is never narrower.
const NARROWEST: f32 = 30.0;
/// So many facts are not parted by the end of a page.
const FEW: usize = 12;
/// How far the items of a list are set in.
const INDENT: f32 = 17.85;

/// Something on the page. Places are in points from the top left corner: of the page, or of its slice.
#[derive(Debug)]
pub(super) enum Paint {
    Text {
        x: f32,
        baseline: f32,
        hand: Hand,
        text: String,
        branch: Option<Branch>,
    },
    Fill {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        ink: Rgb,
    },
    Logo {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        branch: Branch,
    },
    /// A cell with nothing in it: the row has it all the same.
    Nothing {
        branch: Branch,
    },
}

/// The least that stands together.
#[derive(Debug, Default)]
pub(super) struct Slice {
    pub(super) height: f32,
    pub(super) paint: Vec<Paint>,
}

/// A heading, a paragraph, a row.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) slices: Vec<Slice>,
    /// Room over it, unless it begins a page; the wider of two neighbours' wishes is granted.
    pub(super) above: f32,
    pub(super) below: f32,
    /// Stays on the page of the next one.
    pub(super) keep: bool,
    /// Begins a page.
    pub(super) begins: bool,
    /// May break between its slices although it would fit on a page.
    pub(super) breaks: bool,
    /// The table it is a row of.
    pub(super) table: Option<usize>,
    /// The level and the words under which it is found.
    pub(super) bookmark: Option<(u16, String)>,
}

/// The document in pieces.
pub(super) struct Story {
    pub(super) pieces: Vec<Piece>,
    /// The header row of each table, as it stands at the head of the next page.
    pub(super) heads: Vec<Vec<Slice>>,
    pub(super) tree: Tree,
}

/// How a paragraph stands.
#[derive(Clone, Copy)]
struct Style {
    hand: Hand,
    spread: f32,
    indent: f32,
    below: f32,
}

/// A cell on its way into a row.
struct Cut {
    x: f32,
    lines: Vec<Line>,
    branch: Option<Branch>,
}

/// The document in pieces.
pub(super) fn of(document: &Document, look: &Look, faces: &Faces) -> Story {
    let mut writer = Writer {
        faces,
        accent: look.accent,
        paged: document.paged,
        sections: 0,
        depth: 0,
        story: Story { pieces: Vec::new(), heads: Vec::new(), tree: Tree::default() },
    };
    writer.letterhead(look);
    writer.title(&document.title);
    document.notices.iter().for_each(|notice| writer.notice(notice));
    writer.facts(&document.meta);
    document.blocks.iter().for_each(|block| writer.block(block));
    writer.story
}

struct Writer<'a> {
    faces: &'a Faces,
    accent: Rgb,
    /// Whether sections after the first begin a page.
    paged: bool,
    sections: usize,
    /// The level of the heading before: a tree must not skip one.
    depth: u16,
    story: Story,
}

impl Writer<'_> {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading { level, text } => self.heading(*level, text),
            Block::Paragraph { text } => self.paragraph(&[(regular(10.5), text)]),
            Block::Labelled { label, text, .. } => {
                let label = format!("{label}: ");
                self.paragraph(&[(self.label(10.5), &label), (regular(10.5), text)]);
            }
            Block::Facts { facts } => self.facts(facts),
            Block::List { items } => self.list(items),
            Block::Table { columns, rows } => self.table(columns, rows),
        }
    }

    fn label(&self, size: f32) -> Hand {
        Hand { ink: self.accent, ..bold(size) }
    }

    /// The sender's lines, with the logo at their right.
    fn letterhead(&mut self, look: &Look) {
        let shown = look.logo.as_ref().map(|logo| (logo, logo.fitted()));
        let beside = shown.as_ref().map_or(0.0, |(_, (width, _))| width + 12.0);
        let mut slice = Slice::default();
        for (n, line) in look.heading.iter().enumerate() {
            let hand = if n == 0 { self.label(11.0) } else { regular(9.0) };
            let branch = self.story.tree.grow(None, Tag::P);
            for line in wrap(self.faces, &[(hand, &displayable(line))], WIDTH - beside) {
                set(&mut slice.paint, LEFT, slice.height, hand.line(1.1), &line, Some(branch));
                slice.height += hand.line(1.1);
            }
        }
        if let Some((logo, (width, height))) = shown {
            let branch = self.story.tree.grow(None, Tag::Figure(Some(shortened(&displayable(&logo.says)))));
            slice.paint.push(Paint::Logo { x: LEFT + WIDTH - width, y: 0.0, width, height, branch });
            slice.height = slice.height.max(height);
        }
        if slice.height > 0.0 {
            self.story.pieces.push(Piece { slices: vec![slice], below: 16.0, keep: true, ..Piece::default() });
        }
    }

    fn title(&mut self, title: &str) {
        let style = Style { hand: self.label(20.0), spread: 1.0, indent: 0.0, below: 8.0 };
        let branch = self.story.tree.grow(None, Tag::Title);
        let slices = self.slices(style, &[(style.hand, title)], Some(branch));
        let bookmark = Some((1, shortened(title)));
        self.story.pieces.push(Piece { slices, below: style.below, keep: true, bookmark, ..Piece::default() });
    }

    fn notice(&mut self, text: &str) {
        let hand = Hand { ink: ALARM, ..bold(10.5) };
        let style = Style { hand, spread: 1.1, indent: 9.0, below: 6.0 };
        let branch = self.story.tree.grow(None, Tag::P);
        let mut slices = self.slices(style, &[(hand, text)], Some(branch));
        for slice in &mut slices {
            let height = slice.height;
            slice.paint.push(Paint::Fill { x: LEFT, y: 0.0, width: 3.0, height, ink: ALARM });
        }
        self.story.pieces.push(Piece { slices, below: style.below, keep: true, ..Piece::default() });
    }

    fn heading(&mut self, level: u8, text: &str) {
        let (hand, above, below) = match level {
            0 | 1 => (self.label(14.0), 16.0, 6.0),
            2 => (bold(11.5), 14.0, 5.0),
            _ => (bold(10.5), 10.0, 4.0),
        };
        let tinted = level == 2;
        let indent = if tinted { CELL.0 } else { 0.0 };
        self.depth = u16::from(level.clamp(1, 3)).min(self.depth + 1);
        let title = shortened(text);
        let tag = Tag::Hn(NonZeroU16::new(self.depth).unwrap_or(NonZeroU16::MIN), Some(title.clone()));
        let branch = self.story.tree.grow(None, tag);
        let held = held_together(text);
        let style = Style { hand, spread: 1.0, indent, below };
        let mut slices = self.slices(style, &[(hand, &held)], Some(branch));
        if tinted {
            pad(&mut slices, 2.0);
            slices.iter_mut().for_each(|slice| behind(slice, self.accent.tint(9)));
        } else if level <= 1 {
            under(&mut slices, 2.0, 1.0, self.accent);
        }
        let bookmark = Some((self.depth, title));
        self.sections += usize::from(level <= 1);
        let begins = self.paged && level <= 1 && self.sections > 1;
        self.story.pieces.push(Piece { slices, above, below, keep: true, begins, bookmark, ..Piece::default() });
    }

    fn paragraph(&mut self, runs: &[(Hand, &str)]) {
        let style = Style { hand: regular(10.5), spread: 1.1, indent: 0.0, below: 5.0 };
        let branch = self.story.tree.grow(None, Tag::P);
        let slices = self.slices(style, runs, Some(branch));
        self.story.pieces.push(Piece { slices, below: style.below, breaks: true, ..Piece::default() });
    }

    fn list(&mut self, items: &[String]) {
        let style = Style { hand: regular(10.5), spread: 1.1, indent: INDENT, below: 2.0 };
        let list = self.story.tree.grow(None, Tag::L(ListNumbering::Disc));
        for item in items {
            let place = self.story.tree.grow(Some(list), Tag::LI);
            let (bullet, body) =
                (self.story.tree.grow(Some(place), Tag::Lbl), self.story.tree.grow(Some(place), Tag::LBody));
            let dot = wrap(self.faces, &[(style.hand, "•")], INDENT);
            let mut slices = self.slices(style, &[(style.hand, item)], Some(body));
            if let (Some(first), Some(dot)) = (slices.first_mut(), dot.first()) {
                set(&mut first.paint, LEFT, 0.0, style.hand.line(style.spread), dot, Some(bullet));
            }
            self.story.pieces.push(Piece { slices, below: style.below, breaks: true, ..Piece::default() });
        }
        if let Some(last) = self.story.pieces.last_mut() {
            last.below = last.below.max(5.0);
        }
    }

    fn facts(&mut self, facts: &[Fact]) {
        if facts.is_empty() {
            return;
        }
        let table = self.story.tree.grow(None, Tag::Table);
        let body = self.story.tree.grow(Some(table), Tag::TBody);
        let line = regular(10.0).line(1.05);
        for (n, fact) in facts.iter().enumerate() {
            let row = self.story.tree.grow(Some(body), Tag::TR);
            let label = self.story.tree.grow(Some(row), Tag::TH(TableHeaderScope::Row));
            let text = self.story.tree.grow(Some(row), Tag::TD);
            let cells = [
                self.cut(LEFT, LABEL_WIDTH - CELL.0, self.label(10.0), &fact.label, Some(label)),
                self.cut(LEFT + LABEL_WIDTH, WIDTH - LABEL_WIDTH - CELL.0, regular(10.0), &fact.text, Some(text)),
            ];
            let mut slices = row_of(&cells, line);
            pad(&mut slices, 1.0);
            // A few facts about somebody stand together, under the name.
            let keep = facts.len() <= FEW && n + 1 < facts.len();
            self.story.pieces.push(Piece { slices, keep, ..Piece::default() });
        }
        self.end_table();
    }

    fn table(&mut self, columns: &[Column], rows: &[Row]) {
        let places = places(columns);
        let table = self.story.tree.grow(None, Tag::Table);
        let head = self.story.tree.grow(Some(table), Tag::THead);
        let row = self.story.tree.grow(Some(head), Tag::TR);
        let branches: Vec<Option<Branch>> =
            columns.iter().map(|_| Some(self.story.tree.grow(Some(row), Tag::TH(TableHeaderScope::Column)))).collect();
        let slices = self.header_row(columns, &places, &branches);
        // On the pages that follow, the header row is there for the eye only: the tree has it once.
        let again = self.header_row(columns, &places, &vec![None; columns.len()]);
        self.story.heads.push(again);
        let number = self.story.heads.len() - 1;
        self.story.pieces.push(Piece { slices, above: 4.0, keep: !rows.is_empty(), ..Piece::default() });
        if !rows.is_empty() {
            let body = self.story.tree.grow(Some(table), Tag::TBody);
            for (n, row) in rows.iter().enumerate() {
                let last = n + 1 == rows.len();
                let slices = self.body_row(row, &places, body, last);
                self.story.pieces.push(Piece { slices, table: Some(number), ..Piece::default() });
            }
        }
        self.end_table();
    }

    fn header_row(&self, columns: &[Column], places: &[(f32, f32)], branches: &[Option<Branch>]) -> Vec<Slice> {
        let cells: Vec<Cut> = columns
            .iter()
            .zip(places)
            .zip(branches)
            .map(|((column, place), branch)| self.cell(*place, bold(9.0), &column.title, *branch))
            .collect();
        let mut slices = row_of(&cells, bold(9.0).line(1.0));
        pad(&mut slices, CELL.1);
        slices.iter_mut().for_each(|slice| behind(slice, self.accent.tint(15)));
        if let Some(first) = slices.first_mut() {
            first.paint.push(Paint::Fill { x: LEFT, y: 0.0, width: WIDTH, height: 0.75, ink: self.accent });
        }
        under(&mut slices, 0.0, 0.75, self.accent);
        slices
    }

    fn body_row(&mut self, row: &Row, places: &[(f32, f32)], body: Branch, last: bool) -> Vec<Slice> {
        let branch = self.story.tree.grow(Some(body), Tag::TR);
        let mut cells = Vec::with_capacity(places.len());
        for (cell, place) in row.cells.iter().zip(places) {
            let branch = self.story.tree.grow(Some(branch), Tag::TD);
            cells.push(self.cell(*place, marked(cell), &cell.text, Some(branch)));
        }
        let mut slices = row_of(&cells, regular(9.0).line(1.0));
        pad(&mut slices, CELL.1);
        let (thick, ink) = if last { (0.75, self.accent) } else { (0.5, HAIRLINE) };
        under(&mut slices, 0.0, thick, ink);
        slices
    }

    fn end_table(&mut self) {
        if let Some(last) = self.story.pieces.last_mut() {
            last.below = 8.0;
        }
    }

    fn cell(&self, (x, width): (f32, f32), hand: Hand, text: &str, branch: Option<Branch>) -> Cut {
        self.cut(x + CELL.0, width - 2.0 * CELL.0, hand, text, branch)
    }

    fn cut(&self, x: f32, width: f32, hand: Hand, text: &str, branch: Option<Branch>) -> Cut {
        let lines = if text.is_empty() { Vec::new() } else { wrap(self.faces, &[(hand, text)], width) };
        Cut { x, lines, branch }
    }

    fn slices(&self, style: Style, runs: &[(Hand, &str)], branch: Option<Branch>) -> Vec<Slice> {
        let height = style.hand.line(style.spread);
        let lines = wrap(self.faces, runs, WIDTH - style.indent);
        let slice = |line: &Line| {
            let mut paint = Vec::new();
            set(&mut paint, LEFT + style.indent, 0.0, height, line, branch);
            Slice { height, paint }
        };
        lines.iter().map(slice).collect()
    }
}

fn regular(size: f32) -> Hand {
    Hand { weight: Weight::Regular, size, ink: BLACK }
}

fn bold(size: f32) -> Hand {
    Hand { weight: Weight::Bold, size, ink: BLACK }
}

fn marked(cell: &Cell) -> Hand {
    match cell.mark {
        Some(Mark::Overdue) => Hand { ink: ALARM, ..bold(9.0) },
        Some(Mark::Subject) => bold(9.0),
        None => regular(9.0),
    }
}

/// Sets a line of text into a line of this height.
pub(super) fn set(paint: &mut Vec<Paint>, x: f32, y: f32, height: f32, line: &Line, branch: Option<Branch>) {
    for Segment { x: along, hand, text } in line {
        // Half of the room left over stands above the letters.
        let baseline = y + (height - (ASCENT + DESCENT) * hand.size) / 2.0 + ASCENT * hand.size;
        paint.push(Paint::Text { x: x + along, baseline, hand: *hand, text: text.clone(), branch });
    }
}

/// The cells of a row side by side, line by line.
fn row_of(cells: &[Cut], line: f32) -> Vec<Slice> {
    let most = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(0).max(1);
    let mut slices: Vec<Slice> = (0..most).map(|_| Slice { height: line, paint: Vec::new() }).collect();
    for cell in cells {
        for (slice, text) in slices.iter_mut().zip(&cell.lines) {
            set(&mut slice.paint, cell.x, 0.0, line, text, cell.branch);
        }
        if let (true, Some(branch), Some(first)) = (cell.lines.is_empty(), cell.branch, slices.first_mut()) {
            first.paint.push(Paint::Nothing { branch });
        }
    }
    slices
}

/// Room above the first slice and under the last.
fn pad(slices: &mut [Slice], room: f32) {
    if let Some(first) = slices.first_mut() {
        first.paint.iter_mut().for_each(|paint| paint.lower(room));
        first.height += room;
    }
    if let Some(last) = slices.last_mut() {
        last.height += room;
    }
}

/// A colour behind a slice.
fn behind(slice: &mut Slice, ink: Rgb) {
    slice.paint.insert(0, Paint::Fill { x: LEFT, y: 0.0, width: WIDTH, height: slice.height, ink });
}

/// A rule under the last slice.
fn under(slices: &mut [Slice], room: f32, thick: f32, ink: Rgb) {
    if let Some(last) = slices.last_mut() {
        last.paint.push(Paint::Fill { x: LEFT, y: last.height + room, width: WIDTH, height: thick, ink });
        last.height += room + thick;
    }
}

/// Where each column stands and how wide it is, by the columns' own proportions; by equal shares where one would be too
/// narrow for a word.
#[expect(clippy::cast_precision_loss, reason = "a width is a small number")]
fn places(columns: &[Column]) -> Vec<(f32, f32)> {
    let count = columns.len().max(1) as f32;
    let total = columns.iter().map(|column| column.width as f32).sum::<f32>().max(1.0);
    let mut widths: Vec<f32> = columns.iter().map(|column| WIDTH * column.width as f32 / total).collect();
    if widths.iter().any(|width| *width < NARROWEST) {
        let least = NARROWEST.min(WIDTH / count);
        widths.iter_mut().for_each(|width| *width = least + *width * (WIDTH - least * count) / WIDTH);
    }
    let mut x = LEFT;
    widths
        .into_iter()
        .map(|width| {
            let place = (x, width);
            x += width;
            place
        })
        .collect()
}

impl Paint {
    /// Moves it down.
    pub(super) fn lower(&mut self, by: f32) {
        match self {
            Self::Text { baseline: y, .. } | Self::Fill { y, .. } | Self::Logo { y, .. } => *y += by,
            Self::Nothing { .. } => {}
        }
    }
}

impl Slice {
    /// The same once more, for another page.
    pub(super) fn again(&self) -> Self {
        let paint = self.paint.iter().filter_map(Paint::again).collect();
        Self { height: self.height, paint }
    }
}

impl Paint {
    fn again(&self) -> Option<Self> {
        match self {
            Self::Text { x, baseline, hand, text, branch } => {
                Some(Self::Text { x: *x, baseline: *baseline, hand: *hand, text: text.clone(), branch: *branch })
            }
            Self::Fill { x, y, width, height, ink } => {
                Some(Self::Fill { x: *x, y: *y, width: *width, height: *height, ink: *ink })
            }
            Self::Logo { .. } | Self::Nothing { .. } => None,
        }
    }
}
