-- Schema 1. One table a noun; derived columns (kept by triggers and by apply.rs) stand last and are not part of the log.

CREATE TABLE file_card (            -- one row: which file this is
    only_one   INTEGER PRIMARY KEY CHECK (only_one = 1),
    file_uuid  TEXT NOT NULL CHECK (length(file_uuid) = 32),
    made_at    TEXT NOT NULL,
    made_by    TEXT NOT NULL,       -- program version
    kind       TEXT NOT NULL CHECK (kind IN ('real', 'demo'))
) STRICT;

CREATE TABLE setting (              -- choices that are not part of anybody's record: who works at this login
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE draft (                -- half-typed text, kept at each pause; never minuted, never logged
    name  TEXT PRIMARY KEY,
    text  TEXT NOT NULL,
    at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE team (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (trim(name) <> ''),
    purpose TEXT, place TEXT,
    starts INTEGER NOT NULL CHECK (starts BETWEEN 0 AND 1439),
    length INTEGER NOT NULL CHECK (length BETWEEN 5 AND 720),
    cadence INTEGER NOT NULL CHECK (cadence BETWEEN 1 AND 366),
    minutes_each INTEGER NOT NULL CHECK (minutes_each BETWEEN 1 AND 240),
    quorum_members INTEGER NOT NULL CHECK (quorum_members BETWEEN 0 AND 100),
    quorum_roles TEXT,
    undiscussed_weeks INTEGER NOT NULL CHECK (undiscussed_weeks BETWEEN 1 AND 520),
    tell_days INTEGER NOT NULL CHECK (tell_days BETWEEN 0 AND 60),
    break_minutes INTEGER NOT NULL CHECK (break_minutes BETWEEN 1 AND 720),
    break_people INTEGER NOT NULL CHECK (break_people BETWEEN 1 AND 100)
) STRICT;

CREATE TABLE organisation (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (trim(name) <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('practice', 'community trust', 'acute trust', 'mental health trust', 'council', 'voluntary', 'hospice', 'care home', 'housing', 'police', 'other')),
    code TEXT
) STRICT;

CREATE TABLE member (
    id INTEGER PRIMARY KEY,
    team INTEGER NOT NULL REFERENCES team,
    name TEXT NOT NULL CHECK (trim(name) <> ''),
    role TEXT NOT NULL CHECK (trim(role) <> ''),
    organisation INTEGER NOT NULL REFERENCES organisation,
    membership TEXT NOT NULL CHECK (membership IN ('core', 'extended', 'by invitation')),
    phone TEXT, email TEXT,
    left_on TEXT CHECK (left_on IS date(left_on))
) STRICT;

CREATE TABLE household (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (trim(name) <> ''),
    note TEXT
) STRICT;

CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    team INTEGER NOT NULL REFERENCES team,
    nhs_number INTEGER CHECK (nhs_number BETWEEN 0 AND 9999999998),
    surname TEXT NOT NULL CHECK (trim(surname) <> ''),
    forename TEXT NOT NULL CHECK (trim(forename) <> ''),
    preferred TEXT, title TEXT,
    born TEXT CHECK (born IS date(born)),
    sex TEXT NOT NULL CHECK (sex IN ('female', 'male', 'other', 'unknown')),
    address TEXT, postcode TEXT, phone TEXT,
    practice INTEGER REFERENCES organisation,
    named_gp TEXT, council TEXT,
    residence TEXT NOT NULL CHECK (residence IN ('not recorded', 'own home', 'with family', 'sheltered', 'care home', 'nursing home', 'no fixed abode')),
    lives_alone INTEGER CHECK (lives_alone IN (0, 1)),
    housebound INTEGER CHECK (housebound IN (0, 1)),
    household INTEGER REFERENCES household,
    band TEXT CHECK (band IN ('high', 'medium', 'low')),
    band_on TEXT CHECK (band_on IS date(band_on)),
    score INTEGER, score_tool TEXT,
    score_on TEXT CHECK (score_on IS date(score_on)),
    efi INTEGER CHECK (efi BETWEEN 0 AND 1000),
    cfs INTEGER CHECK (cfs BETWEEN 1 AND 9),
    cfs_on TEXT CHECK (cfs_on IS date(cfs_on)),
    conditions INTEGER, attendances INTEGER, admissions INTEGER, out_of_hours INTEGER,
    admitted_on TEXT CHECK (admitted_on IS date(admitted_on)),
    safeguarding TEXT,
    respect INTEGER CHECK (respect IN (0, 1)),
    palliative INTEGER CHECK (palliative IN (0, 1)),
    has_carer INTEGER CHECK (has_carer IN (0, 1)),
    sharing TEXT NOT NULL CHECK (sharing IN ('not recorded', 'informed', 'agreed', 'best interests', 'objected to some', 'objected to all', 'override')),
    sharing_on TEXT CHECK (sharing_on IS date(sharing_on)),
    sharing_by TEXT, sharing_note TEXT,
    objects_to_risk_lists INTEGER NOT NULL CHECK (objects_to_risk_lists IN (0, 1)),
    standing TEXT NOT NULL CHECK (standing IN ('active', 'discharged', 'moved', 'died')),
    standing_on TEXT CHECK (standing_on IS date(standing_on)),
    -- derived
    sort_name TEXT NOT NULL DEFAULT '',                 -- folded surname, forename
    band_rank INTEGER NOT NULL DEFAULT 3,               -- 0 high … 2 low, 3 none
    sort_score INTEGER NOT NULL DEFAULT -1,
    sort_born TEXT NOT NULL DEFAULT '9999-12-31',
    last_discussed TEXT NOT NULL DEFAULT '',            -- day of the latest discussion read back
    key_worker INTEGER,                                 -- current key worker
    open_actions INTEGER NOT NULL DEFAULT 0,            -- live actions
    next_due TEXT NOT NULL DEFAULT '9999-12-31',        -- earliest due day of the live actions
    review_on TEXT NOT NULL DEFAULT '9999-12-31'        -- review day of the plan
) STRICT;
CREATE UNIQUE INDEX person_nhs_number ON person (team, nhs_number) WHERE nhs_number IS NOT NULL;
CREATE INDEX person_by_band ON person (team, standing, band_rank, sort_name);
CREATE INDEX person_by_name ON person (team, standing, sort_name);
CREATE INDEX person_by_score ON person (team, standing, sort_score);
CREATE INDEX person_by_born ON person (team, standing, sort_born);
CREATE INDEX person_by_birthday ON person (team, born, sort_name);
CREATE INDEX person_by_discussed ON person (team, standing, last_discussed, sort_name);
CREATE INDEX person_by_due ON person (team, standing, next_due, sort_name);
CREATE INDEX person_by_review ON person (team, standing, review_on, sort_name);
CREATE INDEX person_in_need ON person (team, standing, band_rank, key_worker, last_discussed, sort_name);   -- candidates
CREATE INDEX person_by_practice ON person (practice, team, standing, band_rank, sort_name);
CREATE INDEX person_by_household ON person (household) WHERE household IS NOT NULL;

-- How many people a team has in each band, so that no screen counts a million rows. Kept by apply.rs
-- (a trigger on every new person would double what a list costs) and by triggers; never logged.
CREATE TABLE census (
    team INTEGER NOT NULL,
    standing TEXT NOT NULL,
    band_rank INTEGER NOT NULL,
    alone INTEGER NOT NULL,             -- 1 without a key worker
    people INTEGER NOT NULL,
    PRIMARY KEY (team, standing, band_rank, alone)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER census_out AFTER DELETE ON person BEGIN
    UPDATE census SET people = people - 1
        WHERE team = old.team AND standing = old.standing AND band_rank = old.band_rank AND alone = (old.key_worker IS NULL);
END;
CREATE TRIGGER census_moved AFTER UPDATE OF team, standing, band_rank, key_worker ON person
    WHEN new.team <> old.team OR new.standing <> old.standing OR new.band_rank <> old.band_rank
      OR (new.key_worker IS NULL) <> (old.key_worker IS NULL)
BEGIN
    UPDATE census SET people = people - 1
        WHERE team = old.team AND standing = old.standing AND band_rank = old.band_rank AND alone = (old.key_worker IS NULL);
    INSERT INTO census VALUES (new.team, new.standing, new.band_rank, new.key_worker IS NULL, 1)
        ON CONFLICT DO UPDATE SET people = people + 1;
END;

CREATE VIRTUAL TABLE person_words USING fts5 (words, content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'ascii');

CREATE TABLE band_entry (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person,
    band TEXT NOT NULL CHECK (band IN ('high', 'medium', 'low')),
    before TEXT CHECK (before IN ('high', 'medium', 'low')),
    "on" TEXT NOT NULL CHECK ("on" IS date("on")),
    set_by TEXT NOT NULL,
    tool TEXT, score INTEGER, label TEXT, reason TEXT,
    overridden INTEGER NOT NULL CHECK (overridden IN (0, 1)),
    CHECK (overridden = 0 OR reason IS NOT NULL)
) STRICT;
CREATE INDEX band_entry_of_person ON band_entry (person, "on");
CREATE INDEX band_entry_moved ON band_entry ("on", band, before, person) WHERE before IS NOT NULL;   -- rises and falls

CREATE TABLE objection (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person,
    organisation INTEGER NOT NULL REFERENCES organisation,
    "on" TEXT NOT NULL CHECK ("on" IS date("on")),
    note TEXT,
    lifted_on TEXT CHECK (lifted_on IS date(lifted_on))
) STRICT;
CREATE INDEX objection_of_person ON objection (person);

CREATE TABLE key_worker (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person,
    member INTEGER NOT NULL REFERENCES member,
    since TEXT NOT NULL CHECK (since IS date(since)),
    until TEXT CHECK (until IS date(until)),
    ended_why TEXT
) STRICT;
CREATE UNIQUE INDEX key_worker_current ON key_worker (person) WHERE until IS NULL;
CREATE INDEX key_worker_of_person ON key_worker (person, since);

CREATE TABLE carer (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person,
    name TEXT NOT NULL CHECK (trim(name) <> ''),
    relation TEXT, phone TEXT, needs TEXT,
    assessment TEXT NOT NULL CHECK (assessment IN ('not offered', 'offered', 'accepted', 'done', 'declined')),
    assessment_on TEXT CHECK (assessment_on IS date(assessment_on)),
    crisis TEXT,
    ended_on TEXT CHECK (ended_on IS date(ended_on))
) STRICT;
CREATE INDEX carer_of_person ON carer (person);

CREATE TABLE plan (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL UNIQUE REFERENCES person,
    matters TEXT, strengths TEXT, needs TEXT, trigger TEXT, response TEXT, contact TEXT,
    agreed_with TEXT,
    agreed_on TEXT CHECK (agreed_on IS date(agreed_on)),
    review_on TEXT CHECK (review_on IS date(review_on)),
    reviewer INTEGER REFERENCES member
) STRICT;

CREATE TABLE goal (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person,
    words TEXT NOT NULL CHECK (trim(words) <> ''),
    progress TEXT NOT NULL CHECK (progress IN ('not started', 'some', 'achieved', 'dropped')),
    note TEXT,
    "on" TEXT NOT NULL CHECK ("on" IS date("on"))
) STRICT;
CREATE INDEX goal_of_person ON goal (person);

CREATE TABLE nomination (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person,
    asked_by TEXT NOT NULL,
    organisation INTEGER REFERENCES organisation,
    "on" TEXT NOT NULL CHECK ("on" IS date("on")),
    channel TEXT NOT NULL CHECK (channel IN ('phone', 'email', 'form', 'list', 'in person', 'shared record')),
    reason TEXT NOT NULL,
    question TEXT,
    urgency TEXT NOT NULL CHECK (urgency IN ('routine', 'urgent')),
    situation TEXT, background TEXT, assessment TEXT, recommendation TEXT,
    told_on TEXT CHECK (told_on IS date(told_on)),
    told_by TEXT,
    triage TEXT NOT NULL CHECK (triage IN ('waiting', 'on agenda', 'discussed', 'declined')),
    triage_why TEXT,
    CHECK (triage <> 'declined' OR triage_why IS NOT NULL)
) STRICT;
CREATE INDEX nomination_of_person ON nomination (person);
CREATE INDEX nomination_waiting ON nomination (triage, "on");

CREATE TABLE meeting (
    id INTEGER PRIMARY KEY,
    team INTEGER NOT NULL REFERENCES team,
    "on" TEXT NOT NULL CHECK ("on" IS date("on")),
    starts INTEGER NOT NULL CHECK (starts BETWEEN 0 AND 1439),
    length INTEGER NOT NULL CHECK (length BETWEEN 5 AND 720),
    place TEXT,
    chair INTEGER REFERENCES member,
    minute_taker INTEGER REFERENCES member,
    stage TEXT NOT NULL CHECK (stage IN ('planned', 'live', 'closed', 'sealed', 'cancelled')),
    begun_at TEXT, ended_at TEXT,
    here INTEGER REFERENCES agenda_item DEFERRABLE INITIALLY DEFERRED,
    here_since TEXT,
    break_offered INTEGER NOT NULL CHECK (break_offered IN (0, 1)),
    CHECK ((stage IN ('planned', 'cancelled')) = (begun_at IS NULL)),
    CHECK ((stage IN ('closed', 'sealed')) = (ended_at IS NOT NULL)),
    CHECK ((here IS NULL) = (here_since IS NULL)),
    CHECK (here IS NULL OR stage = 'live')
) STRICT;
CREATE INDEX meeting_by_day ON meeting (team, "on");
CREATE UNIQUE INDEX meeting_live ON meeting (team) WHERE stage = 'live';

CREATE TABLE agenda_item (
    id INTEGER PRIMARY KEY,
    meeting INTEGER NOT NULL REFERENCES meeting,
    place INTEGER NOT NULL,
    person INTEGER REFERENCES person,
    title TEXT,
    minutes INTEGER NOT NULL CHECK (minutes BETWEEN 0 AND 240),
    lead INTEGER REFERENCES member,
    disciplines TEXT, reasons TEXT, question TEXT,
    nomination INTEGER REFERENCES nomination,
    outcome TEXT NOT NULL CHECK (outcome IN ('waiting', 'discussed', 'deferred', 'not reached', 'withdrawn')),
    outcome_why TEXT,
    begun_at TEXT,
    spent INTEGER NOT NULL CHECK (spent >= 0),
    CHECK ((person IS NULL) <> (title IS NULL))
) STRICT;
CREATE INDEX agenda_item_of_meeting ON agenda_item (meeting, place);
CREATE UNIQUE INDEX agenda_item_once ON agenda_item (meeting, person) WHERE person IS NOT NULL;
CREATE INDEX agenda_item_of_person ON agenda_item (person);

CREATE TABLE attendance (
    id INTEGER PRIMARY KEY,
    meeting INTEGER NOT NULL REFERENCES meeting,
    member INTEGER NOT NULL REFERENCES member,
    attending TEXT NOT NULL CHECK (attending IN ('in room', 'remote', 'apologies', 'absent')),
    here_now INTEGER NOT NULL CHECK (here_now IN (0, 1)),
    arrived_at TEXT, left_at TEXT,
    UNIQUE (meeting, member)
) STRICT;

CREATE TABLE discussion (
    id INTEGER PRIMARY KEY,
    meeting INTEGER NOT NULL REFERENCES meeting,
    item INTEGER NOT NULL UNIQUE REFERENCES agenda_item,
    person INTEGER NOT NULL REFERENCES person,
    situation TEXT, action_to_date TEXT, "update" TEXT, next_steps TEXT,
    decision TEXT CHECK (decision IN ('made', 'deferred', 'none')),
    teller INTEGER REFERENCES member,
    telling_waived TEXT,
    review_on TEXT CHECK (review_on IS date(review_on)),
    key_worker INTEGER REFERENCES member,
    present TEXT NOT NULL CHECK (json_valid(present)),
    objection_why TEXT,
    gaps_why TEXT,
    agreed_at TEXT
) STRICT;
CREATE INDEX discussion_of_person ON discussion (person);
CREATE INDEX discussion_of_meeting ON discussion (meeting);

CREATE TABLE action (
    id INTEGER PRIMARY KEY,
    team INTEGER NOT NULL REFERENCES team,
    person INTEGER REFERENCES person,
    meeting INTEGER REFERENCES meeting,
    item INTEGER REFERENCES agenda_item,
    goal INTEGER REFERENCES goal,
    what TEXT NOT NULL CHECK (trim(what) <> ''),
    owner INTEGER NOT NULL REFERENCES member,
    raised_on TEXT NOT NULL CHECK (raised_on IS date(raised_on)),
    due TEXT NOT NULL CHECK (due IS date(due)),
    carried INTEGER NOT NULL CHECK (carried >= 0),
    telling INTEGER NOT NULL CHECK (telling IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'done', 'not done', 'withdrawn')),
    state_on TEXT CHECK (state_on IS date(state_on)),
    state_reason TEXT CHECK (state_reason IN ('person declined', 'circumstances changed', 'did not attend', 'condition not met', 'died', 'new health problem', 'service full', 'wrong owner', 'other')),
    state_note TEXT,
    CHECK ((state = 'open') = (state_on IS NULL)),
    CHECK ((state = 'not done') = (state_reason IS NOT NULL)),
    CHECK (state <> 'withdrawn' OR state_note IS NOT NULL),
    CHECK (state NOT IN ('open', 'accepted') OR state_note IS NULL)
) STRICT;
CREATE INDEX action_of_person ON action (person, state, due);
CREATE INDEX action_by_due ON action (team, state, due);
CREATE INDEX action_of_owner ON action (owner, state, due);
CREATE INDEX action_of_item ON action (item);
CREATE INDEX action_of_meeting ON action (meeting);
CREATE INDEX action_closed ON action (team, state_on);
CREATE INDEX action_in_order ON action (team, (state NOT IN ('open', 'accepted')), due);

CREATE TABLE minutes (
    id INTEGER PRIMARY KEY,
    meeting INTEGER NOT NULL UNIQUE REFERENCES meeting,
    sealed_at TEXT NOT NULL,
    sealed_by TEXT NOT NULL,
    document TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64)
) STRICT;

