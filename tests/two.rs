//! Two programs on one file: who is there, which card is open where, whose screen leads the meeting – and nothing anybody wrote
//! is lost without a word.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use kit::seats::Bench;
use kit::{seed, times};
use mdt::domain::change::{Record, alter};
use mdt::domain::discussion::Discussion;
use mdt::domain::meeting::Meeting;
use mdt::domain::text::{Line, Note};
use mdt::store::log::StepKind;
use mdt::store::session::Program;
use mdt::store::{Deed, Reader};

/// Two at one file: Tolu Bankole and Priya Shah.
fn two() -> (Bench, Bench) {
    let mut one = Bench::demo();
    one.session().begin_work();
    let other = one.beside("Priya Shah");
    one.look();
    (one, other)
}

/// The first opens the meeting and comes to its first person; the other comes along.
fn in_the_meeting() -> (Bench, Bench) {
    let (mut one, mut other) = two();
    one.keys("4n<enter><enter><enter><enter><enter>nn").shows("ADEYEMI, Jean (Jeannie)");
    other.look().keys("4").shows("ADEYEMI, Jean (Jeannie)");
    (one, other)
}

fn meeting(reader: &Reader) -> Record<Meeting> {
    reader.live_meeting(reader.teams().unwrap().remove(0).id).unwrap().unwrap()
}

fn discussion(reader: &Reader, nth: usize) -> Option<Record<Discussion>> {
    let items = reader.agenda(meeting(reader).id).unwrap();
    reader.discussion(items[nth].id).unwrap()
}

fn leads(bench: &mut Bench) -> usize {
    let steps = bench.session().reader.steps(10_000).unwrap();
    steps.iter().filter(|step| step.kind == StepKind::Lead).count()
}

/// A program that does not run: each way in which one can be gone.
fn gone() -> Vec<Program> {
    let here = Program::this();
    let mut child = std::process::Command::new("true").spawn().unwrap();
    let dead = i64::from(child.id());
    child.wait().unwrap();
    let mut gone = vec![Program { pid: dead, ..here.clone() }, Program { pid: 0, ..here.clone() }];
    if cfg!(target_os = "linux") {
        gone.push(Program { boot: "another start of the machine".to_owned(), ..here.clone() });
        // The number came again.
        gone.push(Program { started: "1".to_owned(), ..here });
    }
    gone
}

#[test]
fn each_is_told_who_else_is_at_work_and_what_they_have_open() {
    let (mut one, mut other) = two();
    one.shows("1 other: Priya Shah (since 12:55)");
    other.shows("1 other: Tolu Bankole (since 12:55)");
    other.keys("2/adeyemi<enter><enter>w");
    one.look().shows("1 other: Priya Shah (in a record since 12:55)").keys("2").shows("1 other here");
    other.keys("<esc>:i am<enter>pat hollis<enter>").shows("You are Pat Hollis");
    one.keys("1").look().shows("1 other: Pat Hollis (since 12:55)");
    let third = one.beside("Bethan Rees");
    one.look().shows("2 others: Bethan Rees (since 12:55), Pat Hollis (since 12:55)");
    third.seat.close().unwrap();
    other.seat.close().unwrap();
    one.look().hides("other:").hides("others:");
    // That a file was opened is in the log, and undo passes over it.
    let steps = one.session().reader.steps(10).unwrap();
    assert_eq!(steps.iter().filter(|step| step.kind == StepKind::Open).count(), 3);
    assert!(one.session().reader.to_undo("Priya Shah").unwrap().is_none());
}

