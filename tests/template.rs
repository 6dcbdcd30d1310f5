//! A trust's own heading, logo, order and wording: what a template changes, what it must not, and what is said of a broken one.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod kit;
#[allow(dead_code, reason = "this file looks at pictures only")]
mod pdf_reader;

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mdt::clock::Clock;
use mdt::domain::change::{Mint, Record};
use mdt::domain::day::Day;
use mdt::domain::id::MeetingId;
use mdt::domain::meeting::Stage;
use mdt::domain::text::{Line, Note};
use mdt::exchange::output::document::{Block, CONFIDENTIALITY, Document, Fact, Row, Span};
use mdt::exchange::output::look::{Look, Picture, Rgb};
use mdt::exchange::output::outgoing::{Order, Paper, Parcel, Source};
use mdt::exchange::output::recipient::{Recipient, for_the_team};
use mdt::exchange::output::template::{EXAMPLE, Template};
use mdt::exchange::output::xlsx::Sheets;
use mdt::exchange::output::{Format, actions, sealed, slips};
use mdt::store::action::ActionFilter;
use mdt::store::log::StepKind;
use mdt::store::{Deed, Reader};
use pdf_reader::Pdf;
use predicates::prelude::*;
use predicates::str::contains;
use proptest::prelude::*;

const JPEG: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAAYADwDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAWEAEBAQAAAAAAAAAAAAAAAAAAFGH/xAAXAQEBAQEAAAAAAAAAAAAAAAAAAQQF/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AgT4T4rzYTY6LAkT4T4rzYTYCRPhPivNhNgJE+E+K82E2ArzYTYCKTYTYAE2E2ABNhNgA/9k=";
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAADwAAAAYCAIAAAApowkFAAAAWklEQVRYw+3UwQkAIAxDUQXToZzK/U/OoIeUD+kEjw/NHPsM2i1J3YZ3dBURreo2fKCRpYtYmvmIKW1CI0sj14O400ppFxpZGrke2WkXOqVtaGLp7LQNzSt9AU4MAo/jIuIjAAAAAElFTkSuQmCC";

/// A folder with a logo of each kind.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("logo.png"), STANDARD.decode(PNG).unwrap()).unwrap();
    fs::write(folder.path().join("logo.jpg"), STANDARD.decode(JPEG).unwrap()).unwrap();
    folder
}

fn template(text: &str) -> Template {
    Template::parse(text, folder().path()).unwrap()
}

// ───────────────────────────────────────────── order

const SECTIONS: [&str; 5] = ["Attendance", "Matters arising", "People", "Standing items", "Action log"];

/// A part of somebody: so many blocks, which say whose they are.
fn part(document: &mut Document, person: &str, heading: Option<&str>, blocks: usize) {
    let from = document.blocks.len();
    if let Some(heading) = heading {
        document.heading(1, heading);
    }
    for n in 0..blocks {
        document.labelled("Update", format!("about {person}, {n}"));
        // A heading within somebody's part: no builder writes one, but a sealed document may hold what it likes.
        if blocks == 3 && n == 1 {
            document.heading(1, "People");
        }
    }
    let to = document.blocks.len();
    if from < to {
        document.spans.push(Span { person: person.to_owned(), from, to });
    }
}

prop_compose! {
    /// Minutes with these sections, each with parts that are about nobody and parts that are about somebody, as the builder
    /// and the seal write them – and as they would not: two of a name, one that is not known, a part with headings inside.
    fn some_minutes()(
        before in 0..3_usize,
        sections in proptest::collection::vec((0..7_usize, proptest::collection::vec((any::<bool>(), 0..4_usize), 0..4)), 0..8),
        closed in any::<bool>(),
        addenda in 0..3_usize,
    ) -> Document {
        let mut it = Document::new("minutes", "Minutes – 26 November 2026".to_owned(), "Elm Grove");
        for n in 0..before {
            it.paragraph(format!("before everything {n}"));
        }
        for (which, parts) in sections {
            let name = SECTIONS.get(which).copied().unwrap_or("ADEYEMI, Jean · born 12-Mar-1942 (84)");
            if which == 6 {
                part(&mut it, "begins", Some(name), 2);
            } else {
                it.heading(1, name);
            }
            for (n, (about, blocks)) in parts.into_iter().enumerate() {
                let at = it.blocks.len();
                match about {
                    true => part(&mut it, &format!("{n} at {at}"), None, blocks),
                    false => (0..blocks).for_each(|block| it.paragraph(format!("about nobody {at} {block}"))),
                }
            }
        }
        if closed {
            it.labelled("Agreed as a true record", "chair ………");
        }
        if addenda > 0 {
            part(&mut it, "team", Some("Addenda"), addenda);
        }
        it
    }
}

