//! Copies of the file, made off the thread that draws: when one is due, and the one being made.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use crate::clock::{self, Now};
use crate::domain::day::Moment;
use crate::store::backup::{Made, Why};
use crate::store::fault::Fault;
use crate::store::log::Stamp;
use crate::store::{Stop, Store};

use super::lists::THREAD;

/// During a live meeting a copy is made so often.
const MEETING: i64 = 30 * 60;
/// A newest copy older than this is said on Home.
const STALE: i64 = 24 * 3_600;

/// When the newest copy that holds was made, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Newest {
    /// Nobody keeps copies of this file here.
    NotKept,
    /// There is none.
    None,
    /// Then.
    At(Moment),
}

impl Newest {
    /// Whether it should be said: there is none, or it is older than a day. (A clock that went back makes no alarm.)
    pub fn is_stale(self, now: Moment) -> bool {
        match self {
            Self::NotKept => false,
            Self::None => true,
            Self::At(at) => now.seconds_since(at) > STALE,
        }
    }

    fn moment(self) -> Option<Moment> {
        match self {
            Self::NotKept | Self::None => None,
            Self::At(at) => Some(at),
        }
    }
}

/// What came of a copy.
#[derive(Debug)]
pub struct Kept {
    /// Why it was made.
    pub why: Why,
    /// The copy, or why there is none.
    pub made: Result<Made, Fault>,
}

/// The one copy being made, if there is one, and when the next is due.
#[derive(Default)]
pub struct Keeping {
    running: Option<Running>,
    tried: Option<Moment>,
}

struct Running {
    receive: Receiver<Kept>,
    stop: Stop,
    /// Done, of how many.
    gauge: Arc<(AtomicUsize, AtomicUsize)>,
}

impl Keeping {
    /// Begins a copy, on a connection of its own; `wake` is called when it is done. While one is being made, no other begins.
    pub fn start(&mut self, why: Why, store: Store, stamp: Stamp, wake: impl FnOnce() + Send + 'static) {
        if self.running.is_some() {
            return;
        }
        self.tried = Moment::from_iso(&stamp.at);
        let (send, receive) = bounded(1);
        let (stop, gauge) = (Stop::default(), Arc::new((AtomicUsize::new(0), AtomicUsize::new(0))));
        self.running = Some(Running { receive, stop: stop.clone(), gauge: Arc::clone(&gauge) });
        let failed = send.clone();
        let spawned = thread::Builder::new().name(THREAD.to_owned()).spawn(move || {
            let mut tell = |done: usize, of: usize| {
                gauge.0.store(done, Ordering::Relaxed);
                gauge.1.store(of, Ordering::Relaxed);
            };
            let made =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| store.back_up(why, &stamp, &stop, &mut tell)));
            let made = made.unwrap_or_else(|_| Err(Fault::NotCopied("A fault in mdt stopped this.".to_owned())));
            // Closed before anybody hears of it: who leaves then is the last.
            let _ = store.close();
            let _ = send.send(Kept { why, made });
            wake();
        });
        if spawned.is_err() {
            let made = Err(Fault::NotCopied("This machine gives no thread for it.".to_owned()));
            let _ = failed.send(Kept { why, made });
        }
    }

    /// Lets a copy that is due pass: the next is due half an hour later, or on another day.
    pub fn pass(&mut self, now: Moment) {
        self.tried = Some(now);
    }

    /// Asks the copy to stop; nothing of it stays.
    pub fn stop(&self) {
        if let Some(running) = &self.running {
            running.stop.ask();
        }
    }

    /// Whether one is being made.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// How far it is, in hundredths.
    pub fn hundredths(&self) -> usize {
        let Some(running) = &self.running else { return 0 };
        let (done, of) = (running.gauge.0.load(Ordering::Relaxed), running.gauge.1.load(Ordering::Relaxed));
        (done * 100 / of.max(1)).min(100)
    }

    /// What came of it, if that is known within this time.
    pub fn within(&mut self, time: Duration) -> Option<Kept> {
        let kept = self.running.as_ref()?.receive.recv_timeout(time).ok()?;
        self.running = None;
        Some(kept)
    }

    /// Why a copy is due now, if one is: the first start of a day, or half an hour of a live meeting. One try that failed is
    /// not made again before its time.
    pub fn due(&self, newest: Newest, live: bool, now: Now) -> Option<Why> {
        let day_of = |at: Moment| clock::local(at, &now.clock()).0;
        let last = newest.moment().max(self.tried);
        if self.running.is_some() || newest == Newest::NotKept {
            None
        } else if last.is_none_or(|at| day_of(at) < now.today) {
            Some(Why::Day)
        } else {
            (live && last.is_some_and(|at| now.moment.seconds_since(at) >= MEETING)).then_some(Why::Meeting)
        }
    }

    /// How long until the next may be due in a live meeting.
    pub fn next_in_meeting(&self, newest: Newest, now: Now) -> Duration {
        let since = newest.moment().max(self.tried).map_or(MEETING, |at| now.moment.seconds_since(at));
        Duration::from_secs(u64::try_from(MEETING - since).unwrap_or(0).max(1))
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    fn now(text: &str) -> Now {
        Now::at(text.parse::<DateTime<Utc>>().unwrap(), 0)
    }

    fn at(text: &str) -> Newest {
        Newest::At(Moment::from_iso(text).unwrap())
    }

    #[test]
    fn a_copy_is_due_once_a_day_and_every_half_hour_of_a_meeting() {
        let mut it = Keeping::default();
        let noon = now("2026-11-26T12:00:00Z");
        assert_eq!(it.due(Newest::NotKept, true, noon), None);
        assert_eq!(it.due(Newest::None, false, noon), Some(Why::Day));
        assert_eq!(it.due(at("2026-11-25T23:59:00Z"), false, noon), Some(Why::Day));
        assert_eq!(it.due(at("2026-11-26T00:01:00Z"), false, noon), None);
        assert_eq!(it.due(at("2026-11-26T11:31:00Z"), true, noon), None);
        assert_eq!(it.due(at("2026-11-26T11:30:00Z"), true, noon), Some(Why::Meeting));
        assert_eq!(it.due(at("2026-11-26T11:30:00Z"), false, noon), None);
        assert_eq!(it.due(at("2026-12-26T11:30:00Z"), true, noon), None, "a clock that went back");
        // A try that failed waits its time.
        it.tried = Moment::from_iso("2026-11-26T11:50:00Z");
        assert_eq!(it.due(Newest::None, true, noon), None);
        assert_eq!(it.next_in_meeting(Newest::None, noon), Duration::from_secs(20 * 60));
        assert_eq!(it.due(Newest::None, true, now("2026-11-26T12:20:00Z")), Some(Why::Meeting));
    }

    #[test]
    fn a_copy_older_than_a_day_is_stale() {
        let moment = now("2026-11-26T12:00:00Z").moment;
        assert!(!Newest::NotKept.is_stale(moment));
        assert!(Newest::None.is_stale(moment));
        assert!(!at("2026-11-25T12:00:00Z").is_stale(moment));
        assert!(at("2026-11-25T11:59:59Z").is_stale(moment));
        assert!(!at("2026-12-25T11:59:59Z").is_stale(moment));
    }
}
