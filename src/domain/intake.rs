//! Lists taken in: what they were, which of their rows wait for a person to look, and what they propose.

use super::day::{Day, Moment};
use super::id::{IntakeId, PersonId, TeamId};
use super::minutes::Document;
use super::text::Line;

words! {
    /// What a list holds.
    IntakeKind {
        /// People of the caseload.
        Caseload = "caseload", "caseload";
        /// Requests to discuss people.
        Nominations = "nominations", "nominations";
        /// Members of the team.
        Members = "members", "members";
        /// Uses of services, by person.
        Activity = "activity", "activity";
        /// Local and voluntary services.
        Directory = "directory", "directory";
    }
}

/// One list taken in.
#[derive(Clone, Debug, PartialEq)]
pub struct Intake {
    /// For which team.
    pub team: TeamId,
    /// What it held.
    pub kind: IntakeKind,
    /// When.
    pub at: Moment,
    /// The name of the file, without its folder.
    pub file: Line,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: Line,
    /// Its size in bytes.
    pub bytes: i64,
    /// The counts of the report (JSON).
    pub counts: Document,
}

words! {
    /// What a person said of a queued row.
    QueueState {
        /// Nobody has looked yet, or somebody said "later".
        Waiting = "waiting", "waiting";
        /// It means the person on file.
        Same = "same", "same person";
        /// It means somebody else, who is on file now.
        Different = "different", "somebody else";
    }
}

/// A row of a list that may mean somebody on file: only a person can say.
#[derive(Clone, Debug, PartialEq)]
pub struct QueuedRow {
    /// For which team.
    pub team: TeamId,
    /// Of which list.
    pub intake: IntakeId,
    /// What the list holds.
    pub kind: IntakeKind,
    /// Its line in the list.
    pub line: i64,
    /// Why a person has to look.
    pub why: Line,
    /// Number, name and day of birth as the list has them: by this the row is known again next time.
    pub alike: Line,
    /// Whom it may mean; once decided, whom it means.
    pub person: Option<PersonId>,
    /// Its cells by field (JSON), read but not believed.
    pub given: Document,
    /// What was decided.
    pub state: QueueState,
    /// The day of the decision.
    pub decided_on: Option<Day>,
}

words! {
    /// What a list can propose where the team itself has written something else.
    ProposedField {
        /// Family name.
        Surname = "surname", "surname";
        /// Given names.
        Forename = "forename", "forename";
        /// Day of birth.
        Born = "born", "date of birth";
        /// What they like to be called.
        Preferred = "preferred", "preferred name";
        /// Mr, Mrs …
        Title = "title", "title";
        /// Address.
        Address = "address", "address";
        /// Postcode.
        Postcode = "postcode", "postcode";
        /// Telephone.
        Phone = "phone", "telephone";
        /// Registered practice.
        Practice = "practice", "practice";
        /// Named accountable GP.
        NamedGp = "named GP", "named GP";
        /// Council of residence.
        Council = "council", "council";
        /// Lives alone.
        LivesAlone = "lives alone", "lives alone";
        /// Housebound.
        Housebound = "housebound", "housebound";
        /// Has a carer.
        HasCarer = "has carer", "has a carer";
        /// Where the person lives.
        Residence = "residence", "residence";
        /// Sex, as recorded.
        Sex = "sex", "sex";
        /// Clinical Frailty Scale.
        Cfs = "CFS", "Clinical Frailty Scale";
        /// Electronic frailty index.
        Efi = "eFI", "eFI";
        /// Long-term conditions.
        Conditions = "conditions", "long-term conditions";
        /// A ReSPECT form is in place.
        Respect = "ReSPECT", "ReSPECT";
        /// On the palliative register.
        Palliative = "palliative", "palliative register";
        /// Band, where a professional set it.
        Band = "band", "band";
        /// Sharing basis.
        Sharing = "sharing", "sharing basis";
        /// Key worker.
        KeyWorker = "key worker", "key worker";
    }
}

words! {
    /// What became of a proposal.
    ProposalState {
        /// Nobody has looked yet.
        Waiting = "waiting", "waiting";
        /// The list's value was taken.
        Accepted = "accepted", "taken";
        /// The team's own value stays.
        Declined = "declined", "kept ours";
    }
}

/// A list has another value than the one the team itself wrote. Nothing changes until somebody takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// For which team.
    pub team: TeamId,
    /// By which list.
    pub intake: IntakeId,
    /// About whom.
    pub person: PersonId,
    /// What.
    pub field: ProposedField,
    /// What the team has.
    pub ours: Option<Line>,
    /// What the list has, as the file would hold it.
    pub theirs: Line,
    /// What became of it.
    pub state: ProposalState,
    /// The day of the decision.
    pub decided_on: Option<Day>,
}
