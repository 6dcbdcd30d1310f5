//! The words of each part of the page, wrapped to a width. Where they go on the screen is `view`'s.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::Word;
use crate::domain::action::{Action, ActionState};
use crate::domain::carer::{Assessment, Carer};
use crate::domain::change::Record;
use crate::domain::discussion::Discussion;
use crate::domain::meeting::Meeting;
use crate::domain::nomination::{Nomination, Triage, Urgency};
use crate::domain::person::{Person, Residence};
use crate::domain::plan::{Goal, Plan, Progress};
use crate::domain::sharing::{Objection, Sharing};
use crate::domain::text::{Line as Words, Note};
use crate::ui::model::Model;
use crate::ui::theme::Theme;
use crate::ui::veil::Veil;
use crate::ui::widgets::fit::{clip, width, wrap, wrap_facts};

use super::{Page, Part};

/// Steps of the band history that are shown.
const HISTORY: usize = 5;
/// Uses of services that are shown by their day.
const LATEST: usize = 3;
/// Lines of an update that are shown of a past discussion.
const EXCERPT: usize = 3;

/// A part as it is to be drawn.
pub(super) struct Block {
    pub(super) part: Part,
    /// Its heading; empty where it goes on under the heading of the part before.
    pub(super) label: &'static str,
    pub(super) lines: Vec<Line<'static>>,
}

/// Collects the lines of one part.
struct Ink<'v> {
    cells: usize,
    theme: Theme,
    /// What a masked screen hides inside texts.
    veiled: &'v Veil,
    lines: Vec<Line<'static>>,
}

impl Ink<'_> {
    fn veil(&self, text: &str) -> String {
        self.veiled.drop_over(text)
    }

    fn say(&mut self, text: &str, style: Style) {
        self.lines.extend(wrap(&self.veil(text), self.cells).into_iter().map(|line| Line::styled(line, style)));
    }

    fn facts(&mut self, facts: &[String], style: Style) {
        let facts: Vec<String> = facts.iter().map(|fact| self.veil(fact)).collect();
        self.lines.extend(wrap_facts(&facts, self.cells).into_iter().map(|line| Line::styled(line, style)));
    }

    fn text(&mut self, text: &str) {
        self.say(text, self.theme.text());
    }

    fn quiet(&mut self, text: &str) {
        self.say(text, self.theme.quiet());
    }

    fn note(&mut self, note: Option<&Note>, missing: &str) {
        match note {
            Some(note) => self.text(note.as_str()),
            None => self.quiet(missing),
        }
    }

    /// A name in front of a text, on the same line.
    fn named(&mut self, name: &str, note: Option<&Note>) {
        let Some(note) = note else { return };
        let style = self.theme.text();
        for (n, line) in wrap(&format!("{name} {}", self.veil(note.as_str())), self.cells).into_iter().enumerate() {
            match line.strip_prefix(name).filter(|_| n == 0) {
                Some(rest) => self.lines.push(Line::from(vec![
                    Span::styled(name.to_owned(), self.theme.label()),
                    Span::styled(rest.to_owned(), style),
                ])),
                None => self.lines.push(Line::styled(line, style)),
            }
        }
    }

    /// A first text in one style, what follows it in another, on one line where both fit.
    fn pair(&mut self, first: (String, Style), second: (String, Style)) {
        let whole = width(&first.0) + 3 + width(&second.0);
        if whole <= self.cells && !second.0.is_empty() {
            self.lines.push(Line::from(vec![
                Span::styled(first.0, first.1),
                Span::raw("   "),
                Span::styled(second.0, second.1),
            ]));
        } else {
            self.say(&first.0, first.1);
            if !second.0.is_empty() {
                self.say(&second.0, second.1);
            }
        }
    }
}

/// Every part but the first, which is the head of the page.
pub(super) fn blocks(model: &Model, page: &Page, cells: impl Fn(Part) -> usize) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut before = "";
    let people = page.housemates.iter().chain([&page.person]).map(|person| &person.value);
    let veiled = Veil::over(model.masked, people, &page.carers);
    for part in page.parts.iter().copied().filter(|part| *part != Part::Identity) {
        let mut ink = Ink { cells: cells(part), theme: model.theme, veiled: &veiled, lines: Vec::new() };
        draw(model, page, part, &mut ink);
        let label = label(part);
        let label = if label == before { "" } else { label };
        before = if label.is_empty() { before } else { label };
        blocks.push(Block { part, label, lines: ink.lines });
    }
    blocks
}

