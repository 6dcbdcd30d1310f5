//! One person on one page, always in the same order: who, what to know first, what matters, the plan, who is around
//! them, what was used, what is being done. The preparation pack is made of the same parts.

use crate::domain::Word as _;
use crate::domain::activity::tallied;
use crate::domain::change::Record;
use crate::domain::day::Day;
use crate::domain::id::{OrganisationId, PersonId};
use crate::domain::meeting::Meeting;
use crate::domain::organisation::Organisation;
use crate::domain::person::{Person, Residence};
use crate::domain::refusal::Refusal;
use crate::domain::team::Team;
use crate::domain::text::{Line, Note};
use crate::store::fault::Fault;
use crate::store::{FileKind, Reader};

use super::NotMade;
use super::document::{Document, Fact, Row};
use super::minutes::DEMO;
use super::people::{Members, identity, overdue, plain_state, state, times};

/// Days of activity that a summary looks back on.
const LOOKS_BACK: i64 = 182;

/// One person.
///
/// # Errors
/// Refuses where the person is not on file any more; any fault of the file.
pub fn of_person(reader: &Reader, team: &Record<Team>, id: PersonId, today: Day) -> Result<Document, NotMade> {
    let person: Record<Person> =
        reader.get(id)?.ok_or_else(|| Refusal::new("This person is not on file any more. Nothing was written."))?;
    let mut document = begun(reader, team, &format!("Summary – {}", today.long()));
    document.meta("Made on", today.long());
    let portrait = Portrait { reader, members: &Members::of(reader, team.id)?, today };
    document.about(id, |document| portrait.whole(document, &person, 1))?;
    Ok(document)
}

/// Everybody on the agenda of a meeting, in its order.
///
/// # Errors
/// Any fault of the file.
pub fn of_meeting(
    reader: &Reader,
    team: &Record<Team>,
    meeting: &Record<Meeting>,
    today: Day,
) -> Result<Document, NotMade> {
    let mut document = begun(reader, team, &format!("Summaries – {}", meeting.on.long()));
    document.paged = true;
    document.meta("Meeting", meeting.on.long());
    document.meta("Made on", today.long());
    let portrait = Portrait { reader, members: &Members::of(reader, team.id)?, today };
    let people = reader.agenda_people(meeting.id)?;
    if people.is_empty() {
        document.paragraph("Nobody is on the agenda.");
    }
    for person in &people {
        document.about(person.id, |document| portrait.whole(document, person, 1))?;
    }
    Ok(document)
}

fn begun(reader: &Reader, team: &Record<Team>, title: &str) -> Document {
    let mut document = Document::new("summary", title.to_owned(), team.name.as_str());
    if reader.kind() == FileKind::Demo {
        document.notices.push(DEMO.to_owned());
    }
    document.meta("Team", team.name.as_str());
    document
}

/// Tells of people.
pub(super) struct Portrait<'a> {
    pub(super) reader: &'a Reader,
    pub(super) members: &'a Members,
    pub(super) today: Day,
}

