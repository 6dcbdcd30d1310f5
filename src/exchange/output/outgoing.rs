//! Everything that can leave: which document, for whom, in which format, made into bytes with a name.
//!
//! The screen and the command line both come this way. Making writes nothing; whoever sends a [`Parcel`] commits its
//! [`Parcel::disclosure`] first and puts the bytes on a disk then: nothing leaves that the log does not know of.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use crate::clock::Clock;
use crate::domain::Word as _;
use crate::domain::change::{Change, Mint, Record, add};
use crate::domain::day::{Day, Moment};
use crate::domain::disclosure::Disclosure;
use crate::domain::id::{MeetingId, MemberId, PersonId};
use crate::domain::meeting::Meeting;
use crate::domain::member::Member;
use crate::domain::refusal::Refusal;
use crate::domain::team::Team;
use crate::domain::text::Line;
use crate::store::Reader;
use crate::store::action::{ActionFilter, ActionRow};
use crate::store::log::hex;

use super::actions::{self, ActionLog};
use super::cut::Gate;
use super::document::Document;
use super::ics::Detail;
use super::recipient::{Audience, Cut, Reach, Recipient};
use super::template::Template;
use super::xlsx::Sheets;
use super::{Format, NotMade, agenda, csv, eml, file, html, ics, minutes, numbers, pack, plain, slips, summary, xlsx};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paper {
    /// The minutes of a meeting.
    Minutes(MeetingId),
    /// The agenda of a meeting.
    Agenda(MeetingId),
    /// What everybody should look up before a meeting.
    Pack(MeetingId),
    /// A page for each person on the agenda of a meeting.
    Summaries(MeetingId),
    /// One person on one page.
    Summary(PersonId),
    /// The actions a filter lets through.
    Actions(ActionFilter),
    /// What one owner is to do, for themselves; of one meeting, or all of it.
    Slip(MemberId, Option<MeetingId>),
    /// A slip for each owner who has something to do.
    Slips(Option<MeetingId>),
}

impl Paper {
    /// In one word: what the file's name begins with.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Minutes(_) => "minutes",
            Self::Agenda(_) => "agenda",
            Self::Pack(_) => "pack",
            Self::Summaries(_) | Self::Summary(_) => "summary",
            Self::Actions(_) => "actions",
            Self::Slip(..) | Self::Slips(_) => "slip",
        }
    }

    /// What the log says of it.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Minutes(_) => "Export minutes",
            Self::Agenda(_) => "Export agenda",
            Self::Pack(_) => "Export preparation pack",
            Self::Summaries(_) => "Export summaries",
            Self::Summary(_) => "Export summary",
            Self::Actions(_) => "Export action log",
            Self::Slip(..) | Self::Slips(_) => "Export slips",
        }
    }

    /// The formats it can be had in.
    pub fn formats(&self) -> &'static [Format] {
        use Format::{Csv, Docx, Eml, Html, Ics, Json, Markdown, Pdf, Text, Xlsx};
        match self {
            Self::Minutes(_) | Self::Pack(_) | Self::Summaries(_) | Self::Summary(_) => {
                &[Docx, Pdf, Html, Markdown, Text, Json]
            }
            Self::Agenda(_) => &[Docx, Pdf, Html, Markdown, Text, Xlsx, Json, Ics],
            Self::Actions(_) => &[Xlsx, Csv, Docx, Pdf, Html, Markdown, Text, Json, Ics],
            Self::Slip(..) | Self::Slips(_) => &[Eml, Text, Ics, Docx, Pdf, Html, Markdown],
        }
    }

    /// Whether it can be had in this format.
    ///
    /// # Errors
    /// Refuses another one, with the choices.
    pub fn check(&self, format: Format) -> Result<(), Refusal> {
        if self.formats().contains(&format) {
            return Ok(());
        }
        let choices: Vec<&str> = self.formats().iter().map(|format| format.code()).collect();
        Err(Refusal::new(format!(
            "The {} cannot be had as {}. Choose one of: {}. Nothing was written.",
            self.kind(),
            format.code(),
            choices.join(", ")
        )))
    }

    /// How its file's name begins: what it is, and by what it was narrowed – in words, never a name.
    pub fn stem(&self) -> String {
        let Self::Actions(filter) = self else { return self.kind().to_owned() };
        let ActionFilter { live_only, owner, organisation, person, due_before, due_from, due_to, meeting } = filter;
        let narrowed = [
            (!live_only, "all"),
            (due_before.is_some(), "overdue"),
            (due_from.is_some() || due_to.is_some(), "due"),
            (meeting.is_some(), "meeting"),
            (owner.is_some(), "owner"),
            (organisation.is_some(), "organisation"),
            (person.is_some(), "person"),
        ];
        let words = narrowed.into_iter().filter(|(is, _)| *is).map(|(_, word)| word);
        std::iter::once(self.kind()).chain(words).collect::<Vec<_>>().join("-")
    }

    fn meeting(&self) -> Option<MeetingId> {
        match self {
            Self::Minutes(id) | Self::Agenda(id) | Self::Pack(id) | Self::Summaries(id) => Some(*id),
            Self::Summary(_) => None,
            Self::Actions(filter) => filter.meeting,
            Self::Slip(_, meeting) | Self::Slips(meeting) => *meeting,
        }
    }
}

