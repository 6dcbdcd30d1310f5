//! `mdt restore`: a new file from a copy, and what the copy lacks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::clock::{self, Clock};
use crate::domain::Word as _;
use crate::domain::day::Moment;
use crate::domain::text::{Line, displayable};
use crate::store::audit::examine;
use crate::store::copy::{self, Copied, quietly};
use crate::store::fault::Fault;
use crate::store::heads::Heads;
use crate::store::log::{Head, Stamp, Step};
use crate::store::open::{self, Cover, Passphrase};
use crate::store::reading::OnlyRead;
use crate::store::restore::{Belongs, Difference, Vacant, belongs, read_copy, restore, vacate};
use crate::store::{self, Reader, Stop};

use super::backup::{counted, shown, size};
use super::{Arguments, Failure, actor, data_folder, key, login, say, warn};

/// Steps named one by one; more are only counted.
const NAMED: usize = 40;

/// What `mdt restore` is told.
#[derive(Debug, Args)]
pub(super) struct RestoreArguments {
    /// The copy.
    from: PathBuf,
    /// The new file. It must not be there.
    #[arg(required_unless_present = "replace")]
    to: Option<PathBuf>,
    /// Put it in the place of the team's file, which is kept under another name. Nobody may have that open.
    #[arg(long, requires = "witness")]
    replace: bool,
    /// Who stands by while the file is replaced: a second person. Their name is kept in the log.
    #[arg(long, value_name = "NAME", requires = "replace")]
    witness: Option<String>,
}

/// Does it.
pub(super) fn run(arguments: &Arguments, it: &RestoreArguments) -> Result<(), Failure> {
    let from = std::path::absolute(&it.from)?;
    let to = it.to.as_deref().map(std::path::absolute).transpose()?;
    if let Some(to) = to.as_deref().filter(|to| to.symlink_metadata().is_ok()) {
        return Err(Failure::Refused(format!("{} exists already. Nothing was made or changed.", shown(to))));
    }
    let witness = it.witness.as_deref().map(witness).transpose()?;
    let file = arguments.path()?;
    if it.replace {
        if from == file {
            return Err(Failure::Refused("That is the team's file itself. Nothing was changed.".to_owned()));
        }
        let cover = |path: &Path| open::check_to_read(path).ok().map(|(cover, _)| cover);
        if cover(&file) == Some(Cover::Encrypted) && cover(&from) == Some(Cover::Plain) {
            return Err(Failure::Refused(
                "The copy is not encrypted and the team's file is: it was not put in its place. Nothing was changed. Restore it under a new name to look at it."
                    .to_owned(),
            ));
        }
        // Asked before anything is made; it is made sure of once more when the file takes its place.
        drop(vacate(&file)?);
    }
    let passphrase = passphrase(arguments, &from)?;
    let passphrase = passphrase.as_ref();
    if let Some(to) = &to {
        let copied = restore(&from, passphrase, to, &Stop::default(), &mut quietly)?;
        told(to, &copied)?;
    }
    compare(&from, passphrase, &file, it.replace)?;
    if let Some(witness) = witness {
        replace(&from, passphrase, &file, &witness)?;
    }
    bears_out(to.as_deref().unwrap_or(&file), passphrase)
}

fn witness(name: &str) -> Result<String, Failure> {
    let name = Line::parse(name).map_err(|why| Failure::Refused(format!("The name of the witness: {why}")))?;
    if name.as_str().to_lowercase() == login().to_lowercase() {
        return Err(Failure::Refused(
            "The witness is a second person, not this login. Nothing was changed.".to_owned(),
        ));
    }
    Ok(name.to_string())
}

/// The passphrase that opens the copy; none where it is plain.
fn passphrase(arguments: &Arguments, from: &Path) -> Result<Option<Passphrase>, Failure> {
    if !copy::is_encrypted(from)? {
        return Ok(None);
    }
    match arguments.key_file_passphrase()? {
        Some(passphrase) => Ok(Some(passphrase)),
        None => Ok(Some(key::ask("Passphrase of the copy: ")?)),
    }
}

