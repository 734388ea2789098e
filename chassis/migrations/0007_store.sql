-- The stores of the group: the record in reception-svc, a copy in every other service.
CREATE TABLE store (
  store_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  code VARCHAR(8) NOT NULL,
  display_name VARCHAR(100) NOT NULL,
  time_zone VARCHAR(60) NOT NULL,
  currency_code VARCHAR(3) NOT NULL,
  settings LONGTEXT NOT NULL,
  PRIMARY KEY (store_id),
  UNIQUE KEY by_code (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
