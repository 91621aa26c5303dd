SELECT id, text, shown_at FROM board.notices WHERE false;
