// `verify` of the supplier claims; see claim_checks.h.
#include "parts-svc/supplier_claim/claim_checks.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace parts {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Uuid;

absl::StatusOr<LedgerCheck> VerifySupplierClaims(chassis::sql::Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("supplier_claims");
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query(
          "SELECT c.number, c.claimed_amount, c.accepted_amount, c.recovered_amount, CAST(COALESCE((SELECT "
          "SUM(l.claimed_amount) FROM supplier_claim_line l WHERE l.store_id = c.store_id AND l.supplier_claim_id = "
          "c.supplier_claim_id), 0) AS SIGNED) AS claimed, CAST(COALESCE((SELECT SUM(a.accepted_amount) FROM "
          "supplier_claim_line a WHERE a.store_id = c.store_id AND a.supplier_claim_id = c.supplier_claim_id), 0) AS "
          "SIGNED) AS accepted, CAST(COALESCE((SELECT SUM(r.amount) FROM supplier_claim_recovery r WHERE r.store_id = "
          "c.store_id AND r.supplier_claim_id = c.supplier_claim_id), 0) AS SIGNED) AS recovered FROM supplier_claim c "
          "WHERE c.store_id = ?",
          Uuid{store_id}));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    if (row.Int("claimed_amount") == row.Int("claimed") && row.Int("accepted_amount") == row.Int("accepted") &&
        row.Int("recovered_amount") == row.Int("recovered"))
      continue;
    AddDifference(check, absl::StrCat("claim ", row.Text("number"), ": ", row.Int("claimed_amount"), " claimed, ",
                                      row.Int("accepted_amount"), " accepted, ", row.Int("recovered_amount"),
                                      " recovered; its lines say ", row.Int("claimed"), ", ", row.Int("accepted"), ", ",
                                      row.Int("recovered")));
  }
  check.set_checked_count(static_cast<int64_t>(rows.size()));
  return check;
}

}  // namespace parts
