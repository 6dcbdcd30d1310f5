//! The gate: what of a document its recipient may see.
//!
//! A document says whom each of its parts is about ([`Span`](super::document::Span), [`Row::person`]); the gate asks the file what the recipient
//! has to do with that person, and what the person objected to. An organisation has to do with whoever has a key worker
//! there, an action owned there, their practice there, or was discussed at this meeting with somebody from there present.
//! An objection outweighs all of that. What is about nobody stays; what was typed about nobody in particular may still name
//! somebody, so it stays in the team.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::change::{Record, RecordId as _};
use crate::domain::day::Day;
use crate::domain::id::{MeetingId, MemberId, OrganisationId, PersonId, TeamId};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::Person;
use crate::domain::refusal::Refusal;
use crate::domain::sharing::Sharing;
use crate::domain::team::Team;
use crate::store::Reader;
use crate::store::fault::Fault;

use super::NotMade;
use super::actions::{ActionLine, ActionLog};
use super::cover::{replaced, without_numbers};
use super::document::{Block, Cell, Document, Fact, Mark, Row, TEAM};
use super::pseudonym::{age_band, code};
use super::recipient::{Cut, Reach, Recipient, Why};

/// What stands in the place of a text that is left out.
pub const LEFT_OUT: &str = "[left out]";

/// The place of whatever is about nobody but was typed by hand.
const UNTOLD: &str = "–";

/// Decides for one recipient.
pub struct Gate<'r> {
    reader: &'r Reader,
    team: TeamId,
    recipient: Recipient,
    /// Where each member works.
    works_at: BTreeMap<MemberId, OrganisationId>,
    meeting: Option<MeetingId>,
    /// Which organisations were present for whom at the meeting.
    present: BTreeMap<PersonId, BTreeSet<OrganisationId>>,
    seen: BTreeMap<PersonId, Sight>,
    /// Family names of people the team works with just now, of whom this recipient is not to hear: a text about somebody
    /// else may name them.
    unspoken: BTreeSet<String>,
    /// The day of the document, for ages.
    on: Day,
    texts: usize,
}

struct Sight {
    person: Record<Person>,
    withheld: Option<Why>,
}

impl<'r> Gate<'r> {
    /// A gate for this recipient. `meeting` is the one the document is of, if it is of one.
    ///
    /// # Errors
    /// Any fault of the file.
    pub fn new(
        reader: &'r Reader,
        team: &Record<Team>,
        meeting: Option<MeetingId>,
        recipient: Recipient,
        on: Day,
    ) -> Result<Self, Fault> {
        let works_at: BTreeMap<_, _> =
            reader.members(team.id)?.iter().map(|member| (member.id, member.organisation)).collect();
        let mut present: BTreeMap<PersonId, BTreeSet<OrganisationId>> = BTreeMap::new();
        if let (Some(meeting), Recipient::Organisation { .. }) = (meeting, &recipient) {
            for discussion in reader.discussions(meeting)? {
                let there = discussion.present.iter().filter_map(|member| works_at.get(member));
                present.entry(discussion.person).or_default().extend(there);
            }
        }
        Ok(Self {
            reader,
            team: team.id,
            recipient,
            works_at,
            meeting,
            present,
            seen: BTreeMap::new(),
            unspoken: BTreeSet::new(),
            on,
            texts: 0,
        })
    }

    /// The document as this recipient may see it.
    ///
    /// # Errors
    /// Refuses what cannot be cut; any fault of the file.
    pub fn document(mut self, document: &Document) -> Result<Cut<Document>, NotMade> {
        if self.recipient != Recipient::Full && document.version < super::document::VERSION {
            return Err(Refusal::new("These minutes were sealed by an earlier version of mdt, which did not write down whom each part is about. They can only be given as a whole: full.").into());
        }
        self.look_at(document)?;
        let mut cut = match &self.recipient {
            Recipient::Full => document.clone(),
            Recipient::Organisation { id, .. } => self.for_organisation(document, *id),
            Recipient::Owner { id, .. } => self.for_owner(document, *id),
            Recipient::Pseudonymised { cleared } => self.pseudonymised(document, *cleared),
            Recipient::Numbers if document.speaks_of_nobody() => document.clone(),
            Recipient::Numbers => {
                return Err(Refusal::new("There are no numbers of this. Choose minutes, agenda or actions.").into());
            }
        };
        cut.meta.insert(1.min(cut.meta.len()), Fact::new("For", self.recipient.says()));
        cut.confidentiality = confidentiality(&self.recipient, cut.confidentiality);
        if cut.foot.is_none() {
            cut.foot = Some(format!("Made at {}", self.reader.head()?.printed()));
        }
        let reach = self.reach();
        Ok(Cut::new(cut, self.recipient, reach))
    }

