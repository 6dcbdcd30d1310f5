//! Who it is about stands whole on the screen, whatever its size: the longest names there are, on every screen that has one
//! person in hand. Elsewhere – in tables, lists, sentences – what has no room ends with a mark, and never without one.

use mdt::domain::change::alter;
use mdt::domain::nhs_number::NhsNumber;
use mdt::domain::person::Person;
use mdt::store::Deed;
use mdt::ui::msg::Msg;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Constraint;
use ratatui::widgets::{Row, Table};

use super::kit::{self, Desk, stamp};
use super::report::Family;
use super::world::{Dice, line};

/// Screens, by the keys that lead to them, and whether they have the person in hand.
const SCREENS: [(&str, &str, bool); 31] = [
    ("the walk", "4n<enter><enter><enter><enter><enter>nno9<enter>", true),
    ("an update", "4n<enter><enter><enter><enter><enter>nno9<enter>eFell on Tuesday.", true),
    ("an action", "4n<enter><enter><enter><enter><enter>nno9<enter>aRing the GP @pri +1w", true),
    ("the page", "2/9990000093<enter><enter>", true),
    ("a card on the page", "2/9990000093<enter><enter><enter>", true),
    ("the history of the person", "2/9990000093<enter><enter>h", false),
    ("home", "1", false),
    ("the caseload", "2", false),
    ("a search", "2/9990000093", false),
    ("a filter", "2f", false),
    ("the agenda", "3", false),
    ("its items", "3<tab>jjjjjjjj", false),
    ("the actions", "5", false),
    ("an action to close", "5<enter>", false),
    ("the minutes", "6", false),
    ("blocks to paste", "6w", false),
    ("the team", "8", false),
    ("the roll", "4n<enter><enter><enter><enter><enter>", false),
    ("matters arising", "4n<enter><enter><enter><enter><enter>n", false),
    ("the first of the walk", "4n<enter><enter><enter><enter><enter>nn", false),
    (
        "the read-back",
        "4n<enter><enter><enter><enter><enter>nno9<enter>aRefer to falls service @priya +2w<enter>n",
        false,
    ),
    ("the gate", "4n<enter><enter><enter><enter><enter>nnc", false),
    ("help", "4n<enter><enter>?", false),
    ("the palette", "2/9990000093<enter><enter>:", false),
    ("lists", "9", false),
    ("a list", "9nexamples/caseload.csv<enter>", false),
    ("what it would do", "9nexamples/caseload.csv<enter>n", false),
    ("what waits", "9ntests/pictures/doubts.csv<enter>nnpart<enter><esc>", false),
    ("side by side", "9ntests/pictures/doubts.csv<enter>nnpart<enter><esc><enter>", false),
    ("history", ":history<enter>", false),
    ("who is in the way", "2/9990000093<enter><enter>:erase", false),
];

const NUMBER: &str = "999 000 0093";

/// Long in every way: an Indian name, a double-barrelled one, a Welsh one, a Vietnamese one of five words.
const NAMES: [(&str, &str); 4] = [
    ("Venkatasubramanian-Krishnamoorthy", "Lakshmi"),
    ("Fitzgerald-Wolstenholme-Featherstonehaugh", "Maximiliana Alexandrina"),
    ("Gwrtheyrn-ap-Rhydderch-Gwenhwyfar", "Myfanwy Angharad"),
    ("Trịnh-Nguyệt-Hoàng-Thượng-Quỳnh", "Ánh Bảo Trân"),
];

