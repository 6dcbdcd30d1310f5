//! The loop: waits for something to happen, lets `update` take it in, carries the effects out, draws once.
//!
//! Nothing ticks unless something moves: the clock of a live meeting once a second, a draft a moment after the last key, the
//! last minute before the screen locks. Another process's writing wakes the loop by way of the file system.

mod copying;
pub mod seat;
mod steps;
mod together;
mod waking;

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, unbounded};

use crate::clock::Clock;
use crate::domain::change::Record;
use crate::domain::id::Mint;
use crate::domain::meeting::Stage;
use crate::domain::team::Team;
use crate::exchange::output::template::TemplateError;
use crate::jobs::keeping::Keeping;
use crate::jobs::lists::{Jobs, Outcome, Place, Task};
use crate::jobs::papers::{self, Papers};
use crate::store::fault::Fault;
use crate::store::log::Stamp;
use crate::store::{Reader, Store};

use super::effect::{Commit, Effect, Export};
use super::export;
use super::idle;
use super::locked::Why;
use super::model::Model;
use super::msg::Msg;
use super::outside::{Nowhere, Outside};
use super::overlays::making::Making;
use super::screens::Screen as Room;
use super::terminal::{Desktop, Screen};
use super::theme::Theme;
use super::update::update;
use copying::Copies;
use seat::Seat;
use waking::{Wake, listen, translate, watch};

/// Half-typed text is kept this long after the last key …
const DRAFT_PAUSE: Duration = Duration::from_millis(400);
/// … or after so many keys without a pause.
const DRAFT_KEYS: u32 = 20;

/// What is made within this time needs no word about how far it is.
const AT_ONCE: Duration = Duration::from_millis(300);

/// While work goes on, its progress is shown so often.
const WORK_TICK: Duration = Duration::from_millis(100);

/// Everything the loop needs: the file, the team, the time, and who is at the keys.
pub struct Desk {
    /// The file, for writing.
    pub store: Store,
    /// The file, for reading.
    pub reader: Reader,
    /// The team.
    pub team: Record<Team>,
    /// The clock.
    pub clock: Clock,
    /// Makes ids.
    pub mint: Mint,
    /// Whose steps these are.
    pub actor: String,
    /// The login.
    pub login: String,
    /// The colours to begin with.
    pub theme: Theme,
}

/// The model together with the file: what a key does, all the way to the disk. Without a terminal it is what the tests drive.
pub struct Session {
    /// The model.
    pub model: Model,
    /// The file, for reading.
    pub reader: Reader,
    /// The file, for writing.
    store: Store,
    /// The clock.
    pub clock: Clock,
    kept_draft: Option<(String, String)>,
    /// The state of the file that was looked at last.
    version: i64,
    /// What is open here, as the others were told.
    told: Option<String>,
    /// As whom this program has signed in.
    signed_in: Option<i64>,
    /// Whether nothing tells of others' writing: then it is asked for.
    pub unwatched: bool,
    /// Work off this thread.
    jobs: Jobs,
    /// Documents being made off this thread.
    papers: Papers,
    /// Copies of the file being made off this thread.
    keeping: Keeping,
    copies: Copies,
    /// Why the template beside the file was not taken for them.
    broken_template: Option<TemplateError>,
    /// Who reaches what lies outside the file and the screen: nobody, until the terminal is taken.
    pub outside: Box<dyn Outside>,
    /// Wakes the loop when work is done.
    wake: Option<Arc<dyn Fn() + Send + Sync>>,
    /// Whether the user asked to leave.
    pub leaving: bool,
    /// Whether the user asked for the shell.
    pub suspending: bool,
    /// Whether the user asked to lock the screen.
    pub locking: bool,
}

