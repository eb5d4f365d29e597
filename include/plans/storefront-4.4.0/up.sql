CREATE TABLE price_lists (name TEXT PRIMARY KEY, valid_from TEXT NOT NULL)
