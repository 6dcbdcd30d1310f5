//! A document as lines of plain text: the preview on a screen, and the text file.
//!
//! Widths are measured, not counted; a word too long for its line is broken between characters, and never lost.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::document::{Block, Column, Document, Fact, Mark, Row};
use super::recipient::Permitted;

/// Columns of the text file.
const FILE_WIDTH: usize = 100;
/// Columns between two cells of a table.
const GAP: usize = 2;
/// A column is not narrower than its longest word, up to this; longer words are broken.
const LONGEST_WORD: usize = 16;

/// What a line is, so that a screen can dress it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineStyle {
    /// The title.
    Title,
    /// What must be known first: draft, demo.
    Notice,
    /// A heading.
    Heading,
    /// Text.
    Text,
    /// A line that begins with a label; the label is as wide as [`PreviewLine::label`] says.
    Label,
    /// The header row of a table.
    TableHead,
    /// A row of a table.
    Table,
    /// A row of a table with something past its day in it.
    Overdue,
    /// The foot.
    Foot,
}

/// One line of a preview, no wider than was asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct PreviewLine {
    /// What it is.
    pub style: LineStyle,
    /// The text, without a line break.
    pub text: String,
    /// How many bytes of the text, from the left, are its label.
    pub label: usize,
}

/// The document as a text file.
pub fn render(document: Permitted<'_, Document>) -> String {
    let mut out = String::new();
    for line in lines(document.what(), FILE_WIDTH) {
        out.push_str(line.text.trim_end());
        out.push('\n');
    }
    out
}

/// A document without the head and foot of a page, to be pasted into another text: title, notices, what it says, seal.
pub fn block(document: Permitted<'_, Document>, width: usize) -> String {
    let mut out = String::new();
    for line in block_lines(document.what(), width) {
        out.push_str(line.text.trim_end());
        out.push('\n');
    }
    out
}

/// The same as lines of at most `width` columns.
pub fn block_lines(document: &Document, width: usize) -> Vec<PreviewLine> {
    let mut page = Page { width: width.max(2), lines: Vec::new() };
    page.text(LineStyle::Title, &document.title);
    for notice in &document.notices {
        page.text(LineStyle::Notice, notice);
    }
    page.blank();
    for block in &document.blocks {
        page.block(block);
    }
    page.blank();
    if let Some(foot) = &document.foot {
        page.text(LineStyle::Foot, foot);
    }
    page.lines
}

/// The document as lines of at most `width` columns (at least two: the widest characters need them).
pub fn lines(document: &Document, width: usize) -> Vec<PreviewLine> {
    let mut page = Page { width: width.max(2), lines: Vec::new() };
    page.text(LineStyle::Title, &document.title);
    for notice in &document.notices {
        page.text(LineStyle::Notice, notice);
    }
    page.text(LineStyle::Text, &document.confidentiality);
    page.blank();
    page.facts(&document.meta);
    for block in &document.blocks {
        page.block(block);
    }
    page.blank();
    page.text(LineStyle::Foot, &format!("{} · {}", document.team, document.confidentiality));
    if let Some(foot) = &document.foot {
        page.text(LineStyle::Foot, foot);
    }
    page.lines
}

struct Page {
    width: usize,
    lines: Vec<PreviewLine>,
}

impl Page {
    fn push(&mut self, style: LineStyle, text: String) {
        self.lines.push(PreviewLine { style, text, label: 0 });
    }

    /// One blank line, never two.
    fn blank(&mut self) {
        if self.lines.last().is_some_and(|line| !line.text.is_empty()) {
            self.push(LineStyle::Text, String::new());
        }
    }

    fn text(&mut self, style: LineStyle, text: &str) {
        for line in wrap(text, self.width) {
            self.push(style, line);
        }
    }

