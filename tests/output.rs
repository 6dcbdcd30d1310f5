//! What leaves the building: minutes, agenda and action log, in every format, and the files they are put into.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests fail as tests do"
)]

use std::fs;
use std::io::Read as _;
use std::path::Path;

use chrono::{DateTime, TimeZone as _, Utc};
use mdt::clock::Clock;
use mdt::domain::action::{Action, ActionState, NotDoneReason};
use mdt::domain::agenda::{AgendaItem, Outcome};
use mdt::domain::change::{Change, Mint, Record, add, alter};
use mdt::domain::day::{Day, Moment, TimeOfDay};
use mdt::domain::discussion::{Decision, Discussion};
use mdt::domain::id::{MeetingId, MemberId, PersonId, TeamId};
use mdt::domain::meeting::{Attendance, Attending, Meeting, Stage};
use mdt::domain::member::{Member, Membership};
use mdt::domain::nhs_number::NhsNumber;
use mdt::domain::organisation::{Organisation, OrganisationKind};
use mdt::domain::person::Person;
use mdt::domain::team::Team;
use mdt::domain::text::{Line, Note};
use mdt::exchange::output::document::{Block, Document, Row};
use mdt::exchange::output::look::Look;
use mdt::exchange::output::recipient::{Recipient, for_the_team};
use mdt::exchange::output::{
    Format, NotMade, actions, agenda, csv, docx, file, markdown, minutes, numbers, pack, plain, sealed, slips, summary,
};
use mdt::store::action::ActionFilter;
use mdt::store::log::{Stamp, StepKind};
use mdt::store::{self, Deed, FileKind, Reader, Store};

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn note(text: &str) -> Option<Note> {
    Some(Note::parse(text).unwrap())
}

fn day(text: &str) -> Day {
    Day::from_iso(text).unwrap()
}

fn at(text: &str) -> Moment {
    Moment::from_iso(text).unwrap()
}

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 26, 15, 30, 0).unwrap()
}

/// A small real file: one team, five members, four people, a meeting past and a meeting just closed.
struct World {
    folder: tempfile::TempDir,
    store: Store,
    reader: Reader,
    clock: Clock,
    mint: Mint,
    team: Record<Team>,
    meeting: MeetingId,
    jean: PersonId,
    farouk: MemberId,
}

impl World {
    fn new(kind: FileKind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stamp = Stamp { at: "2026-11-26T15:30:00Z".into(), actor: "Priya Shah".into() };
        let (mut store, reader) = store::create(&folder.path().join("team.mdt"), None, kind, 7, &stamp).unwrap();
        let mut mint = Mint::new(noon(), 1);
        let mut changes = Vec::new();
        let team: TeamId = mint.mint();
        changes.push(add(team, Team::new(line("Elm Grove MDT"))));
        let members = members(team, &mut mint, &mut changes);
        let [farouk, shah, patel, _, lee] = members;
        let people = people(team, &mut mint, &mut changes);
        let past = past_meeting(team, people, lee, patel, &mut mint, &mut changes);
        let meeting = mint.mint();
        let mut held = Meeting {
            stage: Stage::Closed,
            chair: Some(farouk),
            minute_taker: Some(shah),
            begun_at: Some(at("2026-11-26T13:02:00Z")),
            ended_at: Some(at("2026-11-26T14:41:00Z")),
            ..Meeting::planned(team, day("2026-11-26"), TimeOfDay::new(13, 0).unwrap(), 120, Some(line("Seminar room")))
        };
        held.break_offered = true;
        changes.push(add(meeting, held));
        let next = Meeting::planned(team, day("2026-12-10"), TimeOfDay::new(13, 0).unwrap(), 120, None);
        changes.push(add(mint.mint(), next));
        attendance(meeting, members, &mut mint, &mut changes);
        walk(team, meeting, past, people, members, &mut mint, &mut changes);
        store.commit(&stamp, &Deed::change("Build"), &changes).unwrap();
        let team = reader.get::<Team>(team).unwrap().unwrap();
        let clock = Clock::Fixed(noon());
        Self { folder, store, reader, clock, mint, team, meeting, jean: people[0], farouk }
    }

    fn held(&self) -> Record<Meeting> {
        self.reader.get(self.meeting).unwrap().unwrap()
    }

    fn commit(&mut self, changes: &[Change]) {
        let stamp = Stamp { at: "2026-11-27T09:00:00Z".into(), actor: "Priya Shah".into() };
        self.store.commit(&stamp, &Deed::change("Edit"), changes).unwrap();
    }

    fn document(&self) -> Document {
        minutes::document_of(&self.reader, &self.team, &self.held(), &self.clock).unwrap()
    }

    fn seal(&mut self) {
        let changes =
            sealed::seal(&self.reader, &self.team, &self.held(), &line("Priya Shah"), &self.clock, &mut self.mint)
                .unwrap();
        let stamp = Stamp { at: "2026-11-26T15:30:00Z".into(), actor: "Priya Shah".into() };
        let deed = Deed::change("Seal minutes").of_kind(StepKind::Seal).at(self.meeting);
        self.store.commit(&stamp, &deed, &changes).unwrap();
    }
}

