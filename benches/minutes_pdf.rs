//! The minutes of a meeting at which twenty-five people were discussed, as a PDF file and as a page for a browser; beside
//! them, where they are installed, the programs that offices make a PDF with.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on should stop, and says what it found"
)]

mod kit;

use std::path::Path;
use std::process::{Command, Stdio};

use mdt::clock::Clock;
use mdt::exchange::output::look::Look;
use mdt::exchange::output::recipient::for_the_team;
use mdt::exchange::output::{docx, html, minutes, pdf};

fn main() {
    let mut office = kit::office(None);
    office.take_in(&kit::list::list(1_000));
    let meeting = office.hold();
    let look = Look::default();
    let mut size = 0;
    kit::time("minutes of 25 people, from the records to PDF", 50, |_| {
        let document = minutes::document_of(&office.reader, &office.team, &meeting, &Clock::System).unwrap();
        size = pdf::render(for_the_team(&document), &look).unwrap().len();
    });
    let document = minutes::document_of(&office.reader, &office.team, &meeting, &Clock::System).unwrap();
    let permitted = for_the_team(&document);
    kit::time(&format!("of that, the PDF alone ({size} bytes)"), 50, |_| {
        pdf::render(permitted, &look).unwrap();
    });
    let page = html::render(permitted, &look);
    kit::time(&format!("the page for a browser alone ({} bytes)", page.len()), 50, |_| {
        html::render(permitted, &look);
    });
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("minutes.docx"), docx::render(permitted, &look).unwrap()).unwrap();
    std::fs::write(folder.path().join("minutes.html"), page).unwrap();
    beside(folder.path(), "soffice", &["--headless", "--convert-to", "pdf", "minutes.docx"]);
    beside(folder.path(), "pandoc", &["minutes.html", "-o", "minutes.pdf"]);
}

/// Times another program on the same minutes, if it is there.
fn beside(folder: &Path, program: &str, arguments: &[&str]) {
    let run = || {
        Command::new(program).args(arguments).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null()).status()
    };
    // Once before: what it sets up for itself the first time is not counted.
    match run() {
        Err(_) => println!("{program}: not installed, not measured"),
        Ok(status) if !status.success() || !folder.join("minutes.pdf").exists() => {
            println!("{program}: made no PDF, not measured");
        }
        Ok(_) => {
            kit::time(&format!("{program}, from the same minutes"), 5, |_| {
                run().unwrap();
            });
        }
    }
}