/// What is asked for, for whom, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The document.
    pub paper: Paper,
    /// For whom.
    pub recipient: Recipient,
    /// In which format.
    pub format: Format,
    /// Which sheets an action log has in Excel.
    pub sheets: Sheets,
}

impl Order {
    /// Whether it can be had: for this recipient, in this format.
    ///
    /// # Errors
    /// Refuses another format, with the choices.
    pub fn check(&self) -> Result<(), Refusal> {
        self.paper.check(self.format)?;
        let is_prepared =
            matches!(self.paper, Paper::Agenda(_) | Paper::Pack(_) | Paper::Summaries(_) | Paper::Summary(_));
        if is_prepared && self.recipient.audience() == Audience::Owner {
            return Err(Refusal::new(
                "One owner's actions are had as slips, minutes or the action log; this paper is for full or an organisation. Nothing was written.",
            ));
        }
        if self.recipient == Recipient::Numbers && matches!(self.format, Format::Csv | Format::Ics | Format::Eml) {
            return Err(Refusal::new(
                "Numbers are a page, not a list. Choose one of: docx, pdf, html, md, txt, xlsx, json. Nothing was written.",
            ));
        }
        Ok(())
    }

    /// Whether a template has a say in it: not in what programs read, which keeps our own names.
    pub fn takes_template(&self) -> bool {
        match self.format {
            Format::Docx | Format::Pdf | Format::Html | Format::Markdown | Format::Text | Format::Eml => true,
            Format::Xlsx => !matches!(self.paper, Paper::Actions(_)),
            Format::Csv | Format::Json | Format::Ics => false,
        }
    }
}

/// What a document is made from.
pub struct Source<'a> {
    /// The file.
    pub reader: &'a Reader,
    /// The team.
    pub team: &'a Record<Team>,
    /// The clock.
    pub clock: &'a Clock,
    /// How it looks, and what we call things in it.
    pub template: &'a Template,
}

/// A document ready to leave.
pub struct Parcel {
    /// A name for its file: date, kind and recipient, never a person's.
    pub name: String,
    /// The whole of it.
    pub bytes: Vec<u8>,
    /// What it gives away, and what it does not.
    pub reach: Reach,
    /// The meeting it is of.
    pub meeting: Option<MeetingId>,
    /// What the log says of it.
    pub label: &'static str,
    pub(super) kind: &'static str,
    pub(super) recipient: Recipient,
    pub(super) format: &'static str,
    pub(super) sealed: bool,
}

/// The document for its recipient.
enum Made {
    Page(Cut<Document>),
    Log(Cut<ActionLog>),
}

