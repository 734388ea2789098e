// The stock of a store under everything at once: clerks in parallel order, receive, inspect, settle differences, send
// back to the supplier, reserve, issue, bring back, move, adjust, give up, sell over the counter, count and send to
// another store at random, and after each round the store holds exactly what a simple model says, to the last
// thousandth and the last fen. Then the same while parts-svc and the database are killed with -9.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "aftersales/parts/v1/errors.pb.h"
#include "aftersales/parts/v1/receiving_errors.pb.h"
#include "aftersales/parts/v1/sale.pb.h"
#include "aftersales/parts/v1/stocktake.pb.h"
#include "aftersales/parts/v1/transfer.pb.h"
#include "tests/faults/stock_house.h"
#include "tests/faults/stock_model.h"
#include "tests/faults/stock_purchase.h"

namespace stock {
namespace {

constexpr int kClerks = 8;
constexpr int64_t kStep = 100;

uint64_t Seed() {
  const char* given = std::getenv("AFTERSALES_SEED");
  return given == nullptr ? 20261121 : std::strtoull(given, nullptr, 10);
}

// Parts that all clerks are at together. In which order the store served them nobody knows, so what its answers said
// is added up: the store must hold the sum, no more, no less.
struct Shared {
  std::vector<std::string> part_ids;
  std::mutex mutex;
  std::map<std::string, std::map<std::string, int64_t>> bins;  // part -> bin -> quantity
  std::map<std::string, int64_t> value;
  std::set<std::string> reservation_ids;
  // What the other store calls the part, and what it got of it.
  struct Branch {
    std::string part_id;
    int64_t owned = 0, value = 0;
  };
  std::map<std::string, Branch> branch;
  // With the supplier; several clerks receive against one of them at the same time.
  std::vector<v1::PurchaseOrder> orders;

  void Shift(const std::string& part_id, const std::string& bin, int64_t quantity, int64_t cost) {
    std::lock_guard lock(mutex);
    bins[part_id][bin] += quantity;
    value[part_id] += cost;
  }
};

// One clerk: parts only he touches, for which the model foretells every outcome and every cost, and a hand in the
// shared ones.
class Clerk {
 public:
  Clerk(House& house, Shared& shared, uint64_t seed)
      : house_(house), shared_(shared), random_(seed), purchase_(house, random_, kStep) {
    for (int i = 0; i < 4; ++i) shelves_[house_.APart().part_id()];
  }

  void Work(int operations) {
    for (int i = 0; i < operations; ++i) {
      const bool together = Chance(30);
      switch (Below(10)) {
        case 0:
        case 1:
          together ? ReceiveTogether() : Receive();
          break;
        case 2:
        case 3:
          together ? ReserveTogether() : Reserve();
          break;
        case 4:
          together ? IssueTogether() : Issue();
          break;
        case 5:
          together ? BringBackTogether() : BringBack();
          break;
        case 6:
          together ? (Chance(40) ? MoveTogether() : Chance(50) ? Sell() : Send()) : (Chance(60) ? Move() : Adjust());
          break;
        case 7:
          together ? (Chance(50) ? BuyTogether() : AgreeTogether()) : (Chance(40) ? Buy() : Agree());
          break;
        case 8:
          together ? SendBackTogether() : SendBack();
          break;
        default:
          together ? (Chance(50) ? GiveUpTogether() : Count()) : GiveUp();
      }
    }
  }

  // The store holds of this clerk's own parts what the model says.
  void Compare() {
    for (auto& [part_id, shelf] : shelves_) {
      const v1::PartStock stock = house_.StockOf(part_id);
      EXPECT_EQ(stock.on_hand_milli(), shelf.OnHand());
      EXPECT_EQ(stock.reserved_milli(), shelf.Reserved());
      EXPECT_EQ(stock.short_milli(), shelf.Waiting());
      EXPECT_EQ(stock.owned_milli(), shelf.owned());
      EXPECT_EQ(stock.value_amount(), shelf.value());
      std::map<std::string, int64_t> bins;
      for (const auto& balance : stock.balances()) {
        if (balance.on_hand_milli() != 0) bins[house_.CodeOf(balance.location_id())] = balance.on_hand_milli();
      }
      std::map<std::string, int64_t> expected;
      for (const auto& [bin, quantity] : shelf.bins()) {
        if (quantity != 0) expected[bin] = quantity;
      }
      EXPECT_EQ(bins, expected);
    }
    for (const Held& held : held_) {
      const v1::Reservation reservation = house_.ReservationOf(held.reservation_id);
      for (const auto& line : reservation.lines()) {
        const Shelf::Want& want = shelves_.at(line.part_id()).wants().at(line.holder_line_id());
        EXPECT_EQ(line.reserved_milli(), want.reserved);
        EXPECT_EQ(line.short_milli(), want.waiting);
        EXPECT_EQ(line.issued_milli(), want.issued);
      }
    }
  }
  int64_t refusals() const { return refusals_; }
  int64_t done() const { return done_; }
  int64_t counts() const { return counts_; }
  int64_t transfers() const { return transfers_; }
  int64_t bought() const { return bought_; }
  int64_t agreed() const { return agreed_; }
  int64_t sent_back() const { return sent_back_; }

 private:
  struct Held {
    std::string holder_id, reservation_id;
    std::vector<std::pair<std::string, std::string>> lines;  // part, line of the holder
  };
  struct Out {
    std::string issue_id, issue_line_id, part_id, line;
    Shelf::Piece left;
  };

  int64_t Below(int64_t limit) { return std::uniform_int_distribution<int64_t>(0, limit - 1)(random_); }
  bool Chance(int percent) { return Below(100) < percent; }
  int64_t Quantity(int64_t max) { return kStep * (1 + Below(std::max<int64_t>(max / kStep, 1))); }
  template <typename Container>
  auto& Any(Container& from) {
    auto at = from.begin();
    std::advance(at, Below(static_cast<int64_t>(from.size())));
    return *at;
  }
  std::string AnyBin() { return Any(house_.bins()).first; }
  std::string AnyServingBin() { return absl::StrCat("A", 1 + Below(3)); }
  std::vector<std::string> SomeParts() {
    std::vector<std::string> all;
    for (const auto& [part_id, shelf] : shelves_) all.push_back(part_id);
    std::shuffle(all.begin(), all.end(), random_);
    all.resize(static_cast<size_t>(1 + Below(3)));
    return all;
  }
  static common::Signature Technician() {
    common::Signature signature;
    signature.set_signer_name("李明");
    signature.set_signer_role(common::Signature::SIGNER_ROLE_TECHNICIAN);
    signature.set_method(common::Signature::AUTHORIZATION_METHOD_IN_PERSON_DIGITAL_SIGNATURE);
    signature.set_evidence("pad-3");
    return signature;
  }