CREATE TABLE addendum (
    id INTEGER PRIMARY KEY,
    minutes INTEGER NOT NULL REFERENCES minutes,
    at TEXT NOT NULL,
    by TEXT NOT NULL,
    text TEXT NOT NULL CHECK (trim(text) <> '')
) STRICT;
CREATE INDEX addendum_of_minutes ON addendum (minutes, at);

CREATE TABLE intake (
    id INTEGER PRIMARY KEY,
    team INTEGER NOT NULL REFERENCES team,
    kind TEXT NOT NULL CHECK (kind IN ('caseload', 'members')),
    at TEXT NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    bytes INTEGER NOT NULL,
    counts TEXT NOT NULL CHECK (json_valid(counts))
) STRICT;

-- What a screen shows of a person without reading their whole past: kept beside the row, never logged.

CREATE TRIGGER action_added AFTER INSERT ON action WHEN new.person IS NOT NULL BEGIN
    UPDATE person SET
        open_actions = (SELECT count(*) FROM action WHERE person = new.person AND state IN ('open', 'accepted')),
        next_due = coalesce((SELECT min(due) FROM action WHERE person = new.person AND state IN ('open', 'accepted')), '9999-12-31')
    WHERE id = new.person;
END;
CREATE TRIGGER action_altered AFTER UPDATE OF state, due, person ON action BEGIN
    UPDATE person SET
        open_actions = (SELECT count(*) FROM action a WHERE a.person = person.id AND a.state IN ('open', 'accepted')),
        next_due = coalesce((SELECT min(due) FROM action a WHERE a.person = person.id AND a.state IN ('open', 'accepted')), '9999-12-31')
    WHERE id IN (old.person, new.person);
