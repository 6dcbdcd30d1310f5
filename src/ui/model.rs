//! Everything the screens show. `update` is its only writer.

use crate::clock::Now;
use crate::domain::change::{Mint, NounKind, Record};
use crate::domain::day::Day;
use crate::domain::id::{MemberId, OrganisationId, PersonId};
use crate::domain::meeting::Meeting;
use crate::domain::member::Member;
use crate::domain::organisation::Organisation;
use crate::domain::person::Person;
use crate::domain::team::Team;
use crate::domain::text::DisplaySafe;
use crate::domain::viewing::Looked;
use crate::jobs::keeping::Newest;
use crate::store::caseload::CaseFilter;
use crate::store::fault::Fault;
use crate::store::reading::OnlyRead;
use crate::store::{FileKind, Reader, Touched};

use super::command::Scope;
use super::company::Company;
use super::facts::Facts;
use super::idle::Idle;
use super::overlays::Overlay;
use super::overlays::form::Form;
use super::reading;
use super::screens::{self, Screen};
use super::theme::Theme;
use super::veil::Veil;

/// What is said on the notice line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The sentence.
    pub text: DisplaySafe,
    /// Whether something did not work.
    pub trouble: bool,
}

/// The model.
#[derive(Debug)]
pub struct Model {
    /// What time it is.
    pub now: Now,
    /// Makes new ids.
    pub mint: Mint,
    /// Whose steps these are.
    pub actor: String,
    /// The login, under which the choice of member is kept.
    pub login: String,
    /// Real or demo.
    pub kind: FileKind,
    /// Whether the file is encrypted.
    pub encrypted: bool,
    /// Why the file is open to read only, where it is.
    pub only_read: Option<OnlyRead>,
    /// The team.
    pub team: Record<Team>,
    /// Its members, those who left among them.
    pub members: Vec<Record<Member>>,
    /// Every organisation.
    pub organisations: Vec<Record<Organisation>>,
    /// The meeting that is live, or else the next one planned.
    pub next_meeting: Option<Record<Meeting>>,
    /// The planned meeting after that one: what `next` means while a meeting is live.
    pub after_next: Option<Record<Meeting>>,
    /// The room shown.
    pub screen: Screen,
    /// The rooms to go back to.
    pub back: Vec<Screen>,
    /// Home.
    pub home: screens::home::Home,
    /// The caseload.
    pub caseload: screens::caseload::Caseload,
    /// The person whose page is open.
    pub person: Option<screens::person::Page>,
    /// The agenda.
    pub agenda: screens::agenda::AgendaDesk,
    /// The meeting.
    pub meeting: screens::meeting::Room,
    /// All actions.
    pub actions: screens::actions::ActionList,
    /// Minutes.
    pub minutes: screens::minutes::MinutesShelf,
    /// The team's page.
    pub team_page: screens::team::TeamPage,
    /// Lists that come in.
    pub lists: screens::lists::ListRoom,
    /// What happened to the records.
    pub history: screens::history::History,
    /// Records that were opened, and that is not written down yet.
    pub looked: Vec<(PersonId, Looked)>,
    /// What lies over the screen, topmost last.
    pub overlays: Vec<Overlay>,
    /// The notice line.
    pub notice: Option<Notice>,
    /// Whether identifiers are hidden.
    pub masked: bool,
    /// The terminal's size: columns, rows.
    pub size: (u16, u16),
    /// The colours.
    pub theme: Theme,
    /// The newest step this model has seen.
    pub seen_step: i64,
    /// Who else is at work.
    pub company: Company,
    /// When the screen locks.
    pub idle: Idle,
    /// When the newest copy was made.
    pub newest_copy: Newest,
}