/// Both name a key worker for the same person: each side is shown, with who wrote theirs and when, and one of them is taken.
#[test]
fn two_who_name_a_key_worker_each_see_both_names_and_who_and_when() {
    let current = |bench: &mut Bench, surname: &str| {
        let reader = &bench.session().reader;
        let team = reader.teams().unwrap().remove(0).id;
        let person = reader.search_people(team, surname, 1).unwrap().remove(0).person.id;
        let name = |id| reader.get::<mdt::domain::member::Member>(id).unwrap().unwrap().name.to_string();
        let worker = reader.key_worker(person).unwrap().map(|it| name(it.member));
        (worker, reader.key_workers(person).unwrap().len())
    };
    // The first has none yet, the second has one who is to hand over.
    let (mut had_none, mut had_one) = (false, false);
    for (surname, save_mine, size) in [
        ("adeyemi", true, (110, 32)),
        ("adeyemi", false, (60, 20)),
        ("okonkwo", true, (60, 20)),
        ("okonkwo", false, (80, 24)),
    ] {
        let (mut one, mut other) = two();
        one.resize(size.0, size.1);
        let (before, periods) = current(&mut one, surname);
        had_none |= before.is_none();
        had_one |= before.is_some();
        let open = format!("2/{surname}<enter><enter>w");
        one.keys(&open).keys("pat").shows("Pat Hollis");
        other.keys(&open).keys("robe").shows("Robert Lim").keys("<enter>");
        assert_eq!(current(&mut other, surname).0.as_deref(), Some("Robert Lim"));
        one.keys("<enter>").shows("Two edits met").shows("Priya Shah named a key worker for them");
        one.shows("26-Nov-2026 12:55").shows("yours  Pat Hollis").shows("theirs  Robert Lim");
        one.shows(&format!("before  {}", before.as_deref().unwrap_or("—")));
        one.shows("Keep theirs").shows("Save mine over theirs");
        one.keys(if save_mine { "jj<enter>" } else { "j<enter>" });
        let (now, after) = current(&mut one, surname);
        assert_eq!(now.as_deref(), Some(if save_mine { "Pat Hollis" } else { "Robert Lim" }));
        assert_eq!(after, periods + 1 + usize::from(save_mine), "nothing of what either named is lost");
    }
    assert!(had_none && had_one);
}

#[test]
fn whoever_is_gone_is_swept_away_and_what_they_left_half_typed_is_offered() {
    for program in gone() {
        let (mut one, mut other) = two();
        one.keys("4n<enter><enter><enter><enter><enter>nn");
        other.look().keys("4").keys("sWrites and is killed");
        other.session().keep_draft();
        let number = other.session().number();
        // It runs: what it has half-typed is nobody else's.
        assert!(one.look().session().reader.drafts().unwrap().is_empty());
        let raw = rusqlite::Connection::open(&one.path).unwrap();
        let moved = raw
            .execute(
                "UPDATE session SET boot = ?2, pid = ?3, started = ?4 WHERE id = ?1",
                rusqlite::params![number, program.boot, program.pid, program.started],
            )
            .unwrap();
        assert_eq!(moved, 1);
        drop(other);
        one.look().keys("1").hides("Priya Shah");
        let left: i64 = raw.query_row("SELECT count(*) FROM session", [], |row| row.get(0)).unwrap();
        assert_eq!(left, 1, "{program:?} was not swept away");
        one.keys("4s").shows("Writes and is killed").shows("What you had typed here is back.");
        one.keys("<f2>").shows("Saved.");
        assert!(one.session().reader.drafts().unwrap().is_empty());
    }
}

#[test]
fn a_card_somebody_else_has_open_says_so_once_and_goes_on() {
    let (mut one, mut other) = two();
    for bench in [&mut one, &mut other] {
        bench.keys("2/adeyemi<enter><enter>");
    }
    one.keys("<enter>").shows("Surname").hides("has this open");
    other.keys("<enter>").shows("Tolu Bankole has this open since 12:55 – you may go on");
    other.keys("x").hides("has this open").keys("<esc><enter>");
    // It rests: two minutes without a key.
    one.seconds(60);
    other.seconds(121).look().keys("<enter>").hides("has this open").keys("<esc>");
    one.keys("y");
    one.session().keep_draft();
    other.look().keys("<enter>").shows("Tolu Bankole has this open since 12:55").keys("<esc>");
    // It is closed, and another card is another card.
    one.keys("<esc><enter>");
    other.look().keys("<enter>").shows("Surname").hides("has this open").keys("<esc>");
    one.keys("w");
    other.look().keys("<enter>").hides("has this open");
    // A locked screen has nothing open.
    other.keys("<esc>");
    one.keys("<esc><enter>").keys("<ctrl-l>");
    other.look().keys("<enter>").hides("has this open");
}

