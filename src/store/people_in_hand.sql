WHERE t.id IN (
    SELECT person FROM action WHERE team = ?1 AND state IN ('open', 'accepted') AND person IS NOT NULL
    UNION
    SELECT i.person FROM agenda_item i
    WHERE i.person IS NOT NULL
      AND i.meeting IN (SELECT id FROM meeting WHERE team = ?1 ORDER BY "on" DESC LIMIT 26)
    UNION
    SELECT id FROM person
    WHERE team = ?1 AND (sharing = 'objected to all' OR sharing = 'objected to some' OR sharing = 'override')
    UNION
    SELECT h.id FROM agenda_item i JOIN person p ON p.id = i.person JOIN person h ON h.household = p.household
    WHERE i.meeting IN (SELECT id FROM meeting WHERE team = ?1 ORDER BY "on" DESC LIMIT 26)
)
