//! The text being typed on the walk: an action in one line, or one of the headings. Kept as a draft at each pause.

use crate::domain::action::{Action, ActionState};
use crate::domain::capture::{self, Captured, candidates};
use crate::domain::change::{add, alter};
use crate::domain::discussion::Discussion;
use crate::domain::id::{AgendaItemId, MeetingId, MemberId, RecordId};
use crate::domain::text::Note;
use crate::store::fault::{Conflict, Fault};
use crate::store::{Deed, Reader};
use crate::ui::command::{Command, FormCommand, Scope};
use crate::ui::effect::{Commit, Effect};
use crate::ui::keymap::{Key, Press, resolve};
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::confirm::{Answer, Confirm};
use crate::ui::screens::Screen;
use crate::ui::widgets::editor::Editor;

use super::walk::{record, standing_objection, stopped_by_objection};

words! {
    /// What is being written.
    Heading {
        /// The situation.
        Situation = "situation", "SITUATION";
        /// What was said.
        Update = "update", "UPDATE";
        /// Next steps in words.
        Steps = "steps", "NEXT STEPS";
        /// An action in one line.
        Action = "action", "action";
    }
}

/// A text being written.
#[derive(Clone, Debug)]
pub(super) struct Writing {
    pub(super) heading: Heading,
    pub(super) item: AgendaItemId,
    pub(super) editor: Editor,
    /// What was saved under this heading when the text was begun: what it is compared with, whatever was read since.
    base: Option<Note>,
    /// The name under which it is kept while half-typed.
    pub(super) draft: String,
    /// Why it could not be saved.
    pub(super) complaint: Option<String>,
    /// It was sent to the disk; what comes next once it is there.
    saving: Option<Then>,
}

/// What follows a saved text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Close,
    Write(Heading),
}

impl Writing {
    /// What is kept of it while it is half-typed: the text, and what it was begun on.
    pub(super) fn to_keep(&self) -> String {
        let base = self.base.as_ref().map(Note::as_str).unwrap_or_default();
        serde_json::to_string(&(base, self.editor.text())).unwrap_or_else(|_| self.editor.text())
    }
}

fn draft_name(meeting: MeetingId, item: AgendaItemId, heading: Heading) -> String {
    format!("walk:{}:{}:{}", meeting.raw(), item.raw(), crate::domain::Word::code(heading))
}

/// Begins to write under a heading; text left half-typed is there again.
pub(super) fn begin(model: &mut Model, heading: Heading, reader: &Reader) -> Result<(), Fault> {
    if stopped_by_objection(model) {
        return Ok(());
    }
    let room = &mut model.meeting;
    let (Some(meeting), Some(page)) = (&room.meeting, &room.page) else { return Ok(()) };
    let item = page.item.id;
    let draft = draft_name(meeting.id, item, heading);
    let kept = reader.draft(&draft)?;
    let discussion = page.discussion.as_ref();
    let saved = match heading {
        Heading::Situation => discussion.and_then(|it| it.situation.as_ref()),
        Heading::Update => discussion.and_then(|it| it.update.as_ref()),
        Heading::Steps => discussion.and_then(|it| it.next_steps.as_ref()),
        Heading::Action => None,
    };
    let mut base = saved.cloned();
    let saved = saved.map(Note::as_str).unwrap_or_default();
    let mut editor = if heading == Heading::Action { Editor::line(saved) } else { Editor::note(saved) };
    if let Some(kept) = kept {
        let (on, text) = serde_json::from_str::<(String, String)>(&kept).unwrap_or((saved.to_owned(), kept));
        base = Note::optional(&on).ok().flatten();
        editor.replace(&text);
        model.say("What you had typed here is back.");
    }
    model.meeting.text = Some(Writing { heading, item, editor, base, draft, complaint: None, saving: None });
    Ok(())
}

