//! Nothing about a person gets where it was not sent: the program itself, with a name that occurs nowhere else, and then a
//! look through everything it left behind.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::canary;
use super::child::PATIENCE;
use super::kit;
use super::report::Family;
use super::world::Dice;

/// What must be found nowhere: surname, number, words about them, and the passphrase.
const CANARIES: [&str; 4] = ["quokkafield", "9990000018", "999 000 0018", "umbrella tangerine sixpence"];
/// The passphrase.
pub const KEY: &str = "umbrella tangerine sixpence";

/// A home, a folder for what is given and one for what is sent, and the program in it.
pub struct Place {
    folder: tempfile::TempDir,
}

/// What came of a command: its exit code, what it printed, and what it said of errors.
pub struct Said {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "temp", "given", "sent"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            close(&folder.path().join(name), 0o700);
        }
        std::fs::write(folder.path().join("given/key"), KEY).unwrap();
        close(&folder.path().join("given/key"), 0o600);
        let list = "Surname,Forename,NHS number,Date of birth\nQuokkafield,Ada,9990000018,01/02/1940\n";
        std::fs::write(folder.path().join("given/list.csv"), list).unwrap();
        // Somebody else's number, a day that is none, a column nobody knows.
        let bad = "Surname,Forename,NHS number,Date of birth\nQuokkafield,Ada,9990000019,31/02/1940\n";
        std::fs::write(folder.path().join("given/bad.csv"), bad).unwrap();
        Self { folder }
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn surroundings(&self) -> [(&'static str, PathBuf); 6] {
        [
            ("HOME", self.at("home")),
            ("TMPDIR", self.at("temp")),
            ("XDG_DATA_HOME", self.at("home/data")),
            ("XDG_CONFIG_HOME", self.at("home/config")),
            ("XDG_CACHE_HOME", self.at("home/cache")),
            ("XDG_RUNTIME_DIR", self.at("temp")),
        ]
    }

    fn arguments(&self, more: &[&str]) -> Vec<String> {
        // Unless the passphrase is to be another.
        let mut all = vec!["--key-file".to_owned(), self.at("given/key").display().to_string()];
        if more.first() == Some(&"--key-file") {
            all.clear();
        }
        all.extend(more.iter().map(|it| (*it).to_owned()));
        all
    }

    fn run(&self, more: &[&str]) -> Said {
        self.run_with(more, "")
    }

    /// Runs it with this for it to read.
    pub fn run_with(&self, more: &[&str], typed: &str) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mdt"))
            .args(self.arguments(more))
            .env_clear()
            .envs(self.surroundings())
            .env("USER", "test")
            .current_dir(self.at("sent"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that reads nothing may have ended already.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        let out = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { code: out.status.code(), stdout: text(&out.stdout), stderr: text(&out.stderr) }
    }

    /// What of a person got out of this command, besides what it printed and these files.
    pub fn leaks_of(&self, what: &str, said: &Said, asked_for: &dyn Fn(&Path) -> bool) -> Vec<String> {
        let mut out: Vec<String> = met(&said.stderr).map(|it| format!("{what}: {it} among its errors")).collect();
        // By a signal, or by a mistake in the program.
        if said.code.is_none_or(|code| code == 101) {
            out.push(format!("{what} ended with {:?}: {}", said.code, said.stderr));
        }
        let asked_for: Vec<PathBuf> = self.left().into_iter().filter(|path| asked_for(path)).collect();
        out.extend(self.leaks(&asked_for).into_iter().map(|it| format!("after {what}: {it}")));
        out
    }

    /// Every file that the program left, but for what it was given.
    fn left(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for name in ["home", "temp", "sent"] {
            walk(&self.at(name), &mut found);
        }
        found
    }

    /// Where a canary is that nobody asked for; and what others may read.
    fn leaks(&self, asked_for: &[PathBuf]) -> Vec<String> {
        let mut out = Vec::new();
        for path in self.left() {
            let meta = std::fs::symlink_metadata(&path).unwrap();
            if meta.permissions().mode() & 0o077 != 0 {
                out.push(format!("others may look into {}", path.display()));
            }
            out.extend(met(&path.display().to_string()).map(|it| format!("{it} in the name {}", path.display())));
            if meta.is_file() && !asked_for.contains(&path) {
                let bytes = std::fs::read(&path).unwrap();
                out.extend(met(&String::from_utf8_lossy(&bytes)).map(|it| format!("{it} in {}", path.display())));
            }
        }
        out
    }
}

pub fn close(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        found.push(path.clone());
        if path.is_dir() {
            walk(&path, found);
        }
    }
}

