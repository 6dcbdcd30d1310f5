-- The records that are a meeting's own now, as noun and row.
SELECT 'meeting', ?1
UNION ALL SELECT 'agenda_item', id FROM agenda_item WHERE meeting = ?1
UNION ALL SELECT 'attendance', id FROM attendance WHERE meeting = ?1
UNION ALL SELECT 'discussion', id FROM discussion WHERE meeting = ?1
UNION ALL SELECT 'action', id FROM action WHERE meeting = ?1
UNION ALL SELECT 'minutes', id FROM minutes WHERE meeting = ?1
UNION ALL SELECT 'addendum', a.id FROM minutes m JOIN addendum a ON a.minutes = m.id WHERE m.meeting = ?1
UNION ALL SELECT 'disclosure', id FROM disclosure WHERE meeting = ?1
UNION ALL SELECT 'written_back', w.id FROM discussion d JOIN written_back w ON w.discussion = d.id WHERE d.meeting = ?1
