//! A row of a caseload list against what is on file.
//!
//! A list adds what it knows: an empty cell never erases. What the team itself wrote – key worker, sharing basis, a band
//! set with a reason, anything typed at the keys – is never overwritten: a list that has something else proposes it.

use std::collections::{HashMap, HashSet};

use crate::domain::Word;
use crate::domain::band::{Band, BandEntry};
use crate::domain::change::{Change, Mint, Record, add, alter, replace};
use crate::domain::day::Day;
use crate::domain::id::{IntakeId, MemberId, OrganisationId, PersonId};
use crate::domain::intake::{IntakeKind, Proposal, ProposalState, ProposedField, QueueState, QueuedRow};
use crate::domain::key_worker::KeyWorker;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::organisation::Organisation;
use crate::domain::person::{Person, Standing};
use crate::domain::sharing::Sharing;
use crate::domain::text::{Line, fold};
use crate::store::fault::Fault;

use super::cells::{Cells, Kept};
use super::columns::Guess;
use super::days::Evidence;
use super::field::{Field, fields_of};
use super::given::{EFI, Given, Practices};
use super::guard::{Guard, Proposed, line, written_differs};
use super::matching::{Doubt, Register, Who, numbered_likeness};
use super::merge::merge;
use super::names::has_lost_letters;
use super::report::{Difference, Missing, Report};
use super::source::{Row, Source};
use super::{Desk, Judge, Objection, Verdict};

/// People who are not on the list that are named in a report; the rest are counted.
const NAMED: usize = 5_000;

/// Judges the rows of a caseload list.
pub struct Caseload<'d> {
    desk: &'d Desk<'d>,
    list: Option<(&'d Source, &'d Guess)>,
    mint: Mint,
    intake: IntakeId,
    pub(super) register: Register<'d>,
    practices: Practices,
    members: Vec<(String, MemberId)>,
    bands: HashMap<String, Band>,
    numbers: HashMap<NhsNumber, u64>,
    /// Everyone of this list who has a number, so that a row without one is not taken for somebody else. Read when
    /// the first such row comes.
    numbered: Option<HashSet<u64>>,
    unnumbered: HashMap<u64, u64>,
    tally: Tally,
}

#[derive(Default)]
struct Tally {
    climbed: i64,
    fallen: i64,
    kept_bands: i64,
    other_tools: i64,
    lost_letters: i64,
    key_workers: i64,
    proposals: i64,
    guessed_names: i64,
    inactive: i64,
    unknown_key_workers: i64,
    sharing: i64,
}

impl<'d> Caseload<'d> {
    /// Reads what matching needs: organisations, members, and the numbers on file. Without a list it judges rows that were
    /// kept of one.
    ///
    /// # Errors
    /// A fault of the team's file.
    pub(super) fn new(
        desk: &'d Desk<'d>,
        list: Option<(&'d Source, &'d Guess)>,
        mint: Mint,
        intake: IntakeId,
    ) -> Result<Self, Fault> {
        let members = desk.reader.members(desk.team.id)?;
        let members = members.iter().filter(|member| member.left_on.is_none());
        Ok(Self {
            desk,
            list,
            mint,
            intake,
            register: Register::new(desk)?,
            practices: Practices::new(&desk.reader.organisations()?),
            members: members.map(|member| (fold(member.name.as_str()), member.id)).collect(),
            bands: HashMap::new(),
            numbers: HashMap::new(),
            numbered: None,
            unnumbered: HashMap::new(),
            tally: Tally::default(),
        })
    }

    fn today(&self) -> Day {
        self.desk.now.today
    }

    /// Reads the cells of a row.
    pub(super) fn given(&mut self, cells: Cells<'_>) -> Result<Given, Vec<Objection>> {
        let today = self.today();
        match cells {
            Cells::Kept(kept) => Given::read(cells, today, |cell| {
                kept.band().ok_or(()).or_else(|()| super::bands::BandRule::default().band(cell).map(|it| it.0))
            }),
            Cells::Listed(guess, _) => {
                let known = &mut self.bands;
                Given::read(cells, today, |cell| {
                    if let Some(band) = known.get(cell) {
                        return Ok(*band);
                    }
                    let (band, _) = guess.bands().band(cell)?;
                    if known.len() < 1_000 {
                        known.insert(cell.to_owned(), band);
                    }
                    Ok(band)
                })
            }
        }
    }

