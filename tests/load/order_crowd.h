// Callers who take repair orders of prepared visits from creation to release: what the load programs time. Each caller
// has a channel and tokens of its own, as separate clients would.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "aftersales/common/v1/store.pb.h"
#include "aftersales/reception/v1/visit.pb.h"
#include "chassis/identity/identity.h"
#include "tests/demo/quick_order.h"
#include "tests/demo/suite_stage.h"
#include "tests/load/load.h"

namespace load {

using Visits = std::vector<aftersales::reception::v1::Visit>;

class OrderCrowd {
 public:
  // `target` is the gateway or reception-svc itself.
  OrderCrowd(const std::string& target, const std::string& tls_directory, chassis::identity::TokenIssuer& issuer,
             demo::TimeMachine& time, const aftersales::common::v1::Store& store, int callers);

  // Vehicles with these serials, archived for the customer and checked in. Needs the gateway as target, because
  // vehicles are crm-svc's. Throws demo::StepFailed.
  Visits CheckIn(const std::string& customer_id, int first_serial, int count);
  // Created, covered, estimated, promised, signed, released. The visits are shared out evenly.
  Outcome Order(const Visits& visits);
  // One, by the first caller.
  void OrderOne(const aftersales::reception::v1::Visit& visit);
  std::string Customer(const std::string& phone) { return callers_.front()->orders.Customer(phone); }

 private:
  struct Caller {
    Caller(const std::string& target, const std::string& tls_directory, chassis::identity::TokenIssuer& issuer,
           demo::TimeMachine& time, const aftersales::common::v1::Store& store)
        : client(target, tls_directory), cast(store), stage(client, issuer, time, narrator), orders(stage, store) {}
    demo::Quiet narrator;
    chassis::SuiteClient client;
    demo::Cast cast;
    demo::Stage stage;
    demo::QuickOrder orders;
  };
  static void Play(Caller& caller, const aftersales::reception::v1::Visit& visit);

  std::vector<std::unique_ptr<Caller>> callers_;
};

}  // namespace load
