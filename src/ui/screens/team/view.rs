//! Draws the team: rules above, members, organisations, in one list.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::Word;
use crate::domain::change::Record;
use crate::domain::member::Member;
use crate::domain::organisation::Organisation;
use crate::ui::model::Model;
use crate::ui::widgets::fit::{clip, fit, width, wrap};
use crate::ui::widgets::rows;

use super::{Row, services};

/// Draws the room.
pub(in crate::ui) fn view(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let page = &model.team_page;
    let cells = usize::from(area.width);
    rows::draw(frame, area, page.rows.len(), page.at.at, |n| {
        let Some(row) = page.rows.get(n) else { return Vec::new() };
        let selected = n == page.at.at;
        let before = n.checked_sub(1).and_then(|before| page.rows.get(before));
        match row {
            Row::Rules => {
                let mut lines = rules(model, cells, selected);
                if model.members.is_empty() {
                    lines.extend(members_head(model, cells));
                }
                lines
            }
            Row::Member(id) => {
                let head = matches!(before, Some(Row::Rules));
                let mut lines = if head { members_head(model, cells) } else { Vec::new() };
                lines.extend(model.member(*id).map(|it| member(model, it, cells, selected)).unwrap_or_default());
                lines
            }
            Row::Organisation(id) => {
                let head = !matches!(before, Some(Row::Organisation(_)));
                let mut lines = if head { heading(model, "Organisations", "o adds one", cells) } else { Vec::new() };
                lines.extend(model.organisation(*id).map(|it| organisation(model, it, cells, selected)));
                lines
            }
            Row::Service(id) => {
                let head = !matches!(before, Some(Row::Service(_)));
                let title = format!("Services · {}", page.services.len());
                let mut lines = if head { heading(model, &title, "s adds one", cells) } else { Vec::new() };
                let service = page.service(*id).map(|it| services::lines(model, it, cells, selected));
                lines.extend(service.unwrap_or_default());
                lines
            }
        }
    });
}

fn heading(model: &Model, title: &str, hint: &str, cells: usize) -> Vec<Line<'static>> {
    let room = cells.saturating_sub(width(title) + 4);
    vec![
        Line::default(),
        Line::from(vec![
            Span::styled(clip(&format!(" {title}"), cells), model.theme.heading()),
            Span::styled(clip(&format!("   {hint}"), room), model.theme.quiet()),
        ]),
    ]
}

fn members_head(model: &Model, cells: usize) -> Vec<Line<'static>> {
    let n = model.current_members().len();
    let hint = match model.me() {
        Some(me) => format!("a adds one · you are {}", me.name),
        None => "a adds one · select your own name and press m to say who you are".to_owned(),
    };
    heading(model, &format!("Members · {n}"), &hint, cells)
}

fn dress(model: &Model, selected: bool, style: Style) -> Style {
    if selected { model.theme.selected() } else { style }
}

/// The mark of the cursor.
pub(super) fn point(selected: bool) -> &'static str {
    if selected { " ▸ " } else { "   " }
}

