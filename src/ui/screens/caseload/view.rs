//! Draws the table. Columns give way by width; a name never does.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::Word;
use crate::domain::day::Day;
use crate::domain::organisation::OrganisationKind;
use crate::domain::person::Standing;
use crate::ui::model::Model;
use crate::ui::theme::band_mark;
use crate::ui::widgets::fit::{clip, fit, fit_right, grouped, width, wrap, wrap_facts};

use super::window::Seen;

/// Below this width a person takes two lines.
const TWO_LINES_BELOW: usize = 60;
/// Blanks between columns.
const GAP: usize = 2;
/// Cells before the first column: the mark of the selected row.
const MARGIN: usize = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Band,
    Name,
    Age,
    Number,
    Practice,
    Score,
    Discussed,
    Actions,
    KeyWorker,
    Review,
}

impl Column {
    /// From left to right.
    const ORDER: [Self; 10] = [
        Self::Band,
        Self::Name,
        Self::Age,
        Self::Number,
        Self::Practice,
        Self::Score,
        Self::Discussed,
        Self::Actions,
        Self::KeyWorker,
        Self::Review,
    ];
    /// Which of them stay longest.
    const WORTH: [Self; 10] = [
        Self::Band,
        Self::Name,
        Self::Age,
        Self::Number,
        Self::Actions,
        Self::KeyWorker,
        Self::Discussed,
        Self::Review,
        Self::Score,
        Self::Practice,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Band => "Band",
            Self::Name => "Name",
            Self::Age => "Age",
            Self::Number => "NHS number",
            Self::Practice => "Practice",
            Self::Score => "Score",
            Self::Discussed => "Discussed",
            Self::Actions => "Actions",
            Self::KeyWorker => "Key worker",
            Self::Review => "Review",
        }
    }

    fn is_number(self) -> bool {
        matches!(self, Self::Age | Self::Score)
    }

    fn cell(self, model: &Model, seen: &Seen) -> (String, Style) {
        let (row, theme) = (&seen.row, &model.theme);
        let person = &row.person;
        let plain = |text: String| (text, theme.text());
        match self {
            Self::Band => (band_mark(person.band).to_owned(), theme.band(person.band)),
            Self::Name => (named(model, seen), theme.heading()),
            Self::Age => plain(person.age(model.now.today).map(|age| age.to_string()).unwrap_or_default()),
            Self::Number => match person.nhs_number {
                _ if model.masked => plain(String::new()),
                Some(number) => plain(number.to_string()),
                None => ("none".to_owned(), theme.warning()),
            },
            Self::Practice => match person.practice {
                Some(practice) => (model.organisation_name(Some(practice)), theme.quiet()),
                None => ("—".to_owned(), theme.quiet()),
            },
            Self::Score => plain(person.score.map(|score| score.to_string()).unwrap_or_default()),
            Self::Discussed => match row.last_discussed {
                Some(day) => plain(day.to_string()),
                None => ("never".to_owned(), theme.quiet()),
            },
            Self::Actions => actions(model, seen),
            Self::KeyWorker => match row.key_worker.and_then(|id| model.member(id)) {
                Some(member) => plain(member.short_name()),
                None if person.standing == Standing::Active => ("none".to_owned(), theme.warning()),
                None => ("—".to_owned(), theme.quiet()),
            },
            Self::Review => review(model, row.review_on),
        }
    }
}

/// The name, and why the person is not on the active caseload, if they are not.
fn named(model: &Model, seen: &Seen) -> String {
    let person = &seen.row.person;
    let name = model.name_of(person);
    match person.standing {
        Standing::Active => name,
        off => format!("{name} · {}", off.label()),
    }
}

fn actions(model: &Model, seen: &Seen) -> (String, Style) {
    match (seen.row.open_actions, seen.overdue) {
        (0, _) => ("—".to_owned(), model.theme.quiet()),
        (open, 0) => (format!("{open} open"), model.theme.text()),
        (open, late) => (format!("{open} open · {late} overdue"), model.theme.alarm()),
    }
}

fn review(model: &Model, on: Option<Day>) -> (String, Style) {
    match on {
        Some(day) if day <= model.now.today => (format!("! {day}"), model.theme.warning()),
        Some(day) => (format!("  {day}"), model.theme.text()),
        None => ("  —".to_owned(), model.theme.quiet()),
    }
}

