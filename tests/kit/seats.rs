//! Places at the keys of one file: a screen that may be locked, and several on the same file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use mdt::clock::Clock;
use mdt::domain::id::Mint;
use mdt::store::open::Passphrase;
use mdt::store::{self, Reader, Store};
use mdt::ui::keymap::{Key, Press};
use mdt::ui::msg::Msg;
use mdt::ui::runtime::seat::Seat;
use mdt::ui::runtime::{Desk as Opened, Session};
use mdt::ui::theme::{Theme, ThemeName};

use super::noon;

/// A place at the keys.
pub struct Bench {
    /// The place.
    pub seat: Seat,
    /// The file.
    pub path: PathBuf,
    /// The folder; it goes with the last bench in it.
    pub folder: Arc<tempfile::TempDir>,
    terminal: Terminal<TestBackend>,
}

/// A session of this member on an open file.
pub fn session(store: Store, reader: Reader, actor: &str) -> Session {
    static SALT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(100);
    let team = reader.teams().unwrap().remove(0);
    let salt = SALT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let desk = Opened {
        store,
        reader,
        team,
        clock: Clock::Fixed(noon()),
        // Far from another's ids of the same moment.
        mint: Mint::new(noon(), salt << 12),
        actor: actor.to_owned(),
        login: actor.to_lowercase(),
        theme: Theme::new(ThemeName::Dark),
    };
    Session::new(desk, (110, 32)).unwrap()
}

impl Bench {
    /// On the demo file, not signed in.
    pub fn demo() -> Self {
        let super::Desk { session, folder, .. } = super::demo();
        Self::at(session, folder)
    }

    /// At this session.
    pub fn at(session: Session, folder: tempfile::TempDir) -> Self {
        let path = session.reader.path().to_path_buf();
        let terminal = Terminal::new(TestBackend::new(110, 32)).unwrap();
        Self { seat: Seat::new(session), path, folder: Arc::new(folder), terminal }
    }

    /// Another place at the same file, signed in as this member.
    pub fn beside(&self, actor: &str) -> Self {
        let (store, reader) = store::open(&self.path, None).unwrap();
        let mut session = session(store, reader, actor);
        session.begin_work();
        let terminal = Terminal::new(TestBackend::new(110, 32)).unwrap();
        Self { seat: Seat::new(session), path: self.path.clone(), folder: Arc::clone(&self.folder), terminal }
    }

    /// The file opened by itself, to look into it.
    pub fn file(&self, passphrase: Option<&str>) -> (Store, Reader) {
        let passphrase = passphrase.map(|text| Passphrase::new(text.to_owned()));
        store::open(&self.path, passphrase.as_ref()).unwrap()
    }

    /// The session that is shown.
    #[track_caller]
    pub fn session(&mut self) -> &mut Session {
        self.seat.session().unwrap_or_else(|| panic!("the screen is locked"))
    }

    /// Types keys, as a desk does.
    pub fn keys(&mut self, script: &str) -> &mut Self {
        let mut rest = script;
        while let Some(c) = rest.chars().next() {
            let (key, used) = match rest.strip_prefix('<').and_then(|tail| tail.split_once('>')) {
                Some((name, _)) => (Key::parse(name).unwrap_or_else(|| panic!("no key <{name}>")), name.len() + 2),
                None => (Key::plain(Press::Char(c)), c.len_utf8()),
            };
            self.seat.take(Msg::Key(key));
            if let Some(session) = self.seat.session() {
                session.finish_work();
            }
            rest = &rest[used..];
        }
        self
    }

    /// Lets seconds pass without a key.
    pub fn seconds(&mut self, n: i64) -> &mut Self {
        self.seat.advance(chrono::Duration::seconds(n));
        self.seat.take(Msg::Tick);
        self
    }

    /// What the loop does when the file was written to.
    pub fn look(&mut self) -> &mut Self {
        self.seat.look_around();
        self
    }

    /// Another size.
    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        self.seat.take(Msg::Resize(columns, rows));
        self
    }

    /// The screen as text.
    pub fn screen(&mut self) -> String {
        self.terminal.draw(|frame| self.seat.view(frame)).unwrap();
        let buffer = self.terminal.backend().buffer();
        let row = |y| {
            let mut line = String::new();
            let mut skip = 0_usize;
            for x in 0..buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                line.push_str(symbol);
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            }
            line.trim_end().to_owned()
        };
        (0..buffer.area.height).map(row).collect::<Vec<_>>().join("\n")
    }

    /// The words on the screen, without frames and line breaks.
    pub fn words(&mut self) -> String {
        let screen = self.screen();
        screen.split(['\n', '│', ' ']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Fails unless the screen shows this.
    #[track_caller]
    pub fn shows(&mut self, text: &str) -> &mut Self {
        let (screen, words) = (self.screen(), self.words());
        assert!(screen.contains(text) || words.contains(text), "the screen does not show “{text}”:\n{screen}");
        self
    }

    /// Fails if the screen shows this.
    #[track_caller]
    pub fn hides(&mut self, text: &str) -> &mut Self {
        let (screen, words) = (self.screen(), self.words());
        assert!(!screen.contains(text) && !words.contains(text), "the screen shows “{text}”:\n{screen}");
        self
    }
}

/// Names that must not be seen where nothing may be: of people and carers, members, organisations and the team.
pub fn names(reader: &Reader) -> Vec<String> {
    let mut names = Vec::new();
    for line in reader.dump().unwrap().lines() {
        let wanted: &[&str] = match line.split(' ').next() {
            Some("person") => &[" surname=\"", " forename=\"", " preferred=\""],
            Some("member" | "organisation" | "team" | "carer") => &[" name=\""],
            _ => &[],
        };
        for field in wanted {
            if let Some(value) = line.split_once(field).and_then(|(_, rest)| rest.split_once('"')) {
                names.push(value.0.to_owned());
            }
        }
    }
    names.retain(|name| name.chars().count() >= 3);
    names.sort();
    names.dedup();
    assert!(names.len() > 50, "{names:?}");
    names
}

/// The names among these that a screen shows, in any case of letters.
pub fn seen<'n>(screen: &str, names: &'n [String]) -> Vec<&'n str> {
    let screen = screen.to_lowercase();
    let words: Vec<&str> = screen.split(|c: char| !c.is_alphanumeric()).collect();
    let shows = |name: &&String| {
        let name = name.to_lowercase();
        if name.contains(' ') { screen.contains(&name) } else { words.contains(&name.as_str()) }
    };
    names.iter().filter(shows).map(String::as_str).collect()
}

/// What of these folders this process has open. Linux only; elsewhere nothing is known.
pub fn open_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(fds) = std::fs::read_dir("/proc/self/fd") else { return Vec::new() };
    fds.flatten().filter_map(|fd| std::fs::read_link(fd.path()).ok()).filter(|to| to.starts_with(folder)).collect()
}