fn members(team: TeamId, mint: &mut Mint, changes: &mut Vec<Change>) -> [MemberId; 5] {
    let mut organisation = |name: &str, kind| {
        let id = mint.mint();
        changes.push(add(id, Organisation { name: line(name), kind, code: None }));
        id
    };
    let surgery = organisation("Elm Grove Surgery", OrganisationKind::Practice);
    let trust = organisation("Berkshire Community Trust", OrganisationKind::CommunityTrust);
    let council = organisation("Wokingham Borough Council", OrganisationKind::Council);
    let charity = organisation("Age UK Berkshire", OrganisationKind::Voluntary);
    [
        ("Dr Amina Farouk", "GP", surgery),
        ("Priya Shah", "District nurse", trust),
        ("Sam Patel", "Social worker", council),
        ("Pat Okoro", "Link worker", charity),
        ("Robin Lee", "Occupational therapist", trust),
    ]
    .map(|(name, role, organisation)| {
        let id = mint.mint();
        let membership = Membership::Core;
        let member = Member {
            team,
            name: line(name),
            role: line(role),
            organisation,
            membership,
            phone: None,
            email: None,
            left_on: None,
        };
        changes.push(add(id, member));
        id
    })
}

fn people(team: TeamId, mint: &mut Mint, changes: &mut Vec<Change>) -> [PersonId; 4] {
    [
        ("Adeyemi", "Jean", Some("Jeannie"), Some("1942-03-12"), Some("9990000018")),
        ("Okafor", "Peter", None, Some("1951-12-01"), Some("9990000026")),
        ("O’Hara", "Mary", None, Some("1938-07-30"), None),
        ("Wiśniewski", "Tomasz", Some("Tomek"), None, Some("9990000034")),
    ]
    .map(|(surname, forename, preferred, born, number)| {
        let id = mint.mint();
        let mut person = Person::new(team, line(surname), line(forename));
        person.preferred = preferred.map(line);
        person.born = born.map(day);
        person.nhs_number = number.map(|number| NhsNumber::parse(number).unwrap());
        changes.push(add(id, person));
        id
    })
}

fn past_meeting(
    team: TeamId,
    people: [PersonId; 4],
    lee: MemberId,
    patel: MemberId,
    mint: &mut Mint,
    changes: &mut Vec<Change>,
) -> MeetingId {
    let past = mint.mint();
    let on = day("2026-11-12");
    let held = Meeting {
        stage: Stage::Closed,
        begun_at: Some(at("2026-11-12T13:00:00Z")),
        ended_at: Some(at("2026-11-12T14:30:00Z")),
        ..Meeting::planned(team, on, TimeOfDay::new(13, 0).unwrap(), 120, None)
    };
    changes.push(add(past, held));
    let raised = |person, what: &str, owner, due: &str, carried, state| Action {
        team,
        person: Some(person),
        meeting: Some(past),
        item: None,
        goal: None,
        what: line(what),
        owner,
        raised_on: on,
        due: day(due),
        carried,
        telling: false,
        state,
    };
    let overdue = raised(people[0], "OT home assessment", lee, "2026-11-16", 1, ActionState::Open);
    changes.push(add(mint.mint(), overdue));
    let done = ActionState::Done { on: day("2026-11-26"), note: note("Ruth accepted") };
    let offered = raised(people[0], "Offer carer’s assessment to Ruth", patel, "2026-11-27", 0, done);
    changes.push(add(mint.mint(), offered));
    let full = ActionState::NotDone { on: day("2026-11-20"), reason: NotDoneReason::ServiceFull, note: None };
    changes.push(add(mint.mint(), raised(people[1], "Book day centre place", patel, "2026-11-19", 0, full)));
    past
}

fn attendance(meeting: MeetingId, members: [MemberId; 5], mint: &mut Mint, changes: &mut Vec<Change>) {
    let ways = [
        (Attending::InRoom, None, None),
        (Attending::InRoom, None, None),
        (Attending::Remote, Some("2026-11-26T13:20:00Z"), None),
        (Attending::InRoom, None, Some("2026-11-26T14:05:00Z")),
        (Attending::Apologies, None, None),
    ];
    for (member, (attending, came, left)) in members.into_iter().zip(ways) {
        let it =
            Attendance { meeting, member, attending, here_now: false, arrived_at: came.map(at), left_at: left.map(at) };
        changes.push(add(mint.mint(), it));
    }
}

fn walk(
    team: TeamId,
    meeting: MeetingId,
    past: MeetingId,
    people: [PersonId; 4],
    members: [MemberId; 5],
    mint: &mut Mint,
    changes: &mut Vec<Change>,
) {
    let [farouk, shah, patel, okoro, _] = members;
    assert_ne!(past, meeting);
    let item = mint.mint();
    changes.push(add(
        item,
        AgendaItem {
            lead: Some(farouk),
            disciplines: Some(line("OT, social work")),
            reasons: note("third fall in six weeks\n1 action overdue"),
            question: note("Can she stay safe at home at night?"),
            outcome: Outcome::Discussed,
            spent: 540,
            ..AgendaItem::person(meeting, 10, people[0], 8)
        },
    ));
    let mut discussion = Discussion::new(meeting, item, people[0]);
    discussion.situation = note("Lives with her daughter Ruth. Three falls in six weeks; eFI 0.41.");
    discussion.action_to_date = note("OT home assessment – Robin Lee, due 16-Nov-2026: open, OVERDUE 10 days");
    discussion.update =
        note("Ruth is up three times a night.\nFell on Tuesday, no injury.\n\n# Not a heading | nor a cell");
    discussion.next_steps = note("Try night sitting for two weeks, then decide on telecare.");
    discussion.decision = Some(Decision::Made);
    discussion.teller = Some(farouk);
    discussion.review_on = Some(day("2026-12-10"));
    discussion.key_worker = Some(shah);
    discussion.present = vec![farouk, shah, patel];
    discussion.objection_why = note("Jean objects to the police only; nobody of the police was there.");
    discussion.agreed_at = Some(at("2026-11-26T13:12:00Z"));
    changes.push(add(mint.mint(), discussion));
    for (what, owner, due, telling) in [
        ("Refer to the falls service", shah, "2026-12-10", false),
        ("Refer to night-sitting pilot", okoro, "2026-12-04", false),
        ("Tell Jeannie what was agreed", farouk, "2026-11-30", true),
    ] {
        let action = Action {
            team,
            person: Some(people[0]),
            meeting: Some(meeting),
            item: Some(item),
            goal: None,
            what: line(what),
            owner,
            raised_on: day("2026-11-26"),
            due: day(due),
            carried: 0,
            telling,
            state: ActionState::Open,
        };
        changes.push(add(mint.mint(), action));
    }
    let item = mint.mint();
    changes
        .push(add(item, AgendaItem { outcome: Outcome::Discussed, ..AgendaItem::person(meeting, 20, people[1], 8) }));
    let mut discussion = Discussion::new(meeting, item, people[1]);
    discussion.update = note("Settled; no new concerns.");
    discussion.decision = Some(Decision::NotReached);
    discussion.telling_waived = Some(line("he was on the telephone for this item"));
    discussion.gaps_why = Some(line("key worker to be found by the trust"));
    discussion.agreed_at = Some(at("2026-11-26T13:30:00Z"));
    changes.push(add(mint.mint(), discussion));
    let deferred = AgendaItem {
        outcome: Outcome::Deferred,
        outcome_why: Some(line("waiting for the memory clinic")),
        ..AgendaItem::person(meeting, 30, people[2], 8)
    };
    changes.push(add(mint.mint(), deferred));
    let unreached = AgendaItem { outcome: Outcome::NotReached, ..AgendaItem::person(meeting, 40, people[3], 8) };
    changes.push(add(mint.mint(), unreached));
    let standing = AgendaItem {
        outcome: Outcome::Discussed,
        ..AgendaItem::standing(meeting, 50, line("Voluntary sector forum"), 5)
    };
    changes.push(add(mint.mint(), standing));
}

