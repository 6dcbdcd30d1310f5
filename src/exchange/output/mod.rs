//! Documents that leave.
//!
//! `minutes`, `agenda` and `actions` build from the records; `recipient` cuts to what the recipient may see;
//! `markdown`, `plain`, `docx`, `csv`, `xlsx`, `ics` and `eml` render; `file` puts the result on a disk. Start with
//! [`document::Document`].

pub mod actions;
pub mod agenda;
pub mod csv;
pub mod document;
pub mod docx;
pub mod eml;
pub mod file;
pub mod ics;
pub mod look;
pub mod markdown;
pub mod minutes;
pub mod plain;
pub mod recipient;
pub mod xlsx;

mod people;

use std::path::{Path, PathBuf};

use crate::domain::Word;
use crate::domain::day::Day;
use crate::domain::refusal::Refusal;
use crate::store::fault::Fault;

use document::Document;
use recipient::Permitted;

words! {
    /// The formats a document can be written in. The code is the ending of the file's name.
    Format {
        /// Markdown.
        Markdown = "md", "Markdown";
        /// Word.
        Docx = "docx", "Word";
        /// Plain text, 100 columns wide.
        Text = "txt", "plain text";
    }
}

impl Format {
    /// Whether it can be shown on a terminal.
    pub fn is_text(self) -> bool {
        match self {
            Self::Markdown | Self::Text => true,
            Self::Docx => false,
        }
    }

    /// The document in this format.
    ///
    /// # Errors
    /// Only if a Word file cannot be packed.
    pub fn render(self, document: Permitted<'_, Document>) -> Result<Vec<u8>, file::NotWritten> {
        match self {
            Self::Markdown => Ok(markdown::render(document).into_bytes()),
            Self::Text => Ok(plain::render(document).into_bytes()),
            Self::Docx => docx::render(document),
        }
    }
}

/// Renders a document and writes it under its default name into the folder `exports` beside the data file; answers
/// with the path. The caller logs the export first, as a step of its own.
///
/// # Errors
/// Says what went wrong; nothing was written then, and no other file was replaced unless `force`.
pub fn export(
    document: Permitted<'_, Document>,
    on: Day,
    format: Format,
    data_file: &Path,
    force: bool,
) -> Result<PathBuf, file::NotWritten> {
    let folder = file::default_folder(data_file);
    file::make_folder(&folder)?;
    let path = folder.join(file::name(&document.what().kind, on, document.recipient(), format.code()));
    file::check(&path, force)?;
    file::write(&path, &format.render(document)?, force)?;
    Ok(path)
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
}

/// The codes of a list of words, for a sentence: `md, docx, txt`.
pub fn codes<W: Word>() -> String {
    W::ALL.iter().map(|word| word.code()).collect::<Vec<_>>().join(", ")
}