/// The words of a picture, whatever breaks and frames stand between them.
fn flat(screen: &str) -> String {
    screen.split(['\n', '│', ' ']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Its letters and figures alone: a word that is longer than a line goes on in the next.
fn squeezed(screen: &str) -> String {
    flat(screen).replace(' ', "")
}

/// A desk of the demo where the person with that number has this name.
fn desk_of(name: (&str, &str)) -> Desk {
    let mut desk = kit::demo();
    let (mut store, reader) = desk.second_session();
    let team = desk.session.model.team.id;
    let seen = reader.person_by_number(team, NhsNumber::parse(NUMBER).unwrap()).unwrap().unwrap();
    if (seen.surname.as_str(), seen.forename.as_str()) != name {
        let change = alter::<Person>(&seen, |it| {
            it.surname = line(name.0);
            it.forename = line(name.1);
        });
        store.commit(&stamp(), &Deed::change("Edit"), &[change]).unwrap();
    }
    drop(reader);
    store.close().unwrap();
    desk.session.take(Msg::Foreign);
    desk
}

/// What stands cut off without a mark: the surname, or the number.
fn cuts(screen: &str, surname: &str) -> Vec<String> {
    let flat = flat(screen);
    let mut out = Vec::new();
    for whole in [surname.to_owned(), surname.to_uppercase()] {
        let head: String = whole.chars().take(6).collect();
        for (at, _) in flat.match_indices(&head) {
            let rest = &flat[at..];
            let word = rest.split(' ').next().unwrap();
            // A word that is longer than a line goes on in the next, whatever stands beside it.
            let same = word.chars().zip(whole.chars()).take_while(|(one, other)| one == other).count();
            let more: String = whole.chars().skip(same).collect();
            // Or in the part that a mark in the next line says is not shown.
            let mut left = more.as_str();
            for word in rest.split(' ').skip(1).take(60).map(|word| word.trim_end_matches(',')) {
                left = left.strip_prefix(word).unwrap_or(left);
            }
            let goes_on = left.is_empty() || rest.split(' ').nth(1) == Some("…");
            if !more.is_empty() && !goes_on && !word.contains('…') {
                out.push(format!("{word}, of {whole}"));
            }
        }
    }
    for (at, _) in flat.match_indices("999 0") {
        let number: Vec<char> = flat[at..].chars().take(12).collect();
        let shape = number.iter().map(|c| if c.is_ascii_digit() { '9' } else { *c }).collect::<String>();
        let four = |word: &str| word.len() == 4 && word.bytes().all(|it| it.is_ascii_digit());
        let goes_on = flat[at..].split(' ').skip(2).take(30).any(four);
        if shape != "999 999 9999" && !goes_on && !number.contains(&'…') {
            out.push(format!("{}, of a number", number.into_iter().collect::<String>()));
        }
    }
    out
}

#[test]
fn whoever_is_in_hand_is_named_whole_at_every_size() {
    let family = Family::begin("clip");
    let mut dice = Dice::new(family.seed);
    let sizes = |least: usize, most: usize, count: u32| -> Vec<u16> {
        let step = (most - least) / usize::try_from(count - 1).unwrap();
        (least..=most).step_by(step).map(|n| u16::try_from(n).unwrap()).collect()
    };
    let (columns, rows) = (sizes(40, 250, kit::times(3, 10)), sizes(10, 70, kit::times(3, 6)));
    let (mut runs, mut cut, mut named, mut screens) = (0, Vec::new(), 0, 0);
    for (screen, keys, in_hand) in SCREENS {
        // All names, on every screen, at length; one of them, on those in hand and on some of the others, otherwise.
        if !in_hand && kit::times(1, 0) == 1 && dice.throw(4) > 0 {
            continue;
        }
        screens += 1;
        let first = dice.throw(NAMES.len());
        for name in (0..usize::try_from(kit::times(1, 4)).unwrap()).map(|n| NAMES[(first + n) % NAMES.len()]) {
            let mut desk = desk_of(name);
            desk.keys(keys);
            for columns in &columns {
                for rows in &rows {
                    let picture = desk.resize(*columns, *rows).screen();
                    runs += 1;
                    let whole = [name.0.to_uppercase(), NUMBER.to_owned()];
                    let is_whole = whole.iter().all(|part| squeezed(&picture).contains(&squeezed(part)));
                    named += u64::from(is_whole);
                    // A card lies over what is behind it, and names the person in hand itself.
                    let is_covered = !desk.session.model.overlays.is_empty() || picture.contains("┌ Read back");
                    let mut wrong = if is_covered { Vec::new() } else { cuts(&picture, name.0) };
                    // Below twenty rows a card may cover the person; what is shown is marked all the same.
                    if in_hand && *rows >= 20 && !is_whole {
                        wrong.push(format!("{} is not there whole", name.0));
                    }
                    if !wrong.is_empty() {
                        cut.push(format!("{screen} at {columns}×{rows}: {wrong:?}\n{picture}"));
                    }
                }
            }
        }
    }
    assert!(
        cut.is_empty(),
        "{} of {runs}, seed {}:\n{}",
        cut.len(),
        family.seed,
        cut[..cut.len().min(30)].join("\n\n")
    );
    assert!(named * 5 > runs, "the person is hardly ever there: {named} of {runs}");
    let sizes = columns.len() * rows.len();
    family.done(runs, 0, &format!("{screens} screens, {sizes} sizes, {} names", kit::times(1, 4)));
}

/// The control: a name that is cut is seen, also where a table of the library cuts it.
#[test]
fn a_name_that_is_cut_is_seen() {
    for name in NAMES {
        let mut desk = desk_of(name);
        desk.resize(80, 24).keys(SCREENS[0].1);
        let screen = desk.screen();
        assert_eq!(cuts(&screen, name.0), Vec::<String>::new(), "{screen}");
        let whole = name.0.to_uppercase();
        assert!(flat(&screen).contains(&whole), "{screen}");
        for left in [7, 12, whole.chars().count() - 1] {
            let short: String = whole.chars().take(left).collect();
            assert!(!cuts(&screen.replace(&whole, &short), name.0).is_empty(), "the trial is blind to {short}");
            assert!(
                cuts(&screen.replace(&whole, &format!("{short}…")), name.0).is_empty(),
                "a mark is a mark: {short}"
            );
        }
        let mut terminal = Terminal::new(TestBackend::new(40, 3)).unwrap();
        let widths = [Constraint::Length(14), Constraint::Length(7)];
        let table = Table::new([Row::new([name.0.to_owned(), NUMBER.to_owned()])], widths);
        terminal.draw(|frame| frame.render_widget(table, frame.area())).unwrap();
        let cells = terminal.backend().buffer().content.iter().map(|cell| cell.symbol()).collect::<String>();
        assert_eq!(cuts(&cells, name.0).len(), 2, "the trial is blind: {cells}");
    }
}
