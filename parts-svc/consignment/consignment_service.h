// The consignment room (P-02): accounts of service stations that keep goods of ours.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/buyer/buyer_store.h"
#include "parts-svc/consignment/consignment_store.h"
#include "parts-svc/receivable/till.h"
#include "parts-svc/working_stock/carrying.h"

namespace parts {

class ConsignmentService {
 public:
  explicit ConsignmentService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::ConsignmentNote> Ship(chassis::Call& call, const v1::ShipConsignmentRequest& request);
  absl::StatusOr<v1::ConsignmentNote> Return(chassis::Call& call, const v1::ReturnConsignmentRequest& request);
  absl::StatusOr<v1::ConsignmentNote> Report(chassis::Call& call, const v1::ReportConsumptionRequest& request);
  absl::StatusOr<v1::ConsignmentStatement> Statement(chassis::Call& call,
                                                     const v1::GetConsignmentStatementRequest& request);

  // A note of the station's account, still without goods. NOT_CONSIGNMENT.
  absl::StatusOr<v1::ConsignmentNote> Note(chassis::UnitOfWork& work, const std::string& location_id,
                                           const std::string& number, v1::ConsignmentNote::Kind kind);
  // The note as it was made; counts its lines.
  absl::StatusOr<v1::ConsignmentNote> Counted(absl::StatusOr<v1::ConsignmentNote> note);
  // Makes, signs and books a shipment or a return.
  template <typename Request>
  absl::StatusOr<v1::ConsignmentNote> Carry(chassis::Call& call, const Request& request,
                                            v1::ConsignmentNote::Kind kind);

  // The buyer the station is owes what it sold, by his terms. STATION_WITHOUT_BUYER.
  absl::Status Owe(chassis::UnitOfWork& work, const std::string& time_zone, const std::string& receivable_number,
                   v1::ConsignmentNote& note);

  chassis::Host& host_;
  CatalogueStore catalogue_;
  LocationStore locations_;
  BuyerStore buyers_;
  ConsignmentStore store_;
  Carrying carrying_;
  Till till_;
};

}  // namespace parts