fn markdown_of(document: &Document) -> String {
    markdown::render(for_the_team(document))
}

#[test]
fn draft_minutes_read_as_they_should() {
    let world = World::new(FileKind::Real);
    insta::assert_snapshot!("minutes_draft_md", markdown_of(&world.document()));
}

#[test]
fn the_preview_reads_as_it_should() {
    let world = World::new(FileKind::Demo);
    insta::assert_snapshot!("minutes_demo_txt", plain::render(for_the_team(&world.document())));
}

#[test]
fn the_agenda_reads_as_it_should() {
    let world = World::new(FileKind::Real);
    let document = agenda::document_of(&world.reader, &world.team, &world.held()).unwrap();
    insta::assert_snapshot!("agenda_md", markdown_of(&document));
}

#[test]
fn sealed_minutes_never_change_and_can_only_be_added_to() {
    let mut world = World::new(FileKind::Real);
    let by = line("Priya Shah");
    let addendum = |world: &mut World, text: &str| {
        sealed::addendum(
            &world.reader,
            &world.held(),
            &by,
            Note::parse(text).unwrap(),
            at("2026-11-28T10:12:00Z"),
            &mut world.mint,
        )
    };
    assert!(matches!(addendum(&mut world, "Too early."), Err(NotMade::Refused(_))));
    world.seal();
    let printed = world.reader.head().unwrap().printed();
    let frozen = world.reader.sealed_minutes(world.meeting).unwrap().unwrap().document.as_str().to_owned();
    let shown = world.document();
    assert_eq!(shown.foot.as_deref(), Some(format!("Sealed: {printed}").as_str()));
    assert!(shown.notices.is_empty(), "sealed minutes are no draft");
    assert!(frozen.contains("26-Nov-2026 15:30 by Priya Shah"));
    let bytes = docx::render(for_the_team(&shown), &Look::default()).unwrap();
    // The records move on; the minutes do not.
    let jean = world.reader.get::<Person>(world.jean).unwrap().unwrap();
    let farouk = world.reader.get::<Member>(world.farouk).unwrap().unwrap();
    world
        .commit(&[alter(&jean, |it| it.surname = line("Smith")), alter(&farouk, |it| it.name = line("Dr Amina Khan"))]);
    let again = world.document();
    assert!(shown == again);
    assert_eq!(docx::render(for_the_team(&again), &Look::default()).unwrap(), bytes);
    assert_eq!(world.reader.sealed_minutes(world.meeting).unwrap().unwrap().document.as_str(), frozen);
    // A second seal is refused; an addendum stands under the minutes and leaves them as they were.
    let second =
        sealed::seal(&world.reader, &world.team, &world.held(), &by, &world.clock, &mut world.mint).unwrap_err();
    assert_eq!(
        second.to_string(),
        "The minutes of 26-Nov-2026 are sealed already: they can be written as they are, and added to."
    );
    let change = addendum(&mut world, "The review is on 11-Dec.").unwrap();
    world.commit(&[change]);
    let added = world.document();
    assert!(added.blocks.starts_with(&shown.blocks));
    let text = markdown_of(&added);
    assert!(text.contains("## Addenda"), "{text}");
    assert!(text.contains("**28-Nov-2026 10:12, Priya Shah:** The review is on 11-Dec."), "{text}");
    assert!(text.trim_end().ends_with(&format!("Sealed: {printed}")), "{text}");
    assert_eq!(world.reader.sealed_minutes(world.meeting).unwrap().unwrap().document.as_str(), frozen);
    assert!(world.reader.verify_chain().unwrap().is_ok());
}

#[test]
fn a_frozen_text_that_was_altered_is_shown_to_nobody() {
    let mut world = World::new(FileKind::Real);
    world.seal();
    let seen = world.reader.sealed_minutes(world.meeting).unwrap().unwrap();
    let altered = seen.document.as_str().replacen("no injury", "two injuries", 1);
    assert_ne!(altered, seen.document.as_str());
    world.commit(&[alter(&seen, |it| it.document = mdt::domain::minutes::Document::new(altered))]);
    let error = minutes::document_of(&world.reader, &world.team, &world.held(), &world.clock).unwrap_err();
    assert!(error.to_string().contains("another text than the one that was sealed"), "{error}");
}

