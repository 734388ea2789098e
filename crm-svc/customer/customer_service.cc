#include "crm-svc/customer/customer_service.h"

#include "absl/strings/str_join.h"
#include "aftersales/crm/v1/errors.pb.h"
#include "aftersales/crm/v1/events.pb.h"
#include "chassis/duties/duty_board.h"
#include "crm-svc/customer/customer_rules.h"

namespace crm {

using namespace aftersales::crm::v1;  // NOLINT: this file speaks the package's words
using aftersales::common::v1::Duty;
using chassis::Refuse;
using chassis::UnitOfWork;

CustomerService::CustomerService(chassis::Rooms& rooms) : store_(rooms.host.cipher()) {
  rooms.rpcs.Standard<Customer>(store_.table(), [this](UnitOfWork& work, const Customer* before, Customer& after) {
    return Check(work, before, after);
  });
  rooms.rpcs.On(this, &CustomerService::Find);
  rooms.Verify("customer_archives", [this](chassis::sql::Session& session, const std::string& store_id) {
    return store_.Verify(session, store_id);
  });
  rooms.host.duties().EndsBy("customer_archive", "UpdateCustomer");
}

absl::Status CustomerService::Check(UnitOfWork& work, const Customer* before, Customer& after) const {
  if (before == nullptr) {
    ASSIGN_OR_RETURN(auto twins, store_.Find(work.sql(), after.store_id(), after.phone(), after.name()));
    if (!twins.empty()) {
      return Refuse(ERROR_REASON_CUSTOMER_EXISTS)
          .At("customer.phone", "已用于客户 " + twins.front().customer_id(),
              "belongs to customer " + twins.front().customer_id());
    }
    CustomerArchived archived;
    archived.set_customer_id(after.customer_id());
    work.Publish(archived, {"customer", after.customer_id(), 1});
  }

  const std::vector<std::string> missing = MissingFields(after);
  *after.mutable_missing_fields() = {missing.begin(), missing.end()};
  if (missing.empty()) {
    if (before == nullptr) return absl::OkStatus();
    return work.CompleteDuties("customer_archive", after.customer_id(), "complete");
  }
  if (before != nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(auto store, work.host().stores().Get(after.store_id(), work.now() + absl::Seconds(5)));
  Duty duty;
  duty.set_kind("customer_archive");
  duty.set_handbook("C-01");
  duty.set_subject_kind("customer");
  duty.set_subject_id(after.customer_id());
  duty.set_assignee(work.actor().subject);
  duty.set_assignee_role(aftersales::options::v1::ROLE_CUSTOMER_SERVICE_AGENT);
  duty.set_escalation_role(aftersales::options::v1::ROLE_CUSTOMER_SERVICE_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(work.now() + absl::Hours(24) * store.settings().archive_days());
  work.Owe(duty);
  return absl::OkStatus();
}

absl::StatusOr<FindCustomersResponse> CustomerService::Find(chassis::Call& call, const FindCustomersRequest& request) {
  if (request.phone().empty() && request.name().empty()) {
    return Refuse(ERROR_REASON_SEARCH_EMPTY).At("phone", "电话或姓名至少给出一个", "give a phone or a name");
  }
  ASSIGN_OR_RETURN(auto found, call.Read([&](chassis::sql::Session& session) {
    return store_.Find(session, request.store_id(), request.phone(), request.name());
  }));
  FindCustomersResponse response;
  for (Customer& customer : found) {
    const std::vector<std::string> missing = MissingFields(customer);
    *customer.mutable_missing_fields() = {missing.begin(), missing.end()};
    *response.add_customers() = std::move(customer);
  }
  return response;
}

}  // namespace crm
