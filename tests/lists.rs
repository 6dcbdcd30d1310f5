//! Agenda, actions, minutes and team: keys in, screens and records out.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails"
)]

mod kit;

const SIZES: [(u16, u16); 4] = [(60, 20), (80, 24), (110, 32), (200, 60)];

fn print(desk: &mut kit::Desk, name: &str) {
    for (columns, rows) in SIZES {
        desk.resize(columns, rows);
        println!("── {name} {columns}×{rows}\n{}", desk.screen());
    }
    desk.resize(110, 32);
}

use mdt::domain::action::{Action, ActionState};
use mdt::domain::agenda::{AgendaItem, Outcome};
use mdt::domain::change::{Change, Record, add, alter};
use mdt::domain::day::{Day, TimeOfDay};
use mdt::domain::id::{MeetingId, Mint};
use mdt::domain::meeting::{Meeting, Stage};
use mdt::domain::nomination::{Nomination, Triage};
use mdt::domain::organisation::Organisation;
use mdt::domain::person::Person;
use mdt::domain::sharing::Sharing;
use mdt::domain::team::Team;
use mdt::domain::text::Line;
use mdt::store::agenda::CANDIDATE_LIMIT;
use mdt::store::{Deed, FileKind};
use mdt::ui::msg::Msg;

fn team(desk: &kit::Desk) -> Record<Team> {
    desk.session.reader.teams().unwrap().remove(0)
}

fn next(desk: &kit::Desk) -> Record<Meeting> {
    desk.session.model.next_meeting.clone().unwrap()
}

fn agenda(desk: &kit::Desk, meeting: MeetingId) -> Vec<Record<AgendaItem>> {
    desk.session.reader.agenda(meeting).unwrap()
}

fn candidates(desk: &kit::Desk) -> usize {
    let meeting = next(desk).id;
    desk.session.reader.candidates(&team(desk), Some(meeting), desk.session.model.now.today).unwrap().count
}

/// What the newest step is called.
fn last_step(desk: &kit::Desk) -> String {
    desk.session.reader.steps(1).unwrap().remove(0).label
}

/// Writes changes as somebody else would, and lets the desk find out.
fn elsewhere(desk: &mut kit::Desk, changes: &[Change]) {
    let (mut store, _reader) = desk.second_session();
    store.commit(&kit::stamp(), &Deed::change("Elsewhere"), changes).unwrap();
    desk.session.take(Msg::Foreign);
}

