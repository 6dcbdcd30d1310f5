//! Every column's word: what a field is called in a story, how its cell is said – or why it is not.

use crate::domain::Word;
use crate::domain::action::NotDoneReason;
use crate::domain::activity::ActivityKind;
use crate::domain::agenda::Outcome;
use crate::domain::band::Band;
use crate::domain::carer::Assessment;
use crate::domain::change::NounKind;
use crate::domain::discussion::Decision;
use crate::domain::intake::{IntakeKind, ProposalState, ProposedField, QueueState};
use crate::domain::meeting::{Attending, Stage};
use crate::domain::member::Membership;
use crate::domain::nomination::{Channel, Triage, Urgency};
use crate::domain::organisation::OrganisationKind;
use crate::domain::person::{Residence, Sex, Standing};
use crate::domain::plan::Progress;
use crate::domain::sharing::Sharing;
use crate::domain::viewing::Looked;

/// How the cell of a column is said.
#[derive(Clone, Copy)]
pub enum Said {
    /// As the words somebody wrote.
    Words,
    /// As a name or a code that stands for itself.
    Plain,
    /// As a day.
    Day,
    /// As a day and a time.
    Moment,
    /// As a time of day, from minutes.
    Clock,
    /// As a number.
    Number,
    /// Seconds, as minutes.
    Minutes,
    /// As a number in thousandths.
    Score,
    /// As yes or no.
    YesNo,
    /// As an NHS number.
    NhsNumber,
    /// As the name of this noun's record.
    Name(NounKind),
    /// As the names of members.
    Members,
    /// As the number of people it lists: a document is about several, and a story about one.
    HowMany,
    /// As the label of a code.
    Code(fn(&str) -> Option<&'static str>),
}

/// A column in words, or the reason why it is left out.
#[derive(Clone, Copy)]
pub enum ColumnWords {
    /// Its label, and how its cell is said.
    Is(&'static str, Said),
    /// Left out, because …
    Silent(&'static str),
}

fn code<W: Word>(text: &str) -> Option<&'static str> {
    W::from_code(text).map(Word::label)
}

/// An action's state is no closed list of its own: it has a day and a reason with it.
fn state(text: &str) -> Option<&'static str> {
    ["open", "accepted", "done", "not done", "withdrawn"].into_iter().find(|word| *word == text)
}

use ColumnWords::{Is, Silent};
use Said::{Clock, Code, Day, HowMany, Members, Minutes, Moment, Name, NhsNumber, Number, Plain, Score, Words, YesNo};

const TEAM: ColumnWords = Silent("whose caseload it is: the file's team");
const WHOM: ColumnWords = Silent("the sentence itself says whom it is about");
const HASH: ColumnWords = Silent("a fingerprint, to be compared and not read");

/// The words of a column. None: nobody has thought of it yet, and a test says so.
pub fn words(noun: NounKind, column: &str) -> Option<ColumnWords> {
    match noun {
        NounKind::Team => team(column),
        NounKind::Organisation => organisation(column),
        NounKind::Member => member(column),
        NounKind::Person => person(column),
        NounKind::BandEntry => band_entry(column),
        NounKind::Objection => objection(column),
        NounKind::KeyWorker => key_worker(column),
        NounKind::Household => household(column),
        NounKind::Carer => carer(column),
        NounKind::Plan => plan(column),
        NounKind::Goal => goal(column),
        NounKind::Nomination => nomination(column),
        NounKind::Meeting => meeting(column),
        NounKind::AgendaItem => agenda_item(column),
        NounKind::Attendance => attendance(column),
        NounKind::Discussion => discussion(column),
        NounKind::Action => action(column),
        NounKind::Minutes => minutes(column),
        NounKind::Addendum => addendum(column),
        NounKind::Intake => intake(column),
        NounKind::QueuedRow => queued_row(column),
        NounKind::Proposal => proposal(column),
        NounKind::Activity => activity(column),
        NounKind::Service => service(column),
        NounKind::Disclosure => disclosure(column),
        NounKind::WrittenBack => written_back(column),
        NounKind::Viewing => viewing(column),
        NounKind::Hold => hold(column),
        NounKind::Joining => joining(column),
        NounKind::Erasure => erasure(column),
    }
}

/// Whether a column says who somebody is: hidden while identifiers are hidden.
pub fn identifies(noun: NounKind, column: &str) -> bool {
    match noun {
        NounKind::Person => matches!(
            column,
            "nhs_number" | "surname" | "forename" | "preferred" | "born" | "address" | "postcode" | "phone"
        ),
        NounKind::Carer => matches!(column, "name" | "phone"),
        NounKind::Household => matches!(column, "name" | "note"),
        NounKind::Proposal => matches!(column, "ours" | "theirs"),
        _ => false,
    }
}

fn team(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "name" => Is("name", Words),
        "purpose" => Is("purpose", Words),
        "place" => Is("place", Words),
        "starts" => Is("start", Clock),
        "length" => Is("length in minutes", Number),
        "cadence" => Is("days between meetings", Number),
        "minutes_each" => Is("minutes for a person", Number),
        "quorum_members" => Is("members for a quorum", Number),
        "quorum_roles" => Is("roles for a quorum", Words),
        "undiscussed_weeks" => Is("weeks until a person not discussed is a candidate", Number),
        "tell_days" => Is("working days to tell the person", Number),
        "break_minutes" => Is("minutes until a break", Number),
        "break_people" => Is("people until a break", Number),
        "retention_years" => Is("years a record is kept", Number),
        _ => return None,
    })
}

