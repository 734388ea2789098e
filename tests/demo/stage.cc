#include "tests/demo/stage.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "chassis/status/state.h"

namespace demo {

std::string Stage::TokenOf(const Person& person) {
  const std::string key = absl::StrCat(person.subject, "/", person.role, "/", person.store_id);
  KeptToken& kept = tokens_[key];
  // Tokens come from a world whose clock nobody moves.
  const absl::Time now = system_clock_.Now();
  if (kept.token.empty() || kept.until < now) {
    chassis::identity::TokenRequest request;
    request.subject = person.subject;
    request.roles = {chassis::identity::RoleName(person.role)};
    request.stores = {person.store_id.empty() ? "*" : person.store_id};
    request.issue_time = now;
    request.lifetime = absl::Minutes(30);
    kept.token = issuer_.Issue(request);
    kept.until = now + absl::Minutes(20);
  }
  return kept.token;
}

void Stage::GiveRequestId(google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr || !request.GetReflection()->GetString(request, field).empty()) return;
  request.GetReflection()->SetString(&request, field, ids_.NewId());
}

void Stage::Fail(std::string_view what, const absl::Status& status) {
  const auto refusal = chassis::RefusalIn(status);
  std::string text = absl::StrCat(std::string(what), ": ", status.ToString());
  for (const auto& violation : refusal.violations()) {
    absl::StrAppend(&text, "\n  ", violation.field(), ": ", violation.en());
  }
  throw StepFailed(text);
}

void Stage::Await(std::string_view what, const std::function<bool()>& seen) {
  for (int look = 0; look < 200; ++look) {
    if (seen()) return;
    time_.LetEventsTravel();
  }
  throw StepFailed(absl::StrCat(std::string(what), ": did not come within ten seconds"));
}

std::string StateOf(const google::protobuf::Message& document) {
  const auto* field = document.GetDescriptor()->FindFieldByName("state");
  if (field == nullptr) return "";
  return std::string(chassis::StateName(field->enum_type(), document.GetReflection()->GetEnumValue(document, field)));
}

std::string Yuan(int64_t amount) {
  const std::string digits = absl::StrCat(std::abs(amount) / 100);
  std::string grouped;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) grouped += ',';
    grouped += digits[i];
  }
  return absl::StrFormat("%s%s.%02d", amount < 0 ? "-" : "", grouped, std::abs(amount) % 100);
}

std::string Quantity(int64_t quantity_milli) {
  if (quantity_milli % 1000 == 0) return absl::StrCat(quantity_milli / 1000);
  return absl::StrFormat("%.1f", static_cast<double>(quantity_milli) / 1000);
}

aftersales::common::v1::Signature SignedBy(std::string name, aftersales::common::v1::Signature::SignerRole role,
                                           aftersales::common::v1::Signature::AuthorizationMethod method,
                                           std::string evidence) {
  aftersales::common::v1::Signature signature;
  signature.set_signer_name(std::move(name));
  signature.set_signer_role(role);
  signature.set_method(method);
  signature.set_evidence(std::move(evidence));
  return signature;
}

}  // namespace demo
