-- What was backed up when: a row in every schema, written by whoever made the backup after it was complete.
CREATE TABLE backup (
  backup_id BINARY(16) NOT NULL,
  begin_time DATETIME(6) NOT NULL,
  end_time DATETIME(6) NOT NULL,
  bytes BIGINT NOT NULL,
  note VARCHAR(200) NOT NULL DEFAULT '',
  PRIMARY KEY (backup_id),
  KEY by_end_time (end_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What the verification in the background found last, per store and check (G-03). workshop-svc has a table of its own
-- that is called verification.
CREATE TABLE ledger_verification (
  store_id BINARY(16) NOT NULL,
  check_name VARCHAR(100) NOT NULL,
  differences BIGINT NOT NULL,
  verify_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, check_name),
  KEY by_verify_time (verify_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
