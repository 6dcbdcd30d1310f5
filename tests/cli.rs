//! The back door: subcommands, their files, their exit codes.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::str::contains;

struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn mdt(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("mdt").unwrap();
        command.env("HOME", self.folder.path()).env("XDG_DATA_HOME", self.path("data")).env("USER", "test");
        command.current_dir(self.folder.path()).args(arguments);
        command
    }

    fn key(&self, name: &str, text: &str, mode: u32) {
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn example(name: &str) -> String {
    format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_file_is_made_encrypted_and_opened_only_with_its_key() {
    let home = Home::new();
    home.key("key", "correct horse battery staple\n", 0o600);
    home.key("open", "correct horse battery staple\n", 0o644);
    home.key("short", "too short\n", 0o600);
    home.key("other", "another long passphrase\n", 0o600);
    home.mdt(&["--key-file", "open", "init", "Elm Grove MDT"]).assert().code(1).stderr(contains("chmod 600"));
    home.mdt(&["--key-file", "short", "init", "Elm Grove MDT"]).assert().code(1).stderr(contains("fourteen"));
    home.mdt(&["--key-file", "key", "init", "Elm Grove MDT"])
        .assert()
        .success()
        .stdout(contains("cannot be recovered"))
        .stdout(contains("import caseload"));
    let file = home.path("data/mdt/team.mdt");
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(file.parent().unwrap()), 0o700);
    assert_ne!(&fs::read(&file).unwrap()[..15], b"SQLite format 3");
    let before = fs::read(&file).unwrap();
    home.mdt(&["--key-file", "key", "init", "Another"]).assert().code(1).stderr(contains("exists already"));
    assert_eq!(fs::read(&file).unwrap(), before);
    let list = example("members.csv");
    home.mdt(&["--key-file", "other", "import", "members", &list, "--yes"])
        .assert()
        .code(3)
        .stderr(contains("Wrong passphrase"));
    home.mdt(&["--key-file", "key", "import", "members", &list, "--yes"]).assert().success();
    home.mdt(&["--file", "plain.mdt", "init", "Elm Grove MDT", "--no-encryption"])
        .assert()
        .success()
        .stdout(contains("NOT ENCRYPTED"));
    home.mdt(&["paths"]).assert().success().stdout(contains("demo.mdt")).stdout(contains("exports"));
}

#[test]
fn a_list_is_taken_in_only_after_a_yes_and_reported_as_json() {
    let home = Home::new();
    let file = ["--file", "team.mdt"];
    home.mdt(&[&file[..], &["init", "Elm Grove MDT", "--no-encryption"]].concat()).assert().success();
    let list = example("caseload.csv");
    let import = |more: &[&str]| home.mdt(&[&file[..], &["import", "caseload", &list], more].concat());
    import(&[]).assert().code(1).stderr(contains("only after a yes"));
    import(&["--dry-run"]).assert().success().stdout(contains("25 new people")).stdout(contains("Nothing was changed"));
    let json = |more: &[&str]| -> serde_json::Value {
        let out = import(more).assert().success().get_output().stdout.clone();
        serde_json::from_slice(&out).unwrap()
    };
    let first = json(&["--yes", "--json", "--report", "report.txt"]);
    assert_eq!(first["counts"]["new"], 25);
    assert!(first["step"].is_i64() && first["rejects"].is_null());
    assert_eq!(mode(&home.path("report.txt")), 0o600);
    let again = json(&["--yes", "--json"]);
    assert_eq!((again["counts"]["unchanged"].as_i64(), again["step"].is_null()), (Some(25), true));
    import(&["--yes", "--report", "report.txt"]).assert().code(1).stderr(contains("exists already"));
    // The ending says how the report is written.
    for (name, begins) in
        [("report.docx", "PK"), ("report.pdf", "%PDF"), ("report.html", "<!DOCTYPE"), ("report.md", "# ")]
    {
        json(&["--yes", "--json", "--report", name]);
        let bytes = std::fs::read(home.path(name)).unwrap();
        assert!(bytes.starts_with(begins.as_bytes()), "{name}");
    }
    home.mdt(&[&file[..], &["import", "caseload", "nothing.csv", "--yes"]].concat())
        .assert()
        .code(4)
        .stderr(contains("There is no file"));
}

#[test]
fn columns_said_once_are_kept_by_name_and_for_lists_of_that_shape_only() {
    let home = Home::new();
    let file = ["--file", "team.mdt"];
    home.mdt(&[&file[..], &["init", "Elm Grove MDT", "--no-encryption"]].concat()).assert().success();
    let take = |list: &str, more: &[&str]| {
        fs::write(home.path("practice.csv"), list).unwrap();
        let import = ["import", "caseload", "practice.csv", "--yes", "--part"];
        home.mdt(&[&file[..], &import, more].concat()).assert()
    };
    let may = "Kennung,Surname,Forename,Tel at night\n9990000018,Adeyemi,Jean,01632 960001\n";
    let said = ["--column", "Tel at night=phone", "--column", "Kennung=nhs_number", "--map", "Practice"];
    let phone = || {
        let db = rusqlite::Connection::open(home.path("team.mdt")).unwrap();
        db.query_row("SELECT phone FROM person WHERE nhs_number = 9990000018", [], |row| {
            row.get::<_, Option<String>>(0)
        })
        .unwrap()
    };
    take(may, &said).success().stdout(contains("How the columns are read is kept as “Practice”."));
    assert_eq!(phone().as_deref(), Some("01632 960001"));
    take(&may.replace("960001", "960002"), &["--map", "Practice"]).success().stdout(contains("1 changed"));
    assert_eq!(phone().as_deref(), Some("01632 960002"), "the second time nobody says it again");
    take("NHS Number,Surname,Forename\n9990000018,Adeyemi,Jean\n", &["--map", "Practice"])
        .code(1)
        .stderr(contains("other columns than “Practice” was agreed for"))
        .stderr(contains("Nothing was changed"));
}

#[test]
fn a_row_that_waits_is_settled_only_after_a_yes() {
    let home = Home::new();
    let file = ["--file", "team.mdt"];
    home.mdt(&[&file[..], &["init", "Elm Grove MDT", "--no-encryption"]].concat()).assert().success();
    for row in ["9990000018,Adeyemi,Jean,12/03/1942", "9990000018,Adeyemi,Jane,12/03/1942"] {
        fs::write(home.path("risk.csv"), format!("NHS Number,Surname,Forename,Date of Birth\n{row}\n")).unwrap();
        home.mdt(&[&file[..], &["import", "caseload", "risk.csv", "--yes"]].concat()).assert().success();
    }
    let waiting = || {
        let out =
            home.mdt(&[&file[..], &["import", "waiting"]].concat()).assert().success().get_output().stdout.clone();
        String::from_utf8(out).unwrap()
    };
    let text = waiting();
    assert!(
        text.contains("ADEYEMI, Jean") && text.contains("forename Jane") && text.contains("another name"),
        "{text}"
    );
    let row = text.split_whitespace().next().unwrap();
    let settle = |choice: &str| home.mdt(&[&file[..], &["import", "settle", row, choice]].concat());
    settle("same").write_stdin("n\n").assert().success().stdout(contains("Nothing was changed"));
    assert_eq!(waiting(), text);
    settle("keep").write_stdin("y\n").assert().code(1);
    assert_eq!(waiting(), text, "a row is no proposal");
    settle("same").write_stdin("y\n").assert().success().stdout(contains("Done as step"));
    assert!(waiting().contains("Nothing waits"));
    settle("same").write_stdin("y\n").assert().code(1);
}

#[test]
fn refused_rows_are_written_beside_the_file_and_over_nothing() {
    let home = Home::new();
    let file = ["--file", "team.mdt"];
    home.mdt(&[&file[..], &["init", "Elm Grove MDT", "--no-encryption"]].concat()).assert().success();
    let take = |row: &str| {
        fs::write(home.path("risk.csv"), format!("NHS Number,Surname,Forename\n{row}\n")).unwrap();
        let taken = home.mdt(&[&file[..], &["import", "caseload", "risk.csv", "--yes"]].concat()).assert();
        taken.code(1).stderr(contains("Every row was refused"));
    };
    take("9990000019,Wrong,Digit");
    take("9990000019,Wrong,Digit");
    take("9990000027,Wrong,Again");
    let folder = home.path("exports");
    let mut names: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(names.len() == 2 && names.iter().all(|name| name.starts_with("caseload-rejects-2")), "{names:?}");
    let first = folder.join(names.iter().min_by_key(|name| name.len()).unwrap());
    assert_eq!((mode(&first), mode(&folder)), (0o600, 0o700));
    let text = fs::read_to_string(&first).unwrap();
    assert!(text.contains("9990000019,Wrong,Digit,2,NHS Number,"), "{text}");
}

#[test]
fn the_demo_is_the_same_every_time_and_replaces_only_a_demo() {
    let home = Home::new();
    for name in ["a.mdt", "b.mdt"] {
        home.mdt(&["--file", name, "demo", "--no-ui", "--seed", "7"]).assert().success().stdout(contains("invented"));
    }
    assert_eq!(mode(&home.path("a.mdt")), 0o600);
    let a = dump(&home.path("a.mdt"));
    assert!(a.contains("Adeyemi") && a.contains("Voluntary sector forum"));
    assert_eq!(a, dump(&home.path("b.mdt")));
    home.mdt(&["--file", "b.mdt", "demo", "--no-ui", "--seed", "8"])
        .assert()
        .success()
        .stdout(contains("Already there"));
    assert_eq!(a, dump(&home.path("b.mdt")));
    home.mdt(&["--file", "b.mdt", "demo", "--no-ui", "--seed", "8", "--reset"]).assert().success();
    assert_ne!(a, dump(&home.path("b.mdt")));
    home.key("key", "correct horse battery staple\n", 0o600);
    home.mdt(&["--file", "real.mdt", "init", "Real", "--no-encryption"]).assert().success();
    home.mdt(&["--file", "locked.mdt", "--key-file", "key", "init", "Real"]).assert().success();
    fs::write(home.path("letter.txt"), "Dear Ruth, not an mdt file at all.").unwrap();
    fs::set_permissions(home.path("letter.txt"), fs::Permissions::from_mode(0o600)).unwrap();
    for name in ["real.mdt", "locked.mdt", "letter.txt"] {
        let before = fs::read(home.path(name)).unwrap();
        for more in [&["--no-ui"][..], &["--no-ui", "--reset"]] {
            home.mdt(&[&["--file", name, "demo"], more].concat())
                .assert()
                .code(1)
                .stderr(contains("It was not touched"));
        }
        assert_eq!(fs::read(home.path(name)).unwrap(), before, "{name}");
    }
    let leftovers = fs::read_dir(home.folder.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains(".new"));
    assert_eq!(leftovers.count(), 0);
}

/// A list that was narrowed has a name of its own: the whole one of the same day is not in its way.
#[test]
fn a_narrowed_action_log_does_not_collide_with_the_whole_one() {
    let home = Home::new();
    home.mdt(&["--file", "a.mdt", "demo", "--no-ui", "--seed", "7"]).assert().success();
    for narrowed in [&[][..], &["--overdue"], &["--all"], &["--owner", "nair"]] {
        home.mdt(&[&["--file", "a.mdt", "actions", "--format", "xlsx"], narrowed].concat()).assert().success();
    }
    let mut names: Vec<String> = fs::read_dir(home.path("exports"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names.len(), 4, "{names:?}");
    for word in ["actions-2", "actions-all-2", "actions-overdue-2", "actions-owner-2"] {
        assert!(names.iter().any(|name| name.starts_with(word)), "{word}: {names:?}");
    }
}

/// Every row of every noun.
fn dump(path: &Path) -> String {
    let db = rusqlite::Connection::open(path).unwrap();
    let mut out = String::new();
    for table in [
        "team",
        "organisation",
        "member",
        "household",
        "person",
        "band_entry",
        "objection",
        "key_worker",
        "carer",
        "plan",
        "goal",
        "nomination",
        "meeting",
        "agenda_item",
        "attendance",
        "discussion",
        "action",
    ] {
        let mut select = db.prepare(&format!("SELECT * FROM {table} ORDER BY id")).unwrap();
        let width = select.column_count();
        let mut rows = select.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for at in 0..width {
                let cell: rusqlite::types::Value = row.get(at).unwrap();
                out.push_str(&format!("{cell:?} "));
            }
            out.push('\n');
        }
    }
    out
}
