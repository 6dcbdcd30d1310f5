//! Home: the next meeting and how ready it is, what needs attention, the pyramid and how it moved.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::clock;
use crate::domain::Word;
use crate::domain::agenda::{AgendaItem, projected_end};
use crate::domain::band::Band;
use crate::domain::change::Record;
use crate::domain::id::MemberId;
use crate::domain::meeting::Stage;
use crate::jobs::keeping::Newest;
use crate::store::Reader;
use crate::store::caseload::CaseFilter;
use crate::store::fault::Fault;
use crate::store::home::{BandCount, Overview};
use crate::ui::command::{HomeCommand, ListCommand};
use crate::ui::company;
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::theme::band_mark;
use crate::ui::widgets::cursor::Cursor;
use crate::ui::widgets::fit::{clip, fit, fit_right, grouped, width, wrap};

use super::Screen;

/// Movement in the pyramid is counted over this many days.
const MOVEMENT_DAYS: i64 = 60;
/// Owners of overdue actions named one by one; the rest are counted together.
const OWNERS_SHOWN: usize = 6;

/// The room's state.
#[derive(Debug, Default)]
pub struct Home {
    overview: Overview,
    agenda: Vec<Record<AgendaItem>>,
    without_basis: i64,
    cursor: Cursor,
}

/// A line that needs attention, and where it leads.
#[derive(Clone, Debug, PartialEq)]
enum Attention {
    Meeting,
    Overdue(MemberId, i64),
    OverdueOthers(usize, i64),
    NoKeyWorker(i64),
    ReviewsDue(i64),
    Nominations(i64, i64),
    /// Rows of lists that wait for a person to look.
    Queued(i64),
    /// Values that lists propose.
    Proposed(i64),
    /// There is no copy of the file that is newer than a day.
    NoCopy,
}

/// Reads again what the room shows.
pub(in crate::ui) fn load(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let today = model.now.today;
    model.home.overview = reader.overview(model.team.id, today, today.plus(-MOVEMENT_DAYS))?;
    (model.home.agenda, model.home.without_basis) = match &model.next_meeting {
        Some(meeting) => (reader.agenda(meeting.id)?, reader.agenda_without_basis(meeting.id)?),
        None => (Vec::new(), 0),
    };
    let rows = attention(model).len();
    model.home.cursor.keep_within(rows);
    Ok(())
}

fn attention(model: &Model) -> Vec<Attention> {
    let it = &model.home.overview;
    let mut rows = vec![Attention::Meeting];
    rows.extend(it.overdue.iter().take(OWNERS_SHOWN).map(|(owner, n)| Attention::Overdue(*owner, *n)));
    let others = it.overdue.iter().skip(OWNERS_SHOWN);
    let (owners, actions) = others.fold((0, 0), |(owners, actions), (_, n)| (owners + 1, actions + n));
    rows.extend((owners > 0).then_some(Attention::OverdueOthers(owners, actions)));
    rows.extend((it.no_key_worker > 0).then_some(Attention::NoKeyWorker(it.no_key_worker)));
    rows.extend((it.reviews_due > 0).then_some(Attention::ReviewsDue(it.reviews_due)));
    rows.extend((it.nominations > 0).then_some(Attention::Nominations(it.nominations, it.urgent)));
    rows.extend((it.queued > 0).then_some(Attention::Queued(it.queued)));
    rows.extend((it.proposed > 0).then_some(Attention::Proposed(it.proposed)));
    rows.extend(model.newest_copy.is_stale(model.now.moment).then_some(Attention::NoCopy));
    rows
}

