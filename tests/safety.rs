//! The hazard log keeps its word: every hazard has its number, its risk by the matrix, and tests that are there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> String {
    std::fs::read_to_string(root().join("docs/safety/hazard-log.md")).unwrap()
}

/// What every entry says, in this order.
const LABELS: [&str; 7] = ["Causes", "Effect", "Initial risk", "Control", "Tests", "Residual risk", "Status"];
const LIKELIHOODS: [&str; 5] = ["Very low", "Low", "Medium", "High", "Very high"];
const SEVERITIES: [&str; 5] = ["Minor", "Significant", "Considerable", "Major", "Catastrophic"];
/// By likelihood, then severity.
const MATRIX: [[u8; 5]; 5] = [[1, 1, 2, 2, 3], [1, 2, 2, 3, 4], [2, 2, 3, 3, 4], [2, 3, 3, 4, 5], [3, 4, 4, 5, 5]];

/// What is in `code type`.
fn spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether a risk is what the matrix says.
fn risk(said: &str) -> Option<(usize, usize, u8)> {
    let (of, number) = said.split_once(" = ")?;
    let (likelihood, severity) = of.split_once(" × ")?;
    let likelihood = LIKELIHOODS.iter().position(|it| *it == likelihood)?;
    let severity = SEVERITIES.iter().position(|it| *it == severity)?;
    (MATRIX[likelihood][severity].to_string() == number).then_some((likelihood, severity, MATRIX[likelihood][severity]))
}

/// Whether that file has a test of that name.
fn is_a_test(root: &Path, span: &str) -> bool {
    let Some((file, name)) = span.split_once("::") else { return false };
    let Ok(text) = std::fs::read_to_string(root.join(file)) else { return false };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let Some(at) = lines.iter().position(|line| line.starts_with(&format!("fn {name}("))) else { return false };
    lines[at.saturating_sub(8)..at].contains(&"#[test]")
}

/// What is wrong with a hazard log.
fn faults(root: &Path, page: &str) -> Vec<String> {
    let mut out = Vec::new();
    let entries: Vec<&str> = page.split("\n### ").skip(1).collect();
    if entries.len() < 24 {
        out.push(format!("only {} hazards", entries.len()));
    }
    for (n, entry) in entries.iter().enumerate() {
        let number = format!("H{:02}", n + 1);
        let title = entry.lines().next().unwrap_or_default();
        if !title.starts_with(&format!("{number} ")) {
            out.push(format!("{number} is missing before “{title}”"));
        }
        let said: Vec<(&str, &str)> =
            entry.lines().filter_map(|line| line.strip_prefix("- ")?.split_once(": ")).collect();
        if said.iter().map(|(label, _)| *label).ne(LABELS) || said.iter().any(|(_, text)| text.trim().is_empty()) {
            out.push(format!("{number} does not say {LABELS:?}"));
            continue;
        }
        let text = |label: &str| said.iter().find(|(it, _)| *it == label).unwrap().1;
        match (risk(text("Initial risk")), risk(text("Residual risk"))) {
            (Some(first), Some(left)) if first.1 == left.1 && left.0 <= first.0 => {
                if left.2 > 3 || (left.2 == 3 && !text("Status").starts_with("open")) {
                    out.push(format!("{number}: a residual risk of {} that is not open", left.2));
                }
            }
            (Some(_), Some(_)) => out.push(format!("{number}: a control changes likelihood only, and only downwards")),
            (None, _) | (_, None) => out.push(format!("{number}: a risk that is not the matrix's")),
        }
        for file in spans(text("Control")) {
            if !root.join(file).is_file() {
                out.push(format!("{number}: {file} is not there"));
            }
        }
        if spans(text("Control")).next().is_none() || spans(text("Tests")).next().is_none() {
            out.push(format!("{number} has no control or no test"));
        }
        for test in spans(text("Tests")) {
            if !is_a_test(root, test) {
                out.push(format!("{number}: there is no test {test}"));
            }
        }
    }
    out
}

#[test]
fn every_hazard_has_its_number_its_risk_and_tests_that_are_there() {
    let found = faults(&root(), &page());
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// The control: each thing that may go wrong with the page is seen.
#[test]
fn a_page_that_does_not_keep_its_word_is_seen() {
    let good = page();
    let first =
        |what: &str| good.find(what).map(|at| &good[at..at + good[at..].find('\n').unwrap()]).unwrap().to_owned();
    let (tests, control, risk) = (first("- Tests: "), first("- Control: "), first("- Initial risk: "));
    for (from, to) in [
        ("### H07 ", "### H70 ".to_owned()),
        (tests.as_str(), "- Tests: none".to_owned()),
        (tests.as_str(), "- Tests: `tests/hazards.rs::this_is_tested_nowhere`".to_owned()),
        (tests.as_str(), "- Tests: `tests/hazards.rs::desk`".to_owned()),
        (tests.as_str(), "- Tests: `tests/attic.rs::undo_reaches_past_a_sealed_meeting`".to_owned()),
        (control.as_str(), "- Control: care is taken.".to_owned()),
        (control.as_str(), "- Control: it is seen to (`src/attic.rs`).".to_owned()),
        (risk.as_str(), "- Initial risk: Medium × Major = 2".to_owned()),
        (risk.as_str(), "- Initial risk: Low × Minor = 1".to_owned()),
        ("- Effect: ", "- Harm: ".to_owned()),
    ] {
        let bad = good.replacen(from, &to, 1);
        assert!(bad != good && !faults(&root(), &bad).is_empty(), "not seen: {to}");
    }
}

/// The families of trials that are there, and those that the report has figures of, are the same.
#[test]
fn the_report_has_figures_of_every_family() {
    let report = std::fs::read_to_string(root().join("docs/safety/test-report.md")).unwrap();
    let mut families = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("tests/trials")).unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        families.extend(text.split("Family::begin(\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    assert!(families.len() >= 5, "{families:?}");
    let missing: Vec<&String> =
        families.iter().filter(|name| !report.lines().any(|line| line.starts_with(&format!("| {name} |")))).collect();
    assert!(missing.is_empty(), "docs/safety/test-report.md has no figures of {missing:?}");
}
