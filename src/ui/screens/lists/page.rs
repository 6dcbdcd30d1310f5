//! A report in lines: counts first, then how the list was read, what changed, what waits, what was refused, who is missing.

use crate::clock::Clock;
use crate::domain::Word;
use crate::domain::change::Record;
use crate::domain::intake::Intake;
use crate::exchange::intake::noun;
use crate::exchange::intake::report::{Counts, Difference, Missing, Remark, Report};
use crate::ui::overlays::confirm::{Answer, Confirm};
use crate::ui::widgets::fit::{grouped, wrap};

/// Lines of one part at most: nobody reads ten thousand on a screen, and the report file has them all.
const MOST: usize = 2_000;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Heading,
    Count,
    Trouble,
    Text,
    Quiet,
}

/// The lines. They name people, so they are not for a log.
#[derive(Default)]
pub(super) struct Page {
    pub(super) lines: Vec<(Kind, String)>,
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Page({} lines)", self.lines.len())
    }
}

impl Page {
    /// The report, `foreseen` or as it came, for lines of this width.
    pub(super) fn of(report: &Report, foreseen: bool, width: usize, masked: bool) -> Self {
        let mut page = Self::default();
        page.counts(report, foreseen, width);
        page.part("How it was read", report.notes.len(), width, |n| report.notes.get(n).cloned());
        if !report.unused.is_empty() {
            page.add(Kind::Quiet, &format!("Columns not used: {}", report.unused.join(", ")), width);
        }
        let remark = |remark: &Remark| remark.in_words(!masked);
        page.part("Waiting for somebody to look", report.queued.len(), width, |n| report.queued.get(n).map(remark));
        page.part("Refused", report.refused.len(), width, |n| report.refused.get(n).map(remark));
        let changed = |(line, it): &(u64, Difference)| {
            let who = if masked { &it.briefly } else { &it.who };
            let who = if who.is_empty() { String::new() } else { format!("{who}: ") };
            format!("line {line}, {who}{}", it.in_words(!masked))
        };
        page.part("Changed", report.changed.len(), width, |n| report.changed.get(n).map(changed));
        let missing = |it: &Missing| if masked { it.briefly.clone() } else { it.who.clone() };
        page.part("On file, not on this list: nothing happens to them", report.missing.len(), width, |n| {
            report.missing.get(n).map(missing)
        });
        page
    }

    fn counts(&mut self, report: &Report, foreseen: bool, width: usize) {
        let Counts { rows, new, changed, unchanged, queued, refused } = report.counts;
        self.add(Kind::Heading, if foreseen { "What would come of it" } else { "What came of it" }, width);
        self.count(Kind::Count, rows, &report.rows_in_file(), width);
        self.count(Kind::Count, new, &format!("new {}", noun(report.kind, new)), width);
        self.count(Kind::Count, changed, "changed", width);
        self.count(Kind::Count, unchanged, "unchanged", width);
        let waits = if queued > 0 { Kind::Trouble } else { Kind::Count };
        self.count(waits, queued, "wait: somebody has to look first", width);
        let taken = if refused > 0 { Kind::Trouble } else { Kind::Count };
        self.count(taken, refused, "refused", width);
        for line in report.beside() {
            self.indented(Kind::Quiet, line.trim(), 11, width);
        }
    }

    fn part(&mut self, title: &str, len: usize, width: usize, line: impl Fn(usize) -> Option<String>) {
        if len == 0 {
            return;
        }
        self.lines.push((Kind::Quiet, String::new()));
        self.add(Kind::Heading, title, width);
        for n in 0..len.min(MOST) {
            let Some(text) = line(n) else { break };
            // A row's further lines stand back, so that the rows are seen.
            for (at, part) in wrap(&text, width.saturating_sub(2).max(1)).into_iter().enumerate() {
                let front = if at == 0 { "" } else { "  " };
                self.lines.push((Kind::Text, format!("{front}{part}")));
            }
        }
        if len > MOST {
            let rest = i64::try_from(len - MOST).unwrap_or(i64::MAX);
            self.add(
                Kind::Quiet,
                &format!("… and {} more; the report of `mdt import` has them all", grouped(rest)),
                width,
            );
        }
    }

    /// Lines that stand back by some cells, so that counts stand alone in their column.
    fn indented(&mut self, kind: Kind, text: &str, by: usize, width: usize) {
        let by = if width >= 40 { by } else { 2 };
        let lines = wrap(text, width.saturating_sub(by + 1).max(1));
        self.lines.extend(lines.into_iter().map(|line| (kind, format!("{}{line}", " ".repeat(by)))));
    }

    fn count(&mut self, kind: Kind, n: i64, words: &str, width: usize) {
        let at = self.lines.len();
        self.indented(kind, words, 11, width);
        if let Some((_, line)) = self.lines.get_mut(at) {
            *line = format!("{:>9}  {}", grouped(n), line.trim_start());
        }
    }

    fn add(&mut self, kind: Kind, text: &str, width: usize) {
        self.lines.extend(wrap(text, width.max(1)).into_iter().map(|line| (kind, line)));
    }

    /// How far the page can be turned: its last line stays in sight.
    pub(super) fn last_scroll(&self, height: usize) -> usize {
        self.lines.len().saturating_sub(height.max(1))
    }

    /// Where the next part begins; the top after the last.
    pub(super) fn next_section(&self, scroll: usize, height: usize) -> usize {
        let headings = self.lines.iter().enumerate().filter(|(_, (kind, _))| *kind == Kind::Heading);
        let next = headings.map(|(at, _)| at).find(|at| *at > scroll);
        match next {
            Some(at) if scroll < self.last_scroll(height) => at.min(self.last_scroll(height)),
            _ => 0,
        }
    }
}

/// What came of a list taken in before, as a card.
pub(super) fn of_intake(intake: &Record<Intake>, clock: &Clock) -> Confirm {
    let (day, time) = crate::clock::local(intake.at, clock);
    let counts: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(intake.counts.as_str()).unwrap_or_default();
    let count = |name: &str| counts.get(name).and_then(serde_json::Value::as_i64).map(grouped).unwrap_or_default();
    let body = format!(
        "{}, {} {time}.\n{} rows: {} new, {} changed, {} unchanged, {} waiting, {} refused.\n{} bytes, SHA-256 {}",
        intake.file,
        day.long(),
        count("rows"),
        count("new"),
        count("changed"),
        count("unchanged"),
        count("queued"),
        count("refused"),
        grouped(intake.bytes),
        intake.sha256
    );
    Confirm { title: format!("{} list", intake.kind.label()), body, verb: "close", answer: Answer::Nothing }
}
