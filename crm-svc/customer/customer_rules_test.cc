#include "crm-svc/customer/customer_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crm {
namespace {

using aftersales::crm::v1::Customer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Customer ACompleteArchive() {
  Customer customer;
  customer.set_name("王建华");
  customer.set_phone("13800001000");
  customer.set_address("上海市浦东新区世纪大道100号");
  customer.mutable_preferences()->set_channel(Customer::CHANNEL_PHONE);
  customer.mutable_consents()->mutable_consent_time()->set_seconds(1);
  return customer;
}

TEST(CustomerArchive, LacksNothingWhenAddressChannelAndConsentAreThere) {
  EXPECT_THAT(MissingFields(ACompleteArchive()), IsEmpty());
}

TEST(CustomerArchive, NamesEachFieldItLacks) {
  Customer customer = ACompleteArchive();
  customer.clear_address();
  customer.clear_consents();
  EXPECT_THAT(MissingFields(customer), ElementsAre("address", "consents.consent_time"));
}

TEST(CustomerArchive, CountsARefusedConsentAsAsked) {
  Customer customer = ACompleteArchive();
  customer.mutable_consents()->set_marketing(false);
  EXPECT_THAT(MissingFields(customer), IsEmpty());
}

}  // namespace
}  // namespace crm