  // Counts what happened; true when it went through. Foretold refusals must come, and no others.
  template <typename Response, typename Reason = v1::ErrorReason>
  bool Happened(const absl::StatusOr<Response>& response, const std::set<Reason>& foretold) {
    if (response.ok()) {
      EXPECT_TRUE(foretold.empty()) << Response::descriptor()->name() << " should have been refused";
      ++done_;
      return true;
    }
    ++refusals_;
    const bool known = std::any_of(foretold.begin(), foretold.end(),
                                   [&](auto reason) { return chassis::IsRefusal(response.status(), reason); });
    EXPECT_TRUE(known) << response.status();
    return false;
  }
  template <typename Response>
  bool HappenedTogether(const absl::StatusOr<Response>& response) {
    response.ok() ? ++done_ : ++refusals_;
    EXPECT_TRUE(response.ok() || absl::IsFailedPrecondition(response.status())) << response.status();
    return response.ok();
  }

  // --- parts of this clerk alone

  void Receive() {
    v1::ReceiveStockRequest request;
    for (const std::string& part_id : SomeParts()) {
      auto& line = *request.add_lines();
      line.set_part_id(part_id);
      line.set_location_id(house_.BinNamed(AnyBin()));
      line.set_quantity_milli(Quantity(20000));
      line.set_cost_amount(Below(100000));
    }
    if (!Happened(house_.Settle<v1::StockDocument>(request), {})) return;
    for (const auto& line : request.lines()) {
      shelves_.at(line.part_id()).PutIn(house_.CodeOf(line.location_id()), line.quantity_milli(), line.cost_amount());
    }
  }

  v1::CreateReservationRequest Wanting(const std::vector<std::string>& part_ids, int64_t max) {
    v1::CreateReservationRequest request;
    request.set_holder_kind(v1::Reservation::HOLDER_KIND_REPAIR_ORDER);
    request.set_holder_id(house_.NewId());
    for (const std::string& part_id : part_ids) {
      auto& line = *request.add_lines();
      line.set_holder_line_id(house_.NewId());
      line.set_part_id(part_id);
      line.set_quantity_milli(Quantity(max));
      // No two promises of a clerk are for the same moment, but they come in any order.
      line.mutable_needed_time()->set_seconds(1800000000 + Below(1000000) * 1000 + ++promises_ % 1000);
    }
    if (Chance(60)) request.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
    return request;
  }
  void Reserve() {
    const v1::CreateReservationRequest request = Wanting(SomeParts(), 15000);
    std::set<v1::ErrorReason> foretold;
    for (const auto& line : request.lines()) {
      const bool queues = request.shortage_policy() == v1::SHORTAGE_POLICY_QUEUE;
      if (!queues && shelves_.at(line.part_id()).Free() < line.quantity_milli()) {
        foretold.insert(v1::ERROR_REASON_INSUFFICIENT_STOCK);
      }
    }
    const auto reservation = house_.Settle<v1::Reservation>(request);
    if (!Happened(reservation, foretold)) return;
    Held held{request.holder_id(), reservation->reservation_id(), {}};
    for (const auto& line : request.lines()) {
      shelves_.at(line.part_id()).Hold(line.holder_line_id(), line.quantity_milli(), line.needed_time().seconds());
      held.lines.emplace_back(line.part_id(), line.holder_line_id());
    }
    held_.push_back(std::move(held));
  }

  void Issue() {
    if (held_.empty()) return;
    const Held& held = Any(held_);
    v1::IssuePartsRequest request;
    request.set_order_id(held.holder_id);
    request.set_technician("li.ming");
    *request.mutable_technician_signature() = Technician();
    std::set<v1::ErrorReason> foretold;
    for (const auto& [part_id, line] : held.lines) {
      const int64_t reserved = shelves_.at(part_id).wants().at(line).reserved;
      if (reserved == 0 || Chance(30)) continue;
      auto& wanted = *request.add_lines();
      wanted.set_holder_line_id(line);
      wanted.set_quantity_milli(Chance(5) ? reserved + kStep : Quantity(reserved));
      if (wanted.quantity_milli() > reserved) foretold.insert(v1::ERROR_REASON_ISSUE_EXCEEDS_RESERVATION);
    }
    if (request.lines().empty()) return;
    const auto note = house_.Settle<v1::Issue>(request);
    if (!Happened(note, foretold)) return;
    int at = 0;
    for (const auto& wanted : request.lines()) {
      const auto of_line = std::find_if(held.lines.begin(), held.lines.end(),
                                        [&](const auto& line) { return line.second == wanted.holder_line_id(); });
      for (const Shelf::Piece& piece : shelves_.at(of_line->first).Issue(of_line->second, wanted.quantity_milli())) {
        ASSERT_LT(at, note->lines_size());
        const v1::IssueLine& line = note->lines(at++);
        EXPECT_EQ(house_.CodeOf(line.location_id()), piece.bin);
        EXPECT_EQ(line.quantity_milli(), piece.quantity);
        EXPECT_EQ(line.cost_amount(), piece.cost);
        out_.push_back({note->issue_id(), line.issue_line_id(), of_line->first, of_line->second, piece});
      }
    }
    EXPECT_EQ(at, note->lines_size());
  }

  void BringBack() {
    if (out_.empty()) return;
    Out& out = Any(out_);
    v1::ReturnPartsRequest request;
    request.set_issue_id(out.issue_id);
    request.set_technician("li.ming");
    request.set_reason("not needed");
    *request.mutable_technician_signature() = Technician();
    auto& line = *request.add_lines();
    line.set_issue_line_id(out.issue_line_id);
    line.set_quantity_milli(Quantity(out.left.quantity + kStep));
    std::set<v1::ErrorReason> foretold;
    if (line.quantity_milli() > out.left.quantity) foretold.insert(v1::ERROR_REASON_RETURN_EXCEEDS_ISSUE);
    const auto note = house_.Settle<v1::Issue>(request);
    if (!Happened(note, foretold)) return;
    const Shelf::Piece back{out.left.bin, line.quantity_milli(),
                            ShareOf(out.left.cost, line.quantity_milli(), out.left.quantity)};
    EXPECT_EQ(note->cost_amount(), back.cost);
    out.left.quantity -= back.quantity;
    out.left.cost -= back.cost;
    shelves_.at(out.part_id).BringBack(out.line, back);
  }