/// Whom each part is about, with what it says: in any order.
fn told(document: &Document) -> Vec<(String, Vec<String>)> {
    let said = |span: &Span| document.blocks[span.from..span.to].iter().map(said).collect();
    let mut parts: Vec<_> = document.spans.iter().map(|span| (span.person.clone(), said(span))).collect();
    parts.sort();
    parts
}

fn said(block: &Block) -> String {
    serde_json::to_string(block).unwrap()
}

fn sorted(document: &Document) -> Vec<String> {
    let mut blocks: Vec<String> = document.blocks.iter().map(said).collect();
    blocks.sort();
    blocks
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn in_any_order_nothing_is_lost_and_everybody_keeps_their_own_words(
        document in some_minutes(),
        order in Just(SECTIONS.to_vec()).prop_shuffle(),
        named in 0..=5_usize,
    ) {
        let order = order[..named].to_vec();
        let template = template(&format!("[minutes]\norder = {order:?}"));
        let moved = template.apply(document.clone());
        prop_assert_eq!(sorted(&moved), sorted(&document), "no block is lost, none comes twice");
        prop_assert_eq!(told(&moved), told(&document), "each part is about whom it was about");
        prop_assert!(moved.spans.windows(2).all(|two| two[0].to <= two[1].from), "parts stay in order");
        prop_assert!(Document::from_json(&moved.to_json().unwrap()).is_ok());
        // The named sections come in their order; the chair's line and the addenda stay last.
        let inside = |at: usize| moved.spans.iter().any(|span| span.from < at && at < span.to);
        let place = |block: &Block| match block {
            Block::Heading { level: 1, text } => Some(order.iter().position(|it| it == text).unwrap_or(order.len())),
            _ => None,
        };
        let places: Vec<usize> =
            moved.blocks.iter().enumerate().filter(|(at, _)| !inside(*at)).filter_map(|(_, it)| place(it)).collect();
        prop_assert!(places.is_sorted(), "{:?}", places);
        let is_last = |block: &&Block| match block {
            Block::Labelled { label, .. } => label == "Agreed as a true record",
            Block::Heading { text, .. } => text == "Addenda",
            _ => false,
        };
        let tail = |it: &Document| it.blocks.iter().skip_while(|block| !is_last(block)).map(said).collect::<Vec<_>>();
        prop_assert_eq!(tail(&moved), tail(&document));
        let head = |it: &Document| it.blocks.iter().take_while(|it| place(it).is_none() && !is_last(it)).count();
        prop_assert_eq!(head(&moved), head(&document));
    }
}

// ───────────────────────────────────────────── what is said of a broken one

