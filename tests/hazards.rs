//! Hazards of the walk: two screens on one meeting, words half-typed, cards left open, people who step out. Each test says what a
//! safe program does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use kit::Desk;
use mdt::domain::change::{Record, add, alter};
use mdt::domain::meeting::come_to;
use mdt::domain::text::{Line, Note};
use mdt::store::log::{Stamp, StepKind};
use mdt::store::{Deed, Reader, Store};
use mdt::ui::msg::Msg;

fn live() -> Desk {
    let mut desk = kit::demo();
    desk.keys("4").keys("n").keys("<enter>");
    desk.keys("<enter><enter><enter><enter><enter><enter><enter>").shows("7 present. Quorum met.");
    desk.keys("a").keys("n").keys("n").shows("ADEYEMI, Jean (Jeannie)").shows("0/15");
    desk
}
fn other_actor() -> Stamp {
    Stamp { actor: "Somebody Else".to_owned(), ..kit::stamp() }
}

fn meeting_of(desk: &Desk, reader: &Reader) -> Record<mdt::domain::meeting::Meeting> {
    reader.live_meeting(desk.session.model.team.id).unwrap().unwrap()
}
fn move_to(desk: &Desk, store: &mut Store, reader: &Reader, n: usize) {
    let meeting = meeting_of(desk, reader);
    let items = reader.agenda(meeting.id).unwrap();
    let here = items.iter().find(|i| Some(i.id) == meeting.here).cloned();
    let changes = come_to(&meeting, here.as_ref(), Some(&items[n]), desk.session.clock.now().moment);
    store.commit(&other_actor(), &Deed::change("Go").of_kind(StepKind::Move).at(meeting.id), &changes).unwrap();
}

#[test]
fn foreign_reload_then_save_is_a_conflict_not_a_lost_update() {
    let mut desk = live();
    desk.keys("eFirst words.<f2>").keys("e and mine");
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let seen = reader.discussion(meeting.here.unwrap()).unwrap().unwrap();
    other
        .commit(
            &other_actor(),
            &Deed::change("Write the update"),
            &[alter(&seen, |it| it.update = Note::parse("Theirs entirely.").ok())],
        )
        .unwrap();
    desk.session.take(Msg::Foreign); // what the runtime does within a second
    desk.keys("<f2>");
    let now = desk.session.reader.discussion(meeting.here.unwrap()).unwrap().unwrap();
    assert_eq!(
        now.update.as_ref().unwrap().as_str(),
        "Theirs entirely.",
        "their words were overwritten without a conflict"
    );
}

#[test]
fn resumed_draft_does_not_overwrite() {
    let mut desk = live();
    desk.keys("eFirst words.<f2>").keys("e and mine");
    desk.session.keep_draft();
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let seen = reader.discussion(meeting.here.unwrap()).unwrap().unwrap();
    other
        .commit(
            &other_actor(),
            &Deed::change("Write the update"),
            &[alter(&seen, |it| it.update = Note::parse("Theirs entirely.").ok())],
        )
        .unwrap();
    drop(reader);
    other.close().unwrap();
    let mut desk = desk.restart();
    desk.keys("<enter><f2>");
    let now = desk.session.reader.discussion(meeting.here.unwrap()).unwrap().unwrap();
    assert_eq!(now.update.as_ref().unwrap().as_str(), "Theirs entirely.");
}

#[test]
fn gaps_card_under_the_break_card_does_not_agree_the_next_person() {
    let mut desk = live();
    desk.minutes(61).keys("n<enter>the daughter could not be reached<enter>");
    desk.keys("<enter>"); // closes “A break?”
    desk.keys("<enter>"); // what a chair does with a card still there
    let reader = &desk.session.reader;
    let meeting = meeting_of(&desk, reader);
    let items = reader.agenda(meeting.id).unwrap();
    let done = items.iter().filter(|i| i.outcome == mdt::domain::agenda::Outcome::Discussed).count();
    assert_eq!(done, 1, "a second person was agreed unseen");
}

#[test]
fn decision_card_opened_on_one_person_never_lands_on_another() {
    let mut desk = live();
    desk.keys("d").shows("Decision").shows("ADEYEMI");
    let (mut other, reader) = desk.second_session();
    move_to(&desk, &mut other, &reader, 1);
    desk.session.take(Msg::Foreign);
    desk.keys("<enter>");
    let items = reader.agenda(meeting_of(&desk, &reader).id).unwrap();
    assert!(
        reader.discussion(items[1].id).unwrap().is_none(),
        "the decision about ADEYEMI was recorded for another person"
    );
}

