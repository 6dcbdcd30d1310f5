-- Schema 2. Every kind of list: rows that wait for a person to look, values proposed to the team, activity, services.

CREATE TABLE intake_2 (
    id INTEGER PRIMARY KEY,
    team INTEGER NOT NULL REFERENCES team,
    kind TEXT NOT NULL CHECK (kind IN ('caseload', 'nominations', 'members', 'activity', 'directory')),
    at TEXT NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    bytes INTEGER NOT NULL,
    counts TEXT NOT NULL CHECK (json_valid(counts))
) STRICT;
INSERT INTO intake_2 SELECT id, team, kind, at, file, sha256, bytes, counts FROM intake;
DROP TABLE intake;
ALTER TABLE intake_2 RENAME TO intake;

CREATE TABLE queued_row (           -- a row of a list of which nobody but a person can say whom it means
    id INTEGER PRIMARY KEY,
    team INTEGER NOT NULL REFERENCES team,
    intake INTEGER NOT NULL REFERENCES intake DEFERRABLE INITIALLY DEFERRED,   -- written as the last record of its step
    kind TEXT NOT NULL CHECK (kind IN ('caseload', 'nominations')),
    line INTEGER NOT NULL CHECK (line > 0),
    why TEXT NOT NULL,
    alike TEXT NOT NULL,            -- number, name and day of birth as the list has them: by this the row is known again
    person INTEGER REFERENCES person,
    given TEXT NOT NULL CHECK (json_valid(given)),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'same', 'different')),
    decided_on TEXT CHECK (decided_on IS date(decided_on)),
    CHECK ((state = 'waiting') = (decided_on IS NULL)),
    CHECK (state = 'waiting' OR person IS NOT NULL)
) STRICT;
CREATE INDEX queued_row_by_state ON queued_row (team, state, id);
CREATE INDEX queued_row_alike ON queued_row (team, alike);
CREATE INDEX queued_row_of_person ON queued_row (person) WHERE person IS NOT NULL;

CREATE TABLE proposal (             -- what a list has where the team itself has written something else
    id INTEGER PRIMARY KEY,
    team INTEGER NOT NULL REFERENCES team,
    intake INTEGER NOT NULL REFERENCES intake DEFERRABLE INITIALLY DEFERRED,
    person INTEGER NOT NULL REFERENCES person,
    field TEXT NOT NULL CHECK (field IN ('surname', 'forename', 'born', 'preferred', 'title', 'address', 'postcode', 'phone', 'practice', 'named GP', 'council', 'lives alone', 'housebound', 'has carer', 'residence', 'sex', 'CFS', 'eFI', 'conditions', 'ReSPECT', 'palliative', 'band', 'sharing', 'key worker')),
    ours TEXT,
    theirs TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'accepted', 'declined')),
    decided_on TEXT CHECK (decided_on IS date(decided_on)),
    CHECK ((state = 'waiting') = (decided_on IS NULL))
) STRICT;
CREATE INDEX proposal_by_state ON proposal (team, state, id);
CREATE INDEX proposal_of_person ON proposal (person, field, theirs);

CREATE TABLE activity (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person,
    kind TEXT NOT NULL CHECK (kind IN ('a&e', 'unplanned admission', 'out of hours', '999', '111', 'gp', 'community', 'other')),
    "on" TEXT NOT NULL CHECK ("on" IS date("on")),
    until TEXT CHECK (until IS date(until)),
    provider TEXT,
    source TEXT NOT NULL,
    CHECK (until IS NULL OR until >= "on")
) STRICT;
CREATE INDEX activity_of_person ON activity (person, "on");

CREATE TABLE service (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (trim(name) <> ''),
    organisation TEXT,
    about TEXT, needs TEXT, eligibility TEXT,
    phone TEXT, email TEXT, website TEXT,
    checked_on TEXT CHECK (checked_on IS date(checked_on)),
    capacity TEXT,
    closed_on TEXT CHECK (closed_on IS date(closed_on))
) STRICT;
CREATE INDEX service_by_name ON service (name);
