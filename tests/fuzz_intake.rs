//! Spoilt lists: the files of `tests/intake/`, bytes flipped, cut out, doubled, crossed with one another, with quotation
//! marks, delimiters, NULs and halves of letters put in. No reader panics, none takes long, and every row is counted once.
//!
//! An ordinary run reads 20,000 spoilt texts, and workbooks for twelve seconds. For a longer one:
//! `FUZZ_TEXTS=1000000 FUZZ_BOOK_SECONDS=600 FUZZ_SEED=7 cargo test --test fuzz_intake`. Without `FUZZ_SEED` the seed is
//! 1, so that a run can be had again; a fault says the seed of its input, and `FUZZ_SEED=that FUZZ_TEXTS=1` makes it again.
//! `FUZZ_TELL=1` tells of each input that took more than half a second.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on should stop"
)]

mod office;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use mdt::domain::Word;
use mdt::domain::intake::IntakeKind;
use mdt::exchange::intake::columns::Guess;
use mdt::exchange::intake::source::Source;

use office::{Office, add_up, office};

/// Bytes of a spoilt text at most: what is wrong shows in small ones.
const MOST: usize = 1_500;
/// What one text may take on a slow machine.
const LONG: Duration = Duration::from_secs(2);
/// What one workbook may take: it is turned away at a million cells, and to count so many takes a debug build a while.
const LONG_BOOK: Duration = Duration::from_secs(8);

/// How long this thread has been at work – on the processor, where the system says so: on a busy machine anything may wait.
fn at_work(since: Instant) -> Duration {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = said.and_then(|said| said.split_whitespace().next().and_then(|spent| spent.parse().ok()));
    spent.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// The files of the corpus whose names begin so (or do not).
fn corpus(books: bool) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/intake");
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let fits = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("book-") == books && name != "expected.toml"
    };
    let files: Vec<Vec<u8>> = names.iter().filter(|path| fits(path)).map(|path| std::fs::read(path).unwrap()).collect();
    assert!(files.len() >= if books { 20 } else { 100 });
    files
}

/// What does harm between cells.
const BARBS: [&[u8]; 18] = [
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\t",
    b"|",
    b"\n",
    b"\r",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xd8\x00",
    b"\xed\xa0\x80",
    b"sep=;\n",
    b"9990000018",
    b"31/02/1938",
    b"99999999999999999999",
    b"\xe2\x80\xae",
];

fn spoil(dice: &mut Dice, files: &[Vec<u8>], most: usize) -> Vec<u8> {
    let mut bytes = files[dice.below(files.len())].clone();
    bytes.truncate(most);
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let to = (at + 1 + dice.below(40)).min(bytes.len());
        match dice.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 if at < bytes.len() => bytes[at] = dice.next() as u8,
            2 => drop(bytes.drain(at..to)),
            3 => {
                let piece = bytes[at..to].to_vec();
                let into = dice.below(bytes.len() + 1);
                bytes.splice(into..into, piece);
            }
            4 => {
                let other = &files[dice.below(files.len())];
                let from = dice.below(other.len() + 1);
                let until = (from + dice.below(most / 2)).min(other.len());
                bytes.splice(at.., other[from..until].iter().copied());
            }
            5 => bytes.truncate(at),
            _ => drop(bytes.splice(at..at, BARBS[dice.below(BARBS.len())].iter().copied())),
        }
    }
    bytes
}

/// Reads one input as far as it goes; what went wrong, if something did.
fn read(office: &Office, name: &str, bytes: &[u8], kind: IntakeKind) -> Result<bool, String> {
    let clock = Instant::now();
    let began = at_work(clock);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let source = Source::from_bytes(name, bytes).map_err(|why| why.to_string())?;
        let guess = Guess::of(&source, kind).map_err(|why| why.to_string())?;
        let report = office.survey(&source, &guess).map_err(|why| why.to_string())?;
        let text = office::written(office, &report);
        let rejects = report.rejects(&source, &guess).map_err(|why| why.to_string())?;
        Ok::<_, String>((report, guess, text, rejects))
    }));
    let took = at_work(clock).saturating_sub(began);
    if std::env::var_os("FUZZ_TELL").is_some() && took > Duration::from_millis(500) {
        println!("{took:?} for {} bytes", bytes.len());
    }
    if took > if name.ends_with(".csv") { LONG } else { LONG_BOOK } {
        return Err(format!("it took {took:?}"));
    }
    match outcome {
        Err(_) => Err("a panic".to_owned()),
        Ok(Err(why)) if !why.ends_with("Nothing was changed.") => Err(format!("the sentence is: {why}")),
        Ok(Err(why)) if why.chars().any(|c| c.is_control()) => Err(format!("a control character in: {why:?}")),
        Ok(Err(_)) => Ok(false),
        Ok(Ok((report, ..))) if !add_up(&report) => Err(format!("the counts do not add up: {:?}", report.counts)),
        Ok(Ok((.., text, _))) if text.chars().any(|c| c.is_control() && c != '\n') => {
            Err("a control character in the report".to_owned())
        }
        Ok(Ok((report, guess, _, rejects))) => {
            // The rejects hold each refused row once, under the header.
            let lines: std::collections::BTreeSet<u64> = report.refused.iter().map(|it| it.line).collect();
            let rows = ::csv::ReaderBuilder::new().flexible(true).from_reader(rejects.as_slice()).records().count();
            if rows == lines.len() {
                Ok(guess.width() > 0)
            } else {
                Err(format!("{rows} rejects of {} refused rows", lines.len()))
            }
        }
    }
}

