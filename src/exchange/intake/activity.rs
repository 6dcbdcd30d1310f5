//! A row of an activity list: one use of a service by somebody on file. Matched by NHS number alone.

use std::collections::HashMap;

use crate::domain::activity::{Activity, ActivityKind};
use crate::domain::change::{Mint, Record, add, replace};
use crate::domain::day::Day;
use crate::domain::id::PersonId;
use crate::domain::text::{Line, fold};
use crate::store::fault::Fault;

use super::cells::{Cells, Sieve};
use super::field::Field;
use super::matching::Register;
use super::report::{Difference, Report};
use super::values::{self, Why};
use super::{Desk, Judge, Objection, Verdict};

/// Judges the rows of an activity list.
pub struct ActivityList<'d> {
    desk: &'d Desk<'d>,
    mint: Mint,
    register: Register<'d>,
    /// What the person of the last row has on file: lists come person by person.
    last: Option<(PersonId, Vec<Record<Activity>>)>,
    seen: HashMap<(PersonId, ActivityKind, Day, String), u64>,
    /// Rows whose kind is none of ours.
    others: u64,
}

impl<'d> ActivityList<'d> {
    /// Reads who is on file.
    ///
    /// # Errors
    /// A fault of the team's file.
    pub(super) fn new(desk: &'d Desk<'d>, mint: Mint) -> Result<Self, Fault> {
        let register = Register::new(desk)?;
        Ok(Self { desk, mint, register, last: None, seen: HashMap::new(), others: 0 })
    }

    fn on_file(&mut self, person: PersonId) -> Result<&[Record<Activity>], Fault> {
        if self.last.as_ref().is_none_or(|(last, _)| *last != person) {
            // The first day of all: a person has at most a few hundred of them.
            let start = Day::new(1900, 1, 1).unwrap_or(self.desk.now.today);
            self.last = Some((person, self.desk.reader.activity_since(person, start)?));
        }
        Ok(self.last.as_ref().map(|(_, known)| known.as_slice()).unwrap_or_default())
    }
}