impl Source<'_> {
    /// What the recipient would get, without making the file.
    ///
    /// # Errors
    /// Refuses what cannot be made; any fault of the file.
    pub fn preview(&self, order: &Order) -> Result<Reach, NotMade> {
        order.check()?;
        Ok(match self.cut(order)? {
            (Made::Page(page), _) => page.reach().clone(),
            (Made::Log(log), _) => log.reach().clone(),
        })
    }

    /// Makes it.
    ///
    /// # Errors
    /// Refuses what cannot be made; any fault of the file.
    pub fn make(&self, order: &Order) -> Result<Parcel, NotMade> {
        order.check()?;
        let (made, on) = self.cut(order)?;
        // After the gate, so that no order and no wording can change what it lets through, or hide for whom it is.
        let made = match made {
            Made::Page(page) if order.takes_template() => Made::Page(page.in_words_of(self.template)),
            other => other,
        };
        // What was frozen says so itself; counts are made afresh each time.
        let frozen = |page: &Cut<Document>| page.permitted().what().meta.iter().any(|fact| fact.label == "Sealed");
        let is_minutes = matches!(order.paper, Paper::Minutes(_)) && order.recipient != Recipient::Numbers;
        let sealed = matches!(&made, Made::Page(page) if is_minutes && frozen(page));
        let (bytes, reach) = match (&made, &order.paper) {
            // When and where, of which team: it is about nobody.
            (Made::Page(page), Paper::Agenda(id)) if order.format == Format::Ics => {
                let meeting = self.meeting(*id)?;
                let text = ics::meeting(self.team, &meeting, self.clock.now().moment);
                (text.into_bytes(), Reach { recipient: page.reach().recipient.clone(), ..Reach::default() })
            }
            (Made::Page(page), _) if order.format == Format::Eml => (self.draft(order, page)?, page.reach().clone()),
            (Made::Page(page), _) => {
                (order.format.render(page.permitted(), self.template.look())?, page.reach().clone())
            }
            (Made::Log(log), _) => (self.log_bytes(log, order.format, order.sheets)?, log.reach().clone()),
        };
        Ok(Parcel {
            name: file::name(&order.paper.stem(), on, &order.recipient, order.format.code()),
            bytes,
            reach,
            meeting: order.paper.meeting(),
            label: order.paper.label(),
            kind: order.paper.kind(),
            recipient: order.recipient.clone(),
            format: order.format.code(),
            sealed,
        })
    }

    fn log_bytes(&self, log: &Cut<ActionLog>, format: Format, sheets: Sheets) -> Result<Vec<u8>, NotMade> {
        let unwritten = |_| Refusal::new("The list could not be written as JSON. Nothing was written.");
        Ok(match format {
            Format::Csv => csv::for_a_file(&csv::render(log.permitted())?),
            Format::Json => actions::json(log.permitted()).map_err(unwritten)?.into_bytes(),
            Format::Xlsx => xlsx::actions(log.permitted(), sheets)?,
            Format::Ics => ics::actions(log.permitted(), Detail::Plain, self.clock.now().moment).into_bytes(),
            Format::Docx | Format::Pdf | Format::Html | Format::Markdown | Format::Text | Format::Eml => {
                return Err(Refusal::new("The action log cannot be had so. Nothing was written.").into());
            }
        })
    }

    /// The document, cut, and the day it is of.
    fn cut(&self, order: &Order) -> Result<(Made, Day), NotMade> {
        let today = self.clock.now().today;
        let (reader, team) = (self.reader, self.team);
        let gate = |on| Gate::new(reader, team, order.paper.meeting(), order.recipient.clone(), on);
        if order.recipient == Recipient::Numbers {
            let (document, on) = match &order.paper {
                Paper::Minutes(id) | Paper::Agenda(id) => {
                    let meeting = self.meeting(*id)?;
                    (numbers::of_meeting(reader, team, &meeting)?, meeting.on)
                }
                Paper::Actions(filter) => (numbers::of_actions(reader, team, filter, today)?, today),
                Paper::Pack(_) | Paper::Summaries(_) | Paper::Summary(_) | Paper::Slip(..) | Paper::Slips(_) => {
                    return Err(Refusal::new("There are no numbers of this. Choose minutes, agenda or actions.").into());
                }
            };
            return Ok((Made::Page(gate(on)?.document(&document)?), on));
        }
        let (document, on) = match &order.paper {
            Paper::Minutes(id) => {
                let meeting = self.meeting(*id)?;
                (minutes::document_of(reader, team, &meeting, self.clock)?, meeting.on)
            }
            Paper::Agenda(id) => {
                let meeting = self.meeting(*id)?;
                (agenda::document_of(reader, team, &meeting)?, meeting.on)
            }
            Paper::Pack(id) => {
                let meeting = self.meeting(*id)?;
                (pack::document_of(reader, team, &meeting, today)?, meeting.on)
            }
            Paper::Summaries(id) => {
                let meeting = self.meeting(*id)?;
                (summary::of_meeting(reader, team, &meeting, today)?, meeting.on)
            }
            Paper::Summary(id) => (summary::of_person(reader, team, *id, today)?, today),
            Paper::Actions(filter) => {
                let rows = actions::rows(reader, team.id, filter)?;
                if order.format.is_list() {
                    let log = actions::log_of(reader, team, &rows, today);
                    return Ok((Made::Log(gate(today)?.log(&log)?), today));
                }
                (actions::document_of(reader, team, &rows, today), today)
            }
            Paper::Slip(owner, meeting) => {
                let (owner, rows) = self.slip_rows(order, *owner)?;
                // Slips of one meeting bear its day, so that they are not taken for all of somebody's.
                let on = meeting.map(|id| self.meeting(id)).transpose()?.map_or(today, |meeting| meeting.on);
                if order.format == Format::Ics {
                    let log = actions::log_of(reader, team, &rows, today);
                    return Ok((Made::Log(gate(on)?.log(&log)?), on));
                }
                (slips::document_of(reader, team, &owner, &rows, today), on)
            }
            Paper::Slips(_) => {
                return Err(Refusal::new("Slips are made one by one, each for its owner. Nothing was written.").into());
            }
        };
        Ok((Made::Page(gate(on)?.document(&document)?), on))
    }

    /// An owner and what they have to do. A slip is for its owner and nobody else.
    fn slip_rows(&self, order: &Order, owner: MemberId) -> Result<(Record<Member>, Vec<ActionRow>), NotMade> {
        if !matches!(&order.recipient, Recipient::Owner { id, .. } if *id == owner) {
            return Err(Refusal::new("A slip is for its owner alone. Nothing was written.").into());
        }
        let gone = || Refusal::new("This member is not there any more. Nothing was written.");
        let member = self.reader.get(owner)?.ok_or_else(gone)?;
        let filter = ActionFilter {
            live_only: true,
            owner: Some(owner),
            meeting: order.paper.meeting(),
            ..ActionFilter::default()
        };
        Ok((member, actions::rows(self.reader, self.team.id, &filter)?))
    }

    /// Everything an order asks for: one document, or a slip for each owner who has something to do.
    ///
    /// # Errors
    /// As [`Source::make`]; refuses slips where nobody has anything to do.
    pub fn make_all(&self, order: &Order) -> Result<Vec<Parcel>, NotMade> {
        let mut parcels: Vec<Parcel> =
            self.each(order)?.iter().map(|order| self.make(order)).collect::<Result<_, _>>()?;
        distinguish(&mut parcels);
        Ok(parcels)
    }

    /// The orders an order is made of.
    ///
    /// # Errors
    /// Refuses slips where nobody has anything to do; any fault of the file.
    pub fn each(&self, order: &Order) -> Result<Vec<Order>, NotMade> {
        let Paper::Slips(meeting) = order.paper else { return Ok(vec![order.clone()]) };
        let filter = ActionFilter { live_only: true, meeting, ..ActionFilter::default() };
        let rows = actions::rows(self.reader, self.team.id, &filter)?;
        let owners: BTreeMap<MemberId, Record<Member>> =
            rows.into_iter().map(|row| (row.owner.id, row.owner)).collect();
        let wanted = |owner: &&Record<Member>| match &order.recipient {
            Recipient::Owner { id, .. } => *id == owner.id,
            Recipient::Organisation { id, .. } => *id == owner.organisation,
            Recipient::Full | Recipient::Pseudonymised { .. } | Recipient::Numbers => true,
        };
        let orders: Vec<Order> = owners
            .values()
            .filter(|owner| owner.left_on.is_none())
            .filter(wanted)
            .map(|owner| Order {
                paper: Paper::Slip(owner.id, meeting),
                recipient: Recipient::owner(owner),
                ..order.clone()
            })
            .collect();
        if orders.is_empty() {
            return Err(Refusal::new("Nobody has an action to be done: there are no slips to write.").into());
        }
        Ok(orders)
    }

    /// A slip as a draft: its text, its page, and the calendar beside it.
    fn draft(&self, order: &Order, page: &Cut<Document>) -> Result<Vec<u8>, NotMade> {
        let (text, html) = (plain::render(page.permitted()), html::render(page.permitted(), self.template.look()));
        let Paper::Slip(owner, _) = &order.paper else {
            return Err(Refusal::new("Only a slip is written as a mail draft. Nothing was written.").into());
        };
        let (owner, _) = self.slip_rows(order, *owner)?;
        let calendar = self.make(&Order { format: Format::Ics, ..order.clone() })?;
        let to = owner.email.as_ref().map(Line::as_str).filter(|it| eml::is_address(it));
        let attachment = eml::Attachment { name: "actions.ics", kind: "text/calendar", bytes: &calendar.bytes };
        let subject = eml::subject(self.team.name.as_str(), self.clock.now().today);
        let draft = eml::Draft { to, subject: &subject, text: &text, html: Some(&html), attachments: &[attachment] };
        Ok(eml::draft(&draft)?)
    }

    fn meeting(&self, id: MeetingId) -> Result<Record<Meeting>, NotMade> {
        let gone = || Refusal::new("The meeting is not there any more. Nothing was written.");
        Ok(self.reader.get(id)?.ok_or_else(gone)?)
    }
}

