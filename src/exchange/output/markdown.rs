//! A document as Markdown that reads well as it is: tables are padded, and no free text can become a heading,
//! a rule, a link, a list or a piece of HTML.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::document::{Block, Cell, Column, Document, Fact, Mark, Row};
use super::recipient::Permitted;

/// Cells wider than this do not widen their column; their row is longer than the others.
const PAD_LIMIT: usize = 40;

/// The document as Markdown (CommonMark with pipe tables).
pub fn render(document: Permitted<'_, Document>) -> String {
    let document = document.what();
    let mut out = String::new();
    let _ = writeln!(out, "# {}\n", one_line(&document.title));
    for notice in &document.notices {
        let _ = writeln!(out, "**{}**\n", one_line(notice));
    }
    let _ = writeln!(out, "*{}*\n", one_line(&document.confidentiality));
    facts(&mut out, &document.meta);
    for it in &document.blocks {
        block(&mut out, it);
    }
    out.push_str("---\n\n");
    let _ = writeln!(out, "{} · {}", one_line(&document.team), one_line(&document.confidentiality));
    if let Some(foot) = &document.foot {
        let _ = writeln!(out, "\n{}", one_line(foot));
    }
    out
}

fn block(out: &mut String, block: &Block) {
    match block {
        Block::Heading { level, text } => {
            let marks = "#".repeat(usize::from(*level).clamp(1, 5) + 1);
            let _ = writeln!(out, "{marks} {}\n", one_line(text));
        }
        Block::Paragraph { text } => {
            let _ = writeln!(out, "{}\n", paragraphs(text));
        }
        Block::Labelled { label, text, .. } => {
            let _ = writeln!(out, "**{}:** {}\n", one_line(label), paragraphs(text));
        }
        Block::Facts { facts: list } => facts(out, list),
        Block::List { items } => {
            for item in items {
                let _ = writeln!(out, "- {}", one_line(item));
            }
            out.push('\n');
        }
        Block::Table { columns, rows } => table(out, columns, rows),
    }
}

fn facts(out: &mut String, facts: &[Fact]) {
    for fact in facts {
        let _ = writeln!(out, "- **{}:** {}", one_line(&fact.label), one_line(&fact.text));
    }
    out.push('\n');
}

fn table(out: &mut String, columns: &[Column], rows: &[Row]) {
    let head: Vec<String> = columns.iter().map(|column| one_line(&column.title)).collect();
    let body: Vec<Vec<String>> = rows.iter().map(|row| row.cells.iter().map(cell).collect()).collect();
    let widths: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(n, title)| {
            let widest = body.iter().filter_map(|row| row.get(n)).map(|cell| cell.width()).max().unwrap_or(0);
            widest.min(PAD_LIMIT).max(title.width()).max(3)
        })
        .collect();
    row(out, &head, &widths);
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    row(out, &rule, &widths);
    for cells in &body {
        row(out, cells, &widths);
    }
    out.push('\n');
}

fn row(out: &mut String, cells: &[String], widths: &[usize]) {
    for (cell, width) in cells.iter().zip(widths) {
        let _ = write!(out, "| {cell}{} ", " ".repeat(width.saturating_sub(cell.width())));
    }
    out.push_str("|\n");
}

fn cell(cell: &Cell) -> String {
    let text = cell.text.split('\n').map(escape).collect::<Vec<_>>().join("<br>");
    match cell.mark {
        Some(Mark::Overdue) => format!("**{text}**"),
        Some(Mark::Subject) | None => text,
    }
}

/// Text on one line of Markdown; line breaks become `<br>`.
fn one_line(text: &str) -> String {
    text.split('\n').map(|line| escape(line.trim())).collect::<Vec<_>>().join("<br>")
}

/// Text of several lines: blank lines part paragraphs, a backslash keeps the other breaks.
fn paragraphs(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.split('\n').map(str::trim).peekable();
    while let Some(line) = lines.next() {
        out.push_str(&escape(line));
        match lines.peek() {
            None => {}
            Some(next) if next.is_empty() || line.is_empty() => out.push('\n'),
            Some(_) => out.push_str("\\\n"),
        }
    }
    out
}

/// The line with everything that Markdown or HTML would take for its own made literal.
pub fn escape(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    for (at, c) in line.char_indices() {
        let starts = at == 0 && matches!(c, '#' | '-' | '+' | '=' | ':');
        let numbers = digits > 0 && at == digits && matches!(c, '.' | ')');
        let always = matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '!' | '$');
        if starts || numbers || (always && !is_plain(line, at, c)) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Marks that mean nothing where they stand: `!` not before a bracket, `&` and `~` and `_` between blanks.
fn is_plain(line: &str, at: usize, c: char) -> bool {
    let next = line.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
    match c {
        '!' => next != Some('['),
        '&' => next.is_none_or(|next| next == ' '),
        _ => false,
    }
}