#[test]
fn gaps_card_opened_on_one_person_never_agrees_another() {
    let mut desk = live();
    desk.keys("n<enter>reason for ADEYEMI").shows("ADEYEMI");
    let (mut other, reader) = desk.second_session();
    move_to(&desk, &mut other, &reader, 1);
    desk.session.take(Msg::Foreign);
    desk.keys("<enter>");
    let items = reader.agenda(meeting_of(&desk, &reader).id).unwrap();
    let d = reader.discussion(items[1].id).unwrap();
    assert!(d.is_none(), "another person was agreed: {:?}", d.map(|d| d.gaps_why.clone()));
}

#[test]
fn review_card() {
    let mut desk = live();
    desk.keys("r+6w");
    let (mut other, reader) = desk.second_session();
    move_to(&desk, &mut other, &reader, 1);
    desk.session.take(Msg::Foreign);
    desk.keys("<enter>");
    let items = reader.agenda(meeting_of(&desk, &reader).id).unwrap();
    let d = reader.discussion(items[1].id).unwrap();
    assert!(d.is_none(), "review of ADEYEMI on {:?}", d.map(|d| (d.person, d.review_on)));
}

#[test]
fn undo_of_the_first_word_does_not_delete_what_others_wrote() {
    let mut desk = live();
    desk.keys("eFirst words.<f2>");
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let here = meeting.here.unwrap();
    let seen = reader.discussion(here).unwrap().unwrap();
    other
        .commit(
            &other_actor(),
            &Deed::change("Write the next steps").at(meeting.id),
            &[alter(&seen, |it| {
                it.next_steps = Note::parse("Theirs: ring the ward before Friday.").ok();
                it.situation = Note::parse("Theirs: third fall.").ok();
            })],
        )
        .unwrap();
    desk.session.take(Msg::Foreign);
    desk.keys("u<enter>");
    let now = reader.discussion(here).unwrap();
    assert!(now.is_some_and(|it| it.next_steps.is_some()), "undo deleted the words of another member");
}

#[test]
fn undo_review_date_does_not_delete_plan() {
    let mut desk = kit::demo();
    let (mut other, reader) = desk.second_session();
    // somebody without a plan
    let team = desk.session.model.team.clone();
    let person = mdt::domain::person::Person {
        ..reader
            .get(reader.agenda(desk.session.model.next_meeting.as_ref().unwrap().id).unwrap()[0].person.unwrap())
            .unwrap()
            .unwrap()
            .value
    };
    let mut p = person;
    p.surname = Line::parse("NEWMAN").unwrap();
    p.nhs_number = None;
    p.phone = None;
    let id = desk.session.model.mint.mint();
    let _ = team;
    other.commit(&kit::stamp(), &Deed::change("Add a person"), &[add(id, p)]).unwrap();
    let seen: Record<mdt::domain::person::Person> = reader.get(id).unwrap().unwrap();
    other
        .commit(
            &other_actor(),
            &Deed::change("Edit"),
            &[alter(&seen, |it| it.phone = Line::parse("07700 900123").ok())],
        )
        .unwrap();
    assert!(other.undo(&kit::stamp()).is_err());
    let now: Option<Record<mdt::domain::person::Person>> = reader.get(id).unwrap();
    assert!(now.is_some(), "undo of the addition removed what somebody else had added since");
}

#[test]
fn meeting_closed_elsewhere_while_typing_keeps_the_words() {
    let mut desk = live();
    desk.keys("eRuth is up three times a ni");
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let items = reader.agenda(meeting.id).unwrap();
    let changes = mdt::domain::meeting::close(&meeting, &items, &[], desk.session.clock.now().moment).unwrap();
    other.commit(&other_actor(), &Deed::change("Close the meeting").at(meeting.id), &changes).unwrap();
    desk.session.take(Msg::Foreign);
    desk.keys("ght.");
    desk.shows("Ruth is up three times a ni");
}

#[test]
fn text_of_one_person_moved_on_can_be_saved_as_the_message_says() {
    let mut desk = live();
    desk.keys("eRuth is up three times a night.");
    let (mut other, reader) = desk.second_session();
    move_to(&desk, &mut other, &reader, 1);
    desk.session.take(Msg::Foreign);
    desk.keys("<f2>");
    desk.keys("o");
    desk.keys("<esc>");
    desk.keys("<enter>o1<enter>");
    desk.keys("e");
    desk.shows("Ruth is up three times a night.");
}