/// The rules as labelled lines.
fn rules(model: &Model, cells: usize, selected: bool) -> Vec<Line<'static>> {
    let team = &model.team;
    let rhythm = match team.cadence {
        7 => "every week".to_owned(),
        n if n % 7 == 0 => format!("every {} weeks", n / 7),
        n => format!("every {n} days"),
    };
    let place = team.place.as_ref().map(|place| format!(" · {place}")).unwrap_or_default();
    let quorum = match &team.quorum_roles {
        Some(roles) => format!("{} members, among them {roles}", team.quorum_members),
        None => format!("{} members", team.quorum_members),
    };
    let purpose =
        team.purpose.as_ref().map_or_else(|| "not written down yet – press r".to_owned(), ToString::to_string);
    let facts = [
        ("Purpose", purpose),
        (
            "Meets",
            format!("{rhythm}, {}–{}, {} minutes{place}", team.starts, team.starts.plus(team.length), team.length),
        ),
        ("Quorum", quorum),
        ("Each person", format!("{} minutes planned", team.minutes_each)),
        ("High band", format!("discussed at least every {} weeks", team.undiscussed_weeks)),
        ("Telling", format!("the person is told within {} working days", team.tell_days)),
        ("Break", format!("offered once, after {} minutes or {} people", team.break_minutes, team.break_people)),
        ("Retention", format!("records are kept {} years after somebody leaves the caseload", team.retention_years)),
    ];
    let label_cells = 13.min(cells / 3);
    let mut lines = vec![Line::from(Span::styled(
        fit(&format!("{}{}", if selected { "▸" } else { " " }, team.name), cells),
        dress(model, selected, model.theme.heading()),
    ))];
    for (label, text) in facts {
        let text_lines = wrap(&text, cells.saturating_sub(label_cells + 2).max(1));
        for (k, line) in text_lines.into_iter().enumerate() {
            let label = if k == 0 { label } else { "" };
            lines.push(Line::from(vec![
                Span::styled(format!(" {}", fit(label, label_cells)), model.theme.label()),
                Span::styled(line, model.theme.text()),
            ]));
        }
    }
    lines
}

fn member(model: &Model, member: &Record<Member>, cells: usize, selected: bool) -> Vec<Line<'static>> {
    let left = member.left_on.filter(|left| *left <= model.now.today);
    let style = dress(model, selected, if left.is_some() { model.theme.quiet() } else { model.theme.text() });
    let me = model.me().is_some_and(|me| me.id == member.id);
    let mark = point(selected);
    let standing = match left {
        Some(day) => format!("left {day}"),
        None if me => format!("you · {}", member.membership.label()),
        None => member.membership.label().to_owned(),
    };
    let phone = member.phone.as_ref().filter(|_| !model.masked).map(ToString::to_string).unwrap_or_default();
    let organisation = model.organisation_name(Some(member.organisation));
    let name_cells = cells.saturating_sub(3);
    let (name_width, role, belongs, telephone) = match cells {
        0..56 => (name_cells, 0, 0, 0),
        56..76 => (24, 18, 14, 0),
        76..100 => (21, 22, 14, 0),
        _ => (28.max(cells / 6), 24.max(cells / 6), 16, 16),
    };
    let organisation_cells = cells.saturating_sub(3 + name_width + role + belongs + telephone).min(44);
    let cut = |text: &str, cells: usize| {
        if cells == 0 { String::new() } else { fit(&format!("{} ", clip(text, cells - 1)), cells) }
    };
    // A member's name is never cut: it takes another line.
    wrap(member.name.as_str(), name_width.saturating_sub(1).max(1))
        .into_iter()
        .enumerate()
        .map(|(k, name)| {
            let first = |text: &str, cells: usize| if k == 0 { cut(text, cells) } else { " ".repeat(cells) };
            Line::from(vec![
                Span::styled(if k == 0 { mark } else { "   " }, dress(model, selected, model.theme.accent_strong())),
                Span::styled(fit(&name, name_width), style),
                Span::styled(first(member.role.as_str(), role), style),
                Span::styled(first(&standing, belongs), style),
                Span::styled(first(&organisation, organisation_cells), style),
                Span::styled(first(&phone, telephone), style),
            ])
        })
        .collect()
}

fn organisation(model: &Model, organisation: &Record<Organisation>, cells: usize, selected: bool) -> Line<'static> {
    let style = dress(model, selected, model.theme.text());
    let (kind, code) = if cells >= 56 { (22, 10) } else { (0, 0) };
    let name = cells.saturating_sub(3 + kind + code).min(60);
    Line::from(vec![
        Span::styled(point(selected), dress(model, selected, model.theme.accent_strong())),
        Span::styled(fit(&format!("{} ", clip(organisation.name.as_str(), name.saturating_sub(1))), name), style),
        Span::styled(fit(organisation.kind.label(), kind), style),
        Span::styled(fit(organisation.code.as_ref().map(|it| it.as_str()).unwrap_or_default(), code), style),
    ])
}
