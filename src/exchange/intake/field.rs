//! The fields that columns of a list can be taken for, and which of them each kind of list needs.

use crate::domain::intake::IntakeKind;

words! {
    /// What a column holds. The code is the name in `assets/columns.toml` and in saved mappings.
    Field {
        /// NHS number.
        NhsNumber = "nhs_number", "NHS number";
        /// Surname and forename in one cell.
        FullName = "full_name", "full name";
        /// Family name.
        Surname = "surname", "surname";
        /// Given names.
        Forename = "forename", "forename";
        /// What they like to be called.
        Preferred = "preferred", "preferred name";
        /// Mr, Mrs …
        Title = "title", "title";
        /// Day of birth.
        Born = "born", "date of birth";
        /// Sex or gender.
        Sex = "sex", "sex";
        /// Address.
        Address = "address", "address";
        /// Postcode.
        Postcode = "postcode", "postcode";
        /// Telephone.
        Phone = "phone", "telephone";
        /// The practice's code.
        PracticeCode = "practice_code", "practice code";
        /// The practice's name.
        PracticeName = "practice_name", "practice";
        /// Named accountable GP.
        NamedGp = "named_gp", "named GP";
        /// Council of residence.
        Council = "council", "council";
        /// Where the person lives.
        Residence = "residence", "residence";
        /// The list's own band.
        Band = "band", "band";
        /// The risk tool's score.
        Score = "score", "risk score";
        /// The risk tool.
        Tool = "tool", "risk tool";
        /// The day of the score.
        ScoreOn = "score_on", "date of score";
        /// Electronic frailty index.
        Efi = "efi", "eFI";
        /// The frailty index in a word.
        EfiCategory = "efi_category", "eFI category";
        /// Clinical Frailty Scale.
        Cfs = "cfs", "Clinical Frailty Scale";
        /// The day of that.
        CfsOn = "cfs_on", "date of frailty scale";
        /// Long-term conditions.
        Conditions = "conditions", "long-term conditions";
        /// A&E attendances in twelve months.
        Attendances = "attendances", "A&E attendances, 12 months";
        /// Unplanned admissions in twelve months.
        Admissions = "admissions", "unplanned admissions, 12 months";
        /// Out-of-hours contacts in twelve months.
        OutOfHours = "out_of_hours", "out-of-hours contacts, 12 months";
        /// The last unplanned admission.
        AdmittedOn = "admitted_on", "last admission";
        /// Lives alone.
        LivesAlone = "lives_alone", "lives alone";
        /// Housebound.
        Housebound = "housebound", "housebound";
        /// Has a carer.
        HasCarer = "has_carer", "has a carer";
        /// Lives in a care home.
        CareHome = "care_home", "care home";
        /// On the palliative register.
        Palliative = "palliative", "palliative register";
        /// A ReSPECT form is in place.
        Respect = "respect", "ReSPECT";
        /// The key worker the list names.
        Coordinator = "coordinator", "key worker";
        /// Consent or objection to sharing.
        Sharing = "sharing", "sharing basis";
        /// Objection to risk stratification.
        RiskObjection = "risk_objection", "objects to risk lists";
        /// Who asks.
        Referrer = "referrer", "who asks";
        /// Their role.
        ReferrerRole = "referrer_role", "role of who asks";
        /// The day they asked.
        NominatedOn = "nominated_on", "date of nomination";
        /// Whether the person was told.
        Told = "told", "person told";
        /// Why.
        Reason = "reason", "reason";
        /// The question for the team.
        Question = "question", "question for the team";
        /// SBAR: situation.
        Situation = "situation", "situation";
        /// SBAR: background.
        Background = "background", "background";
        /// SBAR: assessment.
        Assessment = "assessment", "assessment";
        /// SBAR: recommendation.
        Recommendation = "recommendation", "recommendation";
        /// How soon.
        Urgency = "urgency", "urgency";
        /// A member's name.
        Name = "name", "name";
        /// A member's role.
        Role = "role", "role";
        /// The organisation.
        Organisation = "organisation", "organisation";
        /// What kind of body it is.
        OrganisationKind = "organisation_kind", "kind of organisation";
        /// Core, extended or by invitation.
        Membership = "membership", "membership";
        /// E-mail.
        Email = "email", "e-mail";
        /// What was used.
        ActivityKind = "activity_kind", "kind of activity";
        /// The day, or the first day.
        StartedOn = "started_on", "date of activity";
        /// The last day.
        EndedOn = "ended_on", "end date";
        /// Where.
        Provider = "provider", "provider";
        /// Which data set says so.
        Source = "source", "source";
        /// What a service is called.
        ServiceName = "service_name", "service";
        /// What it does.
        About = "about", "description";
        /// What it helps with.
        Needs = "needs", "needs";
        /// Who may use it.
        Eligibility = "eligibility", "eligibility";
        /// Website.
        Website = "website", "website";
        /// When it was last checked.
        CheckedOn = "checked_on", "last checked";
        /// Room it has.
        Capacity = "capacity", "capacity";
    }
}

