//! Documents as files: a PDF, a page and a Word file each say all that the document says, read by somebody else's reader.
//!
//! `MDT_SHOW=folder cargo test --test documents` leaves them in that folder, to be looked at.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod pdf_reader;

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mdt::exchange::output::document::{Block, Document, Fact, Mark, Row};
use mdt::exchange::output::look::{Logo, Look, Picture, Rgb};
use mdt::exchange::output::recipient::for_the_team;
use mdt::exchange::output::{docx, html, pdf};
use pdf_reader::Pdf;
use quick_xml::events::Event;

const JPEG: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAAYADwDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAWEAEBAQAAAAAAAAAAAAAAAAAAFGH/xAAXAQEBAQEAAAAAAAAAAAAAAAAAAQQF/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AgT4T4rzYTY6LAkT4T4rzYTYCRPhPivNhNgJE+E+K82E2ArzYTYCKTYTYAE2E2ABNhNgA/9k=";
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAADwAAAAYCAIAAAApowkFAAAAWklEQVRYw+3UwQkAIAxDUQXToZzK/U/OoIeUD+kEjw/NHPsM2i1J3YZ3dBURreo2fKCRpYtYmvmIKW1CI0sj14O400ppFxpZGrke2WkXOqVtaGLp7LQNzSt9AU4MAo/jIuIjAAAAAElFTkSuQmCC";

fn pdf_of(document: &Document, look: &Look) -> Vec<u8> {
    pdf::render(for_the_team(document), look).unwrap()
}

fn html_of(document: &Document, look: &Look) -> String {
    html::render(for_the_team(document), look)
}

fn docx_of(document: &Document, look: &Look) -> Vec<u8> {
    docx::render(for_the_team(document), look).unwrap()
}

fn logo(kind: Picture) -> Logo {
    let coded = match kind {
        Picture::Png => PNG,
        Picture::Jpeg => JPEG,
    };
    let says = "Arms of the <Berkshire> & \"Elm Grove\" trust".to_owned();
    Logo { kind, bytes: STANDARD.decode(coded).unwrap(), width: 60, height: 24, says }
}

fn letterhead(kind: Picture) -> Look {
    let heading = ["Berkshire Community Trust", "1 Example Street, Exampleton ZZ99 1ZZ", "<b>Tel.</b> 01632 960000"];
    Look { heading: heading.map(str::to_owned).into(), logo: Some(logo(kind)), accent: Rgb(0x5b, 0x1a, 0x4f) }
}

/// Minutes of a meeting at which so many people were discussed.
fn minutes(people: usize) -> Document {
    let mut it = Document::new("minutes", "Minutes – Thu 26-Nov-2026, 13:00".into(), "Elm Grove MDT");
    it.notices.push("DRAFT – not sealed; may still change".to_owned());
    it.meta("Chair", "Dr Amina Farouk");
    it.meta("Present", "Dr Amina Farouk (GP), Priya Shah (district nurse), Sam Patel (social worker) from 13:20, Pat Okoro (link worker) until 14:05");
    it.meta("Apologies", "Robin Lee (occupational therapist)");
    it.heading(1, "Matters arising");
    let action = |n: usize| {
        let row = Row::of([
            format!("Offer carer’s assessment to Ruth ({n})"),
            "Sam Patel".to_owned(),
            "27-Nov-2026".to_owned(),
            if n.is_multiple_of(3) { "open, OVERDUE 10 days" } else { "done 26-Nov-2026: accepted" }.to_owned(),
        ]);
        row.marked(3, n.is_multiple_of(3).then_some(Mark::Overdue))
    };
    let columns = [("Action", 40), ("Owner", 18), ("Due", 14), ("How it stands", 28)];
    it.table(&columns, (0..people).map(action).collect());
    it.heading(1, "People discussed");
    let names = [
        "ADEYEMI, Jean (Jeannie)",
        "WIŚNIEWSKI, Łukasz (Tomek)",
        "NGUYỄN, Thị Phượng",
        "AP DŴR, Ŷyn",
        "Ọlọ́run, Adéyẹmí",
    ];
    for n in 0..people {
        let name = names[n % names.len()];
        it.heading(2, format!("{name} · born 12-Mar-1942 (84) · NHS 999 000 {n:04}"));
        it.facts(vec![
            Fact::new("Reason", "third fall in six weeks\n1 action overdue"),
            Fact::new("Key worker", "Priya Shah"),
        ]);
        it.labelled("Situation", "Lives with her daughter Ruth. Three falls in six weeks; eFI 0.41. ".repeat(2));
        it.labelled("Update", "Ruth is up three times a night.\nFell on Tuesday, no injury.");
        it.labelled("Next steps", "Try night sitting for two weeks, then decide on telecare. ".repeat(3));
        it.table(&columns, (0..3).map(action).collect());
    }
    it.heading(1, "Not reached");
    it.blocks.push(Block::List {
        items: vec!["O’HARA, Mary – deferred → 10-Dec".into(), "✓ Voluntary sector forum".into()],
    });
    it.paragraph("Next meeting: Thu 10-Dec-2026, 13:00, Seminar room.");
    it.foot = Some("Sealed: step 214 · 7f3a-99c0-1b2e-54aa".to_owned());
    it
}

