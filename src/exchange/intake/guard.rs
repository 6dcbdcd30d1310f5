//! What somebody at the keys wrote is guarded: a list that has something else proposes it.

use crate::domain::intake::ProposedField;
use crate::domain::person::Person;
use crate::domain::text::Line;

/// Field, ours, theirs.
pub(super) type Proposed = (ProposedField, Option<Line>, Option<Line>);

/// A line of a text that is one.
pub(super) fn line(text: &str) -> Option<Line> {
    Line::parse(text).ok()
}

/// Puts back what was written at the keys.
pub(super) struct Guard<'g> {
    pub(super) by_hand: &'g [String],
    pub(super) proposals: &'g mut Vec<Proposed>,
}

impl Guard<'_> {
    /// Puts a field back where it was written at the keys, and proposes what the list has.
    pub(super) fn field<T: Clone + PartialEq>(
        &mut self,
        column: &str,
        field: ProposedField,
        seen: &T,
        now: &mut T,
        text: impl Fn(&T) -> Option<Line>,
    ) {
        if seen != now && self.by_hand.iter().any(|written| written == column) && text(seen).is_some() {
            self.proposals.push((field, text(seen), text(now)));
            *now = seen.clone();
        }
    }
}

/// Whether anything differs that a person may have written; scores and counts are the lists' own.
pub(super) fn written_differs(seen: &Person, now: &Person) -> bool {
    seen.surname != now.surname
        || seen.forename != now.forename
        || seen.born != now.born
        || seen.preferred != now.preferred
        || seen.title != now.title
        || seen.address != now.address
        || seen.postcode != now.postcode
        || seen.phone != now.phone
        || seen.sex != now.sex
        || seen.cfs != now.cfs
        || seen.efi != now.efi
        || seen.conditions != now.conditions
        || seen.respect != now.respect
        || seen.palliative != now.palliative
        || seen.named_gp != now.named_gp
        || seen.council != now.council
        || seen.residence != now.residence
        || seen.lives_alone != now.lives_alone
        || seen.housebound != now.housebound
        || seen.has_carer != now.has_carer
}