impl Field {
    /// Whether its cells are days.
    pub fn is_day(self) -> bool {
        matches!(
            self,
            Self::Born
                | Self::ScoreOn
                | Self::CfsOn
                | Self::AdmittedOn
                | Self::NominatedOn
                | Self::StartedOn
                | Self::EndedOn
                | Self::CheckedOn
        )
    }
}

/// The fields a list of this kind can have, in the order a person is shown them.
pub fn fields_of(kind: IntakeKind) -> &'static [Field] {
    use Field as F;
    match kind {
        IntakeKind::Caseload => &[
            F::NhsNumber,
            F::FullName,
            F::Surname,
            F::Forename,
            F::Preferred,
            F::Title,
            F::Born,
            F::Sex,
            F::Address,
            F::Postcode,
            F::Phone,
            F::PracticeCode,
            F::PracticeName,
            F::NamedGp,
            F::Council,
            F::Residence,
            F::Band,
            F::Score,
            F::Tool,
            F::ScoreOn,
            F::Efi,
            F::EfiCategory,
            F::Cfs,
            F::CfsOn,
            F::Conditions,
            F::Attendances,
            F::Admissions,
            F::OutOfHours,
            F::AdmittedOn,
            F::LivesAlone,
            F::Housebound,
            F::HasCarer,
            F::CareHome,
            F::Palliative,
            F::Respect,
            F::Coordinator,
            F::Sharing,
            F::RiskObjection,
        ],
        IntakeKind::Nominations => &[
            F::NhsNumber,
            F::FullName,
            F::Surname,
            F::Forename,
            F::Born,
            F::PracticeCode,
            F::PracticeName,
            F::Referrer,
            F::ReferrerRole,
            F::NominatedOn,
            F::Told,
            F::Reason,
            F::Question,
            F::Situation,
            F::Background,
            F::Assessment,
            F::Recommendation,
            F::Urgency,
        ],
        IntakeKind::Members => {
            &[F::Name, F::Role, F::Organisation, F::OrganisationKind, F::Membership, F::Phone, F::Email]
        }
        IntakeKind::Activity => {
            &[F::NhsNumber, F::Born, F::ActivityKind, F::StartedOn, F::EndedOn, F::Provider, F::Source]
        }
        IntakeKind::Directory => &[
            F::ServiceName,
            F::Organisation,
            F::About,
            F::Needs,
            F::Eligibility,
            F::Phone,
            F::Email,
            F::Website,
            F::CheckedOn,
            F::Capacity,
        ],
    }
}

/// What a list of this kind cannot do without: of each group at least one way of saying it must be there.
pub fn needed(kind: IntakeKind) -> &'static [(&'static str, &'static [&'static [Field]])] {
    use Field as F;
    const NAME: (&str, &[&[Field]]) = ("Surname and Forename", &[&[F::Surname, F::Forename], &[F::FullName]]);
    const IDENTITY: (&str, &[&[Field]]) = ("NHS Number or Date of Birth", &[&[F::NhsNumber], &[F::Born]]);
    match kind {
        IntakeKind::Caseload => &[NAME, IDENTITY],
        IntakeKind::Nominations => &[
            NAME,
            IDENTITY,
            (
                "Reason, Situation or Question",
                &[&[F::Reason], &[F::Situation], &[F::Question], &[F::Recommendation], &[F::Background]],
            ),
        ],
        IntakeKind::Members => {
            &[("Name", &[&[F::Name]]), ("Role", &[&[F::Role]]), ("Organisation", &[&[F::Organisation]])]
        }
        IntakeKind::Activity => &[
            ("NHS Number", &[&[F::NhsNumber]]),
            ("Activity Type", &[&[F::ActivityKind]]),
            ("Date", &[&[F::StartedOn]]),
        ],
        IntakeKind::Directory => &[("Name of the service", &[&[F::ServiceName]])],
    }
}
