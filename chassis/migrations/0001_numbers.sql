-- Blocks of document numbers (G-08): the next number nobody has taken yet, per store, kind and business day.
CREATE TABLE number_block (
  store_id BINARY(16) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  business_day DATE NOT NULL,
  next_number BIGINT NOT NULL,
  PRIMARY KEY (store_id, kind, business_day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
