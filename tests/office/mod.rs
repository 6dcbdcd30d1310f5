//! An office that lists arrive at: a file of one team, the way a list goes, and everything that is on file afterwards.
#![allow(dead_code, reason = "each test file uses its part of the office")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use mdt::clock::{Clock, Now};
use mdt::domain::Word;
use mdt::domain::change::{Mint, Record, add};
use mdt::domain::day::Day;
use mdt::domain::id::TeamId;
use mdt::domain::nhs_number::NhsNumber;
use mdt::domain::organisation::Organisation;
use mdt::domain::person::Person;
use mdt::domain::team::Team;
use mdt::domain::text::Line;
use mdt::exchange::intake::columns::Guess;
use mdt::exchange::intake::report::Report;
use mdt::exchange::intake::source::Source;
use mdt::exchange::intake::{self, Desk, Gauge, Trouble};
use mdt::exchange::output::recipient::for_the_team;
use mdt::exchange::output::{plain, taken};
use mdt::store::log::Stamp;
use mdt::store::{self, Deed, FileKind, Reader, Store};

/// The office.
pub struct Office {
    /// The folder of the file; it goes with the office.
    pub folder: tempfile::TempDir,
    /// The file.
    pub path: PathBuf,
    /// Who writes.
    pub store: Store,
    /// Who reads.
    pub reader: Reader,
    /// The team.
    pub team: Record<Team>,
    /// New ids.
    pub mint: Mint,
    /// Thursday 26 November 2026.
    pub now: Now,
}

/// The stamp of every step.
pub fn stamp() -> Stamp {
    Stamp { at: "2026-11-26T13:00:00Z".into(), actor: "Test".into() }
}

/// A new office with nobody on file.
pub fn office() -> Office {
    // In memory where that can be: these tests are about lists, not about the disk.
    let memory = std::path::Path::new("/dev/shm");
    let folder = memory.is_dir().then(|| tempfile::tempdir_in(memory).ok()).flatten();
    let folder = folder.unwrap_or_else(|| tempfile::tempdir().unwrap());
    let path = folder.path().join("team.mdt");
    let now = Clock::Fixed("2026-11-26T12:00:00Z".parse::<DateTime<Utc>>().unwrap()).now();
    let (mut store, reader) = store::create(&path, None, FileKind::Real, 7, &stamp()).unwrap();
    let mut mint = Mint::new(now.moment.utc(), 1);
    let id: TeamId = mint.mint();
    let team = Team::new(Line::parse("Elm Grove MDT").unwrap());
    store.commit(&stamp(), &Deed::change("Add team"), &[add(id, team)]).unwrap();
    let team = reader.get::<Team>(id).unwrap().unwrap();
    Office { folder, path, store, reader, team, mint, now }
}

/// Whether every row is counted exactly once.
pub fn add_up(report: &Report) -> bool {
    let counts = report.counts;
    let lines = report.refused.iter().map(|it| it.line).collect::<std::collections::BTreeSet<_>>();
    counts.new + counts.changed + counts.unchanged + counts.queued + counts.refused == counts.rows
        && counts.queued as usize == report.queued.len()
        && counts.refused as usize == lines.len()
}

/// The report of a list, as it is written to a disk.
pub fn written(office: &Office, report: &Report) -> String {
    let document = taken::document_of(report, &office.team, false, office.now.today, true);
    plain::render(for_the_team(&document))
}

impl Office {
    /// What would come of a list.
    pub fn survey(&self, source: &Source, guess: &Guess) -> Result<Report, Trouble> {
        let desk = Desk { reader: &self.reader, team: &self.team, now: self.now };
        intake::survey(&desk, source, guess, &Gauge::default())
    }

    /// Takes a list in; also says whether a step was written.
    pub fn take(&mut self, source: &Source, guess: &Guess, part: bool) -> Result<(Report, bool), Trouble> {
        let desk = Desk { reader: &self.reader, team: &self.team, now: self.now };
        let (store, mint, gauge) = (&mut self.store, &mut self.mint, Gauge::default());
        let (report, receipt) = intake::take_in(&desk, store, &stamp(), mint, source, guess, part, &gauge)?;
        Ok((report, receipt.is_some()))
    }

    /// Takes back the last step.
    pub fn undo(&mut self) {
        self.store.undo(&stamp()).unwrap();
    }

    /// The number of the last step.
    pub fn head(&self) -> i64 {
        self.reader.head().unwrap().seq
    }

