//! The walls of the house: which way the arrows point, and what stands where. Each check is shown a bad example too.
//!
//! `MDT_RENEW=1 cargo test --test tidy` writes `docs/commands.md` anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use clap::CommandFactory as _;

// ───────────────────────────────────────────── reading the house

/// A source file: where it stands, what it says, its code and the paths in it.
struct Source {
    path: String,
    text: String,
    code: Vec<(Token, usize)>,
    paths: Vec<Found>,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        let (path, text, code) = (path.to_owned(), text.to_owned(), code(text));
        let mut source = Self { path, text, code, paths: Vec::new() };
        source.paths = paths(&source);
        source
    }

    /// `["ui", "screens", "person", "view"]` for `src/ui/screens/person/view.rs`.
    fn module(&self) -> Vec<String> {
        let inner = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
        if parts.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
            parts.pop();
        }
        parts
    }

    fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| {
            let place = format!("src/{place}");
            if place.ends_with('/') { self.path.starts_with(&place) } else { self.path == place }
        })
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files of the project: those that git knows or would take, or – without git – all but the build.
fn files() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .ok()
        .filter(|answer| answer.status.success())
        .map(|answer| String::from_utf8_lossy(&answer.stdout).lines().map(str::to_owned).collect::<Vec<_>>());
    let mut files = listed.unwrap_or_else(|| {
        let mut found = Vec::new();
        walk(&root(), &mut found);
        found
    });
    files.retain(|file| root().join(file).is_file());
    files.sort();
    assert!(files.iter().any(|file| file == "Cargo.toml") && files.len() > 50, "the files of the project are seen");
    files
}

fn walk(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() && !["target", ".git"].contains(&name.as_str()) {
            walk(&path, found);
        } else if path.is_file() {
            found.push(path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/"));
        }
    }
}

fn read(file: &str) -> String {
    String::from_utf8_lossy(&std::fs::read(root().join(file)).unwrap()).into_owned()
}

/// Every source file of the program, without those that are only tests.
fn sources() -> &'static [Source] {
    static SOURCES: OnceLock<Vec<Source>> = OnceLock::new();
    let is_source = |file: &String| file.starts_with("src/") && file.ends_with(".rs") && !file.ends_with("/tests.rs");
    SOURCES.get_or_init(|| files().into_iter().filter(is_source).map(|file| Source::new(&file, &read(&file))).collect())
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
    /// `::`
    Path,
}

/// The code of a file, without comments, and without what only tests see.
fn code(text: &str) -> Vec<(Token, usize)> {
    without_tests(tokens(text))
}

fn tokens(text: &str) -> Vec<(Token, usize)> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let (mut out, mut i, mut line) = (Vec::new(), 0, 1);
    while i < chars.len() {
        let (c, began) = (at(i), line);
        if c == '\n' {
            line += 1;
            i += 1;
        } else if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && at(i) != '\n' {
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            let mut depth = 0;
            loop {
                match (at(i), at(i + 1)) {
                    ('/', '*') => (depth, i) = (depth + 1, i + 2),
                    ('*', '/') => (depth, i) = (depth - 1, i + 2),
                    (other, _) => {
                        line += usize::from(other == '\n');
                        i += 1;
                    }
                }
                if depth == 0 || i >= chars.len() {
                    break;
                }
            }
        } else if let Some(hashes) = raw_string(&chars, i) {
            i = (i..).find(|j| at(*j) == '"').unwrap() + 1;
            let mut said = String::new();
            while i < chars.len() && !(at(i) == '"' && (1..=hashes).all(|n| at(i + n) == '#')) {
                line += usize::from(at(i) == '\n');
                said.push(at(i));
                i += 1;
            }
            i += 1 + hashes;
            out.push((Token::Text(said), began));
        } else if c == '"' {
            let mut said = String::new();
            i += 1;
            while i < chars.len() && at(i) != '"' {
                line += usize::from(at(i) == '\n');
                let escaped = at(i) == '\\';
                said.push(at(i));
                i += 1;
                if escaped {
                    line += usize::from(at(i) == '\n');
                    said.push(at(i));
                    i += 1;
                }
            }
            i += 1;
            out.push((Token::Text(said), began));
        } else if c == '\'' && (at(i + 1) == '\\' || at(i + 2) == '\'') {
            i += if at(i + 1) == '\\' { 3 } else { 2 };
            while i < chars.len() && at(i) != '\'' {
                i += 1;
            }
            i += 1;
        } else if c.is_alphanumeric() || c == '_' {
            let from = i;
            while at(i).is_alphanumeric() || at(i) == '_' {
                i += 1;
            }
            out.push((Token::Word(chars[from..i].iter().collect()), began));
        } else if c == ':' && at(i + 1) == ':' {
            out.push((Token::Path, began));
            i += 2;
        } else {
            if !c.is_whitespace() {
                out.push((Token::Mark(c), began));
            }
            i += 1;
        }
    }
    out
}

