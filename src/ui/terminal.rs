//! The terminal: taken over with a guard and given back whole, whatever happens.

use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use super::outside::Outside;

/// What is said of a mistake in the program: the place only, because a message might hold a name.
pub fn mistake(info: &std::panic::PanicHookInfo<'_>) -> String {
    let place = info.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
    format!(
        "mdt stopped because of a mistake in the program ({place}). Everything confirmed is saved; start mdt again to go on."
    )
}

/// More than a whole picture takes.
const PICTURE_BYTES: usize = 1 << 16;

/// Where pictures go: standard output itself. (The library's handle to it has a buffer of its own, which lives as long as the
/// process does and would keep the end of the last picture while mdt is locked.)
#[cfg(unix)]
type Output = std::fs::File;
#[cfg(not(unix))]
type Output = io::Stdout;

/// The terminal in our hands. Dropping it gives it back.
pub struct Screen {
    /// What is drawn on.
    pub terminal: Terminal<CrosstermBackend<BufWriter<Output>>>,
}

impl Screen {
    /// Takes the terminal over; a panic gives it back before anything is said.
    ///
    /// # Errors
    /// Where standard output is not a terminal.
    pub fn take() -> io::Result<Self> {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // Work on a list is fenced in: a reader that stumbles over a spoilt workbook must not take the screen away.
            if crate::jobs::lists::is_at_work() {
                return;
            }
            give_back();
            before(info);
        }));
        enter()?;
        Ok(Self { terminal: Terminal::new(backend()?)? })
    }

    /// Gives the shell back for a while, and comes back when it is brought to the foreground again.
    ///
    /// # Errors
    /// Where the terminal cannot be taken again.
    #[cfg(unix)]
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        enter()?;
        self.draw_anew();
        Ok(())
    }

    /// Takes every trace of what was shown off the terminal: the screen, what it keeps to scroll back to, and the picture
    /// as it was sent.
    ///
    /// # Errors
    /// Where the terminal cannot be written to.
    pub fn wipe(&mut self) -> io::Result<()> {
        self.terminal.backend_mut().flush()?;
        *self.terminal.backend_mut() = backend()?;
        execute!(io::stdout(), Clear(ClearType::All), Clear(ClearType::Purge))?;
        self.draw_anew();
        Ok(())
    }

    /// Forgets what was drawn, so that the next picture is drawn whole. (To clear the library's way it would ask the terminal
    /// where the cursor is, and the answer goes to the thread that reads keys.)
    fn draw_anew(&mut self) {
        self.terminal.swap_buffers();
    }

    /// Not on this system.
    ///
    /// # Errors
    /// Never.
    #[cfg(not(unix))]
    pub fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The clipboard of the terminal this runs in, and the programs of the desktop around it.
pub struct Desktop;

impl Outside for Desktop {
    // Between two pictures nothing waits in the buffer of the screen: what is written here does not fall into one.
    fn copy(&mut self, text: &[u8]) -> io::Result<()> {
        execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text))
    }

    fn open(&mut self, folder: &Path) -> io::Result<()> {
        open::that_detached(folder)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// A picture goes out in one piece.
fn backend() -> io::Result<CrosstermBackend<BufWriter<Output>>> {
    #[cfg(unix)]
    let out = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?.into();
    #[cfg(not(unix))]
    let out = io::stdout();
    Ok(CrosstermBackend::new(BufWriter::with_capacity(PICTURE_BYTES, out)))
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    // The title is fixed: a window's name must not tell whose record is open.
    execute!(
        io::stdout(),
        EnterAlternateScreen,
        EnableBracketedPaste,
        EnableMouseCapture,
        SetTitle("MDT"),
        cursor::Hide
    )
}

fn give_back() {
    let _ = execute!(
        io::stdout(),
        Clear(ClearType::All),
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        // Some terminals keep lines of the other screen too; nothing of it is to be scrolled back to.
        Clear(ClearType::Purge),
        cursor::Show
    );
    let _ = disable_raw_mode();
    let _ = io::stdout().flush();
}
