//! The only place that asks what time it is; everyone else is told.

use chrono::{DateTime, Duration, Local, NaiveDateTime, Offset as _, TimeZone as _, Utc};

use crate::domain::day::{Day, Moment, TimeOfDay};

/// A clock: the machine's, or one that stands still for tests and the demo file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock and time zone.
    System,
    /// Always this moment, in UTC.
    Fixed(DateTime<Utc>),
}

/// A moment, and what the wall clock and the calendar say at that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The moment.
    pub moment: Moment,
    /// The calendar day here.
    pub today: Day,
    /// The wall clock here.
    pub time: TimeOfDay,
    /// Seconds that local time is ahead of UTC at this moment.
    offset: i32,
    /// Whether a fixed clock said so.
    fixed: bool,
}

impl Clock {
    /// What time it is.
    pub fn now(&self) -> Now {
        let (utc, offset) = match self {
            Self::System => {
                let local = Local::now();
                (local.with_timezone(&Utc), local.offset().fix().local_minus_utc())
            }
            Self::Fixed(utc) => (*utc, 0),
        };
        Now { fixed: matches!(self, Self::Fixed(_)), ..Now::at(utc, offset) }
    }

    /// Lets a fixed clock move on; the machine's moves by itself.
    pub fn advance(&mut self, by: Duration) {
        if let Self::Fixed(at) = self {
            *at += by;
        }
    }
}

impl Now {
    /// What a wall clock `offset` seconds ahead of UTC says at `utc`.
    pub fn at(utc: DateTime<Utc>, offset: i32) -> Self {
        let local = utc.naive_utc() + Duration::seconds(i64::from(offset));
        Self {
            moment: Moment::new(utc),
            today: Day::from_date(local.date()),
            time: time_of(local),
            offset,
            fixed: false,
        }
    }

    /// The clock that said so, for what is dated in the machine's zone.
    pub fn clock(self) -> Clock {
        if self.fixed { Clock::Fixed(self.moment.utc()) } else { Clock::System }
    }

    /// The wall-clock time of a moment of (about) the same day.
    pub fn time_of(self, moment: Moment) -> TimeOfDay {
        time_of(moment.utc().naive_utc() + Duration::seconds(i64::from(self.offset)))
    }
}

/// The moment at which a day begins here.
pub fn starts(day: Day, clock: &Clock) -> Moment {
    let midnight = day.date().and_time(chrono::NaiveTime::MIN);
    let utc = match clock {
        // Where the clocks go forward at midnight, the day begins at the next hour there is.
        Clock::System => {
            (0..3).find_map(|hour| Local.from_local_datetime(&(midnight + Duration::hours(hour))).earliest())
        }
        Clock::Fixed(_) => None,
    };
    Moment::new(utc.map_or_else(|| Utc.from_utc_datetime(&midnight), |local| local.with_timezone(&Utc)))
}

/// The day and wall-clock time of any moment, in the machine's zone at that moment.
pub fn local(moment: Moment, clock: &Clock) -> (Day, TimeOfDay) {
    let naive = match clock {
        Clock::System => Local.from_utc_datetime(&moment.utc().naive_utc()).naive_local(),
        Clock::Fixed(_) => moment.utc().naive_utc(),
    };
    (Day::from_date(naive.date()), time_of(naive))
}

fn time_of(local: NaiveDateTime) -> TimeOfDay {
    let minutes = u16::try_from(chrono::Timelike::num_seconds_from_midnight(&local.time()) / 60).unwrap_or(0);
    TimeOfDay::new(minutes / 60, minutes % 60).unwrap_or_else(|| unreachable!("a time of day has fewer than 24 hours"))
}
