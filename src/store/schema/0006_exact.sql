-- Schema 6. An erasure says in its own step which texts it took out of the log and what it left of each record; a joining, which
-- texts of the other copy it did not keep because they are about somebody erased. A check holds the file against it.
-- Steps are named by their uid, which is the same in every copy. Where nothing stands, an earlier version wrote the record.

ALTER TABLE erasure ADD COLUMN emptied TEXT CHECK (emptied IS NULL OR json_valid(emptied));  -- {"uid of a step": [nth, …], …}
ALTER TABLE erasure ADD COLUMN leaves TEXT CHECK (leaves IS NULL OR json_valid(leaves));     -- {"noun": {"id": {"column": cell, …}, …}, …}
ALTER TABLE joining ADD COLUMN emptied TEXT CHECK (emptied IS NULL OR json_valid(emptied));
