//! Lists that arrive: what becomes of each row, that counts add up, that undo takes all back, and that nothing is lost unseen.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

use chrono::{DateTime, Utc};

use mdt::clock::{Clock, Now};
use mdt::domain::band::{Band, BandEntry};
use mdt::domain::change::{Mint, Record, add, alter};
use mdt::domain::id::TeamId;
use mdt::domain::intake::{IntakeKind, QueueState};
use mdt::domain::nhs_number::NhsNumber;
use mdt::domain::person::{Person, Residence, Sex};
use mdt::domain::sharing::Sharing;
use mdt::domain::team::Team;
use mdt::domain::text::{Line, Note};
use mdt::exchange::intake::columns::Guess;
use mdt::exchange::intake::queue::{self, Choice};
use mdt::exchange::intake::report::Report;
use mdt::exchange::intake::source::Source;
use mdt::exchange::intake::{self, Desk, Gauge, Trouble};
use mdt::exchange::output::recipient::for_the_team;
use mdt::exchange::output::{plain, taken};
use mdt::store::log::Stamp;
use mdt::store::{self, Deed, FileKind, Reader, Store};

struct Office {
    _folder: tempfile::TempDir,
    path: std::path::PathBuf,
    store: Store,
    reader: Reader,
    team: Record<Team>,
    mint: Mint,
    now: Now,
}

fn stamp() -> Stamp {
    Stamp { at: "2026-11-26T13:00:00Z".into(), actor: "Test".into() }
}

fn office() -> Office {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("team.mdt");
    let now = Clock::Fixed("2026-11-26T12:00:00Z".parse::<DateTime<Utc>>().unwrap()).now();
    let (mut store, reader) = store::create(&path, None, FileKind::Real, 7, &stamp()).unwrap();
    let mut mint = Mint::new(now.moment.utc(), 1);
    let id: TeamId = mint.mint();
    let team = Team::new(Line::parse("Elm Grove MDT").unwrap());
    store.commit(&stamp(), &Deed::change("Add team"), &[add(id, team)]).unwrap();
    let team = reader.get::<Team>(id).unwrap().unwrap();
    Office { _folder: folder, path, store, reader, team, mint, now }
}

impl Office {
    fn take(&mut self, kind: IntakeKind, bytes: &[u8]) -> Report {
        self.try_take(kind, bytes).unwrap()
    }

    fn try_take(&mut self, kind: IntakeKind, bytes: &[u8]) -> Result<Report, Trouble> {
        let source = Source::from_bytes("list.csv", bytes)?;
        let guess = Guess::of(&source, kind)?;
        let desk = Desk { reader: &self.reader, team: &self.team, now: self.now };
        let gauge = Gauge::default();
        let (report, receipt) =
            intake::take_in(&desk, &mut self.store, &stamp(), &mut self.mint, &source, &guess, true, &gauge)?;
        assert_eq!(receipt.is_some(), report.writes, "a step is written where something changes");
        let counts = report.counts;
        assert_eq!(counts.new + counts.changed + counts.unchanged + counts.queued + counts.refused, counts.rows);
        assert_eq!(counts.queued as usize, report.queued.len());
        assert_eq!(counts.refused as usize, report.refused.len());
        Ok(report)
    }

    fn people(&mut self, bytes: &str) -> Report {
        self.take(IntakeKind::Caseload, bytes.as_bytes())
    }

    fn person(&self, number: &str) -> Record<Person> {
        self.reader.person_by_number(self.team.id, NhsNumber::parse(number).unwrap()).unwrap().unwrap()
    }

    fn head(&self) -> i64 {
        self.reader.head().unwrap().seq
    }

