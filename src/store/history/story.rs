//! What a story is asked by, and what it is made of: typed, with both sides of every field.

use rusqlite::types::Value;

use crate::domain::change::NounKind;
use crate::domain::day::Moment;
use crate::domain::id::{ActionId, JoiningId, MeetingId, PersonId};
use crate::store::log::{Step, StepKind};

/// Whose story is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Of the whole file.
    File,
    /// Of a person: every record that is theirs, or was.
    Person(PersonId),
    /// Of an action.
    Action(ActionId),
    /// Of a meeting: what was done at it, and to its records.
    Meeting(MeetingId),
}

/// Which kinds of step are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// What was done: no looks at records, and not where a meeting stood on its agenda.
    #[default]
    Done,
    /// Everything.
    All,
    /// One kind only.
    Only(StepKind),
}

/// What narrows a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryFilter {
    /// Whose it is.
    pub whose: Whose,
    /// Which kinds of step.
    pub which: Which,
    /// Only this actor's steps.
    pub actor: Option<String>,
    /// Not before.
    pub since: Option<Moment>,
    /// Only before.
    pub until: Option<Moment>,
}

impl StoryFilter {
    /// A whole story.
    pub fn of(whose: Whose) -> Self {
        Self { whose, which: Which::Done, actor: None, since: None, until: None }
    }
}

/// Where a step stands in a story: newer is greater. The steps of a joined copy stand below the step that joined it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub(super) seq: i64,
    pub(super) branch: i64,
}

impl Place {
    /// The place of a step of this file.
    pub fn step(seq: i64) -> Self {
        Self { seq, branch: i64::MAX }
    }
}

/// Where a window lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The newest steps.
    Newest,
    /// The oldest steps.
    Oldest,
    /// The newest of those older than this.
    Before(Place),
    /// The oldest of those newer than this.
    After(Place),
    /// This one alone.
    At(Place),
}

/// One side of a field, as the log holds it.
#[derive(Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Nothing,
    /// A number: a count, an identity, yes or no.
    Number(i64),
    /// A text: words, a code, a day.
    Text(String),
}

// What a record says about a person must not reach a log or a panic by way of `{:?}`.
impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Cell(nothing)",
            Self::Number(_) => "Cell(a number)",
            Self::Text(_) => "Cell(a text)",
        })
    }
}

impl From<Value> for Cell {
    fn from(value: Value) -> Self {
        match value {
            Value::Null | Value::Blob(_) => Self::Nothing,
            Value::Integer(n) => Self::Number(n),
            Value::Real(x) => Self::Text(x.to_string()),
            Value::Text(text) => Self::Text(text),
        }
    }
}

/// One field with both its sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sides {
    /// The column.
    pub column: &'static str,
    /// What it was.
    pub was: Cell,
    /// What it became.
    pub now: Cell,
}

/// What happened to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// It came.
    Added,
    /// It changed.
    Altered,
    /// It went.
    Removed,
}

/// What the log still says of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Its fields.
    Fields(Vec<Sides>),
    /// Its text was lawfully erased.
    Erased,
    /// Another version of the program wrote it.
    Foreign,
}

/// One change of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alteration {
    /// Which noun.
    pub noun: NounKind,
    /// Which record.
    pub row: i64,
    /// What happened to it.
    pub happened: Happened,
    /// Its fields.
    pub content: Content,
}

impl Alteration {
    /// The fields, where the log still has them.
    pub fn fields(&self) -> &[Sides] {
        match &self.content {
            Content::Fields(fields) => fields,
            Content::Erased | Content::Foreign => &[],
        }
    }

    /// The same, turned round: what taking it back will do.
    pub fn turned(&self) -> Self {
        let turn = |it: &Sides| Sides { column: it.column, was: it.now.clone(), now: it.was.clone() };
        let content = match &self.content {
            Content::Fields(fields) => Content::Fields(fields.iter().map(turn).collect()),
            other => other.clone(),
        };
        let happened = match self.happened {
            Happened::Added => Happened::Removed,
            Happened::Altered => Happened::Altered,
            Happened::Removed => Happened::Added,
        };
        Self { happened, content, ..*self }
    }
}

/// A step as a story tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Where it stands.
    pub place: Place,
    /// The step; one of a joined copy has its own number there.
    pub step: Step,
    /// Of which joined copy, if of one.
    pub joined: Option<JoiningId>,
    /// The step it takes back or does again.
    pub undoes: Option<i64>,
    /// The newest step that takes this one back or does it again.
    pub fate: Option<Step>,
    /// Some of its changes that belong to the story, the first ones first.
    pub changes: Vec<Alteration>,
    /// How many more there are.
    pub more: i64,
}

impl Told {
    /// Whether it was taken back, and by which step.
    pub fn taken_back(&self) -> Option<&Step> {
        self.fate.as_ref().filter(|step| step.kind == StepKind::Undo)
    }
}