  void Move() {
    auto& [part_id, shelf] = Any(shelves_);
    const std::string from = AnyBin(), to = AnyBin();
    if (from == to) return;
    v1::MoveStockRequest request;
    auto& line = *request.add_lines();
    line.set_part_id(part_id);
    line.set_from_location_id(house_.BinNamed(from));
    line.set_to_location_id(house_.BinNamed(to));
    line.set_quantity_milli(Quantity(shelf.In(from) + kStep));
    std::set<v1::ErrorReason> foretold;
    if (line.quantity_milli() > shelf.In(from)) foretold.insert(v1::ERROR_REASON_BIN_SHORT);
    if (Serves(from) && !Serves(to) && line.quantity_milli() > shelf.Free()) {
      foretold.insert(v1::ERROR_REASON_INSUFFICIENT_STOCK);
    }
    if (Happened(house_.Settle<v1::StockDocument>(request), foretold)) shelf.Move(from, to, line.quantity_milli());
  }

  void Adjust() {
    auto& [part_id, shelf] = Any(shelves_);
    const std::string bin = AnyBin();
    const bool found = Chance(50);
    v1::AdjustStockRequest request;
    request.set_reason("counted");
    auto& line = *request.add_lines();
    line.set_part_id(part_id);
    line.set_location_id(house_.BinNamed(bin));
    const int64_t quantity = Quantity(found ? 3000 : shelf.In(bin) + kStep);
    line.set_difference_milli(found ? quantity : -quantity);
    std::set<v1::ErrorReason> foretold;
    if (!found && quantity > shelf.In(bin)) foretold.insert(v1::ERROR_REASON_BIN_SHORT);
    if (!found && Serves(bin) && quantity > shelf.Free()) foretold.insert(v1::ERROR_REASON_INSUFFICIENT_STOCK);
    const auto document = house_.Settle<v1::StockDocument>(request);
    if (!Happened(document, foretold)) return;
    const int64_t cost = found ? shelf.CostOfFound(quantity) : shelf.CostOf(quantity);
    EXPECT_EQ(document->movements(0).cost_amount(), cost);
    found ? shelf.PutIn(bin, quantity, cost) : shelf.TakeOut(bin, quantity, cost);
  }

  void GiveUp() {
    if (held_.empty()) return;
    const Held& held = Any(held_);
    if (!Happened(house_.Settle<v1::CancelReservationResponse>(GivingUp(held.holder_id)), {})) return;
    for (const auto& [part_id, line] : held.lines) shelves_.at(part_id).GiveUp(line);
  }
  static v1::CancelReservationRequest GivingUp(const std::string& holder_id) {
    v1::CancelReservationRequest request;
    request.set_holder_id(holder_id);
    request.set_reason("the customer changed his mind");
    return request;
  }

