//! When a screen that nobody touches locks itself: how long that takes, what the bar says before, and the card that sets it.

use crate::domain::meeting::Stage;

use super::effect::Effect;
use super::model::Model;
use super::overlays::Overlay;
use super::overlays::form::{Answers, Form, FormError};
use super::screens;

/// The name under which the minutes are kept in the file.
pub const SETTING: &str = "lock:minutes";
/// Minutes where nobody chose any.
const USUAL: i64 = 4;
/// While a meeting is live people talk rather than type: the screen stays for at least so many minutes.
const MEETING: i64 = 30;
/// Seconds before it locks that the bar counts down.
pub const LAST: i64 = 60;

/// How the screen stands to being locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle {
    /// Minutes without a key.
    pub minutes: i64,
    /// Seconds left, once they are few.
    pub left: Option<i64>,
}

impl Default for Idle {
    fn default() -> Self {
        Self { minutes: USUAL, left: None }
    }
}

impl Idle {
    /// Takes the minutes from the file; what nobody can have chosen counts for nothing.
    pub fn set(&mut self, kept: Option<&str>) {
        self.minutes = kept.and_then(|text| text.parse().ok()).filter(|n| (1..=60).contains(n)).unwrap_or(USUAL);
    }
}

/// Seconds without a key after which the screen locks.
pub fn limit(model: &Model) -> i64 {
    60 * if is_live(model) { model.idle.minutes.max(MEETING) } else { model.idle.minutes }
}

fn is_live(model: &Model) -> bool {
    model.next_meeting.as_ref().is_some_and(|meeting| meeting.stage == Stage::Live)
}

/// Whether the picture is taken away before the lock: after half an hour of a meeting nobody may be in the room any more. The
/// first key brings it back and does nothing else.
pub fn is_blank(model: &Model) -> bool {
    model.idle.left.is_some() && is_live(model)
}

/// ` locks in 0:45 · any key `, once the seconds are few.
pub fn countdown(model: &Model) -> String {
    model.idle.left.map_or_else(String::new, |left| format!(" locks in {}:{:02} · any key ", left / 60, left % 60))
}

/// Asks after how many minutes the screen is to lock.
pub(in crate::ui) fn ask(model: &mut Model) {
    let form = Form::new("Lock the screen", "", screens::Purpose::LockAfter)
        .intro(format!(
            "Without a key for so long, every screen on this file locks itself. While a meeting is live that takes {MEETING} minutes, so that it does not lock while people talk. Ctrl+L locks at once."
        ))
        .line("minutes", "Minutes", Some(&model.idle.minutes.to_string()), "1 to 60");
    model.overlays.push(Overlay::Form(Box::new(form)));
}

/// Keeps the answer.
pub(in crate::ui) fn save(model: &mut Model, answers: &Answers<'_>) -> Result<Vec<Effect>, FormError> {
    let typed = answers.text("minutes");
    let minutes = typed.trim().parse::<i64>().ok().filter(|n| (1..=60).contains(n));
    let Some(minutes) = minutes else {
        return Err(FormError::at("minutes", "Write a number of minutes from 1 to 60."));
    };
    model.say(format!(
        "The screen locks after {minutes} {} without a key.",
        if minutes == 1 { "minute" } else { "minutes" }
    ));
    Ok(vec![Effect::Set { name: SETTING.to_owned(), value: minutes.to_string() }])
}
