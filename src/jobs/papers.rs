//! Documents made off the thread that draws. They are only made there: nothing is written down and nothing leaves until all
//! of them are there, so to stop is to forget them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use crate::clock::Clock;
use crate::domain::change::Record;
use crate::domain::team::Team;
use crate::exchange::output::outgoing::{Order, Parcel, Source, distinguish};
use crate::exchange::output::template::Template;
use crate::store::Reader;

use super::lists::THREAD;

/// What making needs that only the caller has.
pub struct Desk {
    /// A connection of its own.
    pub reader: Reader,
    /// The team.
    pub team: Record<Team>,
    /// The clock.
    pub clock: Clock,
    /// How it looks.
    pub template: Template,
}

/// What was made, or why not, in a sentence.
pub type Made = Result<Vec<Parcel>, String>;

/// The one order being made, if there is one.
#[derive(Default)]
pub struct Papers {
    running: Option<Running>,
}

struct Running {
    receive: Receiver<Made>,
    done: Arc<AtomicUsize>,
    of: usize,
    stop: Arc<AtomicBool>,
}

impl Papers {
    /// Begins to make these orders, one document each; `wake` is called when all are made. What was being made is forgotten.
    pub fn start(&mut self, orders: Vec<Order>, desk: Desk, wake: impl FnOnce() + Send + 'static) {
        self.stop();
        let (send, receive) = bounded(1);
        let (done, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        self.running = Some(Running { receive, done: Arc::clone(&done), of: orders.len(), stop: Arc::clone(&stop) });
        let failed = send.clone();
        let spawned = thread::Builder::new().name(THREAD.to_owned()).spawn(move || {
            let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| make(&orders, &desk, &done, &stop)));
            let made = made.unwrap_or_else(|_| Err("A fault in mdt stopped this. Nothing was written.".to_owned()));
            // Nobody may wait for it any more.
            let _ = send.send(made);
            wake();
        });
        if spawned.is_err() {
            let _ = failed.send(Err("This machine gives no thread for it. Nothing was written.".to_owned()));
        }
    }

    /// Forgets what is being made.
    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop.store(true, Ordering::Relaxed);
        }
    }

    /// How many documents are made, of how many, while some are being made.
    pub fn progress(&self) -> Option<(usize, usize)> {
        self.running.as_ref().map(|running| (running.done.load(Ordering::Relaxed), running.of))
    }

    /// What was made, if it is there within this time.
    pub fn within(&mut self, time: Duration) -> Option<Made> {
        let made = self.running.as_ref()?.receive.recv_timeout(time).ok()?;
        self.running = None;
        Some(made)
    }
}

fn make(orders: &[Order], desk: &Desk, done: &AtomicUsize, stop: &AtomicBool) -> Made {
    let source = Source { reader: &desk.reader, team: &desk.team, clock: &desk.clock, template: &desk.template };
    let mut parcels = Vec::with_capacity(orders.len());
    for order in orders {
        if stop.load(Ordering::Relaxed) {
            return Err("Stopped. Nothing was written.".to_owned());
        }
        parcels.push(source.make(order).map_err(|why| why.to_string())?);
        done.fetch_add(1, Ordering::Relaxed);
    }
    distinguish(&mut parcels);
    Ok(parcels)
}
