//! Paste blocks: what goes into one person's record, by keys and by law; what reaches the outside, and what the log knows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use kit::{Desk, Reached};
use mdt::clock::Clock;
use mdt::domain::action::{Action, ActionState};
use mdt::domain::agenda::{AgendaItem, Outcome};
use mdt::domain::change::{Change, Mint, Record, add, alter};
use mdt::domain::day::{Day, Moment, TimeOfDay};
use mdt::domain::disclosure::Disclosure;
use mdt::domain::discussion::{Decision, Discussion};
use mdt::domain::id::{MeetingId, PersonId, TeamId};
use mdt::domain::meeting::{Meeting, Stage};
use mdt::domain::member::{Member, Membership};
use mdt::domain::organisation::{Organisation, OrganisationKind};
use mdt::domain::person::Person;
use mdt::domain::team::Team;
use mdt::domain::text::{Line, Note};
use mdt::domain::written_back::tick;
use mdt::exchange::output::{paste, sealed};
use mdt::store::fault::Fault;
use mdt::store::log::StepKind;
use mdt::store::minutes::PasteRow;
use mdt::store::{self, Deed, FileKind};
use sha2::{Digest as _, Sha256};

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn note(text: &str) -> Option<Note> {
    Some(Note::parse(text).unwrap())
}

/// The newest meeting of the demo that has minutes, and who was discussed there.
fn held(desk: &Desk) -> (Record<Meeting>, Vec<PasteRow>) {
    let reader = &desk.session.reader;
    let rows = reader.shelf(desk.session.model.team.id).unwrap();
    let row = rows.into_iter().find(|row| matches!(row.meeting.stage, Stage::Closed | Stage::Sealed)).unwrap();
    let discussed = reader.paste_rows(row.meeting.id).unwrap();
    (row.meeting, discussed)
}

fn left(desk: &Desk) -> Vec<Record<Disclosure>> {
    desk.session.reader.disclosures(desk.session.model.team.id, None, 1_000).unwrap()
}

#[test]
fn a_sealed_record_is_copied_ticked_taken_back_and_ticked_again() {
    let mut desk = kit::demo();
    let reached = desk.record_outside(false);
    desk.keys("6s<enter>").shows("are sealed").keys("w").shows("0 of 6 written back").shows("not written yet");
    let (meeting, people) = held(&desk);
    // Nothing goes without the question, and nothing after a no.
    desk.keys("<enter>").shows("Copy the record of ADEYEMI, Jean (Jeannie) to the clipboard of this terminal?");
    desk.shows("a clipboard history may keep it.").hides("It is a draft").keys("<esc>");
    assert!(reached.borrow().is_empty() && left(&desk).is_empty());
    desk.keys("c<enter>").shows("Sent to the terminal's clipboard (OSC 52).").shows("mdt minutes --format txt");
    let [Reached::Copied(text, before)] = &reached.borrow()[..] else { panic!("{:?}", reached.borrow()) };
    // The log knew of it when the terminal got it.
    assert_eq!(*before, 1);
    let disclosure = left(&desk).remove(0);
    assert_eq!((disclosure.kind.as_str(), disclosure.format.as_str()), ("paste block", "clipboard"));
    assert_eq!((disclosure.people.as_slice(), disclosure.meeting), (&[people[0].person.id][..], Some(meeting.id)));
    assert_eq!((disclosure.recipient.as_str(), disclosure.sealed), ("full", true));
    let hash: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(disclosure.sha256.as_str(), hash);
    assert!(text.starts_with("MDT discussion 12-Nov-2026, Elm Grove MDT\n"), "{text}");
    let seal = desk.session.reader.seal_of(meeting.id).unwrap().unwrap().printed();
    assert!(text.trim_end().ends_with(&format!("Sealed: {seal}")), "{text}");
    for words in
        ["NHS 999 000 0018", "Blood pressure drops by 30", "Robert Lim", "Agreed: read back to those present on"]
    {
        assert!(text.contains(words), "it lacks “{words}”:\n{text}");
    }
    assert!(text.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= paste::WIDTH), "{text}");
    // Actions stand as sentences: columns fall apart where it is pasted.
    assert!(
        text.contains("\n- Offer Ruth a carer's assessment – Sunita Desai, ZZ Borough Council, due\n  27-Nov-2026\n"),
        "{text}"
    );
    // A tick, and on to the next.
    desk.keys("t").shows("Tick as written back?").shows("Ticked by Tolu Bankole").keys("<esc>").shows("0 of 6");
    desk.keys("t<enter>").shows("ADEYEMI, Jean (Jeannie) is written back: 1 of 6.").shows("✓ written 26-Nov");
    desk.shows("NHS 999 000 0034").keys("t").shows("NGUYỄN, Thị Lan (Lan)").keys("<esc>");
    desk.keys("gt").shows("This is ticked already.");
    // Undo works although the minutes are sealed, and reaches nothing else of that meeting.
    desk.keys("u").shows("“Tick as written back” for ADEYEMI, Jean").keys("<enter>").shows("Undone");
    desk.shows("0 of 6 written back").keys("U<enter>").shows("1 of 6 written back");
    desk.keys("jt<enter>t<enter>t<enter>t<enter>t<enter>").shows("That is everybody: 6 of 6.");
    desk.keys("<esc>").hides("6 of 6 written back").shows("6 of 7 discussed");
    assert_eq!(held(&desk).1.iter().filter(|row| row.written.is_some()).count(), 6);
    assert_eq!(desk.session.reader.verify_chain().unwrap(), Ok(desk.session.reader.head().unwrap().seq));
}

