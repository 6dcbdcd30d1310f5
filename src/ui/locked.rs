//! The locked screen: what is left when the file is closed and everything read from it is dropped. It says what time it is and
//! how to go on, and nothing else.
//!
//! It knows where to come back to by numbers alone: no name, no text and no key is in it.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};
use zeroize::{Zeroize as _, Zeroizing};

use crate::clock::{Clock, Now};
use crate::domain::day::Moment;
use crate::domain::id::{PersonId, TeamId};
use crate::domain::text::displayable;
use crate::store::Reader;
use crate::store::fault::Fault;
use crate::store::history::Whose;
use crate::store::open::Passphrase;

use super::idle;
use super::keymap::{Key, Press};
use super::model::Model;
use super::screens::{self, Screen};
use super::theme::Theme;
use super::widgets::fit::{fit, width, wrap};
use super::widgets::panel::middle;

/// The longest passphrase that can be typed: the buffer never grows, so that no piece of it stays behind.
const LONGEST: usize = 1_000;
/// After so many wrong ones the wait between two tries is the longest.
const STEPS: u32 = 6;

/// The room, page and part of the meeting to come back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    screen: Screen,
    back: Vec<Screen>,
    person: Option<PersonId>,
    part: screens::meeting::Part,
    story: Option<Whose>,
    masked: bool,
}

impl Place {
    /// Where the user is.
    pub fn of(model: &Model) -> Self {
        Self {
            screen: model.screen,
            back: model.back.clone(),
            person: screens::person::shown(model),
            part: screens::meeting::part(model),
            story: screens::history::shown(model),
            masked: model.masked,
        }
    }

    /// Brings a fresh model there. Nobody is asked whether to resume what they were in a moment ago.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn come_back(self, model: &mut Model, reader: &Reader) -> Result<(), Fault> {
        model.overlays.clear();
        model.masked = self.masked;
        if self.screen == Screen::Meeting || self.back.contains(&Screen::Meeting) {
            model.screen = Screen::Meeting;
            model.reload_screen(reader)?;
            screens::meeting::come_back_to(model, self.part);
        }
        match self.person {
            // The page may also lie under another room.
            Some(person) if self.screen == Screen::Person || self.back.contains(&Screen::Person) => {
                screens::person::open(model, person, reader)?;
            }
            Some(_) | None => {}
        }
        screens::history::come_back_to(model, self.story);
        // Coming back to what was shown is no opening.
        model.looked.clear();
        model.screen = self.screen;
        model.back = self.back;
        model.reload_screen(reader)
    }
}

/// Why the screen is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Somebody asked for it.
    Asked,
    /// Nobody touched a key.
    Idle,
    /// The program or the machine slept.
    Slept,
}

/// A locked screen.
pub struct Locked {
    /// The file.
    pub path: PathBuf,
    /// Which file it was: another one in its place is not opened.
    pub mark: [u8; 32],
    /// The team.
    pub team: TeamId,
    /// Whose steps theirs are.
    pub actor: String,
    /// The login.
    pub login: String,
    /// The colours.
    pub theme: Theme,
    /// The terminal's size.
    pub size: (u16, u16),
    /// The clock.
    pub clock: Clock,
    /// Where to come back to.
    pub place: Place,
    /// Whether half-typed text was kept.
    pub text_kept: bool,
    /// Whether work went on behind it.
    pub worked: bool,
    /// Whether it was open to read only.
    pub only_read: bool,
    encrypted: bool,
    why: Why,
    typed: Zeroizing<String>,
    said: Option<String>,
    wrong: u32,
    not_before: Option<Moment>,
}

/// What a key on the locked screen asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing.
    Nothing,
    /// To open the file again.
    Unlock,
    /// To leave.
    Leave,
}