/// After a start: opens the text that was half-typed under the item on the table. Answers whether there was one.
pub(super) fn resume(model: &mut Model, reader: &Reader) -> Result<bool, Fault> {
    let room = &model.meeting;
    let (Some(meeting), Some(page)) = (&room.meeting, &room.page) else { return Ok(false) };
    let names: Vec<(Heading, String)> = crate::domain::Word::ALL
        .iter()
        .map(|heading| (*heading, draft_name(meeting.id, page.item.id, *heading)))
        .collect();
    // Drafts come newest first: the text that was being typed is the newest of this item.
    let newest = reader
        .drafts()?
        .into_iter()
        .find_map(|kept| names.iter().find(|(_, name)| *name == kept).map(|(heading, _)| *heading));
    match newest {
        Some(heading) => {
            begin(model, heading, reader)?;
            model.notice = None;
            Ok(model.meeting.text.is_some())
        }
        None => Ok(false),
    }
}

/// What the line says so far.
pub(super) fn captured(model: &Model, text: &str) -> Captured {
    capture::read(text, &model.current_members(), model.now.today, model.next_meeting_day())
}

/// Takes a key while text is being typed.
pub(in crate::ui) fn typed(model: &mut Model, key: Key, reader: &Reader) -> Result<Option<Vec<Effect>>, Fault> {
    let Some(text) = model.meeting.text.as_mut().filter(|_| model.screen == Screen::Meeting) else { return Ok(None) };
    text.complaint = None;
    let heading = text.heading;
    if let Some(Command::Form(command)) = resolve(&[Scope::Form], key) {
        return Ok(Some(match command {
            FormCommand::Save => save(model, Then::Close),
            FormCommand::Next if heading == Heading::Action => {
                complete_owner(model);
                Vec::new()
            }
            FormCommand::Next | FormCommand::Previous => go_on(model, heading, reader)?,
            FormCommand::Cancel => return cancel(model, reader).map(Some),
        }));
    }
    if key.press == Press::Enter && heading == Heading::Action {
        return Ok(Some(add_action(model)));
    }
    text.editor.press(key);
    Ok(Some(Vec::new()))
}

/// Takes pasted text while text is being typed.
pub(in crate::ui) fn pasted(model: &mut Model, pasted: &str) -> bool {
    match model.meeting.text.as_mut().filter(|_| model.screen == Screen::Meeting) {
        Some(text) => {
            text.editor.paste(pasted);
            true
        }
        None => false,
    }
}

/// What the footer says while text is being typed.
pub(in crate::ui) fn typing_hints(model: &Model) -> Option<&'static [(&'static str, &'static str)]> {
    let text = model.meeting.text.as_ref().filter(|_| model.screen == Screen::Meeting)?;
    Some(match text.heading {
        Heading::Action => &[("Enter", "add"), ("Tab", "complete @name"), ("Esc", "cancel")],
        Heading::Situation | Heading::Update | Heading::Steps => {
            &[("F2", "save"), ("Tab", "save, next heading"), ("Esc", "cancel")]
        }
    })
}

fn go_on(model: &mut Model, heading: Heading, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let next = match heading {
        Heading::Situation => Heading::Update,
        Heading::Update => Heading::Steps,
        Heading::Steps | Heading::Action => Heading::Action,
    };
    if model.meeting.text.as_ref().is_some_and(|text| text.editor.is_changed()) {
        return Ok(save(model, Then::Write(next)));
    }
    model.meeting.text = None;
    begin(model, next, reader)?;
    Ok(Vec::new())
}

fn cancel(model: &mut Model, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    if model.meeting.text.as_ref().is_some_and(|text| text.editor.is_changed()) {
        model.overlays.push(Overlay::Confirm(Confirm {
            title: "Give up what you typed?".to_owned(),
            body: "What you typed here is not saved. Esc goes back to it.".to_owned(),
            verb: "give it up",
            answer: Answer::DropText,
        }));
        return Ok(Vec::new());
    }
    drop_text(model, reader)
}