impl Model {
    /// The model of a file just opened, on Home or – where a meeting is live – in it.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    #[allow(clippy::too_many_arguments, reason = "each is one thing that only the caller knows")]
    pub fn open(
        reader: &Reader,
        team: Record<Team>,
        now: Now,
        mint: Mint,
        actor: String,
        login: String,
        theme: Theme,
        size: (u16, u16),
    ) -> Result<Self, Fault> {
        let mut model = Self {
            now,
            mint,
            actor,
            login,
            kind: reader.kind(),
            encrypted: reader.is_encrypted(),
            only_read: reader.only_read().cloned(),
            team,
            members: Vec::new(),
            organisations: Vec::new(),
            next_meeting: None,
            after_next: None,
            screen: Screen::Home,
            back: Vec::new(),
            home: screens::home::Home::default(),
            caseload: screens::caseload::Caseload::default(),
            person: None,
            agenda: screens::agenda::AgendaDesk::default(),
            meeting: screens::meeting::Room::default(),
            actions: screens::actions::ActionList::default(),
            minutes: screens::minutes::MinutesShelf::default(),
            team_page: screens::team::TeamPage::default(),
            lists: screens::lists::ListRoom::default(),
            history: screens::history::History::default(),
            looked: Vec::new(),
            overlays: Vec::new(),
            notice: None,
            masked: false,
            size,
            theme,
            seen_step: reader.head()?.seq,
            company: Company::default(),
            idle: Idle::default(),
            newest_copy: Newest::NotKept,
        };
        model.reload_shared(reader)?;
        if model.only_read.is_none() {
            screens::meeting::offer_to_resume(&mut model, reader)?;
        }
        model.reload_screen(reader)?;
        if let Some(why) = &model.only_read {
            let sentence = reading::sentence(why);
            model.refuse(sentence);
        } else if model.me().is_none() && !model.members.is_empty() {
            model.say("Who are you? Press 8, choose your name and press m: then what you do carries your name.");
        }
        Ok(model)
    }

