//! The caseload and a person's page: keys → screen → file.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails"
)]

mod kit;

use kit::Desk;
use mdt::domain::action::ActionState;
use mdt::domain::band::Band;
use mdt::domain::change::{Record, add, alter};
use mdt::domain::day::Day;
use mdt::domain::id::Mint;
use mdt::domain::meeting::Meeting;
use mdt::domain::member::{Member, Membership};
use mdt::domain::nhs_number::NhsNumber;
use mdt::domain::organisation::{Organisation, OrganisationKind};
use mdt::domain::person::Person;
use mdt::domain::sharing::Sharing;
use mdt::domain::team::Team;
use mdt::domain::text::Line;
use mdt::store::{Deed, FileKind, Store};
use mdt::ui::screens::Screen;

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

/// A team with two members, a practice, a planned meeting and these people.
fn team_with(store: &mut Store, people: impl IntoIterator<Item = (String, String)>) {
    let mut mint = Mint::new(kit::noon(), 1);
    let team = mint.mint();
    let (practice, council) = (mint.mint(), mint.mint());
    let organisation = |name: &str, kind| Organisation { name: line(name), kind, code: None };
    let member = |name: &str, role: &str, organisation| Member {
        team,
        name: line(name),
        role: line(role),
        organisation,
        membership: Membership::Core,
        phone: None,
        email: None,
        left_on: None,
    };
    let base = Team::new(line("Elm Grove MDT"));
    let meeting = Meeting::planned(team, Day::new(2026, 11, 26).unwrap(), base.starts, 120, None);
    let mut changes = vec![
        add(team, base),
        add(practice, organisation("Elm Grove Surgery", OrganisationKind::Practice)),
        add(council, organisation("ZZ Borough Council", OrganisationKind::Council)),
        add(mint.mint(), member("Tolu Bankole", "Care navigator", practice)),
        add(mint.mint(), member("Sunita Desai", "Social worker", council)),
        add(mint.mint(), meeting),
    ];
    for (n, (surname, forename)) in people.into_iter().enumerate() {
        let mut person = Person::new(team, line(&surname), line(&forename));
        person.band = [Some(Band::High), Some(Band::Medium), Some(Band::Low), None][n % 4];
        person.born = Day::new(1940 + i32::try_from(n % 30).unwrap(), 3, 12);
        person.practice = Some(practice);
        changes.push(add(mint.mint(), person));
    }
    store.commit(&kit::stamp(), &Deed::change("Set up"), &changes).unwrap();
}

fn small() -> Desk {
    Desk::with(FileKind::Real, |store| {
        let names = [("Adeyemi", "Jean"), ("Barker", "Tom"), ("Clough", "Ivy"), ("Dunn", "Ada")];
        team_with(store, names.map(|(surname, forename)| (surname.to_owned(), forename.to_owned())));
    })
}

fn person(desk: &Desk, name: &str) -> Record<Person> {
    let reader = &desk.session.reader;
    let team = reader.teams().unwrap()[0].id;
    reader.search_people(team, name, 1).unwrap().remove(0).person
}

#[test]
fn the_table_searches_as_one_types_and_esc_steps_back() {
    let mut desk = kit::demo();
    desk.keys("2").shows("people").shows("by band").shows("row 1 of");
    desk.keys("/ade").shows("2 of").shows("ADEYEMI, Jean").hides("OKONKWO");
    desk.keys("<enter>j").shows("row 2 of 2");
    desk.keys("f<right><enter>").shows("HIGH band").hides("ADEBAYO");
    desk.keys("/zzz").shows("Nobody has that name");
    desk.keys("<esc>").shows("HIGH band");
    desk.keys("<esc>").hides("HIGH band").shows("by band");
    desk.keys("<esc>");
    assert_eq!(desk.session.model.screen, Screen::Home);
}

#[test]
fn a_number_finds_its_person_and_sorting_is_named() {
    let mut desk = kit::demo();
    desk.keys("2/999 000 0034").shows("1 of").shows("NGUYỄN");
    desk.keys("<esc>s").shows("by name").shows("row 1 of");
    desk.keys("G").hides("row 1 of");
    desk.keys("g").shows("row 1 of");
}