fn organisation(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "name" => Is("name", Words),
        "kind" => Is("kind", Code(code::<OrganisationKind>)),
        "code" => Is("code", Plain),
        _ => return None,
    })
}

fn member(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "team" => TEAM,
        "name" => Is("name", Words),
        "role" => Is("role", Plain),
        "organisation" => Is("organisation", Name(NounKind::Organisation)),
        "membership" => Is("membership", Code(code::<Membership>)),
        "phone" => Is("telephone", Plain),
        "email" => Is("e-mail", Plain),
        "left_on" => Is("left", Day),
        _ => return None,
    })
}

fn person(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "team" => TEAM,
        "nhs_number" => Is("NHS number", NhsNumber),
        "surname" => Is("surname", Words),
        "forename" => Is("forename", Words),
        "preferred" => Is("preferred name", Words),
        "title" => Is("title", Plain),
        "born" => Is("date of birth", Day),
        "sex" => Is("sex", Code(code::<Sex>)),
        "address" => Is("address", Words),
        "postcode" => Is("postcode", Plain),
        "phone" => Is("telephone", Plain),
        "practice" => Is("practice", Name(NounKind::Organisation)),
        "named_gp" => Is("named GP", Plain),
        "council" => Is("council", Plain),
        "residence" => Is("residence", Code(code::<Residence>)),
        "lives_alone" => Is("lives alone", YesNo),
        "housebound" => Is("housebound", YesNo),
        "household" => Is("household", Name(NounKind::Household)),
        "band" => Is("band", Code(code::<Band>)),
        "band_on" => Is("band since", Day),
        "score" => Is("score", Score),
        "score_tool" => Is("risk tool", Plain),
        "score_on" => Is("day of the score", Day),
        "efi" => Is("eFI", Score),
        "cfs" => Is("Clinical Frailty Scale", Number),
        "cfs_on" => Is("day of the CFS", Day),
        "conditions" => Is("long-term conditions", Number),
        "attendances" => Is("A&E attendances", Number),
        "admissions" => Is("unplanned admissions", Number),
        "out_of_hours" => Is("out-of-hours contacts", Number),
        "admitted_on" => Is("last admission", Day),
        "safeguarding" => Is("safeguarding", Words),
        "respect" => Is("ReSPECT", YesNo),
        "palliative" => Is("palliative register", YesNo),
        "has_carer" => Is("has a carer", YesNo),
        "sharing" => Is("sharing basis", Code(code::<Sharing>)),
        "sharing_on" => Is("sharing recorded on", Day),
        "sharing_by" => Is("sharing recorded by", Plain),
        "sharing_note" => Is("note on sharing", Words),
        "objects_to_risk_lists" => Is("objects to risk lists", YesNo),
        "standing" => Is("standing", Code(code::<Standing>)),
        "standing_on" => Is("standing since", Day),
        _ => return None,
    })
}