END;
CREATE TRIGGER action_removed AFTER DELETE ON action WHEN old.person IS NOT NULL BEGIN
    UPDATE person SET
        open_actions = (SELECT count(*) FROM action WHERE person = old.person AND state IN ('open', 'accepted')),
        next_due = coalesce((SELECT min(due) FROM action WHERE person = old.person AND state IN ('open', 'accepted')), '9999-12-31')
    WHERE id = old.person;
END;

CREATE TRIGGER key_worker_added AFTER INSERT ON key_worker BEGIN
    UPDATE person SET key_worker = (SELECT member FROM key_worker WHERE person = new.person AND until IS NULL) WHERE id = new.person;
END;
CREATE TRIGGER key_worker_altered AFTER UPDATE ON key_worker BEGIN
    UPDATE person SET key_worker = (SELECT member FROM key_worker WHERE person = new.person AND until IS NULL) WHERE id = new.person;
END;
CREATE TRIGGER key_worker_removed AFTER DELETE ON key_worker BEGIN
    UPDATE person SET key_worker = (SELECT member FROM key_worker WHERE person = old.person AND until IS NULL) WHERE id = old.person;
END;

CREATE TRIGGER plan_added AFTER INSERT ON plan BEGIN
    UPDATE person SET review_on = coalesce(new.review_on, '9999-12-31') WHERE id = new.person;
