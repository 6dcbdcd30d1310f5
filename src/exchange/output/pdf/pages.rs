//! Pieces put onto pages, one after the other.

use super::pieces::{Paint, Piece, Slice, Story};

/// The room a page has between its head and its foot, from the top edge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) top: f32,
    pub(super) bottom: f32,
}

/// A heading that can be jumped to.
#[derive(Debug)]
pub(super) struct Bookmark {
    pub(super) level: u16,
    pub(super) text: String,
    pub(super) page: usize,
    pub(super) y: f32,
}

/// What stands on each page, and where the headings are.
pub(super) struct Pages {
    pub(super) pages: Vec<Vec<Paint>>,
    pub(super) bookmarks: Vec<Bookmark>,
}

/// Puts the pieces onto as many pages as they need. A piece that stays with the next one, a heading or the header row of a
/// table, never ends a page; a row goes onto the next page whole, unless it is taller than any page.
pub(super) fn fill(story: &mut Story, room: Room) -> Pages {
    let mut filler = Filler {
        room,
        y: room.top,
        below: 0.0,
        heads: &story.heads,
        done: Pages { pages: vec![Vec::new()], bookmarks: Vec::new() },
    };
    let mut pieces = std::mem::take(&mut story.pieces).into_iter();
    let mut chain = Vec::new();
    while let Some(piece) = pieces.next() {
        let keep = piece.keep;
        chain.push(piece);
        if !keep || pieces.len() == 0 {
            filler.chain(std::mem::take(&mut chain));
        }
    }
    filler.done
}

struct Filler<'a> {
    room: Room,
    y: f32,
    below: f32,
    heads: &'a [Vec<Slice>],
    done: Pages,
}

impl Filler<'_> {
    /// Places pieces that belong together: on this page, on the next one, or – taller than a page – from the next one on.
    fn chain(&mut self, chain: Vec<Piece>) {
        let begins = chain.first().is_some_and(|piece| piece.begins);
        if self.y > self.room.top && (begins || self.y + self.need(&chain) > self.room.bottom) {
            self.turn(chain.first().and_then(|piece| piece.table));
        }
        let fits = self.y + self.need(&chain) <= self.room.bottom;
        for piece in chain {
            self.piece(piece, fits);
        }
    }

    /// The room that pieces which belong together need here.
    fn need(&self, chain: &[Piece]) -> f32 {
        let mut need = 0.0;
        let mut below = if self.y > self.room.top { Some(self.below) } else { None };
        for (n, piece) in chain.iter().enumerate() {
            need += below.map_or(0.0, |below| piece.above.max(below));
            need += if n + 1 == chain.len() { piece.least() } else { piece.height() };
            below = Some(piece.below);
        }
        need
    }

    fn piece(&mut self, mut piece: Piece, whole: bool) {
        if self.y > self.room.top {
            self.y += piece.above.max(self.below);
        }
        if let Some((level, text)) = piece.bookmark.take() {
            let page = self.done.pages.len() - 1;
            self.done.bookmarks.push(Bookmark { level, text, page, y: self.y });
        }
        let count = piece.slices.len();
        let together = whole && !piece.breaks;
        let (table, below) = (piece.table, piece.below);
        let heights: Vec<f32> = piece.slices.iter().map(|slice| slice.height).collect();
        for (n, slice) in piece.slices.into_iter().enumerate() {
            // The last two lines stay together.
            let need = if n + 2 == count { heights.iter().skip(n).sum() } else { slice.height };
            if !together && self.y + need > self.room.bottom && self.y > self.room.top {
                self.turn(table);
            }
            self.slice(slice);
        }
        self.below = below;
    }

    fn slice(&mut self, slice: Slice) {
        let y = self.y;
        self.y += slice.height;
        if let Some(page) = self.done.pages.last_mut() {
            page.extend(slice.paint.into_iter().map(|mut paint| {
                paint.lower(y);
                paint
            }));
        }
    }

    /// Begins a page, inside a table with its header row – unless that alone would fill a third of it.
    fn turn(&mut self, table: Option<usize>) {
        self.done.pages.push(Vec::new());
        self.y = self.room.top;
        self.below = 0.0;
        let head = table.and_then(|table| self.heads.get(table)).map_or(&[][..], Vec::as_slice);
        if head.iter().map(|slice| slice.height).sum::<f32>() <= (self.room.bottom - self.room.top) / 3.0 {
            head.iter().for_each(|slice| self.slice(slice.again()));
        }
    }
}

impl Piece {
    fn height(&self) -> f32 {
        self.slices.iter().map(|slice| slice.height).sum()
    }

    /// The least of it that may begin a page's end: a paragraph of more than three lines may leave two.
    fn least(&self) -> f32 {
        let lines = if self.breaks && self.slices.len() > 3 { 2 } else { self.slices.len() };
        self.slices.iter().take(lines).map(|slice| slice.height).sum()
    }
}
