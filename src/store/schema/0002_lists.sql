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

-- What a list of many people costs. Orders in which hardly anybody stands (an action due, a review, a discussion) keep
-- only those who do; and where a list writes many rows (person, band_entry, change), a CHECK says `a = 'x' OR a = 'y' …`:
-- for `a IN (…)` with three words or more SQLite builds a table of the words for every single row.

DROP INDEX person_by_birthday;
DROP INDEX person_by_discussed;
DROP INDEX person_by_due;
DROP INDEX person_by_review;
DROP INDEX person_in_need;
DROP INDEX change_of_row;
CREATE INDEX person_by_discussed ON person (team, standing, last_discussed, sort_name) WHERE last_discussed <> '';
CREATE INDEX person_by_due ON person (team, standing, next_due, sort_name) WHERE next_due <> '9999-12-31';
CREATE INDEX person_by_review ON person (team, standing, review_on, sort_name) WHERE review_on <> '9999-12-31';
CREATE INDEX person_in_need ON person (team, standing, band_rank, key_worker, last_discussed, sort_name) WHERE band_rank = 0;   -- candidates
CREATE INDEX change_of_row ON change (row, noun, step);   -- ids grow, so a list is written at its end

-- The words stay the same and only the CHECKs are worded anew, so no row has to be written: the way of
-- https://www.sqlite.org/lang_altertable.html#otheralter for constraints.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(replace(replace(replace(sql,
    '(sex IN (''female'', ''male'', ''other'', ''unknown''))',
    '(sex = ''female'' OR sex = ''male'' OR sex = ''other'' OR sex = ''unknown'')'),
    '(residence IN (''not recorded'', ''own home'', ''with family'', ''sheltered'', ''care home'', ''nursing home'', ''no fixed abode''))',
    '(residence = ''not recorded'' OR residence = ''own home'' OR residence = ''with family'' OR residence = ''sheltered'' OR residence = ''care home'' OR residence = ''nursing home'' OR residence = ''no fixed abode'')'),
    '(band IN (''high'', ''medium'', ''low''))',
    '(band = ''high'' OR band = ''medium'' OR band = ''low'')'),
    '(sharing IN (''not recorded'', ''informed'', ''agreed'', ''best interests'', ''objected to some'', ''objected to all'', ''override''))',
    '(sharing = ''not recorded'' OR sharing = ''informed'' OR sharing = ''agreed'' OR sharing = ''best interests'' OR sharing = ''objected to some'' OR sharing = ''objected to all'' OR sharing = ''override'')'),
    '(standing IN (''active'', ''discharged'', ''moved'', ''died''))',
    '(standing = ''active'' OR standing = ''discharged'' OR standing = ''moved'' OR standing = ''died'')')
WHERE type = 'table' AND name = 'person';
UPDATE sqlite_schema SET sql = replace(replace(sql,
    '(band IN (''high'', ''medium'', ''low''))',
    '(band = ''high'' OR band = ''medium'' OR band = ''low'')'),
    '(before IN (''high'', ''medium'', ''low''))',
    '(before = ''high'' OR before = ''medium'' OR before = ''low'')')
WHERE type = 'table' AND name = 'band_entry';
UPDATE sqlite_schema SET sql = replace(sql,
    '(deed IN (''add'', ''alter'', ''remove''))',
    '(deed = ''add'' OR deed = ''alter'' OR deed = ''remove'')')
WHERE type = 'table' AND name = 'change';
PRAGMA writable_schema = RESET;