    /// Whether a row of this list that has a number shows the same name and date of birth.
    fn is_numbered(&mut self, alike: u64) -> Result<bool, super::Trouble> {
        if self.numbered.is_none() {
            let (mut seen, mut row) = (HashSet::new(), Row::default());
            if let Some((source, guess)) = self.list {
                let mut rows = source.rows(guess.header_line(), guess.width());
                while rows.next_into(&mut row)? {
                    if row.damage.is_none() {
                        seen.extend(numbered_likeness(&self.register, Cells::Listed(guess, &row), self.today()));
                    }
                }
            }
            self.numbered = Some(seen);
        }
        Ok(self.numbered.as_ref().is_some_and(|numbered| numbered.contains(&alike)))
    }

    /// What becomes of somebody who is new (`seen` none) or on file.
    pub(super) fn set_out(&mut self, given: &Given, seen: Option<Record<Person>>) -> Result<Verdict, Fault> {
        let mut changes = Vec::new();
        let mut proposals = Vec::new();
        let practice = self.practice(given, seen.as_ref(), &mut changes, &mut proposals)?;
        let id = seen.as_ref().map_or_else(|| self.mint.mint(), |seen| seen.id);
        let mut now = seen.as_ref().map_or_else(
            || Person::new(self.desk.team.id, given.who.surname.clone(), given.who.forename.clone()),
            |seen| seen.value.clone(),
        );
        let taken = given.who.number.is_some_and(|number| self.register.is_on_file(number));
        merge(&mut now, given, !taken);
        now.practice = practice.or(now.practice);
        self.share(&mut now, given, seen.as_ref(), &mut proposals)?;
        if let Some(seen) = &seen {
            self.keep_what_was_written(seen, &mut now, &mut proposals)?;
            if let (Some(ours), Some(theirs)) = (seen.born, given.who.born)
                && ours != theirs
            {
                proposals.push((ProposedField::Born, line(&ours.iso()), line(&theirs.iso())));
            }
        }
        let entry = self.move_band(id, &mut now, given, seen.is_some(), &mut proposals)?;
        let mut difference = Difference::default();
        match &seen {
            None => changes.push(add(id, now)),
            Some(seen) if seen.value != now => {
                difference = Difference::between(seen, &now);
                changes.push(replace(seen, now));
            }
            Some(_) => {}
        }
        changes.extend(entry.map(|entry| add(self.mint.mint(), entry)));
        if let Some(period) = self.key_worker(id, given, seen.is_some(), &mut proposals)? {
            self.tally.key_workers += 1;
            difference.also("key worker");
            changes.push(add(self.mint.mint(), period));
        }
        if has_lost_letters(&given.who.surname) || has_lost_letters(&given.who.forename) {
            self.tally.lost_letters += 1;
        }
        if given.who.guessed && seen.is_none() {
            self.tally.guessed_names += 1;
        }
        let settled = changes.is_empty();
        let proposals = self.proposals(id, proposals)?;
        changes.extend(proposals);
        Ok(match (seen, settled) {
            (None, _) => Verdict::New(changes),
            (Some(_), false) => Verdict::Changed(changes, Box::new(difference)),
            (Some(_), true) => Verdict::Unchanged(changes),
        })
    }

