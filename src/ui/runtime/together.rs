//! Several programs on one file: each says that it is there, which card it has open, and whose screen leads a live meeting; each
//! reads what the others write, and writes nothing from a picture that may be old.

use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::day::Moment;
use crate::domain::id::MeetingId;
use crate::domain::meeting::{Stage, led};
use crate::store::Deed;
use crate::store::fault::Fault;
use crate::store::log::StepKind;
use crate::store::session::Program;
use crate::ui::company::time;
use crate::ui::effect::Effect;
use crate::ui::foreign;
use crate::ui::idle;
use crate::ui::msg::Msg;
use crate::ui::overlays::confirm::Confirm;

use super::Session;

/// While others are at work, their writing is asked for so often, should the system not tell of it.
pub(super) const POLL: Duration = Duration::from_secs(2);
/// A card without a key for so many seconds is no longer told of.
const CLAIM: i64 = 120;

impl Session {
    /// Signs in, and writes down that the file was opened to work with it.
    pub fn begin_work(&mut self) {
        if self.model.only_read.is_some() {
            return;
        }
        self.sign_in(&Program::this(), None);
        let deed = Deed::change("Open the file").of_kind(StepKind::Open);
        match self.first(|store, stamp| store.commit(&stamp, &deed, &[])) {
            Ok(receipt) => self.model.seen_step = self.model.seen_step.max(receipt.step),
            Err(fault) => self.model.refuse(fault.to_string()),
        }
    }

    /// Signs in as this program, under the number it had before where there was one. Where somebody is writing at this moment,
    /// it is tried again at the next look around.
    pub fn sign_in(&mut self, program: &Program, again: Option<i64>) {
        let login = self.model.login.clone();
        let number = self.first(|store, stamp| store.sign_in(program, &stamp, &login, again));
        self.signed_in = Some(number.unwrap_or(0));
        self.reader.sit(self.number());
        self.told = None;
        self.tell_others();
        self.meet();
    }

    /// The number it signed in under; 0 where it has not.
    pub fn number(&self) -> i64 {
        self.signed_in.unwrap_or(0)
    }

    /// Says that it goes.
    pub(super) fn go(&mut self) {
        if self.number() != 0 {
            // A row left behind is swept away by the next program.
            let _ = self.first(|store, _| store.sign_out());
        }
    }

    /// Says that nothing is open here any more: the screen is locked.
    pub(super) fn let_go(&mut self) {
        if self.told.take().is_some() {
            let _ = self.first(|store, _| store.release());
        }
    }

    pub(super) fn known_as(&mut self, actor: &str) {
        if self.number() != 0 {
            let _ = self.first(|store, _| store.work_as(actor));
        }
    }

    /// Looks whether somebody else wrote.
    pub fn look_around(&mut self) {
        if self.signed_in.is_some() && !self.reader.is_signed_in().unwrap_or(true) {
            // Another program took this one for gone, or somebody was writing when it signed in.
            let again = self.signed_in.filter(|number| *number != 0);
            self.sign_in(&Program::this(), again);
        }
        match self.reader.data_version() {
            Ok(now) if now != self.version || self.model.company.old.is_some() => {
                self.version = now;
                self.take(Msg::Foreign);
            }
            // A program that was killed told nobody.
            Ok(_) if !self.model.company.others.is_empty() => self.meet(),
            Ok(_) => {}
            // The picture stays, and says that it may no longer be what the file holds.
            Err(fault) => self.model.company.old = Some(foreign::words(&fault)),
        }
    }

    /// How soon to look around again although nothing told of anything.
    pub(super) fn polls(&self) -> Option<Duration> {
        let company = &self.model.company;
        (self.unwatched || !company.others.is_empty() || company.old.is_some() || self.signed_in == Some(0))
            .then_some(POLL)
    }

    /// Reads who else is at work, whose screen leads, and what is set for all.
    pub(super) fn meet(&mut self) {
        if self.number() == 0 {
            return;
        }
        let live = self.model.next_meeting.as_ref().filter(|meeting| meeting.stage == Stage::Live).map(|it| it.id);
        if let Ok((others, gone)) = self.reader.others(&self.since(CLAIM)) {
            self.model.company.others = others;
            if gone {
                let _ = self.first(|store, _| store.sweep());
            }
        }
        let leader = live.and_then(|meeting| self.reader.leader(meeting).ok().flatten());
        let led = self.model.company.leads;
        self.model.company.leads = leader.as_ref().is_some_and(|it| it.session == self.number());
        self.model.company.leader = leader.filter(|it| it.session != self.number()).map(|it| it.actor);
        if let (true, Some(who)) = (led, &self.model.company.leader) {
            let words = format!("{who} has taken over the meeting: this screen follows theirs from now on.");
            self.model.say(words);
        }
        if let Ok(kept) = self.reader.setting(idle::SETTING) {
            self.model.idle.set(kept.as_deref());
        }
    }

