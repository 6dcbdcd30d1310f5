//! The only writer of the model: what happened goes in, what is to be done outside comes out.
//!
//! Arms name a function of the room that owns the command, or are one line.

use crate::domain::Word;
use crate::domain::change::NounKind;
use crate::store::fault::Fault;
use crate::store::history::Whose;
use crate::store::{Reader, Touched};

use super::command::{Command, FormCommand, GlobalCommand, ListCommand, Scope};
use super::effect::Effect;
use super::foreign;
use super::idle;
use super::keymap::{Key, Press, resolve};
use super::model::Model;
use super::msg::Msg;
use super::overlays::Overlay;
use super::overlays::confirm::{Answer, Confirm};
use super::overlays::conflict::{ConflictCard, whom_both_named};
use super::overlays::help::Help;
use super::overlays::making;
use super::overlays::palette::Palette;
use super::reading;
use super::screens::{self, NotSaved, Screen};
use super::theme::{Theme, ThemeName};
use super::undoing;
use super::widgets::cursor::Cursor;
use super::widgets::editor::Editor;

/// Takes what happened into the model and answers what is to be done outside.
///
/// # Errors
/// Any fault of the disk while reading.
pub fn update(model: &mut Model, msg: Msg, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let effects = take(model, msg, reader)?;
    bring_back(model, reader)?;
    let looks = model.looked.drain(..).map(|(person, looked)| Effect::Look(person, looked));
    Ok(looks.chain(effects).collect())
}

/// A card just opened gets back what was left half-typed on it.
fn bring_back(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let Some(Overlay::Form(form)) = model.overlays.last_mut() else { return Ok(()) };
    let Some(name) = form.draft.clone().filter(|_| !std::mem::replace(&mut form.looked, true)) else { return Ok(()) };
    if reader.draft(&name)?.is_some_and(|kept| form.bring_back(&kept)) {
        model.say("What was typed on this card before and not saved is back. Esc gives it up.");
    }
    Ok(())
}

fn take(model: &mut Model, msg: Msg, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    match msg {
        Msg::Key(key) => key_pressed(model, key, reader),
        Msg::Paste(text) => pasted(model, &text, reader),
        Msg::Command(command) => run(model, command, reader),
        Msg::Wheel(rows) => wheel(model, rows, reader),
        Msg::Resize(columns, rows) => {
            model.size = (columns, rows);
            model.reload_screen(reader)?;
            Ok(Vec::new())
        }
        Msg::Tick => Ok(Vec::new()),
        Msg::Foreign | Msg::Looked => foreign::take(model, reader),
        Msg::Committed { receipt, said, then } => {
            close_saved_form(model);
            // Somebody else's steps may stand between the last one seen and this one: theirs are read again too.
            let (head, touched) = reader.since(model.seen_step)?;
            model.seen_step = head.max(receipt.step);
            model.reload(touched, reader)?;
            screens::meeting::saved(model, reader)?;
            if !said.is_empty() {
                model.say(said);
            }
            model.overlays.extend(then.map(|then| Overlay::Confirm(*then)));
            Ok(Vec::new())
        }
        Msg::List(outcome) => screens::lists::done(model, *outcome, reader),
        Msg::ListBegan(what) => {
            screens::lists::began(model, &what);
            Ok(Vec::new())
        }
        Msg::ListProgress(progress) => {
            screens::lists::progressed(model, progress);
            Ok(Vec::new())
        }
        Msg::Failed(fault) => failed(model, fault, reader),
        Msg::Said(text) => {
            model.say(text);
            Ok(Vec::new())
        }
        Msg::Making(it) => Ok(making::show(model, it)),
        Msg::NotMaking => Ok(making::end(model)),
        Msg::Ask(confirm) => {
            model.overlays.push(Overlay::Confirm(*confirm));
            Ok(Vec::new())
        }
        Msg::Trouble(text) => {
            model.refuse(text);
            Ok(Vec::new())
        }
        Msg::Became(actor) => {
            close_saved_form(model);
            model.say(format!("You are {actor} from now on."));
            model.actor = actor;
            model.reload_screen(reader)?;
            Ok(Vec::new())
        }
    }
}

