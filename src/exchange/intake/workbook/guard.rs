//! What is checked before a reader is let near the file: the zip container, what its parts really expand to, and the XML
//! in them; and every sentence a refusal can say.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Cursor, Read};

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::QName;
use zip::ZipArchive;
use zip::read::ZipFile;

use super::ods::MIMETYPE_STEM;

/// What is wrong, as the words between the file's name and "Nothing was changed."
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fault(pub(super) &'static str);

pub(super) const EMPTY: Fault = Fault("is empty.");
pub(super) const FILE_TOO_LARGE: Fault =
    Fault("is larger than 20 MB. Save only the list itself in a workbook of its own.");
pub(super) const NO_WORKBOOK: Fault = Fault("is not a spreadsheet workbook (XLSX, XLS or ODS).");
pub(super) const NO_SHEETS: Fault = Fault("has no worksheet in it.");
pub(super) const NO_SUCH_SHEET: Fault = Fault("has no such sheet.");
pub(super) const SAME_NAME: Fault = Fault("has two sheets of the same name. Rename one of them.");
pub(super) const PASSWORD: Fault = Fault("is protected by a password. Save it without one.");
pub(super) const DAMAGED: Fault = Fault("is damaged and cannot be read. Get a fresh copy of it.");
pub(super) const CUT_SHORT: Fault = Fault("is incomplete: its end is missing. Get a fresh copy of it.");
pub(super) const CHECKSUM: Fault =
    Fault("is damaged: a part of it does not match its checksum. Get a fresh copy of it.");
pub(super) const SHEET_MISSING: Fault =
    Fault("is damaged: it names a sheet that is not in it. Get a fresh copy of it.");
pub(super) const TOO_MANY_PARTS: Fault = Fault("has more than 1,000 parts inside, which no ordinary list has.");
pub(super) const EXPANDS_TOO_FAR: Fault = Fault("unpacks to more than 200 MB, which no ordinary list does.");
pub(super) const PACKED_TOO_TIGHT: Fault =
    Fault("unpacks to more than 100 times its size, which no ordinary list does.");
pub(super) const SIZES_LIE: Fault = Fault("is damaged: its parts are not the size it says. Get a fresh copy of it.");
pub(super) const TOO_MANY_CELLS: Fault =
    Fault("has a sheet of more than 1,000,000 cells. Save only the rows and columns of the list in a new workbook.");
pub(super) const TOO_MANY_IN_ALL: Fault =
    Fault("has more than 5,000,000 cells in all its sheets. Save only the sheet with the list in a new workbook.");
pub(super) const TOO_MUCH_TEXT: Fault = Fault("has a sheet with more than 100 MB of text, which no ordinary list has.");
pub(super) const CELL_TOO_LONG: Fault = Fault("has a cell with more text than a spreadsheet allows.");
pub(super) const TOO_MANY_ITEMS: Fault =
    Fault("has more styles, texts or names than a spreadsheet program would save.");
pub(super) const ENTITIES: Fault =
    Fault("has a document type definition inside, which no spreadsheet program writes and which can be harmful.");
pub(super) const UNKNOWN_ERROR: Fault =
    Fault("has a cell whose error is of an unknown kind. Take the formula out of that cell and save it again.");
pub(super) const UNKNOWN_SHEET: Fault = Fault(
    "has a sheet of an unknown kind, perhaps of old macros. Save only the sheet with the list in a new workbook.",
);
pub(super) const BINARY: Fault = Fault("is a binary workbook (XLSB). Save it as an Excel workbook (.xlsx).");
pub(super) const OLD_EXCEL: Fault = Fault("was saved for Excel 95 or older. Save it as an Excel workbook (.xlsx).");
pub(super) const WORD: Fault = Fault("is a text document, not a spreadsheet.");
pub(super) const SLIDES: Fault = Fault("is a presentation, not a spreadsheet.");
pub(super) const OTHER_OPEN_DOCUMENT: Fault = Fault("is an OpenDocument file, but not a spreadsheet.");
pub(super) const PLAIN_ZIP: Fault =
    Fault("is a zip file without a workbook. Unpack it and choose the workbook itself.");
pub(super) const OTHER_COMPOUND: Fault = Fault("is an Office file, but not a spreadsheet workbook.");

/// Bytes of a file. It is held in memory whole.
pub(super) const FILE_MAX: usize = 20_000_000;
/// Parts of a zip. A workbook of fifty sheets has some two hundred.
const PARTS_MAX: usize = 1_000;
/// Unpacked bytes of all parts together.
const EXPANDED_MAX: u64 = 200_000_000;
/// How many times its packed size a part may unpack to, once it is large enough (`RATIO_FROM`) to matter: deflate reaches
/// a thousand, sheets some thirty.
const RATIO_MAX: u64 = 100;
const RATIO_FROM: u64 = 1_000_000;
/// Bytes of XML without a tag between them, since the parser holds one such piece whole.
const PIECE_MAX: u64 = 4_000_000;
/// Elements within elements: the parser remembers the name of each.
const DEPTH_MAX: usize = 200;

pub(super) type Zip<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Which reader a zip is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Package {
    Xlsx,
    Ods,
}

/// Checks a zip against every limit, by what it says and then by what it really unpacks to, and tells what is in it.
pub(super) fn package(bytes: &[u8]) -> Result<Package, Fault> {
    // The zip reader makes a record of each part it finds listed. Every one begins so, and a few more of these marks may
    // stand in workbooks embedded in the workbook.
    let listed = bytes.windows(4).filter(|mark| mark == b"PK\x01\x02").count();
    if listed > PARTS_MAX * 10 {
        return Err(TOO_MANY_PARTS);
    }
    // Without any list of parts, which is at the end, the end is missing.
    let mut zip = Zip::new(Cursor::new(bytes)).map_err(|_| if listed == 0 { CUT_SHORT } else { DAMAGED })?;
    if zip.len() > PARTS_MAX {
        return Err(TOO_MANY_PARTS);
    }
    declared_sizes(&mut zip, bytes.len() as u64)?;
    actual_sizes(&mut zip)?;
    let package = contents(&mut zip)?;
    if package == Package::Xlsx {
        check_xlsx(&mut zip)?;
    }
    Ok(package)
}

fn declared_sizes(zip: &mut Zip, file_size: u64) -> Result<(), Fault> {
    let (mut packed, mut expanded) = (0_u64, 0_u64);
    for index in 0..zip.len() {
        let part = zip.by_index_raw(index).map_err(|_| DAMAGED)?;
        if part.encrypted() {
            return Err(PASSWORD);
        }
        packed = packed.saturating_add(part.compressed_size());
        expanded = expanded.saturating_add(part.size());
        if expanded > EXPANDED_MAX {
            return Err(EXPANDS_TOO_FAR);
        }
        too_tight(part.size(), part.compressed_size())?;
    }
    // Parts that share their bytes are a way to make little unpack to much.
    if packed > file_size { Err(SIZES_LIE) } else { Ok(()) }
}

fn too_tight(expanded: u64, packed: u64) -> Result<(), Fault> {
    let tight = expanded > RATIO_FROM && expanded > packed.saturating_mul(RATIO_MAX);
    if tight { Err(PACKED_TOO_TIGHT) } else { Ok(()) }
}

/// Unpacks every part to nowhere, because the sizes a zip declares may be false. This also checks every checksum.
fn actual_sizes(zip: &mut Zip) -> Result<(), Fault> {
    let mut buffer = vec![0; 64 * 1024];
    let mut total = 0_u64;
    for index in 0..zip.len() {
        let mut part = zip.by_index(index).map_err(|_| DAMAGED)?;
        let (declared, packed) = (part.size(), part.compressed_size());
        let xml = is_read(&part_name(&part)?);
        let (mut size, mut piece) = (0_u64, 0_u64);
        loop {
            let read = match part.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) => return Err(unpacking(&error)),
            };
            size += read as u64;
            total += read as u64;
            if total > EXPANDED_MAX {
                return Err(EXPANDS_TOO_FAR);
            }
            too_tight(size, packed)?;
            if xml {
                for part in buffer.get(..read).unwrap_or_default().split_inclusive(|byte| *byte == b'<') {
                    piece += part.len() as u64;
                    if piece > PIECE_MAX {
                        return Err(CELL_TOO_LONG);
                    }
                    if part.ends_with(b"<") {
                        piece = 0;
                    }
                }
            }
        }
        if size != declared {
            return Err(SIZES_LIE);
        }
    }
    Ok(())
}