    /// Every row of every table that lists write to.
    pub fn dump(&self) -> String {
        let db = rusqlite::Connection::open(&self.path).unwrap();
        let mut out = String::new();
        for table in [
            "team",
            "organisation",
            "member",
            "person",
            "band_entry",
            "key_worker",
            "nomination",
            "activity",
            "service",
            "queued_row",
            "proposal",
            "intake",
        ] {
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

    /// The person with this NHS number, or – with a comma in it – of this name.
    pub fn person(&self, key: &str) -> Option<Record<Person>> {
        match key.split_once(',') {
            None => self.reader.person_by_number(self.team.id, NhsNumber::parse(key).unwrap()).unwrap(),
            Some(_) => {
                self.everybody().into_iter().find(|person| format!("{},{}", person.surname, person.forename) == key)
            }
        }
    }

    /// Everyone on the active caseload.
    pub fn everybody(&self) -> Vec<Record<Person>> {
        let ids = self.reader.active_ids(self.team.id).unwrap();
        ids.into_iter().map(|id| self.reader.get::<Person>(id).unwrap().unwrap()).collect()
    }

    /// What is on file of a person, each thing by its name and as a text; nothing where it is not known.
    pub fn facts(&self, person: &Record<Person>) -> BTreeMap<&'static str, String> {
        fn text<T: std::fmt::Display>(it: &Option<T>) -> String {
            it.as_ref().map(ToString::to_string).unwrap_or_default()
        }
        let day = |it: Option<Day>| it.map(Day::iso).unwrap_or_default();
        let yes = |it: Option<bool>| it.map_or("", |it| if it { "yes" } else { "no" }).to_owned();
        let organisation = |id| self.reader.get::<Organisation>(id).unwrap().map(|it| it.value);
        let practice = person.practice.and_then(organisation);
        let bands = self.reader.band_history(person.id).unwrap();
        let worker = self.reader.key_worker(person.id).unwrap().map(|it| it.member);
        let worker = worker.and_then(|id| self.reader.get::<mdt::domain::member::Member>(id).unwrap());
        let asked = self.reader.nominations(person.id).unwrap();
        let used = self.reader.activity_since(person.id, Day::new(1900, 1, 1).unwrap()).unwrap();
        let asked = asked.iter().map(|it| {
            let told = it.told_on.map(Day::iso).or_else(|| it.told_by.as_ref().map(ToString::to_string));
            format!(
                "{} {} {}: {} [{}]",
                it.on.iso(),
                it.urgency.code(),
                it.asked_by,
                it.reason,
                told.unwrap_or_default()
            )
        });
        let used = used.iter().map(|it| {
            let until = it.until.map(|day| format!("–{}", day.iso())).unwrap_or_default();
            format!("{} {}{until}", it.kind.code(), it.on.iso())
        });
        let mut used: Vec<String> = used.collect();
        used.sort();
        let note = |it: &Option<mdt::domain::text::Note>| it.as_ref().map(ToString::to_string).unwrap_or_default();
        let first = self.reader.nominations(person.id).unwrap();
        let first = first.first();
        BTreeMap::from([
            ("number", person.nhs_number.map(NhsNumber::digits).unwrap_or_default()),
            ("surname", person.surname.to_string()),
            ("forename", person.forename.to_string()),
            ("preferred", text(&person.preferred)),
            ("title", text(&person.title)),
            ("born", day(person.born)),
            ("sex", person.sex.code().to_owned()),
            ("address", text(&person.address)),
            ("postcode", text(&person.postcode)),
            ("phone", text(&person.phone)),
            ("practice", practice.as_ref().map(|it| it.name.to_string()).unwrap_or_default()),
            ("practice_code", practice.as_ref().map(|it| text(&it.code)).unwrap_or_default()),
            ("named_gp", text(&person.named_gp)),
            ("council", text(&person.council)),
            ("residence", person.residence.code().to_owned()),
            ("band", person.band.map_or("", Word::code).to_owned()),
            ("band_on", day(person.band_on)),
            ("label", bands.first().map(|it| text(&it.label)).unwrap_or_default()),
            ("score", text(&person.score)),
            ("tool", text(&person.score_tool)),
            ("score_on", day(person.score_on)),
            ("efi", text(&person.efi)),
            ("cfs", text(&person.cfs)),
            ("cfs_on", day(person.cfs_on)),
            ("conditions", text(&person.conditions)),
            ("attendances", text(&person.attendances)),
            ("admissions", text(&person.admissions)),
            ("out_of_hours", text(&person.out_of_hours)),
            ("admitted_on", day(person.admitted_on)),
            ("lives_alone", yes(person.lives_alone)),
            ("housebound", yes(person.housebound)),
            ("has_carer", yes(person.has_carer)),
            ("palliative", yes(person.palliative)),
            ("respect", yes(person.respect)),
            ("sharing", person.sharing.code().to_owned()),
            ("objects", yes(Some(person.objects_to_risk_lists))),
            ("key_worker", worker.map(|it| it.name.to_string()).unwrap_or_default()),
            ("nominations", asked.collect::<Vec<_>>().join("; ")),
            ("situation", first.map(|it| note(&it.situation)).unwrap_or_default()),
            ("background", first.map(|it| note(&it.background)).unwrap_or_default()),
            ("question", first.map(|it| note(&it.question)).unwrap_or_default()),
            ("activity", used.join("; ")),
        ])
    }
}