/// Gives up the text being typed.
pub(in crate::ui) fn drop_text(model: &mut Model, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let effects = model.meeting.text.take().map(|text| Effect::DropDraft(text.draft)).into_iter().collect();
    super::load(model, reader)?;
    Ok(effects)
}

/// Whether a text was sent to the disk.
pub(in crate::ui) fn is_saving(model: &Model) -> bool {
    model.meeting.text.as_ref().is_some_and(|text| text.saving.is_some())
}

/// The text did not reach the disk: it stays, and can be saved again.
pub(in crate::ui) fn not_saved(model: &mut Model) {
    if let Some(text) = &mut model.meeting.text {
        text.saving = None;
    }
}

/// The text is on the disk.
pub(in crate::ui) fn saved(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let saved = model.meeting.text.as_ref().and_then(|text| text.saving.map(|then| (then, text.heading)));
    let Some((then, heading)) = saved else { return Ok(()) };
    model.meeting.text = None;
    super::load(model, reader)?;
    model.meeting.look_at = Some(heading);
    match then {
        Then::Close => Ok(()),
        Then::Write(heading) => begin(model, heading, reader),
    }
}

/// Saves the text as it stands, over whatever is there: after a person has seen both.
pub(in crate::ui) fn save_again(model: &mut Model) -> Vec<Effect> {
    save(model, Then::Close)
}

fn save(model: &mut Model, then: Then) -> Vec<Effect> {
    let Some(text) = model.meeting.text.clone() else { return Vec::new() };
    if text.heading == Heading::Action {
        return add_action(model);
    }
    if let Some(why) = standing_objection(model) {
        complain(model, format!("{why} Nothing was saved; your text stays. F2 saves it once they have stepped out."));
        return Vec::new();
    }
    let note = match Note::optional(&text.editor.text()) {
        Ok(note) => note,
        Err(refusal) => {
            complain(model, refusal.to_string());
            return Vec::new();
        }
    };
    let label = match text.heading {
        Heading::Situation => "Write the situation",
        Heading::Update => "Write the update",
        Heading::Steps | Heading::Action => "Write the next steps",
    };
    let seen = model.meeting.page.as_ref().and_then(|page| page.discussion.clone());
    let change = match seen {
        Some(mut seen) => {
            *under(&mut seen.value, text.heading) = text.base.clone();
            Some(alter(&seen, |discussion| {
                discussion.agreed_at = None;
                *under(discussion, text.heading) = note;
            }))
        }
        None => record(model, |discussion| *under(discussion, text.heading) = note),
    };
    let (Some(change), Some(meeting)) = (change, &model.meeting.meeting) else { return Vec::new() };
    let commit = Commit::new(Deed::change(label).at(meeting.id), vec![change], "Saved.").dropping(text.draft);
    if let Some(text) = &mut model.meeting.text {
        text.saving = Some(then);
    }
    vec![commit.into()]
}

/// The note under a heading.
fn under(discussion: &mut Discussion, heading: Heading) -> &mut Option<Note> {
    match heading {
        Heading::Situation => &mut discussion.situation,
        Heading::Update => &mut discussion.update,
        Heading::Steps | Heading::Action => &mut discussion.next_steps,
    }
}

/// What somebody else wrote under the heading being written, as a card shows it; nothing where they did not meet there.
fn theirs(text: &Writing, conflict: &Conflict) -> Option<Option<Note>> {
    let column = match text.heading {
        Heading::Situation => "situation",
        Heading::Update => "update",
        Heading::Steps => "next_steps",
        Heading::Action => return None,
    };
    let clash = conflict.fields.iter().find(|clash| clash.column == column)?;
    Some(clash.theirs.as_deref().and_then(|theirs| Note::optional(theirs).ok().flatten()))
}

/// A person chose with both versions before them: only from here on the text stands against theirs, as the card showed it. Whoever
/// goes back to look again has chosen nothing, and is asked again.
pub(in crate::ui) fn chosen_over(model: &mut Model, conflict: &Conflict) {
    if let Some(text) = &mut model.meeting.text
        && let Some(theirs) = theirs(text, conflict)
    {
        text.base = theirs;
    }
}