    /// The moment so many seconds ago.
    fn since(&self, seconds: i64) -> String {
        Moment::new(self.clock.now().moment.utc() - TimeDelta::seconds(seconds)).iso()
    }

    /// Tells the others which card is open here, and is told – once – who has it open already.
    pub(super) fn tell_others(&mut self) {
        let open = self.model.open_text();
        if self.number() == 0 || open == self.told {
            return;
        }
        if self.told.is_some() {
            let _ = self.first(|store, _| store.release());
        }
        self.told.clone_from(&open);
        let Some(name) = open else { return };
        // What is new has no other side yet.
        let is_new = name.ends_with(":new");
        if !is_new && let Ok(Some((who, since))) = self.reader.claimed(&name, &self.since(CLAIM)) {
            let since = time(&self.model, &since);
            self.model.say(format!(
                "{who} has this open since {since} – you may go on; if both change the same field, both are shown."
            ));
        }
        let at = self.clock.now().moment.iso();
        let _ = self.first(|store, _| store.claim(&name, &at));
        // What a program that is gone left half-typed here was put on the card: it is ours from now on.
        let _ = self.first(|store, _| store.adopt_draft(&name));
    }

    /// A key was pressed on what is open here.
    pub(super) fn still_writing(&mut self) {
        if let Some(name) = self.told.clone().filter(|_| self.number() != 0) {
            let at = self.clock.now().moment.iso();
            let _ = self.first(|store, _| store.claim(&name, &at));
        }
    }

    /// What may be done of this – or what happens instead: nothing is written from a picture that may be old, and what moves a
    /// meeting that another screen leads is asked about first.
    pub(super) fn allowed(&mut self, effects: Vec<Effect>) -> Result<Vec<Effect>, Msg> {
        if self.model.company.old.is_some() && effects.iter().any(writes) {
            return Err(Msg::Failed(Fault::Rule(
                "This screen may be old, because the file could not be read again. What you typed is still here."
                    .to_owned(),
            )));
        }
        let Some(meeting) = effects.iter().find_map(moves).filter(|_| self.number() != 0) else { return Ok(effects) };
        let taking = effects.iter().any(|effect| matches!(effect, Effect::TakeLead(_)));
        let leader = self.reader.leader(meeting).map_err(Msg::Failed)?;
        match leader {
            Some(leader) if leader.session != self.number() && !taking => {
                let title = format!("{}’s screen leads this meeting", leader.actor);
                let body = "It goes from person to person, and the other screens follow. Take over? What is recorded is not touched, and that you took over is written down.";
                let effects = std::iter::once(Effect::TakeLead(meeting)).chain(effects).collect();
                Err(Msg::Ask(Box::new(Confirm::effects(title, body, "take over", effects))))
            }
            Some(_) => Ok(effects),
            None => {
                let at = self.clock.now().moment.iso();
                let _ = self.first(|store, _| store.lead(meeting, &at));
                (self.model.company.leader, self.model.company.leads) = (None, true);
                Ok(effects)
            }
        }
    }

    /// Takes the lead from another screen.
    pub(super) fn take_lead(&mut self, meeting: MeetingId) -> Option<Msg> {
        match self.first(|store, stamp| store.take_lead(meeting, &stamp)) {
            Ok(_) => {
                (self.model.company.leader, self.model.company.leads) = (None, true);
                None
            }
            Err(fault) => Some(Msg::Failed(fault)),
        }
    }
}

/// The live meeting that an effect opens, moves on or ends.
fn moves(effect: &Effect) -> Option<MeetingId> {
    match effect {
        Effect::Commit(commit) => led(&commit.changes),
        _ => None,
    }
}

/// Whether an effect writes a record, or shows one to somebody outside.
fn writes(effect: &Effect) -> bool {
    match effect {
        Effect::Commit(_)
        | Effect::Undo(_)
        | Effect::Redo(_)
        | Effect::Export(_)
        | Effect::Copy(_)
        | Effect::List(_)
        | Effect::Repeat { .. }
        | Effect::TakeLead(_) => true,
        // That somebody looked is a fact, however old the picture.
        Effect::DropDraft(_)
        | Effect::Look(..)
        | Effect::Set { .. }
        | Effect::Become(_)
        | Effect::StopExport
        | Effect::OpenExports
        | Effect::StopList
        | Effect::Lock
        | Effect::Backup
        | Effect::Quit
        | Effect::Suspend => false,
    }
}