/// The heading of the section a part stands in.
pub(super) fn label(part: Part) -> &'static str {
    match part {
        Part::Identity => "",
        Part::Home => "HOME",
        Part::Band => "BAND",
        Part::Sharing | Part::Objection(_) => "SHARING",
        Part::Flags => "FLAGS",
        Part::Frailty => "FRAILTY",
        Part::Matters => "WHAT MATTERS",
        Part::NoGoal | Part::Goal(_) => "GOALS",
        Part::Strengths => "STRENGTHS",
        Part::Needs => "NEEDS",
        Part::Contingency => "CONTINGENCY",
        Part::Review => "REVIEW",
        Part::KeyWorker => "KEY WORKER",
        Part::NoCarer | Part::Carer(_) => "CARERS",
        Part::Household => "HOUSEHOLD",
        Part::NoAction | Part::Action(_) => "ACTIONS",
        Part::NoNomination | Part::Nomination(_) => "NOMINATIONS",
        Part::NoDiscussion | Part::Discussion(_) => "DISCUSSIONS",
    }
}

fn draw(model: &Model, page: &Page, part: Part, ink: &mut Ink<'_>) {
    let plan = page.plan.as_ref().map(|plan| &plan.value);
    match part {
        Part::Identity => {}
        Part::Home => home(model, &page.person, ink),
        Part::Band => band(page, ink),
        Part::Sharing => sharing(&page.person, ink),
        Part::Objection(id) => page.objections.iter().filter(|it| it.id == id).for_each(|it| objection(model, it, ink)),
        Part::Flags => flags(&page.person, ink),
        Part::Frailty => {
            frailty(&page.person, ink);
            activity(model, page, ink);
        }
        Part::Matters => match plan.and_then(|plan| plan.matters.as_ref()) {
            Some(words) => ink.say(words.as_str(), ink.theme.heading()),
            None => ink.quiet("not asked yet · Enter to write it in the person's words"),
        },
        Part::NoGoal => ink.quiet("no goals yet · Enter to add the first"),
        Part::Goal(id) => page.goals.iter().filter(|it| it.id == id).for_each(|it| goal(it, ink)),
        Part::Strengths => {
            ink.note(plan.and_then(|plan| plan.strengths.as_ref()), "nothing written · Enter to write");
        }
        Part::Needs => ink.note(plan.and_then(|plan| plan.needs.as_ref()), "nothing written · Enter to write"),
        Part::Contingency => contingency(plan, ink),
        Part::Review => review(model, plan, ink),
        Part::KeyWorker => key_worker(model, page, ink),
        Part::NoCarer => ink.quiet("no carer known · Enter to add one"),
        Part::Carer(id) => page.carers.iter().filter(|it| it.id == id).for_each(|it| carer(model, it, ink)),
        Part::Household => household(model, page, ink),
        Part::NoAction => ink.quiet("no actions yet · Enter to add the first"),
        Part::Action(id) => page.actions.iter().filter(|it| it.id == id).for_each(|it| action(model, it, ink)),
        Part::NoNomination => ink.quiet("not nominated · Enter or o to nominate"),
        Part::Nomination(id) => {
            page.nominations.iter().filter(|it| it.id == id).for_each(|it| nomination(model, it, ink));
        }
        Part::NoDiscussion => ink.quiet("never discussed · m puts the person on the next agenda"),
        Part::Discussion(id) => page
            .discussions
            .iter()
            .filter(|(_, it)| it.id == id)
            .for_each(|(meeting, it)| discussion(model, page, meeting, it, ink)),
    }
}

fn shown(line: Option<&Words>) -> String {
    line.map(Words::to_string).unwrap_or_default()
}

