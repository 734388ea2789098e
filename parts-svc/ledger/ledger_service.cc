// The ledger room; see ledger_service.h.
#include "parts-svc/ledger/ledger_service.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "parts-svc/ledger/ledger_checks.h"
#include "parts-svc/location/location_rules.h"

namespace parts {
namespace {

using chassis::UnitOfWork;

// A movement of one line; parties and cost are set by the caller.
template <typename Line>
v1::StockMovement MovementOf(UnitOfWork& work, const Line& line, const PartsById& parts, int64_t quantity_milli) {
  v1::StockMovement movement;
  movement.set_store_id(work.store_id());
  movement.set_stock_movement_id(work.NewId());
  movement.set_part_id(line.part_id());
  movement.set_part_number(parts.at(line.part_id()).part_number());
  movement.set_quantity_milli(quantity_milli);
  movement.set_batch_code(line.batch_code());
  return movement;
}

template <typename Lines>
FieldsByPart Fields(const Lines& lines, const std::string& name) {
  FieldsByPart fields;
  for (int i = 0; i < lines.size(); ++i) fields.emplace(lines[i].part_id(), absl::StrCat("lines[", i, "].", name));
  return fields;
}

std::string At(int line, const std::string& field) { return absl::StrCat("lines[", line, "].", field); }

v1::StockDocument Document(UnitOfWork& work, v1::DocumentKind kind, const std::string& number) {
  v1::StockDocument document;
  document.set_store_id(work.store_id());
  document.set_stock_document_id(work.NewId());
  document.set_number(number);
  document.set_kind(kind);
  document.set_actor(work.actor().subject);
  return document;
}

}  // namespace

LedgerService::LedgerService(chassis::Rooms& rooms)
    : store_(rooms.host.cipher()),
      catalogue_(rooms.host.cipher()),
      locations_(rooms.host.cipher()),
      book_(rooms.host.cipher()),
      purchase_orders_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &LedgerService::Receive);
  rooms.rpcs.On(this, &LedgerService::Move);
  rooms.rpcs.On(this, &LedgerService::Adjust);
  rooms.rpcs.On(this, &LedgerService::GetStock);
  rooms.rpcs.On(this, &LedgerService::ListStocks);
  rooms.rpcs.On(this, &LedgerService::GetDocument);
  rooms.rpcs.Standard<v1::StockMovement>(store_.movements());
  rooms.rpcs.Standard<v1::StockDocument>(store_.documents());
  rooms.Verify("stock_on_hand", VerifyOnHand);
  rooms.Verify("stock_value", VerifyValue);
  rooms.Verify("stock_documents", VerifyDocuments);
}

