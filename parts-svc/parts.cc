// The rooms of parts-svc.
#include "parts-svc/parts.h"

#include "parts-svc/batch/batch_service.h"
#include "parts-svc/buyer/buyer_service.h"
#include "parts-svc/catalogue/catalogue_service.h"
#include "parts-svc/catalogue/import_service.h"
#include "parts-svc/consignment/consignment_service.h"
#include "parts-svc/contract/contract_service.h"
#include "parts-svc/demand/demand_service.h"
#include "parts-svc/figures/figures_service.h"
#include "parts-svc/forms/form_service.h"
#include "parts-svc/import/part_import_service.h"
#include "parts-svc/indicators/indicators_service.h"
#include "parts-svc/issue/issue_service.h"
#include "parts-svc/kit/kit_service.h"
#include "parts-svc/ledger/ledger_service.h"
#include "parts-svc/location/location_service.h"
#include "parts-svc/old_part/old_part_run_service.h"
#include "parts-svc/old_part/old_part_service.h"
#include "parts-svc/payable/payable_service.h"
#include "parts-svc/policy/policy_service.h"
#include "parts-svc/price_proposal/price_proposal_service.h"
#include "parts-svc/purchase_order/purchase_order_service.h"
#include "parts-svc/recall/recall_service.h"
#include "parts-svc/receivable/receivable_service.h"
#include "parts-svc/receiving/receiving_service.h"
#include "parts-svc/replenishment/replenishment_service.h"
#include "parts-svc/reservation/reservation_service.h"
#include "parts-svc/sale/sale_delivery_service.h"
#include "parts-svc/sale/sale_service.h"
#include "parts-svc/sales_plan/sales_plan_service.h"
#include "parts-svc/special_order/special_order_service.h"
#include "parts-svc/stocktake/stocktake_service.h"
#include "parts-svc/supplier/supplier_service.h"
#include "parts-svc/supplier_claim/claim_service.h"
#include "parts-svc/supplier_invoice/supplier_invoice_service.h"
#include "parts-svc/supplier_return/supplier_return_service.h"
#include "parts-svc/transfer/transfer_service.h"
#include "parts-svc/warranty_requisition/requisition_service.h"
#include "parts-svc/working_stock/working_stock_service.h"

namespace parts {

chassis::ServiceDefinition Definition() {
  return {"parts-svc", "aftersales.parts.v1", [](chassis::Rooms& rooms) {
            rooms.Add<PolicyService>();
            rooms.Add<CatalogueService>();
            rooms.Add<ImportService>();
            rooms.Add<PartImportService>();
            rooms.Add<KitService>();
            rooms.Add<PriceProposalService>();
            rooms.Add<BatchService>();
            rooms.Add<RecallService>();
            rooms.Add<LocationService>();
            rooms.Add<LedgerService>();
            rooms.Add<ReservationService>();
            rooms.Add<IssueService>();
            rooms.Add<ReceivingService>();
            rooms.Add<SupplierReturnService>();
            rooms.Add<SupplierInvoiceService>();
            rooms.Add<PayableService>();
            rooms.Add<SupplierService>();
            rooms.Add<ContractService>();
            rooms.Add<PurchaseOrderService>();
            rooms.Add<SpecialOrderService>();
            rooms.Add<StocktakeService>();
            rooms.Add<TransferService>();
            rooms.Add<WorkingStockService>();
            rooms.Add<ConsignmentService>();
            rooms.Add<DemandService>();
            rooms.Add<ReplenishmentService>();
            rooms.Add<IndicatorsService>();
            rooms.Add<FormService>();
            rooms.Add<BuyerService>();
            rooms.Add<SaleService>();
            rooms.Add<SaleDeliveryService>();
            rooms.Add<ReceivableService>();
            rooms.Add<SalesPlanService>();
            rooms.Add<SupplierClaimService>();
            rooms.Add<WarrantyRequisitionService>();
            rooms.Add<OldPartRunService>();
            rooms.Add<OldPartService>();
            rooms.Add<FiguresService>();
          }};
}

}  // namespace parts
