-- Secondary claims against suppliers (P-16) and the sales plans (P-12).
CREATE TABLE supplier_claim (
  store_id BINARY(16) NOT NULL,
  supplier_claim_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('DRAFT', 'SUBMITTED', 'ACCEPTED', 'PARTLY_ACCEPTED', 'REJECTED', 'RECOVERED', 'CLOSED', 'CANCELLED')),
  supplier_id BINARY(16) NOT NULL,
  cause VARCHAR(1000) NOT NULL,
  currency_code VARCHAR(3) NOT NULL,
  claimed_amount BIGINT NOT NULL,
  accepted_amount BIGINT NOT NULL,
  recovered_amount BIGINT NOT NULL,
  answer_reference VARCHAR(60) NOT NULL,
  answer_text VARCHAR(1000) NOT NULL,
  end_reason VARCHAR(300) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  submit_time DATETIME(6) NULL,
  answer_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, supplier_claim_id),
  UNIQUE KEY supplier_claim_number (store_id, number),
  KEY supplier_claim_state (store_id, state),
  KEY supplier_claim_supplier (store_id, supplier_id),
  KEY supplier_claim_create_time (store_id, create_time),
  CONSTRAINT supplier_claim_sum CHECK (
    accepted_amount >= 0 AND accepted_amount <= claimed_amount
    AND recovered_amount >= 0 AND recovered_amount <= accepted_amount)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE supplier_claim_line (
  store_id BINARY(16) NOT NULL,
  supplier_claim_id BINARY(16) NOT NULL,
  supplier_claim_line_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  old_part_id BINARY(16) NULL,
  part_id BINARY(16) NOT NULL,
  part_number VARCHAR(40) NOT NULL,
  quantity_milli BIGINT NOT NULL,
  claimed_amount BIGINT NOT NULL,
  accepted_amount BIGINT NOT NULL,
  PRIMARY KEY (store_id, supplier_claim_id, supplier_claim_line_id),
  CONSTRAINT supplier_claim_line_sum CHECK (quantity_milli > 0 AND accepted_amount >= 0 AND accepted_amount <= claimed_amount)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE supplier_claim_recovery (
  store_id BINARY(16) NOT NULL,
  supplier_claim_id BINARY(16) NOT NULL,
  supplier_claim_recovery_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  kind VARCHAR(40) NOT NULL,
  amount BIGINT NOT NULL,
  reference VARCHAR(60) NOT NULL,
  recorder VARCHAR(200) NOT NULL,
  record_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, supplier_claim_id, supplier_claim_recovery_id),
  CONSTRAINT supplier_claim_recovery_amount CHECK (amount > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE sales_plan (
  store_id BINARY(16) NOT NULL,
  sales_plan_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  month_date DATE NOT NULL,
  kind VARCHAR(40) NOT NULL,
  target_net_amount BIGINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, sales_plan_id),
  UNIQUE KEY sales_plan_month (store_id, month_date, kind)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
