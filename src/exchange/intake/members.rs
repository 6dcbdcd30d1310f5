//! A row of a members list: a professional, whom they work for, and how they belong to the team.

use std::collections::HashMap;

use crate::domain::change::{Change, Mint, Record, add, replace};
use crate::domain::id::OrganisationId;
use crate::domain::member::{Member, Membership};
use crate::domain::organisation::{Organisation, OrganisationKind};
use crate::domain::text::{Line, fold};
use crate::store::fault::Fault;

use super::columns::Guess;
use super::csv::Row;
use super::report::Report;
use super::values;
use super::{Desk, Judge, Objection, Verdict};

/// Judges the rows of a members list. A member is who has the name.
pub struct Members<'d> {
    desk: &'d Desk<'d>,
    guess: &'d Guess,
    mint: Mint,
    members: HashMap<String, Vec<Record<Member>>>,
    organisations: HashMap<String, OrganisationId>,
    seen: HashMap<String, u64>,
    added: i64,
}

struct Given {
    name: Line,
    role: Line,
    organisation: Line,
    kind: Option<OrganisationKind>,
    membership: Option<Membership>,
    phone: Option<Line>,
    email: Option<Line>,
}

impl<'d> Members<'d> {
    /// Reads who and which organisations are on file.
    ///
    /// # Errors
    /// A fault of the team's file.
    pub fn new(desk: &'d Desk<'d>, guess: &'d Guess, mint: Mint) -> Result<Self, Fault> {
        let mut members: HashMap<String, Vec<Record<Member>>> = HashMap::new();
        for member in desk.reader.members(desk.team.id)? {
            members.entry(fold(member.name.as_str())).or_default().push(member);
        }
        let organisations = desk.reader.organisations()?;
        let organisations = organisations.iter().map(|it| (fold(it.name.as_str()), it.id)).collect();
        Ok(Self { desk, guess, mint, members, organisations, seen: HashMap::new(), added: 0 })
    }

    fn line(&self, row: &Row, field: &str) -> Result<Option<Line>, Objection> {
        let object = |reason| Objection { column: self.guess.header_of(field), reason };
        self.guess.cell(row, field).map(values::line).transpose().map_err(object)
    }

    fn need(&self, row: &Row, field: &str) -> Result<Line, Objection> {
        let column = self.guess.header_of(field);
        self.line(row, field)?.ok_or_else(|| Objection { column, reason: "this cannot be blank".to_owned() })
    }

    fn read(&self, row: &Row) -> Result<Given, Objection> {
        let membership = self.guess.cell(row, "membership").map(|cell| {
            values::word(cell).ok_or_else(|| Objection {
                column: self.guess.header_of("membership"),
                reason: "not a membership; write core, extended or by invitation".to_owned(),
            })
        });
        Ok(Given {
            name: self.need(row, "name")?,
            role: self.need(row, "role")?,
            organisation: self.need(row, "organisation")?,
            kind: self.guess.cell(row, "organisation_kind").map(kind),
            membership: membership.transpose()?,
            phone: self.line(row, "phone")?,
            email: self.line(row, "email")?,
        })
    }

    fn organisation(&mut self, given: &Given, changes: &mut Vec<Change>) -> OrganisationId {
        let key = fold(given.organisation.as_str());
        if let Some(id) = self.organisations.get(&key) {
            return *id;
        }
        let id = self.mint.mint();
        let kind = given.kind.unwrap_or(OrganisationKind::Other);
        changes.push(add(id, Organisation { name: given.organisation.clone(), kind, code: None }));
        self.organisations.insert(key, id);
        self.added += 1;
        id
    }

    fn set_out(&mut self, given: Given) -> Verdict {
        let found = self.members.get(&fold(given.name.as_str())).cloned().unwrap_or_default();
        let seen = match found.as_slice() {
            [] => None,
            [one] if one.left_on.is_none() => Some(one),
            [_] => return Verdict::Queued(Objection::to_row("a member of this name has left the team")),
            _ => return Verdict::Queued(Objection::to_row("several members on file have this name")),
        };
        let mut changes = Vec::new();
        let organisation = self.organisation(&given, &mut changes);
        let Some(seen) = seen else {
            let value = Member {
                team: self.desk.team.id,
                name: given.name,
                role: given.role,
                organisation,
                membership: given.membership.unwrap_or(Membership::Core),
                phone: given.phone,
                email: given.email,
                left_on: None,
            };
            changes.push(add(self.mint.mint(), value));
            return Verdict::New(changes);
        };
        let mut now = seen.value.clone();
        now.role = given.role;
        now.organisation = organisation;
        now.membership = given.membership.unwrap_or(now.membership);
        now.phone = given.phone.or(now.phone);
        now.email = given.email.or(now.email);
        if seen.value == now {
            return Verdict::Unchanged;
        }
        changes.push(replace(seen, now));
        Verdict::Changed(changes)
    }
}

/// The kind of body a list names; other where it is none of ours.
fn kind(cell: &str) -> OrganisationKind {
    values::word(cell).unwrap_or(match fold(cell).as_str() {
        "gp practice" | "surgery" | "pcn" | "primary care network" | "general practice" => OrganisationKind::Practice,
        "charity" | "voluntary sector" | "vcse" | "community group" => OrganisationKind::Voluntary,
        "acute" | "hospital" | "hospital trust" => OrganisationKind::AcuteTrust,
        "community" => OrganisationKind::CommunityTrust,
        "mental health" => OrganisationKind::MentalHealthTrust,
        "local authority" | "adult social care" | "social care" => OrganisationKind::Council,
        _ => OrganisationKind::Other,
    })
}

impl Judge for Members<'_> {
    fn judge(&mut self, row: &Row) -> Result<Verdict, Fault> {
        let given = match self.read(row) {
            Ok(given) => given,
            Err(objection) => return Ok(Verdict::Refused(objection)),
        };
        if let Some(line) = self.seen.get(&fold(given.name.as_str())) {
            let column = self.guess.header_of("name");
            return Ok(Verdict::Refused(Objection { column, reason: format!("line {line} has the same name") }));
        }
        self.seen.insert(fold(given.name.as_str()), row.line);
        Ok(self.set_out(given))
    }

    fn mint(&self) -> &Mint {
        &self.mint
    }

    fn conclude(&mut self, report: &mut Report) -> Result<(), Fault> {
        report.organisations = self.added;
        Ok(())
    }
}
