//! A whole meeting by keys on a real file: screens, minutes, log.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use kit::Desk;
use mdt::exchange::output::recipient::for_the_team;
use mdt::exchange::output::{markdown, minutes};

fn minutes_of(desk: &Desk) -> String {
    let model = &desk.session.model;
    let shown = model.meeting.meeting.as_ref().unwrap().id;
    let meeting = desk.session.reader.get::<mdt::domain::meeting::Meeting>(shown).unwrap().unwrap();
    let document = minutes::document_of(&desk.session.reader, &model.team, &meeting, &desk.session.clock).unwrap();
    markdown::render(for_the_team(&document))
}

/// Opens today's meeting of the demo with the first eight members in the room, and stands on the first person.
fn live() -> Desk {
    let mut desk = kit::demo();
    desk.keys("4").shows("10 people on the agenda").keys("n").shows("Open the meeting?").keys("<enter>");
    desk.shows("No quorum: 4 more needed; missing GP, nurse/matron, social");
    desk.keys("<enter><enter><enter><enter><enter><enter><enter>").shows("7 present. Quorum met.");
    desk.keys("a").shows("apologies");
    desk.keys("n").shows("Matters arising").keys("n").shows("ADEYEMI, Jean (Jeannie)").shows("0/15");
    desk
}

#[test]
fn the_first_person_from_update_to_read_back() {
    let mut desk = live();
    desk.shows("WHY TODAY")
        .shows("Can she stay safe at home at night?")
        .shows("I want to stay in my own home with my cat");
    desk.shows("OVERDUE 10 d");
    desk.keys("eRuth is up three times a night.<enter>Fell Tuesday, no injury.<f2>")
        .shows("Saved.")
        .shows("Fell Tuesday");
    desk.keys("aRefer to the falls service @pri +2w").shows("owner Priya Nair").shows("due Thu 10-Dec").keys("<enter>");
    desk.shows("Added for Priya Nair, due Thu 10-Dec.");
    // What is missing is named, and can be set there.
    desk.keys("n").shows("Missing: decision, key worker, review date, who tells the person");
    desk.keys("d").shows("decision made").keys("<enter>");
    desk.keys("w")
        .keys("maur")
        .shows("Maureen Achebe")
        .keys("<enter>")
        .shows("Key worker of ADEYEMI, Jean (Jeannie): Maureen Achebe.");
    desk.keys("r+6w<enter>").shows("Thu 07-Jan");
    desk.keys("t")
        .shows("Who tells Jeannie?")
        .keys("<enter>")
        .shows("Tell Jeannie what was agreed")
        .shows("Nothing is missing.");
    desk.minutes(9).keys("<enter>").shows("OKONKWO").shows("Agreed for ADEYEMI");
    desk.keys("p").shows("read back and agreed 13:04").keys("n<enter>");
    let text = minutes_of(&desk);
    for words in [
        "Ruth is up three times a night.",
        "Refer to the falls service",
        "Tell Jeannie what was agreed",
        "Maureen Achebe",
        "07-Jan-2027",
        "Do a home assessment for safe night-time transfers",
        "DRAFT",
    ] {
        assert!(text.contains(words), "the minutes lack “{words}”:\n{text}");
    }
    assert_eq!(desk.session.reader.verify_chain().unwrap(), Ok(desk.session.reader.head().unwrap().seq));
}

#[test]
fn a_gap_needs_a_reason_and_a_deferral_too() {
    let mut desk = live();
    desk.keys("n<enter>").shows("Leave with something missing?").keys("<enter>").shows("This cannot be blank.");
    desk.keys("the daughter could not be reached<enter>").shows("OKONKWO");
    desk.keys("f").shows("Defer to another meeting").keys("waiting for the landlord<enter>").shows("NGUYỄN");
    let text = minutes_of(&desk);
    assert!(text.contains("the daughter could not be reached") && text.contains("waiting for the landlord"), "{text}");
}

