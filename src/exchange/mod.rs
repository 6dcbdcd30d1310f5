//! In and out of the building: streams in, streams out.

pub mod intake;
pub mod output;
pub mod story;
