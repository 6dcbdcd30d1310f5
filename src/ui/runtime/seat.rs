//! The place at the keys: a session on an open file, or a locked screen that holds nothing of it.
//!
//! Locking keeps half-typed text, closes the file and drops everything read from it – the model, both connections and the key
//! with them. What is left is a [`Locked`]. Unlocking opens the file anew, with every check of opening.

use std::time::Duration;

use ratatui::Frame;

use crate::clock::Clock;
use crate::domain::day::Moment;
use crate::domain::id::Mint;
use crate::domain::meeting::Stage;
use crate::store::fault::Fault;
use crate::store::heads::Heads;
use crate::store::session::Program;
use crate::store::{self, Reader, Store};
use crate::ui::idle;
use crate::ui::locked::{self, Asked, Locked, Why};
use crate::ui::msg::Msg;
use crate::ui::outside::{Nowhere, Outside};
use crate::ui::view::view;

use super::{Desk, Session, WORK_TICK};

/// A clock that stood still for so many seconds more than the program did: the machine slept, or the program did.
const GAP: i64 = 60;

/// The place at the keys.
pub struct Seat {
    /// The session; none once the file is closed. One that still works is covered by the lock until its work is done.
    session: Option<Box<Session>>,
    locked: Option<Locked>,
    /// What a session needs again that knows nothing of anybody.
    kept: Kept,
    /// When a key was pressed last.
    touched: Moment,
    /// When the loop woke last, by the clock on the wall.
    awake: Moment,
    /// Whether the user asked to leave.
    pub leaving: bool,
    /// Whether the user asked for the shell.
    pub suspending: bool,
    /// Whether the system asked the program to go.
    told: bool,
}

/// What outlives a session.
struct Kept {
    outside: Box<dyn Outside>,
    wake: Option<std::sync::Arc<dyn Fn() + Send + Sync>>,
    unwatched: bool,
    /// The number it signed in under.
    number: Option<i64>,
    /// Whether it makes copies by itself.
    copies: bool,
    /// Where it is remembered how far the file has come.
    heads: Option<Heads>,
}

impl Seat {
    /// A place at an open file.
    pub fn new(session: Session) -> Self {
        let now = session.clock.now().moment;
        let (outside, unwatched) = (Box::new(Nowhere), session.unwatched);
        let kept = Kept { outside, wake: None, unwatched, number: None, copies: false, heads: None };
        Self {
            session: Some(Box::new(session)),
            locked: None,
            kept,
            touched: now,
            awake: now,
            leaving: false,
            suspending: false,
            told: false,
        }
    }

    /// The session, while the file is open and shown.
    pub fn session(&mut self) -> Option<&mut Session> {
        if self.locked.is_some() { None } else { self.session.as_deref_mut() }
    }

    /// Whether the screen is locked.
    pub fn is_locked(&self) -> bool {
        self.locked.is_some()
    }

    /// Whether the file is closed.
    pub fn is_closed(&self) -> bool {
        self.session.is_none()
    }

    fn clock(&self) -> Clock {
        match (&self.locked, &self.session) {
            (Some(locked), _) => locked.clock.clone(),
            (None, Some(session)) => session.clock.clone(),
            (None, None) => Clock::System,
        }
    }

    /// Lets a fixed clock move on; the machine's moves by itself.
    pub fn advance(&mut self, by: chrono::Duration) {
        if let Some(session) = &mut self.session {
            session.clock.advance(by);
        }
        if let Some(locked) = &mut self.locked {
            locked.clock.advance(by);
        }
    }

    /// Takes something in.
    pub fn take(&mut self, msg: Msg) {
        if self.locked.is_some() {
            return self.take_locked(msg);
        }
        let now = self.clock().now().moment;
        let touches = matches!(msg, Msg::Key(_) | Msg::Paste(_) | Msg::Wheel(_));
        if self.left(now).is_some_and(|left| left <= 0) {
            // The first key after the time was up comes from somebody who has not shown who they are.
            return self.lock(Why::Idle);
        }
        let Some(session) = &mut self.session else { return };
        session.model.now = session.clock.now();
        if touches {
            self.touched = now;
            let blank = idle::is_blank(&session.model);
            session.model.idle.left = None;
            if blank {
                return;
            }
        }
        session.take(msg);
        self.leaving |= session.leaving;
        self.suspending |= std::mem::take(&mut session.suspending);
        if std::mem::take(&mut session.locking) {
            return self.lock(Why::Asked);
        }
        self.count(now);
    }

    /// Seconds until the screen locks by itself.
    fn left(&self, now: Moment) -> Option<i64> {
        let session = self.session.as_ref().filter(|_| self.locked.is_none())?;
        // A clock that was set back begins anew.
        let since = self.touched.utc().min(now.utc());
        Some(idle::limit(&session.model) - (now.utc() - since).num_seconds())
    }

    fn count(&mut self, now: Moment) {
        if now.utc() < self.touched.utc() {
            self.touched = now;
        }
        let left = self.left(now).filter(|left| *left <= idle::LAST);
        if let Some(session) = &mut self.session {
            session.model.idle.left = left;
        }
    }

