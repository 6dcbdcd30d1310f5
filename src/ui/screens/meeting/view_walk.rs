//! Draws the walk: everything about one person that the team needs, on one screen; and the read-back card over it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Paragraph};

use crate::domain::Word;
use crate::domain::action::{Action, ActionState};
use crate::domain::agenda::Outcome;
use crate::domain::band::Band;
use crate::domain::capture::{Owner, candidates};
use crate::domain::change::Record;
use crate::domain::person::{Person, Standing};
use crate::domain::text::Note;
use crate::ui::model::Model;
use crate::ui::theme::band_mark;
use crate::ui::widgets::fit::{clip, fit, width, wrap, wrap_facts, wrap_parts};

use super::sheet::Sheet;
use super::view::agenda_line;
use super::writing::{Heading, Writing, captured};
use super::{About, Page, walk};

/// Draws the walk.
pub(super) fn view(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let capturing = model.meeting.text.as_ref().filter(|text| text.heading == Heading::Action);
    let capture_rows = if capturing.is_some() { 3.min(area.height) } else { 0 };
    let body = Rect { height: area.height - capture_rows, ..area };
    let agenda_cells = match area.width {
        0..=89 => 0,
        90..=129 => 26,
        130.. => 34,
    };
    if agenda_cells > 0 {
        agenda(model, frame, Rect { width: agenda_cells, ..body });
        page(model, frame, Rect { x: body.x + agenda_cells, width: body.width - agenda_cells, ..body }, false);
    } else {
        page(model, frame, body, true);
    }
    if let Some(text) = capturing {
        capture_line(model, text, frame, Rect { y: area.y + area.height - capture_rows, height: capture_rows, ..area });
    }
}

fn agenda(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let block = Block::new().borders(Borders::RIGHT).border_style(model.theme.rule());
    let inside = block.inner(area);
    frame.render_widget(block, area);
    let n = model.meeting.items.len();
    let here = model
        .meeting
        .here()
        .and_then(|here| model.meeting.items.iter().position(|item| item.id == here.id))
        .unwrap_or(0);
    let rows = usize::from(inside.height.saturating_sub(3));
    let first = crate::ui::widgets::cursor::Cursor { at: here }.first_seen(n, rows);
    let cells = usize::from(inside.width.saturating_sub(1));
    let mut lines = vec![Line::styled(" Agenda", model.theme.heading())];
    lines.extend((first..n).take(rows).filter_map(|at| agenda_line(model, at, cells)));
    frame.render_widget(Paragraph::new(lines), inside);
    let expected = model.meeting.attendance.iter().filter(|row| row.attended()).count();
    let present = format!(" In the room {} of {expected}", model.meeting.present().len());
    if inside.height > 2 {
        frame.render_widget(
            Paragraph::new(Line::styled(clip(&present, cells), model.theme.quiet())),
            Rect { y: inside.y + inside.height - 1, height: 1, ..inside },
        );
    }
}

fn page(model: &Model, frame: &mut Frame<'_>, area: Rect, alone: bool) {
    let area = Rect { x: area.x + 1.min(area.width), width: area.width.saturating_sub(2), ..area };
    let cells = usize::from(area.width).max(1);
    let (mut top, mut sheet, mut bottom) = sheets(model, cells, alone, true);
    if sheet.lines.len() + top.lines.len() + bottom.lines.len() > usize::from(area.height) {
        (top, sheet, bottom) = sheets(model, cells, alone, false);
    }
    let top_rows = rows_of(&top, area.height);
    let bottom_rows = if area.height >= 12 { rows_of(&bottom, area.height / 3) } else { 0 };
    frame.render_widget(Paragraph::new(top.lines), Rect { height: top_rows, ..area });
    let foot = Rect { y: area.y + area.height - bottom_rows, height: bottom_rows, ..area };
    frame.render_widget(Paragraph::new(bottom.lines), foot);
    let body = Rect { y: area.y + top_rows, height: area.height.saturating_sub(top_rows + bottom_rows), ..area };
    scrolled(model, &sheet, frame, body);
}

