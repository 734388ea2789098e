// The rooms of parts-svc.
#include "parts-svc/parts.h"

#include "parts-svc/catalogue/catalogue_service.h"
#include "parts-svc/catalogue/import_service.h"
#include "parts-svc/issue/issue_service.h"
#include "parts-svc/ledger/ledger_service.h"
#include "parts-svc/location/location_service.h"
#include "parts-svc/policy/policy_service.h"
#include "parts-svc/reservation/reservation_service.h"

namespace parts {

chassis::ServiceDefinition Definition() {
  return {"parts-svc", "aftersales.parts.v1", [](chassis::Rooms& rooms) {
            rooms.Add<PolicyService>();
            rooms.Add<CatalogueService>();
            rooms.Add<ImportService>();
            rooms.Add<LocationService>();
            rooms.Add<LedgerService>();
            rooms.Add<ReservationService>();
            rooms.Add<IssueService>();
          }};
}

}  // namespace parts