/// Everything that text can do to a page.
fn hostile() -> Document {
    let long = "Llanfairpwllgwyngyll".repeat(40);
    let mut it = Document::new(
        "minutes",
        format!("<script>alert(1)</script> {}", "Title ".repeat(30)),
        "Elm & <Grove> \"MDT\" 'x'",
    );
    it.notices.push("</style><img src=x onerror=alert(1)>".to_owned());
    it.meta("", "");
    it.meta(&"Label".repeat(40), &long);
    it.heading(3, "begins too deep");
    it.heading(1, &long);
    it.heading(2, "<img src=x onerror=alert(1)>, Zoë · born 01-Jan-1940 · NHS 999 000 0018");
    it.paragraph("");
    it.paragraph(
        "Ọ́ Ŵŷłż NGUYỄN Thượng 漢字 王小明 👩‍⚕️ נועה בן־דוד (Noa) Ελένη Жанна \u{301}x ✓ ✗ ▲ ● → ‑ \u{202e}evil\u{0}",
    );
    it.paragraph(format!("{long}\n\n   {long} {}", "word ".repeat(400)));
    it.labelled("]]>", "--> <!-- &amp; &#x41; %s \\");
    it.blocks.push(Block::List { items: vec![String::new(), long.clone(), "<li>".to_owned()] });
    it.blocks.push(Block::List { items: Vec::new() });
    it.table(&[("Empty", 1)], Vec::new());
    it.table(&[("", 0), ("Zero", 0)], vec![Row::of([String::new(), String::new()])]);
    let tall = (0..300).map(|n| format!("tall line {n}")).collect::<Vec<_>>().join("\n");
    let rows = vec![
        Row::of(["before".to_owned(), String::new(), "x".to_owned()]),
        Row::of([tall, long.clone(), "beside it".to_owned()]),
        Row::of(["after".to_owned(), "NGUYỄN".to_owned(), String::new()]).marked(0, Some(Mark::Subject)),
    ];
    it.table(&[("Tall table", 50), ("Wide", 30), ("Tiny", 1)], rows);
    it.heading(2, "Four hundred rows");
    let row =
        |n: usize| Row::of([format!("row begins {n:03}"), "two words ".repeat(n % 40), format!("row ends {n:03}")]);
    it.table(&[("Four hundred", 30), ("Middle column", 50), ("Last", 20)], (0..400).map(row).collect());
    it.heading(1, "Ends with a heading");
    it.foot = Some("Sealed: <step> 214 · 7f3a".to_owned());
    it
}

fn squeezed(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}").chars().filter(|c| !c.is_whitespace()).collect()
}

/// What a reader must find: every text but the one word that names the kind.
fn texts(document: &Document) -> Vec<String> {
    document.texts().into_iter().skip(1).map(squeezed).filter(|text| !text.is_empty()).collect()
}

/// Leaves a file for somebody to look at, if a folder was named.
fn show(name: &str, bytes: &[u8]) {
    if let Some(folder) = std::env::var_os("MDT_SHOW") {
        std::fs::write(std::path::Path::new(&folder).join(name), bytes).unwrap();
    }
}

