//! What a PDF says to a reader that is not ours: the objects are read by `lopdf`, text through the fonts' own tables of
//! characters, and in the order of the structure tree, as a screen reader would.

use std::collections::BTreeMap;

use lopdf::content::Content;
use lopdf::{Dictionary, Document, Object, ObjectId};

/// A PDF file, read.
pub struct Pdf {
    file: Document,
    /// For each page: what was shown, and as which marked content.
    shown: BTreeMap<ObjectId, Vec<(Option<i64>, String)>>,
}

impl Pdf {
    /// Reads the whole file.
    pub fn read(bytes: &[u8]) -> Self {
        let file = Document::load_mem(bytes).unwrap();
        let shown = file.get_pages().into_values().map(|page| (page, shown(&file, page))).collect();
        Self { file, shown }
    }

    /// What stands on each page, in the order it was painted.
    pub fn pages(&self) -> Vec<String> {
        let text =
            |page: &ObjectId| self.shown[page].iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ");
        self.file.get_pages().values().map(text).collect()
    }

    /// What a screen reader says, from the first word to the last.
    pub fn told(&self) -> String {
        let mut told = String::new();
        self.walk(self.root(), None, &mut |_, text| told.push_str(&text));
        told
    }

    /// The kinds of the elements of the structure tree, in reading order.
    pub fn tags(&self) -> Vec<String> {
        let mut tags = Vec::new();
        self.each(self.root(), &mut |element| {
            if let Ok(tag) = element.get(b"S").and_then(Object::as_name) {
                tags.push(String::from_utf8_lossy(tag).into_owned());
            }
        });
        tags
    }

    /// What the first picture shows, in words.
    pub fn alternative(&self) -> String {
        let mut found = None;
        self.each(self.root(), &mut |element| {
            if let Ok(text) = element.get(b"Alt") {
                found.get_or_insert(lopdf::decode_text_string(text).unwrap());
            }
        });
        found.unwrap()
    }

    pub fn is_tagged(&self) -> bool {
        let mark = self.dictionary(self.file.catalog().unwrap().get(b"MarkInfo").unwrap());
        mark.get(b"Marked").unwrap().as_bool().unwrap()
    }

    pub fn language(&self) -> String {
        lopdf::decode_text_string(self.file.catalog().unwrap().get(b"Lang").unwrap()).unwrap()
    }

    /// The titles of the outline, each before those under it.
    pub fn bookmarks(&self) -> Vec<String> {
        let mut out = Vec::new();
        let mut open = vec![self.file.catalog().unwrap().get(b"Outlines").unwrap()];
        while let Some(next) = open.pop() {
            let it = self.dictionary(next);
            if let Ok(title) = it.get(b"Title") {
                out.push(lopdf::decode_text_string(title).unwrap());
                assert!(it.has(b"Dest"), "a bookmark leads somewhere");
            }
            open.extend(it.get(b"Next").ok());
            open.extend(it.get(b"First").ok());
        }
        out
    }

    /// The fonts; each must be embedded, and a part of itself.
    pub fn fonts(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for object in self.file.objects.values() {
            let Ok(it) = object.as_dict() else { continue };
            if it.get(b"Type").and_then(Object::as_name).is_ok_and(|name| name == b"FontDescriptor") {
                assert!(it.has(b"FontFile2") || it.has(b"FontFile3"), "embedded");
                let name = String::from_utf8_lossy(it.get(b"FontName").unwrap().as_name().unwrap()).into_owned();
                names.push(name.split_once('+').expect("a part of the font").1.to_owned());
            }
        }
        names.sort();
        names
    }

    /// The properties, as they stand in the file, and the older form of them.
    pub fn properties(&self) -> String {
        let metadata = self.file.catalog().unwrap().get(b"Metadata").unwrap().as_reference().unwrap();
        let stream = self.file.get_object(metadata).unwrap().as_stream().unwrap();
        let bytes = stream.get_plain_content().unwrap_or_else(|_| stream.content.clone());
        format!("{} {:?}", String::from_utf8_lossy(&bytes), self.file.trailer.get(b"Info"))
    }

    fn root(&self) -> &Object {
        self.file.catalog().unwrap().get(b"StructTreeRoot").unwrap()
    }

    fn dictionary<'a>(&'a self, object: &'a Object) -> &'a Dictionary {
        self.file.dereference(object).unwrap().1.as_dict().unwrap()
    }

