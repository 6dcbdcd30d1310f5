-- The tail of the query for the shelf of minutes: counts beside each meeting, newest first. ?1 team.
    (SELECT count(*) FROM agenda_item i WHERE i.meeting = m.id AND i.person IS NOT NULL AND i.outcome <> 'withdrawn'),
    (SELECT count(*) FROM agenda_item i WHERE i.meeting = m.id AND i.person IS NOT NULL AND i.outcome = 'discussed'),
    (SELECT count(*) FROM action a JOIN agenda_item i ON i.id = a.item WHERE i.meeting = m.id),
    s.sealed_at, s.sealed_by,
    (SELECT count(*) FROM addendum d WHERE d.minutes = s.id),
    (SELECT count(*) FROM agenda_item i JOIN discussion d ON d.item = i.id
     WHERE i.meeting = m.id AND i.outcome = 'discussed' AND NOT EXISTS (SELECT 1 FROM written_back w WHERE w.discussion = d.id)),
    (SELECT count(*) FROM agenda_item i JOIN discussion d ON d.item = i.id
     WHERE i.meeting = m.id AND i.outcome = 'discussed' AND d.agreed_at IS NULL)
FROM meeting m LEFT JOIN minutes s ON s.meeting = m.id
WHERE m.team = ?1
ORDER BY m."on" DESC, m.id DESC
