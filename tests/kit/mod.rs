//! A desk to sit at: a real file, a frozen clock, keys in, pictures out.
#![allow(dead_code, reason = "each test file uses its part of the kit")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where something is not as it should be"
)]

pub mod seats;

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::OnceLock;

use chrono::{DateTime, TimeZone, Utc};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Modifier;

use mdt::clock::Clock;
use mdt::domain::id::Mint;
use mdt::store::log::Stamp;
use mdt::store::{self, FileKind, Reader, Store};
use mdt::ui::keymap::{Key, Press};
use mdt::ui::msg::Msg;
use mdt::ui::outside::Outside;
use mdt::ui::runtime::{Desk as Opened, Session};
use mdt::ui::theme::{Theme, ThemeName};
use mdt::ui::view::view;

/// The moment at which every test begins: Thursday 26 November 2026, 12:55 UTC.
pub fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 26, 12, 55, 0).unwrap()
}

/// A stamp at that moment.
pub fn stamp() -> Stamp {
    Stamp { at: noon().format("%Y-%m-%dT%H:%M:%SZ").to_string(), actor: "Tolu Bankole".to_owned() }
}

/// A session on a file in a temporary folder.
pub struct Desk {
    /// The session.
    pub session: Session,
    /// The folder; it goes with the desk.
    pub folder: tempfile::TempDir,
    terminal: Terminal<TestBackend>,
}

/// Something that reached the outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reached {
    /// A text went to the clipboard; so many documents had left before, as the file has it.
    Copied(String, usize),
    /// A folder was shown.
    Opened(PathBuf),
}

/// Keeps what reaches the outside. Looks into the file, as another process would, at the very moment.
struct Recorder {
    reached: Rc<RefCell<Vec<Reached>>>,
    path: PathBuf,
    deaf: bool,
}

impl Outside for Recorder {
    fn copy(&mut self, text: &[u8]) -> io::Result<()> {
        let (_, reader) = store::open(&self.path, None).unwrap();
        let left = reader.disclosures(reader.teams().unwrap()[0].id, None, 1_000).unwrap().len();
        self.reached.borrow_mut().push(Reached::Copied(String::from_utf8(text.to_vec()).unwrap(), left));
        if self.deaf { Err(io::Error::other("it is gone")) } else { Ok(()) }
    }

    fn open(&mut self, folder: &Path) -> io::Result<()> {
        self.reached.borrow_mut().push(Reached::Opened(folder.to_path_buf()));
        if self.deaf { Err(io::Error::other("no desktop")) } else { Ok(()) }
    }
}

/// The demo file, built once: every desk sits at a copy of its own.
fn demo_bytes() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("team.mdt");
        let (mut store, reader) = store::create(&path, None, FileKind::Demo, 7, &stamp()).unwrap();
        mdt::demo::build(&mut store, 1, Clock::Fixed(noon()).now()).unwrap();
        drop(reader);
        store.close().unwrap();
        std::fs::read(path).unwrap()
    })
}

/// A desk on the demo file, at 110×32.
pub fn demo() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("team.mdt");
    std::fs::write(&path, demo_bytes()).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let (store, reader) = store::open(&path, None).unwrap();
    Desk::sit(folder, store, reader)
}

impl Desk {
    /// A desk on a new plain file that `fill` fills.
    pub fn with(kind: FileKind, fill: impl FnOnce(&mut Store)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("team.mdt");
        let (mut store, reader) = store::create(&path, None, kind, 7, &stamp()).unwrap();
        fill(&mut store);
        Self::sit(folder, store, reader)
    }

    fn sit(folder: tempfile::TempDir, store: Store, reader: Reader) -> Self {
        let team = reader.teams().unwrap().remove(0);
        let desk = Opened {
            store,
            reader,
            team,
            clock: Clock::Fixed(noon()),
            mint: Mint::new(noon(), 99),
            actor: "Tolu Bankole".to_owned(),
            login: "tolu".to_owned(),
            theme: Theme::new(ThemeName::Dark),
        };
        let session = Session::new(desk, (110, 32)).unwrap();
        Self { session, folder, terminal: Terminal::new(TestBackend::new(110, 32)).unwrap() }
    }

