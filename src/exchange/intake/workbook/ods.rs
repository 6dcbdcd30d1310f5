//! OpenDocument spreadsheets, straight from `content.xml`.
//!
//! Repeated cells and rows stay a count until something in them is to be kept, so a million empty rows cost nothing and a
//! million filled ones meet the grid's limit.

use std::io::{BufRead, BufReader, Cursor};

use quick_xml::events::{BytesStart, Event};

use super::grid::{CELL_MAX, Grid, Total};
use super::guard::{CELL_TOO_LONG, DAMAGED, Fault, PASSWORD, TOO_MANY_ITEMS, Xml, Zip, attribute};
use super::value;
use super::{CellKind, Sheet};

/// How every OpenDocument file's `mimetype` begins.
pub(super) const MIMETYPE_STEM: &[u8] = b"application/vnd.oasis.opendocument.";

const SHEETS_MAX: usize = 1_000;

pub(super) struct Ods {
    bytes: Vec<u8>,
}

impl Ods {
    /// Opens a file that `guard::package` has passed.
    pub(super) fn open(bytes: Vec<u8>) -> Result<(Vec<Sheet>, Ods), Fault> {
        let mut zip = Zip::new(Cursor::new(&bytes)).map_err(|_| DAMAGED)?;
        // Looked for before the content, which is no XML while it is encrypted.
        if encrypted(&mut zip)? {
            return Err(PASSWORD);
        }
        let sheets = Content::new(&mut zip)?.sheets()?;
        Ok((sheets, Ods { bytes }))
    }

    pub(super) fn read(&mut self, index: usize, grid: &mut Grid) -> Result<(), Fault> {
        let mut zip = Zip::new(Cursor::new(&self.bytes)).map_err(|_| DAMAGED)?;
        Content::new(&mut zip)?.read(index, grid)
    }
}

fn encrypted(zip: &mut Zip) -> Result<bool, Fault> {
    let Ok(part) = zip.by_name("META-INF/manifest.xml") else { return Ok(false) };
    // Without the checks on XML: OpenOffice 2 wrote a document type into this part, and nothing else is read from it.
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|_| DAMAGED)? {
            Event::Start(e) | Event::Empty(e) if e.local_name().as_ref() == "encryption-data" => return Ok(true),
            Event::Eof => return Ok(false),
            _ => {}
        }
    }
}

struct Content<R> {
    xml: Xml<R>,
    buffer: Vec<u8>,
}

impl<'z> Content<Box<dyn BufRead + 'z>> {
    fn new(zip: &'z mut Zip<'_>) -> Result<Self, Fault> {
        let part = zip.by_name("content.xml").map_err(|_| DAMAGED)?;
        Ok(Content { xml: Xml::new(Box::new(BufReader::new(part))), buffer: Vec::new() })
    }
}

/// One cell as it is gathered.
struct Gathered {
    repeats: u32,
    value: Option<(String, CellKind)>,
    error: bool,
    text: String,
    paragraphs: usize,
    /// Whether white space to come would only double what is there, or begin the paragraph.
    after_space: bool,
}

impl<R: BufRead> Content<R> {
    /// The sheets, measured in the same pass, since each pass begins at the first of them.
    fn sheets(&mut self) -> Result<Vec<Sheet>, Fault> {
        let mut sheets = Vec::new();
        let mut hidden_styles = std::collections::HashSet::new();
        let mut style = None;
        let mut total = Total::default();
        loop {
            match self.xml.next(&mut self.buffer)? {
                Event::Start(e) => match e.name().as_ref() {
                    "style:style" => style = attribute(&e, "style:name")?,
                    "style:table-properties" if attribute(&e, "table:display")?.as_deref() == Some("false") => {
                        hidden_styles.extend(style.take());
                    }
                    "table:table" => {
                        if sheets.len() >= SHEETS_MAX {
                            return Err(TOO_MANY_ITEMS);
                        }
                        let style = attribute(&e, "table:style-name")?.unwrap_or_default();
                        let name = attribute(&e, "table:name")?.unwrap_or_default();
                        let mut grid = Grid::measuring();
                        self.table(&mut grid)?;
                        let rows = total.add(&grid)?;
                        sheets.push(Sheet { name, rows, hidden: hidden_styles.contains(&style) });
                    }
                    _ => {}
                },
                Event::Eof => return Ok(sheets),
                _ => {}
            }
        }
    }

