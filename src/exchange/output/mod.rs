//! Documents that leave.