  // Ordered, counted, inspected and put away; not all that was ordered comes, and not all that comes is good.
  void Buy() {
    const std::vector<std::string> part_ids = SomeParts();
    const v1::PurchaseOrder order = purchase_.Order(part_ids);
    v1::StartGoodsReceiptRequest arrival = purchase_.Arrival(order);
    const std::string& other = Any(shelves_).first;
    if (Chance(30) && std::count(part_ids.begin(), part_ids.end(), other) == 0) {
      purchase_.AddUnordered(other, arrival);
    }
    const auto counted = house_.Must<v1::GoodsReceipt>(arrival);
    const std::string bin = AnyServingBin();
    const auto inspected = house_.Must<v1::GoodsReceipt>(purchase_.Inspection(counted, bin));
    const auto posted = house_.Settle<v1::GoodsReceipt>(purchase_.Posting(inspected));
    if (!Happened(posted, {})) return;
    int differences = 0;
    for (int i = 0; i < posted->lines_size(); ++i) {
      const v1::GoodsReceiptLine& line = posted->lines(i);
      const bool ordered = i < order.lines_size();
      const int64_t wanted = ordered ? order.lines(i).quantity_milli() : 0;
      const int64_t came = arrival.lines(i).counted_milli();
      const int64_t good = came - line.rejected_milli();
      const int64_t taken = std::min(good, wanted);
      EXPECT_EQ(line.accepted_milli(), taken);
      EXPECT_EQ(line.excess_milli(), good - taken);
      differences += (came < wanted) + (line.rejected_milli() > 0) + (good > taken);
      Shelf& shelf = shelves_.at(line.part_id());
      const bool priced = ordered || arrival.lines(i).has_unit_cost_amount();
      const int64_t unit = ordered ? order.lines(i).unit_price_amount() : arrival.lines(i).unit_cost_amount();
      const int64_t cost = priced ? ShareOf(unit, came, 1000) : shelf.CostOfFound(came);
      EXPECT_EQ(line.cost_amount() + line.quarantine_cost_amount(), cost);
      shelf.PutIn(bin, taken, cost);
      shelf.PutIn("Q1", came - taken, 0);
    }
    EXPECT_EQ(posted->differences_size(), differences);
    Note(*posted, delivered_, open_);
    ++bought_;
  }
  // Remembers what a posted receipt leaves to be done.
  static void Note(const v1::GoodsReceipt& posted, std::vector<Delivered>& delivered, std::vector<Open>& open) {
    std::map<std::string, size_t> at;
    for (const v1::GoodsReceiptLine& line : posted.lines()) {
      at[line.goods_receipt_line_id()] = delivered.size();
      delivered.push_back(
          {posted.goods_receipt_id(), line.goods_receipt_line_id(), line.part_id(), line.accepted_milli()});
    }
    for (const auto& difference : posted.differences()) {
      open.push_back({difference, at.at(difference.goods_receipt_line_id())});
    }
  }
  // Something about a receipt is agreed with the supplier.
  void Agree() {
    if (open_.empty()) return;
    const size_t at = static_cast<size_t>(Below(static_cast<int64_t>(open_.size())));
    const Open open = open_[at];
    const std::string& part_id = open.difference.part_id();
    const int64_t quantity = open.difference.quantity_milli();
    const std::string bin = AnyServingBin();
    const auto request = purchase_.Settlement(open, delivered_[open.delivered].receipt_id, bin);
    const bool moves = !request.location_id().empty();
    std::set<v1::ErrorReason> foretold;
    if (moves && quantity > shelves_.at(part_id).In("Q1")) foretold.insert(v1::ERROR_REASON_BIN_SHORT);
    const auto settled = house_.Settle<v1::GoodsReceipt>(request);
    if (!Happened(settled, foretold)) return;
    open_.erase(open_.begin() + static_cast<int64_t>(at));
    if (moves) {
      shelves_.at(part_id).Move("Q1", bin, quantity);
      delivered_[open.delivered].returnable += quantity;
    }
    NoteReturn(*settled, open, going_back_);
    ++agreed_;
  }
  // A settlement that sends goods back drafts the return itself.
  static void NoteReturn(const v1::GoodsReceipt& settled, const Open& open, std::vector<GoingBack>& going_back) {
    for (const auto& difference : settled.differences()) {
      if (difference.goods_receipt_difference_id() != open.difference.goods_receipt_difference_id()) continue;
      if (difference.supplier_return_id().empty()) continue;
      going_back.push_back({difference.supplier_return_id(), difference.part_id(), "Q1", difference.quantity_milli(),
                            open.delivered, open.difference});
    }
  }
  void SendBack() {
    if (going_back_.empty() || Chance(40)) return Give();
    const size_t at = static_cast<size_t>(Below(static_cast<int64_t>(going_back_.size())));
    const GoingBack back = going_back_[at];
    going_back_.erase(going_back_.begin() + static_cast<int64_t>(at));
    Shelf& shelf = shelves_.at(back.part_id);
    std::set<v1::ErrorReason> foretold;
    if (back.quantity > shelf.In(back.bin)) foretold.insert(v1::ERROR_REASON_BIN_SHORT);
    if (Serves(back.bin) && back.quantity > shelf.Free()) foretold.insert(v1::ERROR_REASON_INSUFFICIENT_STOCK);
    const auto shipped = purchase_.Ship(back.supplier_return_id);
    if (!Happened(shipped, foretold)) return TakeBack(back, delivered_, open_);
    const int64_t cost = shelf.CostOf(back.quantity);
    EXPECT_EQ(shipped->cost_amount(), cost);
    shelf.TakeOut(back.bin, back.quantity, cost);
    purchase_.Credit(*shipped);  // the store's loss or gain, not the shelf's
    ++sent_back_;
  }
  // Drafts a return of goods that were accepted.
  void Give() {
    if (delivered_.empty()) return;
    const size_t at = static_cast<size_t>(Below(static_cast<int64_t>(delivered_.size())));
    Delivered& delivered = delivered_[at];
    if (delivered.returnable == 0 && Chance(80)) return;
    const std::string bin = AnyBin();
    const int64_t quantity = Quantity(std::min<int64_t>(delivered.returnable + kStep, 4000));
    std::set<v1::ReceivingErrorReason> foretold;
    if (quantity > delivered.returnable) foretold.insert(v1::RECEIVING_ERROR_REASON_RETURN_EXCEEDS_RECEIPT);
    const auto drafted = house_.Settle<v1::SupplierReturn>(purchase_.Return(delivered, quantity, bin));
    if (!Happened(drafted, foretold)) return;
    delivered.returnable -= quantity;
    going_back_.push_back({drafted->supplier_return_id(), delivered.part_id, bin, quantity, at, {}});
  }
  // What does not go back after all may go back another time, or its difference is open again.
  void TakeBack(const GoingBack& back, std::vector<Delivered>& delivered, std::vector<Open>& open) {
    purchase_.Cancel(back.supplier_return_id);
    if (back.difference.goods_receipt_difference_id().empty()) {
      delivered[back.delivered].returnable += back.quantity;
    } else {
      open.push_back({back.difference, back.delivered});
    }
  }

  // --- parts of all

  // What the movements of an answer did.
  template <typename Movements>
  void Take(const Movements& movements) {
    for (const v1::StockMovement& movement : movements) {
      const auto bin = [&](const std::string& id) { return house_.bins_by_id().find(id); };
      if (const auto from = bin(movement.from_location_id()); from != house_.bins_by_id().end()) {
        shared_.Shift(movement.part_id(), from->second, -movement.quantity_milli(), -movement.cost_amount());
      }
      if (const auto to = bin(movement.to_location_id()); to != house_.bins_by_id().end()) {
        shared_.Shift(movement.part_id(), to->second, movement.quantity_milli(), movement.cost_amount());
      }
    }
  }
  void TakeNote(const v1::Issue& note, int direction) {
    for (const v1::IssueLine& line : note.lines()) {
      shared_.Shift(line.part_id(), house_.CodeOf(line.location_id()), direction * line.quantity_milli(),
                    direction * line.cost_amount());
    }
  }
  std::vector<std::string> SomeSharedParts() {
    std::vector<std::string> all = shared_.part_ids;
    std::shuffle(all.begin(), all.end(), random_);
    all.resize(static_cast<size_t>(1 + Below(2)));
    return all;
  }