/// How many `#` a raw string that begins here has.
fn raw_string(chars: &[char], from: usize) -> Option<usize> {
    let before = from.checked_sub(1).and_then(|i| chars.get(i));
    if before.is_some_and(|c| c.is_alphanumeric() || *c == '_') {
        return None;
    }
    let from = from + usize::from(chars.get(from) == Some(&'b'));
    if chars.get(from) != Some(&'r') {
        return None;
    }
    let hashes = chars[from + 1..].iter().take_while(|c| **c == '#').count();
    (chars.get(from + 1 + hashes) == Some(&'"')).then_some(hashes)
}

/// Leaves out each item under `#[cfg(test)]`.
fn without_tests(tokens: Vec<(Token, usize)>) -> Vec<(Token, usize)> {
    let word = |text: &str| Token::Word(text.to_owned());
    let head: Vec<Token> = [
        Token::Mark('#'),
        Token::Mark('['),
        word("cfg"),
        Token::Mark('('),
        word("test"),
        Token::Mark(')'),
        Token::Mark(']'),
    ]
    .into();
    let (mut out, mut i) = (Vec::new(), 0);
    while i < tokens.len() {
        if tokens[i..].iter().take(head.len()).map(|(token, _)| token).eq(&head) {
            i += head.len();
            let mut depth = 0;
            while i < tokens.len() {
                let token = &tokens[i].0;
                i += 1;
                match token {
                    Token::Mark('{') => depth += 1,
                    Token::Mark('}') if depth == 1 => break,
                    Token::Mark('}') => depth -= 1,
                    Token::Mark(';') if depth == 0 => break,
                    _ => {}
                }
            }
        } else {
            out.push(tokens[i].clone());
            i += 1;
        }
    }
    out
}

/// A path in the code, in full: `crate::…` for our own, `std::…` and the like for others'.
#[derive(Debug)]
struct Found {
    path: Vec<String>,
    line: usize,
}

impl Found {
    fn begins(&self, with: &str) -> bool {
        let wanted: Vec<&str> = with.split("::").collect();
        self.path.len() >= wanted.len() && self.path.iter().zip(wanted).all(|(have, want)| have == want)
    }

    fn shown(&self) -> String {
        self.path.join("::")
    }
}

/// Every path of a file, with `use` trees spread out, `self` and `super` resolved and imported names followed.
fn paths(source: &Source) -> Vec<Found> {
    let tokens = &source.code;
    let mut module = source.module();
    let (mut depth, mut inner) = (0usize, Vec::new());
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut out, mut i) = (Vec::new(), 0);
    while i < tokens.len() {
        match &tokens[i].0 {
            Token::Mark('{') => depth += 1,
            Token::Mark('}') => {
                depth = depth.saturating_sub(1);
                if inner.last() == Some(&depth) {
                    inner.pop();
                    module.pop();
                }
            }
            Token::Word(word) if word == "mod" => {
                if let (Some((Token::Word(name), _)), Some((Token::Mark('{'), _))) =
                    (tokens.get(i + 1), tokens.get(i + 2))
                {
                    module.push(name.clone());
                    inner.push(depth);
                    depth += 1;
                    i += 2;
                }
            }
            Token::Word(word) => {
                let is_use = word == "use";
                let from = if is_use { i + 1 } else { i };
                let from = if is_use && matches!(tokens.get(from), Some((Token::Path, _))) { from + 1 } else { from };
                let follows = i > 0 && matches!(tokens[i - 1].0, Token::Path | Token::Mark('.'));
                if is_use || (!follows && matches!(tokens.get(i + 1), Some((Token::Path, _)))) {
                    let mut found = Vec::new();
                    let line = tokens[i].1;
                    i = tree(tokens, from, &[], &mut found);
                    for (path, name) in found {
                        let path = resolve(&path, &module, &known);
                        if is_use {
                            known.insert(name, path.clone());
                        }
                        out.push(Found { path, line });
                    }
                    continue;
                }
            }
            _ => {}
        }
        i += 1;
    }
    out
}