#[test]
fn only_a_closed_meeting_is_sealed() {
    let mut world = World::new(FileKind::Real);
    let by = line("Priya Shah");
    let next = world.reader.next_meeting(world.team.id, day("2026-12-01")).unwrap().unwrap();
    assert!(sealed::seal(&world.reader, &world.team, &next, &by, &world.clock, &mut world.mint).is_err());
    assert!(minutes::document_of(&world.reader, &world.team, &next, &world.clock).is_err());
    let mut live = world.held();
    live.value.stage = Stage::Live;
    let refused = sealed::seal(&world.reader, &world.team, &live, &by, &world.clock, &mut world.mint).unwrap_err();
    assert!(refused.to_string().starts_with("This meeting is still live."), "{refused}");
}

#[test]
fn a_document_is_the_same_after_json_and_refuses_what_it_does_not_know() {
    let document = World::new(FileKind::Real).document();
    let json = document.to_json().unwrap();
    assert!(Document::from_json(&json).unwrap() == document);
    for (was, now, why) in [
        ("\"version\":2", "\"version\":3", "a document of a newer version"),
        ("\"mdt-document\"", "\"other\"", "a document of another kind"),
        ("Elm Grove", "Elm\\u202eGrove", "text that is not safe to show"),
        ("\"kind\"", "\"extra\":1,\"kind\"", "a document this program cannot read"),
    ] {
        assert!(json.contains(was));
        assert_eq!(Document::from_json(&json.replacen(was, now, 1)).err(), Some(why));
    }
}

#[test]
fn an_action_to_date_is_computed_until_it_is_frozen() {
    let mut world = World::new(FileKind::Real);
    let of_jean = |world: &World| {
        let found = world.reader.discussions(world.meeting).unwrap();
        found.into_iter().find(|it| it.person == world.jean).unwrap()
    };
    let seen = of_jean(&world);
    world.commit(&[alter(&seen, |it| {
        it.action_to_date = None;
        it.agreed_at = None;
    })]);
    let text = markdown_of(&world.document());
    let expected = "**Action to date:** OT home assessment – Robin Lee, due 16-Nov-2026: open, OVERDUE 10 days\\\n\
                    Offer carer’s assessment to Ruth – Sam Patel, due 27-Nov-2026: done 26-Nov-2026: Ruth accepted";
    assert!(text.contains(expected), "{text}");
    assert!(!text.contains("falls service – Priya Shah"), "an action of this meeting is no action to date");
}

#[test]
fn the_action_log_goes_out_as_csv_and_json() {
    let world = World::new(FileKind::Real);
    let all = ActionFilter::default();
    let rows = actions::rows(&world.reader, world.team.id, &all).unwrap();
    let log = actions::log_of(&world.reader, &world.team, &rows, day("2026-11-26"));
    let text = csv::render(for_the_team(&log)).unwrap();
    let mut read = ::csv::Reader::from_reader(text.as_bytes());
    assert_eq!(read.headers().unwrap(), &::csv::StringRecord::from(csv::COLUMNS.to_vec()));
    let found: Vec<::csv::StringRecord> = read.records().map(Result::unwrap).collect();
    assert_eq!(found.len(), 6);
    let late = &found[0];
    assert_eq!(&late[1], "ADEYEMI, Jean (Jeannie)");
    assert_eq!(&late[2], "999 000 0018");
    assert_eq!(&late[4], "OT home assessment");
    assert_eq!(&late[10], "10");
    let json = actions::json(for_the_team(&log)).unwrap();
    let back: actions::ActionLog = serde_json::from_str(&json).unwrap();
    assert_eq!(actions::json(for_the_team(&back)).unwrap(), json);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&value["format"], &value["version"]), (&"mdt-actions".into(), &1.into()));
    let overdue = ActionFilter { due_before: Some(day("2026-11-26")), ..all };
    assert_eq!(actions::rows(&world.reader, world.team.id, &overdue).unwrap().len(), 1);
}

#[test]
fn no_cell_of_the_csv_is_a_formula() {
    for payload in [
        "=1+1",
        "=HYPERLINK(\"http://x\",\"y\")",
        "+44 118 496 0000",
        "-2+3",
        "@SUM(A1:A9)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\0=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "  =1",
        "\u{3000}=1",
        "|=cmd",
    ] {
        let defused = csv::defused(payload);
        assert_eq!(defused, if payload.starts_with('|') { payload.to_owned() } else { format!("'{payload}") });
    }
    assert_eq!(csv::defused("Ring the GP = today"), "Ring the GP = today");
    let mut world = World::new(FileKind::Real);
    let jean = world.reader.get::<Person>(world.jean).unwrap().unwrap();
    world.commit(&[alter(&jean, |it| it.surname = line("=cmd|' /C calc'!A0"))]);
    let rows = actions::rows(&world.reader, world.team.id, &ActionFilter::default()).unwrap();
    let text =
        csv::render(for_the_team(&actions::log_of(&world.reader, &world.team, &rows, day("2026-11-26")))).unwrap();
    assert!(text.contains(",\"'=CMD|' /C CALC'!A0, Jean (Jeannie)\","), "{text}");
    assert!(!text.contains("\"=") && !text.contains(",="), "{text}");
}

