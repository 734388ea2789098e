// The RPCs of visits and check-in: the gate, the greeting, the walk around the vehicle, belongings,
// papers and keys, the customer's words, and the end of a visit without repair.
#pragma once

#include "aftersales/crm/v1/check_in.pb.h"
#include "aftersales/reception/v1/visit.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/appointment/appointment_store.h"
#include "reception-svc/board/board_store.h"
#include "reception-svc/visit/visit_closing.h"
#include "reception-svc/visit/visit_store.h"

namespace reception {

class VisitService {
 public:
  explicit VisitService(chassis::Rooms& rooms);
  const VisitStore& store() const { return store_; }
  const VisitClosing& closing() const { return closing_; }

 private:
  using Visit = aftersales::reception::v1::Visit;

  absl::StatusOr<Visit> RecordArrival(chassis::Call& call,
                                      const aftersales::reception::v1::RecordArrivalRequest& request);
  absl::StatusOr<Visit> Greet(chassis::Call& call, const aftersales::reception::v1::GreetVisitRequest& request);
  absl::StatusOr<Visit> Open(chassis::Call& call, const aftersales::reception::v1::OpenVisitRequest& request);
  absl::StatusOr<Visit> LinkCustomer(chassis::Call& call,
                                     const aftersales::reception::v1::LinkCustomerRequest& request);
  absl::StatusOr<aftersales::reception::v1::WalkAround> RecordWalkAround(
      chassis::Call& call, const aftersales::reception::v1::RecordWalkAroundRequest& request);
  absl::StatusOr<aftersales::reception::v1::Belongings> RecordBelongings(
      chassis::Call& call, const aftersales::reception::v1::RecordBelongingsRequest& request);
  absl::StatusOr<aftersales::reception::v1::Custody> RecordCustody(
      chassis::Call& call, const aftersales::reception::v1::RecordCustodyRequest& request);
  absl::StatusOr<aftersales::reception::v1::CustomerStatement> RecordCustomerStatement(
      chassis::Call& call, const aftersales::reception::v1::RecordCustomerStatementRequest& request);
  absl::StatusOr<aftersales::reception::v1::CheckIn> GetCheckIn(
      chassis::Call& call, const aftersales::reception::v1::GetCheckInRequest& request);
  absl::StatusOr<Visit> Close(chassis::Call& call, const aftersales::reception::v1::CloseVisitRequest& request);
  absl::StatusOr<aftersales::reception::v1::VisitStatistics> GetStatistics(
      chassis::Call& call, const aftersales::reception::v1::GetVisitStatisticsRequest& request);

  // The appointment the arriving vehicle has today, or the one the guard named; empty message when there is none.
  absl::StatusOr<aftersales::reception::v1::Appointment> AppointmentOf(
      chassis::UnitOfWork& work, const aftersales::reception::v1::RecordArrivalRequest& request,
      const std::string& time_zone) const;
  absl::StatusOr<Visit> LoadVisit(chassis::Call& call, const std::string& visit_id);
  // CRM's answer for the visit's vehicle: by its archive when linked, else by plate.
  absl::StatusOr<aftersales::crm::v1::CheckInSummary> AskSummary(chassis::Call& call, const Visit& visit);

  VisitStore store_;
  AppointmentStore appointments_;
  BoardStore board_;
  VisitClosing closing_;
  prometheus::Histogram& greeting_seconds_;
};

}  // namespace reception
