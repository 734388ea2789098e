#include "reception-svc/reception.h"

#include "reception-svc/appointment/appointment_service.h"
#include "reception-svc/board/board_service.h"
#include "reception-svc/price_list/price_list_service.h"
#include "reception-svc/store/store_service.h"
#include "reception-svc/visit/visit_service.h"

namespace reception {

chassis::ServiceDefinition Definition() {
  return {"reception-svc", "aftersales.reception.v1", [](chassis::Rooms& rooms) {
            rooms.Add<StoreService>();
            rooms.Add<PriceListService>();
            rooms.Add<AppointmentService>();
            rooms.Add<VisitService>();
            rooms.Add<BoardService>();
          }};
}

}  // namespace reception
