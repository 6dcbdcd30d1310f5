//! An edit that met an edit: both versions field by field, and a person decides. Nothing is lost either way.

use ratatui::Frame;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::Word;
use crate::domain::change::RecordId;
use crate::domain::day::Day;
use crate::domain::id::{MemberId, OrganisationId};
use crate::store::fault::Conflict;
use crate::ui::model::Model;
use crate::ui::widgets::cursor::Cursor;
use crate::ui::widgets::fit::wrap;
use crate::ui::widgets::panel::card;

/// What the person can choose.
pub const CHOICES: [&str; 3] = ["Back to my text, to look again", "Keep theirs; give up mine", "Save mine over theirs"];

/// A conflict to be decided.
#[derive(Clone, Debug)]
pub struct ConflictCard {
    /// What met.
    pub conflict: Conflict,
    /// The selected choice.
    pub cursor: Cursor,
}

pub(super) fn view(model: &Model, card_state: &ConflictCard, frame: &mut Frame<'_>) {
    let area = frame.area();
    let conflict = &card_state.conflict;
    let width = 76.min(area.width);
    let cells = usize::from(width.saturating_sub(4)).saturating_sub(10);
    let mut lines: Vec<Line<'_>> = Vec::new();
    let who = conflict.by.as_ref().map(|(actor, _)| actor.clone()).unwrap_or_else(|| "Somebody else".to_owned());
    let head =
        format!("{who} changed this {} while you were writing. Nothing of yours was saved yet.", conflict.noun.label());
    lines.extend(wrap(&head, cells + 10).into_iter().map(|line| Line::styled(line, model.theme.text())));
    if conflict.fields.is_empty() {
        lines.push(Line::styled("It is no longer there, or somebody else has begun it.", model.theme.warning()));
    }
    for clash in &conflict.fields {
        lines.push(Line::default());
        lines.push(Line::styled(clash.column.replace('_', " "), model.theme.heading()));
        for (label, side) in [("before", &clash.before), ("yours", &clash.yours), ("theirs", &clash.theirs)] {
            let words = side.as_deref().map_or_else(|| "—".to_owned(), |side| in_words(model, clash.column, side));
            let mut parts = wrap(&words, cells);
            if parts.len() > 6 {
                parts.truncate(6);
                parts.push("… (more; Esc, then read it on the page)".to_owned());
            }
            for (n, part) in parts.into_iter().enumerate() {
                let label = if n == 0 { label } else { "" };
                lines.push(Line::from(vec![
                    Span::styled(format!("{label:>8}  "), model.theme.label()),
                    Span::styled(part, model.theme.text()),
                ]));
            }
        }
    }
    lines.push(Line::default());
    for (n, choice) in CHOICES.iter().enumerate() {
        let (mark, style) =
            if n == card_state.cursor.at { ("▸ ", model.theme.selected()) } else { ("  ", model.theme.text()) };
        lines.push(Line::styled(format!("{mark}{choice}"), style));
    }
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inside = card(frame, "Two edits met", width, height, &model.theme);
    // The choices must be seen: what does not fit is cut from the top of the comparison.
    let surplus = lines.len().saturating_sub(usize::from(inside.height));
    lines.drain(1..(1 + surplus).min(lines.len()));
    frame.render_widget(Paragraph::new(lines), inside);
}

/// A cell as people write it: a member's name for an id, a date in the house's form.
fn in_words(model: &Model, column: &str, cell: &str) -> String {
    if let Some(day) = Day::from_iso(cell) {
        return day.to_string();
    }
    let Ok(id) = cell.parse::<i64>() else { return cell.to_owned() };
    match column {
        "owner" | "member" | "teller" | "key_worker" | "chair" | "minute_taker" | "reviewer" | "lead" => {
            model.member_name(Some(MemberId::from_raw(id)))
        }
        "organisation" | "practice" => model.organisation_name(Some(OrganisationId::from_raw(id))),
        _ => cell.to_owned(),
    }
}
