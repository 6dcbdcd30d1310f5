//! Who it is about stands whole on the screen, whatever its size: the longest name of the demo, on every screen that has one
//! person in hand.

use super::kit;
use super::report::Family;

/// The screens, by the keys that lead to them.
const SCREENS: [(&str, &str); 5] = [
    ("the walk", "4n<enter><enter><enter><enter><enter>nno9<enter>"),
    ("an update", "4n<enter><enter><enter><enter><enter>nno9<enter>eFell on Tuesday."),
    ("an action", "4n<enter><enter><enter><enter><enter>nno9<enter>aRing the GP @pri +1w"),
    ("the page", "2/venkata<enter><enter>"),
    ("a card on the page", "2/venkata<enter><enter><enter>"),
];

const PARTS: [&str; 2] = ["VENKATASUBRAMANIAN-KRISHNAMOORTHY", "999 000 0093"];

/// The words of a picture, whatever breaks and frames stand between them.
fn flat(screen: &str) -> String {
    screen.split(['\n', '│', ' ']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[test]
fn whoever_is_in_hand_is_named_whole_at_every_size() {
    let family = Family::begin("clip");
    let columns: Vec<u16> = (40..=250).step_by(kit::times(42, 14) as usize).collect();
    let rows: Vec<u16> = (20..=70).step_by(kit::times(25, 10) as usize).collect();
    let (mut runs, mut cut) = (0, Vec::new());
    for (name, keys) in SCREENS {
        let mut desk = kit::demo();
        desk.keys(keys);
        for columns in &columns {
            for rows in &rows {
                let screen = desk.resize(*columns, *rows).screen();
                runs += 1;
                if !PARTS.iter().all(|part| flat(&screen).contains(part)) {
                    cut.push(format!("{name} at {columns}×{rows}:\n{screen}"));
                }
            }
        }
    }
    assert!(cut.is_empty(), "{} of {runs}:\n{}", cut.len(), cut[..cut.len().min(3)].join("\n\n"));
    family.done(runs, 0, &format!("{} screens, {} sizes", SCREENS.len(), columns.len() * rows.len()));
}

/// The control: a name that is cut is seen.
#[test]
fn a_name_that_is_cut_is_seen() {
    let mut desk = kit::demo();
    desk.resize(80, 24).keys(SCREENS[0].1);
    let screen = desk.screen();
    assert!(PARTS.iter().all(|part| flat(&screen).contains(part)));
    let short: Vec<String> = screen.lines().map(|line| line.chars().take(30).collect()).collect();
    assert!(!PARTS.iter().all(|part| flat(&short.join("\n")).contains(part)), "the trial is blind");
}
