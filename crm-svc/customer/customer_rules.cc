#include "crm-svc/customer/customer_rules.h"

namespace crm {

using aftersales::crm::v1::Customer;

std::vector<std::string> MissingFields(const Customer& customer) {
  std::vector<std::string> missing;
  if (customer.address().empty()) missing.push_back("address");
  if (customer.preferences().channel() == Customer::CHANNEL_UNSPECIFIED) missing.push_back("preferences.channel");
  if (!customer.consents().has_consent_time()) missing.push_back("consents.consent_time");
  return missing;
}

}  // namespace crm