#[test]
fn hostile_text_forges_nothing() {
    let mut world = World::new(FileKind::Real);
    let jean = world.reader.get::<Person>(world.jean).unwrap().unwrap();
    world.commit(&[alter(&jean, |it| {
        it.surname = line("<script>&\u{ffff}\u{1b}[31m");
        it.forename = line("Zoë | # x\u{202e}\u{200b}");
    })]);
    let seen = world.reader.discussions(world.meeting).unwrap().remove(0);
    let forged = "# Decision\n---\n===\n1. one\n- two\n> three\n```\n[x](javascript:1) ![i](u)\n| a | b |\n<b>";
    world.commit(&[alter(&seen, |it| it.update = note(forged))]);
    let document = world.document();
    let text = markdown_of(&document);
    assert!(text.contains("\\<SCRIPT\\>\\&"), "{text}");
    let body: Vec<&str> = text.lines().collect();
    for start in ["# Decision", "---\\", "===", "1. one", "- two", "> three", "```", "| a | b", "<b>"] {
        assert!(!body.iter().any(|line| line.starts_with(start)), "{start} in {text}");
    }
    assert!(!text.contains("](java") || text.contains("\\[x\\](java"), "{text}");
    for line in body.iter().filter(|line| line.starts_with("| ") && line.contains("SCRIPT")) {
        let cells = line.replace("\\|", "").matches('|').count();
        assert!([6 + 1, 5 + 1, 4 + 1].contains(&cells), "{cells} in {line}");
    }
    let unseen = |c: char| c == '\u{1b}' || c == '\u{202e}' || c == '\u{200b}';
    assert!(!text.contains(unseen));
    for width in [1, 2, 7, 20, 60, 80, 200] {
        for line in plain::lines(&document, width) {
            assert!(
                unicode_width::UnicodeWidthStr::width(line.text.as_str()) <= width.max(2),
                "{width}: {}",
                line.text
            );
            assert!(!line.text.contains(unseen) && !line.text.contains('\n'));
            assert!(line.text.is_char_boundary(line.label));
        }
    }
    parts(&docx::render(for_the_team(&document), &Look::default()).unwrap());
}

#[test]
fn a_preview_never_loses_a_word() {
    let document = World::new(FileKind::Demo).document();
    let squeezed = |text: &str| text.to_uppercase().chars().filter(|c| !c.is_whitespace()).collect::<String>();
    for width in [2, 9, 33, 80, 140] {
        let all = squeezed(&plain::lines(&document, width).iter().map(|line| line.text.as_str()).collect::<String>());
        for block in &document.blocks {
            // The cells of a row stand side by side, so only what is not in a table is found in one piece.
            if let Block::Paragraph { text } | Block::Labelled { text, .. } | Block::Heading { text, .. } = block {
                assert!(all.contains(&squeezed(text)), "{width}: {text}");
            }
        }
    }
    let letters = |text: &str| {
        let mut letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        letters.sort_unstable();
        letters
    };
    let mut table = Document::new("test", "T".into(), "T");
    table.confidentiality = String::new();
    let cells = ["Wolfeschlegelsteinhausenbergerdorff".to_owned(), "two words\nand three".to_owned()];
    table.table(&[("First", 10), ("Second", 30)], vec![Row::of(cells.clone())]);
    for width in [20, 40, 90] {
        let text: String = plain::lines(&table, width).iter().map(|line| line.text.as_str()).collect();
        let wanted = letters(&cells.concat());
        let found = letters(&text);
        assert!(
            wanted
                .iter()
                .all(|c| found.iter().filter(|f| *f == c).count() >= wanted.iter().filter(|w| *w == c).count()),
            "{width}: {text}"
        );
    }
}

/// The parts of a Word file, each checked to be well-formed.
fn parts(bytes: &[u8]) -> Vec<(String, String)> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut out = Vec::new();
    for n in 0..zip.len() {
        let mut part = zip.by_index(n).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        well_formed(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
        out.push((name, text));
    }
    out
}

/// Every element is closed by its own name, attributes are quoted, text holds no bare `<`, `&` or forbidden character.
fn well_formed(xml: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let text = &rest[..start];
        let entities = ["&amp;", "&lt;", "&gt;", "&quot;"];
        let bare = entities.iter().fold(text.to_owned(), |text, entity| text.replace(entity, ""));
        if bare.contains('&') || bare.chars().any(|c| c < ' ' && c != '\n' || matches!(c, '\u{fffe}' | '\u{ffff}')) {
            return Err(format!("text {text:?}"));
        }
        let end = rest[start..].find('>').ok_or("an open tag")? + start;
        let tag = &rest[start + 1..end];
        if !tag.matches('"').count().is_multiple_of(2) || tag.contains('<') {
            return Err(format!("tag {tag}"));
        }
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        match tag {
            _ if tag.starts_with('?') || tag.ends_with('/') => {}
            _ if tag.starts_with('/') => {
                let was = open.pop();
                if was != Some(name) {
                    return Err(format!("{was:?} closed by {name}"));
                }
            }
            _ => open.push(name),
        }
        rest = &rest[end + 1..];
    }
    if open.is_empty() { Ok(()) } else { Err(format!("never closed: {open:?}")) }
}

#[test]
fn a_narrow_preview_keeps_dates_whole() {
    let document = World::new(FileKind::Real).document();
    for width in [40, 60, 80, 100] {
        let text: Vec<String> = plain::lines(&document, width).into_iter().map(|line| line.text).collect();
        let due = text.iter().filter(|line| line.contains("04-Dec-2026")).count();
        assert_eq!(due, 2, "{width}: {}", text.join("\n"));
    }
}

