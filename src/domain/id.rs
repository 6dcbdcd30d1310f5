//! Identities of records: one type per noun, so that a person's id cannot be passed for an action's.
//!
//! An id is 63 bits: milliseconds since 2020 in the upper 41, a random start and then a count in the lower 22.
//! Ids made by two copies of one file do not meet, so copies can later be joined by their logs.

use chrono::{DateTime, Utc};

/// An identity that can be read from and written to a row.
pub trait RecordId: Copy + Eq + Ord + std::hash::Hash + std::fmt::Debug + 'static {
    /// The identity for a row number.
    fn from_raw(raw: i64) -> Self;
    /// The row number.
    fn raw(self) -> i64;
}

macro_rules! ids {
    ($( $(#[$meta:meta])* $name:ident; )+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);
        impl RecordId for $name {
            fn from_raw(raw: i64) -> Self { Self(raw) }
            fn raw(self) -> i64 { self.0 }
        }
    )+ };
}

ids! {
    /// A team: one MDT.
    TeamId;
    /// An organisation that people or members belong to.
    OrganisationId;
    /// A professional of the team.
    MemberId;
    /// Someone on the caseload.
    PersonId;
    /// One entry of a person's band history.
    BandEntryId;
    /// One objection to one organisation.
    ObjectionId;
    /// One period of one key worker.
    KeyWorkerId;
    /// People at one address.
    HouseholdId;
    /// A carer.
    CarerId;
    /// A care plan.
    PlanId;
    /// A goal of a care plan.
    GoalId;
    /// A request to discuss a person.
    NominationId;
    /// A meeting.
    MeetingId;
    /// A line of an agenda.
    AgendaItemId;
    /// A member's attendance at one meeting.
    AttendanceId;
    /// What was recorded for one person at one meeting.
    DiscussionId;
    /// An action.
    ActionId;
    /// Sealed minutes.
    MinutesId;
    /// An addition to sealed minutes.
    AddendumId;
    /// One list taken in.
    IntakeId;
    /// A row of a list that waits for a person to look.
    QueuedRowId;
    /// A value that a list proposes.
    ProposalId;
    /// One use of a service.
    ActivityId;
    /// An entry of the directory of services.
    ServiceId;
    /// A document that left.
    DisclosureId;
    /// A tick that a discussion was written back.
    WrittenBackId;
    /// One opening of a record.
    ViewingId;
    /// A legal hold.
    HoldId;
    /// A copy joined.
    JoiningId;
    /// A lawful erasure.
    ErasureId;
}

/// Hands out new ids. Seeded by the caller, so that tests and the demo file are the same every time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mint {
    next: i64,
}

impl Mint {
    /// A mint for a process started at `at`, with `salt` random bits.
    pub fn new(at: DateTime<Utc>, salt: u32) -> Self {
        const EPOCH_2020_MS: i64 = 1_577_836_800_000;
        let ms = at.timestamp_millis().saturating_sub(EPOCH_2020_MS).max(0) & ((1 << 41) - 1);
        Self { next: (ms << 22) | i64::from(salt & 0x3f_ffff) }
    }

    /// The next id, of whichever noun is asked for.
    pub fn mint<I: RecordId>(&mut self) -> I {
        self.next += 1;
        I::from_raw(self.next)
    }
}