#[test]
fn a_pdf_says_all_that_the_document_says() {
    for (name, document, look) in [
        ("minutes", minutes(25), Look::default()),
        ("letterhead", minutes(2), letterhead(Picture::Png)),
        ("jpeg", minutes(1), letterhead(Picture::Jpeg)),
        (
            "hostile",
            hostile(),
            Look { heading: vec!["Ƨender \u{e000}\u{202e}".repeat(40)], ..letterhead(Picture::Png) },
        ),
        ("empty", Document::new("agenda", String::new(), ""), Look::default()),
    ] {
        let bytes = pdf_of(&document, &look);
        show(&format!("{name}.pdf"), &bytes);
        assert!(bytes.starts_with(b"%PDF-1.7"), "{name}");
        assert!(bytes == pdf_of(&document, &look), "{name}: the same document, the same bytes");
        let read = Pdf::read(&bytes);
        let said = squeezed(&read.told());
        let pages = read.pages();
        for text in texts(&document) {
            let framed = || pages.iter().all(|page| squeezed(page).contains(&text));
            assert!(said.contains(&text) || framed(), "{name}: {text}");
        }
    }
}

#[test]
fn every_page_of_a_pdf_has_head_foot_and_the_header_row_of_its_table() {
    let document = hostile();
    let pages = Pdf::read(&pdf_of(&document, &Look::default())).pages();
    let count = pages.len();
    assert!(count > 15, "{count} pages");
    for (n, page) in pages.iter().enumerate() {
        let page = squeezed(page);
        assert!(page.contains(&squeezed(&document.team)) && page.contains(&squeezed(&document.confidentiality)));
        assert!(page.contains(&squeezed(document.foot.as_deref().unwrap())), "page {n}");
        assert!(page.contains(&format!("Page{}of{count}", n + 1)), "page {n}");
        // A row is on one page, under the header row of its table: as many begin there as end there.
        let (begin, end) = (page.matches("rowbegins").count(), page.matches("rowends").count());
        let heads = page.matches("FourhundredMiddlecolumnLast").count();
        assert!(begin == end && heads == usize::from(begin > 0), "page {n}: {begin} rows, {end} ends, {heads} heads");
    }
    let tall = pages.iter().filter(|page| page.contains("tall line")).count();
    assert!(tall > 3, "a row taller than a page goes over {tall} pages");
}

