//! A card with fields. The rooms say which fields and what saving means; this is how a card behaves.
//!
//! A field that was not touched keeps whatever the record holds: two people editing different fields of one
//! record do not meet.

use crate::domain::Word;
use crate::domain::change::RecordId;
use crate::domain::day::{Day, TimeOfDay};
use crate::domain::refusal::Refusal;
use crate::domain::text::{Line, Note, fold};
use crate::ui::keymap::{Key, Press};
use crate::ui::screens::Purpose;
use crate::ui::widgets::editor::Editor;

/// A card.
#[derive(Clone, Debug)]
pub struct Form {
    /// What it does.
    pub title: String,
    /// About whom or what: name, date of birth and number, never cut.
    pub subject: String,
    /// A sentence above the fields.
    pub intro: String,
    pub(super) fields: Vec<Field>,
    pub(super) at: usize,
    /// What saving means.
    pub purpose: Purpose,
    pub(super) error: Option<(Option<usize>, String)>,
    /// What Enter does, in a word.
    pub verb: &'static str,
    /// Under this name half-typed text is kept, where a card is worth it.
    pub draft: Option<String>,
    /// Whether a draft was looked for.
    pub looked: bool,
}

/// One field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    name: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Line(Editor),
    Note(Editor),
    /// A day; `ahead` reads shorthand from today on.
    Day(Editor, bool),
    Choice(Choice),
}

/// One of several: arrows change it, typing finds it.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) options: Vec<(String, String)>,
    pub(super) chosen: usize,
    initial: usize,
    pub(super) typed: String,
}

impl Form {
    /// An empty card.
    pub fn new(title: impl Into<String>, subject: impl Into<String>, purpose: Purpose) -> Self {
        Self {
            title: title.into(),
            subject: subject.into(),
            intro: String::new(),
            fields: Vec::new(),
            at: 0,
            purpose,
            error: None,
            verb: "save",
            draft: None,
            looked: false,
        }
    }

    /// With another word than “save” for what Enter does.
    pub fn verb(mut self, verb: &'static str) -> Self {
        self.verb = verb;
        self
    }

    /// With a sentence above the fields.
    pub fn intro(mut self, intro: impl Into<String>) -> Self {
        self.intro = intro.into();
        self
    }

    fn with(mut self, name: &'static str, label: &'static str, hint: &'static str, kind: Kind) -> Self {
        self.fields.push(Field { name, label, hint, kind });
        self
    }

    /// With a field of one line.
    pub fn line(self, name: &'static str, label: &'static str, now: Option<&str>, hint: &'static str) -> Self {
        self.with(name, label, hint, Kind::Line(Editor::line(now.unwrap_or_default())))
    }

    /// With a field of several lines.
    pub fn note(self, name: &'static str, label: &'static str, now: Option<&Note>, hint: &'static str) -> Self {
        self.with(name, label, hint, Kind::Note(Editor::note(now.map(Note::as_str).unwrap_or_default())))
    }

    /// With a day as written in full; for days that may lie behind.
    pub fn day(self, name: &'static str, label: &'static str, now: Option<Day>) -> Self {
        let text = now.map(|day| day.to_string()).unwrap_or_default();
        self.with(name, label, "17/01/2027", Kind::Day(Editor::line(&text), false))
    }

    /// With a day ahead, which may be written in shorthand.
    pub fn day_ahead(self, name: &'static str, label: &'static str, now: Option<Day>) -> Self {
        let text = now.map(|day| day.to_string()).unwrap_or_default();
        self.with(name, label, "+2w · fri · 10 dec · next", Kind::Day(Editor::line(&text), true))
    }

    /// With one of several.
    pub fn choice(self, name: &'static str, label: &'static str, options: Vec<(String, String)>, now: &str) -> Self {
        let chosen = options.iter().position(|(value, _)| value == now).unwrap_or(0);
        self.with(name, label, "", Kind::Choice(Choice { options, chosen, initial: chosen, typed: String::new() }))
    }

    /// With one word of a vocabulary.
    pub fn word<W: Word>(self, name: &'static str, label: &'static str, now: W) -> Self {
        let options = W::ALL.iter().map(|word| (word.code().to_owned(), word.label().to_owned())).collect();
        self.choice(name, label, options, now.code())
    }

    /// With one word of a vocabulary, or none.
    pub fn optional_word<W: Word>(self, name: &'static str, label: &'static str, now: Option<W>) -> Self {
        let none = [(String::new(), "—".to_owned())];
        let options = none
            .into_iter()
            .chain(W::ALL.iter().map(|word| (word.code().to_owned(), word.label().to_owned())))
            .collect();
        self.choice(name, label, options, now.map(W::code).unwrap_or_default())
    }