/// Who it is stands still at the top and what was agreed at the bottom; only what lies between scrolls.
fn sheets(model: &Model, cells: usize, alone: bool, spacious: bool) -> (Sheet<'_>, Sheet<'_>, Sheet<'_>) {
    let [mut top, mut sheet, mut bottom] = [(); 3].map(|()| Sheet { spacious, ..Sheet::new(model, cells) });
    if alone {
        progress(model, &mut top);
    }
    match &model.meeting.page {
        None => {
            sheet.blank();
            sheet.wrapped(
                "Nobody is on the table. Press o to go to a person, or c to close the meeting.",
                0,
                model.theme.text(),
            );
        }
        Some(page) => {
            if let Some(here) = model.meeting.here().filter(|here| here.id != page.item.id) {
                let text = format!(
                    "! The meeting has moved on to {}. This page stays while you write.",
                    super::item_name(model, here).trim_end_matches('.')
                );
                top.wrapped(&text, 0, model.theme.warning());
            }
            whole_page(model, page, &mut top, &mut sheet, &mut bottom);
        }
    }
    (top, sheet, bottom)
}

fn rows_of(sheet: &Sheet<'_>, most: u16) -> u16 {
    u16::try_from(sheet.lines.len()).unwrap_or(u16::MAX).min(most)
}

/// Draws what fits of the sheet: what is being written or selected is always seen.
fn scrolled(model: &Model, sheet: &Sheet<'_>, frame: &mut Frame<'_>, area: Rect) {
    let height = usize::from(area.height);
    let most = sheet.lines.len().saturating_sub(height);
    let wanted = match (sheet.writing, sheet.focus) {
        // The whole box where it fits, and the heading above it.
        (Some((at, rows)), _) => (at + usize::from(rows) + 1).saturating_sub(height).min(at.saturating_sub(1)),
        (None, Some(at)) => (at + 2).saturating_sub(height),
        (None, None) => 0,
    };
    let scroll = match sheet.writing {
        Some(_) => wanted,
        None => wanted.max(model.meeting.scroll),
    }
    .min(most);
    let more = sheet.lines.len() > scroll + height;
    let seen: Vec<Line<'static>> = sheet.lines.iter().skip(scroll).take(height).cloned().collect();
    frame.render_widget(Paragraph::new(seen), area);
    if more && area.height > 3 && sheet.writing.is_none() {
        let mark = " ↓ PgDn";
        let cells = u16::try_from(width(mark)).unwrap_or(0).min(area.width);
        let corner = Rect { x: area.x + area.width - cells, y: area.y + area.height - 1, width: cells, height: 1 };
        frame.render_widget(Paragraph::new(Line::styled(mark, model.theme.accent())), corner);
    }
    if let (Some((at, rows)), Some(text)) = (sheet.writing, &model.meeting.text) {
        let y = at.saturating_sub(scroll);
        let rows = rows.min(u16::try_from(height.saturating_sub(y)).unwrap_or(0));
        let indent = 2.min(area.width);
        let boxed = Rect {
            x: area.x + indent,
            y: area.y + u16::try_from(y).unwrap_or(0),
            width: area.width - indent,
            height: rows,
        };
        text.editor.draw(frame, boxed, model.theme.text(), model.overlays.is_empty());
    }
}

/// `3 of 10 · 3/8 min · next WRIGHT, T.` where there is no room for the agenda.
fn progress(model: &Model, sheet: &mut Sheet<'_>) {
    let room = &model.meeting;
    let Some(here) = room.here() else { return };
    let at = room.items.iter().position(|item| item.id == here.id).map_or(0, |at| at + 1);
    let next = room.next_waiting().map(|item| format!(" · next {}", super::item_name(model, item))).unwrap_or_default();
    let text = format!("{at} of {} · {}/{} min{next}", room.items.len(), room.spent_here(model) / 60, here.minutes);
    let cells = sheet.cells;
    sheet.push(clip(&text, cells), model.theme.quiet());
}

