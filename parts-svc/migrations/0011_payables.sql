-- Suppliers' bills and what is owed for them (P-09). Payable entries are only added; the amounts of payables and
-- credits follow from them.
CREATE TABLE supplier_invoice (
  store_id BINARY(16) NOT NULL,
  supplier_invoice_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  supplier_id BINARY(16) NOT NULL,
  supplier_name VARCHAR(100) NOT NULL,
  supplier_invoice_number VARCHAR(60) NOT NULL,
  invoice_date DATE NULL,
  state VARCHAR(40) NOT NULL,
  net_amount BIGINT NOT NULL,
  tax_amount BIGINT NOT NULL,
  gross_amount BIGINT NOT NULL,
  findings LONGTEXT NOT NULL,
  due_date DATE NULL,
  payable_id BINARY(16) NULL,
  registrar VARCHAR(200) NOT NULL,
  approver VARCHAR(200) NOT NULL,
  reason VARCHAR(300) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  post_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, supplier_invoice_id),
  UNIQUE KEY supplier_invoice_number (store_id, number),
  UNIQUE KEY supplier_invoice_suppliers_number (store_id, supplier_id, supplier_invoice_number),
  KEY supplier_invoice_supplier_number (store_id, supplier_invoice_number),
  KEY supplier_invoice_state (store_id, state),
  KEY supplier_invoice_create_time (store_id, create_time),
  CONSTRAINT supplier_invoice_state CHECK (
    state IN ('REGISTERED', 'MISMATCHED', 'MATCHED', 'APPROVED', 'REJECTED')),
  CONSTRAINT supplier_invoice_amounts CHECK (
    net_amount >= 0 AND tax_amount >= 0 AND gross_amount = net_amount + tax_amount)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE supplier_invoice_line (
  store_id BINARY(16) NOT NULL,
  supplier_invoice_id BINARY(16) NOT NULL,
  supplier_invoice_line_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  goods_receipt_id BINARY(16) NOT NULL,
  goods_receipt_line_id BINARY(16) NOT NULL,
  part_id BINARY(16) NOT NULL,
  part_number VARCHAR(40) NOT NULL,
  quantity_milli BIGINT NOT NULL,
  net_amount BIGINT NOT NULL,
  tax_amount BIGINT NOT NULL,
  expected_amount BIGINT NOT NULL,
  stock_amount BIGINT NOT NULL,
  variance_amount BIGINT NOT NULL,
  PRIMARY KEY (store_id, supplier_invoice_id, supplier_invoice_line_id),
  KEY supplier_invoice_line_receipt (store_id, goods_receipt_line_id),
  CONSTRAINT supplier_invoice_line_amounts CHECK (quantity_milli > 0 AND net_amount >= 0 AND tax_amount >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE supplier_invoice_charge (
  store_id BINARY(16) NOT NULL,
  supplier_invoice_id BINARY(16) NOT NULL,
  supplier_invoice_charge_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  kind VARCHAR(40) NOT NULL,
  goods_receipt_id BINARY(16) NOT NULL,
  net_amount BIGINT NOT NULL,
  tax_amount BIGINT NOT NULL,
  stock_amount BIGINT NOT NULL,
  variance_amount BIGINT NOT NULL,
  PRIMARY KEY (store_id, supplier_invoice_id, supplier_invoice_charge_id),
  CONSTRAINT supplier_invoice_charge_amounts CHECK (net_amount > 0 AND tax_amount >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE payable (
  store_id BINARY(16) NOT NULL,
  payable_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  supplier_id BINARY(16) NOT NULL,
  supplier_name VARCHAR(100) NOT NULL,
  supplier_invoice_id BINARY(16) NOT NULL,
  supplier_invoice_number VARCHAR(60) NOT NULL,
  number VARCHAR(40) NOT NULL,
  due_date DATE NULL,
  state VARCHAR(40) NOT NULL,
  amount BIGINT NOT NULL,
  paid_amount BIGINT NOT NULL,
  credited_amount BIGINT NOT NULL,
  proposed_amount BIGINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, payable_id),
  UNIQUE KEY payable_invoice (store_id, supplier_invoice_id),
  UNIQUE KEY payable_number (store_id, number),
  KEY payable_supplier (store_id, supplier_id),
  KEY payable_due (store_id, due_date),
  KEY payable_state (store_id, state),
  KEY payable_create_time (store_id, create_time),
  CONSTRAINT payable_state CHECK (state IN ('OPEN', 'PARTLY_SETTLED', 'SETTLED')),
  CONSTRAINT payable_not_overpaid CHECK (
    paid_amount >= 0 AND credited_amount >= 0 AND proposed_amount >= 0
    AND paid_amount + credited_amount + proposed_amount <= amount)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE payable_entry (
  store_id BINARY(16) NOT NULL,
  payable_entry_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  supplier_id BINARY(16) NOT NULL,
  payable_id BINARY(16) NULL,
  debit_account VARCHAR(40) NOT NULL,
  credit_account VARCHAR(40) NOT NULL,
  amount BIGINT NOT NULL,
  document_id BINARY(16) NOT NULL,
  document_number VARCHAR(40) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, payable_entry_id),
  KEY payable_entry_supplier (store_id, supplier_id),
  KEY payable_entry_payable (store_id, payable_id),
  KEY payable_entry_document (store_id, document_id),
  KEY payable_entry_create_time (store_id, create_time),
  CONSTRAINT payable_entry_amount CHECK (amount > 0 AND debit_account <> credit_account)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE supplier_payment (
  store_id BINARY(16) NOT NULL,
  supplier_payment_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  supplier_id BINARY(16) NOT NULL,
  supplier_name VARCHAR(100) NOT NULL,
  state VARCHAR(40) NOT NULL,
  method VARCHAR(40) NOT NULL,
  amount BIGINT NOT NULL,
  proposer VARCHAR(200) NOT NULL,
  approver VARCHAR(200) NOT NULL,
  payer VARCHAR(200) NOT NULL,
  bank_reference VARCHAR(100) NOT NULL,
  note VARCHAR(300) NOT NULL,
  reject_reason VARCHAR(300) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  pay_time DATETIME(6) NULL,
  PRIMARY KEY (store_id, supplier_payment_id),
  UNIQUE KEY supplier_payment_number (store_id, number),
  KEY supplier_payment_supplier (store_id, supplier_id),
  KEY supplier_payment_state (store_id, state),
  KEY supplier_payment_create_time (store_id, create_time),
  CONSTRAINT supplier_payment_state CHECK (state IN ('PROPOSED', 'APPROVED', 'PAID', 'REJECTED')),
  CONSTRAINT supplier_payment_amount CHECK (amount > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE supplier_payment_line (
  store_id BINARY(16) NOT NULL,
  supplier_payment_id BINARY(16) NOT NULL,
  payable_id BINARY(16) NOT NULL,
  position INT NOT NULL,
  payable_number VARCHAR(40) NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (store_id, supplier_payment_id, payable_id),
  KEY supplier_payment_line_payable (store_id, payable_id),
  CONSTRAINT supplier_payment_line_amount CHECK (amount > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE supplier_credit (
  store_id BINARY(16) NOT NULL,
  supplier_credit_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  number VARCHAR(40) NOT NULL,
  supplier_id BINARY(16) NOT NULL,
  supplier_name VARCHAR(100) NOT NULL,
  credit_note_number VARCHAR(60) NOT NULL,
  state VARCHAR(40) NOT NULL,
  source_id BINARY(16) NOT NULL,
  source_number VARCHAR(40) NOT NULL,
  net_amount BIGINT NOT NULL,
  tax_amount BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  applied_amount BIGINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (store_id, supplier_credit_id),
  UNIQUE KEY supplier_credit_number (store_id, number),
  KEY supplier_credit_supplier (store_id, supplier_id),
  KEY supplier_credit_state (store_id, state),
  KEY supplier_credit_source (store_id, source_id),
  KEY supplier_credit_create_time (store_id, create_time),
  CONSTRAINT supplier_credit_state CHECK (state IN ('OPEN', 'PARTLY_APPLIED', 'APPLIED')),
  CONSTRAINT supplier_credit_amounts CHECK (
    amount > 0 AND amount = net_amount + tax_amount AND applied_amount >= 0 AND applied_amount <= amount)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