#[test]
fn no_heading_ends_a_page() {
    // Pages of different lengths before it: sooner or later the heading comes to the foot.
    for lines in 0..60 {
        let mut document = Document::new("test", "T".into(), "Team");
        document.paragraph((0..lines).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n"));
        document.heading(1, "First heading");
        document.heading(2, "Second heading");
        document
            .table(&[("Header", 1)], vec![Row::of(["cell one\ntwo\nthree".to_owned()]), Row::of(["next".to_owned()])]);
        let pages = Pdf::read(&pdf_of(&document, &Look::default())).pages();
        let of = |what: &str| pages.iter().position(|page| page.contains(what)).unwrap();
        assert_eq!(of("First heading"), of("three"), "{lines} lines before it");
        assert_eq!(of("Second heading"), of("cell one"), "{lines} lines before it");
    }
}

#[test]
fn a_pdf_can_be_heard_found_and_kept() {
    let document = minutes(3);
    let look = letterhead(Picture::Png);
    let bytes = pdf_of(&document, &look);
    let read = Pdf::read(&bytes);
    assert!(read.is_tagged() && read.language() == "en-GB");
    let tags = read.tags();
    let count = |tag: &str| tags.iter().filter(|it| *it == tag).count();
    assert_eq!((count("H1"), count("H2"), count("Figure"), count("L"), count("LI")), (3, 3, 1, 1, 2));
    // One table for the facts of the meeting, and for each person facts and actions; one for matters arising.
    assert_eq!((count("Table"), count("THead")), (1 + 1 + 2 * 3, 1 + 3));
    assert_eq!(count("TH"), 3 + 4 + 3 * (2 + 4));
    assert_eq!(read.alternative(), look.logo.unwrap().says);
    let bookmarks = read.bookmarks();
    assert_eq!(bookmarks[0], document.title);
    assert_eq!(bookmarks.len(), 1 + 3 + 3);
    assert!(bookmarks.iter().any(|it| it.starts_with("NGUYỄN, Thị Phượng · born 12-Mar-1942 (84) · NHS 999 000 0002")));
    assert_eq!(read.fonts(), ["LiberationSans", "LiberationSans-Bold"], "embedded, and parts of them only");
    assert!(bytes.len() < 120_000, "{} bytes", bytes.len());
    let properties = read.properties();
    assert!(properties.contains("pdfaid:part>2<") && properties.contains("pdfaid:conformance>A<"), "{properties}");
    assert!(properties.contains("pdfuaid:part>1<"), "{properties}");
    for name in ["Farouk", "Shah", "ADEYEMI", "NGUY"] {
        assert!(!properties.contains(name), "{properties}");
    }
}

#[test]
fn a_heading_never_skips_a_level() {
    let tags = Pdf::read(&pdf_of(&hostile(), &Look::default())).tags();
    let levels: Vec<u32> = tags.iter().filter_map(|tag| tag.strip_prefix('H')?.parse().ok()).collect();
    assert_eq!(levels.first(), Some(&1));
    assert!(levels.windows(2).all(|two| two[1] <= two[0] + 1), "{levels:?}");
}

#[test]
fn every_row_has_its_cells_even_empty_ones() {
    let mut document = Document::new("test", "T".into(), "Team");
    let cells = [String::new(), "b".to_owned(), String::new()];
    document.table(&[("A", 1), ("B", 1), ("C", 1)], vec![Row::of(cells)]);
    let tags = Pdf::read(&pdf_of(&document, &Look::default())).tags();
    assert_eq!(tags.iter().filter(|tag| *tag == "TD").count(), 3);
}

#[test]
fn a_logo_that_is_none_is_said_and_nothing_is_written() {
    let mut look = letterhead(Picture::Png);
    look.logo.as_mut().unwrap().bytes.truncate(40);
    let error = pdf::render(for_the_team(&minutes(1)), &look).unwrap_err();
    assert!(
        error.to_string().contains("the logo cannot be read") && error.to_string().contains("Nothing was written"),
        "{error}"
    );
}

/// The text of an XML document, the names of its elements, and the values of its attributes.
fn xml(text: &str) -> (String, Vec<String>, Vec<String>) {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let (mut said, mut names, mut values, mut depth) = (String::new(), Vec::new(), Vec::new(), 0_i32);
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error} at {}", reader.error_position())) {
            Event::Eof => break,
            Event::Text(text) => said.push_str(&text),
            Event::GeneralRef(name) => said.push_str(match &*name {
                "amp" => "&",
                "lt" => "<",
                "gt" => ">",
                "quot" => "\"",
                "#39" => "'",
                other => panic!("&{other};"),
            }),
            event @ (Event::Start(_) | Event::Empty(_)) => {
                depth += i32::from(matches!(event, Event::Start(_)));
                let (Event::Start(it) | Event::Empty(it)) = event else { continue };
                names.push(it.name().as_ref().to_owned());
                for attribute in it.attributes() {
                    let attribute = attribute.unwrap();
                    let value = attribute.value.to_string();
                    assert!(!value.contains('<'), "{value}");
                    values.push(format!("{}={value}", attribute.key.as_ref()));
                }
            }
            Event::End(_) => depth -= 1,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "every element is closed");
    (said, names, values)
}

#[test]
fn a_page_says_all_that_the_document_says_and_runs_nothing() {
    for (name, document, look) in [
        ("minutes", minutes(25), Look::default()),
        ("letterhead", minutes(2), letterhead(Picture::Jpeg)),
        ("hostile", hostile(), letterhead(Picture::Png)),
        ("empty", Document::new("agenda", String::new(), ""), Look::default()),
    ] {
        let page = html_of(&document, &look);
        show(&format!("{name}.html"), page.as_bytes());
        assert!(page == html_of(&document, &look));
        let (said, names, values) = xml(&page);
        let said = squeezed(&said);
        for text in texts(&document).into_iter().chain(look.heading.iter().map(|line| squeezed(line))) {
            assert!(said.contains(&text), "{name}: {text}");
        }
        let allowed = [
            "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "address", "strong", "span",
            "div", "img", "p", "br", "h1", "h2", "h3", "h4", "dl", "dt", "dd", "ul", "li", "table", "colgroup", "col",
            "thead", "tbody", "tr", "th", "td",
        ];
        assert!(names.iter().all(|name| allowed.contains(&name.as_str())), "{name}: {names:?}");
        assert_eq!(names.iter().filter(|name| *name == "img").count(), usize::from(look.logo.is_some()));
        let outside = |value: &&String| {
            value.starts_with("on")
                || value.starts_with("href")
                || (value.starts_with("src=") && !value.starts_with("src=data:image/"))
        };
        assert_eq!(values.iter().find(outside), None, "{name}");
        assert!(!page.contains("<script") && !page.contains("url(") && !page.contains("@import"), "{name}");
        assert!(values.contains(&"content=default-src 'none'; style-src 'unsafe-inline'; img-src data:".to_owned()));
        assert!(values.contains(&"lang=en-GB".to_owned()) && values.iter().any(|it| it.starts_with("content=noindex")));
        let heads = document.blocks.iter().map(|block| match block {
            Block::Table { columns, .. } => columns.len(),
            _ => 0,
        });
        assert_eq!(values.iter().filter(|value| *value == "scope=col").count(), heads.sum::<usize>());
    }
}

