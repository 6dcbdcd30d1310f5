//! What the program reaches outside its own file and screen: the clipboard of the terminal, and the desktop's programs.

use std::io;
use std::path::Path;

/// Whoever can reach it. A session that was given nobody reaches nothing.
pub trait Outside {
    /// Puts a text on the clipboard of the terminal. That it took it, no terminal says.
    ///
    /// # Errors
    /// Where the terminal cannot be written to.
    fn copy(&mut self, text: &[u8]) -> io::Result<()>;

    /// Shows a folder in a window of the desktop.
    ///
    /// # Errors
    /// Where no program is there to show it.
    fn open(&mut self, folder: &Path) -> io::Result<()>;
}

/// Reaches nothing: for a session without a terminal.
pub struct Nowhere;

impl Outside for Nowhere {
    fn copy(&mut self, _: &[u8]) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "there is no terminal"))
    }

    fn open(&mut self, _: &Path) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "there is no desktop"))
    }
}
