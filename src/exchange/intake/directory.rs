//! A row of a directory of services. A service is what has the name, of the organisation the list gives.

use std::collections::HashMap;

use crate::domain::change::{Mint, Record, add, replace};
use crate::domain::service::Service;
use crate::domain::text::{Note, fold};
use crate::store::fault::Fault;

use super::cells::{Cells, Sieve};
use super::field::Field;
use super::report::{Difference, Report};
use super::{Desk, Judge, Objection, Verdict};

/// Judges the rows of a directory.
pub struct Directory<'d> {
    desk: &'d Desk<'d>,
    mint: Mint,
    on_file: HashMap<(String, String), Record<Service>>,
    seen: HashMap<(String, String), u64>,
}

impl<'d> Directory<'d> {
    /// Reads the services on file.
    ///
    /// # Errors
    /// A fault of the team's file.
    pub(super) fn new(desk: &'d Desk<'d>, mint: Mint) -> Result<Self, Fault> {
        let services = desk.reader.services()?;
        let on_file = services.into_iter().map(|service| (key(&service), service)).collect();
        Ok(Self { desk, mint, on_file, seen: HashMap::new() })
    }
}

fn key(service: &Service) -> (String, String) {
    let organisation = service.organisation.as_ref().map(|it| fold(it.as_str())).unwrap_or_default();
    (fold(service.name.as_str()), organisation)
}

impl Judge for Directory<'_> {
    fn judge(&mut self, cells: Cells<'_>, line: u64) -> Result<Verdict, super::Trouble> {
        let it = Sieve::new(cells, self.desk.now.today);
        let name = it.need(Field::ServiceName);
        let given = name.map(|name| Service {
            name,
            organisation: it.line(Field::Organisation),
            about: it.take(Field::About, |cell| Note::parse(cell).map_err(|why| why.to_string())),
            needs: it.line(Field::Needs),
            eligibility: it.line(Field::Eligibility),
            phone: it.line(Field::Phone),
            email: it.line(Field::Email),
            website: it.line(Field::Website),
            checked_on: it.past(Field::CheckedOn),
            capacity: it.line(Field::Capacity),
            closed_on: None,
        });
        let faults = it.faults();
        let given = match given {
            Some(given) if faults.is_empty() => given,
            _ => return Ok(Verdict::Refused(faults)),
        };
        if let Some(earlier) = self.seen.insert(key(&given), line) {
            let why = format!("line {earlier} has the same service of the same organisation");
            return Ok(Verdict::Refused(vec![Objection::to_row(why)]));
        }
        let Some(known) = self.on_file.get(&key(&given)) else {
            return Ok(Verdict::New(vec![add(self.mint.mint(), given)]));
        };
        // An older list must not put what was known before in the place of what was checked since.
        if matches!((known.checked_on, given.checked_on), (Some(there), Some(here)) if here < there) {
            return Ok(Verdict::Unchanged(Vec::new()));
        }
        let old = known.value.clone();
        let now = Service {
            name: old.name.clone(),
            organisation: old.organisation.clone(),
            about: given.about.or(old.about.clone()),
            needs: given.needs.or(old.needs.clone()),
            eligibility: given.eligibility.or(old.eligibility.clone()),
            phone: given.phone.or(old.phone.clone()),
            email: given.email.or(old.email.clone()),
            website: given.website.or(old.website.clone()),
            checked_on: given.checked_on.or(old.checked_on),
            capacity: given.capacity.or(old.capacity.clone()),
            closed_on: old.closed_on,
        };
        if now == old {
            return Ok(Verdict::Unchanged(Vec::new()));
        }
        let mut difference = Difference::default();
        for (field, differs) in [
            ("description", now.about != old.about),
            ("needs", now.needs != old.needs),
            ("eligibility", now.eligibility != old.eligibility),
            ("telephone", now.phone != old.phone),
            ("e-mail", now.email != old.email),
            ("website", now.website != old.website),
            ("last checked", now.checked_on != old.checked_on),
            ("capacity", now.capacity != old.capacity),
        ] {
            if differs {
                difference.also(field);
            }
        }
        Ok(Verdict::Changed(vec![replace(known, now)], Box::new(difference)))
    }

    fn mint(&self) -> &Mint {
        &self.mint
    }

    fn conclude(&mut self, _report: &mut Report) -> Result<(), Fault> {
        Ok(())
    }
}