    fn read(&mut self, index: usize, grid: &mut Grid) -> Result<(), Fault> {
        self.find(index)?;
        self.table(grid)
    }

    /// Reads a table to its end.
    fn table(&mut self, grid: &mut Grid) -> Result<(), Fault> {
        let mut row = 0_u32;
        loop {
            match self.xml.next(&mut self.buffer)? {
                Event::Start(e) => match e.name().as_ref() {
                    "table:table-row" => {
                        let repeats = repeated(&e, "table:number-rows-repeated")?;
                        self.row(row, repeats, grid)?;
                        row = row.saturating_add(repeats);
                    }
                    // Pictures and their captions, which have paragraphs of their own; a hidden copy of linked data.
                    "table:shapes" | "office:forms" | "table:table" => self.skip()?,
                    _ => {}
                },
                Event::End(e) if e.name().as_ref() == "table:table" => return Ok(()),
                Event::Eof => return Err(DAMAGED),
                _ => {}
            }
        }
    }

    /// Goes on to just after the start of one table, not counting tables within tables.
    fn find(&mut self, index: usize) -> Result<(), Fault> {
        let mut before = index;
        loop {
            match self.xml.next(&mut self.buffer)? {
                Event::Start(e) if e.name().as_ref() == "table:table" => {
                    if before == 0 {
                        return Ok(());
                    }
                    before -= 1;
                    self.skip()?;
                }
                Event::Eof => return Err(DAMAGED),
                _ => {}
            }
        }
    }

    /// Goes on to after the end of the element just begun.
    fn skip(&mut self) -> Result<(), Fault> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.xml.next(&mut self.buffer)? {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Eof => return Err(DAMAGED),
                _ => {}
            }
        }
        Ok(())
    }

    fn row(&mut self, row: u32, rows: u32, grid: &mut Grid) -> Result<(), Fault> {
        let mut column = 0_u32;
        loop {
            match self.xml.next(&mut self.buffer)? {
                Event::Start(e) => match e.name().as_ref() {
                    "table:table-cell" => {
                        let mut cell = Gathered::begin(&e)?;
                        self.cell(&mut cell)?;
                        let (repeats, text, kind) = cell.finish();
                        if !text.is_empty() {
                            for row in row..row.saturating_add(rows) {
                                for column in column..column.saturating_add(repeats) {
                                    grid.put(row, column, &text, kind)?;
                                }
                            }
                        }
                        column = column.saturating_add(repeats);
                    }
                    // Under a merged cell; what it held before is not shown.
                    "table:covered-table-cell" => {
                        column = column.saturating_add(repeated(&e, "table:number-columns-repeated")?);
                        self.skip()?;
                    }
                    _ => self.skip()?,
                },
                Event::End(_) => return Ok(()),
                Event::Eof => return Err(DAMAGED),
                _ => {}
            }
        }
    }

    /// Gathers a cell's text to the end of the cell.
    fn cell(&mut self, cell: &mut Gathered) -> Result<(), Fault> {
        let mut depth = 1_usize;
        let mut paragraph = 0_usize;
        while depth > 0 {
            match self.xml.next(&mut self.buffer)? {
                Event::Start(e) => match e.name().as_ref() {
                    "text:p" => {
                        depth += 1;
                        paragraph += 1;
                        if cell.paragraphs > 0 {
                            cell.push("\n")?;
                        }
                        cell.paragraphs += 1;
                        cell.after_space = true;
                    }
                    "text:s" => {
                        depth += 1;
                        let count =
                            attribute(&e, "text:c")?.map_or(Ok(1), |c| c.parse::<usize>()).map_err(|_| DAMAGED)?;
                        if count > CELL_MAX {
                            return Err(CELL_TOO_LONG);
                        }
                        cell.push(&" ".repeat(count))?;
                    }
                    "text:tab" => {
                        depth += 1;
                        cell.push("\t")?;
                    }
                    "text:line-break" => {
                        depth += 1;
                        cell.push("\n")?;
                        cell.after_space = true;
                    }
                    // Spans and links of the text itself; comments, drawings and tables in the cell are not its value.
                    name if name.starts_with("text:") => depth += 1,
                    _ => self.skip()?,
                },
                Event::End(e) => {
                    depth -= 1;
                    if e.name().as_ref() == "text:p" {
                        paragraph = paragraph.saturating_sub(1);
                    }
                }
                Event::Text(text) if paragraph > 0 => cell.push_text(&text.xml10_content())?,
                Event::CData(text) if paragraph > 0 => cell.push_text(&text.xml10_content())?,
                Event::GeneralRef(name) if paragraph > 0 => {
                    let known = quick_xml::escape::resolve_predefined_entity(&name).map(str::to_string);
                    let character = name.resolve_char_ref().map_err(|_| DAMAGED)?;
                    let text = known.or(character.map(String::from)).ok_or(DAMAGED)?;
                    cell.push(&text)?;
                }
                Event::Eof => return Err(DAMAGED),
                _ => {}
            }
        }
        Ok(())
    }
}