/// An office in which some of the people of the lists are on file.
fn with_people() -> Office {
    let mut office = office();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/intake");
    for (name, kind) in [("base-three.csv", IntakeKind::Caseload), ("members-plain.csv", IntakeKind::Members)] {
        let source = Source::read(&folder.join(name), None).unwrap();
        let guess = Guess::of(&source, kind).unwrap();
        office.take(&source, &guess, true).unwrap();
    }
    office
}

#[test]
fn no_spoilt_text_stops_a_reader_and_every_row_is_counted() {
    let (files, runs, seed) = (corpus(false), number("FUZZ_TEXTS", 20_000), number("FUZZ_SEED", 1));
    println!("{runs} texts from seed {seed}");
    // Two desks, as many as there are cores on a small machine.
    let parts: Vec<(u64, u64)> = if runs < 2 { vec![(0, runs)] } else { vec![(0, runs / 2), (runs / 2, runs)] };
    let read_whole: u64 = std::thread::scope(|scope| {
        let desks: Vec<_> = parts
            .into_iter()
            .map(|(from, to)| {
                let files = &files;
                scope.spawn(move || {
                    let office = with_people();
                    let (dump, mut whole) = (office.dump(), 0);
                    for run in from..to {
                        let seed = seed + run;
                        let mut dice = Dice(seed);
                        let bytes = spoil(&mut dice, files, MOST);
                        let kind = IntakeKind::ALL[if dice.below(3) > 0 { 0 } else { dice.below(5) }];
                        match read(&office, "list.csv", &bytes, kind) {
                            Ok(read) => whole += u64::from(read),
                            Err(why) => {
                                let shown = bytes.escape_ascii();
                                panic!("FUZZ_SEED={seed} FUZZ_TEXTS=1, as {}: {why}\n{shown}", kind.code());
                            }
                        }
                    }
                    assert!(office.dump() == dump, "looking changed something");
                    whole
                })
            })
            .collect();
        desks.into_iter().map(|desk| desk.join().unwrap()).sum()
    });
    println!("{read_whole} of them were read to the last row");
    assert!(runs < 1_000 || read_whole * 10 > runs, "the spoiling is too rough: only {read_whole} were read");
}

/// Other digits and letters in the place of some: the marks of the XML stay, so that what is read is read on.
fn altered(dice: &mut Dice, mut body: Vec<u8>) -> Vec<u8> {
    for _ in 0..=dice.below(12) {
        let at = dice.below(body.len());
        match body.get(at).copied() {
            Some(b'0'..=b'9') => body[at] = b'0' + dice.below(10) as u8,
            Some(b'a'..=b'z') if dice.below(4) == 0 => body[at] = b'a' + dice.below(26) as u8,
            _ => {}
        }
    }
    body
}

/// The parts of a zip, unpacked, spoilt and packed again: so that the spoilt bytes come past the checksums.
fn repacked(dice: &mut Dice, file: &[u8], files: &[Vec<u8>]) -> Option<Vec<u8>> {
    use std::io::{Read as _, Write as _};
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file)).ok()?;
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let (parts, chosen) = (archive.len(), dice.below(archive.len().max(1)));
    for at in 0..parts.min(20) {
        let mut part = archive.by_index(at).ok()?;
        let name = part.name().ok()?.into_owned();
        let mut body = Vec::new();
        (&mut part).take(200_000).read_to_end(&mut body).ok()?;
        if at == chosen || name.contains("sheet1") || name == "content.xml" {
            body = match dice.below(3) {
                0 => spoil(dice, &[body.clone(), files[0].clone()], body.len().max(100)),
                _ => altered(dice, body),
            };
        }
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        out.start_file(name, stored).ok()?;
        out.write_all(&body).ok()?;
    }
    Some(out.finish().ok()?.into_inner())
}

#[test]
fn no_spoilt_workbook_stops_a_reader_and_every_row_is_counted() {
    let (files, seed) = (corpus(true), number("FUZZ_SEED", 1));
    let until = Instant::now() + Duration::from_secs(number("FUZZ_BOOK_SECONDS", 12));
    println!("workbooks from seed {seed}");
    let office = with_people();
    let (mut run, mut whole) = (0, 0);
    while Instant::now() < until {
        let seed = seed + run;
        let mut dice = Dice(seed);
        let chosen = dice.below(files.len());
        let bytes = if dice.below(3) == 0 { None } else { repacked(&mut dice, &files[chosen], &files) };
        let bytes = bytes.unwrap_or_else(|| spoil(&mut dice, &files[chosen..=chosen], 40_000));
        match read(&office, "list.xlsx", &bytes, IntakeKind::Caseload) {
            Ok(read) => whole += u64::from(read),
            Err(why) => panic!("FUZZ_SEED={seed}: {why}; {} bytes from file {chosen}", bytes.len()),
        }
        run += 1;
    }
    println!("{run} workbooks, {whole} of them read to the last row");
    assert!(whole * 100 >= run, "the spoiling is too rough: only {whole} were read");
    assert!(run >= 30 || number("FUZZ_BOOK_SECONDS", 12) < 10, "only {run} workbooks in all");
}
