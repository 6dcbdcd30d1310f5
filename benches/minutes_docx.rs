//! The minutes of a meeting at which twenty-five people were discussed, as a Word file.
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench that cannot go on should stop")]

mod kit;

use std::io::Write as _;

use mdt::clock::Clock;
use mdt::exchange::output::docx;
use mdt::exchange::output::look::Look;
use mdt::exchange::output::minutes;
use mdt::exchange::output::recipient::for_the_team;

fn main() {
    let mut office = kit::office(None);
    office.take_in(&kit::list::list(1_000));
    let meeting = office.hold();
    let mut size = 0;
    kit::time("minutes of 25 people, from the records to Word", 50, |_| {
        let document = minutes::document_of(&office.reader, &office.team, &meeting, &Clock::System).unwrap();
        size = docx::render(for_the_team(&document), &Look::default()).unwrap().len();
    });
    let text = "seen at home by the community nurse ".repeat(3_000);
    kit::time(&format!("floor: pack 100 kB of text (the file has {size} bytes)"), 50, |_| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
        zip.finish().unwrap();
    });
}
