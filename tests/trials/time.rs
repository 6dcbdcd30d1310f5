//! Days and clocks: summer time both ways, leap days, zones, and a clock that goes backwards. Due days stay what they are.

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, TimeZone as _, Utc};

use mdt::clock::{Clock, Now, local};
use mdt::domain::day::{Day, Moment};
use mdt::store::Deed;
use mdt::store::log::Stamp;

use super::child::{Other, say, told};
use super::kit;
use super::report::Family;
use super::world::{self, Dice, Ground};

/// When London's clocks change in a year, in UTC: to summer time, and back.
fn changes(year: i32) -> [DateTime<Utc>; 2] {
    [3, 10].map(|month| {
        let last = NaiveDate::from_ymd_opt(year, month, 31).unwrap();
        let sunday = last - Duration::days(i64::from(last.weekday().num_days_from_sunday()));
        Utc.from_utc_datetime(&sunday.and_hms_opt(1, 0, 0).unwrap())
    })
}

/// Says what the wall clock shows at each moment it is told of, in the zone it was started in.
pub fn child() {
    for at in told("MOMENTS").split(',') {
        let at: DateTime<Utc> = at.parse().unwrap();
        let (day, time) = local(Moment::new(at), &Clock::System);
        say(&format!("{} {}", day.iso(), time.minutes()));
    }
    say("end");
}

#[test]
fn wall_clocks_are_read_rightly_around_every_change() {
    let mut wanted = Vec::new();
    let mut moments = Vec::new();
    for year in 2026..=2036 {
        let [spring, autumn] = changes(year);
        for change in [spring, autumn] {
            for minutes in [-1_441, -61, -60, -1, 0, 1, 59, 60, 61, 1_381, 1_441] {
                let at = change + Duration::minutes(minutes);
                let summer = at >= spring && at < autumn;
                let wall = at.naive_utc() + Duration::hours(i64::from(summer));
                let minute = chrono::Timelike::num_seconds_from_midnight(&wall.time()) / 60;
                wanted.push(format!("{} {minute}", Day::from_date(wall.date()).iso()));
                moments.push(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
            }
        }
    }
    let other = Other::start_with("zone", &[("MOMENTS", &moments.join(","))], &[("TZ", "Europe/London")]);
    let (status, lines) = other.ends(std::time::Duration::from_secs(60));
    assert!(status.success(), "{status}: {lines:?}");
    let said: Vec<&String> = lines.iter().filter(|line| line.starts_with("20") && !line.contains(':')).collect();
    if std::path::Path::new("/usr/share/zoneinfo/Europe/London").exists() {
        assert_eq!(said, wanted.iter().collect::<Vec<_>>());
    } else {
        eprintln!("time · this machine knows no zones: only that nothing panics was tried");
        assert_eq!(said.len(), wanted.len());
    }
}

#[test]
fn days_stay_what_they_are_whatever_the_clock_says() {
    let family = Family::begin("time");
    let mut dice = Dice::new(family.seed);
    // Every day of eleven years, leap days among them.
    let (mut day, end) = (Day::new(2026, 1, 1).unwrap(), Day::new(2037, 1, 1).unwrap());
    let (mut runs, mut leaps) = (0, 0);
    while day < end {
        let next = day.plus(1);
        assert_eq!(Day::from_iso(&day.iso()), Some(day));
        assert_eq!((next.days_since(day), next.plus(-1)), (1, day));
        assert_eq!(Day::parse_ahead("+2w", day, None).unwrap(), day.plus(14), "{}", day.iso());
        assert_eq!(Day::parse_ahead("+10d", day, None).unwrap(), day.plus(10), "{}", day.iso());
        assert!(!day.plus_working_days(3).is_weekend());
        leaps += u32::from(day.date().ordinal() == 366);
        (day, runs) = (next, runs + 1);
    }
    assert_eq!(leaps, 3, "2028, 2032 and 2036");
    // Any moment in any zone: the day and the time on the wall belong together.
    for _ in 0..kit::times(1_000, 100_000) {
        let at = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap()
            + Duration::seconds(i64::try_from(dice.throw(11 * 365 * 86_400)).unwrap());
        let offset = i32::try_from(dice.throw(113)).unwrap() * 900 - 50_400;
        let now = Now::at(at, offset);
        let wall = at.naive_utc() + Duration::seconds(i64::from(offset));
        assert_eq!((now.today, now.time_of(now.moment)), (Day::from_date(wall.date()), now.time), "{at} {offset}");
        runs += 1;
    }
    // A clock that jumps: steps keep their order and their chain, and no due day moves.
    let folder = world::folder();
    let path = world::found(folder.path(), false, 5);
    let (mut store, reader) = world::open(&path, false).unwrap();
    let ground = Ground::of(&reader, 1).unwrap();
    let due = |reader: &mdt::store::Reader| {
        let action = reader.get::<mdt::domain::action::Action>(ground.actions[4]).unwrap().unwrap();
        action.due
    };
    let (before, first) = (due(&reader), reader.head().unwrap().seq);
    let steps = kit::times(60, 500);
    for n in 0..u64::from(steps) {
        let at = kit::noon() + Duration::seconds(i64::try_from(dice.throw(400_000_000)).unwrap() - 200_000_000);
        let stamp = Stamp { at: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), actor: "Priya Nair".to_owned() };
        let seen = reader.get::<mdt::domain::action::Action>(ground.actions[0]).unwrap().unwrap();
        let change = mdt::domain::change::alter(&seen, |it| it.carried += 1);
        let step = store.commit(&stamp, &Deed::change("Carry"), &[change]).unwrap().step;
        assert_eq!(step, first + 1 + i64::try_from(n).unwrap());
        runs += 1;
    }
    assert_eq!(due(&reader), before);
    drop((store, reader));
    assert_eq!(world::prove(&path, false), Ok(first + i64::from(steps)));
    family.done(runs, 0, "every day of 2026 to 2036, random moments and zones, a clock that jumps");
}
