//! Looks at a file before any connection to it is open, in a fixed order, each look with its own reason to stop.
//!
//! Only metadata is asked for, and the first bytes once: opening and closing the file later would drop SQLite's locks.

use std::fs::{self, Metadata};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::fault::Fault;

/// What the first bytes of a file say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// Encrypted (or not a database at all).
    Encrypted,
    /// Plain SQLite.
    Plain,
}

/// Why a file should not be opened. Nothing of it was touched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A name that SQLite would take for something else.
    #[error("The path of the file must be absolute and hold neither ? nor #.")]
    Name,
    /// There is none.
    #[error("There is no file {0}. Make one with: mdt init \"Team name\" – or look at invented people with: mdt demo")]
    Nowhere(String),
    /// There is none, but what an interrupted change of the passphrase left tells where it is.
    #[error("There is no file {path}. {instead}")]
    Interrupted {
        /// The file.
        path: String,
        /// Where its two halves lie, and what to do.
        instead: String,
    },
    /// A link to another file.
    #[error("{path} is a link to another file. Open the file itself: mdt --file '{target}'")]
    Link {
        /// The link.
        path: String,
        /// Where it leads.
        target: String,
    },
    /// A folder or a device.
    #[error("{0} is not a file.")]
    NotAFile(String),
    /// The disk does not give its bytes.
    #[error("{0} could not be read. Nothing was changed. Check that you may read it, and the disk.")]
    Unreadable(String),
    /// A second name for the same file.
    #[error("{0} has more than one name on this disk (a hard link). Remove the others first.")]
    ManyNames(String),
    /// Somebody else's.
    #[error("{path} belongs to another user (number {owner}). Only its owner may open it.")]
    OtherOwner {
        /// The file.
        path: String,
        /// Whose it is.
        owner: u32,
    },
    /// Others may read it.
    #[error("Others may read {path}. Close that first: chmod 600 '{path}'")]
    Open {
        /// The file, or what lies beside it and belongs to it.
        path: String,
    },
    /// Others may put another file in its place.
    #[error(
        "Others may change what lies in {folder}, and so put another file in its place. Close that first: chmod go-w '{folder}'"
    )]
    OpenFolder {
        /// The folder.
        folder: String,
    },
    /// A network share.
    #[error(
        "{path} lies on a network share ({kind}), where committed work can be lost: mdt does not write there. Put the file on a local disk, or look at it with: mdt --read-only"
    )]
    Share {
        /// The file.
        path: String,
        /// Which sort of share.
        kind: &'static str,
    },
    /// A disk of a sort that nobody has vouched for.
    #[error(
        "{path} lies on a disk of a sort that mdt does not know (type {kind:#x}), where committed work could be lost. Put the file on a local disk, or look at it with: mdt --read-only"
    )]
    UnknownDisk {
        /// The file.
        path: String,
        /// What the system calls the sort.
        kind: u64,
    },
    /// A folder that a program copies elsewhere.
    #[error(
        "{path} lies in a folder that is copied elsewhere ({by}). That can damage it and sends it away. Put the file into a local folder, or look at it with: mdt --read-only"
    )]
    Cloud {
        /// The file.
        path: String,
        /// The folder's name, or the mark that such a program left.
        by: String,
    },
    /// It cannot be written.
    #[error(
        "{0} cannot be written: a read-only disk, or missing rights to it or its folder. Nothing was changed. Give yourself those rights, copy the file to a disk that can be written, or look at it with: mdt --read-only"
    )]
    NoWriting(String),
    /// A passphrase for a file that is not encrypted.
    #[error(
        "{0} is not encrypted, but a passphrase was given for it: it may not be the file you mean. It was not opened. If it is, open it without --key-file."
    )]
    NotEncrypted(String),
}

impl Unfit {
    /// Whether the file can be read all the same without harm.
    pub fn can_be_read(&self) -> bool {
        match self {
            Self::Share { .. } | Self::UnknownDisk { .. } | Self::Cloud { .. } | Self::NoWriting(_) => true,
            Self::Name
            | Self::Nowhere(_)
            | Self::Interrupted { .. }
            | Self::Link { .. }
            | Self::NotAFile(_)
            | Self::Unreadable(_)
            | Self::ManyNames(_)
            | Self::OtherOwner { .. }
            | Self::Open { .. }
            | Self::OpenFolder { .. }
            | Self::NotEncrypted(_) => false,
        }
    }