    /// Every row of every noun, with its derived columns.
    fn dump(&self) -> String {
        let db = rusqlite::Connection::open(&self.path).unwrap();
        let mut out = String::new();
        for table in
            ["team", "organisation", "member", "person", "band_entry", "key_worker", "queued_row", "proposal", "intake"]
        {
            let mut select = db.prepare(&format!("SELECT * FROM {table} ORDER BY id")).unwrap();
            let width = select.column_count();
            let mut rows = select.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let cells: Vec<String> = (0..width).map(|at| format!("{:?}", row.get_ref(at).unwrap())).collect();
                out.push_str(&format!("{table}: {}\n", cells.join(" ")));
            }
        }
        out
    }
}

const EXAMPLE_PEOPLE: &[u8] = include_bytes!("../examples/caseload.csv");
const EXAMPLE_MEMBERS: &[u8] = include_bytes!("../examples/members.csv");

#[test]
fn the_examples_come_in_and_twice_changes_nothing() {
    let mut office = office();
    let members = office.take(IntakeKind::Members, EXAMPLE_MEMBERS);
    assert_eq!((members.counts.rows, members.counts.new, members.organisations), (8, 8, 6));
    let people = office.take(IntakeKind::Caseload, EXAMPLE_PEOPLE);
    assert_eq!((people.counts.rows, people.counts.new, people.key_workers), (25, 25, 7));
    let (dump, head) = (office.dump(), office.head());
    assert_eq!(office.take(IntakeKind::Members, EXAMPLE_MEMBERS).counts.unchanged, 8);
    assert_eq!(office.take(IntakeKind::Caseload, EXAMPLE_PEOPLE).counts.unchanged, 25);
    assert_eq!((office.dump(), office.head()), (dump, head));
    let first = office.person("9990005001");
    assert_eq!((first.name().as_str(), first.sex, first.band), ("OKAFOR, Peter", Sex::Male, Some(Band::High)));
    assert_eq!(first.efi.unwrap().to_string(), "0.38");
    assert_eq!(first.score_on.unwrap().iso(), "2026-11-01");
    assert_eq!(office.reader.verify_chain().unwrap(), Ok(head));
}

#[test]
fn one_undo_takes_all_of_it_back() {
    let mut office = office();
    office.take(IntakeKind::Members, EXAMPLE_MEMBERS);
    let before = office.dump();
    office.take(IntakeKind::Caseload, EXAMPLE_PEOPLE);
    let after = office.dump();
    assert_ne!(before, after);
    office.store.undo(&stamp()).unwrap();
    assert_eq!(office.dump(), before);
    office.store.redo(&stamp()).unwrap();
    assert_eq!(office.dump(), after);
}

const HEAD: &str =
    "NHS Number,Surname,Forename,Date of Birth,Risk Band,Risk Score,Risk Date,Lives in Care Home,ReSPECT\n";

fn list(rows: &[&str]) -> String {
    format!("{HEAD}{}\n", rows.join("\n"))
}

