//! An action log of ten thousand invented actions as an Excel workbook, and the same cells written by XlsxWriter for
//! Python, where that is on the machine.
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

use mdt::domain::Word as _;
use mdt::domain::day::Day;
use mdt::exchange::output::actions::{self, ActionLine, ActionLog};
use mdt::exchange::output::recipient::for_the_team;
use mdt::exchange::output::xlsx::{self, Sheets};

fn main() {
    let log = log(10_000);
    let permitted = for_the_team(&log);
    for sheets in [Sheets::One, Sheets::ByOwner] {
        let mut size = 0;
        kit::time(&format!("10,000 actions to Excel, {}", sheets.label()), 15, |_| {
            size = xlsx::actions(permitted, sheets).unwrap().len();
        });
        println!("    {size} bytes");
        beside(&actions::json(permitted).unwrap(), sheets);
    }
}

/// What the other writer takes for the same cells, without the start of Python and the reading of the log.
fn beside(json: &str, sheets: Sheets) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/actions_xlsx.py");
    let started =
        Command::new("python3").args([script, sheets.code()]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let said = started.ok().and_then(|mut child| {
        // A Python without XlsxWriter is gone before it has read anything.
        let _ = child.stdin.take()?.write_all(json.as_bytes());
        let out = child.wait_with_output().ok()?;
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned())
    });
    print!("{}", said.unwrap_or_else(|| "    XlsxWriter for Python is not on this machine\n".to_owned()));
}

fn log(size: i64) -> ActionLog {
    let today = Day::from_iso("2026-11-26").unwrap();
    ActionLog {
        recipient_is: "the whole team".to_owned(),
        confidentiality: mdt::exchange::output::document::CONFIDENTIALITY.to_owned(),
        format: actions::FORMAT.into(),
        version: actions::VERSION,
        team: "Elm Grove MDT".into(),
        demo: true,
        on: today.iso(),
        recipient: "full".into(),
        actions: (0..size).map(|n| line(n, today)).collect(),
    }
}

fn line(n: i64, today: Day) -> ActionLine {
    let due = today.plus(n % 90 - 30);
    let (state, live) = [("open", true), ("accepted", true), ("done", false), ("not done", false)][n as usize % 4];
    ActionLine {
        about: None,
        owned_by: None,
        id: (7_012_345_678_901_234_567 + n).to_string(),
        person: (n % 9 != 0).then(|| format!("EXAMPLE-{}, Invented{}", n % 800, n % 37)),
        nhs_number: (n % 9 != 0).then(|| format!("999{:07}", n % 800)),
        born: (n % 9 != 0).then(|| Day::from_iso("1930-01-01").unwrap().plus(n % 9_000).iso()),
        action: format!("Ring the district nurses about visit {n} and tell the family what was agreed"),
        owner: format!("Member {} Example", n % 20),
        role: ["community nurse", "social worker", "GP", "pharmacist"][n as usize % 4].into(),
        organisation: ["Exampleton Trust", "Exampleshire Council", "Elm Surgery"][n as usize % 3].into(),
        raised_on: due.plus(-14).iso(),
        due: due.iso(),
        overdue_days: (live && due < today).then(|| today.days_since(due)),
        carried: n % 4,
        state: state.into(),
        state_on: (n % 4 != 0).then(|| today.plus(-1).iso()),
        reason: (n % 4 == 3).then(|| "service full".into()),
        note: (n % 4 > 1)
            .then(|| format!("{n}: the daughter was told.\nNothing else came of it – she will ring again.")),
    }
}