    /// What [`close_to_others`] would close.
    pub fn can_be_closed(&self) -> Option<&str> {
        match self {
            Self::Open { path } => Some(path),
            Self::OpenFolder { folder } => Some(folder),
            Self::Name
            | Self::Nowhere(_)
            | Self::Interrupted { .. }
            | Self::Link { .. }
            | Self::NotAFile(_)
            | Self::Unreadable(_)
            | Self::ManyNames(_)
            | Self::OtherOwner { .. }
            | Self::Share { .. }
            | Self::UnknownDisk { .. }
            | Self::Cloud { .. }
            | Self::NoWriting(_)
            | Self::NotEncrypted(_) => None,
        }
    }
}

/// How the surroundings are looked at. A test stands in for disks that this machine does not have.
#[derive(Clone, Copy, Debug)]
pub struct Looks {
    sort_of_disk: fn(&Path) -> Option<u64>,
    may_write: fn(&Path) -> bool,
}

impl Default for Looks {
    fn default() -> Self {
        Self { sort_of_disk, may_write }
    }
}

impl Looks {
    /// As if every folder lay on a disk of the sort that `sort_of_disk` answers.
    #[doc(hidden)]
    pub fn as_if_on(sort_of_disk: fn(&Path) -> Option<u64>) -> Self {
        Self { sort_of_disk, may_write }
    }

    /// As if only what `may_write` answers could be written.
    #[doc(hidden)]
    pub fn as_if_allowed(may_write: fn(&Path) -> bool) -> Self {
        Self { sort_of_disk, may_write }
    }
}

/// Looks at a file before it is opened for work.
///
/// # Errors
/// Says in words why the file should not be opened.
pub fn check(path: &Path) -> Result<Cover, Fault> {
    Ok(look(path, Looks::default())?)
}

/// Looks at a file before it is opened to read only. Answers also what would forbid to work on it.
///
/// # Errors
/// Says in words why the file should not even be read.
pub fn check_to_read(path: &Path) -> Result<(Cover, Option<Unfit>), Fault> {
    Ok(look_to_read(path, Looks::default())?)
}

pub(super) fn look(path: &Path, looks: Looks) -> Result<Cover, Unfit> {
    file_itself(path)?;
    place(path, looks)?;
    writable(path, looks)?;
    cover(path)
}

pub(super) fn look_to_read(path: &Path, looks: Looks) -> Result<(Cover, Option<Unfit>), Unfit> {
    file_itself(path)?;
    let place = place(path, looks).err();
    Ok((cover(path)?, place))
}

/// The folder a file would be made in: its name and place.
pub(super) fn look_before_making(path: &Path) -> Result<(), Unfit> {
    name(path)?;
    place(path, Looks::default())?;
    // A new file in that place would hide the one that is only waiting for its name.
    interrupted(path).map_or(Ok(()), Err)
}

/// The same path with the links of its folders followed: SQLite takes no path with a link in it. The last part stays.
pub(super) fn resolved(path: &Path) -> PathBuf {
    match (path.parent().map(fs::canonicalize), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => path.to_path_buf(),
    }
}

/// `name` + `suffix`, in the same folder.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn file_itself(path: &Path) -> Result<(), Unfit> {
    name(path)?;
    let meta = regular(path).map_err(|unfit| interrupted(path).unwrap_or(unfit))?;
    own(path, &meta)?;
    closed(path, &meta)?;
    for suffix in ["-wal", "-shm", "-journal"] {
        let beside = with_suffix(path, suffix);
        if fs::symlink_metadata(&beside).is_ok() {
            let meta = regular(&beside)?;
            own(&beside, &meta)?;
            closed(&beside, &meta)?;
        }
    }
    closed_folder(path)
}