#[test]
fn undo_takes_back_the_step_that_was_named() {
    let mut desk = live();
    desk.keys("d<enter>").keys("u").shows("Record the decision");
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let here = meeting.here.unwrap();
    let seen = reader.discussion(here).unwrap().unwrap();
    other
        .commit(
            &kit::stamp(),
            &Deed::change("Write the update").at(meeting.id),
            &[alter(&seen, |it| it.update = Note::parse("Mine, at the other screen.").ok())],
        )
        .unwrap();
    desk.keys("<enter>");
    let now = reader.discussion(here).unwrap().unwrap();
    assert!(now.update.is_some(), "another step than the one named was taken back");
}

#[test]
fn on_the_spot_after_the_gate_opened_is_not_lost() {
    let mut desk = live();
    desk.keys("c").shows("Close the meeting?");
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let items = reader.agenda(meeting.id).unwrap();
    let team = desk.session.model.team.id;
    let _ = team;
    let mut item = mdt::domain::agenda::AgendaItem::standing(meeting.id, 5000, Line::parse("Flu clinic").unwrap(), 5);
    item.minutes = 5;
    let id = desk.session.model.mint.mint();
    other.commit(&other_actor(), &Deed::change("Add").at(meeting.id), &[add(id, item)]).unwrap();
    let _ = items;
    desk.session.take(Msg::Foreign);
    desk.keys("<enter>");
    let item: Record<mdt::domain::agenda::AgendaItem> = reader.get(id).unwrap().unwrap();
    let meeting: Record<mdt::domain::meeting::Meeting> = reader.get(meeting.id).unwrap().unwrap();
    assert!(
        !(meeting.stage == mdt::domain::meeting::Stage::Closed
            && item.outcome == mdt::domain::agenda::Outcome::Waiting)
    );
}

#[test]
fn clock_set_back_does_not_trap_the_chair() {
    let mut desk = live();
    desk.minutes(-5);
    desk.keys("n<enter>time<enter>");
    desk.shows("OKONKWO");
}

#[test]
fn words_added_after_the_read_back_are_not_shown_as_agreed() {
    let mut desk = live();
    desk.keys("n<enter>time<enter>").keys("p").shows("read back and agreed");
    desk.keys("eAdded afterwards, never read back.<f2>");
    desk.hides("read back and agreed");
}

#[test]
fn objection_stops_agreeing_too_when_they_come_back() {
    let mut desk = live();
    desk.keys("o6<enter>").shows("OBJECTION").keys("v<enter>").shows("has stepped out").keys("n").keys("n");
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let pat = desk.session.model.members.iter().find(|m| m.name.as_str() == "Pat Hollis").unwrap().clone();
    let row = reader.attendance(meeting.id).unwrap().into_iter().find(|r| r.member == pat.id).unwrap();
    other
        .commit(
            &other_actor(),
            &Deed::change("Back").at(meeting.id),
            &[alter(&row, |r| {
                r.here_now = true;
                r.left_at = None;
            })],
        )
        .unwrap();
    desk.session.take(Msg::Foreign);
    desk.keys("<enter>short of time<enter>");
    let d = reader.discussion(meeting.here.unwrap()).unwrap();
    assert!(
        d.is_none_or(|d| d.agreed_at.is_none() || d.objection_why.is_some()),
        "agreed with the objected organisation in the room and no reason"
    );
}

#[test]
fn roll_cursor_stays_on_its_member() {
    let mut desk = kit::demo();
    desk.keys("4n<enter>").keys("jj");
    let third = desk.session.model.members.iter().map(|m| m.name.to_string()).nth(2).unwrap();
    let (mut other, reader) = desk.second_session();
    let mut m = desk.session.model.members[0].value.clone();
    m.name = Line::parse("Aaaron Aardvark").unwrap();
    let id = desk.session.model.mint.mint();
    other.commit(&other_actor(), &Deed::change("Add a member"), &[add(id, m)]).unwrap();
    desk.session.take(Msg::Foreign);
    desk.keys("<enter>");
    let meeting = meeting_of(&desk, &reader);
    let marked: Vec<String> = reader
        .attendance(meeting.id)
        .unwrap()
        .iter()
        .filter_map(|a| desk.session.model.member(a.member))
        .map(|m| m.name.to_string())
        .collect();
    assert_eq!(marked, [third]);
}

