//! Who a document is for, and what they may see. Nothing is rendered without passing through here.
//!
//! A renderer takes a [`Permitted`] value, and only this file can make one: to send something out is to name
//! its recipient first.

words! {
    /// Who a document is for.
    Recipient {
        /// The team itself: everything.
        Full = "full", "the whole team";
    }
}

impl Recipient {
    /// What this recipient may see of `what`.
    pub fn permit<T>(self, what: &T) -> Permitted<'_, T> {
        match self {
            Self::Full => Permitted { what, recipient: self },
        }
    }
}

/// Something cut to what its recipient may see.
pub struct Permitted<'a, T> {
    what: &'a T,
    recipient: Recipient,
}

// By hand: a derive would ask for `T: Copy`, though only the reference is copied.
impl<T> Clone for Permitted<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Permitted<'_, T> {}

impl<'a, T> Permitted<'a, T> {
    /// What they may see.
    pub fn what(self) -> &'a T {
        self.what
    }

    /// Who they are.
    pub fn recipient(&self) -> Recipient {
        self.recipient
    }
}
