//! What lies beside the file: its write-ahead log, looked at byte by byte, and whether a program has the file open.
//!
//! Both open files that belong to SQLite. Done while a connection of this program is open, that would drop its locks: ask
//! only before.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::check::with_suffix;

/// What the write-ahead log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Nothing: the file was closed in good order.
    Nothing,
    /// So many pages that are not in the file yet; every one is as it was written.
    Whole {
        /// Pages of whole transactions.
        pages: u64,
        /// Pages of one that was never completed, and which opening leaves out.
        loose: u64,
    },
    /// Pages after the last whole transaction that belong there and cannot be read: an interrupted write, or damage.
    Unread {
        /// Pages of whole transactions.
        pages: u64,
        /// Pages that cannot be read.
        unread: u64,
    },
    /// It begins with something else than such a log does: nothing of it would be read.
    Headless,
}

/// The two running sums of a write-ahead log.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Sums(u32, u32);

impl Sums {
    fn over(mut self, bytes: &[u8], big: bool) -> Self {
        for pair in bytes.chunks_exact(8) {
            let word = |at: usize| {
                let part = pair.get(at..at + 4).and_then(|part| <[u8; 4]>::try_from(part).ok()).unwrap_or_default();
                if big { u32::from_be_bytes(part) } else { u32::from_le_bytes(part) }
            };
            self.0 = self.0.wrapping_add(word(0)).wrapping_add(self.1);
            self.1 = self.1.wrapping_add(word(4)).wrapping_add(self.0);
        }
        self
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|part| <[u8; 4]>::try_from(part).ok()).map(u32::from_be_bytes).unwrap_or_default()
}

/// Reads the write-ahead log of a file that nobody has open.
///
/// # Errors
/// Where it is there and cannot be read.
pub(super) fn waiting(path: &Path) -> std::io::Result<Waiting> {
    match File::open(with_suffix(path, "-wal")) {
        Ok(file) => weigh(BufReader::with_capacity(1 << 18, file)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Waiting::Nothing),
        Err(error) => Err(error),
    }
}

fn weigh(mut log: impl Read) -> std::io::Result<Waiting> {
    let mut head = [0u8; 32];
    let read = fill(&mut log, &mut head)?;
    if read == 0 {
        return Ok(Waiting::Nothing);
    }
    let magic = number(&head, 0);
    let big = magic & 1 == 1;
    let size = usize::try_from(number(&head, 8)).unwrap_or(0);
    let mut sums = Sums::default().over(head.get(..24).unwrap_or_default(), big);
    let ours = magic & !1 == 0x377f_0682 && number(&head, 4) == 3_007_000 && (512..=65_536).contains(&size);
    if read < head.len() || !ours || sums != Sums(number(&head, 24), number(&head, 28)) {
        return Ok(Waiting::Headless);
    }
    let salts = (number(&head, 16), number(&head, 20));
    let (mut pages, mut loose, mut unread, mut good) = (0u64, 0u64, 0u64, true);
    let mut frame = vec![0u8; 24 + size];
    loop {
        let read = fill(&mut log, &mut frame)?;
        if read == 0 {
            break;
        }
        let (begins, data) = frame.split_at(24);
        let found = (number(begins, 8), number(begins, 12));
        let summed = sums.over(begins.get(..8).unwrap_or_default(), big).over(data, big);
        good &= read == frame.len()
            && found == salts
            && summed == Sums(number(begins, 16), number(begins, 20))
            && number(begins, 0) != 0;
        if good {
            sums = summed;
            loose += 1;
            if number(begins, 4) != 0 {
                pages += std::mem::take(&mut loose);
            }
        } else if found.0 == salts.0 || found.1 == salts.1 {
            // Pages left from an earlier round have two other salts. One bit cannot make these out of those.
            unread += 1;
        }
    }
    Ok(if unread > 0 { Waiting::Unread { pages, unread } } else { Waiting::Whole { pages, loose } })
}

/// Reads until the buffer is full or there is no more.
fn fill(log: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match log.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Whether another program has the file open. Every connection to a write-ahead log holds a lock of the system on one byte of
/// the `-shm` file, which goes with its process, however that ends.
#[cfg(unix)]
pub(super) fn in_use(path: &Path) -> bool {
    use rustix::process::{Flock, FlockOffsetType, FlockType, fcntl_getlk};
    const HELD: u64 = 128;
    let Ok(shared) = File::options().read(true).write(true).open(with_suffix(path, "-shm")) else { return false };
    let asked =
        Flock { start: HELD, length: 1, pid: None, typ: FlockType::WriteLock, offset_type: FlockOffsetType::Set };
    !matches!(fcntl_getlk(&shared, &asked), Ok(None))
}

/// Whether another program has the file open: where the system cannot be asked, nobody is seen.
#[cfg(not(unix))]
pub(super) fn in_use(_path: &Path) -> bool {
    false
}