    /// The practice the list names, added where it is not on file; proposed where the team wrote another one.
    fn practice(
        &mut self,
        given: &Given,
        seen: Option<&Record<Person>>,
        changes: &mut Vec<Change>,
        proposals: &mut Vec<Proposed>,
    ) -> Result<Option<OrganisationId>, Fault> {
        let Some(practice) = &given.practice else { return Ok(None) };
        if let Some(seen) = seen
            && let Some(ours) = seen.practice
            && self.practices.known(practice) != Some(ours)
            && self.desk.reader.written_by_hand(seen.id)?.iter().any(|column| column == "practice")
        {
            let ours = self.desk.reader.get::<Organisation>(ours)?.map(|ours| ours.name.clone());
            proposals.push((ProposedField::Practice, ours, Some(practice.name.clone())));
            return Ok(None);
        }
        Ok(Some(self.practices.id(practice, &mut self.mint, changes)))
    }

    /// Sharing basis: a list may fill it in, and change what a list wrote. What the team wrote, and an objection whoever
    /// wrote it, a list can only propose to change. An objection to risk lists is always kept.
    fn share(
        &mut self,
        now: &mut Person,
        given: &Given,
        seen: Option<&Record<Person>>,
        proposals: &mut Vec<Proposed>,
    ) -> Result<(), Fault> {
        now.objects_to_risk_lists |= given.risk_objection == Some(true);
        let Some(sharing) = given.sharing.filter(|sharing| *sharing != now.sharing) else { return Ok(()) };
        if now.sharing != Sharing::NotRecorded
            && let Some(seen) = seen
            && (now.sharing == Sharing::ObjectedToAll
                || self.desk.reader.written_by_hand(seen.id)?.iter().any(|column| column == "sharing"))
        {
            proposals.push((ProposedField::Sharing, line(now.sharing.label()), line(sharing.code())));
            return Ok(());
        }
        self.tally.sharing += 1;
        now.sharing = sharing;
        now.sharing_on = Some(given.score_on.unwrap_or(self.today()));
        now.sharing_by = Line::parse("imported list").ok();
        Ok(())
    }

    /// What somebody at the keys wrote last stays; what the list has instead is proposed.
    fn keep_what_was_written(
        &self,
        seen: &Record<Person>,
        now: &mut Person,
        proposals: &mut Vec<Proposed>,
    ) -> Result<(), Fault> {
        if *now == seen.value || !written_differs(seen, now) {
            return Ok(());
        }
        let by_hand = self.desk.reader.written_by_hand(seen.id)?;
        let mut guard = Guard { by_hand: &by_hand, proposals };
        let text = |line: &Option<Line>| line.clone();
        let yes = |it: &Option<bool>| it.and_then(|it| line(if it { "yes" } else { "no" }));
        guard.field("surname", ProposedField::Surname, &seen.surname, &mut now.surname, |it| Some(it.clone()));
        guard.field("forename", ProposedField::Forename, &seen.forename, &mut now.forename, |it| Some(it.clone()));
        guard.field("born", ProposedField::Born, &seen.born, &mut now.born, |it| line(&(*it)?.iso()));
        guard.field("preferred", ProposedField::Preferred, &seen.preferred, &mut now.preferred, text);
        guard.field("title", ProposedField::Title, &seen.title, &mut now.title, text);
        guard.field("address", ProposedField::Address, &seen.address, &mut now.address, text);
        guard.field("postcode", ProposedField::Postcode, &seen.postcode, &mut now.postcode, text);
        guard.field("phone", ProposedField::Phone, &seen.phone, &mut now.phone, text);
        guard.field("named_gp", ProposedField::NamedGp, &seen.named_gp, &mut now.named_gp, text);
        guard.field("council", ProposedField::Council, &seen.council, &mut now.council, text);
        guard.field("lives_alone", ProposedField::LivesAlone, &seen.lives_alone, &mut now.lives_alone, yes);
        guard.field("housebound", ProposedField::Housebound, &seen.housebound, &mut now.housebound, yes);
        guard.field("has_carer", ProposedField::HasCarer, &seen.has_carer, &mut now.has_carer, yes);
        guard.field("residence", ProposedField::Residence, &seen.residence, &mut now.residence, |it| line(it.code()));
        guard.field("respect", ProposedField::Respect, &seen.respect, &mut now.respect, yes);
        guard.field("palliative", ProposedField::Palliative, &seen.palliative, &mut now.palliative, yes);
        guard.field("sex", ProposedField::Sex, &seen.sex, &mut now.sex, |it| line(it.code()));
        guard.field("efi", ProposedField::Efi, &seen.efi, &mut now.efi, |it| line(&(*it)?.to_string()));
        let count = |it: &Option<i64>| line(&(*it)?.to_string());
        guard.field("conditions", ProposedField::Conditions, &seen.conditions, &mut now.conditions, count);
        // A frailty scale that was assessed later, by its day, is newer knowledge; without days nobody can say which is.
        if seen.cfs_on.is_none() || now.cfs_on <= seen.cfs_on {
            guard.field("cfs", ProposedField::Cfs, &seen.cfs, &mut now.cfs, count);
            if now.cfs == seen.cfs {
                now.cfs_on = seen.cfs_on;
            }
        }
        Ok(())
    }

