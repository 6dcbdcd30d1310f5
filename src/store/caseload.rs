//! The caseload as a window: rows around a place in an order, never the whole table.
//!
//! Pages are found by key, not by offset, so that the last page of a million people costs what the first one does.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params_from_iter};

use crate::domain::Word;
use crate::domain::band::Band;
use crate::domain::change::{Record, RecordId};
use crate::domain::day::Day;
use crate::domain::id::{MemberId, OrganisationId, PersonId, TeamId};
use crate::domain::person::{Person, Standing};
use crate::domain::text::{fold, search_words};

use super::Reader;
use super::codec::{columns, record, width};
use super::fault::Fault;

/// More people than this are not sorted while somebody types: they are asked to type on.
pub const SEARCH_LIMIT: usize = 1_000;

words! {
    /// The order of the caseload.
    CaseSort {
        /// High band first, then by name.
        Band = "band", "band";
        /// By surname, forename.
        Name = "name", "name";
        /// Oldest first.
        Age = "age", "age";
        /// Highest score first.
        Score = "score", "score";
        /// Longest ago first; never discussed before all.
        Discussed = "discussed", "last discussed";
        /// Earliest due action first.
        Due = "due", "action due";
        /// Earliest review first.
        Review = "review", "review";
    }
}

/// A stretch of an order that one index holds.
struct Part {
    /// What holds of everybody in it.
    of: &'static str,
    keys: &'static [&'static str],
    index: &'static str,
}

impl CaseSort {
    /// The stretches of this order, one after the other. Where most people have nothing to be sorted by, those who do are in
    /// an index of their own, and the others stand by name.
    fn parts(self) -> &'static [Part] {
        match self {
            Self::Band => &[Part { of: "", keys: &["band_rank", "sort_name", "id"], index: "person_by_band" }],
            Self::Name => &[Part { of: "", keys: BY_NAME, index: "person_by_name" }],
            Self::Age => &[Part { of: "", keys: &["sort_born", "id"], index: "person_by_born" }],
            Self::Score => &[Part { of: "", keys: &["sort_score", "id"], index: "person_by_score" }],
            Self::Discussed => &[
                Part { of: " AND p.last_discussed = ''", keys: BY_NAME, index: "person_by_name" },
                Part {
                    of: " AND p.last_discussed <> ''",
                    keys: &["last_discussed", "sort_name", "id"],
                    index: "person_by_discussed",
                },
            ],
            Self::Due => &[
                Part {
                    of: " AND p.next_due <> '9999-12-31'",
                    keys: &["next_due", "sort_name", "id"],
                    index: "person_by_due",
                },
                Part { of: " AND p.next_due = '9999-12-31'", keys: BY_NAME, index: "person_by_name" },
            ],
            Self::Review => &[
                Part {
                    of: " AND p.review_on <> '9999-12-31'",
                    keys: &["review_on", "sort_name", "id"],
                    index: "person_by_review",
                },
                Part { of: " AND p.review_on = '9999-12-31'", keys: BY_NAME, index: "person_by_name" },
            ],
        }
    }

    fn descends(self) -> bool {
        self == Self::Score
    }
}

const BY_NAME: &[&str] = &["sort_name", "id"];

/// Which people to list. What is not set does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Of this band.
    pub band: Option<Band>,
    /// Registered with this practice.
    pub practice: Option<OrganisationId>,
    /// Without a key worker.
    pub no_key_worker: bool,
    /// Whose plan is to be reviewed by today.
    pub review_due: bool,
    /// With an action past its day.
    pub overdue: bool,
    /// Off the active caseload instead of on it.
    pub not_active: bool,
}

/// A person as the caseload shows them.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseRow {
    /// The person.
    pub person: Record<Person>,
    /// When they were discussed last.
    pub last_discussed: Option<Day>,
    /// The current key worker.
    pub key_worker: Option<MemberId>,
    /// Actions still to be done.
    pub open_actions: i64,
    /// The earliest due day among them.
    pub next_due: Option<Day>,
    /// When the plan is reviewed next.
    pub review_on: Option<Day>,
}

/// A place between two rows of the list, seen from a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// The first row.
    Top,
    /// The last row; the page is read upwards from it.
    Bottom,
    /// The row of this person and those after it.
    At(PersonId),
    /// The rows after this person.
    After(PersonId),
    /// The rows before this person; the page is read upwards.
    Before(PersonId),
}