#[test]
fn what_two_have_half_typed_under_one_heading_is_kept_for_each() {
    let (mut one, mut other) = in_the_meeting();
    one.keys("eTolu's words");
    one.session().keep_draft();
    other.look().keys("e").shows("Tolu Bankole has this open").hides("Tolu's words");
    other.keys("Priya's words");
    other.session().keep_draft();
    // Each has a lock, and each has their own words back.
    for (bench, mine, theirs) in
        [(&mut one, "Tolu's words", "Priya's words"), (&mut other, "Priya's words", "Tolu's words")]
    {
        bench.keys("<ctrl-l>").shows("MDT – locked").keys("<enter>").shows(mine).hides(theirs);
    }
    one.keys("<f2>").shows("Saved.");
    other
        .look()
        .shows("Priya's words")
        .keys("<f2>")
        .shows("Two edits met")
        .shows("Tolu's words")
        .shows("Priya's words");
}

/// Going back to look again is no choice: the words of the other are shown again before anything goes over them.
#[test]
fn whoever_goes_back_to_their_text_is_asked_again_before_it_goes_over_anothers() {
    for (key, heading) in [("e", 1), ("s", 2)] {
        for back in ["<enter>", "<esc>"] {
            for choice in ["j<enter>", "jj<enter>", "jjj<enter>"] {
                let (mut one, mut other) = in_the_meeting();
                one.keys(key).keys(" Tolu's words");
                other.look().keys(key).keys(" Priya's words<f2>").shows("Saved.");
                one.look().keys("<f2>").shows("Two edits met").shows("Priya's words").keys(back).shows("Tolu's words");
                one.keys(" and more<f2>").hides("✓ Saved.").shows("Two edits met").shows("Priya's words");
                assert!(words_under(&one.session().reader, heading).contains("Priya's words"));
                one.keys(choice);
                let kept = words_under(&one.session().reader, heading);
                assert_eq!(kept.contains("Priya's words"), choice != "jj<enter>", "{kept}");
                assert_eq!(kept.contains("Tolu's words and more"), choice != "j<enter>", "{kept}");
                // Above the text that is theirs by now, the other's own “Saved.” does not stand by itself.
                if choice != "j<enter>" {
                    other.look().shows("somebody else has changed this file").shows("Tolu's words and more");
                }
            }
        }
    }
}

/// What came in while the card was up was not shown: it is not gone over either.
#[test]
fn a_text_that_came_while_the_card_was_open_is_shown_before_anything_goes_over_it() {
    let (mut one, mut other) = in_the_meeting();
    one.keys("e Tolu's words");
    other.look().keys("e Priya's words<f2>").shows("Saved.");
    one.keys("<f2>").shows("Two edits met").shows("Priya's words");
    other.keys("e, then others<f2>").shows("Saved.");
    one.look().keys("jj<enter>").shows("Two edits met").shows("then others").hides("✓ Saved.");
    assert!(words_under(&one.session().reader, 1).contains("then others"));
    one.keys("jj<enter>").shows("Saved.");
    assert!(words_under(&one.session().reader, 1).contains("Tolu's words"));
}

