// Batches from their receipt to the issue that takes the one which expires first.
#include "aftersales/parts/v1/catalogue_errors.pb.h"
#include "aftersales/parts/v1/part_batch.pb.h"
#include "parts-svc/parts_for_test.h"

namespace parts {
namespace {

class Batches : public PartsStore {
 protected:
  v1::Part AnOil() {
    v1::Part oil = PartNamed("BRAKE-FLUID");
    oil.set_tracking(v1::Part::TRACKING_BATCH);
    oil.set_shelf_life_days(30);
    return Create(oil);
  }
  void ReceiveBatch(const v1::Part& part, const std::string& batch, int64_t quantity_milli) {
    auto receipt = Receipt(part, quantity_milli, quantity_milli);
    receipt.mutable_lines(0)->set_batch_code(batch);
    Must<v1::StockDocument>(receipt);
  }
  v1::PartBatch BatchOf(const v1::Part& part, const std::string& batch) {
    v1::GetPartBatchRequest request;
    request.set_part_id(part.part_id());
    request.set_batch_code(batch);
    return Must<v1::PartBatch>(request);
  }
  v1::PartBatch Expires(const v1::Part& part, const std::string& batch, const std::string& date) {
    v1::SetBatchExpiryRequest request;
    request.set_part_id(part.part_id());
    request.set_batch_code(batch);
    request.set_expire_date(date);
    request.set_reason("the maker's label");
    return Must<v1::PartBatch>(request);
  }
};

// Handbook: P-01
TEST_F(Batches, AreDatedWhenTheyFirstComeIn) {
  const v1::Part oil = AnOil();
  ReceiveBatch(oil, "L1", 5000);
  EXPECT_EQ(BatchOf(oil, "L1").receive_date(), "2026-11-21");
  EXPECT_EQ(BatchOf(oil, "L1").expire_date(), "2026-12-21");
  clock_.Advance(absl::Hours(48));
  ReceiveBatch(oil, "L1", 1000);
  EXPECT_EQ(BatchOf(oil, "L1").expire_date(), "2026-12-21") << "more of the same batch is no fresher";
  EXPECT_EQ(BatchOf(oil, "L1").on_hand_milli(), 6000);
}

// Handbook: P-01, P-05
TEST_F(Batches, AreIssuedInTheOrderTheyExpire) {
  const v1::Part oil = AnOil();
  ReceiveBatch(oil, "L2", 3000);
  ReceiveBatch(oil, "L1", 2000);
  Expires(oil, "L2", "2026-12-01");
  const auto held = Reserve(NewId(), {{oil, 4000}});
  const auto issued = Must<v1::Issue>(Drawing(held, 4000));
  ASSERT_EQ(issued.lines_size(), 2);
  EXPECT_EQ(issued.lines(0).batch_code(), "L2");
  EXPECT_EQ(issued.lines(0).quantity_milli(), 3000);
  EXPECT_EQ(issued.lines(1).batch_code(), "L1");
  EXPECT_EQ(issued.lines(1).quantity_milli(), 1000);
  EXPECT_EQ(BatchOf(oil, "L1").on_hand_milli(), 1000);
  EXPECT_TRUE(Differences().empty());
}

TEST_F(Batches, ThatExpiredAreNotIssued) {
  const v1::Part oil = AnOil();
  ReceiveBatch(oil, "L1", 2000);
  ReceiveBatch(oil, "L2", 1000);
  Expires(oil, "L1", "2026-11-20");
  const auto held = Reserve(NewId(), {{oil, 3000}});
  auto drawing = Drawing(held, 2000);
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(drawing).status(), v1::CATALOGUE_ERROR_REASON_NO_FRESH_BATCH));
  drawing.mutable_lines(0)->set_batch_code("L1");
  drawing.clear_request_id();
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(drawing).status(), v1::CATALOGUE_ERROR_REASON_BATCH_EXPIRED));
  EXPECT_EQ(Must<v1::Issue>(Drawing(held, 1000)).lines(0).batch_code(), "L2");
}

}  // namespace
}  // namespace parts
