-- Stock held for documents (P-04). open_holder_id is the holder until the reservation is given up, then NULL: its
-- unique key keeps a document from holding twice. The index on short_milli is the queue.
CREATE TABLE reservation (
  store_id BINARY(16) NOT NULL,
  reservation_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  holder_kind VARCHAR(40) NOT NULL,
  holder_id BINARY(16) NOT NULL,
  holder_number VARCHAR(40) NOT NULL,
  order_id BINARY(16) NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('ACTIVE', 'CONSUMED', 'CANCELLED', 'EXPIRED')),
  expire_time DATETIME(6) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  open_holder_id BINARY(16) NULL,
  PRIMARY KEY (store_id, reservation_id),
  UNIQUE KEY reservation_open_holder (store_id, open_holder_id, holder_kind),
  KEY reservation_holder (store_id, holder_id),
  KEY reservation_order (store_id, order_id),
  KEY reservation_state (store_id, state),
  KEY reservation_expire_time (store_id, expire_time),
  KEY reservation_due (state, expire_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE reservation_line (
  store_id BINARY(16) NOT NULL,
  reservation_id BINARY(16) NOT NULL,
  reservation_line_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  holder_line_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  part_number VARCHAR(40) NOT NULL,
  quantity_milli BIGINT NOT NULL,
  reserved_milli BIGINT NOT NULL,
  issued_milli BIGINT NOT NULL,
  short_milli BIGINT NOT NULL,
  needed_time DATETIME(6) NOT NULL,
  asked_part_id BINARY(16) NULL,
  PRIMARY KEY (store_id, reservation_id, reservation_line_id),
  KEY reservation_line_queue (store_id, part_id, short_milli),
  CONSTRAINT reservation_line_sum CHECK (
    quantity_milli > 0 AND reserved_milli >= 0 AND issued_milli >= 0 AND short_milli >= 0
    AND reserved_milli + issued_milli + short_milli <= quantity_milli)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
