//! What a care team works with, and what may happen to it.
//!
//! No I/O, no clock, no SQL, no terminal: this floor uses only the standard library, `chrono`, `serde`
//! and the Unicode tables. A function here takes what it needs to know (`today`, the records as they
//! are) and answers either with the [`change::Change`]s to make or with a [`refusal::Refusal`] in words.
//!
//! Start with [`change`]: everything that can ever be altered passes through it.

#[macro_use]
mod words;

pub mod change;
pub mod id;
pub mod refusal;

pub mod capture;
pub mod day;
pub mod nhs_number;
pub mod text;

pub mod alike;
pub mod band;
pub mod carer;
pub mod household;
pub mod key_worker;
pub mod member;
pub mod organisation;
pub mod person;
pub mod plan;
pub mod sharing;
pub mod team;

pub mod action;
pub mod activity;
pub mod agenda;
pub mod disclosure;
pub mod discussion;
pub mod erasure;
pub mod hold;
pub mod intake;
pub mod joining;
pub mod meeting;
pub mod minutes;
pub mod nomination;
pub mod service;
pub mod viewing;
pub mod written_back;

pub use words::Word;