/// Reads a path, or a tree of them, from `i` on; answers where it ends.
fn tree(tokens: &[(Token, usize)], mut i: usize, before: &[String], out: &mut Vec<(Vec<String>, String)>) -> usize {
    let mut path = before.to_vec();
    loop {
        match tokens.get(i).map(|(token, _)| token) {
            Some(Token::Word(word)) => {
                path.push(word.clone());
                i += 1;
            }
            Some(Token::Mark('{')) => {
                i += 1;
                while i < tokens.len() && tokens[i].0 != Token::Mark('}') {
                    i = if tokens[i].0 == Token::Mark(',') { i + 1 } else { tree(tokens, i, &path, out).max(i + 1) };
                }
                return i + 1;
            }
            _ => break,
        }
        match tokens.get(i).map(|(token, _)| token) {
            Some(Token::Path) if !matches!(tokens.get(i + 1), Some((Token::Mark('<' | '*'), _))) => i += 1,
            _ => break,
        }
    }
    if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
        path.pop();
    }
    let mut name = path.last().cloned().unwrap_or_default();
    if let (Some((Token::Word(word), _)), Some((Token::Word(other), _))) = (tokens.get(i), tokens.get(i + 1))
        && word == "as"
        && !before.is_empty() | (path.len() > 1)
    {
        name = other.clone();
        i += 2;
    }
    if path.len() > before.len() || !before.is_empty() {
        out.push((path, name));
    }
    i
}

fn resolve(path: &[String], module: &[String], known: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let own = |module: &[String]| std::iter::once("crate".to_owned()).chain(module.iter().cloned()).collect::<Vec<_>>();
    let Some(first) = path.first() else { return Vec::new() };
    let (mut full, mut rest) = match first.as_str() {
        "crate" => (vec!["crate".to_owned()], &path[1..]),
        "self" => (own(module), &path[1..]),
        "super" => (own(&module[..module.len().saturating_sub(1)]), &path[1..]),
        name => match known.get(name) {
            Some(known) => (known.clone(), &path[1..]),
            None => (Vec::new(), path),
        },
    };
    while rest.first().is_some_and(|next| next == "super") {
        full.pop();
        rest = &rest[1..];
    }
    full.extend(rest.iter().cloned());
    full
}

/// Runs a check over the house, and over examples that it must not let through.
#[track_caller]
fn holds(check: impl Fn(&Source) -> Vec<String>, bad: &[(&str, &str)]) {
    for (path, text) in bad {
        assert!(!check(&Source::new(path, text)).is_empty(), "the check is blind: it lets through\n{path}: {text}");
    }
    let breaches: Vec<String> = sources().iter().flat_map(check).collect();
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

/// Every path that `wrong` points at, as a line of a report.
fn points(source: &Source, why: &str, wrong: impl Fn(&Found) -> bool) -> Vec<String> {
    source
        .paths
        .iter()
        .filter(|found| wrong(found))
        .map(|found| format!("{}:{}: {} – {why}", source.path, found.line, found.shown()))
        .collect()
}

// ───────────────────────────────────────────── the arrows

/// Which floors a floor may name, itself aside.
const FLOORS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("clock", &["domain"]),
    ("store", &["domain"]),
    ("exchange", &["clock", "store", "domain"]),
    ("demo", &["clock", "store", "domain"]),
    ("jobs", &["clock", "exchange", "store", "domain"]),
    ("ui", &["clock", "jobs", "exchange", "store", "domain"]),
    ("cli", &["clock", "demo", "ui", "jobs", "exchange", "store", "domain"]),
];