#[test]
fn two_thousand_steps_down_are_quick_and_keep_count() {
    let mut desk = Desk::with(FileKind::Real, |store| {
        team_with(store, (0..5_000).map(|n| (format!("Person{n:05}"), "Ann".to_owned())));
    });
    desk.keys("2ss").shows("Caseload · 5,000 people").shows("row 1 of 5,000");
    let mut times = Vec::new();
    for _ in 0..2_000 {
        let begun = std::time::Instant::now();
        desk.keys("j");
        times.push(begun.elapsed());
    }
    desk.shows("row 2,001 of 5,000");
    times.sort();
    assert!(times[1_000].as_micros() < 1_000, "half of the steps take longer than {:?}", times[1_000]);
    desk.keys("G").shows("row 5,000 of 5,000");
    desk.keys("k").shows("row 4,999 of 5,000");
    for _ in 0..300 {
        desk.keys("<pgup>");
    }
    desk.shows("row 1 of 5,000");
    desk.keys("<pgdn><pgdn><pgup><pgup>").shows("row 1 of 5,000");
    desk.keys("/per").shows("first 1,000 – keep typing").shows("row 1 of 1,000");
    desk.keys("<enter>G").shows("row 1,000 of 1,000").keys("g").shows("row 1 of 1,000");
}

#[test]
fn every_step_stands_on_the_next_person() {
    let mut desk = Desk::with(FileKind::Real, |store| {
        team_with(store, (0..200).map(|n| (format!("Person{n:05}"), "Ann".to_owned())));
    });
    desk.keys("2s");
    for n in 0..200 {
        desk.shows(&format!("▸ {}  PERSON{n:05}", ["▲ H ", "◆ M ", "▽ L ", "·   "][n % 4]));
        desk.keys("j");
    }
    for n in (0..199).rev() {
        desk.keys("k");
        desk.shows(&format!(" PERSON{n:05}"));
    }
    desk.shows("row 1 of 200");
}

#[test]
fn the_cursor_stays_on_its_person_when_others_change_the_list() {
    let mut desk = small();
    desk.keys("2sjj").shows("▸ ▽ L   CLOUGH, Ivy").shows("row 3 of 4");
    let (mut store, reader) = desk.second_session();
    let team = reader.teams().unwrap()[0].id;
    let mut mint = Mint::new(kit::noon(), 5_000);
    let new = Person::new(team, line("Aaron"), line("Zoe"));
    store.commit(&kit::stamp(), &Deed::change("Add person"), &[add(mint.mint(), new)]).unwrap();
    desk.session.take(mdt::ui::msg::Msg::Foreign);
    desk.shows("▸ ▽ L   CLOUGH, Ivy").shows("row 4 of 5");
    let clough = person(&desk, "clough");
    let gone = alter(&clough, |it| it.standing = mdt::domain::person::Standing::Moved);
    store.commit(&kit::stamp(), &Deed::change("Change standing"), &[gone]).unwrap();
    desk.session.take(mdt::ui::msg::Msg::Foreign);
    desk.shows("DUNN, Ada").hides("CLOUGH").shows("row 4 of 4");
}

#[test]
fn a_new_person_is_checked_before_they_are_added() {
    let mut desk = small();
    desk.keys("2nSmith<tab>Ann<tab><tab>12/03/1950<tab>999 000 0019<enter>").shows("check digit");
    desk.keys("<backspace>8<enter>").shows("SMITH, Ann is on the caseload.").shows("▸ ·     SMITH, Ann");
    assert_eq!(person(&desk, "smith").nhs_number, NhsNumber::parse("9990000018").ok());
    desk.keys("nJones<tab>Bea<tab><tab><tab>9990000018<enter>").shows("SMITH, Ann has this number already");
    desk.keys("<esc><enter>").hides("Bea");
    desk.keys("nsmith<tab>ANN<tab><tab>12/03/1950<enter>").shows("has the same name");
    desk.keys("<enter>").shows("has the same name");
    desk.keys("<right><enter>").shows("is on the caseload").shows("Caseload · 6 people");
    desk.keys("nNew<tab>Born<tab><tab>12/03/2050<enter>").shows("has not come yet");
}

