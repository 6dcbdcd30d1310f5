//! The card by which something leaves: what, for whom, in which format; and the question with what it gives away.

use crate::domain::Word as _;
use crate::domain::change::RecordId as _;
use crate::exchange::output::Format;
use crate::exchange::output::outgoing::{Order, Paper};
use crate::exchange::output::recipient::{Audience, Reach, Recipient};
use crate::exchange::output::xlsx::Sheets;
use crate::store::action::ActionFilter;

use super::effect::{Effect, Export};
use super::model::Model;
use super::overlays::confirm::Confirm;
use super::overlays::form::{Answers, Form, FormError};
use super::screens;

/// What may be sent from the room that opened the card.
#[derive(Clone, Debug, PartialEq)]
pub struct Purpose {
    papers: Vec<(Paper, &'static str)>,
}

/// The answer for somebody who keeps the free text.
const CLEARED: &str = "cleared";

/// The card, with the first of the papers chosen; of an action log, whether closed actions are in it.
pub(in crate::ui) fn card(
    model: &Model,
    title: impl Into<String>,
    subject: impl Into<String>,
    papers: Vec<(Paper, &'static str)>,
    closed_too: bool,
) -> Form {
    let formats = |paper: &Paper| paper.formats().iter().map(|it| (it.code().to_owned(), it.label().to_owned()));
    let mut offered: Vec<(String, String)> = Vec::new();
    for format in papers.iter().flat_map(|(paper, _)| formats(paper)) {
        if !offered.contains(&format) {
            offered.push(format);
        }
    }
    // Where the papers differ in it, each has the format that suits it unless one is chosen.
    let mut firsts = papers.iter().filter_map(|(paper, _)| paper.formats().first());
    let alike = firsts.next().is_none_or(|first| firsts.all(|it| it == first));
    let usual = if alike { offered.first().map(|(code, _)| code.clone()).unwrap_or_default() } else { String::new() };
    if !alike {
        offered.insert(0, (String::new(), "the usual one for it".to_owned()));
    }
    let named = papers.iter().enumerate().map(|(n, (_, name))| (n.to_string(), (*name).to_owned())).collect();
    let several = papers.len() > 1;
    let about_actions = papers.iter().any(|(paper, _)| matches!(paper, Paper::Actions(_)));
    let mut form = Form::new(title, subject, screens::Purpose::Send(Purpose { papers }))
        .verb("write")
        .intro("A file in the folder exports beside this one, for you alone to open. What it names, keep as you keep the record.");
    if several {
        form = form.choice("paper", "What", named, "0");
    }
    form =
        form.choice("for", "For", recipients(model), Audience::Full.code()).choice("format", "Format", offered, &usual);
    if about_actions {
        let closed =
            [("", "left out"), ("yes", "written too")].map(|(value, label)| (value.to_owned(), label.to_owned()));
        let now = if closed_too { "yes" } else { "" };
        form =
            form.choice("closed", "Closed actions", closed.to_vec(), now).word("sheets", "Excel sheets", Sheets::One);
    }
    form
}

fn recipients(model: &Model) -> Vec<(String, String)> {
    let mut out = vec![(Audience::Full.code().to_owned(), Audience::Full.label().to_owned())];
    let organisations = model.organisation_options().into_iter();
    out.extend(
        organisations
            .map(|(id, name)| (format!("o{}", id.raw()), format!("only {name}: the people it has to do with"))),
    );
    let owners = model.member_options().into_iter();
    out.extend(owners.map(|(id, name)| (format!("m{}", id.raw()), format!("only {name}: their own actions"))));
    let without = Audience::Pseudonymised.code().to_owned();
    out.push((without, "pseudonymised, free text left out".to_owned()));
    out.push((CLEARED.to_owned(), "pseudonymised, free text kept – I have read all of it".to_owned()));
    out.push((Audience::Numbers.code().to_owned(), Audience::Numbers.label().to_owned()));
    out
}

/// Whom an answer means.
fn recipient(model: &Model, answer: &str) -> Option<Recipient> {
    let of = |letter: char| answer.strip_prefix(letter).and_then(|id| id.parse::<i64>().ok());
    if let Some(organisation) = of('o').and_then(|id| model.organisations.iter().find(|it| it.id.raw() == id)) {
        return Some(Recipient::organisation(organisation));
    }
    if let Some(member) = of('m').and_then(|id| model.members.iter().find(|it| it.id.raw() == id)) {
        return Some(Recipient::owner(member));
    }
    match (answer == CLEARED, Audience::from_code(answer)) {
        (true, _) => Some(Recipient::Pseudonymised { cleared: true }),
        (false, Some(Audience::Pseudonymised)) => Some(Recipient::Pseudonymised { cleared: false }),
        (false, Some(Audience::Numbers)) => Some(Recipient::Numbers),
        (false, Some(Audience::Full)) => Some(Recipient::Full),
        (false, Some(Audience::Organisation | Audience::Owner) | None) => None,
    }
}

/// Saves the card: the order, which the runtime carries out.
pub(in crate::ui) fn save(model: &Model, purpose: &Purpose, answers: &Answers<'_>) -> Result<Vec<Effect>, FormError> {
    let chosen: usize = answers.text("paper").parse().unwrap_or(0);
    let gone = || FormError::at("for", "This is not there any more. Choose again.");
    let (mut paper, _) = purpose.papers.get(chosen).cloned().ok_or_else(gone)?;
    if let Paper::Actions(filter) = paper {
        paper = Paper::Actions(ActionFilter { live_only: answers.text("closed") != "yes", ..filter });
    }
    let recipient = recipient(model, &answers.text("for")).ok_or_else(gone)?;
    let usual = paper.formats().first().copied().unwrap_or(Format::Markdown);
    let format: Format = answers.chosen_word("format").unwrap_or(usual);
    let sheets = answers.chosen_word("sheets").unwrap_or(Sheets::One);
    // All of it, for the team: there is nothing to look at first.
    let agreed = recipient == Recipient::Full && !matches!(paper, Paper::Slips(_));
    let order = Order { paper, recipient, format, sheets };
    order.check().map_err(|why| FormError::at("format", why.to_string()))?;
    Ok(vec![Effect::Export(Box::new(Export { order, agreed }))])
}

/// What is asked before a cut document leaves.
pub(in crate::ui) fn question(export: Export, reaches: &[Reach]) -> Confirm {
    let title = format!("Write the {}?", export.order.paper.kind());
    let body = match reaches {
        [one] => one.lines().join("\n"),
        several => {
            let whom = several.iter().map(|reach| {
                let out = match reach.withheld_people() {
                    0 => String::new(),
                    n => format!(", {n} left out"),
                };
                format!("{} · {} people{out}", reach.recipient, reach.people.len())
            });
            whom.collect::<Vec<_>>().join("\n")
        }
    };
    Confirm::effects(title, body, "write", vec![Effect::Export(Box::new(Export { agreed: true, ..export }))])
}
