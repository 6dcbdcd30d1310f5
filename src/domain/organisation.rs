//! Organisations: practices, trusts, councils, the voluntary sector.

use super::text::Line;

words! {
    /// What kind of body an organisation is.
    OrganisationKind {
        /// A GP practice or primary care network.
        Practice = "practice", "practice";
        /// A community trust.
        CommunityTrust = "community trust", "community trust";
        /// An acute (hospital) trust.
        AcuteTrust = "acute trust", "acute trust";
        /// A mental health trust.
        MentalHealthTrust = "mental health trust", "mental health trust";
        /// A council's adult social care.
        Council = "council", "council";
        /// A charity or community group.
        Voluntary = "voluntary", "voluntary sector";
        /// A hospice.
        Hospice = "hospice", "hospice";
        /// A care home.
        CareHome = "care home", "care home";
        /// A housing body.
        Housing = "housing", "housing";
        /// The police.
        Police = "police", "police";
        /// Anything else.
        Other = "other", "other";
    }
}

/// An organisation.
#[derive(Clone, Debug, PartialEq)]
pub struct Organisation {
    /// Its name.
    pub name: Line,
    /// What kind of body it is.
    pub kind: OrganisationKind,
    /// Its ODS code, where it has one.
    pub code: Option<Line>,
}