/// The canaries that sing in a text, also in wide letters.
pub fn met(text: &str) -> impl Iterator<Item = &'static str> {
    let plain: String = text.chars().filter(|c| *c != '\0').collect::<String>().to_lowercase();
    CANARIES.into_iter().filter(move |canary| plain.contains(*canary))
}

#[test]
fn nothing_about_a_person_is_where_it_was_not_sent() {
    let family = Family::begin("leak");
    let mut dice = Dice::new(family.seed);
    let (mut runs, mut leaks) = (0, Vec::new());
    for _ in 0..kit::times(1, 5) {
        let place = Place::new();
        let mut tried = from_the_beginning(&place);
        at_the_terminal(&place, &[&["2"]], false);
        let (more, found) = canary::with_a_past(kit::times(3, u32::MAX), &mut dice);
        tried += 1 + more;
        leaks.extend(found);
        runs += tried;
    }
    assert!(leaks.is_empty(), "seed {}: {leaks:#?}", family.seed);
    family.done(
        runs,
        0,
        "a name, a number and a passphrase looked for in errors, files, names, rights, /proc, the screen left, the lock",
    );
}

/// A file from nothing: lists taken in, refused, the wrong passphrase. Says how many scenarios that were.
fn from_the_beginning(place: &Place) -> u64 {
    let (list, bad) =
        (place.at("given/list.csv").display().to_string(), place.at("given/bad.csv").display().to_string());
    let wrong = place.at("given/wrong");
    std::fs::write(&wrong, "not the passphrase at all").unwrap();
    close(&wrong, 0o600);
    let wrong = wrong.display().to_string();
    let scenarios: [&[&str]; 15] = [
        &["init", "Elm Grove MDT"],
        &["import", "caseload", &list, "--dry-run"],
        &["import", "caseload", &list],
        &["import", "caseload", &list, "--yes"],
        &["import", "caseload", &list, "--yes"],
        &["import", "nominations", &list, "--yes"],
        &["import", "caseload", "no-such-list.csv", "--yes"],
        &["minutes"],
        &["minutes", "--meeting", "Quokka"],
        &["actions", "--owner", "nobody"],
        &["actions", "--for", "everybody"],
        &["actions", "-o", "sent.csv", "--format", "csv", "--all"],
        &["init", "Another"],
        &["--key-file", &wrong, "actions"],
        // Rows that could not be taken are written where the report says, for their owner alone; nowhere else.
        &["import", "caseload", &bad, "--yes"],
    ];
    for arguments in scenarios {
        let said = place.run(arguments);
        let leaks = place.leaks_of(&format!("{arguments:?}"), &said, &|path| {
            let name = path.to_string_lossy();
            name.contains("reject") || name.ends_with("sent/sent.csv")
        });
        assert!(leaks.is_empty(), "{leaks:#?}");
    }
    u64::try_from(scenarios.len()).unwrap()
}

