-- Who wrote what of a person, newest first; a step done again counts as what it was at first.
SELECT s.seq, s.undoes, CASE s.kind WHEN 'redo' THEN first.kind ELSE s.kind END, c.fields
FROM change c
JOIN step s ON s.seq = c.step
LEFT JOIN step first ON first.seq = s.undoes
WHERE c.noun = 'person' AND c.row = ?1
ORDER BY c.step DESC, c.nth DESC
