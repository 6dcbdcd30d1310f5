//! A team of invented people for trying things out: *Elm Grove MDT*, with a past, and a meeting due today.
//!
//! Everything is written through [`Store::commit`] in the order and on the days it is said to have happened, so that the
//! history of a demo file reads like that of a real one. The texts are in `assets/demo`; nobody in them exists.

mod book;
mod dice;
mod meetings;
mod people;
mod script;

use crate::clock::Now;
use crate::domain::Word;
use crate::domain::change::add;
use crate::domain::member::{Member, Membership};
use crate::domain::organisation::{Organisation, OrganisationKind};
use crate::domain::team::Team;
use crate::store::fault::Fault;
use crate::store::log::Stamp;
use crate::store::{Deed, Store};

use book::{Book, Diary, line, note, word};
use script::TeamScript;

/// The seed where none is given.
pub const SEED: u64 = 2_026;
/// The day the team began to use its file, counted from today.
const BEGAN: i64 = -118;
/// The member who prepares everything.
const NAVIGATOR: &str = "bethan";

/// Fills an empty demo file. The same seed and day give the same records.
///
/// # Errors
/// Any fault of the file. What was written until then stays; the caller throws the file away.
pub fn build(store: &mut Store, seed: u64, now: Now) -> Result<(), Fault> {
    let mut book = Book::new(store, seed, now);
    let team: TeamScript = read(include_str!("../../assets/demo/team.toml"))?;
    let people = people::cast(seed)?;
    let meetings = read(include_str!("../../assets/demo/meetings.toml"))?;
    let mut diary = Diary::new();
    diary.on(BEGAN, 9 * 60, |book| found(book, &team));
    people::tell(&mut diary, &people);
    meetings::tell(&mut diary, &meetings, &people.people);
    diary.play(&mut book)
}

/// When and by whom a demo file made at `now` was made, as its first step says: before anything else in it.
pub fn made(now: Now) -> Stamp {
    Stamp { at: book::moment_of(now, BEGAN, 8 * 60 + 50).iso(), actor: "Bethan Rees".to_owned() }
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Fault> {
    toml::from_str(text)
        .map_err(|error| Fault::Other { code: -10, what: format!("the texts of the demo cannot be read: {error}") })
}

/// The team, its organisations and its members.
fn found(book: &mut Book<'_>, script: &TeamScript) -> Result<(), Fault> {
    let mut team = Team::new(line(&script.team.name)?);
    team.purpose = Some(note(&script.team.purpose)?);
    team.place = Some(line(&script.team.place)?);
    let id = book.mint.mint();
    book.team = Some(id);
    book.place = team.place.clone();
    book.name_of_navigator(&script.member, NAVIGATOR);
    book.step(NAVIGATOR, Deed::change("Add team"), &[add(id, team)])?;
    let mut changes = Vec::new();
    for entry in &script.organisation {
        let organisation = book.mint.mint();
        book.organisations.insert(entry.key.clone(), organisation);
        let kind: OrganisationKind = word(&entry.kind)?;
        let code = entry.code.as_deref().map(line).transpose()?;
        changes.push(add(organisation, Organisation { name: line(&entry.name)?, kind, code }));
    }
    for entry in &script.member {
        let member = book.mint.mint();
        book.members.insert(entry.key.clone(), (member, entry.name.clone()));
        let email = entry.name.trim_start_matches("Dr ").trim_start_matches("PC ").to_lowercase().replace(' ', ".");
        changes.push(add(
            member,
            Member {
                team: id,
                name: line(&entry.name)?,
                role: line(&entry.role)?,
                organisation: book.organisation(&entry.organisation)?,
                membership: Membership::from_code(&entry.membership).unwrap_or(Membership::Core),
                phone: Some(line(&entry.phone)?),
                email: Some(line(&format!("{email}@example.org"))?),
                left_on: None,
            },
        ));
    }
    book.step(NAVIGATOR, Deed::change("Add members"), &changes)
}

#[cfg(test)]
mod tests;
