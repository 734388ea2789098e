-- Every command: idempotency and audit in one row (G-03, G-07). Append-only but for the reply, which is no part of
-- the digest, and seal_number, which the sealing job sets once.
CREATE TABLE command_log (
  store_id BINARY(16) NOT NULL,
  command_id BINARY(16) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  actor VARCHAR(200) NOT NULL,
  on_behalf_of VARCHAR(200) NOT NULL,
  client VARCHAR(200) NOT NULL,
  method VARCHAR(200) NOT NULL,
  request_id BINARY(16) NULL,
  request_digest VARBINARY(32) NOT NULL,
  reason TEXT NOT NULL,
  changes LONGTEXT NOT NULL,
  reply LONGBLOB NULL,
  row_digest BINARY(32) NOT NULL,
  seal_number BIGINT NULL,
  PRIMARY KEY (store_id, command_id),
  UNIQUE KEY request (store_id, actor, request_id),
  KEY sealing (seal_number, store_id, command_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A sealed batch of the command log. Each digest takes in the one before: a chain per store.
CREATE TABLE audit_seal (
  store_id BINARY(16) NOT NULL,
  seal_number BIGINT NOT NULL,
  first_command_id BINARY(16) NOT NULL,
  last_command_id BINARY(16) NOT NULL,
  command_count BIGINT NOT NULL,
  digest BINARY(32) NOT NULL,
  previous_digest BINARY(32) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, seal_number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