  void ReceiveTogether() {
    v1::ReceiveStockRequest request;
    for (const std::string& part_id : SomeSharedParts()) {
      auto& line = *request.add_lines();
      line.set_part_id(part_id);
      line.set_location_id(house_.BinNamed(AnyBin()));
      line.set_quantity_milli(Quantity(20000));
      line.set_cost_amount(Below(100000));
    }
    const auto document = house_.Settle<v1::StockDocument>(request);
    if (HappenedTogether(document)) Take(document->movements());
  }
  void ReserveTogether() {
    const v1::CreateReservationRequest request = Wanting(SomeSharedParts(), 8000);
    const auto reservation = house_.Settle<v1::Reservation>(request);
    if (!HappenedTogether(reservation)) return;
    held_together_.push_back({request.holder_id(), reservation->reservation_id(), {}});
    std::lock_guard lock(shared_.mutex);
    shared_.reservation_ids.insert(reservation->reservation_id());
  }
  void IssueTogether() {
    if (held_together_.empty()) return;
    const Held& held = Any(held_together_);
    v1::IssuePartsRequest request;
    request.set_order_id(held.holder_id);
    request.set_technician("li.ming");
    *request.mutable_technician_signature() = Technician();
    const v1::Reservation reservation = house_.ReservationOf(held.reservation_id);
    for (const auto& line : reservation.lines()) {
      if (line.reserved_milli() == 0) continue;
      auto& wanted = *request.add_lines();
      wanted.set_holder_line_id(line.holder_line_id());
      wanted.set_quantity_milli(Quantity(line.reserved_milli()));
    }
    if (request.lines().empty()) return;
    const auto note = house_.Settle<v1::Issue>(request);
    if (!HappenedTogether(note)) return;
    TakeNote(*note, -1);
    for (const v1::IssueLine& line : note->lines()) {
      out_together_.push_back({note->issue_id(),
                               line.issue_line_id(),
                               line.part_id(),
                               "",
                               {"", line.quantity_milli(), line.cost_amount()}});
    }
  }
  void BringBackTogether() {
    if (out_together_.empty()) return;
    Out& out = Any(out_together_);
    v1::ReturnPartsRequest request;
    request.set_issue_id(out.issue_id);
    request.set_technician("li.ming");
    request.set_reason("not needed");
    *request.mutable_technician_signature() = Technician();
    auto& line = *request.add_lines();
    line.set_issue_line_id(out.issue_line_id);
    line.set_quantity_milli(Quantity(out.left.quantity + kStep));
    const auto note = house_.Settle<v1::Issue>(request);
    EXPECT_EQ(note.ok(), line.quantity_milli() <= out.left.quantity) << note.status();
    if (!HappenedTogether(note)) return;
    TakeNote(*note, 1);
    out.left.quantity -= line.quantity_milli();
  }
  void MoveTogether() {
    const std::string from = AnyBin(), to = AnyBin();
    if (from == to) return;
    v1::MoveStockRequest request;
    auto& line = *request.add_lines();
    line.set_part_id(Any(shared_.part_ids));
    line.set_from_location_id(house_.BinNamed(from));
    line.set_to_location_id(house_.BinNamed(to));
    line.set_quantity_milli(Quantity(5000));
    const auto document = house_.Settle<v1::StockDocument>(request);
    if (HappenedTogether(document)) Take(document->movements());
  }
  void GiveUpTogether() {
    if (held_together_.empty()) return;
    HappenedTogether(house_.Settle<v1::CancelReservationResponse>(GivingUp(Any(held_together_).holder_id)));
  }

  // Against an order other clerks receive against too; who comes late brings more than is open, or is refused.
  void BuyTogether() {
    const v1::PurchaseOrder order = AnOrderOfAll();
    const auto counted = house_.Settle<v1::GoodsReceipt>(purchase_.Arrival(order));
    if (!HappenedTogether(counted)) return;
    const auto inspected = house_.Must<v1::GoodsReceipt>(purchase_.Inspection(*counted, AnyServingBin()));
    const auto posted = house_.Settle<v1::GoodsReceipt>(purchase_.Posting(inspected));
    if (!HappenedTogether(posted)) {
      v1::CancelGoodsReceiptRequest cancel;
      cancel.set_goods_receipt_id(counted->goods_receipt_id());
      cancel.set_reason("the order is complete");
      HappenedTogether(house_.Settle<v1::GoodsReceipt>(cancel));
      return;
    }
    for (const v1::GoodsReceiptLine& line : posted->lines()) {
      EXPECT_EQ(line.accepted_milli() + line.rejected_milli() + line.excess_milli(), line.counted_milli());
      shared_.Shift(line.part_id(), house_.CodeOf(line.location_id()), line.accepted_milli(), line.cost_amount());
      shared_.Shift(line.part_id(), "Q1", line.rejected_milli() + line.excess_milli(), line.quarantine_cost_amount());
    }
    Note(*posted, delivered_together_, open_together_);
    ++bought_;
  }
  v1::PurchaseOrder AnOrderOfAll() {
    {
      std::lock_guard lock(shared_.mutex);
      if (!shared_.orders.empty() && Chance(60)) return shared_.orders.back();
    }
    const v1::PurchaseOrder order = purchase_.Order(SomeSharedParts());
    std::lock_guard lock(shared_.mutex);
    shared_.orders.push_back(order);
    return order;
  }
  void AgreeTogether() {
    if (open_together_.empty()) return;
    const size_t at = static_cast<size_t>(Below(static_cast<int64_t>(open_together_.size())));
    const Open open = open_together_[at];
    const std::string bin = AnyServingBin();
    const auto request = purchase_.Settlement(open, delivered_together_[open.delivered].receipt_id, bin);
    const auto settled = house_.Settle<v1::GoodsReceipt>(request);
    if (!HappenedTogether(settled)) return;
    open_together_.erase(open_together_.begin() + static_cast<int64_t>(at));
    if (!request.location_id().empty()) {
      const int64_t quantity = open.difference.quantity_milli();
      shared_.Shift(open.difference.part_id(), "Q1", -quantity, 0);
      shared_.Shift(open.difference.part_id(), bin, quantity, 0);
      delivered_together_[open.delivered].returnable += quantity;
    }
    NoteReturn(*settled, open, going_back_together_);
    ++agreed_;
  }
  void SendBackTogether() {
    if (going_back_together_.empty() || Chance(40)) return GiveTogether();
    const size_t at = static_cast<size_t>(Below(static_cast<int64_t>(going_back_together_.size())));
    const GoingBack back = going_back_together_[at];
    going_back_together_.erase(going_back_together_.begin() + static_cast<int64_t>(at));
    const auto shipped = purchase_.Ship(back.supplier_return_id);
    if (!HappenedTogether(shipped)) return TakeBack(back, delivered_together_, open_together_);
    shared_.Shift(back.part_id, back.bin, -back.quantity, -shipped->cost_amount());
    purchase_.Credit(*shipped);
    ++sent_back_;
  }
  void GiveTogether() {
    if (delivered_together_.empty()) return;
    const size_t at = static_cast<size_t>(Below(static_cast<int64_t>(delivered_together_.size())));
    Delivered& delivered = delivered_together_[at];
    if (delivered.returnable == 0) return;
    const std::string bin = AnyBin();
    const int64_t quantity = Quantity(std::min<int64_t>(delivered.returnable, 4000));
    const auto drafted = house_.Settle<v1::SupplierReturn>(purchase_.Return(delivered, quantity, bin));
    if (!HappenedTogether(drafted)) return;
    delivered.returnable -= quantity;
    going_back_together_.push_back({drafted->supplier_return_id(), delivered.part_id, bin, quantity, at, {}});
  }