impl Judge for ActivityList<'_> {
    fn judge(&mut self, cells: Cells<'_>, line: u64) -> Result<Verdict, super::Trouble> {
        let it = Sieve::new(cells, self.desk.now.today);
        let number = match cells.get(Field::NhsNumber) {
            Some(_) => it.take(Field::NhsNumber, values::nhs_number),
            None => {
                it.object(Field::NhsNumber, "this cannot be blank");
                None
            }
        };
        let said = it.need(Field::ActivityKind);
        let on = match cells.get(Field::StartedOn) {
            Some(_) => it.past(Field::StartedOn),
            None => {
                it.object(Field::StartedOn, "this cannot be blank");
                None
            }
        };
        let until = it.past(Field::EndedOn);
        let (provider, source, born) = (it.line(Field::Provider), it.line(Field::Source), it.born());
        if let (Some(on), Some(until)) = (on, until)
            && until < on
        {
            it.object(Field::EndedOn, "it ends before it begins; expected a day from the first on");
        }
        let faults = it.faults();
        let (Some(number), Some(said), Some(on)) = (number, said, on) else { return Ok(Verdict::Refused(faults)) };
        if !faults.is_empty() {
            return Ok(Verdict::Refused(faults));
        }
        let object = |field: Field, reason: &str| {
            let value = cells.get(field).map(str::to_owned);
            Verdict::Refused(vec![Objection { column: cells.header(field), value, reason: reason.to_owned() }])
        };
        let Some(person) = self.register.by_number(number)? else {
            return Ok(object(Field::NhsNumber, "nobody on file has this NHS number"));
        };
        if matches!((born, person.born), (Some(here), Some(there)) if here != there) {
            return Ok(object(Field::Born, "the person on file with this NHS number has another date of birth"));
        }
        let kind = kind(said.as_str()).unwrap_or_else(|_| {
            self.others += 1;
            ActivityKind::Other
        });
        // A word of the list that is none of ours is kept beside the source.
        let source = match (source, kind) {
            (Some(source), ActivityKind::Other) => Line::parse(&format!("{source}: {said}")).unwrap_or(source),
            (None, ActivityKind::Other) => said,
            (Some(source), _) => source,
            (None, _) => Line::parse("activity list").unwrap_or(said),
        };
        let place = provider.as_ref().map(|provider| fold(provider.as_str())).unwrap_or_default();
        let stay = until.map(Day::iso).unwrap_or_default();
        if let Some(earlier) = self.seen.insert((person.id, kind, on, format!("{place}|{stay}|{source}")), line) {
            let why = format!("line {earlier} has the same person, kind, day and place");
            return Ok(Verdict::Refused(vec![Objection::to_row(why)]));
        }
        let activity = Activity { person: person.id, kind, on, until, provider, source };
        let same = |known: &&Record<Activity>| {
            known.kind == kind
                && known.on == on
                && known.provider.as_ref().map(|it| fold(it.as_str())).unwrap_or_default() == place
                && (known.until == until || known.until.is_none() || until.is_none())
                && (kind != ActivityKind::Other || known.source == activity.source)
        };
        let known = self.on_file(person.id)?.iter().find(same).cloned();
        Ok(match known {
            None => Verdict::New(vec![add(self.mint.mint(), activity)]),
            // The end of a stay comes later than its beginning.
            Some(known) if known.until.is_none() && until.is_some() => {
                let mut difference = Difference::default();
                difference.also("end date");
                Verdict::Changed(vec![replace(&known, Activity { until, ..known.value.clone() })], Box::new(difference))
            }
            Some(_) => Verdict::Unchanged(Vec::new()),
        })
    }

    fn mint(&self) -> &Mint {
        &self.mint
    }

    fn conclude(&mut self, report: &mut Report) -> Result<(), Fault> {
        // What the list calls it may be anything: it is kept with the record, and not repeated here.
        if self.others > 0 {
            report.notes.push(format!(
                "{} of no kind of activity known here: taken as “other contact”, the list's word kept beside it.",
                if self.others == 1 { "1 row is".to_owned() } else { format!("{} rows are", self.others) }
            ));
        }
        Ok(())
    }
}

/// The kind of activity a list names.
fn kind(cell: &str) -> Result<ActivityKind, Why> {
    if let Some(kind) = values::word(cell) {
        return Ok(kind);
    }
    let words: String = fold(cell).chars().map(|c| if c.is_alphanumeric() || c == '&' { c } else { ' ' }).collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(match words.as_str() {
        "a&e"
        | "ae"
        | "a & e"
        | "ed"
        | "ed attendance"
        | "a&e attendance"
        | "ae attendance"
        | "emergency department"
        | "emergency department attendance"
        | "type 1 ed"
        | "accident and emergency"
        | "uec"
        | "mi u"
        | "miu"
        | "utc" => ActivityKind::Emergency,
        "emergency admission"
        | "unplanned admission"
        | "non elective admission"
        | "non elective"
        | "nel"
        | "nea"
        | "emergency hospital admission"
        | "unplanned"
        | "admission emergency" => ActivityKind::Admission,
        "ooh"
        | "ooh contact"
        | "out of hours"
        | "out of hours contact"
        | "gp out of hours"
        | "gp ooh"
        | "ooh gp"
        | "ooh gp contact" => ActivityKind::OutOfHours,
        "999" | "999 call" | "ambulance" | "ambulance call" | "ambulance conveyance" | "ambulance attendance" => {
            ActivityKind::Ambulance
        }
        "111" | "nhs 111" | "111 call" | "nhs 111 call" | "111 contact" | "ias" => ActivityKind::OneOneOne,
        "gp" | "gp contact" | "gp appointment" | "gp consultation" | "primary care contact" | "practice contact" => {
            ActivityKind::Practice
        }
        "community"
        | "community contact"
        | "district nurse"
        | "community nursing contact"
        | "district nurse visit"
        | "community nursing" => ActivityKind::Community,
        _ => return Err("not a kind of activity".to_owned()),
    })
}