#[test]
fn an_objection_stops_the_pen_until_they_step_out() {
    let mut desk = live();
    desk.keys("o6").shows("O'CONNELL").keys("<enter>").shows("OBJECTION").shows("Pat Hollis (Age Support ZZ)");
    desk.keys("e").shows("An objection stands").keys("<esc>").hides("An objection stands");
    desk.keys("a").shows("An objection stands").keys("<esc>").keys("n").shows("An objection stands").keys("<esc>");
    desk.keys("v").shows("Enter records who steps out").keys("<enter>").shows("Pat Hollis has stepped out.");
    desk.keys("n").hides("OBJECTION").keys("eTalked about her leg.<f2>").shows("Saved.");
    desk.keys("n<enter>nothing more today<enter>");
    let text = minutes_of(&desk);
    let section = text.split("CONNELL").nth(1).unwrap().split("\n## ").next().unwrap().to_owned();
    let present = section.lines().find(|line| line.contains("Present")).unwrap_or_default().to_owned();
    assert!(present.contains("Maureen Achebe") && !present.contains("Pat Hollis"), "{section}");
}

#[test]
fn going_on_in_spite_of_an_objection_is_minuted() {
    let mut desk = live();
    desk.keys("o6<enter>e").keys("The voluntary sector is her only contact; best interests, Dr Rahman.<f2>");
    desk.shows("Goes on in spite of the objection").keys("eHer leg.<f2>").shows("Saved.");
    desk.keys("n<enter>no time<enter>");
    assert!(minutes_of(&desk).contains("The voluntary sector is her only contact"));
}

#[test]
fn matters_arising_are_closed_with_one_prompt() {
    let mut desk = live();
    desk.keys("m").shows("Matters arising · 11 open");
    desk.keys("<enter>")
        .shows("How")
        .keys("<right>")
        .shows("NOT done")
        .keys("<enter>")
        .shows("Choose why it was not done.");
    desk.keys("serv").shows("service full").keys("<enter>").shows("10 open");
    desk.keys("d<enter>").shows("9 open");
    desk.keys("u<enter>").shows("Undone").shows("10 open").keys("U<enter>").shows("9 open");
}

#[test]
fn closing_names_those_not_reached_and_takes_them_to_the_next_meeting() {
    let mut desk = live();
    desk.keys("n<enter>short of time<enter>");
    desk.keys("/sieb").keys("<esc>");
    desk.keys("/kaur").shows("KAUR, Harbhajan").keys("<enter>").shows("comes next");
    desk.keys("c").shows("NOT REACHED (11)").shows("They go onto the").keys("<enter>");
    desk.shows("This meeting is closed");
    let reader = &desk.session.reader;
    let next = reader.next_meeting(desk.session.model.team.id, desk.session.model.now.today.plus(1)).unwrap().unwrap();
    let items = reader.agenda(next.id).unwrap();
    assert_eq!(items.iter().filter(|item| item.person.is_some()).count(), 10);
    assert!(
        items.iter().any(|item| item.title.as_ref().is_some_and(|title| title.as_str() == "Voluntary sector forum"))
    );
    assert!(
        items
            .iter()
            .filter(|item| item.person.is_some())
            .all(|item| item.reasons.as_ref().is_some_and(|why| why.as_str().contains("carried over from 26-Nov")))
    );
    let text = minutes_of(&desk);
    assert!(text.to_lowercase().contains("not reached"), "{text}");
}

#[test]
fn a_half_typed_word_survives_a_killed_process() {
    let mut desk = live();
    desk.keys("eRuth is up three times a ni");
    desk.session.keep_draft();
    let mut desk = desk.restart();
    desk.shows("Resume the meeting?")
        .shows("You were at ADEYEMI, J. (1 of 11).")
        .shows("Your half-typed text is still there.");
    desk.keys("<enter>").shows("Ruth is up three times a ni").keys("ght.<f2>").shows("Saved.");
    let mut desk = desk.restart();
    desk.shows("Resume the meeting?").hides("half-typed").keys("<enter><pgdn>").shows("three times a night.");
}

