//! The caseload as a window, against the whole order sorted by hand; and files of the first version.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use std::path::Path;

use proptest::prelude::*;
use rusqlite::Connection;

use kit::stamp;
use mdt::domain::Word as _;
use mdt::domain::band::{Band, Score};
use mdt::domain::change::{Mint, add};
use mdt::domain::day::Day;
use mdt::domain::id::{OrganisationId, PersonId, TeamId};
use mdt::domain::organisation::{Organisation, OrganisationKind};
use mdt::domain::person::{Person, Standing};
use mdt::domain::team::Team;
use mdt::domain::text::Line;
use mdt::store::caseload::{CaseFilter, CaseRow, CaseSort, From};
use mdt::store::{self, Deed, FileKind, Reader};

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn today() -> Day {
    Day::new(2026, 11, 26).unwrap()
}

/// What one person is made of: name, band, score, born, practice, standing; then what is kept beside the row.
#[derive(Clone, Debug)]
struct Made {
    name: u8,
    band: u8,
    score: Option<i64>,
    born: Option<u8>,
    practice: bool,
    gone: bool,
    key_worker: bool,
    discussed: Option<u8>,
    due: Option<u8>,
    review: Option<u8>,
}

fn made() -> impl Strategy<Value = Made> {
    // Few values, so that many people share them.
    let sometimes = |most| proptest::option::weighted(0.4, 0..most);
    let first = (0..6_u8, 0..4_u8, proptest::option::of(0..3_i64), sometimes(3_u8), any::<bool>());
    let second = (proptest::bool::weighted(0.2), any::<bool>(), sometimes(4_u8), sometimes(5_u8), sometimes(4_u8));
    (first, second).prop_map(|((name, band, score, born, practice), (gone, key_worker, discussed, due, review))| Made {
        name,
        band,
        score,
        born,
        practice,
        gone,
        key_worker,
        discussed,
        due,
        review,
    })
}

/// A file with these people. What triggers keep is written by hand here: how it comes about is tested elsewhere.
fn office(folder: &Path, people: &[Made]) -> (Reader, TeamId, OrganisationId) {
    let path = folder.join("team.mdt");
    let (mut store, reader) = store::create(&path, None, FileKind::Real, 7, &stamp()).unwrap();
    let mut mint = Mint::new(chrono::DateTime::UNIX_EPOCH, 1);
    let (team, practice): (TeamId, OrganisationId) = (mint.mint(), mint.mint());
    let organisation = Organisation { name: line("Elm Grove"), kind: OrganisationKind::Practice, code: None };
    let deed = Deed::change("Begin");
    store.commit(&stamp(), &deed, &[add(team, Team::new(line("Elm"))), add(practice, organisation)]).unwrap();
    let mut ids: Vec<PersonId> = Vec::new();
    let changes: Vec<_> = people
        .iter()
        .map(|made| {
            let mut person = Person::new(team, line(&format!("Name{}", made.name)), line("Ada"));
            person.band = [None, Some(Band::High), Some(Band::Medium), Some(Band::Low)][usize::from(made.band)];
            person.score = made.score.map(Score);
            person.born = made.born.map(|n| today().plus(-30_000 + i64::from(n)));
            person.practice = made.practice.then_some(practice);
            person.standing = if made.gone { Standing::Moved } else { Standing::Active };
            let id = mint.mint();
            ids.push(id);
            add(id, person)
        })
        .collect();
    store.commit(&stamp(), &deed, &changes).unwrap();
    let db = Connection::open(&path).unwrap();
    db.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    let day = |n: Option<u8>, never: &str| n.map_or(never.to_owned(), |n| today().plus(i64::from(n) - 2).iso());
    for (made, id) in people.iter().zip(&ids) {
        use mdt::domain::change::RecordId as _;
        db.execute(
            "UPDATE person SET key_worker = ?2, last_discussed = ?3, next_due = ?4, review_on = ?5 WHERE id = ?1",
            rusqlite::params![
                id.raw(),
                made.key_worker.then_some(1),
                day(made.discussed, ""),
                day(made.due, "9999-12-31"),
                day(made.review, "9999-12-31")
            ],
        )
        .unwrap();
    }
    (reader, team, practice)
}

