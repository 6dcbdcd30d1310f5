-- Schema 3. What left the building: every document, for whom, about whom, and the hash of its bytes; and which discussions
-- were written back to the record of the person.

CREATE TABLE disclosure (
    id INTEGER PRIMARY KEY,
    team INTEGER NOT NULL REFERENCES team,
    meeting INTEGER REFERENCES meeting,
    at TEXT NOT NULL,
    by TEXT NOT NULL CHECK (trim(by) <> ''),
    kind TEXT NOT NULL CHECK (trim(kind) <> ''),
    recipient TEXT NOT NULL CHECK (trim(recipient) <> ''),
    format TEXT NOT NULL CHECK (trim(format) <> ''),
    people TEXT NOT NULL CHECK (json_valid(people)),      -- ids of those it speaks of
    withheld INTEGER NOT NULL CHECK (withheld >= 0),      -- how many were left out
    sealed INTEGER NOT NULL CHECK (sealed IN (0, 1)),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64)
) STRICT;
CREATE INDEX disclosure_by_time ON disclosure (team, at);
CREATE INDEX disclosure_of_meeting ON disclosure (meeting) WHERE meeting IS NOT NULL;
CREATE INDEX disclosure_by_hash ON disclosure (sha256);

-- Whoever objected must not be named in what leaves about somebody else.
CREATE INDEX person_objecting ON person (team) WHERE sharing = 'objected to all' OR sharing = 'objected to some' OR sharing = 'override';

CREATE TABLE written_back (
    id INTEGER PRIMARY KEY,
    discussion INTEGER NOT NULL UNIQUE REFERENCES discussion,
    at TEXT NOT NULL,
    by TEXT NOT NULL CHECK (trim(by) <> '')
) STRICT;
