//! What only the store itself can try: its connections, by hand.

use super::open::Passphrase;
use super::{FileKind, Stamp, create};

fn stamp() -> Stamp {
    Stamp { at: "2026-11-26T13:00:00Z".to_owned(), actor: "Tolu Bankole".to_owned() }
}

#[test]
fn a_reader_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, reader) = create(&folder.path().join("team.mdt"), None, FileKind::Real, 7, &stamp()).unwrap();
    let by_hand = [
        "INSERT INTO setting (name, value) VALUES ('a', 'b')",
        "DELETE FROM setting",
        "UPDATE file_card SET kind = 'demo'",
        "CREATE TABLE notes (text TEXT)",
        "DROP TABLE person",
        "PRAGMA user_version = 99",
    ];
    for sql in by_hand {
        assert!(reader.db.execute_batch(sql).is_err(), "the reader did: {sql}");
    }
    // The control: the writer can, and the reader sees it.
    store.set("a", "b").unwrap();
    assert_eq!(reader.setting("a").unwrap().as_deref(), Some("b"));
    // Nor can a second file be brought in beside this one.
    assert!(reader.db.execute_batch("ATTACH ':memory:' AS other").is_err());
    assert!(store.db.execute_batch("ATTACH ':memory:' AS other").is_err());
}

#[test]
fn an_encrypted_file_holds_nothing_readable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("team.mdt");
    let passphrase = Passphrase::new("correct horse battery".to_owned());
    let (mut store, reader) = create(&path, Some(&passphrase), FileKind::Real, 7, &stamp()).unwrap();
    store.set("canary", "Ruth is up three times a night").unwrap();
    let has_canary = || {
        let folder = std::fs::read_dir(folder.path()).unwrap().flatten();
        let bytes: Vec<u8> = folder.flat_map(|file| std::fs::read(file.path()).unwrap()).collect();
        assert!(bytes.len() > 4_096);
        [&b"Ruth is up"[..], b"CREATE TABLE", b"SQLite format"]
            .iter()
            .any(|words| bytes.windows(words.len()).any(|window| window == *words))
    };
    // In the write-ahead log while it is open, and in the file once it is closed.
    assert!(!has_canary());
    drop(reader);
    store.close().unwrap();
    assert!(!has_canary());
}