    /// With yes, no or not known.
    pub fn yes_no(self, name: &'static str, label: &'static str, now: Option<bool>) -> Self {
        let options = [("", "not known"), ("yes", "yes"), ("no", "no")]
            .map(|(value, label)| (value.to_owned(), label.to_owned()))
            .to_vec();
        self.choice(name, label, options, now.map(|yes| if yes { "yes" } else { "no" }).unwrap_or_default())
    }

    /// With one record of several, or none; typing finds it.
    pub fn one_of<I: RecordId>(
        self,
        name: &'static str,
        label: &'static str,
        options: impl IntoIterator<Item = (I, String)>,
        now: Option<I>,
    ) -> Self {
        let none = [(String::new(), "—".to_owned())];
        let options =
            none.into_iter().chain(options.into_iter().map(|(id, label)| (id.raw().to_string(), label))).collect();
        self.choice(name, label, options, &now.map(|id| id.raw().to_string()).unwrap_or_default())
    }

    /// With the focus on this field.
    pub fn focus(mut self, name: &'static str) -> Self {
        self.at = self.fields.iter().position(|field| field.name == name).unwrap_or(0);
        self
    }

    /// Puts back what somebody left half-typed, and whether there was any. Where the record says something else by now than
    /// it did then, the field says so: the text put back would go over it.
    pub fn bring_back(&mut self, kept: &str) -> bool {
        type Two = Vec<(String, String)>;
        let left: Vec<(String, String, Option<String>)> = serde_json::from_str(kept)
            .or_else(|_| {
                serde_json::from_str::<Two>(kept).map(|two| two.into_iter().map(|it| (it.0, it.1, None)).collect())
            })
            .unwrap_or_default();
        for (name, text, on) in &left {
            let Some(at) = self.fields.iter().position(|field| field.name == name) else { continue };
            let Some(Field { kind: Kind::Line(editor) | Kind::Note(editor) | Kind::Day(editor, _), .. }) =
                self.fields.get_mut(at)
            else {
                continue;
            };
            let now = editor.initial().to_owned();
            editor.replace(text);
            if on.as_ref().is_some_and(|on| *on != now) && now != *text {
                let now = if now.is_empty() { "nothing".to_owned() } else { format!("“{now}”") };
                self.at = at;
                self.error = Some((
                    Some(at),
                    format!("This was changed after you typed: it says {now} now. Saving puts yours over it."),
                ));
            }
        }
        !left.is_empty()
    }

    /// With a name under which half-typed text is kept.
    pub fn kept_as(mut self, draft: impl Into<String>) -> Self {
        self.draft = Some(draft.into());
        self
    }

    /// Every text field that was changed: its name, its text, and what it said before. To keep as a draft.
    pub fn texts(&self) -> Vec<(&'static str, String, &str)> {
        self.fields
            .iter()
            .filter_map(|field| match &field.kind {
                Kind::Line(editor) | Kind::Note(editor) | Kind::Day(editor, _) if editor.is_changed() => {
                    Some((field.name, editor.text(), editor.initial()))
                }
                Kind::Line(_) | Kind::Note(_) | Kind::Day(..) | Kind::Choice(_) => None,
            })
            .collect()
    }

    /// Whether anything was changed.
    pub fn is_changed(&self) -> bool {
        self.fields.iter().any(Field::is_changed)
    }

    /// Whether Enter is a line break here rather than the answer.
    pub fn on_note(&self) -> bool {
        matches!(self.fields.get(self.at).map(|field| &field.kind), Some(Kind::Note(_)))
    }

    /// Goes to the next field or the one before.
    pub fn step(&mut self, back: bool) {
        let n = self.fields.len().max(1);
        self.at = if back { (self.at + n - 1) % n } else { (self.at + 1) % n };
        self.error = None;
        self.forget_typed();
    }

    /// Why the card cannot be saved, where letters were typed to which no choice answers.
    pub fn nothing_matches(&self) -> Option<FormError> {
        self.fields.iter().find_map(|field| match &field.kind {
            Kind::Choice(choice) if choice.is_lost() => Some(FormError::at(
                field.name,
                format!("Nothing matches “{}”. Nothing was saved: Backspace, or choose with the arrows.", choice.typed),
            )),
            Kind::Choice(_) | Kind::Line(_) | Kind::Note(_) | Kind::Day(..) => None,
        })
    }

    fn forget_typed(&mut self) {
        for field in &mut self.fields {
            // What nothing answers to stays: it is not saved as something else.
            if let Kind::Choice(choice) = &mut field.kind
                && !choice.is_lost()
            {
                choice.typed.clear();
            }
        }
    }

