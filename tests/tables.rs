//! Tables, days and drafts that leave, read back by programs that are not ours: workbooks by calamine and an XML reader,
//! calendars by `ical`, messages by `mail-parser`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests fail as tests do"
)]

use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _, Xlsx};
use mail_parser::{MessageParser, MimeHeaders as _};
use mdt::domain::Word as _;
use mdt::domain::change::{Record, RecordId as _};
use mdt::domain::day::{Day, Moment, TimeOfDay};
use mdt::domain::id::{MeetingId, TeamId};
use mdt::domain::meeting::{Meeting, Stage};
use mdt::domain::team::Team;
use mdt::domain::text::Line;
use mdt::exchange::output::actions::{self, ActionLine, ActionLog};
use mdt::exchange::output::document::{CONFIDENTIALITY, Document, Row};
use mdt::exchange::output::eml::{self, Attachment, Draft};
use mdt::exchange::output::ics::{self, Detail};
use mdt::exchange::output::recipient::for_the_team;
use mdt::exchange::output::xlsx::{self, Sheets};
use proptest::prelude::*;

fn day(text: &str) -> Day {
    Day::from_iso(text).unwrap()
}

fn log(actions: Vec<ActionLine>) -> ActionLog {
    ActionLog {
        recipient_is: "the whole team".to_owned(),
        confidentiality: mdt::exchange::output::document::CONFIDENTIALITY.to_owned(),
        format: actions::FORMAT.into(),
        version: actions::VERSION,
        team: "Elm & Grove MDT".into(),
        demo: true,
        on: "2026-11-26".into(),
        recipient: "full".into(),
        actions,
    }
}

fn action(id: i64) -> ActionLine {
    ActionLine {
        about: None,
        owned_by: None,
        id: (7_000_000_000_000_000_000 + id).to_string(),
        person: Some("ADEYEMI, Jean (Jeannie)".into()),
        nhs_number: Some("9990000018".into()),
        born: Some("1942-03-12".into()),
        action: "Ring the district nurses about the dressing".into(),
        owner: "Priya Shah".into(),
        role: "social worker".into(),
        organisation: "Exampleshire Council".into(),
        raised_on: "2026-11-12".into(),
        due: "2026-11-16".into(),
        overdue_days: Some(10),
        carried: 1,
        state: "open".into(),
        state_on: None,
        reason: None,
        note: None,
    }
}

fn done(id: i64) -> ActionLine {
    ActionLine {
        person: None,
        nhs_number: None,
        born: None,
        owner: "Dr Amina Farouk".into(),
        organisation: "Elm Surgery".into(),
        state: "not done".into(),
        state_on: Some("2026-11-20".into()),
        reason: Some("service full".into()),
        note: Some("Tried twice.\nNo place before March.".into()),
        overdue_days: None,
        ..action(id)
    }
}

fn written(log: &ActionLog, sheets: Sheets) -> Vec<u8> {
    xlsx::actions(for_the_team(log), sheets).unwrap()
}

fn workbook(bytes: &[u8]) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes.to_vec())).unwrap()
}

/// A sheet as calamine sees it: days as ISO days, counts as digits.
fn sheet(bytes: &[u8], name: &str) -> Vec<Vec<String>> {
    let range = workbook(bytes).worksheet_range(name).unwrap();
    let seen = |cell: &Data| match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        Data::Float(number) => number.to_string(),
        Data::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            format!("day {year:04}-{month:02}-{day:02}")
        }
        other => panic!("{other:?} is not a cell of ours"),
    };
    range.rows().map(|row| row.iter().map(seen).collect()).collect()
}

/// The row that an action must make, told without the writer.
fn expected(line: &ActionLine) -> Vec<String> {
    let day = |iso: &Option<String>| iso.as_ref().map(|iso| format!("day {iso}")).unwrap_or_default();
    let number = |digits: &String| format!("{} {} {}", &digits[..3], &digits[3..6], &digits[6..]);
    vec![
        line.person.clone().unwrap_or("The team".into()),
        line.nhs_number.as_ref().map(number).unwrap_or_default(),
        day(&line.born),
        line.action.clone(),
        line.owner.clone(),
        line.role.clone(),
        line.organisation.clone(),
        format!("day {}", line.raised_on),
        format!("day {}", line.due),
        match line.overdue_days {
            None => String::new(),
            Some(1) => "OVERDUE 1 day".into(),
            Some(days) => format!("OVERDUE {days} days"),
        },
        line.state.clone(),
        day(&line.state_on),
        line.reason.clone().unwrap_or_default(),
        line.note.clone().unwrap_or_default(),
        line.carried.to_string(),
        line.id.clone(),
    ]
}

