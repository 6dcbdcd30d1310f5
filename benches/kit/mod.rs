//! What the benches share: a team's file with as many invented people as wanted, and a stopwatch that prints the median
//! and the 99th percentile. Measured times go to the screen, never into an assertion: machines differ.
#![allow(
    dead_code,
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "each bench uses its part; one that cannot go on should stop"
)]

pub mod list;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mdt::clock::{Clock, Now};
use mdt::domain::action::{Action, ActionState};
use mdt::domain::agenda::{AgendaItem, Outcome};
use mdt::domain::change::{Change, Mint, Record, RecordId, add, alter};
use mdt::domain::day::TimeOfDay;
use mdt::domain::discussion::{Decision, Discussion};
use mdt::domain::id::{MemberId, OrganisationId, PersonId, TeamId};
use mdt::domain::intake::IntakeKind;
use mdt::domain::meeting::{Meeting, Stage};
use mdt::domain::member::{Member, Membership};
use mdt::domain::organisation::{Organisation, OrganisationKind};
use mdt::domain::plan::Plan;
use mdt::domain::team::Team;
use mdt::domain::text::{Line, Note};
use mdt::exchange::intake::columns::Guess;
use mdt::exchange::intake::source::Source;
use mdt::exchange::intake::{self, Desk, Gauge};
use mdt::store::caseload::{CaseFilter, CaseSort, From};
use mdt::store::fault::Fault;
use mdt::store::log::Stamp;
use mdt::store::open::Passphrase;
use mdt::store::{self, Deed, FileKind, Reader, Store};

/// The passphrase of every file a bench makes.
pub const PASSPHRASE: &str = "invented people only";

/// A team's file, open.
pub struct Office {
    pub store: Store,
    pub reader: Reader,
    pub team: Record<Team>,
    pub members: Vec<MemberId>,
    pub mint: Mint,
    pub now: Now,
    pub path: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

pub fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

/// An encrypted file with a team of twenty and nobody on the caseload; at `path`, or in a folder that goes away.
pub fn office(path: Option<&Path>) -> Office {
    let folder = path.is_none().then(|| tempfile::tempdir().unwrap());
    let path = path.map_or_else(|| folder.as_ref().unwrap().path().join("team.mdt"), Path::to_path_buf);
    let now = Clock::System.now();
    let stamp = Stamp { at: now.moment.iso(), actor: "bench".into() };
    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    let (mut store, reader) = store::create(&path, Some(&passphrase), FileKind::Real, 7, &stamp).unwrap();
    let mut mint = Mint::new(now.moment.utc(), 1);
    let team: TeamId = mint.mint();
    let trust: OrganisationId = mint.mint();
    let mut changes = vec![
        add(team, Team::new(line("Elm Grove MDT"))),
        add(trust, Organisation { name: line("Exampleton Trust"), kind: OrganisationKind::CommunityTrust, code: None }),
    ];
    let members: Vec<MemberId> = (0..20).map(|_| mint.mint()).collect();
    for (n, id) in members.iter().enumerate() {
        let name = if n == 0 { "Pat Example".to_owned() } else { format!("Member {n} Example") };
        let member = Member {
            team,
            name: line(&name),
            role: line(if n == 0 { "care coordinator" } else { "community nurse" }),
            organisation: trust,
            membership: Membership::Core,
            phone: None,
            email: None,
            left_on: None,
        };
        changes.push(add(*id, member));
    }
    store.commit(&stamp, &Deed::change("Add team"), &changes).unwrap();
    let team = reader.get::<Team>(team).unwrap().unwrap();
    Office { store, reader, team, members, mint, now, path, _folder: folder }
}

impl Office {
    pub fn stamp(&self) -> Stamp {
        Stamp { at: self.now.moment.iso(), actor: "bench".into() }
    }

    /// Takes a list in; how many rows changed something.
    pub fn take_in(&mut self, list: &str) -> i64 {
        let source = Source::from_bytes("list.csv", list.as_bytes()).unwrap();
        let guess = Guess::of(&source, IntakeKind::Caseload).unwrap();
        let desk = Desk { reader: &self.reader, team: &self.team, now: self.now };
        let stamp = Stamp { at: self.now.moment.iso(), actor: "bench".into() };
        let (report, _) =
            intake::take_in(&desk, &mut self.store, &stamp, &mut self.mint, &source, &guess, true, &Gauge::default())
                .unwrap();
        report.counts.new + report.counts.changed
    }

    /// The first people of the caseload by name.
    pub fn people(&self, most: usize) -> Vec<PersonId> {
        let everyone = CaseFilter::default();
        let rows =
            self.reader.people(self.team.id, &everyone, CaseSort::Name, self.now.today, From::Top, most).unwrap();
        rows.into_iter().map(|row| row.person.id).collect()
    }