fn band_entry(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "person" => WHOM,
        "band" => Is("band", Code(code::<Band>)),
        "before" => Is("band before", Code(code::<Band>)),
        "on" => Is("from", Day),
        "set_by" => Is("set by", Plain),
        "tool" => Is("risk tool", Plain),
        "score" => Is("score", Score),
        "label" => Is("the tool calls it", Plain),
        "reason" => Is("because", Words),
        "overridden" => Is("a professional's own judgement", YesNo),
        _ => return None,
    })
}

fn objection(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "person" => WHOM,
        "organisation" => Is("organisation", Name(NounKind::Organisation)),
        "on" => Is("since", Day),
        "note" => Is("note", Words),
        "lifted_on" => Is("lifted", Day),
        _ => return None,
    })
}

fn key_worker(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "person" => WHOM,
        "member" => Is("key worker", Name(NounKind::Member)),
        "since" => Is("since", Day),
        "until" => Is("until", Day),
        "ended_why" => Is("ended because", Words),
        _ => return None,
    })
}

fn household(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "name" => Is("name", Words),
        "note" => Is("note", Words),
        _ => return None,
    })
}

fn carer(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "person" => WHOM,
        "name" => Is("name", Words),
        "relation" => Is("relation", Plain),
        "phone" => Is("telephone", Plain),
        "needs" => Is("needs", Words),
        "assessment" => Is("carer's assessment", Code(code::<Assessment>)),
        "assessment_on" => Is("day of the assessment", Day),
        "crisis" => Is("if the carer cannot", Words),
        "ended_on" => Is("ended", Day),
        _ => return None,
    })
}

fn plan(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "person" => WHOM,
        "matters" => Is("what matters", Words),
        "strengths" => Is("strengths", Words),
        "needs" => Is("needs", Words),
        "trigger" => Is("what would be a crisis", Words),
        "response" => Is("what to do then", Words),
        "contact" => Is("whom to ring then", Words),
        "agreed_with" => Is("agreed with", Words),
        "agreed_on" => Is("agreed on", Day),
        "review_on" => Is("review", Day),
        "reviewer" => Is("reviewer", Name(NounKind::Member)),
        _ => return None,
    })
}

fn goal(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "person" => WHOM,
        "words" => Is("goal", Words),
        "progress" => Is("progress", Code(code::<Progress>)),
        "note" => Is("note", Words),
        "on" => Is("as of", Day),
        _ => return None,
    })
}

fn nomination(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "person" => WHOM,
        "asked_by" => Is("asked by", Plain),
        "organisation" => Is("organisation", Name(NounKind::Organisation)),
        "on" => Is("on", Day),
        "channel" => Is("by way of", Code(code::<Channel>)),
        "reason" => Is("reason", Words),
        "question" => Is("question", Words),
        "urgency" => Is("urgency", Code(code::<Urgency>)),
        "situation" => Is("situation", Words),
        "background" => Is("background", Words),
        "assessment" => Is("assessment", Words),
        "recommendation" => Is("recommendation", Words),
        "told_on" => Is("person told on", Day),
        "told_by" => Is("person told by", Plain),
        "triage" => Is("triage", Code(code::<Triage>)),
        "triage_why" => Is("triage reason", Words),
        _ => return None,
    })
}

fn meeting(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "team" => TEAM,
        "on" => Is("day", Day),
        "starts" => Is("start", Clock),
        "length" => Is("length in minutes", Number),
        "place" => Is("place", Words),
        "chair" => Is("chair", Name(NounKind::Member)),
        "minute_taker" => Is("minute-taker", Name(NounKind::Member)),
        "stage" => Is("stage", Code(code::<Stage>)),
        "begun_at" => Is("begun", Moment),
        "ended_at" => Is("ended", Moment),
        "here" => Is("on the table", Name(NounKind::AgendaItem)),
        "here_since" => Silent("the time of the step says it"),
        "break_offered" => Is("break offered", YesNo),
        _ => return None,
    })
}

