//! The other side of a trial: this very test program started anew, to be killed or starved without harm to the rest.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long a trial waits for another process before it calls that a failure.
pub const PATIENCE: Duration = Duration::from_secs(60);

#[test]
#[ignore = "it is the other side of the trials and is started by them"]
fn the_other_process() {
    let Ok(role) = std::env::var("MDT_TRIAL") else { return };
    super::calls::die_with_parent();
    // The test harness has begun a line of its own.
    say("");
    match role.as_str() {
        "mistake" => super::canary::child(),
        "kill" => super::kill::child(),
        "keeping" => super::keeping::child(),
        "oom" => super::starved::without_memory(),
        "full" => super::starved::without_room(),
        "conc" => super::conc::child(),
        "climb" => super::schema::child(),
        "zone" => super::time::child(),
        "storm" => super::conc::storm(),
        other => panic!("no role {other}"),
    }
}

/// Says a line to the trial that watches. It is out when this returns.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// What the trial told this process under a name.
pub fn told(name: &str) -> String {
    std::env::var(format!("MDT_TRIAL_{name}")).unwrap_or_default()
}

/// Another process at work. It never outlives the trial.
pub struct Other {
    child: Child,
    lines: Receiver<String>,
}

impl Other {
    /// Starts one in a role, told these things.
    pub fn start(role: &str, tell: &[(&str, &str)]) -> Self {
        Self::start_with(role, tell, &[])
    }

    /// As [`Other::start`], in other surroundings.
    pub fn start_with(role: &str, tell: &[(&str, &str)], surroundings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["child::the_other_process", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
            .env("MDT_TRIAL", role)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        for (name, what) in tell {
            command.env(format!("MDT_TRIAL_{name}"), what);
        }
        command.envs(surroundings.iter().copied());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines() {
                let Ok(line) = line else { break };
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines }
    }

    /// Waits for a line that begins so.
    #[track_caller]
    pub fn hears(&mut self, wanted: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) if line.starts_with(wanted) => return line,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => panic!("the other process did not say “{wanted}”"),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("the other process ended before “{wanted}”: {:?}", self.child.wait())
                }
            }
        }
    }

    /// Kills it as the kernel kills, and gives what it had said until then.
    pub fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.iter().collect()
    }

    /// Waits until it has ended by itself, and gives what it said.
    #[track_caller]
    pub fn ends(mut self, patience: Duration) -> (ExitStatus, Vec<String>) {
        let until = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, self.lines.iter().collect());
            }
            assert!(Instant::now() < until, "the other process does not end: {:?}", self.lines.try_iter().last());
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