#[test]
fn each_problem_is_a_sentence_with_its_line() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    symlink(at("logo.png"), at("link.png")).unwrap();
    fs::create_dir(at("folder.png")).unwrap();
    fs::write(at("text.png"), "a picture, honestly").unwrap();
    let whole = STANDARD.decode(PNG).unwrap();
    fs::write(at("half.png"), &whole[..60]).unwrap();
    let mut wide = whole.clone();
    wide[16..20].copy_from_slice(&4_001_u32.to_be_bytes());
    fs::write(at("wide.png"), &wide).unwrap();
    fs::write(at("large.png"), [whole, vec![0; 1024 * 1024]].concat()).unwrap();
    for (text, line, why) in [
        ("heading = \"one\"", 1, "invalid type"),
        ("\n\nheading = [\"a\"", 3, "unclosed array"),
        ("accent = \"#003A70\"\nheadng = []", 2, "unknown field `headng`, expected one of `heading`"),
        ("[minutes]\nordre = []", 2, "unknown field `ordre`"),
        ("[words]\n\"Minutes\" = \"a\"\n\"Minutes\" = \"b\"", 3, "duplicate key"),
        ("heading = [\n  \"fine\",\n  \" \",\n]", 3, "a line of the heading is blank"),
        ("heading = [\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\n\"b\"]", 2, "the heading has 7 lines; 6 fit"),
        ("heading = [\"a\\u202eb\"]", 1, "holds characters that cannot be seen: a‹U+202E›b"),
        ("heading = [\"a\\nb\"]", 1, "cannot be seen"),
        (
            &format!("logo = \"logo.png\"\nlogo_says = \"{}\"", "a".repeat(161)),
            2,
            "what the logo says is 161 characters long; 160 fit.",
        ),
        ("accent = \"blue\"", 1, "the accent “blue” is no colour such as “#003A70”."),
        ("\naccent = \"#FFCC00\"", 2, "the accent #FFCC00 is too light: its contrast on white is 1.5:1, and 4.5:1"),
        ("accent = \"#777777\"", 1, "its contrast on white is 4.4:1"),
        ("confidentiality = \"\"", 1, "the confidentiality line is blank"),
        ("logo = \"none.png\"", 1, "the logo “none.png” is not there."),
        ("\n\nlogo = \"link.png\"", 3, "the logo “link.png” is a link to another file."),
        ("logo = \"folder.png\"", 1, "is not a file."),
        ("logo = \"../logo.png\"", 1, "is to lie beside the template"),
        ("logo = \"/etc/passwd\"", 1, "is to lie beside the template"),
        ("logo = \"..\"", 1, "is to lie beside the template"),
        ("logo = \"\"", 1, "is to lie beside the template"),
        ("logo = \"text.png\"", 1, "is neither a PNG nor a JPEG picture."),
        ("logo = \"half.png\"", 1, "cannot be shown in a PDF."),
        ("logo = \"wide.png\"", 1, "has 4001 × 24 pixels; 1 to 4000 fit on each side."),
        ("logo = \"large.png\"", 1, "is too large: 1 MB at the most."),
        ("logo_says = \"Arms\"", 1, "logo_says is there, but no logo."),
        ("[minutes]\norder = [\n\"Action log\",\n\"Gossip\"]", 4, "the minutes have no section “Gossip”."),
        (
            "[minutes]\norder = [\"Addenda\"]",
            2,
            "the minutes have no section “Addenda”. Our names, before any rewording",
        ),
        ("[minutes]\norder = [\"People\",\n\"People\"]", 3, "“People” stands twice in the order."),
        ("[agenda]\norder = [\"People\"]", 2, "the agenda has no sections that could be put in order."),
        ("[words]\n\"Next step\" = \"Plan\"", 2, "“Next step” is no word of ours. Is “Next steps” meant?"),
        ("[words]\n\"next steps\" = \"Plan\"", 2, "Is “Next steps” meant?"),
        ("[words]\n\"Gossip\" = \"Plan\"", 2, "“Gossip” is no word of ours. All of them: mdt template example."),
        ("[words]\n\"For\" = \"Not for\"", 2, "“For” says the same in every document and cannot be reworded."),
        ("[words]\n\"Sealed\" = \"Open\"", 2, "cannot be reworded."),
        ("[words]\n\"Chair\" = \"\"", 2, "the word for “Chair” is blank."),
        ("[words]\nUpdate = \"situation\"", 2, "“Update” would read “situation”, and so would “Situation”"),
        ("[words]\nUpdate = \"For\"", 2, "and so would “For” in the same document"),
        ("\u{feff}accent = 3", 1, "invalid type"),
    ] {
        let error = Template::parse(text, folder.path()).expect_err(text);
        let [problem] = error.problems() else { panic!("{text}\n{error}") };
        assert!(problem.line == Some(line) && problem.why.contains(why), "{text}\n{error}");
        assert!(error.to_string().starts_with(&format!("The template, line {line}: ")), "{error}");
        assert!(problem.why.ends_with(['.', '?']) || why.contains("cannot be seen"), "a sentence: {error}");
    }
    // All of them at once, by line.
    let error = Template::parse("accent = \"#FFF\"\nlogo = \"x\"\n[words]\nx = \"\"", folder.path()).unwrap_err();
    let lines: Vec<Option<usize>> = error.problems().iter().map(|it| it.line).collect();
    assert_eq!(lines, [Some(1), Some(2), Some(4), Some(4)], "{error}");
    // Words that change places can be told apart, and so can words of two documents.
    template("[words]\n\"Update\" = \"Situation\"\n\"Situation\" = \"Update\"\n\"Person or item\" = \"Person\"");
    // Letters may be written in two parts, as some systems do.
    assert_eq!(template("heading = [\"Zoe\u{308}\"]").look().heading, ["Zoë"]);
}

