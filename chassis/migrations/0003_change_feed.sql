-- Business events (G-14): written with the command, numbered afterwards by the relay, kept for whoever resumes.
-- `sequence` orders the events of one command.
CREATE TABLE outbox (
  store_id BINARY(16) NOT NULL,
  event_id BINARY(16) NOT NULL,
  type VARCHAR(100) NOT NULL,
  document_kind VARCHAR(60) NOT NULL,
  document_id BINARY(16) NULL,
  document_version BIGINT NOT NULL,
  sequence INT NOT NULL,
  occur_time DATETIME(6) NOT NULL,
  actor VARCHAR(200) NOT NULL,
  payload LONGBLOB NOT NULL,
  feed_position BIGINT NULL,
  PRIMARY KEY (store_id, event_id),
  KEY feed (feed_position, event_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The last position given out. Whoever holds this row numbers events.
CREATE TABLE feed_head (
  feed VARCHAR(40) NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (feed)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

INSERT INTO feed_head (feed, position) VALUES ('main', 0);

-- How far this service has taken in another's feed; moves in the transaction of the effect.
CREATE TABLE intake (
  publisher VARCHAR(100) NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (publisher)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
