//! A terminal of its own for the program: what it draws, what is typed, and how it ends.
#![allow(dead_code, reason = "each test file uses its part of the kit")]

use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// How long something may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What the program asked the terminal to put on its clipboard.
#[derive(Default)]
pub struct Clipboard(pub Vec<String>);

impl vt100::Callbacks for Clipboard {
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, which: &[u8], data: &[u8]) {
        use base64::Engine as _;
        assert_eq!(which, b"c");
        let text = base64::engine::general_purpose::STANDARD.decode(data).unwrap();
        self.0.push(String::from_utf8(text).unwrap());
    }
}

/// The program in a terminal of its own.
pub struct Terminal {
    pub child: Box<dyn Child + Send + Sync>,
    pub master: Box<dyn MasterPty + Send>,
    pub writer: Box<dyn std::io::Write + Send>,
    pub screen: Arc<Mutex<vt100::Parser<Clipboard>>>,
    pub bytes: Arc<Mutex<usize>>,
    pub raw: Arc<Mutex<Vec<u8>>>,
}

fn size(rows: u16, columns: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

impl Terminal {
    /// Starts the program on a file.
    pub fn start(file: &Path, home: &Path, rows: u16, columns: u16) -> Self {
        Self::run(file, home, &[], rows, columns)
    }

    /// Starts it with arguments.
    pub fn run(file: &Path, home: &Path, arguments: &[&str], rows: u16, columns: u16) -> Self {
        let pair = native_pty_system().openpty(size(rows, columns)).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_mdt"));
        command.arg("--file");
        command.arg(file);
        command.args(arguments);
        command.env("HOME", home);
        command.env("XDG_DATA_HOME", home.join("data"));
        command.env("USER", "tolu");
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let whole = |n: u16| NonZeroU16::new(n).unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new_with_callbacks(
            whole(rows),
            whole(columns),
            0,
            Clipboard::default(),
        )));
        let bytes = Arc::new(Mutex::new(0));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let raw = Arc::new(Mutex::new(Vec::new()));
        let (seen, count, all) = (Arc::clone(&screen), Arc::clone(&bytes), Arc::clone(&raw));
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                seen.lock().unwrap().process(&buffer[..n]);
                *count.lock().unwrap() += n;
                all.lock().unwrap().extend_from_slice(&buffer[..n]);
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { child, master: pair.master, writer, screen, bytes, raw }
    }

    pub fn screen(&self) -> MutexGuard<'_, vt100::Parser<Clipboard>> {
        self.screen.lock().unwrap()
    }

    pub fn text(&self) -> String {
        self.screen().screen().contents()
    }

    /// Types, as a terminal would send it.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
        self
    }

    pub fn resize(&mut self, rows: u16, columns: u16) {
        self.master.resize(size(rows, columns)).unwrap();
    }

    #[track_caller]
    pub fn until(&mut self, what: &str, done: impl Fn(&str) -> bool) -> Duration {
        let began = Instant::now();
        loop {
            let text = self.text();
            if done(&text) {
                return began.elapsed();
            }
            let gone = self.child.try_wait().unwrap();
            assert!(began.elapsed() < PATIENCE && gone.is_none(), "{what} ({gone:?}):\n{text}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[track_caller]
    pub fn shows(&mut self, wanted: &str) -> &mut Self {
        self.until(&format!("does not show “{wanted}”"), |text| text.contains(wanted));
        self
    }

    #[track_caller]
    pub fn hides(&mut self, unwanted: &str) -> &mut Self {
        self.until(&format!("still shows “{unwanted}”"), |text| !text.contains(unwanted));
        self
    }

    /// What it said last, once it has gone.
    #[track_caller]
    pub fn shows_last(&mut self, wanted: &str) -> &mut Self {
        let began = Instant::now();
        while !self.text().contains(wanted) {
            assert!(began.elapsed() < PATIENCE, "did not say “{wanted}”:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
        self
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.process_id().unwrap()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// The power goes: nothing can be kept any more.
    pub fn kill(mut self) {
        self.signal(Signal::KILL);
        self.child.wait().unwrap();
    }

    /// Waits until it has gone by itself, and answers its exit code.
    #[track_caller]
    pub fn ends(&mut self) -> u32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // What it said last is still on its way through the terminal.
                std::thread::sleep(Duration::from_millis(50));
                return status.exit_code();
            }
            assert!(began.elapsed() < PATIENCE, "it does not end:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// How often the terminal was asked to forget what can be scrolled back to.
    pub fn purges(&self) -> usize {
        self.raw.lock().unwrap().windows(4).filter(|four| four == b"\x1b[3J").count()
    }

    /// The terminal is as the shell left it.
    #[track_caller]
    pub fn is_restored(&self) {
        let parser = self.screen();
        let screen = parser.screen();
        assert!(!screen.alternate_screen(), "still on the alternate screen");
        assert!(!screen.hide_cursor(), "the cursor is hidden");
        assert!(!screen.bracketed_paste(), "pastes are still bracketed");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.signal(Signal::KILL);
            let _ = self.child.wait();
        }
    }
}
