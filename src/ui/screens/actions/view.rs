//! Draws the actions: a title that says what is listed, the list, and the selected action whole below it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::Word;
use crate::domain::action::{Action, ActionState};
use crate::store::action::ActionRow;
use crate::ui::model::Model;
use crate::ui::widgets::fit::{clip, fit, width, wrap, wrap_parts};
use crate::ui::widgets::rows;

/// How many cells each column has; none where it gives way.
struct Columns {
    state: usize,
    due: usize,
    what: usize,
    carried: usize,
    owner: usize,
    person: usize,
}

impl Columns {
    fn of(cells: usize) -> Self {
        let (state, due, carried, owner, person) = match cells {
            0..40 => (4, 0, 0, 0, 0),
            40..56 => (4, 14, 0, 0, 0),
            56..76 => (4, 14, 0, 0, 18),
            76..100 => (4, 14, 0, 15, 18),
            100..150 => (13, 15, 11, 17, 22),
            150.. => (13, 16, 12, 34, 34),
        };
        let what = cells.saturating_sub(state + due + carried + owner + person + 1);
        Self { state, due, what, carried, owner, person }
    }
}

/// Draws the room.
pub(in crate::ui) fn view(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let list = &model.actions;
    let cells = usize::from(area.width);
    let columns = Columns::of(cells);
    let count = if list.count == 1 { "1 action".to_owned() } else { format!("{} actions", list.count) };
    let title = Line::from(vec![
        Span::styled(clip(&format!(" {count}"), cells), model.theme.heading()),
        Span::styled(
            clip(&format!(" · {}", super::in_words(model)), cells.saturating_sub(width(&count) + 1)),
            model.theme.quiet(),
        ),
    ]);
    let head_rows = if area.height >= 6 { 2 } else { area.height.min(1) };
    let mut head = vec![title];
    if head_rows == 2 {
        head.push(Line::styled(column_heads(&columns), model.theme.label()));
    }
    frame.render_widget(Paragraph::new(head), Rect { height: head_rows, ..area });
    let rest = Rect { y: area.y + head_rows, height: area.height - head_rows, ..area };
    if list.count == 0 {
        let words = if list.narrowing == super::Narrowing::default() {
            "No action is to be done. Actions are agreed in a meeting (4) or on a person's page."
        } else {
            "No action like these. Press f to change the filter, Esc to list all."
        };
        let lines: Vec<Line<'_>> = std::iter::once(Line::default())
            .chain(
                wrap(words, cells.saturating_sub(2).max(1))
                    .into_iter()
                    .map(|line| Line::styled(format!(" {line}"), model.theme.quiet())),
            )
            .collect();
        frame.render_widget(Paragraph::new(lines), rest);
        return;
    }
    let whole = list.row().map(|row| detail(model, row, cells.saturating_sub(2).max(1))).unwrap_or_default();
    let wanted = u16::try_from(whole.len() + 1).unwrap_or(u16::MAX);
    let below = if rest.height >= 8 { wanted.min(rest.height * 3 / 5) } else { 0 };
    let body = Rect { height: rest.height - below, ..rest };
    let at = usize::try_from(list.at - list.first).unwrap_or(0);
    rows::draw(frame, body, list.rows.len(), at, |n| {
        list.rows.get(n).map(|row| lines(model, row, &columns, n == at)).unwrap_or_default()
    });
    if below > 0 {
        let mut lines = vec![Line::styled("─".repeat(cells), model.theme.rule())];
        lines.extend(whole);
        frame.render_widget(Paragraph::new(lines), Rect { y: rest.y + body.height, height: below, ..rest });
    }
}

fn column_heads(columns: &Columns) -> String {
    let state = if columns.state > 6 { "State" } else { "" };
    format!(
        " {}{}{}{}{}{}",
        fit(state, columns.state),
        fit("Due", columns.due),
        fit("What", columns.what),
        fit("Carried", columns.carried),
        fit("Owner", columns.owner),
        fit("Person", columns.person),
    )
}

/// A shape and a letter, and the word where there is room.
fn state_mark(state: &ActionState) -> (&'static str, &'static str) {
    match state {
        ActionState::Open => ("○ O", "open"),
        ActionState::Accepted { .. } => ("◐ A", "accepted"),
        ActionState::Done { .. } => ("● D", "done"),
        ActionState::NotDone { .. } => ("× N", "not done"),
        ActionState::Withdrawn { .. } => ("– W", "withdrawn"),
    }
}

fn state_style(model: &Model, state: &ActionState) -> Style {
    match state {
        ActionState::Open => model.theme.text(),
        ActionState::Accepted { .. } => model.theme.accent(),
        ActionState::Done { .. } => model.theme.settled(),
        ActionState::NotDone { .. } => model.theme.warning(),
        ActionState::Withdrawn { .. } => model.theme.quiet(),
    }
}

fn due_words(model: &Model, action: &Action) -> (String, Style) {
    match action.overdue_days(model.now.today) {
        Some(days) => (format!("OVERDUE {days} d"), model.theme.alarm()),
        None if action.due.days_since(model.now.today).abs() < 300 => (action.due.short(), model.theme.text()),
        None => (action.due.to_string(), model.theme.text()),
    }
}