#[test]
fn somebody_goes_on_the_next_agenda_once() {
    let mut desk = small();
    desk.keys("2oDr Rao<tab><tab><tab>falls<tab>Safe at night?<f2>").shows("nominated");
    desk.keys("a").shows("Put on the agenda?").shows("nomination that waits");
    desk.keys("<enter>").shows("is on the agenda of Thu 26-Nov");
    let reader = &desk.session.reader;
    let meeting = reader.next_meeting(desk.session.model.team.id, desk.session.model.now.today).unwrap().unwrap();
    let items = reader.agenda(meeting.id).unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].minutes, 8);
    assert!(items[0].question.is_some() && items[0].nomination.is_some());
    desk.keys("a").shows("on this agenda already");
    desk.keys("u<enter>").shows("Undone");
    assert!(desk.session.reader.agenda(meeting.id).unwrap().is_empty());
}

#[test]
fn the_page_says_everything_in_its_order() {
    let mut desk = kit::demo();
    desk.resize(80, 200).keys("2/adeyemi<enter><enter>");
    let screen = desk.screen();
    let order = [
        "ADEYEMI, Jean (Jeannie)",
        "999 000 0018",
        "HOME",
        "BAND",
        "climbed from MEDIUM to HIGH",
        "SHARING",
        "FLAGS",
        "SAFEGUARDING OPEN",
        "WHAT MATTERS",
        "GOALS",
        "STRENGTHS",
        "NEEDS",
        "CONTINGENCY",
        "KEY WORKER",
        "! none · w names one",
        "CARERS",
        "HOUSEHOLD",
        "ACTIONS",
        "! OVERDUE 10 d",
        "NOMINATIONS",
        "DISCUSSIONS",
        "Thu 12-Nov-2026",
    ];
    let mut from = 0;
    for text in order {
        let at = screen[from..].find(text).unwrap_or_else(|| panic!("no “{text}” after {from}:\n{screen}"));
        from += at;
    }
    desk.keys("x")
        .hides("ADEYEMI")
        .hides("999 000")
        .hides("Orchard Way, Elm")
        .hides("Ruth")
        .hides("Jean")
        .shows("J.A.");
}

/// The page of the first person of the small team.
fn page() -> Desk {
    let mut desk = small();
    desk.resize(80, 60).keys("2<enter>").shows("ADEYEMI, Jean");
    desk
}

/// Moves the cursor to the part whose first line shows this.
fn to(desk: &mut Desk, text: &str) {
    desk.keys("g");
    for _ in 0..40 {
        let screen = desk.screen();
        if screen.lines().any(|row| row.contains('▸') && row.contains(text)) {
            return;
        }
        desk.keys("j");
    }
    panic!("no part shows “{text}”:\n{}", desk.screen());
}

#[test]
fn the_key_worker_is_handed_over_and_taken_back() {
    let mut desk = page();
    desk.keys("wSun<enter>").shows("key worker is Sunita Desai");
    desk.keys("w<enter>").shows("key worker already");
    desk.keys("<esc>wTolu<enter>").shows("Tolu Bankole · Elm Grove Surgery").shows("handed over");
    desk.keys("u<enter>").shows("Sunita Desai · ZZ Borough Council").hides("handed over");
    desk.keys("<esc>").shows("S. Desai");
}

#[test]
fn a_band_set_by_hand_needs_its_reason() {
    let mut desk = page();
    desk.keys("b<enter>").shows("The band is HIGH already");
    desk.keys("<right><enter>").shows("needs its reason");
    desk.keys("Home again, well<f2>").shows("◆ MEDIUM").shows("fell from HIGH to MEDIUM").shows("set by Tolu Bankole");
    let jean = person(&desk, "adeyemi");
    let history = desk.session.reader.band_history(jean.id).unwrap();
    assert_eq!(jean.band, Some(Band::Medium));
    assert!(history[0].overridden && history[0].reason.is_some());
    assert_eq!(history[0].before, Some(Band::High));
}

#[test]
fn sharing_and_objections() {
    let mut desk = page();
    desk.keys("soverride<enter>").shows("An override needs its reason");
    desk.keys("<esc><enter>sinformed<enter>").shows("informed, no objection");
    assert_eq!(person(&desk, "adeyemi").sharing_by, Some(line("Tolu Bankole")));
    to(&mut desk, "SHARING");
    desk.keys("a<enter>").shows("Choose one");
    desk.keys("ZZ<enter>").shows("! OBJECTS to ZZ Borough Council").shows("! objected to named organisations");
    assert_eq!(person(&desk, "adeyemi").sharing, Sharing::ObjectedToSome);
    desk.keys("aZZ<enter>").shows("stands already").keys("<esc><enter>");
    to(&mut desk, "OBJECTS");
    desk.keys("<enter><tab><tab><tab>26/11/2026<enter>").shows("lifted 26-Nov-2026").hides("! OBJECTS");
}