#[test]
fn a_template_is_a_file_of_its_owner() {
    let folder = folder();
    let (file, data) = (folder.path().join("template.toml"), folder.path().join("team.mdt"));
    let said = || Template::beside(&data).unwrap_err().to_string();
    assert_eq!(Template::beside(&data), Ok(None));
    fs::write(&file, "logo = \"logo.png\"").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(Template::beside(&data), Template::read(&file).map(Some));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(said().starts_with("template.toml could have been written by somebody else."), "{}", said());
    assert!(Template::read(&file).is_ok(), "one that is named may be somebody else's");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&file, b"heading = [\"\xff\"]").unwrap();
    assert_eq!(said(), "template.toml is not plain text. Save it as UTF-8.");
    fs::write(&file, "# long\n".repeat(64 * 1024 / 7 + 1)).unwrap();
    assert_eq!(said(), "template.toml is too large: 64 kB at the most.");
    fs::write(&file, "\naccent = \"#FFFFFF\"").unwrap();
    assert!(said().starts_with("template.toml, line 2: the accent #FFFFFF is too light"), "{}", said());
    fs::rename(&file, folder.path().join("other.toml")).unwrap();
    symlink(folder.path().join("other.toml"), &file).unwrap();
    assert!(said().starts_with("template.toml is a link to another file."), "{}", said());
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(said(), "template.toml is not a file.");
}

#[test]
fn the_example_is_sound_and_names_every_word() {
    let template = template(EXAMPLE);
    assert_eq!(template.look().accent, Rgb(0x00, 0x5a, 0x4e));
    assert_eq!(template.look().heading.len(), 2);
    for word in Template::words() {
        assert!(EXAMPLE.contains(&format!("\"{word}\"")), "the example does not name “{word}”");
    }
    // The lines that are not in use are sound too.
    let all = EXAMPLE.replace("# logo", "logo");
    assert!(all.matches("\nlogo").count() == 2 && Template::parse(&all, folder().path()).is_ok());
}

// ───────────────────────────────────────────── what it changes

/// The demo, with the minutes of its newest meeting sealed and something added to them.
struct Team {
    desk: kit::Desk,
    reader: Reader,
    team: Record<mdt::domain::team::Team>,
    sealed: MeetingId,
    next: MeetingId,
}

impl Team {
    fn sits() -> Self {
        let desk = kit::demo();
        let (mut store, reader) = desk.second_session();
        let team = reader.teams().unwrap().remove(0);
        let meetings = reader.meetings(team.id).unwrap();
        let closed = meetings.iter().find(|it| it.stage == Stage::Closed).unwrap();
        let next = reader.next_meeting(team.id, Day::from_iso("2026-11-26").unwrap()).unwrap().unwrap().id;
        let (clock, mut mint, by) =
            (Clock::Fixed(kit::noon()), Mint::new(kit::noon(), 5), Line::parse("Tolu Bankole").unwrap());
        let seal = sealed::seal(&reader, &team, closed, &by, &clock, &mut mint).unwrap();
        let deed = Deed::change("Seal minutes").of_kind(StepKind::Seal).at(closed.id);
        store.commit(&kit::stamp(), &deed, &seal).unwrap();
        let (at, text) = (clock.now().moment, Note::parse("Minutes\nNext steps: Update").unwrap());
        let added = sealed::addendum(&reader, closed, &by, text, at, &mut mint).unwrap();
        store.commit(&kit::stamp(), &Deed::change("Add").at(closed.id), &[added]).unwrap();
        Self { sealed: closed.id, desk, reader, team, next }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.desk.folder.path().join(name)
    }

    fn make(&self, template: &Template, paper: Paper, recipient: Recipient, format: Format) -> Parcel {
        let clock = Clock::Fixed(kit::noon());
        let source = Source { reader: &self.reader, team: &self.team, clock: &clock, template };
        source.make(&Order { paper, recipient, format, sheets: Sheets::One }).unwrap()
    }

