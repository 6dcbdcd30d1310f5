//! One line per action: text, `@owner`, and a due day in shorthand at the end.
//!
//! `Refer to night-sitting pilot @pat +2w` names an action, its owner and its day. The parts may come in
//! any order; what is neither owner nor day is the sentence.

use super::change::Record;
use super::day::Day;
use super::id::MemberId;
use super::member::Member;
use super::refusal::Refusal;
use super::text::Line;

/// What a capture line says so far, shown while it is typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Captured {
    /// The sentence.
    pub what: String,
    /// The owner, as far as it is plain who is meant.
    pub owner: Owner,
    /// The due day, where one stands in the line.
    pub due: Option<Day>,
    /// A word that looks like a day but is none, or stands where no day can: it is asked about, never guessed.
    pub doubt: Option<String>,
}

/// Who is meant by `@…`.
#[derive(Clone, Debug, PartialEq)]
pub enum Owner {
    /// No `@` in the line.
    NotGiven,
    /// Exactly one member answers to it.
    One(MemberId),
    /// Several do.
    Several(Vec<MemberId>),
    /// Nobody does.
    Nobody(String),
}

/// A whole action, ready to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAction {
    /// The sentence.
    pub what: Line,
    /// The owner.
    pub owner: MemberId,
    /// The due day.
    pub due: Day,
}

/// Reads a capture line. `members` are those who may own an action.
pub fn read(line: &str, members: &[Record<Member>], today: Day, next_meeting: Option<Day>) -> Captured {
    let mut owner = Owner::NotGiven;
    let mut words: Vec<&str> = Vec::new();
    for word in line.split_whitespace() {
        match word.strip_prefix('@') {
            Some(handle) if owner == Owner::NotGiven => owner = who(handle, members),
            _ => words.push(word),
        }
    }
    let (kept, due) = due_at_end(&words, today, next_meeting);
    let doubt = kept.iter().find(|word| looks_like_a_day(word)).map(|word| (*word).to_owned());
    Captured { what: kept.join(" "), owner, due, doubt }
}

/// The longest ending of up to three words that is a day ahead.
fn due_at_end<'w>(words: &[&'w str], today: Day, next_meeting: Option<Day>) -> (Vec<&'w str>, Option<Day>) {
    for n in (1..=3.min(words.len())).rev() {
        let Some((head, tail)) = words.split_at_checked(words.len() - n) else { continue };
        let text = tail.join(" ");
        // A bare weekday, month or number ends many sentences; as a day it must stand for itself.
        let plain = n == 1 && tail.first().is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit()));
        if plain || head.is_empty() {
            continue;
        }
        if let Ok(day) = Day::parse_ahead(&text, today, next_meeting) {
            let head = match head.split_last() {
                Some((last, rest))
                    if ["by", "due", "on", "before"].contains(&last.to_lowercase().as_str()) && !rest.is_empty() =>
                {
                    rest
                }
                _ => head,
            };
            return (head.to_vec(), Some(day));
        }
    }
    (words.to_vec(), None)
}

/// `+3d`, `31/2`, `20/11/26`: nobody writes these but to mean a day.
fn looks_like_a_day(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let shorthand = word.strip_prefix('+').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let parts: Vec<&str> = word.split('/').collect();
    shorthand || (parts.len() >= 2 && parts.len() <= 3 && parts.iter().all(|part| digits(part) && part.len() <= 4))
}

fn who(handle: &str, members: &[Record<Member>]) -> Owner {
    let handle = handle.trim_end_matches(['.', ',', ';']);
    let spaced = handle.replace(['.', '_'], " ");
    let found: Vec<MemberId> = candidates(handle, members).into_iter().map(|member| member.id).collect();
    match found.as_slice() {
        [one] => Owner::One(*one),
        [] => {
            let exact: Vec<MemberId> =
                members.iter().filter(|member| member.answers_to(&spaced)).map(|member| member.id).collect();
            match exact.as_slice() {
                [one] => Owner::One(*one),
                [] => Owner::Nobody(handle.to_owned()),
                _ => Owner::Several(exact),
            }
        }
        _ => Owner::Several(found),
    }
}

/// Members who answer to what stands after `@`, best first: a whole word of the name before the start of one, a name before a role.
pub fn candidates<'m>(handle: &str, members: &'m [Record<Member>]) -> Vec<&'m Record<Member>> {
    let typed = super::text::fold(handle);
    let whole: Vec<&Record<Member>> = members
        .iter()
        .filter(|member| super::text::fold(member.name.as_str()).split([' ', '-']).any(|word| word == typed))
        .collect();
    if !whole.is_empty() {
        return whole;
    }
    let by_name: Vec<&Record<Member>> = members
        .iter()
        .filter(|member| super::text::fold(member.name.as_str()).split([' ', '-']).any(|word| word.starts_with(&typed)))
        .collect();
    if !by_name.is_empty() {
        return by_name;
    }
    members.iter().filter(|member| member.answers_to(handle)).collect()
}