impl Session {
    /// A session on an opened file.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn new(desk: Desk, size: (u16, u16)) -> Result<Self, Fault> {
        Self::seated(desk, size, None)
    }

    /// The same, for a program that signed in before under this number: what it has half-typed is found again.
    fn seated(desk: Desk, size: (u16, u16), number: Option<i64>) -> Result<Self, Fault> {
        let Desk { mut store, mut reader, team, clock, mint, actor, login, theme } = desk;
        // What programs that are gone left half-typed is offered from the first picture on.
        let _ = store.sweep();
        reader.sit(number.unwrap_or(0));
        let mut model = Model::open(&reader, team, clock.now(), mint, actor, login, theme, size)?;
        model.idle.set(reader.setting(idle::SETTING)?.as_deref());
        let version = reader.data_version()?;
        let kept_draft = model.text_in_progress();
        let (jobs, papers) = (Jobs::default(), Papers::default());
        Ok(Self {
            model,
            reader,
            store,
            clock,
            kept_draft,
            version,
            told: None,
            signed_in: None,
            unwatched: false,
            jobs,
            papers,
            keeping: Keeping::default(),
            copies: Copies::default(),
            broken_template: None,
            outside: Box::new(Nowhere),
            wake: None,
            leaving: false,
            suspending: false,
            locking: false,
        })
    }

    /// Takes something in, and carries out what follows from it.
    pub fn take(&mut self, msg: Msg) {
        self.model.now = self.clock.now();
        let news = matches!(msg, Msg::Foreign);
        let mut waiting = VecDeque::from([msg]);
        // An effect answers with a message, which may ask for further effects; each chain is short.
        for _ in 0..16 {
            let Some(msg) = waiting.pop_front() else { break };
            match update(&mut self.model, msg, &self.reader) {
                Ok(effects) => {
                    let effects = match self.allowed(effects) {
                        Ok(effects) => effects,
                        Err(instead) => {
                            waiting.push_back(instead);
                            continue;
                        }
                    };
                    for effect in effects {
                        let answer = self.perform(effect);
                        // What was to follow a step that failed must not happen without it.
                        let failed = matches!(answer, Some(Msg::Failed(_)));
                        waiting.extend(answer);
                        if failed {
                            break;
                        }
                    }
                }
                Err(fault) => self.model.refuse(fault.to_string()),
            }
        }
        self.tell_others();
        if news {
            self.meet();
        }
    }

    fn stamp(&self) -> Stamp {
        Stamp { at: self.clock.now().moment.iso(), actor: self.model.actor.clone() }
    }

    fn perform(&mut self, effect: Effect) -> Option<Msg> {
        match effect {
            Effect::Commit(commit) => Some(self.commit(commit)),
            Effect::Undo(step) if self.is_large(step) => self.begin_repeat(step, false, false),
            Effect::Redo(step) if self.is_large(step) => self.begin_repeat(step, true, false),
            Effect::Repeat { step, redo } if self.is_large(step) => self.begin_repeat(step, redo, true),
            Effect::Repeat { step, redo } => Some(self.repeat_any(step, redo)),
            Effect::Look(person, looked) => self.look(person, looked),
            Effect::Undo(named) => Some(answer(
                self.first(|store, stamp| store.undo_named(&stamp, named))
                    .map(|(step, receipt)| (receipt, format!("Undone: {}. Redo with U.", step.label))),
            )),
            Effect::Redo(named) => Some(answer(
                self.first(|store, stamp| store.redo_named(&stamp, named))
                    .map(|(step, receipt)| (receipt, format!("Done again: {}.", step.label))),
            )),
            // What is only chosen for the eye holds until mdt is left.
            Effect::DropDraft(_) | Effect::Set { .. } if self.model.only_read.is_some() => None,
            Effect::DropDraft(name) => self.first(|store, _| store.drop_draft(&name)).err().map(Msg::Failed),
            Effect::Set { name, value } => {
                let failed = self.first(|store, _| store.set(&name, &value)).err().map(Msg::Failed);
                self.model.idle.set(self.reader.setting(idle::SETTING).ok().flatten().as_deref());
                failed
            }
            Effect::TakeLead(meeting) => self.take_lead(meeting),
            Effect::Lock => {
                self.locking = true;
                None
            }
            Effect::Become(actor) => match self.become_member(&actor) {
                Ok(()) => Some(Msg::Became(actor)),
                Err(fault) => Some(Msg::Failed(fault)),
            },
            Effect::Export(export) => self.begin_export(*export),
            Effect::StopExport => {
                self.papers.stop();
                self.give_up_copy();
                None
            }
            Effect::Copy(copying) => {
                let (store, outside) = (&mut self.store, &mut *self.outside);
                Some(super::export::copy(store, &self.reader, &mut self.model, &self.clock, outside, copying))
            }
            Effect::OpenExports => Some(super::export::open_folder(&self.reader, &mut *self.outside)),
            Effect::List(task) => self.begin(task),
            Effect::StopList => (!self.jobs.stop()).then(|| {
                Msg::Said(
                    "Too late to stop: it is being written to the disk this moment. Undo takes it back.".to_owned(),
                )
            }),
            Effect::Quit => {
                self.jobs.stop();
                self.leave()
            }
            Effect::Backup => self.copy_now(),
            Effect::Suspend => {
                self.suspending = true;
                None
            }
        }
    }

    /// Writes something; a list being taken in gives way.
    fn first<T>(&mut self, write: impl FnOnce(&mut Store, Stamp) -> T) -> T {
        let (stamp, store) = (self.stamp(), &mut self.store);
        self.jobs.before_lists(|| write(store, stamp))
    }

    fn become_member(&mut self, actor: &str) -> Result<(), Fault> {
        let name = format!("me:{}", self.model.login);
        self.first(|store, _| store.set(&name, actor))?;
        self.known_as(actor);
        Ok(())
    }

    /// Whether a step is a list that came in, and a long one.
    fn is_large(&self, step: i64) -> bool {
        self.reader.is_large(step).unwrap_or(false)
    }

    fn begin_repeat(&mut self, step: i64, redo: bool, any: bool) -> Option<Msg> {
        if let Some(failed) = self.begin(Task::Repeat { step, redo, any }) {
            return Some(failed);
        }
        let what = if redo { "Doing the list again" } else { "Taking the list back" };
        Some(Msg::ListBegan(what.to_owned()))
    }

    /// Begins work on a list, on connections of its own.
    fn begin(&mut self, task: Task) -> Option<Msg> {
        let (store, reader) = match self.store.twin() {
            Ok(twin) => twin,
            Err(fault) => return Some(Msg::List(Box::new(Outcome::Failed(fault.to_string())))),
        };
        let now = self.clock.now();
        // Ids of its own: those of this session go on beside them.
        let salt = (self.model.seen_step as u32 & 0x3ff) << 12 | 0x20_0000;
        let mint = Mint::new(now.moment.utc(), salt);
        let place = Place { store, reader, team: self.model.team.clone(), now, actor: self.model.actor.clone(), mint };
        let wake = self.wake.clone();
        self.jobs.start(task, place, move || {
            if let Some(wake) = wake {
                wake();
            }
        });
        None
    }

    /// Asks about a document that was cut. One that was agreed to is made off this thread, and written at once where that
    /// takes no longer than a key may.
    fn begin_export(&mut self, export: Export) -> Option<Msg> {
        if !export.agreed {
            return Some(export::ask(&self.reader, &self.model, &self.clock, export));
        }
        let begun = export::orders(&self.reader, &self.model, &self.clock, &export)
            .and_then(|orders| Ok((orders, self.store.twin().map_err(|fault| fault.to_string())?.1)));
        let (orders, reader) = match begun {
            Ok(begun) => begun,
            Err(why) => return Some(Msg::Trouble(why)),
        };
        let (team, clock) = (self.model.team.clone(), self.clock.clone());
        let (template, broken) = export::template(&self.reader, &export.order);
        self.broken_template = broken;
        let desk = papers::Desk { reader, team, clock, template };
        let wake = self.wake.clone();
        self.papers.start(orders, desk, move || {
            if let Some(wake) = wake {
                wake();
            }
        });
        match self.papers.within(AT_ONCE) {
            Some(made) => Some(self.send(made)),
            None => Some(self.making()),
        }
    }

    fn making(&self) -> Msg {
        let (done, of) = self.papers.progress().unwrap_or((0, 1));
        let what = if of == 1 { "Making the document" } else { "Making the documents" };
        Msg::Making(Making { what: what.to_owned(), done, of })
    }

    /// Writes what was made; a list being taken in gives way.
    fn send(&mut self, made: papers::Made) -> Msg {
        let Self { jobs, store, reader, model, clock, .. } = self;
        match made {
            Ok(parcels) => {
                let said = jobs.before_lists(|| export::send(store, reader, model, clock, &parcels));
                match (said, self.broken_template.take()) {
                    (Msg::Said(said), Some(why)) => Msg::Ask(Box::new(export::without_template(&said, &why))),
                    (said, _) => said,
                }
            }
            Err(why) => Msg::Trouble(why),
        }
    }

    /// Takes in what work off this thread has come to.
    pub fn collect(&mut self) {
        self.collect_copy(Duration::ZERO);
        if let Some(made) = self.papers.within(Duration::ZERO) {
            self.take(Msg::NotMaking);
            let said = self.send(made);
            self.take(said);
        } else if self.papers.progress().is_some() {
            let making = self.making();
            self.take(making);
        }
        if let Some(outcome) = self.jobs.finished() {
            self.take(Msg::List(Box::new(outcome)));
        } else if let Some(progress) = self.jobs.progress() {
            self.take(Msg::ListProgress(progress));
        }
    }

    /// Waits for work off this thread, and takes in what it came to.
    pub fn finish_work(&mut self) {
        if let Some(made) = self.papers.within(Duration::from_secs(120)) {
            self.take(Msg::NotMaking);
            let said = self.send(made);
            self.take(said);
        }
        while let Some(outcome) = self.jobs.wait() {
            self.take(Msg::List(Box::new(outcome)));
        }
        // One that was waited for may show that another is due.
        for _ in 0..3 {
            self.collect_copy(Duration::from_secs(120));
        }
    }

    fn commit(&mut self, commit: Commit) -> Msg {
        let stamp = self.stamp();
        match self.first(|store, _| store.commit(&stamp, &commit.deed, &commit.changes)) {
            Ok(receipt) => {
                for draft in &commit.drop_drafts {
                    // The text itself is on the disk; a draft left over is offered once more, not lost.
                    let _ = self.first(|store, _| store.drop_draft(draft));
                }
                Msg::Committed { receipt, said: commit.said, then: commit.then }
            }
            Err(fault) => Msg::Failed(fault),
        }
    }

    /// Keeps half-typed text, if there is any that is not kept yet.
    pub fn keep_draft(&mut self) {
        let text = self.model.text_in_progress();
        if text == self.kept_draft || self.model.only_read.is_some() {
            return;
        }
        if self.reader.has_moved() {
            // A draft that goes into a file nobody will open again is not kept.
            self.model.refuse(Fault::Moved.to_string());
            return;
        }
        let kept = match (&text, &self.kept_draft) {
            (Some((name, text)), _) => {
                let at = self.clock.now().moment.iso();
                self.first(|store, _| store.keep_draft(name, text, &at))
            }
            // Typed back to what is saved: nothing is half-typed any more.
            (None, Some((name, _))) => {
                let name = name.clone();
                self.first(|store, _| store.drop_draft(&name))
            }
            (None, None) => Ok(()),
        };
        match kept {
            Ok(()) => {
                self.kept_draft = text;
                self.still_writing();
            }
            Err(fault) => self.model.refuse(fault.to_string()),
        }
    }

    /// Whether half-typed text is not kept yet.
    pub fn has_loose_text(&self) -> bool {
        let text = self.model.text_in_progress();
        text.is_some() && text != self.kept_draft && self.model.only_read.is_none()
    }

    /// Whether something on the screen moves by itself.
    pub fn ticks(&self) -> bool {
        self.model.screen == Room::Meeting
            && self.model.next_meeting.as_ref().is_some_and(|meeting| meeting.stage == Stage::Live)
    }

    /// Whether work goes on off this thread.
    pub fn is_working(&self) -> bool {
        self.jobs.progress().is_some() || self.papers.progress().is_some() || self.is_copying_in_front()
    }

    /// Closes the file.
    ///
    /// # Errors
    /// Any fault of the disk; everything confirmed is safe.
    pub fn close(mut self) -> Result<(), Fault> {
        self.keep_draft();
        self.end_copy();
        self.go();
        self.store.close()
    }
}