fn repeated(element: &BytesStart<'_>, name: &str) -> Result<u32, Fault> {
    attribute(element, name)?.map_or(Ok(1), |count| count.parse().map_err(|_| DAMAGED))
}

impl Gathered {
    fn begin(element: &BytesStart<'_>) -> Result<Gathered, Fault> {
        let mut cell = Gathered {
            repeats: repeated(element, "table:number-columns-repeated")?,
            value: None,
            error: false,
            text: String::new(),
            paragraphs: 0,
            after_space: true,
        };
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| DAMAGED)?;
            let name = attribute.key;
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_err(|_| DAMAGED)?;
            match name.as_ref() {
                "office:value" => cell.value = Some(value::number(value.trim().parse().map_err(|_| DAMAGED)?)),
                "office:date-value" => cell.value = Some(value::iso(&value)),
                "office:time-value" => cell.value = Some((value::iso_duration(&value), CellKind::Text)),
                "office:boolean-value" => {
                    cell.value = Some((value.to_ascii_uppercase(), CellKind::Bool));
                }
                "office:string-value" => cell.value = Some((value.into_owned(), CellKind::Text)),
                "calcext:value-type" => cell.error = value.as_ref() == "error",
                _ => {}
            }
        }
        Ok(cell)
    }

    fn push(&mut self, text: &str) -> Result<(), Fault> {
        if self.text.len() + text.len() > CELL_MAX {
            return Err(CELL_TOO_LONG);
        }
        self.text.push_str(text);
        self.after_space = false;
        Ok(())
    }

    /// Text between tags, in which any run of white space stands for one space.
    fn push_text(&mut self, text: &str) -> Result<(), Fault> {
        let mut plain = String::with_capacity(text.len());
        for c in text.chars() {
            let space = matches!(c, ' ' | '\t' | '\r' | '\n');
            if !(space && self.after_space) {
                plain.push(if space { ' ' } else { c });
            }
            self.after_space = space;
        }
        let after_space = self.after_space;
        self.push(&plain)?;
        self.after_space = after_space;
        Ok(())
    }

    /// How often the cell stands there, and what it says: its value where it has one, else its text; an error's text.
    fn finish(self) -> (u32, String, CellKind) {
        match self.value {
            _ if self.error => (self.repeats, self.text, CellKind::Error),
            // LibreOffice saves TRUE() as the number 1, shown as TRUE.
            Some((_, CellKind::Number)) if matches!(self.text.as_str(), "TRUE" | "FALSE") => {
                (self.repeats, self.text, CellKind::Bool)
            }
            Some((text, kind)) => (self.repeats, text, kind),
            None => (self.repeats, self.text, CellKind::Text),
        }
    }
}