    /// What every kind of document says, before any template.
    fn documents(&self) -> Vec<Document> {
        let person = self.reader.agenda_people(self.next).unwrap()[0].id;
        let made = [
            (Paper::Minutes(self.sealed), Recipient::Full),
            (Paper::Minutes(self.sealed), Recipient::Pseudonymised { cleared: false }),
            (Paper::Agenda(self.next), Recipient::Full),
            (Paper::Pack(self.next), Recipient::Full),
            (Paper::Summaries(self.next), Recipient::Full),
            (Paper::Summary(person), Recipient::Full),
            (Paper::Minutes(self.sealed), Recipient::Numbers),
            (Paper::Actions(ActionFilter::default()), Recipient::Numbers),
        ];
        let read = |(paper, recipient)| {
            let parcel = self.make(&Template::default(), paper, recipient, Format::Json);
            Document::from_json(std::str::from_utf8(&parcel.bytes).unwrap()).unwrap()
        };
        let mut documents: Vec<Document> = made.into_iter().map(read).collect();
        let rows = actions::rows(&self.reader, self.team.id, &ActionFilter::default()).unwrap();
        documents.push(actions::document_of(&self.reader, &self.team, &rows, Day::from_iso("2026-11-26").unwrap()));
        let owner = rows[0].owner.clone();
        documents.push(slips::document_of(
            &self.reader,
            &self.team,
            &owner,
            &rows,
            Day::from_iso("2026-11-26").unwrap(),
        ));
        documents
    }
}

/// The words a document says of itself: head of the title, headings of level 1, labels, column titles.
fn labels(document: &Document) -> Vec<String> {
    let mut out = vec![document.title.split(" – ").next().unwrap().to_owned()];
    let facts = |facts: &[Fact]| facts.iter().map(|fact| fact.label.clone()).collect::<Vec<_>>();
    out.extend(facts(&document.meta));
    for block in &document.blocks {
        match block {
            Block::Heading { level: 1, text } => out.push(text.clone()),
            Block::Labelled { label, .. } => out.push(label.clone()),
            Block::Facts { facts: list } => out.extend(facts(list)),
            Block::Table { columns, .. } => out.extend(columns.iter().map(|column| column.title.clone())),
            _ => {}
        }
    }
    out
}

/// The same document without them, and without the line of confidentiality: what nobody may reword.
fn unlabelled(document: &Document) -> Document {
    let mut it = document.clone();
    it.title = it.title.split_once(" – ").map_or(String::new(), |(_, rest)| rest.to_owned());
    it.meta.iter_mut().for_each(|fact| fact.label.clear());
    for block in &mut it.blocks {
        match block {
            Block::Heading { level: 1, text } => text.clear(),
            Block::Labelled { label, .. } => label.clear(),
            Block::Facts { facts } => facts.iter_mut().for_each(|fact| fact.label.clear()),
            Block::Table { columns, .. } => columns.iter_mut().for_each(|column| column.title.clear()),
            _ => {}
        }
    }
    it
}