/// Where a file should be and is not: whether a change of its passphrase was killed between two names.
pub(super) fn interrupted(path: &Path) -> Option<Unfit> {
    if fs::symlink_metadata(path).is_ok() {
        return None;
    }
    super::rekey::instead_of(path).map(|instead| Unfit::Interrupted { path: shown(path), instead })
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

pub(super) fn name(path: &Path) -> Result<(), Unfit> {
    if path.is_absolute() && !path.to_string_lossy().contains(['?', '#']) { Ok(()) } else { Err(Unfit::Name) }
}

fn regular(path: &Path) -> Result<Metadata, Unfit> {
    let meta = fs::symlink_metadata(path).map_err(|_| Unfit::Nowhere(shown(path)))?;
    if meta.is_symlink() {
        let target = fs::canonicalize(path).or_else(|_| fs::read_link(path)).map(|to| shown(&to)).unwrap_or_default();
        return Err(Unfit::Link { path: shown(path), target });
    }
    if meta.is_file() { Ok(meta) } else { Err(Unfit::NotAFile(shown(path))) }
}

#[cfg(unix)]
fn own(path: &Path, meta: &Metadata) -> Result<(), Unfit> {
    use std::os::unix::fs::MetadataExt as _;
    if meta.nlink() > 1 {
        return Err(Unfit::ManyNames(shown(path)));
    }
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(Unfit::OtherOwner { path: shown(path), owner: meta.uid() });
    }
    Ok(())
}

#[cfg(not(unix))]
fn own(_path: &Path, _meta: &Metadata) -> Result<(), Unfit> {
    Ok(())
}

#[cfg(unix)]
fn closed(path: &Path, meta: &Metadata) -> Result<(), Unfit> {
    use std::os::unix::fs::MetadataExt as _;
    if meta.mode() & 0o077 == 0 { Ok(()) } else { Err(Unfit::Open { path: shown(path) }) }
}

#[cfg(not(unix))]
fn closed(_path: &Path, _meta: &Metadata) -> Result<(), Unfit> {
    Ok(())
}

/// Whoever may write to the folder may put another file in the place of this one. Not where it is sticky, as `/tmp` is:
/// there everybody moves only what is theirs.
#[cfg(unix)]
fn closed_folder(path: &Path) -> Result<(), Unfit> {
    use std::os::unix::fs::MetadataExt as _;
    const STICKY: u32 = 0o1000;
    let Some(folder) = path.parent() else { return Ok(()) };
    match fs::metadata(folder) {
        Ok(meta) if meta.mode() & 0o022 != 0 && meta.mode() & STICKY == 0 => {
            Err(Unfit::OpenFolder { folder: shown(folder) })
        }
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn closed_folder(_path: &Path) -> Result<(), Unfit> {
    Ok(())
}

/// Network shares and cloud folders lose committed data: SQLite's own documents say not to.
fn place(path: &Path, looks: Looks) -> Result<(), Unfit> {
    let folder = path.parent().unwrap_or(path);
    if let Some(kind) = (looks.sort_of_disk)(folder)
        && !LOCAL.contains(&kind)
    {
        let path = shown(path);
        return Err(match REMOTE.iter().find(|(magic, _)| *magic == kind) {
            Some((_, kind)) => Unfit::Share { path, kind },
            None => Unfit::UnknownDisk { path, kind },
        });
    }
    match copied_elsewhere(path) {
        Some(by) => Err(Unfit::Cloud { path: shown(path), by }),
        None => Ok(()),
    }
}

/// The file itself, and the folder for what SQLite puts beside it.
pub(super) fn writable(path: &Path, looks: Looks) -> Result<(), Unfit> {
    let folder = path.parent().unwrap_or(path);
    if (looks.may_write)(path) && (looks.may_write)(folder) { Ok(()) } else { Err(Unfit::NoWriting(shown(path))) }
}

#[cfg(unix)]
fn may_write(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn may_write(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_dir() || !meta.permissions().readonly())
}

/// Disks of this machine, by the magic numbers of `statfs`: ext2–4, XFS, Btrfs, F2FS, tmpfs, ramfs, ZFS, overlayfs,
/// bcachefs, JFS, ReiserFS, NILFS, eCryptfs, FAT, exFAT, NTFS, HFS+, UFS, UBIFS; and those that are never written:
/// squashfs, EROFS, ISO 9660, UDF.
const LOCAL: [u64; 25] = [
    0xef53,
    0x5846_5342,
    0x9123_683e,
    0xf2f5_2010,
    0x0102_1994,
    0x8584_58f6,
    0x2fc1_2fc1,
    0x794c_7630,
    0xca45_1a4e,
    0x3153_464a,
    0x5265_4973,
    0x3434,
    0xf15f,
    0x4d44,
    0x2011_bab0,
    0x7366_746e,
    0x5346_544e,
    0x482b,
    0x4244,
    0x0001_1954,
    0x2405_1905,
    0x7371_7368,
    0xe0f5_e1e2,
    0x9660,
    0x1501_3346,
];

/// Disks that lie elsewhere, or that only a program stands in for.
const REMOTE: [(u64, &str); 15] = [
    (0x6969, "NFS"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x517b, "SMB"),
    (0x6573_5546, "FUSE"),
    (0x0102_1997, "9P"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x00c3_6400, "Ceph"),
    (0x0bd0_0bd0, "Lustre"),
    (0x0116_1970, "GFS2"),
    (0x7461_636f, "OCFS2"),
    (0x7375_7245, "Coda"),
    (0x564c, "NCP"),
    (0x786f_4256, "a folder shared with a virtual machine"),
];

#[cfg(target_os = "linux")]
fn sort_of_disk(folder: &Path) -> Option<u64> {
    let stat = rustix::fs::statfs(folder).ok()?;
    #[allow(
        clippy::cast_sign_loss,
        clippy::unnecessary_cast,
        reason = "the type of f_type differs between targets; the magic numbers are unsigned 32-bit"
    )]
    let kind = (stat.f_type as u64) & 0xffff_ffff;
    Some(kind)
}

