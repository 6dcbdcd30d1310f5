//! A file that is open to read only: what can be done then, and how the screen says so.
//!
//! What is not on the list is refused with the reason before a card opens: nobody types for minutes what can never be
//! saved. A command that is new is refused until somebody puts it here; what slipped through, the store refuses.

use crate::store::reading::OnlyRead;

use super::command::{
    ActionsCommand, AgendaCommand, CaseloadCommand, Command, FormCommand, GlobalCommand, HomeCommand, ListsCommand,
    MattersCommand, MinutesCommand, PasteCommand, PersonCommand, RollCommand, WalkCommand,
};
use super::model::Model;

/// What only looks.
const LOOKS: &[Command] = &[
    Command::Global(GlobalCommand::Home),
    Command::Global(GlobalCommand::Caseload),
    Command::Global(GlobalCommand::Agenda),
    Command::Global(GlobalCommand::Meeting),
    Command::Global(GlobalCommand::Actions),
    Command::Global(GlobalCommand::Minutes),
    Command::Global(GlobalCommand::Team),
    Command::Global(GlobalCommand::Lists),
    Command::Global(GlobalCommand::Help),
    Command::Global(GlobalCommand::Palette),
    Command::Global(GlobalCommand::Mask),
    Command::Global(GlobalCommand::Back),
    Command::Global(GlobalCommand::Exports),
    Command::Global(GlobalCommand::Theme),
    Command::Global(GlobalCommand::Lock),
    Command::Global(GlobalCommand::Quit),
    Command::Global(GlobalCommand::Suspend),
    Command::Home(HomeCommand::Open),
    Command::Home(HomeCommand::Start),
    Command::Home(HomeCommand::Search),
    Command::Caseload(CaseloadCommand::Open),
    Command::Caseload(CaseloadCommand::Search),
    Command::Caseload(CaseloadCommand::Filter),
    Command::Caseload(CaseloadCommand::Sort),
    Command::Person(PersonCommand::NextSection),
    Command::Person(PersonCommand::PreviousSection),
    Command::Agenda(AgendaCommand::Side),
    Command::Agenda(AgendaCommand::Other),
    Command::Agenda(AgendaCommand::Person),
    Command::Matters(MattersCommand::Previous),
    Command::Roll(RollCommand::Next),
    Command::Matters(MattersCommand::Next),
    Command::Walk(WalkCommand::Roll),
    Command::Walk(WalkCommand::Matters),
    Command::Walk(WalkCommand::Person),
    Command::Actions(ActionsCommand::Filter),
    Command::Actions(ActionsCommand::Mine),
    Command::Actions(ActionsCommand::Person),
    Command::Minutes(MinutesCommand::Open),
    Command::Minutes(MinutesCommand::Paste),
    Command::Paste(PasteCommand::Read),
    Command::Lists(ListsCommand::Open),
    Command::Form(FormCommand::Save),
    Command::Form(FormCommand::Next),
    Command::Form(FormCommand::Previous),
    Command::Form(FormCommand::Cancel),
];

/// Whether a command can run now, and why not: its own gate, and whether the file may be written.
pub(super) fn gate(model: &Model, command: Command) -> Result<(), String> {
    // Who has not said who they are would be asked, and the answer kept in the file.
    let nobody = command == Command::Actions(ActionsCommand::Mine) && model.me().is_none();
    let looks = (matches!(command, Command::List(_)) || LOOKS.contains(&command)) && !nobody;
    match &model.only_read {
        Some(why) if !looks => Err(sentence(why)),
        _ => command.gate(model.facts()).map_err(str::to_owned),
    }
}

/// What the screen says first.
pub(super) fn sentence(why: &OnlyRead) -> String {
    format!("{why} It can be read here; nothing can be changed, and nothing can leave.")
}

/// The badge of the top bar.
pub(super) fn badge(model: &Model) -> &'static str {
    match &model.only_read {
        None => "",
        Some(OnlyRead::Damaged) => " READ ONLY – DAMAGED ",
        Some(
            OnlyRead::Asked | OnlyRead::NoWriting | OnlyRead::Share(_) | OnlyRead::Cloud(_) | OnlyRead::Newer { .. },
        ) => " READ ONLY ",
    }
}