#[test]
fn every_word_of_ours_can_be_changed_and_nothing_else_is() {
    let team = Team::sits();
    let words: String =
        Template::words().iter().map(|word| format!("{word:?} = {:?}\n", format!("T:{word}"))).collect();
    let every = template(&format!("[words]\n{words}"));
    let documents = team.documents();
    for document in &documents {
        let reworded = every.apply(document.clone());
        assert!(unlabelled(&reworded) == unlabelled(document), "{}", document.kind);
        assert_eq!((&reworded.foot, &reworded.notices), (&document.foot, &document.notices));
        for (ours, theirs) in labels(document).iter().zip(labels(&reworded)) {
            // What names a person or a moment, and what is fixed, is nobody's to change.
            let is_kept = ours.starts_with("Tells ")
                || ["For", "Sealed", "Number", "Version"].contains(&ours.as_str())
                || ours.contains(" · ")
                || ours.ends_with(", Tolu Bankole");
            let wanted = if is_kept { ours.clone() } else { format!("T:{ours}") };
            assert_eq!(theirs, wanted, "{}: “{ours}” is not on the list of its kind", document.kind);
        }
    }
    let kinds: Vec<&str> = documents.iter().map(|document| document.kind.as_str()).collect();
    for kind in ["minutes", "agenda", "pack", "summary", "actions", "slip", "numbers"] {
        assert!(kinds.contains(&kind), "{kind} was not looked at");
    }
    // Nor is there one in the code that these documents happen not to say, and none stands on the list that is gone.
    let builders = ["minutes", "sealed", "agenda", "pack", "summary", "actions", "slips", "numbers"].map(|name| {
        fs::read_to_string(format!("{}/src/exchange/output/{name}.rs", env!("CARGO_MANIFEST_DIR"))).unwrap()
    });
    let begins = ["labelled(", "labelled_as(", "labelled_openly(", "meta(", "Fact::new(", "count(", "heading(1, "];
    for text in builders.iter().map(|text| text.replace("(\n", "(")) {
        for begin in begins {
            for rest in text.split(begin).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')) {
                let word = rest.split('"').next().unwrap();
                let fixed = ["Sealed", "Number", "Version"].contains(&word);
                assert!(Template::words().contains(&word) || fixed, "“{word}” is not on the list");
            }
        }
    }
    let counted = ["To come", "Discussed", "Deferred", "Not reached", "Withdrawn"];
    let titles = [
        "Minutes",
        "Agenda",
        "Preparation",
        "Summary",
        "Summaries",
        "Actions",
        "Your actions",
        "Numbers",
        "Actions in numbers",
    ];
    for word in Template::words() {
        let written = |text: &String| {
            text.contains(&format!("{word:?}")) || (titles.contains(&word) && text.contains(&format!("\"{word} – ")))
        };
        assert!(counted.contains(&word) || builders.iter().any(written), "nothing says “{word}” any more");
    }
}

#[test]
fn what_people_typed_is_never_reworded() {
    let mut document = Document::new("minutes", "Minutes – Minutes".to_owned(), "Minutes");
    document.notices.push("Minutes".to_owned());
    document.foot = Some("Minutes".to_owned());
    document.meta("Chair", "Minutes");
    document.heading(2, "Minutes");
    document.paragraph("Minutes");
    document.labelled("Update", "Minutes");
    document.facts(vec![Fact::new("Review", "Minutes")]);
    document.blocks.push(Block::List { items: vec!["Minutes".to_owned()] });
    document.table(&[("Action", 1)], vec![Row::of(["Minutes".to_owned()])]);
    let reworded = template("[words]\nMinutes = \"Notes\"").apply(document.clone());
    document.title = "Notes – Minutes".to_owned();
    assert!(reworded == document, "{:?}", reworded.texts());
    // A kind of document that the program does not know keeps its words, too.
    let other = Document { kind: "letter".to_owned(), ..document };
    assert!(template("[words]\nChair = \"Head\"").apply(other.clone()) == other);
}

#[test]
fn a_cut_keeps_its_own_line_and_says_for_whom_it_is() {
    let team = Team::sits();
    let practice = team.reader.organisations().unwrap().remove(0);
    let ours = template("confidentiality = \"SECRET – ours\"\n[words]\nMinutes = \"Notes\"\nTeam = \"For all\"");
    let text = |recipient| {
        let parcel = team.make(&ours, Paper::Minutes(team.sealed), recipient, Format::Markdown);
        String::from_utf8(parcel.bytes).unwrap()
    };
    let full = text(Recipient::Full);
    assert!(full.contains("SECRET – ours") && !full.contains(CONFIDENTIALITY), "{full}");
    assert!(full.contains("Notes – ") && full.contains("**For:** the whole team"), "{full}");
    let one = text(Recipient::organisation(&practice));
    assert!(one.contains(&format!("SECRET – ours – for {}", practice.name.as_str())), "{one}");
    assert!(one.contains(&format!("**For:** {} – only people", practice.name.as_str())), "{one}");
    let hidden = text(Recipient::Pseudonymised { cleared: false });
    assert!(!hidden.contains("SECRET") && hidden.contains("pseudonymised: nobody may try"), "{hidden}");
    let numbers = text(Recipient::Numbers);
    assert!(!numbers.contains("SECRET") && numbers.contains("OFFICIAL – counts only"), "{numbers}");
}

