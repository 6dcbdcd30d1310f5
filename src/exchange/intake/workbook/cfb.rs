//! The compound file around an XLS, and around an encrypted XLSX: a small file system of sectors and chains.
//!
//! No chain is followed for more sectors than the file has, so circles end, and nothing read from it is larger than the
//! file.

use super::guard::{CUT_SHORT, DAMAGED, Fault};

pub(super) const SIGNATURE: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Sector numbers from here on have a meaning of their own: free, end of chain and the like.
const RESERVED: u32 = 0xFFFF_FFFA;
const MINI_SECTOR: usize = 64;
/// Streams shorter than this live in mini sectors.
const MINI_CUTOFF: usize = 4096;
const ENTRY: usize = 128;
/// Entries of the root folder that are looked through; an XLS has some ten.
const ENTRIES_MAX: usize = 1_000;

pub(super) struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini: Vec<u8>,
    streams: Vec<(String, u32, usize)>,
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks_exact(4).filter_map(|four| u32_at(four, 0))
}

impl<'a> Compound<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Compound<'a>, Fault> {
        let header = |at| u32_at(bytes, at).ok_or(CUT_SHORT);
        let sector = match u16_at(bytes, 30).ok_or(CUT_SHORT)? {
            9 => 512,
            12 => 4096,
            _ => return Err(DAMAGED),
        };
        let (directory, mini_fat_start, mut more) = (header(48)?, header(60)?, header(68)?);
        let mut file =
            Compound { bytes, sector, fat: Vec::new(), mini_fat: Vec::new(), mini: Vec::new(), streams: Vec::new() };
        // Where the table of chains is: 109 sector numbers in the header, more of them in a chain of their own.
        let mut tables: Vec<u32> = numbers(bytes.get(76..512).ok_or(CUT_SHORT)?).collect();
        for _ in 0..file.sectors() {
            if more >= RESERVED {
                break;
            }
            let list = file.sector(more)?;
            let (list, next) = list.split_at(list.len().saturating_sub(4));
            tables.extend(numbers(list));
            more = u32_at(next, 0).unwrap_or(u32::MAX);
        }
        tables.retain(|table| *table < RESERVED);
        if tables.len() > file.sectors() {
            return Err(DAMAGED);
        }
        for table in tables {
            let entries: Vec<u32> = numbers(file.sector(table)?).collect();
            file.fat.extend(entries);
        }
        let directory = file.chain(directory)?;
        let root = directory.get(..ENTRY).ok_or(DAMAGED)?;
        if mini_fat_start < RESERVED {
            file.mini_fat = numbers(&file.chain(mini_fat_start)?).collect();
            file.mini = file.chain(u32_at(root, 116).ok_or(DAMAGED)?)?;
        }
        file.streams = streams(&directory, root)?;
        Ok(file)
    }

    fn sectors(&self) -> usize {
        self.bytes.len() / self.sector
    }

    fn sector(&self, id: u32) -> Result<&'a [u8], Fault> {
        let start = (id as usize + 1) * self.sector;
        // The last sector may be short: some programs do not fill it up.
        let end = (start + self.sector).min(self.bytes.len());
        self.bytes.get(start..end).filter(|sector| !sector.is_empty()).ok_or(CUT_SHORT)
    }

    fn chain(&self, first: u32) -> Result<Vec<u8>, Fault> {
        let mut chain = Vec::new();
        let mut next = first;
        for _ in 0..=self.sectors() {
            if next >= RESERVED {
                return Ok(chain);
            }
            chain.extend_from_slice(self.sector(next)?);
            next = *self.fat.get(next as usize).ok_or(DAMAGED)?;
        }
        Err(DAMAGED)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.streams.iter().any(|(known, ..)| known.eq_ignore_ascii_case(name))
    }

    /// A stream of the root folder, `None` where there is none of that name.
    pub(super) fn stream(&self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let Some((_, first, size)) = self.streams.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name)) else {
            return Ok(None);
        };
        let mut stream = if *size < MINI_CUTOFF { self.mini_chain(*first)? } else { self.chain(*first)? };
        if stream.len() < *size {
            return Err(CUT_SHORT);
        }
        stream.truncate(*size);
        Ok(Some(stream))
    }

    fn mini_chain(&self, first: u32) -> Result<Vec<u8>, Fault> {
        let mut chain = Vec::new();
        let mut next = first;
        for _ in 0..=MINI_CUTOFF / MINI_SECTOR {
            if next >= RESERVED {
                return Ok(chain);
            }
            let start = next as usize * MINI_SECTOR;
            chain.extend_from_slice(self.mini.get(start..start + MINI_SECTOR).ok_or(DAMAGED)?);
            next = *self.mini_fat.get(next as usize).ok_or(DAMAGED)?;
        }
        Err(DAMAGED)
    }
}

/// The streams of the root folder: name, first sector and size. Folders are left out, because a workbook embedded in
/// another has a stream of the same name in a folder of its own.
fn streams(directory: &[u8], root: &[u8]) -> Result<Vec<(String, u32, usize)>, Fault> {
    let mut streams = Vec::new();
    let mut open = vec![u32_at(root, 76).ok_or(DAMAGED)?];
    let mut seen = 0;
    while let Some(id) = open.pop() {
        if id >= RESERVED {
            continue;
        }
        seen += 1;
        let start = id as usize * ENTRY;
        let entry = directory.get(start..start + ENTRY).filter(|_| seen <= ENTRIES_MAX).ok_or(DAMAGED)?;
        let number = |at| u32_at(entry, at).ok_or(DAMAGED);
        open.push(number(68)?);
        open.push(number(72)?);
        if entry.get(66) == Some(&2) {
            let length = usize::from(u16_at(entry, 64).ok_or(DAMAGED)?).saturating_sub(2).min(62);
            let units: Vec<u16> = (0..length / 2).filter_map(|unit| u16_at(entry, unit * 2)).collect();
            streams.push((String::from_utf16_lossy(&units), number(116)?, number(120)? as usize));
        }
    }
    Ok(streams)
}