#[test]
fn arrows_point_down_only() {
    let check = |source: &Source| {
        let Some(floor) = source.module().first().cloned() else { return Vec::new() };
        let Some((_, below)) = FLOORS.iter().find(|(name, _)| *name == floor) else {
            return vec![format!("{}: a floor that the plan does not know", source.path)];
        };
        points(source, "an arrow that points up", |found| {
            found.begins("crate")
                && found.path.get(1).is_some_and(|to| {
                    FLOORS.iter().any(|(name, _)| name == to) && *to != floor && !below.contains(&to.as_str())
                })
        })
    };
    holds(
        check,
        &[
            ("src/domain/person.rs", "use crate::store::Reader;"),
            ("src/store/log.rs", "use crate::{domain::day::Day, ui::{model::Model, msg::Msg}};"),
            ("src/store/log.rs", "fn f() { super::super::exchange::intake::run(); }"),
            ("src/exchange/output/csv.rs", "fn f() -> crate::ui::theme::Theme { todo!() }"),
            ("src/ui/view.rs", "use crate::cli as below; fn f() { below::run(); }"),
            ("src/attic/mod.rs", ""),
        ],
    );
}

/// The names under which the code knows the dependencies.
fn dependencies() -> BTreeSet<String> {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let mut tables = vec![manifest["dependencies"].as_table().unwrap()];
    for target in manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values) {
        tables.extend(target.get("dependencies").and_then(toml::Value::as_table));
    }
    tables.into_iter().flat_map(toml::Table::keys).map(|name| name.replace('-', "_")).collect()
}

#[test]
fn crates_stay_in_their_rooms() {
    let all = dependencies();
    let check = |source: &Source| {
        let mut out = Vec::new();
        if source.is_in(&["domain/"]) {
            out.extend(points(source, "domain uses only std, chrono, serde and the Unicode tables", |found| {
                found.path.first().is_some_and(|name| {
                    all.contains(name) && !["chrono", "serde"].contains(&name.as_str()) && !name.starts_with("unicode_")
                }) || ["std::fs", "std::io", "std::net", "std::process", "std::env", "std::thread"]
                    .iter()
                    .any(|outside| found.begins(outside))
            }));
        }
        let rooms: [(&str, &[&str]); 11] = [
            ("rusqlite", &["store/"]),
            ("ratatui", &["ui/"]),
            ("ratatui_textarea", &["ui/"]),
            ("tui_input", &["ui/"]),
            ("crossterm", &["ui/runtime/", "ui/terminal.rs", "ui/keymap.rs"]),
            ("ratatui::crossterm", &["ui/runtime/", "ui/terminal.rs", "ui/keymap.rs"]),
            ("notify", &["ui/runtime/"]),
            ("open::that_detached", &["ui/terminal.rs"]),
            ("clap", &["cli/", "main.rs"]),
            ("krilla", &["exchange/output/pdf/"]),
            ("skrifa", &["exchange/output/pdf/"]),
        ];
        for (name, places) in rooms {
            if !source.is_in(places) {
                out.extend(points(source, &format!("only in {}", places.join(", ")), |found| found.begins(name)));
            }
        }
        out
    };
    holds(
        check,
        &[
            ("src/domain/person.rs", "use rusqlite::Row;"),
            ("src/domain/person.rs", "fn f() { serde_json::to_string(&1); }"),
            ("src/domain/person.rs", "use std::{fs, fmt};"),
            ("src/ui/view.rs", "fn f(row: &rusqlite::Row<'_>) {}"),
            ("src/exchange/output/plain.rs", "use ratatui::text::Line;"),
            ("src/exchange/output/docx.rs", "fn f() -> krilla::Document { krilla::Document::new() }"),
            ("src/ui/screens/person/view.rs", "use crossterm::event::Event;"),
            ("src/ui/export.rs", "fn f() { open::that_detached(folder); }"),
            ("src/ui/screens/person/view.rs", "use ratatui::crossterm::event::Event;"),
        ],
    );
}

