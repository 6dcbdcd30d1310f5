-- Everybody with a reason to be discussed, strongest reason first. Each arm walks an index; the ranks are those of
-- domain::agenda::Reason::rank. ?1 team, ?2 people left over (JSON), ?3 today, ?4 risen since, ?5 discussed before.
WITH reason (person, rank) AS (
    SELECT value, 0 FROM json_each(?2)
    UNION ALL
    SELECT person, CASE urgency WHEN 'urgent' THEN 1 ELSE 2 END FROM nomination WHERE triage = 'waiting'
    UNION ALL
    SELECT b.person, 3 FROM band_entry b
        WHERE b."on" >= ?4 AND b.before IS NOT NULL AND ((b.band = 'high' AND b.before IN ('medium', 'low')) OR (b.band = 'medium' AND b.before = 'low'))
          AND (SELECT p.band FROM person p WHERE p.id = b.person) = b.band
    UNION ALL
    SELECT id, 4 FROM person WHERE team = ?1 AND standing = 'active' AND next_due < ?3
    UNION ALL
    SELECT id, 5 FROM person WHERE team = ?1 AND standing = 'active' AND review_on <= ?3
    UNION ALL
    SELECT id, 6 FROM person WHERE team = ?1 AND standing = 'active' AND band_rank = 0 AND key_worker IS NULL
    UNION ALL
    SELECT id, 7 FROM person WHERE team = ?1 AND standing = 'active' AND band_rank = 0 AND last_discussed < ?5
)
SELECT p.id
FROM (SELECT person, min(rank) AS rank FROM reason GROUP BY person) r
CROSS JOIN person p ON p.id = r.person
WHERE p.team = ?1 AND p.standing = 'active'
  AND NOT EXISTS (SELECT 1 FROM agenda_item i JOIN meeting m ON m.id = i.meeting
                  WHERE i.person = p.id AND (m.id = ?6 OR (m.stage IN ('planned', 'live') AND i.outcome = 'waiting')))
ORDER BY r.rank, p.sort_name, p.id