/// A count as the title says it.
fn count(n: usize) -> String {
    grouped(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Draws the room.
pub(in crate::ui) fn view(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let room = &model.caseload;
    let row = |n: u16| Rect { y: area.y + n.min(area.height), height: u16::from(n < area.height), ..area };
    title(model, frame, row(0));
    let mut used = 1;
    if let Some(search) = &room.search {
        search_line(model, search, frame, row(used));
        used += 1;
    }
    let body = Rect { y: area.y + used.min(area.height), height: area.height.saturating_sub(used), ..area };
    if room.window.rows.is_empty() {
        empty(model, frame, body);
        return;
    }
    match columns(model, usize::from(area.width)) {
        Some(columns) => table(model, &columns, frame, body),
        None => two_lines(model, frame, body),
    }
}

fn people(n: usize) -> String {
    if n == 1 { "1 person".to_owned() } else { format!("{} people", count(n)) }
}

fn title(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let (room, theme) = (&model.caseload, &model.theme);
    let everyone = usize::try_from(room.everyone).unwrap_or(0);
    let total = room.window.total;
    let (how_many, named, sorted) = match room.found() {
        Some(found) if found.more => ("first 1,000 – keep typing".to_owned(), Vec::new(), String::new()),
        Some(_) => (format!("{} of {}", count(total), count(everyone)), Vec::new(), String::new()),
        None => {
            let of = if room.filter.is_empty() {
                people(total)
            } else {
                format!("{} of {}", people(total), count(everyone))
            };
            (of, filters(model), format!("by {}", room.sort.label()))
        }
    };
    let place =
        if total == 0 { String::new() } else { format!("row {} of {}", count(room.window.rank() + 1), count(total)) };
    let mut spans =
        vec![Span::styled(" Caseload", theme.heading()), Span::styled(format!(" · {how_many}"), theme.text())];
    let mut used = 9 + 3 + width(&how_many);
    let cells = usize::from(area.width);
    // The filter must be seen: it is why somebody is not in the list. The place and the order give way first.
    if !named.is_empty() {
        let text = clip(&format!(" · {}", named.join(", ")), cells.saturating_sub(used));
        used += width(&text);
        spans.push(Span::styled(text, theme.accent_strong()));
    }
    if !sorted.is_empty() && used + width(&sorted) + 3 <= cells {
        used += width(&sorted) + 3;
        spans.push(Span::styled(format!(" · {sorted}"), theme.quiet()));
    }
    if used + width(&place) + 3 <= cells {
        spans.push(Span::raw(" ".repeat(cells - used - width(&place) - 1)));
        spans.push(Span::styled(place, theme.quiet()));
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

fn filters(model: &Model) -> Vec<String> {
    let filter = &model.caseload.filter;
    let mut named = Vec::new();
    named.extend(filter.band.map(|band| format!("{} band", band.label())));
    named.extend(filter.practice.map(|practice| model.organisation_name(Some(practice))));
    for (on, words) in [
        (filter.no_key_worker, "no key worker"),
        (filter.review_due, "review due"),
        (filter.overdue, "overdue actions"),
        (filter.not_active, "not active"),
    ] {
        if on {
            named.push(words.to_owned());
        }
    }
    named
}

fn search_line(model: &Model, search: &super::Search, frame: &mut Frame<'_>, area: Rect) {
    let prompt = Rect { width: 3.min(area.width), ..area };
    frame.render_widget(Paragraph::new(Span::styled(" / ", model.theme.accent_strong())), prompt);
    let text = Rect { x: area.x + prompt.width, width: area.width - prompt.width, ..area };
    search.typed.draw(frame, text, model.theme.text(), search.typing);
}

fn empty(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let room = &model.caseload;
    let words = if room.found().is_some() {
        "Nobody has that name or number. Esc clears the search."
    } else if !room.filter.is_empty() {
        "Nobody is in this filter. Press f to change it, Esc to clear it."
    } else {
        "Nobody is on the caseload yet. Press n to add a person, or take in a list with mdt import."
    };
    let cells = usize::from(area.width.saturating_sub(4));
    let mut lines = vec![Line::default()];
    lines.extend(wrap(words, cells).into_iter().map(|line| Line::styled(format!("   {line}"), model.theme.quiet())));
    frame.render_widget(Paragraph::new(lines), area);
}

/// The columns that fit and their widths; none where a person needs two lines.
fn columns(model: &Model, cells: usize) -> Option<Vec<(Column, usize)>> {
    if cells < TWO_LINES_BELOW {
        return None;
    }
    let (usual_name, longest_name) = name_widths(model);
    let mut taken: Vec<(Column, usize)> = Vec::new();
    let mut used = MARGIN;
    for column in Column::WORTH {
        if column == Column::Number && model.masked {
            continue;
        }
        let wanted = match column {
            Column::Name => usual_name.min((cells * 3 / 8).max(24)),
            other => content_width(model, other).max(width(other.title())),
        };
        let wide = wanted + GAP;
        if used + wide <= cells + GAP {
            used += wide;
            taken.push((column, wanted));
        } else if matches!(column, Column::Band | Column::Name | Column::Age | Column::Number) {
            return None;
        }
    }
    // What is left over goes to the name, up to a point: whitespace, not a desert.
    for (column, wide) in &mut taken {
        if *column == Column::Name {
            *wide += (cells + GAP).saturating_sub(used).min(longest_name.saturating_sub(*wide) + 4);
        }
    }
    let order = |column: &Column| Column::ORDER.iter().position(|it| it == column);
    taken.sort_by_key(|(column, _)| order(column));
    Some(taken)
}

/// What the content of a column takes at most. Most have a fixed form; only few are measured, as this is drawn at every key.
fn content_width(model: &Model, column: Column) -> usize {
    let names = |names: &mut dyn Iterator<Item = usize>, most: usize| names.max().unwrap_or(0).min(most);
    match column {
        Column::Band | Column::Age => 3,
        Column::Score => 6,
        Column::Number => 12,
        Column::Discussed => 11,
        Column::Review => 13,
        Column::Practice => {
            let practices = model.organisations.iter().filter(|it| it.kind == OrganisationKind::Practice);
            names(&mut practices.map(|it| width(it.name.as_str())), 28)
        }
        Column::KeyWorker => names(&mut model.members.iter().map(|member| width(&member.short_name())), 20),
        Column::Actions => {
            let rows = &model.caseload.window.rows;
            names(&mut rows.iter().map(|seen| width(&actions(model, seen).0)), 24)
        }
        Column::Name => name_widths(model).0,
    }
}

/// The width that all but a few names keep to – the few take a second line – and that of the longest.
fn name_widths(model: &Model) -> (usize, usize) {
    let rows = &model.caseload.window.rows;
    let wide = |seen: &Seen| {
        let person = &seen.row.person;
        if model.masked || person.standing != Standing::Active {
            return width(&named(model, seen));
        }
        // `SURNAME, Forename (preferred)`, measured without being written: this is asked of every row in hand at every key.
        let preferred = person.preferred.as_ref().filter(|preferred| **preferred != person.forename);
        let preferred = preferred.map_or(0, |preferred| width(preferred.as_str()) + 3);
        width(person.surname.as_str()) + 2 + width(person.forename.as_str()) + preferred
    };
    let mut widths: Vec<usize> = rows.iter().map(wide).collect();
    widths.sort_unstable();
    let longest = widths.last().copied().unwrap_or(0);
    let at = (widths.len() * 95 / 100).min(widths.len().saturating_sub(1));
    (widths.get(at).copied().unwrap_or(0).max(12), longest)
}

fn table(model: &Model, columns: &[(Column, usize)], frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let mut head = " ".repeat(MARGIN);
    for (column, wide) in columns {
        let title = column.title();
        head.push_str(&if column.is_number() { fit_right(title, *wide) } else { fit(title, *wide) });
        head.push_str(&" ".repeat(GAP));
    }
    let head_area = Rect { height: 1.min(area.height), ..area };
    frame.render_widget(Paragraph::new(Line::styled(head, theme.label())), head_area);
    let body = Rect { y: area.y + head_area.height, height: area.height - head_area.height, ..area };
    around(model, frame, body, true, |seen, here| row(model, columns, seen, here));
}

/// A person in one line – or more, where the name needs them.
fn row(model: &Model, columns: &[(Column, usize)], seen: &Seen, here: bool) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let name_cells = columns.iter().find(|(column, _)| *column == Column::Name).map_or(1, |(_, wide)| *wide);
    let mut lines = Vec::new();
    for (n, name) in wrap(&named(model, seen), name_cells).into_iter().enumerate() {
        let mark = if here && n == 0 { " ▸ " } else { "   " };
        let mut spans = vec![Span::styled(mark, theme.accent_strong())];
        for (column, wide) in columns {
            let (text, style) = match column {
                Column::Name => (name.clone(), theme.heading()),
                _ if n > 0 => (String::new(), theme.text()),
                _ => column.cell(model, seen),
            };
            let text = if column.is_number() { fit_right(&text, *wide) } else { fit(&text, *wide) };
            spans.push(Span::styled(text, if here { theme.selected() } else { style }));
            spans.push(Span::styled(" ".repeat(GAP), if here { theme.selected() } else { theme.text() }));
        }
        lines.push(Line::from(spans));
    }
    lines
}

/// A person in two lines or more: name and number wrap, they are never cut.
fn two_lines(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    around(model, frame, area, false, |seen, here| narrow(model, seen, here, usize::from(area.width)));
}

/// Draws the selected row and as many of its neighbours as there is room for, itself near the middle.
fn around(
    model: &Model,
    frame: &mut Frame<'_>,
    area: Rect,
    in_table: bool,
    draw: impl Fn(&Seen, bool) -> Vec<Line<'static>>,
) {
    let window = &model.caseload.window;
    let height = usize::from(area.height);
    let card = |n: usize| window.rows.get(n).map(|seen| draw(seen, n == window.at));
    let here = card(window.at).unwrap_or_default();
    // Half a screen is looked back, more where the list ends below.
    let mut below: Vec<Line<'static>> = Vec::new();
    let mut after = window.at + 1;
    while here.len() + below.len() < height
        && let Some(card) = card(after)
    {
        // In a table a name that goes on below the edge would look whole: its row waits until there is room for all of it.
        if in_table && here.len() + below.len() + card.len() > height {
            break;
        }
        below.extend(card);
        after += 1;
    }
    let room = (height / 2).max(height.saturating_sub(here.len() + below.len())).min(height.saturating_sub(here.len()));
    let mut above: Vec<Line<'static>> = Vec::new();
    let mut before = window.at;
    while let Some(n) = before.checked_sub(1)
        && let Some(card) = card(n).filter(|card| above.len() + card.len() <= room)
    {
        above.splice(0..0, card);
        before = n;
    }
    // Each line is as wide as it should be: a paragraph would weigh every character of it again.
    let lines = above.into_iter().chain(here).chain(below);
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        frame.buffer_mut().set_line(area.x, y, &line, area.width);
    }
}

fn narrow(model: &Model, seen: &Seen, here: bool, cells: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let person = &seen.row.person;
    let text_cells = cells.saturating_sub(8).max(6);
    let name_style = if here { theme.selected() } else { theme.heading() };
    let mut lines = Vec::new();
    for (n, part) in wrap(&named(model, seen), text_cells).into_iter().enumerate() {
        let head = if n == 0 {
            vec![
                Span::styled(if here { " ▸ " } else { "   " }, theme.accent_strong()),
                Span::styled(format!("{}  ", band_mark(person.band)), theme.band(person.band)),
            ]
        } else {
            vec![Span::raw(" ".repeat(8))]
        };
        lines.push(Line::from_iter(head.into_iter().chain([Span::styled(part, name_style)])));
    }
    let mut facts: Vec<String> = Vec::new();
    facts.extend(person.age(model.now.today).map(|age| age.to_string()));
    if !model.masked {
        facts.push(person.nhs_number.map_or_else(|| "no NHS number".to_owned(), |number| number.to_string()));
    }
    if seen.row.open_actions > 0 {
        facts.push(actions(model, seen).0);
    }
    if seen.row.key_worker.is_none() && person.standing == Standing::Active {
        facts.push("no key worker".to_owned());
    }
    let style = if seen.overdue > 0 { theme.warning() } else { theme.quiet() };
    lines.extend(
        wrap_facts(&facts, text_cells).into_iter().map(|part| Line::styled(format!("{}{part}", " ".repeat(8)), style)),
    );
    lines
}
