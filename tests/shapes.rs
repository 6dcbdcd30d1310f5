//! Any caseload, rendered in any shape in which lists arrive, comes back as it was.
//!
//! A shape is a delimiter, an encoding that can hold the names, a line break, headers by any of their names, an order of
//! columns, names in one cell or two, days written in one of many ways, bands in the words of one tool, lines above the
//! header, one or two header rows. `PROPTEST_CASES=1000 cargo test --test shapes` tries more of them than the 64 of an
//! ordinary run.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod office;

use std::collections::BTreeMap;

use proptest::prelude::*;

use mdt::domain::intake::IntakeKind;
use mdt::exchange::intake::columns::Guess;
use mdt::exchange::intake::source::Source;

use office::{add_up, office};

/// What is known of somebody.
#[derive(Clone, Debug)]
struct Someone {
    surname: String,
    forename: String,
    title: Option<&'static str>,
    /// Year, month, day.
    born: (u32, u32, u32),
    band: usize,
    score: Option<u32>,
    efi: Option<u32>,
    cfs: Option<u32>,
    housebound: Option<bool>,
    alone: Option<bool>,
    practice: usize,
    address: Option<&'static str>,
}

/// How a list is written.
#[derive(Clone, Debug)]
struct Shape {
    delimiter: char,
    encoding: usize,
    line_break: &'static str,
    /// Which of its names each column has.
    names: Vec<usize>,
    /// The order of the columns.
    order: Vec<u32>,
    one_cell: bool,
    days: usize,
    bands: usize,
    above: usize,
    two_rows: bool,
    quoted: bool,
    spaced_numbers: bool,
    upper: bool,
    yes: usize,
    sep: bool,
}

const SURNAMES: [&str; 16] = [
    "Adams",
    "O'Hara",
    "O’Brien",
    "Smith-Jones",
    "Müller",
    "Wójcik",
    "Nguyễn",
    "Llŷr",
    "van der Berg",
    "Ångström",
    "de la Cruz",
    "Çelik",
    "St John",
    "Ó Súilleabháin",
    "Lee",
    "Dvořák",
];
const FORENAMES: [&str; 12] =
    ["Ann", "Siân", "Mary Ann", "Jean-Luc", "Zoë", "Thị Ánh", "Stanisław", "Bob", "D'Arcy", "Siôn", "José", "Olga"];
const ADDRESSES: [&str; 4] =
    ["1 High Street", "2, The Row; ZZ Town | ZZ1 1ZZ", "Rose \"Cottage\"", "3 Elm Lane,\nZZ Town"];