fn lets_through(filter: &CaseFilter, row: &CaseRow) -> bool {
    let it = &row.person;
    (it.standing != Standing::Active) == filter.not_active
        && filter.band.is_none_or(|band| it.band == Some(band))
        && filter.practice.is_none_or(|practice| it.practice == Some(practice))
        && (!filter.no_key_worker || row.key_worker.is_none())
        && (!filter.review_due || row.review_on.is_some_and(|on| on <= today()))
        && (!filter.overdue || row.next_due.is_some_and(|on| on < today()))
}

fn sorted(rows: &[CaseRow], sort: CaseSort) -> Vec<CaseRow> {
    let never = Day::new(9999, 12, 31).unwrap();
    let name = |row: &CaseRow| (row.person.surname.as_str().to_lowercase(), row.person.id);
    let mut rows = rows.to_vec();
    match sort {
        CaseSort::Band => rows.sort_by_key(|row| (row.person.band.map_or(3, Band::rank), name(row))),
        CaseSort::Name => rows.sort_by_key(name),
        CaseSort::Age => rows.sort_by_key(|row| (row.person.born.unwrap_or(never), row.person.id)),
        CaseSort::Score => {
            rows.sort_by_key(|row| std::cmp::Reverse((row.person.score.map_or(-1, |score| score.0), row.person.id)));
        }
        CaseSort::Discussed => rows.sort_by_key(|row| (row.last_discussed, name(row))),
        CaseSort::Due => rows.sort_by_key(|row| (row.next_due.unwrap_or(never), name(row))),
        CaseSort::Review => rows.sort_by_key(|row| (row.review_on.unwrap_or(never), name(row))),
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// From every place, in every order and filter, upwards and downwards, a page is a slice of the whole order.
    #[test]
    fn every_page_is_a_slice_of_the_order(people in proptest::collection::vec(made(), 1..28), limit in 1..9_usize) {
        let folder = tempfile::tempdir().unwrap();
        let (reader, team, practice) = office(folder.path(), &people);
        let everybody: Vec<CaseRow> = [false, true]
            .into_iter()
            .flat_map(|not_active| {
                let filter = CaseFilter { not_active, ..CaseFilter::default() };
                reader.people(team, &filter, CaseSort::Name, today(), From::Top, 100).unwrap()
            })
            .collect();
        prop_assert_eq!(everybody.len(), people.len());
        let none = CaseFilter::default();
        let filters = [
            none.clone(),
            CaseFilter { band: Some(Band::High), ..none.clone() },
            CaseFilter { practice: Some(practice), ..none.clone() },
            CaseFilter { no_key_worker: true, ..none.clone() },
            CaseFilter { review_due: true, ..none.clone() },
            CaseFilter { overdue: true, ..none.clone() },
            CaseFilter { not_active: true, ..none.clone() },
            CaseFilter { not_active: true, practice: Some(practice), no_key_worker: true, ..none.clone() },
            CaseFilter { band: Some(Band::Low), review_due: true, overdue: true, ..none },
        ];
        for filter in &filters {
            let through: Vec<CaseRow> = everybody.iter().filter(|row| lets_through(filter, row)).cloned().collect();
            prop_assert_eq!(reader.count_people(team, filter, today()).unwrap(), through.len() as i64);
            for sort in CaseSort::ALL.iter().copied() {
                let all = sorted(&through, sort);
                let page = |from| reader.people(team, filter, sort, today(), from, limit).unwrap();
                prop_assert_eq!(&page(From::Top)[..], &all[..limit.min(all.len())]);
                prop_assert_eq!(&page(From::Bottom)[..], &all[all.len().saturating_sub(limit)..]);
                for (at, row) in all.iter().enumerate() {
                    let id = row.person.id;
                    let to = |from: usize| all.len().min(from + limit);
                    prop_assert_eq!(&page(From::At(id))[..], &all[at..to(at)], "{:?} {:?} at {}", filter, sort, at);
                    prop_assert_eq!(&page(From::After(id))[..], &all[at + 1..to(at + 1)], "{:?} {:?} after {}", filter, sort, at);
                    prop_assert_eq!(&page(From::Before(id))[..], &all[at.saturating_sub(limit)..at], "{:?} {:?} before {}", filter, sort, at);
                    prop_assert_eq!(reader.rank(team, filter, sort, today(), id).unwrap(), at as i64, "{:?} {:?} rank", filter, sort);
                }
            }
        }
    }
}

#[test]
fn no_order_of_everybody_is_sorted_or_looked_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("team.mdt");
    drop(store::create(&path, None, FileKind::Real, 7, &stamp()).unwrap());
    let db = Connection::open(&path).unwrap();
    let plan = |sql: &str| -> String {
        let mut select = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let lines: Vec<String> = select.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        lines.join("\n")
    };
    for (index, condition) in [
        ("person_by_discussed", "p.last_discussed <> ''"),
        ("person_by_due", "p.next_due <> '9999-12-31'"),
        ("person_by_review", "p.review_on <> '9999-12-31'"),
    ] {
        let sql = format!(
            "SELECT count(*) FROM person p INDEXED BY {index} WHERE p.team = 1 AND p.standing = 'active' AND {condition} AND (p.sort_name, p.id) < ('a', 1)"
        );
        assert!(plan(&sql).contains(&format!("USING COVERING INDEX {index}")), "{}", plan(&sql));
    }
    let sql = "SELECT p.id FROM person p INDEXED BY person_by_name WHERE p.team = 1 AND p.standing = 'active' AND p.next_due = '9999-12-31' AND (p.sort_name, p.id) > ('a', 1) ORDER BY p.sort_name, p.id LIMIT 60";
    assert!(!plan(sql).contains("TEMP B-TREE"), "{}", plan(sql));
}