#[test]
fn every_row_is_new_unchanged_queued_or_refused_with_its_line() {
    let mut office = office();
    let report = office.people(&list(&[
        "9990000018,Adeyemi,Jean,12/03/1942,High,38.6,01/11/2026,N,Y",
        "999 000 0018,ADEYEMI,JEAN,12/03/1942,High,38.6,01/11/2026,N,Y",
        "9990000019,Wrong,Digit,12/03/1942,High,,,,",
        "9999999999,Filler,Number,12/03/1942,High,,,,",
        "9990000026,Future,Born,12/03/2041,High,,,,",
        "9990000026,No,Such,31/02/1941,High,,,,",
        "9990000026,Bad,Band,12/03/1941,purple,,,,",
        "9990000026,Bad,Score,12/03/1941,Low,many,,,",
        "9990000026,,Nobody,12/03/1941,Low,,,,",
        ",Nothing,Known,,Low,,,,",
        "9990000026,Short,Row",
        "9990000026,Fine,After,12/03/1941,Very High,31,2026-11-01,Yes,",
        ",Adeyemi,Jean,12/03/1942,,,,,",
        ",No,Number,01-Jan-1940,Low,,,,",
        ",no,number,1940-01-01,Low,,,,",
        ",,,,,,,,",
        "",
        ",,,,,,,,",
    ]));
    let counts = report.counts;
    assert_eq!((counts.rows, counts.new, counts.queued, counts.refused), (15, 3, 1, 11));
    let lines: Vec<(u64, &str)> = report.refused.iter().map(|it| (it.line, it.column.as_str())).collect();
    assert_eq!(
        lines,
        [
            (3, "NHS Number"),
            (4, "NHS Number"),
            (5, "NHS Number"),
            (6, "Date of Birth"),
            (7, "Date of Birth"),
            (8, "Risk Band"),
            (9, "Risk Score"),
            (10, "Surname"),
            (11, ""),
            (12, ""),
            (16, ""),
        ]
    );
    assert!(report.refused[0].reason.contains("line 2 has the same NHS number"));
    assert!(report.refused[10].reason.contains("line 15 has the same name"));
    assert_eq!(report.queued[0].line, 14);
    let fine = office.person("9990000026");
    assert_eq!((fine.surname.as_str(), fine.band, fine.residence), ("Fine", Some(Band::High), Residence::CareHome));
    let history = office.reader.band_history(fine.id).unwrap();
    assert_eq!(history[0].label.as_ref().unwrap().as_str(), "Very High");
    let document = taken::document_of(&report, &office.team, false, office.now.today, true);
    let text = format!("{}{}", plain::render(for_the_team(&document)), report.json());
    for value in ["Adeyemi", "9990000018", "12/03", "purple"] {
        assert!(!text.contains(value), "a report holds no value of the list: {value}");
    }
}

#[test]
fn whoever_could_be_somebody_else_is_queued_and_not_changed() {
    let mut office = office();
    office.people(&list(&[
        "9990000018,Adeyemi,Jean,12/03/1942,High,,,,",
        ",Wright,Tom,01/02/1940,Low,,,,",
        "9990000026,Shah,Meera,05/05/1950,Low,,,,",
    ]));
    let before = office.dump();
    let report = office.people(&list(&[
        "9990000018,Adeyemi,Jean,13/03/1942,Low,,,,",
        "9990000034,Wright,Tom,01/02/1940,High,,,,",
        ",Shah,Meera,05/05/1950,High,,,,",
        "9990000026,Somebody,Else,05/05/1950,High,,,,",
    ]));
    assert_eq!((report.counts.rows, report.counts.queued), (4, 4));
    let columns: Vec<&str> = report.queued.iter().map(|it| it.column.as_str()).collect();
    assert_eq!(columns, ["Date of Birth", "", "", "Surname"]);
    assert!(report.missing.is_empty(), "who is queued is on the list: {:?}", report.missing);
    let people = |dump: &str| {
        let kept = dump.lines().filter(|line| !line.starts_with("queued_row") && !line.starts_with("intake"));
        kept.map(|line| format!("{line}\n")).collect::<String>()
    };
    assert!(people(&office.dump()) == people(&before), "nobody was changed");
    let waiting = office.reader.queue(office.team.id, Some(QueueState::Waiting)).unwrap();
    assert_eq!(waiting.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3, 4, 5]);
    assert!(waiting.iter().all(|row| row.person.is_some()), "each says whom it may mean");
}

