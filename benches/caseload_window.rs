//! The caseload at 50,000 people: pages, ranks, searches, a person's page, Home's counts, candidates for an agenda.
//!
//! `cargo bench --bench caseload_window [-- --keep FILE]` keeps the encrypted file it made, for looking at it by hand.
#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench that cannot go on should stop"
)]

mod kit;

use mdt::domain::change::RecordId;
use mdt::domain::person::Person;
use mdt::store::caseload::{CaseFilter, CaseSort, From};
use mdt::store::open::Passphrase;
use mdt::store::{self};

fn main() {
    let kept = std::env::args().skip_while(|argument| argument != "--keep").nth(1).map(std::path::PathBuf::from);
    let mut office = kit::office(kept.as_deref());
    office.take_in(&kit::list::list(50_000));
    let (_, _) = office.furnish(20_000, 3_000);
    let (team, today) = (office.team.id, office.now.today);
    let everyone = CaseFilter::default();
    let reader = &office.reader;
    let count = usize::try_from(reader.count_people(team, &everyone, today).unwrap()).unwrap();
    println!("{count} people, encrypted");

    let db = {
        let folder = tempfile::tempdir().unwrap();
        let db = kit::bare(folder.path());
        db.execute_batch(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, filler TEXT); CREATE INDEX by_name ON t (name);",
        )
        .unwrap();
        db.execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) INSERT INTO t SELECT i, printf('%08d', (i * 7919) % 50000), printf('%190s', i) FROM n", []).unwrap();
        (db, folder)
    };
    kit::time("floor: 60 rows of a bare table by an index", 300, |n| {
        let mut select =
            db.0.prepare_cached("SELECT id, name, filler FROM t WHERE name >= ?1 ORDER BY name LIMIT 60").unwrap();
        let rows: Vec<(i64, String, String)> = select
            .query_map([format!("{:08}", n * 160)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(rows.len(), 60);
    });

    for sort in [CaseSort::Band, CaseSort::Name, CaseSort::Score, CaseSort::Due] {
        let mut last = reader.people(team, &everyone, sort, today, From::Top, 60).unwrap().pop().unwrap().person.id;
        kit::time(&format!("next 60 people, by {sort:?}"), 300, |_| {
            let page = reader.people(team, &everyone, sort, today, From::After(last), 60).unwrap();
            last = page.last().unwrap().person.id;
        });
    }
    kit::time("last 60 people", 100, |_| {
        assert_eq!(reader.people(team, &everyone, CaseSort::Band, today, From::Bottom, 60).unwrap().len(), 60);
    });
    let last = reader.people(team, &everyone, CaseSort::Band, today, From::Bottom, 1).unwrap()[0].person.id;
    kit::time("rank of the last of all", 50, |_| {
        assert_eq!(reader.rank(team, &everyone, CaseSort::Band, today, last).unwrap() as usize, count - 1);
    });
    kit::time("count of everyone", 100, |_| {
        assert_eq!(reader.count_people(team, &everyone, today).unwrap() as usize, count);
    });
    let narrow = CaseFilter { overdue: true, ..CaseFilter::default() };
    kit::time("count of people with an overdue action", 50, |_| {
        assert!(reader.count_people(team, &narrow, today).unwrap() > 0);
    });
    for text in ["p", "pa", "pal", "palmer", "palmer m", "palmer ma", "m palmer", "wiś", "999 1", "john o", "zz"] {
        kit::time(&format!("search “{text}”"), 60, |_| {
            let found = reader.search(team, text).unwrap();
            let first = &found.ids[..found.ids.len().min(60)];
            assert_eq!(reader.these_people(first).unwrap().len(), first.len());
        });
    }
    let some = office.people(3_000);
    kit::time("one person by id", 500, |n| {
        assert!(reader.get::<Person>(some[n * 5]).unwrap().is_some());
    });
    kit::time("actions and plan of one person", 500, |n| {
        let id = some[n * 5];
        let _ =
            (reader.actions_of(id).unwrap(), reader.plan(id).unwrap(), reader.discussions_of(id).unwrap(), id.raw());
    });
    kit::time("Home's counts", 100, |_| {
        assert_eq!(reader.overview(team, today, today.plus(-60)).unwrap().people() as usize, count);
    });
    kit::time("candidates for an agenda", 30, |_| {
        assert!(reader.candidates(&office.team, None, today).unwrap().count > 1_000);
    });
    let everything = mdt::store::action::ActionFilter::default();
    kit::time("a screenful of 20,000 actions", 50, |_| {
        assert_eq!(reader.actions(team, &everything, 0, 60).unwrap().len(), 60);
    });
    let path = office.path.clone();
    let passphrase = Passphrase::new(kit::PASSPHRASE.to_owned());
    kit::time("open the file (most of it turns the passphrase into a key)", 10, |_| {
        let (store, reader) = store::open(&path, Some(&passphrase)).unwrap();
        assert!(reader.head().unwrap().seq > 1);
        drop(store);
    });
}