#[test]
fn a_stray_key_records_nothing() {
    let mut desk = live();
    let recorded = |desk: &Desk| {
        let steps = desk.session.reader.steps(500).unwrap();
        // That a page was opened is kept; it records nothing of anybody.
        steps.into_iter().filter(|step| step.kind != mdt::store::log::StepKind::View).collect::<Vec<_>>()
    };
    let before = recorded(&desk);
    for key in "abcdefgijklmnopqrstvwyz0579".chars() {
        // Every key, then out of whatever it opened; p and o only move, and are steps of their own.
        if !"p".contains(key) {
            desk.keys(&key.to_string()).keys("<esc><esc><esc><esc>").keys("4");
        }
    }
    assert_eq!(recorded(&desk), before);
}

#[test]
fn pasted_text_is_text() {
    let mut desk = live();
    let before = desk.session.reader.head().unwrap();
    desk.session.take(mdt::ui::msg::Msg::Paste("n\r\nd\r\nc\r\n\u{1b}[31m".to_owned()));
    desk.shows("What was pasted was not used");
    assert_eq!(desk.session.reader.head().unwrap(), before);
    desk.keys("e");
    desk.session.take(mdt::ui::msg::Msg::Paste("one\r\ntwo \u{202e}three".to_owned()));
    desk.keys("<f2>").shows("one").shows("two ‹U+202E›three");
}

#[test]
fn masking_hides_who_it_is() {
    let mut desk = live();
    desk.keys("x").hides("ADEYEMI").hides("999 000 0018").shows("J.A.").shows("MASKED");
    desk.keys("x").shows("ADEYEMI");
}

#[test]
fn an_edit_by_another_process_is_shown_and_never_lost() {
    use mdt::domain::change::alter;
    use mdt::domain::text::Note;
    let mut desk = live();
    desk.keys("eFirst words.<f2>").keys("e and mine");
    let (mut other, reader) = desk.second_session();
    let meeting = reader.live_meeting(desk.session.model.team.id).unwrap().unwrap();
    let seen = reader.discussion(meeting.here.unwrap()).unwrap().unwrap();
    let change = alter(&seen, |it| it.update = Note::parse("Theirs entirely.").ok());
    other.commit(&kit::stamp(), &mdt::store::Deed::change("Write the update"), &[change]).unwrap();
    desk.keys("<f2>").shows("Two edits met").shows("Theirs entirely.").shows("First words. and mine");
    desk.keys("<enter>").shows("First words. and mine").keys("<f2>").shows("Two edits met").shows("Theirs entirely.");
    desk.keys("jj<enter>").shows("Saved.");
    assert!(minutes_of(&desk).contains("First words. and mine"));
}

#[test]
fn home_leads_to_what_needs_attention() {
    let mut desk = kit::demo();
    desk.keys("j<enter>").shows("Robert Lim").shows("overdue").hides("Offer Ruth a carer's assessment");
    desk.keys("1jjjjjj<enter>").shows("no key worker").shows("4 people of 61").hides("KAUR");
    desk.keys("1g<enter>").shows("Press n to open the meeting");
    desk.keys("1/").keys("prosser").shows("PROSSER, Dafydd").hides("ADEYEMI");
}

#[test]
fn undo_takes_back_what_was_recorded_never_where_the_team_looks() {
    let mut desk = live();
    desk.keys("d<enter>").shows("decision made");
    desk.keys("n<enter>no time<enter>")
        .shows("OKONKWO")
        .keys("p")
        .shows("ADEYEMI")
        .keys("o3<enter>")
        .shows("NGUYỄN, Thị Lan");
    desk.keys("u")
        .shows("“Agree the read-back” for ADEYEMI, Jean")
        .keys("<enter>")
        .shows("Undone")
        .shows("NGUYỄN, Thị Lan");
    desk.keys("u").shows("“Record the decision”").keys("<enter>").shows("Undone");
    desk.keys("U<enter>U<enter>").keys("p").keys("p").shows("read back and agreed");
}

