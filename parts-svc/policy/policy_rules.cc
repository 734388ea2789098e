// The policy's defaults; see policy_rules.h.
#include "parts-svc/policy/policy_rules.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/parts/v1/policy_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"

namespace parts {
namespace {

struct Default {
  std::string_view field;
  int64_t value;
};

constexpr Default kDefaults[] = {
    {"clerk_order_limit_amount", 500000},
    {"manager_order_limit_amount", 5000000},
    {"service_manager_order_limit_amount", 20000000},
    {"price_tolerance_basis_points", 0},
    {"paper_notice_days", 30},
    {"difference_days", 7},
    {"invoice_price_tolerance_basis_points", 0},
    {"payment_days", 30},
    {"quality_weight", 40},
    {"delivery_weight", 30},
    {"price_weight", 20},
    {"service_weight", 10},
    {"recount_tolerance_milli", 0},
    {"recount_tolerance_amount", 0},
    {"manager_variance_limit_amount", 500000},
    {"counts_per_year_a", 12},
    {"counts_per_year_b", 4},
    {"counts_per_year_c", 1},
    {"transfer_days", 3},
    {"safety_factor_basis_points", 10000},
    {"safety_days", 7},
    {"cycle_days", 14},
    {"lead_time_days", 7},
    {"demand_weight_3_months", 50},
    {"demand_weight_6_months", 30},
    {"demand_weight_12_months", 20},
    {"class_a_basis_points", 8000},
    {"class_b_basis_points", 9500},
    {"class_x_basis_points", 5000},
    {"class_y_basis_points", 10000},
    {"slow_moving_days", 180},
    {"dead_stock_days", 365},
    {"clerk_discount_basis_points", 500},
    {"manager_discount_basis_points", 2000},
    {"quotation_days", 7},
    {"clerk_price_change_basis_points", 0},
    {"requisition_days", 2},
    {"old_part_return_hours", 24},
    {"old_part_retention_days", 30},
    {"old_part_processing_day", 25},
    {"manager_postage_limit_amount", 20000},
    {"claim_answer_days", 30},
};

int64_t Figure(const v1::PartsPolicy& policy, const std::string& name) {
  const auto* field = v1::PartsPolicy::descriptor()->FindFieldByName(name);
  return field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_INT64
             ? policy.GetReflection()->GetInt64(policy, field)
             : policy.GetReflection()->GetInt32(policy, field);
}

// What stands left never exceeds what stands right of it.
absl::Status CheckRising(const v1::PartsPolicy& policy, const std::vector<std::string>& fields) {
  for (size_t i = 1; i < fields.size(); ++i) {
    if (Figure(policy, fields[i - 1]) <= Figure(policy, fields[i])) continue;
    return chassis::Refuse(v1::POLICY_ERROR_REASON_LIMITS_NOT_RISING)
        .With("lower", fields[i - 1])
        .With("higher", fields[i])
        .At(absl::StrCat("parts_policy.", fields[i]), "不能更小", "may not be the smaller one");
  }
  return absl::OkStatus();
}

absl::Status CheckSum(const v1::PartsPolicy& policy, const std::vector<std::string>& fields) {
  int64_t sum = 0;
  for (const std::string& field : fields) sum += Figure(policy, field);
  if (sum == 100) return absl::OkStatus();
  return chassis::Refuse(v1::POLICY_ERROR_REASON_WEIGHTS_DO_NOT_ADD_UP)
      .With("weights", absl::StrJoin(fields, ", "))
      .With("sum", sum)
      .At(absl::StrCat("parts_policy.", fields[0]), "合计须为 100", "must make 100 with the others");
}

}  // namespace

v1::PartsPolicy WithDefaults(v1::PartsPolicy policy) {
  const auto* reflection = policy.GetReflection();
  for (const Default& one : kDefaults) {
    const auto* field = v1::PartsPolicy::descriptor()->FindFieldByName(std::string(one.field));
    if (reflection->HasField(policy, field)) continue;
    if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_INT64) {
      reflection->SetInt64(&policy, field, one.value);
    } else {
      reflection->SetInt32(&policy, field, static_cast<int32_t>(one.value));
    }
  }
  if (policy.required_papers().empty()) policy.add_required_papers("BUSINESS_LICENCE");
  return policy;
}

absl::Status CheckPolicy(const v1::PartsPolicy& policy) {
  RETURN_IF_ERROR(CheckRising(
      policy, {"clerk_order_limit_amount", "manager_order_limit_amount", "service_manager_order_limit_amount"}));
  RETURN_IF_ERROR(CheckRising(policy, {"clerk_discount_basis_points", "manager_discount_basis_points"}));
  RETURN_IF_ERROR(CheckRising(policy, {"class_a_basis_points", "class_b_basis_points"}));
  RETURN_IF_ERROR(CheckRising(policy, {"class_x_basis_points", "class_y_basis_points"}));
  RETURN_IF_ERROR(CheckRising(policy, {"slow_moving_days", "dead_stock_days"}));
  RETURN_IF_ERROR(CheckSum(policy, {"quality_weight", "delivery_weight", "price_weight", "service_weight"}));
  return CheckSum(policy, {"demand_weight_3_months", "demand_weight_6_months", "demand_weight_12_months"});
}

}  // namespace parts
