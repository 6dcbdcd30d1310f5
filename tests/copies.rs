//! Copies of the file: verified, thinned, put back.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on should stop"
)]

mod kit;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use mdt::domain::change::add;
use mdt::domain::household::Household;
use mdt::domain::id::HouseholdId;
use mdt::domain::text::Line;
use mdt::store::copy::{examine, quietly};
use mdt::store::fault::Fault;
use mdt::store::open::Passphrase;
use mdt::store::{self, Deed, FileKind, Reader, Stop, Store};

use kit::stamp;

fn phrase() -> Passphrase {
    Passphrase::new("correct horse battery staple".to_owned())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn household(store: &mut Store, n: usize) {
    let name = Line::parse(&format!("Household {n}")).unwrap();
    let id: HouseholdId = mdt::domain::id::RecordId::from_raw(1_000 + n as i64);
    store.commit(&stamp(), &Deed::change("Add household"), &[add(id, Household { name, note: None })]).unwrap();
}

fn team(folder: &Path, passphrase: Option<&Passphrase>) -> (Store, Reader) {
    let (mut store, reader) = store::create(&folder.join("team.mdt"), passphrase, FileKind::Real, 7, &stamp()).unwrap();
    for n in 0..20 {
        household(&mut store, n);
    }
    (store, reader)
}

#[test]
fn a_copy_is_opened_by_the_same_passphrase_and_holds_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for (passphrase, name) in [(Some(phrase()), "sealed"), (None, "plain")] {
        let place = folder.path().join(name);
        fs::create_dir(&place).unwrap();
        let (store, reader) = team(&place, passphrase.as_ref());
        let to = place.join("copy.mdt");
        let mut told = Vec::new();
        let copied = store.copy_to(&to, &Stop::default(), &mut |done, of| told.push((done, of))).unwrap();
        assert_eq!(told.last(), Some(&(1, 1)));
        assert_eq!((copied.head.clone(), copied.people), (reader.head().unwrap(), 0));
        assert_eq!(copied.encrypted, passphrase.is_some());
        assert_eq!(mode(&to), 0o600);
        assert_eq!(&fs::read(&to).unwrap()[..15] == b"SQLite format 3", passphrase.is_none());
        assert_eq!(examine(&to, passphrase.as_ref(), &Stop::default()).unwrap(), copied);
        assert!(names(&place).iter().all(|name| name.starts_with("team.mdt") || name == "copy.mdt"));
        let (_again, other) = store::open(&to, passphrase.as_ref()).unwrap();
        assert_eq!(other.dump().unwrap(), reader.dump().unwrap());
        // It never replaces anything.
        let before = fs::read(&to).unwrap();
        let again = store.copy_to(&to, &Stop::default(), &mut quietly);
        assert!(matches!(again, Err(Fault::NotCopied(_))), "{again:?}");
        assert_eq!(fs::read(&to).unwrap(), before);
    }
}

#[test]
fn a_copy_under_another_passphrase_is_opened_by_that_one_only() {
    let folder = tempfile::tempdir().unwrap();
    let (store, reader) = team(folder.path(), Some(&phrase()));
    let other = Passphrase::new("another long passphrase".to_owned());
    let to = folder.path().join("copy.mdt");
    let copied = store.copy_under(&other, &to, &Stop::default(), &mut quietly).unwrap();
    assert_eq!(copied.head, reader.head().unwrap());
    assert!(matches!(store::open(&to, Some(&phrase())), Err(Fault::WrongKey)));
    assert!(matches!(examine(&to, Some(&phrase()), &Stop::default()), Err(Fault::WrongKey)));
    let (_store, second) = store::open(&to, Some(&other)).unwrap();
    assert_eq!(second.dump().unwrap(), reader.dump().unwrap());
}