fn rows(bytes: &[u8], name: &str) -> Vec<Vec<String>> {
    sheet(bytes, name).into_iter().skip(1).collect()
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut text = String::new();
    zip::ZipArchive::new(Cursor::new(bytes)).unwrap().by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The elements of a part in order, each with its attributes and the text right in it; panics where it is not XML.
fn elements(xml: &str) -> Vec<(String, String, String)> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut out, mut open): (Vec<(String, String, String)>, Vec<usize>) = (Vec::new(), Vec::new());
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Start(it) | Event::Empty(it) => {
                let name = it.name().as_ref().to_owned();
                let attributes: Vec<String> = it
                    .attributes()
                    .map(|it| {
                        let it = it.unwrap();
                        format!("{}={}", it.key.as_ref(), it.value)
                    })
                    .collect();
                if matches!(event, Event::Start(_)) {
                    open.push(out.len());
                }
                out.push((name, attributes.join(" "), String::new()));
            }
            Event::End(_) => drop(open.pop().unwrap()),
            Event::Text(text) => {
                if let Some(last) = open.last() {
                    out[*last].2.push_str(text);
                }
            }
            Event::GeneralRef(name) => {
                if let Some(last) = open.last() {
                    out[*last].2.push_str(&format!("&{};", &**name));
                }
            }
            Event::Eof => return out,
            _ => {}
        }
    }
}

fn all_parts(bytes: &[u8]) -> Vec<String> {
    let archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    archive.file_names().map(|name| name.unwrap().into_owned()).collect()
}

// ───────────────────────────────────────────── the action log as a workbook

#[test]
fn the_log_is_read_back_as_it_was() {
    let log = log(vec![action(1), done(2), ActionLine { overdue_days: Some(1), ..action(3) }]);
    let bytes = written(&log, Sheets::One);
    assert_eq!(workbook(&bytes).sheet_names(), ["All actions", "About"]);
    let seen = sheet(&bytes, "All actions");
    let mut head: Vec<&str> = xlsx::COLUMNS.iter().map(|(title, _)| *title).collect();
    head[9] = "Overdue on 26-Nov-2026";
    assert_eq!(seen[0], head);
    assert_eq!(seen[1..], log.actions.iter().map(expected).collect::<Vec<_>>());
    assert_eq!(seen[1][1], "999 000 0018");
    assert_eq!((seen[1][8].as_str(), seen[1][9].as_str()), ("day 2026-11-16", "OVERDUE 10 days"));
    let about = sheet(&bytes, "About").concat().join("\n");
    for words in ["DEMO – invented people", "Elm & Grove MDT", "Thu 26-Nov-2026", "the whole team", CONFIDENTIALITY] {
        assert!(about.contains(words), "{words}: {about}");
    }
    assert_eq!(bytes, written(&log, Sheets::One), "the same log gives the same bytes");
}

#[test]
fn an_empty_log_is_a_workbook_with_its_header() {
    for sheets in Sheets::ALL {
        let bytes = written(&log(Vec::new()), *sheets);
        assert_eq!(workbook(&bytes).sheet_names(), ["All actions", "About"]);
        assert_eq!(sheet(&bytes, "All actions").len(), 1);
        elements(&part(&bytes, "xl/worksheets/sheet1.xml"));
    }
}

#[test]
fn each_owner_and_each_organisation_has_a_sheet() {
    let log = log(vec![action(1), done(2), action(3)]);
    let bytes = written(&log, Sheets::ByOwner);
    assert_eq!(workbook(&bytes).sheet_names(), ["All actions", "Dr Amina Farouk", "Priya Shah", "About"]);
    assert_eq!(rows(&bytes, "Dr Amina Farouk"), [expected(&log.actions[1])]);
    assert_eq!(rows(&bytes, "Priya Shah"), [expected(&log.actions[0]), expected(&log.actions[2])]);
    let bytes = written(&log, Sheets::ByOrganisation);
    assert_eq!(workbook(&bytes).sheet_names(), ["All actions", "Elm Surgery", "Exampleshire Council", "About"]);
    assert_eq!(Sheets::from_code("owner"), Some(Sheets::ByOwner));
}