/// The zip reader has no kinds of error for these two, only words.
fn unpacking(error: &std::io::Error) -> Fault {
    let said = error.to_string();
    match () {
        () if said.contains("checksum") => CHECKSUM,
        () if said.contains("declared") => SIZES_LIE,
        () => DAMAGED,
    }
}

/// A part's name in small letters with forward slashes, since the readers look parts up without regard to either.
fn part_name<R: Read>(part: &ZipFile<'_, R>) -> Result<String, Fault> {
    Ok(part.name().map_err(|_| DAMAGED)?.replace('\\', "/").to_ascii_lowercase())
}

/// Folders of an XLSX that hold what others put there, some of it no sheet's XML at all (a query of several megabytes).
/// `check_target` makes sure that calamine is not sent there.
const FOREIGN: [&str; 2] = ["customxml/", "docprops/"];

/// Whether a reader may come to parse this part.
fn is_read(name: &str) -> bool {
    (name.ends_with(".xml") || name.ends_with(".rels")) && !FOREIGN.iter().any(|folder| name.starts_with(folder))
}

fn contents(zip: &mut Zip) -> Result<Package, Fault> {
    let mut names = Vec::new();
    for name in zip.file_names() {
        names.push(name.map_err(|_| DAMAGED)?.replace('\\', "/").to_ascii_lowercase());
    }
    let has = |name: &str| names.iter().any(|known| known == name);
    let has_folder = |folder: &str| names.iter().any(|known| known.starts_with(folder));
    if has("mimetype") {
        let mut mimetype = Vec::new();
        let part = zip.by_name("mimetype").map_err(|_| DAMAGED)?;
        part.take(100).read_to_end(&mut mimetype).map_err(|_| DAMAGED)?;
        let kind = mimetype.strip_prefix(MIMETYPE_STEM).ok_or(PLAIN_ZIP)?;
        return match kind {
            _ if kind.starts_with(b"spreadsheet") => Ok(Package::Ods),
            _ if kind.starts_with(b"text") => Err(WORD),
            _ if kind.starts_with(b"presentation") => Err(SLIDES),
            _ => Err(OTHER_OPEN_DOCUMENT),
        };
    }
    match () {
        () if has("xl/workbook.bin") => Err(BINARY),
        () if has("xl/workbook.xml") => Ok(Package::Xlsx),
        () if has_folder("word/") => Err(WORD),
        () if has_folder("ppt/") => Err(SLIDES),
        () if has("[content_types].xml") && has("_rels/.rels") => Ok(Package::Xlsx),
        () => Err(PLAIN_ZIP),
    }
}

