WHERE t.id IN (
    SELECT person FROM action WHERE team = ?1 AND state IN ('open', 'accepted') AND person IS NOT NULL
    UNION
    SELECT i.person FROM agenda_item i
    WHERE i.person IS NOT NULL
      AND i.meeting IN (SELECT id FROM meeting WHERE team = ?1 ORDER BY "on" DESC LIMIT 26)
)
