//! A person on the caseload.

use super::band::{Band, Score};
use super::change::{Change, Record, alter};
use super::day::Day;
use super::erasure::{ERASED, not_erased};
use super::id::{HouseholdId, OrganisationId, TeamId};
use super::key_worker::KeyWorker;
use super::nhs_number::NhsNumber;
use super::refusal::Refusal;
use super::sharing::Sharing;
use super::text::{Line, Note, search_words};

words! {
    /// As the source record states it.
    Sex {
        /// Female.
        Female = "female", "female";
        /// Male.
        Male = "male", "male";
        /// Another word was given.
        Other = "other", "other";
        /// Not known or not given.
        Unknown = "unknown", "not known";
    }
}

words! {
    /// Where a person lives.
    Residence {
        /// Not written down.
        NotRecorded = "not recorded", "not recorded";
        /// Their own home.
        OwnHome = "own home", "own home";
        /// With family.
        WithFamily = "with family", "with family";
        /// Sheltered or extra-care housing.
        Sheltered = "sheltered", "sheltered or extra care";
        /// A residential care home.
        CareHome = "care home", "care home";
        /// A nursing home.
        NursingHome = "nursing home", "nursing home";
        /// No settled home.
        NoFixedAbode = "no fixed abode", "no fixed abode";
    }
}

words! {
    /// Whether the person is on the active caseload.
    Standing {
        /// On the caseload.
        Active = "active", "active";
        /// Discharged from the MDT; may come back.
        Discharged = "discharged", "discharged";
        /// Moved away.
        Moved = "moved", "moved away";
        /// Died.
        Died = "died", "died";
    }
}

/// Someone on the caseload.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The team whose caseload it is.
    pub team: TeamId,
    /// NHS number, where known.
    pub nhs_number: Option<NhsNumber>,
    /// Family name, as typed.
    pub surname: Line,
    /// Given names, as typed.
    pub forename: Line,
    /// What they like to be called.
    pub preferred: Option<Line>,
    /// Mr, Mrs, Dr …
    pub title: Option<Line>,
    /// Day of birth.
    pub born: Option<Day>,
    /// Sex, as recorded.
    pub sex: Sex,
    /// Address, one line.
    pub address: Option<Line>,
    /// Postcode.
    pub postcode: Option<Line>,
    /// Telephone.
    pub phone: Option<Line>,
    /// The practice they are registered with.
    pub practice: Option<OrganisationId>,
    /// Named accountable GP; distinct from the key worker.
    pub named_gp: Option<Line>,
    /// Council of residence: the right front door for social care.
    pub council: Option<Line>,
    /// Where they live.
    pub residence: Residence,
    /// Lives alone, where known.
    pub lives_alone: Option<bool>,
    /// Housebound, where known.
    pub housebound: Option<bool>,
    /// People at the same address considered together.
    pub household: Option<HouseholdId>,
    /// Current band of the pyramid of need.
    pub band: Option<Band>,
    /// Since when.
    pub band_on: Option<Day>,
    /// The risk tool's score.
    pub score: Option<Score>,
    /// The risk tool.
    pub score_tool: Option<Line>,
    /// The day of the score.
    pub score_on: Option<Day>,
    /// Electronic frailty index, 0–1.
    pub efi: Option<Score>,
    /// Clinical Frailty Scale, 1–9.
    pub cfs: Option<i64>,
    /// The day of the CFS.
    pub cfs_on: Option<Day>,
    /// Long-term conditions counted by the list.
    pub conditions: Option<i64>,
    /// A&E attendances in the twelve months before the list.
    pub attendances: Option<i64>,
    /// Unplanned admissions in those twelve months.
    pub admissions: Option<i64>,
    /// Out-of-hours contacts in those twelve months.
    pub out_of_hours: Option<i64>,
    /// The last unplanned admission.
    pub admitted_on: Option<Day>,
    /// Safeguarding is open; what the team needs to know about it.
    pub safeguarding: Option<Note>,
    /// A ReSPECT form is in place.
    pub respect: Option<bool>,
    /// On the palliative care register.
    pub palliative: Option<bool>,
    /// The list says there is a carer.
    pub has_carer: Option<bool>,
    /// Sharing basis.
    pub sharing: Sharing,
    /// The day the basis was recorded.
    pub sharing_on: Option<Day>,
    /// Who recorded it.
    pub sharing_by: Option<Line>,
    /// Scope or reason; required for an override.
    pub sharing_note: Option<Note>,
    /// Objects to risk stratification (separate from sharing).
    pub objects_to_risk_lists: bool,
    /// On the caseload, or why not.
    pub standing: Standing,
    /// Since when.
    pub standing_on: Option<Day>,
}

