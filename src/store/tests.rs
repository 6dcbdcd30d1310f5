//! What only the store itself can try: its connections, by hand.

use rusqlite::params;
use sha2::{Digest as _, Sha256};

use crate::domain::change::{Mint, add, alter, remove};
use crate::domain::household::Household;
use crate::domain::id::HouseholdId;
use crate::domain::text::{Line, Note};

use super::log::{self, Heading};
use super::open::Passphrase;
use super::{Deed, FileKind, Stamp, Store, create};

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

/// Writes the log as version 1 did: both sides of every field, whatever the deed.
fn write_as_before(store: &Store) {
    let db = &store.db;
    for trigger in ["step_stays", "change_stays"] {
        db.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    let mut prev = log::genesis(&store.file_uuid);
    let mut steps = db.prepare("SELECT seq, at, actor, kind, label, meeting, uid, undoes, changes FROM step").unwrap();
    let mut rows = steps.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let step = log::step(row).unwrap();
        let mut sum = Sha256::new();
        let mut parts = db.prepare("SELECT nth, noun, row, deed, salt, fields FROM change WHERE step = ?1").unwrap();
        let parts: Vec<(i64, String, i64, String, Vec<u8>, String)> = parts
            .query_map([step.seq], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
            })
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for (nth, noun, id, deed, salt, fields) in parts {
            let mut map: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&fields).unwrap();
            for (_, value) in &mut map {
                let one = value.take();
                *value = match deed.as_str() {
                    "add" => serde_json::json!([null, one]),
                    "remove" => serde_json::json!([one, null]),
                    _ => one,
                };
            }
            let fields = serde_json::Value::from(map).to_string();
            let hash = log::change_hash(&noun, id, &deed, &salt, &fields);
            sum.update(hash);
            db.execute(
                "UPDATE change SET fields = ?3, hash = ?4 WHERE step = ?1 AND nth = ?2",
                params![step.seq, nth, fields, hash],
            )
            .unwrap();
        }
        let payload: [u8; 32] = sum.finalize().into();
        let stamp = Stamp { at: step.at.clone(), actor: step.actor.clone() };
        let (kind, label, meeting) = (step.kind, step.label.as_str(), step.meeting);
        let (uid, undoes) = (row.get(6).unwrap(), row.get(7).unwrap());
        let heading = Heading { file_uuid: &store.file_uuid, uid, stamp: &stamp, kind, label, meeting, undoes };
        let hash = log::step_hash(step.seq, heading, row.get(8).unwrap(), &payload, &prev);
        db.execute(
            "UPDATE step SET payload_hash = ?2, prev_hash = ?3, hash = ?4 WHERE seq = ?1",
            params![step.seq, payload, prev, hash],
        )
        .unwrap();
        prev = hash;
    }
}

#[test]
fn a_log_as_it_was_written_before_is_read_undone_and_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, reader) = create(&folder.path().join("team.mdt"), None, FileKind::Real, 7, &stamp()).unwrap();
    let mut mint = Mint::new(chrono::DateTime::UNIX_EPOCH, 1);
    let household = |name: &str, note: Option<&str>| Household {
        name: Line::parse(name).unwrap(),
        note: note.and_then(|note| Note::parse(note).ok()),
    };
    let id: HouseholdId = mint.mint();
    let deed = Deed::change("Change something");
    store.commit(&stamp(), &deed, &[add(id, household("12 \"High\" Street", Some("a\\b\nc")))]).unwrap();
    let seen = reader.get::<Household>(id).unwrap().unwrap();
    store.commit(&stamp(), &deed, &[alter(&seen, |it| it.note = None)]).unwrap();
    let altered = reader.get::<Household>(id).unwrap().unwrap();
    store.commit(&stamp(), &deed, &[remove(&altered)]).unwrap();
    let written = || -> Vec<String> {
        let mut select = store.db.prepare("SELECT fields FROM change ORDER BY step, nth").unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(
        written(),
        [
            r#"{"name":"12 \"High\" Street","note":"a\\b\nc"}"#,
            r#"{"note":["a\\b\nc",null]}"#,
            r#"{"name":"12 \"High\" Street"}"#
        ]
    );
    write_as_before(&store);
    assert!(written()[0].starts_with(r#"{"name":[null,"12 "#) && written()[2].ends_with(",null]}"), "{:?}", written());
    assert!(reader.verify_chain().unwrap().is_ok());
    // One step back after the other, in the order things were done, and forth again.
    store.undo(&stamp()).unwrap();
    assert_eq!(reader.get::<Household>(id).unwrap(), Some(altered));
    store.undo(&stamp()).unwrap();
    assert_eq!(reader.get::<Household>(id).unwrap(), Some(seen.clone()));
    store.undo(&stamp()).unwrap();
    assert_eq!(reader.get::<Household>(id).unwrap(), None);
    store.redo(&stamp()).unwrap();
    assert_eq!(reader.get::<Household>(id).unwrap(), Some(seen));
    assert!(reader.verify_chain().unwrap().is_ok());
}

/// A key is derived once here: a passphrase for each of thousands of tries would take an hour.
#[test]
fn a_flipped_bit_in_a_copy_is_found_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("team.mdt");
    let passphrase = Passphrase::new("correct horse battery".to_owned());
    let (store, _reader) = create(&path, Some(&passphrase), FileKind::Real, 7, &stamp()).unwrap();
    let (copy, stop) = (folder.path().join("copy.mdt"), super::Stop::default());
    store.copy_to(&copy, &stop, &mut super::copy::quietly).unwrap();
    let good = std::fs::read(&copy).unwrap();
    let prove = || super::copy::prove(&copy, store.key.as_ref(), &stop).map(drop);
    assert_eq!(prove(), Ok(()));
    let tries = if std::env::var_os("MDT_LONG").is_some() { 10_000 } else { 300 };
    // The salt before the first page is not read where the key is given; its flips are tried with a passphrase elsewhere.
    let places = good.len() - 16;
    for n in 0..tries {
        let at = 16 + n * 7_919 % places;
        let mut bad = good.clone();
        bad[at] ^= 1 << (n % 8);
        std::fs::write(&copy, &bad).unwrap();
        assert!(prove().is_err(), "bit {} of byte {at}", n % 8);
    }
    std::fs::write(&copy, &good).unwrap();
    assert_eq!(prove(), Ok(()));
}