    /// The band of the list, where it is another one, is not older, and no professional set the one on file.
    fn move_band(
        &mut self,
        id: PersonId,
        now: &mut Person,
        given: &Given,
        on_file: bool,
        proposals: &mut Vec<Proposed>,
    ) -> Result<Option<BandEntry>, Fault> {
        let Some((band, label)) = given.band.clone() else { return Ok(None) };
        let on = given.score_on.unwrap_or(self.today());
        if now.band == Some(band) || now.band_on.is_some_and(|since| on < since) {
            return Ok(None);
        }
        let history = if on_file { self.desk.reader.band_history(id)? } else { Vec::new() };
        let latest = history.first();
        // The frailty index finds people for a closer look; it does not take the place of a risk tool.
        let by_efi = |entry: &Record<BandEntry>| entry.tool.as_ref().is_some_and(|tool| tool.as_str() == EFI);
        if given.band_by_efi && latest.is_some_and(|entry| !by_efi(entry) && !entry.overridden) {
            self.tally.other_tools += 1;
            return Ok(None);
        }
        if latest.is_some_and(|entry| entry.overridden) {
            self.tally.kept_bands += 1;
            proposals.push((ProposedField::Band, now.band.and_then(|ours| line(ours.label())), line(band.code())));
            return Ok(None);
        }
        let before = now.band;
        match before.map(Band::rank) {
            Some(rank) if band.rank() < rank => self.tally.climbed += 1,
            Some(_) => self.tally.fallen += 1,
            None => {}
        }
        now.band = Some(band);
        now.band_on = Some(on);
        let tool = if given.band_by_efi { line(EFI) } else { given.tool.clone() };
        let set_by = tool.as_ref().map_or_else(
            || Line::parse("imported list"),
            |tool| Line::parse(&format!("{} list", tool.as_str().chars().take(200).collect::<String>())),
        );
        // Both texts are short and never blank, so a line can hold them.
        let set_by = set_by.unwrap_or_else(|_| label.clone());
        Ok(Some(BandEntry {
            person: id,
            band,
            before,
            on,
            set_by,
            tool: if given.band_by_efi { line(EFI) } else { given.tool.clone() },
            score: given.score,
            label: Some(label),
            reason: None,
            overridden: false,
        }))
    }

    /// A key worker from the list: only where the team never named one, and the name is one member's. Another one than
    /// the team's is proposed.
    fn key_worker(
        &mut self,
        person: PersonId,
        given: &Given,
        on_file: bool,
        proposals: &mut Vec<Proposed>,
    ) -> Result<Option<KeyWorker>, Fault> {
        let Some(name) = given.coordinator.as_ref().map(|name| fold(name.as_str())) else { return Ok(None) };
        let mut named = self.members.iter().filter(|(member, _)| *member == name);
        let (Some((_, member)), None) = (named.next(), named.next()) else {
            self.tally.unknown_key_workers += 1;
            return Ok(None);
        };
        let member = *member;
        if on_file {
            let past = self.desk.reader.key_workers(person)?;
            let current = past.iter().find(|period| period.until.is_none());
            if current.is_some_and(|period| period.member == member) {
                return Ok(None);
            }
            if !past.is_empty() {
                let ours = match current {
                    Some(period) => self.desk.reader.get::<crate::domain::member::Member>(period.member)?,
                    None => None,
                };
                let ours = ours.map(|member| member.name.clone());
                proposals.push((ProposedField::KeyWorker, ours, given.coordinator.clone()));
                return Ok(None);
            }
        }
        Ok(Some(KeyWorker { person, member, since: self.today(), until: None, ended_why: None }))
    }

