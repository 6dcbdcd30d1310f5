-- Everybody with a reason to be discussed, strongest reason first. Each arm walks an index; the ranks are those of
-- domain::agenda::Reason::rank. Arms that a whole band may stand in are read from an index alone.
-- ?1 team, ?2 people left over (JSON), ?3 today, ?4 risen since, ?5 discussed before, ?6 the agenda shown.
WITH reason (person, rank, name) AS (
    SELECT p.id, 0, p.sort_name FROM json_each(?2) j CROSS JOIN person p ON p.id = j.value
        WHERE p.team = ?1 AND p.standing = 'active'
    UNION ALL
    SELECT p.id, CASE n.urgency WHEN 'urgent' THEN 1 ELSE 2 END, p.sort_name
        FROM nomination n CROSS JOIN person p ON p.id = n.person
        WHERE n.triage = 'waiting' AND p.team = ?1 AND p.standing = 'active'
    UNION ALL
    SELECT p.id, 3, p.sort_name FROM band_entry b CROSS JOIN person p ON p.id = b.person
        WHERE b."on" >= ?4 AND b.before IS NOT NULL
          AND ((b.band = 'high' AND b.before IN ('medium', 'low')) OR (b.band = 'medium' AND b.before = 'low'))
          AND p.band = b.band AND p.team = ?1 AND p.standing = 'active'
    UNION ALL
    SELECT id, 4, sort_name FROM person INDEXED BY person_by_due
        WHERE team = ?1 AND standing = 'active' AND next_due < ?3 AND next_due <> '9999-12-31'
    UNION ALL
    SELECT id, 5, sort_name FROM person INDEXED BY person_by_review
        WHERE team = ?1 AND standing = 'active' AND review_on <= ?3 AND review_on <> '9999-12-31'
    UNION ALL
    SELECT id, CASE WHEN key_worker IS NULL THEN 6 ELSE 7 END, sort_name FROM person INDEXED BY person_in_need
        WHERE team = ?1 AND standing = 'active' AND band_rank = 0 AND (key_worker IS NULL OR last_discussed < ?5)
)
SELECT r.person
FROM (SELECT person, min(rank) AS rank, name FROM reason GROUP BY person) r
WHERE NOT EXISTS (SELECT 1 FROM agenda_item i CROSS JOIN meeting m ON m.id = i.meeting
                  WHERE i.person = r.person AND (m.id = ?6 OR (m.stage IN ('planned', 'live') AND i.outcome = 'waiting')))
ORDER BY r.rank, r.name, r.person