fn answer(done: Result<(crate::store::Receipt, String), Fault>) -> Msg {
    match done {
        Ok((receipt, said)) => Msg::Committed { receipt, said, then: None },
        Err(fault) => Msg::Failed(fault),
    }
}

/// Runs the terminal UI until the user leaves. `notices` are read first, one after the other.
///
/// # Errors
/// Where the terminal cannot be used, or the file cannot be read.
pub fn run(desk: Desk, notices: Vec<Msg>) -> Result<(), RunError> {
    let mut screen = Screen::take()?;
    let size = screen.terminal.size()?;
    let mut session = Session::new(desk, (size.width, size.height))?;
    session.outside = Box::new(Desktop);
    notices.into_iter().for_each(|notice| session.take(notice));
    let (sender, wakes) = unbounded();
    let watch = watch(&session.reader, sender.clone());
    session.unwatched = watch.is_none();
    let waker = sender.clone();
    session.wake = Some(Arc::new(move || {
        let _ = waker.send(Wake::Work);
    }));
    session.begin_work();
    listen(sender);
    session.keep_copies();
    let mut seat = Seat::new(session);
    let outcome = turn(&mut screen, &mut seat, &wakes);
    drop(screen);
    if outcome.is_err() {
        // The terminal went before the system said so.
        seat.told_to_go();
    }
    seat.last_copy();
    let closed = seat.close();
    outcome?;
    closed.map_err(RunError::from)
}