const PRACTICES: [&str; 3] = ["Elm Grove Surgery", "The Mill", "St Teilo's"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const BANDS: [[&str; 3]; 6] = [
    ["High", "Medium", "Low"],
    ["VERY HIGH", "Moderate", "very low"],
    ["Red", "Amber", "Green"],
    ["Tier 1", "Tier 2", "Tier 3"],
    ["h", "m", "l"],
    ["Level 3", "Rising Risk", "Level 1"],
];
const YES: [[&str; 2]; 5] = [["Y", "N"], ["Yes", "No"], ["TRUE", "FALSE"], ["1", "0"], ["✓", "✗"]];

/// The columns and by what they may be called.
const COLUMNS: [(&str, &[&str]); 12] = [
    ("number", &["NHS Number", "nhs_no", "NHS No.", "New NHS Number"]),
    ("surname", &["Surname", "FAMILY NAME", "Last Name"]),
    ("forename", &["Forename(s)", "Given Name", "First Name"]),
    ("name", &["Full Name", "PATIENT_NAME", "Name of Patient"]),
    ("born", &["Date of Birth", "DOB", "D.O.B."]),
    ("band", &["Risk Band", "Tier", "RISK LEVEL"]),
    ("score", &["Risk Score", "Admission Risk Score"]),
    ("efi", &["eFI", "Electronic Frailty Index"]),
    ("cfs", &["Rockwood Score", "CFS", "Clinical Frailty Scale"]),
    ("housebound", &["Housebound", "Is Housebound"]),
    ("alone", &["Lives Alone", "Living alone?"]),
    ("practice", &["Practice", "GP Practice", "ORGANISATION_TERM"]),
];

fn someone() -> impl Strategy<Value = Someone> {
    let name = (0..SURNAMES.len(), 0..FORENAMES.len(), proptest::option::of(0..3usize));
    let known = (
        proptest::option::of(0..100_000u32),
        proptest::option::of(0..=1_000u32),
        proptest::option::of(1..=9u32),
        proptest::option::of(any::<bool>()),
        proptest::option::of(any::<bool>()),
        proptest::option::of(0..ADDRESSES.len()),
    );
    let born = (1907..=2020u32, 1..=12u32, 1..=28u32);
    (name, born, 0..3usize, known, 0..PRACTICES.len()).prop_map(|(name, born, band, known, practice)| Someone {
        surname: SURNAMES[name.0].to_owned(),
        forename: FORENAMES[name.1].to_owned(),
        title: name.2.map(|at| ["Mrs", "Dr", "Mr"][at]),
        born,
        band,
        score: known.0,
        efi: known.1,
        cfs: known.2,
        housebound: known.3,
        alone: known.4,
        address: known.5.map(|at| ADDRESSES[at]),
        practice,
    })
}

fn shape() -> impl Strategy<Value = Shape> {
    let marks =
        (prop::sample::select(vec![',', ';', '\t', '|']), 0..6usize, prop::sample::select(vec!["\n", "\r\n", "\r"]));
    let names = prop::collection::vec(0..4usize, COLUMNS.len() + 1);
    let order = prop::collection::vec(any::<u32>(), COLUMNS.len() + 1);
    let kinds = (0..9usize, 0..BANDS.len(), 0..8usize, 0..YES.len());
    let ways = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (marks, names, order, kinds, ways).prop_map(|(marks, names, order, kinds, ways)| Shape {
        delimiter: marks.0,
        encoding: marks.1,
        line_break: marks.2,
        names,
        order,
        days: kinds.0,
        bands: kinds.1,
        above: kinds.2,
        yes: kinds.3,
        one_cell: ways.0,
        two_rows: ways.1,
        quoted: ways.2,
        spaced_numbers: ways.3,
        upper: ways.4,
        sep: ways.5,
    })
}

/// The NHS numbers of the range that is never issued, in order.
fn numbers() -> impl Iterator<Item = String> {
    (999_000_001..999_999_999u64).filter_map(|body| {
        let digits = body.to_string();
        let sum: u64 = digits.bytes().zip((2..=10).rev()).map(|(digit, weight)| u64::from(digit - b'0') * weight).sum();
        match 11 - sum % 11 {
            10 => None,
            11 => Some(format!("{body}0")),
            check => Some(format!("{body}{check}")),
        }
    })
}

fn day((year, month, day): (u32, u32, u32), way: usize) -> String {
    let name = MONTHS[month as usize - 1];
    match way {
        0 => format!("{day:02}/{month:02}/{year}"),
        1 => format!("{month:02}/{day:02}/{year}"),
        2 => format!("{day:02}-{name}-{year}"),
        3 => format!("{year}-{month:02}-{day:02}"),
        4 => format!("{year}-{month:02}-{day:02} 00:00:00"),
        5 => format!("{day}.{month}.{year}"),
        6 => format!("{day} {} {year}", if name == "Sep" { "September" } else { name }),
        7 => format!("{year}{month:02}{day:02}"),
        _ => {
            let day = chrono::NaiveDate::from_ymd_opt(year as i32, month, day).unwrap();
            (day - chrono::NaiveDate::from_ymd_opt(1899, 12, 30).unwrap()).num_days().to_string()
        }
    }
}

fn thousandths(n: u32) -> String {
    format!("{}.{:03}", n / 1_000, n % 1_000)
}

impl Shape {
    /// The columns that this shape has, in its order.
    fn columns(&self) -> Vec<(&'static str, String)> {
        let fits = |name: &str| match name {
            "surname" | "forename" => !self.one_cell,
            "name" => self.one_cell,
            _ => true,
        };
        let mut columns: Vec<(u32, &str, String)> = COLUMNS
            .iter()
            .enumerate()
            .filter(|(_, (name, _))| fits(name))
            .map(|(at, (name, called))| (self.order[at], *name, called[self.names[at] % called.len()].to_owned()))
            .collect();
        columns.push((self.order[COLUMNS.len()], "address", "Address".to_owned()));
        columns.sort();
        columns.into_iter().map(|(_, name, called)| (name, called)).collect()
    }

    fn cell(&self, column: &str, number: &str, it: &Someone) -> String {
        let case = |text: &str| if self.upper { text.to_uppercase() } else { text.to_owned() };
        let yes = |it: Option<bool>| it.map(|it| YES[self.yes][usize::from(!it)]).unwrap_or_default().to_owned();
        match column {
            "number" if self.spaced_numbers => format!("{} {} {}", &number[..3], &number[3..6], &number[6..]),
            "number" => number.to_owned(),
            "surname" => case(&it.surname),
            "forename" => it.forename.clone(),
            "name" => {
                let title = it.title.map(|title| format!(" ({title})")).unwrap_or_default();
                format!("{}, {}{title}", case(&it.surname), it.forename)
            }
            "born" => day(it.born, self.days),
            "band" => BANDS[self.bands][it.band].to_owned(),
            "score" => it.score.map(thousandths).unwrap_or_default(),
            "efi" => it.efi.map(thousandths).unwrap_or_default(),
            "cfs" => it.cfs.map(|cfs| cfs.to_string()).unwrap_or_default(),
            "housebound" => yes(it.housebound),
            "alone" => yes(it.alone),
            "practice" => PRACTICES[it.practice].to_owned(),
            _ => it.address.unwrap_or_default().to_owned(),
        }
    }

    fn written(&self, cell: &str) -> String {
        let needs = cell.contains([self.delimiter, '"', '\n', '\r']);
        let cell = cell.replace('\n', self.line_break);
        if needs || self.quoted { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    }

    /// The list, as it would arrive.
    fn render(&self, people: &[(String, Someone)]) -> Vec<u8> {
        let columns = self.columns();
        let mut lines: Vec<String> = Vec::new();
        if self.sep {
            lines.push(format!("sep={}", self.delimiter));
        }
        for at in 0..self.above {
            lines.push(["Caseload of the team", "", "Run on: 22 Nov 2026", "Everybody, by surname"][at % 4].to_owned());
        }
        let mark = self.delimiter.to_string();
        if self.two_rows {
            // One group over all of them, and one over the last two columns, with the same name under each.
            let mut groups = vec![String::new(); columns.len()];
            groups[0] = "Patient Details".to_owned();
            groups.extend(["Flu Jab".to_owned(), "Weight".to_owned()]);
            lines.push(groups.join(&mark));
        }
        let extra: &[&str] = if self.two_rows { &["Date", "Date"] } else { &[] };
        let names = columns.iter().map(|(_, called)| called.as_str()).chain(extra.iter().copied());
        lines.push(names.map(|name| self.written(name)).collect::<Vec<_>>().join(&mark));
        for (number, it) in people {
            let cells = columns.iter().map(|(column, _)| self.written(&self.cell(column, number, it)));
            let more = extra.iter().map(|_| "01-Oct-2026".to_owned());
            lines.push(cells.chain(more).collect::<Vec<_>>().join(&mark));
        }
        let text = lines.join(self.line_break) + self.line_break;
        let units = |mark: bool| mark.then_some(0xfeff_u16).into_iter().chain(text.encode_utf16());
        let ansi = encoding_rs::WINDOWS_1252.encode(&text);
        match self.encoding {
            0 => text.into_bytes(),
            1 => format!("\u{feff}{text}").into_bytes(),
            2 => units(true).flat_map(u16::to_le_bytes).collect(),
            3 => units(true).flat_map(u16::to_be_bytes).collect(),
            4 => units(false).flat_map(u16::to_le_bytes).collect(),
            // Where Windows-1252 has no such letter, nobody could write it so.
            _ if ansi.2 => text.into_bytes(),
            _ => ansi.0.into_owned(),
        }
    }

    /// What must be on file of somebody.
    fn expected(&self, number: &str, it: &Someone) -> BTreeMap<&'static str, String> {
        let yes = |it: Option<bool>| it.map_or("", |it| if it { "yes" } else { "no" }).to_owned();
        let plain = |n: Option<u32>| {
            let text = n.map(thousandths).unwrap_or_default();
            if text.is_empty() { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
        };
        let (year, month, day) = it.born;
        BTreeMap::from([
            ("number", number.to_owned()),
            ("surname", if self.upper { it.surname.to_uppercase() } else { it.surname.clone() }),
            ("forename", it.forename.clone()),
            ("title", it.title.filter(|_| self.one_cell).unwrap_or_default().to_owned()),
            ("born", format!("{year}-{month:02}-{day:02}")),
            ("band", ["high", "medium", "low"][it.band].to_owned()),
            ("score", plain(it.score)),
            ("efi", plain(it.efi)),
            ("cfs", it.cfs.map(|cfs| cfs.to_string()).unwrap_or_default()),
            ("housebound", yes(it.housebound)),
            ("lives_alone", yes(it.alone)),
            ("practice", PRACTICES[it.practice].to_owned()),
            ("address", it.address.unwrap_or_default().replace('\n', " ")),
        ])
    }
}

/// People with numbers; a day that tells day from month is among them.
fn caseload() -> impl Strategy<Value = Vec<(String, Someone)>> {
    prop::collection::vec(someone(), 1..14).prop_map(|mut people| {
        people[0].born.2 = people[0].born.2.max(13);
        numbers().step_by(7).zip(people).collect()
    })
}

fn read(bytes: &[u8]) -> (Source, Guess) {
    let source = Source::from_bytes("list.csv", bytes).unwrap();
    let guess = Guess::of(&source, IntakeKind::Caseload).unwrap();
    (source, guess)
}

fn cases(least: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|asked| asked.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(least), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn any_caseload_in_any_shape_comes_back_as_it_was(people in caseload(), shape in shape()) {
        let bytes = shape.render(&people);
        let (source, guess) = read(&bytes);
        prop_assert!(guess.certain().is_ok(), "{:?}", guess.certain());
        let mut office = office();
        let before = office.dump();
        let (report, _) = office.take(&source, &guess, false).unwrap();
        prop_assert!(add_up(&report));
        prop_assert_eq!(report.counts.rows, people.len() as i64);
        prop_assert_eq!(report.counts.new, people.len() as i64, "{:?}", report.refused);
        for (number, it) in &people {
            let facts = office.facts(&office.person(number).unwrap());
            for (fact, should) in shape.expected(number, it) {
                prop_assert_eq!(&facts[fact], &should, "{} of {}", fact, number);
            }
        }
        // Twice changes nothing.
        let (after, head) = (office.dump(), office.head());
        let (again, wrote) = office.take(&source, &guess, false).unwrap();
        prop_assert!(!wrote && again.counts.unchanged == again.counts.rows, "{:?}", again.counts);
        prop_assert!(office.dump() == after && office.head() == head);
        // One undo takes it back.
        office.undo();
        prop_assert!(office.dump() == before);
    }

    #[test]
    fn two_shapes_of_one_caseload_are_one_caseload(people in caseload(), one in shape(), other in shape()) {
        let other = Shape { upper: one.upper, one_cell: one.one_cell, ..other };
        let mut office = office();
        let (source, guess) = read(&one.render(&people));
        office.take(&source, &guess, false).unwrap();
        let (source, guess) = read(&other.render(&people));
        let (report, _) = office.take(&source, &guess, false).unwrap();
        prop_assert!(report.counts.unchanged == report.counts.rows, "{:?} {:?}", report.counts, report.changed);
    }

    #[test]
    fn the_order_of_rows_does_not_matter(people in caseload(), shape in shape(), turn in 0..14usize) {
        let everybody = |people: &[(String, Someone)]| {
            let mut office = office();
            let (source, guess) = read(&shape.render(people));
            office.take(&source, &guess, false).unwrap();
            let mut facts: Vec<_> = office.everybody().iter().map(|person| office.facts(person)).collect();
            facts.sort();
            facts
        };
        let mut turned = people.clone();
        turned.rotate_left(turn % people.len());
        turned.reverse();
        prop_assert!(everybody(&people) == everybody(&turned));
    }

    #[test]
    fn every_row_of_any_list_is_counted_once(
        cells in prop::collection::vec(prop::collection::vec(0..14usize, 0..7), 0..30),
        kind in 0..5usize,
    ) {
        let values = ["9990000018", "9990000026", "Adams", "Ann", "12/03/1938", "13/03/1938", "", "High", "no", "x\"y",
            "31/02/1938", "\u{202e}", "A&E", "?"];
        let heads = [
            (IntakeKind::Caseload, "NHS Number,Surname,Forename,DOB,Band,Housebound"),
            (IntakeKind::Nominations, "NHS Number,Surname,Forename,DOB,Reason,Told"),
            (IntakeKind::Members, "Name,Role,Organisation,Membership,Phone,Email"),
            (IntakeKind::Activity, "NHS Number,Type,Date,End Date,Provider,Source"),
            (IntakeKind::Directory, "Service,Organisation,Needs,Last Checked,Phone,About"),
        ];
        let (kind, head) = heads[kind];
        let rows = cells.iter().map(|row| row.iter().map(|at| values[*at]).collect::<Vec<_>>().join(","));
        let text = format!("{head}\n{}\n", rows.collect::<Vec<_>>().join("\n"));
        let source = Source::from_bytes("list.csv", text.as_bytes()).unwrap();
        let guess = Guess::of(&source, kind).unwrap();
        let mut office = office();
        let before = office.dump();
        let (report, wrote) = office.take(&source, &guess, true).unwrap();
        prop_assert!(add_up(&report));
        let filled = text.lines().skip(1).filter(|line| line.split(',').any(|cell| !cell.trim().is_empty())).count();
        prop_assert_eq!(report.counts.rows, filled as i64);
        let (again, _) = office.take(&source, &guess, true).unwrap();
        prop_assert!(again.counts.new == 0 && again.counts.changed == 0 && again.counts.rows == report.counts.rows);
        if wrote {
            let steps = office.head();
            while office.head() > 0 && office.dump() != before && office.head() < steps + 4 {
                office.undo();
            }
            prop_assert!(office.dump() == before);
        }
    }
}
