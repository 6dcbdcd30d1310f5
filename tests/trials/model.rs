//! Random days of work against a model kept outside the file: every step done in both, the file closed without a word and
//! opened again in between, a second store on it all the time. Each step that is done is one step of the log; each that is
//! refused is none.

use std::collections::BTreeMap;
use std::path::Path;

use mdt::domain::action::{Action, ActionState};
use mdt::domain::band::Band;
use mdt::domain::change::{Change, Record, add, alter};
use mdt::domain::day::Day;
use mdt::domain::id::{ActionId, PersonId};
use mdt::domain::key_worker::hand_over;
use mdt::domain::person::Person;
use mdt::domain::text::Note;
use mdt::store::fault::Fault;
use mdt::store::log::StepKind;
use mdt::store::{Deed, Reader, Store};

use super::kit::{self, stamp};
use super::report::Family;
use super::world::{self, Dice, Ground, line};

/// Surname, telephone, band and key worker.
type Shown = (String, Option<String>, Option<Band>, Option<String>);

/// What the file should hold: of each person and each action the fields that are changed here, as words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Model {
    people: BTreeMap<PersonId, Shown>,
    actions: BTreeMap<ActionId, (PersonId, Day, String)>,
}

impl Model {
    /// What the file does hold.
    fn of(reader: &Reader, ground: &Ground) -> Result<Self, Fault> {
        let mut model = Self::default();
        let names: BTreeMap<_, _> =
            reader.members(ground.team)?.into_iter().map(|it| (it.id, it.name.to_string())).collect();
        for id in reader.active_ids(ground.team)? {
            let Some(person) = reader.get::<Person>(id)? else { continue };
            let worker = reader.key_worker(id)?.map(|it| names[&it.member].clone());
            let phone = person.phone.as_ref().map(ToString::to_string);
            model.people.insert(id, (person.surname.to_string(), phone, person.band, worker));
            for action in reader.actions_of(id)? {
                model.actions.insert(action.id, (id, action.due, word(&action.state)));
            }
        }
        Ok(model)
    }
}

fn word(state: &ActionState) -> String {
    match state {
        ActionState::Open => "open",
        ActionState::Accepted { .. } => "accepted",
        ActionState::Done { .. } => "done",
        ActionState::NotDone { .. } => "not done",
        ActionState::Withdrawn { .. } => "withdrawn",
    }
    .to_owned()
}

fn day(n: usize) -> Day {
    Day::new(2026, 11, 2).unwrap().plus(i64::try_from(n).unwrap())
}

/// One day of work: the stores, the model now, and the states that undo and redo lead to.
struct Work<'w> {
    path: &'w Path,
    desks: [(Store, Reader); 2],
    ground: Ground,
    now: Model,
    before: Vec<Model>,
    undone: Vec<Model>,
    dice: Dice,
    done: u64,
    refused: u64,
    /// For the control: a hand that spoils what a redo wrote.
    spoilt: bool,
}

impl<'w> Work<'w> {
    fn new(path: &'w Path, seed: u64, spoilt: bool) -> Self {
        let desks = [(); 2].map(|()| world::open(path, false).unwrap());
        let ground = Ground::of(&desks[0].1, 9).unwrap();
        let now = Model::of(&desks[0].1, &ground).unwrap();
        let (before, undone) = (Vec::new(), Vec::new());
        Self { path, desks, ground, now, before, undone, dice: Dice::new(seed), done: 0, refused: 0, spoilt }
    }

    fn person(&mut self, desk: usize) -> Record<Person> {
        let at = self.dice.throw(self.now.people.len());
        let id = *self.now.people.keys().nth(at).unwrap();
        self.desks[desk].1.get::<Person>(id).unwrap().unwrap()
    }

    fn action(&mut self, desk: usize) -> Record<Action> {
        let at = self.dice.throw(self.now.actions.len());
        let id = *self.now.actions.keys().nth(at).unwrap();
        self.desks[desk].1.get::<Action>(id).unwrap().unwrap()
    }

