//! Nothing that is typed, imported, named or handed over speaks to the terminal: hostile strings through every door, and what
//! comes out of them on the screen and on standard output.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use kit::{Desk, noon, seed, stamp, times};
use ratatui::Terminal;
use ratatui::backend::{CrosstermBackend, TestBackend};
use ratatui::layout::Rect;
use ratatui::{TerminalOptions, Viewport};

use mdt::domain::change::{Mint, add};
use mdt::domain::day::{Day, TimeOfDay};
use mdt::domain::id::{MeetingId, MemberId, OrganisationId, PersonId, TeamId};
use mdt::domain::member::{Member, Membership};
use mdt::domain::organisation::{Organisation, OrganisationKind};
use mdt::domain::person::Person;
use mdt::domain::plan::{Goal, Plan, Progress};
use mdt::domain::team::Team;
use mdt::domain::text::{DisplaySafe, Line, Note, displayable};
use mdt::store::{Deed, FileKind};
use mdt::ui::msg::Msg;
use mdt::ui::view::view;

/// A character that must reach neither a terminal nor a file: written out here once more, so that the program's own list is
/// not the judge of itself.
fn speaks(c: char) -> bool {
    let c = c as u32;
    c < 0x20
        || (0x7f..=0x9f).contains(&c)
        || matches!(c, 0x61c | 0x200b | 0x200e | 0x200f | 0x2060 | 0xfeff)
        || (0x2028..=0x202e).contains(&c)
        || (0x2066..=0x2069).contains(&c)
        || (0xfff9..=0xfffb).contains(&c)
        || (0xe0000..=0xe0fff).contains(&c)
}

/// The first such character of a text of lines.
fn speaking(text: &str) -> Option<char> {
    text.chars().find(|c| *c != '\n' && speaks(*c))
}

/// A small generator: the same seed, the same strings.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }

    /// One hostile string: pieces that do something, among letters.
    fn hostile(&mut self) -> String {
        const PIECES: [&str; 28] = [
            "\u{1b}[31m",
            "\u{1b}]52;c;aGVsbG8=\u{7}",
            "\u{1b}]0;title\u{1b}\\",
            "\u{9b}2J",
            "\u{9d}52;c;aGk=\u{9c}",
            "\u{90}q",
            "\u{7}",
            "\u{8}\u{8}",
            "\r",
            "\u{b}",
            "\u{0}",
            "\u{7f}",
            "\u{85}",
            "\u{202e}",
            "\u{202d}",
            "\u{2066}",
            "\u{2069}",
            "\u{61c}",
            "\u{200e}",
            "\u{200b}",
            "\u{200d}",
            "\u{2060}",
            "\u{feff}",
            "\u{e0041}\u{e007f}",
            "\u{2028}",
            "\u{fff9}",
            "\t",
            "\n",
        ];
        const WORDS: [&str; 8] = ["Smith", "Łukasz", "नमस्ते", "李", "عمر", "no allergies", "e\u{301}", "👩‍⚕️"];
        let mut out = String::new();
        for _ in 0..=self.roll(5) {
            match self.roll(3) {
                0 => out.push_str(WORDS[self.roll(WORDS.len())]),
                1 => out.push(char::from_u32(self.roll(0x3000) as u32).unwrap_or('x')),
                _ => out.push_str(PIECES[self.roll(PIECES.len())]),
            }
        }
        // Something to be read, so that it is not refused as blank.
        out.push_str("Ann");
        out
    }
}

fn dice() -> Dice {
    let seed = seed();
    println!("MDT_SEED={seed}");
    Dice(seed.max(1))
}

/// Every symbol of the picture.
fn drawn(desk: &Desk, columns: u16, rows: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| view(&desk.session.model, frame)).unwrap();
    terminal.backend().buffer().content.iter().map(ratatui::buffer::Cell::symbol).collect::<Vec<_>>().join("\n")
}

