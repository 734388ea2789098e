// The tables of repair orders, their estimates and the coverage rules. A locked order is the lock of everything that
// belongs to it: estimate, add-ons, settlement.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/reception/v1/coverage.pb.h"
#include "aftersales/reception/v1/estimate.pb.h"
#include "aftersales/reception/v1/repair_order.pb.h"
#include "chassis/records/table.h"
#include "chassis/server/call.h"
#include "chassis/status/status.h"

namespace reception {

class RepairOrderStore {
 public:
  explicit RepairOrderStore(const chassis::privacy::Cipher& cipher)
      : orders(cipher), estimates(cipher), coverage_rules(cipher) {}

  // Loads, locks, changes and saves one order as the call's command.
  template <typename Change>
  absl::StatusOr<aftersales::reception::v1::RepairOrder> ChangeOrder(chassis::Call& call, const std::string& order_id,
                                                                     Change&& change) const {
    using aftersales::reception::v1::RepairOrder;
    return call.Transact<RepairOrder>([&](chassis::UnitOfWork& work) -> absl::StatusOr<RepairOrder> {
      return ChangeOrderIn(work, order_id, change);
    });
  }
  template <typename Change>
  absl::StatusOr<aftersales::reception::v1::RepairOrder> ChangeOrderIn(chassis::UnitOfWork& work,
                                                                       const std::string& order_id,
                                                                       Change&& change) const {
    ASSIGN_OR_RETURN(const aftersales::reception::v1::RepairOrder before, orders.Lock(work, work.store_id(), order_id));
    aftersales::reception::v1::RepairOrder after = before;
    RETURN_IF_ERROR(change(work, after));
    RETURN_IF_ERROR(orders.Update(work, before, after));
    return after;
  }
  // The same for an order that was read a moment ago, which need not be read again: it is saved only if it still is
  // the one seen, else loaded and locked after all. `after` follows the saving in the same transaction, when the order
  // is locked.
  template <typename Change, typename After>
  absl::StatusOr<aftersales::reception::v1::RepairOrder> ChangeSeen(chassis::Call& call,
                                                                    const aftersales::reception::v1::RepairOrder& seen,
                                                                    Change&& change, After&& after) const {
    using aftersales::reception::v1::RepairOrder;
    absl::StatusOr<RepairOrder> changed =
        call.Transact<RepairOrder>([&](chassis::UnitOfWork& work) -> absl::StatusOr<RepairOrder> {
          RepairOrder order = seen;
          RETURN_IF_ERROR(change(work, order));
          RETURN_IF_ERROR(orders.Update(work, seen, order));
          RETURN_IF_ERROR(after(work, order));
          return order;
        });
    if (!chassis::IsRefusal(changed.status(), aftersales::common::v1::ERROR_REASON_CHANGED_MEANWHILE)) return changed;
    return call.Transact<RepairOrder>([&](chassis::UnitOfWork& work) -> absl::StatusOr<RepairOrder> {
      ASSIGN_OR_RETURN(const RepairOrder order, ChangeOrderIn(work, seen.repair_order_id(), change));
      RETURN_IF_ERROR(after(work, order));
      return order;
    });
  }
  template <typename Change>
  absl::StatusOr<aftersales::reception::v1::RepairOrder> ChangeSeen(chassis::Call& call,
                                                                    const aftersales::reception::v1::RepairOrder& seen,
                                                                    Change&& change) const {
    return ChangeSeen(call, seen, change, [](chassis::UnitOfWork&, const aftersales::reception::v1::RepairOrder&) {
      return absl::OkStatus();
    });
  }
  absl::StatusOr<aftersales::reception::v1::RepairOrder> Get(chassis::Call& call, const std::string& order_id) const;
  // The order while the workshop has it; nothing when it is elsewhere, or when an event speaks of one nobody knows.
  absl::StatusOr<std::optional<aftersales::reception::v1::RepairOrder>> InWork(chassis::UnitOfWork& work,
                                                                               const std::string& order_id) const;
  absl::StatusOr<std::vector<aftersales::reception::v1::CoverageRule>> CoverageRules(chassis::sql::Session& session,
                                                                                     const std::string& store_id) const;

  // Orders whose stored sums differ from their lines'; for verify.
  absl::StatusOr<chassis::sql::Rows> OrdersWithWrongSums(chassis::sql::Session& session,
                                                         const std::string& store_id) const;
  absl::StatusOr<int64_t> CountOrders(chassis::sql::Session& session, const std::string& store_id) const;

  chassis::records::Table<aftersales::reception::v1::RepairOrder> orders;
  chassis::records::Table<aftersales::reception::v1::Estimate> estimates;
  chassis::records::Table<aftersales::reception::v1::CoverageRule> coverage_rules;
};

}  // namespace reception