    /// The loop woke, `slept` after it had woken before, by a clock that stands still while the machine sleeps; it had meant
    /// to sleep for `planned`.
    pub fn woke(&mut self, slept: Duration, planned: Option<Duration>) {
        let now = self.clock().now().moment;
        let wall = now.seconds_since(self.awake);
        self.awake = now;
        let slept_on = i64::try_from(slept.as_secs()).unwrap_or(i64::MAX);
        let late = planned.map_or(0, |planned| slept.saturating_sub(planned).as_secs());
        if wall.saturating_sub(slept_on) > GAP || late > GAP.unsigned_abs() {
            self.lock(Why::Slept);
        }
    }

    /// Locks the screen. Half-typed text is kept first; where that cannot be done, or work goes on, the file is closed as soon
    /// as it can be, and nothing of it is shown meanwhile.
    pub fn lock(&mut self, why: Why) {
        if self.locked.is_some() {
            return;
        }
        let Some(mut session) = self.session.take() else { return };
        let text = session.model.text_in_progress().is_some();
        session.store.hurry();
        session.keep_draft();
        let mut locked = Locked::of(&session.model, &session.reader, session.clock.clone(), why);
        locked.text_kept = text;
        self.locked = Some(locked);
        self.kept.number = session.signed_in;
        session.let_go();
        if is_busy(&session) {
            self.session = Some(session);
        } else {
            self.put_away(*session);
        }
    }

    /// Closes the file and drops what was read from it.
    fn put_away(&mut self, mut session: Session) {
        self.kept.outside = std::mem::replace(&mut session.outside, Box::new(Nowhere));
        self.kept.wake = session.wake.take();
        self.kept.unwatched = session.unwatched;
        self.kept.copies = session.keeps_copies();
        let Session { model, reader, store, .. } = session;
        self.kept.heads = store.remembers_in();
        drop(model);
        drop(reader);
        if let (Err(fault), Some(locked)) = (store.close(), &mut self.locked) {
            locked.say(fault.to_string());
        }
    }

    fn take_locked(&mut self, msg: Msg) {
        let Some(locked) = &mut self.locked else { return };
        let asked = match msg {
            Msg::Key(key) => locked.key(key),
            Msg::Paste(mut text) => {
                locked.paste(&mut text);
                Asked::Nothing
            }
            Msg::Resize(columns, rows) => {
                locked.size = (columns, rows);
                Asked::Nothing
            }
            _ => Asked::Nothing,
        };
        match asked {
            Asked::Nothing => {}
            Asked::Unlock => self.unlock(),
            Asked::Leave => self.leaving = true,
        }
    }

    fn unlock(&mut self) {
        let Some(mut locked) = self.locked.take() else { return };
        let passphrase = locked.passphrase();
        let opened = match self.session.take() {
            // The file is still open behind the lock. Opening it by its name now would take its own locks away.
            Some(mut session) if passphrase.as_ref().is_none_or(|it| session.store.is_opened_by(it)) => {
                session.store.hurry_no_more();
                Ok(session)
            }
            Some(session) => {
                self.session = Some(session);
                Err(Fault::WrongKey)
            }
            None => {
                let open = if locked.only_read { store::open_to_read } else { store::open };
                open(&locked.path, passphrase.as_ref())
                    .and_then(|(store, reader)| self.come_back(&locked, store, reader))
            }
        };
        let mut session = match opened {
            Ok(session) => session,
            Err(fault) => {
                locked.refused(&fault);
                self.locked = Some(locked);
                return;
            }
        };
        let now = session.clock.now();
        self.touched = now.moment;
        self.awake = now.moment;
        session.model.now = now;
        session.model.idle.left = None;
        let (columns, rows) = locked.size;
        session.take(Msg::Resize(columns, rows));
        if let Some(words) = welcome(&locked, &session) {
            session.model.say(words);
        }
        self.session = Some(session);
    }

    /// A fresh session on the file opened again, where the old one was left.
    fn come_back(&mut self, locked: &Locked, mut store: Store, reader: Reader) -> Result<Box<Session>, Fault> {
        if locked::mark(&reader) != locked.mark {
            return Err(Fault::Moved);
        }
        let standing = self.kept.heads.as_ref().and_then(|heads| store.remember_in(heads, &reader).ok());
        let mut teams = reader.teams()?.into_iter();
        let team = teams.find(|team| team.id == locked.team).ok_or(Fault::Moved)?;
        // Ids of its own: those made before the lock were counted from another moment.
        let mut salt = [0; 4];
        getrandom::fill(&mut salt).map_err(|_| Fault::NotOpened("This machine gives no random numbers.".to_owned()))?;
        let mint = Mint::new(locked.clock.now().moment.utc(), u32::from_be_bytes(salt));
        let desk = Desk {
            store,
            reader,
            team,
            clock: locked.clock.clone(),
            mint,
            actor: locked.actor.clone(),
            login: locked.login.clone(),
            theme: locked.theme,
        };
        // As before the lock: what was half-typed is this program's own.
        let Kept { number, unwatched, copies, .. } = self.kept;
        let mut session = Box::new(Session::seated(desk, locked.size, number)?);
        locked.place.clone().come_back(&mut session.model, &session.reader)?;
        session.outside = std::mem::replace(&mut self.kept.outside, Box::new(Nowhere));
        session.wake = self.kept.wake.take();
        session.unwatched = unwatched;
        if let Some(number) = number {
            session.sign_in(&Program::this(), Some(number).filter(|number| *number != 0));
        }
        if copies {
            session.keep_copies();
        }
        if let Some(warning) = standing.and_then(|standing| standing.warning()) {
            session.model.refuse(warning);
        }
        Ok(session)
    }

