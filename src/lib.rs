//! `mdt`: community multidisciplinary team meetings from the keyboard, in one local SQLite file.

#[macro_use]
pub mod domain;
pub mod cli;
pub mod clock;
pub mod demo;
pub mod exchange;
pub mod store;
pub mod ui;
