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
        let line = std::mem::take(&mut self.line);
        self.done.push(line.into_iter().flat_map(|segment| self.by_direction(segment)).collect());
        self.x = 0.0;
    }

    /// A segment in parts that each run one way.
    fn by_direction(&self, segment: Segment) -> Vec<Segment> {
        if !segment.text.contains(is_leftward) {
            return vec![segment];
        }
        let (mut x, hand, mut parts) = (segment.x, segment.hand, Vec::new());
        let mut rest = segment.text.as_str();
        while !rest.is_empty() {
            let back = rest.starts_with(is_leftward);
            let end = if back { leftward(rest) } else { rest.find(is_leftward).unwrap_or(rest.len()) };
            let (part, after) = rest.split_at(end);
            let wide = |text: &str| self.faces.of(hand.weight).width(text, hand.size);
            let next = x + wide(part);
            if back {
                // Word by word, the first at the right: that is the order in which they are read.
                let mut right = next;
                for word in part.split_inclusive(' ') {
                    right -= wide(word);
                    parts.push(Segment { x: right, hand, text: word.to_owned() });
                }
            } else {
                parts.push(Segment { x, hand, text: part.to_owned() });
            }
            (x, rest) = (next, after);
        }
        parts
    }
}

/// Whether a letter is written from right to left: Hebrew, Arabic and their neighbours.
pub(super) fn is_leftward(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// How far the words go that begin here and are written from right to left, with the blanks and points between them.
fn leftward(text: &str) -> usize {
    let strong = |c: &char| c.is_alphanumeric() && !is_leftward(*c);
    let reach = text.find(|c| strong(&c)).and_then(|end| text.get(..end)).unwrap_or(text);
    reach.rfind(is_leftward).map_or(0, |last| last + text.get(last..).map_or(0, first_width))
}

fn first_width(text: &str) -> usize {
    text.graphemes(true).next().map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use super::{Hand, wrap};
    use crate::exchange::output::look::Rgb;
    use crate::exchange::output::pdf::fonts::{Faces, Weight};

    #[test]
    fn lines_hold_all_of_the_text_and_none_is_too_wide() {
        let faces = Faces::load().unwrap();
        let hand = Hand { weight: Weight::Regular, size: 10.0, ink: Rgb(0, 0, 0) };
        let texts = [
            "",
            " ",
            "  two   blanks ",
            "one\n\ntwo",
            "Wolfeschlegelsteinhausenbergerdorff, Hubert",
            "נועה בן־דוד (Noa) 12",
        ];
        for text in texts {
            for width in [1.0, 12.0, 40.0, 500.0] {
                let lines = wrap(&faces, &[(hand, "Label: "), (hand, text)], width);
                let said: String = lines.iter().flatten().map(|part| part.text.as_str()).collect();
                assert_eq!(said, format!("Label: {text}").replace('\n', ""), "{width}");
                for line in lines.iter().filter(|_| width > 10.0) {
                    for part in line {
                        let end = part.x + faces.of(part.hand.weight).width(part.text.trim_end(), 10.0);
                        assert!(end <= width + 0.1 || part.text.contains(super::is_leftward), "{width}: {line:?}");
                    }
                }
            }
        }
        let parts: Vec<String> =
            wrap(&faces, &[(hand, "born: נועה בן (Noa)")], 500.0).remove(0).into_iter().map(|part| part.text).collect();
        assert_eq!(parts, ["born: ", "נועה ", "בן", " (Noa)"]);
    }
}
