//! Pictures of every screen at the sizes people use, and no panic at any size.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use kit::Desk;

/// The sizes people use: the smallest that is a table, the classic terminal, a laptop, a projector's wall.
const SIZES: [(u16, u16); 4] = [(60, 20), (80, 24), (110, 32), (200, 60)];

/// Every screen, by the keys that lead to it.
const SCREENS: [(&str, &str); 36] = [
    ("home", "1"),
    ("caseload", "2"),
    ("caseload_search", "2/ade"),
    ("caseload_filter", "2f"),
    ("person", "2/adeyemi<enter><enter>"),
    ("person_edit", "2/adeyemi<enter><enter><enter>"),
    ("agenda", "3"),
    ("agenda_items", "3<tab>j"),
    ("actions", "5"),
    ("action_close", "5<enter>"),
    ("minutes", "6"),
    ("paste_blocks", "6w"),
    ("paste_block_read", "6wt<enter><tab>"),
    ("paste_copy", "6wt<enter>c"),
    ("team", "8"),
    ("meeting_planned", "4"),
    ("roll_call", "4n<enter><enter><enter><enter><enter>"),
    ("matters_arising", "4n<enter><enter><enter><enter><enter>n"),
    ("walk", "4n<enter><enter><enter><enter><enter>nn"),
    ("walk_update", "4n<enter><enter><enter><enter><enter>nneRuth is up three times a night."),
    ("walk_action", "4n<enter><enter><enter><enter><enter>nnaRefer to night-sitting @pat +2w"),
    ("walk_read_back", "4n<enter><enter><enter><enter><enter>nnaRefer to falls service @priya +2w<enter>n"),
    ("walk_objection", "4n<enter><enter><enter><enter><enter>nno6<enter>"),
    ("help", "4n<enter><enter>?"),
    ("lists", "9"),
    ("lists_choose", "9nexamples/"),
    ("lists_columns", "9nexamples/caseload.csv<enter>"),
    ("lists_foreseen", "9nexamples/caseload.csv<enter>n"),
    ("lists_waiting", "9ntests/pictures/doubts.csv<enter>nnpart<enter><esc>"),
    ("lists_compare", "9ntests/pictures/doubts.csv<enter>nnpart<enter><esc><enter>"),
    ("lists_take_in", "9nexamples/caseload.csv<enter>nn"),
    ("history", ":history<enter>"),
    ("history_person", "2/adeyemi<enter><enter>h"),
    ("history_step", "5e<tab><tab><ctrl-u>17/12/2026<f2>h<enter>"),
    ("history_undo", "5e<tab><tab><ctrl-u>17/12/2026<f2>h<enter>u"),
    ("history_filter", ":history<enter>f"),
];

fn at(keys: &str, size: (u16, u16)) -> Desk {
    let mut desk = kit::demo();
    desk.resize(size.0, size.1).keys(keys);
    desk
}

#[test]
fn pictures() {
    for (name, keys) in SCREENS {
        for size in SIZES {
            let mut desk = at(keys, size);
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), desk.picture());
        }
    }
}

/// Without colour everything is still said: the words and shapes of the coloured picture are all there.
#[test]
fn no_colour_loses_no_word() {
    use mdt::ui::theme::{Theme, ThemeName};
    for (name, keys) in SCREENS {
        let mut desk = at(keys, (80, 24));
        let coloured = desk.screen();
        desk.session.model.theme = Theme::new(ThemeName::Mono);
        assert_eq!(desk.screen(), coloured, "{name}");
        assert!(!desk.picture().is_empty());
    }
}

#[test]
fn no_size_panics() {
    for (_, keys) in SCREENS {
        let mut desk = at(keys, (110, 32));
        for masked in [false, true] {
            desk.session.model.masked = masked;
            for (columns, rows) in (1..=12)
                .map(|n| (n, n))
                .chain((1..130).step_by(9).flat_map(|columns| (1..46).step_by(7).map(move |rows| (columns, rows))))
            {
                desk.resize(columns, rows).screen();
            }
        }
    }
}

/// Who it is about is never cut: name, date of birth and number stand whole on the walk, from 60 columns on.
#[test]
fn identity_is_never_cut_on_the_walk() {
    for columns in [40, 60, 72, 80, 96, 110, 130, 200] {
        for rows in [20, 24, 32, 60] {
            let mut desk = at("4n<enter><enter><enter><enter><enter>nno9<enter>", (columns, rows));
            for part in ["VENKATASUBRAMANIAN-KRISHNAMOORTHY", "999 000 0093"] {
                desk.shows(part);
            }
        }
    }
}

#[test]
fn every_screen_says_that_the_people_are_invented() {
    for (name, keys) in SCREENS {
        for size in SIZES {
            let screen = at(keys, size).screen();
            assert!(screen.contains("DEMO – invented people"), "{name} at {size:?}:\n{screen}");
        }
    }
}

/// The picture in the README is what the program draws. `MDT_RENEW=1 cargo test --test screens` draws it anew.
#[test]
fn the_picture_in_the_readme_is_what_the_program_draws() {
    let keys = "4n<enter><enter><enter><enter><enter><enter><enter><enter>annw<enter>";
    let mut desk = kit::demo();
    desk.keys(keys).keys("<esc>eRuth is up three times a night. Fell Tuesday, no injury.<f2>");
    desk.keys("aRefer to the falls service @priya +2w<enter>").minutes(3);
    desk.keys("aRefer to the night-sitting pilot @pat +2w");
    let drawn = desk.screen();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let (head, rest) = readme.split_once("<!-- the walk -->\n```text\n").unwrap();
    let (shown, tail) = rest.split_once("\n```\n").unwrap();
    if std::env::var_os("MDT_RENEW").is_some() {
        std::fs::write(path, format!("{head}<!-- the walk -->\n```text\n{drawn}\n```\n{tail}")).unwrap();
    } else {
        assert_eq!(shown, drawn, "the picture in the README is stale: MDT_RENEW=1 cargo test --test screens");
    }
}

/// A plain file of real people says so wherever one looks, and an empty one teaches the next key.
#[test]
fn a_plain_file_says_so_and_an_empty_one_teaches() {
    use mdt::domain::change::{Mint, add};
    use mdt::domain::team::Team;
    use mdt::domain::text::Line;
    use mdt::store::{Deed, FileKind};
    let mut desk = Desk::with(FileKind::Real, |store| {
        let team = Team::new(Line::parse("Harbour MDT").unwrap());
        let id = Mint::new(kit::noon(), 5).mint();
        store.commit(&kit::stamp(), &Deed::change("Add team"), &[add(id, team)]).unwrap();
    });
    let lessons = [
        ("1", "Press 3, then n, to plan one."),
        ("2", "Press n to add a person"),
        ("3", "Press n to plan one"),
        ("4", "No meeting is planned."),
        ("5", "No action is to be done."),
        ("6", "No meeting"),
        ("8", "a adds"),
    ];
    for size in SIZES {
        desk.resize(size.0, size.1);
        for (key, lesson) in lessons {
            desk.keys(key).shows("NOT ENCRYPTED").shows(lesson);
        }
    }
}