    /// Takes a key that is not a command of the card.
    pub fn press(&mut self, key: Key) {
        self.error = None;
        let Some(field) = self.fields.get_mut(self.at) else { return };
        let taken = match &mut field.kind {
            Kind::Line(editor) | Kind::Note(editor) | Kind::Day(editor, _) => editor.press(key),
            Kind::Choice(choice) => choice.press(key),
        };
        match key.press {
            Press::Down if !taken => self.step(false),
            Press::Up if !taken => self.step(true),
            _ => {}
        }
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        self.error = None;
        match self.fields.get_mut(self.at).map(|field| &mut field.kind) {
            Some(Kind::Line(editor) | Kind::Note(editor) | Kind::Day(editor, _)) => editor.paste(text),
            Some(Kind::Choice(_)) | None => {}
        }
    }

    /// Shows why it could not be saved, at the field it is about.
    pub fn complain(&mut self, error: FormError) {
        if let Some(at) = error.field.and_then(|name| self.fields.iter().position(|field| field.name == name)) {
            self.at = at;
            self.error = Some((Some(at), error.why));
        } else {
            self.error = Some((None, error.why));
        }
    }

    /// What was answered.
    pub fn answers(&self, today: Day, next_meeting: Option<Day>) -> Answers<'_> {
        Answers { form: self, today, next_meeting }
    }
}

impl Field {
    fn is_changed(&self) -> bool {
        match &self.kind {
            Kind::Line(editor) | Kind::Note(editor) | Kind::Day(editor, _) => editor.is_changed(),
            Kind::Choice(choice) => choice.chosen != choice.initial,
        }
    }
}

impl Choice {
    fn press(&mut self, key: Key) -> bool {
        let last = self.options.len().saturating_sub(1);
        if matches!(key.press, Press::Right | Press::Left | Press::Down | Press::Up) {
            self.typed.clear();
        }
        match key.press {
            Press::Right => self.chosen = if self.chosen >= last { 0 } else { self.chosen + 1 },
            Press::Left => self.chosen = if self.chosen == 0 { last } else { self.chosen - 1 },
            Press::Down => self.chosen = (self.chosen + 1).min(last),
            Press::Up => self.chosen = self.chosen.saturating_sub(1),
            Press::Backspace => {
                self.typed.pop();
                self.choose();
            }
            Press::Char(c) if !key.ctrl && !key.alt => {
                self.typed.push(c);
                self.choose();
            }
            _ => return false,
        }
        true
    }

    /// Whether letters were typed to which nothing answers: then nothing is chosen.
    pub(super) fn is_lost(&self) -> bool {
        !fold(&self.typed).is_empty() && self.found().is_none()
    }

    /// Goes to what answers to the letters; where nothing does, back to what it was: it must never turn into somebody else.
    fn choose(&mut self) {
        if fold(&self.typed).is_empty() {
            return;
        }
        self.chosen = self.found().unwrap_or(self.initial);
    }

    fn found(&self) -> Option<usize> {
        let typed = fold(&self.typed);
        let words = |label: &str| fold(label);
        self.options.iter().position(|(_, label)| words(label).starts_with(&typed)).or_else(|| {
            self.options
                .iter()
                .position(|(_, label)| words(label).split([' ', '-', ',', '(']).any(|word| word.starts_with(&typed)))
        })
    }
}

/// Why a card could not be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormError {
    field: Option<&'static str>,
    why: String,
}

impl FormError {
    /// About one field.
    pub fn at(field: &'static str, why: impl Into<String>) -> Self {
        Self { field: Some(field), why: why.into() }
    }
}

impl From<Refusal> for FormError {
    fn from(refusal: Refusal) -> Self {
        Self { field: None, why: refusal.to_string() }
    }
}

/// The answers of a card. Each method writes into the record only where the field was changed.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'f> {
    form: &'f Form,
    /// Today.
    pub today: Day,
    next_meeting: Option<Day>,
}