#[test]
fn the_word_file_has_its_parts() {
    let mut world = World::new(FileKind::Demo);
    world.seal();
    let document = world.document();
    let bytes = Format::Docx.render(for_the_team(&document), &Look::default()).unwrap();
    assert_eq!(bytes, Format::Docx.render(for_the_team(&document), &Look::default()).unwrap());
    let parts = parts(&bytes);
    let part = |name: &str| {
        parts.iter().find(|(found, _)| found == name).map(|(_, text)| text.as_str()).unwrap_or_else(|| panic!("{name}"))
    };
    assert_eq!(parts[0].0, "[Content_Types].xml");
    for link in ["word/document.xml", "docProps/core.xml", "docProps/app.xml"] {
        assert!(part("_rels/.rels").contains(link));
    }
    for link in ["styles.xml", "numbering.xml", "settings.xml", "header1.xml", "footer1.xml"] {
        assert!(part("word/_rels/document.xml.rels").contains(link));
        assert!(part("[Content_Types].xml").contains(&format!("/word/{link}")));
    }
    let body = part("word/document.xml");
    let tables = document.blocks.iter().filter(|block| matches!(block, Block::Table { .. })).count();
    assert_eq!(body.matches("<w:tblHeader/>").count(), tables);
    assert_eq!(body.matches("<w:tr>").count(), body.matches("<w:cantSplit/>").count());
    assert!(
        body.contains("ADEYEMI, Jean (Jeannie) · born\u{a0}12-Mar-1942\u{a0}(84) · NHS\u{a0}999\u{a0}000\u{a0}0018")
    );
    let styles = part("word/styles.xml");
    for piece in body.split("Style w:val=\"").skip(1) {
        let style = piece.split('"').next().unwrap();
        assert!(styles.contains(&format!("w:styleId=\"{style}\"")), "{style}");
    }
    assert!(styles.contains(r#"<w:lang w:val="en-GB""#));
    assert!(part("word/header1.xml").contains("OFFICIAL-SENSITIVE"));
    assert!(part("word/header1.xml").contains("DEMO – invented people"));
    assert!(part("word/footer1.xml").contains(" NUMPAGES ") && part("word/footer1.xml").contains("Sealed: step 3 · "));
    for name in ["Priya", "Shah", "Adeyemi", "ADEYEMI"] {
        assert!(!part("docProps/core.xml").contains(name) && !part("docProps/app.xml").contains(name));
    }
}

#[cfg(unix)]
#[test]
fn a_file_is_its_owners_alone_whole_and_never_over_another() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("minutes.md");
    file::write(&path, b"first", false).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let refused = file::write(&path, b"second", false).unwrap_err();
    assert!(refused.to_string().contains("exists already. Nothing was written."), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), b"first");
    file::write(&path, b"third", true).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"third");
    let link = folder.path().join("link.md");
    symlink(&path, &link).unwrap();
    symlink(folder.path().join("nowhere"), folder.path().join("dangling.md")).unwrap();
    for force in [false, true] {
        assert!(file::write(&link, b"through", force).unwrap_err().to_string().contains("is a link"));
        assert!(file::write(&folder.path().join("dangling.md"), b"x", force).is_err());
        assert!(file::write(folder.path(), b"x", force).is_err());
        assert!(file::write(&folder.path().join("no/such/folder.md"), b"x", force).is_err());
    }
    assert_eq!(fs::read(&path).unwrap(), b"third");
    let hostile = file::write(&folder.path().join("a\u{1b}[31m/b"), b"x", false).unwrap_err().to_string();
    assert!(hostile.contains("a␛[31m") && !hostile.contains('\u{1b}'), "{hostile}");
    let open = folder.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(file::write(&open.join("x"), b"x", false).unwrap_err().to_string().contains("Anybody may replace"));
    fs::set_permissions(&open, fs::Permissions::from_mode(0o1777)).unwrap();
    file::write(&open.join("x"), b"x", false).unwrap();
    let exports = file::default_folder(&folder.path().join("team.mdt"));
    file::make_folder(&exports).unwrap();
    file::make_folder(&exports).unwrap();
    assert_eq!(fs::metadata(&exports).unwrap().permissions().mode() & 0o777, 0o700);
    let left: Vec<String> = names(folder.path());
    assert!(!left.iter().any(|name| name.contains("part")), "{left:?}");
    assert_eq!(file::name("minutes", day("2026-11-26"), &Recipient::Full, "docx"), "minutes-2026-11-26-full.docx");
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn of_many_writers_of_one_name_one_wins_and_the_file_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..20 {
        let path = folder.path().join(format!("{round}.md"));
        let won: usize = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4u8)
                .map(|n| {
                    let path = &path;
                    scope.spawn(move || usize::from(file::write(path, &vec![b'a' + n; 20_000], false).is_ok()))
                })
                .collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).sum()
        });
        assert_eq!(won, 1);
        let bytes = fs::read(&path).unwrap();
        assert_eq!(bytes.len(), 20_000);
        assert!(bytes.iter().all(|byte| *byte == bytes[0]));
    }
    assert_eq!(names(folder.path()).len(), 20);
}