fn agenda_item(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "meeting" => Is("meeting", Name(NounKind::Meeting)),
        "place" => Silent("only the order counts, and the agenda shows it"),
        "person" => WHOM,
        "title" => Is("title", Words),
        "minutes" => Is("minutes planned", Number),
        "lead" => Is("lead", Name(NounKind::Member)),
        "disciplines" => Is("disciplines", Plain),
        "reasons" => Is("why", Words),
        "question" => Is("question", Words),
        "nomination" => Is("nomination", Name(NounKind::Nomination)),
        "outcome" => Is("outcome", Code(code::<Outcome>)),
        "outcome_why" => Is("outcome because", Words),
        "begun_at" => Is("begun", Moment),
        "spent" => Is("time spent", Minutes),
        _ => return None,
    })
}

fn attendance(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "meeting" => Is("meeting", Name(NounKind::Meeting)),
        "member" => Is("member", Name(NounKind::Member)),
        "attending" => Is("attending", Code(code::<Attending>)),
        "here_now" => Is("here now", YesNo),
        "arrived_at" => Is("arrived", Moment),
        "left_at" => Is("left", Moment),
        _ => return None,
    })
}

fn discussion(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "meeting" => Is("meeting", Name(NounKind::Meeting)),
        "item" => Silent("the meeting and the person say which item it is"),
        "person" => WHOM,
        "situation" => Is("situation", Words),
        "action_to_date" => Is("action to date", Words),
        "update" => Is("update", Words),
        "next_steps" => Is("next steps", Words),
        "decision" => Is("result", Code(code::<Decision>)),
        "teller" => Is("tells the person", Name(NounKind::Member)),
        "telling_waived" => Is("nobody tells, because", Words),
        "review_on" => Is("review", Day),
        "key_worker" => Is("key worker", Name(NounKind::Member)),
        "present" => Is("present", Members),
        "objection_why" => Is("in spite of an objection, because", Words),
        "gaps_why" => Is("left with gaps, because", Words),
        "agreed_at" => Is("read back and agreed", Moment),
        _ => return None,
    })
}

fn action(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "team" => TEAM,
        "person" => Is("for", Name(NounKind::Person)),
        "meeting" => Is("agreed at", Name(NounKind::Meeting)),
        "item" => Silent("the meeting and the person say which item it is"),
        "goal" => Is("for the goal", Name(NounKind::Goal)),
        "what" => Is("what", Words),
        "owner" => Is("owner", Name(NounKind::Member)),
        "raised_on" => Is("raised", Day),
        "due" => Is("due", Day),
        "carried" => Is("times carried over", Number),
        "telling" => Is("tells the person", YesNo),
        "state" => Is("state", Code(state)),
        "state_on" => Is("on", Day),
        "state_reason" => Is("reason", Code(code::<NotDoneReason>)),
        "state_note" => Is("note", Words),
        _ => return None,
    })
}

fn minutes(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "meeting" => Is("meeting", Name(NounKind::Meeting)),
        "sealed_at" => Is("sealed", Moment),
        "sealed_by" => Is("sealed by", Plain),
        "document" => Silent("the minutes themselves, which stand on screen 6"),
        "sha256" => HASH,
        _ => return None,
    })
}

fn addendum(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "minutes" => Silent("the sentence itself says which minutes"),
        "at" => Is("at", Moment),
        "by" => Is("by", Plain),
        "text" => Is("text", Words),
        _ => return None,
    })
}

fn intake(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "team" => TEAM,
        "kind" => Is("kind of list", Code(code::<IntakeKind>)),
        "at" => Is("at", Moment),
        "file" => Is("file", Words),
        "sha256" => HASH,
        "bytes" => Is("bytes", Number),
        "counts" => Silent("the report of the list, which stands on screen 9"),
        _ => return None,
    })
}

