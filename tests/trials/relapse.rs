//! A second fault while the file recovers from a kill: whatever fails then, the next opening finds everything.

use super::calls::{self, Failing};
use super::kit;
use super::report::Family;
use super::wal::Left;
use super::world::{self, Dice, Work};

#[test]
fn a_fault_during_recovery_loses_nothing() {
    let family = Family::begin("fault2");
    let folder = world::folder();
    let mut dice = Dice::new(family.seed);
    let left = Left::new(folder.path(), false, &[Work::Edit, Work::Meeting, Work::Import, Work::Undo]);
    let path = folder.path().join("team.mdt");
    let opening = |plan: Failing| {
        calls::failing(plan, || {
            world::open(&path, false).map(|(store, reader)| {
                drop(reader);
                store.close()
            })
        })
    };
    let fault = |at: u64, dice: &mut Dice| Failing {
        at,
        error: [libc::EIO, libc::ENOSPC][dice.throw(2)],
        forever: dice.throw(2) == 0,
        short: dice.throw(2) == 0,
    };
    left.put(&path);
    let (_, all, _) = opening(Failing { at: u64::MAX, error: libc::EIO, forever: false, short: false });
    assert!(all > 20, "recovery makes {all} calls");
    let pairs = u64::from(kit::times(60, 2_000));
    let mut met = 0;
    for _ in 0..pairs {
        left.put(&path);
        // Twice in a row, each at a place of its own.
        for _ in 0..2 {
            let at = 1 + u64::try_from(dice.throw(usize::try_from(all).unwrap())).unwrap();
            let (done, _, hits) = opening(fault(at, &mut dice));
            met += u64::from(hits > 0);
            if let Err(fault) = done {
                let sentence = fault.to_string();
                let said = ["Nothing was", "could not be"].iter().any(|words| sentence.contains(words));
                assert!(said, "{sentence}, seed {}", family.seed);
            }
        }
        assert_eq!(world::prove(&path, false), Ok(left.last()), "seed {}", family.seed);
    }
    assert!(met > pairs, "the faults were not met: {met} in {pairs} pairs");
    family.done(pairs, 0, &format!("{met} faults met in {all} calls of recovery"));
}
