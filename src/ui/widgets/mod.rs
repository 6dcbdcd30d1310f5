//! Small parts that several rooms draw with. None of them knows a noun.

pub mod cursor;
pub mod editor;
pub mod fit;
pub mod panel;
pub mod rows;
