//! A document as a PDF file, laid out as the Word file is: A4, 2 cm margins, the same look.
//!
//! `pieces` cuts the document, `lines` and `fonts` measure it, `pages` fills the pages, `tree` says what is what, and this
//! file paints. Every page carries team, confidentiality and `Page x of y`; header rows repeat; rows do not break.
//!
//! The file is checked as it is made, by the library that makes it, against PDF/A-2a (archives) and PDF/UA-1 (readers who
//! do not see): faces embedded, every text extractable, headings, lists and tables tagged, an outline. What fails there is
//! not written. The same document gives the same bytes; the properties name no person.

mod fonts;
mod lines;
mod pages;
mod pieces;
mod tree;

use std::fmt::Display;

use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag};
use krilla::{SerializeSettings, color::rgb, destination::XyzDestination};

use super::document::Document;
use super::file::NotWritten;
use super::look::{Logo, Look, Picture, Rgb};
use super::recipient::Permitted;

use fonts::{Faces, Weight};
use lines::{Hand, Line, wrap};
use pages::{Bookmark, Room};
use pieces::{ALARM, Paint, set};
use tree::Tree;

/// A4, in points.
const PAGE: (f32, f32) = (595.28, 841.89);
/// The left margin: 2 cm.
const LEFT: f32 = 56.7;
/// The width of the text.
const WIDTH: f32 = PAGE.0 - 2.0 * LEFT;
/// Where the text begins under a head of two lines, and where it ends.
const TEXT: Room = Room { top: 76.5, bottom: PAGE.1 - 56.7 };
/// Between the edge of the paper and head or foot.
const EDGE: f32 = 28.35;
/// Lines a head or foot has at the most; what is said there stands in the document too.
const MOST_LINES: usize = 12;
const HEAD: Hand = Hand { weight: Weight::Bold, size: 8.0, ink: Rgb(0, 0, 0) };
const CONFIDENTIAL: Hand = Hand { weight: Weight::Regular, size: 8.0, ink: ALARM };
const FOOT: Hand = Hand { weight: Weight::Regular, size: 8.0, ink: Rgb(0, 0, 0) };
const RULE: Rgb = Rgb(0x99, 0x99, 0x99);

const LANGUAGE: &str = "en-GB";

/// The document as the bytes of a `.pdf` file.
///
/// # Errors
/// If the logo cannot be read, or the file would not be what it says it is.
pub fn render(document: Permitted<'_, Document>, look: &Look) -> Result<Vec<u8>, NotWritten> {
    let document = document.what();
    let faces = Faces::load().ok_or_else(|| not_made("the built-in fonts cannot be read"))?;
    let logo = look.logo.as_ref().map(picture).transpose()?;
    let frame = Frame::of(document, &faces);
    let mut story = pieces::of(document, look, &faces);
    let pages = pages::fill(&mut story, frame.room());
    let mut tree = story.tree;
    let mut file = krilla::Document::new_with(settings()?);
    let size = Size::from_wh(PAGE.0, PAGE.1).ok_or_else(|| not_made("the page has no size"))?;
    let count = pages.pages.len();
    for (n, paint) in pages.pages.into_iter().enumerate() {
        let mut page = file.start_page_with(PageSettings::new(size));
        let mut painter = Painter { surface: page.surface(), faces: &faces, logo: logo.as_ref(), tree: &mut tree };
        frame.paint(&mut painter, n + 1, count);
        painter.page(paint);
    }
    file.set_outline(outline(pages.bookmarks));
    file.set_tag_tree(tree.finish());
    file.set_metadata(properties(document));
    file.finish().map_err(not_made)
}

fn not_made(why: impl Display) -> NotWritten {
    NotWritten::new(format!("The PDF file could not be made: {why}. Nothing was written; a Word file still can be."))
}

fn settings() -> Result<SerializeSettings, NotWritten> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| not_made("the two standards do not go together"))?;
    Ok(SerializeSettings { configuration, ..SerializeSettings::default() })
}