fn carried(model: &Model, n: i64) -> (String, Style) {
    match n {
        0 => (String::new(), model.theme.quiet()),
        1 | 2 => (format!("carried {n}×"), model.theme.quiet()),
        _ => (format!("carried {n}×"), model.theme.warning()),
    }
}

fn lines(model: &Model, row: &ActionRow, columns: &Columns, selected: bool) -> Vec<Line<'static>> {
    let dress = |style: Style| if selected { model.theme.selected() } else { style };
    let (mark, word) = state_mark(&row.action.state);
    let state = if columns.state > 6 { format!("{mark} {word}") } else { mark.to_owned() };
    let (due, due_style) = due_words(model, &row.action);
    let (times, times_style) = carried(model, row.action.carried);
    let owner = if columns.owner >= 30 {
        format!("{} · {}", row.owner.name, row.organisation)
    } else {
        row.owner.short_name()
    };
    let person = row.person.as_ref().map_or_else(
        || "the team".to_owned(),
        |person| if columns.person >= 30 { model.name_of(person) } else { model.short_name_of(person) },
    );
    // A name is never cut: where it is long, the row takes more lines.
    let names = if columns.person > 0 { wrap(&person, columns.person.saturating_sub(1)) } else { vec![String::new()] };
    let cut = |text: &str, cells: usize| {
        if cells == 0 { String::new() } else { fit(&format!("{} ", clip(text, cells - 1)), cells) }
    };
    let mut out = Vec::with_capacity(names.len());
    for (k, name) in names.into_iter().enumerate() {
        let name = fit(&name, columns.person);
        if k > 0 {
            let before = 1 + columns.state + columns.due + columns.what + columns.carried + columns.owner;
            out.push(Line::from(vec![
                Span::styled(" ".repeat(before), dress(model.theme.text())),
                Span::styled(name, dress(model.theme.text())),
            ]));
            continue;
        }
        out.push(Line::from(vec![
            Span::styled(if selected { "▸" } else { " " }, dress(model.theme.accent_strong())),
            Span::styled(fit(&state, columns.state), dress(state_style(model, &row.action.state))),
            Span::styled(fit(&due, columns.due), dress(due_style)),
            Span::styled(
                cut(&model.veiled(row.person.as_ref(), row.action.what.as_str()), columns.what),
                dress(model.theme.text()),
            ),
            Span::styled(fit(&times, columns.carried), dress(times_style)),
            Span::styled(cut(&owner, columns.owner), dress(model.theme.quiet())),
            Span::styled(name, dress(model.theme.text())),
        ]));
    }
    out
}

/// The selected action, whole.
fn detail(model: &Model, row: &ActionRow, cells: usize) -> Vec<Line<'static>> {
    let action = &row.action;
    let (mark, word) = state_mark(&action.state);
    let quiet = model.theme.quiet();
    let mut lines: Vec<(String, Style)> = Vec::new();
    lines.extend(
        wrap(&model.veiled(row.person.as_ref(), action.what.as_str()), cells)
            .into_iter()
            .map(|line| (line, model.theme.heading())),
    );
    let whom =
        row.person.as_ref().map_or_else(|| "The team's own action".to_owned(), |person| model.subject_of(person));
    lines.extend(wrap_parts(&whom, cells).into_iter().map(|line| (line, model.theme.text())));
    let owner = format!("{} ({}) · {}", row.owner.name, row.owner.role, row.organisation);
    lines.extend(wrap_parts(&owner, cells).into_iter().map(|line| (line, quiet)));
    let (due, due_style) = due_words(model, action);
    let mut facts = vec![format!("{mark} {word}")];
    facts.push(if action.overdue_days(model.now.today).is_some() {
        format!("due {} – {due}", action.due)
    } else {
        format!("due {}", action.due)
    });
    facts.push(format!("raised {}", action.raised_on));
    if action.carried > 0 {
        facts.push(carried(model, action.carried).0);
    }
    if action.telling {
        facts.push("tells the person what was agreed".to_owned());
    }
    let style = if action.overdue_days(model.now.today).is_some() { due_style } else { quiet };
    lines.extend(wrap_parts(&facts.join(" · "), cells).into_iter().map(|line| (line, style)));
    if let Some(words) = closing_words(&action.state) {
        lines.extend(wrap(&words, cells).into_iter().map(|line| (line, model.theme.text())));
    }
    lines.into_iter().map(|(line, style)| Line::styled(format!(" {line}"), style)).collect()
}

fn closing_words(state: &ActionState) -> Option<String> {
    let noted = |head: String, note: Option<&crate::domain::text::Note>| {
        Some(note.map_or_else(|| head.clone(), |note| format!("{head}: {note}")))
    };
    match state {
        ActionState::Open => None,
        ActionState::Accepted { on } => Some(format!("Accepted {on}")),
        ActionState::Done { on, note } => noted(format!("Done {on}"), note.as_ref()),
        ActionState::NotDone { on, reason, note } => noted(format!("Not done {on}, {}", reason.label()), note.as_ref()),
        ActionState::Withdrawn { on, why } => noted(format!("Withdrawn {on}"), Some(why)),
    }
}
