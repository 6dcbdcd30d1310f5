//! `mdt`: community multidisciplinary team meetings from the keyboard, in one local SQLite file.
//!
//! A care team meets twice a month about the people it worries about most. Before the meeting somebody loads the
//! caseload and builds an agenda; in the meeting the team goes from person to person and agrees who does what by when;
//! afterwards the minutes and the action log leave the building. This crate is the program for that afternoon. Its first
//! duty is that no action is lost, its second that nobody has to look down for long.
//!
//! # The house, in reading order
//!
//! 1. [`domain`] – what a care team works with and what may happen to it. It knows no disk, no clock and no screen. Begin
//!    with [`domain::change`]: whatever is altered, is altered by a [`domain::change::Change`]. Then a noun:
//!    [`domain::action`] has states that cannot lie, [`domain::meeting`] goes from planned to sealed. A function there
//!    answers with changes, or with a [`domain::refusal::Refusal`] in words.
//! 2. [`store`] – the file. [`store::Store::commit`] is the one door for writing: a step is compared, applied, logged and
//!    chained in one transaction. [`store::Reader`] cannot write. [`store::log`] is history, undo and audit in one;
//!    [`mod@store::open`] looks at a file before it touches it; [`store::fault`] says what can go wrong.
//! 3. [`clock`] – the only place that asks what time it is. Everyone else is told.
//! 4. [`exchange`] – lists that come in ([`exchange::intake`]), documents that go out ([`exchange::output`]). Nothing goes
//!    out without naming its recipient.
//! 5. [`demo`] – a team of invented people with a past, to try everything out on.
//! 6. [`jobs`] – long work on a thread of its own: [`jobs::ahead`] reads a list while it is being written.
//! 7. [`ui`] – keys in, pictures out. [`ui::command`] is the table of everything that can be done; [`ui::update`] is the
//!    only writer of the [`ui::model::Model`]; [`ui::view`] draws it; [`ui::runtime`] carries out what follows. The rooms
//!    are in [`ui::screens`]; none knows another.
//! 8. [`cli`] – the same house by the back door, and what `main.rs` calls.
//!
//! A floor names only floors that stand before it in this list. A test reads every path in the source and says where an
//! arrow points the wrong way. `docs/architecture.md` has the floor plan and the invariants, `docs/decisions/` says why.

#[macro_use]
pub mod domain;
pub mod cli;
pub mod clock;
pub mod demo;
pub mod exchange;
pub mod jobs;
pub mod store;
pub mod ui;