#[test]
fn only_a_few_may_hold_the_pen() {
    const PLACES: &[&str] = &[
        "store/",
        "jobs/",
        "demo/",
        "exchange/intake/",
        "ui/runtime.rs",
        "ui/runtime/",
        "ui/export.rs",
        "cli/",
        "main.rs",
    ];
    let check = |source: &Source| {
        if source.is_in(PLACES) {
            return Vec::new();
        }
        points(source, "a screen or a document can read; it cannot write", |found| found.begins("crate::store::Store"))
    };
    holds(
        check,
        &[
            ("src/ui/screens/person/mod.rs", "use crate::store::{Reader, Store};"),
            ("src/exchange/output/minutes.rs", "fn f(store: &mut crate::store::Store) {}"),
            ("src/ui/model.rs", "use crate::store; fn f(it: store::Store) {}"),
        ],
    );
}

/// The folders and files of `src/ui/screens`.
fn rooms() -> BTreeSet<String> {
    sources()
        .iter()
        .filter_map(|source| source.path.strip_prefix("src/ui/screens/").map(str::to_owned))
        .filter_map(|path| path.split(['/', '.']).next().map(str::to_owned))
        .filter(|name| name != "mod")
        .collect()
}

/// What a room offers to others: a page, or a card that it opens wherever its keys are pressed.
const ENTRANCES: &[&str] = &[
    "person",
    "person::open",
    "person::nominate",
    "person::put_on_agenda",
    // What a new person's card asks of the two fields that tell people apart.
    "person::day_of_birth",
    "person::free_number",
    "team",
    "team::ask_me",
    "history",
    "history::open",
];

#[test]
fn no_room_knows_another() {
    let rooms = rooms();
    assert!(rooms.len() >= 8, "{rooms:?}");
    let check = |source: &Source| {
        let module = source.module();
        let (["ui", "screens"], Some(own)) =
            (module.iter().take(2).map(String::as_str).collect::<Vec<_>>().as_slice(), module.get(2))
        else {
            return Vec::new();
        };
        points(source, "a room does not know another; only what ENTRANCES lists is open to others", |found| {
            let entrance = found.path.get(3..).is_some_and(|rest| ENTRANCES.contains(&&*rest.join("::")));
            found.begins("crate::ui::screens")
                && found.path.get(3).is_some_and(|other| other != own && rooms.contains(other))
                && !entrance
        })
    };
    holds(
        check,
        &[
            ("src/ui/screens/agenda/view.rs", "use crate::ui::screens::caseload::Columns;"),
            ("src/ui/screens/agenda/view.rs", "use super::super::meeting;"),
            ("src/ui/screens/agenda/view.rs", "use crate::ui::screens; fn f() { screens::team::load(); }"),
            ("src/ui/screens/agenda/view.rs", "use crate::ui::screens::person; fn f() { person::load(); }"),
        ],
    );
}

// ───────────────────────────────────────────── what happens where

#[test]
fn time_is_asked_in_one_place() {
    let check = |source: &Source| {
        if source.is_in(&["clock.rs"]) {
            return Vec::new();
        }
        points(source, "time is asked only in clock.rs; take it as a parameter", |found| {
            let tail = found.path.iter().rev().take(2).map(String::as_str).collect::<Vec<_>>();
            matches!(tail.as_slice(), ["now", "Local" | "Utc" | "SystemTime"])
        })
    };
    holds(
        check,
        &[
            ("src/ui/model.rs", "fn f() { let now = chrono::Local::now(); }"),
            ("src/cli/mod.rs", "use std::time::SystemTime; fn f() { SystemTime::now(); }"),
        ],
    );
}

