#include "aftersales/reception/v1/errors.pb.h"
#include "reception-svc/reception_for_test.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
namespace options = aftersales::options::v1;

v1::ProposePriceChangeRequest ADearerHour(const std::string& from) {
  v1::ProposePriceChangeRequest request;
  request.set_reason("成本上升");
  request.set_effective_date(from);
  request.add_labour_rates()->set_skill(common::SKILL_MAINTENANCE);
  request.mutable_labour_rates(0)->set_hourly_amount(30000);
  return request;
}

int64_t PriceOfOilChange(DeskForTest& desk) {
  const auto prices =
      desk.Do<v1::ListPublicPricesResponse>(options::ROLE_INTEGRATION_CLIENT, v1::ListPublicPricesRequest());
  EXPECT_TRUE(prices.ok()) << prices.status();
  for (const v1::LabourPrice& price : prices->labour_prices()) {
    if (price.operation_code() == "OIL") return price.total_amount();
  }
  return -1;
}

TEST(PriceList, ChangesFromTheApprovedDayOnAndNotBefore) {
  DeskForTest desk;
  desk.AdoptPrices();
  EXPECT_EQ(PriceOfOilChange(desk), 16800 + 2184);

  const auto change = desk.Do<v1::PriceChange>(options::ROLE_SERVICE_MANAGER, ADearerHour("2026-11-23"), "manager-1");
  ASSERT_TRUE(change.ok()) << change.status();
  v1::ApprovePriceChangeRequest approve;
  approve.set_price_change_id(change->price_change_id());
  EXPECT_TRUE(chassis::IsRefusal(desk.Do<v1::PriceChange>(options::ROLE_SERVICE_MANAGER, approve, "manager-1").status(),
                                 v1::ERROR_REASON_PRICE_CHANGE_SELF_APPROVED));
  const auto approved = desk.Do<v1::PriceChange>(options::ROLE_SERVICE_MANAGER, approve, "manager-2");
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->state(), v1::PriceChange::STATE_APPROVED);

  EXPECT_EQ(PriceOfOilChange(desk), 16800 + 2184) << "the old price until the day comes";
  desk.clock.Advance(absl::Hours(48));
  EXPECT_EQ(PriceOfOilChange(desk), 18000 + 2340);
}

TEST(PriceList, IsNeverChangedRetroactively) {
  DeskForTest desk;
  EXPECT_TRUE(
      chassis::IsRefusal(desk.Do<v1::PriceChange>(options::ROLE_SERVICE_MANAGER, ADearerHour("2026-11-20")).status(),
                         v1::ERROR_REASON_PRICE_CHANGE_RETROACTIVE));
  const auto change = desk.Do<v1::PriceChange>(options::ROLE_SERVICE_MANAGER, ADearerHour("2026-11-22"), "manager-1");
  ASSERT_TRUE(change.ok()) << change.status();
  desk.clock.Advance(absl::Hours(48));
  v1::ApprovePriceChangeRequest approve;
  approve.set_price_change_id(change->price_change_id());
  EXPECT_TRUE(chassis::IsRefusal(desk.Do<v1::PriceChange>(options::ROLE_SERVICE_MANAGER, approve, "manager-2").status(),
                                 v1::ERROR_REASON_PRICE_CHANGE_RETROACTIVE));
  EXPECT_EQ(desk.Count("labour_rate"), 0);
}

TEST(PriceList, HasOnePriceFromAnyMoment) {
  DeskForTest desk;
  v1::ApprovePriceChangeRequest approve;
  for (const bool first : {true, false}) {
    const auto change = desk.Do<v1::PriceChange>(options::ROLE_MARKETING, ADearerHour("2026-11-23"));
    ASSERT_TRUE(change.ok()) << change.status();
    approve.set_price_change_id(change->price_change_id());
    const auto approved = desk.Do<v1::PriceChange>(options::ROLE_SERVICE_MANAGER, approve);
    EXPECT_EQ(approved.ok(), first) << approved.status();
    EXPECT_TRUE(first || chassis::IsRefusal(approved.status(), v1::ERROR_REASON_PRICE_CHANGE_OVERLAPS));
  }
  EXPECT_EQ(desk.Count("labour_rate"), 1);
}

TEST(PriceList, RefusesPackagesOfUnknownOperations) {
  DeskForTest desk;
  v1::ProposePriceChangeRequest request;
  request.set_reason("新套餐");
  request.set_effective_date("2026-11-21");
  v1::ServicePackage& package = *request.add_service_packages();
  package.set_code("PKG-X");
  package.set_model_group("*");
  package.set_display_name("套餐");
  package.add_operation_codes("NOWHERE");
  const auto change = desk.Do<v1::PriceChange>(options::ROLE_MARKETING, request);
  ASSERT_TRUE(change.ok()) << change.status();
  v1::ApprovePriceChangeRequest approve;
  approve.set_price_change_id(change->price_change_id());
  EXPECT_TRUE(chassis::IsRefusal(desk.Do<v1::PriceChange>(options::ROLE_SERVICE_MANAGER, approve).status(),
                                 v1::ERROR_REASON_OPERATION_UNKNOWN));
  EXPECT_EQ(desk.Count("service_package"), 0);
}

TEST(PriceList, PagesThePublicListWithoutLosingALine) {
  DeskForTest desk;
  desk.AdoptPrices();
  v1::ListPublicPricesRequest request;
  request.set_page_size(1);
  std::vector<std::string> codes;
  do {
    const auto page = desk.Do<v1::ListPublicPricesResponse>(options::ROLE_GATE_GUARD, request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::LabourPrice& price : page->labour_prices()) codes.push_back(price.operation_code());
    EXPECT_EQ(page->service_packages_size(), request.page_token().empty() ? 1 : 0);
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(codes, (std::vector<std::string>{"OIL", "PACK"}));
}

}  // namespace
}  // namespace reception
