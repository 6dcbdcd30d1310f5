//! The screen that others see: with identifiers hidden (`x`) no screen shows the name, number, address or telephone number of
//! anybody on the caseload, at any size, whatever was open when they were hidden.

use std::collections::BTreeSet;

use mdt::domain::text::fold;

use super::kit::{self, Desk};
use super::report::Family;
use super::world::Dice;

/// Screens, by the keys that lead to them; nothing is typed on the way that tells of anybody.
const SCREENS: [(&str, &str); 30] = [
    ("home", "1"),
    ("the caseload", "2"),
    ("further down", "2jjjjjjjjj"),
    ("a filter", "2f"),
    ("a page", "2<enter>"),
    ("another page", "2jjjj<enter>"),
    ("a card on a page", "2<enter><enter>"),
    ("the history of a person", "2jj<enter>h"),
    ("the agenda", "3"),
    ("its items", "3<tab>jjj"),
    ("the actions", "5"),
    ("an action to close", "5<enter>"),
    ("an action to edit", "5e"),
    ("the minutes", "6"),
    ("blocks to paste", "6w"),
    ("a block to read", "6wt<enter><tab>"),
    ("the team", "8"),
    ("a meeting planned", "4"),
    ("the roll", "4n<enter><enter><enter><enter><enter>"),
    ("matters arising", "4n<enter><enter><enter><enter><enter>n"),
    ("the walk", "4n<enter><enter><enter><enter><enter>nn"),
    ("the walk, further", "4n<enter><enter><enter><enter><enter>nno6<enter>"),
    ("an update", "4n<enter><enter><enter><enter><enter>nne"),
    ("an action in one line", "4n<enter><enter><enter><enter><enter>nna"),
    ("the read-back", "4n<enter><enter><enter><enter><enter>nnn"),
    ("the gate", "4n<enter><enter><enter><enter><enter>nnc"),
    ("help", "4n<enter><enter>?"),
    ("the palette", "2<enter>:"),
    ("lists", "9"),
    ("history", ":history<enter>"),
];

/// Words that tell who somebody of this desk is.
fn identifiers(desk: &Desk) -> (BTreeSet<String>, BTreeSet<String>) {
    let (_, reader) = desk.second_session();
    let dump = reader.dump().unwrap();
    let of = |noun: &str, fields: &[&str]| -> Vec<String> {
        let lines = dump.lines().filter(|line| line.split(' ').next() == Some(noun));
        let value = |line: &str, field: &str| {
            let (_, rest) = line.split_once(&format!(" {field}=\""))?;
            rest.split_once('"').map(|(value, _)| value.to_owned())
        };
        lines.flat_map(|line| fields.iter().filter_map(move |field| value(line, field))).collect()
    };
    let words = |texts: Vec<String>| -> BTreeSet<String> {
        let words = texts.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric())).map(fold);
        words.filter(|word| word.chars().count() >= 4).collect()
    };
    // A name that a member, a place or a carer's role has too is no telling word; nor is one that is a word.
    let others = words(
        [of("member", &["name", "role"]), of("organisation", &["name"]), of("team", &["name", "place"])].concat(),
    );
    let names: BTreeSet<String> = words(of("person", &["surname", "forename", "preferred"]));
    // Where a text of somebody else speaks of the same house, it is that text's affair.
    let texts: String = dump.lines().filter(|line| !line.starts_with("person ")).collect();
    let lines =
        of("person", &["address", "phone", "nhs_number"]).into_iter().filter(|it| !texts.contains(it)).collect();
    (names.difference(&others).cloned().collect(), lines)
}

/// Which of them a screen tells.
fn told(screen: &str, (names, lines): &(BTreeSet<String>, BTreeSet<String>)) -> Vec<String> {
    let flat: String = screen.split(['\n', '│', ' ']).filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
    let folded = fold(&flat);
    let words: BTreeSet<&str> = folded.split(|c: char| !c.is_alphanumeric()).collect();
    let grouped = |number: &str| match number.len() {
        10 if number.bytes().all(|it| it.is_ascii_digit()) => {
            format!("{} {} {}", &number[..3], &number[3..6], &number[6..])
        }
        _ => number.to_owned(),
    };
    let mut out: Vec<String> = names.iter().filter(|name| words.contains(name.as_str())).cloned().collect();
    out.extend(lines.iter().filter(|it| flat.contains(it.as_str()) || flat.contains(&grouped(it))).cloned());
    out
}

#[test]
fn a_shared_screen_tells_nobody_s_name_or_number() {
    let family = Family::begin("share");
    let mut dice = Dice::new(family.seed);
    let (mut runs, mut shown, mut leaks) = (0, 0, Vec::new());
    let sizes: &[(u16, u16)] = &[(110, 32), (60, 20), (200, 60), (80, 24), (250, 70), (40, 15)];
    let chosen = kit::times(2, 6);
    for (screen, keys) in SCREENS {
        if kit::times(1, 0) == 1 && dice.throw(3) > 0 {
            continue;
        }
        let mut desk = kit::demo();
        let all = identifiers(&desk);
        desk.keys(keys);
        shown += u64::from(!told(&desk.resize(110, 32).screen(), &all).is_empty());
        // Hidden while it is open – with a card open the key is a letter like any other –, and before one went there.
        let mut before = kit::demo();
        before.keys("x").keys(keys);
        desk.keys("x");
        for (columns, rows) in sizes.iter().take(usize::try_from(chosen).unwrap()) {
            for (when, desk) in [("while", &mut desk), ("before", &mut before)] {
                if !desk.session.model.masked {
                    continue;
                }
                let picture = desk.resize(*columns, *rows).screen();
                runs += 1;
                let told = told(&picture, &all);
                if !told.is_empty() {
                    leaks.push(format!("{screen}, hidden {when}, {columns}×{rows}: {told:?}\n{picture}"));
                }
            }
        }
    }
    assert!(shown > 0, "the trial is blind: no screen shows anybody");
    let first = &leaks[..leaks.len().min(6)];
    assert!(leaks.is_empty(), "{} of {runs}, seed {}:\n{}", leaks.len(), family.seed, first.join("\n\n"));
    family.done(runs, 0, &format!("identifiers hidden; {shown} screens show somebody where they are not"));
}

/// The control: the same look finds people on the same screens where nothing is hidden.
#[test]
fn a_screen_that_hides_nothing_is_seen() {
    let mut desk = kit::demo();
    let all = identifiers(&desk);
    for keys in ["2", "2<enter>", "3", "5", ":history<enter>"] {
        let screen = desk.keys(keys).screen();
        assert!(!told(&screen, &all).is_empty(), "nobody is seen after {keys}:\n{screen}");
        desk.keys("<esc><esc>1");
    }
}