fn told(to: &Path, copied: &Copied) -> Result<(), Failure> {
    say(&format!(
        "Made {} from the copy and tried it whole: {}, {}, {}.",
        shown(to),
        counted(copied.head.seq, "step", "steps"),
        counted(copied.people, "person", "people"),
        size(copied.bytes)
    ))?;
    say(&format!("Its last step: {}, {}.", copied.head.printed(), when(&copied.head_at)))
}

/// Says where the records of a copy are not what its own log makes of them: it is put back all the same, for it may be the
/// only one, but nobody is to believe it without looking.
fn bears_out(to: &Path, passphrase: Option<&Passphrase>) -> Result<(), Failure> {
    // A copy of an earlier form is looked over when it is opened for work and climbs.
    let Ok(restored) = examine(to, passphrase) else { return Ok(()) };
    match restored.audit()? {
        Ok(_) => Ok(()),
        Err(altered) => Err(Failure::Refused(format!(
            "{} was made, but it is not whole: {altered} Take another copy if there is one; mdt audit verify says the same.",
            shown(to)
        ))),
    }
}

/// Says what the copy lacks of the team's file, where that can be opened. It is only read: should it be damaged, it and what
/// lies beside it must stay as they are.
fn compare(from: &Path, passphrase: Option<&Passphrase>, file: &Path, replacing: bool) -> Result<(), Failure> {
    if file.symlink_metadata().is_err() {
        say("There is no team's file to compare it with.")?;
        return if replacing { remembered(from, passphrase, file) } else { Ok(()) };
    }
    let (store, current) = match store::open_to_read(file, passphrase) {
        Ok(opened) => opened,
        Err(fault) => {
            say(&format!("It could not be compared with {}: {}", shown(file), why_not(&fault)))?;
            return if replacing { remembered(from, passphrase, file) } else { Ok(()) };
        }
    };
    let copy = read_copy(from, passphrase)?;
    if copy.file_uuid() != current.file_uuid() {
        let words = format!("This is a copy of another file than {}.", shown(file));
        return if replacing {
            Err(Failure::Refused(format!("{words} It was not put in its place; nothing was changed.")))
        } else {
            say(&words)
        };
    }
    if current.only_read() == Some(&OnlyRead::Damaged) {
        say(&format!("{} reports damage; as far as it can be read:", shown(file)))?;
    }
    let said = current.beyond(&copy).map(|difference| report(&difference, file));
    drop((copy, current));
    store.close()?;
    match said {
        Ok(said) => said,
        Err(fault) => say(&format!("It could not be compared with {}: {}", shown(file), why_not(&fault))),
    }
}

/// Where the present file does not say which one it is: what was remembered of its place says it.
fn remembered(from: &Path, passphrase: Option<&Passphrase>, file: &Path) -> Result<(), Failure> {
    let copy = read_copy(from, passphrase)?;
    match data_folder().and_then(|folder| Ok(belongs(copy.file_uuid(), file, &Heads::at(&folder))?)) {
        Ok(Belongs::Yes) => say("By what this machine remembers of that place, it is a copy of the same file."),
        Ok(Belongs::Once) => say(&format!(
            "It is a copy of a file that once was {}. The last one there was another: if this is not the team you mean, put back what is kept.",
            shown(file)
        )),
        Ok(Belongs::Unknown) => say(&format!(
            "Nothing is remembered of {}: whether it is a copy of the same file cannot be said. Look at its last steps: mdt history",
            shown(file)
        )),
        Ok(Belongs::No) => Err(Failure::Refused(format!(
            "This is a copy of another file than the one that was {0}, as this machine remembers it. It was not put in its place; nothing was changed. Take a copy of that file (those mdt made lie in {1}), or restore this one under a name of its own: mdt restore '{2}' NEW.mdt",
            shown(file),
            shown(&crate::store::backup::folder_of(file)),
            shown(from)
        ))),
        Err(failure) => say(&format!("Whether it is a copy of the same file cannot be said. {failure}")),
    }
}