impl Locked {
    /// What a model leaves behind.
    pub fn of(model: &Model, reader: &Reader, clock: Clock, why: Why) -> Self {
        Self {
            path: reader.path().to_path_buf(),
            mark: mark(reader),
            team: model.team.id,
            actor: model.actor.clone(),
            login: model.login.clone(),
            theme: model.theme,
            size: model.size,
            clock,
            place: Place::of(model),
            text_kept: model.text_in_progress().is_some(),
            worked: false,
            only_read: model.only_read.is_some(),
            encrypted: model.encrypted,
            why,
            typed: Zeroizing::new(String::with_capacity(4 * LONGEST)),
            said: None,
            wrong: 0,
            not_before: None,
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Asked {
        match key.press {
            Press::Char('c') if key.ctrl => return Asked::Leave,
            Press::Char('u') if key.ctrl => self.typed.zeroize(),
            Press::Esc if !self.typed.is_empty() => self.typed.zeroize(),
            Press::Esc => return Asked::Leave,
            Press::Char('q') if !self.encrypted => return Asked::Leave,
            Press::Enter => return self.enter(),
            Press::Backspace => {
                self.typed.pop();
            }
            Press::Char(c) if self.encrypted && !key.ctrl => self.put(c),
            _ => {}
        }
        Asked::Nothing
    }

    /// Takes pasted text: a passphrase may come from a keeper of passphrases.
    pub fn paste(&mut self, text: &mut String) {
        if self.encrypted {
            text.trim_end_matches(['\r', '\n']).chars().for_each(|c| self.put(c));
        }
        text.zeroize();
    }

    fn put(&mut self, c: char) {
        if self.typed.chars().count() < LONGEST {
            self.typed.push(c);
        }
    }

    fn enter(&mut self) -> Asked {
        let now = self.clock.now().moment;
        if self.wait(now) > 0 || (self.encrypted && self.typed.is_empty()) {
            return Asked::Nothing;
        }
        self.said = None;
        Asked::Unlock
    }

    /// Takes away what was typed. A file that is not encrypted has none.
    pub fn passphrase(&mut self) -> Option<Passphrase> {
        let typed = std::mem::replace(&mut *self.typed, String::with_capacity(4 * LONGEST));
        let passphrase = Passphrase::new(typed);
        self.encrypted.then_some(passphrase)
    }

    /// The file was not opened: why, and – where the passphrase may have been wrong – how long the next try has to wait.
    pub fn refused(&mut self, fault: &Fault) {
        if *fault == Fault::WrongKey {
            self.wrong += 1;
            let seconds = 1_i64 << (self.wrong.min(STEPS + 1) - 1);
            let now = self.clock.now().moment;
            self.not_before = Some(Moment::new(now.utc() + chrono::Duration::seconds(seconds)));
        }
        // Where the file lies, and so whose it is, stands on no locked screen.
        let path = self.path.display().to_string();
        self.said = Some(match fault {
            _ if !self.path.exists() => {
                "The file is no longer where it was. Nothing was changed. Put it back, or leave and open it where it is now.".to_owned()
            }
            other => displayable(&other.to_string().replace(&path, "the file")),
        });
    }

    /// Says something that has to be known before it is unlocked.
    pub fn say(&mut self, text: String) {
        self.said = Some(text);
    }

    /// How many wrong passphrases were tried.
    pub fn wrong(&self) -> u32 {
        self.wrong
    }

    /// Seconds until the next try is taken.
    fn wait(&self, now: Moment) -> i64 {
        self.not_before.map_or(0, |then| then.seconds_since(now))
    }

    /// Seconds until something on it moves by itself: the wait, or the minute.
    pub fn moves_in(&self) -> u64 {
        let now = self.clock.now();
        if self.wait(now.moment) > 0 {
            return 1;
        }
        let second = chrono::Timelike::second(&now.moment.utc());
        u64::from(60 - second.min(59))
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>) {
        let now = self.clock.now();
        let mut lines: Vec<Line<'static>> = Vec::new();
        let theme = self.theme;
        let cells = usize::from(frame.area().width.saturating_sub(4)).clamp(1, 56);
        let mut say = |text: &str, style| {
            lines.extend(wrap(text, cells).into_iter().map(|part| Line::styled(part, style)));
        };
        say(&now.time.to_string(), theme.heading());
        say(&now.today.long(), theme.quiet());
        say("", theme.text());
        let how = match (self.encrypted, self.why) {
            (true, Why::Asked) => "Type the passphrase to go on where you were.",
            (true, Why::Idle) => "Nobody pressed a key for a while. Type the passphrase to go on where you were.",
            (true, Why::Slept) => "The machine or mdt slept. Type the passphrase to go on where you were.",
            (false, _) => {
                "This file is not encrypted: the lock only hides it. Whoever presses Enter here sees it, and whoever takes the file can read it."
            }
        };
        say(how, theme.text());
        say("", theme.text());
        if self.encrypted {
            lines.push(self.field(cells));
            lines.push(Line::default());
        }
        let wait = self.wait(now.moment);
        let mut say = |text: &str, style| {
            lines.extend(wrap(text, cells).into_iter().map(|part| Line::styled(part, style)));
        };
        if let Some(said) = &self.said {
            say(&format!("! {said}"), theme.alarm());
        }
        if wait > 0 {
            say(&format!("The next try is taken in {wait} s."), theme.warning());
        }
        if wait > 0 || self.said.is_some() {
            lines.push(Line::default());
        }
        let leave = if self.encrypted { "Esc " } else { "q " };
        lines.push(Line::from(vec![
            Span::styled("Enter ", theme.key()),
            Span::styled(if self.encrypted { "unlock   " } else { "go on   " }, theme.text()),
            Span::styled(leave, theme.key()),
            Span::styled("leave mdt", theme.text()),
        ]));
        page(frame, &theme, cells, " MDT – locked", lines);
    }

    /// The passphrase as dots, its end in sight.
    fn field(&self, cells: usize) -> Line<'static> {
        const LABEL: &str = "Passphrase ";
        let room = cells.saturating_sub(width(LABEL) + 1);
        let dots = "•".repeat(self.typed.chars().count().min(room));
        let used = width(&dots) + 1;
        Line::from(vec![
            Span::styled(LABEL, self.theme.label()),
            Span::styled(format!("{dots}▏"), self.theme.accent_strong()),
            Span::styled(fit("", room.saturating_sub(used)), self.theme.text()),
        ])
    }
}

/// By what a file is known again.
pub(in crate::ui) fn mark(reader: &Reader) -> [u8; 32] {
    reader.keyed("mdt-lock-1", b"")
}

/// The last minute before a screen locks in a meeting: nothing but how long.
pub(in crate::ui) fn blank(model: &Model, frame: &mut Frame<'_>) {
    let cells = usize::from(frame.area().width.saturating_sub(4)).clamp(1, 56);
    let Now { time, .. } = model.now;
    let mut lines = vec![
        Line::styled(time.to_string(), model.theme.heading()),
        Line::default(),
        Line::styled(idle::countdown(model).trim().to_owned(), model.theme.text()),
        Line::default(),
    ];
    lines.extend(
        wrap("The first key brings the meeting back and does nothing else.", cells)
            .into_iter()
            .map(|part| Line::styled(part, model.theme.quiet())),
    );
    page(frame, &model.theme, cells, " MDT", lines);
}

/// A bar with the program's name, and lines in the middle of an empty screen.
fn page(frame: &mut Frame<'_>, theme: &Theme, cells: usize, title: &'static str, lines: Vec<Line<'static>>) {
    let area = frame.area();
    if area.width == 0 || area.height == 0 {
        return;
    }
    frame.render_widget(Clear, area);
    frame.buffer_mut().set_style(area, theme.text());
    let bar = Rect { height: 1, ..area };
    frame.render_widget(
        Paragraph::new(Line::styled(title, theme.bar().patch(theme.accent_strong()))).style(theme.bar()),
        bar,
    );
    let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let inside = middle(body, u16::try_from(cells).unwrap_or(u16::MAX), u16::try_from(lines.len()).unwrap_or(u16::MAX));
    frame.render_widget(Paragraph::new(lines), inside);
}
