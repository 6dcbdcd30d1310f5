//! How long things take: a report, with guards so loose that only a mistake in kind breaks them.

use std::time::{Duration, Instant};

use super::kit;
use super::report::Family;
use super::world::{self, Ground, Work};

fn at(sorted: &[Duration], part: usize) -> Duration {
    sorted[(sorted.len() - 1) * part / 1_000]
}

fn took(what: &str, mut times: Vec<Duration>) -> (String, Duration) {
    times.sort();
    let [half, late] = [500, 990].map(|part| at(&times, part).as_secs_f64() * 1_000.0);
    (format!("{what} {half:.1} ms (99 of 100: {late:.1})"), at(&times, 500))
}

#[test]
fn nothing_takes_long() {
    let family = Family::begin("lat");
    // On the disk of this machine, not in memory: a commit waits for it.
    let folder = tempfile::tempdir().unwrap();
    let path = world::found(folder.path(), true, usize::try_from(kit::times(200, 2_000)).unwrap());
    let rounds = u64::from(kit::times(40, 1_000));
    let mut opens = Vec::new();
    for _ in 0..kit::times(2, 20) {
        let began = Instant::now();
        drop(world::open(&path, true).unwrap());
        opens.push(began.elapsed());
    }
    let (mut store, reader) = world::open(&path, true).unwrap();
    let mut ground = Ground::of(&reader, 1).unwrap();
    let (mut commits, mut reads) = (Vec::new(), Vec::new());
    for n in 0..rounds {
        let began = Instant::now();
        Work::Edit.step(&mut store, &reader, &mut ground, n).unwrap();
        commits.push(began.elapsed());
        let began = Instant::now();
        let _ = reader.since(1).unwrap();
        reader.actions_of(ground.people[usize::try_from(n).unwrap() % ground.people.len()]).unwrap();
        reads.push(began.elapsed());
    }
    let (open, half_open) = took("open", opens);
    let (commit, half_commit) = took("commit", commits);
    let (read, half_read) = took("read again", reads);
    // A busy machine and an unoptimised build: a hundred times what is usual.
    assert!(half_open < Duration::from_secs(10), "{open}");
    assert!(half_commit < Duration::from_secs(1), "{commit}");
    assert!(half_read < Duration::from_secs(1), "{read}");
    family.done(rounds, 0, &format!("{open}; {commit}; {read}"));
}