    /// Facts joined by ` · `, broken before one where it has room on a line of its own: a number is not torn apart.
    fn parts(&mut self, style: LineStyle, text: &str) {
        let mut line = String::new();
        for (n, part) in text.split(" · ").enumerate() {
            let part = if n == 0 { part.to_owned() } else { format!("· {part}") };
            if !line.is_empty() && line.width() + 1 + part.width() > self.width {
                self.text(style, &std::mem::take(&mut line));
            }
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(&part);
        }
        self.text(style, &line);
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading { level, text } => {
                self.blank();
                if *level == 1 {
                    self.text(LineStyle::Heading, &text.to_uppercase());
                    let rule = "─".repeat(text.to_uppercase().width().min(self.width));
                    self.push(LineStyle::Heading, rule);
                } else {
                    self.parts(LineStyle::Heading, text);
                }
            }
            Block::Paragraph { text } => {
                self.text(LineStyle::Text, text);
                self.blank();
            }
            Block::Labelled { label, text, .. } => {
                self.labelled(label, text);
                self.blank();
            }
            Block::Facts { facts } => self.facts(facts),
            Block::List { items } => {
                for item in items {
                    self.hanging(LineStyle::Text, "- ", item);
                }
                self.blank();
            }
            Block::Table { columns, rows } => self.table(columns, rows),
        }
    }

    fn facts(&mut self, facts: &[Fact]) {
        for fact in facts {
            self.labelled(&fact.label, &fact.text);
        }
        self.blank();
    }

    fn labelled(&mut self, label: &str, text: &str) {
        let label = format!("{label}:");
        let first = self.lines.len();
        for line in wrap(&format!("{label} {text}"), self.width) {
            self.push(LineStyle::Text, line);
        }
        if let Some(line) = self.lines.get_mut(first) {
            line.style = LineStyle::Label;
            line.label = label.len().min(line.text.len());
            while !line.text.is_char_boundary(line.label) {
                line.label -= 1;
            }
        }
    }

    fn hanging(&mut self, style: LineStyle, lead: &str, text: &str) {
        let indent = lead.width().min(self.width.saturating_sub(2));
        for (n, line) in wrap(text, self.width - indent).into_iter().enumerate() {
            let before = if n == 0 { lead.to_owned() } else { " ".repeat(indent) };
            self.push(style, if indent == 0 { line } else { before + &line });
        }
    }

    fn table(&mut self, columns: &[Column], rows: &[Row]) {
        match column_widths(columns, rows, self.width) {
            Some(widths) => {
                let head: Vec<&str> = columns.iter().map(|column| column.title.as_str()).collect();
                self.row(LineStyle::TableHead, &head, &widths);
                for row in rows {
                    let cells: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
                    self.row(style_of(row), &cells, &widths);
                }
            }
            None => self.stacked(columns, rows),
        }
        self.blank();
    }

    fn row(&mut self, style: LineStyle, cells: &[&str], widths: &[usize]) {
        let wrapped: Vec<Vec<String>> = cells.iter().zip(widths).map(|(cell, width)| wrap(cell, *width)).collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
        for n in 0..height {
            let mut text = String::new();
            for (cell, width) in wrapped.iter().zip(widths) {
                let part = cell.get(n).map_or("", String::as_str);
                text.push_str(part);
                text.push_str(&" ".repeat(width.saturating_sub(part.width()) + GAP));
            }
            self.push(style, text.trim_end().to_owned());
        }
    }

    /// A table too wide for the screen: each row as labelled lines.
    fn stacked(&mut self, columns: &[Column], rows: &[Row]) {
        for row in rows {
            let style = style_of(row);
            for (column, cell) in columns.iter().zip(&row.cells).filter(|(_, cell)| !cell.text.is_empty()) {
                let first = self.lines.len();
                self.labelled(&column.title, &cell.text.replace('\n', " · "));
                for line in self.lines.iter_mut().skip(first).filter(|_| style == LineStyle::Overdue) {
                    line.style = style;
                }
            }
            self.blank();
        }
    }
}

fn style_of(row: &Row) -> LineStyle {
    if row.cells.iter().any(|cell| cell.mark == Some(Mark::Overdue)) { LineStyle::Overdue } else { LineStyle::Table }
}

/// How wide each column is: what it needs if there is room, else at least its longest word and a share of the rest
/// by the columns' own proportions. None where even the words do not fit.
fn column_widths(columns: &[Column], rows: &[Row], width: usize) -> Option<Vec<usize>> {
    let room = width.checked_sub(GAP * columns.len().saturating_sub(1))?;
    let texts = |n: usize| {
        let cells = rows.iter().filter_map(move |row| row.cells.get(n)).map(|cell| cell.text.as_str());
        std::iter::once(columns.get(n).map_or("", |column| column.title.as_str())).chain(cells)
    };
    let widest = |n: usize, parts: &[char]| {
        texts(n).flat_map(|text| text.split(parts)).map(|part| part.width()).max().unwrap_or(0)
    };
    let natural: Vec<usize> = (0..columns.len()).map(|n| widest(n, &['\n'])).collect();
    if natural.iter().sum::<usize>() <= room {
        return Some(natural);
    }
    let least: Vec<usize> = (0..columns.len()).map(|n| widest(n, &['\n', ' ']).min(LONGEST_WORD)).collect();
    let mut spare = room.checked_sub(least.iter().sum())?;
    let mut widths = least;
    // Give to the columns that are furthest below their share, a column of text at a time.
    while spare > 0 {
        let neediest = columns
            .iter()
            .zip(widths.iter_mut())
            .zip(&natural)
            .filter(|((_, width), natural)| **width < **natural)
            .min_by_key(|((column, width), _)| **width * 1_000 / (column.width as usize).max(1));
        let Some(((_, width), _)) = neediest else { break };
        *width += 1;
        spare -= 1;
    }
    Some(widths)
}

/// The text in lines of at most `width` columns, broken at blanks, or inside a word that is wider than a line.
/// Every character that is not a blank at a break stays.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut out = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut used = 0;
        for word in paragraph.split(' ') {
            let wide = word.width();
            let gap = usize::from(!line.is_empty());
            if used + gap + wide <= width {
                line.push_str(if gap == 1 { " " } else { "" });
                line.push_str(word);
                used += gap + wide;
                continue;
            }
            if !line.is_empty() {
                out.push(std::mem::take(&mut line));
            }
            used = 0;
            for grapheme in word.graphemes(true) {
                let wide = grapheme.width();
                if used + wide > width && !line.is_empty() {
                    out.push(std::mem::take(&mut line));
                    used = 0;
                }
                line.push_str(grapheme);
                used += wide;
            }
        }
        out.push(line);
    }
    out
}
