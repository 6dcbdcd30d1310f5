//! A document as a Word file: WordprocessingML (ECMA-376) written part by part and zipped.
//!
//! Everything visible comes from named styles, so that a team can change its look in Word. Header rows repeat, rows
//! do not break across pages, every page carries team, confidentiality and `Page x of y`. The same document gives
//! the same bytes; the properties name no person.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::domain::text::displayable;

use super::document::{Block, Cell, Column, Document, Fact, Mark, Row};
use super::file::NotWritten;
use super::look::{Logo, Look, Picture, held_together};
use super::recipient::Permitted;

/// Width between the margins of an A4 page, in twentieths of a point.
const TEXT_WIDTH: u32 = 9_638;
/// Width of the label column of facts.
const LABEL_WIDTH: u32 = 2_100;

const NAMESPACES: &str = r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships""#;
const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;

/// The document as the bytes of a `.docx` file.
///
/// # Errors
/// Only if the parts cannot be packed.
pub fn render(document: Permitted<'_, Document>, look: &Look) -> Result<Vec<u8>, NotWritten> {
    let document = document.what();
    let mut parts: Vec<(&str, Cow<'_, [u8]>)> = [
        ("[Content_Types].xml", CONTENT_TYPES.to_owned()),
        ("_rels/.rels", PACKAGE_LINKS.to_owned()),
        ("docProps/core.xml", core(document)),
        ("docProps/app.xml", APP.to_owned()),
        ("word/document.xml", body(document, look)),
        ("word/_rels/document.xml.rels", links(look)),
        ("word/styles.xml", styles(look)),
        ("word/numbering.xml", NUMBERING.to_owned()),
        ("word/settings.xml", SETTINGS.to_owned()),
        ("word/header1.xml", header(document)),
        ("word/footer1.xml", footer(document)),
    ]
    .map(|(name, text)| (name, Cow::Owned(text.into_bytes())))
    .into();
    if let Some(logo) = &look.logo {
        parts.push((media(logo), Cow::Borrowed(&logo.bytes)));
    }
    pack(&parts)
        .map_err(|error| NotWritten::new(format!("The Word file could not be packed: {error}. Nothing was written.")))
}