    /// Whether half-typed text is not kept yet.
    pub fn has_loose_text(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.has_loose_text())
    }

    /// Keeps half-typed text.
    pub fn keep_draft(&mut self) {
        if let Some(session) = &mut self.session {
            session.keep_draft();
        }
    }

    /// Takes in what work off this thread has come to; behind the lock, closes the file when it is done.
    pub fn collect(&mut self) {
        let Some(session) = &mut self.session else { return };
        let worked = session.is_working();
        session.collect();
        // A copy may have been made first.
        self.leaving |= session.leaving;
        if let Some(locked) = &mut self.locked {
            locked.worked |= worked;
            if !session.is_working() {
                session.store.hurry();
                session.keep_draft();
                if !is_busy(session)
                    && let Some(session) = self.session.take()
                {
                    self.put_away(*session);
                }
            }
        }
    }

    /// Looks whether somebody else wrote. A locked screen has nothing to show of it.
    pub fn look_around(&mut self) {
        if let Some(session) = self.session() {
            session.look_around();
        }
    }

    /// How long nothing moves by itself.
    pub fn wait(&self) -> Option<Duration> {
        let working = self.session.as_ref().filter(|session| session.is_working()).map(|_| WORK_TICK);
        if let Some(locked) = &self.locked {
            let minute = Duration::from_secs(locked.moves_in());
            // Text that could not be kept yet is tried again.
            let loose = self.has_loose_text().then_some(Duration::from_secs(1));
            return [working, loose, Some(minute)].into_iter().flatten().min();
        }
        let session = self.session.as_ref()?;
        let second = Duration::from_secs(1);
        let left = self.left(self.clock().now().moment).unwrap_or(idle::LAST);
        let idle = match u64::try_from(left - idle::LAST) {
            Ok(seconds @ 1..) => Duration::from_secs(seconds),
            Ok(0) | Err(_) => second,
        };
        [working, session.ticks().then_some(second), session.polls(), session.until_copy(), Some(idle)]
            .into_iter()
            .flatten()
            .min()
    }

    /// Draws what is to be seen.
    pub fn view(&self, frame: &mut Frame<'_>) {
        match (&self.locked, &self.session) {
            (Some(locked), _) => locked.view(frame),
            (None, Some(session)) => view(&session.model, frame),
            (None, None) => {}
        }
    }

    /// The system asks the program to go: nobody is there to be asked anything.
    pub fn told_to_go(&mut self) {
        (self.leaving, self.told) = (true, true);
    }

    /// Told to go, makes a copy first, as somebody who leaves would have had one – where that is quick: who tells a program to
    /// go may kill it soon after. Half-typed text is kept before. The screen has been given back by now.
    pub fn last_copy(&mut self) {
        if !self.told {
            return;
        }
        if let Some(session) = &mut self.session {
            session.keep_draft();
            session.copy_before_going();
        }
    }

    /// Closes the file, if it is open.
    ///
    /// # Errors
    /// Any fault of the disk; everything confirmed is safe.
    pub fn close(self) -> Result<(), Fault> {
        self.session.map_or(Ok(()), |session| session.close())
    }
}

/// Whether the file has to stay open behind the lock for a while: work goes on, a copy is being made, text is not kept yet.
fn is_busy(session: &Session) -> bool {
    session.is_working() || session.keeping.is_running() || session.has_loose_text()
}

/// What is said when the screen is there again.
fn welcome(locked: &Locked, session: &Session) -> Option<String> {
    let mut parts = Vec::new();
    if locked.wrong() > 0 {
        let n = locked.wrong();
        parts.push(format!(
            "{n} wrong {} typed on the locked screen.",
            if n == 1 { "passphrase was" } else { "passphrases were" }
        ));
    }
    if locked.worked {
        parts.push("The work that went on behind the lock is done: see Lists (9), or the folder exports.".to_owned());
    }
    if locked.text_kept && session.model.text_in_progress().is_none() {
        parts.push("What you had half-typed is kept: open that card again and it is back.".to_owned());
    } else if locked.text_kept {
        parts.push("What you had half-typed is back.".to_owned());
    }
    let live = session.model.next_meeting.as_ref().is_some_and(|meeting| meeting.stage == Stage::Live);
    if parts.is_empty() && live {
        parts.push("Unlocked. The meeting is still live.".to_owned());
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}
