//! A list is read, judged and made ready on one thread while another one writes what is ready already.
//!
//! Whoever makes the changes stays on the caller's thread, because it reads the file as it was before the step through a
//! connection that cannot be shared. What goes across is [`Prepared`]: plain data, a few hundred at a time.

use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::domain::change::Change;
use crate::store::fault::Fault;
use crate::store::log::Stamp;
use crate::store::prepare::{Item, Prepared, Preparing, Totals};
use crate::store::{Commits, Deed, Receipt, Stop, Store};

/// Changes that go across together.
const TOGETHER: usize = 256;

/// How many such packets may wait: some megabytes.
const WAITING: usize = 8;

/// A store that writes on a thread of its own, for one step at a time.
pub struct Ahead<'s> {
    store: &'s mut Store,
    stop: Stop,
}

enum Packet {
    Some(Vec<Prepared>),
    Last(Vec<Prepared>, Totals),
}

impl<'s> Ahead<'s> {
    /// Writes to this store until somebody asks to stop.
    pub fn new(store: &'s mut Store, stop: Stop) -> Self {
        Self { store, stop }
    }
}

impl Commits for Ahead<'_> {
    fn commit_all<E: From<Fault>>(
        &mut self,
        stamp: &Stamp,
        deed: &Deed,
        changes: impl IntoIterator<Item = Result<Change, E>>,
    ) -> Result<Receipt, E> {
        let (send, receive) = bounded(WAITING);
        let (give_back, used) = bounded(2 * WAITING);
        let (store, stop) = (&mut *self.store, &self.stop);
        thread::scope(|scope| {
            let writer = scope.spawn(move || write(store, stamp, deed, stop, &receive, &give_back));
            let made = produce(changes, stop, |packet| {
                // What was written is let go of here: the writer has more to do.
                used.try_iter().for_each(drop);
                send.send(packet).is_ok()
            });
            // Without this the writer would wait for ever.
            drop(send);
            let written = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            match (made, written) {
                (Err(error), Err(Fault::Stopped) | Ok(_)) => Err(error),
                (_, written) => written.map_err(E::from),
            }
        })
    }
}

/// Makes the changes ready; ends quietly where the writer has gone, which then says why.
fn produce<E: From<Fault>>(
    changes: impl IntoIterator<Item = Result<Change, E>>,
    stop: &Stop,
    mut send: impl FnMut(Packet) -> bool,
) -> Result<(), E> {
    let mut preparing = Preparing::new()?;
    let mut together = Vec::with_capacity(TOGETHER);
    for change in changes {
        stop.check()?;
        together.extend(preparing.change(&change?));
        if together.len() >= TOGETHER
            && !send(Packet::Some(std::mem::replace(&mut together, Vec::with_capacity(TOGETHER))))
        {
            return Ok(());
        }
    }
    send(Packet::Last(together, preparing.end()));
    Ok(())
}

/// A channel that ends before the last packet is a list that ended with an error: nothing is written.
fn write(
    store: &mut Store,
    stamp: &Stamp,
    deed: &Deed,
    stop: &Stop,
    packets: &Receiver<Packet>,
    give_back: &Sender<Vec<Prepared>>,
) -> Result<Receipt, Fault> {
    let mut waiting = Vec::new().into_iter();
    let mut totals = None;
    let mut done = Vec::with_capacity(TOGETHER);
    store.commit_ready(stamp, deed, stop, |written| {
        done.extend(written);
        if done.len() >= TOGETHER {
            let _ = give_back.try_send(std::mem::replace(&mut done, Vec::with_capacity(TOGETHER)));
        }
        loop {
            if let Some(ready) = waiting.next() {
                return Ok(Item::Change(ready));
            }
            if let Some(totals) = totals.take() {
                return Ok(Item::End(totals));
            }
            match packets.recv() {
                Ok(Packet::Some(some)) => waiting = some.into_iter(),
                Ok(Packet::Last(some, end)) => (waiting, totals) = (some.into_iter(), Some(end)),
                Err(_) => return Err(Fault::Stopped),
            }
        }
    })
}