impl Person {
    /// A person of whom only the name is known yet.
    pub fn new(team: TeamId, surname: Line, forename: Line) -> Self {
        Self {
            team,
            nhs_number: None,
            surname,
            forename,
            preferred: None,
            title: None,
            born: None,
            sex: Sex::Unknown,
            address: None,
            postcode: None,
            phone: None,
            practice: None,
            named_gp: None,
            council: None,
            residence: Residence::NotRecorded,
            lives_alone: None,
            housebound: None,
            household: None,
            band: None,
            band_on: None,
            score: None,
            score_tool: None,
            score_on: None,
            efi: None,
            cfs: None,
            cfs_on: None,
            conditions: None,
            attendances: None,
            admissions: None,
            out_of_hours: None,
            admitted_on: None,
            safeguarding: None,
            respect: None,
            palliative: None,
            has_carer: None,
            sharing: Sharing::NotRecorded,
            sharing_on: None,
            sharing_by: None,
            sharing_note: None,
            objects_to_risk_lists: false,
            standing: Standing::Active,
            standing_on: None,
        }
    }

    /// Whether the text about them was lawfully erased.
    pub fn is_erased(&self) -> bool {
        self.surname.as_str() == ERASED && self.forename.as_str() == ERASED
    }

    /// `ADEYEMI, Jean (Jeannie)`.
    pub fn name(&self) -> String {
        if self.is_erased() {
            return ERASED.to_owned();
        }
        let surname = self.surname.as_str().to_uppercase();
        match &self.preferred {
            Some(preferred) if preferred != &self.forename => format!("{surname}, {} ({preferred})", self.forename),
            _ => format!("{surname}, {}", self.forename),
        }
    }

    /// `ADEYEMI, J.` – for an agenda that has no room for more.
    pub fn short_name(&self) -> String {
        if self.is_erased() {
            return ERASED.to_owned();
        }
        let initial: String = self.forename.as_str().chars().take(1).collect();
        format!("{}, {}.", self.surname.as_str().to_uppercase(), initial.to_uppercase())
    }

    /// `J.A.` – for a masked screen.
    pub fn initials(&self) -> String {
        if self.is_erased() {
            return ERASED.to_owned();
        }
        let first = |line: &Line| {
            line.as_str().chars().find(|c| c.is_alphabetic()).map(|c| c.to_uppercase().to_string()).unwrap_or_default()
        };
        format!("{}.{}.", first(&self.forename), first(&self.surname))
    }

    /// What they are called in a sentence: the preferred name, or the forename.
    pub fn called(&self) -> &str {
        self.preferred.as_ref().unwrap_or(&self.forename).as_str()
    }

    /// Age in whole years.
    pub fn age(&self, today: Day) -> Option<i64> {
        self.born.map(|born| born.age_on(today))
    }
}

/// The words a search may find somebody of this name and number by.
pub fn search_text(surname: &str, forename: &str, preferred: Option<&str>, number: Option<NhsNumber>) -> String {
    let mut words = search_words(surname);
    words.extend(search_words(forename));
    words.extend(preferred.map(search_words).unwrap_or_default());
    words.extend(number.map(NhsNumber::digits));
    words.join(" ")
}

/// Takes a person off the active caseload, which ends the time of their key worker, or back on.
///
/// # Errors
/// Refuses a standing the person has already, and a record that was erased.
pub fn set_standing(
    person: &Record<Person>,
    key_worker: Option<&Record<KeyWorker>>,
    standing: Standing,
    on: Day,
) -> Result<Vec<Change>, Refusal> {
    not_erased(person)?;
    if person.standing == standing && person.standing_on == Some(on) {
        return Err(Refusal::new("That is recorded already."));
    }
    let mut changes = vec![alter(person, |it| {
        it.standing = standing;
        it.standing_on = Some(on);
    })];
    if let Some(current) = key_worker.filter(|_| standing != Standing::Active) {
        changes.push(alter(current, |period| {
            period.until = Some(on.max(period.since));
            period.ended_why = Line::parse("off the caseload").ok();
        }));
    }
    Ok(changes)
}