    /// Reads again what a step touched.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn reload(&mut self, touched: Touched, reader: &Reader) -> Result<(), Fault> {
        // That somebody looked is nobody's news.
        let touched = touched.without(NounKind::Viewing);
        if touched.any(&[NounKind::Team, NounKind::Member, NounKind::Organisation, NounKind::Meeting]) {
            self.reload_shared(reader)?;
        }
        if !touched.is_empty() {
            self.reload_screen(reader)?;
        }
        Ok(())
    }

    fn reload_shared(&mut self, reader: &Reader) -> Result<(), Fault> {
        if let Some(team) = reader.get::<Team>(self.team.id)? {
            self.team = team;
        }
        self.members = reader.members(self.team.id)?;
        self.organisations = reader.organisations()?;
        let live = reader.live_meeting(self.team.id)?;
        let planned = reader.next_meeting(self.team.id, self.now.today)?;
        (self.next_meeting, self.after_next) = match (live, planned) {
            (Some(live), planned) => (Some(live), planned),
            (None, Some(planned)) => {
                let after = reader.next_meeting(self.team.id, planned.on.plus(1))?;
                (Some(planned), after)
            }
            (None, None) => (None, None),
        };
        Ok(())
    }

    /// Reads again what the shown room shows.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn reload_screen(&mut self, reader: &Reader) -> Result<(), Fault> {
        match self.screen {
            Screen::Home => screens::home::load(self, reader),
            Screen::Caseload => screens::caseload::load(self, reader),
            Screen::Person => screens::person::load(self, reader),
            Screen::Agenda => screens::agenda::load(self, reader),
            Screen::Meeting => screens::meeting::load(self, reader),
            Screen::Actions => screens::actions::load(self, reader),
            Screen::Minutes => screens::minutes::load(self, reader),
            Screen::Team => screens::team::load(self, reader),
            Screen::Lists => screens::lists::load(self, reader),
            Screen::History => screens::history::load(self, reader),
        }
    }

    /// Goes to a room; `back` leads to where one was.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn go(&mut self, screen: Screen, reader: &Reader) -> Result<(), Fault> {
        if self.screen != screen {
            self.back.retain(|room| *room != screen);
            self.back.push(self.screen);
            self.screen = screen;
        }
        self.reload_screen(reader)
    }

    /// Shows the caseload, narrowed.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn show_people(&mut self, filter: CaseFilter, reader: &Reader) -> Result<(), Fault> {
        screens::caseload::show(self, filter, reader)
    }

    /// Shows the caseload with the search line ready.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn search_people(&mut self, reader: &Reader) -> Result<(), Fault> {
        screens::caseload::start_search(self, reader)
    }

    /// Shows the overdue actions: of one owner, or of everybody.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn show_overdue(&mut self, owner: Option<MemberId>, reader: &Reader) -> Result<(), Fault> {
        screens::actions::show_overdue(self, owner, reader)
    }

    /// The scopes whose keys work in the shown room, its own first.
    pub fn scopes(&self) -> Vec<Scope> {
        let own = match self.screen {
            Screen::Home => Scope::Home,
            Screen::Caseload => Scope::Caseload,
            Screen::Person => Scope::Person,
            Screen::Agenda => Scope::Agenda,
            Screen::Meeting => self.meeting.scope(),
            Screen::Actions => Scope::Actions,
            Screen::Minutes => self.minutes.scope(),
            Screen::Team => Scope::Team,
            Screen::Lists => self.lists.scope(),
            Screen::History => Scope::History,
        };
        vec![own, Scope::List, Scope::Global]
    }

    /// What gates may look at.
    pub fn facts(&self) -> Facts {
        match self.screen {
            Screen::Home => Facts::default(),
            Screen::Caseload => screens::caseload::facts(self),
            Screen::Person => screens::person::facts(self),
            Screen::Agenda => screens::agenda::facts(self),
            Screen::Meeting => screens::meeting::facts(self),
            Screen::Actions => screens::actions::facts(self),
            Screen::Minutes => screens::minutes::facts(self),
            Screen::Team => screens::team::facts(self),
            Screen::Lists => screens::lists::facts(self),
            Screen::History => screens::history::facts(self),
        }
    }

    /// Says something on the notice line.
    pub fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: DisplaySafe::new(text.into()), trouble: false });
    }

    /// Says on the notice line why something was not done.
    pub fn refuse(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: DisplaySafe::new(text.into()), trouble: true });
    }

    /// The member the user said they are.
    pub fn me(&self) -> Option<&Record<Member>> {
        self.members.iter().find(|member| member.name.as_str() == self.actor)
    }

    /// A member by id.
    pub fn member(&self, id: MemberId) -> Option<&Record<Member>> {
        self.members.iter().find(|member| member.id == id)
    }

    /// A member's name, or a mark where there is none.
    pub fn member_name(&self, id: Option<MemberId>) -> String {
        id.and_then(|id| self.member(id)).map_or_else(|| "—".to_owned(), |member| member.name.to_string())
    }

    /// An organisation by id.
    pub fn organisation(&self, id: OrganisationId) -> Option<&Record<Organisation>> {
        self.organisations.iter().find(|organisation| organisation.id == id)
    }

    /// An organisation's name, or a mark where there is none.
    pub fn organisation_name(&self, id: Option<OrganisationId>) -> String {
        id.and_then(|id| self.organisation(id))
            .map_or_else(|| "—".to_owned(), |organisation| organisation.name.to_string())
    }

    /// `Pat Okoro · Age Support ZZ`.
    pub fn owner_name(&self, id: MemberId) -> String {
        self.member(id).map_or_else(
            || "—".to_owned(),
            |member| format!("{} · {}", member.name, self.organisation_name(Some(member.organisation))),
        )
    }

    /// Members who can be given something: those who have not left.
    pub fn current_members(&self) -> Vec<Record<Member>> {
        self.members.iter().filter(|member| member.left_on.is_none_or(|left| left > self.now.today)).cloned().collect()
    }

    /// Current members as options of a card: name, role, organisation.
    pub fn member_options(&self) -> Vec<(MemberId, String)> {
        self.current_members()
            .into_iter()
            .map(|member| {
                (
                    member.id,
                    format!("{} ({}, {})", member.name, member.role, self.organisation_name(Some(member.organisation))),
                )
            })
            .collect()
    }

    /// Organisations as options of a card.
    pub fn organisation_options(&self) -> Vec<(OrganisationId, String)> {
        self.organisations.iter().map(|organisation| (organisation.id, organisation.name.to_string())).collect()
    }

    /// The day that `next` means in shorthand: the meeting after the one that is live, or the next one.
    pub fn next_meeting_day(&self) -> Option<Day> {
        let live = self
            .next_meeting
            .as_ref()
            .filter(|meeting| meeting.stage == crate::domain::meeting::Stage::Live || meeting.on == self.now.today);
        match live {
            Some(_) => self.after_next.as_ref().map(|meeting| meeting.on),
            None => self.next_meeting.as_ref().map(|meeting| meeting.on),
        }
    }

    /// The day an action is due where nobody says one: the next meeting, or a cadence from today.
    pub fn default_due(&self) -> Day {
        self.next_meeting_day().unwrap_or_else(|| self.now.today.plus(self.team.cadence))
    }

    /// A person's name as this screen may show it.
    pub fn name_of(&self, person: &Person) -> String {
        if self.masked { person.initials() } else { person.name() }
    }

    /// A person's short name as this screen may show it.
    pub fn short_name_of(&self, person: &Person) -> String {
        if self.masked { person.initials() } else { person.short_name() }
    }

    /// Age, date of birth, NHS number and practice, as this screen may show them.
    pub fn identity_of(&self, person: &Person) -> String {
        if person.is_erased() {
            return "record lawfully erased".to_owned();
        }
        let age = person.age(self.now.today).map(|age| age.to_string());
        let practice = person.practice.map(|practice| self.organisation_name(Some(practice)));
        let parts: Vec<String> = if self.masked {
            vec![age.unwrap_or_default(), practice.unwrap_or_default()]
        } else {
            let born = person.born.map(|born| format!("born {born} ({})", age.unwrap_or_default()));
            let number = person.nhs_number.map_or_else(|| "no NHS number".to_owned(), |number| number.to_string());
            vec![born.unwrap_or_else(|| "date of birth not known".to_owned()), number, practice.unwrap_or_default()]
        };
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }

    /// `! DIED 12-Nov-2026`: why somebody is not on the active caseload, and since when.
    pub fn off_the_caseload(&self, person: &Person) -> String {
        let since = person.standing_on.map(|on| format!(" {on}")).unwrap_or_default();
        format!("! {}{since}", crate::domain::Word::label(person.standing).to_uppercase())
    }

    /// A text about a person, without their names where the screen is masked.
    pub fn veiled(&self, person: Option<&Record<Person>>, text: &str) -> String {
        Veil::over(self.masked, person.map(|person| &person.value), &[]).drop_over(text)
    }

    /// Name and identity in one line: what a card about a person shows above its fields.
    pub fn subject_of(&self, person: &Person) -> String {
        format!("{} · {}", self.name_of(person), self.identity_of(person))
    }

    /// Half-typed text and the name under which it is kept, where there is any.
    pub fn text_in_progress(&self) -> Option<(String, String)> {
        if let Some((name, form)) = self.open_card() {
            let texts = form.texts();
            return (!texts.is_empty()).then(|| (name.to_owned(), serde_json::to_string(&texts).unwrap_or_default()));
        }
        self.meeting.text_in_progress()
    }

    /// The card whose text is kept, and under which name; a question may lie over it.
    fn open_card(&self) -> Option<(&str, &Form)> {
        self.overlays.iter().rev().find_map(|overlay| match overlay {
            Overlay::Form(form) => form.draft.as_deref().map(|name| (name, &**form)),
            Overlay::Confirm(_)
            | Overlay::Help(_)
            | Overlay::Palette(_)
            | Overlay::Pick(_)
            | Overlay::Conflict(_)
            | Overlay::Making(_) => None,
        })
    }

    /// What is open to be written on, by the name under which its text is kept.
    pub fn open_text(&self) -> Option<String> {
        self.open_card().map(|(name, _)| name.to_owned()).or_else(|| self.meeting.open_text())
    }
}