#[test]
fn goals_plan_carers_and_household() {
    let mut desk = page();
    to(&mut desk, "no goals yet");
    desk.keys("<enter>I want to sing<f2>").shows("○ I want to sing").shows("not started");
    to(&mut desk, "I want to sing");
    desk.keys("<enter><tab>some<f2>").shows("some progress");
    to(&mut desk, "WHAT MATTERS");
    desk.keys("<enter>My cat<f2>").shows("My cat");
    to(&mut desk, "CONTINGENCY");
    desk.keys("<enter>a fall<tab>ring first<tab>Ruth<f2>")
        .shows("when a fall")
        .shows("→ then ring first")
        .shows("→ ring Ruth");
    to(&mut desk, "REVIEW");
    desk.keys("<enter><tab><tab>+2w<enter>").shows("10-Dec-2026");
    to(&mut desk, "CARERS");
    desk.keys("<enter>Ruth<tab>01632 960202<tab>daughter<tab><tab>offered<enter>")
        .shows("Ruth · daughter · tel 01632 960202");
    desk.shows("assessment offered 26-Nov-2026");
    to(&mut desk, "HOUSEHOLD");
    desk.keys("<enter><tab>4 Mill Lane<enter>").shows("4 Mill Lane").shows("nobody else yet");
    desk.keys("<esc>j<enter>").shows("BARKER, Tom");
    to(&mut desk, "HOUSEHOLD");
    desk.keys("<enter>4 m<enter>").shows("with · ADEYEMI, Jean");
}

#[test]
fn an_action_is_added_and_closed_by_one_card() {
    let mut desk = page();
    to(&mut desk, "ACTIONS");
    desk.keys("aRing the daughter<tab>Sun<tab><enter>").shows("○ Ring the daughter").shows("due 10-Dec-2026");
    to(&mut desk, "Ring the daughter");
    desk.keys("d<right><enter>").shows("Choose why it was not done");
    desk.keys("declined<enter>").shows("not done 26-Nov-2026, person declined");
    let jean = person(&desk, "adeyemi");
    let action = desk.session.reader.actions_of(jean.id).unwrap().remove(0);
    assert!(matches!(action.state, ActionState::NotDone { .. }));
    desk.keys("d").shows("closed already").keys("<enter>").shows("This action is closed");
    desk.keys("u<enter>").shows("○ Ring the daughter");
    desk.keys("<enter><backspace>!<enter>").shows("Ring the daughte!");
}

#[test]
fn who_leaves_the_caseload_keeps_the_record() {
    let mut desk = page();
    desk.keys("wSun<enter>:on or off<enter>died<enter>").shows("! DIED 26-Nov-2026").shows("off the caseload");
    desk.keys("<esc>").hides("ADEYEMI").shows("Caseload · 3 people");
    desk.keys("f<tab><tab><tab><tab><tab><right><enter>").shows("not active").shows("ADEYEMI, Jean · died");
    desk.keys("/adeyemi<enter><enter>:on or off<enter>active<enter>").hides("! DIED").shows("! none · w names one");
}

#[test]
fn an_edit_that_meets_an_edit_is_shown_and_can_be_saved_over() {
    let mut desk = page();
    to(&mut desk, "HOME");
    desk.keys("<enter><tab>Dr Mine");
    let (mut store, _reader) = desk.second_session();
    let jean = person(&desk, "adeyemi");
    let theirs = alter(&jean, |it| {
        it.named_gp = Line::parse("Dr Theirs").ok();
        it.council = Line::parse("ZZ County").ok();
    });
    store.commit(&kit::stamp(), &Deed::change("Edit home"), &[theirs]).unwrap();
    desk.keys("<enter>").shows("Two edits met").keys("jj<enter>").shows("named GP Dr Mine").shows("council ZZ County");
}

