//! How a document looks that is all the same what it says: the heading of the organisation that sends it, its logo, the one
//! accent. A template may bring one; [`Look::default`] is the plain one.

/// The look of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Lines above the title of the first page: the name of the organisation, its address.
    pub heading: Vec<String>,
    /// Stands beside the heading.
    pub logo: Option<Logo>,
    /// Titles, labels and rules. Dark enough to be read on white: a template with a lighter one is refused.
    pub accent: Rgb,
}

/// Red, green and blue, 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// A picture, as read from its file.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    /// Which kind of file it is.
    pub kind: Picture,
    /// The whole file.
    pub bytes: Vec<u8>,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// What it shows, for whoever cannot see it.
    pub says: String,
}

// The bytes say nothing to a person.
impl std::fmt::Debug for Logo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Logo({:?}, {} × {})", self.kind, self.width, self.height)
    }
}

/// The kinds of picture that Word, PDF and HTML all take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
}

impl Rgb {
    /// `003A70`.
    pub fn hex(self) -> String {
        format!("{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }
}

impl Default for Look {
    fn default() -> Self {
        Self { heading: Vec::new(), logo: None, accent: Rgb(0x00, 0x3a, 0x70) }
    }
}