/// Gives parcels of the same name, for two owners who are called alike, names of their own.
pub fn distinguish(parcels: &mut [Parcel]) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for parcel in parcels {
        let (stem, ending) = parcel.name.rsplit_once('.').unwrap_or((&parcel.name, ""));
        let numbered = (2..).map(|n| format!("{stem}-{n}.{ending}"));
        let free = std::iter::once(parcel.name.clone()).chain(numbered).find(|name| !taken.contains(name));
        parcel.name = free.unwrap_or_default();
        taken.insert(parcel.name.clone());
    }
}

impl Parcel {
    /// Whether it is for somebody else than the whole team.
    pub fn is_cut(&self) -> bool {
        self.recipient != Recipient::Full
    }

    /// The bytes without the mark at their beginning, for a reader that takes them as they come.
    pub fn unmarked(&mut self) {
        if self.bytes.starts_with("\u{feff}".as_bytes()) {
            self.bytes.drain(.."\u{feff}".len());
        }
    }

    /// The record of its leaving, to be committed before it does.
    ///
    /// # Errors
    /// Refuses where whoever sends it has no name that can be written down.
    pub fn disclosure(&self, team: &Record<Team>, at: Moment, by: &str, mint: &mut Mint) -> Result<Change, Refusal> {
        Ok(add(
            mint.mint(),
            Disclosure {
                team: team.id,
                meeting: self.meeting,
                at,
                by: Line::parse(by)?,
                kind: Line::parse(self.kind)?,
                recipient: Line::parse(&self.recipient.code())?,
                format: Line::parse(self.format)?,
                people: self.reach.people.clone(),
                withheld: i64::try_from(self.reach.withheld_people()).unwrap_or(i64::MAX),
                sealed: self.sealed,
                sha256: Line::parse(&hex(&Sha256::digest(&self.bytes)))?,
            },
        ))
    }
}