#[test]
fn no_size_is_refused() {
    let mut desk = Desk::with(FileKind::Real, |store| {
        let long = "Venkatasubramanian-Krishnamoorthy-Anantharajan-Subrahmanyan-Iyer".to_owned();
        team_with(store, [(long, "Lakshminarayana 日本語".to_owned()), ("Ng".to_owned(), "A".to_owned())]);
    });
    let mut demo = kit::demo();
    demo.keys("2/adeyemi<enter><enter>jjjj");
    for masked in [false, true] {
        for columns in (1..=130).step_by(13).chain([2, 3, 59, 60, 110]) {
            for rows in (1..=45).step_by(7).chain([2, 3, 4]) {
                demo.resize(columns, rows).keys("jk").screen();
                for script in ["2", "/v", "<esc>", "<enter>", "jjj", "b", "<esc>", "<esc>"] {
                    desk.resize(columns, rows).keys(script).screen();
                }
            }
        }
        if !masked {
            desk.keys("x");
            demo.keys("x");
        }
    }
    desk.keys("x").resize(50, 20).keys("2").screen();
    let letters: String = desk.screen().chars().filter(|c| c.is_alphabetic() || *c == '-').collect();
    assert!(letters.contains("VENKATASUBRAMANIAN-KRISHNAMOORTHY-ANANTHARAJAN-SUBRAHMANYAN-IYER"), "{}", desk.screen());
}

#[test]
fn filters_name_themselves_and_keep_their_word() {
    let mut desk = kit::demo();
    desk.resize(200, 80).keys("2f<tab><tab><right><enter>").shows("no key worker");
    let rows =
        |screen: &str| screen.lines().filter(|row| row.contains(" 999 0")).map(str::to_owned).collect::<Vec<_>>();
    let alone = rows(&desk.screen());
    assert!(alone.len() > 3 && alone.iter().all(|row| row.contains("none")), "{alone:?}");
    desk.keys("<esc>f<tab><tab><tab><tab><right><enter>").shows("overdue actions");
    let late = rows(&desk.screen());
    assert!(!late.is_empty() && late.iter().all(|row| row.contains("overdue")), "{late:?}");
    desk.keys("<esc>f<tab><tab><tab><right><enter>").shows("review due");
    let due = rows(&desk.screen());
    assert!(!due.is_empty() && due.iter().all(|row| row.contains(" ! ")), "{due:?}");
    desk.keys("<esc>f<tab>wharf<enter>").shows("Wharfside Medical Centre");
    assert!(rows(&desk.screen()).iter().all(|row| row.contains("Wharfside")));
}

#[test]
fn a_part_taller_than_the_screen_is_read_through() {
    let mut desk = page();
    to(&mut desk, "STRENGTHS");
    let text: String = (0..80).map(|n| format!("line {n}\n")).collect();
    desk.keys("<enter>");
    desk.session.take(mdt::ui::msg::Msg::Paste(text));
    desk.keys("<f2>").resize(80, 24).shows("line 0").hides("line 79");
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let screen = desk.screen();
        seen.extend((0..80).filter(|n| screen.lines().any(|row| row.trim_end().ends_with(&format!("line {n}")))));
        desk.keys("j");
    }
    assert_eq!(seen.len(), 80);
    desk.shows("! none · w names one");
}

#[test]
fn sections_are_a_tab_away_and_who_objects_is_not_put_on_an_agenda() {
    let mut desk = page();
    desk.keys("<tab>")
        .shows("▸ HOME")
        .keys("<tab>")
        .shows("▸ BAND")
        .keys("<backtab><backtab><backtab>")
        .shows("▸ DISCUSSIONS");
    desk.keys("sobjected to all<enter>").shows("! OBJECTED to all sharing");
    desk.keys("m").shows("object to being discussed").hides("Put on the agenda?");
}

#[test]
fn half_typed_text_of_a_card_survives_a_crash() {
    let mut desk = page();
    desk.keys("oDr Rao<tab><tab><tab>falls<tab>Safe at ni");
    desk.session.keep_draft();
    let mut desk = desk.restart();
    desk.keys("2<enter>o")
        .shows("is back")
        .shows("Safe at ni")
        .keys("<tab><tab><tab><tab>ght?<f2>")
        .shows("Safe at night?");
    assert!(desk.session.reader.drafts().unwrap().is_empty());
    desk.keys("o").hides("is back");
}