    /// One thing that somebody does, in the file and in the model. Says where the two part.
    fn go_on(&mut self, n: usize) -> Result<(), String> {
        let desk = self.dice.throw(2);
        let mut next = self.now.clone();
        let (kind, changes): (StepKind, Vec<Change>) = match self.dice.throw(13) {
            0 => {
                let (team, id) = (self.ground.team, self.ground.mint.mint::<PersonId>());
                next.people.insert(id, (format!("Newcomer{n}"), None, None, None));
                (StepKind::Change, vec![add(id, Person::new(team, line(&format!("Newcomer{n}")), line("Eve")))])
            }
            1 | 2 => {
                let (seen, phone) = (self.person(desk), format!("0{n}"));
                next.people.get_mut(&seen.id).unwrap().1 = Some(phone.clone());
                (StepKind::Change, vec![alter(&seen, |it| it.phone = Some(line(&phone)))])
            }
            3 => {
                let (seen, band) = (self.person(desk), [None, Some(Band::High), Some(Band::Low)][n % 3]);
                if seen.band == band {
                    return Ok(());
                }
                next.people.get_mut(&seen.id).unwrap().2 = band;
                (StepKind::Change, vec![alter(&seen, |it| it.band = band)])
            }
            4 => {
                let seen = self.person(desk);
                let reader = &self.desks[desk].1;
                let members = reader.members(self.ground.team).unwrap();
                let member = &members[n % members.len()];
                let current = reader.key_worker(seen.id).unwrap();
                let Ok(changes) = hand_over(current.as_ref(), seen.id, member.id, day(n), &mut self.ground.mint) else {
                    return Ok(());
                };
                next.people.get_mut(&seen.id).unwrap().3 = Some(member.name.to_string());
                (StepKind::Change, changes)
            }
            5 | 6 => {
                let (seen, due) = (self.action(desk), day(100 + n));
                next.actions.get_mut(&seen.id).unwrap().1 = due;
                (StepKind::Change, vec![alter(&seen, |it| it.due = due)])
            }
            7 => {
                let seen = self.action(desk);
                let state = match seen.state {
                    ActionState::Open => ActionState::Done { on: day(n), note: Note::optional("Done.").unwrap() },
                    ActionState::Accepted { .. }
                    | ActionState::Done { .. }
                    | ActionState::NotDone { .. }
                    | ActionState::Withdrawn { .. } => ActionState::Open,
                };
                next.actions.get_mut(&seen.id).unwrap().2 = word(&state);
                (StepKind::Change, vec![alter(&seen, |it| it.state = state)])
            }
            8 => {
                let (team, mint) = (self.ground.team, &mut self.ground.mint);
                let mut changes = Vec::new();
                for k in 0..5 {
                    let id = mint.mint::<PersonId>();
                    next.people.insert(id, (format!("Listed{n}"), None, None, None));
                    changes.push(add(id, Person::new(team, line(&format!("Listed{n}")), line(&format!("Ben{k}")))));
                }
                (StepKind::Import, changes)
            }
            9 | 10 => return self.turn(desk, false),
            11 => return self.turn(desk, true),
            // The power goes at this desk.
            _ => {
                let (store, reader) = world::open(self.path, false).map_err(|fault| fault.to_string())?;
                self.desks[desk] = (store, reader);
                return self.agree(desk, 0);
            }
        };
        // Now and then somebody else was quicker: it must be refused, and be none of the steps.
        if self.dice.throw(8) == 0 && kind == StepKind::Change {
            return self.too_late(desk, &changes);
        }
        let deed = Deed::change("Work").of_kind(kind);
        self.desks[desk].0.commit(&stamp(), &deed, &changes).map_err(|fault| fault.to_string())?;
        self.before.push(std::mem::replace(&mut self.now, next));
        self.undone.clear();
        self.agree(desk, 1)
    }

    /// The same changes twice: the second time they meet what the first time wrote.
    fn too_late(&mut self, desk: usize, changes: &[Change]) -> Result<(), String> {
        let deed = Deed::change("Work");
        let quicker = self.desks[1 - desk].0.commit(&stamp(), &deed, changes);
        quicker.map_err(|fault| fault.to_string())?;
        let before = std::mem::take(&mut self.now);
        self.now = Model::of(&self.desks[desk].1, &self.ground).map_err(|fault| fault.to_string())?;
        self.before.push(before);
        self.undone.clear();
        self.done += 1;
        match self.desks[desk].0.commit(&stamp(), &deed, changes) {
            Err(Fault::Conflict(_) | Fault::Rule(_)) => self.refused += 1,
            other => return Err(format!("somebody else was quicker, and it said {other:?}")),
        }
        self.agree(desk, 0)
    }