  // Quoted, ordered, delivered and paid on the spot; what cannot be delivered is given up.
  void Sell() {
    v1::QuoteSaleRequest quote;
    auto& wanted = *quote.add_lines();
    wanted.set_part_id(Any(shared_.part_ids));
    wanted.set_quantity_milli(Quantity(3000));
    const auto sale = house_.Settle<v1::Sale>(quote);
    if (!HappenedTogether(sale)) return;
    v1::ConfirmSaleRequest order;
    order.set_sale_id(sale->sale_id());
    if (!HappenedTogether(house_.Settle<v1::Sale>(order))) return;
    v1::DeliverSaleRequest delivery;
    delivery.set_sale_id(sale->sale_id());
    auto& line = *delivery.add_lines();
    line.set_sale_line_id(sale->lines(0).sale_line_id());
    line.set_quantity_milli(wanted.quantity_milli());
    auto& payment = *delivery.add_payments();
    payment.set_method(v1::COLLECTION_METHOD_WECHAT_PAY);
    payment.set_amount(sale->gross_amount());
    payment.set_reference("wx-1");
    *delivery.mutable_buyer_signature() = Technician();
    delivery.mutable_buyer_signature()->set_signer_role(common::Signature::SIGNER_ROLE_CUSTOMER);
    const auto note = house_.Settle<v1::SaleDelivery>(delivery);
    if (!HappenedTogether(note)) {
      v1::CancelSaleRequest cancel;
      cancel.set_sale_id(sale->sale_id());
      cancel.set_reason("not on the shelf");
      HappenedTogether(house_.Settle<v1::Sale>(cancel));
      return;
    }
    for (const v1::SaleDeliveryLine& gone : note->lines()) {
      shared_.Shift(gone.part_id(), house_.CodeOf(gone.location_id()), -gone.quantity_milli(), -gone.cost_amount());
    }
  }

  // To the other store: asked for, promised, shipped, counted there, and a difference settled. What is refused on the
  // way is given up.
  void Send() {
    const std::string& part_id = Any(shared_.part_ids);
    v1::RequestTransferRequest ask;
    ask.set_store_id(house_.branch_id());
    ask.set_supplying_store_id(house_.store_id());
    auto& line = *ask.add_lines();
    line.set_part_id(shared_.branch.at(part_id).part_id);
    line.set_quantity_milli(Quantity(3000));
    const auto asked = house_.Settle<v1::Transfer>(ask);
    if (!HappenedTogether(asked)) return;
    const std::string& id = asked->transfer_id();
    v1::ApproveTransferRequest approve;
    approve.set_transfer_id(id);
    v1::ShipTransferRequest ship;
    ship.set_transfer_id(id);
    *ship.mutable_signature() = Technician();
    if (!HappenedTogether(house_.Settle<v1::Transfer>(approve)) ||
        !HappenedTogether(house_.Settle<v1::Transfer>(ship))) {
      v1::CancelTransferRequest cancel;
      cancel.set_transfer_id(id);
      cancel.set_reason("nothing to send");
      HappenedTogether(house_.Settle<v1::Transfer>(cancel));
      return;
    }
    v1::ReceiveTransferRequest receive;
    receive.set_store_id(house_.branch_id());
    receive.set_transfer_id(id);
    *receive.mutable_signature() = Technician();
    const v1::Transfer coming = HalfOf(house_.branch_id(), id, {v1::Transfer::STATE_SHIPPED});
    for (const v1::TransferItem& item : coming.items()) {
      auto& counted = *receive.add_items();
      counted.set_transfer_item_id(item.transfer_item_id());
      counted.set_counted_milli(Chance(60) ? item.shipped_milli() : Below(item.shipped_milli() / kStep) * kStep);
      counted.set_location_id(house_.branch_bin_id());
    }
    const auto received = house_.Settle<v1::Transfer>(receive);
    ASSERT_TRUE(received.ok()) << received.status();
    const std::set<v1::Transfer::State> counted = {v1::Transfer::STATE_DIFFERENCES_OPEN, v1::Transfer::STATE_CLOSED};
    const v1::Transfer sent = HalfOf(house_.store_id(), id, counted);
    for (const v1::TransferItem& item : sent.items()) {
      if (item.counted_milli() == item.shipped_milli()) continue;
      v1::SettleTransferDifferenceRequest settle;
      settle.set_transfer_id(id);
      settle.set_transfer_item_id(item.transfer_item_id());
      settle.set_settlement(Chance(50) ? v1::TransferItem::SETTLEMENT_FOUND : v1::TransferItem::SETTLEMENT_WRITTEN_OFF);
      settle.set_reason("looked for it");
      const auto settled = house_.Settle<v1::Transfer>(settle, "group_manager");
      ASSERT_TRUE(settled.ok()) << settled.status();
    }
    const v1::Transfer done = HalfOf(house_.store_id(), id, {v1::Transfer::STATE_CLOSED});
    for (const v1::TransferItem& item : done.items()) {
      const bool found = item.settlement() == v1::TransferItem::SETTLEMENT_FOUND;
      shared_.Shift(part_id, house_.CodeOf(item.location_id()),
                    -item.shipped_milli() + (found ? item.settled_milli() : 0),
                    -item.cost_amount() - (found ? 0 : item.settled_amount()));
      std::lock_guard lock(shared_.mutex);
      shared_.branch.at(part_id).owned += item.received_milli();
      shared_.branch.at(part_id).value += item.cost_amount();
    }
    ++transfers_;
  }
  // The half of this store once it is in one of these states: the other store's news may still be on its way.
  v1::Transfer HalfOf(const std::string& store_id, const std::string& transfer_id,
                      const std::set<v1::Transfer::State>& states) {
    v1::GetTransferRequest request;
    request.set_store_id(store_id);
    request.set_transfer_id(transfer_id);
    v1::Transfer half;
    for (int look = 0; look < 1500; ++look) {
      half = house_.Must<v1::Transfer>(request);
      if (states.count(half.state()) > 0) return half;
      harness::WaitFor(absl::Milliseconds(20));
    }
    ADD_FAILURE() << "the transfer stays as it is: " << half.ShortDebugString();
    return half;
  }