fn pack(parts: &[(&str, Cow<'_, [u8]>)]) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // One fixed date (1980) and no owner: the bytes depend on the document alone.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o600);
    for (name, bytes) in parts {
        zip.start_file(*name, options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn body(document: &Document, look: &Look) -> String {
    let mut xml = format!("{DECLARATION}<w:document {NAMESPACES}><w:body>");
    letterhead(&mut xml, look);
    paragraph(&mut xml, "Title", &document.title);
    for notice in &document.notices {
        paragraph(&mut xml, "Notice", notice);
    }
    facts(&mut xml, &document.meta);
    let mut sections = 0;
    for it in &document.blocks {
        if let Block::Heading { level: 0 | 1, text } = it {
            sections += 1;
            if document.paged && sections > 1 {
                begun_on_a_page(&mut xml, text);
                continue;
            }
        }
        block(&mut xml, it);
    }
    xml.push_str(SECTION);
    xml.push_str("</w:body></w:document>");
    xml
}

/// The sender's lines, with the logo at their right.
fn letterhead(xml: &mut String, look: &Look) {
    if look.heading.is_empty() && look.logo.is_none() {
        return;
    }
    let picture = look.logo.as_ref().map(|logo| (logo, logo.fitted()));
    let beside = picture.as_ref().map_or(0, |(_, (width, _))| whole(width * 20.0) + 240);
    let widths = [TEXT_WIDTH - beside, beside];
    open_table(xml, "Facts", widths.get(..if beside > 0 { 2 } else { 1 }).unwrap_or_default(), "0600");
    let _ = write!(
        xml,
        r#"<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc><w:tcPr><w:tcW w:w="{}" w:type="dxa"/></w:tcPr>"#,
        TEXT_WIDTH - beside
    );
    match look.heading.as_slice() {
        // A cell has a paragraph, even an empty one.
        [] => paragraph(xml, "Sender", ""),
        lines => {
            for (n, line) in lines.iter().enumerate() {
                paragraph(xml, if n == 0 { "SenderName" } else { "Sender" }, &displayable(line));
            }
        }
    }
    xml.push_str("</w:tc>");
    if let Some((logo, (width, height))) = picture {
        let _ = write!(
            xml,
            r#"<w:tc><w:tcPr><w:tcW w:w="{beside}" w:type="dxa"/></w:tcPr><w:p><w:pPr><w:pStyle w:val="Sender"/><w:jc w:val="right"/></w:pPr>"#
        );
        // A point has 12,700 of the units in which Word measures pictures.
        drawing(xml, whole(width * 12_700.0), whole(height * 12_700.0), &escape(&displayable(&logo.says)));
        xml.push_str("</w:p></w:tc>");
    }
    xml.push_str("</w:tr>");
    close_table(xml);
}

fn drawing(xml: &mut String, width: u32, height: u32, says: &str) {
    let _ = write!(
        xml,
        r#"<w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/><wp:docPr id="1" name="Logo" descr="{says}"/><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr><pic:cNvPr id="1" name="Logo" descr="{says}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="rId6"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"#
    );
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a logo is a few centimetres wide")]
fn whole(measure: f32) -> u32 {
    measure.round() as u32
}

/// Where the logo lies in the file.
fn media(logo: &Logo) -> &'static str {
    match logo.kind {
        Picture::Png => "word/media/logo.png",
        Picture::Jpeg => "word/media/logo.jpeg",
    }
}

/// The document's links to its parts, the logo's among them.
fn links(look: &Look) -> String {
    let logo = look.logo.as_ref().map(|logo| {
        format!(
            r#"<Relationship Id="rId6" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="{}"/>"#,
            media(logo).trim_start_matches("word/")
        )
    });
    format!("{DOCUMENT_LINKS}{}</Relationships>", logo.unwrap_or_default())
}

/// The styles, with the look's own accent and its tints.
fn styles(look: &Look) -> String {
    STYLES
        .replace("003A70", &look.accent.hex())
        .replace("D9E3EE", &look.accent.tint(15).hex())
        .replace("E8EEF4", &look.accent.tint(9).hex())
}

fn begun_on_a_page(xml: &mut String, heading: &str) {
    xml.push_str(r#"<w:p><w:pPr><w:pStyle w:val="Heading1"/><w:pageBreakBefore/></w:pPr>"#);
    run(xml, None, &held_together(heading));
    xml.push_str("</w:p>");
}

fn block(xml: &mut String, block: &Block) {
    match block {
        Block::Heading { level, text } => {
            paragraph(xml, &format!("Heading{}", (*level).clamp(1, 3)), &held_together(text));
        }
        Block::Paragraph { text } => paragraph(xml, "BodyText", text),
        Block::Labelled { label, text, .. } => {
            xml.push_str(r#"<w:p><w:pPr><w:pStyle w:val="Labelled"/></w:pPr>"#);
            run(xml, Some("Label"), &format!("{label}: "));
            run(xml, None, text);
            xml.push_str("</w:p>");
        }
        Block::Facts { facts: list } => facts(xml, list),
        Block::List { items } => items.iter().for_each(|item| paragraph(xml, "ListBullet", item)),
        Block::Table { columns, rows } => table(xml, columns, rows),
    }
}

fn paragraph(xml: &mut String, style: &str, text: &str) {
    let _ = write!(xml, r#"<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>"#);
    run(xml, None, text);
    xml.push_str("</w:p>");
}

fn run(xml: &mut String, style: Option<&str>, text: &str) {
    xml.push_str("<w:r>");
    if let Some(style) = style {
        let _ = write!(xml, r#"<w:rPr><w:rStyle w:val="{style}"/></w:rPr>"#);
    }
    for (n, line) in text.split('\n').enumerate() {
        if n > 0 {
            xml.push_str("<w:br/>");
        }
        let _ = write!(xml, r#"<w:t xml:space="preserve">{}</w:t>"#, escape(line));
    }
    xml.push_str("</w:r>");
}

fn facts(xml: &mut String, facts: &[Fact]) {
    if facts.is_empty() {
        return;
    }
    let widths = [LABEL_WIDTH, TEXT_WIDTH - LABEL_WIDTH];
    open_table(xml, "Facts", &widths, "0600");
    for fact in facts {
        xml.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
        cell(xml, LABEL_WIDTH, "FactLabel", None, &fact.label);
        cell(xml, TEXT_WIDTH - LABEL_WIDTH, "FactText", None, &fact.text);
        xml.push_str("</w:tr>");
    }
    close_table(xml);
}

fn table(xml: &mut String, columns: &[Column], rows: &[Row]) {
    let widths = shares(columns);
    open_table(xml, "Minutes", &widths, "0620");
    xml.push_str("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
    for (column, width) in columns.iter().zip(&widths) {
        cell(xml, *width, "TableHead", None, &column.title);
    }
    xml.push_str("</w:tr>");
    for row in rows {
        xml.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
        for (it, width) in row.cells.iter().zip(&widths) {
            cell(xml, *width, "TableText", character_style(it), &it.text);
        }
        xml.push_str("</w:tr>");
    }
    close_table(xml);
}

fn character_style(cell: &Cell) -> Option<&'static str> {
    match cell.mark {
        Some(Mark::Overdue) => Some("Overdue"),
        Some(Mark::Subject) => Some("Subject"),
        None => None,
    }
}

fn open_table(xml: &mut String, style: &str, widths: &[u32], look: &str) {
    let first_row = u8::from(look == "0620");
    let _ = write!(
        xml,
        r#"<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{TEXT_WIDTH}" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblLook w:val="{look}" w:firstRow="{first_row}" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>"#
    );
    for width in widths {
        let _ = write!(xml, r#"<w:gridCol w:w="{width}"/>"#);
    }
    xml.push_str("</w:tblGrid>");
}

/// A paragraph must follow a table, or Word joins it with the next one.
fn close_table(xml: &mut String) {
    xml.push_str(r#"</w:tbl><w:p><w:pPr><w:pStyle w:val="AfterTable"/></w:pPr></w:p>"#);
}

fn cell(xml: &mut String, width: u32, style: &str, character: Option<&str>, text: &str) {
    let _ = write!(
        xml,
        r#"<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>"#
    );
    run(xml, character, text);
    xml.push_str("</w:p></w:tc>");
}

/// The width of the text shared out by the columns' own proportions; the last takes what rounding leaves.
fn shares(columns: &[Column]) -> Vec<u32> {
    let total = columns.iter().map(|column| column.width).sum::<u32>().max(1);
    let mut widths: Vec<u32> = columns.iter().map(|column| TEXT_WIDTH * column.width / total).collect();
    let rest = TEXT_WIDTH.saturating_sub(widths.iter().sum());
    if let Some(last) = widths.last_mut() {
        *last += rest;
    }
    widths
}

fn header(document: &Document) -> String {
    let mut xml = format!("{DECLARATION}<w:hdr {NAMESPACES}>");
    let mut line = document.team.clone();
    line.push_str(" · ");
    line.push_str(&document.title);
    for notice in &document.notices {
        line.push_str(" · ");
        line.push_str(notice);
    }
    paragraph(&mut xml, "Header", &line);
    paragraph(&mut xml, "Confidentiality", &document.confidentiality);
    xml.push_str("</w:hdr>");
    xml
}

fn footer(document: &Document) -> String {
    let mut xml = format!(r#"{DECLARATION}<w:ftr {NAMESPACES}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>"#);
    run(&mut xml, None, document.foot.as_deref().unwrap_or_default());
    xml.push_str("<w:r><w:tab/></w:r>");
    run(&mut xml, None, "Page ");
    field(&mut xml, "PAGE");
    run(&mut xml, None, " of ");
    field(&mut xml, "NUMPAGES");
    xml.push_str("</w:p></w:ftr>");
    xml
}

fn field(xml: &mut String, name: &str) {
    let _ = write!(
        xml,
        r#"<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> {name} </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>"#
    );
}

/// Title and language; no author, no date, nobody's name.
fn core(document: &Document) -> String {
    format!(
        r#"{DECLARATION}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title><dc:language>en-GB</dc:language></cp:coreProperties>"#,
        escape(&format!("{} – {}", document.team, document.title))
    )
}

/// Text for an XML element. Displayable text has no control characters; the two that XML forbids beyond them are replaced.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c < ' ' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A4, 2 cm margins, the header and the footer.
const SECTION: &str = r#"<w:sectPr><w:headerReference w:type="default" r:id="rId4"/><w:footerReference w:type="default" r:id="rId5"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1531" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>"#;

const CONTENT_TYPES: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">"#,
    r#"<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/><Default Extension="jpeg" ContentType="image/jpeg"/>"#,
    r#"<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>"#,
    r#"<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>"#,
    r#"<Override PartName="/word/numbering.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/>"#,
    r#"<Override PartName="/word/settings.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/>"#,
    r#"<Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/>"#,
    r#"<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/>"#,
    r#"<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>"#,
    r#"<Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/></Types>"#
);

const PACKAGE_LINKS: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
    r#"<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>"#,
    r#"<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>"#,
    r#"<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties" Target="docProps/app.xml"/></Relationships>"#
);

/// Without its end: the logo's may follow.
const DOCUMENT_LINKS: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
    r#"<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>"#,
    r#"<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering" Target="numbering.xml"/>"#,
    r#"<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/settings" Target="settings.xml"/>"#,
    r#"<Relationship Id="rId4" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/header" Target="header1.xml"/>"#,
    r#"<Relationship Id="rId5" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer1.xml"/>"#
);

const APP: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">"#,
    "<Application>mdt</Application></Properties>"
);

const SETTINGS: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:settings xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">"#,
    r#"<w:defaultTabStop w:val="567"/><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>"#,
    r#"<w:themeFontLang w:val="en-GB"/></w:settings>"#
);

const NUMBERING: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">"#,
    r#"<w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:pStyle w:val="ListBullet"/>"#,
    r#"<w:lvlText w:val="•"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="357" w:hanging="357"/></w:pPr></w:lvl></w:abstractNum>"#,
    r#"<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"#
);

const STYLES: &str = include_str!("docx_styles.xml");