#[test]
fn whose_list_is_later_is_said_by_the_clock_and_not_by_the_program_that_took_it_in() {
    let married = |office: &Office| {
        let row = office.reader.queue(office.team.id, Some(QueueState::Waiting)).unwrap().remove(0);
        let mut mint = Mint::new(office.now.moment.utc() + chrono::TimeDelta::days(1), 3);
        queue::decide(&office.reader, &office.team, office.now, &mut mint, &row, Choice::Same).unwrap()
    };
    let surname = |office: &Office| office.person("9990000026").surname.to_string();
    let shah = list(&["9990000026,Shah,Meera,05/05/1950,Low,,,,"]);
    let patel = list(&["9990000026,Patel,Meera,05/05/1950,Low,,,,"]);
    // The second list is taken in by a program that has been open since the day before: its ids are the smaller ones.
    let mut office = office();
    office.people(&shah);
    let since_yesterday = Mint::new(office.now.moment.utc() - chrono::TimeDelta::days(1), 2);
    let since_noon = std::mem::replace(&mut office.mint, since_yesterday);
    office.now = Clock::Fixed(office.now.moment.utc() + chrono::TimeDelta::hours(1)).now();
    assert_eq!(office.people(&patel).counts.queued, 1);
    let changes = married(&office);
    office.store.commit(&stamp(), &Deed::change("Same person"), &changes).unwrap();
    assert_eq!(surname(&office), "Patel", "the newest list's name is taken when somebody says that it is theirs");
    let files = office.reader.intakes(office.team.id, 9).unwrap();
    assert!(files[0].at > files[1].at, "the newest list stands first");
    // The other way round: what waited from the older list does not undo the newer one.
    assert_eq!(office.people(&shah).counts.queued, 1);
    office.mint = since_noon;
    office.now = Clock::Fixed(office.now.moment.utc() + chrono::TimeDelta::hours(1)).now();
    office.people(&patel.replace("Low,,,,", "High,,,,"));
    let changes = married(&office);
    office.store.commit(&stamp(), &Deed::change("Same person"), &changes).unwrap();
    assert_eq!(surname(&office), "Patel");
}

#[test]
fn a_list_adds_what_it_knows_and_never_overwrites_what_the_team_set() {
    let mut office = office();
    office.people(&list(&["9990000018,Smith,Mary,12/03/1942,Medium,20,01/09/2026,N,Y"]));
    let seen = office.person("9990000018");
    let entry = BandEntry {
        person: seen.id,
        band: Band::High,
        before: Some(Band::Medium),
        on: office.now.today.plus(-10),
        set_by: Line::parse("Maggie Doyle").unwrap(),
        tool: None,
        score: None,
        label: None,
        reason: Some(Note::parse("Not eating since her sister died.").unwrap()),
        overridden: true,
    };
    let change = alter(&seen, |person| {
        person.band = Some(Band::High);
        person.band_on = Some(entry.on);
        person.sharing = Sharing::Agreed;
        person.phone = Line::parse("01632 960001").ok();
    });
    let entry = add(office.mint.mint(), entry);
    office.store.commit(&stamp(), &Deed::change("Set band"), &[change, entry]).unwrap();
    let report = office.people(&list(&["9990000018,SMITH,MARY,12/03/1942,Low,12.5,20/11/2026,,N"]));
    assert_eq!((report.counts.changed, report.kept_bands, report.fallen), (1, 1, 0));
    let now = office.person("9990000018");
    assert_eq!((now.band, now.sharing, now.respect), (Some(Band::High), Sharing::Agreed, Some(true)));
    assert_eq!((now.score.unwrap().to_string().as_str(), now.surname.as_str()), ("12.5", "Smith"));
    assert_eq!(now.phone.as_ref().map(Line::as_str), Some("01632 960001"));
    // An older list does not put an older score in the place of a newer one.
    assert_eq!(office.people(&list(&["9990000018,Smith,Mary,12/03/1942,Low,9,01/06/2026,,"])).counts.unchanged, 1);
}