/// XML read with the limits in force: no document type definition, every element closed, nothing nested too deep.
pub(super) struct Xml<R> {
    reader: quick_xml::Reader<R>,
    depth: usize,
}

impl<R: BufRead> Xml<R> {
    pub(super) fn new(reader: R) -> Xml<R> {
        let mut reader = quick_xml::Reader::from_reader(reader);
        // Each empty element comes as a start and an end, so that readers need no second case for it.
        reader.config_mut().expand_empty_elements = true;
        Xml { reader, depth: 0 }
    }

    pub(super) fn next<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<Event<'b>, Fault> {
        buffer.clear();
        let event = self.reader.read_event_into(buffer).map_err(|_| DAMAGED)?;
        match &event {
            // Nothing would be expanded or fetched, but no spreadsheet program writes one: it is there to do harm.
            Event::DocType(_) => return Err(ENTITIES),
            Event::GeneralRef(name) if resolve_predefined_entity(name).is_none() && !name.is_char_ref() => {
                return Err(ENTITIES);
            }
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::Eof if self.depth > 0 => return Err(DAMAGED),
            _ => {}
        }
        if self.depth > DEPTH_MAX { Err(DAMAGED) } else { Ok(event) }
    }
}

/// The value of the attribute of that name; two of them are no XML, and readers differ on which one counts.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Fault> {
    attribute_where(element, |key| key.as_ref() == name)
}

fn attribute_where(element: &BytesStart<'_>, wanted: impl Fn(QName<'_>) -> bool) -> Result<Option<String>, Fault> {
    let mut found = None;
    // Without the parser's own check for doubles, which compares each attribute with each.
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| DAMAGED)?;
        if wanted(attribute.key) {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| DAMAGED)?;
            if found.replace(value.into_owned()).is_some() {
                return Err(DAMAGED);
            }
        }
    }
    Ok(found)
}