/// Whether both texts can stand: words were written on both sides.
pub(in crate::ui) fn both_can_stand(model: &Model, conflict: &Conflict) -> bool {
    let Some(text) = &model.meeting.text else { return false };
    matches!(theirs(text, conflict), Some(Some(_))) && !text.editor.text().trim().is_empty()
}

/// Puts both into the text: theirs, then what was typed here.
pub(in crate::ui) fn take_both(model: &mut Model, conflict: &Conflict) {
    if let Some(text) = &mut model.meeting.text
        && let Some(Some(theirs)) = theirs(text, conflict)
    {
        let both = format!("{theirs}\n\n{}", text.editor.text().trim_end());
        text.editor.replace(&both);
    }
}

fn complain(model: &mut Model, why: String) {
    if let Some(text) = &mut model.meeting.text {
        text.complaint = Some(why);
    }
}

fn add_action(model: &mut Model) -> Vec<Effect> {
    let Some(text) = model.meeting.text.clone() else { return Vec::new() };
    if text.editor.text().trim().is_empty() {
        complain(model, "Write what is to be done, then @owner and a day. Esc leaves.".to_owned());
        return Vec::new();
    }
    let today = model.now.today;
    let new = match captured(model, &text.editor.text()).complete(model.default_due(), today) {
        Ok(new) => new,
        Err(refusal) => {
            complain(model, refusal.to_string());
            return Vec::new();
        }
    };
    if let Some(why) = standing_objection(model).or_else(|| owner_objected_to(model, new.owner)) {
        complain(model, why);
        return Vec::new();
    }
    let Some(meeting) = model.meeting.meeting.clone() else { return Vec::new() };
    let person = model.meeting.items.iter().find(|item| item.id == text.item).and_then(|item| item.person);
    let said = format!("Added for {}, due {}.", model.member_name(Some(new.owner)), new.due.seen_from(today));
    let action = Action {
        team: model.team.id,
        person,
        meeting: Some(meeting.id),
        item: Some(text.item),
        goal: None,
        what: new.what,
        owner: new.owner,
        raised_on: today,
        due: new.due,
        carried: 0,
        telling: false,
        state: ActionState::Open,
    };
    let change = add(model.mint.mint(), action);
    if let Some(text) = &mut model.meeting.text {
        text.saving = Some(Then::Close);
    }
    vec![Commit::new(Deed::change("Add action").at(meeting.id), vec![change], said).dropping(text.draft).into()]
}

/// An action tells its owner about the person: not one whose organisation they object to.
fn owner_objected_to(model: &Model, owner: MemberId) -> Option<String> {
    let page = model.meeting.page.as_ref()?;
    let objected = page.about.as_ref()?.must_step_out(model, &[owner]);
    let said = page.discussion.as_ref().is_some_and(|discussion| discussion.objection_why.is_some());
    let member = objected.first().filter(|_| !said)?;
    Some(format!(
        "This person objects to sharing with {}. Choose another owner.",
        model.organisation_name(Some(member.organisation))
    ))
}

/// Tab after `@pa`: the best name for it, in full.
fn complete_owner(model: &mut Model) {
    let Some(text) = &model.meeting.text else { return };
    let line = text.editor.text();
    let Some((head, handle)) = line.rsplit_once('@').filter(|(_, handle)| !handle.contains(' ')) else {
        complain(model, "Type @ and the start of a name, then Tab.".to_owned());
        return;
    };
    let members = model.current_members();
    let Some(best) = candidates(handle, &members).first().map(|member| member.name.as_str().replace(' ', ".")) else {
        let why = format!("Nobody in the team answers to @{handle}.");
        complain(model, why);
        return;
    };
    let whole = format!("{head}@{best} ");
    if let Some(text) = &mut model.meeting.text {
        text.editor.replace(&whole);
    }
}