#[test]
fn sealed_minutes_keep_every_word_in_another_order() {
    let team = Team::sits();
    let sealed = team.documents().remove(0);
    let template = template("[minutes]\norder = [\"Action log\", \"People\"]\n[words]\n\"People\" = \"Persons\"");
    let moved = template.apply(sealed.clone());
    let sections = |it: &Document| {
        let heading = |block: &Block| match block {
            Block::Heading { level: 1, text } => Some(text.clone()),
            Block::Labelled { label, .. } if label == "Agreed as a true record" => Some("(chair)".to_owned()),
            _ => None,
        };
        it.blocks.iter().filter_map(heading).collect::<Vec<_>>()
    };
    let usual = sections(&sealed);
    assert!(
        usual.starts_with(&["Attendance".to_owned(), "Matters arising".to_owned(), "People".to_owned()]),
        "{usual:?}"
    );
    let now = sections(&moved);
    assert_eq!(now[..4], ["Action log", "Persons", "Attendance", "Matters arising"]);
    assert_eq!(now[now.len() - 2..], ["(chair)", "Addenda"], "what was added later stays below: {now:?}");
    assert_eq!(moved.foot, sealed.foot);
    assert!(sealed.spans.len() > 3 && moved.spans.len() == sealed.spans.len());
    // What programs read is the same under every template.
    let json = |it: &Template| team.make(it, Paper::Minutes(team.sealed), Recipient::Full, Format::Json).bytes;
    assert!(json(&template) == json(&Template::default()));
}

#[test]
fn the_plain_template_changes_no_byte() {
    let team = Team::sits();
    let empty = template("");
    assert_eq!(empty, Template::default());
    for format in [Format::Docx, Format::Pdf, Format::Html, Format::Markdown, Format::Text] {
        let made = |it: &Template| team.make(it, Paper::Minutes(team.sealed), Recipient::Full, format).bytes;
        let plain = Document::from_json(
            std::str::from_utf8(&team.make(&empty, Paper::Minutes(team.sealed), Recipient::Full, Format::Json).bytes)
                .unwrap(),
        )
        .unwrap();
        assert!(made(&empty) == format.render(for_the_team(&plain), &Look::default()).unwrap(), "{format:?}");
        assert!(made(&template("accent = \"#5B1A4F\"\n[words]\nMinutes = \"Notes\"")) != made(&empty));
    }
}

#[test]
fn a_logo_comes_with_every_format_that_has_pictures() {
    let team = Team::sits();
    for (name, kind) in [("logo.png", Picture::Png), ("logo.jpg", Picture::Jpeg)] {
        let it = template(&format!("heading = [\"Elm Grove\"]\nlogo = {name:?}\naccent = \"#5B1A4F\""));
        let logo = it.look().logo.as_ref().unwrap();
        assert_eq!((logo.kind, logo.width, logo.height, logo.says.as_str()), (kind, 60, 24, "Elm Grove"));
        let made = |format| team.make(&it, Paper::Minutes(team.sealed), Recipient::Full, format).bytes;
        let docx = made(Format::Docx);
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(docx)).unwrap();
        let part = format!("word/media/logo.{}", kind.media_type().trim_start_matches("image/"));
        let mut bytes = Vec::new();
        zip.by_name(&part).unwrap().read_to_end(&mut bytes).unwrap();
        assert!(bytes == logo.bytes);
        let page = String::from_utf8(made(Format::Html)).unwrap();
        assert!(page.contains(&format!("src=\"data:{};base64,{}\"", kind.media_type(), STANDARD.encode(&bytes))));
        assert!(page.contains("alt=\"Elm Grove\"") && page.contains("5B1A4F"));
        let pdf = made(Format::Pdf);
        assert_eq!(Pdf::read(&pdf).alternative(), "Elm Grove");
        let images = lopdf::Document::load_mem(&pdf).unwrap().objects.into_values().filter(|object| {
            let name = object.as_stream().and_then(|it| it.dict.get(b"Subtype")).and_then(lopdf::Object::as_name);
            name.is_ok_and(|name| name == b"Image")
        });
        assert_eq!(images.count(), 1);
    }
}

// ───────────────────────────────────────────── the back door and the screen

const BROKEN: &str = "heading = [\"Elm Grove Trust\"]\naccent = \"#FFCC00\"\n";