fn key_pressed(model: &mut Model, key: Key, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    model.notice = None;
    // Whoever walks up to the screen does not wait until a card is closed.
    if resolve(&[Scope::Global], key) == Some(Command::Global(GlobalCommand::Lock)) {
        return Ok(vec![Effect::Lock]);
    }
    if model.overlays.is_empty() {
        if let Some(effects) = screens::caseload::typed(model, key, reader)? {
            return Ok(effects);
        }
        if let Some(effects) = screens::meeting::typed(model, key, reader)? {
            return Ok(effects);
        }
        if let Some(effects) = screens::lists::typed(model, key) {
            return Ok(effects);
        }
        return match resolve(&model.scopes(), key) {
            Some(command) => run(model, command, reader),
            None => Ok(Vec::new()),
        };
    }
    match model.overlays.last() {
        Some(Overlay::Confirm(_)) => confirm_key(model, key, reader),
        Some(Overlay::Making(_)) => Ok(making::key(model, key)),
        Some(Overlay::Form(_)) => form_key(model, key, reader),
        Some(Overlay::Help(_)) => help_key(model, key),
        Some(Overlay::Palette(_)) => palette_key(model, key, reader),
        Some(Overlay::Pick(_)) => pick_key(model, key, reader),
        Some(Overlay::Conflict(_)) => conflict_key(model, key, reader),
        None => Ok(Vec::new()),
    }
}

/// Pasted text is text, never commands: outside a text field it is dropped with a word.
fn pasted(model: &mut Model, text: &str, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let team = model.team.id;
    match model.overlays.last_mut() {
        Some(Overlay::Form(form)) => form.paste(text),
        Some(Overlay::Palette(palette)) => palette.typed.paste(text),
        Some(Overlay::Pick(pick)) => {
            pick.typed.paste(text);
            pick.look(team, reader)?;
        }
        Some(Overlay::Confirm(_) | Overlay::Help(_) | Overlay::Conflict(_) | Overlay::Making(_)) => {
            model.refuse("Nothing here takes text. What was pasted was not used.")
        }
        None => {
            let used = screens::meeting::pasted(model, text)
                || screens::lists::pasted(model, text)
                || screens::caseload::pasted(model, text, reader)?;
            if !used {
                model.refuse("Nothing here takes text. What was pasted was not used; open a field first.");
            }
        }
    }
    Ok(Vec::new())
}

fn wheel(model: &mut Model, rows: i32, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let command = if rows > 0 { ListCommand::Down } else { ListCommand::Up };
    match model.overlays.last() {
        None => list(model, command, reader).map(|()| Vec::new()),
        Some(Overlay::Help(_)) => help_key(model, Key::plain(if rows > 0 { Press::Down } else { Press::Up })),
        Some(_) => Ok(Vec::new()),
    }
}