  // One part is counted while the others go on taking it; what the counters write down is anybody's guess, and after
  // the approval the account follows it.
  void Count() {
    v1::PlanStocktakeRequest plan;
    plan.set_kind(v1::Stocktake::KIND_CYCLIC);
    plan.add_part_ids(Any(shared_.part_ids));
    const auto stocktake = house_.Settle<v1::Stocktake>(plan);
    if (!HappenedTogether(stocktake)) return;
    v1::StartStocktakeRequest start;
    start.set_stocktake_id(stocktake->stocktake_id());
    if (!HappenedTogether(house_.Settle<v1::Stocktake>(start))) return GiveUpCount(stocktake->stocktake_id());
    v1::Stocktake now;
    for (const char* counter : {"technician", "team_leader"}) {
      v1::RecordCountsRequest counts;
      counts.set_stocktake_id(stocktake->stocktake_id());
      for (const v1::StocktakeLine& line : LinesOf(stocktake->stocktake_id())) {
        if (line.state() == v1::StocktakeLine::STATE_COUNTED) continue;
        auto& counted = *counts.add_lines();
        counted.set_stocktake_line_id(line.stocktake_line_id());
        counted.set_counted_milli(Quantity(20000));
      }
      if (!HappenedTogether(house_.Settle<v1::RecordCountsResponse>(counts, counter))) break;
      v1::FinishCountingRequest finish;
      finish.set_stocktake_id(stocktake->stocktake_id());
      const auto finished = house_.Settle<v1::Stocktake>(finish);
      if (!HappenedTogether(finished)) break;
      now = *finished;
      if (now.state() == v1::Stocktake::STATE_REVIEW) break;
    }
    v1::ApproveStocktakeRequest approve;
    approve.set_stocktake_id(stocktake->stocktake_id());
    approve.set_reason("counted twice");
    if (!HappenedTogether(house_.Settle<v1::Stocktake>(approve, "group_manager"))) {
      return GiveUpCount(stocktake->stocktake_id());
    }
    for (const v1::StocktakeLine& line : LinesOf(stocktake->stocktake_id())) {
      shared_.Shift(line.part_id(), house_.CodeOf(line.location_id()), line.difference_milli(),
                    line.difference_amount());
    }
    ++counts_;
  }
  std::vector<v1::StocktakeLine> LinesOf(const std::string& stocktake_id) {
    v1::ListStocktakeLinesRequest request;
    request.set_stocktake_id(stocktake_id);
    const auto response = house_.Must<v1::ListStocktakeLinesResponse>(request);
    return {response.stocktake_lines().begin(), response.stocktake_lines().end()};
  }
  void GiveUpCount(const std::string& stocktake_id) {
    v1::CancelStocktakeRequest request;
    request.set_stocktake_id(stocktake_id);
    request.set_reason("no agreement");
    HappenedTogether(house_.Settle<v1::Stocktake>(request));
  }

  House& house_;
  Shared& shared_;
  std::mt19937_64 random_;
  Purchase purchase_;
  std::map<std::string, Shelf> shelves_;
  std::vector<Held> held_, held_together_;
  std::vector<Out> out_, out_together_;
  std::vector<Delivered> delivered_, delivered_together_;
  std::vector<Open> open_, open_together_;
  std::vector<GoingBack> going_back_, going_back_together_;
  int64_t promises_ = 0, done_ = 0, refusals_ = 0, counts_ = 0, transfers_ = 0;
  int64_t bought_ = 0, agreed_ = 0, sent_back_ = 0;
};

class Stock : public testing::Test {
 protected:
  static void SetUpTestSuite() { house_ = std::make_unique<House>(); }
  static void TearDownTestSuite() { house_.reset(); }
  static House& house() { return *house_; }

  void Open(uint64_t seed) {
    for (int i = 0; i < 3; ++i) {
      const v1::Part part = house().APart();
      shared_.part_ids.push_back(part.part_id());
      shared_.bins[part.part_id()];
      shared_.branch[part.part_id()].part_id = house().APart(house().branch_id(), part.part_number()).part_id();
      house().SetPrice(part.part_id(), 9900);
    }
    for (int i = 0; i < kClerks; ++i) clerks_.push_back(std::make_unique<Clerk>(house(), shared_, seed * 100 + i));
  }
  void Round(int operations) {
    std::vector<std::thread> crowd;
    for (auto& clerk : clerks_) crowd.emplace_back([&, operations] { clerk->Work(operations); });
    for (std::thread& one : crowd) one.join();
  }
  void Compare() {
    for (auto& clerk : clerks_) clerk->Compare();
    std::map<std::string, int64_t> reserved, waiting;
    for (const std::string& id : shared_.reservation_ids) {
      const v1::Reservation reservation = house().ReservationOf(id);
      for (const auto& line : reservation.lines()) {
        reserved[line.part_id()] += line.reserved_milli();
        waiting[line.part_id()] += line.short_milli();
      }
    }
    for (const std::string& part_id : shared_.part_ids) {
      const v1::PartStock stock = house().StockOf(part_id);
      int64_t owned = 0, on_hand = 0;
      for (const auto& [bin, quantity] : shared_.bins[part_id]) {
        EXPECT_GE(quantity, 0) << bin;
        owned += quantity;
        on_hand += Serves(bin) ? quantity : 0;
      }
      EXPECT_EQ(stock.on_hand_milli(), on_hand);
      EXPECT_EQ(stock.owned_milli(), owned);
      EXPECT_EQ(stock.value_amount(), shared_.value[part_id]);
      EXPECT_EQ(stock.reserved_milli(), reserved[part_id]);
      EXPECT_EQ(stock.short_milli(), waiting[part_id]);
      EXPECT_TRUE(stock.short_milli() == 0 || stock.available_milli() == 0) << "nothing lies free while somebody waits";
    }
    for (const auto& [part_id, branch] : shared_.branch) {
      const v1::PartStock stock = house().StockOf(branch.part_id, house().branch_id());
      EXPECT_EQ(stock.owned_milli(), branch.owned);
      EXPECT_EQ(stock.value_amount(), branch.value);
    }
    ExpectBooksAgree();
  }
  void ExpectBooksAgree() {
    for (const std::string& store_id : {house().store_id(), house().branch_id()}) {
      EXPECT_EQ(house().Differences(store_id), std::vector<std::string>());
    }
  }
  // How much really happened; a test that only collects refusals proves nothing.
  int64_t Done() const {
    int64_t done = 0;
    for (const auto& clerk : clerks_) done += clerk->done();
    return done;
  }