    fn each(&self, object: &Object, with: &mut impl FnMut(&Dictionary)) {
        match self.file.dereference(object).unwrap().1 {
            Object::Array(all) => all.iter().for_each(|it| self.each(it, with)),
            Object::Dictionary(element) => {
                with(element);
                if let Ok(inner) = element.get(b"K") {
                    self.each(inner, with);
                }
            }
            _ => {}
        }
    }

    fn walk(&self, object: &Object, page: Option<ObjectId>, with: &mut impl FnMut(ObjectId, String)) {
        match self.file.dereference(object).unwrap().1 {
            Object::Array(all) => all.iter().for_each(|it| self.walk(it, page, with)),
            Object::Integer(mark) => {
                let page = page.expect("a page");
                let text = self.shown[&page].iter().filter(|(of, _)| *of == Some(*mark));
                with(page, text.map(|(_, text)| text.as_str()).collect());
            }
            Object::Dictionary(element) => {
                let page = element.get(b"Pg").and_then(Object::as_reference).ok().or(page);
                match (element.get(b"MCID"), element.get(b"K")) {
                    (Ok(mark), _) => self.walk(mark, page, with),
                    (_, Ok(inner)) => self.walk(inner, page, with),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// A font's table from glyphs to characters.
type Table = BTreeMap<u16, String>;

fn shown(file: &Document, page: ObjectId) -> Vec<(Option<i64>, String)> {
    let tables: BTreeMap<Vec<u8>, Table> =
        file.get_page_fonts(page).unwrap().into_iter().map(|(name, font)| (name, table(file, font))).collect();
    let content = Content::decode(&file.get_page_content(page)).unwrap();
    let (mut out, mut open, mut font, mut backwards) = (Vec::new(), Vec::new(), None, false);
    for operation in content.operations {
        let operands = &operation.operands;
        match operation.operator.as_str() {
            "BDC" | "BMC" => {
                let list = operands.get(1).and_then(|it| it.as_dict().ok());
                let mark = list.and_then(|it| it.get(b"MCID").ok()).and_then(|it| it.as_i64().ok());
                let instead =
                    list.and_then(|it| it.get(b"ActualText").ok()).map(|it| lopdf::decode_text_string(it).unwrap());
                if let Some(text) = &instead {
                    let of = open.iter().rev().find_map(|(mark, _): &(Option<i64>, bool)| *mark);
                    out.push((of, text.clone()));
                }
                backwards |= operands.first().is_some_and(|it| it.as_name().is_ok_and(|name| name == b"ReversedChars"));
                open.push((mark, instead.is_some()));
            }
            "EMC" => {
                open.pop().expect("marks are closed in pairs");
                backwards = false;
            }
            "Tf" => font = tables.get(operands[0].as_name().unwrap()),
            "Tj" | "TJ" if !open.iter().any(|(_, instead)| *instead) => {
                assert!(!open.is_empty(), "text is part of the tree, or said not to be");
                let of = open.iter().rev().find_map(|(mark, _)| *mark);
                let mut text = String::new();
                let strings = operands.iter().flat_map(|it| match it {
                    Object::Array(all) => all.iter().collect(),
                    other => vec![other],
                });
                for string in strings.filter_map(|it| it.as_str().ok()) {
                    for pair in string.chunks(2) {
                        let glyph = u16::from_be_bytes([pair[0], pair[1]]);
                        text.push_str(font.unwrap().get(&glyph).expect("a glyph with a character"));
                    }
                }
                out.push((of, if backwards { text.chars().rev().collect() } else { text }));
            }
            _ => {}
        }
    }
    out
}

fn table(file: &Document, font: &Dictionary) -> Table {
    let stream = file.get_object(font.get(b"ToUnicode").unwrap().as_reference().unwrap()).unwrap().as_stream().unwrap();
    let text = String::from_utf8(stream.get_plain_content().unwrap_or_else(|_| stream.content.clone())).unwrap();
    let mut out = Table::new();
    for part in text.split("beginbfchar").skip(1) {
        let hex: Vec<&str> = part.split("endbfchar").next().unwrap().split(['<', '>']).skip(1).step_by(2).collect();
        for pair in hex.chunks(2) {
            let units: Vec<u16> =
                (0..pair[1].len() / 4).map(|n| u16::from_str_radix(&pair[1][n * 4..n * 4 + 4], 16).unwrap()).collect();
            out.insert(u16::from_str_radix(pair[0], 16).unwrap(), String::from_utf16(&units).unwrap());
        }
    }
    assert!(!text.contains("beginbfrange"), "the table is of single characters");
    out
}