#[test]
fn climbers_fallers_and_the_missing_are_counted() {
    let mut office = office();
    office.people(&list(&[
        "9990000018,Up,Una,12/03/1942,Low,5,01/09/2026,,",
        "9990000026,Down,Dan,12/03/1943,High,50,01/09/2026,,",
        "9990000034,Same,Sam,12/03/1944,High,50,01/09/2026,,",
        "9990000042,Gone,Gina,12/03/1945,High,50,01/09/2026,,",
    ]));
    let report = office.people(&list(&[
        "9990000018,Up,Una,12/03/1942,High,40,01/11/2026,,",
        "9990000026,Down,Dan,12/03/1943,Medium,20,01/11/2026,,",
        "9990000034,Same,Sam,12/03/1944,High,50,01/09/2026,,",
    ]));
    assert_eq!((report.climbed, report.fallen, report.counts.unchanged), (1, 1, 1));
    assert_eq!(report.missing.iter().map(|it| it.briefly.as_str()).collect::<Vec<_>>(), ["G.G. …0042"]);
    let up = office.person("9990000018");
    let history = office.reader.band_history(up.id).unwrap();
    assert_eq!((history.len(), history[0].before, history[0].band), (2, Some(Band::Low), Band::High));
    assert_eq!(up.band_on.unwrap().iso(), "2026-11-01");
}

#[test]
fn encodings_and_delimiters_are_seen_through() {
    let text = "NHS Number;Surname;Forename;Date of Birth\r\n9990000018;Wójcik-Müller;Siân;12-Mar-1938\r\n";
    let utf16 = |bom: bool| {
        let units = bom.then_some(0xfeff_u16).into_iter().chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    };
    let utf16_be: Vec<u8> = [0xfeff_u16].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    let ansi: Vec<u8> = text.chars().map(|c| u8::try_from(c as u32).unwrap()).collect();
    let ways: [(&str, Vec<u8>); 9] = [
        ("utf-8", text.as_bytes().to_vec()),
        ("utf-8 with mark", format!("\u{feff}{text}").into_bytes()),
        ("utf-16 le with mark", utf16(true)),
        ("utf-16 le", utf16(false)),
        ("utf-16 be with mark", utf16_be),
        ("windows-1252", ansi),
        ("tabs", text.replace(';', "\t").into_bytes()),
        ("bars and old breaks", text.replace(';', "|").replace("\r\n", "\r").into_bytes()),
        ("quotes", text.replace("Wójcik-Müller", "\"Wójcik-Müller\"").replace(';', ",").into_bytes()),
    ];
    for (way, bytes) in ways {
        let mut office = office();
        assert_eq!(office.take(IntakeKind::Caseload, &bytes).counts.new, 1, "{way}");
        let person = office.person("9990000018");
        assert_eq!(person.name(), "WÓJCIK-MÜLLER, Siân", "{way}");
        assert_eq!(person.born.unwrap().iso(), "1938-03-12", "{way}");
    }
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let mut office = office();
    let report = office.people(
        "\n\nA report of the practice\n\nNHS Number,Surname,Forename,Address\n\n9990000018,Adeyemi,Jean,\"14 Orchard Way\nElm Grove\"\n\n1,Wrong,Number,x\n",
    );
    assert_eq!((report.counts.new, report.refused[0].line), (1, 10));
    assert_eq!(office.person("9990000018").address.as_ref().unwrap().as_str(), "14 Orchard Way Elm Grove");
}

#[test]
fn lists_that_cannot_be_read_are_refused_in_one_sentence() {
    let mut office = office();
    let head = office.head();
    let open_quote = "NHS Number,Surname,Forename\n9990000018,\"Adeyemi,Jean\n9990000026,Shah,Meera\n";
    let lists: [(&[u8], &str); 6] = [
        (b"", "is empty"),
        (b" \r\n \r\n", "only blanks"),
        (b"PK\x03\x04rest", "its end is missing"),
        (b"Colour,Shape\nred,round\n", "Seen: Colour, Shape. Needed: Surname and Forename"),
        (b"Surname,Forename\nAdeyemi,Jean\n", "NHS Number or Date of Birth"),
        (open_quote.as_bytes(), "quotation mark on line 2 is not closed"),
    ];
    for (bytes, words) in lists {
        let trouble = office.try_take(IntakeKind::Caseload, bytes).unwrap_err().to_string();
        assert!(trouble.contains(words), "{trouble}");
        assert!(trouble.contains("Nothing was changed"), "{trouble}");
    }
    assert_eq!(office.head(), head);
    let missing = Source::read(&office.path.with_file_name("nothing.csv"), None).err().unwrap().to_string();
    assert!(missing.contains("There is no file"), "{missing}");
    let folder = Source::read(office.path.parent().unwrap(), None).err().unwrap().to_string();
    assert!(folder.contains("is a folder"), "{folder}");
}

