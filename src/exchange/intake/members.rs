//! A row of a members list: a professional, whom they work for, and how they belong to the team.

use std::collections::HashMap;

use crate::domain::change::{Change, Mint, Record, add, replace};
use crate::domain::id::OrganisationId;
use crate::domain::member::{Member, Membership};
use crate::domain::organisation::{Organisation, OrganisationKind};
use crate::domain::text::{Line, fold};
use crate::store::fault::Fault;

use super::cells::{Cells, Sieve};
use super::field::Field;
use super::report::{Difference, Report};
use super::values;
use super::{Desk, Judge, Objection, Verdict};

/// Judges the rows of a members list. A member is who has the name.
pub struct Members<'d> {
    desk: &'d Desk<'d>,
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
    pub(super) fn new(desk: &'d Desk<'d>, mint: Mint) -> Result<Self, Fault> {
        let mut members: HashMap<String, Vec<Record<Member>>> = HashMap::new();
        for member in desk.reader.members(desk.team.id)? {
            members.entry(fold(member.name.as_str())).or_default().push(member);
        }
        let organisations = desk.reader.organisations()?;
        let organisations = organisations.iter().map(|it| (fold(it.name.as_str()), it.id)).collect();
        Ok(Self { desk, mint, members, organisations, seen: HashMap::new(), added: 0 })
    }

    fn read(&self, cells: Cells<'_>) -> Result<Given, Vec<Objection>> {
        let it = Sieve::new(cells, self.desk.now.today);
        let (name, role, organisation) = (it.need(Field::Name), it.need(Field::Role), it.need(Field::Organisation));
        let membership = it.take(Field::Membership, |cell| {
            values::word(cell).ok_or_else(|| "not a membership; expected core, extended or by invitation".to_owned())
        });
        let kind = cells.get(Field::OrganisationKind).map(kind);
        let (phone, email) = (it.line(Field::Phone), it.line(Field::Email));
        let faults = it.faults();
        match (name, role, organisation) {
            (Some(name), Some(role), Some(organisation)) if faults.is_empty() => {
                Ok(Given { name, role, organisation, kind, membership, phone, email })
            }
            _ => Err(faults),
        }
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
            [_] => {
                return refused("a member of this name has left the team; if they are back, say so on the Team screen");
            }
            _ => return refused("several members on file have this name; change them on the Team screen"),
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
            return Verdict::Unchanged(changes);
        }
        let mut difference = Difference::default();
        for (field, differs) in [
            ("role", now.role != seen.role),
            ("organisation", now.organisation != seen.organisation),
            ("membership", now.membership != seen.membership),
            ("telephone", now.phone != seen.phone),
            ("e-mail", now.email != seen.email),
        ] {
            if differs {
                difference.also(field);
            }
        }
        changes.push(replace(seen, now));
        Verdict::Changed(changes, Box::new(difference))
    }
}

fn refused(why: &str) -> Verdict {
    Verdict::Refused(vec![Objection::to_row(why)])
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
    fn judge(&mut self, cells: Cells<'_>, line: u64) -> Result<Verdict, super::Trouble> {
        let given = match self.read(cells) {
            Ok(given) => given,
            Err(objections) => return Ok(Verdict::Refused(objections)),
        };
        if let Some(earlier) = self.seen.insert(fold(given.name.as_str()), line) {
            let value = cells.get(Field::Name).map(str::to_owned);
            let reason = format!("line {earlier} has the same name; expected one row for each member");
            return Ok(Verdict::Refused(vec![Objection { column: cells.header(Field::Name), value, reason }]));
        }
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