fn home(model: &Model, person: &Person, ink: &mut Ink<'_>) {
    let gp = person.named_gp.as_ref().map(|gp| format!("named GP {gp}")).unwrap_or_default();
    let council = person.council.as_ref().map(|council| format!("council {council}")).unwrap_or_default();
    if person.practice.is_none() {
        ink.say("no practice recorded · Enter to choose it", ink.theme.warning());
    }
    ink.facts(&[gp, council], ink.theme.text());
    if !model.masked {
        let address: Vec<String> =
            [&person.address, &person.postcode].into_iter().flatten().map(Words::to_string).collect();
        let phone = person.phone.as_ref().map(|phone| format!("tel {phone}")).unwrap_or_default();
        ink.facts(&[address.join(", "), phone], ink.theme.text());
    }
    let residence = match person.residence {
        Residence::NotRecorded => String::new(),
        known => known.label().to_owned(),
    };
    let alone = match person.lives_alone {
        Some(true) => "lives alone",
        Some(false) => "does not live alone",
        None => "",
    };
    let bound = match person.housebound {
        Some(true) => "HOUSEBOUND",
        Some(false) => "not housebound",
        None => "",
    };
    ink.facts(&[residence, alone.to_owned(), bound.to_owned()], ink.theme.text());
    if ink.lines.is_empty() {
        ink.quiet("nothing recorded · Enter to write the address, the GP, who lives there");
    }
}

fn band(page: &Page, ink: &mut Ink<'_>) {
    let person = &page.person;
    let theme = ink.theme;
    let Some(band) = person.band else {
        ink.say("no band yet · Enter to set one", theme.warning());
        return;
    };
    let mark = crate::ui::theme::band_mark(Some(band)).chars().next().unwrap_or(' ');
    let since = person.band_on.map(|on| format!("since {on}")).unwrap_or_default();
    ink.pair((format!("{mark} {}", band.label()), theme.band(Some(band))), (since, theme.text()));
    if let Some(score) = person.score {
        let tool = person.score_tool.as_ref().map(|tool| format!("{tool} ")).unwrap_or_default();
        let on = person.score_on.map(|on| format!(" on {on}")).unwrap_or_default();
        ink.quiet(&format!("{tool}score {score}{on}"));
    }
    for entry in page.bands.iter().take(HISTORY) {
        let movement = match entry.before {
            Some(before) if entry.climbed() => format!("▲ climbed from {} to {}", before.label(), entry.band.label()),
            Some(before) if entry.fell() => format!("▽ fell from {} to {}", before.label(), entry.band.label()),
            Some(_) => format!("= stayed {}", entry.band.label()),
            None => format!("· first {}", entry.band.label()),
        };
        let how = if entry.overridden { format!("set by {}", entry.set_by) } else { entry.set_by.to_string() };
        let score = entry.score.map(|score| format!("score {score}")).unwrap_or_default();
        let label = entry.label.as_ref().map(|label| format!("“{label}”")).unwrap_or_default();
        ink.facts(&[format!("{} {movement}", entry.on), how, score, label], theme.quiet());
        ink.named("  reason", entry.reason.as_ref());
    }
    if page.bands.len() > HISTORY {
        ink.quiet(&format!("… and {} earlier", page.bands.len() - HISTORY));
    }
}

fn sharing(person: &Person, ink: &mut Ink<'_>) {
    let theme = ink.theme;
    let style = match person.sharing {
        Sharing::NotRecorded => theme.warning(),
        Sharing::ObjectedToAll | Sharing::ObjectedToSome | Sharing::Override => theme.alarm(),
        Sharing::Informed | Sharing::Agreed | Sharing::BestInterests => theme.text(),
    };
    let mark = match person.sharing {
        Sharing::ObjectedToAll | Sharing::ObjectedToSome | Sharing::Override => "! ",
        _ => "",
    };
    let when = person.sharing_on.map(|on| on.to_string()).unwrap_or_default();
    let by = person.sharing_by.as_ref().map(|by| format!("by {by}")).unwrap_or_default();
    let how = if person.sharing == Sharing::NotRecorded {
        "s records it".to_owned()
    } else {
        [when, by].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ")
    };
    ink.pair((format!("{mark}{}", person.sharing.label()), style), (how, theme.quiet()));
    if let Some(note) = &person.sharing_note {
        ink.text(note.as_str());
    }
    if person.objects_to_risk_lists {
        ink.say("! objects to risk lists", theme.warning());
    }
}

