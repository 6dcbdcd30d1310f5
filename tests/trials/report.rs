//! What a family prints, and keeps for the table of the long run.

use std::io::Write as _;
use std::time::Instant;

/// One family at work.
pub struct Family {
    name: &'static str,
    /// What every random choice of it comes from.
    pub seed: u64,
    began: Instant,
}

impl Family {
    /// Begins; the seed is said at once, so that a failure can be met again.
    pub fn begin(name: &'static str) -> Self {
        let seed = super::kit::seed();
        eprintln!("{name} · begins · seed {seed}");
        Self { name, seed, began: Instant::now() }
    }

    /// One line, on the screen and – where `MDT_REPORT` names a file – at its end.
    pub fn done(self, runs: u64, lost: u64, more: &str) {
        let Self { name, seed, began } = self;
        let line = format!(
            "{name} · {runs} runs · lost {lost} · {more} · seed {seed} · {:.1} s",
            began.elapsed().as_secs_f64()
        );
        eprintln!("{line}");
        if let Some(path) = std::env::var_os("MDT_REPORT") {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
            writeln!(file, "{line}").unwrap();
        }
        assert_eq!(lost, 0, "{line}");
    }
}