    /// New proposals as changes; one that was made before, whatever became of it, is not made again.
    fn proposals(&mut self, person: PersonId, proposed: Vec<Proposed>) -> Result<Vec<Change>, Fault> {
        let mut changes = Vec::new();
        for (field, ours, theirs) in proposed {
            let Some(theirs) = theirs else { continue };
            // It waits already, or the team has said no to it while it had what it has now. An objection is asked about
            // again and again.
            let objects = field == ProposedField::Sharing && theirs.as_str() == Sharing::ObjectedToAll.code();
            let settled = |before: &Record<Proposal>| match before.state {
                ProposalState::Waiting => true,
                ProposalState::Declined => before.ours == ours && !objects,
                ProposalState::Accepted => false,
            };
            if self.desk.reader.proposed(person, field, &theirs)?.iter().any(settled) {
                continue;
            }
            self.tally.proposals += 1;
            let (team, intake) = (self.desk.team.id, self.intake);
            let state = ProposalState::Waiting;
            let proposal = Proposal { team, intake, person, field, ours, theirs, state, decided_on: None };
            changes.push(add(self.mint.mint(), proposal));
        }
        Ok(changes)
    }

    /// The row as it waits for a person to look.
    fn queue(&mut self, cells: Cells<'_>, line_number: u64, given: &Given, doubt: &Doubt) -> Vec<Change> {
        let fields = fields_of(IntakeKind::Caseload);
        let kept = Kept::of(cells, fields, given.band.as_ref().map(|(band, _)| *band), self.today());
        if doubt.waits_already {
            // What waits is what the newest list says of it.
            let document = kept.document();
            let before = self.register.waiting_row(&given.who.alike()).filter(|before| before.given != document);
            let newer = |it: &mut QueuedRow| {
                it.given = document.clone();
                it.intake = self.intake;
                it.line = i64::try_from(line_number).unwrap_or(i64::MAX);
            };
            return before.map(|before| alter(before, newer)).into_iter().collect();
        }
        queued(self.desk, self.intake, IntakeKind::Caseload, line_number, &given.who.alike(), &kept, doubt)
            .map(|row| add(self.mint.mint(), row))
            .into_iter()
            .collect()
    }
}

/// A row that waits for a person to look.
pub(super) fn queued(
    desk: &Desk<'_>,
    intake: IntakeId,
    kind: IntakeKind,
    line_number: u64,
    alike: &str,
    kept: &Kept,
    doubt: &Doubt,
) -> Option<QueuedRow> {
    Some(QueuedRow {
        team: desk.team.id,
        intake,
        kind,
        line: i64::try_from(line_number).unwrap_or(i64::MAX),
        why: line(&doubt.why.reason)?,
        alike: line(alike)?,
        person: doubt.person,
        given: kept.document(),
        state: QueueState::Waiting,
        decided_on: None,
    })
}

