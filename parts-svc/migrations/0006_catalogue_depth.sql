-- The catalogue in depth (P-01): packs, old parts, fitment by runs of VINs, kits, price proposals, batches that expire.
ALTER TABLE part
  ADD COLUMN pack_quantity_milli BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN old_part_tracked TINYINT(1) NOT NULL DEFAULT 0,
  ADD KEY part_old_part_tracked (store_id, old_part_tracked);

ALTER TABLE part_fitment
  ADD COLUMN vin_prefix VARCHAR(11) NOT NULL DEFAULT '',
  ADD COLUMN serial_from VARCHAR(6) NOT NULL DEFAULT '',
  ADD COLUMN serial_to VARCHAR(6) NOT NULL DEFAULT '',
  DROP PRIMARY KEY,
  ADD PRIMARY KEY (store_id, part_id, model_code, vin_prefix, serial_from),
  ADD KEY part_fitment_model (store_id, model_code, part_id);

CREATE TABLE part_kit (
  store_id BINARY(16) NOT NULL,
  part_kit_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  part_id BINARY(16) NOT NULL,
  part_number VARCHAR(40) NOT NULL,
  closed TINYINT(1) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, part_kit_id),
  UNIQUE KEY part_kit_part (store_id, part_id),
  KEY part_kit_number (store_id, part_number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE part_kit_component (
  store_id BINARY(16) NOT NULL,
  part_kit_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  quantity_milli BIGINT NOT NULL,
  PRIMARY KEY (store_id, part_kit_id, part_id),
  KEY part_kit_component_part (store_id, part_id),
  CONSTRAINT part_kit_component_quantity CHECK (quantity_milli > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE part_price_proposal (
  store_id BINARY(16) NOT NULL,
  part_price_proposal_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  part_id BINARY(16) NOT NULL,
  part_number VARCHAR(40) NOT NULL,
  price_level VARCHAR(40) NOT NULL,
  unit_price_amount BIGINT NOT NULL,
  price_in_force_amount BIGINT NOT NULL,
  effective_time DATETIME(6) NULL,
  reason VARCHAR(300) NOT NULL,
  proposed_by VARCHAR(200) NOT NULL,
  state VARCHAR(40) NOT NULL,
  decided_by VARCHAR(200) NOT NULL,
  decision_reason VARCHAR(300) NOT NULL,
  part_price_id BINARY(16) NULL,
  create_time DATETIME(6) NOT NULL,
  decide_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, part_price_proposal_id),
  KEY part_price_proposal_part (store_id, part_id),
  KEY part_price_proposal_state (store_id, state, create_time),
  CONSTRAINT part_price_proposal_state CHECK (state IN ('PROPOSED', 'APPROVED', 'REJECTED'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE part_batch (
  store_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  batch_code VARCHAR(40) NOT NULL,
  version BIGINT NOT NULL,
  receive_date DATE NOT NULL,
  expire_date DATE NULL,
  PRIMARY KEY (store_id, part_id, batch_code),
  KEY part_batch_expire_date (store_id, expire_date)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Batches that came in before their dates were kept.
INSERT INTO part_batch (store_id, part_id, batch_code, version, receive_date, expire_date)
SELECT m.store_id, m.part_id, m.batch_code, 1, DATE(MIN(m.create_time)),
  CASE WHEN p.shelf_life_days > 0 THEN DATE_ADD(DATE(MIN(m.create_time)), INTERVAL p.shelf_life_days DAY) END
FROM stock_movement m JOIN part p ON p.store_id = m.store_id AND p.part_id = m.part_id
WHERE m.batch_code <> '' AND p.tracking = 'BATCH'
GROUP BY m.store_id, m.part_id, m.batch_code, p.shelf_life_days;
