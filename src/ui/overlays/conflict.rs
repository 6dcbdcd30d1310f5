//! An edit that met an edit: both versions field by field, and a person decides. Nothing is lost either way.

use ratatui::Frame;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::Word;
use crate::domain::change::{NounKind, RecordId};
use crate::domain::day::{Day, Moment};
use crate::domain::id::{KeyWorkerId, MemberId, OrganisationId};
use crate::domain::key_worker::KeyWorker;
use crate::store::Reader;
use crate::store::fault::{Clash, Conflict, Fault};
use crate::ui::model::Model;
use crate::ui::overlays::form::Form;
use crate::ui::widgets::cursor::Cursor;
use crate::ui::widgets::fit::wrap;
use crate::ui::widgets::panel::card;

/// What the person can choose; the last one only where both texts can stand.
const CHOICES: [&str; 4] = [
    "Back to my text, to look again",
    "Keep theirs; give up mine",
    "Save mine over theirs",
    "Save both: theirs, then mine",
];

/// A conflict to be decided.
#[derive(Clone, Debug)]
pub struct ConflictCard {
    /// What met.
    pub conflict: Conflict,
    /// The selected choice.
    pub cursor: Cursor,
    /// Whether both texts can stand, one below the other.
    pub both: bool,
}

impl ConflictCard {
    /// What can be chosen.
    pub fn choices(&self) -> &'static [&'static str] {
        match (&CHOICES, self.both) {
            (all, true) => all,
            ([three @ .., _], false) => three,
        }
    }
}

/// Where two people each named a key worker, what they differ in is whom – and not, as in the file, on which day the one
/// before ended. `form` is the card in which one of them was named.
pub(in crate::ui) fn whom_both_named(
    conflict: &mut Conflict,
    form: &Form,
    today: Day,
    reader: &Reader,
) -> Result<(), Fault> {
    let Some(yours) = form.answers(today, None).chosen::<MemberId>("member") else { return Ok(()) };
    let Some(met) = reader.get::<KeyWorker>(KeyWorkerId::from_raw(conflict.row))? else { return Ok(()) };
    let theirs = reader.key_worker(met.person)?;
    let before = if met.until.is_some() { Some(met.member) } else { None };
    let cell = |member: MemberId| member.raw().to_string();
    conflict.fields = vec![Clash {
        column: "key_worker",
        before: before.map(cell),
        yours: Some(cell(yours)),
        theirs: theirs.map(|it| cell(it.member)),
    }];
    Ok(())
}

/// `Priya Shah changed this action while you were writing.`
fn head(model: &Model, conflict: &Conflict) -> String {
    let who = conflict.by.as_ref().map(|(actor, _)| actor.as_str()).unwrap_or("Somebody else");
    let when = conflict.by.as_ref().and_then(|(_, at)| Moment::from_iso(at)).map(|at| {
        let (day, time) = crate::clock::local(at, &model.now.clock());
        format!(" ({day} {time})")
    });
    let when = when.unwrap_or_default();
    let what = if conflict.noun == NounKind::KeyWorker {
        format!("{who} named a key worker for them while you were doing so{when}.")
    } else {
        format!("{who} changed this {} while you were writing.", conflict.noun.label())
    };
    format!("{what} Nothing of yours was saved yet.")
}

pub(super) fn view(model: &Model, card_state: &ConflictCard, frame: &mut Frame<'_>) {
    let area = frame.area();
    let conflict = &card_state.conflict;
    let width = 76.min(area.width);
    let cells = usize::from(width.saturating_sub(4)).saturating_sub(10);
    let mut lines: Vec<Line<'_>> = Vec::new();
    lines.extend(
        wrap(&head(model, conflict), cells + 10).into_iter().map(|line| Line::styled(line, model.theme.text())),
    );
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
    for (n, choice) in card_state.choices().iter().enumerate() {
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