fn mdt(team: &Team, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("mdt").unwrap();
    let home = team.desk.folder.path();
    command.env("HOME", home).env("XDG_DATA_HOME", home).env("USER", "test").current_dir(home);
    command.args(["--file", "team.mdt"]).args(arguments);
    command
}

fn keep(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn the_command_line_takes_the_template_it_finds_or_is_told_of() {
    let team = Team::sits();
    let minutes = ["minutes", "--meeting", "latest", "--format", "html", "-o", "-"];
    let with = |more: &[&str]| mdt(&team, &[&minutes[..], more].concat());
    let plain = with(&[]).assert().success().stderr("").get_output().stdout.clone();
    keep(&team.file("template.toml"), "heading = [\"Elm Grove Trust\"]\n[words]\nMinutes = \"Notes\"");
    with(&[]).assert().success().stderr("").stdout(contains("Elm Grove Trust").and(contains("<h1>Notes – ")));
    let without = with(&["--template", "none"]).assert().success().get_output().stdout.clone();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    assert_eq!(text(&without), text(&plain));
    // A broken one that nobody named is said, and the paper is made all the same.
    keep(&team.file("template.toml"), BROKEN);
    let made = with(&[]).assert().success().stderr(
        contains("template.toml, line 2: the accent #FFCC00 is too light").and(contains("made in the plain look")),
    );
    assert_eq!(text(&made.get_output().stdout), text(&plain));
    let data = ["minutes", "--meeting", "latest", "--format", "json", "-o", "-"];
    mdt(&team, &data).assert().success().stderr("");
    // One that is named is an error, before anything leaves or is sealed.
    let log = |team: &Team| team.reader.head().unwrap().seq;
    let before = log(&team);
    for named in ["template.toml", "gone.toml"] {
        with(&["--template", named]).assert().code(1).stdout("").stderr(contains(named));
        with(&["--template", named, "--preview"]).assert().code(1).stdout("");
        with(&["--template", named, "--seal"]).assert().code(1).stdout("");
    }
    assert_eq!(log(&team), before);
    keep(&team.file("other.toml"), "heading = [\"Another\"]");
    with(&["--template", "other.toml"]).assert().success().stderr("").stdout(contains("Another"));
}

#[test]
fn a_template_can_be_looked_over_and_begun() {
    let team = Team::sits();
    let out = mdt(&team, &["template", "example"]).assert().success().get_output().stdout.clone();
    assert_eq!(String::from_utf8(out).unwrap(), EXAMPLE);
    keep(&team.file("mine.toml"), EXAMPLE);
    mdt(&team, &["template", "check", "mine.toml"]).assert().success().stdout("This template is sound.\n");
    keep(&team.file("mine.toml"), &format!("{BROKEN}[words]\nGossip = \"x\"\n"));
    mdt(&team, &["template", "check", "mine.toml"])
        .assert()
        .code(1)
        .stdout("")
        .stderr(contains("mine.toml, line 2: the accent").and(contains("mine.toml, line 4: “Gossip” is no word")));
    mdt(&team, &["template", "check", "none.toml"]).assert().code(1).stderr(contains("none.toml is not there."));
}

#[test]
fn a_broken_template_does_not_stop_a_chair() {
    let mut team = Team::sits();
    keep(&team.file("template.toml"), "[words]\nMinutes = \"Notes of ours\"");
    team.desk.keys("6p<enter>").shows("Written: exports/minutes-");
    keep(&team.file("template.toml"), BROKEN);
    team.desk.keys("6p<enter>").shows("Written in the plain look").shows("Written: exports/minutes-");
    team.desk.shows("template.toml, line 2: the accent #FFCC00 is too light").keys("<enter>").hides("plain look");
    let mut titles: Vec<(String, bool)> = fs::read_dir(team.file("exports"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let mut text = String::new();
            let mut zip = zip::ZipArchive::new(fs::File::open(&path).unwrap()).unwrap();
            zip.by_name("word/document.xml").unwrap().read_to_string(&mut text).unwrap();
            (path.file_name().unwrap().to_string_lossy().into_owned(), text.contains("Notes of ours – "))
        })
        .collect();
    titles.sort_by_key(|(name, _)| name.len());
    assert_eq!(titles.iter().map(|(_, theirs)| *theirs).collect::<Vec<_>>(), [true, false], "{titles:?}");
}