#[test]
fn draft_that_could_not_be_kept_is_kept_later() {
    let mut desk = live();
    desk.keys("eRuth is up");
    let path = desk.folder.path().join("team.mdt");
    let lock = rusqlite::Connection::open(&path).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    desk.session.keep_draft(); // locked
    lock.execute_batch("ROLLBACK").unwrap();
    drop(lock);
    assert!(desk.session.has_loose_text(), "the loop believes the text is kept");
    desk.session.keep_draft();
    assert!(!desk.session.reader.drafts().unwrap().is_empty(), "never tried again");
}

#[test]
fn first_word_in_two_places_is_a_conflict_in_words() {
    let mut desk = live();
    desk.keys("eMine.");
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let items = reader.agenda(meeting.id).unwrap();
    let mut d = mdt::domain::discussion::Discussion::new(meeting.id, meeting.here.unwrap(), items[0].person.unwrap());
    d.update = Note::parse("Theirs.").ok();
    let id = desk.session.model.mint.mint();
    other.commit(&other_actor(), &Deed::change("Write the update").at(meeting.id), &[add(id, d)]).unwrap();
    desk.keys("<f2>");
    desk.shows("Two edits met");
}

#[test]
fn action_is_not_added_to_a_sealed_meeting() {
    let mut desk = live();
    desk.keys("aRing the ward @pri +2w");
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let items = reader.agenda(meeting.id).unwrap();
    let now = desk.session.clock.now().moment;
    let changes = mdt::domain::meeting::close(&meeting, &items, &[], now).unwrap();
    other.commit(&other_actor(), &Deed::change("Close").at(meeting.id), &changes).unwrap();
    let closed: Record<mdt::domain::meeting::Meeting> = reader.get(meeting.id).unwrap().unwrap();
    other
        .commit(
            &other_actor(),
            &Deed::change("Seal").at(meeting.id),
            &[alter(&closed, |m| m.stage = mdt::domain::meeting::Stage::Sealed)],
        )
        .unwrap();
    let before = reader.actions_under(meeting.here.unwrap()).unwrap().len();
    desk.keys("<enter>");
    assert_eq!(
        reader.actions_under(meeting.here.unwrap()).unwrap().len(),
        before,
        "an action went into a sealed meeting"
    );
}

#[test]
fn half_typed_reason_on_a_card_survives() {
    let mut desk = live();
    desk.keys("n<enter>the daughter could not be reached because");
    desk.session.keep_draft();
    assert!(!desk.session.reader.drafts().unwrap().is_empty(), "the reason typed on the card is kept nowhere");
}

#[test]
fn read_back_shows_every_action_or_says_that_it_does_not() {
    let mut desk = live();
    for n in 1..=12 {
        desk.keys(&format!("aRing number {n} about the equipment @pri +2w<enter>"));
    }
    desk.resize(80, 24).keys("n");
    let s = desk.screen();
    assert!(
        (1..=12).all(|n| s.contains(&format!("number {n} "))) || s.contains('…') || s.contains("more"),
        "actions are cut from the read-back without a mark"
    );
}

#[test]
fn conflict_card_shows_all_of_theirs_or_a_mark() {
    let mut desk = live();
    desk.keys("eFirst words.<f2>").keys("e mine");
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let seen = reader.discussion(meeting.here.unwrap()).unwrap().unwrap();
    let long = format!("{} THE END", "Long words of theirs that go on and on about the fall. ".repeat(9));
    other
        .commit(
            &other_actor(),
            &Deed::change("Write the update"),
            &[alter(&seen, |it| it.update = Note::parse(&long).ok())],
        )
        .unwrap();
    desk.resize(80, 24).keys("<f2>");
    let s = desk.screen();
    assert!(s.contains("THE END") || s.contains('…'));
}

#[test]
fn header_names_the_meeting_that_is_shown() {
    let mut desk = live();
    desk.keys("c<enter>");
    let s = desk.screen();
    assert!(!s.lines().next().unwrap().contains("10-Dec"), "the header names another meeting than the room shows");
}

#[test]
fn an_action_typed_under_one_person_says_so_when_another_is_on_the_table() {
    let mut desk = live();
    desk.keys("aRefer to the falls service @pri +2w");
    let (mut other, reader) = desk.second_session();
    move_to(&desk, &mut other, &reader, 1);
    desk.session.take(Msg::Foreign);
    let s = desk.screen();
    assert!(s.contains("ADEYEMI, Jean"), "OKONKWO is on the screen; the line goes to ADEYEMI and nothing says so");
}

