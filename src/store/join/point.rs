//! Where two copies last knew the same: by the hashes of their chains, and by the joinings each holds.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::super::fault::Fault;
use super::super::log::hex;

/// Where two copies stand to each other.
pub(super) struct Point {
    /// The newest of their steps of which this file has the content: both chains have it, or it was joined before.
    pub(super) known: i64,
    /// Their newest step.
    pub(super) head: i64,
    /// Its hash.
    pub(super) head_hash: String,
    /// The newest step here.
    pub(super) our_head: i64,
    /// Our step that they have joined, where they did so after we last joined them: what they hold since was decided in
    /// the knowledge of it, and is compared with what stood here then.
    pub(super) seen: Option<i64>,
}

impl Point {
    pub(super) fn find(ours: &Connection, theirs: &Connection) -> Result<Self, Fault> {
        let (our_head, _) = head(ours)?;
        let (head, head_hash) = head(theirs)?;
        // Chains that agree at a step agree at all before it.
        let (mut agree, mut differ) = (0, our_head.min(head) + 1);
        while differ - agree > 1 {
            let middle = agree + (differ - agree) / 2;
            if hash_at(ours, middle)?.is_some_and(|hash| hash_at(theirs, middle).is_ok_and(|it| it == Some(hash))) {
                agree = middle;
            } else {
                differ = middle;
            }
        }
        if agree == 0 {
            return Err(Fault::Damaged);
        }
        let mut known = agree;
        let mut joined_at = 0;
        for (id, to) in joinings(ours, theirs)? {
            if to > known {
                known = to;
                joined_at = added_at(ours, id)?;
            }
        }
        // Something they joined of us counts only if it is newer than what both chains have anyway.
        let seen = joinings(theirs, ours)?
            .into_iter()
            .map(|(_, to)| to)
            .max()
            .filter(|seen| *seen > agree && *seen >= joined_at);
        Ok(Self { known, head, head_hash, our_head, seen })
    }

    /// How many of their steps, and of those they had joined, are not here.
    pub(super) fn unseen(&self, ours: &Connection, theirs: &Connection) -> Result<i64, Fault> {
        let mut count = 0;
        for sql in ["SELECT uid FROM step WHERE seq > ?1", "SELECT uid FROM branch_step WHERE ?1 = ?1"] {
            let mut uids = theirs.prepare(sql)?;
            let mut rows = uids.query([self.known])?;
            while let Some(row) = rows.next()? {
                let uid: i64 = row.get(0)?;
                let here = "SELECT EXISTS (SELECT 1 FROM step WHERE uid = ?1) OR EXISTS (SELECT 1 FROM branch_step WHERE uid = ?1)";
                let here: bool = ours.prepare_cached(here)?.query_row([uid], |row| row.get(0))?;
                count += i64::from(!here);
            }
        }
        Ok(count)
    }
}

fn head(db: &Connection) -> Result<(i64, String), Fault> {
    let newest = "SELECT seq, hash FROM step ORDER BY seq DESC LIMIT 1";
    let (seq, hash): (i64, [u8; 32]) =
        db.query_row(newest, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?.ok_or(Fault::Damaged)?;
    Ok((seq, hex(&hash)))
}

fn hash_at(db: &Connection, seq: i64) -> Result<Option<[u8; 32]>, Fault> {
    Ok(db.prepare_cached("SELECT hash FROM step WHERE seq = ?1")?.query_row([seq], |row| row.get(0)).optional()?)
}

/// The joinings in effect in `one` that took in the chain of `two`: the record, and up to which step of it.
fn joinings(one: &Connection, two: &Connection) -> Result<Vec<(i64, i64)>, Fault> {
    let mut select = one.prepare("SELECT id, head, head_hash FROM joining ORDER BY id")?;
    let mut rows = select.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let (head, hash): (i64, String) = (row.get(1)?, row.get(2)?);
        if hash_at(two, head)?.is_some_and(|it| hex(&it) == hash) {
            out.push((row.get(0)?, head));
        }
    }
    Ok(out)
}

/// At which step a joining was written.
fn added_at(db: &Connection, joining: i64) -> Result<i64, Fault> {
    let sql = "SELECT coalesce(max(step), 0) FROM change WHERE row = ?1 AND noun = 'joining' AND deed = 'add'";
    Ok(db.prepare_cached(sql)?.query_row(params![joining], |row| row.get(0))?)
}
