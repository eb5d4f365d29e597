CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL, total INTEGER NOT NULL);
INSERT INTO orders (customer, total) VALUES ('Acme Retail', 4200), ('Lyon Shop', 990)