/// Runs a command of this room.
pub(in crate::ui) fn command(model: &mut Model, command: HomeCommand, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    match command {
        HomeCommand::Open => match attention(model).get(model.home.cursor.at) {
            Some(Attention::Meeting) | None => go_to_meeting(model, reader)?,
            Some(Attention::Overdue(owner, _)) => model.show_overdue(Some(*owner), reader)?,
            Some(Attention::OverdueOthers(..)) => model.show_overdue(None, reader)?,
            Some(Attention::NoKeyWorker(_)) => {
                let filter = CaseFilter { band: Some(Band::High), no_key_worker: true, ..CaseFilter::default() };
                model.show_people(filter, reader)?;
            }
            Some(Attention::ReviewsDue(_)) => {
                model.show_people(CaseFilter { review_due: true, ..CaseFilter::default() }, reader)?
            }
            Some(Attention::Nominations(..)) => model.go(Screen::Agenda, reader)?,
            Some(Attention::Queued(_) | Attention::Proposed(_)) => model.go(Screen::Lists, reader)?,
            Some(Attention::NoCopy) => return Ok(vec![Effect::Backup]),
        },
        HomeCommand::Start => go_to_meeting(model, reader)?,
        HomeCommand::Search => model.search_people(reader)?,
    }
    Ok(Vec::new())
}

/// To the meeting where it is today or live; otherwise to its agenda, which is what there is to do about it.
fn go_to_meeting(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let now = model
        .next_meeting
        .as_ref()
        .is_some_and(|meeting| meeting.stage == Stage::Live || meeting.on == model.now.today);
    model.go(if now { Screen::Meeting } else { Screen::Agenda }, reader)
}

/// Moves in the list.
pub(in crate::ui) fn list(model: &mut Model, command: ListCommand) {
    let rows = attention(model).len();
    model.home.cursor.go(command, rows, 10);
}

/// Draws the room.
pub(in crate::ui) fn view(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let area = Rect {
        x: area.x + 2.min(area.width),
        width: area.width.saturating_sub(4),
        y: area.y + u16::from(area.height > 16),
        height: area.height.saturating_sub(u16::from(area.height > 16)),
    };
    if area.width >= 92 {
        let left = area.width * 3 / 5;
        let cells = usize::from(left.saturating_sub(3));
        let mut lines = title(model, cells, area.height);
        lines.extend(next_meeting(model, cells));
        lines.extend(others(model, cells));
        lines.extend(needs(model, cells));
        frame.render_widget(Paragraph::new(lines), Rect { width: left.saturating_sub(3), ..area });
        let right = Rect { x: area.x + left, width: area.width - left, ..area };
        frame.render_widget(Paragraph::new(pyramid(model, usize::from(right.width))), right);
        return;
    }
    let cells = usize::from(area.width);
    let mut lines = title(model, cells, area.height);
    lines.extend(next_meeting(model, cells));
    lines.extend(others(model, cells));
    lines.extend(needs(model, cells));
    let pyramid = pyramid(model, cells);
    // Where both do not fit, what needs attention comes first: the pyramid is cut, never the list.
    lines.extend(pyramid);
    frame.render_widget(Paragraph::new(lines), area);
}

/// Which team this is, and under whose name steps are written, where there is room for a line of its own.
fn title(model: &Model, cells: usize, rows: u16) -> Vec<Line<'static>> {
    if rows < 26 {
        return Vec::new();
    }
    let team = clip(model.team.name.as_str(), cells);
    let you = match model.me() {
        Some(me) => format!(" · you are {}", me.name),
        None if model.members.is_empty() || model.only_read.is_some() => String::new(),
        None => " · who are you? 8, then m".to_owned(),
    };
    let you = clip(&you, cells.saturating_sub(width(&team)));
    let line = vec![Span::styled(team, model.theme.heading()), Span::styled(you, model.theme.quiet())];
    vec![Line::from(line), Line::default()]
}

/// Who else is at work on this file.
fn others(model: &Model, cells: usize) -> Vec<Line<'static>> {
    let Some(sentence) = company::sentence(model) else { return Vec::new() };
    let parts = wrap(&sentence, cells.saturating_sub(4)).into_iter();
    let lines = parts.map(|part| Line::styled(format!("  {part}"), model.theme.quiet()));
    lines.take(3).chain([Line::default()]).collect()
}

