//! Work that takes longer than a key: on a thread of its own, and always to be stopped.

pub mod ahead;
pub mod keeping;
pub mod lists;
pub mod papers;
