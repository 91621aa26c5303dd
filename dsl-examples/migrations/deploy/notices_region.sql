-- watchkeeper: expand
BEGIN;
ALTER TABLE board.notices ADD COLUMN region text;
COMMIT;
