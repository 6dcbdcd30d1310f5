//! What a template may reword and put in order: our own words, by kind of document.
//!
//! A word stands here only if the program itself writes it. What people type can never be one by mistake: a word is
//! looked for in titles, headings of level 1, labels and column titles, and nowhere else.

/// A kind of document, with the words it has.
pub(super) struct Kind {
    /// As [`Document::kind`](super::super::document::Document::kind) says it.
    pub(super) code: &'static str,
    /// For a sentence: `the minutes have`.
    pub(super) says: &'static str,
    /// What its title begins with.
    titles: &'static [&'static str],
    /// Its sections, in the usual order.
    pub(super) sections: &'static [&'static str],
    /// Its labels and column titles.
    labels: &'static [&'static [&'static str]],
}

/// Stands at the end of minutes, whatever is put in order above it: the line for the chair's name.
pub(super) const CLOSING: &str = "Agreed as a true record";

/// Labels that say the same in every document: for whom it is, and that it is sealed, under which number and version.
pub(super) const FIXED: &[&str] = &["For", "Sealed", "Number", "Version"];

const MEETING: &[&str] = &["Team", "Date", "Time", "Place", "Chair", "Minute-taker"];
const ACTION: &[&str] = &["Person", "Action", "Owner", "Organisation", "Due", "State", "Carried"];
const PORTRAIT: &[&str] = &[
    "Need",
    "Sharing basis",
    "Safeguarding",
    "Know",
    "Lives",
    "Address",
    "Practice",
    "Council",
    "Key worker",
    "Last six months",
    "What matters",
    "Actions",
    "Last discussed",
    "Situation then",
    "Update then",
    "Next steps then",
];

/// Every kind.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        code: "minutes",
        says: "the minutes have",
        titles: &["Minutes"],
        sections: &["Attendance", "Matters arising", "People", "Standing items", "Action log"],
        labels: &[
            MEETING,
            ACTION,
            &["Quorum", "Next meeting", "Name", "Role", "Attended", "Apologies", "Expected, not seen"],
            &["Where it stands", "Outcome", "Why today", "Question", "Recorded", "Actions"],
            &["Situation", "Action to date", "Update", "Next steps"],
            &["Decision", "Key worker", "Review", "Present", "Read back"],
            &["Discussed in spite of an objection", "Left with gaps", CLOSING, "Addenda"],
        ],
    },
    Kind {
        code: "agenda",
        says: "the agenda has",
        titles: &["Agenda"],
        sections: &[],
        labels: &[MEETING, &["No.", "Min", "Person or item", "Why, and the question", "Lead", "Needed"]],
    },
    Kind {
        code: "pack",
        says: "the preparation pack has",
        titles: &["Preparation"],
        sections: &["Who should look up what", "People"],
        labels: &[&["Team", "Meeting", "Place", "Needed", "The question, or why", "Why", "Question"], PORTRAIT, ACTION],
    },
    Kind {
        code: "summary",
        says: "a summary has",
        titles: &["Summary", "Summaries"],
        sections: &[],
        labels: &[
            &["Team", "Meeting", "Made on", "Strengths", "Needs", "It is going wrong when", "Then this should happen"],
            &["Contact then", "Plan agreed", "Care plan", "Goal, in the person's words", "Progress", "What shows it"],
            &["Carer", "Telephone", "Own assessment", "If the carer is ill tonight"],
            PORTRAIT,
            ACTION,
        ],
    },
    Kind {
        code: "actions",
        says: "the action log has",
        titles: &["Actions"],
        sections: &[],
        labels: &[&["Team", "Made on"], ACTION],
    },
    Kind {
        code: "slip",
        says: "a slip has",
        titles: &["Your actions"],
        sections: &[],
        labels: &[&["Team", "Made on"], ACTION],
    },
    Kind {
        code: "numbers",
        says: "the numbers have",
        titles: &["Numbers", "Actions in numbers"],
        sections: &["People", "Decisions", "Attendance", "Actions agreed"],
        labels: &[
            &["Team", "Meeting", "Made on", "On the agenda", "To come", "Discussed", "Deferred", "Not reached"],
            &["Withdrawn", "Minutes spent", "Read back and agreed", "Decision made", "None reached"],
            &["With a key worker", "With a review date", "With somebody who tells the person", "Quorum", "Apologies"],
            &["Role", "Attended", "Organisation", "Actions", "To be done", "Overdue", "Done", "Not done"],
            &["Carried twice or more"],
        ],
    },
];

impl Kind {
    /// The kind of this name.
    pub(super) fn of(code: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.code == code)
    }

    /// Its words.
    pub(super) fn words(&self) -> impl Iterator<Item = &'static str> {
        let labels = self.labels.iter().flat_map(|group| group.iter());
        self.titles.iter().chain(self.sections).chain(labels).copied()
    }

    /// Whether a word is one of its.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words().any(|it| it == word)
    }
}