/// The bytes that go to a terminal for the picture, without the sequences ratatui itself writes.
fn wire(desk: &Desk, columns: u16, rows: u16) -> String {
    let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, columns, rows)) };
    let mut bytes = Vec::new();
    {
        let mut terminal = Terminal::with_options(CrosstermBackend::new(&mut bytes), options).unwrap();
        terminal.draw(|frame| view(&desk.session.model, frame)).unwrap();
    }
    without_own(&String::from_utf8(bytes).unwrap())
}

/// Takes out colours, places and the cursor: `ESC [ … m`, `H`, `l`, `h`. Anything else that begins with ESC stays.
fn without_own(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let end = after.find(|c: char| !c.is_ascii_digit() && !matches!(c, ';' | '?' | ':')).unwrap_or(after.len());
        match after[end..].chars().next() {
            Some('m' | 'H' | 'l' | 'h') => rest = &after[end + 1..],
            _ => {
                out.push('\u{1b}');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[test]
fn any_text_is_made_harmless_once_and_stays_as_it_is_then() {
    let mut dice = dice();
    for _ in 0..times(500, 20_000) {
        let raw = dice.hostile();
        let shown = DisplaySafe::new(&raw);
        assert_eq!(speaking(shown.as_str()), None, "{raw:?}");
        assert_eq!(DisplaySafe::new(shown.as_str()), shown, "what is safe is not changed again: {raw:?}");
        if let Ok(line) = Line::parse(&raw) {
            assert!(speaking(line.as_str()).is_none() && !line.as_str().contains('\n'), "{raw:?}");
            assert_eq!(DisplaySafe::new(line.as_str()).as_str(), line.as_str(), "{raw:?}");
        }
        if let Ok(note) = Note::parse(&raw) {
            assert_eq!(speaking(note.as_str()), None, "{raw:?}");
            assert_eq!(DisplaySafe::new(note.as_str()).as_str(), note.as_str(), "{raw:?}");
        }
        // Nothing legible is lost: the letters of the string are still there, in their order.
        let letters = |text: &str| text.chars().filter(|c| c.is_ascii_lowercase()).collect::<String>();
        let kept = letters(&displayable(&raw).replace(['‹', '›'], ""));
        assert!(kept.contains("nn"), "{raw:?}");
    }
}

/// A team whose every text was hostile when it came.
fn hostile_desk(dice: &mut Dice) -> Desk {
    let mut said = || dice.hostile();
    let texts: Vec<String> = (0..48).map(|_| said()).collect();
    let mut next = texts.into_iter().cycle();
    Desk::with(FileKind::Real, |store| {
        let mut line = || Line::parse(&next.next().unwrap()).unwrap_or_else(|_| Line::parse("Ann").unwrap());
        let mut mint = Mint::new(noon(), 3);
        let (team, organisation): (TeamId, OrganisationId) = (mint.mint(), mint.mint());
        let member: MemberId = mint.mint();
        let mut rules = Team::new(line());
        (rules.place, rules.purpose) = (Some(line()), Note::optional(line().as_str()).unwrap());
        let mut changes = vec![
            add(team, rules),
            add(organisation, Organisation { name: line(), kind: OrganisationKind::Practice, code: Some(line()) }),
            add(
                member,
                Member {
                    team,
                    name: line(),
                    role: line(),
                    organisation,
                    membership: Membership::Core,
                    phone: Some(line()),
                    email: Some(line()),
                    left_on: None,
                },
            ),
        ];
        let meeting: MeetingId = mint.mint();
        let today = Day::new(2026, 11, 26).unwrap();
        changes.push(add(
            meeting,
            mdt::domain::meeting::Meeting::planned(team, today, TimeOfDay::new(13, 0).unwrap(), 120, Some(line())),
        ));
        for n in 0..6 {
            let id: PersonId = mint.mint();
            let mut person = Person::new(team, line(), line());
            (person.preferred, person.address, person.phone) = (Some(line()), Some(line()), Some(line()));
            (person.named_gp, person.council, person.practice) = (Some(line()), Some(line()), Some(organisation));
            person.safeguarding = Note::optional(line().as_str()).unwrap();
            person.born = Day::new(1930 + n % 2, 3, 4);
            changes.push(add(id, person));
            let note = Note::parse(line().as_str()).ok();
            changes.push(add(
                mint.mint(),
                Goal {
                    person: id,
                    words: note.clone().unwrap(),
                    progress: Progress::Some,
                    note: note.clone(),
                    on: today,
                },
            ));
            let plan = Plan {
                person: id,
                matters: note.clone(),
                strengths: note.clone(),
                needs: note.clone(),
                trigger: note.clone(),
                response: note.clone(),
                contact: note,
                agreed_with: Some(line()),
                agreed_on: None,
                review_on: None,
                reviewer: Some(member),
            };
            changes.push(add(mint.mint(), plan));
            let mut item = mdt::domain::agenda::AgendaItem::person(meeting, i64::from(n) * 10, id, 8);
            item.question = Note::optional(line().as_str()).unwrap();
            changes.push(add(mint.mint(), item));
        }
        store.commit(&stamp(), &Deed::change("Build"), &changes).unwrap();
    })
}

/// Ways to every room and card into which something can be typed; each ends where text goes in.
const DOORS: [&str; 14] =
    ["1", "2/", "2n", "2<enter>", "2<enter><enter>", "2<enter>o", "2<enter>ja", "3", "3s", "3t", "5", "8r", "9n", ":"];

#[test]
fn no_screen_lets_a_hostile_string_through_to_the_terminal() {
    let mut dice = dice();
    let sizes = [(60, 20), (80, 24), (110, 32), (170, 50)];
    let mut strings = 0;
    let rounds = times(3, 40);
    for round in 0..rounds {
        let mut desk = hostile_desk(&mut dice);
        for door in DOORS {
            desk.keys("<esc><esc><esc>").keys(door);
            for _ in 0..4 {
                let raw = dice.hostile();
                strings += 1;
                // Pasted, and typed as keys that a terminal would send.
                desk.session.take(Msg::Paste(raw.clone()));
                desk.session.finish_work();
                let (columns, rows) = sizes[dice.roll(sizes.len())];
                desk.resize(columns, rows);
                for (what, text) in [("drawn", drawn(&desk, columns, rows)), ("sent", wire(&desk, columns, rows))] {
                    let found = speaking(&text);
                    assert_eq!(found, None, "{what} in round {round} by {door} at {columns}×{rows}: {raw:?}");
                }
            }
            desk.resize(110, 32);
        }
        desk.keys("<esc><esc><esc><esc>");
    }
    println!("{strings} strings pasted");
    assert!(strings >= 150, "{strings}");
}

#[test]
fn what_the_notice_line_and_cards_quote_is_harmless() {
    let mut dice = dice();
    let mut desk = kit::demo();
    for _ in 0..times(40, 400) {
        let raw = dice.hostile();
        desk.session.model.say(raw.clone());
        assert_eq!(speaking(&drawn(&desk, 80, 24)), None, "{raw:?}");
        desk.session.model.refuse(format!("{raw} could not be read."));
        assert_eq!(speaking(&drawn(&desk, 60, 20)), None, "{raw:?}");
    }
}

/// The controls: the check sees what is put past every type, and the wall stops it.
#[test]
fn the_check_is_not_blind() {
    let mut buffer = ratatui::buffer::Buffer::empty(Rect::new(0, 0, 10, 1));
    buffer[(0, 0)].set_symbol("\u{1b}]52;c;aGk=\u{7}");
    buffer[(1, 0)].set_symbol("a\u{202e}");
    buffer[(2, 0)].set_symbol("\u{9b}");
    buffer[(3, 0)].set_symbol("é");
    let text =
        |buffer: &ratatui::buffer::Buffer| buffer.content.iter().map(|it| it.symbol().to_owned()).collect::<String>();
    assert_eq!(speaking(&text(&buffer)), Some('\u{1b}'), "an escape past the types is seen");
    mdt::ui::wall::sweep(&mut buffer);
    assert_eq!(speaking(&text(&buffer)), None);
    assert_eq!(buffer[(3, 0)].symbol(), "é", "what says something stays");
    for bad in ["\u{1b}]0;x\u{7}", "\u{1b}P", "\u{9b}2J", "\u{202e}", "\u{e0041}", "\u{200b}"] {
        assert!(speaking(&without_own(bad)).is_some(), "{bad:?}");
    }
    assert_eq!(speaking(&without_own("\u{1b}[38;5;12mname\u{1b}[0m\u{1b}[3;4H")), None);
}

#[cfg(unix)]
mod command_line {
    use super::{dice, speaking, times};
    use assert_cmd::Command;
    use std::os::unix::ffi::OsStrExt as _;

    fn mdt(home: &std::path::Path, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("mdt").unwrap();
        command.env("HOME", home).env("XDG_DATA_HOME", home.join("data")).current_dir(home).args(arguments);
        command
    }

    #[track_caller]
    fn quiet(command: &mut Command) {
        let output = command.output().unwrap();
        for (what, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            let text = String::from_utf8_lossy(bytes);
            let found = text.split('\n').find_map(speaking);
            assert_eq!(found, None, "{what}: {text:?}");
        }
    }

    #[test]
    fn no_command_prints_what_it_was_handed_as_it_was_handed() {
        let mut dice = dice();
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path();
        let safe = |text: String| text.replace('\0', "");
        mdt(home, &["--file", "team.mdt", "init", "Elm Grove MDT", "--no-encryption"]).assert().success();
        for _ in 0..times(6, 60) {
            let raw = safe(dice.hostile());
            quiet(mdt(home, &["--file", "team.mdt", "--team", &raw, "actions"]).env("USER", &raw));
            quiet(&mut mdt(home, &["--file", &raw, "actions"]));
            quiet(&mut mdt(home, &[&raw]));
            quiet(&mut mdt(home, &["--file", "team.mdt", "actions", "--format", &raw]));
            quiet(&mut mdt(
                home,
                &["--file", "team.mdt", "erase", "--person", &raw, "--why", &raw, "--witness", &raw, "--yes"],
            ));
            quiet(&mut mdt(home, &["--file", "team.mdt", "hold", "--person", &raw, "--why", &raw]));
            quiet(&mut mdt(home, &["--file", "team.mdt", "import", "caseload", &raw]));
            quiet(&mut mdt(home, &["--key-file", &raw, "--file", "x.mdt", "init", &raw]));
            quiet(mdt(home, &["paths"]).env("XDG_DATA_HOME", home.join(raw.replace('/', "_"))));
        }
        // Arguments that are not even text.
        let bytes = std::ffi::OsStr::from_bytes(b"\xff\x1b[2J\x9b");
        let mut command = mdt(home, &["--file"]);
        quiet(command.arg(bytes).arg("actions"));
    }

    #[test]
    fn a_hostile_list_is_taken_in_and_told_of_harmlessly() {
        let mut dice = dice();
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path();
        mdt(home, &["--file", "team.mdt", "init", "Elm Grove MDT", "--no-encryption"]).assert().success();
        let quoted = |text: String| format!("\"{}\"", text.replace(['"', '\0'], "'"));
        let head = "NHS number,Surname,Forename,Date of birth,Address,Phone,Named GP,Band\n";
        let mut list = head.to_owned();
        for n in 0..times(60, 600) {
            let mut cell = || quoted(dice.hostile());
            let (a, b, c, d, e) = (cell(), cell(), cell(), cell(), cell());
            list.push_str(&format!(",{a},{b},{:02}/03/19{:02},{c},{d},{e},high\n", n % 28 + 1, 20 + n % 60));
        }
        std::fs::write(home.join("list.csv"), list).unwrap();
        quiet(&mut mdt(home, &["--file", "team.mdt", "import", "caseload", "list.csv", "--yes", "--part"]));
        quiet(&mut mdt(home, &["--file", "team.mdt", "import", "caseload", "list.csv", "--yes"]));
        quiet(&mut mdt(home, &["--file", "team.mdt", "import", "waiting"]));
        quiet(&mut mdt(home, &["--file", "team.mdt", "erase", "--due", "--names"]));
    }
}
