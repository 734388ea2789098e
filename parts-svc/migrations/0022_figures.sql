-- The figures (parts-svc/figures) look at all stores at once, which no index that begins with the store can serve: each
-- of these finds what is open by its state and nothing of the years before. Late purchase orders have theirs already
-- (purchase_order_late).
CREATE INDEX figures ON payable (state, due_date, store_id);
CREATE INDEX figures ON sales_receivable (state, due_date, store_id);
CREATE INDEX figures ON goods_receipt (state, store_id);
-- The value of slow and dead stock is added up from the index alone.
ALTER TABLE part_figure DROP KEY part_figure_stock, ADD KEY part_figure_stock (store_id, stock_class, value_amount);