impl Answers<'_> {
    fn field(&self, name: &'static str) -> Option<&Field> {
        self.form.fields.iter().find(|field| field.name == name)
    }

    /// The text of a field as it stands.
    pub fn text(&self, name: &'static str) -> String {
        match self.field(name).map(|field| &field.kind) {
            Some(Kind::Line(editor) | Kind::Note(editor) | Kind::Day(editor, _)) => editor.text(),
            Some(Kind::Choice(choice)) => {
                choice.options.get(choice.chosen).map(|(value, _)| value.clone()).unwrap_or_default()
            }
            None => String::new(),
        }
    }

    /// Whether a field was changed.
    pub fn changed(&self, name: &'static str) -> bool {
        self.field(name).is_some_and(Field::is_changed)
    }

    /// Writes a line that must not be blank.
    ///
    /// # Errors
    /// Blank or too long.
    pub fn line(&self, name: &'static str, into: &mut Line) -> Result<(), FormError> {
        if self.changed(name) {
            *into = self.required_line(name)?;
        }
        Ok(())
    }

    /// A line that must not be blank.
    ///
    /// # Errors
    /// Blank or too long.
    pub fn required_line(&self, name: &'static str) -> Result<Line, FormError> {
        Line::parse(&self.text(name)).map_err(|why| FormError::at(name, why.to_string()))
    }

    /// Writes a line that may be blank.
    ///
    /// # Errors
    /// Too long.
    pub fn optional_line(&self, name: &'static str, into: &mut Option<Line>) -> Result<(), FormError> {
        if self.changed(name) {
            *into = Line::optional(&self.text(name)).map_err(|why| FormError::at(name, why.to_string()))?;
        }
        Ok(())
    }

    /// Writes a note that may be blank.
    ///
    /// # Errors
    /// Too long.
    pub fn note(&self, name: &'static str, into: &mut Option<Note>) -> Result<(), FormError> {
        if self.changed(name) {
            *into = Note::optional(&self.text(name)).map_err(|why| FormError::at(name, why.to_string()))?;
        }
        Ok(())
    }

    /// A note that must not be blank.
    ///
    /// # Errors
    /// Blank or too long.
    pub fn required_note(&self, name: &'static str) -> Result<Note, FormError> {
        Note::parse(&self.text(name)).map_err(|why| FormError::at(name, why.to_string()))
    }

    /// A day, or none where the field is blank.
    ///
    /// # Errors
    /// Not a day.
    pub fn optional_day(&self, name: &'static str) -> Result<Option<Day>, FormError> {
        let text = self.text(name);
        if text.trim().is_empty() {
            return Ok(None);
        }
        let ahead = matches!(self.field(name).map(|field| &field.kind), Some(Kind::Day(_, true)));
        let read = if ahead { Day::parse_ahead(&text, self.today, self.next_meeting) } else { Day::parse(&text) };
        read.map(Some).map_err(|why| FormError::at(name, why.to_string()))
    }

    /// A day that must be given.
    ///
    /// # Errors
    /// Blank or not a day.
    pub fn required_day(&self, name: &'static str) -> Result<Day, FormError> {
        self.optional_day(name)?.ok_or_else(|| FormError::at(name, "Give a day."))
    }

    /// Writes a day that may be blank.
    ///
    /// # Errors
    /// Not a day.
    pub fn day(&self, name: &'static str, into: &mut Option<Day>) -> Result<(), FormError> {
        if self.changed(name) {
            *into = self.optional_day(name)?;
        }
        Ok(())
    }

    /// A time of day.
    ///
    /// # Errors
    /// Not a time.
    pub fn required_time(&self, name: &'static str) -> Result<TimeOfDay, FormError> {
        TimeOfDay::parse(&self.text(name)).map_err(|why| FormError::at(name, why.to_string()))
    }

    /// A whole number within bounds.
    ///
    /// # Errors
    /// Not a number, or out of bounds.
    pub fn required_number(&self, name: &'static str, bounds: std::ops::RangeInclusive<i64>) -> Result<i64, FormError> {
        let number = self.text(name).trim().parse::<i64>().ok().filter(|n| bounds.contains(n));
        number.ok_or_else(|| {
            FormError::at(name, format!("Give a whole number from {} to {}.", bounds.start(), bounds.end()))
        })
    }

    /// Writes a word of a vocabulary.
    pub fn word<W: Word>(&self, name: &'static str, into: &mut W) {
        if let (true, Some(word)) = (self.changed(name), W::from_code(&self.text(name))) {
            *into = word;
        }
    }

    /// The word chosen, if one is.
    pub fn chosen_word<W: Word>(&self, name: &'static str) -> Option<W> {
        W::from_code(&self.text(name))
    }

    /// Writes yes, no or not known.
    pub fn yes_no(&self, name: &'static str, into: &mut Option<bool>) {
        if self.changed(name) {
            *into = match self.text(name).as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            };
        }
    }

    /// The record chosen, if one is.
    pub fn chosen<I: RecordId>(&self, name: &'static str) -> Option<I> {
        self.text(name).parse().ok().map(I::from_raw)
    }

    /// The record chosen; one must be.
    ///
    /// # Errors
    /// None is chosen.
    pub fn required<I: RecordId>(&self, name: &'static str) -> Result<I, FormError> {
        self.chosen(name).ok_or_else(|| FormError::at(name, "Choose one: type the start of a name."))
    }
}