#[test]
fn hostile_text_is_taken_harmlessly_and_rejects_can_be_corrected_and_taken() {
    let mut office = office();
    let bytes = list(&[
        "9990000018,\"=HYPERLINK(\"\"http://x\"\",\"\"go\"\")\",An\u{1b}[31mn\u{202e},12/03/1942,High,,,,",
        "9990000019,=cmd(),Ann,12/03/1942,High,,,,",
        "9990000026,Shah,Meera,05/05/1950,nonsense,,,,",
    ]);
    let report = office.people(&bytes);
    assert_eq!((report.counts.new, report.counts.refused), (1, 2));
    let taken = office.person("9990000018");
    assert_eq!(taken.forename.as_str(), "An␛[31mn‹U+202E›");
    let source = Source::from_bytes("list.csv", bytes.as_bytes()).unwrap();
    let guess = Guess::of(&source, IntakeKind::Caseload).unwrap();
    let rejects = String::from_utf8(report.rejects(&source, &guess).unwrap()).unwrap();
    let lines: Vec<&str> = rejects.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0], format!("\u{feff}{},line,column,reason", HEAD.trim()));
    assert!(lines[1].starts_with("9990000019,'=cmd(),Ann"), "{}", lines[1]);
    assert!(
        lines[2].ends_with("4,Risk Band,\"no rule says which band this is; expected High, Medium or Low\""),
        "{}",
        lines[2]
    );
    let corrected = rejects.replace("9990000019", "9990000034").replace("nonsense", "Low");
    assert_eq!(office.people(&corrected).counts.new, 2);
    assert_eq!(office.person("9990000034").surname.as_str(), "=cmd()");
}

#[test]
fn members_are_matched_by_name_and_organisations_made_once() {
    let mut office = office();
    let list = "Name,Role,Organisation,Organisation Type,Membership\nPriya Shah,Physiotherapist,ZZ Trust,community trust,core\nRay Lee,OT,ZZ Trust,,extended\npriya SHAH,Nurse,ZZ Trust,,\nJo Doe,Nurse,ZZ Trust,,sometimes\n,Nurse,ZZ Trust,,\n";
    let report = office.take(IntakeKind::Members, list.as_bytes());
    assert_eq!((report.counts.new, report.counts.refused, report.organisations), (2, 3, 1));
    let changed = "Name,Role,Organisation\nPriya Shah,Lead physiotherapist,ZZ Council\n";
    assert_eq!(office.take(IntakeKind::Members, changed.as_bytes()).counts.changed, 1);
    let members = office.reader.members(office.team.id).unwrap();
    let priya = members.iter().find(|member| member.name.as_str() == "Priya Shah").unwrap();
    assert_eq!(priya.role.as_str(), "Lead physiotherapist");
    assert_eq!(members.len(), 2);
}

#[test]
fn the_list_itself_is_on_file() {
    let mut office = office();
    office.take(IntakeKind::Caseload, EXAMPLE_PEOPLE);
    let dump = office.dump();
    let intake = dump.lines().find(|line| line.starts_with("intake:")).unwrap();
    assert!(intake.len() > 100, "{intake}");
    let step = &office.reader.steps(1).unwrap()[0];
    assert_eq!((step.label.as_str(), mdt::domain::Word::code(step.kind)), ("Take in caseload list", "import"));
}