/// Who a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// In the order they are shown.
    pub ids: Vec<PersonId>,
    /// Whether there are more than [`SEARCH_LIMIT`].
    pub more: bool,
}

const DERIVED: &str = ", p.last_discussed, p.key_worker, p.open_actions, p.next_due, p.review_on";

fn case_row(row: &Row<'_>) -> Result<CaseRow, Fault> {
    let at = width::<Person>();
    let day = |n: usize| -> Result<Option<Day>, Fault> {
        let text: String = row.get(at + n)?;
        Ok(Day::from_iso(&text).filter(|day| day.iso() != "9999-12-31"))
    };
    Ok(CaseRow {
        person: record(row, 0)?,
        last_discussed: day(0)?,
        key_worker: row.get::<_, Option<i64>>(at + 1)?.map(MemberId::from_raw),
        open_actions: row.get(at + 2)?,
        next_due: day(3)?,
        review_on: day(4)?,
    })
}

impl CaseFilter {
    /// Whether it lets everyone on the active caseload through.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// `person p`, walked in the order of the list where all of it is shown; where it is narrowed, SQLite chooses.
    fn from(&self, index: &str) -> String {
        let by = if self.is_empty() { format!(" INDEXED BY {index}") } else { String::new() };
        format!("person p{by}")
    }

    fn conditions(&self, team: TeamId, today: Day) -> (String, Vec<Value>) {
        let mut sql = "p.team = ?".to_owned();
        let mut params = vec![Value::Integer(team.raw())];
        sql.push_str(if self.not_active {
            " AND p.standing IN ('discharged', 'moved', 'died')"
        } else {
            " AND p.standing = 'active'"
        });
        if let Some(band) = self.band {
            sql.push_str(" AND p.band_rank = ?");
            params.push(Value::Integer(band.rank()));
        }
        if let Some(practice) = self.practice {
            sql.push_str(" AND p.practice = ?");
            params.push(Value::Integer(practice.raw()));
        }
        if self.no_key_worker {
            sql.push_str(" AND p.key_worker IS NULL");
        }
        if self.review_due {
            sql.push_str(" AND p.review_on <= ? AND p.review_on <> '9999-12-31'");
            params.push(Value::Text(today.iso()));
        }
        if self.overdue {
            sql.push_str(" AND p.next_due < ? AND p.next_due <> '9999-12-31'");
            params.push(Value::Text(today.iso()));
        }
        (sql, params)
    }
}