END;
CREATE TRIGGER plan_altered AFTER UPDATE ON plan BEGIN
    UPDATE person SET review_on = coalesce(new.review_on, '9999-12-31') WHERE id = new.person;
END;
CREATE TRIGGER plan_removed AFTER DELETE ON plan BEGIN
    UPDATE person SET review_on = '9999-12-31' WHERE id = old.person;
END;

CREATE TRIGGER discussion_added AFTER INSERT ON discussion WHEN new.agreed_at IS NOT NULL BEGIN
    UPDATE person SET last_discussed = coalesce((SELECT max(m."on") FROM discussion d JOIN meeting m ON m.id = d.meeting WHERE d.person = new.person AND d.agreed_at IS NOT NULL), '') WHERE id = new.person;
END;
CREATE TRIGGER discussion_altered AFTER UPDATE OF agreed_at ON discussion BEGIN
    UPDATE person SET last_discussed = coalesce((SELECT max(m."on") FROM discussion d JOIN meeting m ON m.id = d.meeting WHERE d.person = new.person AND d.agreed_at IS NOT NULL), '') WHERE id = new.person;
END;
CREATE TRIGGER discussion_removed AFTER DELETE ON discussion BEGIN
    UPDATE person SET last_discussed = coalesce((SELECT max(m."on") FROM discussion d JOIN meeting m ON m.id = d.meeting WHERE d.person = old.person AND d.agreed_at IS NOT NULL), '') WHERE id = old.person;