/// Runs a command, if its gate lets it.
fn run(model: &mut Model, command: Command, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    if let Err(why) = reading::gate(model, command) {
        model.refuse(why);
        return Ok(Vec::new());
    }
    match command {
        Command::Global(it) => global(model, it, reader),
        Command::List(it) => list(model, it, reader).map(|()| Vec::new()),
        Command::Home(it) => screens::home::command(model, it, reader),
        Command::Caseload(it) => screens::caseload::command(model, it, reader),
        Command::Person(it) => screens::person::command(model, it, reader),
        Command::Agenda(it) => screens::agenda::command(model, it, reader),
        Command::Roll(it) => screens::meeting::roll_command(model, it, reader),
        Command::Matters(it) => screens::meeting::matters_command(model, it, reader),
        Command::Walk(it) => screens::meeting::walk_command(model, it, reader),
        Command::ReadBack(it) => screens::meeting::read_back_command(model, it, reader),
        Command::Actions(it) => screens::actions::command(model, it, reader),
        Command::Minutes(it) => screens::minutes::command(model, it, reader),
        Command::Paste(it) => screens::minutes::paste_command(model, it, reader),
        Command::Team(it) => screens::team::command(model, it, reader),
        Command::History(it) => screens::history::command(model, it, reader),
        Command::Lists(it) => screens::lists::command(model, it, reader),
        Command::ListColumns(it) => Ok(screens::lists::columns_command(model, it)),
        Command::ListReport(it) => Ok(screens::lists::report_command(model, it)),
        Command::ListCompare(it) => screens::lists::compare_command(model, it, reader),
        Command::ListWork(it) => Ok(screens::lists::work_command(model, it)),
        Command::Form(_) => Ok(Vec::new()),
    }
}

fn list(model: &mut Model, command: ListCommand, reader: &Reader) -> Result<(), Fault> {
    match model.screen {
        Screen::Home => screens::home::list(model, command),
        Screen::Caseload => return screens::caseload::list(model, command, reader),
        Screen::Person => screens::person::list(model, command),
        Screen::Agenda => screens::agenda::list(model, command),
        Screen::Meeting => screens::meeting::list(model, command),
        Screen::Actions => return screens::actions::list(model, command, reader),
        Screen::Minutes => return screens::minutes::list(model, command, reader),
        Screen::Team => screens::team::list(model, command),
        Screen::Lists => screens::lists::list(model, command),
        Screen::History => return screens::history::list(model, command, reader),
    }
    Ok(())
}

fn global(model: &mut Model, command: GlobalCommand, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    match command {
        GlobalCommand::Home => model.go(Screen::Home, reader)?,
        GlobalCommand::Caseload => model.go(Screen::Caseload, reader)?,
        GlobalCommand::Agenda => model.go(Screen::Agenda, reader)?,
        GlobalCommand::Meeting => model.go(Screen::Meeting, reader)?,
        GlobalCommand::Actions => model.go(Screen::Actions, reader)?,
        GlobalCommand::Minutes => model.go(Screen::Minutes, reader)?,
        GlobalCommand::Team => model.go(Screen::Team, reader)?,
        GlobalCommand::Lists => {
            screens::lists::come(model);
            model.go(Screen::Lists, reader)?;
        }
        GlobalCommand::History => screens::history::open(model, Whose::File, reader)?,
        GlobalCommand::Help => {
            let scopes = model.scopes();
            model.overlays.push(Overlay::Help(Help { scopes, scroll: 0 }));
        }
        GlobalCommand::Palette => {
            let scopes = model.scopes();
            model.overlays.push(Overlay::Palette(Palette {
                typed: Editor::line(""),
                cursor: Cursor::default(),
                scopes,
            }));
        }
        GlobalCommand::Undo => undoing::ask_undo(model, reader)?,
        GlobalCommand::Redo => undoing::ask_redo(model, reader)?,
        GlobalCommand::Mask => {
            model.masked = !model.masked;
            screens::lists::masked(model);
            if model.screen == Screen::History {
                model.reload_screen(reader)?;
            }
            model.say(if model.masked {
                "Identifiers are hidden: initials only. Press x to show them."
            } else {
                "Identifiers are shown."
            });
        }
        GlobalCommand::Back => return back(model, reader),
        GlobalCommand::Me => screens::team::ask_me(model),
        GlobalCommand::Exports => return Ok(vec![Effect::OpenExports]),
        GlobalCommand::Backup => return Ok(vec![Effect::Backup]),
        GlobalCommand::Theme => return Ok(next_theme(model)),
        GlobalCommand::Lock => return Ok(vec![Effect::Lock]),
        GlobalCommand::LockAfter => idle::ask(model),
        GlobalCommand::Quit => return Ok(quit(model)),
        GlobalCommand::Suspend => return Ok(vec![Effect::Suspend]),
    }
    Ok(Vec::new())
}

