//! Text broken into lines of a width, by the glyphs it will be set in.

use unicode_segmentation::UnicodeSegmentation as _;

use super::fonts::{Faces, LINE, Weight, settable};
use crate::exchange::output::look::Rgb;

/// How a piece of text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hand {
    pub(super) weight: Weight,
    /// In points.
    pub(super) size: f32,
    pub(super) ink: Rgb,
}

impl Hand {
    /// From one line to the next, with this much room between them: 1 is set solid.
    pub(super) fn line(self, spread: f32) -> f32 {
        self.size * LINE * spread
    }
}

/// Text on one line in one hand.
#[derive(Debug)]
pub(super) struct Segment {
    /// From the left edge.
    pub(super) x: f32,
    pub(super) hand: Hand,
    pub(super) text: String,
}

/// A line of text: its segments from the left.
pub(super) type Line = Vec<Segment>;

/// Breaks text into lines: at its own breaks, at spaces, and inside a word only where the word alone is too wide. A line
/// ends with the space it was broken at, so that whoever reads the file aloud does not join two words.
pub(super) fn wrap(faces: &Faces, runs: &[(Hand, &str)], width: f32) -> Vec<Line> {
    let mut setter = Setter { faces, width, x: 0.0, done: Vec::new(), line: Line::new() };
    for (hand, text) in runs {
        for (n, part) in settable(text).split('\n').enumerate() {
            if n > 0 {
                setter.end_line();
            }
            part.split_inclusive(' ').for_each(|word| setter.word(*hand, word));
        }
    }
    setter.end_line();
    setter.done
}

struct Setter<'a> {
    faces: &'a Faces,
    width: f32,
    x: f32,
    done: Vec<Line>,
    line: Line,
}

impl Setter<'_> {
    fn word(&mut self, hand: Hand, word: &str) {
        if !self.fits(hand, word.trim_end_matches(' ')) {
            if self.x > 0.0 {
                self.end_line();
            }
            if !self.fits(hand, word.trim_end_matches(' ')) {
                return self.long_word(hand, word);
            }
        }
        self.put(hand, word);
    }

    /// A word wider than a line, broken between letters.
    fn long_word(&mut self, hand: Hand, word: &str) {
        let mut part = String::new();
        for cluster in word.graphemes(true) {
            part.push_str(cluster);
            if !self.fits(hand, &part) && part.len() > cluster.len() && cluster != " " {
                part.truncate(part.len() - cluster.len());
                self.put(hand, &part);
                self.end_line();
                part.replace_range(.., cluster);
            }
        }
        self.put(hand, &part);
    }

    fn fits(&self, hand: Hand, text: &str) -> bool {
        // Widths are sums of rounded numbers: what was measured to fit exactly does.
        self.x + self.faces.of(hand.weight).width(text, hand.size) <= self.width + 0.01
    }

    fn put(&mut self, hand: Hand, text: &str) {
        // The space that does not break has done its work; a search for `999 000 0018` should find it.
        let text = text.replace('\u{a0}', " ");
        let wide = self.faces.of(hand.weight).width(&text, hand.size);
        match self.line.last_mut() {
            Some(last) if last.hand == hand => last.text.push_str(&text),
            _ => self.line.push(Segment { x: self.x, hand, text }),
        }
        self.x += wide;
    }

    fn end_line(&mut self) {
        self.done.push(std::mem::take(&mut self.line));
        self.x = 0.0;
    }
}
