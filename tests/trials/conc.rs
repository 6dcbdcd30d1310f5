//! Several processes at work on one file: nothing is lost without a word. One more opens and closes the file all the time,
//! so that the log is written back under everybody's hands.

use std::path::Path;
use std::time::Duration;

use mdt::domain::action::Action;
use mdt::domain::change::alter;
use mdt::store::Deed;
use mdt::store::fault::Fault;

use super::child::{Other, say, told};
use super::kit::{self, stamp};
use super::report::Family;
use super::world::{self, Dice, Ground};

/// How many actions everybody edits.
const MEETING_POINTS: usize = 3;

/// Counts up actions that others count up too, and says how often it was told “done” and how often “somebody else”.
pub fn child() {
    let (path, edits): (String, u64) = (told("FILE"), told("EDITS").parse().unwrap());
    let mut dice = Dice::new(told("SEED").parse().unwrap());
    let (mut done, mut told_so) = (0, 0);
    if told("WAY") == "naive" {
        let db = world::raw(Path::new(&path), false).unwrap();
        db.busy_timeout(Duration::from_secs(20)).unwrap();
        for _ in 0..edits {
            let carried: i64 =
                db.query_row("SELECT carried FROM action ORDER BY id LIMIT 1", [], |row| row.get(0)).unwrap();
            std::thread::sleep(Duration::from_micros(200));
            let sql = "UPDATE action SET carried = ?1 WHERE id = (SELECT min(id) FROM action)";
            done += u64::try_from(db.execute(sql, [carried + 1]).unwrap()).unwrap();
        }
    } else {
        let (mut store, reader) = world::open(Path::new(&path), false).unwrap();
        let ground = Ground::of(&reader, 1).unwrap();
        while done < edits && told_so < edits * 100 {
            let seen = reader.get::<Action>(ground.actions[dice.throw(MEETING_POINTS)]).unwrap().unwrap();
            match store.commit(&stamp(), &Deed::change("Carry"), &[alter(&seen, |it| it.carried += 1)]) {
                Ok(_) => done += 1,
                Err(Fault::Conflict(_) | Fault::Locked) => told_so += 1,
                Err(fault) => panic!("{fault}"),
            }
        }
    }
    say(&format!("done {done}"));
    say(&format!("told {told_so}"));
}

/// Opens and closes, again and again, until it is killed.
pub fn storm() {
    let path = told("FILE");
    loop {
        let (store, reader) = world::open(Path::new(&path), false).unwrap();
        drop(reader);
        let _ = store.close();
    }
}

/// So many processes with so many edits each. Gives how many were said to be done, told of somebody else, and are there.
fn together(processes: usize, edits: u32, way: &str, seed: u64) -> (i64, i64, i64) {
    let folder = world::folder();
    let path = world::found(folder.path(), false, 5);
    let file = path.display().to_string();
    let storm = (way != "naive").then(|| Other::start("storm", &[("FILE", &file)]));
    let all: Vec<Other> = (0..processes)
        .map(|n| {
            let (edits, seed) = (edits.to_string(), (seed ^ n as u64).to_string());
            Other::start("conc", &[("FILE", &file), ("EDITS", &edits), ("SEED", &seed), ("WAY", way)])
        })
        .collect();
    let (mut done, mut told_so) = (0, 0);
    for other in all {
        let (status, lines) = other.ends(Duration::from_secs(u64::from(kit::times(120, 3_600))));
        assert!(status.success(), "{status}, seed {seed}: {lines:?}");
        let number = |word: &str| lines.iter().find_map(|line| line.strip_prefix(word)?.parse::<i64>().ok()).unwrap();
        done += number("done ");
        told_so += number("told ");
    }
    drop(storm);
    let db = world::raw(&path, false).unwrap();
    let there = db.query_row("SELECT sum(carried) FROM action", [], |row| row.get(0)).unwrap();
    drop(db);
    if way != "naive" {
        let head = world::prove(&path, false).unwrap_or_else(|why| panic!("{why}, seed {seed}"));
        assert_eq!(head, 2 + done, "a step for each edit");
    }
    (done, told_so, there)
}

#[test]
fn processes_at_once_lose_nothing_without_a_word() {
    let family = Family::begin("conc");
    let (mut runs, mut lost, mut told_so) = (0, 0, 0);
    for (processes, edits) in [(2, kit::times(600, 10_000)), (4, kit::times(300, 10_000))] {
        let (done, more, there) = together(processes, edits, "ours", family.seed);
        assert_eq!(done, i64::try_from(processes).unwrap() * i64::from(edits), "some gave up");
        (runs, lost, told_so) = (runs + done, lost + done - there, told_so + more);
    }
    assert!(told_so > 0, "they never met");
    family.done(
        u64::try_from(runs).unwrap(),
        u64::try_from(lost).unwrap(),
        &format!("by 2 and by 4 processes, {told_so} told of somebody else"),
    );
}

/// The control: reading, changing and writing back without looking loses what others wrote.
#[test]
fn writing_back_without_looking_loses() {
    let (done, _, there) = together(2, kit::times(300, 3_000), "naive", kit::seed());
    assert!(there < done, "the trial is blind: {there} of {done} are there");
    eprintln!("conc · control · {} of {done} lost", done - there);
}
