//! Keys in, pictures out.
//!
//! A key becomes a [`command::Command`] through the keymap; [`update::update`] turns it into changes of the
//! [`model::Model`] and a list of [`effect::Effect`]s; only [`runtime`] carries effects out, and only it holds
//! the writer. [`view::view`] draws the model and changes nothing. A screen can read; it cannot write.
//!
//! Reading order: `command`, `keymap`, `model`, `update`, then one room of `screens/`.

pub mod action_card;
pub mod command;
pub mod company;
pub mod effect;
mod export;
pub mod facts;
mod foreign;
pub mod idle;
pub mod keymap;
pub mod locked;
pub mod model;
pub mod msg;
pub mod outside;
pub mod overlays;
mod reading;
pub mod runtime;
pub mod screens;
pub mod sending;
pub mod terminal;
pub mod theme;
mod undoing;
pub mod update;
pub mod veil;
pub mod view;
pub mod wall;
pub mod widgets;