fn next_meeting(model: &Model, cells: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let selected = model.home.cursor.at == 0;
    let Some(meeting) = &model.next_meeting else {
        return vec![
            Line::styled("NEXT MEETING", theme.label()),
            Line::styled(clip(if selected { "▸ none planned" } else { "  none planned" }, cells), theme.heading()),
            Line::styled(clip("  Press 3, then n, to plan one.", cells), theme.quiet()),
            Line::default(),
        ];
    };
    let days = meeting.on.days_since(model.now.today);
    let when = match (meeting.stage, days) {
        (Stage::Live, _) => "LIVE NOW".to_owned(),
        (_, 0) => "TODAY".to_owned(),
        (_, 1) => "tomorrow".to_owned(),
        (_, n) => format!("in {n} days"),
    };
    let mark = if selected { "▸ " } else { "  " };
    let title = format!("{mark}{} · {} · {when}", meeting.on.long(), meeting.starts);
    let mut lines = vec![Line::styled("NEXT MEETING", theme.label())];
    lines.push(Line::styled(clip(&title, cells), if selected { theme.accent_strong() } else { theme.heading() }));
    if let Some(place) = &meeting.place {
        lines.push(Line::styled(clip(&format!("  {place}"), cells), theme.quiet()));
    }
    lines.extend(readiness(model, cells));
    lines.push(Line::default());
    lines
}

/// How ready the next meeting is: does the agenda fit, who is missing a sharing basis.
fn readiness(model: &Model, cells: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let Some(meeting) = &model.next_meeting else { return Vec::new() };
    let people = model.home.agenda.iter().filter(|item| item.person.is_some()).count();
    let mut lines = Vec::new();
    let mut say = |good: bool, text: String| {
        let (mark, style) = if good { ("✓", theme.settled()) } else { ("!", theme.warning()) };
        for (n, part) in wrap(&text, cells.saturating_sub(4)).into_iter().enumerate() {
            let mark = if n == 0 { mark } else { " " };
            lines.push(Line::styled(format!("  {mark} {part}"), style));
        }
    };
    if people == 0 {
        say(false, "Nobody is on the agenda yet. Press 3 to prepare it.".to_owned());
        return lines;
    }
    let end = projected_end(meeting.starts, model.home.agenda.iter().map(|item| &item.value));
    let planned = meeting.starts.plus(meeting.length);
    let spare = planned.minutes() - end.minutes();
    let fits =
        if spare >= 0 { format!("fits with {spare} min to spare") } else { format!("is {} min too long", -spare) };
    say(spare >= 0, format!("The agenda has {people} people, ends {end} and {fits}."));
    if model.home.without_basis > 0 {
        let words = if model.home.without_basis == 1 {
            "1 person on it has no sharing basis.".to_owned()
        } else {
            format!("{} people on it have no sharing basis.", model.home.without_basis)
        };
        say(false, words);
    }
    let core = model
        .current_members()
        .into_iter()
        .filter(|member| member.membership == crate::domain::member::Membership::Core)
        .collect::<Vec<_>>();
    let quorum = model.team.quorum(core.iter().map(|member| &member.value));
    if quorum.is_met() {
        say(true, format!("{} core members; quorum if they come.", core.len()));
    } else {
        say(false, format!("The core members make no quorum ({}).", quorum.in_words()));
    }
    lines
}

fn needs(model: &Model, cells: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let rows = attention(model);
    let mut lines = vec![Line::styled("NEEDS ATTENTION", theme.label())];
    if rows.len() == 1 {
        lines.push(Line::styled("  ✓ Nothing is overdue, nobody waits.", theme.settled()));
    }
    for (n, row) in rows.iter().enumerate().skip(1) {
        let (count, text, alarm) = match row {
            Attention::Meeting => continue,
            Attention::Overdue(owner, n) => (
                *n,
                format!("overdue {} · {}", if *n == 1 { "action" } else { "actions" }, model.member_name(Some(*owner))),
                true,
            ),
            Attention::OverdueOthers(owners, n) => (*n, format!("overdue actions of {owners} others"), true),
            Attention::NoKeyWorker(n) => {
                (*n, format!("high-band {} without a key worker", if *n == 1 { "person" } else { "people" }), false)
            }
            Attention::ReviewsDue(n) => {
                (*n, format!("care plan {} due", if *n == 1 { "review" } else { "reviews" }), false)
            }
            Attention::Nominations(n, urgent) => {
                let how = if *urgent > 0 { format!(", {urgent} URGENT") } else { String::new() };
                (*n, format!("{} waiting{how}", if *n == 1 { "nomination" } else { "nominations" }), *urgent > 0)
            }
            Attention::Queued(n) => (
                *n,
                format!(
                    "{} of a list to look at: whom {} mean?",
                    if *n == 1 { "row" } else { "rows" },
                    if *n == 1 { "does it" } else { "do they" }
                ),
                false,
            ),
            Attention::Proposed(n) => {
                (*n, format!("{} a list proposes", if *n == 1 { "value" } else { "values" }), false)
            }
            Attention::NoCopy => (0, no_copy(model), true),
        };
        let selected = n == model.home.cursor.at;
        let mark = if selected { "▸" } else { " " };
        let style = match (selected, alarm) {
            (true, _) => theme.selected(),
            (false, true) => theme.alarm(),
            (false, false) => theme.warning(),
        };
        let sign = if alarm { "!" } else { "·" };
        let count = if count == 0 { String::new() } else { format!("{} ", fit_right(&count.to_string(), 3)) };
        lines.push(Line::styled(fit(&format!("{mark} {sign} {count}{text}"), cells), style));
    }
    lines.push(Line::default());
    lines
}