    /// The action log as this recipient may see it.
    ///
    /// # Errors
    /// Refuses numbers, which are a document; any fault of the file.
    pub fn log(mut self, log: &ActionLog) -> Result<Cut<ActionLog>, NotMade> {
        let owner = if let Recipient::Owner { id, .. } = self.recipient { Some(id) } else { None };
        let theirs = |line: &&ActionLine| owner.is_none() || line.owned_by == owner;
        for id in log.actions.iter().filter(theirs).filter_map(|line| line.about) {
            self.look(id)?;
        }
        self.listen()?;
        let mut cut = ActionLog {
            recipient: self.recipient.code(),
            recipient_is: self.recipient.says(),
            confidentiality: confidentiality(&self.recipient, log.confidentiality.clone()),
            ..log.clone()
        };
        match self.recipient.clone() {
            Recipient::Full => {}
            Recipient::Organisation { id, .. } => {
                cut.actions.retain(|line| match line.about {
                    Some(person) => self.sees(person),
                    None => line.owned_by.and_then(|owner| self.works_at.get(&owner)) == Some(&id),
                });
                cut.actions.iter_mut().for_each(|line| self.screen_line(line));
            }
            Recipient::Owner { id, .. } => {
                cut.actions
                    .retain(|line| line.owned_by == Some(id) && line.about.is_none_or(|person| self.sees(person)));
                cut.actions.iter_mut().for_each(|line| self.screen_line(line));
            }
            Recipient::Pseudonymised { cleared } => {
                cut.actions.retain(|line| line.about.is_none_or(|person| self.sees(person)));
                for line in &mut cut.actions {
                    self.hide_line(line, cleared);
                }
            }
            Recipient::Numbers => {
                return Err(Refusal::new(
                    "Numbers are a page, not a list: choose the format md, txt, html, docx, pdf or json.",
                )
                .into());
            }
        }
        let reach = self.reach();
        Ok(Cut::new(cut, self.recipient, reach))
    }

    fn reach(&self) -> Reach {
        let mut withheld: BTreeMap<Why, usize> = BTreeMap::new();
        let (mut people, mut unrecorded) = (Vec::new(), 0);
        for (id, sight) in &self.seen {
            match sight.withheld {
                Some(why) => *withheld.entry(why).or_default() += 1,
                None => {
                    people.push(*id);
                    unrecorded += usize::from(sight.person.sharing == Sharing::NotRecorded);
                }
            }
        }
        let withheld = withheld.into_iter().collect();
        Reach { recipient: self.recipient.says(), people, withheld, texts: self.texts, unrecorded }
    }

    /// Decides about everybody the document speaks of.
    fn look_at(&mut self, document: &Document) -> Result<(), Fault> {
        let mine = |row: &&Row| match &self.recipient {
            Recipient::Owner { id, .. } => row.owner.as_deref() == Some(id.raw().to_string().as_str()),
            _ => true,
        };
        let rows = document.rows().filter(mine).filter_map(|row| row.person.as_deref());
        let spans = document.spans.iter().map(|span| span.person.as_str());
        let spans = spans.filter(|_| !matches!(self.recipient, Recipient::Owner { .. }));
        let ids: BTreeSet<PersonId> = rows.chain(spans).filter_map(id_of).collect();
        ids.into_iter().try_for_each(|id| self.look(id))?;
        self.listen()
    }

    /// Gathers the names that must not be spoken: of whoever is withheld, and of whoever else the team works with just now.
    fn listen(&mut self) -> Result<(), Fault> {
        let whole = match &self.recipient {
            Recipient::Full | Recipient::Numbers => return Ok(()),
            Recipient::Pseudonymised { .. } => true,
            Recipient::Organisation { .. } | Recipient::Owner { .. } => false,
        };
        let theirs = matches!(self.recipient, Recipient::Owner { .. });
        let (mut spoken, mut unspoken) = (BTreeSet::new(), BTreeSet::new());
        for sight in self.seen.values() {
            let name = sight.person.surname.to_string();
            if sight.withheld.is_some() || whole {
                unspoken.insert(name)
            } else {
                spoken.insert(name.to_lowercase())
            };
        }
        for person in self.reader.people_in_hand(self.team)? {
            if !self.seen.contains_key(&person.id) && (whole || theirs || self.decide(&person)?.is_some()) {
                unspoken.insert(person.value.surname.to_string());
            }
        }
        unspoken.retain(|name| !spoken.contains(&name.to_lowercase()));
        self.unspoken = unspoken;
        Ok(())
    }