#[test]
fn an_action_closed_in_front_of_an_objector_needs_the_reason_too() {
    let mut desk = live();
    desk.keys("o6<enter>").shows("OBJECTION");
    desk.keys("b").shows("An objection stands").keys("<esc>");
    let before = desk.session.reader.head().unwrap().seq;
    desk.keys("P");
    let _ = before;
}

#[test]
fn action_cursor_stays_on_its_action() {
    let mut desk = live();
    desk.keys("m").keys("j").keys("j");
    let (mut other, reader) = desk.second_session();
    let team = desk.session.model.team.id;
    let rows = reader
        .actions(team, &mdt::store::action::ActionFilter { live_only: true, ..Default::default() }, 0, 500)
        .unwrap();
    let third = rows[2].action.clone();
    let first = rows[0].action.clone();
    let change = mdt::domain::action::done(&first, desk.session.model.now.today, None).unwrap();
    other.commit(&other_actor(), &Deed::change("Done"), &[change]).unwrap();
    desk.session.take(Msg::Foreign);
    desk.keys("d");
    desk.keys("<enter>");
    let after: Record<mdt::domain::action::Action> = reader.get(third.id).unwrap().unwrap();
    assert!(!after.state.is_live(), "another action than the one under the cursor was closed");
}

#[test]
fn foreign_change_just_before_ours_is_seen() {
    let mut desk = live();
    let (mut other, _reader) = desk.second_session();
    let mut m = desk.session.model.members[0].value.clone();
    m.name = Line::parse("Zoe Newcomer").unwrap();
    let id = desk.session.model.mint.mint();
    other.commit(&other_actor(), &Deed::change("Add a member"), &[add(id, m)]).unwrap();
    desk.keys("d<enter>"); // ours
    desk.session.take(Msg::Foreign); // the runtime, a moment later
    assert!(
        desk.session.model.members.iter().any(|m| m.name.as_str() == "Zoe Newcomer"),
        "the new member is never seen: aZ… @zoe answers nobody"
    );
}

#[test]
fn a_planned_meeting_moved_by_another_process_is_not_opened_as_another() {
    let mut desk = kit::demo();
    desk.keys("4n").shows("Open the meeting?");
}

#[test]
fn resizing_the_window_while_typing_does_not_turn_a_conflict_into_an_overwrite() {
    let mut desk = live();
    desk.keys("eFirst words.<f2>").keys("e and mine");
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let seen = reader.discussion(meeting.here.unwrap()).unwrap().unwrap();
    other
        .commit(
            &other_actor(),
            &Deed::change("Write the update"),
            &[alter(&seen, |it| it.update = Note::parse("Theirs entirely.").ok())],
        )
        .unwrap();
    desk.resize(100, 30).keys("<f2>");
    let now = reader.discussion(meeting.here.unwrap()).unwrap().unwrap();
    assert_eq!(now.update.as_ref().unwrap().as_str(), "Theirs entirely.");
}

#[test]
fn the_reason_for_one_objection_does_not_open_the_pen_for_another_person() {
    let mut desk = live();
    desk.keys("o6<enter>").shows("OBJECTION").keys("e").shows("An objection stands").keys("Best interests of Brid.");
    let (mut other, reader) = desk.second_session();
    move_to(&desk, &mut other, &reader, 1);
    desk.session.take(Msg::Foreign);
    desk.keys("<f2>");
    let items = reader.agenda(meeting_of(&desk, &reader).id).unwrap();
    let d = reader.discussion(items[1].id).unwrap();
    assert!(d.is_none(), "the objection reason of O'CONNELL was minuted for OKONKWO");
}

#[test]
fn read_back_at_60x20() {
    let mut desk = live();
    desk.keys("d<enter>");
    for n in 1..=7 {
        desk.keys(&format!("aRing number {n} about the equipment that was ordered last month @pri +2w<enter>"));
    }
    desk.resize(60, 20).keys("n");
    let s = desk.screen();
    assert!(s.contains("decision") && s.contains("decision made"), "the decision is cut from the read-back");
    assert!(s.contains("number 1 ") || s.contains('…'));
}

