//! What a recipient may see. A thousand random teams, in each of which every word about a person is unlike every word about
//! anybody else: what an organisation, an owner, a stranger and a sponsor are given is searched for words they must not have.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "the helpers of tests fail as tests do"
)]

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use mdt::clock::Clock;
use mdt::domain::action::{Action, ActionState};
use mdt::domain::agenda::{AgendaItem, Outcome};
use mdt::domain::change::{Change, Mint, Record, RecordId as _, add, alter};
use mdt::domain::day::{Day, Moment, TimeOfDay};
use mdt::domain::discussion::{Decision, Discussion};
use mdt::domain::household::Household;
use mdt::domain::id::{HouseholdId, MeetingId, MemberId, OrganisationId, PersonId, TeamId};
use mdt::domain::key_worker::KeyWorker;
use mdt::domain::meeting::{Meeting, Stage};
use mdt::domain::member::{Member, Membership};
use mdt::domain::nhs_number::NhsNumber;
use mdt::domain::organisation::{Organisation, OrganisationKind};
use mdt::domain::person::Person;
use mdt::domain::plan::Plan;
use mdt::domain::sharing::{Objection, Sharing};
use mdt::domain::team::Team;
use mdt::domain::text::{Line, Note};
use mdt::exchange::output::Format;
use mdt::exchange::output::outgoing::{Order, Paper, Source};
use mdt::exchange::output::recipient::{Recipient, Why};
use mdt::exchange::output::sealed;
use mdt::exchange::output::template::Template;
use mdt::exchange::output::xlsx::Sheets;
use mdt::store::action::ActionFilter;
use mdt::store::log::{Stamp, StepKind};
use mdt::store::{self, Deed, FileKind, Reader, Store};

const TEAMS: u64 = 1_000;
const ORGANISATIONS: usize = 4;
const MEMBERS: usize = 7;

/// Numbers that are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// A person of the test, with what the test itself knows about them.
struct Someone {
    id: PersonId,
    /// Stands in every word about them.
    token: String,
    /// The family name, which two may have.
    family: String,
    household: HouseholdId,
    number: NhsNumber,
    practice: Option<usize>,
    key_worker: Option<usize>,
    present: BTreeSet<usize>,
    /// Owner, and whether it is still to be done or was agreed at the meeting.
    actions: Vec<(usize, bool)>,
    objects_to: BTreeSet<usize>,
    objects_to_all: bool,
    overridden: bool,
    on_agenda: bool,
}

struct TeamOfTest {
    team: Record<Team>,
    meeting: MeetingId,
    organisations: Vec<OrganisationId>,
    members: Vec<MemberId>,
    works_at: Vec<usize>,
    people: Vec<Someone>,
}

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn note(text: String) -> Option<Note> {
    Some(Note::parse(&text).unwrap())
}

