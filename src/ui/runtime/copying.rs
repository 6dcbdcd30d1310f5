//! Copies that the session keeps: begun when one is due, said only where something is wrong, and made before it leaves.

use std::time::Duration;

use crate::domain::day::Moment;
use crate::domain::meeting::Stage;
use crate::domain::text::displayable;
use crate::jobs::keeping::{Kept, Newest};
use crate::store::FileKind;
use crate::store::backup::{Made, Why};
use crate::store::fault::Fault;
use crate::ui::msg::Msg;
use crate::ui::overlays::making::Making;

use super::Session;

/// A copy made within this time needs no word about how far it is.
const AT_ONCE: Duration = Duration::from_millis(300);
/// Who is made to leave waits no longer than this for a copy that was told to stop.
const LAST_WORD: Duration = Duration::from_secs(2);

/// Who is told to go by the system makes a copy within this time, or none.
const BEFORE_GOING: Duration = Duration::from_secs(3);

/// What the session knows of its copies.
#[derive(Default)]
pub(super) struct Copies {
    /// Whether it makes them by itself.
    kept: bool,
    /// Whether it leaves when the one being made is done.
    leaves_after: bool,
    /// The step at which somebody gave up a copy before leaving: they may leave without.
    given_up_at: Option<i64>,
    /// Whether a step about a copy waits for a list to come in first.
    unwritten: bool,
}

impl Session {
    /// Makes copies by itself from now on: of a team's real file, not of the demo, nor of one that is open to read only.
    pub fn keep_copies(&mut self) {
        if self.model.kind != FileKind::Real || self.model.only_read.is_some() {
            return;
        }
        self.copies.kept = true;
        self.look_for_newest();
        self.copy_if_due();
        // Most files are copied before the first picture.
        self.collect_copy(AT_ONCE);
    }

    /// Whether it makes copies by itself.
    pub(super) fn keeps_copies(&self) -> bool {
        self.copies.kept
    }

    /// Whether something about a copy moves on the screen.
    pub(super) fn is_copying_in_front(&self) -> bool {
        self.copies.leaves_after && self.keeping.is_running()
    }

    /// How long to sleep at most, so that the copies of a live meeting are not late.
    pub(super) fn until_copy(&self) -> Option<Duration> {
        (self.copies.kept && self.is_live() && !self.keeping.is_running())
            .then(|| self.keeping.next_in_meeting(self.model.newest_copy, self.clock.now()))
    }

    /// Makes a copy because somebody asked.
    pub(super) fn copy_now(&mut self) -> Option<Msg> {
        if self.keeping.is_running() {
            return Some(Msg::Said("A copy is being made already.".to_owned()));
        }
        if let Err(fault) = self.begin_copy(Why::Hand) {
            return Some(Msg::Trouble(fault.to_string()));
        }
        if let Some(kept) = self.keeping.within(AT_ONCE) {
            self.settle_copy(kept);
            return None;
        }
        Some(Msg::Said("A copy is being made. You can go on working.".to_owned()))
    }

    /// Leaves, after a copy where something was done since the last one.
    pub(super) fn leave(&mut self) -> Option<Msg> {
        if !self.copies.kept || self.copies.given_up_at == Some(self.model.seen_step) || !self.is_copy_wanted() {
            self.leaving = true;
            return None;
        }
        if !self.keeping.is_running()
            && let Err(fault) = self.begin_copy(Why::Quit)
        {
            return Some(self.stay(&fault));
        }
        self.copies.leaves_after = true;
        if let Some(kept) = self.keeping.within(AT_ONCE) {
            self.settle_copy(kept);
            return None;
        }
        Some(self.copying())
    }

    /// Makes a copy before going at the system's word, where something was done since the last one; no longer than a bound.
    /// One that takes longer leaves nothing behind, and the first start of the next day makes one.
    pub(super) fn copy_before_going(&mut self) {
        if !self.copies.kept || !self.is_copy_wanted() {
            return;
        }
        let begun = self.keeping.is_running() || self.begin_copy(Why::Quit).is_ok();
        match begun.then(|| self.keeping.within(BEFORE_GOING)).flatten() {
            Some(Kept { made: Ok(_), .. }) => {
                let stamp = self.stamp();
                self.store.hurry();
                // Nobody is there to be told: the copy is on the list all the same.
                let _ = self.store.note_backup(&stamp);
            }
            Some(Kept { made: Err(_), .. }) => {}
            None => self.end_copy(),
        }
    }

    /// Stops a copy that was to be made before leaving.
    pub(super) fn give_up_copy(&mut self) {
        if std::mem::take(&mut self.copies.leaves_after) {
            self.copies.given_up_at = Some(self.model.seen_step);
            self.keeping.stop();
        }
    }

