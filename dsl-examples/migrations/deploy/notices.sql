-- watchkeeper: expand
BEGIN;
CREATE SCHEMA board;
CREATE TABLE board.notices (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    text text NOT NULL,
    shown_at timestamptz NOT NULL DEFAULT now()
);
COMMIT;