fn day(text: &str) -> Day {
    Day::from_iso(text).unwrap()
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

fn stamp() -> Stamp {
    Stamp { at: "2026-11-26T15:30:00Z".into(), actor: "Test".into() }
}

fn clock() -> Clock {
    Clock::Fixed("2026-11-26T15:30:00Z".parse::<DateTime<Utc>>().unwrap())
}

/// A team of people that nobody could mix up.
fn build(store: &mut Store, reader: &Reader, mint: &mut Mint, seed: u64) -> TeamOfTest {
    let mut dice = Dice(seed);
    let mut changes: Vec<Change> = Vec::new();
    let team: TeamId = mint.mint();
    changes.push(add(team, Team::new(line(&format!("Team {seed}")))));
    let organisations: Vec<OrganisationId> = (0..ORGANISATIONS)
        .map(|n| {
            let id = mint.mint();
            let name = line(&format!("Organisation {seed} {n}"));
            changes.push(add(id, Organisation { name, kind: OrganisationKind::Practice, code: None }));
            id
        })
        .collect();
    let works_at: Vec<usize> = (0..MEMBERS).map(|_| dice.below(ORGANISATIONS)).collect();
    let members: Vec<MemberId> = (0..MEMBERS)
        .map(|n| {
            let id = mint.mint();
            let member = Member {
                team,
                name: line(&format!("Member{n} Of{seed}")),
                role: line("Nurse"),
                organisation: organisations[works_at[n]],
                membership: Membership::Core,
                phone: None,
                email: None,
                left_on: None,
            };
            changes.push(add(id, member));
            id
        })
        .collect();
    let count = 3 + dice.below(6);
    let tokens: Vec<String> = (0..count).map(|n| token(seed * 16 + n as u64)).collect();
    // A place is typed by hand, and may be somebody's home.
    let place = if dice.one_in(4) { format!("{}'s house", capital(&tokens[0])) } else { "Room 2".to_owned() };
    let meeting: MeetingId = mint.mint();
    changes.push(add(
        meeting,
        Meeting {
            stage: Stage::Closed,
            begun_at: Moment::from_iso("2026-11-26T13:02:00Z"),
            ended_at: Moment::from_iso("2026-11-26T14:41:00Z"),
            chair: Some(members[0]),
            ..Meeting::planned(team, day("2026-11-26"), TimeOfDay::new(13, 0).unwrap(), 120, Some(line(&place)))
        },
    ));
    // Now and then somebody has the family name of the one before, and lives with them.
    let married: Vec<bool> = (0..count).map(|n| n > 0 && dice.one_in(5)).collect();
    let mut people: Vec<Someone> = Vec::new();
    for n in 0..count {
        let person = someone(
            &mut dice,
            mint,
            &mut changes,
            &tokens,
            n,
            seed,
            (team, meeting),
            (&married, people.last()),
            &organisations,
            &members,
            &works_at,
        );
        people.push(person);
    }
    // What the team says of nobody in particular may name anybody.
    let named = &tokens[dice.below(count)];
    let mut standing = AgendaItem::standing(meeting, 1_000, line(&format!("About {named}")), 5);
    standing.question = note(format!("What of {}?", named.to_uppercase()));
    changes.push(add(mint.mint(), standing));
    let owner = dice.below(MEMBERS);
    changes.push(add(mint.mint(), action(team, None, members[owner], Some(meeting), "Write to the board", true)));
    store.commit(&stamp(), &Deed::change("Build"), &changes).unwrap();
    let team = reader.get::<Team>(team).unwrap().unwrap();
    TeamOfTest { team, meeting, organisations, members, works_at, people }
}

fn action(
    team: TeamId,
    person: Option<PersonId>,
    owner: MemberId,
    meeting: Option<MeetingId>,
    what: &str,
    live: bool,
) -> Action {
    Action {
        team,
        person,
        meeting,
        item: None,
        goal: None,
        what: line(what),
        owner,
        raised_on: day("2026-11-20"),
        due: day("2026-11-24"),
        carried: 1,
        telling: false,
        state: if live { ActionState::Open } else { ActionState::Done { on: day("2026-11-25"), note: None } },
    }
}

#[allow(clippy::too_many_arguments, reason = "everything a person of a random team hangs on")]
fn someone(
    dice: &mut Dice,
    mint: &mut Mint,
    changes: &mut Vec<Change>,
    tokens: &[String],
    n: usize,
    seed: u64,
    (team, meeting): (TeamId, MeetingId),
    (married, before): (&[bool], Option<&Someone>),
    organisations: &[OrganisationId],
    members: &[MemberId],
    works_at: &[usize],
) -> Someone {
    let token = tokens[n].clone();
    let id: PersonId = mint.mint();
    let start = 9_990_000_000 + seed * 640 + n as u64 * 40;
    let number = (start..).find_map(NhsNumber::from_value).unwrap();
    // Now and then a text about one person names another one, by family name or number.
    let which = dice.below(tokens.len());
    // Of somebody they live with a text says the forename alone.
    let by_forename = (which + 1 == n && married[n]) || (which == n + 1 && married[which]);
    let other = &tokens[which];
    let mention = match dice.below(4) {
        0 if by_forename => format!(" and spoke to F{other}"),
        1 if by_forename => format!(" like F{other} next door"),
        0 => format!(" and spoke to {}", other.to_uppercase()),
        1 => format!(" like {} next door", capital(other)),
        _ => String::new(),
    };
    let mut person = Person::new(team, line(&capital(&token)), line(&format!("F{token}")));
    if let Some(before) = before.filter(|_| married[n]) {
        person.surname = line(&capital(&before.family));
        person.household = Some(before.household);
    }
    let family = person.surname.as_str().to_lowercase();
    let household = match person.household {
        Some(household) => household,
        None => {
            let household = mint.mint();
            changes.push(add(household, Household { name: line("Household"), note: None }));
            person.household = Some(household);
            household
        }
    };
    person.nhs_number = Some(number);
    person.preferred = dice.one_in(2).then(|| line(&format!("P{token}")));
    person.born = Some(day("1938-03-12").plus(i64::try_from(dice.below(9_000)).unwrap()));
    person.address = Some(line(&format!("1 {token} Road")));
    person.safeguarding = if dice.one_in(3) { note(format!("safeguarding {token}")) } else { None };
    let practice = dice.one_in(2).then(|| dice.below(ORGANISATIONS));
    person.practice = practice.map(|it| organisations[it]);
    let objects_to_all = dice.one_in(8);
    let overridden = !objects_to_all && dice.one_in(12);
    let unnamed = !objects_to_all && !overridden && dice.one_in(12);
    person.sharing = match (objects_to_all, overridden, unnamed) {
        (true, ..) => Sharing::ObjectedToAll,
        (_, true, _) => Sharing::Override,
        (_, _, true) => Sharing::ObjectedToSome,
        _ => Sharing::Agreed,
    };
    person.sharing_note = overridden.then(|| Note::parse("safeguarding").unwrap());
    person.sharing_on = Some(day("2026-01-02"));
    person.sharing_by = Some(line("Test"));
    changes.push(add(id, person));
    let mut objects_to = BTreeSet::new();
    if unnamed {
        // To whom was not written down: it may be anybody.
        objects_to.extend(0..ORGANISATIONS);
    } else if dice.one_in(4) {
        let to = dice.below(ORGANISATIONS);
        let lifted_on = dice.one_in(3).then(|| day("2026-06-01"));
        if lifted_on.is_none() {
            objects_to.insert(to);
        }
        let organisation = organisations[to];
        changes.push(add(
            mint.mint(),
            Objection { person: id, organisation, on: day("2026-01-01"), note: None, lifted_on },
        ));
    }
    let key_worker = dice.one_in(3).then(|| dice.below(MEMBERS));
    if let Some(key_worker) = key_worker {
        let (member, since) = (members[key_worker], day("2026-01-01"));
        changes.push(add(mint.mint(), KeyWorker { person: id, member, since, until: None, ended_why: None }));
    }
    let mut plan = Plan::new(id);
    plan.matters = note(format!("matters {token}{mention}"));
    changes.push(add(mint.mint(), plan));
    let on_agenda = !dice.one_in(5);
    let mut present = BTreeSet::new();
    if on_agenda {
        let item = mint.mint();
        let mut agenda = AgendaItem::person(meeting, i64::try_from(n).unwrap() * 10 + 10, id, 10);
        agenda.reasons = note(format!("reason {token}{mention}"));
        agenda.question = note(format!("question {token}"));
        agenda.disciplines = Some(line(&format!("Nurse for {token}")));
        agenda.outcome = if dice.one_in(4) { Outcome::Deferred } else { Outcome::Discussed };
        agenda.outcome_why = (agenda.outcome == Outcome::Deferred).then(|| line(&format!("because {token}")));
        let was_discussed = agenda.outcome == Outcome::Discussed;
        changes.push(add(item, agenda));
        if was_discussed {
            let there: Vec<usize> = (0..MEMBERS).filter(|_| dice.one_in(6)).collect();
            present = there.iter().map(|member| works_at[*member]).collect();
            changes.push(add(mint.mint(), discussion(meeting, item, id, &token, &mention, there, members)));
        }
    }
    let mut actions = Vec::new();
    // Everybody is somebody the team works with just now: it knows their names.
    for k in 0..dice.below(4).max(usize::from(!on_agenda)) {
        let (owner, live, here) = (dice.below(MEMBERS), dice.one_in(2) || !on_agenda, dice.one_in(2));
        let what = format!("Action {k} {token}{mention}");
        changes.push(add(mint.mint(), action(team, Some(id), members[owner], here.then_some(meeting), &what, live)));
        actions.push((owner, live || here));
    }
    Someone {
        id,
        token,
        family,
        household,
        number,
        practice,
        key_worker,
        present,
        actions,
        objects_to,
        objects_to_all,
        overridden,
        on_agenda,
    }
}

fn discussion(
    meeting: MeetingId,
    item: mdt::domain::id::AgendaItemId,
    person: PersonId,
    token: &str,
    mention: &str,
    there: Vec<usize>,
    members: &[MemberId],
) -> Discussion {
    Discussion {
        meeting,
        item,
        person,
        situation: note(format!("situation {token}{mention}")),
        action_to_date: note(format!("to date {token}")),
        update: note(format!("update {token}{mention}")),
        next_steps: note(format!("next {token}")),
        decision: Some(Decision::Made),
        teller: Some(members[0]),
        telling_waived: None,
        review_on: Some(day("2026-12-24")),
        key_worker: None,
        present: there.into_iter().map(|it| members[it]).collect(),
        objection_why: note(format!("objection {token}")),
        gaps_why: Some(line(&format!("gaps {token}"))),
        agreed_at: Moment::from_iso("2026-11-26T13:30:00Z"),
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().unwrap().to_uppercase().chain(chars).collect()
}

impl Someone {
    /// Why an organisation may not hear of them, as the test itself sees it. Documents of no meeting know of no presence, and
    /// of no action that is over.
    fn withheld(
        &self,
        organisation: usize,
        works_at: &[usize],
        of_a_meeting: bool,
        live: &[(usize, bool)],
    ) -> Option<Why> {
        let owns = if of_a_meeting { &self.actions } else { live };
        let related = self.practice == Some(organisation)
            || self.key_worker.is_some_and(|it| works_at[it] == organisation)
            || (of_a_meeting && self.present.contains(&organisation))
            || owns.iter().any(|(owner, counts)| *counts && works_at[*owner] == organisation);
        match (self.objects_to_all, self.objects_to.contains(&organisation), related) {
            (true, _, _) => Some(Why::ObjectsToAll),
            _ if self.overridden => Some(Why::Overridden),
            (false, true, _) => Some(Why::ObjectsToThem),
            (false, false, false) => Some(Why::NoRelationship),
            (false, false, true) => None,
        }
    }
}

/// Everything a recipient can be given, each in a format that shows all of it.
fn everything(reader: &Reader, it: &TeamOfTest, recipient: &Recipient) -> Vec<(String, String, usize)> {
    let (template, clock) = (Template::default(), clock());
    let source = Source { reader, team: &it.team, clock: &clock, template: &template };
    let all = ActionFilter::default();
    let papers = [
        (Paper::Minutes(it.meeting), Format::Markdown),
        (Paper::Agenda(it.meeting), Format::Text),
        (Paper::Pack(it.meeting), Format::Json),
        (Paper::Summaries(it.meeting), Format::Markdown),
        (Paper::Actions(ActionFilter { meeting: Some(it.meeting), ..all.clone() }), Format::Markdown),
        (Paper::Actions(all.clone()), Format::Csv),
        (Paper::Actions(all), Format::Json),
    ];
    papers
        .into_iter()
        .filter_map(|(paper, format)| {
            let name = format!("{paper:?} {format:?} for {}", recipient.code());
            let order = Order { paper, recipient: recipient.clone(), format, sheets: Sheets::One };
            let is_meant = match recipient {
                Recipient::Owner { .. } => {
                    !matches!(order.paper, Paper::Agenda(_) | Paper::Pack(_) | Paper::Summaries(_))
                }
                Recipient::Numbers => {
                    !matches!(order.paper, Paper::Pack(_) | Paper::Summaries(_)) && format != Format::Csv
                }
                _ => true,
            };
            let made = source.make(&order);
            assert_eq!(made.is_ok(), is_meant, "{name}: {:?}", made.err().map(|why| why.to_string()));
            let parcel = made.ok()?;
            Some((name, String::from_utf8(parcel.bytes).unwrap(), parcel.reach.people.len()))
        })
        .collect()
}

/// Whether a text says a word about somebody. A family name that others have too says nothing: it is written with capitals,
/// and what is said about them is not.
fn holds(text: &str, someone: &Someone, people: &[Someone]) -> bool {
    let number = someone.number;
    let shared = people.iter().filter(|it| it.family == someone.family).count() > 1;
    let named = if shared { text.contains(&someone.token) } else { text.to_lowercase().contains(&someone.token) };
    named || text.contains(&number.digits()) || text.contains(&number.to_string())
}

#[test]
fn no_recipient_gets_a_word_they_must_not_have() {
    let seeds: Vec<u64> = (0..TEAMS).collect();
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let threads: Vec<_> = seeds
            .chunks(250)
            .map(|seeds| scope.spawn(move || seeds.chunks(25).map(of_one_file).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let sum = |of: fn(&Tally) -> usize| tallies.iter().map(of).sum::<usize>();
    let (given, refused, objected) = (sum(|it| it.given), sum(|it| it.refused), sum(|it| it.objected));
    // The test is not blind: people were given, people were withheld, and some of them because they object.
    assert!(given > 3_000 && refused > 3_000 && objected > 1_000, "{given} {refused} {objected}");
    assert!(sum(|it| it.owned) > 1_000, "{}", sum(|it| it.owned));
}

/// How often somebody was given, or withheld, and that because they object.
struct Tally {
    given: usize,
    refused: usize,
    objected: usize,
    owned: usize,
}

/// Several teams of one file, so that what is one team's must not come up in another's.
fn of_one_file(seeds: &[u64]) -> Tally {
    let memory = std::path::Path::new("/dev/shm");
    let folder = memory.is_dir().then(|| tempfile::tempdir_in(memory).ok()).flatten();
    let folder = folder.unwrap_or_else(|| tempfile::tempdir().unwrap());
    let (mut store, reader) =
        store::create(&folder.path().join("team.mdt"), None, FileKind::Real, 7, &stamp()).unwrap();
    let mut mint = Mint::new(clock().now().moment.utc(), 1);
    let (mut given, mut refused, mut objected, mut owned) = (0, 0, 0, 0);
    for &seed in seeds {
        let it = build(&mut store, &reader, &mut mint, seed);
        let n = usize::try_from(seed).unwrap();
        // Sealed minutes are cut as drafts are.
        if seed % 3 == 0 {
            let meeting = reader.get(it.meeting).unwrap().unwrap();
            let changes = sealed::seal(&reader, &it.team, &meeting, &line("Test"), &clock(), &mut mint).unwrap();
            store
                .commit(&stamp(), &Deed::change("Seal minutes").of_kind(StepKind::Seal).at(it.meeting), &changes)
                .unwrap();
        }
        let organisation = n % ORGANISATIONS;
        let record: Record<Organisation> = reader.get(it.organisations[organisation]).unwrap().unwrap();
        for (name, text, people) in everything(&reader, &it, &Recipient::organisation(&record)) {
            let of_a_meeting = !name.contains("meeting: None");
            let (mut seen, mut may) = (0, 0);
            for someone in &it.people {
                let actions = reader.actions_of(someone.id).unwrap();
                let live: Vec<(usize, bool)> = actions
                    .iter()
                    .map(|it_is| (it.members.iter().position(|m| *m == it_is.owner).unwrap(), it_is.state.is_live()))
                    .collect();
                match someone.withheld(organisation, &it.works_at, of_a_meeting, &live) {
                    Some(why) => {
                        assert!(
                            !holds(&text, someone, &it.people),
                            "seed {seed}: {name} names {} ({why:?})\n{text}",
                            someone.token
                        );
                        refused += 1;
                        objected += usize::from(why != Why::NoRelationship);
                    }
                    None => {
                        may += 1;
                        seen += usize::from(holds(&text, someone, &it.people));
                    }
                }
            }
            assert!(people <= may, "seed {seed}: {name} says {people} of {may}");
            given += seen;
        }
        owned += the_owner_sees_their_actions(&reader, &it, n);
        for recipient in [Recipient::Pseudonymised { cleared: false }, Recipient::Numbers] {
            for (name, text, _) in everything(&reader, &it, &recipient) {
                for someone in &it.people {
                    assert!(!holds(&text, someone, &it.people), "seed {seed}: {name} names {}\n{text}", someone.token);
                }
            }
        }
    }
    Tally { given, refused, objected, owned }
}

fn the_owner_sees_their_actions(reader: &Reader, it: &TeamOfTest, n: usize) -> usize {
    let mut given = 0;
    let owner = n % MEMBERS;
    let member: Record<Member> = reader.get(it.members[owner]).unwrap().unwrap();
    for (name, text, _) in everything(reader, it, &Recipient::owner(&member)) {
        for someone in &it.people {
            let theirs = someone.actions.iter().any(|(it, _)| *it == owner);
            let objects = someone.objects_to_all || someone.objects_to.contains(&it.works_at[owner]);
            if !theirs || objects {
                assert!(!holds(&text, someone, &it.people), "team {n}: {name} names {}\n{text}", someone.token);
            } else {
                given += usize::from(holds(&text, someone, &it.people));
            }
        }
    }
    given
}

#[test]
fn somebody_who_is_withheld_and_somebody_who_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, reader) =
        store::create(&folder.path().join("team.mdt"), None, FileKind::Real, 7, &stamp()).unwrap();
    let mut mint = Mint::new(clock().now().moment.utc(), 1);
    let it = build(&mut store, &reader, &mut mint, 4);
    let (template, clock) = (Template::default(), clock());
    let source = Source { reader: &reader, team: &it.team, clock: &clock, template: &template };
    let minutes = |recipient| Order {
        paper: Paper::Minutes(it.meeting),
        recipient,
        format: Format::Markdown,
        sheets: Sheets::One,
    };
    // The whole team gets everybody on the agenda.
    let full = source.make(&minutes(Recipient::Full)).unwrap();
    let text = String::from_utf8(full.bytes).unwrap();
    assert!(it.people.iter().filter(|it| it.on_agenda).all(|one| holds(&text, one, &it.people)));
    assert!(text.contains("**For:** the whole team"), "{text}");
    assert_eq!(full.reach.withheld_people(), 0);
    // An objection outweighs a relationship.
    let someone = it.people.iter().find(|it| it.on_agenda && it.practice.is_some() && !it.objects_to_all).unwrap();
    let practice: Record<Organisation> = reader.get(it.organisations[someone.practice.unwrap()]).unwrap().unwrap();
    let order = minutes(Recipient::organisation(&practice));
    let before = source.make(&order).unwrap();
    assert!(holds(&String::from_utf8(before.bytes).unwrap(), someone, &it.people));
    let objection =
        Objection { person: someone.id, organisation: practice.id, on: day("2026-11-26"), note: None, lifted_on: None };
    store.commit(&stamp(), &Deed::change("Object"), &[add(mint.mint(), objection)]).unwrap();
    let after = source.make(&order).unwrap();
    assert!(!holds(&String::from_utf8(after.bytes).unwrap(), someone, &it.people));
    assert!(after.reach.withheld.contains(&(Why::ObjectsToThem, 1)), "{:?}", after.reach);
    // What left is written down: for whom, about whom, and the hash of it.
    let again = source.make(&order).unwrap();
    let at = Moment::from_iso("2026-11-26T15:31:00Z").unwrap();
    let change = again.disclosure(&it.team, at, "Test", &mut mint).unwrap();
    let deed = Deed::change(again.label).of_kind(StepKind::Export).at(it.meeting);
    store.commit(&stamp(), &deed, &[change]).unwrap();
    let left = reader.disclosures(it.team.id, Some(it.meeting), 10).unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].kind.as_str(), left[0].format.as_str()), ("minutes", "md"));
    assert_eq!(left[0].people, again.reach.people);
    assert!(!left[0].people.contains(&someone.id) && left[0].withheld > 0);
    assert_eq!(reader.disclosures_of(left[0].sha256.as_str()).unwrap(), left);
    // The codes of a pseudonymised document are the same next time, and nobody else's.
    let hidden = || {
        let parcel = source.make(&minutes(Recipient::Pseudonymised { cleared: false })).unwrap();
        String::from_utf8(parcel.bytes).unwrap()
    };
    let (first, second) = (hidden(), hidden());
    let codes = |text: &str| -> BTreeSet<String> {
        text.lines().filter_map(|it| it.strip_prefix("### ")).map(str::to_owned).collect()
    };
    assert_eq!(codes(&first), codes(&second));
    assert_eq!(
        codes(&first).len(),
        it.people.iter().filter(|it| it.on_agenda && !it.objects_to_all).count(),
        "{first}"
    );
    assert!(first.contains("\\[left out\\]") || first.contains("[left out]"), "{first}");
    // Somebody whose action is edited keeps their code; ages stand in bands.
    let person: Record<Person> = reader.get(someone.id).unwrap().unwrap();
    store.commit(&stamp(), &Deed::change("Edit"), &[alter(&person, |it| it.title = Some(line("Dr")))]).unwrap();
    assert_eq!(codes(&hidden()), codes(&first));
    assert!(person.id.raw() > 0 && !first.contains(&person.id.raw().to_string()));
}

