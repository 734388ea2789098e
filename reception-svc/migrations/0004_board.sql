-- The board (R-34): one row per visit, moved along by the rooms and the workshop's events.
CREATE TABLE board_entry (
  store_id BINARY(16) NOT NULL,
  visit_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  visit_number VARCHAR(40) NOT NULL,
  plate VARCHAR(20) NOT NULL,
  model_name VARCHAR(100) NOT NULL,
  adviser VARCHAR(200) NOT NULL,
  purpose VARCHAR(40) NOT NULL,
  stage VARCHAR(40) NOT NULL,
  repair_order_id BINARY(16) NULL,
  repair_order_number VARCHAR(40) NOT NULL,
  arrival_time DATETIME(6) NULL,
  promised_time DATETIME(6) NULL,
  on_board TINYINT(1) NOT NULL,
  update_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, visit_id),
  KEY present (store_id, on_board, visit_id),
  KEY by_repair_order (store_id, repair_order_id),
  KEY by_update_time (store_id, update_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
