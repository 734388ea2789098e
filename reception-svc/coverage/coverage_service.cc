#include "reception-svc/coverage/coverage_service.h"

namespace reception {

namespace v1 = aftersales::reception::v1;

CoverageService::CoverageService(chassis::Rooms& rooms) : rules_(rooms.host.cipher()) {
  rooms.rpcs.Standard<v1::CoverageRule>(
      rules_, [](chassis::UnitOfWork&, const v1::CoverageRule*, v1::CoverageRule& rule) -> absl::Status {
        const bool by_system = rule.system() != aftersales::common::v1::VEHICLE_SYSTEM_UNSPECIFIED;
        if (by_system != rule.part_number().empty()) {
          return chassis::InvalidField("coverage_rule.system", "系统与零件号须且只能填一个",
                                       "give either a system or a part number");
        }
        if (rule.limit_months() > 0 || rule.limit_km() > 0) return absl::OkStatus();
        return chassis::InvalidField("coverage_rule.limit_months", "月数或里程至少填一个", "give months or km");
      });
}

}  // namespace reception