#[test]
fn cleared_text_names_nobody_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, reader) =
        store::create(&folder.path().join("team.mdt"), None, FileKind::Real, 7, &stamp()).unwrap();
    let mut mint = Mint::new(clock().now().moment.utc(), 1);
    let it = build(&mut store, &reader, &mut mint, 9);
    let someone = it.people.iter().find(|it| it.on_agenda && !it.objects_to_all && !it.overridden).unwrap();
    let person: Record<Person> = reader.get(someone.id).unwrap().unwrap();
    let words = format!(
        "{} of 14 Orchard Way, ZZ1 4AD, rings 01632 960201; number 3 {}. Seen by the nurse.",
        person.forename, someone.number
    );
    let plan = reader.plan(someone.id).unwrap().unwrap();
    let changes = [
        alter(&person, |it| {
            it.address = Some(line("14 Orchard Way"));
            it.postcode = Some(line("ZZ1 4AD"));
            it.phone = Some(line("01632 960201"));
            it.named_gp = Some(line("Dr Somebody"));
        }),
        alter(&plan, |it| it.matters = note(words)),
    ];
    store.commit(&stamp(), &Deed::change("Edit"), &changes).unwrap();
    let (template, clock) = (Template::default(), clock());
    let source = Source { reader: &reader, team: &it.team, clock: &clock, template: &template };
    let order = |cleared| Order {
        paper: Paper::Summary(someone.id),
        recipient: Recipient::Pseudonymised { cleared },
        format: Format::Text,
        sheets: Sheets::One,
    };
    let parcel = source.make(&order(true)).unwrap();
    assert!(parcel.name.contains("pseudonymised-cleared"), "{}", parcel.name);
    let text = String::from_utf8(parcel.bytes).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Seen by the nurse."), "{text}");
    for telling in ["Orchard", "ZZ1", "960201", "Somebody", person.forename.as_str(), &someone.number.to_string()] {
        assert!(!text.contains(telling), "{telling}: {text}");
    }
    let without = String::from_utf8(source.make(&order(false)).unwrap().bytes).unwrap();
    assert!(!without.contains("Seen by the nurse."), "{without}");
}

