ALTER TABLE orders ADD COLUMN deliver_at TEXT