fn whole_page(model: &Model, page: &Page, top: &mut Sheet<'_>, sheet: &mut Sheet<'_>, bottom: &mut Sheet<'_>) {
    match &page.about {
        Some(about) => {
            head(model, page, about, top, sheet);
            why(model, page, about, sheet);
        }
        None => {
            let title = super::item_name(model, &page.item);
            top.wrapped(&title, 0, model.theme.accent_strong());
            top.blank();
            if let Some(question) = &page.item.question {
                sheet.labelled("QUESTION", question.as_str(), model.theme.text());
            }
        }
    }
    if page.about.is_some() {
        heading(model, page, Heading::Situation, sheet);
        actions(model, "ACTION TO DATE", &page.to_date, 0, "none", sheet);
        heading(model, page, Heading::Update, sheet);
        heading(model, page, Heading::Steps, sheet);
    }
    let title = if page.about.is_some() { "" } else { "ACTIONS" };
    actions(model, title, &page.raised, page.to_date.len(), "no action yet · a adds one: what @owner day", sheet);
    if model.meeting.look_at == Some(Heading::Action) && sheet.focus.is_none() {
        sheet.focus = sheet.lines.len().checked_sub(1);
    }
    if let Some(about) = &page.about {
        bottom.gap();
        agreed(model, page, about, bottom);
    }
}

/// What must be seen beside a name before anything is recorded: that they died or left, and with whom they can be mixed up.
pub(super) fn warned(model: &Model, person: &Record<Person>, sheet: &mut Sheet<'_>) {
    if person.standing != Standing::Active {
        sheet.wrapped(&model.off_the_caseload(person), 0, model.theme.alarm());
    }
    for text in model.meeting.alike.marks(person, model.masked) {
        // Not through the veil of this page: it is about somebody else, and masked already.
        for line in wrap(&text, sheet.cells) {
            sheet.lines.push(Line::styled(line, model.theme.warning()));
        }
    }
}