#[test]
fn who_had_to_do_with_whom_is_sealed_with_the_minutes() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, reader) =
        store::create(&folder.path().join("team.mdt"), None, FileKind::Real, 7, &stamp()).unwrap();
    let mut mint = Mint::new(clock().now().moment.utc(), 1);
    let it = build(&mut store, &reader, &mut mint, 12);
    let meeting = reader.get(it.meeting).unwrap().unwrap();
    let changes = sealed::seal(&reader, &it.team, &meeting, &line("Test"), &clock(), &mut mint).unwrap();
    let deed = Deed::change("Seal minutes").of_kind(StepKind::Seal).at(it.meeting);
    store.commit(&stamp(), &deed, &changes).unwrap();
    let (template, clock) = (Template::default(), clock());
    let source = Source { reader: &reader, team: &it.team, clock: &clock, template: &template };
    let cuts = || -> Vec<BTreeSet<PersonId>> {
        let of = |id: &OrganisationId| {
            let record: Record<Organisation> = reader.get(*id).unwrap().unwrap();
            let recipient = Recipient::organisation(&record);
            let order =
                Order { paper: Paper::Minutes(it.meeting), recipient, format: Format::Markdown, sheets: Sheets::One };
            source.make(&order).unwrap().reach.people.into_iter().collect()
        };
        it.organisations.iter().map(of).collect()
    };
    let before = cuts();
    assert!(before.iter().any(|people| !people.is_empty()));
    // Everybody goes to work for the last organisation: yesterday's minutes do not go with them.
    let moved: Vec<Change> = it
        .members
        .iter()
        .map(|id| reader.get::<Member>(*id).unwrap().unwrap())
        .filter(|member| member.organisation != it.organisations[ORGANISATIONS - 1])
        .map(|member| alter(&member, |it_is| it_is.organisation = it.organisations[ORGANISATIONS - 1]))
        .collect();
    store.commit(&stamp(), &Deed::change("Move"), &moved).unwrap();
    assert_eq!(cuts(), before);
    // An objection counts from the day it is made.
    let seen = before.iter().position(|people| !people.is_empty()).unwrap();
    let person = *before[seen].iter().next().unwrap();
    let organisation = it.organisations[seen];
    let objection = Objection { person, organisation, on: day("2026-11-26"), note: None, lifted_on: None };
    store.commit(&stamp(), &Deed::change("Object"), &[add(mint.mint(), objection)]).unwrap();
    assert!(!cuts()[seen].contains(&person));
}