#[test]
fn one_screen_leads_and_the_others_follow() {
    let (mut one, mut other) = in_the_meeting();
    assert_eq!(leads(&mut one), 0, "nobody took anything over");
    one.keys("o2<enter>").look();
    let here = meeting(&one.session().reader).here;
    other.look().hides("ADEYEMI, Jean (Jeannie)");
    // A follower who moves the meeting is asked; Esc moves nothing.
    other.keys("p").shows("Tolu Bankole’s screen leads this meeting").shows("Take over?").keys("<esc>");
    assert_eq!(meeting(&one.session().reader).here, here);
    // On a narrow screen too, a follower is told that it follows, and the other that somebody is here.
    other.resize(80, 24).shows("following").resize(110, 32);
    one.resize(80, 24).look().shows("1 other here").resize(110, 32);
    other.keys("p").keys("<enter>").hides("Take over?").hides("following");
    one.look()
        .shows("Priya Shah has taken over the meeting: this screen follows theirs from now on.")
        .shows("following");
    assert_ne!(meeting(&one.session().reader).here, here);
    assert_eq!(leads(&mut one), 1);
    // From now on the first is the one who is asked, and the second is not.
    other.keys("o2<enter>").hides("leads this meeting");
    one.look().keys("p").shows("Priya Shah’s screen leads this meeting").keys("<esc>");
    // Everybody records.
    one.keys("aRing the warden @pri +2w<enter>").shows("Added for Priya");
    // One who is gone leads nothing: nobody is asked.
    let number = other.session().number();
    let raw = rusqlite::Connection::open(&one.path).unwrap();
    raw.execute("UPDATE session SET pid = 0 WHERE id = ?1", [number]).unwrap();
    one.look().keys("p").hides("leads this meeting");
    assert_eq!(leads(&mut one), 1);
    assert!(one.session().reader.verify_chain().unwrap().is_ok());
}

#[test]
fn closing_the_meeting_and_leaving_a_person_are_asked_about_too() {
    let (_one, mut other) = in_the_meeting();
    other.keys("c<enter>").shows("leads this meeting").keys("<esc><esc>");
    assert!(meeting(&other.session().reader).here.is_some());
    // A card that moves the meeting stays open under the question, and is saved by it.
    other.keys("fno time today<enter>").shows("leads this meeting").keys("<enter>").hides("leads this meeting");
    let items = {
        let reader = &other.session().reader;
        reader.agenda(meeting(reader).id).unwrap()
    };
    assert_eq!(items[0].outcome, mdt::domain::agenda::Outcome::Deferred);
}

#[test]
fn the_meeting_goes_on_but_never_under_half_typed_text_or_an_open_card() {
    let (mut one, mut other) = in_the_meeting();
    other.keys("eMrs Adeyemi fell");
    one.keys("o2<enter>").look();
    other.look().shows("The meeting has gone on to the next item; your text is still for ADEYEMI, J.");
    other.shows("Mrs Adeyemi fell").shows("ADEYEMI, Jean").keys("<f2>").shows("Saved.");
    let reader = &one.session().reader;
    assert_eq!(discussion(reader, 0).unwrap().update.as_ref().unwrap().as_str(), "Mrs Adeyemi fell");
    let here = meeting(reader).here.unwrap();
    assert!(reader.discussion(here).unwrap().is_none(), "words about one person were saved to another");
    // Saved, it comes along.
    other.look().hides("ADEYEMI, Jean (Jeannie)");
    let before = other.screen();
    other.keys("d").shows("Decision");
    one.keys("p").look();
    other.look().shows("what you have open is still for").shows("Decision").keys("<enter>");
    let decided = {
        let reader = &one.session().reader;
        reader.discussion(here).unwrap()
    };
    assert!(decided.is_some(), "the decision went to somebody else than the card showed:\n{before}");
}

/// A small generator of its own, so that a run can be met again by its seed.
struct Dice(u64);

