BEGIN;
CREATE TABLE order_lines (order_id TEXT NOT NULL, article TEXT NOT NULL);
INSERT INTO order_lines SELECT id, article FROM orders;
ALTER TABLE orders DROP COLUMN article;
COMMIT;