fn mdt(world: &World, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let file = world.folder.path().join("team.mdt");
    let mut command = assert_cmd::Command::cargo_bin("mdt").unwrap();
    // What it remembers of files is not that of whoever runs the tests.
    let home = world.folder.path().join("home");
    command
        .env("HOME", &home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("USER", "tester")
        .arg("--file")
        .arg(file)
        .args(arguments)
        .assert()
}

#[test]
fn the_command_line_writes_logs_seals_and_lists_the_choices() {
    let world = World::new(FileKind::Real);
    let before = world.reader.head().unwrap().seq;
    let printed = mdt(&world, &["minutes", "-o", "-"]).success();
    assert!(String::from_utf8_lossy(&printed.get_output().stdout).starts_with("# Minutes – Thu 26-Nov-2026"));
    let steps = world.reader.steps(1).unwrap();
    assert_eq!((steps[0].kind, steps[0].label.as_str()), (StepKind::Export, "Export minutes"));
    assert_eq!(steps[0].seq, before + 1);
    mdt(&world, &["minutes", "--format", "docx"]).success();
    assert!(world.folder.path().join("exports/minutes-2026-11-26-full.docx").exists());
    let again = mdt(&world, &["minutes", "--format", "docx"]).failure().code(4);
    assert!(String::from_utf8_lossy(&again.get_output().stderr).contains("--force"));
    assert_eq!(world.reader.head().unwrap().seq, before + 2, "what was not written is not logged");
    let sealed = mdt(&world, &["minutes", "--format", "docx", "--force", "--seal"]).success();
    assert!(String::from_utf8_lossy(&sealed.get_output().stdout).contains("Sealed: step "));
    assert_eq!(world.held().stage, Stage::Sealed);
    for (arguments, code, said) in [
        (&["minutes", "--meeting", "1/1/2026"][..], 1, "There are: 10-Dec-2026 (planned), 26-Nov-2026 (sealed)"),
        (&["minutes", "--meeting", "sometime"], 1, "give “latest” or a day"),
        (&["minutes", "--format", "odt"], 2, "choose one of: docx, pdf, html, md, txt, xlsx, csv, json, ics"),
        (&["minutes", "--format", "csv"], 1, "The minutes cannot be had as csv. Choose one of: docx, pdf"),
        (&["minutes", "--for", "everybody"], 1, "Choose one of: full, organisation:NAME"),
        (&["minutes", "--for", "organisation:Nowhere"], 1, "Choose one of: Age UK Berkshire"),
        (&["minutes", "--for", "owner:p"], 1, "Several have that name: "),
        (&["pack", "--for", "numbers"], 1, "There are no numbers of this"),
        (&["minutes", "--format", "docx", "-o", "-"], 1, "cannot be printed"),
        (&["actions", "--owner", "nobody"], 1, "Its members are: Dr Amina Farouk, Pat Okoro"),
        (&["actions", "--owner", "p"], 1, "may mean several"),
        (&["actions", "--cleared"], 1, "goes with --for pseudonymised"),
    ] {
        let failed = mdt(&world, arguments).failure().code(code);
        let stderr = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
    let own = world.folder.path().join("team.mdt");
    for suffix in ["", "-wal"] {
        let path = format!("{}{suffix}", own.display());
        let failed = mdt(&world, &["actions", "--all", "--force", "-o", &path]).failure().code(4);
        assert!(String::from_utf8_lossy(&failed.get_output().stderr).contains("is the team's own file"));
    }
    let mine = mdt(&world, &["actions", "--owner", "shah", "--format", "json", "-o", "-"]).success();
    let log: actions::ActionLog = serde_json::from_slice(&mine.get_output().stdout).unwrap();
    assert_eq!(log.actions.iter().map(|it| it.action.as_str()).collect::<Vec<_>>(), ["Refer to the falls service"]);
    let agenda = mdt(&world, &["agenda", "--meeting", "26/11/2026", "-o", "-"]).success();
    assert!(String::from_utf8_lossy(&agenda.get_output().stdout).contains("13:00 to 13:37, 37 minutes"));
}

#[test]
fn a_csv_file_says_its_encoding_and_a_printed_one_does_not() {
    let world = World::new(FileKind::Real);
    let path = world.folder.path().join("log.csv");
    mdt(&world, &["actions", "--all", "-o", path.to_str().unwrap()]).success();
    let filed = std::fs::read_to_string(&path).unwrap();
    let printed = mdt(&world, &["actions", "--all", "-o", "-"]).success().get_output().stdout.clone();
    let printed = String::from_utf8(printed).unwrap();
    assert!(printed.starts_with("\"id\""), "no mark before the first column when printed");
    assert_eq!(filed.strip_prefix('\u{feff}').map(str::trim_end), Some(printed.trim_end()));
}

fn said(assert: assert_cmd::assert::Assert) -> String {
    let output = assert.get_output();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_copy_is_known_by_its_bytes_or_its_words() {
    let mut world = World::new(FileKind::Real);
    let folder = world.folder.path().to_owned();
    let place = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    mdt(&world, &["minutes", "-o", &place("draft.md")]).success();
    world.seal();
    for name in ["sealed.md", "sealed.html", "sealed.txt", "sealed.docx", "sealed.pdf"] {
        let format = name.rsplit('.').next().unwrap();
        mdt(&world, &["minutes", "--format", format, "-o", &place(name)]).success();
        let whole = said(mdt(&world, &["minutes", "verify", &place(name)]).success());
        assert!(whole.contains("byte for byte") && whole.contains("It was sealed when it left."), "{whole}");
    }
    let draft = said(mdt(&world, &["minutes", "verify", &place("draft.md")]).failure().code(1));
    assert!(draft.contains("It was not sealed when it left."), "{draft}");
    // Other line ends and blanks: the words are the same.
    for name in ["sealed.md", "sealed.html", "sealed.txt"] {
        let text = fs::read_to_string(place(name)).unwrap();
        let mailed = place(&format!("mailed-{name}"));
        fs::write(&mailed, text.replace('\n', "  \r\n")).unwrap();
        let words = said(mdt(&world, &["minutes", "verify", &mailed]).success());
        assert!(words.contains("The words are those that were sealed: minutes of 26-Nov-2026, version 1"), "{words}");
        // One word less, one more, one other: each is found, with its line.
        for (was, now) in [("Refer to the falls service", "Refer to the service"), ("04-Dec-2026", "05-Dec-2026")] {
            assert!(text.contains(was), "{name}");
            fs::write(&mailed, text.replacen(was, now, 1)).unwrap();
            let other = said(mdt(&world, &["minutes", "verify", &mailed]).failure().code(1));
            let line = text.split(was).next().unwrap().matches('\n').count() + 1;
            assert!(other.contains("It is not what was sealed"), "{other}");
            assert!(other.contains(&format!("Line {line} of the copy")), "line {line}: {other}");
        }
    }
    // Marks that hide words are seen, though every word is still there.
    for (name, was, now) in [
        ("sealed.md", "**Update:**", "<!-- **Update:**"),
        ("sealed.html", "</style>", "p { display: none }</style>"),
        ("sealed.html", "<p>", "<p hidden>"),
        ("sealed.txt", "999 000 0018", "999 000 0081"),
    ] {
        let text = fs::read_to_string(place(name)).unwrap();
        assert!(text.contains(was), "{name}: {was}");
        let hidden = place(&format!("hidden-{name}"));
        fs::write(&hidden, text.replacen(was, now, 1)).unwrap();
        let other = said(mdt(&world, &["minutes", "verify", &hidden]).failure().code(1));
        assert!(other.contains("It is not what was sealed"), "{name} {now}: {other}");
    }
    // A copy in a format of bytes, saved again.
    let mut bytes = fs::read(place("sealed.docx")).unwrap();
    bytes.push(0);
    fs::write(place("again.docx"), bytes).unwrap();
    let again = said(mdt(&world, &["minutes", "verify", &place("again.docx")]).failure().code(1));
    assert!(again.contains("can only be known by its bytes"), "{again}");
    // What was cut is known too, and an addendum is another version.
    let surgery = "organisation:Elm Grove Surgery";
    mdt(&world, &["minutes", "--for", surgery, "-o", &place("cut.md")]).success();
    let cut = fs::read_to_string(place("cut.md")).unwrap();
    fs::write(place("cut-mailed.md"), cut.replace('\n', "\r\n")).unwrap();
    let words = said(mdt(&world, &["minutes", "verify", &place("cut-mailed.md")]).success());
    assert!(words.contains("for Elm Grove Surgery"), "{words}");
    let at = Moment::from_iso("2026-11-27T09:00:00Z").unwrap();
    let change = sealed::addendum(
        &world.reader,
        &world.held(),
        &line("Sam Patel"),
        Note::parse("The carer rang back.").unwrap(),
        at,
        &mut world.mint,
    )
    .unwrap();
    world.commit(&[change]);
    let first = said(mdt(&world, &["minutes", "verify", &place("cut-mailed.md")]).success());
    assert!(first.contains("version 1 of 2"), "{first}");
    let list = said(mdt(&world, &["minutes", "versions"]).success());
    for part in
        ["Minutes of Thu 26-Nov-2026", "version 1  sealed", "version 2  addendum", "minutes (draft), md, for full"]
    {
        assert!(list.contains(part), "{part}: {list}");
    }
}

#[test]
fn each_owner_gets_a_slip_of_their_own() {
    let world = World::new(FileKind::Real);
    let printed = said(mdt(&world, &["slips"]).success());
    let files = names(&world.folder.path().join("exports"));
    assert_eq!(printed.lines().count(), files.len());
    assert_eq!(files.len() % 3, 0, "{files:?}");
    for file in &files {
        assert!(file.starts_with("slip-20") && file[16..].starts_with("owner-"), "{file}");
        assert!(!file.to_lowercase().contains("adeyemi"), "{file}");
    }
    let slip = |ending: &str| {
        let name = files.iter().find(|name| name.ends_with(ending)).unwrap();
        fs::read_to_string(world.folder.path().join("exports").join(name)).unwrap()
    };
    let shah = slip("-owner-priya-shah.txt");
    assert!(shah.contains("Refer to the falls service") && !shah.contains("OT home assessment"), "{shah}");
    let draft = slip("-owner-priya-shah.eml");
    assert!(draft.starts_with("X-Unsent: 1\r\n") && draft.contains("Subject: Elm Grove MDT: your actions"), "{draft}");
    assert!(!draft.split("\r\n\r\n").next().unwrap().contains("ADEYEMI"), "{draft}");
    // They are there: nothing is written over, and nothing half.
    let again = said(mdt(&world, &["slips"]).failure().code(4));
    assert!(again.contains("exists already"), "{again}");
    let one = said(mdt(&world, &["slips", "--for", "owner:shah", "--format", "docx"]).success());
    assert!(one.trim_end().ends_with("-owner-priya-shah.docx"), "{one}");
    let before = world.reader.head().unwrap().seq;
    let shown = said(mdt(&world, &["slips", "--preview"]).success());
    assert!(shown.contains("For: Priya Shah – only their own actions"), "{shown}");
    assert_eq!(world.reader.head().unwrap().seq, before, "a preview sends nothing");
    let none = said(mdt(&world, &["slips", "--for", "numbers"]).failure().code(1));
    assert!(none.contains("A slip is for its owner"), "{none}");
}

#[test]
fn the_papers_of_a_meeting_read_as_they_should() {
    let world = World::new(FileKind::Demo);
    let today = day("2026-11-26");
    let (reader, team, held) = (&world.reader, &world.team, world.held());
    let text = |document: &Document| plain::render(for_the_team(document));
    insta::assert_snapshot!("pack_txt", text(&pack::document_of(reader, team, &held, today).unwrap()));
    insta::assert_snapshot!("summaries_txt", text(&summary::of_meeting(reader, team, &held, today).unwrap()));
    insta::assert_snapshot!("numbers_txt", text(&numbers::of_meeting(reader, team, &held).unwrap()));
    let shah = reader.members(team.id).unwrap().into_iter().find(|it| it.name.as_str() == "Priya Shah").unwrap();
    let filter = ActionFilter { live_only: true, owner: Some(shah.id), ..ActionFilter::default() };
    let rows = actions::rows(reader, team.id, &filter).unwrap();
    insta::assert_snapshot!("slip_txt", text(&slips::document_of(reader, team, &shah, &rows, today)));
}