#[test]
fn a_word_file_has_its_letterhead() {
    for kind in [Picture::Png, Picture::Jpeg] {
        let look = letterhead(kind);
        let bytes = docx_of(&minutes(2), &look);
        show(&format!("letterhead-{}.docx", kind.media_type().trim_start_matches("image/")), &bytes);
        assert!(bytes == docx_of(&minutes(2), &look));
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
        let mut part = |name: &str| {
            let mut bytes = Vec::new();
            zip.by_name(name).unwrap_or_else(|_| panic!("{name}")).read_to_end(&mut bytes).unwrap();
            bytes
        };
        let place = format!("media/logo.{}", kind.media_type().trim_start_matches("image/"));
        assert!(part(&format!("word/{place}")) == look.logo.as_ref().unwrap().bytes);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let links = text(part("word/_rels/document.xml.rels"));
        assert!(xml(&links).2.contains(&format!("Target={place}")), "{links}");
        assert!(text(part("[Content_Types].xml")).contains(&format!("ContentType=\"{}\"", kind.media_type())));
        let (said, _, values) = xml(&text(part("word/document.xml")));
        for line in &look.heading {
            assert!(said.contains(line.as_str()), "{line}");
        }
        assert!(values.iter().any(|it| it.starts_with("descr=Arms of the &lt;Berkshire&gt;")));
        // 60 × 24 pixels at 96 to the inch, in 12,700ths of a point.
        assert!(values.contains(&"cx=571500".to_owned()) && values.contains(&"cy=228600".to_owned()), "{values:?}");
        let styles = text(part("word/styles.xml"));
        assert!(styles.contains("5B1A4F") && !styles.contains("003A70"));
        xml(&styles);
    }
    show("minutes.docx", &docx_of(&minutes(25), &Look::default()));
    let plain = docx_of(&minutes(1), &Look::default());
    let names: Vec<String> = zip::ZipArchive::new(std::io::Cursor::new(plain))
        .unwrap()
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    assert!(!names.iter().any(|name| name.contains("media")));
}

#[test]
fn a_logo_is_shown_whole_and_no_larger_than_it_may() {
    let fitted = |width, height| Logo { width, height, ..logo(Picture::Png) }.fitted();
    for (width, height) in [(60, 24), (6_000, 100), (100, 6_000), (1, 1), (0, 0), (u32::MAX, 1)] {
        let (wide, high) = fitted(width, height);
        assert!(wide <= 170.2 && high <= 71.0 && wide > 0.0 && high > 0.0, "{width} × {height}: {wide} × {high}");
    }
    assert_eq!(fitted(60, 24), (45.0, 18.0));
}

#[test]
fn each_person_of_a_paged_document_begins_a_page() {
    let mut it = Document::new("summary", "Summaries – Thu 26-Nov-2026".into(), "Elm Grove MDT");
    it.meta("Meeting", "Thu 26-Nov-2026");
    for n in 1..=3 {
        it.heading(1, format!("Person{n}"));
        it.labelled("What matters", format!("Words of {n}"));
    }
    let look = Look::default();
    assert_eq!(Pdf::read(&pdf_of(&it, &look)).pages().len(), 1);
    it.paged = true;
    let pages = Pdf::read(&pdf_of(&it, &look)).pages();
    assert_eq!(pages.len(), 3);
    for (n, page) in (1..).zip(&pages) {
        assert!(page.contains(&format!("Person{n}")) && page.contains(&format!("Words of {n}")), "{page}");
    }
    // The first one stands under the title, so two breaks.
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(docx_of(&it, &look))).unwrap();
    let mut body = String::new();
    zip.by_name("word/document.xml").unwrap().read_to_string(&mut body).unwrap();
    assert_eq!(body.matches("<w:pageBreakBefore/>").count(), 2);
    assert!(html_of(&it, &look).contains("<main class=\"paged\">"));
}