END;

-- The log. A step is what somebody did; its changes hold both sides of every field. Append-only.

CREATE TABLE step (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    uid INTEGER NOT NULL UNIQUE,           -- the same in every copy of the file
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('change', 'undo', 'redo', 'move', 'import', 'seal', 'export', 'view', 'make')),
    label TEXT NOT NULL,
    meeting INTEGER,
    undoes INTEGER REFERENCES step (seq),  -- the step this one takes back (undo) or does again (redo)
    changes INTEGER NOT NULL,              -- how many
    payload_hash BLOB NOT NULL CHECK (length(payload_hash) = 32),
    prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    CHECK ((kind IN ('undo', 'redo')) = (undoes IS NOT NULL))
) STRICT;
CREATE INDEX step_undoing ON step (undoes) WHERE undoes IS NOT NULL;

CREATE TABLE change (
    step INTEGER NOT NULL REFERENCES step (seq) DEFERRABLE INITIALLY DEFERRED,   -- written before its step is whole
    nth INTEGER NOT NULL,
    noun TEXT NOT NULL,
    row INTEGER NOT NULL,
    deed TEXT NOT NULL CHECK (deed IN ('add', 'alter', 'remove')),
    hash BLOB NOT NULL CHECK (length(hash) = 32),   -- SHA-256 of salt and fields: stays when the text is lawfully erased
    salt BLOB,
    fields TEXT CHECK (fields IS NULL OR json_valid(fields)),   -- {"column": [was, now], …}
    PRIMARY KEY (step, nth)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_of_row ON change (noun, row, step);

CREATE TRIGGER step_stays BEFORE UPDATE ON step BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER step_is_not_removed BEFORE DELETE ON step BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER step_follows BEFORE INSERT ON step
    WHEN new.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM step)
    BEGIN SELECT RAISE(ABORT, 'a step follows the last one'); END;
CREATE TRIGGER change_is_not_removed BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER change_stays BEFORE UPDATE ON change
    WHEN new.step <> old.step OR new.nth <> old.nth OR new.noun <> old.noun OR new.row <> old.row OR new.deed <> old.deed OR new.hash <> old.hash OR new.fields IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