/// Title and language; no author, nobody's name. PDF/A asks for a date: it is the same for every file, so that the bytes
/// depend on the document alone. The document's own days stand in its text.
fn properties(document: &Document) -> Metadata {
    let date = DateTime::new(2000).month(1).day(1).hour(0).minute(0).second(0);
    Metadata::new()
        .title(shortened(&format!("{} – {}", document.team, document.title)))
        .language(LANGUAGE.to_owned())
        .creator("mdt".to_owned())
        .creation_date(date.utc_offset_hour(0).utc_offset_minute(0))
}

/// Text for a place where it is only named; it stands in full on the page.
fn shortened(text: &str) -> String {
    const MOST: usize = 200;
    let text = fonts::settable(&text.replace(['\n', '\u{a0}'], " "));
    match text.char_indices().nth(MOST).and_then(|(end, _)| text.get(..end)) {
        Some(start) => format!("{start}…"),
        None => text,
    }
}

fn picture(logo: &Logo) -> Result<Image, NotWritten> {
    let data = logo.bytes.clone().into();
    let read = match logo.kind {
        Picture::Png => Image::from_png(data, false),
        Picture::Jpeg => Image::from_jpeg(data, false),
    };
    read.map_err(|why| not_made(format!("the logo cannot be read ({why})")))
}

/// The headings as a tree: each under the last one before it of a higher level.
fn outline(bookmarks: Vec<Bookmark>) -> Outline {
    let mut outline = Outline::new();
    let mut open: Vec<(u16, OutlineNode)> = Vec::new();
    for bookmark in bookmarks {
        while open.last().is_some_and(|(level, _)| *level >= bookmark.level) {
            close(&mut outline, &mut open);
        }
        let place = XyzDestination::new(bookmark.page, Point::from_xy(LEFT, bookmark.y));
        open.push((bookmark.level, OutlineNode::new(bookmark.text, place).with_open(true)));
    }
    while !open.is_empty() {
        close(&mut outline, &mut open);
    }
    outline
}

fn close(outline: &mut Outline, open: &mut Vec<(u16, OutlineNode)>) {
    if let Some((_, node)) = open.pop() {
        match open.last_mut() {
            Some((_, above)) => above.push_child(node),
            None => outline.push_child(node),
        }
    }
}

/// What stands at the head and the foot of every page.
struct Frame {
    head: Vec<Line>,
    foot: Vec<Line>,
}

impl Frame {
    fn of(document: &Document, faces: &Faces) -> Self {
        let said: Vec<&str> =
            [&document.team, &document.title].into_iter().chain(&document.notices).map(String::as_str).collect();
        let mut head = wrap(faces, &[(HEAD, &said.join(" · "))], WIDTH);
        head.extend(wrap(faces, &[(CONFIDENTIAL, &document.confidentiality)], WIDTH));
        head.truncate(MOST_LINES);
        let mut foot = wrap(faces, &[(FOOT, document.foot.as_deref().unwrap_or_default())], WIDTH - 90.0);
        foot.truncate(MOST_LINES);
        Self { head, foot }
    }

    #[expect(clippy::cast_precision_loss, reason = "a dozen lines at the most")]
    fn edges(&self) -> Room {
        let line = HEAD.line(1.0);
        let top = EDGE + self.head.len() as f32 * line + 3.0;
        let bottom = PAGE.1 - EDGE - self.foot.len() as f32 * line - 3.0;
        Room { top, bottom }
    }

    /// The room between them.
    fn room(&self) -> Room {
        let edges = self.edges();
        Room { top: TEXT.top.max(edges.top + 12.0), bottom: TEXT.bottom.min(edges.bottom - 10.0) }
    }

