//! The two faces a PDF is set in, and how text becomes glyphs of them.
//!
//! Liberation Sans has the metrics of Arial, so a page breaks about where Word would break it. What it has no glyph for is
//! shown as a box that still carries the character: it is seen on paper, and found and copied on the screen.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider as _};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;
use unicode_segmentation::UnicodeSegmentation as _;

use super::lines::is_leftward;

static REGULAR: &[u8] = include_bytes!("../../../../assets/fonts/LiberationSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../../../assets/fonts/LiberationSans-Bold.ttf");

/// How far letters reach above the line they stand on, for one point of size.
pub(super) const ASCENT: f32 = 0.905;
/// How far they reach below it.
pub(super) const DESCENT: f32 = 0.212;
/// From one line to the next.
pub(super) const LINE: f32 = 1.149;

/// Stands for a character the face does not have.
const BOX: char = '□';
/// The combining class of marks that stand above a letter.
const ABOVE: u8 = 230;
/// Between a letter and such a mark.
const GAP: f32 = 0.04;

/// How heavy a face is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// Both faces, read.
pub(super) struct Faces {
    regular: Face,
    bold: Face,
}

/// One face, measured in parts of its size.
pub(super) struct Face {
    pub(super) font: Font,
    map: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    units: f32,
}

impl Faces {
    /// The faces that are built in; nothing only if those were spoilt.
    pub(super) fn load() -> Option<Self> {
        Some(Self { regular: Face::load(REGULAR)?, bold: Face::load(BOLD)? })
    }

    pub(super) fn of(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

impl Face {
    fn load(bytes: &'static [u8]) -> Option<Self> {
        let read = FontRef::from_index(bytes, 0).ok()?;
        let whole = read.metrics(Size::unscaled(), LocationRef::default());
        Some(Self {
            font: Font::new(bytes.into(), 0)?,
            map: read.charmap(),
            metrics: read.glyph_metrics(Size::unscaled(), LocationRef::default()),
            units: f32::from(whole.units_per_em.max(1)),
        })
    }

    /// How wide the text is at this size.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        self.glyphs(text).iter().map(|glyph| glyph.x_advance).sum::<f32>() * size
    }

    /// The glyphs of a text that runs one way, from the left. Every byte of it belongs to one of them.
    pub(super) fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let mut out: Vec<KrillaGlyph> = Vec::with_capacity(text.len());
        let clusters = text.grapheme_indices(true);
        if text.contains(is_leftward) {
            clusters.rev().for_each(|(at, cluster)| self.cluster(at, cluster, &mut out));
        } else {
            clusters.for_each(|(at, cluster)| self.cluster(at, cluster, &mut out));
        }
        out
    }

    /// One cluster: a letter with its marks. Without a glyph for the letter, the whole of it is one box.
    fn cluster(&self, at: usize, cluster: &str, out: &mut Vec<KrillaGlyph>) {
        let mut chars = cluster.char_indices();
        let Some((_, first)) = chars.next() else { return };
        let Some(base) = self.glyph(first) else {
            return out.push(self.placed(self.glyph(BOX).unwrap_or_default(), at..at + cluster.len()));
        };
        out.push(self.placed(base, at..at + first.len_utf8()));
        let letter = self.metrics.bounds(base).unwrap_or_default();
        let (advance, mut top) = (self.metrics.advance_width(base).unwrap_or_default(), letter.y_max);
        for (n, mark) in chars {
            let range = at + n..at + n + mark.len_utf8();
            match self.glyph(mark) {
                // Joiners and the like are not seen; they stay with the letter before.
                _ if matches!(mark, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}') => {
                    if let Some(last) = out.last_mut() {
                        last.text_range.end = range.end;
                    }
                }
                // A mark without a place of its own stands over the middle of its letter, above a tall one.
                Some(glyph) if canonical_combining_class(mark) != 0 => {
                    let ink = self.metrics.bounds(glyph).unwrap_or_default();
                    let above = canonical_combining_class(mark) == ABOVE;
                    let lift = if above { (top + GAP * self.units - ink.y_min).max(0.0) } else { 0.0 };
                    top = top.max(ink.y_max + lift);
                    let mut it = self.placed(glyph, range);
                    it.x_offset =
                        ((letter.x_min + letter.x_max) / 2.0 - advance - (ink.x_min + ink.x_max) / 2.0) / self.units;
                    it.y_offset = lift / self.units;
                    it.x_advance = 0.0;
                    out.push(it);
                }
                found => out.push(self.placed(found.or_else(|| self.glyph(BOX)).unwrap_or_default(), range)),
            }
        }
    }

    fn placed(&self, glyph: skrifa::GlyphId, range: std::ops::Range<usize>) -> KrillaGlyph {
        let advance = self.metrics.advance_width(glyph).unwrap_or_default() / self.units;
        KrillaGlyph::new(GlyphId::new(glyph.to_u32()), advance, 0.0, 0.0, 0.0, range, None)
    }

    fn glyph(&self, c: char) -> Option<skrifa::GlyphId> {
        self.map.map(c).or_else(|| self.map.map(stand_in(c)?))
    }
}

/// The glyph of another character that looks the same; the text keeps the character it has.
fn stand_in(c: char) -> Option<char> {
    match c {
        '\u{2011}' => Some('\u{2010}'),
        '\u{202f}' => Some(' '),
        '✓' | '✔' => Some('√'),
        '✗' | '✘' => Some('×'),
        '▶' | '▸' => Some('►'),
        '◀' | '◂' => Some('◄'),
        '▾' => Some('▼'),
        '▴' => Some('▲'),
        _ => None,
    }
}

/// Text as it can be set: composed, and without the two characters that no file may hold.
pub(super) fn settable(text: &str) -> String {
    text.nfc().map(|c| if matches!(c, '\u{fffe}' | '\u{ffff}') { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::{BOX, Faces, Weight};

    #[test]
    fn what_our_documents_say_has_glyphs_of_its_own() {
        let faces = Faces::load().unwrap();
        let needed = "ŵŷŴŶłżśęąŁŻễượứầĐđøåßþœğışčřőű·•–—…‘’“”→←●▲▼✓✗\u{a0}\u{2011}\u{202f}≥≤×½°£€□ΔЖא";
        for weight in [Weight::Regular, Weight::Bold] {
            let face = faces.of(weight);
            let missing: String = needed.chars().filter(|c| face.glyph(*c).is_none()).collect();
            assert_eq!(missing, "", "{weight:?}");
            assert!(face.glyph(BOX).is_some() && face.glyph('漢').is_none());
        }
    }

    #[test]
    fn every_byte_belongs_to_a_glyph_and_marks_take_no_room() {
        let faces = Faces::load().unwrap();
        let face = faces.of(Weight::Regular);
        for text in ["Ọlọ́run Adéyẹmí", "漢字 王", "👩\u{200d}⚕\u{fe0f}!", "q\u{308}\u{304}", "शर्मा", "\u{301}x", ""]
        {
            let mut covered = vec![false; text.len()];
            for glyph in face.glyphs(text) {
                covered.get_mut(glyph.text_range.clone()).unwrap().fill(true);
                assert!(glyph.glyph_id.to_u32() != 0, "{text}: the glyph of no character");
            }
            assert!(covered.iter().all(|it| *it), "{text}");
        }
        assert_eq!(face.width("ọ\u{301}", 1.0), face.width("ọ", 1.0));
    }
}