fn exports(desk: &kit::Desk) -> Vec<String> {
    let folder = std::fs::read_dir(desk.folder.path().join("exports"));
    let mut names: Vec<String> =
        folder.into_iter().flatten().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_essentials_are_said_at_every_size() {
    let mut desk = kit::demo();
    let rooms: [(&str, &[&str]); 6] = [
        (
            "3",
            &["Candidates · 14", "BEGUM, Rokeya", "999 000 0182", "fits, 15 min spare", "ends 14:45", "ADEYEMI, Jean"],
        ),
        ("<tab>jj", &["NGUYỄN, Thị Lan", "999 000 0034", "What must change now", "lead: Sunita Desai"]),
        ("5", &["11 actions", "OVERDUE 37 d", "wet room", "THOMPSON, Ronald (Ron)", "999 000 0158", "Robert Lim"]),
        ("6", &["Thu 12-Nov", "draft – not sealed", "6 of 7 discussed"]),
        ("<enter>", &["DRAFT – not sealed, may still change", "Dr Aisha Rahman"]),
        ("<esc>8j", &["Members · 12", "Bethan Rees", "Care navigator"]),
    ];
    for (keys, essentials) in rooms {
        desk.keys(keys);
        print(&mut desk, keys);
        for (columns, rows) in SIZES {
            desk.resize(columns, rows);
            for text in essentials {
                desk.shows(text);
            }
        }
        desk.resize(110, 32);
    }
}

#[test]
fn in_a_live_meeting_an_item_comes_off_only_with_a_reason_and_stays_to_be_seen() {
    let mut desk = kit::demo();
    let meeting = next(&desk);
    let items = agenda(&desk, meeting.id);
    let at = desk.session.model.now.moment;
    let begun = mdt::domain::meeting::begin(&meeting, &items, at).unwrap();
    elsewhere(&mut desk, &begun);
    desk.keys("3").shows("● live").keys("<tab>jd").shows("stays in the minutes as withdrawn");
    desk.keys("<enter>").shows("This cannot be blank");
    desk.keys("In hospital since Monday<enter>").shows("× ").shows("withdrawn: In hospital since Monday");
    let item = agenda(&desk, meeting.id).remove(1);
    assert_eq!(item.outcome, Outcome::Withdrawn);
    desk.keys("d").shows("dealt with already");
}

#[test]
fn enter_takes_the_urgent_candidate_with_reasons_and_nomination_and_undo_gives_all_back() {
    let mut desk = kit::demo();
    let (meeting, before) = (next(&desk).id, candidates(&desk));
    desk.keys("3").shows("URGENT, nominated by Ward 6").shows("▸ Candidates");
    let items = agenda(&desk, meeting).len();
    desk.keys("<enter>").shows("On the agenda: BEGUM, Rokeya, 8 min");
    let item = agenda(&desk, meeting).pop().unwrap();
    assert_eq!(agenda(&desk, meeting).len(), items + 1);
    assert!(
        item.reasons.as_ref().unwrap().as_str().starts_with("URGENT, nominated by Ward 6 discharge team: coming home")
    );
    let nomination = desk.session.reader.get::<Nomination>(item.nomination.unwrap()).unwrap().unwrap();
    assert_eq!(nomination.triage, Triage::OnAgenda);
    assert_eq!(item.question, nomination.question);
    assert_eq!(candidates(&desk), before - 1);
    desk.keys("u<enter>");
    assert_eq!(agenda(&desk, meeting).len(), items);
    assert_eq!(desk.session.reader.get::<Nomination>(nomination.id).unwrap().unwrap().triage, Triage::Waiting);
    assert_eq!(candidates(&desk), before);
}

#[test]
fn taking_off_asks_first_and_the_nomination_waits_again() {
    let mut desk = kit::demo();
    let meeting = next(&desk).id;
    desk.keys("3<enter><tab>");
    let (items, before) = (agenda(&desk, meeting), candidates(&desk));
    let nomination = items.last().unwrap().nomination.unwrap();
    desk.keys("d").shows("BEGUM, Rokeya comes off the agenda").shows("nomination waits again");
    assert_eq!(agenda(&desk, meeting).len(), items.len(), "a question writes nothing");
    desk.keys("<enter>").shows("Off the agenda: BEGUM, Rokeya");
    assert_eq!(agenda(&desk, meeting).len(), items.len() - 1);
    assert_eq!(desk.session.reader.get::<Nomination>(nomination).unwrap().unwrap().triage, Triage::Waiting);
    assert_eq!(candidates(&desk), before + 1);
}

#[test]
fn somebody_who_objected_to_all_sharing_is_not_taken() {
    let mut desk = kit::demo();
    let meeting = next(&desk).id;
    let id = {
        let all = desk.session.reader.candidates(&team(&desk), Some(meeting), desk.session.model.now.today).unwrap();
        all.rows[0].person.id
    };
    let person: Record<Person> = desk.session.reader.get(id).unwrap().unwrap();
    elsewhere(&mut desk, &[alter(&person, |it| it.sharing = Sharing::ObjectedToAll)]);
    let items = agenda(&desk, meeting).len();
    desk.keys("3").shows("objected to all sharing");
    desk.keys("<enter>").shows("BEGUM, Rokeya: They object to being discussed at all");
    assert_eq!(agenda(&desk, meeting).len(), items);
    let person: Record<Person> = desk.session.reader.get(id).unwrap().unwrap();
    elsewhere(
        &mut desk,
        &[alter(&person, |it| {
            it.sharing = Sharing::Override;
            it.sharing_note = mdt::domain::text::Note::parse("Safeguarding").ok();
        })],
    );
    desk.keys("<enter>").shows("On the agenda");
}

#[test]
fn anybody_can_be_looked_up_and_the_reason_says_who_added_them() {
    let mut desk = kit::demo();
    let meeting = next(&desk).id;
    desk.keys("3/walker").shows("WALKER, Dorothy");
    desk.keys("<enter>").shows("On the agenda: WALKER, Dorothy");
    let item = agenda(&desk, meeting).pop().unwrap();
    let reasons = item.reasons.as_ref().unwrap().as_str().to_owned();
    assert!(reasons.contains("review due") && reasons.ends_with("added by Tolu Bankole"), "{reasons}");
    desk.keys("/walker<enter>").shows("on this agenda already");
    assert_eq!(agenda(&desk, meeting).len(), 12);
}

#[test]
fn a_nomination_that_was_not_reached_goes_along_when_its_person_is_carried_over() {
    let mut desk = kit::demo();
    let meeting = next(&desk);
    desk.keys("3<enter>");
    let items = agenda(&desk, meeting.id);
    let nomination = items.last().unwrap().nomination.unwrap();
    let at = desk.session.model.now.moment;
    elsewhere(&mut desk, &mdt::domain::meeting::begin(&meeting, &items, at).unwrap());
    let live = next(&desk);
    elsewhere(&mut desk, &mdt::domain::meeting::close(&live, &items, &[], at).unwrap());
    // The next meeting is shown now; everybody of this one is left over.
    desk.shows("Agenda · Thu 10-Dec").keys("<tab>").keys("<tab>g/begum<enter>").shows("On the agenda: BEGUM");
    let item = agenda(&desk, next(&desk).id).pop().unwrap();
    assert_eq!(item.nomination, Some(nomination));
    assert!(item.reasons.as_ref().unwrap().as_str().starts_with("carried over from 26-Nov\nURGENT, nominated by"));
    assert!(item.question.is_some());
    assert_eq!(desk.session.reader.get::<Nomination>(nomination).unwrap().unwrap().triage, Triage::OnAgenda);
}

#[test]
fn items_move_and_the_cursor_goes_with_them() {
    let mut desk = kit::demo();
    let meeting = next(&desk).id;
    let before: Vec<_> = agenda(&desk, meeting).iter().map(|item| item.id).collect();
    desk.keys("3J").shows("The keys are on the candidates");
    desk.keys("<tab>K").shows("first item already");
    desk.keys("JJ");
    let after: Vec<_> = agenda(&desk, meeting).iter().map(|item| item.id).collect();
    assert_eq!(after[..3], [before[1], before[2], before[0]]);
    desk.shows("999 000 0018");
}

#[test]
fn minutes_over_the_length_are_said_in_words() {
    let mut desk = kit::demo();
    desk.keys("3").shows("105 of 120 min").shows("fits, 15 min spare").shows("ends 14:45");
    desk.keys("<tab>e").shows("Agenda item");
    desk.keys("<backspace><backspace>44<enter>").shows("! OVER by 14 min").shows("ends 15:14");
    desk.keys("e<backspace><backspace>999<enter>").shows("Give a whole number from 0 to 240");
    desk.keys("<esc><enter>");
    assert_eq!(last_step(&desk), "Edit an agenda item");
}

#[test]
fn a_standing_item_goes_last() {
    let mut desk = kit::demo();
    let meeting = next(&desk).id;
    desk.keys("3sNew referrals<tab><backspace>7<enter>").shows("On the agenda: New referrals");
    let item = agenda(&desk, meeting).pop().unwrap();
    assert_eq!((item.title.as_ref().map(Line::as_str), item.minutes), (Some("New referrals"), 7));
}

#[test]
fn a_meeting_is_planned_on_the_day_the_rhythm_says_and_not_twice() {
    let mut desk = kit::demo();
    // The last one planned is 10 December; every two weeks.
    desk.keys("3n").shows("24-Dec-2026");
    desk.keys("<enter>").shows("Planned: Thu 24-Dec-2026, 13:00, 120 minutes").shows("Agenda · Thu 24-Dec");
    desk.keys("n<backspace><backspace><backspace><backspace><backspace><backspace><backspace><backspace><backspace><backspace><backspace>10/12/2026<enter>");
    desk.shows("There is a meeting on Thu 10-Dec-2026 already");
    desk.keys("<esc><enter>t").shows("The meeting");
    desk.keys("<tab><backspace><backspace><backspace><backspace><backspace>14:30<enter>").shows("14:30–16:30");
}

#[test]
fn o_goes_through_the_planned_meetings() {
    let mut desk = kit::demo();
    desk.keys("3").shows("Agenda · Thu 26-Nov");
    desk.keys("o").shows("Agenda · Thu 10-Dec").shows("Nothing is on this agenda yet");
    desk.keys("o").shows("Agenda · Thu 12-Nov").shows("✓ 6 discussed");
    desk.keys("<tab>d").shows("This meeting is over");
    desk.keys("o").shows("Agenda · Thu 26-Nov");
}

#[test]
fn a_cancelled_meeting_gives_its_people_back() {
    let mut desk = kit::demo();
    let (meeting, before) = (next(&desk), candidates(&desk));
    desk.keys("3:cancel the meeting<enter>").shows("The 10 people on its agenda become candidates again");
    assert_eq!(desk.session.reader.get::<Meeting>(meeting.id).unwrap().unwrap().stage, Stage::Planned);
    desk.keys("<enter>").shows("is cancelled").shows("carried over from 26-Nov");
    assert_eq!(desk.session.reader.get::<Meeting>(meeting.id).unwrap().unwrap().stage, Stage::Cancelled);
    let all = desk.session.reader.candidates(&team(&desk), None, desk.session.model.now.today).unwrap();
    assert_eq!(all.count, before + 10);
    for item in agenda(&desk, meeting.id) {
        let nomination = item.nomination.map(|id| desk.session.reader.get::<Nomination>(id).unwrap().unwrap());
        assert!(nomination.is_none_or(|it| it.triage == Triage::Waiting));
    }
}

#[test]
fn candidates_of_a_large_caseload_are_counted_not_listed() {
    let mut desk = kit::Desk::with(FileKind::Demo, |store| {
        mdt::demo::build(store, 1, mdt::clock::Clock::Fixed(kit::noon()).now()).unwrap();
    });
    let (id, mut mint) = (team(&desk).id, Mint::new(kit::noon(), 4_000));
    let people: Vec<Change> = (0..1_500)
        .map(|n| {
            let line = |text: String| Line::parse(&text).unwrap();
            let mut person = Person::new(id, line(format!("Invented{n:04}")), line("Ada".to_owned()));
            person.band = Some(mdt::domain::band::Band::High);
            add(mint.mint(), person)
        })
        .collect();
    elsewhere(&mut desk, &people);
    desk.keys("3").shows("200 of 1,5").shows("narrow on the caseload");
    let all = desk.session.reader.candidates(&team(&desk), None, desk.session.model.now.today).unwrap();
    assert_eq!(all.rows.len(), CANDIDATE_LIMIT);
    assert!(all.rows.iter().all(|row| !row.reasons.is_empty()), "everybody listed has a reason");
    let ranks: Vec<i64> = all.rows.iter().map(|row| row.reasons[0].rank()).collect();
    assert!(ranks.is_sorted(), "{ranks:?}");
}

#[test]
fn an_action_is_done_with_one_card_and_leaves_the_list() {
    let mut desk = kit::demo();
    desk.keys("5").shows("11 actions").shows("OVERDUE 37 d").shows("carried 3×");
    desk.keys("d").shows("Fit a contrasting edge").shows("999 000 0158");
    desk.shows("11 actions")
        .keys("Both fitted on Monday<enter>")
        .shows("10 actions")
        .shows("Done: Fit a contrasting edge");
    let id = {
        let filter = mdt::store::action::ActionFilter::default();
        let all = desk.session.reader.actions(team(&desk).id, &filter, 0, 200).unwrap();
        all.iter().find(|row| row.action.what.as_str().starts_with("Fit a contrasting")).unwrap().action.id
    };
    let action: Record<Action> = desk.session.reader.get(id).unwrap().unwrap();
    let ActionState::Done { note, .. } = &action.state else { panic!("not done") };
    assert_eq!(note.as_ref().unwrap().as_str(), "Both fitted on Monday");
    desk.keys("u<enter>").shows("11 actions");
}

#[test]
fn not_done_needs_its_reason_and_other_needs_words() {
    let mut desk = kit::demo();
    desk.keys("5<enter><right>").shows("‹ NOT done: give a reason ›");
    desk.keys("<enter>").shows("Choose why it was not done");
    desk.keys("oth<enter>").shows("Say in a few words why");
    desk.keys("Tenant moved out<f2>").shows("Not done: Fit a contrasting edge").shows("10 actions");
}

#[test]
fn filters_say_what_they_are_and_esc_takes_them_off() {
    let mut desk = kit::demo();
    desk.keys("5f<tab><tab><tab>over<enter>").shows("9 actions · overdue · to be done").hides("Fri 27-Nov");
    desk.keys("<esc>").shows("11 actions · to be done");
    desk.keys("f<tab>Sunita<enter>").shows("Sunita Desai · to be done").hides("R. Lim");
    desk.keys("f<tab><tab><tab><tab><right><enter>").shows("Sunita Desai · closed ones too").shows("● D done");
}

#[test]
fn mine_asks_first_who_you_are() {
    let mut desk = kit::demo();
    desk.keys("5m").shows("Who are you?");
    desk.keys("Sunita<enter>").shows("You are Sunita Desai from now on");
    desk.keys("m").shows("mine (Sunita Desai)").hides("R. Lim");
    desk.keys("m").shows("R. Lim");
}

#[test]
fn the_cursor_stays_on_its_action_when_others_come_before_it() {
    let mut desk = kit::demo();
    desk.keys("5jjj").shows("Find a sitter who speaks Welsh for two evenings a week");
    let filter = mdt::store::action::ActionFilter { live_only: true, ..Default::default() };
    let rows = desk.session.reader.actions(team(&desk).id, &filter, 0, 1).unwrap();
    let mut earlier = rows[0].action.value.clone();
    earlier.due = Day::new(2026, 1, 5).unwrap();
    earlier.meeting = None;
    earlier.item = None;
    elsewhere(&mut desk, &[add(Mint::new(kit::noon(), 77).mint(), earlier)]);
    desk.shows("12 actions");
    desk.keys("e").shows("Find a sitter who speaks Welsh");
}

#[test]
fn a_long_list_of_actions_is_walked_to_its_end_and_back() {
    let mut desk = kit::demo();
    let filter = mdt::store::action::ActionFilter { live_only: true, ..Default::default() };
    let model = desk.session.reader.actions(team(&desk).id, &filter, 0, 1).unwrap().remove(0).action.value;
    let mut mint = Mint::new(kit::noon(), 900);
    let many: Vec<Change> = (0..500)
        .map(|n| {
            let mut action = model.clone();
            action.what = Line::parse(&format!("Ring number {n:03}")).unwrap();
            action.due = kit_day().plus(n);
            add(mint.mint(), action)
        })
        .collect();
    elsewhere(&mut desk, &many);
    desk.keys("5").shows("511 actions");
    desk.keys("G").shows("Ring number 499");
    for _ in 0..520 {
        desk.keys("k");
    }
    desk.shows("OVERDUE 37 d");
    for _ in 0..30 {
        desk.keys("<pgdn>");
    }
    desk.shows("Ring number 499");
    desk.keys("g").shows("OVERDUE 37 d");
}

fn kit_day() -> Day {
    Day::from_date(kit::noon().date_naive())
}

#[test]
fn an_edit_that_meets_an_edit_keeps_both_fields() {
    let mut desk = kit::demo();
    desk.keys("5e<tab><tab>");
    let filter = mdt::store::action::ActionFilter { live_only: true, ..Default::default() };
    let row = desk.session.reader.actions(team(&desk).id, &filter, 0, 1).unwrap().remove(0);
    let (mut store, _reader) = desk.second_session();
    let theirs = alter(&row.action, |it| it.what = Line::parse("Fit two rails").unwrap());
    store.commit(&kit::stamp(), &Deed::change("Edit an action"), &[theirs]).unwrap();
    for _ in 0..11 {
        desk.keys("<backspace>");
    }
    desk.keys("10 dec<enter><down><down><enter>");
    let now: Record<Action> = desk.session.reader.get(row.action.id).unwrap().unwrap();
    assert_eq!((now.what.as_str(), now.due), ("Fit two rails", Day::new(2026, 12, 10).unwrap()));
}

#[test]
fn minutes_are_read_sealed_and_added_to() {
    let mut desk = kit::demo();
    desk.keys("6")
        .shows("■ draft – not sealed")
        .shows("DRAFT – not sealed, may still change")
        .shows("6 of 7 discussed");
    desk.keys("a").shows("Only sealed minutes take an addendum");
    desk.keys("s").shows("frozen as they stand").shows("One person on the agenda was not");
    desk.keys("<enter>")
        .shows("The minutes of 12-Nov-2026 are sealed")
        .shows("sealed 26-Nov 12:55 by Tolu")
        .hides("may still change");
    assert_eq!(last_step(&desk), "Seal minutes");
    desk.keys("s").shows("sealed already");
    desk.keys("aDr Fairclough sent apologies.<f2>").shows("Added to the minutes").shows("1 addendum");
    desk.keys("<enter>G").shows("Dr Fairclough sent apologies.");
    desk.keys("<esc>").shows("▸ Meetings");
}

#[test]
fn what_is_sealed_is_what_stood_when_enter_was_pressed() {
    let mut desk = kit::demo();
    desk.keys("6s");
    let meeting = desk.session.reader.latest_meeting(team(&desk).id).unwrap().unwrap();
    let item = agenda(&desk, meeting.id).into_iter().find(|item| item.outcome == Outcome::NotReached).unwrap();
    elsewhere(&mut desk, &[alter(&item, |it| it.outcome_why = Line::parse("fire alarm at ten to two").ok())]);
    desk.keys("<enter>");
    let sealed = desk.session.reader.sealed_minutes(meeting.id).unwrap().unwrap();
    assert!(sealed.document.as_str().contains("fire alarm at ten to two"));
}

#[test]
fn masked_minutes_and_lists_name_nobody() {
    let mut desk = kit::demo();
    for (keys, name) in [("3", "BEGUM"), ("5", "THOMPSON"), ("6", "THOMPSON")] {
        desk.keys(keys).keys("x").hides(name).hides("999 000");
        desk.keys("x");
    }
    desk.keys("8").shows("01632 960111").keys("x").hides("01632");
}

#[test]
fn documents_are_written_beside_the_file_and_never_over_another() {
    let mut desk = kit::demo();
    desk.keys("6p<enter>").shows("Written: exports/minutes-2026-11-12-full.docx");
    assert_eq!(last_step(&desk), "Export minutes");
    desk.keys("p<enter>").shows("Written: exports/minutes-2026-11-12-full-2.docx");
    desk.keys("3p<tab><tab>mark<enter>").shows("Written: exports/agenda-2026-11-26-full.md");
    desk.keys("5p<tab><tab>csv<enter>").shows("Written: exports/actions-2026-11-26-full.csv");
    desk.keys("p<tab><tab>json<tab><right><enter>").shows("Written: exports/actions-all-2026-11-26-full.json");
    assert_eq!(
        exports(&desk),
        [
            "actions-2026-11-26-full.csv",
            "actions-all-2026-11-26-full.json",
            "agenda-2026-11-26-full.md",
            "minutes-2026-11-12-full-2.docx",
            "minutes-2026-11-12-full.docx",
        ]
    );
    let folder = desk.folder.path().join("exports");
    let csv = std::fs::read_to_string(folder.join("actions-2026-11-26-full.csv")).unwrap();
    let json = std::fs::read_to_string(folder.join("actions-all-2026-11-26-full.json")).unwrap();
    assert!(csv.contains("Fit a contrasting edge") && !csv.contains("\"done\""));
    assert!(json.matches("\"state\": \"done\"").count() > 5);
}

#[test]
fn an_export_that_cannot_be_written_says_so() {
    let mut desk = kit::demo();
    std::fs::write(desk.folder.path().join("exports"), "in the way").unwrap();
    let steps = desk.session.reader.head().unwrap().seq;
    desk.keys("6p<enter>").shows("is not a folder");
    assert_eq!(desk.session.reader.head().unwrap().seq, steps);
}

#[test]
fn the_team_is_edited_and_a_member_added_with_a_new_organisation() {
    let mut desk = kit::demo();
    desk.keys("8").shows("Elm Grove MDT").shows("every 2 weeks, 13:00–15:00").shows("GP, nurse/matron, social");
    desk.keys("aNia Hopkin<tab>Dietitian<tab><tab>Valley Hospice ZZ<tab>hosp<enter>")
        .shows("Added: Nia Hopkin, Dietitian");
    let members = desk.session.reader.members(team(&desk).id).unwrap();
    let nia = members.iter().find(|member| member.name.as_str() == "Nia Hopkin").unwrap();
    let hospice: Record<Organisation> = desk.session.reader.get(nia.organisation).unwrap().unwrap();
    assert_eq!(hospice.name.as_str(), "Valley Hospice ZZ");
    desk.keys("aNia Hopkin<tab>Dietitian<enter>").shows("There is a member of that name already");
    desk.keys("<esc><enter>m").shows("Are you Nia Hopkin?");
    desk.keys("<enter>").shows("You are Nia Hopkin from now on").shows("you are Nia Hopkin");
    // Whoever corrects their own name stays who they are.
    desk.keys("e-Rees<enter>");
    assert_eq!(desk.session.model.actor, "Nia Hopkin-Rees");
    desk.keys("r<tab><tab><tab><backspace><backspace><backspace><backspace><backspace>09:30<enter>")
        .shows("09:30–11:30");
    assert_eq!(team(&desk).starts, TimeOfDay::new(9, 30).unwrap());
}

#[test]
fn an_empty_file_says_what_to_do() {
    let mut desk = kit::Desk::with(FileKind::Real, |store| {
        let team = Team::new(Line::parse("New team").unwrap());
        store
            .commit(&kit::stamp(), &Deed::change("Make a team"), &[add(Mint::new(kit::noon(), 1).mint(), team)])
            .unwrap();
    });
    desk.keys("3").shows("Press n to plan one");
    desk.keys("p").shows("No meeting is planned");
    desk.keys("5").shows("No action is to be done");
    desk.keys("6").shows("No meeting yet");
    desk.keys("8").shows("New team").shows("a adds one");
    desk.keys("m").shows("Select a member first");
    desk.keys("3n<enter>").shows("Planned: Thu 10-Dec-2026");
}

#[test]
fn no_size_is_refused() {
    let mut desk = kit::demo();
    let long = "Wolfeschlegelsteinhausenbergerdorff-Llanfairpwllgwyngyllgogery";
    let id = team(&desk).id;
    let mut mint = Mint::new(kit::noon(), 5);
    let mut person = Person::new(id, Line::parse(long).unwrap(), Line::parse("Ada").unwrap());
    person.band = Some(mdt::domain::band::Band::High);
    elsewhere(&mut desk, &[add(mint.mint(), person)]);
    for masked in [false, true] {
        if masked {
            desk.keys("x");
        }
        for screen in ["3", "3<tab>", "5", "6", "6<enter>", "8"] {
            desk.keys(screen);
            for columns in [1, 2, 5, 13, 34, 40, 56, 60, 75, 76, 100, 109, 110, 130] {
                for rows in [1, 2, 4, 6, 8, 9, 14, 20, 45] {
                    desk.resize(columns, rows);
                    desk.screen();
                    desk.keys("G");
                    desk.screen();
                }
            }
            desk.resize(110, 32);
            desk.keys("<esc>");
        }
    }
}
