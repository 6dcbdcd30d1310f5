//! A risk list of invented people, twenty-nine columns: read, checked, matched, logged, indexed and encrypted; then the same
//! list again; then undone; then stopped half-way. Beside it, in the same run, what `sqlite3` takes to import the same file bare.
//!
//! `N=300000 cargo bench --bench intake`; 50,000 rows where `N` says nothing. `QUICK=1` leaves out the stopping.
#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench that cannot go on should stop"
)]

mod kit;

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mdt::domain::intake::IntakeKind;
use mdt::exchange::intake::Gauge;
use mdt::exchange::intake::columns::Guess;
use mdt::exchange::intake::source::Source;
use mdt::exchange::intake::{self, Desk};
use mdt::jobs::ahead::Ahead;

/// As in the program: whatever is given back is overwritten first.
#[global_allocator]
static MEMORY: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// `.import`, three indexes, a search index of the names: what anybody would do by hand.
const BARE: &str = r#".mode csv
.import list.csv t
CREATE INDEX a ON t ("NHS Number");
CREATE INDEX b ON t ("Surname", "Forename");
CREATE INDEX c ON t ("Risk Score");
CREATE VIRTUAL TABLE f USING fts5 ("Surname", "Forename", "NHS Number", prefix = '2 3');
INSERT INTO f (rowid, "Surname", "Forename", "NHS Number") SELECT rowid, "Surname", "Forename", "NHS Number" FROM t;
"#;

fn main() {
    let rows: usize = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(50_000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    kit::list::write(rows, &mut file).unwrap();
    file.flush().unwrap();
    println!("{rows} rows, {} MB", std::fs::metadata(&path).unwrap().len() >> 20);

    let bare = bare(folder.path());
    if bare.is_none() {
        println!("sqlite3 is not installed: there is nothing to measure against");
    }
    let shown = |name: &str, took: Duration, cpu: f64| {
        let seconds = took.as_secs_f64();
        let per = rows as f64 / seconds;
        let times = bare.map(|bare| format!("   {:.2} × sqlite3", seconds / bare.as_secs_f64())).unwrap_or_default();
        println!(
            "{name:<46} {seconds:>8.2} s   processor {cpu:>7.2} s   {per:>9.0} rows/s{times}   peak {} MB",
            peak()
        );
    };
    if let Some(bare) = bare {
        shown("sqlite3: .import, three indexes, FTS5", bare, 0.0);
    }
    let mut office = kit::office(None);
    let mut take = |name: &str, expected: usize| {
        let (start, before) = (Instant::now(), processor());
        let source = Source::read(&path, None).unwrap();
        let guess = Guess::of(&source, IntakeKind::Caseload).unwrap();
        let desk = Desk { reader: &office.reader, team: &office.team, now: office.now };
        let stamp = mdt::store::log::Stamp { at: office.now.moment.iso(), actor: "bench".into() };
        let gauge = Gauge::default();
        let mut ahead = Ahead::new(&mut office.store, gauge.attempt());
        let (report, _) =
            intake::take_in(&desk, &mut ahead, &stamp, &mut office.mint, &source, &guess, true, &gauge).unwrap();
        assert_eq!(usize::try_from(report.counts.new + report.counts.changed).unwrap(), expected);
        shown(name, start.elapsed(), processor() - before);
        start.elapsed()
    };
    let first = take("take the list in", rows);
    take("the same list again: nothing is new", 0);
    let (start, before) = (Instant::now(), processor());
    let stamp = office.stamp();
    office.store.undo(&stamp).unwrap();
    shown("undo all of it", start.elapsed(), processor() - before);
    println!("the file has {} MB", std::fs::metadata(&office.path).unwrap().len() >> 20);
    drop(office);
    if std::env::var_os("QUICK").is_some() {
        return;
    }
    for percent in [20, 50, 70, 80, 90, 97] {
        let mut office = kit::office(None);
        let source = Source::read(&path, None).unwrap();
        let guess = Guess::of(&source, IntakeKind::Caseload).unwrap();
        let desk = Desk { reader: &office.reader, team: &office.team, now: office.now };
        let stamp = mdt::store::log::Stamp { at: office.now.moment.iso(), actor: "bench".into() };
        let gauge = Gauge::default();
        let (done, ended, asked) = std::thread::scope(|scope| {
            let asked = scope.spawn(|| {
                std::thread::sleep(first * percent / 100);
                let asked = Instant::now();
                (gauge.stop(), asked)
            });
            let mut ahead = Ahead::new(&mut office.store, gauge.attempt());
            let done = intake::take_in(&desk, &mut ahead, &stamp, &mut office.mint, &source, &guess, true, &gauge);
            (done, Instant::now(), asked.join().unwrap())
        });
        let (in_time, asked) = asked;
        let took = ended.saturating_duration_since(asked).as_secs_f64() * 1e3;
        // Where it is too late that is said at once; how long the disk then takes is not the time of the answer.
        assert_eq!(in_time, done.is_err());
        let said = done.map(|_| "at once: too late, it is kept".to_owned()).unwrap_or_else(|error| error.to_string());
        println!("asked to stop at {percent} % of that time: over after {took:>6.0} ms   ({said})");
    }
}

/// The time `sqlite3` takes, its own process and file.
fn bare(folder: &std::path::Path) -> Option<Duration> {
    let start = Instant::now();
    let mut child = Command::new("sqlite3").arg("bare.db").current_dir(folder).stdin(Stdio::piped()).spawn().ok()?;
    child.stdin.take()?.write_all(BARE.as_bytes()).ok()?;
    child.wait().ok()?.success().then(|| start.elapsed())
}

/// A line of Linux's account of this process; nothing elsewhere.
fn status(name: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    text.lines().find(|line| line.starts_with(name))?.split_whitespace().nth(1)?.parse().ok()
}

/// The most memory that was resident so far, in MB.
fn peak() -> u64 {
    status("VmHWM:").unwrap_or(0) >> 10
}

/// Processor seconds of this process so far, all threads.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|it| it.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
