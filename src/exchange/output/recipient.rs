//! Who a document is for, and what they may see. Nothing is rendered without passing through here.
//!
//! A renderer takes a [`Permitted`] value, and only this file can make one: to send something out is to name
//! its recipient first. What each of them is refused, and why, `cut` decides; [`Reach`] says how much that was.

use crate::domain::Word as _;
use crate::domain::change::Record;
use crate::domain::id::{MemberId, OrganisationId, PersonId, TeamId};
use crate::domain::member::Member;
use crate::domain::organisation::Organisation;
use crate::domain::refusal::Refusal;
use crate::domain::text::{displayable, fold};
use crate::store::Reader;

use super::NotMade;
use super::document::Document;
use super::template::Template;

words! {
    /// The kinds of recipient, as a command line or a form names them.
    Audience {
        /// The team itself: everything.
        Full = "full", "the whole team";
        /// One organisation: only the people it has to do with.
        Organisation = "organisation", "one organisation, its own people only";
        /// One member: only their own actions.
        Owner = "owner", "one owner, their own actions only";
        /// Codes instead of people, ages in bands, free text left out.
        Pseudonymised = "pseudonymised", "pseudonymised";
        /// Counts only.
        Numbers = "numbers", "numbers only";
    }
}

/// Who a document is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The team itself: everything.
    Full,
    /// One organisation: only the people it has to do with.
    Organisation {
        /// Which.
        id: OrganisationId,
        /// Its name.
        name: String,
    },
    /// One member: only their own actions.
    Owner {
        /// Who.
        id: MemberId,
        /// Their name.
        name: String,
        /// Where they work.
        organisation: OrganisationId,
    },
    /// Somebody who is to learn from it and know nobody again.
    Pseudonymised {
        /// Somebody has read every free text and says that nobody can be known by it.
        cleared: bool,
    },
    /// Somebody who gets counts.
    Numbers,
}

impl Recipient {
    /// One organisation of the file.
    pub fn organisation(organisation: &Record<Organisation>) -> Self {
        Self::Organisation { id: organisation.id, name: organisation.name.to_string() }
    }

    /// One member of the team.
    pub fn owner(member: &Record<Member>) -> Self {
        Self::Owner { id: member.id, name: member.name.to_string(), organisation: member.organisation }
    }

    /// What a command line says: `full`, `organisation:NAME`, `owner:NAME`, `pseudonymised`, `numbers`. A name may be the
    /// beginning of one, or of one of its words.
    ///
    /// # Errors
    /// Refuses what names no recipient, or several; says the choices.
    pub fn parse(text: &str, reader: &Reader, team: TeamId) -> Result<Self, NotMade> {
        let (word, name) = text.split_once(':').map_or((text, None), |(word, name)| (word, Some(name.trim())));
        let audience = Audience::from_code(&word.trim().to_lowercase());
        match (audience, name.filter(|name| !name.is_empty())) {
            (Some(Audience::Full), None) => Ok(Self::Full),
            (Some(Audience::Pseudonymised), None) => Ok(Self::Pseudonymised { cleared: false }),
            (Some(Audience::Numbers), None) => Ok(Self::Numbers),
            (Some(Audience::Organisation), name) => {
                let organisations = reader.organisations()?;
                let named = |it: &Record<Organisation>| it.name.to_string();
                Ok(Self::organisation(one(&organisations, name, "organisation", named)?))
            }
            (Some(Audience::Owner), name) => {
                let members = reader.members(team)?;
                Ok(Self::owner(one(&members, name, "owner", |it| it.name.to_string())?))
            }
            _ => Err(Refusal::new(format!(
                "“{}” is no recipient. Choose one of: full, organisation:NAME, owner:NAME, pseudonymised, numbers.",
                displayable(text)
            ))
            .into()),
        }
    }

    /// Which kind of recipient it is.
    pub fn audience(&self) -> Audience {
        match self {
            Self::Full => Audience::Full,
            Self::Organisation { .. } => Audience::Organisation,
            Self::Owner { .. } => Audience::Owner,
            Self::Pseudonymised { .. } => Audience::Pseudonymised,
            Self::Numbers => Audience::Numbers,
        }
    }

    /// As a command line would say it: `organisation:Age UK`.
    pub fn code(&self) -> String {
        match self {
            Self::Organisation { name, .. } | Self::Owner { name, .. } => {
                format!("{}:{name}", self.audience().code())
            }
            Self::Pseudonymised { cleared: true } => "pseudonymised-cleared".to_owned(),
            Self::Full | Self::Pseudonymised { cleared: false } | Self::Numbers => self.audience().code().to_owned(),
        }
    }

    /// For a file's name: `organisation-age-uk`.
    pub fn slug(&self) -> String {
        let mut out = String::new();
        for c in fold(&self.code()).chars() {
            match c {
                'a'..='z' | '0'..='9' => out.push(c),
                _ if out.ends_with('-') => {}
                _ => out.push('-'),
            }
        }
        out.trim_end_matches('-').chars().take(60).collect()
    }

