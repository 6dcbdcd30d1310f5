-- Schema 4. Safe keeping: who looked at whom, legal holds, copies joined, further kinds of step; and, unlogged, who is at work.

ALTER TABLE team ADD COLUMN retention_years INTEGER NOT NULL DEFAULT 8 CHECK (retention_years BETWEEN 1 AND 100);

-- No reference to the person: that a record was looked at stays true when its making is taken back, and never stands in the way.
CREATE TABLE viewing (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL,
    at TEXT NOT NULL,
    by TEXT NOT NULL CHECK (trim(by) <> ''),
    looked TEXT NOT NULL CHECK (looked IN ('page', 'history'))
) STRICT;
CREATE INDEX viewing_of_person ON viewing (person, at);

CREATE TABLE hold (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person,
    "on" TEXT NOT NULL CHECK ("on" IS date("on")),
    by TEXT NOT NULL CHECK (trim(by) <> ''),
    why TEXT NOT NULL CHECK (trim(why) <> ''),
    lifted_on TEXT CHECK (lifted_on IS date(lifted_on)),
    lifted_why TEXT,
    CHECK ((lifted_on IS NULL) = (lifted_why IS NULL))
) STRICT;
CREATE INDEX hold_of_person ON hold (person);

CREATE TABLE joining (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    by TEXT NOT NULL CHECK (trim(by) <> ''),
    base INTEGER NOT NULL CHECK (base > 0),
    head INTEGER NOT NULL CHECK (head >= base),
    head_hash TEXT NOT NULL CHECK (length(head_hash) = 64),
    steps INTEGER NOT NULL CHECK (steps >= 0),
    decided INTEGER NOT NULL CHECK (decided >= 0)
) STRICT;

-- The steps of copies that were joined, word for word, with their own numbers and hashes; `step` and this table together hold
-- every step of either copy, each once, by its uid. `joined` is the record of the joining that brought it; that record goes
-- when the joining is undone, and these rows stay all the same. How they are chained, and what a check has to try:
--   1. hash = the hash of a step (log.rs) over seq, uid, at, actor, kind, label, meeting, undoes, changes, payload_hash, prev_hash;
--   2. payload_hash = SHA-256 over the hashes of its changes in the order of nth, of which there are as many as `changes` says;
--      a change whose text was lawfully erased has neither salt nor fields, and its hash stays;
--   3. prev_hash is the hash of a step with the number seq - 1 in `step` or here, so that every row leads back to this file's own chain;
--   4. every row is the newest of a branch, or another row's prev_hash is its hash; and the hash of the newest of each branch
--      stands as head_hash in the record of a joining, which is in the log (as added, though it may be undone since).
-- The function that tries all of it: store/branch.rs.
CREATE TABLE branch_step (
    uid INTEGER PRIMARY KEY,
    joined INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    meeting INTEGER,
    undoes INTEGER,
    changes INTEGER NOT NULL,
    payload_hash BLOB NOT NULL CHECK (length(payload_hash) = 32),
    prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX branch_step_in_order ON branch_step (joined, seq);
CREATE INDEX branch_step_by_seq ON branch_step (seq, hash);

CREATE TABLE branch_change (
    uid INTEGER NOT NULL REFERENCES branch_step (uid),
    nth INTEGER NOT NULL,
    noun TEXT NOT NULL,
    row INTEGER NOT NULL,
    deed TEXT NOT NULL CHECK (deed IN ('add', 'alter', 'remove')),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    salt BLOB,
    fields TEXT CHECK (fields IS NULL OR json_valid(fields)),
    PRIMARY KEY (uid, nth)
) STRICT, WITHOUT ROWID;
CREATE INDEX branch_change_of_row ON branch_change (noun, row, uid);

CREATE TRIGGER branch_step_stays BEFORE UPDATE ON branch_step BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER branch_step_is_not_removed BEFORE DELETE ON branch_step BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER branch_change_is_not_removed BEFORE DELETE ON branch_change BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER branch_change_stays BEFORE UPDATE ON branch_change
    WHEN new.uid <> old.uid OR new.nth <> old.nth OR new.noun <> old.noun OR new.row <> old.row OR new.deed <> old.deed OR new.hash <> old.hash OR new.fields IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

-- Who is at work on this file now. One row a running program; a row whose program is gone is swept away by the next one.
CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    actor TEXT NOT NULL,
    login TEXT NOT NULL,
    boot TEXT NOT NULL,                 -- which start of the machine
    pid INTEGER NOT NULL,
    started TEXT NOT NULL,              -- when the process began, as the system counts it: a pid comes again
    program TEXT NOT NULL,              -- its version
    begun_at TEXT NOT NULL
) STRICT;

