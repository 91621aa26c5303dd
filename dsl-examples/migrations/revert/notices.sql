BEGIN;
DROP TABLE board.notices;
DROP SCHEMA board;
COMMIT;