#[test]
fn what_is_typed_for_one_person_stays_with_them_when_another_screen_moves_on() {
    use mdt::domain::meeting::come_to;
    use mdt::store::Deed;
    use mdt::ui::msg::Msg;
    let mut desk = live();
    desk.keys("eOnly about Jeannie.");
    let (mut other, reader) = desk.second_session();
    let team = desk.session.model.team.id;
    let meeting = reader.live_meeting(team).unwrap().unwrap();
    let items = reader.agenda(meeting.id).unwrap();
    let changes = come_to(&meeting, Some(&items[0]), Some(&items[1]), meeting.begun_at.unwrap());
    other.commit(&kit::stamp(), &Deed::change("Go to an agenda item").at(meeting.id), &changes).unwrap();
    desk.session.take(Msg::Foreign);
    desk.shows("The meeting has moved on to OKONKWO, C.").shows("ADEYEMI, Jean (Jeannie)").shows("Only about Jeannie.");
    desk.keys("<f2>").shows("OKONKWO, Chukwuemeka");
    let reader = &desk.session.reader;
    assert_eq!(
        reader.discussion(items[0].id).unwrap().unwrap().update.as_ref().unwrap().as_str(),
        "Only about Jeannie."
    );
    assert!(reader.discussion(items[1].id).unwrap().is_none());
    // A card is bound to its person in the same way.
    desk.keys("d").shows("OKONKWO, Chukwuemeka");
    let meeting = desk.session.reader.live_meeting(team).unwrap().unwrap();
    let changes = come_to(&meeting, None, Some(&items[2]), meeting.begun_at.unwrap());
    other.commit(&kit::stamp(), &Deed::change("Go to an agenda item").at(meeting.id), &changes).unwrap();
    desk.session.take(Msg::Foreign);
    desk.keys("<enter>").shows("NGUYỄN, Thị Lan");
    let reader = &desk.session.reader;
    assert!(reader.discussion(items[1].id).unwrap().unwrap().decision.is_some());
    assert!(reader.discussion(items[2].id).unwrap().is_none());
}

#[test]
fn a_whole_meeting_from_the_roll_to_the_sealed_minutes() {
    use mdt::domain::agenda::Outcome;
    use mdt::domain::meeting::Stage;
    let mut desk = live();
    let team = desk.session.model.team.id;
    let meeting = desk.session.reader.live_meeting(team).unwrap().unwrap();
    for _ in 0..11 {
        let here = desk.session.reader.live_meeting(team).unwrap().unwrap().here.unwrap();
        let item = desk.session.reader.get::<mdt::domain::agenda::AgendaItem>(here).unwrap().unwrap();
        if let Some(person) = item.person {
            if desk.screen().contains("OBJECTION") {
                desk.keys("v<enter>n");
            }
            desk.keys("eTalked through with everyone.<f2>").shows("Saved.");
            desk.keys("aRing them about what was agreed @maur +2w<enter>").shows("Added for Maureen Achebe");
            desk.keys("d<enter>r+6w<enter>");
            if desk.session.reader.key_worker(person).unwrap().is_none() {
                desk.keys("wpriya<enter>");
            }
            desk.keys("t<enter>n").shows("Nothing is missing.");
        } else {
            desk.keys("n");
        }
        desk.minutes(8).keys("<enter>");
        if desk.screen().contains("A break?") {
            desk.keys("<enter>");
        }
    }
    desk.shows("Everyone has been discussed").keys("<enter>").keys("c").shows("Everyone on the agenda was discussed");
    desk.keys("<enter>").shows("This meeting is closed");
    let items = desk.session.reader.agenda(meeting.id).unwrap();
    assert!(items.iter().all(|item| item.outcome == Outcome::Discussed && item.spent >= 8 * 60));
    desk.keys("6").shows("draft").keys("s").shows("Seal the minutes of Thu 26-Nov").keys("<enter>").shows("sealed");
    let sealed = desk.session.reader.get::<mdt::domain::meeting::Meeting>(meeting.id).unwrap().unwrap();
    assert_eq!(sealed.stage, Stage::Sealed);
    let text = minutes_of(&desk);
    assert_eq!(text.matches("Talked through with everyone.").count(), 10, "{text}");
    assert!(text.contains(&desk.session.reader.seal_of(meeting.id).unwrap().unwrap().printed()), "{text}");
    desk.keys("p<enter>").shows("Written: exports/minutes-2026-11-26-full.docx");
    assert!(desk.folder.path().join("exports/minutes-2026-11-26-full.docx").is_file());
    let steps = desk.session.reader.steps(500).unwrap();
    for label in [
        "Open the meeting",
        "Record attendance",
        "Write the update",
        "Add action",
        "Agree the read-back",
        "Close the meeting",
    ] {
        assert!(steps.iter().any(|step| step.label == label), "no step “{label}”");
    }
    assert_eq!(desk.session.reader.verify_chain().unwrap(), Ok(desk.session.reader.head().unwrap().seq));
}

