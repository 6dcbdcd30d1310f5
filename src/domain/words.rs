//! Small closed vocabularies: each is one enum, one code for the file, one label for the screen.

/// A closed list of words. The code is what the file and the exports hold; the label is what a person reads.
pub trait Word: Copy + PartialEq + Sized + 'static {
    /// Every word, in the order a pick-list shows them.
    const ALL: &'static [Self];
    /// The stable code kept in the file.
    fn code(self) -> &'static str;
    /// The label shown on screens and in documents.
    fn label(self) -> &'static str;
    /// The word for a code, if there is one.
    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.code() == code)
    }
}

/// Declares a closed vocabulary: `Variant = "code", "label";` once, and everything else is a fold over it.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $( $(#[$vmeta:meta])* $variant:ident = $code:literal, $label:literal; )+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$vmeta])* $variant, )+ }

        impl $crate::domain::Word for $name {
            const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];
            fn code(self) -> &'static str {
                match self { $( Self::$variant => $code, )+ }
            }
            fn label(self) -> &'static str {
                match self { $( Self::$variant => $label, )+ }
            }
        }
    };
}
