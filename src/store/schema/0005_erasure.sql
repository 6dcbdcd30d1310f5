-- Schema 5. Lawful erasure: that it was done stays, with who, when, why and the witness; the text does not.

CREATE TABLE erasure (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person,
    at TEXT NOT NULL,
    by TEXT NOT NULL CHECK (trim(by) <> ''),
    witness TEXT NOT NULL CHECK (trim(witness) <> ''),
    why TEXT NOT NULL CHECK (trim(why) <> ''),
    records INTEGER NOT NULL CHECK (records >= 0),
    minutes TEXT NOT NULL CHECK (json_valid(minutes)),    -- ids of sealed minutes from which a part went
    hashes TEXT                                           -- SHA-256 of each of these since, one a line
) STRICT;
CREATE INDEX erasure_of_person ON erasure (person);

-- Nothing is written over an erased record. (What triggers keep beside a row still follows.)
CREATE TRIGGER erased_person_stays BEFORE UPDATE OF
    nhs_number, surname, forename, preferred, title, born, address, postcode, phone, safeguarding, sharing_note, standing
ON person WHEN old.surname = '[erased]' AND old.forename = '[erased]'
BEGIN SELECT RAISE(ABORT, 'an erased record stays erased'); END;
