-- The records that are a person's own now, as noun and row.
SELECT 'person', ?1
UNION ALL SELECT 'band_entry', id FROM band_entry WHERE person = ?1
UNION ALL SELECT 'objection', id FROM objection WHERE person = ?1
UNION ALL SELECT 'key_worker', id FROM key_worker WHERE person = ?1
UNION ALL SELECT 'carer', id FROM carer WHERE person = ?1
UNION ALL SELECT 'plan', id FROM plan WHERE person = ?1
UNION ALL SELECT 'goal', id FROM goal WHERE person = ?1
UNION ALL SELECT 'nomination', id FROM nomination WHERE person = ?1
UNION ALL SELECT 'agenda_item', id FROM agenda_item WHERE person = ?1
UNION ALL SELECT 'discussion', id FROM discussion WHERE person = ?1
UNION ALL SELECT 'action', id FROM action WHERE person = ?1
UNION ALL SELECT 'queued_row', id FROM queued_row WHERE person = ?1
UNION ALL SELECT 'proposal', id FROM proposal WHERE person = ?1
UNION ALL SELECT 'activity', id FROM activity WHERE person = ?1
UNION ALL SELECT 'viewing', id FROM viewing WHERE person = ?1
UNION ALL SELECT 'hold', id FROM hold WHERE person = ?1
UNION ALL SELECT 'erasure', id FROM erasure WHERE person = ?1
UNION ALL SELECT 'written_back', w.id FROM discussion d JOIN written_back w ON w.discussion = d.id WHERE d.person = ?1
UNION ALL SELECT 'disclosure', d.id FROM disclosure d
    WHERE instr(d.people, ?1) > 0 AND EXISTS (SELECT 1 FROM json_each(d.people) WHERE value = ?1)