fn back(model: &mut Model, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let used = match model.screen {
        Screen::Caseload => screens::caseload::back(model, reader)?,
        Screen::Minutes => screens::minutes::back(model),
        Screen::Actions => screens::actions::back(model, reader)?,
        Screen::Meeting => screens::meeting::back(model),
        Screen::Lists => screens::lists::back(model),
        Screen::History => screens::history::back(model, reader)?,
        Screen::Home | Screen::Person | Screen::Agenda | Screen::Team => false,
    };
    if !used && let Some(screen) = model.back.pop() {
        model.screen = screen;
        model.reload_screen(reader)?;
    }
    Ok(Vec::new())
}

fn quit(model: &mut Model) -> Vec<Effect> {
    let live = model.next_meeting.as_ref().is_some_and(|meeting| meeting.stage == crate::domain::meeting::Stage::Live);
    let body = if screens::lists::is_working(model) {
        "A list is being worked on. Leaving stops it: nothing of it is written."
    } else if live {
        "The meeting is still live. Everything is saved; when you come back, mdt offers to resume on the same person."
    } else {
        "Everything is saved."
    };
    model.overlays.push(Overlay::Confirm(Confirm::effects("Leave mdt?", body, "leave", vec![Effect::Quit])));
    Vec::new()
}

fn next_theme(model: &mut Model) -> Vec<Effect> {
    let all = ThemeName::ALL;
    let at = all.iter().position(|name| *name == model.theme.name()).unwrap_or(0);
    let name = all.get((at + 1) % all.len()).copied().unwrap_or(ThemeName::Dark);
    model.theme = Theme::new(name);
    model.say(format!("Colours: {}.", name.label()));
    vec![Effect::Set { name: format!("theme:{}", model.login), value: name.code().to_owned() }]
}

fn failed(model: &mut Model, fault: Fault, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let text = screens::meeting::is_saving(model);
    screens::meeting::not_saved(model);
    match fault {
        Fault::Conflict(mut conflict) if text || matches!(model.overlays.last(), Some(Overlay::Form(_))) => {
            model.reload(Touched::ALL, reader)?;
            // Both began the same discussion, but wrote under different headings: there is nothing to decide.
            if conflict.noun == NounKind::Discussion && conflict.fields.is_empty() {
                return save_over(model, reader);
            }
            if let (NounKind::KeyWorker, Some(Overlay::Form(form))) = (conflict.noun, model.overlays.last()) {
                whom_both_named(&mut conflict, form, model.now.today, reader)?;
            }
            let form = matches!(model.overlays.last(), Some(Overlay::Form(_)));
            let both = !form && screens::meeting::both_can_stand(model, &conflict);
            model.overlays.push(Overlay::Conflict(ConflictCard { conflict, cursor: Cursor::default(), both }));
        }
        Fault::Conflict(_) => {
            model.reload(Touched::ALL, reader)?;
            model.refuse("Somebody else changed this a moment ago. Nothing was saved; what you see now is theirs.");
        }
        // The row it would have made is there by now: read it, so that saving again compares with it.
        other => {
            if text {
                model.reload(Touched::ALL, reader)?;
            }
            model.refuse(other.to_string());
        }
    }
    Ok(Vec::new())
}

/// A card whose answers are on the disk goes away. It had stayed so that nothing typed could be lost.
fn close_saved_form(model: &mut Model) {
    if matches!(model.overlays.last(), Some(Overlay::Form(_))) {
        model.overlays.pop();
    }
}

