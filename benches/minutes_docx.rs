//! The minutes of a meeting at which twenty-five people were discussed, as a Word file.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench that cannot go on should stop")]

mod kit;

use std::io::Write as _;

use mdt::clock::Clock;
use mdt::domain::action::{Action, ActionState};
use mdt::domain::agenda::{AgendaItem, Outcome};
use mdt::domain::change::{add, alter};
use mdt::domain::discussion::{Decision, Discussion};
use mdt::domain::meeting::Stage;
use mdt::domain::text::Note;
use mdt::exchange::output::docx;
use mdt::exchange::output::minutes;
use mdt::exchange::output::recipient::for_the_team;
use mdt::store::Deed;

fn main() {
    let mut office = kit::office(None);
    office.take_in(&kit::list::list(1_000));
    let (meeting, _) = office.furnish(0, 0);
    let now = office.now.moment;
    let note = |n: i64| Note::parse(&format!("{n}: seen at home by the community nurse. ").repeat(8)).ok();
    let mut changes = vec![alter(&meeting, |it| {
        it.stage = Stage::Closed;
        it.begun_at = Some(now);
        it.ended_at = Some(now);
    })];
    for item in office.reader.agenda(meeting.id).unwrap() {
        let person = item.person.unwrap();
        changes.push(alter(&item, |it: &mut AgendaItem| it.outcome = Outcome::Discussed));
        let discussion = Discussion {
            situation: note(1),
            update: note(2),
            next_steps: note(3),
            decision: Some(Decision::Made),
            present: office.members.clone(),
            agreed_at: Some(now),
            ..Discussion::new(meeting.id, item.id, person)
        };
        changes.push(add(office.mint.mint(), discussion));
        for n in 0..3 {
            let action = Action {
                meeting: Some(meeting.id),
                item: Some(item.id),
                state: ActionState::Open,
                ..office.action(person, n)
            };
            changes.push(add(office.mint.mint(), action));
        }
    }
    let stamp = office.stamp();
    office.store.commit(&stamp, &Deed::change("Hold the meeting"), &changes).unwrap();
    let meeting = office.reader.get(meeting.id).unwrap().unwrap();
    let mut size = 0;
    kit::time("minutes of 25 people, from the records to Word", 50, |_| {
        let document = minutes::document_of(&office.reader, &office.team, &meeting, &Clock::System).unwrap();
        size = docx::render(for_the_team(&document)).unwrap().len();
    });
    let text = "seen at home by the community nurse ".repeat(3_000);
    kit::time(&format!("floor: pack 100 kB of text (the file has {size} bytes)"), 50, |_| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
        zip.finish().unwrap();
    });
}
