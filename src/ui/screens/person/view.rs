//! Lays the page out: who it is stays in sight, the parts scroll under it, in one column or two.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::Word;
use crate::domain::erasure::kept_until;
use crate::domain::person::{Sex, Standing};
use crate::ui::model::Model;
use crate::ui::theme::band_mark;
use crate::ui::widgets::fit::{fit, width, wrap, wrap_facts};

use super::blocks::{Block, blocks};
use super::{Page, Part};

/// From this width on the page has two columns.
const TWO_COLUMNS_FROM: u16 = 110;
/// Below this width labels stand above their text.
const LABEL_ABOVE_BELOW: u16 = 54;
/// Cells of a label in front of its text.
const LABEL: usize = 14;
/// Cells for the mark of the selected part.
const GUTTER: usize = 3;

/// A column of the page.
struct Column {
    area: Rect,
    left: bool,
    label_above: bool,
}

impl Column {
    fn holds(&self, part: Part, alone: bool) -> bool {
        alone || part.stands_left() == self.left
    }

    fn cells(&self) -> usize {
        let taken = if self.label_above { GUTTER + 1 } else { GUTTER + LABEL + 1 };
        usize::from(self.area.width).saturating_sub(taken).max(6)
    }
}

fn columns(area: Rect) -> Vec<Column> {
    if area.width >= TWO_COLUMNS_FROM {
        let half = area.width / 2;
        let right = Rect { x: area.x + half, width: area.width - half, ..area };
        vec![
            Column { area: Rect { width: half.saturating_sub(1), ..area }, left: true, label_above: false },
            Column { area: right, left: false, label_above: false },
        ]
    } else {
        vec![Column { area, left: true, label_above: area.width < LABEL_ABOVE_BELOW }]
    }
}

/// Draws the room.
pub(in crate::ui) fn view(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let Some(page) = &model.person else {
        let words = "No person is open. Press 2 for the caseload and choose one.";
        let lines: Vec<Line<'_>> = wrap(words, usize::from(area.width.saturating_sub(4)))
            .into_iter()
            .map(|line| Line::styled(format!("   {line}"), model.theme.quiet()))
            .collect();
        frame.render_widget(Paragraph::new(lines), area);
        return;
    };
    let head = head(model, page, usize::from(area.width));
    let rows = head_rows(head.len(), area.height);
    frame.render_widget(Paragraph::new(head), Rect { height: rows, ..area });
    let columns = columns(below(area, rows));
    let alone = columns.len() == 1;
    let blocks = page_blocks(model, page, &columns);
    for column in &columns {
        let mine: Vec<&Block> = blocks.iter().filter(|block| column.holds(block.part, alone)).collect();
        draw_column(model, page, column, &mine, frame);
    }
}

fn below(area: Rect, rows: u16) -> Rect {
    Rect { y: area.y + rows, height: area.height.saturating_sub(rows), ..area }
}

/// The head keeps its lines, but leaves at least half of a low screen to the parts.
fn head_rows(lines: usize, height: u16) -> u16 {
    let wanted = u16::try_from(lines).unwrap_or(u16::MAX);
    if height < 4 { wanted.min(height) } else { wanted.min(height - height / 3) }
}

fn page_blocks(model: &Model, page: &Page, columns: &[Column]) -> Vec<Block> {
    let alone = columns.len() == 1;
    let cells = |part: Part| columns.iter().find(|column| column.holds(part, alone)).map_or(20, Column::cells);
    blocks(model, page, cells)
}

/// Lines of the part under the cursor, and rows there are to see it in.
pub(super) fn sight(model: &Model, page: &Page, area: Rect) -> (usize, usize) {
    let head = head(model, page, usize::from(area.width));
    let body = below(area, head_rows(head.len(), area.height));
    let columns = columns(body);
    let blocks = page_blocks(model, page, &columns);
    let height = blocks.iter().find(|block| block.part == page.part()).map_or(1, |block| block.lines.len());
    // One row is left for the part before, so that the reader knows where they are.
    (height, usize::from(body.height).saturating_sub(1).max(1))
}

