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

/// The most room a logo takes, in points: 6 cm by 2.5 cm.
const LOGO: (f32, f32) = (170.1, 70.9);
/// Points a pixel takes where nothing makes it smaller: 96 of them to the inch.
const PIXEL: f32 = 0.75;

impl Logo {
    /// Its width and height on the page, in points: whole, and never larger than its pixels carry.
    #[expect(clippy::cast_precision_loss, reason = "pixels of a picture are few enough")]
    pub fn fitted(&self) -> (f32, f32) {
        let (width, height) = (self.width.max(1) as f32, self.height.max(1) as f32);
        let scale = PIXEL.min(LOGO.0 / width).min(LOGO.1 / height);
        (width * scale, height * scale)
    }
}

impl Picture {
    /// The name of its kind for whoever must be told: `image/png`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// A heading breaks between its parts (`name · born … · NHS …`), never inside a date or a number.
pub fn held_together(heading: &str) -> String {
    match heading.split_once(" · ") {
        None => heading.to_owned(),
        Some((name, rest)) => {
            let rest: Vec<String> = rest.split(" · ").map(|part| part.replace(' ', "\u{a0}")).collect();
            format!("{name} · {}", rest.join(" · "))
        }
    }
}

impl Rgb {
    /// The colour as a tint on white paper: so many parts in a hundred of it.
    pub fn tint(self, percent: u8) -> Self {
        let mix = |part: u8| {
            let of_it = u16::from(part) * u16::from(percent) + 255 * u16::from(100_u8.saturating_sub(percent));
            u8::try_from((of_it + 50) / 100).unwrap_or(u8::MAX)
        };
        Self(mix(self.0), mix(self.1), mix(self.2))
    }

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