template <typename Lines>
absl::StatusOr<LedgerService::Named> LedgerService::Find(UnitOfWork& work, const Lines& lines,
                                                         const std::vector<std::string>& location_fields) {
  std::vector<std::string> part_ids, location_ids;
  const auto* line_type = lines[0].GetDescriptor();
  const auto location_of = [&](int i, const std::string& field) {
    return lines[i].GetReflection()->GetString(lines[i], line_type->FindFieldByName(field));
  };
  for (int i = 0; i < lines.size(); ++i) {
    part_ids.push_back(lines[i].part_id());
    for (const std::string& field : location_fields) location_ids.push_back(location_of(i, field));
  }
  Named named;
  ASSIGN_OR_RETURN(named.parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
  ASSIGN_OR_RETURN(named.places, locations_.ByIds(work.sql(), work.store_id(), location_ids));
  std::vector<std::string> missing, fields;
  for (int i = 0; i < lines.size(); ++i) {
    if (named.parts.count(lines[i].part_id()) == 0) {
      missing.push_back(lines[i].part_id());
      fields.push_back(At(i, "part_id"));
    }
    for (const std::string& field : location_fields) {
      const auto place = named.places.find(location_of(i, field));
      if (place == named.places.end()) {
        return chassis::NotFound("location", location_of(i, field)).At(At(i, field), "没有此库位", "does not exist");
      }
      RETURN_IF_ERROR(CheckBin(place->second, At(i, field)));
    }
  }
  if (!missing.empty()) return UnknownParts(missing, fields);
  return named;
}

absl::StatusOr<v1::StockDocument> LedgerService::Receive(chassis::Call& call, const v1::ReceiveStockRequest& request) {
  const bool opening = request.source() == v1::ReceiveStockRequest::SOURCE_OPENING;
  if (opening && !call.CallerIs(aftersales::options::v1::ROLE_PARTS_MANAGER)) {
    return chassis::Refuse(v1::ERROR_REASON_OPENING_BY_MANAGER)
        .At("source", "须由配件经理录入", "is for the parts manager");
  }
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber(opening ? "OPN" : "RCV"));
  return call.Transact<v1::StockDocument>([&](UnitOfWork& work) -> absl::StatusOr<v1::StockDocument> {
    ASSIGN_OR_RETURN(const Named named, Find(work, request.lines(), {"location_id"}));
    const std::string source =
        AccountId(work.store_id(), opening ? v1::Location::KIND_OPENING : v1::Location::KIND_SUPPLIER);
    std::vector<v1::StockMovement> movements;
    for (int i = 0; i < request.lines_size(); ++i) {
      const auto& line = request.lines(i);
      const v1::Part& part = named.parts.at(line.part_id());
      RETURN_IF_ERROR(CheckQuantity(part, line.quantity_milli(), At(i, "quantity_milli")));
      RETURN_IF_ERROR(CheckBatch(part, line.quantity_milli(), line.batch_code(), absl::StrCat("lines[", i, "]")));
      v1::StockMovement& movement = movements.emplace_back(MovementOf(work, line, named.parts, line.quantity_milli()));
      movement.set_from_location_id(source);
      movement.set_to_location_id(line.location_id());
      movement.set_cost_amount(line.cost_amount());
    }
    v1::StockDocument document =
        Document(work, opening ? v1::DOCUMENT_KIND_OPENING : v1::DOCUMENT_KIND_RECEIPT, number);
    document.set_reference(request.reference());
    return Post(work, std::move(document), named, std::move(movements), {});
  });
}

absl::StatusOr<v1::StockDocument> LedgerService::Move(chassis::Call& call, const v1::MoveStockRequest& request) {
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("MOV"));
  return call.Transact<v1::StockDocument>([&](UnitOfWork& work) -> absl::StatusOr<v1::StockDocument> {
    ASSIGN_OR_RETURN(const Named named, Find(work, request.lines(), {"from_location_id", "to_location_id"}));
    std::vector<std::string> part_ids;
    for (const auto& [part_id, part] : named.parts) part_ids.push_back(part_id);
    ASSIGN_OR_RETURN(const StocksByPart stocks, store_.Stocks(work.sql(), work.store_id(), part_ids));
    std::vector<v1::StockMovement> movements;
    for (int i = 0; i < request.lines_size(); ++i) {
      const auto& line = request.lines(i);
      const v1::Part& part = named.parts.at(line.part_id());
      RETURN_IF_ERROR(CheckQuantity(part, line.quantity_milli(), At(i, "quantity_milli")));
      RETURN_IF_ERROR(CheckBatch(part, line.quantity_milli(), line.batch_code(), absl::StrCat("lines[", i, "]")));
      if (line.from_location_id() == line.to_location_id()) {
        return chassis::InvalidField(At(i, "to_location_id"), "与原库位相同", "is the bin it comes from");
      }
      v1::StockMovement& movement = movements.emplace_back(MovementOf(work, line, named.parts, line.quantity_milli()));
      movement.set_from_location_id(line.from_location_id());
      movement.set_to_location_id(line.to_location_id());
      // Value stays in the store: both sides carry the same cost, so an average read without a lock does no harm.
      movement.set_cost_amount(CostOf(stocks.at(line.part_id()), line.quantity_milli()));
    }
    v1::StockDocument document = Document(work, v1::DOCUMENT_KIND_MOVE, number);
    document.set_reason(request.reason());
    return Post(work, std::move(document), named, std::move(movements), Fields(request.lines(), "quantity_milli"));
  });
}