    /// Takes in what came of a copy, within this time, and begins the next where one is due.
    pub(super) fn collect_copy(&mut self, within: Duration) {
        if let Some(kept) = self.keeping.within(within) {
            self.settle_copy(kept);
        } else if self.is_copying_in_front() {
            let copying = self.copying();
            self.take(copying);
        }
        if self.copies.unwritten && self.jobs.progress().is_none() {
            self.note_copy();
        }
        if !self.leaving {
            self.copy_if_due();
        }
    }

    /// Lets go of a copy being made, so that the file can be closed.
    pub(super) fn end_copy(&mut self) {
        if self.keeping.is_running() {
            self.keeping.stop();
            let _ = self.keeping.within(LAST_WORD);
        }
    }

    fn copy_if_due(&mut self) {
        if !self.copies.kept {
            return;
        }
        let Some(why) = self.keeping.due(self.model.newest_copy, self.is_live(), self.clock.now()) else { return };
        // A meeting in which nothing was written needs no further copy; a day begins with one, which tries the file whole.
        if why != Why::Day && !self.is_copy_wanted() {
            self.keeping.pass(self.clock.now().moment);
            return;
        }
        if let Err(fault) = self.begin_copy(why) {
            // Not tried again at every key.
            self.keeping.pass(self.clock.now().moment);
            self.take(Msg::Trouble(fault.to_string()));
        }
    }

    fn is_live(&self) -> bool {
        self.model.next_meeting.as_ref().is_some_and(|meeting| meeting.stage == Stage::Live)
    }

    /// Whether the newest copy lacks something.
    fn is_copy_wanted(&self) -> bool {
        let newest = self.reader.newest_copy().ok().flatten();
        // In doubt there is a copy more.
        self.reader.changed_since(newest.map_or(0, |entry| entry.seq)).unwrap_or(true)
    }

    fn begin_copy(&mut self, why: Why) -> Result<(), Fault> {
        let (store, _) = self.store.twin()?;
        let (stamp, wake) = (self.stamp(), self.wake.clone());
        self.keeping.start(why, store, stamp, move || {
            if let Some(wake) = wake {
                wake();
            }
        });
        Ok(())
    }

    fn settle_copy(&mut self, kept: Kept) {
        let leaves = std::mem::take(&mut self.copies.leaves_after);
        if leaves {
            self.take(Msg::NotMaking);
        }
        match kept.made {
            Ok(made) => {
                self.copies.unwritten = true;
                if self.jobs.progress().is_none() {
                    self.note_copy();
                }
                self.look_for_newest();
                self.tell(kept.why, &made);
                // One that was begun earlier may lack what was done since.
                if leaves && let Some(msg) = self.leave() {
                    self.take(msg);
                }
            }
            Err(Fault::Stopped) => {}
            Err(fault) if leaves => {
                let stay = self.stay(&fault);
                self.take(stay);
            }
            Err(fault) => self.take(Msg::Trouble(fault.to_string())),
        }
    }

    fn tell(&mut self, why: Why, made: &Made) {
        if let Some(warning) = made.warnings.first() {
            self.take(Msg::Trouble(warning.clone()));
        } else if why == Why::Hand {
            let name = made.path.file_name().unwrap_or_default().to_string_lossy();
            let said =
                format!("A copy was made and tried whole: {}, {}.", displayable(&name), made.copied.head.printed());
            self.take(Msg::Said(said));
        }
    }

    fn stay(&mut self, fault: &Fault) -> Msg {
        self.copies.given_up_at = Some(self.model.seen_step);
        Msg::Trouble(format!("{fault} Everything you did is saved. Leave once more to leave without a copy."))
    }

    fn copying(&self) -> Msg {
        Msg::Making(Making {
            what: "Making a copy before leaving".to_owned(),
            done: self.keeping.hundredths(),
            of: 100,
        })
    }

    /// Writes the step that says so. A list being taken in is not made to begin again for it.
    fn note_copy(&mut self) {
        self.copies.unwritten = false;
        let stamp = self.stamp();
        match self.store.note_backup(&stamp) {
            Ok(_) => self.take(Msg::Foreign),
            Err(fault) => self.take(Msg::Trouble(format!("A copy was made, but the log does not say so: {fault}"))),
        }
    }

    fn look_for_newest(&mut self) {
        if !self.copies.kept {
            return;
        }
        let newest = self.reader.newest_copy().ok().flatten().and_then(|entry| Moment::from_iso(&entry.at));
        self.model.newest_copy = newest.map_or(Newest::None, Newest::At);
    }
}
