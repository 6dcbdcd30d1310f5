//! The gate: what of a document its recipient may see.
//!
//! A document says whom each of its parts is about ([`Span`](super::document::Span), [`Row::person`]); the gate asks the
//! file what the recipient has to do with that person, and what the person objected to. An organisation has to do with
//! whoever has a key worker there, an action owned there, their practice there, or was discussed at this meeting with
//! somebody from there present. An objection outweighs all of that. What is about nobody stays; what was typed about nobody in particular may still name
//! somebody, so it stays in the team.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::change::{Record, RecordId as _};
use crate::domain::day::Day;
use crate::domain::id::{MeetingId, MemberId, OrganisationId, PersonId, TeamId};
use crate::domain::meeting::Meeting;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::Person;
use crate::domain::refusal::Refusal;
use crate::domain::sharing::Sharing;
use crate::domain::team::Team;
use crate::domain::text::fold;
use crate::store::Reader;
use crate::store::fault::Fault;

use super::NotMade;
use super::actions::{ActionLine, ActionLog};
use super::alike;
use super::cover::{replaced, without_numbers};
use super::document::{Block, Cell, Document, Fact, Row, TEAM};
use super::hidden::names_of;
use super::recipient::{Cut, Reach, Recipient, Why};

/// What stands in the place of a text that is left out.
pub const LEFT_OUT: &str = "[left out]";

/// The place of whatever is about nobody but was typed by hand.
const UNTOLD: &str = "–";

/// Decides for one recipient.
pub struct Gate<'r> {
    pub(super) reader: &'r Reader,
    team: TeamId,
    recipient: Recipient,
    /// Where each member works.
    works_at: BTreeMap<MemberId, OrganisationId>,
    meeting: Option<MeetingId>,
    /// Of a sealed document: who had to do with whom when it was sealed.
    frozen: BTreeMap<String, Vec<String>>,
    /// Which organisations were present for whom at the meeting.
    present: BTreeMap<PersonId, BTreeSet<OrganisationId>>,
    pub(super) seen: BTreeMap<PersonId, Sight>,
    /// Family names of people the team works with just now, of whom this recipient is not to hear: a text about somebody
    /// else may name them.
    pub(super) unspoken: BTreeSet<String>,
    /// Names that may stand although one of their words is also somebody's who is withheld: of people this recipient sees, of
    /// members, organisations and the team.
    known: Vec<String>,
    /// The day of the document, for ages.
    pub(super) on: Day,
    pub(super) texts: usize,
}

