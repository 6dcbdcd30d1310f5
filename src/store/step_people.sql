-- The people a step is about: the person itself, or the person a changed record belongs to (two at most are looked for).
SELECT DISTINCT person FROM (
    SELECT CASE c.noun
        WHEN 'person' THEN c.row
        WHEN 'action' THEN (SELECT person FROM action WHERE id = c.row)
        WHEN 'discussion' THEN (SELECT person FROM discussion WHERE id = c.row)
        WHEN 'agenda_item' THEN (SELECT person FROM agenda_item WHERE id = c.row)
        WHEN 'key_worker' THEN (SELECT person FROM key_worker WHERE id = c.row)
        WHEN 'plan' THEN (SELECT person FROM plan WHERE id = c.row)
        WHEN 'goal' THEN (SELECT person FROM goal WHERE id = c.row)
        WHEN 'carer' THEN (SELECT person FROM carer WHERE id = c.row)
        WHEN 'band_entry' THEN (SELECT person FROM band_entry WHERE id = c.row)
        WHEN 'objection' THEN (SELECT person FROM objection WHERE id = c.row)
        WHEN 'nomination' THEN (SELECT person FROM nomination WHERE id = c.row)
        WHEN 'written_back' THEN
            (SELECT d.person FROM written_back w JOIN discussion d ON d.id = w.discussion WHERE w.id = c.row)
    END AS person, c.fields
    FROM change c WHERE c.step = ?1 LIMIT 100
) WHERE person IS NOT NULL LIMIT 2
