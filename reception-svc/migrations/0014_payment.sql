-- Money (R-43). ledger_entry is append-only; receivable and credit_account.used_amount are its projections.
CREATE TABLE payment (
  store_id BINARY(16) NOT NULL,
  payment_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  kind VARCHAR(40) NOT NULL,
  settlement_id BINARY(16) NULL,
  method VARCHAR(40) NOT NULL,
  amount BIGINT NOT NULL,
  reference VARCHAR(100) NOT NULL,
  refunded_payment_id BINARY(16) NULL,
  refunded_amount BIGINT NOT NULL,
  reason VARCHAR(500) NOT NULL,
  cashier VARCHAR(200) NOT NULL,
  business_date DATE NULL,
  create_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, payment_id),
  UNIQUE KEY by_number (store_id, number),
  KEY by_settlement_id (store_id, settlement_id),
  KEY by_method (store_id, method),
  KEY by_cashier (store_id, cashier),
  KEY by_business_date (store_id, business_date)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE ledger_entry (
  store_id BINARY(16) NOT NULL,
  ledger_entry_id BINARY(16) NOT NULL,
  settlement_id BINARY(16) NULL,
  payment_id BINARY(16) NULL,
  debit_account VARCHAR(40) NOT NULL,
  credit_account VARCHAR(40) NOT NULL,
  amount BIGINT NOT NULL,
  cashier VARCHAR(200) NOT NULL,
  business_date DATE NULL,
  create_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, ledger_entry_id),
  KEY by_settlement (store_id, settlement_id),
  KEY by_cashier_day (store_id, cashier, business_date),
  KEY by_payment (store_id, payment_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE receivable (
  store_id BINARY(16) NOT NULL,
  settlement_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  settlement_number VARCHAR(40) NOT NULL,
  repair_order_id BINARY(16) NULL,
  customer_id BINARY(16) NULL,
  state VARCHAR(40) NOT NULL CHECK (state IN ('OPEN', 'ON_ACCOUNT', 'PAID')),
  total_amount BIGINT NOT NULL,
  deposit_amount BIGINT NOT NULL,
  paid_amount BIGINT NOT NULL,
  on_account_amount BIGINT NOT NULL,
  open_amount BIGINT NOT NULL,
  excess_deposit_amount BIGINT NOT NULL,
  due_date DATE NULL,
  create_time DATETIME(6) NULL,
  update_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, settlement_id),
  KEY by_customer_id (store_id, customer_id),
  KEY by_state (store_id, state),
  KEY by_due_date (store_id, due_date)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE credit_account (
  store_id BINARY(16) NOT NULL,
  credit_account_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  customer_id BINARY(16) NULL,
  limit_amount BIGINT NOT NULL,
  due_days INT NOT NULL,
  blocked TINYINT(1) NOT NULL,
  used_amount BIGINT NOT NULL,
  PRIMARY KEY (store_id, credit_account_id),
  KEY by_customer_id (store_id, customer_id),
  UNIQUE KEY one_per_customer (store_id, customer_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE cash_close (
  store_id BINARY(16) NOT NULL,
  cash_close_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  cashier VARCHAR(200) NOT NULL,
  business_date DATE NULL,
  totals LONGTEXT NOT NULL,
  difference_amount BIGINT NOT NULL,
  difference_reason VARCHAR(300) NOT NULL,
  create_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, cash_close_id),
  UNIQUE KEY by_number (store_id, number),
  KEY by_cashier (store_id, cashier),
  KEY by_business_date (store_id, business_date),
  UNIQUE KEY one_per_day (store_id, cashier, business_date)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
