// See figures_store.h.
#include "parts-svc/figures/figures_store.h"

#include <iterator>
#include <utility>

namespace parts {
namespace {

using Family = chassis::Census::Family;

// A sum over every part of every store has no index to shorten it.
constexpr absl::Duration kStockEvery = absl::Minutes(5);

std::vector<Family> OfStock() {
  return {
      {.name = "parts_stock_value_amount",
       .help = "Value of the stock at moving average (P-03).",
       .sql = R"(SELECT store_id, CAST(SUM(value_amount) AS SIGNED) AS value
                 FROM part_stock
                 GROUP BY store_id)",
       .every = kStockEvery},
      {.name = "parts_short_parts",
       .help = "Parts that documents wait for (P-04).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM part_stock
                 WHERE short_milli > 0
                 GROUP BY store_id)",
       .every = kStockEvery},
  };
}

// Days are those of UTC: what falls due today in the store may wait for the night to end.
std::vector<Family> OfBuying() {
  return {
      {.name = "parts_purchase_orders_late",
       .help = "Purchase orders sent and past their expected date (P-08).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM purchase_order
                 WHERE state IN ('SENT', 'PARTLY_RECEIVED') AND expected_date < DATE(:now)
                 GROUP BY store_id)"},
      {.name = "parts_receipts_differing",
       .help = "Goods receipts with differences not settled (P-09).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM goods_receipt
                 WHERE state = 'DIFFERENCES_OPEN'
                 GROUP BY store_id)"},
      {.name = "parts_payable_open_amount",
       .help = "Owed to suppliers, with tax (P-09).",
       .sql = R"(SELECT store_id, CAST(SUM(amount - paid_amount - credited_amount) AS SIGNED) AS value
                 FROM payable
                 WHERE state IN ('OPEN', 'PARTLY_SETTLED')
                 GROUP BY store_id)"},
      {.name = "parts_payable_overdue_amount",
       .help = "Of what is owed to suppliers, past its due date (P-09).",
       .sql = R"(SELECT store_id, CAST(SUM(amount - paid_amount - credited_amount) AS SIGNED) AS value
                 FROM payable
                 WHERE state IN ('OPEN', 'PARTLY_SETTLED') AND due_date < DATE(:now)
                 GROUP BY store_id)"},
  };
}

std::vector<Family> OfSelling() {
  return {
      {.name = "parts_receivables_open_amount",
       .help = "What buyers owe, tax included (P-12).",
       .sql = R"(SELECT store_id, CAST(SUM(open_amount) AS SIGNED) AS value
                 FROM sales_receivable
                 WHERE state = 'OPEN'
                 GROUP BY store_id)"},
      {.name = "parts_receivables_overdue_amount",
       .help = "What buyers owe past its date (P-12).",
       .sql = R"(SELECT store_id, CAST(SUM(open_amount) AS SIGNED) AS value
                 FROM sales_receivable
                 WHERE state = 'OPEN' AND due_date < DATE(:now)
                 GROUP BY store_id)"},
      {.name = "parts_recall_vehicles_open",
       .help = "Vehicles of open recall campaigns not yet done (P-17).",
       .sql = R"(SELECT v.store_id, COUNT(*) AS value
                 FROM recall_campaign c
                   JOIN recall_vehicle v ON v.store_id = c.store_id AND v.recall_campaign_id = c.recall_campaign_id
                 WHERE c.state = 'OPEN' AND v.state = 'OPEN'
                 GROUP BY v.store_id)"},
  };
}

}  // namespace

std::vector<Family> Figures() {
  std::vector<Family> all;
  for (std::vector<Family> some : {OfStock(), OfBuying(), OfSelling()}) {
    all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  return all;
}

}  // namespace parts