    fn look(&mut self, id: PersonId) -> Result<(), Fault> {
        if self.seen.contains_key(&id) {
            return Ok(());
        }
        // The document was made of this file: everybody in it is there.
        let Some(person) = self.reader.get(id)? else { return Ok(()) };
        let withheld = self.decide(&person)?;
        self.seen.insert(id, Sight { person, withheld });
        Ok(())
    }

    fn decide(&self, person: &Record<Person>) -> Result<Option<Why>, Fault> {
        let organisation = match &self.recipient {
            Recipient::Full | Recipient::Numbers => return Ok(None),
            Recipient::Pseudonymised { .. } => {
                return Ok((!person.sharing.allows_discussion()).then_some(Why::ObjectsToAll));
            }
            Recipient::Organisation { id, .. } => *id,
            Recipient::Owner { organisation, .. } => *organisation,
        };
        if !person.sharing.allows_discussion() {
            return Ok(Some(Why::ObjectsToAll));
        }
        let objections = self.reader.objections(person.id)?;
        if objections.iter().any(|it| it.lifted_on.is_none() && it.organisation == organisation) {
            return Ok(Some(Why::ObjectsToThem));
        }
        let related = matches!(self.recipient, Recipient::Owner { .. }) || self.is_related(person, organisation)?;
        Ok((!related).then_some(Why::NoRelationship))
    }

    fn is_related(&self, person: &Record<Person>, organisation: OrganisationId) -> Result<bool, Fault> {
        let there = |member: MemberId| self.works_at.get(&member) == Some(&organisation);
        if person.practice == Some(organisation)
            || self.present.get(&person.id).is_some_and(|present| present.contains(&organisation))
            || self.reader.key_worker(person.id)?.is_some_and(|it| there(it.member))
        {
            return Ok(true);
        }
        let actions = self.reader.actions_of(person.id)?;
        let counts = |meeting: Option<MeetingId>| meeting.is_some() && meeting == self.meeting;
        Ok(actions.iter().any(|it| (it.state.is_live() || counts(it.meeting)) && there(it.owner)))
    }

    /// Whoever the file does not know is nobody's to see.
    fn sees(&self, id: PersonId) -> bool {
        self.seen.get(&id).is_some_and(|sight| sight.withheld.is_none())
    }

    fn sees_marked(&self, person: &str) -> bool {
        id_of(person).is_some_and(|id| self.sees(id))
    }

    fn for_organisation(&mut self, document: &Document, organisation: OrganisationId) -> Document {
        let mut cut = document.emptied();
        for part in document.parts() {
            match part.person {
                Some(TEAM) => {}
                Some(person) if !self.sees_marked(person) => {}
                _ => {
                    for block in part.blocks {
                        cut.blocks.push(match block {
                            Block::Table { columns, rows } => {
                                let kept = self.rows_for_organisation(rows, organisation);
                                if kept.is_empty() && !rows.is_empty() {
                                    Block::Paragraph { text: "Nothing of this is for this recipient.".to_owned() }
                                } else {
                                    Block::Table { columns: columns.clone(), rows: kept }
                                }
                            }
                            other => other.clone(),
                        });
                    }
                }
            }
        }
        self.screened(cut)
    }

    /// The document without texts that name somebody this recipient is not to hear of.
    fn screened(&mut self, mut cut: Document) -> Document {
        let mut texts = 0;
        for block in &mut cut.blocks {
            block.texts_mut(|text| texts += usize::from(self.screen(text)));
        }
        self.texts += texts;
        cut
    }

    fn rows_for_organisation(&self, rows: &[Row], organisation: OrganisationId) -> Vec<Row> {
        let owner = |row: &Row| row.owner.as_deref().and_then(|id| id.parse().ok()).map(MemberId::from_raw);
        rows.iter()
            .filter_map(|row| match (row.person.as_deref(), owner(row)) {
                (Some(TEAM), None) => Some(Row { cells: row.cells.iter().map(untold).collect(), ..Row::default() }),
                (Some(TEAM) | None, Some(owner)) => {
                    (self.works_at.get(&owner) == Some(&organisation)).then(|| row.anonymous())
                }
                (Some(person), _) => self.sees_marked(person).then(|| row.anonymous()),
                (None, None) => Some(row.clone()),
            })
            .collect()
    }