    fn turn(&mut self, desk: usize, redo: bool) -> Result<(), String> {
        let store = &mut self.desks[desk].0;
        let turned = if redo { store.redo(&stamp()) } else { store.undo(&stamp()) };
        let (from, to) = if redo { (&mut self.undone, &mut self.before) } else { (&mut self.before, &mut self.undone) };
        match (turned, from.pop()) {
            (Ok(_), Some(state)) => {
                to.push(std::mem::replace(&mut self.now, state));
                if self.spoilt && redo {
                    let db = world::raw(self.path, false).map_err(|error| error.to_string())?;
                    db.execute("UPDATE person SET phone = NULL", []).map_err(|error| error.to_string())?;
                }
                self.agree(desk, 1)
            }
            (Err(Fault::CannotUndo(_)), None) => {
                self.refused += 1;
                self.agree(desk, 0)
            }
            // The file remembers more than this day.
            (Ok(_), None) => Err("something was taken back that nobody did".to_owned()),
            (Err(fault), _) => Err(format!("not taken back: {fault}")),
        }
    }

    /// File and model hold the same, and the log has so many steps more.
    fn agree(&mut self, desk: usize, steps: u64) -> Result<(), String> {
        self.done += steps;
        let reader = &self.desks[1 - desk].1;
        let held = Model::of(reader, &self.ground).map_err(|fault| fault.to_string())?;
        if held != self.now {
            return Err("the other desk sees what nobody did".to_owned());
        }
        let head = reader.head().map_err(|fault| fault.to_string())?.seq;
        if head != 2 + i64::try_from(self.done).unwrap() {
            return Err(format!("{} steps were done, but the log stands at {head}", self.done));
        }
        Ok(())
    }
}

/// A day of so many things done. Gives how many steps and refusals, or where file and model part.
fn a_day(folder: &Path, whole: &[u8], seed: u64, length: usize, spoilt: bool) -> Result<(u64, u64), String> {
    let path = folder.join("team.mdt");
    world::put(&path, whole);
    let mut work = Work::new(&path, seed, spoilt);
    // Undo does not go behind this morning: whoever began the file is not who works here.
    for n in 0..length {
        work.go_on(n).map_err(|why| format!("at {n}: {why}"))?;
    }
    let (done, refused) = (work.done, work.refused);
    drop(work);
    let head = world::prove(&path, false)?;
    if head == 2 + i64::try_from(done).unwrap() { Ok((done, refused)) } else { Err("steps were lost".to_owned()) }
}

/// The file of this morning, begun by somebody else.
fn morning(folder: &Path) -> Vec<u8> {
    let path = world::found_by(folder, false, 6, "Somebody Else");
    std::fs::read(path).unwrap()
}

#[test]
fn the_file_is_what_a_model_of_it_says() {
    let family = Family::begin("model");
    let folder = world::folder();
    let whole = morning(folder.path());
    let (days, length) = (u64::from(kit::times(8, 2_000)), 100);
    let (mut done, mut refused) = (0, 0);
    for n in 0..days {
        let seed = family.seed.wrapping_add(n);
        let (more, not) = a_day(folder.path(), &whole, seed, length, false)
            .unwrap_or_else(|why| panic!("day {n} of seed {}: {why}", family.seed));
        (done, refused) = (done + more, refused + not);
    }
    assert!(done > days * 50 && refused > days, "{done} done, {refused} refused in {days} days");
    family.done(days, 0, &format!("{length} things done in each, {done} steps, {refused} refused"));
}

/// The control: a fault put into the file behind the program's back is found in fewer than two hundred days.
#[test]
fn a_fault_put_in_is_found() {
    let folder = world::folder();
    let whole = morning(folder.path());
    let seed = kit::seed();
    let found = (0..200).position(|n| a_day(folder.path(), &whole, seed.wrapping_add(n), 100, true).is_err());
    eprintln!("model · control · found on day {}", found.expect("the trial is blind: 200 days without a word") + 1);
}
