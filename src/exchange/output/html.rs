//! A document as one page for a browser: nothing is fetched, nothing runs, and no text can become markup.
//!
//! The page says so itself, in a content security policy that allows its own styles and the logo, which is part of the
//! page. Printed on A4 it looks as the Word file does: header rows repeat, rows do not break, a heading stays with what
//! follows, and every sheet carries confidentiality line, seal and `Page x of y` where the browser knows how.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::text::displayable;

use super::document::{Block, Cell, Column, Document, Fact, Mark, Row};
use super::look::{Look, held_together};
use super::recipient::Permitted;

const STYLES: &str = include_str!("html_styles.css");

/// The document as an HTML page. It is well-formed XML too.
pub fn render(document: Permitted<'_, Document>, look: &Look) -> String {
    let document = document.what();
    let mut out = head(document, look);
    out.push_str("<header>\n");
    letterhead(&mut out, look);
    let _ = writeln!(out, r#"<p class="team">{}</p>"#, escape(&document.team));
    let _ = writeln!(out, r#"<p class="confidential">{}</p>"#, escape(&document.confidentiality));
    let _ = writeln!(out, "<h1>{}</h1>", lines(&document.title));
    for notice in &document.notices {
        let _ = writeln!(out, r#"<p class="notice"><strong>{}</strong></p>"#, lines(notice));
    }
    out.push_str(if document.paged { "</header>\n<main class=\"paged\">\n" } else { "</header>\n<main>\n" });
    facts(&mut out, &document.meta);
    for it in &document.blocks {
        block(&mut out, it);
    }
    out.push_str("</main>\n<footer>\n");
    if let Some(foot) = &document.foot {
        let _ = writeln!(out, "<p>{}</p>", lines(foot));
    }
    let _ = writeln!(out, "<p>{} · {}</p>", escape(&document.team), escape(&document.confidentiality));
    out.push_str("</footer>\n</body>\n</html>\n");
    out
}

/// All that stands before the page begins to speak.
fn head(document: &Document, look: &Look) -> String {
    let styles = STYLES
        .replace("003A70", &look.accent.hex())
        .replace("D9E3EE", &look.accent.tint(15).hex())
        .replace("E8EEF4", &look.accent.tint(9).hex())
        .replace("CONFIDENTIALITY", &style_text(&document.confidentiality))
        .replace("SEAL", &style_text(document.foot.as_deref().unwrap_or_default()));
    format!(
        r#"<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/>
<meta name="robots" content="noindex, nofollow, noarchive"/>
<meta name="referrer" content="no-referrer"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no"/>
<title>{} – {}</title>
<style>
{styles}</style>
</head>
<body>
"#,
        escape(&document.team),
        escape(&document.title)
    )
}

/// The sender's lines, with the logo at their right.
fn letterhead(out: &mut String, look: &Look) {
    if look.heading.is_empty() && look.logo.is_none() {
        return;
    }
    out.push_str("<div class=\"sender\">\n<address>");
    for (n, line) in look.heading.iter().enumerate() {
        let line = escape(&displayable(line));
        let _ = if n == 0 { write!(out, "<strong>{line}</strong>") } else { write!(out, "<br/>{line}") };
    }
    out.push_str("</address>\n");
    if let Some(logo) = &look.logo {
        let (width, height) = logo.fitted();
        let _ = writeln!(
            out,
            r#"<img src="data:{};base64,{}" alt="{}" style="width:{width:.1}pt;height:{height:.1}pt"/>"#,
            logo.kind.media_type(),
            STANDARD.encode(&logo.bytes),
            escape(&displayable(&logo.says))
        );
    }
    out.push_str("</div>\n");
}

fn block(out: &mut String, block: &Block) {
    match block {
        Block::Heading { level, text } => {
            let level = (*level).clamp(1, 3) + 1;
            let _ = writeln!(out, "<h{level}>{}</h{level}>", lines(&held_together(text)));
        }
        Block::Paragraph { text } => {
            let _ = writeln!(out, "<p>{}</p>", lines(text));
        }
        Block::Labelled { label, text, .. } => {
            let _ = writeln!(out, r#"<p><span class="label">{}:</span> {}</p>"#, lines(label), lines(text));
        }
        Block::Facts { facts: list } => facts(out, list),
        Block::List { items } => list(out, items),
        Block::Table { columns, rows } => table(out, columns, rows),
    }
}

fn facts(out: &mut String, facts: &[Fact]) {
    if facts.is_empty() {
        return;
    }
    out.push_str("<dl>\n");
    for fact in facts {
        let _ = writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", lines(&fact.label), lines(&fact.text));
    }
    out.push_str("</dl>\n");
}

fn list(out: &mut String, items: &[String]) {
    // A list without items is no list.
    if items.is_empty() {
        return;
    }
    out.push_str("<ul>\n");
    for item in items {
        let _ = writeln!(out, "<li>{}</li>", lines(item));
    }
    out.push_str("</ul>\n");
}

fn table(out: &mut String, columns: &[Column], rows: &[Row]) {
    let total: u64 = columns.iter().map(|column| u64::from(column.width)).sum::<u64>().max(1);
    out.push_str("<div class=\"table\">\n<table>\n<colgroup>");
    for column in columns {
        let _ = write!(out, r#"<col style="width:{}%"/>"#, u64::from(column.width) * 100 / total);
    }
    out.push_str("</colgroup>\n<thead>\n<tr>");
    for column in columns {
        let _ = write!(out, r#"<th scope="col">{}</th>"#, lines(&column.title));
    }
    out.push_str("</tr>\n</thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for (it, _) in row.cells.iter().zip(columns) {
            cell(out, it);
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
}

fn cell(out: &mut String, cell: &Cell) {
    let text = lines(&cell.text);
    let _ = match cell.mark {
        Some(Mark::Overdue) => write!(out, r#"<td><strong class="overdue">{text}</strong></td>"#),
        Some(Mark::Subject) => write!(out, "<td><strong>{text}</strong></td>"),
        None => write!(out, "<td>{text}</td>"),
    };
}

/// Text of several lines.
fn lines(text: &str) -> String {
    escape(text).replace('\n', "<br/>")
}

/// Text for a quoted string of the styles: all but letters, digits and blanks by their numbers.
fn style_text(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == ' ' {
            out.push(c);
        } else {
            // The blank that ends a number is part of it.
            let _ = write!(out, "\\{:x} ", u32::from(c));
        }
    }
    out
}

/// Text for an element or a quoted attribute. Displayable text has no control characters; those no page may hold are replaced.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            '\n' => out.push('\n'),
            c if c < ' ' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