/// Elements that calamine keeps a record of, with how many there may be: what Excel itself can hold, or a little more.
const KEPT: [(&str, usize); 9] = [
    ("si", 1_000_000),
    ("xf", 131_072),
    ("font", 65_536),
    ("fill", 65_536),
    ("border", 65_536),
    ("numFmt", 65_536),
    ("definedName", 65_536),
    ("Relationship", 131_072),
    ("sheet", 1_000),
];
/// Bytes of font names and format codes, which calamine copies into every style that uses them.
const STYLE_TEXT_MAX: usize = 50_000_000;

/// Reads every part that calamine may read, with the same parser. Calamine takes a declared count of texts as memory to
/// set aside, copies names into every style, and waits for the end of elements, so all of that is settled here.
fn check_xlsx(zip: &mut Zip) -> Result<(), Fault> {
    for index in 0..zip.len() {
        let part = zip.by_index(index).map_err(|_| DAMAGED)?;
        let name = part_name(&part)?;
        if is_read(&name) {
            check_part(Xml::new(BufReader::new(part)))?;
        }
    }
    Ok(())
}

fn check_part<R: BufRead>(mut xml: Xml<R>) -> Result<(), Fault> {
    let mut counts = [0_usize; KEPT.len()];
    let (mut styles, mut longest) = (0_usize, 0_usize);
    let mut sheets = HashSet::new();
    let mut buffer = Vec::new();
    loop {
        let element = match xml.next(&mut buffer)? {
            Event::Start(element) => element,
            Event::Eof => return Ok(()),
            _ => continue,
        };
        let local = element.local_name();
        let local: &str = local.as_ref();
        for ((name, most), count) in KEPT.iter().zip(&mut counts) {
            if local == *name {
                *count += 1;
                if *count > *most {
                    return Err(TOO_MANY_ITEMS);
                }
            }
        }
        match local {
            "Relationship" => check_target(&element, &mut sheets)?,
            // Two sheets of one part, over and over, would have it read over and over.
            "sheet" => {
                let id = attribute_where(&element, |key| key.local_name().as_ref() == "id")?.unwrap_or_default();
                if !sheets.insert(id) {
                    return Err(DAMAGED);
                }
            }
            "sst" if attribute(&element, "uniqueCount")?.is_some_and(|count| !believable(&count)) => {
                return Err(TOO_MANY_ITEMS);
            }
            // Calamine does not look whether an address is too large for a number.
            "c" | "row" if attribute(&element, "r")?.is_some_and(|address| !on_the_sheet(&address)) => {
                return Err(DAMAGED);
            }
            "xf" => styles += 1,
            "name" | "rFont" | "numFmt" => longest = longest.max(element.len()),
            _ => {}
        }
        if styles.saturating_mul(longest) > STYLE_TEXT_MAX {
            return Err(TOO_MANY_ITEMS);
        }
    }
}

/// Up to three letters and a row that Excel has; a row's own address has no letters.
fn on_the_sheet(address: &str) -> bool {
    let row = address.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    address.len() - row.len() <= 3
        && row.bytes().all(|byte| byte.is_ascii_digit())
        && row.parse().is_ok_and(|row: u32| row <= 1_048_576)
}

/// A count of texts, for which memory is set aside before the first of them is seen.
fn believable(count: &str) -> bool {
    count.len() <= 20 && count.trim_start_matches('+').parse().unwrap_or(0) <= 1_000_000_u64
}

/// The parts calamine follows to must be among those checked, and each sheet a part of its own.
fn check_target(element: &BytesStart<'_>, sheets: &mut HashSet<String>) -> Result<(), Fault> {
    let kind = attribute(element, "Type")?.unwrap_or_default();
    let kind = kind.rsplit('/').next().unwrap_or_default();
    if !matches!(kind, "officeDocument" | "worksheet" | "chartsheet" | "dialogsheet" | "macrosheet") {
        return Ok(());
    }
    let target = attribute(element, "Target")?.unwrap_or_default().to_ascii_lowercase();
    if target.ends_with(".bin") {
        return Err(BINARY);
    }
    let foreign = FOREIGN.iter().any(|folder| target.contains(folder.trim_end_matches('/')));
    if target.ends_with(".xml") && !foreign && sheets.insert(target) { Ok(()) } else { Err(DAMAGED) }
}
