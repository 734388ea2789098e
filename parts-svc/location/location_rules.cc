// Which locations people may make and change; see location_rules.h.
#include "parts-svc/location/location_rules.h"

#include "aftersales/parts/v1/errors.pb.h"
#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/time/clock.h"
#include "parts-svc/ledger/ledger_rules.h"

namespace parts {
namespace {

std::string KindName(v1::Location::Kind kind) {
  return std::string(chassis::StateName(v1::Location::Kind_descriptor(), kind));
}

// Whether a movement of the one kind of bin counts towards value and transit as it does of the other.
bool MeansTheSame(v1::Location::Kind one, v1::Location::Kind other) {
  const auto in_transit = [](v1::Location::Kind kind) { return kind == v1::Location::KIND_IN_TRANSIT; };
  return IsOwned(one) == IsOwned(other) && in_transit(one) == in_transit(other);
}

absl::Status CheckKind(const v1::Location& location) {
  if (IsAccount(location.kind())) {
    return chassis::Refuse(v1::ERROR_REASON_LOCATION_KIND)
        .With("kind", KindName(location.kind()))
        .At("location.kind", "外部账户由系统建立", "outside accounts are opened by the service");
  }
  if (location.kind() == v1::Location::KIND_CONSIGNMENT && location.station_name().empty()) {
    return chassis::InvalidField("location.station_name", "寄存库位须写明服务站",
                                 "a consignment account names its station");
  }
  if (location.kind() != v1::Location::KIND_CONSIGNMENT && !location.buyer_id().empty()) {
    return chassis::InvalidField("location.buyer_id", "仅用于寄存库位", "is for consignment accounts");
  }
  if ((location.kind() == v1::Location::KIND_WORKING_STOCK) == location.holder().empty()) {
    return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_HOLDER_REQUIRED)
        .At("location.holder", "技师备件库位须写明技师，其他库位不填", "is for working stock bins, and required there");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Frozen(const v1::Location& location, std::string_view field) {
  return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_BIN_FROZEN)
      .With("location", location.code())
      .At(field, "正在盘点", "is being counted");
}

absl::Status CheckNewLocation(const v1::Location& location) {
  if (location.warehouse_id().empty()) {
    return chassis::InvalidField("location.warehouse_id", "必填", "is required");
  }
  return CheckKind(location);
}

absl::Status CheckChangedLocation(const v1::Location& before, const v1::Location& after, Content content) {
  if (IsAccount(before.kind())) {
    return chassis::Refuse(v1::ERROR_REASON_LOCATION_KIND)
        .With("kind", KindName(before.kind()))
        .At("location.location_id", "外部账户不可修改", "outside accounts are not changed");
  }
  if (!before.frozen_by_stocktake_id().empty()) return Frozen(before, "location");
  const bool tighter = before.kind() != after.kind() || before.holder() != after.holder() ||
                       before.station_name() != after.station_name() || (!before.closed() && after.closed());
  if (tighter && content == Content::kHoldsStock) {
    return chassis::Refuse(v1::ERROR_REASON_LOCATION_HOLDS_STOCK)
        .With("location", before.code())
        .At("location", "先移走库存", "move the stock out first");
  }
  if (content != Content::kNeverUsed && !MeansTheSame(before.kind(), after.kind())) {
    return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_LOCATION_WAS_USED)
        .With("location", before.code())
        .With("before", KindName(before.kind()))
        .With("after", KindName(after.kind()))
        .At("location.kind", "已有流水，请新建库位", "has a history, make a new bin");
  }
  return CheckKind(after);
}

std::string AccountId(const std::string& store_id, v1::Location::Kind kind) {
  return chassis::DerivedId(store_id, "parts/account/" + KindName(kind));
}

v1::Location Account(const std::string& store_id, v1::Location::Kind kind) {
  v1::Location account;
  account.set_store_id(store_id);
  account.set_location_id(AccountId(store_id, kind));
  account.set_code(KindName(kind));
  account.set_kind(kind);
  return account;
}

}  // namespace parts