fn objection(model: &Model, it: &Objection, ink: &mut Ink<'_>) {
    let name = model.organisation_name(Some(it.organisation));
    match it.lifted_on {
        Some(lifted) => ink.quiet(&format!("objection to {name} lifted {lifted}")),
        None => {
            ink.say(&format!("! OBJECTS to {name}, since {}", it.on), ink.theme.alarm());
            if let Some(note) = &it.note {
                ink.text(note.as_str());
            }
        }
    }
}

fn flags(person: &Person, ink: &mut Ink<'_>) {
    if let Some(note) = &person.safeguarding {
        ink.say(&format!("! SAFEGUARDING OPEN: {}", note.as_str()), ink.theme.alarm());
    }
    let mut facts = Vec::new();
    for (flag, yes) in [
        (person.respect, "ReSPECT in place"),
        (person.palliative, "on the palliative register"),
        (person.has_carer, "has a carer"),
    ] {
        if flag == Some(true) {
            facts.push(yes.to_owned());
        }
    }
    if facts.is_empty() && person.safeguarding.is_none() {
        ink.quiet("none · Enter to set one");
    } else {
        ink.facts(&facts, ink.theme.warning());
    }
}

/// What the activity lists say of the last twelve months: counts, the last six months as a line, and the latest of them.
fn activity(model: &Model, page: &Page, ink: &mut Ink<'_>) {
    let told = crate::domain::activity::tallied(&page.activity);
    if told.is_empty() {
        return;
    }
    let blocks = crate::domain::activity::line(&page.activity, model.now.today).map(|line| format!("6 months {line}"));
    let facts: Vec<String> = std::iter::once("12 months to today".to_owned()).chain(told).chain(blocks).collect();
    ink.facts(&facts, ink.theme.text());
    let latest: Vec<String> = page
        .activity
        .iter()
        .rev()
        .take(LATEST)
        .map(|event| format!("{} {}", event.on.seen_from(model.now.today), event.kind.label()))
        .collect();
    ink.facts(&latest, ink.theme.quiet());
}

