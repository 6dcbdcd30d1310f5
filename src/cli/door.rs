//! How a file comes open: the looks, the passphrase, and – on a terminal – what is offered where it is refused.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use crate::store::fault::Fault;
use crate::store::open::{Cover, Passphrase, check, check_to_read, close_to_others};
use crate::store::{self, Reader, Store};

use super::{Failure, key, say};

/// One refusal after another may be cured: the file, what lies beside it, its folder, a lock.
const ROUNDS: usize = 8;

/// What is to be opened, and how.
pub(super) struct Door {
    path: PathBuf,
    key_file: Option<PathBuf>,
    read_only: bool,
    /// What was typed: nobody types it twice because they said yes to an offer.
    given: Option<Passphrase>,
}

impl Door {
    pub(super) fn new(path: PathBuf, key_file: Option<PathBuf>, read_only: bool) -> Self {
        Self { path, key_file, read_only, given: None }
    }

    /// Opens the file, or says why not.
    pub(super) fn open(&mut self) -> Result<(Store, Reader), Failure> {
        let cover = if self.read_only { check_to_read(&self.path)?.0 } else { check(&self.path)? };
        let open: fn(&Path, Option<&Passphrase>) -> _ = if self.read_only { store::open_to_read } else { store::open };
        if let Some(given) = &self.given {
            return Ok(open(&self.path, Some(given))?);
        }
        match (cover, &self.key_file) {
            (Cover::Plain, None) => Ok(open(&self.path, None)?),
            (_, Some(file)) => Ok(open(&self.path, Some(&key::from_file(file)?))?),
            (Cover::Encrypted, None) => {
                let (path, given) = (&self.path, &mut self.given);
                key::ask_until(|passphrase| {
                    let opened = open(path, Some(&passphrase));
                    if !matches!(opened, Err(Fault::WrongKey)) {
                        *given = Some(passphrase);
                    }
                    opened
                })
            }
        }
    }

    /// As [`Door::open`]; where that is refused and somebody sits at a terminal, offers what can be done about it.
    pub(super) fn open_or_offer(&mut self) -> Result<(Store, Reader), Failure> {
        let mut rounds = 0..ROUNDS;
        loop {
            let fault = match self.open() {
                Err(Failure::File(fault)) => fault,
                other => return other,
            };
            let again = rounds.next().is_some() && is_somebody_there() && self.offer(&fault)?;
            if !again {
                return Err(fault.into());
            }
        }
    }

    /// Offers what can be done. Answers whether to try again.
    fn offer(&mut self, fault: &Fault) -> Result<bool, Failure> {
        if let Fault::Unfit(unfit) = fault
            && let Some(what) = unfit.can_be_closed()
        {
            say(&format!("Others may get at {what}."))?;
            if !is_yes("Close it to them now? [y/N] ")? {
                return Ok(false);
            }
            close_to_others(unfit)?;
            return Ok(true);
        }
        if self.read_only || !fault.can_be_read() {
            return Ok(false);
        }
        say(&fault.to_string())?;
        if matches!(fault, Fault::InUse { .. }) && is_yes("Try again? [y/N] ")? {
            return Ok(true);
        }
        self.read_only = is_yes("Open it to read only? [y/N] ")?;
        Ok(self.read_only)
    }
}

fn is_somebody_there() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

fn is_yes(question: &str) -> Result<bool, Failure> {
    let mut out = std::io::stdout();
    write!(out, "{question}")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
