//! What an erasure would take, what it cannot reach, whose time is over, and what was erased before.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::domain::Word as _;
use crate::domain::change::{NounKind, Record, RecordId as _};
use crate::domain::day::Day;
use crate::domain::disclosure::Disclosure;
use crate::domain::erasure::{ERASED, Erasure, is_due};
use crate::domain::hold::Hold;
use crate::domain::id::{MinutesId, PersonId, TeamId};
use crate::domain::minutes::Minutes;
use crate::domain::person::Person;

use super::super::Reader;
use super::super::backup::{Entry, folder_of};
use super::super::fault::Fault;
use super::super::find::several;
use super::super::log::{StepKind, hex};
use super::drafts::{holds, words};
use super::gather::{gather, minutes_about};
use super::texts::OF_A_PERSON;

/// What an erasure would take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreseen {
    /// How many records of each noun say something about the person.
    pub records: Vec<(NounKind, usize)>,
    /// Half-typed texts.
    pub drafts: usize,
    /// Half-typed texts about others, or about nobody on file, that have the surname or the number in them. They stay.
    pub drafts_naming: usize,
    /// Sealed minutes of which a part is about them.
    pub minutes: Vec<MinutesId>,
}

/// Somebody else's record, or one about nobody, that has the person's surname in it. It is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// What kind of record.
    pub noun: NounKind,
    /// Which.
    pub row: i64,
    /// Whose, if anybody's.
    pub person: Option<PersonId>,
}

impl Reader {
    /// What an erasure of this person would take.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn erasure_foreseen(&self, person: PersonId, today: Day) -> Result<Foreseen, Fault> {
        let found = gather(&self.db, person, today)?;
        let mut records: Vec<(NounKind, usize)> = Vec::new();
        for change in &found.changes {
            match records.iter_mut().find(|(noun, _)| *noun == change.noun) {
                Some((_, count)) => *count += 1,
                None => records.push((change.noun, 1)),
            }
        }
        let (drafts, drafts_naming) = (found.drafts.theirs.len(), found.drafts.naming);
        Ok(Foreseen { records, drafts, drafts_naming, minutes: minutes_about(&self.db, person.raw())? })
    }

    /// The first step that says anything of this person, or of what belongs to them.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn first_step_about(&self, person: PersonId, today: Day) -> Result<Option<i64>, Fault> {
        let mut first = None;
        let sql = "SELECT min(step) FROM change WHERE noun = ?1 AND row = ?2";
        let mut select = self.db.prepare_cached(sql)?;
        for (noun, row) in gather(&self.db, person, today)?.rows {
            let step: Option<i64> = select.query_row(params![noun.code(), row], |row| row.get(0))?;
            first = [first, step].into_iter().flatten().min();
        }
        Ok(first)
    }

    /// Whether a copy that ends at this step, of this hash, is of this very log: what it holds is then known.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn goes_on_from(&self, copy: &Entry) -> Result<bool, Fault> {
        let hash: Option<Vec<u8>> = self
            .db
            .prepare_cached("SELECT hash FROM step WHERE seq = ?1")?
            .query_row([copy.seq], |row| row.get(0))
            .optional()?;
        Ok(copy.file_uuid == self.file_uuid && hash.is_some_and(|hash| hex(&hash) == copy.head))
    }

    /// The newest erasure, by its step; and how many copies on our list, and there, were made before it.
    ///
    /// # Errors
    /// Any fault of the disk, or of the list.
    pub fn copies_before_erasure(&self) -> Result<Option<(i64, usize)>, Fault> {
        let newest = "SELECT max(seq) FROM step WHERE kind = ?1";
        let newest: Option<i64> = self.db.query_row(newest, [StepKind::Erase.code()], |row| row.get(0))?;
        let Some(newest) = newest else { return Ok(None) };
        let (folder, list) = (folder_of(&self.path), self.copies()?);
        let mut older = 0;
        for copy in list.of_file(&self.file_uuid) {
            let since = copy.seq >= newest && self.goes_on_from(copy)?;
            older += usize::from(!since && !copy.thinned && folder.join(&copy.name).is_file());
        }
        Ok(Some((newest, older)))
    }

    /// Sealed minutes of which a part is about this person.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn minutes_about(&self, person: PersonId) -> Result<Vec<Record<Minutes>>, Fault> {
        let mut out = Vec::new();
        for id in minutes_about(&self.db, person.raw())? {
            out.extend(self.get(id)?);
        }
        Ok(out)
    }

    /// Every sealed minutes there are, and whether the person was on the agenda of that meeting.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn each_sealed_minutes(
        &self,
        person: PersonId,
        mut each: impl FnMut(Record<Minutes>, bool),
    ) -> Result<(), Fault> {
        let sql = "SELECT m.id, EXISTS (SELECT 1 FROM agenda_item a WHERE a.meeting = m.meeting AND a.person = ?1) FROM minutes m ORDER BY m.id";
        let all: Vec<(i64, bool)> = self
            .db
            .prepare(sql)?
            .query_map([person.raw()], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (id, on_agenda) in all {
            if let Some(minutes) = self.get(MinutesId::from_raw(id))? {
                each(minutes, on_agenda);
            }
        }
        Ok(())
    }

    /// Holds on a person's record, those that stand first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn holds(&self, person: PersonId) -> Result<Vec<Record<Hold>>, Fault> {
        several(&self.db, "WHERE t.person = ?1 ORDER BY t.lifted_on IS NOT NULL, t.\"on\", t.id", [person.raw()])
    }

    /// Every hold on anybody of a team, those that stand first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn all_holds(&self, team: TeamId) -> Result<Vec<Record<Hold>>, Fault> {
        several(
            &self.db,
            "WHERE t.person IN (SELECT id FROM person WHERE team = ?1) ORDER BY t.lifted_on IS NOT NULL, t.\"on\", t.id",
            [team.raw()],
        )
    }

    /// The erasure of a person's record, where it was erased.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn erasure_of(&self, person: PersonId) -> Result<Option<Record<Erasure>>, Fault> {
        Ok(several(&self.db, "WHERE t.person = ?1 ORDER BY t.id DESC LIMIT 1", [person.raw()])?.into_iter().next())
    }

    /// The erasures that took a part out of these minutes, newest first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn erasures_in(&self, minutes: MinutesId) -> Result<Vec<Record<Erasure>>, Fault> {
        several(
            &self.db,
            "WHERE EXISTS (SELECT 1 FROM json_each(t.minutes) j WHERE j.value = ?1) ORDER BY t.at DESC, t.id DESC",
            [minutes.raw()],
        )
    }

    /// Everybody of a team who left the caseload and whose time of retention is over today, longest ago first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn past_retention(&self, team: TeamId, years: i64, today: Day) -> Result<Vec<Record<Person>>, Fault> {
        let gone: Vec<Record<Person>> = several(
            &self.db,
            "WHERE t.team = ?1 AND t.standing IN ('discharged', 'moved', 'died') AND t.standing_on <= ?2 AND t.surname <> ?3
             ORDER BY t.standing_on, t.id",
            params![team.raw(), today.plus_years(-years).plus(1).iso(), ERASED],
        )?;
        Ok(gone.into_iter().filter(|person| is_due(person, years, today)).collect())
    }

    /// What left the building and spoke of this person, newest first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn disclosures_about(&self, person: PersonId) -> Result<Vec<Record<Disclosure>>, Fault> {
        several(
            &self.db,
            "WHERE EXISTS (SELECT 1 FROM json_each(t.people) j WHERE j.value = ?1) ORDER BY t.at DESC, t.id DESC",
            [person.raw()],
        )
    }

    /// Records of others, and of nobody, in which this surname stands as a word.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn mentions(&self, person: PersonId, surname: &str) -> Result<Vec<Mention>, Fault> {
        let wanted: Vec<String> = words(surname);
        let mut out = Vec::new();
        if wanted.is_empty() {
            return Ok(out);
        }
        for noun in OF_A_PERSON.into_iter().chain([NounKind::Addendum, NounKind::Household, NounKind::Person]) {
            mentions_in(&self.db, noun, person, &wanted, &mut out)?;
        }
        Ok(out)
    }
}

