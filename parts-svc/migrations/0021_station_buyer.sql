-- A service station that sells our goods is a buyer and owes what it sold (P-02, P-12).
ALTER TABLE location ADD COLUMN buyer_id BINARY(16) NULL;
ALTER TABLE consignment_note
  ADD COLUMN receivable_id BINARY(16) NULL,
  ADD COLUMN receivable_number VARCHAR(40) NOT NULL DEFAULT '';
ALTER TABLE sales_receivable
  MODIFY COLUMN sale_id BINARY(16) NULL,
  MODIFY COLUMN sale_delivery_id BINARY(16) NULL,
  ADD COLUMN consignment_note_id BINARY(16) NULL,
  ADD UNIQUE KEY sales_receivable_consignment (store_id, consignment_note_id);
