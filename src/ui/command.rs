//! THE table: every command, its keys, its words, its gate.
//!
//! Keymap, footer, help, palette, `docs/commands.md` and the names in the configuration are folds over it.
//! Handling is an exhaustive match in the room that owns the scope. To add a command: one row here, then
//! the arm the compiler asks for.

use super::facts::{Facts, Gate, gate};

/// One row of the table.
#[derive(Debug)]
pub struct Spec {
    /// The command.
    pub command: Command,
    /// Where it works.
    pub scope: Scope,
    /// Its name: `noun.verb`.
    pub name: &'static str,
    /// Its default keys.
    pub keys: &'static [&'static str],
    /// What the palette and the help call it.
    pub title: &'static str,
    /// What the footer calls it; empty if the footer does not show it.
    pub hint: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// Whether it can run now, and why not.
    pub gate: Gate,
}

macro_rules! commands {
    ($( $(#[doc = $scope_doc:literal])+ $scope:ident ($title:literal) as $enum:ident {
        $( #[doc = $doc:literal] $variant:ident = $name:literal [$($key:literal),*] $label:literal, $hint:literal, $gate:ident; )*
    } )*) => {
        /// Where a command works.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Scope { $( $(#[doc = $scope_doc])+ $scope, )* }

        impl Scope {
            /// Every scope, in reading order.
            pub const ALL: &'static [Scope] = &[ $( Scope::$scope, )* ];

            /// What a heading calls it.
            pub fn title(self) -> &'static str {
                match self { $( Scope::$scope => $title, )* }
            }

            /// What works there, in a sentence.
            pub fn doc(self) -> &'static str {
                match self { $( Scope::$scope => concat!($($scope_doc),+), )* }
            }
        }

        $(
            $(#[doc = $scope_doc])+
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub enum $enum { $( #[doc = $doc] $variant, )* }
        )*

        /// Every command.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Command { $( #[doc = concat!("A command of ", $title, ".")] $scope($enum), )* }

        /// The table.
        pub static COMMANDS: &[Spec] = &[ $( $( Spec {
            command: Command::$scope($enum::$variant),
            scope: Scope::$scope,
            name: $name,
            keys: &[$($key),*],
            title: $label,
            hint: $hint,
            doc: $doc,
            gate: gate::$gate,
        }, )* )* ];
    };
}

commands! {
    /// Works everywhere but while typing.
    Global ("Everywhere") as GlobalCommand {
        #[doc = " Opens Home: the next meeting and what needs attention."]
        Home = "screen.home" ["1"] "Home", "", always;
        #[doc = " Opens the caseload."]
        Caseload = "screen.caseload" ["2"] "Caseload", "", always;
        #[doc = " Opens the agenda of the next meeting."]
        Agenda = "screen.agenda" ["3"] "Agenda", "", always;
        #[doc = " Opens the meeting: roll call, matters arising, the walk."]
        Meeting = "screen.meeting" ["4"] "Meeting", "", always;
        #[doc = " Opens every action of every meeting."]
        Actions = "screen.actions" ["5"] "Actions", "", always;
        #[doc = " Opens the minutes of every meeting."]
        Minutes = "screen.minutes" ["6"] "Minutes", "", always;
        #[doc = " Opens the team: its members, organisations and rules."]
        Team = "screen.team" ["8"] "Team", "", always;
        #[doc = " Opens the lists: takes in caseload, nominations, members, activity and services, and shows what waits."]
        Lists = "screen.lists" ["9"] "Lists: import one, or look at what waits", "", always;
        #[doc = " Tells what was done to the records of the whole file, newest first."]
        History = "history.open" [] "History of the whole file", "", always;
        #[doc = " Shows the keys that work here."]
        Help = "help.show" ["?", "f1"] "Help", "", always;
        #[doc = " Finds any command by its name."]
        Palette = "palette.open" [":", "ctrl-p"] "Commands", "", always;
        #[doc = " Takes back your last change, after saying which."]
        Undo = "step.undo" ["u"] "Undo", "", always;
        #[doc = " Does again what was taken back last, after saying what."]
        Redo = "step.redo" ["U", "ctrl-r"] "Redo", "", always;
        #[doc = " Hides or shows identifiers on the shared screen."]
        Mask = "screen.mask" ["x"] "Mask identifiers", "", always;
        #[doc = " Goes back: clears a filter, closes a page."]
        Back = "screen.back" ["esc"] "Back", "", always;
        #[doc = " Says which member you are, so that actions can be yours and steps carry your name."]
        Me = "session.me" [] "I am …", "", always;
        #[doc = " Opens the folder exports, where written documents are, in a window of the desktop."]
        Exports = "exports.open" [] "Open the exports folder", "", always;
        #[doc = " Makes a copy of the file now, tries it whole, and says where it is."]
        Backup = "backup.make" [] "Make a copy now", "", always;
        #[doc = " Changes the colours: dark, light, high contrast, none."]
        Theme = "screen.theme" [] "Next theme", "", always;
        #[doc = " Locks the screen: it shows nothing until the passphrase is typed."]
        Lock = "screen.lock" ["ctrl-l"] "Lock the screen", "", always;
        #[doc = " Sets after how many minutes without a key the screen locks itself."]
        LockAfter = "lock.minutes" [] "Lock after … minutes", "", always;
        #[doc = " Leaves mdt; asks first if something is unsaved."]
        Quit = "program.quit" ["q", "ctrl-c"] "Quit", "", always;
        #[doc = " Puts mdt to sleep and gives the shell back (Unix)."]
        Suspend = "program.suspend" ["ctrl-z"] "Suspend", "", always;
    }
    /// Works in every list.
    List ("Lists") as ListCommand {
        #[doc = " One row down."]
        Down = "list.down" ["j", "down"] "Down", "", always;
        #[doc = " One row up."]
        Up = "list.up" ["k", "up"] "Up", "", always;
        #[doc = " One page down."]
        PageDown = "list.page_down" ["pgdn", "ctrl-f"] "Page down", "", always;
        #[doc = " One page up."]
        PageUp = "list.page_up" ["pgup", "ctrl-b"] "Page up", "", always;
        #[doc = " To the first row."]
        Top = "list.top" ["g", "home"] "First row", "", always;
        #[doc = " To the last row."]
        Bottom = "list.bottom" ["G", "end"] "Last row", "", always;
    }
    /// The first screen.
    Home ("Home") as HomeCommand {
        #[doc = " Goes to what the selected line is about."]
        Open = "home.open" ["enter", "l", "right"] "Open", "open", always;
        #[doc = " Opens the meeting that is due or live."]
        Start = "home.meeting" ["m"] "Go to the meeting", "meeting", always;
        #[doc = " Opens the caseload with the search line ready."]
        Search = "home.search" ["/"] "Find a person", "find a person", always;
    }
    /// The table of people.
    Caseload ("Caseload") as CaseloadCommand {
        #[doc = " Opens the person's page."]
        Open = "caseload.open" ["enter", "l", "right"] "Open the person", "open", selected;
        #[doc = " Searches names and NHS numbers as you type."]
        Search = "caseload.search" ["/"] "Search", "search", always;
        #[doc = " Narrows the list: band, practice, no key worker, review due, overdue actions, not active."]
        Filter = "caseload.filter" ["f"] "Filter", "filter", always;
        #[doc = " Sorts by the next column."]
        Sort = "caseload.sort" ["s"] "Sort", "sort", always;
        #[doc = " Puts the person on the next agenda."]
        ToAgenda = "caseload.to_agenda" ["a"] "Put on the agenda", "", selected;
        #[doc = " Adds a person to the caseload."]
        Add = "caseload.add" ["n"] "New person", "", always;
        #[doc = " Records that somebody asked to discuss this person."]
        Nominate = "caseload.nominate" ["o"] "Nominate", "", selected;
    }
    /// One person's page.
    Person ("Person") as PersonCommand {
        #[doc = " Edits the selected part of the page."]
        Edit = "person.edit" ["enter", "e"] "Edit this part", "edit", selected;
        #[doc = " Adds to the selected part: a goal, a carer, an action, an objection."]
        Add = "person.add" ["a"] "Add to this part", "add", selected;
        #[doc = " Goes to the next section of the page."]
        NextSection = "person.next_section" ["tab"] "Next section", "", always;
        #[doc = " Goes to the section before."]
        PreviousSection = "person.previous_section" ["backtab"] "Section before", "", always;
        #[doc = " Names or changes the key worker."]
        KeyWorker = "person.key_worker" ["w"] "Key worker", "key worker", always;
        #[doc = " Changes the band, with a reason."]
        Band = "person.band" ["b"] "Change band", "", always;
        #[doc = " Records the sharing basis."]
        Sharing = "person.sharing" ["s"] "Sharing basis", "", always;
        #[doc = " Records that somebody asked to discuss this person."]
        Nominate = "person.nominate" ["o"] "Nominate", "", always;
        #[doc = " Puts the person on the next agenda."]
        ToAgenda = "person.to_agenda" ["m"] "Put on the agenda", "on agenda", always;
        #[doc = " Marks the selected action done, not done or withdrawn."]
        CloseAction = "person.close_action" ["d"] "Close the action", "", selected;
        #[doc = " Tells what was done to this person's records, and who looked at them."]
        History = "person.history" ["h"] "History of this person", "", always;
        #[doc = " Takes the person off the active caseload, with a reason, or back on."]
        Standing = "person.standing" [] "On or off the caseload", "", always;
        #[doc = " Places a legal hold on the record, or lifts the one that stands: while one does, it cannot be erased."]
        Hold = "person.hold" [] "Legal hold: place or lift", "", always;
    }
    /// Candidates on the left, the agenda on the right.
    Agenda ("Agenda") as AgendaCommand {
        #[doc = " Takes the selected candidate onto the agenda, or opens the selected item."]
        Take = "agenda.take" ["enter"] "Take onto the agenda", "take / edit", selected;
        #[doc = " Goes to the other side: candidates or agenda."]
        Side = "agenda.side" ["tab", "left", "right"] "Other side", "other side", always;
        #[doc = " Adds anybody from the caseload."]
        Find = "agenda.find" ["/", "a"] "Add a person", "add a person", open_agenda;
        #[doc = " Adds a standing item with a title."]
        Standing = "agenda.standing" ["s"] "Add a standing item", "", open_agenda;
        #[doc = " Moves the item up."]
        Earlier = "agenda.earlier" ["K"] "Earlier", "", agenda_row;
        #[doc = " Moves the item down."]
        Later = "agenda.later" ["J"] "Later", "move down", agenda_row;
        #[doc = " Sets minutes, lead, question and disciplines of the item."]
        Edit = "agenda.edit" ["e"] "Edit the item", "", agenda_row;
        #[doc = " Takes the item off the agenda."]
        Remove = "agenda.remove" ["d"] "Take off", "take off", agenda_row;
        #[doc = " Plans a meeting for a day."]
        Plan = "agenda.plan" ["n"] "Plan a meeting", "", always;
        #[doc = " Changes the day, time, place, chair and minute-taker."]
        Meeting = "agenda.meeting" ["t"] "Edit the meeting", "", planned;
        #[doc = " Shows the next or the one after: another planned meeting."]
        Other = "agenda.other" ["o"] "Another meeting", "", always;
        #[doc = " Writes the agenda, the preparation pack or summaries as a file, for whom you choose."]
        Export = "agenda.export" ["p"] "Export the agenda", "", meeting;
        #[doc = " Cancels the meeting; its people become candidates again."]
        Cancel = "agenda.cancel" [] "Cancel the meeting", "", planned;
        #[doc = " Opens the person's page."]
        Person = "agenda.person" ["v"] "Open the person", "", selected;
    }
    /// Roll call: who is here.
    Roll ("Meeting · roll call") as RollCommand {
        #[doc = " Marks the member as in the room, or not."]
        Toggle = "roll.toggle" ["enter", "space"] "Here / not here", "here", live_row;
        #[doc = " Marks the member as joining from elsewhere."]
        Remote = "roll.remote" ["r"] "Remote", "remote", live_row;
        #[doc = " Records apologies."]
        Apologies = "roll.apologies" ["a"] "Apologies", "apologies", live_row;
        #[doc = " Names the chair."]
        Chair = "roll.chair" ["h"] "Chair", "", live_row;
        #[doc = " Names the minute-taker."]
        MinuteTaker = "roll.minute_taker" ["t"] "Minute-taker", "", live_row;
        #[doc = " Adds a guest who is not yet a member."]
        Guest = "roll.guest" ["i"] "Add somebody", "", live;
        #[doc = " Opens the meeting, or goes on to matters arising."]
        Next = "roll.next" ["n"] "Go on", "go on", meeting;
    }
    /// Open actions of earlier meetings.
    Matters ("Meeting · matters arising") as MattersCommand {
        #[doc = " Closes the action: done, not done with a reason, or withdrawn."]
        Close = "matters.close" ["enter"] "Close the action", "close", live_selected;
        #[doc = " Marks the action done."]
        Done = "matters.done" ["d"] "Done", "done", live_selected;
        #[doc = " Goes on to the walk."]
        Next = "matters.next" ["n"] "Go on", "go on to the walk", live;
        #[doc = " Back to roll call."]
        Previous = "matters.previous" ["p"] "Back to roll call", "back", live;
    }
    /// The walk: one person at a time.
    Walk ("Meeting · the walk") as WalkCommand {
        #[doc = " Adds an action in one line: what, @owner, a day."]
        Action = "walk.action" ["a"] "Add an action", "action", live;
        #[doc = " Writes the update: what was said."]
        Update = "walk.update" ["e"] "Write the update", "update", live_person;
        #[doc = " Reads back what was agreed and goes to the next person."]
        Next = "walk.next" ["n"] "Read back, next person", "next", live;
        #[doc = " Writes the situation."]
        Situation = "walk.situation" ["i"] "Write the situation", "", live_person;
        #[doc = " Writes the next steps in words, beside the actions."]
        Steps = "walk.steps" ["s"] "Write the next steps", "", live_person;
        #[doc = " Names the key worker."]
        KeyWorker = "walk.key_worker" ["w"] "Key worker", "", live_person;
        #[doc = " Sets the review date."]
        Review = "walk.review" ["r"] "Review date", "", live_person;
        #[doc = " Records the decision: made, deferred, none."]
        Decision = "walk.decision" ["d"] "Decision", "decision", live_person;
        #[doc = " Says who tells the person, or why nobody needs to."]
        Teller = "walk.teller" ["t"] "Who tells the person", "", live_person;
        #[doc = " Changes the band, with a reason."]
        Band = "walk.band" ["b"] "Change band", "", live_person;
        #[doc = " Records who steps out of the room or comes in."]
        Presence = "walk.presence" ["v"] "Who is in the room", "", live;
        #[doc = " Closes or edits the selected action."]
        Open = "walk.open" ["enter"] "Close or edit the selected action", "", live_row;
        #[doc = " Goes back to an earlier item without changing it."]
        Previous = "walk.previous" ["p"] "Previous person", "", previous;
        #[doc = " Shows the agenda, to go to any of its items."]
        GoTo = "walk.go_to" ["o"] "Go to another person", "", live;
        #[doc = " Defers this person to another meeting, with a reason."]
        Defer = "walk.defer" ["f"] "Defer this person", "", live;
        #[doc = " Takes this person off the agenda, with a reason."]
        Withdraw = "walk.withdraw" [] "Withdraw this person", "", live;
        #[doc = " Adds a person on the spot."]
        Add = "walk.add" ["/"] "Add a person on the spot", "", live;
        #[doc = " Opens the person's whole page."]
        Person = "walk.person" ["l"] "Open the person's page", "", live_person;
        #[doc = " Goes to roll call."]
        Roll = "walk.roll" ["h"] "Roll call", "", live;
        #[doc = " Goes to matters arising."]
        Matters = "walk.matters" ["m"] "Matters arising", "", live;
        #[doc = " Closes the meeting, after listing who was not reached."]
        Close = "walk.close" ["c"] "Close the meeting", "", live;
    }
    /// The card that is read back before a person is left.
    ReadBack ("Meeting · read-back") as ReadBackCommand {
        #[doc = " Agrees what was read back, with the time, and goes to the next person."]
        Agree = "read_back.agree" ["enter"] "Agree and go on", "agree, next person", live;
        #[doc = " Records the decision."]
        Decision = "read_back.decision" ["d"] "Decision", "decision", live_person;
        #[doc = " Names the key worker."]
        KeyWorker = "read_back.key_worker" ["w"] "Key worker", "key worker", live_person;
        #[doc = " Sets the review date."]
        Review = "read_back.review" ["r"] "Review date", "review", live_person;
        #[doc = " Says who tells the person."]
        Teller = "read_back.teller" ["t"] "Who tells the person", "", live_person;
        #[doc = " Adds an action in one line."]
        Action = "read_back.action" ["a"] "Add an action", "", live;
    }
    /// Every action of every meeting.
    Actions ("Actions") as ActionsCommand {
        #[doc = " Closes the action: done, not done with a reason, or withdrawn."]
        Close = "actions.close" ["enter"] "Close the action", "close", live_action;
        #[doc = " Marks the action done."]
        Done = "actions.done" ["d"] "Done", "done", live_action;
        #[doc = " Records that the owner has said yes."]
        Accept = "actions.accept" ["a"] "Accepted", "accepted", live_action;
        #[doc = " Narrows the list: mine, owner, organisation, overdue, due within seven days, closed too."]
        Filter = "actions.filter" ["f"] "Filter", "filter", always;
        #[doc = " Changes what, who or when."]
        Edit = "actions.edit" ["e"] "Edit the action", "", live_action;
        #[doc = " Shows only your own actions, or all again."]
        Mine = "actions.mine" ["m"] "Mine", "", always;
        #[doc = " Opens the person's page."]
        Person = "actions.person" ["v", "l"] "Open the person", "", selected;
        #[doc = " Writes the action log, or a slip for each owner, as files, for whom you choose."]
        Export = "actions.export" ["p"] "Export the action log", "", always;
        #[doc = " Tells what was done to this action."]
        History = "actions.history" ["h"] "History of this action", "", selected;
    }
    /// The minutes of every meeting.
    Minutes ("Minutes") as MinutesCommand {
        #[doc = " Shows the minutes of the selected meeting, or goes back to the list."]
        Open = "minutes.open" ["enter", "tab"] "Read", "read", minuted;
        #[doc = " Writes the minutes, their actions or slips as files, for whom you choose."]
        Export = "minutes.export" ["p"] "Export", "export", minuted;
        #[doc = " Seals the minutes: after this they can only be added to."]
        Seal = "minutes.seal" ["s"] "Seal", "seal", closed;
        #[doc = " Adds to sealed minutes."]
        Addendum = "minutes.addendum" ["a"] "Add an addendum", "addendum", sealed;
        #[doc = " Opens what goes into each person's own record: copied one by one, and ticked off."]
        Paste = "minutes.paste" ["w"] "Paste blocks", "paste blocks", minuted;
        #[doc = " Tells what was done at this meeting and to its records."]
        History = "minutes.history" ["h"] "History of this meeting", "", selected;
    }
    /// What goes into each person's own record at the practice, and whether it is there.
    Paste ("Minutes · paste blocks") as PasteCommand {
        #[doc = " Copies the record of this person to the terminal's clipboard, after asking."]
        Copy = "paste.copy" ["enter", "c"] "Copy to the clipboard", "copy", selected;
        #[doc = " Ticks that it was written back to the record, and goes to the next that was not."]
        Tick = "paste.tick" ["t"] "Tick as written back", "tick as written back", not_written;
        #[doc = " Reads through the block, or goes back to the list."]
        Read = "paste.read" ["tab"] "Read the block", "read", selected;
    }
    /// The team's members, organisations and rules.
    Team ("Team") as TeamCommand {
        #[doc = " Edits the selected line."]
        Edit = "team.edit" ["enter", "e"] "Edit", "edit", selected;
        #[doc = " Adds a member."]
        Add = "team.add" ["a"] "Add a member", "add a member", always;
        #[doc = " Adds an organisation."]
        Organisation = "team.organisation" ["o"] "Add an organisation", "", always;
        #[doc = " Adds a service to the directory."]
        Service = "team.service" ["s"] "Add a service", "", always;
        #[doc = " Edits the team's name, rhythm and quorum rule."]
        Rules = "team.rules" ["r"] "Rules of the team", "rules", always;
        #[doc = " Records that the selected member is you."]
        Me = "team.me" ["m"] "This is me", "this is me", selected;
    }
    /// Lists that came in, and what waits for a person to look.
    Lists ("Lists") as ListsCommand {
        #[doc = " Looks at the selected row or proposal, or at what came of a list."]
        Open = "lists.open" ["enter", "l", "right"] "Look", "look", selected;
        #[doc = " Takes in people of the caseload: a risk list, a practice's list, a frailty report."]
        Caseload = "lists.caseload" ["n"] "Import caseload: take in people", "take in people", always;
        #[doc = " Takes in nominations: a practice's top ten."]
        Nominations = "lists.nominations" ["o"] "Import nominations", "nominations", always;
        #[doc = " Takes in members of the team."]
        Members = "lists.members" ["m"] "Import members", "", always;
        #[doc = " Takes in uses of services: A&E, admissions, out of hours."]
        Activity = "lists.activity" ["a"] "Import activity", "activity", always;
        #[doc = " Takes in the directory of services."]
        Directory = "lists.directory" ["d"] "Import the directory of services", "", always;
    }
    /// What the columns of a list are taken for.
    ListColumns ("Lists · columns") as ListColumnsCommand {
        #[doc = " Changes what the column is taken for, or which band a label is."]
        Edit = "columns.edit" ["enter", "e"] "Change", "change", selected;
        #[doc = " Looks through the whole list: what would come of it. Nothing is written."]
        Next = "columns.next" ["n"] "See what would come of it", "what comes of it", always;
        #[doc = " Reads another sheet of the workbook."]
        Sheet = "columns.sheet" ["o"] "Another sheet", "other sheet", has_sheets;
    }
    /// What would come of a list, or what came of it.
    ListReport ("Lists · report") as ListReportCommand {
        #[doc = " Takes the list in as one step, after asking."]
        TakeIn = "report.take_in" ["n"] "Take it in", "take it in", foreseen;
        #[doc = " Goes to the next part: changed, queued, refused, missing."]
        Section = "report.section" ["tab"] "Next part", "next part", always;
    }
    /// A row of a list beside the person it may mean, or a proposal beside what the team wrote.
    ListCompare ("Lists · side by side") as ListCompareCommand {
        #[doc = " Says that the row means the person on file."]
        Same = "compare.same" ["s"] "The same person", "same person", queued;
        #[doc = " Says that the row means somebody else, who joins the caseload."]
        Different = "compare.different" ["d"] "Somebody else", "somebody else", queued;
        #[doc = " Takes what the list has."]
        Take = "compare.take" ["t"] "Take the list's value", "take the list's", proposed;
        #[doc = " Keeps what the team wrote; the list's value is not proposed again."]
        Keep = "compare.keep" ["o"] "Keep ours", "keep ours", proposed;
        #[doc = " Leaves it for later and goes to the next that waits."]
        Later = "compare.later" ["n"] "Later: the next one", "later", always;
    }
    /// Work on a list goes on.
    ListWork ("Lists · at work") as ListWorkCommand {
        #[doc = " Stops. Nothing is changed."]
        Stop = "work.stop" ["c"] "Stop", "stop, nothing is changed", always;
    }
    /// What was done to the records, by whom; any step not built upon can be taken back.
    History ("History") as HistoryCommand {
        #[doc = " Opens the step with both sides of every change, or goes back to the list. In the history u takes back exactly the step under the cursor."]
        Open = "history.step" ["enter", "l", "right"] "Open the step", "open / back", selected;
        #[doc = " Narrows the story: kind of step, who, days."]
        Filter = "history.filter" ["f"] "Filter", "filter", always;
        #[doc = " Shows only who looked at the records, or again what was done."]
        Looks = "history.looks" ["o"] "Who looked", "who looked", always;
        #[doc = " Goes to what was done next by the same person, or back to everybody's."]
        Same = "history.same" ["s"] "Only this person's steps", "", selected;
    }
    /// A card with fields, or a text being written.
    Form ("Cards and text") as FormCommand {
        #[doc = " Does it: saves the card or the text."]
        Save = "form.save" ["f2", "ctrl-s"] "Save", "save", always;
        #[doc = " Goes to the next field."]
        Next = "form.next" ["tab"] "Next field", "next field", always;
        #[doc = " Goes to the field before."]
        Previous = "form.previous" ["backtab"] "Field before", "", always;
        #[doc = " Leaves without saving; asks first if something was typed."]
        Cancel = "form.cancel" ["esc", "ctrl-c"] "Cancel", "cancel", always;
    }
}

impl Command {
    /// The row of the table.
    pub fn spec(self) -> &'static Spec {
        COMMANDS
            .iter()
            .find(|spec| spec.command == self)
            .unwrap_or_else(|| unreachable!("every command is made from its row"))
    }

    /// Whether it can run now, and why not.
    ///
    /// # Errors
    /// The reason, in words for the notice line.
    pub fn gate(self, facts: Facts) -> Result<(), &'static str> {
        (self.spec().gate)(facts)
    }
}

/// The table as a page of Markdown: `docs/commands.md`.
pub fn markdown() -> String {
    let mut out = String::from(
        "# Commands\n\nMade from the command table in `src/ui/command.rs`; a test keeps it fresh. The names are those of the palette (`:`).\n",
    );
    for scope in Scope::ALL {
        out.push_str(&format!(
            "\n## {}\n\n{}\n\n| Keys | Command | What it does |\n| --- | --- | --- |\n",
            scope.title(),
            scope.doc().trim()
        ));
        for spec in COMMANDS.iter().filter(|spec| spec.scope == *scope) {
            let keys: Vec<String> = spec.keys.iter().map(|key| format!("`{key}`")).collect();
            out.push_str(&format!("| {} | {} (`{}`) | {} |\n", keys.join(" "), spec.title, spec.name, spec.doc.trim()));
        }
    }
    out
}