impl Captured {
    /// The whole action, or what is still missing from the line. `due` stands in where the line has none.
    ///
    /// # Errors
    /// Refuses a line without a sentence, without exactly one owner, or with a due day that is past.
    pub fn complete(&self, default_due: Day, today: Day) -> Result<NewAction, Refusal> {
        let what =
            Line::parse(&self.what).map_err(|_| Refusal::new("Write what is to be done, then @owner and a day."))?;
        let owner = match &self.owner {
            Owner::One(member) => *member,
            Owner::NotGiven => return Err(Refusal::new("Who does it? Add @ and the start of a name.")),
            Owner::Several(_) => return Err(Refusal::new("Several members answer to that name; type more of it.")),
            Owner::Nobody(handle) => return Err(Refusal::new(format!("Nobody in the team answers to @{handle}."))),
        };
        if let Some(doubt) = &self.doubt {
            return Err(Refusal::new(format!(
                "“{doubt}” is not a day as it stands. Put the day last (+2w, fri, 10 dec), or write it in words."
            )));
        }
        let due = self.due.unwrap_or(default_due);
        if due < today {
            return Err(Refusal::new(format!("{due} is past. An action needs a day ahead.")));
        }
        Ok(NewAction { what, owner, due })
    }
}

#[cfg(test)]
mod tests {
    use super::super::change::RecordId;
    use super::super::id::{OrganisationId, TeamId};
    use super::super::member::Membership;
    use super::*;

    fn team() -> Vec<Record<Member>> {
        ["Pat Okoro", "Priya Shah", "Sunita Patel", "Dr Aisha Farouk", "Siân Wójcik-Patel"]
            .iter()
            .enumerate()
            .map(|(n, name)| Record {
                id: MemberId::from_raw(n as i64),
                value: Member {
                    team: TeamId::from_raw(1),
                    name: Line::parse(name).unwrap(),
                    role: Line::parse(if n == 3 { "GP" } else { "Nurse" }).unwrap(),
                    organisation: OrganisationId::from_raw(1),
                    membership: Membership::Core,
                    phone: None,
                    email: None,
                    left_on: None,
                },
            })
            .collect()
    }

    fn read_one(line: &str) -> Captured {
        read(line, &team(), Day::from_iso("2026-11-26").unwrap(), Day::from_iso("2026-12-10"))
    }

    #[test]
    fn owner_and_day_are_found_wherever_they_stand() {
        let id = |n| Owner::One(MemberId::from_raw(n));
        for (line, what, owner, due) in [
            ("Refer to night-sitting pilot @pat +2w", "Refer to night-sitting pilot", id(0), Some("2026-12-10")),
            ("Ring Ruth fri @priya", "Ring Ruth", id(1), Some("2026-11-27")),
            ("@gp Review tablets by 10 dec", "Review tablets", id(3), Some("2026-12-10")),
            ("Visit at 10 @okoro next", "Visit at 10", id(0), Some("2026-12-10")),
            ("Visit at 10 @okoro", "Visit at 10", id(0), None),
            ("Order chair @wojcik 2 weeks", "Order chair", id(4), Some("2026-12-10")),
            ("Write to both @nobody", "Write to both", Owner::Nobody("nobody".into()), None),
        ] {
            let got = read_one(line);
            assert_eq!((got.what.as_str(), got.owner, got.due.map(Day::iso).as_deref()), (what, owner, due), "{line}");
        }
        assert!(matches!(read_one("Ring @patel").owner, Owner::Several(ids) if ids.len() == 2));
    }

    #[test]
    fn an_action_is_never_made_without_owner_or_words() {
        let today = Day::from_iso("2026-11-26").unwrap();
        for line in [
            "",
            "@pat",
            "Ring Ruth",
            "Ring Ruth @zz",
            "Ring @patel",
            "Ring Ruth @pat 01/01/2020",
            "Ring Ruth @pat 31/2",
            "Chase it @pat +3d if dry",
        ] {
            assert!(read_one(line).complete(today, today).is_err(), "{line}");
        }
        assert_eq!(read_one("Ring Ruth @pat").complete(today.plus(14), today).unwrap().due, today.plus(14));
    }
}
