//! The shapes of the texts in `assets/demo`: who these people are and what happened, with days counted from today.

use serde::Deserialize;

/// The team, its organisations and members.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TeamScript {
    pub(super) team: TeamEntry,
    pub(super) organisation: Vec<OrganisationEntry>,
    pub(super) member: Vec<MemberEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TeamEntry {
    pub(super) name: String,
    pub(super) purpose: String,
    pub(super) place: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrganisationEntry {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) code: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MemberEntry {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) role: String,
    pub(super) organisation: String,
    pub(super) membership: String,
    pub(super) phone: String,
}

/// The people who are written out by hand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PeopleScript {
    pub(super) household: Vec<HouseholdEntry>,
    pub(super) person: Vec<PersonEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HouseholdEntry {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) note: String,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonEntry {
    pub(super) key: String,
    pub(super) surname: String,
    pub(super) forename: String,
    pub(super) preferred: Option<String>,
    pub(super) title: Option<String>,
    pub(super) sex: String,
    pub(super) age: i32,
    pub(super) address: String,
    pub(super) postcode: String,
    pub(super) phone: Option<String>,
    pub(super) practice: String,
    pub(super) gp: String,
    pub(super) council: String,
    pub(super) residence: Option<String>,
    pub(super) household: Option<String>,
    pub(super) alone: bool,
    #[serde(default)]
    pub(super) housebound: bool,
    pub(super) bands: Vec<BandLine>,
    #[serde(rename = "override")]
    pub(super) overridden: Option<OverrideLine>,
    pub(super) efi: String,
    pub(super) cfs: i64,
    pub(super) conditions: i64,
    pub(super) attendances: i64,
    pub(super) admissions: i64,
    pub(super) out_of_hours: i64,
    pub(super) admitted: Option<i64>,
    pub(super) safeguarding: Option<NoteOnDay>,
    pub(super) respect: Option<bool>,
    pub(super) palliative: Option<bool>,
    #[serde(default)]
    pub(super) carer: bool,
    pub(super) sharing: Option<SharingLine>,
    pub(super) objection: Option<ObjectionLine>,
    pub(super) key_worker: Option<KeyWorkerLine>,
    pub(super) plan: Option<PlanLine>,
    #[serde(default)]
    pub(super) goals: Vec<GoalLine>,
    #[serde(default)]
    pub(super) carers: Vec<CarerLine>,
    #[serde(default)]
    pub(super) nominations: Vec<NominationLine>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BandLine {
    pub(super) day: i64,
    pub(super) band: String,
    pub(super) score: String,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideLine {
    pub(super) day: i64,
    pub(super) band: String,
    pub(super) by: String,
    pub(super) why: String,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoteOnDay {
    pub(super) day: i64,
    pub(super) note: String,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SharingLine {
    pub(super) day: i64,
    pub(super) basis: String,
    pub(super) by: String,
    pub(super) note: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ObjectionLine {
    pub(super) organisation: String,
    pub(super) day: i64,
    pub(super) note: String,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyWorkerLine {
    pub(super) day: i64,
    pub(super) member: String,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanLine {
    pub(super) day: i64,
    pub(super) matters: Option<String>,
    pub(super) strengths: Option<String>,
    pub(super) needs: Option<String>,
    pub(super) trigger: Option<String>,
    pub(super) response: Option<String>,
    pub(super) contact: Option<String>,
    pub(super) with: Option<String>,
    pub(super) review: i64,
    pub(super) reviewer: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GoalLine {
    pub(super) day: i64,
    pub(super) words: String,
    pub(super) progress: String,
    pub(super) note: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CarerLine {
    pub(super) name: String,
    pub(super) relation: String,
    pub(super) phone: Option<String>,
    pub(super) needs: Option<String>,
    pub(super) assessment: String,
    pub(super) assessment_day: Option<i64>,
    pub(super) crisis: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NominationLine {
    pub(super) by: String,
    pub(super) organisation: String,
    pub(super) day: i64,
    pub(super) channel: String,
    pub(super) reason: String,
    pub(super) question: String,
    pub(super) urgency: String,
    pub(super) situation: Option<String>,
    pub(super) background: Option<String>,
    pub(super) assessment: Option<String>,
    pub(super) recommendation: Option<String>,
    pub(super) told: Option<i64>,
    pub(super) told_by: Option<String>,
    pub(super) triage: String,
}

/// The rest of the caseload, for the dice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MoreScript {
    pub(super) people: Vec<(String, String, String)>,
    pub(super) matters: Vec<String>,
    pub(super) needs: Vec<String>,
    pub(super) streets: Vec<String>,
}

/// What happened at meetings, and what is to happen today.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MeetingsScript {
    pub(super) brought: Vec<BroughtEntry>,
    pub(super) meeting: Vec<PastEntry>,
    pub(super) today: TodayEntry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BroughtEntry {
    pub(super) person: Option<String>,
    pub(super) what: String,
    pub(super) owner: String,
    pub(super) raised: i64,
    pub(super) due: i64,
    pub(super) carried: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PastEntry {
    pub(super) day: i64,
    pub(super) chair: String,
    pub(super) minute_taker: String,
    pub(super) room: Vec<String>,
    pub(super) remote: Vec<String>,
    pub(super) apologies: Vec<String>,
    pub(super) item: Vec<ItemEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TodayEntry {
    pub(super) chair: String,
    pub(super) minute_taker: String,
    pub(super) item: Vec<ItemEntry>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemEntry {
    pub(super) person: Option<String>,
    pub(super) title: Option<String>,
    pub(super) minutes: i64,
    #[serde(default)]
    pub(super) spent: i64,
    pub(super) lead: String,
    pub(super) disciplines: Option<String>,
    pub(super) reasons: Option<String>,
    pub(super) question: Option<String>,
    pub(super) situation: Option<String>,
    pub(super) to_date: Option<String>,
    pub(super) update: Option<String>,
    pub(super) next: Option<String>,
    pub(super) decision: Option<String>,
    pub(super) teller: Option<String>,
    pub(super) review: Option<i64>,
    pub(super) gaps: Option<String>,
    #[serde(default = "yes")]
    pub(super) reached: bool,
    #[serde(default)]
    pub(super) action: Vec<ActionEntry>,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ActionEntry {
    pub(super) what: String,
    pub(super) owner: String,
    pub(super) due: i64,
    pub(super) end: Option<EndLine>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndLine {
    pub(super) state: String,
    pub(super) day: i64,
    pub(super) reason: Option<String>,
    pub(super) note: Option<String>,
}