impl Dice {
    fn upto(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// What somebody else writes is on the screen at the next look, wherever it is shown.
#[test]
fn every_remote_edit_is_seen_at_the_next_look() {
    let seed = seed();
    println!("MDT_SEED={seed}");
    let mut dice = Dice(seed);
    let (mut one, other) = in_the_meeting();
    let (mut store, reader) = other.file(None);
    let team = reader.teams().unwrap().remove(0).id;
    let number = mdt::domain::nhs_number::NhsNumber::parse("999 000 0018").unwrap();
    for n in 0..times(60, 1_000) {
        let token = format!("T{n}x");
        let (keys, change) = match dice.upto(3) {
            0 => {
                let item = reader.agenda(meeting(&reader).id).unwrap().remove(0);
                let said = Note::parse(&token).unwrap();
                let change = match reader.discussion(item.id).unwrap() {
                    Some(seen) => alter(&seen, |it| it.update = Some(said)),
                    None => {
                        let mut new = Discussion::new(item.meeting, item.id, item.person.unwrap());
                        new.update = Some(said);
                        mdt::domain::change::add(one.session().model.mint.mint(), new)
                    }
                };
                ("4", change)
            }
            1 => {
                let person = reader.person_by_number(team, number).unwrap().unwrap();
                ("2/adeyemi<enter><enter>", alter(&person, |it| it.phone = Line::parse(&token).ok()))
            }
            _ => {
                let member = reader.members(team).unwrap().remove(0);
                ("8", alter(&member, |it| it.role = Line::parse(&token).unwrap()))
            }
        };
        // Sometimes the room was open before, sometimes it is opened after: by then the file was looked at.
        if dice.upto(2) == 0 {
            one.keys("2<esc>1").keys(keys);
            store.commit(&kit::stamp(), &Deed::change("Edit"), &[change]).unwrap();
            one.look();
        } else {
            store.commit(&kit::stamp(), &Deed::change("Edit"), &[change]).unwrap();
            one.look().keys("2<esc>1").keys(keys);
        }
        let seen = one.screen().contains(&token);
        assert!(seen, "seed {seed}, edit {n} behind {keys}:\n{}", one.screen());
    }
}

/// The headings two write under, by key.
type Heading = fn(&Discussion) -> &Option<Note>;

const HEADINGS: [(&str, Heading); 3] = [("i", |it| &it.situation), ("e", |it| &it.update), ("s", |it| &it.next_steps)];

fn words_under(reader: &Reader, heading: usize) -> String {
    discussion(reader, 0).and_then(|it| HEADINGS[heading].1(&it).clone()).map(|it| it.to_string()).unwrap_or_default()
}

/// Two write under the same three headings as chance has it. What was said to be saved is there – or somebody who was shown both
/// decided against it. Saving without comparing, as the control does, loses words in the same scripts.
#[test]
fn nothing_said_to_be_saved_is_lost_without_somebody_deciding_so() {
    let seed = seed();
    println!("MDT_SEED={seed}");
    let mut dice = Dice(seed);
    let (mut met, mut control_lost) = (0, 0);
    for script in 0..times(12, 200) {
        let (mut one, mut other) = in_the_meeting();
        let mut kept: [Vec<String>; 3] = Default::default();
        // The control: what each screen showed when it began to write, saved over whatever is there.
        let mut naive: [String; 3] = Default::default();
        let mut open: [Option<(usize, String, String)>; 2] = [None, None];
        for step in 0..14 {
            let who = dice.upto(2);
            let bench = if who == 0 { &mut one } else { &mut other };
            let look = dice.upto(3) == 0;
            match open[who].take() {
                None => {
                    if look {
                        bench.look();
                    }
                    let heading = dice.upto(3);
                    let token = format!("<{script}.{step}>");
                    bench.keys(HEADINGS[heading].0);
                    bench.seat.take(mdt::ui::msg::Msg::Paste(format!(" {token}")));
                    open[who] = Some((heading, token.clone(), format!("{} {token}", naive[heading])));
                }
                Some((heading, token, control)) => {
                    if look {
                        bench.look();
                    }
                    naive[heading] = control;
                    bench.keys("<f2>");
                    if bench.screen().contains("Two edits met") {
                        met += 1;
                        let theirs = words_under(&bench.session().reader, heading);
                        let all_shown = kept[heading]
                            .iter()
                            .filter(|it| theirs.contains(*it))
                            .all(|it| bench.words().contains(it.as_str()));
                        assert!(all_shown, "seed {seed}: decided without seeing theirs:\n{}", bench.screen());
                        match dice.upto(2) {
                            // Theirs is kept.
                            0 => drop(bench.keys("j<enter>")),
                            _ => {
                                bench.keys("jj<enter>").shows("Saved.");
                                let mine = words_under(&bench.session().reader, heading);
                                kept[heading].retain(|it| mine.contains(it.as_str()));
                                kept[heading].push(token);
                            }
                        }
                    } else {
                        bench.shows("Saved.");
                        kept[heading].push(token);
                    }
                }
            }
        }
        let reader = &one.session().reader;
        for (heading, kept) in kept.iter().enumerate() {
            let there = words_under(reader, heading);
            for token in kept {
                assert!(
                    there.contains(token.as_str()),
                    "seed {seed}, script {script}: {token} was lost; “{there}” is left"
                );
                control_lost += usize::from(!naive[heading].contains(token.as_str()));
            }
        }
        assert!(reader.verify_chain().unwrap().is_ok());
    }
    assert!(met > 5, "seed {seed}: edits met only {met} times; the scripts are too tame");
    assert!(control_lost > 0, "seed {seed}: the control lost nothing; the test is blind");
    println!("edits met {met} times; saving without comparing would have lost {control_lost}");
}

#[test]
fn a_screen_that_cannot_read_any_more_says_so_and_writes_nothing_until_it_can() {
    let (mut one, mut other) = in_the_meeting();
    let raw = rusqlite::Connection::open(&one.path).unwrap();
    let steps: i64 = raw.query_row("SELECT count(*) FROM step", [], |row| row.get(0)).unwrap();
    // What the screen reads is not there; what others write still comes.
    raw.execute_batch("PRAGMA legacy_alter_table = ON; ALTER TABLE objection RENAME TO away").unwrap();
    raw.execute_batch("UPDATE meeting SET break_offered = 1; INSERT INTO setting VALUES ('a', 'b')").unwrap();
    one.session().model.seen_step -= 1;
    one.look().shows("This screen may be old:").shows("nothing is saved from here");
    one.keys("eWritten on an old screen").keys("<f2>").shows("This screen may be old");
    let after: i64 = raw.query_row("SELECT count(*) FROM step", [], |row| row.get(0)).unwrap();
    assert_eq!(after, steps, "something was written from a screen that may be old");
    assert_eq!(
        one.seat.wait(),
        Some(std::time::Duration::from_secs(1)),
        "a live meeting ticks, and it looks again soon"
    );
    raw.execute_batch("ALTER TABLE away RENAME TO objection").unwrap();
    one.look().shows("shows again what the file holds").shows("Written on an old screen");
    one.keys("<f2>").shows("Saved.");
    other.look().shows("Written on an old screen");
}

#[test]
fn nobody_polls_alone() {
    use std::time::Duration;
    let mut one = Bench::demo();
    one.session().begin_work();
    one.look();
    assert_eq!(one.seat.wait(), Some(Duration::from_secs(180)), "alone it sleeps until the countdown");
    let other = one.beside("Priya Shah");
    one.look();
    assert_eq!(one.seat.wait(), Some(Duration::from_secs(2)), "with others it asks, should the system not tell");
    other.seat.close().unwrap();
    one.look();
    assert_eq!(one.seat.wait(), Some(Duration::from_secs(180)));
    one.session().unwatched = true;
    assert_eq!(one.seat.wait(), Some(Duration::from_secs(2)), "and where nothing can tell");
}
