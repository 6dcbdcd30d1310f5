//! Laws of the store: undo, redo, conflict, chain.

use mdt::domain::change::{Mint, add, alter};
use mdt::domain::id::TeamId;
use mdt::domain::team::Team;
use mdt::domain::text::Line;
use mdt::store::fault::Fault;
use mdt::store::log::Stamp;
use mdt::store::open::Passphrase;
use mdt::store::{self, Deed, FileKind};

fn stamp() -> Stamp {
    Stamp { at: "2026-11-26T13:00:00Z".into(), actor: "Test".into() }
}

#[test]
fn a_step_is_undone_redone_and_guarded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("team.mdt");
    let pass = Passphrase::new("correct horse battery".into());
    let (mut store, reader) = store::create(&path, Some(&pass), FileKind::Real, 7, &stamp()).unwrap();
    let mut mint = Mint::new(chrono::DateTime::UNIX_EPOCH, 1);
    let id: TeamId = mint.mint();
    store
        .commit(&stamp(), &Deed::change("Add team"), &[add(id, Team::new(Line::parse("Elm Grove MDT").unwrap()))])
        .unwrap();
    let seen = reader.get::<Team>(id).unwrap().unwrap();
    store.commit(&stamp(), &Deed::change("Change team"), &[alter(&seen, |team| team.length = 90)]).unwrap();
    // The same field from the same stale view is a conflict; another field is not.
    let clash =
        store.commit(&stamp(), &Deed::change("Change team"), &[alter(&seen, |team| team.length = 60)]).unwrap_err();
    let Fault::Conflict(conflict) = clash else { panic!("{clash:?}") };
    assert_eq!(conflict.fields.len(), 1);
    assert_eq!(conflict.fields[0].theirs.as_deref(), Some("90"));
    store.commit(&stamp(), &Deed::change("Change team"), &[alter(&seen, |team| team.cadence = 7)]).unwrap();
    store.undo(&stamp()).unwrap();
    store.undo(&stamp()).unwrap();
    assert_eq!(reader.get::<Team>(id).unwrap().unwrap(), seen);
    store.redo(&stamp()).unwrap();
    assert_eq!(reader.get::<Team>(id).unwrap().unwrap().length, 90);
    store.redo(&stamp()).unwrap();
    assert!(matches!(store.redo(&stamp()), Err(Fault::CannotUndo(_))));
    assert_eq!(reader.verify_chain().unwrap(), Ok(reader.head().unwrap().seq));
    store.close().unwrap();
    drop(reader);
    assert_eq!(store::open(&path, Some(&Passphrase::new("wrong".into()))).err(), Some(Fault::WrongKey));
    let (_, reader) = store::open(&path, Some(&pass)).unwrap();
    assert_eq!(reader.get::<Team>(id).unwrap().unwrap().cadence, 7);
}
