#include "reception-svc/reception.h"

#include "reception-svc/add_on/add_on_service.h"
#include "reception-svc/appointment/appointment_service.h"
#include "reception-svc/board/board_service.h"
#include "reception-svc/coverage/coverage_service.h"
#include "reception-svc/delivery/delivery_service.h"
#include "reception-svc/diagnosis/diagnosis_service.h"
#include "reception-svc/estimate/estimate_service.h"
#include "reception-svc/figures/figures_service.h"
#include "reception-svc/gate_pass/gate_pass_service.h"
#include "reception-svc/parts_news/parts_news.h"
#include "reception-svc/payer_share/payer_share_service.h"
#include "reception-svc/payment/payment_service.h"
#include "reception-svc/price_list/price_list_service.h"
#include "reception-svc/release/release_service.h"
#include "reception-svc/repair_order/repair_order_service.h"
#include "reception-svc/settlement/settlement_service.h"
#include "reception-svc/store/store_service.h"
#include "reception-svc/visit/visit_service.h"
#include "reception-svc/workshop_news/workshop_news.h"

namespace reception {

chassis::ServiceDefinition Definition() {
  return {"reception-svc", "aftersales.reception.v1", [](chassis::Rooms& rooms) {
            // In the order a vehicle meets them.
            rooms.Add<StoreService>();
            rooms.Add<PriceListService>();
            rooms.Add<AppointmentService>();
            rooms.Add<VisitService>();
            rooms.Add<DiagnosisService>();
            rooms.Add<CoverageService>();
            rooms.Add<RepairOrderService>();
            rooms.Add<EstimateService>();
            rooms.Add<ReleaseService>();
            rooms.Add<WorkshopNews>();
            rooms.Add<PartsNews>();
            rooms.Add<AddOnService>();
            rooms.Add<DeliveryService>();
            rooms.Add<SettlementService>();
            rooms.Add<PaymentService>();
            rooms.Add<PayerShareService>();
            rooms.Add<GatePassService>();
            rooms.Add<BoardService>();
            rooms.Add<FiguresService>();
          }};
}

}  // namespace reception
