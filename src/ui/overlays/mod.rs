//! What lies over a screen: cards with fields, questions, the palette, help, a person to pick, a conflict.
//!
//! The topmost overlay has the keys. None of them writes: what they decide becomes an effect in `update`.

pub mod confirm;
pub mod conflict;
pub mod form;
mod form_view;
pub mod help;
pub mod making;
pub mod palette;
pub mod pick;

use ratatui::Frame;

use super::model::Model;

/// Something over the screen.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// A question with one answer.
    Confirm(confirm::Confirm),
    /// A card with fields.
    Form(Box<form::Form>),
    /// The keys that work here.
    Help(help::Help),
    /// Every command by name.
    Palette(palette::Palette),
    /// A person of the caseload to pick.
    Pick(pick::Pick),
    /// An edit that met an edit.
    Conflict(conflict::ConflictCard),
    /// Documents being made.
    Making(making::Making),
}

/// Draws one overlay.
pub fn view(model: &Model, overlay: &Overlay, frame: &mut Frame<'_>) {
    match overlay {
        Overlay::Confirm(it) => confirm::view(model, it, frame),
        Overlay::Form(it) => form_view::view(model, it, frame),
        Overlay::Help(it) => help::view(model, it, frame),
        Overlay::Palette(it) => palette::view(model, it, frame),
        Overlay::Pick(it) => pick::view(model, it, frame),
        Overlay::Conflict(it) => conflict::view(model, it, frame),
        Overlay::Making(it) => making::view(model, it, frame),
    }
}