#[test]
fn the_sheet_is_laid_out_for_screen_and_paper() {
    let bytes = written(&log(vec![action(1), done(2)]), Sheets::ByOwner);
    for name in all_parts(&bytes).iter().filter(|name| name.ends_with(".xml") || name.ends_with(".rels")) {
        assert!(!elements(&part(&bytes, name)).is_empty(), "{name}");
    }
    for n in 1..=3 {
        let found = elements(&part(&bytes, &format!("xl/worksheets/sheet{n}.xml")));
        let one =
            |name: &str| found.iter().find(|(it, ..)| it == name).unwrap_or_else(|| panic!("{name} in sheet {n}"));
        let last = if n == 1 { 3 } else { 2 };
        assert_eq!(one("autoFilter").1, format!("ref=A1:P{last}"));
        assert!(one("pane").1.contains("xSplit=1 ySplit=1") && one("pane").1.contains("state=frozen"));
        assert_eq!(one("conditionalFormatting").1, format!("sqref=I2:K{last}"));
        let rule = &one("formula").2;
        assert!(rule.contains("$I2&lt;TODAY()") && rule.contains(r#"OR($K2="open",$K2="accepted")"#), "{rule}");
        let setup = &one("pageSetup").1;
        assert!(
            ["paperSize=9", "orientation=landscape", "fitToHeight=0"].iter().all(|it| setup.contains(it)),
            "{setup}"
        );
        assert!(
            one("oddFooter").2.contains("OFFICIAL-SENSITIVE") && one("oddFooter").2.ends_with("Page &amp;P of &amp;N")
        );
        assert!(one("oddHeader").2.contains("&amp;LElm &amp;&amp; Grove MDT"), "{}", one("oddHeader").2);
        assert!(found.iter().all(|(name, ..)| name != "f"), "no cell is a formula");
        // As high as what they hold, and free to grow: the title of Overdue has two lines, and so has the note.
        let heights: Vec<bool> = found.iter().filter(|it| it.0 == "row").map(|it| it.1.contains("ht=30")).collect();
        assert_eq!((heights.len(), heights[0]), (last, true));
        assert!(found.iter().all(|it| it.0 != "row" || !it.1.contains("customHeight")));
    }
    let names = elements(&part(&bytes, "xl/workbook.xml"));
    let titles: Vec<_> =
        names.iter().filter(|it| it.1.contains("_xlnm.Print_Titles")).map(|it| it.2.as_str()).collect();
    assert_eq!(titles, ["'All actions'!$1:$1", "'Dr Amina Farouk'!$1:$1", "'Priya Shah'!$1:$1"]);
    let styles = part(&bytes, "xl/styles.xml");
    assert!(styles.contains(r#"formatCode="dd-mmm-yyyy""#) && styles.contains("FFC7CE") && styles.contains("9C0006"));
}

#[test]
fn the_properties_name_a_title_and_nobody() {
    let core = elements(&part(&written(&log(vec![action(1)]), Sheets::One), "docProps/core.xml"));
    let text = |name: &str| core.iter().find(|it| it.0 == name).map(|it| it.2.clone()).unwrap_or_default();
    assert_eq!(text("dc:title"), "Elm &amp; Grove MDT – Actions");
    assert_eq!((text("dc:creator"), text("cp:lastModifiedBy")), (String::new(), String::new()));
    assert_eq!(text("dcterms:created"), "1980-01-01T00:00:00Z");
    let bytes = written(&log(vec![action(1)]), Sheets::One);
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    for n in 0..archive.len() {
        assert_eq!(archive.by_index(n).unwrap().last_modified().unwrap(), zip::DateTime::default());
    }
}

/// What a spreadsheet would run, and what would break its parts.
const HOSTILE: [&str; 18] = [
    "=1+1",
    "+44 7700 900000",
    "-2",
    "@SUM(A1)",
    "\ttab",
    "=HYPERLINK(\"http://example.invalid\",\"click\")",
    "=cmd|' /C calc'!A0",
    "＝1+1",
    " =1",
    "'quoted",
    "<b>&amp;</b> ]]> \"'",
    "_x0041_ _x000D_",
    "👩🏽‍⚕️🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "Nguyễn Thị Minh Khai",
    "NULL",
    "12/11/2026",
    "1e10",
    "  edges  ",
];

#[test]
fn hostile_words_stay_words() {
    let actions = (1..).zip(HOSTILE).map(|(n, text)| ActionLine {
        person: Some(text.into()),
        action: text.into(),
        owner: text.into(),
        role: text.into(),
        organisation: text.into(),
        note: Some(text.into()),
        ..action(n)
    });
    let log = log(actions.collect());
    for sheets in Sheets::ALL {
        let bytes = written(&log, *sheets);
        assert_eq!(rows(&bytes, "All actions"), log.actions.iter().map(expected).collect::<Vec<_>>());
        for name in all_parts(&bytes).iter().filter(|name| name.starts_with("xl/worksheets/sheet")) {
            assert!(elements(&part(&bytes, name)).iter().all(|(it, ..)| it != "f" && it != "hyperlink"), "{name}");
        }
        assert!(part(&bytes, "xl/styles.xml").contains(r#"quotePrefix="1""#), "an edited cell stays a text");
        let mut seen: Vec<Vec<String>> = Vec::new();
        let names = workbook(&bytes).sheet_names();
        for name in names.iter().filter(|name| !["All actions", "About"].contains(&name.as_str())) {
            seen.extend(rows(&bytes, name));
        }
        seen.sort();
        let mut all: Vec<_> = log.actions.iter().map(expected).filter(|_| *sheets != Sheets::One).collect();
        all.sort();
        assert_eq!(seen, all, "each action is on one further sheet");
    }
}

#[test]
fn names_of_sheets_are_names_that_excel_takes() {
    let owners = [
        "ann lee",
        "Ann Lee",
        "ANN LEE",
        "A name so long that no sheet could ever bear it, one",
        "A name so long that no sheet could ever bear it, two",
        "👩👩👩👩👩👩👩👩👩👩👩👩👩👩👩👩👩👩",
        "Smith/Jones [locum]: *?\\",
        "History",
        "about",
        "all actions",
        "Long texts",
        "'O'Brien'",
        "   ",
        "",
        "///",
        "ﬁne",
        "fine",
    ];
    let actions = (1..).zip(owners).map(|(n, owner)| ActionLine { owner: owner.into(), ..action(n) });
    let bytes = written(&log(actions.collect()), Sheets::ByOwner);
    let names = workbook(&bytes).sheet_names();
    assert_eq!(names.len(), owners.len() + 2);
    let mut alike = std::collections::BTreeSet::new();
    for name in &names {
        assert!(!name.is_empty() && name.encode_utf16().count() <= 31, "{name}");
        assert!(!name.contains(['[', ']', ':', '*', '?', '/', '\\']), "{name}");
        assert!(!name.starts_with('\'') && !name.ends_with('\'') && name.trim() == name, "{name}");
        assert!(name.to_lowercase() != "history" && alike.insert(name.to_lowercase()), "{name}");
    }
    for name in ["Ann Lee (2)", "Smith-Jones [locum]- ---".replace(['[', ']'], "-").as_str(), "O'Brien", "History (2)"]
    {
        assert!(names.iter().any(|it| it.eq_ignore_ascii_case(name)), "{name} in {names:?}");
    }
}

#[test]
fn two_owners_of_one_name_have_two_sheets() {
    let other = ActionLine { organisation: "Elm Surgery".into(), role: "GP".into(), ..action(2) };
    let bytes = written(&log(vec![action(1), other]), Sheets::ByOwner);
    assert_eq!(workbook(&bytes).sheet_names(), ["All actions", "Priya Shah", "Priya Shah (2)", "About"]);
}

#[test]
fn a_long_text_goes_on_and_nothing_of_it_is_lost() {
    let long = |sign: &str, times: usize| (0..times).map(|n| format!("{sign}{n} ")).collect::<String>();
    let texts = ["x".repeat(32_767), "x".repeat(32_768), long("👩🏽‍⚕️", 20_000), format!("a{}", "\u{301}".repeat(40_000))];
    for text in texts {
        let log = log(vec![ActionLine { note: Some(text.clone()), ..action(1) }]);
        let bytes = written(&log, Sheets::ByOwner);
        let names = workbook(&bytes).sheet_names();
        let mut seen = rows(&bytes, "All actions")[0][13].clone();
        assert_eq!(rows(&bytes, "Priya Shah")[0][13], seen);
        if text.encode_utf16().count() > 32_767 {
            let (kept, where_to) = seen.split_once("\n[This goes on").unwrap();
            assert!(where_to.contains(&log.actions[0].id) && where_to.contains("Long texts"), "{where_to}");
            let rest = rows(&bytes, "Long texts");
            assert_eq!(rest[0][1], format!("2 of {}", rest.len() + 1));
            assert!(rest.iter().all(|row| row[0] == format!("{}, Note", log.actions[0].id)));
            seen = kept.to_owned() + &rest.iter().map(|row| row[2].as_str()).collect::<String>();
        } else {
            assert!(!names.contains(&"Long texts".to_owned()));
        }
        assert!(seen == text, "the text is whole");
        for name in names {
            let cells = sheet(&bytes, &name).concat();
            assert!(cells.iter().all(|cell| cell.encode_utf16().count() <= 32_767), "{name}");
        }
    }
}

#[test]
fn days_that_spreadsheets_count_differently_stay_words() {
    let old = ActionLine { born: Some("1899-12-31".into()), ..action(1) };
    let odd = ActionLine { born: Some("1900-02-28".into()), ..action(2) };
    let first = ActionLine { born: Some("1900-03-01".into()), ..action(3) };
    let seen = rows(&written(&log(vec![old, odd, first]), Sheets::One), "All actions");
    assert_eq!([&seen[0][2], &seen[1][2], &seen[2][2]], ["31-Dec-1899", "28-Feb-1900", "day 1900-03-01"]);
}

/// Words as people and machines write them, and as nobody should.
fn words() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "a",
        "Z",
        "7",
        " ",
        "=",
        "+",
        "-",
        "@",
        "\t",
        "\n",
        "'",
        "\"",
        "<",
        ">",
        "&",
        "_x0041_",
        "_x",
        "é",
        "ễ",
        "漢",
        "👩🏽‍⚕️",
        "＝",
        "\u{a0}",
        "|",
        ",",
        ";",
        "OVERDUE",
        "12-Jan-2027",
    ]);
    prop::collection::vec(bits, 0..12).prop_map(|bits| bits.concat())
}

fn iso() -> impl Strategy<Value = String> {
    (0..80_000_i64).prop_map(|days| day("1900-03-01").plus(days).iso())
}

/// An action that may be printed, because nobody is meant by it.
#[derive(Clone)]
struct Any(ActionLine);

impl std::fmt::Debug for Any {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&serde_json::to_string(&self.0).unwrap())
    }
}

prop_compose! {
    fn any_action()(
        id in any::<i64>(),
        person in prop::option::of(words()),
        number in prop::option::of("[0-9]{10}"),
        born in prop::option::of(iso()),
        texts in [words(), words(), words(), words()],
        raised_on in iso(),
        due in iso(),
        overdue_days in prop::option::of(1..4_000_i64),
        carried in 0..60_i64,
        state in prop::sample::select(vec!["open", "accepted", "done", "not done", "withdrawn"]),
        state_on in prop::option::of(iso()),
        reason in prop::option::of(prop::sample::select(vec!["died", "service full", "other"])),
        note in prop::option::of(words()),
    ) -> Any {
        let [action, owner, role, organisation] = texts;
        Any(ActionLine {
        about: None,
        owned_by: None,
            id: id.to_string(), person, nhs_number: number, born, action, owner, role, organisation, raised_on, due,
            overdue_days, carried, state: state.into(), state_on, reason: reason.map(str::to_owned), note,
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_log_is_read_back(actions in prop::collection::vec(any_action(), 0..12), at in 0..Sheets::ALL.len()) {
        let log = log(actions.into_iter().map(|Any(line)| line).collect());
        let bytes = written(&log, Sheets::ALL[at]);
        let seen = rows(&bytes, "All actions");
        prop_assert_eq!(seen, log.actions.iter().map(expected).collect::<Vec<_>>());
        for name in all_parts(&bytes).iter().filter(|name| name.starts_with("xl/worksheets/sheet")) {
            prop_assert!(elements(&part(&bytes, name)).iter().all(|(it, ..)| it != "f"));
        }
    }

    #[test]
    fn every_calendar_keeps_its_lines(actions in prop::collection::vec(any_action(), 0..6), at in 0..2_usize) {
        let log = log(actions.into_iter().map(|Any(line)| line).collect());
        let text = ics::actions(for_the_team(&log), Detail::ALL[at], moment());
        let live = log.actions.iter().filter(|it| ["open", "accepted"].contains(&it.state.as_str())).count();
        prop_assert_eq!(calendar(&text).events.len(), live);
    }
}

// ───────────────────────────────────────────── any document's tables

#[test]
fn a_sheet_for_each_table_of_a_document() {
    let mut document = Document::new("minutes", "Minutes – Thu 26-Nov-2026".into(), "Elm Grove MDT");
    document.notices.push("DRAFT – not agreed".into());
    document.heading(1, "Who attended");
    document.table(
        &[("Name", 3), ("Since", 1)],
        vec![Row::of(["Priya Shah".into(), "17-Jan-2027".into()]), Row::of(["=1+1".into(), String::new()])],
    );
    document.heading(1, "Actions");
    document.table(
        &[("Due", 1), ("Left", 1)],
        vec![
            Row::of(["17-Jan-2027".into(), "17-Jan-2027".into()]),
            Row::of(["when he is well".into(), "1 Jan 2027".into()]),
        ],
    );
    document.table(&[("Empty", 1)], Vec::new());
    let bytes = xlsx::document(for_the_team(&document)).unwrap();
    assert_eq!(workbook(&bytes).sheet_names(), ["Who attended", "Actions", "Actions (2)", "About"]);
    assert_eq!(sheet(&bytes, "Who attended"), [["Name", "Since"], ["Priya Shah", "day 2027-01-17"], ["=1+1", ""]]);
    assert_eq!(
        sheet(&bytes, "Actions"),
        [["Due", "Left"], ["17-Jan-2027", "17-Jan-2027"], ["when he is well", "1 Jan 2027"]]
    );
    assert_eq!(sheet(&bytes, "About")[0], ["Notice", "DRAFT – not agreed"]);
    let header = elements(&part(&bytes, "xl/worksheets/sheet1.xml"));
    assert!(header.iter().any(|it| it.0 == "oddHeader" && it.2.contains("DRAFT")));
    assert_eq!(bytes, xlsx::document(for_the_team(&document)).unwrap());
    let bare = Document::new("minutes", "Minutes".into(), "Elm Grove MDT");
    let bytes = xlsx::document(for_the_team(&bare)).unwrap();
    assert_eq!(workbook(&bytes).sheet_names(), ["About"]);
}

// ───────────────────────────────────────────── calendars

fn moment() -> Moment {
    Moment::from_iso("2026-11-26T15:30:00Z").unwrap()
}

/// Reads a calendar, and holds its lines to the rules on the way.
fn calendar(text: &str) -> ical::parser::ical::component::IcalCalendar {
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']), "lines end with CR LF");
    for line in text.split("\r\n") {
        assert!(line.len() <= 75, "{line:?}");
    }
    let mut read = ical::IcalParser::new(text.as_bytes());
    let calendar = read.next().unwrap().unwrap();
    assert!(read.next().is_none());
    calendar
}

fn value(properties: &[ical::property::Property], name: &str) -> String {
    let found: Vec<_> = properties.iter().filter(|it| it.name == name).collect();
    assert!(found.len() <= 1, "{name} stands once");
    found.first().and_then(|it| it.value.clone()).unwrap_or_default()
}

#[test]
fn a_calendar_has_each_action_still_to_be_done() {
    let team = ActionLine { person: None, state: "accepted".into(), due: "2026-11-30".into(), ..action(3) };
    let log = log(vec![action(1), done(2), team]);
    let text = ics::actions(for_the_team(&log), Detail::Plain, moment());
    let read = calendar(&text);
    assert_eq!(read.events.len(), 2);
    let first = &read.events[0].properties;
    assert_eq!(value(first, "UID"), "mdt-action-7000000000000000001");
    assert_eq!((value(first, "DTSTART"), value(first, "DTEND")), ("20261116".into(), "20261117".into()));
    assert_eq!((value(first, "DTSTAMP"), value(first, "TRANSP")), ("20261126T153000Z".into(), "TRANSPARENT".into()));
    assert_eq!(value(first, "SUMMARY"), "MDT action due: J.A. – see mdt");
    assert_eq!(value(&read.events[1].properties, "SUMMARY"), "MDT action due: team – see mdt");
    // Both days are Mondays: the working day before is a Friday.
    for event in &read.events {
        assert_eq!(value(&event.alarms[0].properties, "ACTION"), "DISPLAY");
        assert_eq!(value(&event.alarms[0].properties, "TRIGGER"), "-P2DT15H");
    }
    for said in ["ADEYEMI", "Adeyemi", "Jean", "999", "1942", "dressing", "Priya", "ATTENDEE", "ORGANIZER"] {
        assert!(!text.contains(said), "{said} stays at home");
    }
    assert_eq!(text, ics::actions(for_the_team(&log), Detail::Plain, moment()));
}

#[test]
fn the_reminder_is_on_the_last_working_day() {
    for (due, trigger) in
        [("2026-11-24", "-PT15H"), ("2026-11-28", "-PT15H"), ("2026-11-29", "-P1DT15H"), ("2026-11-30", "-P2DT15H")]
    {
        let log = log(vec![ActionLine { due: due.into(), ..action(1) }]);
        let text = ics::actions(for_the_team(&log), Detail::Plain, moment());
        assert_eq!(value(&calendar(&text).events[0].alarms[0].properties, "TRIGGER"), trigger, "{due}");
    }
}

#[test]
fn the_words_of_an_action_travel_only_where_asked_for() {
    let words = "Ring; the nurse, about a\\b\nBEGIN:VEVENT\r\nUID:x ễ👩 ".repeat(8);
    let log = log(vec![ActionLine { action: words.clone(), ..action(1) }]);
    let text = ics::actions(for_the_team(&log), Detail::Full, moment());
    let read = calendar(&text);
    assert_eq!(read.events.len(), 1);
    let said = value(&read.events[0].properties, "DESCRIPTION");
    let plain = said.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\");
    assert_eq!(plain, words.replace('\r', "␍").trim_end());
    assert!(!text.contains("ADEYEMI") && !text.contains("999"));
}

fn named(team: &str) -> Record<Team> {
    Record { id: TeamId::from_raw(1), value: Team::new(Line::parse(team).unwrap()) }
}

fn sitting(stage: Stage) -> Record<Meeting> {
    let value = Meeting {
        team: TeamId::from_raw(1),
        on: day("2026-11-26"),
        starts: TimeOfDay::new(23, 30).unwrap(),
        length: 60,
        place: Some(Line::parse("Room 2, Elm Surgery; first floor").unwrap()),
        chair: None,
        minute_taker: None,
        stage,
        begun_at: None,
        ended_at: None,
        here: None,
        here_since: None,
        break_offered: false,
    };
    Record { id: MeetingId::from_raw(42), value }
}

#[test]
fn a_meeting_says_when_and_where() {
    let team = named("Elm Grove");
    let text = ics::meeting(&team, &sitting(Stage::Planned), moment());
    let read = calendar(&text);
    let event = &read.events[0].properties;
    assert_eq!((value(event, "SUMMARY"), value(event, "STATUS")), ("Elm Grove MDT".into(), "CONFIRMED".into()));
    assert_eq!(value(event, "LOCATION"), "Room 2\\, Elm Surgery\\; first floor");
    assert!(text.contains("DTSTART;TZID=Europe/London:20261126T233000\r\n"));
    assert!(text.contains("DTEND;TZID=Europe/London:20261127T003000\r\n"), "past midnight");
    let zone = &read.timezones[0];
    assert_eq!(value(&zone.properties, "TZID"), "Europe/London");
    assert_eq!(zone.transitions.len(), 2);
    let cancelled = ics::meeting(&team, &sitting(Stage::Cancelled), moment());
    assert!(cancelled.contains("STATUS:CANCELLED\r\n"));
    assert!(
        ics::meeting(&named("Elm Grove MDT"), &sitting(Stage::Planned), moment()).contains("SUMMARY:Elm Grove MDT\r\n")
    );
}

// ───────────────────────────────────────────── drafts

const SLIP: &str =
    "Dear Priya,\n\n1. Ring Nguyễn Thị Minh Khai’s daughter – by 12-Dec-2026\n.\nFrom the team\n=_mdt_mixed_\n";

fn slip<'a>(attachments: &'a [Attachment<'a>]) -> Draft<'a> {
    Draft {
        to: Some("priya.o'shah+mdt@example.nhs.uk"),
        subject: "Elm Grove MDT: your actions, 26-Nov-2026",
        text: SLIP,
        html: Some("<p>Dear Priya, 1 &lt; 2 – ễ</p>"),
        attachments,
    }
}

#[test]
fn a_draft_is_read_back_as_it_was() {
    let log = log(vec![action(1)]);
    let (book, days) = (written(&log, Sheets::One), ics::actions(for_the_team(&log), Detail::Plain, moment()));
    let attachments = [
        Attachment {
            name: "actions-2026-11-26-full.xlsx",
            kind: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            bytes: &book,
        },
        Attachment { name: "due days – ễ.ics", kind: "text/calendar", bytes: days.as_bytes() },
    ];
    let bytes = eml::draft(&slip(&attachments)).unwrap();
    assert_eq!(bytes, eml::draft(&slip(&attachments)).unwrap(), "the same slip gives the same bytes");
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.is_ascii() && !text.replace("\r\n", "").contains(['\r', '\n']));
    // The media type of a workbook is longer than that by itself.
    let long = |line: &&str| line.len() > 78 && !line.starts_with("Content-Type: application/vnd.");
    assert_eq!(text.split("\r\n").find(long), None);
    let read = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(read.header_raw("X-Unsent").map(str::trim), Some("1"));
    assert_eq!(read.to().unwrap().first().unwrap().address(), Some("priya.o'shah+mdt@example.nhs.uk"));
    assert_eq!(read.subject(), Some("Elm Grove MDT: your actions, 26-Nov-2026"));
    assert!(read.from().is_none() && read.date().is_none() && read.message_id().is_none());
    assert_eq!(read.body_text(0).unwrap().replace("\r\n", "\n"), SLIP);
    assert_eq!(read.body_html(0).unwrap(), "<p>Dear Priya, 1 &lt; 2 – ễ</p>");
    assert_eq!(read.attachment_count(), 2);
    for (n, attachment) in (0..).zip(&attachments) {
        let seen = read.attachment(n).unwrap();
        assert_eq!((seen.attachment_name(), seen.contents()), (Some(attachment.name), attachment.bytes));
    }
}

#[test]
fn a_draft_of_words_alone_needs_no_parts() {
    let plain = Draft { to: None, html: None, text: "Nothing to do.\n", ..slip(&[]) };
    let bytes = eml::draft(&plain).unwrap();
    let read = MessageParser::default().parse(&bytes).unwrap();
    assert!(read.to().is_none() && read.content_type().unwrap().ctype() == "text");
    assert_eq!(read.body_text(0).unwrap(), "Nothing to do.\r\n");
    assert_eq!(eml::subject("Elm Grove MDT", day("2026-11-26")), "Elm Grove MDT: your actions, 26-Nov-2026");
}

#[test]
fn nothing_gets_into_the_head_of_a_draft() {
    for to in [
        "",
        "priya",
        "a@b",
        "a b@c.uk",
        "a@b.uk, c@d.uk",
        "a@b.uk\r\nBcc: all@example.uk",
        "<a@b.uk>",
        "a@b.uk\n",
        "a@-b.uk",
        "a..b@c.uk",
        ".a@c.uk",
        "a@c..uk",
        "ễ@c.uk",
        "a@b@c.uk",
        "\"a\"@c.uk",
        "a@[10.0.0.1]",
        "a(x)@c.uk",
    ] {
        let refused = eml::draft(&Draft { to: Some(to), ..slip(&[]) });
        assert!(refused.is_err(), "{to:?}");
    }
    for subject in
        ["About 999 000 0018", "9990000018", "no. 999-000-0018, please", "Hello\r\nBcc: all@example.uk", "a\tb"]
    {
        assert!(eml::draft(&Draft { subject, ..slip(&[]) }).is_err(), "{subject:?}");
    }
    for (name, kind) in [
        ("a\r\nb.ics", "text/calendar"),
        ("../a.ics", "text/calendar"),
        ("", "text/calendar"),
        ("999 000 0018.ics", "text/calendar"),
        ("a.ics", "text/calendar\r\nBcc: x"),
        ("a.ics", "calendar"),
    ] {
        let attachments = [Attachment { name, kind, bytes: b"x" }];
        assert!(eml::draft(&slip(&attachments)).is_err(), "{name:?} {kind:?}");
    }
    for subject in ["Café – your actions", "2026-11-26 10:30"] {
        let bytes = eml::draft(&Draft { subject, ..slip(&[]) }).unwrap();
        assert_eq!(MessageParser::default().parse(&bytes).unwrap().subject(), Some(subject));
    }
}