    pub fn action(&self, person: PersonId, n: usize) -> Action {
        Action {
            team: self.team.id,
            person: Some(person),
            meeting: None,
            item: None,
            goal: None,
            what: line("Ring the practice about the tablets"),
            owner: self.members[n % self.members.len()],
            raised_on: self.now.today.plus(-30),
            due: self.now.today.plus(i64::try_from(n % 60).unwrap() - 20),
            carried: 0,
            telling: false,
            state: if n % 10 != 1 {
                ActionState::Done { on: self.now.today.plus(-2), note: None }
            } else {
                ActionState::Open
            },
        }
    }

    /// Actions, plans and a next meeting with an agenda of twenty-five.
    pub fn furnish(&mut self, actions: usize, plans: usize) -> (Record<Meeting>, Vec<PersonId>) {
        let people = self.people(actions.max(plans).max(25));
        let mut changes: Vec<Change> = Vec::new();
        for (n, person) in people.iter().enumerate() {
            if n < actions {
                let action = self.action(*person, n);
                changes.push(add(self.mint.mint(), action));
            }
            if n < plans {
                let review_on = Some(self.now.today.plus(i64::try_from(n % 200).unwrap() - 20));
                changes.push(add(self.mint.mint(), Plan { review_on, ..Plan::new(*person) }));
            }
        }
        let id = self.mint.mint();
        let meeting = Meeting::planned(self.team.id, self.now.today.plus(2), TimeOfDay::new(13, 0).unwrap(), 90, None);
        changes.push(add(id, meeting));
        for (place, person) in people.iter().take(25).enumerate() {
            let item = AgendaItem::person(id, i64::try_from(place).unwrap() + 1, *person, 5);
            changes.push(add(self.mint.mint(), item));
        }
        let stamp = self.stamp();
        self.store.commit_all(&stamp, &Deed::change("Furnish"), changes.into_iter().map(Ok::<_, Fault>)).unwrap();
        (self.reader.get(id).unwrap().unwrap(), people)
    }

    /// A meeting that is over, at which twenty-five people were discussed, each with three new actions.
    pub fn hold(&mut self) -> Record<Meeting> {
        let (meeting, _) = self.furnish(0, 0);
        let now = self.now.moment;
        let note = |n: i64| Note::parse(&format!("{n}: seen at home by the community nurse. ").repeat(8)).ok();
        let mut changes = vec![alter(&meeting, |it| {
            it.stage = Stage::Closed;
            it.begun_at = Some(now);
            it.ended_at = Some(now);
        })];
        for item in self.reader.agenda(meeting.id).unwrap() {
            let person = item.person.unwrap();
            changes.push(alter(&item, |it: &mut AgendaItem| it.outcome = Outcome::Discussed));
            let discussion = Discussion {
                situation: note(1),
                update: note(2),
                next_steps: note(3),
                decision: Some(Decision::Made),
                present: self.members.clone(),
                agreed_at: Some(now),
                ..Discussion::new(meeting.id, item.id, person)
            };
            changes.push(add(self.mint.mint(), discussion));
            for n in 0..3 {
                let action = Action {
                    meeting: Some(meeting.id),
                    item: Some(item.id),
                    state: ActionState::Open,
                    ..self.action(person, n)
                };
                changes.push(add(self.mint.mint(), action));
            }
        }
        let stamp = self.stamp();
        self.store.commit(&stamp, &Deed::change("Hold the meeting"), &changes).unwrap();
        self.reader.get(meeting.id).unwrap().unwrap()
    }
}

/// Runs `work` `runs` times and prints what it took.
pub fn time(name: &str, runs: usize, mut work: impl FnMut(usize)) -> Duration {
    let mut took: Vec<Duration> = (0..runs)
        .map(|n| {
            let start = Instant::now();
            work(n);
            start.elapsed()
        })
        .collect();
    took.sort();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100];
    let ms = |took: Duration| took.as_secs_f64() * 1000.0;
    println!("{name:<58} median {:>9.3} ms   p99 {:>9.3} ms   ({runs} runs)", ms(at(50)), ms(at(99)));
    at(50)
}

/// A bare encrypted SQLite file with the settings the program uses: the floor under every number of the store.
pub fn bare(folder: &Path) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(folder.join("bare.db")).unwrap();
    db.execute_batch(&format!("PRAGMA key = \"x'{}'\"; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -6000;", "2d".repeat(48)))
        .unwrap();
    db
}

/// The row number behind an id.
pub fn raw(id: impl RecordId) -> i64 {
    id.raw()
}
