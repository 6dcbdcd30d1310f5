//! What somebody gets who is to learn from a document and know nobody again: codes, age bands, and each text in its open form
//! or not at all.

use crate::domain::id::PersonId;
use crate::domain::person::Person;

use super::actions::ActionLine;
use super::cover::{replaced, without_numbers, without_telephones};
use super::cut::{Gate, LEFT_OUT, id_of, untold};
use super::document::{Block, Cell, Document, Fact, Mark, Row, TEAM};
use super::pseudonym::{age_band, code};

/// The facts under the title by which nobody is known: who sat in the chair, and where, is left out.
const KEPT: [&str; 9] = ["Team", "Date", "Time", "Quorum", "Next meeting", "Meeting", "Made on", "Number", "Version"];

impl Gate<'_> {
    pub(super) fn pseudonymised(&mut self, document: &Document, cleared: bool) -> Document {
        let mut cut = document.emptied();
        cut.meta.retain(|fact| KEPT.contains(&fact.label.as_str()));
        for part in document.parts() {
            let person = match part.person {
                Some(TEAM) => continue,
                Some(person) if !self.sees_marked(person) => continue,
                Some(person) => id_of(person),
                None => None,
            };
            for block in part.blocks {
                let block = match person {
                    Some(id) => self.hidden(block, id, cleared),
                    None => self.hidden_rows(&opened(block), cleared),
                };
                cut.blocks.push(block);
            }
        }
        cut
    }

    /// A block of somebody's own part, with nothing they could be known by.
    fn hidden(&mut self, block: &Block, id: PersonId, cleared: bool) -> Block {
        match block {
            Block::Heading { level, .. } => Block::Heading { level: *level, text: self.hidden_name(id) },
            Block::Paragraph { text } => Block::Paragraph { text: self.hidden_text(text, None, id, cleared) },
            Block::Labelled { label, text, open } => {
                let text = self.hidden_text(text, open.as_deref(), id, cleared);
                Block::Labelled { label: self.plain_label(label, id), text, open: None }
            }
            Block::Facts { facts } => {
                let fact = |it: &Fact| {
                    let text = self.hidden_text(&it.text, it.open.as_deref(), id, cleared);
                    Fact { label: self.plain_label(&it.label, id), text, open: None }
                };
                // What has an empty open form is not there at all: an address.
                let told = facts.iter().filter(|it| it.open.as_deref() != Some(""));
                Block::Facts { facts: told.map(fact).collect() }
            }
            Block::List { items } => {
                Block::List { items: items.iter().map(|it| self.hidden_text(it, None, id, cleared)).collect() }
            }
            Block::Table { .. } => self.hidden_rows(block, cleared),
        }
    }

    /// A block about nobody, or a table: each row by whom it is about.
    fn hidden_rows(&mut self, block: &Block, cleared: bool) -> Block {
        let Block::Table { columns, rows } = block else { return block.clone() };
        let mut kept = Vec::new();
        for row in rows {
            let person = row.person.as_deref().and_then(id_of);
            let cells = match (row.person.as_deref(), person) {
                (None, _) if row.owner.is_none() => row.cells.iter().map(open_or_all).collect(),
                (Some(TEAM) | None, _) => row.cells.iter().map(untold).collect(),
                (Some(_), Some(id)) if self.sees(id) => {
                    row.cells.iter().map(|cell| self.hidden_cell(cell, id, cleared)).collect()
                }
                (Some(_), _) => continue,
            };
            kept.push(Row { cells, ..Row::default() });
        }
        Block::Table { columns: columns.clone(), rows: kept }
    }

    fn hidden_cell(&mut self, cell: &Cell, id: PersonId, cleared: bool) -> Cell {
        let text = if cell.mark == Some(Mark::Subject) {
            self.hidden_name(id)
        } else {
            self.hidden_text(&cell.text, cell.open.as_deref(), id, cleared)
        };
        Cell { text, mark: cell.mark, open: None }
    }

    /// `P-7F3K-Q2M9 · 80 to 84`.
    fn hidden_name(&self, id: PersonId) -> String {
        let born = self.seen.get(&id).and_then(|sight| sight.person.born);
        format!("{} · {}", code(self.reader, id), age_band(born, self.on))
    }

    fn hidden_text(&mut self, text: &str, open: Option<&str>, id: PersonId, cleared: bool) -> String {
        match open {
            Some(open) => open.to_owned(),
            None if text.is_empty() => String::new(),
            None if cleared => self.scrubbed(text, id),
            None => {
                self.texts += 1;
                LEFT_OUT.to_owned()
            }
        }
    }

    /// A label may name the person: `Tells Jean`.
    fn plain_label(&self, label: &str, id: PersonId) -> String {
        self.scrub(label, id, "the person")
    }

    /// Free text that somebody cleared, and in which what is known to give a person away is covered all the same.
    fn scrubbed(&self, text: &str, id: PersonId) -> String {
        self.scrub(text, id, "[name]")
    }

    fn scrub(&self, text: &str, id: PersonId, instead: &str) -> String {
        let mut out = text.to_owned();
        if let Some(sight) = self.seen.get(&id) {
            let person = &sight.person;
            for written in [&person.address, &person.postcode, &person.phone, &person.named_gp].into_iter().flatten() {
                out = out.replace(written.as_str(), "[left out]");
            }
            for name in names_of(person) {
                out = replaced(&out, name, instead);
            }
        }
        for name in &self.unspoken {
            out = replaced(&out, name, instead);
        }
        without_telephones(&without_numbers(&out, |_| false).unwrap_or(out))
    }

    pub(super) fn hide_line(&mut self, line: &mut ActionLine, cleared: bool) {
        let free = |gate: &mut Self, text: &str| match line.about {
            Some(id) => gate.hidden_text(text, None, id, cleared),
            None => {
                gate.texts += 1;
                LEFT_OUT.to_owned()
            }
        };
        let (action, note) = (free(self, &line.action), line.note.as_deref().map(|note| free(self, note)));
        (line.action, line.note) = (action, note);
        line.person = line.about.map(|id| self.hidden_name(id));
        (line.nhs_number, line.born) = (None, None);
        line.owner.clone_from(&line.role);
        line.id = super::pseudonym::code_of(self.reader, "action", &line.id);
    }
}

/// A block about nobody, with the open forms of what names members.
fn opened(block: &Block) -> Block {
    match block {
        Block::Labelled { label, open: Some(open), .. } => {
            Block::Labelled { label: label.clone(), text: open.clone(), open: None }
        }
        other => other.clone(),
    }
}

fn open_or_all(cell: &Cell) -> Cell {
    Cell { text: cell.open.clone().unwrap_or_else(|| cell.text.clone()), mark: cell.mark, open: None }
}

/// Every name somebody is called by; a name of one letter is no name.
pub(super) fn names_of(person: &Person) -> Vec<&str> {
    let forenames = person.forename.as_str().split_whitespace().filter(|name| name.chars().count() > 1);
    let preferred = person.preferred.iter().map(|name| name.as_str());
    std::iter::once(person.surname.as_str()).chain(forenames).chain(preferred).collect()
}
