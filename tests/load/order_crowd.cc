#include "tests/load/order_crowd.h"

#include <cstdio>

namespace load {

namespace reception = aftersales::reception::v1;

OrderCrowd::OrderCrowd(const std::string& target, const std::string& tls_directory,
                       chassis::identity::TokenIssuer& issuer, demo::TimeMachine& time,
                       const aftersales::common::v1::Store& store, int callers) {
  for (int i = 0; i < callers; ++i) {
    callers_.push_back(std::make_unique<Caller>(target, tls_directory, issuer, time, store));
  }
}

Visits OrderCrowd::CheckIn(const std::string& customer_id, int first_serial, int count) {
  Visits visits(count);
  const int callers = static_cast<int>(callers_.size());
  std::atomic<int> next{0};
  std::atomic<bool> told{false};
  const Outcome outcome = Drive(callers, (count + callers - 1) / callers, 0, [&](int caller, int) {
    const int mine = next++;
    if (mine >= count) return true;
    try {
      demo::QuickOrder& orders = callers_[caller]->orders;
      visits[mine] = orders.CheckedIn(orders.Vehicle(customer_id, first_serial + mine));
      return true;
    } catch (const demo::StepFailed& failed) {
      if (!told.exchange(true)) std::fprintf(stderr, "check-in: %s\n", failed.what());
      return false;
    }
  });
  if (outcome.failures > 0) throw demo::StepFailed("vehicles could not be checked in");
  return visits;
}

Outcome OrderCrowd::Order(const Visits& visits) {
  const int callers = static_cast<int>(callers_.size());
  const int each = static_cast<int>(visits.size()) / callers;
  std::atomic<bool> told{false};
  return Drive(callers, each, 0, [&](int caller, int number) {
    try {
      Play(*callers_[caller], visits[caller * each + number]);
      return true;
    } catch (const demo::StepFailed& failed) {
      if (!told.exchange(true)) std::fprintf(stderr, "order: %s\n", failed.what());
      return false;
    }
  });
}

void OrderCrowd::OrderOne(const reception::Visit& visit) { Play(*callers_.front(), visit); }

void OrderCrowd::Play(Caller& caller, const reception::Visit& visit) {
  const auto signed_order = caller.orders.Signed(caller.orders.Estimated(visit));
  const auto released =
      caller.stage.Do<reception::RepairOrder>(caller.cast.adviser, caller.orders.ReleaseRequest(signed_order));
  if (released.state() != reception::RepairOrder::STATE_RELEASED) {
    throw demo::StepFailed("the order is " + demo::StateOf(released) + ": " + released.process_refusal());
  }
}

}  // namespace load