    /// What stands beside “For” in the document.
    pub fn says(&self) -> String {
        match self {
            Self::Full => "the whole team".to_owned(),
            Self::Organisation { name, .. } => format!("{name} – only people it has to do with"),
            Self::Owner { name, .. } => format!("{name} – only their own actions"),
            Self::Pseudonymised { cleared: false } => "pseudonymised – no names, free text left out".to_owned(),
            Self::Pseudonymised { cleared: true } => "pseudonymised – no names, free text cleared by hand".to_owned(),
            Self::Numbers => "numbers only".to_owned(),
        }
    }
}

/// The one that is named so, or whose name begins so.
fn one<'a, T>(all: &'a [T], wanted: Option<&str>, noun: &str, name: impl Fn(&T) -> String) -> Result<&'a T, Refusal> {
    let wanted = fold(wanted.unwrap_or_default());
    let choices = |of: &[&T]| of.iter().map(|it| name(it)).collect::<Vec<_>>().join(", ");
    let exact: Vec<&T> = all.iter().filter(|it| fold(&name(it)) == wanted).collect();
    let begins = |name: &str| {
        name.starts_with(&wanted)
            || name.match_indices(' ').any(|(at, _)| name.get(at + 1..).is_some_and(|it| it.starts_with(&wanted)))
    };
    let begun = || all.iter().filter(|it| !wanted.is_empty() && begins(&fold(&name(it)))).collect();
    let found = if exact.is_empty() { begun() } else { exact };
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Refusal::new(format!(
            "There is no {noun} of that name. Choose one of: {}.",
            choices(&all.iter().collect::<Vec<_>>())
        ))),
        several => Err(Refusal::new(format!("Several have that name: {}. Write more of it.", choices(several)))),
    }
}

words! {
    /// Why something is withheld.
    Why {
        /// The organisation has nothing to do with the person.
        NoRelationship = "no relationship", "the recipient has nothing to do with them";
        /// The person objects to being shared at all.
        ObjectsToAll = "objects to all", "objects to all sharing";
        /// The person objects to this organisation.
        ObjectsToThem = "objects to them", "objects to this organisation";
        /// The person objected, and the team discusses them all the same.
        Overridden = "overridden", "objected; an override is for the team alone";
    }
}

/// What a document gives away, and what it does not: shown before it leaves, and logged when it does.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reach {
    /// For whom, in words.
    pub recipient: String,
    /// The people it speaks of.
    pub people: Vec<PersonId>,
    /// How many it leaves out, by reason.
    pub withheld: Vec<(Why, usize)>,
    /// Texts left out: they name somebody who is withheld, or are free text that nobody cleared.
    pub texts: usize,
    /// How many of the people have no sharing basis on record.
    pub unrecorded: usize,
}

impl Reach {
    /// How many people are left out.
    pub fn withheld_people(&self) -> usize {
        self.withheld.iter().map(|(_, people)| people).sum()
    }

    /// In lines, for whoever is about to send it.
    pub fn lines(&self) -> Vec<String> {
        let people = |n: usize| if n == 1 { "1 person".to_owned() } else { format!("{n} people") };
        let mut out = vec![
            format!("For: {}", self.recipient),
            match self.people.len() {
                0 => "It speaks of nobody.".to_owned(),
                n => format!("It speaks of {}.", people(n)),
            },
        ];
        for (why, n) in &self.withheld {
            out.push(format!("Left out: {} – {}.", people(*n), why.label()));
        }
        if self.texts > 0 {
            let texts = if self.texts == 1 { "1 text".to_owned() } else { format!("{} texts", self.texts) };
            out.push(format!("Left out: {texts} that could give away somebody."));
        }
        if self.unrecorded > 0 {
            out.push(format!("Note: {} without a sharing basis on record.", people(self.unrecorded)));
        }
        out
    }
}

/// Something cut to what its recipient may see, with what was cut.
pub struct Cut<T> {
    what: T,
    recipient: Recipient,
    reach: Reach,
}

impl<T> Cut<T> {
    /// Only `cut` makes one.
    pub(super) fn new(what: T, recipient: Recipient, reach: Reach) -> Self {
        Self { what, recipient, reach }
    }

    /// What they may see, to be rendered.
    pub fn permitted(&self) -> Permitted<'_, T> {
        Permitted { what: &self.what }
    }

    /// Who they are.
    pub fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// What is given away, and what is not.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }
}

impl Cut<Document> {
    /// The same in the order and words of a template, which has none of its own to add: what was cut stays cut.
    pub(super) fn in_words_of(self, template: &Template) -> Self {
        Self { what: template.apply(self.what), ..self }
    }
}

/// What the team itself may see: all of it.
pub fn for_the_team<T>(what: &T) -> Permitted<'_, T> {
    Permitted { what }
}

/// Something that its recipient may see.
pub struct Permitted<'a, T> {
    what: &'a T,
}

// By hand: a derive would ask for `T: Copy`, though only the reference is copied.
impl<T> Clone for Permitted<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Permitted<'_, T> {}

impl<'a, T> Permitted<'a, T> {
    /// What they may see.
    pub fn what(self) -> &'a T {
        self.what
    }
}
