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

/// Pixels a logo may have on a side.
pub const MOST_PIXELS: u32 = 4_000;

impl Logo {
    /// The picture that these bytes are: which kind and how large it is, it says itself. None where it is neither PNG nor
    /// JPEG.
    pub fn of(bytes: Vec<u8>, says: String) -> Option<Self> {
        let (kind, (width, height)) = match png_size(&bytes) {
            Some(size) => (Picture::Png, size),
            None => (Picture::Jpeg, jpeg_size(&bytes)?),
        };
        Some(Self { kind, bytes, width, height, says })
    }

    /// Its width and height on the page, in points: whole, and never larger than its pixels carry.
    #[expect(clippy::cast_precision_loss, reason = "pixels of a picture are few enough")]
    pub fn fitted(&self) -> (f32, f32) {
        let (width, height) = (self.width.max(1) as f32, self.height.max(1) as f32);
        let scale = PIXEL.min(LOGO.0 / width).min(LOGO.1 / height);
        (width * scale, height * scale)
    }
}

/// Width and height as the first chunk of a PNG file gives them.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let header = rest.strip_prefix(b"\0\0\0\x0dIHDR")?;
    let (width, rest) = header.split_first_chunk()?;
    let (height, _) = rest.split_first_chunk()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}

/// Width and height as the frame of a JPEG file gives them. Before it come segments that each say how long they are.
fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    loop {
        let (mark, after) = rest.split_first_chunk::<2>()?;
        match mark {
            // A marker may have any number of these before it.
            [0xff, 0xff] => rest = rest.get(1..)?,
            // Where the picture itself begins there was to be a frame before it.
            [0xff, 0xd9 | 0xda] => return None,
            [0xff, frame @ 0xc0..=0xcf] if ![0xc4, 0xc8, 0xcc].contains(frame) => {
                let [_, _, _, high, low, wide, narrow] = after.first_chunk::<7>()?;
                return Some((u16::from_be_bytes([*wide, *narrow]).into(), u16::from_be_bytes([*high, *low]).into()));
            }
            [0xff, _] => {
                let (length, _) = after.split_first_chunk()?;
                rest = after.get(usize::from(u16::from_be_bytes(*length)).max(2)..)?;
            }
            _ => return None,
        }
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

    /// The colour that `#003A70` is.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let part = |at: usize| {
            let pair = digits.get(at..at + 2).filter(|pair| pair.bytes().all(|it| it.is_ascii_hexdigit()))?;
            u8::from_str_radix(pair, 16).ok()
        };
        Some(Self(part(0)?, part(2)?, part(4)?))
    }

    /// How well it stands out on white, from 1 to 21, as WCAG 2.2 reckons it.
    pub fn contrast_on_white(self) -> f64 {
        let linear = |part: u8| match f64::from(part) / 255.0 {
            dark if dark <= 0.040_45 => dark / 12.92,
            light => ((light + 0.055) / 1.055).powf(2.4),
        };
        let luminance = 0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2);
        1.05 / (luminance + 0.05)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_as_the_guideline_has_it() {
        // Examples of the W3C: #767676 is the lightest grey that may be read on white.
        for (colour, least, most) in [("#000000", 21.0, 21.0), ("#767676", 4.5, 4.6), ("#777777", 4.4, 4.5)] {
            let contrast = Rgb::parse(colour).unwrap().contrast_on_white();
            assert!((least..=most + 1e-9).contains(&contrast), "{colour}: {contrast}");
        }
        for text in ["003A70", "#003A7", "#003A70F", "#00 A70", "#+0+0+0", "#äöü", ""] {
            assert_eq!(Rgb::parse(text), None, "{text}");
        }
    }

    #[test]
    fn no_bytes_are_a_picture_that_is_none() {
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc0\0\x11\x08\0\x18\0\x3c";
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x3c\0\0\0\x18";
        for (kind, bytes) in [(Picture::Jpeg, &jpeg[..]), (Picture::Png, &png[..])] {
            let logo = Logo::of(bytes.to_vec(), String::new()).unwrap();
            assert_eq!((logo.kind, logo.width, logo.height), (kind, 60, 24));
            for end in 0..bytes.len() {
                assert_eq!(Logo::of(bytes[..end].to_vec(), String::new()), None, "{end} bytes of {kind:?}");
            }
        }
        assert_eq!(Logo::of(b"\xff\xd8\xff\xda\xff\xc0\0\x11\x08\0\x18\0\x3c".to_vec(), String::new()), None);
    }
}