/// Who: never cut, always first.
fn head(model: &Model, page: &Page, about: &About, top: &mut Sheet<'_>, sheet: &mut Sheet<'_>) {
    let person = &about.person;
    let theme = model.theme;
    for line in wrap_parts(&model.subject_of(person), top.cells) {
        top.push(line, theme.accent_strong());
    }
    warned(model, person, top);
    if person.safeguarding.is_some() {
        // That it is open, for everyone in the room; what is known about it stands on the person's page.
        top.wrapped("! SAFEGUARDING OPEN · what is known is on the page (l)", 0, theme.alarm());
    }
    if let Some(why) = walk::standing_objection(model) {
        top.wrapped(&format!("! OBJECTION  {why} Press v to record that they step out."), 0, theme.alarm());
    }
    let place: Vec<String> = [
        person.council.as_ref().map(ToString::to_string),
        (person.residence != crate::domain::person::Residence::NotRecorded)
            .then(|| person.residence.label().to_owned()),
        person.lives_alone.filter(|alone| *alone).map(|_| "lives alone".to_owned()),
        person.housebound.filter(|it| *it).map(|_| "housebound".to_owned()),
        person.named_gp.as_ref().map(|gp| format!("named GP {gp}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !place.is_empty() {
        sheet.wrapped(&place.join(" · "), 0, theme.quiet());
    }
    let band = person.band.map_or("no band", Band::label);
    let mark = band_mark(person.band).split(' ').next().unwrap_or_default();
    let badge = format!("{mark} {band}");
    let mut facts: Vec<String> = Vec::new();
    if let Some(entry) = about.bands.first()
        && let Some(before) = entry.before.filter(|before| *before != entry.band)
    {
        facts.push(format!("was {} until {}", before.label().to_lowercase(), entry.on.day_month()));
    }
    facts.extend(person.efi.map(|efi| format!("eFI {efi}")));
    facts.extend(person.cfs.map(|cfs| format!("CFS {cfs}")));
    facts.push(match person.sharing_on {
        Some(on) => format!("{} {}", person.sharing.label(), on.day_month()),
        None => format!("sharing {}", person.sharing.label()),
    });
    // The band in its colour; what belongs to it beside it, quietly.
    let indent = width(&badge) + 3;
    for (n, line) in wrap_facts(&facts, sheet.cells.saturating_sub(indent)).into_iter().enumerate() {
        let head = if n == 0 {
            Span::styled(format!("{badge}   "), theme.band(person.band))
        } else {
            Span::raw(" ".repeat(indent))
        };
        sheet.lines.push(Line::from(vec![head, Span::styled(line, theme.text())]));
    }
    if walk::standing_objection(model).is_none() {
        for objection in about.objections.iter().filter(|objection| objection.lifted_on.is_none()) {
            sheet.wrapped(
                &format!("! Objects to sharing with {}.", model.organisation_name(Some(objection.organisation))),
                0,
                theme.warning(),
            );
        }
    }
    if let Some(why) = page.discussion.as_ref().and_then(|it| it.objection_why.as_ref()) {
        sheet.wrapped(&format!("Goes on in spite of the objection: {why}"), 0, theme.warning());
    }
    let mut flags: Vec<&str> = Vec::new();
    flags.extend(person.respect.filter(|it| *it).map(|_| "ReSPECT in place"));
    flags.extend(person.palliative.filter(|it| *it).map(|_| "on the palliative register"));
    flags.extend(about.key_worker.is_none().then_some("! no key worker"));
    flags.extend(person.objects_to_risk_lists.then_some("objects to risk lists"));
    if !flags.is_empty() {
        sheet.wrapped(&flags.join(" · "), 0, theme.warning());
    }
    sheet.gap();
}

/// Why today, the question, what matters, who else there is.
fn why(model: &Model, page: &Page, about: &About, sheet: &mut Sheet<'_>) {
    let theme = model.theme;
    if let Some(reasons) = &page.item.reasons {
        sheet.labelled("WHY TODAY", &reasons.as_str().replace('\n', "; "), theme.text());
    }
    if let Some(question) = &page.item.question {
        sheet.labelled("QUESTION", question.as_str(), theme.heading());
    }
    let plan = about.plan.as_ref();
    if let Some(matters) = plan.and_then(|plan| plan.matters.as_ref()) {
        sheet.labelled("WHAT MATTERS", matters.as_str(), theme.text());
    }
    for goal in about.goals.iter().filter(|goal| {
        matches!(goal.progress, crate::domain::plan::Progress::NotStarted | crate::domain::plan::Progress::Some)
    }) {
        sheet.labelled("GOAL", &format!("{} – {}", goal.words, goal.progress.label()), theme.text());
    }
    for carer in about.carers.iter().filter(|carer| carer.ended_on.is_none()) {
        let relation = carer.relation.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
        sheet.labelled(
            "CARER",
            &format!("{}{relation} – assessment {}", carer.name, carer.assessment.label()),
            theme.text(),
        );
    }
    if !about.household.is_empty() {
        let names: Vec<String> = about.household.iter().map(|person| model.name_of(person)).collect();
        sheet.labelled("HOUSEHOLD", &names.join("; "), theme.text());
    }
    let told = crate::domain::activity::tallied(&about.activity);
    if !told.is_empty() {
        let since =
            about.last_discussed.map_or_else(|| "6 MONTHS".to_owned(), |on| format!("SINCE {}", on.day_month()));
        let blocks = crate::domain::activity::line(&about.activity, model.now.today);
        let words: Vec<String> = told.into_iter().chain(blocks).collect();
        sheet.labelled(&since, &words.join(" · "), theme.text());
    }
    let person = &about.person;
    let used = [
        ("A&E", person.attendances),
        ("unplanned admissions", person.admissions),
        ("out-of-hours", person.out_of_hours),
    ];
    let used: Vec<String> =
        used.into_iter().filter_map(|(what, n)| n.filter(|n| *n > 0).map(|n| format!("{what} {n}"))).collect();
    let last = about.last_discussed.map(|last| format!("last discussed {}", last.day_month()));
    let used: Vec<String> = used.into_iter().chain(last).collect();
    if !used.is_empty() {
        sheet.labelled("12 MONTHS", &used.join(" · "), theme.text());
    }
}

/// One of the four headings: its text, the box while it is written, or how to begin.
fn heading(model: &Model, page: &Page, heading: Heading, sheet: &mut Sheet<'_>) {
    let theme = model.theme;
    let text: Option<&Note> = page.discussion.as_ref().and_then(|it| match heading {
        Heading::Situation => it.situation.as_ref(),
        Heading::Update => it.update.as_ref(),
        Heading::Steps | Heading::Action => it.next_steps.as_ref(),
    });
    let writing = model.meeting.text.as_ref().filter(|writing| writing.heading == heading);
    let style = if writing.is_some() { theme.accent_strong() } else { theme.label() };
    let key = match heading {
        Heading::Situation => "i",
        Heading::Update => "e",
        Heading::Steps | Heading::Action => "s",
    };
    match (writing, text) {
        (Some(writing), _) => {
            sheet.gap();
            sheet.push(heading.label(), style);
            write_box(writing, sheet);
        }
        (None, Some(text)) => {
            sheet.gap();
            sheet.push(heading.label(), style);
            let text = text.as_str().to_owned();
            sheet.wrapped(&text, 2, theme.text());
            if model.meeting.look_at == Some(heading) {
                sheet.focus = sheet.lines.len().checked_sub(1);
            }
        }
        // An empty situation is not worth a line; the others teach their key.
        (None, None) if heading == Heading::Situation => {}
        (None, None) => sheet.lines.push(Line::from(vec![
            Span::styled(format!("{}  ", heading.label()), style),
            Span::styled(format!("{key} writes it"), theme.quiet()),
        ])),
    }
}

fn write_box(writing: &Writing, sheet: &mut Sheet<'_>) {
    let cells = u16::try_from(sheet.cells.saturating_sub(2)).unwrap_or(u16::MAX);
    let rows = writing.editor.height(cells).clamp(3, 12);
    sheet.writing = Some((sheet.lines.len(), rows));
    for _ in 0..rows {
        sheet.blank();
    }
    if let Some(complaint) = &writing.complaint {
        let style = sheet.model.theme.alarm();
        sheet.wrapped(&format!("! {complaint}"), 2, style);
    }
}

fn actions(model: &Model, title: &str, rows: &[Record<Action>], offset: usize, empty: &str, sheet: &mut Sheet<'_>) {
    let theme = model.theme;
    if rows.is_empty() {
        if title.is_empty() {
            sheet.push(format!("  {empty}"), theme.quiet());
        } else {
            sheet.lines.push(Line::from(vec![
                Span::styled(format!("{title}  "), theme.label()),
                Span::styled(empty.to_owned(), theme.quiet()),
            ]));
        }
        return;
    }
    if !title.is_empty() {
        sheet.gap();
        sheet.push(title, theme.label());
    }
    for (n, action) in rows.iter().enumerate() {
        let selected = model.meeting.action_at == Some(offset + n);
        if selected {
            sheet.focus = Some(sheet.lines.len());
        }
        action_row(model, action, selected, sheet);
    }
}

fn action_row(model: &Model, action: &Record<Action>, selected: bool, sheet: &mut Sheet<'_>) {
    let theme = model.theme;
    let overdue = action.overdue_days(model.now.today);
    let new = model.meeting.meeting.as_ref().is_some_and(|meeting| action.meeting == Some(meeting.id));
    let (mark, stands) = match &action.state {
        ActionState::Open | ActionState::Accepted { .. } => match overdue {
            Some(days) => ("!", format!("due {}  OVERDUE {days} d", action.due.day_month())),
            None => (if new { "+" } else { " " }, format!("due {}", action.due.day_month())),
        },
        ActionState::Done { on, .. } => ("✓", format!("done {}", on.day_month())),
        ActionState::NotDone { reason, .. } => ("×", format!("NOT done: {}", reason.label())),
        ActionState::Withdrawn { .. } => ("–", "withdrawn".to_owned()),
    };
    let carried = if action.carried > 0 { format!(" · carried {}×", action.carried) } else { String::new() };
    let owner = model.member(action.owner).map_or_else(|| "—".to_owned(), |member| member.short_name());
    let right = format!("{owner} · {stands}{carried}");
    let style = match (selected, overdue.is_some(), action.state.is_live()) {
        (true, ..) => theme.selected(),
        (false, true, _) => theme.alarm(),
        (false, false, true) => theme.text(),
        (false, false, false) => theme.quiet(),
    };
    let right_cells = width(&right);
    let left_cells = sheet.cells.saturating_sub(right_cells + 3);
    let whole = format!("  {mark} {}", action.what);
    if left_cells >= 24 && width(&whole) <= left_cells {
        sheet.push(format!("{}  {right}", fit(&whole, left_cells)), style);
    } else {
        // A sentence is wrapped rather than cut: half an action is a wrong action.
        for (n, line) in wrap(action.what.as_str(), sheet.cells.saturating_sub(4)).into_iter().enumerate() {
            sheet.push(format!("  {} {line}", if n == 0 { mark } else { " " }), style);
        }
        sheet.wrapped(&right, 6, if selected { style } else { theme.quiet() });
    }
}

/// What was agreed, in one line where it fits.
fn agreed(model: &Model, page: &Page, about: &About, sheet: &mut Sheet<'_>) {
    let discussion = page.discussion.as_ref();
    let key_worker = model.member_name(about.key_worker.as_ref().map(|period| period.member));
    let review = discussion.and_then(|it| it.review_on).map_or_else(|| "—".to_owned(), |day| day.day_month());
    let decision = discussion.and_then(|it| it.decision).map_or("—", |it| it.code());
    let teller = match discussion {
        Some(it) if it.telling_waived.is_some() => "nobody needs to".to_owned(),
        Some(it) => model.member_name(it.teller),
        None => "—".to_owned(),
    };
    let parts =
        [("key worker", key_worker), ("review", review), ("decision", decision.to_owned()), ("tells them", teller)];
    let whole: usize = parts.iter().map(|(label, value)| width(label) + width(value) + 4).sum();
    let theme = model.theme;
    let span = |label: &str, value: &str| {
        let missing = value == "—";
        vec![
            Span::styled(format!("{label} "), theme.label()),
            Span::styled(format!("{value}   "), if missing { theme.warning() } else { theme.settled() }),
        ]
    };
    if whole <= sheet.cells {
        sheet.lines.push(Line::from(parts.iter().flat_map(|(label, value)| span(label, value)).collect::<Vec<_>>()));
    } else {
        sheet.lines.extend(parts.iter().map(|(label, value)| Line::from(span(label, value))));
    }
    if let Some(at) = discussion.and_then(|it| it.agreed_at) {
        sheet.push(format!("✓ read back and agreed {}", model.now.time_of(at)), theme.settled());
    } else if page.item.outcome == Outcome::Discussed {
        sheet.wrapped("! changed after it was read back – n reads it back again", 0, theme.warning());
    }
}

/// `action ▸ Refer to night-sitting @pat +2w       owner Pat Okoro · Age Support    due Thu 10-Dec`.
fn capture_line(model: &Model, text: &Writing, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.theme;
    let block = Block::new().borders(Borders::TOP).border_style(theme.accent());
    let inside = block.inner(area);
    frame.render_widget(block, area);
    let prompt = "action ▸ ";
    let cells = u16::try_from(width(prompt)).unwrap_or(0).min(inside.width);
    frame.render_widget(
        Paragraph::new(Line::styled(prompt, theme.accent_strong())),
        Rect { height: 1.min(inside.height), ..inside },
    );
    let line = Rect { x: inside.x + cells, width: inside.width - cells, height: 1.min(inside.height), ..inside };
    text.editor.draw(frame, line, theme.text(), model.overlays.is_empty());
    let said = match &text.complaint {
        Some(complaint) => Line::styled(format!("! {complaint}"), theme.alarm()),
        None => echo(model, &text.editor.text()),
    };
    frame.render_widget(
        Paragraph::new(said),
        Rect { y: inside.y + 1.min(inside.height), height: inside.height.saturating_sub(1).min(1), ..inside },
    );
}

fn echo(model: &Model, text: &str) -> Line<'static> {
    let theme = model.theme;
    let read = captured(model, text);
    let owner = match &read.owner {
        Owner::One(member) => Span::styled(format!("owner {}", model.owner_name(*member)), theme.settled()),
        Owner::NotGiven => Span::styled("owner? type @ and the start of a name".to_owned(), theme.quiet()),
        Owner::Nobody(handle) => Span::styled(format!("nobody answers to @{handle}"), theme.warning()),
        Owner::Several(ids) => {
            let names: Vec<String> = ids.iter().take(4).map(|id| model.member_name(Some(*id))).collect();
            Span::styled(format!("{}? Tab completes, or type more", names.join(" / ")), theme.warning())
        }
    };
    let half =
        text.rsplit_once('@').map(|(_, handle)| handle).filter(|handle| !handle.contains(' ') && !handle.is_empty());
    let members = model.current_members();
    let best = half.and_then(|handle| candidates(handle, &members).first().map(|member| member.name.to_string()));
    let owner = match (&read.owner, best) {
        (Owner::Several(_), Some(best)) => Span::styled(format!("Tab: {best} · {}", owner.content), theme.warning()),
        _ => owner,
    };
    let due = read.due.unwrap_or_else(|| model.default_due());
    let assumed = if read.due.is_none() { " (next meeting)" } else { "" };
    Line::from(vec![
        Span::raw(" "),
        owner,
        Span::styled(format!("   due {}{assumed}", due.seen_from(model.now.today)), theme.quiet()),
    ])
}