impl Reader {
    /// How many people the filter lets through.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn count_people(&self, team: TeamId, filter: &CaseFilter, today: Day) -> Result<i64, Fault> {
        let (conditions, params) = filter.conditions(team, today);
        let counted = CaseFilter { band: filter.band, not_active: filter.not_active, ..CaseFilter::default() };
        let from =
            if *filter == counted { "coalesce(sum(p.people), 0) FROM census p" } else { "count(*) FROM person p" };
        Ok(self
            .db
            .prepare_cached(&format!("SELECT {from} WHERE {conditions}"))?
            .query_row(params_from_iter(params), |row| row.get(0))?)
    }

    /// A page of the caseload, always in list order.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn people(
        &self,
        team: TeamId,
        filter: &CaseFilter,
        sort: CaseSort,
        today: Day,
        from: From,
        limit: usize,
    ) -> Result<Vec<CaseRow>, Fault> {
        let upwards = matches!(from, From::Bottom | From::Before(_));
        let parts = sort.parts();
        let mut place = match from {
            From::Top | From::Bottom => None,
            From::At(person) | From::After(person) | From::Before(person) => {
                let Some(place) = self.place(person, parts)? else { return Ok(Vec::new()) };
                Some(place)
            }
        };
        let sign = match (upwards != sort.descends(), matches!(from, From::At(_))) {
            (false, true) => ">=",
            (false, false) => ">",
            (true, true) => "<=",
            (true, false) => "<",
        };
        let direction = if upwards != sort.descends() { " DESC" } else { "" };
        let mut out = Vec::new();
        for nth in 0..parts.len() {
            let nth = if upwards { parts.len() - 1 - nth } else { nth };
            let Some(part) = parts.get(nth).filter(|_| out.len() < limit) else { break };
            let (conditions, mut params) = filter.conditions(team, today);
            // From a place on, the stretches before it are passed over, and in its own only what follows is read.
            let from_here = match place.take_if(|place| place.part == nth) {
                Some(here) => {
                    params.extend(here.key);
                    format!(" AND {}", here_on(part.keys, sign))
                }
                None if place.is_some() => continue,
                None => String::new(),
            };
            let order: Vec<String> = prefixed(part.keys).into_iter().map(|key| format!("{key}{direction}")).collect();
            let order = order.join(", ");
            // Only ids are sorted where an order has no index for a filter; whole rows are read for the page alone.
            let sql = format!(
                "SELECT {}{DERIVED} FROM (SELECT p.id AS one FROM {} WHERE {conditions}{}{from_here} ORDER BY {order} LIMIT ?) q CROSS JOIN person p ON p.id = q.one ORDER BY {order}",
                columns::<Person>("p"),
                filter.from(part.index),
                part.of,
            );
            params.push(Value::Integer(i64::try_from(limit - out.len()).unwrap_or(i64::MAX)));
            out.extend(self.case_rows(&sql, params)?);
        }
        if upwards {
            out.reverse();
        }
        Ok(out)
    }

    /// How many people stand before this one in the list.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn rank(
        &self,
        team: TeamId,
        filter: &CaseFilter,
        sort: CaseSort,
        today: Day,
        person: PersonId,
    ) -> Result<i64, Fault> {
        let parts = sort.parts();
        let Some(here) = self.place(person, parts)? else { return Ok(0) };
        let sign = if sort.descends() { ">" } else { "<" };
        let part_of = |place: &Place| parts.get(place.part).map_or(BY_NAME, |part| part.keys);
        let count = |part: &Part, of: &str, before: Option<&Place>| -> Result<i64, Fault> {
            let (conditions, mut params) = filter.conditions(team, today);
            let before = before.map_or_else(String::new, |place| {
                params.extend(place.key.iter().cloned());
                format!(" AND {}", here_on(part_of(place), sign))
            });
            let from = filter.from(part.index);
            let sql = format!("SELECT count(*) FROM {from} WHERE {conditions}{of}{before}");
            Ok(self.db.prepare_cached(&sql)?.query_row(params_from_iter(params), |row| row.get(0))?)
        };
        // Those who have nothing to be sorted by are everybody less those who do: neither needs a look at a row.
        let mut before = 0;
        for (nth, part) in parts.iter().enumerate().take(here.part + 1) {
            let place = (nth == here.part).then_some(&here);
            let with = parts.iter().find(|other| parts.len() > 1 && other.index != "person_by_name");
            before += match with.filter(|_| part.index == "person_by_name") {
                Some(with) => {
                    let all = match place {
                        Some(_) => count(part, "", place)?,
                        None => self.count_people(team, filter, today)?,
                    };
                    all - count(with, with.of, place)?
                }
                None => count(part, part.of, place)?,
            };
        }
        Ok(before)
    }

    /// Where a person stands in an order of these stretches.
    fn place(&self, person: PersonId, parts: &[Part]) -> Result<Option<Place>, Fault> {
        for (nth, part) in parts.iter().enumerate() {
            let sql = format!("SELECT {} FROM person p WHERE p.id = ?1{}", prefixed(part.keys).join(", "), part.of);
            let key = self
                .db
                .prepare_cached(&sql)?
                .query_row([person.raw()], |row| (0..part.keys.len()).map(|at| row.get(at)).collect())
                .optional()?;
            if let Some(key) = key {
                return Ok(Some(Place { part: nth, key }));
            }
        }
        Ok(None)
    }

    /// These people, in this order; those no longer there are left out.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn these_people(&self, ids: &[PersonId]) -> Result<Vec<CaseRow>, Fault> {
        let sql = format!("SELECT {}{DERIVED} FROM person p WHERE p.id = ?", columns::<Person>("p"));
        let mut out = Vec::with_capacity(ids.len());
        for id in ids {
            out.extend(self.case_rows(&sql, vec![Value::Integer(id.raw())])?);
        }
        Ok(out)
    }

    fn case_rows(&self, sql: &str, params: Vec<Value>) -> Result<Vec<CaseRow>, Fault> {
        let mut select = self.db.prepare_cached(sql)?;
        let mut rows = select.query(params_from_iter(params))?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push(case_row(row)?);
        }
        Ok(out)
    }

    /// Looks for people by the starts of words of their names, or by the start of their NHS number.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn search(&self, team: TeamId, text: &str) -> Result<Found, Fault> {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let only_number = !digits.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-');
        let words = if only_number { vec![digits] } else { search_words(text) };
        if words.is_empty() {
            return Ok(Found::default());
        }
        // A single letter stands at the start of too many words to look them up: it narrows what the others found.
        let (long, letters): (Vec<String>, Vec<String>) =
            words.into_iter().partition(|word| word.chars().nth(1).is_some());
        if long.is_empty() {
            return self.search_starts(team, text);
        }
        let query = long.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" AND ");
        let limit = i64::try_from(SEARCH_LIMIT + 1).unwrap_or(i64::MAX);
        let sql =
            format!("SELECT count(*) FROM (SELECT 1 FROM person_words WHERE person_words MATCH ?1 LIMIT {limit})");
        let count: i64 = self.db.prepare_cached(&sql)?.query_row([&query], |row| row.get(0))?;
        if count >= limit {
            return self.search_starts(team, text);
        }
        let sql = "SELECT p.id, p.sort_name, p.preferred FROM person_words w JOIN person p ON p.id = w.rowid WHERE person_words MATCH ?1 AND p.team = ?2 ORDER BY p.standing <> 'active', p.band_rank, p.sort_name, p.id";
        let mut select = self.db.prepare_cached(sql)?;
        let mut rows = select.query(rusqlite::params![query, team.raw()])?;
        let mut ids = Vec::new();
        while let Some(row) = rows.next()? {
            if letters.is_empty() || starts_words(&letters, &row.get::<_, String>(1)?, row.get(2)?) {
                ids.push(PersonId::from_raw(row.get(0)?));
            }
        }
        Ok(Found { ids, more: false })
    }

    /// Too many to sort: the active people whose surname, and then forename, start so, in order of name.
    fn search_starts(&self, team: TeamId, text: &str) -> Result<Found, Fault> {
        let folded = fold(text.trim());
        let mut found = self.names_from(team, &folded)?;
        if found.ids.is_empty()
            && let Some((surname, forename)) = folded.rsplit_once(' ')
        {
            found = self.names_from(team, &format!("{}\u{1}{forename}", surname.trim_end_matches([' ', ','])))?;
        }
        Ok(found)
    }

    fn names_from(&self, team: TeamId, start: &str) -> Result<Found, Fault> {
        let sql = format!(
            "SELECT p.id FROM person p WHERE p.team = ?1 AND p.standing = '{}' AND p.sort_name >= ?2 AND p.sort_name < ?3 ORDER BY p.sort_name, p.id LIMIT {}",
            Standing::Active.code(),
            SEARCH_LIMIT + 1
        );
        let mut select = self.db.prepare_cached(&sql)?;
        let end = format!("{start}\u{10ffff}");
        let ids: Vec<i64> =
            select.query_map(rusqlite::params![team.raw(), start, end], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let more = ids.len() > SEARCH_LIMIT;
        Ok(Found { ids: ids.into_iter().take(SEARCH_LIMIT).map(PersonId::from_raw).collect(), more })
    }

    /// The first people a search finds.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn search_people(&self, team: TeamId, text: &str, limit: usize) -> Result<Vec<CaseRow>, Fault> {
        let found = self.search(team, text)?;
        self.these_people(found.ids.get(..limit.min(found.ids.len())).unwrap_or_default())
    }
}

/// Whether every letter starts a word of the name.
fn starts_words(letters: &[String], sort_name: &str, preferred: Option<String>) -> bool {
    let mut words = search_words(&sort_name.replace('\u{1}', " "));
    words.extend(preferred.as_deref().map(search_words).unwrap_or_default());
    letters.iter().all(|letter| words.iter().any(|word| word.starts_with(letter.as_str())))
}

/// A place in the order of these keys: it, and what follows or comes before.
struct Place {
    part: usize,
    key: Vec<Value>,
}

fn here_on(keys: &[&str], sign: &str) -> String {
    format!("({}) {sign} ({})", prefixed(keys).join(", "), vec!["?"; keys.len()].join(", "))
}

fn prefixed(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| format!("p.{key}")).collect()
}