pub(super) struct Sight {
    pub(super) person: Record<Person>,
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
        let members = reader.members(team.id)?;
        let works_at: BTreeMap<_, _> = members.iter().map(|member| (member.id, member.organisation)).collect();
        let mut known = vec![team.name.to_string()];
        known.extend(members.iter().map(|member| member.name.to_string()));
        known.extend(reader.organisations()?.iter().map(|organisation| organisation.name.to_string()));
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
            frozen: BTreeMap::new(),
            seen: BTreeMap::new(),
            unspoken: BTreeSet::new(),
            known,
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
        self.frozen.clone_from(&document.related);
        self.look_at(document)?;
        // Where nobody is named there is nobody to be mixed up with.
        let named = !matches!(self.recipient, Recipient::Pseudonymised { .. } | Recipient::Numbers);
        let marked = alike::marked(document, |id| named && self.sees(id));
        let document = &marked;
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
        if self.recipient != Recipient::Full {
            without_empty_sections(&mut cut.blocks);
        }
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
        let mut silent: Vec<Record<Person>> = Vec::new();
        let mut spoken: Vec<&Record<Person>> = Vec::new();
        for sight in self.seen.values() {
            if sight.withheld.is_some() || whole {
                silent.push(sight.person.clone());
            } else {
                spoken.push(&sight.person);
            }
        }
        for person in self.reader.people_in_hand(self.team)? {
            if !self.seen.contains_key(&person.id) && (whole || theirs || self.decide(&person)?.is_some()) {
                silent.push(person);
            }
        }
        let is_spoken = |name: &str| spoken.iter().any(|it| fold(it.surname.as_str()) == fold(name));
        let lives_with = |it: &Person| it.household.is_some() && spoken.iter().any(|one| one.household == it.household);
        let mut unspoken = BTreeSet::new();
        for person in &silent {
            let surname = person.surname.as_str();
            // Husband and wife have one family name: there the others tell who is meant.
            if !is_spoken(surname) {
                unspoken.insert(surname.to_owned());
            }
            if is_spoken(surname) || lives_with(person) {
                let given = names_of(person).into_iter().filter(|name| *name != surname);
                let own = |name: &str| spoken.iter().any(|one| names_of(one).iter().any(|it| fold(it) == fold(name)));
                unspoken.extend(given.filter(|name| !own(name)).map(str::to_owned));
            }
        }
        let seen = spoken.iter().map(|person| person.name()).collect::<Vec<_>>();
        self.known.extend(seen);
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
            Recipient::Pseudonymised { .. } => None,
            Recipient::Organisation { id, .. } => Some(*id),
            Recipient::Owner { organisation, .. } => Some(*organisation),
        };
        let is_owner = matches!(self.recipient, Recipient::Owner { .. });
        match person.sharing {
            Sharing::ObjectedToAll => return Ok(Some(Why::ObjectsToAll)),
            // An override lets the team discuss somebody, and whoever it gave an action do it; it hands them to nobody else.
            Sharing::Override if !is_owner => return Ok(Some(Why::Overridden)),
            Sharing::Override
            | Sharing::ObjectedToSome
            | Sharing::NotRecorded
            | Sharing::Informed
            | Sharing::Agreed
            | Sharing::BestInterests => {}
        }
        let Some(organisation) = organisation else { return Ok(None) };
        let objections = self.reader.objections(person.id)?;
        // To whom they object was not written down: it may be this one.
        let unnamed = person.sharing == Sharing::ObjectedToSome && objections.is_empty();
        if unnamed || objections.iter().any(|it| it.lifted_on.is_none() && it.organisation == organisation) {
            return Ok(Some(Why::ObjectsToThem));
        }
        let related = is_owner || self.is_related(person, organisation)?;
        Ok((!related).then_some(Why::NoRelationship))
    }

    fn is_related(&self, person: &Record<Person>, organisation: OrganisationId) -> Result<bool, Fault> {
        // Sealed minutes know who had to do with whom when they were sealed.
        if let Some(related) = self.frozen.get(&person.id.raw().to_string()) {
            return Ok(related.contains(&organisation.raw().to_string()));
        }
        Ok(self.organisations_of(person)?.contains(&organisation))
    }

    /// Every organisation that has to do with somebody, as the file has it now.
    fn organisations_of(&self, person: &Record<Person>) -> Result<BTreeSet<OrganisationId>, Fault> {
        let works_at = |member: MemberId| self.works_at.get(&member).copied();
        let mut out = self.present.get(&person.id).cloned().unwrap_or_default();
        out.extend(person.practice);
        out.extend(self.reader.key_worker(person.id)?.and_then(|it| works_at(it.member)));
        let here = |meeting: Option<MeetingId>| meeting.is_some() && meeting == self.meeting;
        let actions = self.reader.actions_of(person.id)?;
        let count = actions.iter().filter(|it| it.state.is_live() || here(it.meeting));
        out.extend(count.filter_map(|it| works_at(it.owner)));
        Ok(out)
    }

    /// Whoever the file does not know is nobody's to see.
    pub(super) fn sees(&self, id: PersonId) -> bool {
        self.seen.get(&id).is_some_and(|sight| sight.withheld.is_none())
    }

    pub(super) fn sees_marked(&self, person: &str) -> bool {
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
        for fact in &mut cut.meta {
            texts += usize::from(self.screen(&mut fact.text));
        }
        // How many there are in all is not said to whoever gets some of them.
        cut.meta.retain(|fact| fact.label != "Actions");
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

    /// Takes out a text that names somebody who is withheld; covers numbers of people this recipient does not see. Whether
    /// the text was taken out.
    fn screen(&self, text: &mut String) -> bool {
        let rest = self.known.iter().fold(text.clone(), |rest, name| rest.replace(name.as_str(), "–"));
        if self.unspoken.iter().any(|name| replaced(&rest, name, "") != rest) {
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
        // Two organisations that lay their lists side by side must not see what is one action.
        if let Recipient::Organisation { .. } = self.recipient {
            line.id = super::pseudonym::code_of(self.reader, &self.recipient.code(), &line.id);
        }
        let mut texts = usize::from(self.screen(&mut line.action));
        if let Some(note) = &mut line.note {
            texts += usize::from(self.screen(note));
        }
        self.texts += texts;
    }
}

/// Which organisations have to do with each person a document of this meeting speaks of, to be frozen with it.
///
/// # Errors
/// Any fault of the file.
pub(super) fn related(
    reader: &Reader,
    team: &Record<Team>,
    meeting: &Record<Meeting>,
    document: &Document,
) -> Result<BTreeMap<String, Vec<String>>, Fault> {
    let rows = document.rows().filter_map(|row| row.person.as_deref());
    let people: BTreeSet<PersonId> =
        rows.chain(document.spans.iter().map(|span| span.person.as_str())).filter_map(id_of).collect();
    let mut out = BTreeMap::new();
    // Whichever organisation asks, who has to do with whom is the same.
    let Some(any) = reader.organisations()?.first().map(Recipient::organisation) else { return Ok(out) };
    let gate = Gate::new(reader, team, Some(meeting.id), any, meeting.on)?;
    for id in people {
        let Some(person) = reader.get::<Person>(id)? else { continue };
        let related = gate.organisations_of(&person)?.iter().map(|it| it.raw().to_string()).collect();
        out.insert(id.raw().to_string(), related);
    }
    Ok(out)
}

/// A section of which nothing is left says nothing.
fn without_empty_sections(blocks: &mut Vec<Block>) {
    let begins = |block: &Block| matches!(block, Block::Heading { level: 0 | 1, .. });
    let empty: Vec<bool> = (0..blocks.len())
        .map(|at| blocks.get(at).is_some_and(begins) && blocks.get(at + 1).is_none_or(begins))
        .collect();
    let mut empty = empty.into_iter();
    blocks.retain(|_| !empty.next().unwrap_or(false));
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

pub(super) fn id_of(person: &str) -> Option<PersonId> {
    person.parse().ok().map(PersonId::from_raw)
}

/// A cell of a row that is about nobody but was typed by hand.
pub(super) fn untold(cell: &Cell) -> Cell {
    Cell { text: cell.open.clone().unwrap_or_else(|| UNTOLD.to_owned()), mark: None, open: None }
}