  static std::unique_ptr<House> house_;
  Shared shared_;
  std::vector<std::unique_ptr<Clerk>> clerks_;
};
std::unique_ptr<House> Stock::house_;

// Handbook: P-03, P-04, P-05, P-09
TEST_F(Stock, HoldsWhatASimpleModelSaysAfterThousandsOfParallelMovements) {
  SCOPED_TRACE(absl::StrCat("AFTERSALES_SEED=", Seed()));
  Open(Seed());
  for (int round = 0; round < 3; ++round) {
    Round(150);
    Compare();
  }
  EXPECT_GT(Done(), 2000);
  int64_t counts = 0, transfers = 0, bought = 0, agreed = 0, sent_back = 0;
  for (const auto& clerk : clerks_) {
    counts += clerk->counts();
    transfers += clerk->transfers();
    bought += clerk->bought();
    agreed += clerk->agreed();
    sent_back += clerk->sent_back();
  }
  EXPECT_GT(counts, 10);
  EXPECT_GT(transfers, 5);
  EXPECT_GT(bought, 80);
  EXPECT_GT(agreed, 80);
  EXPECT_GT(sent_back, 40);
  EXPECT_EQ(house().internal_errors(), 0);
}

// Handbook: P-03, P-04, P-09, G-07
TEST_F(Stock, LosesNothingAndDoublesNothingWhenPartsAndTheDatabaseAreKilled) {
  SCOPED_TRACE(absl::StrCat("AFTERSALES_SEED=", Seed()));
  Open(Seed() + 1);
  std::mt19937_64 random(Seed());
  std::atomic<bool> killing{true};
  std::thread work([&] {
    while (killing) Round(20);
  });
  // From this thread: a process dies with the thread that started it.
  for (int kill = 1; kill <= 6; ++kill) {
    harness::WaitFor(absl::Milliseconds(300 + static_cast<int64_t>(random() % 700)));
    if (kill % 2 == 0) {
      house().database().Kill();
      house().database().Start();
    } else {
      house().suite().Kill("parts");
      house().suite().Start("parts");
    }
  }
  killing = false;
  work.join();
  Compare();
  EXPECT_GT(house().repeats(), 0) << "nobody noticed";
  EXPECT_GT(Done(), 100);
  EXPECT_EQ(house().internal_errors(), 0) << "a lost database is no internal error";
}

// Handbook: P-04
TEST_F(Stock, OfOneHotPartIsNeverOversoldBy64Clients) {
  const v1::Part part = house().APart();
  v1::ReceiveStockRequest receipt;
  auto& goods = *receipt.add_lines();
  goods.set_part_id(part.part_id());
  goods.set_location_id(house().BinNamed("A1"));
  goods.set_quantity_milli(100000);
  goods.set_cost_amount(1234567);
  house().Must<v1::StockDocument>(receipt);
  std::atomic<int> held{0}, refused{0};
  std::vector<std::thread> crowd;
  for (int i = 0; i < 64; ++i) {
    crowd.emplace_back([&] {
      for (int go = 0; go < 3; ++go) {
        v1::CreateReservationRequest request;
        request.set_holder_kind(v1::Reservation::HOLDER_KIND_REPAIR_ORDER);
        request.set_holder_id(house().NewId());
        auto& line = *request.add_lines();
        line.set_holder_line_id(house().NewId());
        line.set_part_id(part.part_id());
        line.set_quantity_milli(3000);
        const auto reservation = house().Settle<v1::Reservation>(request);
        reservation.ok() ? ++held : ++refused;
        if (!reservation.ok()) {
          EXPECT_TRUE(chassis::IsRefusal(reservation.status(), v1::ERROR_REASON_INSUFFICIENT_STOCK))
              << reservation.status();
        }
      }
    });
  }
  for (std::thread& one : crowd) one.join();
  EXPECT_EQ(held, 33);
  EXPECT_EQ(refused, 3 * 64 - 33);
  EXPECT_EQ(house().StockOf(part.part_id()).available_milli(), 1000);
  ExpectBooksAgree();
}

// Handbook: P-04
TEST_F(Stock, GoesToThoseWhoWerePromisedItFirstHoweverTheyCame) {
  const v1::Part part = house().APart();
  constexpr int kWaiting = 64;
  std::vector<std::string> reservations(kWaiting);  // in the order of the promises
  std::vector<std::thread> crowd;
  std::vector<int> order(kWaiting);
  for (int i = 0; i < kWaiting; ++i) order[i] = i;
  std::mt19937_64 random(Seed());
  std::shuffle(order.begin(), order.end(), random);
  for (const int promised : order) {
    crowd.emplace_back([&, promised] {
      v1::CreateReservationRequest request;
      request.set_holder_kind(v1::Reservation::HOLDER_KIND_REPAIR_ORDER);
      request.set_holder_id(house().NewId());
      request.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
      auto& line = *request.add_lines();
      line.set_holder_line_id(house().NewId());
      line.set_part_id(part.part_id());
      line.set_quantity_milli(2000);
      line.mutable_needed_time()->set_seconds(1800000000 + promised);
      reservations[promised] = house().Must<v1::Reservation>(request).reservation_id();
    });
  }
  for (std::thread& one : crowd) one.join();
  const auto receive = [&](int64_t quantity) {
    v1::ReceiveStockRequest receipt;
    auto& goods = *receipt.add_lines();
    goods.set_part_id(part.part_id());
    goods.set_location_id(house().BinNamed("A1"));
    goods.set_quantity_milli(quantity);
    house().Must<v1::StockDocument>(receipt);
  };
  // The first so many hold everything, the next perhaps a part of it, all others nothing.
  const auto expect_first_served = [&](int64_t total) {
    for (const std::string& id : reservations) {
      const int64_t due = std::min<int64_t>(total, 2000);
      EXPECT_EQ(house().ReservationOf(id).lines(0).reserved_milli(), due);
      total -= due;
    }
  };
  receive(2000);
  expect_first_served(2000);
  receive(7000);
  expect_first_served(9000);
  std::vector<std::thread> vans;
  for (int i = 0; i < 12; ++i) vans.emplace_back([&] { receive(4500); });
  for (std::thread& van : vans) van.join();
  expect_first_served(9000 + 12 * 4500);
  ExpectBooksAgree();
}

}  // namespace
}  // namespace stock
