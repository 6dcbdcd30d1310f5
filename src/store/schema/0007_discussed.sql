-- Schema 7. When somebody was discussed last follows the one rule of domain::agenda::Outcome: the agenda says `discussed`. Before, a
-- text changed after it was read back made them somebody who was never discussed, although the meeting had come to them.

DROP TRIGGER IF EXISTS discussion_added;
DROP TRIGGER IF EXISTS discussion_altered;
DROP TRIGGER IF EXISTS discussion_removed;

CREATE TRIGGER discussed_added AFTER INSERT ON agenda_item WHEN new.person IS NOT NULL AND new.outcome = 'discussed' BEGIN
    UPDATE person SET last_discussed = coalesce((SELECT max(m."on") FROM agenda_item i JOIN meeting m ON m.id = i.meeting WHERE i.person = new.person AND i.outcome = 'discussed'), '') WHERE id = new.person;
END;
CREATE TRIGGER discussed_altered AFTER UPDATE OF outcome, person, meeting ON agenda_item WHEN old.outcome = 'discussed' OR new.outcome = 'discussed' BEGIN
    UPDATE person SET last_discussed = coalesce((SELECT max(m."on") FROM agenda_item i JOIN meeting m ON m.id = i.meeting WHERE i.person = old.person AND i.outcome = 'discussed'), '') WHERE id = old.person;
    UPDATE person SET last_discussed = coalesce((SELECT max(m."on") FROM agenda_item i JOIN meeting m ON m.id = i.meeting WHERE i.person = new.person AND i.outcome = 'discussed'), '') WHERE id = new.person AND new.person IS NOT old.person;
END;
CREATE TRIGGER discussed_removed AFTER DELETE ON agenda_item WHEN old.person IS NOT NULL AND old.outcome = 'discussed' BEGIN
    UPDATE person SET last_discussed = coalesce((SELECT max(m."on") FROM agenda_item i JOIN meeting m ON m.id = i.meeting WHERE i.person = old.person AND i.outcome = 'discussed'), '') WHERE id = old.person;
END;

UPDATE person SET last_discussed = coalesce((SELECT max(m."on") FROM agenda_item i JOIN meeting m ON m.id = i.meeting WHERE i.person = person.id AND i.outcome = 'discussed'), '')
WHERE last_discussed <> coalesce((SELECT max(m."on") FROM agenda_item i JOIN meeting m ON m.id = i.meeting WHERE i.person = person.id AND i.outcome = 'discussed'), '');
