//! One action, durable: from the change in hand to the answer that it is on the disk.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench that cannot go on should stop")]

mod kit;

use mdt::domain::action::Action;
use mdt::domain::change::{add, alter};
use mdt::domain::id::ActionId;
use mdt::store::Deed;

fn main() {
    let mut office = kit::office(None);
    office.take_in(&kit::list::list(50_000));
    let people = office.people(500);
    let folder = tempfile::tempdir_in(office.path.parent().unwrap()).unwrap();
    let db = kit::bare(folder.path());
    db.execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY, what TEXT)").unwrap();
    kit::time("floor: one row into a bare encrypted table, durable", 300, |_| {
        db.prepare_cached("INSERT INTO t (what) VALUES (?1)").unwrap().execute(["Ring the practice"]).unwrap();
    });
    let stamp = office.stamp();
    let mut ids: Vec<ActionId> = Vec::new();
    kit::time("add an action", 300, |n| {
        let id = office.mint.mint();
        let action = office.action(people[n], 1);
        office.store.commit(&stamp, &Deed::change("Add action"), &[add(id, action)]).unwrap();
        ids.push(id);
    });
    kit::time("change its day", 300, |n| {
        let seen = office.reader.get::<Action>(ids[n]).unwrap().unwrap();
        let change = alter(&seen, |it| it.due = it.due.plus(7));
        office.store.commit(&stamp, &Deed::change("Change action"), &[change]).unwrap();
    });
    kit::time("undo that", 300, |_| {
        office.store.undo(&stamp).unwrap();
    });
}