#[test]
fn threads_files_and_printing_have_their_places() {
    let check = |source: &Source| {
        let mut out = Vec::new();
        if !source.is_in(&["ui/runtime/", "jobs/"]) {
            out.extend(points(source, "threads only in ui/runtime/ and jobs/", |found| found.begins("std::thread")));
        }
        if !source.is_in(&[
            "store/open.rs",
            "store/check.rs",
            "store/reading.rs",
            "store/copy.rs",
            "store/backup.rs",
            "store/backup/",
            "store/restore.rs",
            "store/heads.rs",
            "store/sidecars.rs",
            "store/rekey.rs",
            // Which processes run.
            "store/session.rs",
            // Standard output, without the buffer that the library keeps for ever.
            "ui/terminal.rs",
            "exchange/",
            "cli/",
            "main.rs",
        ]) {
            out.extend(points(
                source,
                "files only in store/{open,check,reading,copy,backup,heads,sidecars,rekey,session}.rs, ui/terminal.rs, exchange/, cli/ and main.rs",
                |found| found.begins("std::fs"),
            ));
        }
        let code = &source.code;
        for pair in code.windows(2) {
            if let [(Token::Word(word), line), (Token::Mark('!'), _)] = pair
                && (["print", "println", "dbg"].contains(&word.as_str())
                    || (word.starts_with("eprint") && source.path != "src/main.rs"))
            {
                out.push(format!("{}:{line}: {word}! – printing is done by cli::say", source.path));
            }
        }
        out
    };
    holds(
        check,
        &[
            ("src/ui/update.rs", "fn f() { std::thread::spawn(|| {}); }"),
            ("src/ui/update.rs", "use std::thread; fn f() { thread::sleep(d); }"),
            ("src/ui/update.rs", "use std::fs::File;"),
            ("src/store/log.rs", "fn f() { std::fs::read(path); }"),
            ("src/cli/mod.rs", "fn f() { println!(\"{}\", 1); }"),
        ],
    );
}

#[test]
fn nothing_is_taken_for_granted() {
    let check = |source: &Source| {
        let code = &source.code;
        let mut out = Vec::new();
        for four in code.windows(4) {
            if let [(Token::Mark('.'), line), (Token::Word(word), _), (Token::Mark('('), _), (after, _)] = four
                && ((word == "unwrap" && *after == Token::Mark(')'))
                    || (word == "expect" && matches!(after, Token::Text(_))))
            {
                out.push(format!("{}:{line}: .{word}() outside tests", source.path));
            }
        }
        out
    };
    holds(
        check,
        &[
            ("src/ui/view.rs", "fn f() { it.unwrap(); }"),
            ("src/ui/view.rs", "fn f() { it.expect(\"it is there\"); }"),
            ("src/ui/view.rs", "#[cfg(test)] mod tests { fn g() { it.unwrap(); } } fn f() { /* \" */ it.unwrap(); }"),
        ],
    );
    let fine = Source::new("src/ui/view.rs", "// it.unwrap()\n#[cfg(test)]\nmod tests { fn g() { it.unwrap(); } }");
    assert!(check(&fine).is_empty(), "comments and tests are left out");
}

#[test]
fn sql_is_written_in_the_store_only() {
    let check = |source: &Source| {
        if source.is_in(&["store/"]) {
            return Vec::new();
        }
        const WORDS: [&str; 9] = [
            "SELECT ",
            "INSERT INTO ",
            "INSERT OR ",
            "UPDATE ",
            "DELETE FROM ",
            "PRAGMA ",
            "CREATE TABLE ",
            "DROP ",
            "ALTER TABLE ",
        ];
        source
            .code
            .iter()
            .filter_map(|(token, line)| match token {
                Token::Text(text) if WORDS.iter().any(|word| text.trim_start().starts_with(word)) => {
                    Some(format!("{}:{line}: SQL outside the store: {text}", source.path))
                }
                _ => None,
            })
            .collect()
    };
    holds(
        check,
        &[
            ("src/ui/view.rs", "fn f() { db.execute(&format!(\"DELETE FROM person WHERE id = {id}\")); }"),
            ("src/cli/mod.rs", "const ALL: &str = r#\"SELECT * FROM person\"#;"),
        ],
    );
}

// ───────────────────────────────────────────── how it reads

/// Files that may be longer than the others, and why.
const LONG: &[(&str, &str)] = &[
    ("src/ui/overlays/form.rs", "the one card of the program: every kind of field, its keys and its picture"),
    ("src/ui/screens/meeting/view_walk.rs", "one picture in three widths"),
];

