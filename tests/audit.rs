//! The whole check: whoever alters a step, a change or a record is seen, with the kind of it; and anchors show what a chain
//! alone cannot: a tail cut off, an older copy put back, a chain written anew.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use mdt::store::audit::examine;

#[test]
fn a_file_with_a_past_agrees_with_its_log() {
    let mut desk = kit::demo();
    let at = std::time::Instant::now();
    let whole = desk.session.reader.audit().unwrap().unwrap();
    eprintln!("{:?} {whole:?}", at.elapsed());
    assert_eq!(whole.steps, desk.session.reader.head().unwrap().seq);
    desk.keys("");
    let path = desk.folder.path().join("team.mdt");
    eprintln!("{:?}", std::fs::metadata(&path).unwrap().len());
    let at = std::time::Instant::now();
    assert_eq!(examine(&path, None).unwrap().audit().unwrap().unwrap(), whole);
    eprintln!("{:?}", at.elapsed());
}