/// Who it is: name, band, and what identifies them. Never cut.
fn head(model: &Model, page: &Page, cells: usize) -> Vec<Line<'static>> {
    let (person, theme) = (&page.person, &model.theme);
    let here = page.part() == Part::Identity;
    let room = cells.saturating_sub(GUTTER + 1).max(6);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let name = model.name_of(person);
    let mark = |n: usize| match (here, n) {
        (true, 0) => " ▸ ",
        (true, _) => " │ ",
        (false, _) => "   ",
    };
    let style = if here { theme.selected() } else { theme.heading() };
    for part in wrap(&name, room) {
        lines.push(Line::from(vec![Span::styled(mark(lines.len()), theme.accent_strong()), Span::styled(part, style)]));
    }
    let mut states = Vec::new();
    if let Some(band) = person.band {
        let shape = band_mark(Some(band)).chars().next().unwrap_or(' ');
        states.push((format!("{shape} {}", band.label()), theme.band(Some(band))));
    }
    if person.standing != Standing::Active {
        states.push((model.off_the_caseload(person), theme.alarm()));
    }
    for (text, style) in states {
        let used = lines.last().map_or(0, Line::width);
        match lines.last_mut() {
            Some(line) if used + 3 + width(&text) <= cells => {
                line.push_span(Span::raw("   "));
                line.push_span(Span::styled(text, style));
            }
            _ => lines.push(Line::from(vec![Span::raw(mark(lines.len())), Span::styled(text, style)])),
        }
    }
    let mut facts: Vec<String> = model.identity_of(person).split(" · ").map(str::to_owned).collect();
    if person.sex != Sex::Unknown {
        facts.push(person.sex.label().to_owned());
    }
    for line in wrap_facts(&facts, room) {
        lines.push(Line::from(vec![
            Span::styled(mark(lines.len()), theme.accent_strong()),
            Span::styled(line, theme.text()),
        ]));
    }
    for (text, style) in banners(model, page) {
        for line in wrap(&text, room) {
            lines.push(Line::from(vec![
                Span::styled(mark(lines.len()), theme.accent_strong()),
                Span::styled(line, style),
            ]));
        }
    }
    lines.push(Line::styled("─".repeat(cells), theme.rule()));
    lines
}

/// What holds of the record as a whole: that it was erased, that it must be kept, that its time is over, and with whom the
/// person can be mixed up at the next meeting.
fn banners(model: &Model, page: &Page) -> Vec<(String, Style)> {
    let theme = &model.theme;
    let mut out = Vec::new();
    if let Some(it) = &page.erasure {
        let on = crate::clock::local(it.at, &model.now.clock()).0;
        out.push((
            format!(
                "■ ERASED on {on} by {}, witness {}: {}. What stays are facts without text.",
                it.by, it.witness, it.why
            ),
            theme.quiet(),
        ));
    }
    for hold in page.holds.iter().filter(|hold| hold.stands()) {
        let why = model.veiled(Some(&page.person), hold.why.as_str());
        out.push((
            format!("! LEGAL HOLD since {} by {}: {why}. The record cannot be erased.", hold.on, hold.by),
            theme.warning(),
        ));
    }
    if let Some(until) = kept_until(&page.person, model.team.retention_years).filter(|until| *until <= model.now.today)
    {
        out.push((format!("The time this record is kept was over on {until}."), theme.quiet()));
    }
    out.extend(page.alike.marks(&page.person, model.masked).into_iter().map(|text| (text, theme.warning())));
    out
}

fn draw_column(model: &Model, page: &Page, column: &Column, blocks: &[&Block], frame: &mut Frame<'_>) {
    let theme = &model.theme;
    let height = usize::from(column.area.height);
    let airy = height >= 18;
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut target = 0;
    let mut ends = 0;
    for block in blocks {
        if airy && !block.label.is_empty() && !lines.is_empty() {
            lines.push(Line::default());
        }
        let here = block.part == page.part();
        if here {
            target = lines.len();
        }
        lines.extend(labelled(block, here, column, theme));
        if here {
            ends = lines.len();
        }
    }
    // The part under the cursor is in sight as a whole where it fits, a third from the top where it can be.
    let last = lines.len().saturating_sub(height);
    let first = if ends == 0 {
        0
    } else if page.inside > 0 {
        target + page.inside
    } else {
        target.saturating_sub(height / 3).max(ends.saturating_sub(height)).min(target)
    };
    let shown: Vec<Line<'static>> = lines.into_iter().skip(first.min(last)).take(height).collect();
    frame.render_widget(Paragraph::new(shown), column.area);
}

fn labelled(block: &Block, here: bool, column: &Column, theme: &crate::ui::theme::Theme) -> Vec<Line<'static>> {
    let label_style = if here { theme.accent_strong() } else { theme.label() };
    let mut out = Vec::new();
    let mark = |n: usize| match (here, n) {
        (true, 0) => " ▸ ",
        (true, _) => " │ ",
        (false, _) => "   ",
    };
    if column.label_above && !block.label.is_empty() {
        out.push(Line::from(vec![Span::raw("   "), Span::styled(block.label, label_style)]));
    }
    for (n, line) in block.lines.iter().enumerate() {
        let mut spans = vec![Span::styled(mark(n), theme.accent_strong())];
        if !column.label_above {
            let label = if n == 0 { block.label } else { "" };
            spans.push(Span::styled(fit(label, LABEL), label_style));
        }
        spans.extend(line.spans.iter().map(|span| Span::styled(span.content.clone(), line.style.patch(span.style))));
        out.push(Line::from(spans));
    }
    out
}