#[test]
fn every_room_has_a_sign_and_is_seen_at_a_glance() {
    let check = |source: &Source| {
        let mut out = Vec::new();
        if !source.text.trim_start().starts_with("//!") {
            out.push(format!("{}: no //! that says what lives here", source.path));
        }
        let lines = source.text.lines().count();
        if lines > 600 && !LONG.iter().any(|(file, _)| *file == source.path) {
            out.push(format!("{}: {lines} lines; 600 are enough for one thing", source.path));
        }
        let nameless = ["utils", "helpers", "common", "types", "constants", "manager", "misc"];
        if source.module().iter().any(|part| nameless.contains(&part.as_str())) {
            out.push(format!("{}: a place named for nothing", source.path));
        }
        out
    };
    for (file, _) in LONG {
        assert!(root().join(file).is_file(), "{file} is gone; take it off the list");
    }
    holds(
        check,
        &[
            ("src/ui/view.rs", "use std::fmt;"),
            ("src/ui/view.rs", &format!("//! Long.\n{}", "\n".repeat(601))),
            ("src/ui/utils.rs", "//! All sorts."),
        ],
    );
}

/// Words that belong to a workplace, not to this project. In halves, so that this file does not hold them itself.
fn foreign_words() -> Vec<String> {
    [
        ("/ho", "me/"),
        ("/ro", "ot/"),
        ("/wo", "rk/"),
        ("/Us", "ers/"),
        ("C:\\Us", "ers"),
        ("work", "tree"),
        ("crates", ".io"),
        ("local", "host"),
        ("cl", "aude"),
        ("anth", "ropic"),
        ("chat", "gpt"),
        ("open", "ai"),
        ("copi", "lot"),
        ("sub", "agent"),
        ("co-authored", "-by"),
        ("generated", " with"),
        ("generated", " by a"),
    ]
    .iter()
    .map(|(one, two)| format!("{one}{two}"))
    .collect()
}