/// Type, name, table and words of everything in a file.
fn shape(path: &Path) -> Vec<String> {
    let db = Connection::open(path).unwrap();
    let found: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(found, "ok");
    assert_eq!(db.prepare("PRAGMA foreign_key_check").unwrap().query_map([], |_| Ok(())).unwrap().count(), 0);
    let sql = "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name";
    db.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_file_of_version_one_climbs_to_what_a_new_file_is() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old.mdt"), folder.path().join("new.mdt"));
    drop(store::create(&new, None, FileKind::Real, 7, &stamp()).unwrap());
    // A file that the program of that time made.
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schema/0001.zip");
    let mut archive = zip::ZipArchive::new(std::fs::File::open(golden).unwrap()).unwrap();
    std::io::copy(&mut archive.by_index(0).unwrap(), &mut std::fs::File::create(&old).unwrap()).unwrap();
    let joined = "SELECT count(*) FROM person p JOIN band_entry b ON b.person = p.id JOIN change c ON c.row = p.id AND c.noun = 'person' WHERE p.standing = 'active'";
    let count =
        |path: &Path| -> i64 { Connection::open(path).unwrap().query_row(joined, [], |row| row.get(0)).unwrap() };
    let before = count(&old);
    assert!(before > 0);
    #[cfg(unix)]
    std::fs::set_permissions(&old, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    drop(store::open(&old, None).unwrap());
    assert_eq!(shape(&old), shape(&new));
    assert!(shape(&new).iter().any(|it| it.contains("CHECK (standing = 'active' OR standing = 'discharged' OR")));
    let db = Connection::open(&old).unwrap();
    assert_eq!(count(&old), before);
    for wrong in ["sex = 'x'", "residence = 'x'", "band = 'x'", "sharing = 'x'", "standing = 'x'"] {
        assert!(db.execute(&format!("UPDATE person SET {wrong}"), []).is_err(), "{wrong}");
    }
    for wrong in ["band = 'x'", "before = 'x'"] {
        assert!(db.execute(&format!("UPDATE band_entry SET {wrong}"), []).is_err(), "{wrong}");
    }
    db.execute_batch("DROP TRIGGER change_stays").unwrap();
    assert!(db.execute("UPDATE change SET deed = 'x'", []).is_err());
}