#[test]
fn a_word_of_a_name_that_is_somebody_elses_name_hides_nobody_who_may_be_seen() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, reader) =
        store::create(&folder.path().join("team.mdt"), None, FileKind::Real, 7, &stamp()).unwrap();
    let mut mint = Mint::new(clock().now().moment.utc(), 1);
    let it = build(&mut store, &reader, &mut mint, 4);
    let person = |someone: &Someone| reader.get::<Person>(someone.id).unwrap().unwrap();
    let seen =
        it.people.iter().find(|it| it.on_agenda && it.practice.is_some() && !it.objects_to_all && !it.overridden);
    let seen = seen.unwrap();
    let practice: Record<Organisation> = reader.get(it.organisations[seen.practice.unwrap()]).unwrap().unwrap();
    let hidden = it.people.iter().find(|other| other.id != seen.id && other.on_agenda).unwrap();
    let chair: Record<Member> = reader.get(it.members[0]).unwrap().unwrap();
    let changes = [
        alter(&person(seen), |it| it.forename = line("James")),
        alter(&person(hidden), |it| {
            it.surname = line("James");
            it.forename = line("Thomas");
            it.sharing = Sharing::ObjectedToAll;
        }),
        alter(&chair, |it| it.name = line("Dr James Lee")),
    ];
    store.commit(&stamp(), &Deed::change("Edit"), &changes).unwrap();
    let (template, clock) = (Template::default(), clock());
    let source = Source { reader: &reader, team: &it.team, clock: &clock, template: &template };
    let recipient = Recipient::organisation(&practice);
    let order = Order { paper: Paper::Minutes(it.meeting), recipient, format: Format::Markdown, sheets: Sheets::One };
    let text = String::from_utf8(source.make(&order).unwrap().bytes).unwrap();
    assert!(text.contains(&format!("### {}", person(seen).name())), "{text}");
    assert!(text.contains("**Chair:** Dr James Lee"), "{text}");
    assert!(!text.contains("Thomas") && !text.contains("JAMES"), "{text}");
}
