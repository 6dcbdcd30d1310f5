//! Whoever is written about is whoever was on the screen: random keys on people's pages, while another process adds people,
//! renames them and takes them off the list.

use mdt::domain::change::{Mint, add, alter};
use mdt::domain::id::PersonId;
use mdt::domain::person::{Person, Standing};
use mdt::store::log::Stamp;
use mdt::store::{Deed, Reader, Store};
use mdt::ui::msg::Msg;

use super::kit::{self, Desk, noon};
use super::report::Family;
use super::world::{Dice, line};

/// What somebody does at a page or a list.
const SCRIPTS: [&str; 12] = [
    "wSun<enter>",
    "wTolu<enter>",
    "wPri<enter>",
    "b<right>Seen at home<f2>",
    "b<right><right>Better now<f2>",
    "sinformed<enter>",
    "sagreed<enter>",
    "jjj<enter>",
    "<tab><tab>aWords<tab>more<f2>",
    "m<enter>",
    "jj<tab>a<enter>",
    "u<enter>",
];

/// The other process.
struct Others {
    store: Store,
    reader: Reader,
    mint: Mint,
    stamp: Stamp,
}

impl Others {
    fn new(desk: &Desk, salt: u32) -> Self {
        let (store, reader) = desk.second_session();
        let stamp = Stamp { actor: "Pat Okoro".to_owned(), ..kit::stamp() };
        Self { store, reader, mint: Mint::new(noon(), salt), stamp }
    }

    /// Adds somebody at the head of the list, or alters one of those who are there.
    fn act(&mut self, n: usize, dice: &mut Dice) {
        let team = self.reader.teams().unwrap()[0].id;
        let people: Vec<PersonId> = self.reader.active_ids(team).unwrap();
        let seen = self.reader.get::<Person>(people[dice.throw(people.len())]).unwrap().unwrap();
        let change = match dice.throw(4) {
            0 | 1 => add(self.mint.mint(), Person::new(team, line(&format!("Aa{n}")), line("Zoe"))),
            2 if seen.nhs_number.is_some() => alter(&seen, |it| it.forename = line(&format!("Anna{n}"))),
            3 if people.len() > 40 => alter(&seen, |it| it.standing = Standing::Moved),
            _ => alter(&seen, |it| it.phone = Some(line(&format!("01632 96{n:04}")))),
        };
        self.store.commit(&self.stamp, &Deed::change("Work elsewhere"), &[change]).unwrap();
    }
}

/// The keys of a script, one by one.
fn keys(script: &str) -> Vec<String> {
    let (mut rest, mut out) = (script, Vec::new());
    while let Some(c) = rest.chars().next() {
        let key = match rest.strip_prefix('<').and_then(|tail| tail.split_once('>')) {
            Some((name, _)) => format!("<{name}>"),
            None => c.to_string(),
        };
        rest = &rest[key.len()..];
        out.push(key);
    }
    out
}

#[test]
fn whoever_is_written_about_was_on_the_screen() {
    let family = Family::begin("id");
    let mut dice = Dice::new(family.seed);
    let (sequences, mut writes, mut elsewhere) = (kit::times(40, 5_000), 0, 0);
    let mut desk = kit::demo();
    let mut others = Others::new(&desk, 77);
    for n in 0..sequences {
        if n % 20 == 19 {
            desk = kit::demo();
            others = Others::new(&desk, 77 + n);
        }
        let down = "j".repeat(dice.throw(12));
        let script = format!("2{down}<enter>{}", SCRIPTS[dice.throw(SCRIPTS.len())]);
        let mut seen = others.reader.head().unwrap().seq;
        for key in keys(&script) {
            if dice.throw(4) == 0 {
                others.act(usize::try_from(n).unwrap() * 100 + elsewhere, &mut dice);
                elsewhere += 1;
                seen += 1;
                // Told at once, later or not at all: the file system takes its time.
                if dice.throw(2) == 0 {
                    desk.session.take(Msg::Foreign);
                }
            }
            let before = desk.screen();
            desk.keys(&key);
            let head = others.reader.head().unwrap().seq;
            for step in seen + 1..=head {
                let Some(person) = others.reader.step_subject(step).unwrap() else { continue };
                // What is taken back was done before, maybe for somebody else: its card names them by name.
                let number = person.nhs_number.filter(|_| !script.contains("u<")).map(|number| number.to_string());
                let shown = before.contains(&person.surname.to_string().to_uppercase())
                    && number.is_none_or(|number| before.contains(&number));
                assert!(shown, "seed {}: {key} of {script} wrote about somebody else:\n{before}", family.seed);
                writes += 1;
            }
            seen = head;
        }
        desk.keys("<esc><esc><esc>");
        if desk.screen().contains("Give up") {
            desk.keys("<enter><esc><esc>");
        }
    }
    assert!(writes * 5 > sequences && elsewhere > 20, "{writes} written, {elsewhere} elsewhere");
    family.done(u64::from(sequences), 0, &format!("{writes} times written, {elsewhere} times elsewhere meanwhile"));
}

/// The control: a save that goes by the place in the list writes about somebody else.
#[test]
fn saving_by_place_would_write_about_somebody_else() {
    let desk = kit::demo();
    let (mut others, mut dice) = (Others::new(&desk, 9), Dice::new(kit::seed()));
    let list = |reader: &Reader| {
        let team = reader.teams().unwrap()[0].id;
        let mut people: Vec<(String, PersonId)> = reader
            .active_ids(team)
            .unwrap()
            .into_iter()
            .map(|id| (reader.get::<Person>(id).unwrap().unwrap().surname.to_string(), id))
            .collect();
        people.sort();
        people
    };
    let mut wrong = 0;
    for n in 0..40 {
        let before = list(&others.reader);
        let place = dice.throw(before.len());
        others.act(n, &mut dice);
        let after = list(&others.reader);
        wrong += u32::from(after.get(place).is_none_or(|it| it.1 != before[place].1));
    }
    assert!(wrong > 0, "the trial is blind: nothing moved in 40 changes");
}
