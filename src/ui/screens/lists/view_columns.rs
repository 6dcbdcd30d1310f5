//! Draws what the columns of a list are taken for, with three of their values, and the labels of its bands.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::Word;
use crate::domain::text::displayable;
use crate::exchange::intake::bands::Grounds;
use crate::exchange::intake::columns::{Guessed, Label, Sure};
use crate::exchange::intake::days::Evidence;
use crate::jobs::lists::{Opened, title};
use crate::ui::model::Model;
use crate::ui::theme::band_mark;
use crate::ui::widgets::fit::{clip, fit, grouped, width, wrap};
use crate::ui::widgets::panel::panel;
use crate::ui::widgets::rows;

/// Columns from which header, field and samples stand in one line.
const ONE_LINE: usize = 76;

pub(super) fn view(model: &Model, opened: &Opened, at: usize, frame: &mut Frame<'_>, area: Rect) {
    let rows_of = grouped(i64::try_from(opened.guess.rows()).unwrap_or(i64::MAX));
    let heading = format!("{} · {rows_of} rows · is this right?", title(opened));
    let inside = panel(frame, area, &clip(&heading, usize::from(area.width.saturating_sub(4))), &model.theme);
    let cells = usize::from(inside.width);
    let mut top = wrap(&format!("Read as {}.", opened.source.described()), cells.saturating_sub(2).max(1));
    if let Err(why) = opened.guess.certain() {
        top.extend(wrap(&format!("! {why}"), cells.saturating_sub(2).max(1)));
    }
    top.truncate(usize::from(inside.height / 3));
    let used = u16::try_from(top.len()).unwrap_or(0);
    let quiet = model.theme.quiet();
    let lines: Vec<Line<'static>> = top.into_iter().map(|line| Line::styled(format!(" {line}"), quiet)).collect();
    frame.render_widget(Paragraph::new(lines), Rect { height: used, ..inside });
    let below = Rect { y: inside.y + used, height: inside.height.saturating_sub(used), ..inside };
    let (columns, labels) = (&opened.columns, opened.guess.labels());
    let widest = columns.iter().map(|column| width(&column.header)).max().unwrap_or(0);
    let fields = columns.iter().filter_map(|column| column.field).map(|field| width(field.label())).max();
    let widths = (widest, fields.unwrap_or(0));
    rows::draw(frame, below, columns.len() + labels.len(), at, |n| match columns.get(n) {
        Some(column) => column_lines(model, column, n == at, cells, widths),
        None => {
            labels.get(n - columns.len()).map(|label| label_lines(model, label, n == at, cells)).unwrap_or_default()
        }
    });
}

fn column_lines(
    model: &Model,
    column: &Guessed,
    selected: bool,
    cells: usize,
    widths: (usize, usize),
) -> Vec<Line<'static>> {
    let (mark, style) = match (column.field, column.sure) {
        (None, _) => ("·", model.theme.quiet()),
        (Some(_), Sure::Certain) => ("✓", model.theme.settled()),
        (Some(_), Sure::Likely) => ("?", model.theme.warning()),
    };
    let mut field = column.field.map_or_else(|| "not used".to_owned(), |field| field.label().to_owned());
    if let Some(days) = column.days {
        field.push_str(match days.evidence {
            Evidence::Proven => "",
            Evidence::Assumed => " (taken day first)",
            Evidence::Mixed => " (both ways round!)",
            Evidence::Said => " (as you said)",
        });
    }
    let samples = if model.masked { "hidden: press x to show them".to_owned() } else { column.samples.join(" · ") };
    let dress = |style| if selected { model.theme.selected() } else { style };
    let header = if column.header.is_empty() { "(no name)" } else { column.header.as_str() };
    if cells < ONE_LINE {
        let first = fit(&format!(" {mark} {header}"), cells);
        let second = clip(&format!("     {field} — {samples}"), cells);
        return vec![Line::styled(first, dress(style)), Line::styled(second, model.theme.quiet())];
    }
    let name = widths.0.clamp(12, cells / 3);
    // Room for what is said of days behind the field.
    let middle = (widths.1.max(14) + 6).min(cells / 3);
    let rest = cells.saturating_sub(name + middle + 5);
    vec![Line::from(vec![
        Span::styled(format!(" {mark} "), dress(style)),
        Span::styled(fit(header, name), dress(model.theme.text())),
        Span::styled(format!(" {} ", fit(&field, middle)), dress(style)),
        Span::styled(fit(&samples, rest), dress(model.theme.quiet())),
    ])]
}

fn label_lines(model: &Model, label: &Label, selected: bool, cells: usize) -> Vec<Line<'static>> {
    let band = label.band.map(|(band, _)| band);
    let taken = match label.band {
        Some((band, Grounds::Plain)) => band.label().to_owned(),
        Some((band, Grounds::Assumed)) => format!("{} – taken so: it differs from place to place", band.label()),
        None => "no rule: these rows are refused until you say".to_owned(),
    };
    let rows = grouped(i64::try_from(label.rows).unwrap_or(i64::MAX));
    let text = format!(" {} band “{}” ({rows}) is {taken}", band_mark(band), displayable(&label.text));
    let style = if selected { model.theme.selected() } else { model.theme.band(band) };
    vec![Line::styled(fit(&text, cells), style)]
}