/// Since when there is no copy, and how to make one.
fn no_copy(model: &Model) -> String {
    match model.newest_copy {
        Newest::At(at) => {
            let (day, time) = clock::local(at, &model.now.clock());
            format!("No copy since {day} {time} · palette: backup")
        }
        Newest::None | Newest::NotKept => "No copy of this file yet · palette: backup".to_owned(),
    }
}

fn pyramid(model: &Model, cells: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let it = &model.home.overview;
    let people = it.people();
    let mut lines =
        vec![Line::styled(clip(&format!("PYRAMID OF NEED · {} people", grouped(people)), cells), theme.label())];
    if people == 0 {
        lines.extend(wrap("  Nobody is on the caseload yet. Press 9, then n, to take a list in – or 2, then n, to add one person.", cells).into_iter().map(|line| Line::styled(line, theme.quiet())));
        return lines;
    }
    let widest = it.bands.iter().map(|band| band.people).max().unwrap_or(1).max(1);
    let bar_cells = cells.saturating_sub(34).clamp(0, 30);
    for (band, count) in Band::ALL.iter().zip(it.bands) {
        lines.push(band_line(model, *band, count, widest, bar_cells, cells));
    }
    if it.unbanded > 0 {
        lines.push(Line::styled(
            clip(&format!("  · no band {}", fit_right(&grouped(it.unbanded), 9)), cells),
            theme.quiet(),
        ));
    }
    lines.push(Line::default());
    let cut = |percent: i64| (people * percent + 99) / 100;
    lines.push(Line::styled(
        clip(&format!("  top 2% = {} · top 10% = {}", grouped(cut(2)), grouped(cut(10))), cells),
        theme.quiet(),
    ));
    lines.push(Line::styled(clip(&format!("  movement over {MOVEMENT_DAYS} days"), cells), theme.quiet()));
    lines
}

fn band_line(
    model: &Model,
    band: Band,
    count: BandCount,
    widest: i64,
    bar_cells: usize,
    cells: usize,
) -> Line<'static> {
    let theme = model.theme;
    let bar = usize::try_from(count.people * i64::try_from(bar_cells).unwrap_or(0) / widest)
        .unwrap_or(0)
        .max(usize::from(count.people > 0 && bar_cells > 0));
    let label = format!(
        "  {} {} {} ",
        band_mark(Some(band)).split(' ').next().unwrap_or_default(),
        fit(band.label(), 6),
        fit_right(&grouped(count.people), 9)
    );
    let mut moved = String::new();
    if count.climbed > 0 {
        moved.push_str(&format!(" ↑{}", count.climbed));
    }
    if count.fell > 0 {
        moved.push_str(&format!(" ↓{}", count.fell));
    }
    let room = cells.saturating_sub(width(&label) + bar_cells);
    Line::from(vec![
        Span::styled(label, theme.band(Some(band))),
        Span::styled(fit(&"█".repeat(bar), bar_cells), theme.band(Some(band))),
        Span::styled(clip(&moved, room), theme.text()),
    ])
}