impl Judge for Caseload<'_> {
    fn judge(&mut self, cells: Cells<'_>, line_number: u64) -> Result<Verdict, super::Trouble> {
        let given = match self.given(cells) {
            Ok(given) => given,
            Err(objections) => {
                self.register.meet(cells)?;
                return Ok(Verdict::Refused(objections));
            }
        };
        if given.who.number.is_none() && given.who.born.is_some_and(|born| self.today().days_since(born) < 366) {
            let value = cells.get(Field::Born).map(str::to_owned);
            let reason = "no NHS number, and a day in the last year as date of birth: is this row a person?".to_owned();
            return Ok(Verdict::Refused(vec![Objection { column: cells.header(Field::Born), value, reason }]));
        }
        if let Some(number) = given.who.number {
            if let Some(earlier) = self.numbers.get(&number) {
                let column = cells.header(Field::NhsNumber);
                let value = cells.get(Field::NhsNumber).map(str::to_owned);
                let reason = format!("line {earlier} has the same NHS number; expected one row for each person");
                return Ok(Verdict::Refused(vec![Objection { column, value, reason }]));
            }
            self.numbers.insert(number, line_number);
        }
        let mut numbered = false;
        if given.who.number.is_none()
            && let Some(born) = given.who.born
        {
            let alike = self.register.likeness(&given.who.surname, &given.who.forename, born);
            if let Some(earlier) = self.unnumbered.insert(alike, line_number) {
                let why = format!("line {earlier} has the same name and date of birth, and neither has an NHS number");
                return Ok(Verdict::Refused(vec![Objection::to_row(why)]));
            }
            numbered = self.is_numbered(alike)?;
        }
        Ok(match self.register.who(cells, &given.who, "", |_| numbered)? {
            Who::Known(seen) => {
                self.tally.inactive += i64::from(seen.standing != Standing::Active);
                self.set_out(&given, Some(*seen))?
            }
            Who::Nobody => self.set_out(&given, None)?,
            Who::Unsure(doubt) => {
                let changes = self.queue(cells, line_number, &given, &doubt);
                Verdict::Queued(doubt.why, changes)
            }
        })
    }

    fn mint(&self) -> &Mint {
        &self.mint
    }

    fn conclude(&mut self, report: &mut Report) -> Result<(), Fault> {
        report.climbed = self.tally.climbed;
        report.fallen = self.tally.fallen;
        report.kept_bands = self.tally.kept_bands;
        report.key_workers = self.tally.key_workers;
        report.proposals = self.tally.proposals;
        report.organisations = self.practices.added;
        let others = self.tally.other_tools;
        if others > 0 {
            report.notes.push(format!(
                "{others} {} the band of another tool: the frailty index alone does not move them.",
                if others == 1 { "person keeps" } else { "people keep" }
            ));
        }
        let lost = self.tally.lost_letters;
        if lost > 0 {
            report.notes.push(format!(
                "{lost} {} “?” where letters were lost on the way. Names on file stay as they are; new ones need correcting.",
                if lost == 1 { "name has" } else { "names have" }
            ));
        }
        let strangers = self.tally.unknown_key_workers;
        if strangers > 0 {
            report.notes.push(format!(
                "{strangers} {} a key worker who is no member of the team, or whose name two members have: nobody was named there.",
                if strangers == 1 { "row names" } else { "rows name" }
            ));
        }
        let sharing = self.tally.sharing;
        if sharing > 0 {
            report.notes.push(format!(
                "{sharing} {} the sharing basis the list has. Make sure that it means sharing in this meeting.",
                if sharing == 1 { "person gets" } else { "people get" }
            ));
        }
        let inactive = self.tally.inactive;
        if inactive > 0 {
            report.notes.push(format!(
                "{inactive} on this list {} discharged or moved away on file: brought up to date, but not put back on the caseload.",
                if inactive == 1 { "is" } else { "are" }
            ));
        }
        let guessed = self.tally.guessed_names;
        if guessed > 0 {
            report.notes.push(format!(
                "{guessed} new {} a name of more than two words without a comma: the last was taken for the surname.",
                if guessed == 1 { "person has" } else { "people have" }
            ));
        }
        if let Some((_, guess)) = self.list
            && guess.has(Field::Born)
            && guess.days(Field::Born).evidence == Evidence::Mixed
        {
            report.notes.push(
                "Dates of birth are written both ways round; those that could be either were refused.".to_owned(),
            );
        }
        for id in self.desk.reader.active_ids(self.desk.team.id)? {
            report.on_file += 1;
            if self.register.has_met(id) {
                continue;
            }
            report.missing_count += 1;
            if report.missing.len() < NAMED
                && let Some(person) = self.desk.reader.get::<Person>(id)?
            {
                report.missing.push(Missing::of(&person));
            }
        }
        Ok(())
    }
}