#[test]
fn a_draft_says_so_and_an_addendum_is_not_passed_over() {
    let mut desk = kit::demo();
    let reached = desk.record_outside(false);
    desk.keys("6w<enter>").shows("It is a draft").keys("<enter>").shows("Sent to");
    desk.keys("<esc>s<enter>").shows("are sealed").keys("aThe dose was 5 mg.<f2>").shows("1 addendum");
    desk.keys("w<enter><enter>").shows("Sent to");
    let texts: Vec<String> = reached
        .borrow()
        .iter()
        .map(|it| if let Reached::Copied(text, _) = it { text.clone() } else { String::new() })
        .collect();
    assert!(texts[0].trim_end().ends_with("DRAFT – not sealed, may still change"), "{}", texts[0]);
    assert!(texts[1].contains("1 addendum was added since") && !texts[1].contains("5 mg"), "{}", texts[1]);
    assert_eq!(left(&desk).iter().map(|it| it.sealed).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn what_is_masked_or_too_long_is_not_copied() {
    let mut desk = kit::demo();
    let reached = desk.record_outside(false);
    desk.keys("6wx").hides("ADEYEMI").hides("999 000 0018").shows("a block names a person").shows("J.A.");
    desk.keys("c").shows("Press x to show them, then copy.").keys("t").shows("Tick as written back?").hides("ADEYEMI");
    desk.keys("<esc>x");
    let (_, people) = held(&desk);
    let long = "ก".repeat(6_600);
    let change = alter(&people[0].discussion, |it| {
        it.situation = note(&long);
        it.update = note(&long);
        it.next_steps = note(&long);
        it.action_to_date = note(&long);
    });
    let (mut other, _) = desk.second_session();
    other.commit(&kit::stamp(), &Deed::change("Write"), &[change]).unwrap();
    desk.session.take(mdt::ui::msg::Msg::Foreign);
    desk.keys("c<enter>").shows("a terminal's clipboard takes 74994 at most. Nothing was copied.");
    assert!(reached.borrow().is_empty() && left(&desk).is_empty());
}

#[test]
fn a_terminal_that_takes_nothing_is_owned_up_to() {
    let mut desk = kit::demo();
    let reached = desk.record_outside(true);
    desk.keys("6wc<enter>").shows("The terminal took nothing: it is gone.").shows("The log says that it left");
    assert_eq!((reached.borrow().len(), left(&desk).len()), (1, 1));
}

#[test]
fn two_who_tick_at_once_are_told() {
    let mut desk = kit::demo();
    desk.keys("6wt");
    let (meeting, people) = held(&desk);
    let (mut other, _) = desk.second_session();
    let mut mint = Mint::new(kit::noon(), 4_000);
    let at = desk.session.model.now.moment;
    let mut theirs = || tick(people[0].discussion.id, None, line("Bethan Rees"), at, &mut mint).unwrap();
    let deed = Deed::change("Tick as written back").at(meeting.id);
    other.commit(&kit::stamp(), &deed, &[theirs()]).unwrap();
    desk.keys("<enter>").shows("Bethan Rees has ticked this already. Nothing was changed.").keys("<esc>");
    // By the file itself, where both looked before either wrote.
    let twice = other.commit(&kit::stamp(), &deed, &[theirs()]);
    assert!(matches!(twice, Err(Fault::Conflict(_))), "{twice:?}");
    desk.session.take(mdt::ui::msg::Msg::Foreign);
    desk.shows("1 of 6 written back").shows("by Bethan Rees");
}

/// A text about one person may name another: whoever copies it is told first.
#[test]
fn a_name_of_somebody_else_is_pointed_out() {
    let mut desk = kit::demo();
    desk.resize(60, 20).keys("6wc").hides("somebody else").keys("<esc>");
    let (_, people) = held(&desk);
    let change = alter(&people[0].discussion, |it| it.update = note("Mrs Kaur next door has a key."));
    let (mut other, _) = desk.second_session();
    other.commit(&kit::stamp(), &Deed::change("Write"), &[change]).unwrap();
    desk.session.take(mdt::ui::msg::Msg::Foreign);
    desk.keys("c").shows("somebody else the team looks after bears: KAUR. Read it first.");
}

/// A tick opens sealed minutes for nothing else: not in the same step, and not by way of undo.
#[test]
fn a_tick_is_all_that_a_sealed_meeting_takes() {
    let mut desk = kit::demo();
    desk.keys("6s<enter>").shows("are sealed");
    let (meeting, people) = held(&desk);
    let (mut other, reader) = desk.second_session();
    let mut mint = Mint::new(kit::noon(), 4_000);
    let at = desk.session.model.now.moment;
    let ticked = tick(people[0].discussion.id, None, line("Tolu Bankole"), at, &mut mint).unwrap();
    let words = alter(&people[0].discussion, |it| it.update = note("Other words."));
    let deed = Deed::change("Tick as written back").at(meeting.id);
    let before = reader.dump().unwrap();
    let both = other.commit(&kit::stamp(), &deed, &[ticked.clone(), words]);
    assert!(matches!(both, Err(Fault::Rule(_))), "{both:?}");
    assert_eq!(reader.dump().unwrap(), before);
    other.commit(&kit::stamp(), &deed, &[ticked]).unwrap();
    assert_eq!(other.undo(&kit::stamp()).unwrap().0.label, "Tick as written back");
    assert_eq!(reader.dump().unwrap(), before);
    if let Ok((step, _)) = other.undo(&kit::stamp()) {
        assert_ne!(step.meeting, Some(mdt::domain::change::RecordId::raw(meeting.id)), "{}", step.label);
    }
}

#[test]
fn the_folder_of_exports_is_shown_or_named() {
    let mut desk = kit::demo();
    let reached = desk.record_outside(false);
    let open = ":open the exports<enter>";
    desk.resize(200, 60);
    let folder = desk.folder.path().join("exports");
    for screen in ["3", "5", "6"] {
        desk.keys(screen).keys(open).shows("Nothing was exported yet: there is no folder");
    }
    assert!(reached.borrow().is_empty());
    desk.keys("6p<enter>").shows("Written: exports/").keys(open).shows(&format!("Opening {}.", folder.display()));
    assert_eq!(reached.borrow()[..], [Reached::Opened(folder.clone())]);
    desk.record_outside(true);
    desk.keys(open).shows("No program here can show a folder.").shows(&folder.display().to_string());
}

/// Letters only, so that it is a name as well as a word.
fn token(mut n: u64) -> String {
    let mut out = String::from("q");
    for _ in 0..5 {
        out.push(char::from(b'a' + u8::try_from(n % 26).unwrap()));
        n /= 26;
    }
    out.push('z');
    out
}

/// Teams in which every word about a person is unlike every word about anybody else: a block has all of one's and none of
/// another's, as a draft and sealed.
#[test]
fn a_block_holds_no_word_of_another() {
    let clock = Clock::Fixed(kit::noon());
    let folder = tempfile::tempdir().unwrap();
    let (mut store, reader) =
        store::create(&folder.path().join("team.mdt"), None, FileKind::Real, 7, &kit::stamp()).unwrap();
    let mut mint = Mint::new(kit::noon(), 1);
    let mut blocks = 0;
    for seed in 0..30u64 {
        let tokens: Vec<String> = (0..2 + seed % 7).map(|n| token(seed * 16 + n)).collect();
        let (team, meeting, people, changes) = unlike(&tokens, seed, &mut mint);
        store.commit(&kit::stamp(), &Deed::change("Build"), &changes).unwrap();
        let team = reader.get::<Team>(team).unwrap().unwrap();
        for seal in [false, true] {
            let held = reader.get::<Meeting>(meeting).unwrap().unwrap();
            if seal {
                let changes = sealed::seal(&reader, &team, &held, &line("Test"), &clock, &mut mint).unwrap();
                let deed = Deed::change("Seal").of_kind(StepKind::Seal).at(meeting);
                store.commit(&kit::stamp(), &deed, &changes).unwrap();
            }
            let held = reader.get::<Meeting>(meeting).unwrap().unwrap();
            for row in reader.paste_rows(meeting).unwrap() {
                let parcel = paste::parcel(&reader, &team, &held, &row.discussion, &clock).unwrap();
                let text = String::from_utf8(parcel.bytes.clone()).unwrap();
                let own = &tokens[people.iter().position(|id| *id == row.person.id).unwrap()];
                for words in ["reason", "question", "situation", "date", "update", "next", "Act", "gaps"] {
                    assert!(text.contains(&format!("{words} {own}")), "no “{words}”: {text}");
                }
                for other in tokens.iter().filter(|other| *other != own) {
                    assert!(!text.to_lowercase().contains(other.as_str()), "{other} in the block of {own}:\n{text}");
                }
                assert_eq!(parcel.reach.people, [row.person.id]);
                blocks += 1;
            }
        }
    }
    assert!(blocks > 100, "{blocks}");
}

fn unlike(tokens: &[String], seed: u64, mint: &mut Mint) -> (TeamId, MeetingId, Vec<PersonId>, Vec<Change>) {
    let (team, organisation, member, meeting) = (mint.mint(), mint.mint(), mint.mint(), mint.mint());
    let day = Day::from_iso("2026-11-26").unwrap();
    let at = |text: &str| Moment::from_iso(text);
    let mut changes = vec![
        add(team, Team::new(line(&format!("Team {seed}")))),
        add(organisation, Organisation { name: line("Surgery"), kind: OrganisationKind::Practice, code: None }),
        add(
            member,
            Member {
                team,
                name: line("Nina Nurse"),
                role: line("Nurse"),
                organisation,
                membership: Membership::Core,
                phone: None,
                email: None,
                left_on: None,
            },
        ),
        add(
            meeting,
            Meeting {
                stage: Stage::Closed,
                begun_at: at("2026-11-26T10:02:00Z"),
                ended_at: at("2026-11-26T11:41:00Z"),
                chair: Some(member),
                ..Meeting::planned(team, day, TimeOfDay::new(10, 0).unwrap(), 120, None)
            },
        ),
    ];
    let mut standing = AgendaItem::standing(meeting, 1_000, line(&format!("About {}", tokens[0])), 5);
    standing.question = note(&format!("What of {}?", tokens[1]));
    changes.push(add(mint.mint(), standing));
    let mut people = Vec::new();
    for (n, token) in tokens.iter().enumerate() {
        let (id, item) = (mint.mint(), mint.mint());
        people.push(id);
        let mut person = Person::new(team, line(token), line(&format!("F{token}")));
        person.address = Some(line(&format!("1 {token} Road")));
        changes.push(add(id, person));
        let mut agenda = AgendaItem::person(meeting, i64::try_from(n).unwrap(), id, 10);
        agenda.reasons = note(&format!("reason {token}"));
        agenda.question = note(&format!("question {token}"));
        // Somebody who was not discussed has no block.
        agenda.outcome = if n % 4 == 3 { Outcome::Deferred } else { Outcome::Discussed };
        changes.push(add(item, agenda));
        let mut discussion = Discussion::new(meeting, item, id);
        discussion.situation = note(&format!("situation {token}"));
        discussion.action_to_date = note(&format!("date {token}"));
        discussion.update = note(&format!("update {token}"));
        discussion.next_steps = note(&format!("next {token}"));
        discussion.gaps_why = Some(line(&format!("gaps {token}")));
        discussion.decision = Some(Decision::Made);
        discussion.present = vec![member];
        discussion.agreed_at = at("2026-11-26T10:30:00Z");
        changes.push(add(mint.mint(), discussion));
        let action = Action {
            team,
            person: Some(id),
            meeting: Some(meeting),
            item: Some(item),
            goal: None,
            what: line(&format!("Act {token}")),
            owner: member,
            raised_on: day,
            due: day,
            carried: 0,
            telling: false,
            state: ActionState::Open,
        };
        changes.push(add(mint.mint(), action));
    }
    (team, meeting, people, changes)
}