/// The columns of a noun that hold free text.
fn free_text(noun: NounKind) -> &'static [&'static str] {
    match noun {
        NounKind::Person => &["safeguarding", "sharing_note"],
        NounKind::BandEntry => &["reason"],
        NounKind::Objection => &["note"],
        NounKind::Carer => &["name", "relation", "needs", "crisis"],
        NounKind::Plan => &["matters", "strengths", "needs", "trigger", "response", "contact", "agreed_with"],
        NounKind::Goal => &["words", "note"],
        NounKind::Nomination => {
            &["asked_by", "reason", "question", "situation", "background", "assessment", "recommendation", "triage_why"]
        }
        NounKind::AgendaItem => &["title", "reasons", "question", "outcome_why"],
        NounKind::Discussion => {
            &["situation", "action_to_date", "update", "next_steps", "telling_waived", "objection_why", "gaps_why"]
        }
        NounKind::Action => &["what", "state_note"],
        NounKind::Household => &["name", "note"],
        NounKind::Addendum => &["text"],
        NounKind::KeyWorker
        | NounKind::QueuedRow
        | NounKind::Proposal
        | NounKind::Activity
        | NounKind::Team
        | NounKind::Organisation
        | NounKind::Member
        | NounKind::Meeting
        | NounKind::Attendance
        | NounKind::Minutes
        | NounKind::Intake
        | NounKind::Service
        | NounKind::Disclosure
        | NounKind::WrittenBack
        | NounKind::Viewing
        | NounKind::Hold
        | NounKind::Joining
        | NounKind::Erasure => &[],
    }
}

fn mentions_in(
    db: &Connection,
    noun: NounKind,
    person: PersonId,
    wanted: &[String],
    out: &mut Vec<Mention>,
) -> Result<(), Fault> {
    let columns = free_text(noun);
    if columns.is_empty() {
        return Ok(());
    }
    let whose = match noun {
        NounKind::Person => "id",
        NounKind::Addendum | NounKind::Household => "NULL",
        _ => "person",
    };
    let texts: Vec<String> = columns.iter().map(|column| format!("coalesce(\"{column}\", '')")).collect();
    let sql = format!(
        "SELECT id, {whose}, {} FROM {} WHERE {whose} IS NOT ?1 ORDER BY id",
        texts.join(" || ' ' || "),
        noun.code()
    );
    let mut select = db.prepare(&sql)?;
    let mut rows = select.query([person.raw()])?;
    while let Some(row) = rows.next()? {
        let said = words(row.get_ref(2)?.as_str().unwrap_or_default());
        if holds(&said, wanted) {
            let whose: Option<i64> = row.get(1)?;
            out.push(Mention { noun, row: row.get(0)?, person: whose.map(PersonId::from_raw) });
        }
    }
    Ok(())
}
