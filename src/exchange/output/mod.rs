//! Documents that leave.
//!
//! `minutes`, `agenda`, `pack`, `summary`, `actions`, `paste` and `numbers` build from the records; `cut` decides what the
//! `recipient` may see; `docx`, `pdf`, `html`, `markdown`, `plain`, `xlsx`, `csv`, `ics` and `eml` render, the first three
//! with the sender's `look`, which a `template` may bring; `file` puts the result on a disk. `outgoing` is all of that in
//! order, for the screen and the command line alike; `sealed` freezes minutes, `verify` knows a copy again and `erasing`
//! takes somebody out of them by law. Start with
//! [`document::Document`].

pub mod actions;
pub mod agenda;
mod alike;
pub mod csv;
pub mod cut;
pub mod document;
pub mod docx;
pub mod eml;
pub mod erasing;
pub mod file;
pub mod html;
pub mod ics;
pub mod look;
pub mod markdown;
pub mod minutes;
pub mod numbers;
pub mod outgoing;
pub mod pack;
pub mod paste;
pub mod pdf;
pub mod plain;
pub mod pseudonym;
pub mod recipient;
pub mod sealed;
pub mod slips;
pub mod summary;
pub mod taken;
pub mod template;
pub mod verify;
pub mod xlsx;

mod cover;
mod hidden;
mod people;

use crate::domain::Word;
use crate::domain::refusal::Refusal;
use crate::store::fault::Fault;

use document::Document;
use file::NotWritten;
use look::Look;
use recipient::Permitted;

words! {
    /// The formats a document can be written in. The code is the ending of the file's name.
    Format {
        /// Word.
        Docx = "docx", "Word";
        /// Portable Document Format.
        Pdf = "pdf", "PDF";
        /// A page for a browser.
        Html = "html", "web page";
        /// Markdown.
        Markdown = "md", "Markdown";
        /// Plain text, 100 columns wide.
        Text = "txt", "plain text";
        /// A workbook.
        Xlsx = "xlsx", "Excel";
        /// A table as text.
        Csv = "csv", "CSV";
        /// For programs.
        Json = "json", "JSON";
        /// For calendars.
        Ics = "ics", "calendar";
        /// A message nobody has sent yet.
        Eml = "eml", "e-mail draft";
    }
}

impl Format {
    /// Whether it can be shown on a terminal.
    pub fn is_text(self) -> bool {
        match self {
            Self::Html | Self::Markdown | Self::Text | Self::Csv | Self::Json | Self::Ics | Self::Eml => true,
            Self::Docx | Self::Pdf | Self::Xlsx => false,
        }
    }

    /// Whether any document can be written in it.
    pub fn is_page(self) -> bool {
        match self {
            Self::Docx | Self::Pdf | Self::Html | Self::Markdown | Self::Text | Self::Xlsx | Self::Json => true,
            Self::Csv | Self::Ics | Self::Eml => false,
        }
    }

    /// Whether an action log is written in it row by row, rather than as a page.
    pub fn is_list(self) -> bool {
        match self {
            Self::Xlsx | Self::Csv | Self::Json | Self::Ics => true,
            Self::Docx | Self::Pdf | Self::Html | Self::Markdown | Self::Text | Self::Eml => false,
        }
    }

    /// The document in this format.
    ///
    /// # Errors
    /// Refuses a format that is for lists; and where a file cannot be packed.
    pub fn render(self, document: Permitted<'_, Document>, look: &Look) -> Result<Vec<u8>, NotWritten> {
        match self {
            Self::Markdown => Ok(markdown::render(document).into_bytes()),
            Self::Text => Ok(plain::render(document).into_bytes()),
            Self::Docx => docx::render(document, look),
            Self::Pdf => pdf::render(document, look),
            Self::Html => Ok(html::render(document, look).into_bytes()),
            Self::Xlsx => xlsx::document(document),
            Self::Json => document
                .what()
                .to_json()
                .map(String::into_bytes)
                .map_err(|_| NotWritten::new("The document could not be written as JSON. Nothing was written.")),
            Self::Csv | Self::Ics | Self::Eml => {
                Err(NotWritten::new("This document cannot be had so. Nothing was written."))
            }
        }
    }
}

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// The domain says no.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The file could not be read.
    #[error("{0}")]
    Fault(#[from] Fault),
    /// The format could not be written.
    #[error("{0}")]
    NotWritten(#[from] NotWritten),
}

/// The codes of a list of words, for a sentence: `md, docx, txt`.
pub fn codes<W: Word>() -> String {
    W::ALL.iter().map(|word| word.code()).collect::<Vec<_>>().join(", ")
}
