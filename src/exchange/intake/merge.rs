//! Puts what a list knows of somebody into what is on file: an empty cell never erases, an older score never replaces a newer.

use crate::domain::day::Day;
use crate::domain::person::{Person, Residence, Sex};
use crate::domain::text::Line;

use super::given::Given;
use super::names::{same_but_for_lost_letters, same_words};

/// Puts what the list knows into the person; what it does not know stays.
///
/// `may_have_number` is false where somebody else on file has the number of the row.
pub(super) fn merge(now: &mut Person, given: &Given, may_have_number: bool) {
    let same = |a: &Line, b: &Line| same_but_for_lost_letters(a, b);
    let who = &given.who;
    // `SMITH` and `Smith` are one name, and so is a name taken apart in another place: the team's way of writing it stays.
    let as_written = now.surname == who.surname && now.forename == who.forename;
    if !as_written && !same_words((&now.surname, &now.forename), (&who.surname, &who.forename)) {
        if !same(&now.surname, &who.surname) {
            now.surname = who.surname.clone();
        }
        if !same(&now.forename, &who.forename) {
            now.forename = who.forename.clone();
        }
    }
    now.nhs_number = now.nhs_number.or(who.number.filter(|_| may_have_number));
    now.born = now.born.or(who.born);
    now.sex = given.sex.filter(|sex| *sex != Sex::Unknown).unwrap_or(now.sex);
    fill(&mut now.preferred, who.preferred.as_ref());
    fill(&mut now.title, who.title.as_ref());
    fill(&mut now.address, given.address.as_ref());
    fill(&mut now.postcode, given.postcode.as_ref());
    fill(&mut now.phone, given.phone.as_ref());
    fill(&mut now.named_gp, given.named_gp.as_ref());
    fill(&mut now.council, given.council.as_ref());
    // An older list must not put an older score in the place of a newer one.
    let older =
        |there: Option<Day>, here: Option<Day>| matches!((there, here), (Some(there), Some(here)) if here < there);
    if !older(now.score_on, given.score_on) {
        // A tool and a day go with their score: without one, the tool only says where the band comes from.
        if given.score.is_some() {
            if now.score != given.score {
                now.score_on = given.score_on;
            }
            fill(&mut now.score_tool, given.tool.as_ref());
        }
        fill(&mut now.score, given.score.as_ref());
        fill(&mut now.score_on, given.score_on.as_ref());
        fill(&mut now.efi, given.efi.as_ref());
        fill(&mut now.conditions, given.conditions.as_ref());
        fill(&mut now.attendances, given.attendances.as_ref());
        fill(&mut now.admissions, given.admissions.as_ref());
        fill(&mut now.out_of_hours, given.out_of_hours.as_ref());
    }
    if !older(now.cfs_on, given.cfs_on) {
        if given.cfs.is_some() && now.cfs != given.cfs {
            now.cfs_on = given.cfs_on;
        }
        fill(&mut now.cfs, given.cfs.as_ref());
        fill(&mut now.cfs_on, given.cfs_on.as_ref());
    }
    if !older(now.admitted_on, given.admitted_on) {
        fill(&mut now.admitted_on, given.admitted_on.as_ref());
    }
    fill(&mut now.lives_alone, given.lives_alone.as_ref());
    fill(&mut now.housebound, given.housebound.as_ref());
    fill(&mut now.has_carer, given.has_carer.as_ref());
    // A list that does not know of a ReSPECT form or of palliative care does not take it away.
    now.respect = affirm(now.respect, given.respect);
    now.palliative = affirm(now.palliative, given.palliative);
    if let Some(residence) = given.residence {
        now.residence = residence;
    } else if given.care_home == Some(true) && now.residence != Residence::NursingHome {
        now.residence = Residence::CareHome;
    }
}

fn fill<T: Clone>(slot: &mut Option<T>, given: Option<&T>) {
    if given.is_some() {
        *slot = given.cloned();
    }
}

fn affirm(known: Option<bool>, given: Option<bool>) -> Option<bool> {
    if known == Some(true) { known } else { given.or(known) }
}
