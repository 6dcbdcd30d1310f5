//! A list of 50,000 people: read, checked, matched, logged, indexed and encrypted; then the same list again; then undone.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench that cannot go on should stop")]

mod kit;

fn main() {
    let list = kit::list::list(50_000);
    kit::time("floor: read the list as CSV", 5, |_| {
        let mut reader = csv::Reader::from_reader(list.as_bytes());
        assert_eq!(reader.records().filter(Result::is_ok).count(), 50_000);
    });
    kit::time("floor: its rows into a bare encrypted table, three indexes", 3, |_| {
        let folder = tempfile::tempdir().unwrap();
        let mut db = kit::bare(folder.path());
        let names: Vec<String> = (0..19).map(|n| format!("c{n}")).collect();
        db.execute_batch(&format!(
            "CREATE TABLE t ({}); CREATE INDEX a ON t (c0); CREATE INDEX b ON t (c1, c2); CREATE INDEX c ON t (c10);",
            names.join(", ")
        ))
        .unwrap();
        let tx = db.transaction().unwrap();
        let mut reader = csv::Reader::from_reader(list.as_bytes());
        let mut insert = tx.prepare(&format!("INSERT INTO t VALUES (?{})", ", ?".repeat(18))).unwrap();
        for row in reader.records() {
            insert.execute(rusqlite::params_from_iter(row.unwrap().iter())).unwrap();
        }
        drop(insert);
        tx.commit().unwrap();
    });
    let mut offices: Vec<_> = (0..3).map(|_| kit::office(None)).collect();
    kit::time("take the list in", 3, |n| {
        assert_eq!(offices[n].take_in(&list), 50_000);
    });
    kit::time("the same list again: nothing is new", 3, |n| {
        assert_eq!(offices[n].take_in(&list), 0);
    });
    kit::time("undo all of it", 3, |n| {
        let stamp = offices[n].stamp();
        offices[n].store.undo(&stamp).unwrap();
    });
}