impl Portrait<'_> {
    fn whole(&self, document: &mut Document, person: &Record<Person>, level: u8) -> Result<(), Fault> {
        document.heading(level, identity(person, self.today));
        document.facts(self.first(person)?);
        self.plan(document, person)?;
        self.around(document, person)?;
        document.facts(self.used(person)?);
        self.doing(document, person)?;
        self.discussed(document, person)
    }

    /// What to know first.
    pub(super) fn first(&self, person: &Record<Person>) -> Result<Vec<Fact>, Fault> {
        let mut facts = Vec::new();
        let band = person.band.map_or("no band".to_owned(), |band| {
            let since = person.band_on.map(|on| format!(" since {on}")).unwrap_or_default();
            format!("{}{since}", band.label())
        });
        let score = person.score.map(|score| format!("score {score}"));
        let tool = person.score_tool.as_ref().map(|tool| format!(" ({tool})")).unwrap_or_default();
        let after = [
            person.cfs.map(|cfs| format!("CFS {cfs}")),
            person.efi.map(|efi| format!("eFI {efi}")),
            person.conditions.map(|n| format!("{n} long-term conditions")),
        ];
        let told = |score: Option<String>| {
            let all = [Some(band.clone()), score].into_iter().chain(after.iter().cloned()).flatten();
            all.collect::<Vec<_>>().join(" · ")
        };
        // The name of a tool is typed by hand.
        let open = told(score.clone());
        facts.push(Fact::new("Need", told(score.map(|score| format!("{score}{tool}")))).open(open));
        let sharing = person.sharing.label();
        let on = person.sharing_on.map(|on| format!(", {on}")).unwrap_or_default();
        facts.push(Fact::new("Sharing basis", format!("{sharing}{on}")).open(sharing));
        if let Some(safeguarding) = &person.safeguarding {
            facts.push(Fact::new("Safeguarding", safeguarding.as_str()).open("open"));
        }
        let yes = |it: Option<bool>, words: &'static str| it.filter(|it| *it).map(|_| words);
        let alerts = [yes(person.respect, "ReSPECT form in place"), yes(person.palliative, "palliative register")];
        let alerts = alerts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        if !alerts.is_empty() {
            facts.push(Fact::new("Know", &alerts).open(&alerts));
        }
        let living = self.living(person);
        if !living.is_empty() {
            facts.push(Fact::new("Lives", &living).open(&living));
        }
        let text = |line: &Option<Line>| line.as_ref().map(ToString::to_string);
        let address: Vec<String> =
            [text(&person.address), text(&person.postcode), text(&person.phone)].into_iter().flatten().collect();
        if !address.is_empty() {
            facts.push(Fact::new("Address", address.join(" · ")).open(""));
        }
        let practice = [person.practice.map(|id| self.organisation(id)).transpose()?, text(&person.named_gp)];
        let practice = practice.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        if !practice.is_empty() {
            facts.push(Fact::new("Practice", practice).open(""));
        }
        facts.extend(person.council.as_ref().map(|council| Fact::new("Council", council.as_str()).open("")));
        facts.push(match self.reader.key_worker(person.id)? {
            None => Fact::new("Key worker", "none named").open("none named"),
            Some(it) => {
                let phone = self.members.get(it.member).and_then(|member| text(&member.phone));
                let phone = phone.map(|phone| format!(" · {phone}")).unwrap_or_default();
                let organisation = self.members.organisation_of(it.member);
                Fact::new(
                    "Key worker",
                    format!("{}, {organisation}{phone} · since {}", self.members.name_and_role(it.member), it.since),
                )
                .open(format!("{}, {organisation}", self.members.role(it.member)))
            }
        });
        Ok(facts)
    }

    fn living(&self, person: &Person) -> String {
        let residence = (person.residence != Residence::NotRecorded).then(|| person.residence.label());
        let alone = person.lives_alone.map(|alone| if alone { "alone" } else { "not alone" });
        let housebound = person.housebound.filter(|it| *it).map(|_| "housebound");
        [residence, alone, housebound].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    fn organisation(&self, id: OrganisationId) -> Result<String, Fault> {
        Ok(self.reader.get::<Organisation>(id)?.map(|it| it.name.to_string()).unwrap_or_default())
    }

    fn plan(&self, document: &mut Document, person: &Record<Person>) -> Result<(), Fault> {
        let plan = self.reader.plan(person.id)?;
        let parts = plan.as_ref().map_or([None; 6], |plan| {
            [&plan.matters, &plan.strengths, &plan.needs, &plan.trigger, &plan.response, &plan.contact]
                .map(Option::as_ref)
        });
        let labels =
            ["What matters", "Strengths", "Needs", "It is going wrong when", "Then this should happen", "Contact then"];
        for (label, text) in labels.into_iter().zip(parts) {
            if let Some(text) = text {
                document.labelled(label, text.as_str());
            }
        }
        if let Some(plan) = &plan {
            let agreed = match (&plan.agreed_with, plan.agreed_on) {
                (Some(with), Some(on)) => format!("with {with}, {on}"),
                (Some(with), None) => format!("with {with}"),
                (None, Some(on)) => on.to_string(),
                (None, None) => "not agreed with anybody yet".to_owned(),
            };
            let review = plan.review_on.map_or("no review date".to_owned(), |on| format!("review {on}"));
            document.facts(vec![Fact::new("Plan agreed", format!("{agreed} · {review}")).open(review)]);
        } else {
            document.labelled_openly("Care plan", "none yet");
        }
        let rows: Vec<Row> = self
            .reader
            .goals(person.id)?
            .iter()
            .map(|goal| {
                let note = goal.note.as_ref().map(Note::to_string).unwrap_or_default();
                Row::of([goal.words.to_string(), goal.progress.label().to_owned(), note])
                    .about(Some(person.id))
                    .open([1])
            })
            .collect();
        if !rows.is_empty() {
            document.table(&[("Goal, in the person's words", 50), ("Progress", 18), ("What shows it", 32)], rows);
        }
        Ok(())
    }

    fn around(&self, document: &mut Document, person: &Record<Person>) -> Result<(), Fault> {
        let rows: Vec<Row> = self
            .reader
            .carers(person.id)?
            .iter()
            .filter(|carer| carer.ended_on.is_none())
            .map(|carer| {
                let line = |line: &Option<Line>| line.as_ref().map(ToString::to_string).unwrap_or_default();
                let crisis = carer.crisis.as_ref().map_or("nothing arranged".to_owned(), Note::to_string);
                Row::of([
                    format!("{}\n{}", carer.name, line(&carer.relation)).trim_end().to_owned(),
                    line(&carer.phone),
                    carer.assessment.label().to_owned(),
                    crisis,
                ])
                .about(Some(person.id))
                .opened(0, "a carer")
                .opened(1, "")
                .open([2])
            })
            .collect();
        if !rows.is_empty() {
            let columns =
                [("Carer", 24), ("Telephone", 18), ("Own assessment", 16), ("If the carer is ill tonight", 42)];
            document.table(&columns, rows);
        }
        Ok(())
    }

    pub(super) fn used(&self, person: &Record<Person>) -> Result<Vec<Fact>, Fault> {
        let events = self.reader.activity_since(person.id, self.today.plus(-LOOKS_BACK))?;
        let told = tallied(&events);
        if told.is_empty() {
            return Ok(Vec::new());
        }
        let told = told.join(" · ");
        Ok(vec![Fact::new("Last six months", &told).open(&told)])
    }

    pub(super) fn doing(&self, document: &mut Document, person: &Record<Person>) -> Result<(), Fault> {
        let actions = self.reader.actions_of(person.id)?;
        let rows: Vec<Row> = actions
            .iter()
            .filter(|action| action.state.is_live())
            .map(|action| {
                Row::of([
                    action.what.to_string(),
                    self.members.name(action.owner),
                    self.members.organisation_of(action.owner),
                    action.due.to_string(),
                    state(action, self.today),
                    times(action.carried),
                ])
                .marked(4, overdue(action, self.today))
                .about(Some(person.id))
                .owned_by(action.owner)
                .opened(1, self.members.role(action.owner))
                .opened(4, plain_state(action, self.today))
                .open([2, 3, 5])
            })
            .collect();
        if rows.is_empty() {
            document.labelled_openly("Actions", "none open");
        } else {
            let columns =
                [("Action", 32), ("Owner", 16), ("Organisation", 18), ("Due", 13), ("State", 14), ("Carried", 9)];
            document.table(&columns, rows);
        }
        Ok(())
    }

    pub(super) fn discussed(&self, document: &mut Document, person: &Record<Person>) -> Result<(), Fault> {
        let past = self.reader.times_discussed(person.id)?;
        let Some((meeting, discussion)) = past.first() else {
            document.labelled_openly("Last discussed", "never");
            return Ok(());
        };
        document.labelled_openly("Last discussed", &meeting.on.long());
        let said = [("Situation then", &discussion.situation), ("Update then", &discussion.update)];
        for (label, text) in said.into_iter().chain([("Next steps then", &discussion.next_steps)]) {
            if let Some(text) = text {
                document.labelled(label, text.as_str());
            }
        }
        Ok(())
    }
}
