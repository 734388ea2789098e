// The SQL of payables; see payable_store.h.
#include "parts-svc/payable/payable_store.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {

using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;

absl::StatusOr<std::map<std::string, v1::Payable>> PayableStore::LockByIds(
    chassis::UnitOfWork& work, const std::vector<std::string>& payable_ids) {
  std::map<std::string, v1::Payable> payables;
  for (const std::string& id : std::set<std::string>(payable_ids.begin(), payable_ids.end())) {
    ASSIGN_OR_RETURN(payables[id], payables_.Lock(work, work.store_id(), id));
  }
  return payables;
}

absl::StatusOr<std::vector<OpenItem>> PayableStore::OpenItems(Session& session, const std::string& store_id) {
  ASSIGN_OR_RETURN(const Rows owed,
                   session.Query("SELECT supplier_id, supplier_name, DATE_FORMAT(due_date, '%Y-%m-%d') AS due_date, "
                                 "CAST(SUM(amount - paid_amount - credited_amount) AS SIGNED) AS amount FROM payable "
                                 "WHERE store_id = ? AND state IN ('OPEN', 'PARTLY_SETTLED') GROUP BY supplier_id, "
                                 "supplier_name, due_date ORDER BY supplier_name, due_date",
                                 Uuid{store_id}));
  ASSIGN_OR_RETURN(const Rows left,
                   session.Query("SELECT supplier_id, supplier_name, CAST(SUM(amount - applied_amount) AS SIGNED) AS "
                                 "amount FROM supplier_credit WHERE store_id = ? AND state IN ('OPEN', "
                                 "'PARTLY_APPLIED') GROUP BY supplier_id, supplier_name ORDER BY supplier_name",
                                 Uuid{store_id}));
  std::vector<OpenItem> items;
  for (size_t i = 0; i < owed.size(); ++i) {
    OpenItem& item = items.emplace_back();
    item.supplier_id = owed[i].Id("supplier_id");
    item.supplier_name = owed[i].Text("supplier_name");
    item.amount = owed[i].Int("amount");
    if (!absl::ParseCivilTime(owed[i].Text("due_date"), &item.due_day)) {
      return absl::InternalError("a payable without a due date");
    }
  }
  for (size_t i = 0; i < left.size(); ++i) {
    OpenItem& item = items.emplace_back();
    item.supplier_id = left[i].Id("supplier_id");
    item.supplier_name = left[i].Text("supplier_name");
    item.amount = left[i].Int("amount");
    item.credit = true;
  }
  return items;
}

}  // namespace parts
