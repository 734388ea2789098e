// What a customer archive must hold (C-01). Pure: no clock, no database.
#pragma once

#include <string>
#include <vector>

#include "aftersales/crm/v1/customer.pb.h"

namespace crm {

// Field names an archive still lacks: address, preferences.channel, consents.consent_time. Name and phone are required
// from the start, so they cannot lack.
std::vector<std::string> MissingFields(const aftersales::crm::v1::Customer& customer);

}  // namespace crm