    fn paint(&self, painter: &mut Painter<'_>, page: usize, of: usize) {
        let (edges, line) = (self.edges(), HEAD.line(1.0));
        let mut head = vec![Paint::Fill { x: LEFT, y: edges.top, width: WIDTH, height: 0.5, ink: RULE }];
        let mut y = EDGE;
        for it in &self.head {
            set(&mut head, LEFT, y, line, it, None);
            y += line;
        }
        painter.artifact(ArtifactType::Header, &head);
        let mut foot = vec![Paint::Fill { x: LEFT, y: edges.bottom, width: WIDTH, height: 0.5, ink: RULE }];
        let mut y = edges.bottom + 3.0;
        let number = wrap(painter.faces, &[(FOOT, &format!("Page {page} of {of}"))], WIDTH);
        for it in number.iter().take(1) {
            let wide: f32 = it.iter().map(|part| painter.faces.of(FOOT.weight).width(&part.text, FOOT.size)).sum();
            set(&mut foot, LEFT + WIDTH - wide, y, line, it, None);
        }
        for it in &self.foot {
            set(&mut foot, LEFT, y, line, it, None);
            y += line;
        }
        painter.artifact(ArtifactType::Footer, &foot);
    }
}

/// Paints one page.
struct Painter<'a> {
    surface: Surface<'a>,
    faces: &'a Faces,
    logo: Option<&'a Image>,
    tree: &'a mut Tree,
}

impl Painter<'_> {
    /// The text of a page: first what lies behind it, which says nothing, then what belongs to the tree.
    fn page(&mut self, paint: Vec<Paint>) {
        let (behind, over): (Vec<Paint>, Vec<Paint>) =
            paint.into_iter().partition(|paint| matches!(paint, Paint::Fill { .. }));
        if !behind.is_empty() {
            self.artifact(ArtifactType::Layout, &behind);
        }
        for paint in &over {
            let branch = match paint {
                Paint::Text { branch, .. } => *branch,
                Paint::Logo { branch, .. } | Paint::Nothing { branch } => Some(*branch),
                Paint::Fill { .. } => None,
            };
            let Some(branch) = branch else {
                self.artifact(ArtifactType::PaginationOther, std::slice::from_ref(paint));
                continue;
            };
            let tag = match paint {
                Paint::Text { .. } => ContentTag::Span(SpanTag::empty()),
                Paint::Logo { .. } | Paint::Nothing { .. } | Paint::Fill { .. } => ContentTag::Other,
            };
            let it = self.surface.start_tagged(tag);
            self.draw(paint);
            self.surface.end_tagged();
            self.tree.painted(branch, it);
        }
    }

    /// Something that is no part of what the document says.
    fn artifact(&mut self, kind: ArtifactType, paint: &[Paint]) {
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(kind)));
        paint.iter().for_each(|it| self.draw(it));
        self.surface.end_tagged();
    }

    fn draw(&mut self, paint: &Paint) {
        match paint {
            Paint::Text { x, baseline, hand, text, .. } => {
                let face = self.faces.of(hand.weight);
                self.surface.set_fill(Some(ink(hand.ink)));
                let start = Point::from_xy(*x, *baseline);
                self.surface.draw_glyphs(start, &face.glyphs(text), face.font.clone(), text, hand.size, false);
            }
            Paint::Fill { x, y, width, height, ink: colour } => {
                let mut path = PathBuilder::new();
                if let Some(rect) = Rect::from_xywh(*x, *y, *width, *height) {
                    path.push_rect(rect);
                }
                if let Some(path) = path.finish() {
                    self.surface.set_fill(Some(ink(*colour)));
                    self.surface.draw_path(&path);
                }
            }
            Paint::Logo { x, y, width, height, .. } => {
                if let (Some(logo), Some(size)) = (self.logo, Size::from_wh(*width, *height)) {
                    self.surface.push_transform(&Transform::from_translate(*x, *y));
                    self.surface.draw_image(logo.clone(), size);
                    self.surface.pop();
                }
            }
            Paint::Nothing { .. } => {}
        }
    }
}

fn ink(Rgb(red, green, blue): Rgb) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}