#[test]
fn conflict_card_small() {
    let mut desk = live();
    desk.resize(80, 24);
    desk.keys("eFirst words.<f2>").keys("e mine");
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let seen = reader.discussion(meeting.here.unwrap()).unwrap().unwrap();
    let long = format!("{} THE END", "Long words of theirs that go on and on about the fall. ".repeat(9));
    other
        .commit(
            &other_actor(),
            &Deed::change("Write the update"),
            &[alter(&seen, |it| it.update = Note::parse(&long).ok())],
        )
        .unwrap();
    desk.keys("<f2>");
    let s = desk.screen();
    desk.shows("Two edits met");
    assert!(
        s.contains("THE END") || s.contains('…'),
        "their text is cut without a mark before a person decides to overwrite it"
    );
}

#[test]
fn five_hundred_and_one_actions() {
    let mut desk = live();
    let (mut other, reader) = desk.second_session();
    let seed = reader
        .actions(
            desk.session.model.team.id,
            &mdt::store::action::ActionFilter { live_only: true, ..Default::default() },
            0,
            1,
        )
        .unwrap()[0]
        .action
        .clone();
    let mut changes = Vec::new();
    let mut last = None;
    for n in 0..520 {
        let id = desk.session.model.mint.mint();
        let mut a = seed.value.clone();
        a.carried = 0;
        a.due = desk.session.model.now.today.plus(30 + n);
        changes.push(add(id, a));
        last = Some(id);
    }
    other.commit(&other_actor(), &Deed::change("Many"), &changes).unwrap();
    desk.session.take(Msg::Foreign);
    desk.keys("c<enter>");
    let a: Record<mdt::domain::action::Action> = reader.get(last.unwrap()).unwrap().unwrap();
    assert_eq!(a.carried, 1, "the 501st open action is neither shown nor carried");
}

#[test]
fn readback_commands_are_guarded() {
    let mut desk = live();
    desk.keys("o6<enter>").keys("v<enter>").keys("n").keys("n");
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let pat = desk.session.model.members.iter().find(|m| m.name.as_str() == "Pat Hollis").unwrap().clone();
    let row = reader.attendance(meeting.id).unwrap().into_iter().find(|r| r.member == pat.id).unwrap();
    other
        .commit(
            &other_actor(),
            &Deed::change("Back").at(meeting.id),
            &[alter(&row, |r| {
                r.here_now = true;
                r.left_at = None;
            })],
        )
        .unwrap();
    desk.session.take(Msg::Foreign);
    desk.keys("d<enter>");
    let d = reader.discussion(meeting.here.unwrap()).unwrap();
    assert!(d.is_none_or(|d| d.decision.is_none() || d.objection_why.is_some()));
}

#[test]
fn deferred_then_discussed_keeps_reason_consistent() {
    let mut desk = live();
    desk.keys("fwaiting for the scan<enter>").shows("OKONKWO").keys("p").shows("ADEYEMI");
    desk.keys("n<enter>no time<enter>");
    desk.keys("p").keys("fagain put off<enter>");
    let reader = &desk.session.reader;
    let items = reader.agenda(meeting_of(&desk, reader).id).unwrap();
    let d = reader.discussion(items[0].id).unwrap().unwrap();
    assert!(
        !(items[0].outcome == mdt::domain::agenda::Outcome::Deferred && d.agreed_at.is_some()),
        "deferred and agreed at once"
    );
}

#[test]
fn undo_reaches_past_a_sealed_meeting() {
    let mut desk = live();
    // A change of the team page by the same actor, before the meeting's steps: nothing to do with the meeting.
    let (mut other, reader) = desk.second_session();
    let team: Record<mdt::domain::team::Team> = reader.get(desk.session.model.team.id).unwrap().unwrap();
    let mine = kit::stamp();
    other.commit(&mine, &Deed::change("Change the rules"), &[alter(&team, |t| t.length = 100)]).unwrap();
    desk.session.take(Msg::Foreign);
    desk.keys("eWords.<f2>c<enter>6").keys("s<enter>").shows("sealed");
    desk.keys("u<enter>");
    desk.keys("u<enter>");
}

#[test]
fn draft_left_when_text_returns_to_what_was_saved() {
    let mut desk = live();
    desk.keys("eAbc");
    desk.session.keep_draft();
    desk.keys("<backspace><backspace><backspace>");
    desk.session.keep_draft();
    let left = desk.session.reader.drafts().unwrap();
    assert!(left.is_empty(), "a draft that was deleted by hand comes back after a crash");
}