fn confirm_key(model: &mut Model, key: Key, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    match key.press {
        Press::Enter => {
            let Some(Overlay::Confirm(confirm)) = model.overlays.pop() else { return Ok(Vec::new()) };
            match confirm.answer {
                Answer::Effects(effects) => Ok(effects),
                Answer::DropForm => Ok(drop_form(model)),
                Answer::DropText => screens::meeting::drop_text(model, reader),
                Answer::Nothing | Answer::WalkOn => Ok(Vec::new()),
            }
        }
        Press::Char('c' | '/') if !key.ctrl && asks(model, &Answer::WalkOn) => {
            model.overlays.pop();
            key_pressed(model, key, reader)
        }
        Press::Esc | Press::Char('q' | 'n') => {
            model.overlays.pop();
            Ok(Vec::new())
        }
        Press::Char('c') if key.ctrl => {
            model.overlays.pop();
            Ok(Vec::new())
        }
        _ => Ok(Vec::new()),
    }
}

fn asks(model: &Model, answer: &Answer) -> bool {
    matches!(model.overlays.last(), Some(Overlay::Confirm(confirm)) if confirm.answer == *answer)
}

fn drop_form(model: &mut Model) -> Vec<Effect> {
    match model.overlays.pop() {
        Some(Overlay::Form(form)) => form.draft.map(Effect::DropDraft).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn form_key(model: &mut Model, key: Key, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let Some(Overlay::Form(form)) = model.overlays.last_mut() else { return Ok(Vec::new()) };
    if let Some(Command::Form(command)) = resolve(&[Scope::Form], key) {
        match command {
            FormCommand::Save => return save_form(model, reader),
            FormCommand::Next => form.step(false),
            FormCommand::Previous => form.step(true),
            FormCommand::Cancel if form.is_changed() => model.overlays.push(Overlay::Confirm(Confirm {
                title: "Give up what you typed?".to_owned(),
                body: "What you typed on this card is not saved. Esc goes back to it.".to_owned(),
                verb: "give it up",
                answer: Answer::DropForm,
            })),
            FormCommand::Cancel => return Ok(drop_form(model)),
        }
        return Ok(Vec::new());
    }
    if key.press == Press::Enter && !form.on_note() {
        return save_form(model, reader);
    }
    form.press(key);
    Ok(Vec::new())
}

fn save_form(model: &mut Model, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let Some(Overlay::Form(form)) = model.overlays.last().cloned() else { return Ok(Vec::new()) };
    if let Some(why) = form.nothing_matches() {
        if let Some(Overlay::Form(form)) = model.overlays.last_mut() {
            form.complain(why);
        }
        return Ok(Vec::new());
    }
    let answers = form.answers(model.now.today, model.next_meeting_day());
    let saved = screens::save(model, &form.purpose, &answers, reader);
    match saved {
        Ok(mut effects) => {
            // Only reached where everything before it is on the disk.
            effects.extend(form.draft.clone().map(Effect::DropDraft));
            let writes = effects.iter().any(|effect| matches!(effect, Effect::Commit(_) | Effect::Become(_)));
            if !writes {
                close_saved_form(model);
            }
            Ok(effects)
        }
        Err(NotSaved::Form(error)) => {
            if let Some(Overlay::Form(form)) = model.overlays.last_mut() {
                form.complain(error);
            }
            Ok(Vec::new())
        }
        Err(NotSaved::Fault(fault)) => Err(fault),
    }
}

fn help_key(model: &mut Model, key: Key) -> Result<Vec<Effect>, Fault> {
    let Some(Overlay::Help(help)) = model.overlays.last_mut() else { return Ok(Vec::new()) };
    match key.press {
        Press::Down | Press::Char('j') => help.scroll += 1,
        Press::Up | Press::Char('k') => help.scroll = help.scroll.saturating_sub(1),
        Press::PageDown | Press::Char(' ') => help.scroll += 10,
        Press::PageUp => help.scroll = help.scroll.saturating_sub(10),
        Press::Home => help.scroll = 0,
        _ => {
            model.overlays.pop();
        }
    }
    if let Some(Overlay::Help(help)) = model.overlays.last_mut() {
        help.scroll = help.scroll.min(200);
    }
    Ok(Vec::new())
}

fn palette_key(model: &mut Model, key: Key, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let Some(Overlay::Palette(palette)) = model.overlays.last_mut() else { return Ok(Vec::new()) };
    match key.press {
        Press::Esc => {
            model.overlays.pop();
        }
        Press::Char('c') if key.ctrl => {
            model.overlays.pop();
        }
        Press::Enter => {
            let chosen = palette.found().get(palette.cursor.at).map(|spec| spec.command);
            model.overlays.pop();
            if let Some(command) = chosen {
                return run(model, command, reader);
            }
        }
        Press::Down | Press::Tab => palette.cursor.go(ListCommand::Down, palette.found().len(), 10),
        Press::Up | Press::BackTab => palette.cursor.go(ListCommand::Up, palette.found().len(), 10),
        Press::PageDown => palette.cursor.go(ListCommand::PageDown, palette.found().len(), 10),
        Press::PageUp => palette.cursor.go(ListCommand::PageUp, palette.found().len(), 10),
        _ => {
            palette.typed.press(key);
            palette.cursor = Cursor::default();
        }
    }
    Ok(Vec::new())
}

fn pick_key(model: &mut Model, key: Key, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let team = model.team.id;
    let Some(Overlay::Pick(pick)) = model.overlays.last_mut() else { return Ok(Vec::new()) };
    match key.press {
        Press::Esc => {
            model.overlays.pop();
        }
        Press::Char('c') if key.ctrl => {
            model.overlays.pop();
        }
        Press::Enter => {
            if let Some(person) = pick.found.get(pick.cursor.at).map(|row| row.person.id) {
                let purpose = pick.purpose.clone();
                model.overlays.pop();
                return screens::picked(model, &purpose, person, reader);
            }
        }
        Press::Down | Press::Tab => pick.cursor.go(ListCommand::Down, pick.found.len(), 5),
        Press::Up | Press::BackTab => pick.cursor.go(ListCommand::Up, pick.found.len(), 5),
        _ => {
            if pick.typed.press(key) {
                pick.look(team, reader)?;
            }
        }
    }
    Ok(Vec::new())
}

fn conflict_key(model: &mut Model, key: Key, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let Some(Overlay::Conflict(card)) = model.overlays.last_mut() else { return Ok(Vec::new()) };
    let choices = card.choices().len();
    match key.press {
        Press::Down | Press::Char('j') | Press::Tab => card.cursor.go(ListCommand::Down, choices, 3),
        Press::Up | Press::Char('k') | Press::BackTab => card.cursor.go(ListCommand::Up, choices, 3),
        Press::Esc => {
            model.overlays.pop();
        }
        Press::Enter => {
            let (choice, conflict) = (card.cursor.at, card.conflict.clone());
            model.overlays.pop();
            match choice {
                1 => {
                    let effects = match model.overlays.last() {
                        Some(Overlay::Form(_)) => drop_form(model),
                        _ => screens::meeting::drop_text(model, reader)?,
                    };
                    model.reload(Touched::ALL, reader)?;
                    model.say("Theirs is kept.");
                    return Ok(effects);
                }
                2 | 3 => {
                    if !matches!(model.overlays.last(), Some(Overlay::Form(_))) {
                        if choice == 3 {
                            screens::meeting::take_both(model, &conflict);
                        }
                        screens::meeting::chosen_over(model, &conflict);
                    }
                    return save_over(model, reader);
                }
                _ => {}
            }
        }
        _ => {}
    }
    Ok(Vec::new())
}

/// Puts the answers of the card on top of the record as it is now: only the fields this person changed.
fn save_over(model: &mut Model, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    match model.overlays.last_mut() {
        Some(Overlay::Form(form)) => {
            screens::refresh(&mut form.purpose, reader)?;
            save_form(model, reader)
        }
        _ => Ok(screens::meeting::save_again(model)),
    }
}
