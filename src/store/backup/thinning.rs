//! Which copies stay and which may go: a function of their moments and of now, and of nothing else.

use std::collections::HashSet;

use chrono::Datelike as _;

use crate::domain::day::Moment;

/// All copies of this time stay.
const ALL_FOR: i64 = 2 * 24 * 3_600;
/// The newest copy of each of so many days, weeks and months stays.
const DAYS: usize = 7;
const WEEKS: usize = 4;
const MONTHS: usize = 12;
/// The newest copies stay whatever the clock says.
const NEWEST: usize = 3;

/// A copy, as thinning sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dated {
    /// When it was made.
    pub at: Moment,
    /// The newest step in it: the order that no clock can turn round.
    pub seq: i64,
    /// Whether it was tried and is there, as long as it was.
    pub holds: bool,
}

/// Whether each of these copies stays: all of two days; the newest that holds of each of seven days, four weeks and twelve
/// months; and always the newest three that hold.
pub fn stays(copies: &[Dated], now: Moment) -> Vec<bool> {
    let mut order: Vec<usize> = (0..copies.len()).collect();
    let rank = |n: &usize| copies.get(*n).map(|copy| (copy.seq, copy.at, *n));
    order.sort_by_key(|n| std::cmp::Reverse(rank(n)));
    let holding: Vec<(usize, Moment)> =
        order.iter().filter_map(|n| copies.get(*n).filter(|copy| copy.holds).map(|copy| (*n, copy.at))).collect();
    let mut staying: HashSet<usize> = holding.iter().take(NEWEST).map(|(n, _)| *n).collect();
    staying.extend(order.iter().filter(|n| copies.get(**n).is_some_and(|copy| now.seconds_since(copy.at) < ALL_FOR)));
    let day = |at: Moment| at.utc().date_naive().num_days_from_ce();
    // Monday begins a week.
    let week = |at: Moment| (at.utc().date_naive().num_days_from_ce() - 1).div_euclid(7);
    let month = |at: Moment| at.utc().year() * 12 + at.utc().month0().cast_signed();
    staying.extend(newest_of_each(&holding, DAYS, day));
    staying.extend(newest_of_each(&holding, WEEKS, week));
    staying.extend(newest_of_each(&holding, MONTHS, month));
    (0..copies.len()).map(|n| staying.contains(&n)).collect()
}

/// The latest copy of each of the `most` latest spans that have one.
fn newest_of_each(copies: &[(usize, Moment)], most: usize, span: impl Fn(Moment) -> i32) -> Vec<usize> {
    let mut latest = copies.to_vec();
    latest.sort_by_key(|(n, at)| std::cmp::Reverse((*at, *n)));
    let mut seen = Vec::new();
    let mut out = Vec::new();
    for (n, at) in latest {
        let span = span(at);
        if seen.last() == Some(&span) {
            continue;
        }
        if seen.len() == most {
            break;
        }
        seen.push(span);
        out.push(n);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Moment {
        Moment::from_iso(text).unwrap()
    }

    fn dated(at_text: &str, seq: i64) -> Dated {
        Dated { at: at(at_text), seq, holds: true }
    }

    fn kept(copies: &[Dated], now: &str) -> Vec<i64> {
        let stays = stays(copies, at(now));
        copies.iter().zip(stays).filter(|(_, stays)| *stays).map(|(copy, _)| copy.seq).collect()
    }

    #[test]
    fn a_table_of_what_stays() {
        let many: Vec<Dated> = (0..48)
            .map(|hour| dated(&format!("2026-11-{:02}T{:02}:00:00Z", 24 + hour / 24, hour % 24), hour + 1))
            .collect();
        assert_eq!(
            kept(&many, "2026-11-26T00:00:00Z"),
            (2..=48).collect::<Vec<_>>(),
            "two days keep all but what is older"
        );
        assert_eq!(
            kept(&many, "2026-11-30T00:00:00Z"),
            [24, 46, 47, 48],
            "then each day its newest, and the newest three"
        );
        let days: Vec<Dated> = (1..=30).map(|day| dated(&format!("2026-11-{day:02}T17:00:00Z"), day)).collect();
        // Weeks end on the Sundays 8, 15, 22, 29; the 30th is the newest of its week and of the month.
        assert_eq!(kept(&days, "2026-12-10T12:00:00Z"), [15, 22, 24, 25, 26, 27, 28, 29, 30]);
        let months: Vec<Dated> =
            (0..24).map(|n| dated(&format!("{}-{:02}-15T12:00:00Z", 2025 + n / 12, n % 12 + 1), n + 1)).collect();
        assert_eq!(kept(&months, "2027-06-01T00:00:00Z"), (13..=24).collect::<Vec<_>>(), "twelve months");
        assert_eq!(kept(&[], "2027-06-01T00:00:00Z"), Vec::<i64>::new());
        let mut broken = days;
        for copy in &mut broken[27..] {
            copy.holds = false;
        }
        let left = kept(&broken, "2026-12-10T12:00:00Z");
        assert!(left.ends_with(&[25, 26, 27]), "those that do not hold are not counted among the newest: {left:?}");
    }

    proptest! {
        #[test]
        fn the_newest_three_that_hold_always_stay(
            raw in proptest::collection::vec((0i64..40_000_000, any::<bool>()), 0..60),
            now in 0i64..80_000_000,
        ) {
            let moment = |seconds: i64| Moment::new(chrono::DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap());
            let copies: Vec<Dated> =
                raw.iter().zip(1..).map(|((at, holds), seq)| Dated { at: moment(*at), seq, holds: *holds }).collect();
            let stays = stays(&copies, moment(now));
            let holding: Vec<usize> = (0..copies.len()).rev().filter(|n| copies[*n].holds).take(3).collect();
            prop_assert!(holding.iter().all(|n| stays[*n]));
            for (copy, stays) in copies.iter().zip(&stays) {
                prop_assert!(*stays || moment(now).seconds_since(copy.at) >= ALL_FOR);
            }
        }

        /// Thinning after every copy loses no more than thinning once would.
        #[test]
        fn a_year_of_thinning_leaves_every_month_and_the_last_week(every in 5i64..40, from in 0i64..10_000_000) {
            let moment = |hour: i64| Moment::new(chrono::DateTime::from_timestamp(1_767_225_600 + from + hour * 3_600, 0).unwrap());
            let mut copies: Vec<Dated> = Vec::new();
            let mut hour = 0;
            while hour < 380 * 24 {
                copies.push(Dated { at: moment(hour), seq: hour + 1, holds: true });
                let stays = stays(&copies, moment(hour));
                let mut stays = stays.into_iter();
                copies.retain(|_| stays.next().unwrap_or(true));
                hour += every;
            }
            let months: HashSet<i32> = copies.iter().map(|copy| copy.at.utc().year() * 12 + copy.at.utc().month0().cast_signed()).collect();
            prop_assert!(months.len() >= 12, "{} months", months.len());
            let days: HashSet<_> = copies.iter().map(|copy| copy.at.utc().date_naive()).collect();
            prop_assert!(days.len() >= 7);
            prop_assert!(copies.len() <= 2 * 24 / 5 + 2 + DAYS + WEEKS + MONTHS + NEWEST, "{} copies", copies.len());
        }
    }
}
