-- Commands that span services, with how far they are. `step` is the next step to run or, when COMPENSATING, one more
-- than the next to undo. The holder of the lease drives it; next_time is when the worker looks at it again.
CREATE TABLE process (
  store_id BINARY(16) NOT NULL,
  process_id BINARY(16) NOT NULL,
  kind VARCHAR(60) NOT NULL,
  subject_id BINARY(16) NULL,
  data LONGBLOB NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('RUNNING', 'COMPENSATING', 'FINISHED', 'UNDONE')),
  step INT NOT NULL,
  refusal LONGBLOB NULL,
  attempts INT NOT NULL,
  next_time DATETIME(6) NOT NULL,
  lease_holder BINARY(16) NULL,
  lease_until DATETIME(6) NULL,
  on_behalf_of VARCHAR(200) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, process_id),
  KEY by_subject (store_id, subject_id),
  KEY due (state, next_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Background work that one replica does at a time.
CREATE TABLE job_lease (
  name VARCHAR(100) NOT NULL,
  holder BINARY(16) NOT NULL,
  until_time DATETIME(6) NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
