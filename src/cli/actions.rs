//! `mdt actions`: the action log.

use crate::domain::change::Record;
use crate::domain::member::Member;
use crate::domain::text::displayable;
use crate::exchange::output::Format;
use crate::exchange::output::outgoing::Paper;
use crate::exchange::output::xlsx::Sheets;
use crate::store::action::ActionFilter;

use super::papers::Sending;
use super::{Arguments, Desk, Failure, outgoing};

/// What `mdt actions` can be told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  mdt actions --overdue\n  mdt actions --owner shah --format md\n  mdt actions --all --format xlsx\n  mdt actions --overdue -o -\n  mdt actions --for \"owner:shah\" --format ics"
)]
pub struct ActionsArgs {
    /// Only those agreed at this meeting: `latest`, or its day.
    #[arg(long, value_name = "latest|DATE")]
    meeting: Option<String>,
    /// Only this owner's: a name, or its beginning.
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Only those still to be done and past their day.
    #[arg(long)]
    overdue: bool,
    /// Those done, not done and withdrawn too.
    #[arg(long, conflicts_with = "overdue")]
    all: bool,
    /// In Excel: one sheet, or one more for each owner or each organisation.
    #[arg(long, value_name = "one|owner|organisation", default_value = "one", value_parser = outgoing::word::<Sheets>)]
    sheets: Sheets,
    #[command(flatten)]
    sending: Sending,
}

/// Writes the action log.
pub(super) fn run(arguments: &Arguments, args: &ActionsArgs) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    let today = desk.now().today;
    let meeting = match &args.meeting {
        Some(wanted) => {
            let latest = desk.reader.latest_meeting(desk.team.id)?;
            Some(outgoing::meeting(&desk, wanted, "latest", latest)?.id)
        }
        None => None,
    };
    let filter = ActionFilter {
        meeting,
        live_only: !args.all,
        owner: args.owner.as_deref().map(|name| owner(&desk, name)).transpose()?.map(|member| member.id),
        due_before: args.overdue.then_some(today),
        ..ActionFilter::default()
    };
    args.sending.send_in(&mut desk, Paper::Actions(filter), Format::Csv, args.sheets).map(drop)
}

/// The one member the name means.
fn owner(desk: &Desk, name: &str) -> Result<Record<Member>, Failure> {
    let members = desk.reader.members(desk.team.id)?;
    let exact = |member: &&Record<Member>| member.name.as_str().eq_ignore_ascii_case(name.trim());
    let mut answering: Vec<&Record<Member>> = members.iter().filter(exact).collect();
    if answering.is_empty() {
        answering = members.iter().filter(|member| member.answers_to(name.trim())).collect();
    }
    match answering.as_slice() {
        [one] => Ok((*one).clone()),
        several => {
            let choices: Vec<&str> = if several.is_empty() {
                members.iter().map(|member| member.value.name.as_str()).collect()
            } else {
                several.iter().map(|member| member.value.name.as_str()).collect()
            };
            let name = displayable(name);
            Err(Failure::Refused(if several.is_empty() {
                format!("Nobody of this team is called “{name}”. Its members are: {}.", choices.join(", "))
            } else {
                format!("“{name}” may mean several: {}. Write more of the name.", choices.join(", "))
            }))
        }
    }
}
