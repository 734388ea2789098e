// The old part room on a real database: from the issue of the new part to where the old one ended.
#include "parts-svc/old_part/warranty_for_test.h"

namespace parts {
namespace {

using Signature = aftersales::common::v1::Signature;

class OldParts : public WarrantyDesk {};

// Handbook: P-15
TEST_F(OldParts, AreExpectedForWhatIsSafetyCriticalOfHighValueOrAskedFor) {
  const v1::Part plain = OnTheShelf("F-1", 5), critical = SafetyCritical("S-1", 5);
  v1::Part dear = PartNamed("H-1");
  dear.set_high_value(true);
  dear = Create(dear);
  Receive(dear, 5000, 500000);
  const auto held = Reserve(NewId(), {{plain, 1000}, {critical, 2000}, {dear, 1000}});
  Must<v1::Issue>(Drawing(held, 1000, 0));
  EXPECT_TRUE(OldPartsOf(held.order_id()).empty());
  const auto note = Must<v1::Issue>(Drawing(held, 2000, 1));
  EXPECT_TRUE(note.lines(0).old_part_owed());
  Must<v1::Issue>(Drawing(held, 1000, 2));
  const auto expected = OldPartsOf(held.order_id());
  ASSERT_EQ(expected.size(), 2u);
  EXPECT_EQ(expected[0].cause(), v1::OldPart::CAUSE_SAFETY_CRITICAL);
  EXPECT_EQ(expected[0].quantity_milli(), 2000);
  EXPECT_EQ(expected[1].cause(), v1::OldPart::CAUSE_HIGH_VALUE);
  EXPECT_EQ(Count("duty WHERE kind = 'old_part_not_returned' AND state = 'OPEN' AND assignee = 'li.ming'"), 2);
  const auto asked = Reserve(NewId(), {{plain, 1000}});
  v1::IssuePartsRequest request = Drawing(asked, 1000);
  request.mutable_lines(0)->set_old_part_expected(true);
  Must<v1::Issue>(request);
  EXPECT_EQ(OldPartsOf(asked.order_id()).at(0).cause(), v1::OldPart::CAUSE_ASKED);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(OldParts, OfALineFromSeveralBinsAreCountedWhole) {
  const v1::Part critical = SafetyCritical("S-1", 2);
  bin_ = ABin("A2");
  Receive(critical, 3000, 15000);
  const auto held = Reserve(NewId(), {{critical, 4000}});
  Must<v1::Issue>(Drawing(held, 4000));
  const auto expected = OldPartsOf(held.order_id());
  ASSERT_EQ(expected.size(), 2u);
  EXPECT_EQ(expected[0].quantity_milli() + expected[1].quantity_milli(), 4000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(OldParts, AreNotExpectedForNewOnesThatCameBackUnused) {
  const v1::Part critical = SafetyCritical("S-1", 5);
  const auto held = Reserve(NewId(), {{critical, 3000}});
  const auto note = Must<v1::Issue>(Drawing(held, 3000));
  Must<v1::Issue>(Bringing(note, 1000));
  v1::OldPart old_part = OldPartsOf(held.order_id()).at(0);
  EXPECT_EQ(old_part.unused_milli(), 1000);
  EXPECT_EQ(old_part.state(), v1::OldPart::STATE_EXPECTED);
  Must<v1::Issue>(Bringing(note, 2000));
  EXPECT_EQ(OldPartOf(old_part).state(), v1::OldPart::STATE_UNUSED);
  EXPECT_EQ(Count("duty WHERE kind = 'old_part_not_returned' AND state = 'WAIVED'"), 1);
  EXPECT_FALSE(Send<v1::OldPart>(Tagging(old_part)).ok());
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(OldParts, AreTaggedStoredWithoutValueShownAndHandedOver) {
  const v1::OldPart old_part = AnExpectedOldPart();
  const int64_t value = Count("part_stock WHERE value_amount = 20000");
  EXPECT_EQ(value, 1);
  const auto tagged = Must<v1::OldPart>(Tagging(old_part));
  EXPECT_EQ(tagged.tag_code().substr(0, 9), "SH01-OLD-");
  EXPECT_EQ(Count("duty WHERE kind = 'old_part_not_returned' AND state = 'DONE'"), 1);
  v1::StoreOldPartRequest wrong = Storing(old_part);
  wrong.set_location_id(bin_);
  EXPECT_TRUE(IsRefusal(Send<v1::OldPart>(wrong).status(), v1::WARRANTY_ERROR_REASON_NOT_AN_OLD_PART_BIN));
  Must<v1::OldPart>(Storing(old_part));
  EXPECT_EQ(Count("stock_balance b JOIN location l ON l.location_id = b.location_id WHERE l.kind = 'OLD_PARTS' AND "
                  "b.on_hand_milli = 1000"),
            1);
  EXPECT_EQ(Count("part_stock WHERE value_amount = 20000 AND owned_milli = 4000"), 1);
  v1::ShowOldPartRequest show;
  show.set_old_part_id(old_part.old_part_id());
  EXPECT_EQ(Must<v1::OldPart>(show).state(), v1::OldPart::STATE_SHOWN);
  v1::HandOverOldPartRequest unsigned_by_customer = HandingOver(old_part);
  *unsigned_by_customer.mutable_customer_signature() = TechnicianSignature();
  EXPECT_TRUE(
      IsRefusal(Send<v1::OldPart>(unsigned_by_customer).status(), v1::WARRANTY_ERROR_REASON_SIGNER_NOT_CUSTOMER));
  const auto gone = Must<v1::OldPart>(HandingOver(old_part));
  EXPECT_EQ(gone.state(), v1::OldPart::STATE_HANDED_OVER);
  EXPECT_EQ(gone.customer_signature().document_digest().size(), 32u);
  EXPECT_EQ(Events("OldPartDisposed"), 1);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(OldParts, TakeNoStepTwiceAndNoneOutOfTurn) {
  const v1::OldPart old_part = AnExpectedOldPart();
  EXPECT_FALSE(Send<v1::OldPart>(Storing(old_part)).ok()) << "not tagged";
  EXPECT_FALSE(Send<v1::OldPart>(HandingOver(old_part)).ok()) << "not in store";
  EXPECT_FALSE(Send<v1::OldPart>(Sending(old_part)).ok());
  v1::ShowOldPartRequest show;
  show.set_old_part_id(old_part.old_part_id());
  EXPECT_FALSE(Send<v1::OldPart>(show).ok());
  Must<v1::OldPart>(Tagging(old_part));
  EXPECT_FALSE(Send<v1::OldPart>(Tagging(old_part)).ok());
  Must<v1::OldPart>(Storing(old_part));
  EXPECT_FALSE(Send<v1::OldPart>(Storing(old_part)).ok());
  Must<v1::OldPart>(Sending(old_part));
  EXPECT_FALSE(Send<v1::OldPart>(Sending(old_part)).ok());
  EXPECT_FALSE(Send<v1::OldPart>(Excepting(old_part)).ok()) << "it went where it should";
  EXPECT_FALSE(Send<v1::OldPart>(HandingOver(old_part)).ok());
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(OldParts, ThatNeverComeTakeAManagersReason) {
  const v1::OldPart old_part = AnExpectedOldPart();
  v1::ApproveOldPartExceptionRequest request = Excepting(old_part);
  request.clear_reason();
  EXPECT_FALSE(Send<v1::OldPart>(request).ok());
  const auto excepted = Must<v1::OldPart>(Excepting(old_part));
  EXPECT_EQ(excepted.state(), v1::OldPart::STATE_EXCEPTED);
  EXPECT_EQ(excepted.exception_approver(), "zhang.lei");
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: P-15, G-03
TEST_F(OldParts, LostFromTheStoreLeaveTheirBinWithAManagersReason) {
  const v1::OldPart old_part = Stored(AnExpectedOldPart());
  v1::ApproveOldPartExceptionRequest request = Excepting(old_part);
  request.set_reason("not in its bin at the count, looked for twice");
  const auto lost = Must<v1::OldPart>(request);
  EXPECT_EQ(lost.state(), v1::OldPart::STATE_EXCEPTED);
  EXPECT_EQ(lost.exception_approver(), "zhang.lei");
  EXPECT_TRUE(lost.has_disposal_time());
  EXPECT_EQ(Count("stock_balance b JOIN location l ON l.location_id = b.location_id WHERE l.kind = 'OLD_PARTS' AND "
                  "b.on_hand_milli > 0"),
            0);
  EXPECT_EQ(Count("stock_movement WHERE document_kind = 'OLD_PART' AND reason LIKE 'not in its bin%'"), 1);
  EXPECT_EQ(Events("OldPartDisposed"), 1);
  EXPECT_EQ(Differences(), std::vector<std::string>());
  v1::ApproveOldPartExceptionRequest again = Excepting(old_part);
  EXPECT_FALSE(Send<v1::OldPart>(again).ok());
}

// Handbook: P-15
TEST_F(OldParts, ThatSomebodyMakesDisappearAreFoundByVerify) {
  const v1::OldPart first = AnExpectedOldPart("S-1"), second = AnExpectedOldPart("S-2");
  Stored(second);
  Execute("DELETE FROM old_part WHERE part_number = 'S-1'");
  EXPECT_EQ(Differences().size(), 1u) << "the issue still owes it";
  Execute("UPDATE old_part SET state = 'SCRAPPED' WHERE part_number = 'S-2'");
  EXPECT_EQ(Differences().size(), 2u) << "nothing left the bin";
  Execute("UPDATE old_part SET state = 'EXPECTED', store_time = NULL WHERE part_number = 'S-2'");
  EXPECT_GE(Differences().size(), 2u);
  EXPECT_EQ(first.state(), v1::OldPart::STATE_EXPECTED);
}

class MonthlyRun : public WarrantyDesk {
 protected:
  v1::PostOldPartRunRequest Posting(const v1::OldPartRun& run) {
    v1::PostOldPartRunRequest request;
    request.set_old_part_run_id(run.old_part_run_id());
    *request.mutable_manager_signature() = SignedBy(Signature::SIGNER_ROLE_MANAGER);
    return request;
  }
  v1::DecideOldPartRunRequest DecidingOn(const v1::OldPartRun& run, const v1::OldPart& old_part,
                                         v1::OldPartDecision decision) {
    v1::DecideOldPartRunRequest request;
    request.set_old_part_run_id(run.old_part_run_id());
    auto& line = *request.add_lines();
    line.set_old_part_id(old_part.old_part_id());
    line.set_decision(decision);
    line.set_reason("looked at it");
    return request;
  }
};

// Handbook: P-15
TEST_F(MonthlyRun, ProposesDisposesAndDoesTheMonthsDuty) {
  EXPECT_TRUE(
      IsRefusal(Send<v1::OldPartRun>(v1::CreateOldPartRunRequest()).status(), v1::WARRANTY_ERROR_REASON_RUN_EMPTY));
  const v1::OldPart aged = Stored(AnExpectedOldPart("S-1"));
  clock_.Advance(absl::Hours(24 * 31));
  const v1::OldPart fresh = Stored(AnExpectedOldPart("S-2"));
  RunPeriodic("old_part_processing");
  RunPeriodic("old_part_processing");
  EXPECT_EQ(Count("duty WHERE kind = 'old_part_processing' AND state = 'OPEN'"), 1) << "once a month";
  const auto run = Must<v1::OldPartRun>(v1::CreateOldPartRunRequest());
  ASSERT_EQ(run.lines_size(), 2);
  EXPECT_EQ(run.lines(0).decision(), v1::OLD_PART_DECISION_SCRAP);
  EXPECT_EQ(run.lines(1).decision(), v1::OLD_PART_DECISION_KEEP) << "within its retention";
  EXPECT_TRUE(
      IsRefusal(Send<v1::OldPartRun>(v1::CreateOldPartRunRequest()).status(), v1::WARRANTY_ERROR_REASON_RUN_OPEN));
  v1::PostOldPartRunRequest by_technician = Posting(run);
  *by_technician.mutable_manager_signature() = TechnicianSignature();
  EXPECT_TRUE(IsRefusal(Send<v1::OldPartRun>(by_technician).status(), v1::WARRANTY_ERROR_REASON_SIGNER_NOT_MANAGER));
  EXPECT_EQ(Must<v1::OldPartRun>(Posting(run)).state(), v1::OldPartRun::STATE_POSTED);
  EXPECT_FALSE(Send<v1::OldPartRun>(Posting(run)).ok());
  EXPECT_EQ(OldPartOf(aged).state(), v1::OldPart::STATE_SCRAPPED);
  EXPECT_EQ(OldPartOf(fresh).state(), v1::OldPart::STATE_STORED);
  EXPECT_EQ(Count("duty WHERE kind = 'old_part_processing' AND state = 'DONE'"), 1);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(MonthlyRun, ScrapsNothingWithinItsRetention) {
  const v1::OldPart fresh = Stored(AnExpectedOldPart("S-1"));
  const auto run = Must<v1::OldPartRun>(v1::CreateOldPartRunRequest());
  EXPECT_TRUE(IsRefusal(Send<v1::OldPartRun>(DecidingOn(run, fresh, v1::OLD_PART_DECISION_SCRAP)).status(),
                        v1::WARRANTY_ERROR_REASON_OLD_PART_RETENTION));
  v1::OldPart other = fresh;
  other.set_old_part_id(NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::OldPartRun>(DecidingOn(run, other, v1::OLD_PART_DECISION_KEEP)).status(),
                        v1::WARRANTY_ERROR_REASON_NOT_IN_RUN));
  Must<v1::OldPartRun>(DecidingOn(run, fresh, v1::OLD_PART_DECISION_SEND));
  Must<v1::OldPart>(HandingOver(fresh));
  EXPECT_TRUE(IsRefusal(Send<v1::OldPartRun>(Posting(run)).status(), v1::WARRANTY_ERROR_REASON_OLD_PART_GONE));
  v1::CancelOldPartRunRequest cancel;
  cancel.set_old_part_run_id(run.old_part_run_id());
  cancel.set_reason("start again");
  Must<v1::OldPartRun>(cancel);
  EXPECT_FALSE(Send<v1::OldPartRun>(DecidingOn(run, fresh, v1::OLD_PART_DECISION_KEEP)).ok());
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(MonthlyRun, ThatKeepsEverythingMovesNothing) {
  Stored(AnExpectedOldPart("S-1"));
  Must<v1::OldPartRun>(Posting(Must<v1::OldPartRun>(v1::CreateOldPartRunRequest())));
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

}  // namespace
}  // namespace parts