#[cfg(not(target_os = "linux"))]
fn sort_of_disk(_folder: &Path) -> Option<u64> {
    None
}

/// The folder on the way to the file that a program copies elsewhere, by its name or by what that program keeps in it.
fn copied_elsewhere(path: &Path) -> Option<String> {
    const NAMES: [&str; 12] = [
        "dropbox",
        "onedrive",
        "google drive",
        "googledrive",
        "icloud drive",
        "iclouddrive",
        "com~apple~clouddocs",
        "cloudstorage",
        "nextcloud",
        "owncloud",
        "box sync",
        "pclouddrive",
    ];
    const MARKS: [&str; 4] = [".dropbox.cache", ".stfolder", ".nextcloudsync.log", ".owncloudsync.log"];
    let real = resolved(path);
    let named = path.components().chain(real.components()).find_map(|part| {
        let part = part.as_os_str().to_string_lossy().to_lowercase();
        NAMES.iter().any(|name| part == *name || part.starts_with(&format!("{name} - "))).then_some(part)
    });
    named.or_else(|| {
        real.ancestors().skip(1).find_map(|folder| {
            MARKS.iter().find(|mark| fs::symlink_metadata(folder.join(mark)).is_ok()).map(|mark| (*mark).to_owned())
        })
    })
}

/// What the first bytes say. Only of a file to which no connection is open.
///
/// # Errors
/// Where the disk does not give them: what cannot be read is not for that encrypted.
pub(super) fn cover(path: &Path) -> Result<Cover, Unfit> {
    let mut first = [0u8; 16];
    match fs::File::open(path).and_then(|mut file| file.read_exact(&mut first)) {
        Ok(()) if &first == b"SQLite format 3\0" => Ok(Cover::Plain),
        Ok(()) => Ok(Cover::Encrypted),
        // Too short for either; the salt is asked for next, and says so.
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(Cover::Encrypted),
        Err(_) => Err(Unfit::Unreadable(shown(path))),
    }
}

/// The salt of an encrypted file: its first bytes.
pub(super) fn salt(path: &Path) -> Result<[u8; 16], Fault> {
    let mut salt = [0u8; 16];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut salt));
    match read {
        Ok(()) => Ok(salt),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err(Fault::NotOurs(shown(path))),
        Err(_) => Err(Unfit::Unreadable(shown(path)).into()),
    }
}

/// Takes from others what they may do with a file or folder that [`Unfit::can_be_closed`] named. Only after a yes.
///
/// # Errors
/// Where the system does not let us.
#[cfg(unix)]
pub fn close_to_others(unfit: &Unfit) -> Result<(), Fault> {
    use std::os::unix::fs::PermissionsExt as _;
    let (path, taken) = match unfit {
        Unfit::OpenFolder { folder } => (folder, 0o022),
        Unfit::Open { path } => (path, 0o077),
        _ => return Ok(()),
    };
    fs::symlink_metadata(path)
        .and_then(|meta| fs::set_permissions(path, fs::Permissions::from_mode(meta.permissions().mode() & !taken)))
        .map_err(|error| {
            Fault::NotOpened(format!("{path} could not be closed to others: {error}. Nothing was opened."))
        })
}

/// Takes from others what they may do with a file: not known here.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn close_to_others(_unfit: &Unfit) -> Result<(), Fault> {
    Ok(())
}