/// The program on a terminal, with the person on its screen, through these rooms (each by what is typed, piece by piece):
/// neither its arguments nor its surroundings say so, the lock hides all of it, and nothing of it is on the screen when it has
/// gone.
pub fn at_the_terminal(place: &Place, rooms: &[&[&str]], locking: bool) {
    let pair = native_pty_system().openpty(PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 }).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_mdt"));
    command.args(place.arguments(&[]));
    command.env_clear();
    for (name, value) in place.surroundings() {
        command.env(name, value);
    }
    command.env("USER", "test");
    command.env("TERM", "xterm-256color");
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let screen =
        Arc::new(Mutex::new((vt100::Parser::new(40.try_into().unwrap(), 120.try_into().unwrap(), 200), Vec::new())));
    let (mut out, seen) = (pair.master.try_clone_reader().unwrap(), Arc::clone(&screen));
    std::thread::spawn(move || {
        let mut buffer = [0; 8_192];
        while let Ok(n @ 1..) = out.read(&mut buffer) {
            let mut seen = seen.lock().unwrap();
            seen.0.process(&buffer[..n]);
            seen.1.extend_from_slice(&buffer[..n]);
        }
    });
    let mut keys = pair.master.take_writer().unwrap();
    let text = || screen.lock().unwrap().0.screen().contents();
    let until = |what: &str, done: &dyn Fn(&str) -> bool| {
        let began = Instant::now();
        while !done(&text()) {
            assert!(began.elapsed() < PATIENCE, "{what}:\n{}", text());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let outside = |pid: u32| {
        for what in ["environ", "cmdline", "comm"] {
            // A process that keeps to itself may not be looked into at all.
            let said = std::fs::read(format!("/proc/{pid}/{what}")).unwrap_or_default();
            let leaked: Vec<&str> = met(&String::from_utf8_lossy(&said)).collect();
            assert!(leaked.is_empty(), "/proc/…/{what} says {leaked:?}");
        }
    };
    until("it does not start", &|text| text.contains("Home"));
    let mut shown = 0;
    for room in rooms {
        for piece in *room {
            keys.write_all(piece.as_bytes()).unwrap();
            std::thread::sleep(Duration::from_millis(250));
        }
        let began = Instant::now();
        while met(&text()).next().is_none() && began.elapsed() < Duration::from_secs(2) {
            std::thread::sleep(Duration::from_millis(20));
        }
        shown += usize::from(met(&text()).next().is_some());
        outside(child.process_id().unwrap());
        if locking {
            keys.write_all(b"\x0c").unwrap();
            until("it does not lock", &|text| text.contains("MDT – locked"));
            keys.write_all(b"not the passphrase\r").unwrap();
            std::thread::sleep(Duration::from_millis(300));
            let leaked: Vec<String> = met(&text()).map(str::to_owned).collect();
            assert!(leaked.is_empty(), "on the lock of {room:?}: {leaked:?}\n{}", text());
            until("it does not take the passphrase again", &|text| text.to_lowercase().contains("wrong passphrase"));
            // Whoever was wrong waits a little before they can try again.
            std::thread::sleep(Duration::from_millis(1_200));
            keys.write_all(format!("{KEY}\r").as_bytes()).unwrap();
            until("it does not open again", &|text| !text.contains("MDT – locked"));
            keys.write_all(b"\x1b").unwrap();
            std::thread::sleep(Duration::from_millis(250));
        }
    }
    assert!(shown * 2 >= rooms.len(), "the trial is blind: the person is on {shown} of {} screens", rooms.len());
    if locking {
        // Told to go, whatever is on its screen.
        let pid = rustix::process::Pid::from_raw(i32::try_from(child.process_id().unwrap()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    } else {
        keys.write_all(b"q").unwrap();
        until("it does not ask", &|text| text.contains("Leave mdt?"));
        keys.write_all(b"\r").unwrap();
    }
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(began.elapsed() < PATIENCE, "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(100));
    let leaked: Vec<String> = met(&text()).map(str::to_owned).collect();
    assert!(leaked.is_empty(), "left on the screen: {leaked:?}\n{}", text());
    // The title of the window, and whatever else was said to the terminal by name.
    let bytes = screen.lock().unwrap().1.clone();
    let wire = String::from_utf8_lossy(&bytes).into_owned();
    for said in wire.split("\x1b]").skip(1) {
        let said = said.split(['\x07', '\x1b']).next().unwrap_or_default();
        assert!(met(said).next().is_none(), "said to the terminal: {said}");
    }
    let none = Said { code: Some(0), stdout: String::new(), stderr: String::new() };
    let leaks = place.leaks_of("the terminal", &none, &|path| {
        let name = path.to_string_lossy();
        name.contains("reject") || name.contains("/sent/") || name.contains("/exports/")
    });
    assert!(leaks.is_empty(), "{leaks:#?}");
}

/// The control: a name left in a file, in a file's name, or open to others is found.
#[test]
fn a_leak_is_found() {
    let place = Place::new();
    assert!(place.leaks(&[]).is_empty());
    let log = place.at("temp/mdt.log");
    for (text, path, mode) in [
        ("looked up QUOKKAFIELD, Ada", log.clone(), 0o600),
        ("q\0u\0o\0k\0k\0a\0f\0i\0e\0l\0d\0", log.clone(), 0o600),
        ("nothing", place.at("home/Quokkafield.txt"), 0o600),
        ("nothing", place.at("sent/open.txt"), 0o644),
        ("key=umbrella tangerine sixpence", log, 0o600),
    ] {
        std::fs::write(&path, text).unwrap();
        close(&path, mode);
        assert_eq!(place.leaks(&[]).len(), 1, "not seen: {text} in {}", path.display());
        std::fs::remove_file(&path).unwrap();
    }
}