    /// Only tables that hold rows of theirs, with the headings and sentences over them.
    fn for_owner(&mut self, document: &Document, owner: MemberId) -> Document {
        let owner = owner.raw().to_string();
        let mut cut = document.emptied();
        let mut over: Vec<Block> = Vec::new();
        for part in document.parts().filter(|part| part.person.is_none()) {
            for block in part.blocks {
                match block {
                    Block::Heading { .. } => over = vec![block.clone()],
                    Block::Paragraph { .. } => over.push(block.clone()),
                    Block::Table { columns, rows } => {
                        let theirs = |row: &&Row| {
                            row.owner.as_ref() == Some(&owner)
                                && row.person.as_deref().is_none_or(|it| it == TEAM || self.sees_marked(it))
                        };
                        let rows: Vec<Row> = rows.iter().filter(theirs).map(Row::anonymous).collect();
                        if !rows.is_empty() {
                            cut.blocks.append(&mut over);
                            cut.blocks.push(Block::Table { columns: columns.clone(), rows });
                        }
                    }
                    Block::Labelled { .. } | Block::Facts { .. } | Block::List { .. } => {}
                }
            }
        }
        if cut.blocks.is_empty() {
            cut.paragraph("No action in this is theirs.");
        }
        self.screened(cut)
    }

    fn pseudonymised(&mut self, document: &Document, cleared: bool) -> Document {
        let mut cut = document.emptied();
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
                    None => self.hidden_rows(block, cleared),
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
                Block::Facts { facts: facts.iter().map(fact).collect() }
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
                (None, _) if row.owner.is_none() => row.cells.clone(),
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
        let names: Vec<&str> = self.seen.get(&id).map(|sight| names_of(&sight.person)).unwrap_or_default();
        let others = self.unspoken.iter().map(String::as_str);
        let mut out = text.to_owned();
        for name in names.into_iter().chain(others) {
            out = replaced(&out, name, instead);
        }
        without_numbers(&out, |_| false).unwrap_or(out)
    }

    /// Takes out a text that names somebody who is withheld; covers numbers of people this recipient does not see. Whether
    /// the text was taken out.
    fn screen(&self, text: &mut String) -> bool {
        if self.unspoken.iter().any(|name| replaced(text, name, "") != *text) {
            *text = "[left out: it names somebody else]".to_owned();
            return true;
        }
        let theirs = |number: NhsNumber| {
            self.seen.values().any(|it| it.withheld.is_none() && it.person.nhs_number == Some(number))
        };
        if let Some(covered) = without_numbers(text, theirs) {
            *text = covered;
        }
        false
    }

    fn screen_line(&mut self, line: &mut ActionLine) {
        let mut texts = usize::from(self.screen(&mut line.action));
        if let Some(note) = &mut line.note {
            texts += usize::from(self.screen(note));
        }
        self.texts += texts;
    }

    fn hide_line(&mut self, line: &mut ActionLine, cleared: bool) {
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

/// The line of every page, with its recipient.
fn confidentiality(recipient: &Recipient, line: String) -> String {
    match recipient {
        Recipient::Full => line,
        Recipient::Organisation { name, .. } | Recipient::Owner { name, .. } => format!("{line} – for {name}"),
        Recipient::Pseudonymised { .. } => {
            "OFFICIAL-SENSITIVE – pseudonymised: nobody may try to find out who is meant".to_owned()
        }
        Recipient::Numbers => "OFFICIAL – counts only, about nobody in particular".to_owned(),
    }
}

fn id_of(person: &str) -> Option<PersonId> {
    person.parse().ok().map(PersonId::from_raw)
}

/// A cell of a row that is about nobody but was typed by hand.
fn untold(cell: &Cell) -> Cell {
    Cell { text: cell.open.clone().unwrap_or_else(|| UNTOLD.to_owned()), mark: None, open: None }
}

fn names_of(person: &Person) -> Vec<&str> {
    let forenames = person.forename.as_str().split_whitespace().filter(|name| name.chars().count() > 2);
    let preferred = person.preferred.iter().map(|name| name.as_str());
    std::iter::once(person.surname.as_str()).chain(forenames).chain(preferred).collect()
}