#[test]
fn a_person_changed_after_the_file_was_moved_says_so_before_the_commit() {
    let mut desk = live();
    let path = desk.folder.path().join("team.mdt");
    std::fs::rename(&path, desk.folder.path().join("elsewhere.mdt")).unwrap();
    desk.session.take(Msg::Foreign);
    desk.keys("eHalf a word");
    desk.session.keep_draft();
    assert!(desk.session.has_loose_text(), "the draft went into a file that is not there any more and counts as kept");
}

#[test]
fn half_typed_addendum_comes_back() {
    let mut desk = kit::demo();
    desk.keys("6s<enter>").shows("are sealed");
    desk.keys("aIt was Mrs Jones who said so");
    desk.session.keep_draft();
    assert_eq!(desk.session.reader.drafts().unwrap().len(), 1);
    let mut desk = desk.restart();
    desk.keys("6a").shows("Mrs Jones");
}

#[test]
fn a_whole_sealed_meeting_keeps_its_rows() {
    // Undo of a step that bears no meeting must not reach into a sealed one: close an action on screen 5, seal, undo.
    let mut desk = kit::demo();
    let (mut other, reader) = desk.second_session();
    let team = desk.session.model.team.id;
    let meeting =
        reader.meetings(team).unwrap().into_iter().find(|m| m.stage == mdt::domain::meeting::Stage::Closed).unwrap();
    desk.keys("6s<enter>").shows("are sealed");
    let meeting: Record<mdt::domain::meeting::Meeting> = reader.get(meeting.id).unwrap().unwrap();
    let items = reader.agenda(meeting.id).unwrap();
    let d = reader.discussion(items[0].id).unwrap().unwrap();
    let done = other.commit(
        &other_actor(),
        &Deed::change("Write the update").at(meeting.id),
        &[alter(&d, |it| it.update = Note::parse("rewritten after the seal").ok())],
    );
    assert!(done.is_err(), "the store lets anybody rewrite the discussion of a sealed meeting");
}

#[test]
fn masked_walk_alone() {
    let mut desk = live();
    desk.keys("x").resize(110, 32);
    for word in ["Jeannie", "Adeyemi", "Ruth"] {
        desk.hides(word);
    }
}

#[test]
fn foreign_error_is_not_swallowed() {
    let mut desk = live();
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let mut d = mdt::domain::discussion::Discussion::new(
        meeting.id,
        meeting.here.unwrap(),
        reader.agenda(meeting.id).unwrap()[0].person.unwrap(),
    );
    d.update = Note::parse("Seen?").ok();
    let id = desk.session.model.mint.mint();
    other.commit(&other_actor(), &Deed::change("Write").at(meeting.id), &[add(id, d)]).unwrap();
    let path = desk.folder.path().join("team.mdt");
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute_batch("UPDATE discussion SET agreed_at = 'rubbish' WHERE agreed_at IS NULL").unwrap();
    desk.session.take(Msg::Foreign);
    raw.execute_batch("UPDATE discussion SET agreed_at = NULL WHERE agreed_at = 'rubbish'").unwrap();
    desk.session.take(Msg::Foreign);
    desk.shows("Seen?");
}

#[test]
fn confirm_of_the_gate_says_what_is_closed() {
    // The gate was opened, then a second process discussed everybody; Enter must not call them not reached.
    let mut desk = live();
    desk.keys("c").shows("NOT REACHED");
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let items = reader.agenda(meeting.id).unwrap();
    other
        .commit(
            &other_actor(),
            &Deed::change("x").at(meeting.id),
            &[alter(&items[0], |i| i.outcome = mdt::domain::agenda::Outcome::Discussed)],
        )
        .unwrap();
    desk.session.take(Msg::Foreign);
    desk.keys("<enter>");
}

#[test]
fn action_typed_after_the_objector_came_in() {
    let mut desk = live();
    desk.keys("a").keys("Ring Brid @pri +2w<enter>");
    desk.keys("o6<enter>").shows("OBJECTION");
    // an action of this person is closed in front of the objector
    desk.keys("j<enter>");
}

#[test]
fn typing_goes_on_after_the_meeting_was_closed_elsewhere() {
    let mut desk = live();
    desk.keys("eRuth is ");
    let (mut other, reader) = desk.second_session();
    let meeting = meeting_of(&desk, &reader);
    let items = reader.agenda(meeting.id).unwrap();
    let changes = mdt::domain::meeting::close(&meeting, &items, &[], desk.session.clock.now().moment).unwrap();
    other.commit(&other_actor(), &Deed::change("Close the meeting").at(meeting.id), &changes).unwrap();
    desk.session.take(Msg::Foreign);
    desk.keys("up three times.");
    assert!(
        desk.session.model.overlays.is_empty(),
        "the words that were being typed ran as commands: {:?}",
        desk.session.model.overlays
    );
}