#[test]
fn the_project_speaks_of_itself_alone() {
    let words = foreign_words();
    let found = |text: &str| words.iter().find(|word| text.to_lowercase().contains(&word.to_lowercase())).cloned();
    assert_eq!(found(&format!("see /wo{}notes.md", "rk/")), Some(words[2].clone()), "the check is blind");
    let mut breaches = Vec::new();
    // The lock file names the registry, as it must.
    for file in files().iter().filter(|file| *file != "Cargo.lock") {
        for (n, line) in read(file).lines().enumerate() {
            if let Some(word) = found(line) {
                breaches.push(format!("{file}:{}: “{word}”", n + 1));
            }
        }
    }
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

/// Two sides of a merge left standing side by side do not compile – or worse, do.
#[test]
fn no_merge_is_left_half_done() {
    let begins = |line: &str| {
        ["<", "=", ">"].iter().any(|mark| line.starts_with(&mark.repeat(7)) && !line.starts_with(&mark.repeat(8)))
    };
    assert!(begins(&"<".repeat(7)) && !begins(&"=".repeat(9)), "the check is blind");
    let mut breaches = Vec::new();
    for file in files() {
        breaches.extend(read(&file).lines().position(begins).map(|n| format!("{file}:{}", n + 1)));
    }
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn every_dependency_is_used() {
    let mut words: BTreeSet<String> = BTreeSet::new();
    for source in sources() {
        words.extend(source.code.iter().filter_map(|(token, _)| match token {
            Token::Word(word) => Some(word.clone()),
            Token::Text(_) | Token::Mark(_) | Token::Path => None,
        }));
    }
    assert!(words.contains("rusqlite") && !words.contains("left_pad"), "the check is blind");
    let idle: Vec<String> = dependencies().into_iter().filter(|name| !words.contains(name)).collect();
    assert!(idle.is_empty(), "nobody uses {idle:?}");
}

// ───────────────────────────────────────────── documents

/// What a document says in `code type`: spans, and the lines of its fenced blocks.
fn spans(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut inline, mut fenced, mut inside) = (Vec::new(), Vec::new(), false);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if inside {
            fenced.push(line.to_owned());
        } else {
            inline.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    (inline, fenced)
}

/// `ui/{a,b}.rs` as `ui/a.rs` and `ui/b.rs`.
fn spread(path: &str) -> Vec<String> {
    match path.split_once('{').and_then(|(head, rest)| rest.split_once('}').map(|(inner, tail)| (head, inner, tail))) {
        Some((head, inner, tail)) => inner.split(',').map(|one| format!("{head}{}{tail}", one.trim())).collect(),
        None => vec![path.to_owned()],
    }
}

/// What a document names that is not there.
fn missing(text: &str, words: &BTreeSet<String>, subcommands: &BTreeSet<String>) -> Vec<String> {
    const KEYS: [&str; 8] = ["Enter", "Esc", "Tab", "Home", "End", "Space", "Shift", "Ctrl"];
    let built = |path: &str| path.starts_with("target/");
    let is_name = |part: &str| {
        part.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    let there = |path: &str| ["", "src", "docs", "tests"].iter().any(|base| root().join(base).join(path).exists());
    let (inline, fenced) = spans(text);
    let mut out = Vec::new();
    for span in &inline {
        let plain = span.chars().all(|c| c.is_alphanumeric() || "_./{},-".contains(c));
        let first = span.split('/').next().unwrap_or_default();
        let ours = span.ends_with(".rs") || span.ends_with(".sql") || (span.contains('/') && there(first));
        if plain && ours && !built(span) && !span.starts_with(['.', '/']) {
            out.extend(spread(span).into_iter().filter(|path| !there(path)));
            continue;
        }
        let parts: Vec<&str> = span.trim_end_matches("()").split("::").collect();
        let of_type = span.contains("::") || span.chars().next().is_some_and(char::is_uppercase);
        let camel = parts.iter().all(|part| is_name(part)) && span.chars().any(char::is_lowercase);
        if camel && of_type && !KEYS.contains(&span.as_str()) && !span.starts_with("std::") {
            out.extend(parts.iter().filter(|part| !words.contains(**part)).map(|part| format!("{span} ({part})")));
        }
    }
    for line in inline.iter().chain(&fenced) {
        let said: Vec<&str> = line.trim_start_matches("$ ").split_whitespace().collect();
        if let ["mdt", command, ..] = said.as_slice()
            && command.chars().all(|c| c.is_ascii_lowercase())
            && !subcommands.contains(*command)
        {
            out.push(format!("mdt {command}"));
        }
    }
    out
}

#[test]
fn documents_name_what_is_there() {
    let mut words: BTreeSet<String> =
        ["PathBuf", "String", "Result", "Option", "Vec", "DCB0129", "crate", "self"].map(str::to_owned).into();
    for source in sources() {
        words.extend(source.code.iter().filter_map(|(token, _)| match token {
            Token::Word(word) => Some(word.clone()),
            Token::Text(_) | Token::Mark(_) | Token::Path => None,
        }));
    }
    let command = mdt::cli::Arguments::command();
    let mut subcommands: BTreeSet<String> = command.get_subcommands().map(|it| it.get_name().to_owned()).collect();
    subcommands.insert("help".to_owned());
    let bad =
        "See `src/attic.rs`, `ui/{view,cellar}.rs` and `Basement::dig`; run `mdt fly`.\n```\n$ mdt swim --far\n```";
    assert_eq!(
        missing(bad, &words, &subcommands).len(),
        6,
        "the check is blind: {:?}",
        missing(bad, &words, &subcommands)
    );
    let mut breaches = Vec::new();
    for file in files().iter().filter(|file| file.ends_with(".md") && !file.starts_with("assets/")) {
        breaches
            .extend(missing(&read(file), &words, &subcommands).iter().map(|it| format!("{file}: {it} is not there")));
    }
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn the_page_of_commands_is_fresh() {
    let page = mdt::ui::command::markdown();
    assert!(page.lines().count() > 100, "every command has a line");
    let path = root().join("docs/commands.md");
    if std::env::var_os("MDT_RENEW").is_some() {
        std::fs::create_dir_all(root().join("docs")).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "docs/commands.md is stale; renew it with: MDT_RENEW=1 cargo test --test tidy");
}

#[test]
fn what_must_pass_is_what_the_readme_says() {
    let script = read(".ci/run");
    assert!(script.contains("set -euo pipefail"));
    assert!(script.lines().any(|line| line == "step cargo test --locked"), "{script}");
    assert!(
        spans(&read("README.md")).1.iter().any(|line| line.starts_with("cargo test --locked")),
        "the README's command"
    );
    for file in ["LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(read(file).lines().count() > 15, "{file}");
    }
    let map = read("docs/architecture.md").lines().count();
    assert!(map <= 250, "docs/architecture.md has {map} lines; a map is seen at a glance");
}