fn frailty(person: &Person, ink: &mut Ink<'_>) {
    let cfs = person.cfs.map(|cfs| {
        let on = person.cfs_on.map(|on| format!(" ({on})")).unwrap_or_default();
        format!("CFS {cfs}{on}")
    });
    let first: Vec<String> = [
        cfs,
        person.efi.map(|efi| format!("eFI {efi}")),
        person.conditions.map(|n| format!("{n} long-term conditions")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let second: Vec<String> = [
        person.attendances.map(|n| format!("A&E {n}")),
        person.admissions.map(|n| format!("unplanned admissions {n}")),
        person.out_of_hours.map(|n| format!("out of hours {n}")),
        person.admitted_on.map(|on| format!("last admitted {on}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if first.is_empty() && second.is_empty() {
        ink.quiet("nothing recorded · Enter to write it down");
    }
    ink.facts(&first, ink.theme.text());
    if !second.is_empty() {
        let facts: Vec<String> = std::iter::once("12 months to the list".to_owned()).chain(second).collect();
        ink.facts(&facts, ink.theme.quiet());
    }
}

fn goal(it: &Goal, ink: &mut Ink<'_>) {
    let theme = ink.theme;
    let (mark, style) = match it.progress {
        Progress::NotStarted => ("○", theme.text()),
        Progress::Some => ("◐", theme.accent()),
        Progress::Achieved => ("✓", theme.settled()),
        Progress::Dropped => ("×", theme.quiet()),
    };
    ink.say(&format!("{mark} {}", it.words.as_str()), theme.text());
    ink.say(&format!("  {} · {}", it.progress.label(), it.on), style);
    ink.named("  shown by", it.note.as_ref());
}

fn contingency(plan: Option<&Plan>, ink: &mut Ink<'_>) {
    let (trigger, response, contact) =
        plan.map_or((None, None, None), |it| (it.trigger.as_ref(), it.response.as_ref(), it.contact.as_ref()));
    if trigger.is_none() && response.is_none() && contact.is_none() {
        ink.quiet("no contingency plan · Enter to write it");
        return;
    }
    ink.named("when", trigger);
    ink.named("→ then", response);
    ink.named("→ ring", contact);
}

fn review(model: &Model, plan: Option<&Plan>, ink: &mut Ink<'_>) {
    let theme = ink.theme;
    let Some(plan) = plan else {
        ink.quiet("no review set · Enter to set it");
        return;
    };
    let reviewer = plan.reviewer.map(|by| format!("by {}", model.member_name(Some(by)))).unwrap_or_default();
    match plan.review_on {
        Some(on) if on <= model.now.today => {
            ink.pair((format!("! due since {on}"), theme.warning()), (reviewer, theme.quiet()));
        }
        Some(on) => ink.pair((on.to_string(), theme.text()), (reviewer, theme.quiet())),
        None => ink.say("no review date", theme.warning()),
    }
    let on = plan.agreed_on.map(|on| format!(", {on}")).unwrap_or_default();
    if let Some(with) = &plan.agreed_with {
        ink.quiet(&format!("plan agreed with {with}{on}"));
    }
}

fn key_worker(model: &Model, page: &Page, ink: &mut Ink<'_>) {
    match page.key_worker() {
        Some(now) => ink.pair(
            (model.owner_name(now.member), ink.theme.heading()),
            (format!("since {}", now.since), ink.theme.quiet()),
        ),
        None => ink.say("! none · w names one", ink.theme.warning()),
    }
    for past in page.key_workers.iter().filter(|period| period.until.is_some()) {
        let until = past.until.map(|until| until.to_string()).unwrap_or_default();
        let why = shown(past.ended_why.as_ref());
        ink.facts(
            &[format!("{} {} to {until}", model.member_name(Some(past.member)), past.since), why],
            ink.theme.quiet(),
        );
    }
}

fn carer(model: &Model, it: &Carer, ink: &mut Ink<'_>) {
    let theme = ink.theme;
    let name = if model.masked { "carer".to_owned() } else { it.name.to_string() };
    let phone = it.phone.as_ref().filter(|_| !model.masked).map(|phone| format!("tel {phone}")).unwrap_or_default();
    let ended = it.ended_on.map(|on| format!("until {on}")).unwrap_or_default();
    let style = if it.ended_on.is_some() { theme.quiet() } else { theme.heading() };
    ink.facts(&[name, shown(it.relation.as_ref()), phone, ended], style);
    let on = it.assessment_on.map(|on| format!(" {on}")).unwrap_or_default();
    let style = if it.assessment == Assessment::NotOffered { theme.warning() } else { theme.text() };
    ink.say(&format!("assessment {}{on}", it.assessment.label()), style);
    ink.named("needs", it.needs.as_ref());
    match &it.crisis {
        Some(_) => ink.named("if ill tonight", it.crisis.as_ref()),
        None if it.ended_on.is_none() => ink.quiet("if ill tonight: nothing written"),
        None => {}
    }
}

fn household(model: &Model, page: &Page, ink: &mut Ink<'_>) {
    let Some(home) = &page.household else {
        ink.quiet("in no household · Enter to join or make one");
        return;
    };
    let others: Vec<String> = page
        .housemates
        .iter()
        .filter(|it| it.id != page.person.id)
        .map(|it| {
            let age = it.age(model.now.today).map(|age| format!(" ({age})")).unwrap_or_default();
            format!("{}{age}", model.name_of(it))
        })
        .collect();
    if !model.masked {
        ink.text(home.name.as_str());
    }
    if others.is_empty() {
        ink.quiet("nobody else yet");
    } else {
        ink.facts(&std::iter::once("with".to_owned()).chain(others).collect::<Vec<_>>(), ink.theme.text());
    }
    if let Some(note) = &home.note {
        ink.quiet(note.as_str());
    }
}

fn action(model: &Model, it: &Record<Action>, ink: &mut Ink<'_>) {
    let theme = ink.theme;
    let owner = model.owner_name(it.owner);
    let (mark, style, end, end_style) = match &it.state {
        ActionState::Open | ActionState::Accepted { .. } => {
            let accepted = if matches!(it.state, ActionState::Accepted { .. }) { " · accepted" } else { "" };
            match it.overdue_days(model.now.today) {
                Some(days) => {
                    ("!", theme.text(), format!("due {} ! OVERDUE {days} d{accepted}", it.due), theme.alarm())
                }
                None => ("○", theme.text(), format!("due {}{accepted}", it.due), theme.text()),
            }
        }
        ActionState::Done { on, note } => {
            let note = note.as_ref().map(|note| format!(": {}", note.as_str())).unwrap_or_default();
            ("✓", theme.quiet(), format!("done {on}{note}"), theme.settled())
        }
        ActionState::NotDone { on, reason, note } => {
            let note = note.as_ref().map(|note| format!(": {}", note.as_str())).unwrap_or_default();
            ("–", theme.quiet(), format!("not done {on}, {}{note}", reason.label()), theme.quiet())
        }
        ActionState::Withdrawn { on, why } => {
            ("×", theme.quiet(), format!("withdrawn {on}: {}", why.as_str()), theme.quiet())
        }
    };
    ink.say(&format!("{mark} {}", it.what), style);
    ink.pair((format!("  {owner}"), theme.quiet()), (end, end_style));
}

fn nomination(model: &Model, it: &Nomination, ink: &mut Ink<'_>) {
    let theme = ink.theme;
    let from = it.organisation.map(|from| model.organisation_name(Some(from))).unwrap_or_default();
    let urgent = if it.urgency == Urgency::Urgent { "! URGENT".to_owned() } else { String::new() };
    let triage = match it.triage {
        Triage::Declined => format!("not taken: {}", shown(it.triage_why.as_ref())),
        other => other.label().to_owned(),
    };
    let style = if it.triage == Triage::Waiting { theme.warning() } else { theme.quiet() };
    ink.say(it.reason.as_str(), theme.text());
    let by = format!("asked by {}", it.asked_by);
    ink.facts(&[urgent, it.on.to_string(), by, from, it.channel.label().to_owned()], theme.quiet());
    ink.say(&triage, style);
    ink.named("question", it.question.as_ref());
    ink.named("S", it.situation.as_ref());
    ink.named("B", it.background.as_ref());
    ink.named("A", it.assessment.as_ref());
    ink.named("R", it.recommendation.as_ref());
    match it.told_on {
        Some(on) => {
            let by = it.told_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            ink.quiet(&format!("person told {on}{by}"));
        }
        None => ink.say("person not told yet", theme.warning()),
    }
}

fn discussion(model: &Model, page: &Page, meeting: &Record<Meeting>, it: &Record<Discussion>, ink: &mut Ink<'_>) {
    let theme = ink.theme;
    let decision = it.decision.map_or_else(|| "no decision recorded".to_owned(), |it| it.label().to_owned());
    let review = it.review_on.map(|on| format!("review {on}")).unwrap_or_default();
    ink.facts(&[meeting.on.long(), decision, review], theme.heading());
    if page.unfolded == Some(it.id) {
        ink.named("situation", it.situation.as_ref());
        ink.named("action to date", it.action_to_date.as_ref());
        ink.named("update", it.update.as_ref());
        ink.named("next steps", it.next_steps.as_ref());
        let teller = it.teller.map(|who| format!("told by {}", model.member_name(Some(who))));
        let waived = it.telling_waived.as_ref().map(|why| format!("telling waived: {why}"));
        let present: Vec<String> = it.present.iter().map(|who| model.member_name(Some(*who))).collect();
        ink.facts(&[teller.or(waived).unwrap_or_default()], theme.quiet());
        if !present.is_empty() {
            ink.quiet(&format!("present: {}", present.join(", ")));
        }
    } else if let Some(update) = &it.update {
        let lines = wrap(&ink.veil(update.as_str()), ink.cells);
        let cut = lines.len() > EXCERPT;
        for (n, line) in lines.into_iter().take(EXCERPT).enumerate() {
            let line = if cut && n + 1 == EXCERPT { clipped(&line, ink.cells) } else { line };
            ink.lines.push(Line::styled(line, theme.text()));
        }
    }
    if page.part() == Part::Discussion(it.id) && page.unfolded != Some(it.id) {
        ink.say("Enter shows all of it", theme.accent());
    }
    for agreed in page.actions.iter().filter(|action| action.meeting == Some(meeting.id)) {
        ink.quiet(&format!("→ {} ({}, {})", agreed.what, model.member_name(Some(agreed.owner)), agreed.state.code()));
    }
}

/// A line that ends with `…` because more follows, cut between words.
fn clipped(line: &str, cells: usize) -> String {
    let mut kept = line;
    while width(kept) + 2 > cells
        && let Some((shorter, _)) = kept.rsplit_once(' ')
    {
        kept = shorter;
    }
    format!("{} …", clip(kept, cells.saturating_sub(2)))
}
