ALTER TABLE orders DROP COLUMN deliver_at