    /// Closes the session as a killed process would – without keeping anything – and sits down again.
    pub fn restart(self) -> Self {
        let size = (self.terminal.backend().buffer().area.width, self.terminal.backend().buffer().area.height);
        let folder = self.folder;
        drop(self.session);
        let (store, reader) = store::open(&folder.path().join("team.mdt"), None).unwrap();
        let mut desk = Self::sit(folder, store, reader);
        desk.resize(size.0, size.1);
        desk
    }

    /// Leaves, and sits down again at the file opened to read only.
    pub fn only_reading(self) -> Self {
        let folder = self.folder;
        self.session.close().unwrap();
        let (store, reader) = store::open_to_read(&folder.path().join("team.mdt"), None).unwrap();
        Self::sit(folder, store, reader)
    }

    /// A second session on the same file, as another process would have.
    pub fn second_session(&self) -> (Store, Reader) {
        store::open(&self.folder.path().join("team.mdt"), None).unwrap()
    }

    /// Another size of terminal.
    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        self.session.take(Msg::Resize(columns, rows));
        self
    }

    /// Types keys: plain characters, and `<enter>`, `<esc>`, `<tab>`, `<f2>`, `<ctrl-s>`, … by name.
    pub fn keys(&mut self, script: &str) -> &mut Self {
        let mut rest = script;
        while let Some(c) = rest.chars().next() {
            let (key, used) = match rest.strip_prefix('<').and_then(|tail| tail.split_once('>')) {
                Some((name, _)) => (Key::parse(name).unwrap_or_else(|| panic!("no key <{name}>")), name.len() + 2),
                None => (Key::plain(Press::Char(c)), c.len_utf8()),
            };
            self.session.take(Msg::Key(key));
            // Work off the thread is waited for, so that a picture is the same every time.
            self.session.finish_work();
            rest = &rest[used..];
        }
        self
    }

    /// Keeps from now on what reaches the outside; `deaf` is an outside that takes nothing.
    pub fn record_outside(&mut self, deaf: bool) -> Rc<RefCell<Vec<Reached>>> {
        let reached = Rc::new(RefCell::new(Vec::new()));
        let path = self.folder.path().join("team.mdt");
        self.session.outside = Box::new(Recorder { reached: Rc::clone(&reached), path, deaf });
        reached
    }

    /// Lets time pass.
    pub fn minutes(&mut self, n: i64) -> &mut Self {
        self.session.clock.advance(chrono::Duration::minutes(n));
        self.session.take(Msg::Tick);
        self
    }

    /// The screen as text.
    pub fn screen(&mut self) -> String {
        self.terminal.draw(|frame| view(&self.session.model, frame)).unwrap();
        let buffer = self.terminal.backend().buffer();
        let mut lines = Vec::new();
        for y in 0..buffer.area.height {
            let mut line = String::new();
            let mut skip = 0;
            for x in 0..buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                line.push_str(symbol);
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            }
            lines.push(line.trim_end().to_owned());
        }
        lines.join("\n")
    }

    /// The screen as text, with a line that stands for its styles: a style that moves is seen in a test.
    pub fn picture(&mut self) -> String {
        let text = self.screen();
        let buffer = self.terminal.backend().buffer();
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for cell in &buffer.content {
            let marks = format!("{:?}{:?}{:?}", cell.fg, cell.bg, cell.modifier.intersection(Modifier::all()));
            for byte in marks.bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        format!("{text}\nstyles {hash:016x}")
    }

    /// Fails unless the screen shows this.
    #[track_caller]
    pub fn shows(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        // A sentence may be wrapped: frames and line breaks are not part of it.
        let flat: Vec<&str> = screen.split(['\n', '│', ' ']).filter(|word| !word.is_empty()).collect();
        let wanted: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        let found = screen.contains(text) || flat.join(" ").contains(&wanted.join(" "));
        assert!(found, "the screen does not show “{text}”:\n{screen}");
        self
    }

    /// Fails if the screen shows this.
    #[track_caller]
    pub fn hides(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(!screen.contains(text), "the screen shows “{text}”:\n{screen}");
        self
    }
}

/// How often something is tried: a few times in every run, many times in the long one (`MDT_LONG=1`).
pub fn times(quick: u32, long: u32) -> u32 {
    if std::env::var_os("MDT_LONG").is_some() { long } else { quick }
}

/// The seed of this run: `MDT_SEED`, or a fresh one. Whoever uses it prints it, so that a failure can be met again.
pub fn seed() -> u64 {
    std::env::var("MDT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).unwrap();
        u64::from_be_bytes(bytes) >> 1
    })
}