#[test]
fn what_leaves_is_chosen_seen_agreed_to_and_written_down() {
    let mut desk = kit::demo();
    let team = desk.session.model.team.id;
    desk.keys("6p").shows("Write for this meeting").shows("the minutes").shows("the whole team");
    // For one organisation: how many people it speaks of, and how many it leaves out, before anything is written.
    desk.keys("<tab>only Age").shows("only Age Support ZZ: the people it has to do with").keys("<enter>");
    desk.shows("Write the minutes?").shows("For: Age Support ZZ").shows("It speaks of ").shows("Left out: ");
    let exports = desk.folder.path().join("exports");
    assert!(!exports.exists());
    desk.keys("<esc>");
    assert!(!exports.exists(), "not agreed to, not written");
    assert!(desk.session.reader.disclosures(team, None, 10).unwrap().is_empty());
    desk.keys("p<tab>only Age<enter><enter>");
    desk.session.finish_work();
    desk.shows("Written: exports/minutes-2026-11-12-organisation-age-support-zz.docx");
    let left = desk.session.reader.disclosures(team, None, 10).unwrap();
    assert_eq!((left.len(), left[0].recipient.as_str()), (1, "organisation:Age Support ZZ"));
    assert!(left[0].withheld > 0);
    // A format the paper cannot have is said at its field.
    desk.keys("5p<tab>numbers<tab>csv<enter>").shows("Numbers are a page, not a list").keys("<esc><enter>");
    // A slip for each owner: asked once, written all.
    desk.keys("p<right><enter>").shows("Write the slip?").shows("Robert Lim – only their own actions · 2 people");
    desk.keys("<enter>");
    desk.session.finish_work();
    desk.shows("files in exports");
    let slips = std::fs::read_dir(&exports)
        .unwrap()
        .filter(|it| it.as_ref().unwrap().file_name().to_string_lossy().starts_with("slip-2026-11-26-owner-"));
    let drafts = slips.count();
    assert!(drafts >= 4, "{drafts}");
    assert_eq!(desk.session.reader.disclosures(team, None, 100).unwrap().len(), drafts + 1);
}

#[test]
fn what_takes_long_is_seen_and_can_be_stopped() {
    use mdt::ui::msg::Msg;
    use mdt::ui::overlays::making::Making;
    let mut desk = kit::demo();
    desk.session.take(Msg::Making(Making { what: "Making the documents".into(), done: 3, of: 12 }));
    desk.shows("Making the documents …").shows("3 of 12").shows("Esc stop");
    desk.keys("q").shows("3 of 12");
    desk.session.take(Msg::Making(Making { what: "Making the documents".into(), done: 4, of: 12 }));
    desk.shows("4 of 12").keys("<esc>").shows("Stopped. Nothing was written.").hides("4 of 12");
    assert!(!desk.folder.path().join("exports").exists());
}
