//! Lists that arrive.