/// Why the UI ended badly.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The terminal.
    #[error(
        "The terminal could not be used: {0}. mdt needs an interactive terminal; the other commands (mdt --help) do not."
    )]
    Terminal(#[from] io::Error),
    /// The file.
    #[error("{0}")]
    File(#[from] Fault),
}

fn turn(screen: &mut Screen, seat: &mut Seat, wakes: &Receiver<Wake>) -> Result<(), RunError> {
    let mut keys_since_draft = 0;
    let mut last_key: Option<Instant> = None;
    let mut was_locked = false;
    let mut woke = Instant::now();
    loop {
        if seat.is_locked() != was_locked {
            was_locked = !was_locked;
            screen.wipe()?;
        }
        screen.terminal.draw(|frame| seat.view(frame))?;
        let draft = last_key
            .filter(|_| seat.has_loose_text())
            .map(|at| DRAFT_PAUSE.saturating_sub(at.elapsed()).max(Duration::from_millis(5)));
        let wait = [draft, seat.wait()].into_iter().flatten().min();
        let first = match wait {
            Some(wait) => wakes.recv_timeout(wait).ok(),
            None => wakes.recv().ok(),
        };
        seat.woke(woke.elapsed(), wait);
        woke = Instant::now();
        let mut next = first;
        if next.is_none() {
            seat.take(Msg::Tick);
        }
        // Everything that is waiting is taken in before the next picture.
        while let Some(wake) = next {
            match wake {
                Wake::Terminal(event) => {
                    if let Some(msg) = translate(event) {
                        if matches!(msg, Msg::Key(_) | Msg::Paste(_)) {
                            keys_since_draft += 1;
                            last_key = Some(Instant::now());
                        }
                        seat.take(msg);
                    }
                }
                // What was written is read below, like everything that happened while a key was taken in.
                Wake::File | Wake::Work => {}
                Wake::Suspend => seat.suspending = true,
                Wake::Terminate => seat.told_to_go(),
            }
            if seat.leaving || seat.suspending {
                break;
            }
            next = wakes.try_recv().ok();
        }
        seat.collect();
        if seat.leaving {
            return Ok(());
        }
        if std::mem::take(&mut seat.suspending) {
            // Whoever brings it back to the foreground may be somebody else: a program asleep holds no key.
            seat.lock(Why::Slept);
            screen.suspend()?;
            woke = Instant::now();
            was_locked = true;
        }
        if keys_since_draft >= DRAFT_KEYS || last_key.is_some_and(|at| at.elapsed() >= DRAFT_PAUSE) {
            seat.keep_draft();
            keys_since_draft = 0;
            last_key = None;
        }
        seat.look_around();
    }
}