fn queued_row(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "team" => TEAM,
        "intake" => Is("list", Name(NounKind::Intake)),
        "kind" => Is("kind of list", Code(code::<IntakeKind>)),
        "line" => Is("line", Number),
        "why" => Is("why it waits", Words),
        "alike" => Silent("who the row speaks of may be somebody else"),
        "person" => WHOM,
        "given" => Silent("who the row speaks of may be somebody else"),
        "state" => Is("said of it", Code(code::<QueueState>)),
        "decided_on" => Is("on", Day),
        _ => return None,
    })
}

fn proposal(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "team" => TEAM,
        "intake" => Is("list", Name(NounKind::Intake)),
        "person" => WHOM,
        "field" => Is("field", Code(code::<ProposedField>)),
        "ours" => Is("the team has", Words),
        "theirs" => Is("the list has", Words),
        "state" => Is("what became of it", Code(code::<ProposalState>)),
        "decided_on" => Is("on", Day),
        _ => return None,
    })
}

fn activity(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "person" => WHOM,
        "kind" => Is("kind", Code(code::<ActivityKind>)),
        "on" => Is("on", Day),
        "until" => Is("until", Day),
        "provider" => Is("where", Plain),
        "source" => Is("known from", Plain),
        _ => return None,
    })
}

fn service(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "name" => Is("name", Words),
        "organisation" => Is("organisation", Plain),
        "about" => Is("about", Words),
        "needs" => Is("for which needs", Words),
        "eligibility" => Is("for whom", Words),
        "phone" => Is("telephone", Plain),
        "email" => Is("e-mail", Plain),
        "website" => Is("website", Plain),
        "checked_on" => Is("checked", Day),
        "capacity" => Is("places", Plain),
        "closed_on" => Is("closed", Day),
        _ => return None,
    })
}

fn disclosure(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "team" => TEAM,
        "meeting" => Is("of the meeting", Name(NounKind::Meeting)),
        "at" => Is("at", Moment),
        "by" => Is("by", Plain),
        "kind" => Is("document", Plain),
        "recipient" => Is("for", Plain),
        "format" => Is("as", Plain),
        "people" => Is("people in it", HowMany),
        "withheld" => Is("people left out", Number),
        "sealed" => Is("sealed", YesNo),
        "sha256" => Is("SHA-256", Plain),
        _ => return None,
    })
}

fn written_back(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "discussion" => Silent("the sentence itself says which discussion"),
        "at" => Is("at", Moment),
        "by" => Is("by", Plain),
        _ => return None,
    })
}

fn viewing(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "person" => WHOM,
        "at" => Is("at", Moment),
        "by" => Is("by", Plain),
        "looked" => Is("at their", Code(code::<Looked>)),
        _ => return None,
    })
}

fn hold(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "person" => WHOM,
        "on" => Is("since", Day),
        "by" => Is("placed by", Plain),
        "why" => Is("why", Words),
        "lifted_on" => Is("lifted", Day),
        "lifted_why" => Is("lifted because", Words),
        _ => return None,
    })
}

fn erasure(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "person" => WHOM,
        "at" => Is("at", Moment),
        "by" => Is("by", Plain),
        "witness" => Is("witness", Plain),
        "why" => Is("why", Words),
        "records" => Is("records that held something about them", Number),
        "minutes" => Silent("sealed minutes from which their part went say so themselves"),
        "hashes" => HASH,
        "emptied" | "leaves" => Silent("what the check of the file goes by"),
        _ => return None,
    })
}

fn joining(column: &str) -> Option<ColumnWords> {
    Some(match column {
        "at" => Is("at", Moment),
        "by" => Is("by", Plain),
        "base" => Is("parted after step", Number),
        "head" => Is("the copy's newest step", Number),
        "head_hash" => HASH,
        "steps" => Is("steps it had alone", Number),
        "decided" => Is("decisions made", Number),
        "emptied" => Silent("what the check of the file goes by"),
        _ => return None,
    })
}