-- Which card somebody has open: a word to others, not a lock. Two may have the same one open.
CREATE TABLE claim (
    name TEXT NOT NULL,                 -- as the draft of that card is called
    session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
    since TEXT NOT NULL,
    at TEXT NOT NULL,                   -- the last key: a claim that rests is none
    PRIMARY KEY (name, session)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_of_session ON claim (session);

-- Which screen leads a live meeting; the others follow.
CREATE TABLE lead (
    meeting INTEGER PRIMARY KEY REFERENCES meeting,
    session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX lead_of_session ON lead (session);

-- Half-typed text belongs to the program it is typed in. When that program is gone, whoever opens the card next has it back.
CREATE TABLE draft_4 (
    name TEXT NOT NULL,
    session INTEGER NOT NULL DEFAULT 0, -- refers to nothing: it outlives its program
    text TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (name, session)
) STRICT, WITHOUT ROWID;
INSERT INTO draft_4 (name, text, at) SELECT name, text, at FROM draft;
DROP TABLE draft;
ALTER TABLE draft_4 RENAME TO draft;

-- Further kinds of step. The table is made anew, because a CHECK cannot be widened in place.
CREATE TABLE step_4 (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    uid INTEGER NOT NULL UNIQUE,           -- the same in every copy of the file
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('change', 'undo', 'redo', 'move', 'import', 'seal', 'export', 'view', 'make', 'open', 'merge', 'erase', 'backup', 'restore', 'key', 'lead')),
    label TEXT NOT NULL,
    meeting INTEGER,
    undoes INTEGER REFERENCES step_4 (seq),   -- the step this one takes back (undo) or does again (redo)
    changes INTEGER NOT NULL,                 -- how many
    payload_hash BLOB NOT NULL CHECK (length(payload_hash) = 32),
    prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    CHECK ((kind IN ('undo', 'redo')) = (undoes IS NOT NULL))
) STRICT;
INSERT INTO step_4 SELECT seq, uid, at, actor, kind, label, meeting, undoes, changes, payload_hash, prev_hash, hash FROM step ORDER BY seq;
DROP TABLE step;
ALTER TABLE step_4 RENAME TO step;
CREATE INDEX step_undoing ON step (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX step_of_actor ON step (actor, seq);
CREATE INDEX step_of_kind ON step (kind, seq);
CREATE INDEX step_of_meeting ON step (meeting, seq) WHERE meeting IS NOT NULL;
CREATE INDEX step_by_time ON step (at);
CREATE TRIGGER step_stays BEFORE UPDATE ON step BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER step_is_not_removed BEFORE DELETE ON step BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER step_follows BEFORE INSERT ON step
    WHEN new.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM step)
    BEGIN SELECT RAISE(ABORT, 'a step follows the last one'); END;

-- Whose a record was that is gone, or has moved to another: what is not seen from its row any more. History asks it.
CREATE TABLE belonged (
    noun TEXT NOT NULL,
    row INTEGER NOT NULL,
    owner TEXT NOT NULL CHECK (owner IN ('person', 'meeting')),
    id INTEGER NOT NULL,                -- of the owner, who may be gone too
    PRIMARY KEY (noun, row, owner, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX belonged_to ON belonged (owner, id);
INSERT OR IGNORE INTO belonged
    SELECT c.noun, c.row, o.value,
        CASE json_type(c.fields, '$.' || o.value) WHEN 'integer' THEN json_extract(c.fields, '$.' || o.value) ELSE json_extract(c.fields, '$.' || o.value || '[0]') END
    FROM change c JOIN json_each('["person", "meeting"]') o
    WHERE c.deed IN ('remove', 'alter')
        AND (json_type(c.fields, '$.' || o.value || '[0]') = 'integer' OR (c.deed = 'remove' AND json_type(c.fields, '$.' || o.value) = 'integer'));
INSERT OR IGNORE INTO belonged
    SELECT c.noun, c.row, o.value, json_extract(c.fields, '$.' || o.value || '[1]')
    FROM change c JOIN json_each('["person", "meeting"]') o
    WHERE c.deed = 'alter' AND json_type(c.fields, '$.' || o.value || '[1]') = 'integer';
