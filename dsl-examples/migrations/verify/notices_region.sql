SELECT region FROM board.notices WHERE false;
