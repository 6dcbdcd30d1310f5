//! Trials: what the file survives. One module a family; each prints its counts and its seed, and has a control that must fail.
//!
//! The quick tier runs with all other tests. The long one: `.ci/long`. To meet a failure again: `MDT_SEED=…` with the seed printed.
//! The families stand on Linux's own calls (signals, limits, the calls that SQLite makes), so they run there only.
#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods, reason = "a trial waits for other processes")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

#[path = "../kit/mod.rs"]
mod kit;

mod calls;
mod canary;
mod child;
mod report;
mod world;

mod clip;
mod conc;
mod fault;
mod flip;
mod id;
mod keeping;
mod kill;
mod lat;
mod leak;
mod model;
mod power;
mod relapse;
mod schema;
mod share;
mod starved;
mod time;
mod wal;