#[test]
fn ctrl_u_clears_the_line_as_readline_does() {
    let mut desk = live();
    desk.keys("aRing the ward").keys("<ctrl-u>");
    desk.hides("Ring the ward");
}

#[test]
fn whoever_was_discussed_stays_so_when_a_text_is_changed_after_it_was_read_back() {
    let mut desk = live();
    let item = meeting_of(&desk, &desk.session.reader).here.unwrap();
    let person = desk.session.reader.get::<mdt::domain::agenda::AgendaItem>(item).unwrap().unwrap().person.unwrap();
    let discussed = |desk: &Desk| {
        let raw = rusqlite::Connection::open(desk.session.reader.path()).unwrap();
        raw.query_row(
            "SELECT last_discussed FROM person WHERE id = ?1",
            [mdt::domain::change::RecordId::raw(person)],
            |row| row.get::<_, String>(0),
        )
        .unwrap()
    };
    let before = discussed(&desk);
    desk.keys("eWhat was said.<f2>").keys("n<enter>not today<enter>");
    assert_ne!(discussed(&desk), before);
    let day = discussed(&desk);
    // Back, and another word. It is not read back again.
    desk.keys("p").shows("ADEYEMI, Jean (Jeannie)").shows("✓ read back and agreed");
    desk.keys("e And more.<f2>").hides("✓ read back and agreed").shows("changed after it was read back");
    desk.shows("n reads it back again");
    assert_eq!(discussed(&desk), day, "the meeting did come to them");
    desk.keys("c")
        .shows("1 text was changed after it was read back")
        .shows("there and n reads it back again")
        .keys("<enter>");
    assert_eq!(discussed(&desk), day);
    desk.keys("6s").shows("1 text was changed after").keys("<esc>");
}

#[test]
fn the_card_after_the_last_person_closes_the_meeting_with_the_key_it_names() {
    let mut desk = live();
    let people = {
        let reader = &desk.session.reader;
        reader.agenda(meeting_of(&desk, reader).id).unwrap().len()
    };
    desk.keys("fnot here today<enter>").shows("deferred");
    for _ in 1..people * 2 {
        if desk.screen().contains("The agenda is through") {
            break;
        }
        if desk.screen().contains("A break?") {
            desk.keys("<enter>");
        }
        desk.keys("n");
        if desk.screen().contains("An objection stands") {
            desk.keys("<esc>fwith them another time<enter>");
            continue;
        }
        desk.keys("<enter>");
        if desk.screen().contains("Why") || desk.screen().contains("why") {
            desk.keys("nothing more today<enter>");
        }
    }
    desk.shows("The agenda is through").hides("Everyone has been discussed").shows("8 discussed, 2 deferred");
    desk.keys("c").shows("Close the meeting?");
}

#[test]
fn letters_to_which_no_choice_answers_choose_nothing_and_save_nothing() {
    let mut desk = live();
    desk.keys("dRefer for stairlift").shows("Refer for stairlift – nothing matches").keys("<enter>");
    desk.shows("Nothing was saved");
    let meeting = meeting_of(&desk, &desk.session.reader);
    let kept = |desk: &Desk| {
        let found = desk.session.reader.discussion(meeting.here.unwrap()).unwrap();
        found.and_then(|it| it.decision)
    };
    assert_eq!(kept(&desk), None);
    for _ in 0..30 {
        desk.keys("<backspace>");
    }
    desk.hides("nothing matches").keys("decision made<enter>");
    assert_eq!(kept(&desk), Some(mdt::domain::discussion::Decision::Made));
}

#[test]
fn undo_and_redo_on_an_undo_in_the_history_are_about_what_it_took_back() {
    for key in ["U", "u"] {
        let mut desk = live();
        desk.keys("eWhat was said.<f2>");
        let item = meeting_of(&desk, &desk.session.reader).here.unwrap();
        let update = |desk: &Desk| desk.session.reader.discussion(item).unwrap().and_then(|it| it.update.clone());
        desk.keys(":history<enter>").shows("Discussion begun").keys("u").shows("Undo?").keys("<enter>");
        assert_eq!(update(&desk), None);
        desk.keys(key).shows("Redo?").shows("Write the update").keys("<enter>");
        assert!(update(&desk).is_some());
    }
}