fn why_not(fault: &Fault) -> String {
    match fault {
        Fault::WrongKey => "it has another passphrase, or is damaged.".to_owned(),
        other => other.to_string(),
    }
}

fn report(difference: &Difference, file: &Path) -> Result<(), Failure> {
    match &difference.common {
        Some(step) => say(&format!("The last step that it shares with {}: {}", shown(file), line(step)))?,
        None => say(&format!("It shares no step with {}.", shown(file)))?,
    }
    if difference.more > 0 {
        say(&format!(
            "It has {} that the file has not: somebody worked on with another copy. mdt merge joins the two.",
            counted(difference.more, "step", "steps")
        ))?;
    }
    if difference.lacks.is_empty() {
        return say("It lacks nothing.");
    }
    let mut kinds: BTreeMap<&str, i64> = BTreeMap::new();
    for step in &difference.lacks {
        *kinds.entry(step.kind.label()).or_default() += 1;
    }
    let kinds: Vec<String> = kinds.iter().map(|(kind, n)| format!("{kind} {n}")).collect();
    let lacks = i64::try_from(difference.lacks.len()).unwrap_or(i64::MAX);
    say(&format!("It lacks {} ({}):", counted(lacks, "step", "steps"), kinds.join(", ")))?;
    let hidden = difference.lacks.len().saturating_sub(NAMED);
    if hidden > 0 {
        say(&format!("  … and {hidden} before these"))?;
    }
    difference.lacks.iter().skip(hidden).try_for_each(|step| say(&format!("  {}", line(step))))
}

/// What was done, by whom, when: nothing about a person.
fn line(step: &Step) -> String {
    format!("step {} · {} · {} · {}", step.seq, when(&step.at), displayable(&step.actor), displayable(&step.label))
}

fn when(iso: &str) -> String {
    Moment::from_iso(iso).map_or_else(
        || displayable(iso),
        |moment| {
            let (day, time) = clock::local(moment, &Clock::System);
            format!("{day} {time}")
        },
    )
}

/// Makes one more file from the copy beside the team's, writes the step into it, and lets it take the place.
fn replace(from: &Path, passphrase: Option<&Passphrase>, file: &Path, witness: &str) -> Result<(), Failure> {
    let at = Clock::System.now().moment.iso();
    let moment: String = at.chars().filter(char::is_ascii_alphanumeric).collect();
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let new = file.with_file_name(format!("{stem}-restored-{moment}.mdt"));
    restore(from, passphrase, &new, &Stop::default(), &mut quietly)?;
    let placed = settle(&new, passphrase, at.clone(), witness).and_then(|head| {
        let vacant: Vacant = vacate(file)?;
        Ok((vacant.replace(&new, &at)?, head))
    });
    match placed {
        Ok((kept, (file_uuid, head))) => {
            // Two people wanted an older copy in its place: from now on that is the file this machine remembers.
            if let Err(fault) = Heads::at(&data_folder()?).accept(&file_uuid, file, &head, &at) {
                warn(&fault.to_string())?;
            }
            say(&format!(
                "{} is now what the copy held, and opens with the passphrase of the copy. Witness: {witness}.",
                shown(file)
            ))?;
            kept.iter().try_for_each(|path| say(&format!("Kept: {}", shown(path))))
        }
        Err(failure) => {
            say(&format!("What was made from the copy is {}.", shown(&new)))?;
            Err(failure)
        }
    }
}

/// Writes the step that says what happened, and closes the file, so that it stands alone.
fn settle(new: &Path, passphrase: Option<&Passphrase>, at: String, witness: &str) -> Result<(String, Head), Failure> {
    let (mut store, reader): (_, Reader) = store::open(new, passphrase)?;
    let actor = actor(&reader)?;
    if actor.to_lowercase() == witness.to_lowercase() {
        return Err(Failure::Refused(
            "The witness is a second person, not the one at the keys. The team's file was not changed.".to_owned(),
        ));
    }
    store.note_restore(&Stamp { at, actor }, witness)?;
    let newest = (reader.file_uuid().to_owned(), reader.head()?);
    drop(reader);
    store.close()?;
    Ok(newest)
}