absl::StatusOr<v1::StockDocument> LedgerService::Adjust(chassis::Call& call, const v1::AdjustStockRequest& request) {
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("ADJ"));
  return call.Transact<v1::StockDocument>([&](UnitOfWork& work) -> absl::StatusOr<v1::StockDocument> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const Named named, Find(work, request.lines(), {"location_id"}));
    std::vector<std::string> part_ids;
    for (const auto& [part_id, part] : named.parts) part_ids.push_back(part_id);
    ASSIGN_OR_RETURN(const auto balances, store_.LockBalances(work, part_ids));
    ASSIGN_OR_RETURN(StocksByPart stocks, store_.LockStocks(work, part_ids));
    const std::string variance = AccountId(work.store_id(), v1::Location::KIND_VARIANCE);
    std::vector<v1::StockMovement> movements;
    for (int i = 0; i < request.lines_size(); ++i) {
      const auto& line = request.lines(i);
      const v1::Part& part = named.parts.at(line.part_id());
      const bool found = line.difference_milli() > 0;
      const int64_t quantity_milli = found ? line.difference_milli() : -line.difference_milli();
      RETURN_IF_ERROR(CheckQuantity(part, quantity_milli, At(i, "difference_milli")));
      RETURN_IF_ERROR(CheckBatch(part, quantity_milli, line.batch_code(), absl::StrCat("lines[", i, "]")));
      v1::PartStock& stock = stocks.at(line.part_id());
      v1::StockMovement& movement = movements.emplace_back(MovementOf(work, line, named.parts, quantity_milli));
      movement.set_from_location_id(found ? variance : line.location_id());
      movement.set_to_location_id(found ? line.location_id() : variance);
      movement.set_cost_amount(found ? CostOfFound(stock, quantity_milli) : CostOf(stock, quantity_milli));
      // The next line of the same part starts from here.
      stock.set_owned_milli(stock.owned_milli() + line.difference_milli());
      stock.set_value_amount(stock.value_amount() + (found ? 1 : -1) * movement.cost_amount());
    }
    v1::StockDocument document = Document(work, v1::DOCUMENT_KIND_ADJUSTMENT, number);
    document.set_reason(request.reason());
    document.set_reference(request.reference());
    return Post(work, std::move(document), named, std::move(movements), Fields(request.lines(), "difference_milli"));
  });
}

absl::StatusOr<v1::StockDocument> LedgerService::Post(UnitOfWork& work, v1::StockDocument document, const Named& named,
                                                      std::vector<v1::StockMovement> movements,
                                                      const FieldsByPart& fields) {
  RETURN_IF_ERROR(store_.documents().Insert(work, document));
  RETURN_IF_ERROR(book_.Post(work,
                             {document.kind(), document.stock_document_id(), document.number(), document.reason()},
                             named.parts, named.places, movements, fields));
  *document.mutable_movements() = {movements.begin(), movements.end()};
  return document;
}

absl::StatusOr<v1::PartStock> LedgerService::GetStock(chassis::Call& call, const v1::GetPartStockRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::PartStock> {
    ASSIGN_OR_RETURN(v1::PartStock stock, store_.stocks().Get(session, request.store_id(), request.part_id()));
    Derive(stock);
    ASSIGN_OR_RETURN(const auto balances, store_.Balances(session, request.store_id(), request.part_id()));
    *stock.mutable_balances() = {balances.begin(), balances.end()};
    ASSIGN_OR_RETURN(auto on_order, purchase_orders_.OnOrderByPart(session, request.store_id(), {request.part_id()}));
    stock.set_on_order_milli(on_order[request.part_id()].on_order_milli);
    stock.set_expected_date(on_order[request.part_id()].expected_date);
    return stock;
  });
}

absl::StatusOr<v1::ListPartStocksResponse> LedgerService::ListStocks(chassis::Call& call,
                                                                     const v1::ListPartStocksRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::ListPartStocksResponse> {
    chassis::records::ListQuery query = chassis::records::QueryFrom(request);
    query.scope = request.store_id();
    v1::ListPartStocksResponse response;
    RETURN_IF_ERROR(store_.stocks().List(
        session, query, [&] { return response.add_part_stocks(); }, *response.mutable_next_page_token()));
    for (v1::PartStock& stock : *response.mutable_part_stocks()) Derive(stock);
    return response;
  });
}

absl::StatusOr<v1::StockDocument> LedgerService::GetDocument(chassis::Call& call,
                                                             const v1::GetStockDocumentRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::StockDocument> {
    ASSIGN_OR_RETURN(v1::StockDocument document,
                     store_.documents().Get(session, request.store_id(), request.stock_document_id()));
    ASSIGN_OR_RETURN(const auto movements,
                     store_.MovementsOf(session, request.store_id(), request.stock_document_id()));
    *document.mutable_movements() = {movements.begin(), movements.end()};
    return document;
  });
}

}  // namespace parts
