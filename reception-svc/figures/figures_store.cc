#include "reception-svc/figures/figures_store.h"

#include <iterator>
#include <utility>

namespace reception {
namespace {

using Family = chassis::Census::Family;

// What a window of 30 days holds changes slowly and costs more to read than what is open now.
constexpr absl::Duration kWindowEvery = absl::Minutes(5);

std::vector<Family> OfAppointments() {
  return {
      {.name = "reception_appointments",
       .help = "Appointments that began in the last 24 hours or are still to come, by state (R-01, R-02, R-05).",
       .labels = {{"state", {"initiated", "wait_listed", "confirmed", "arrived", "fulfilled", "no_show", "cancelled"}}},
       .sql = R"(SELECT store_id, state, COUNT(*) AS value
                 FROM appointment
                 WHERE state IN ('INITIATED', 'WAIT_LISTED', 'CONFIRMED', 'ARRIVED', 'FULFILLED', 'NO_SHOW',
                                 'CANCELLED')
                   AND start_time >= :day_ago
                 GROUP BY store_id, state)"},
      {.name = "reception_appointment_wishes_waiting",
       .help = "Appointments still to come that wait for a slot (R-02).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM appointment
                 WHERE state = 'WAIT_LISTED' AND start_time >= :now
                 GROUP BY store_id)"},
      {.name = "reception_appointment_show_ratio",
       .help = "Share of the confirmed appointments of the last 30 days whose vehicle came (R-04).",
       .sql = R"(SELECT store_id, CAST(SUM(arrive_time IS NOT NULL) AS SIGNED) AS numerator, COUNT(*) AS denominator
                 FROM appointment
                 WHERE state IN ('INITIATED', 'WAIT_LISTED', 'CONFIRMED', 'ARRIVED', 'FULFILLED', 'NO_SHOW',
                                 'CANCELLED')
                   AND start_time >= :month_ago AND start_time < :now AND confirm_time IS NOT NULL
                 GROUP BY store_id)"},
      {.name = "reception_deposits_held_amount",
       .help = "Deposits held for appointments, in the currency's smallest unit (R-03).",
       .sql = R"(SELECT store_id, CAST(SUM(amount) AS SIGNED) AS value
                 FROM appointment_deposit
                 WHERE state = 'HELD'
                 GROUP BY store_id)"},
  };
}

std::vector<Family> OfVisits() {
  return {
      {.name = "reception_visits_open",
       .help = "Visits not ended, by state (R-10, R-11).",
       .labels = {{"state", {"waiting", "greeted", "open"}}},
       .sql = R"(SELECT store_id, state, COUNT(*) AS value
                 FROM visit
                 WHERE state IN ('WAITING', 'GREETED', 'OPEN')
                 GROUP BY store_id, state)"},
      {.name = "reception_greeting_in_time_ratio",
       .help = "Share of the visits of the last 30 days that were greeted within the store's seconds, of those greeted "
               "(R-10).",
       .sql = R"(SELECT store_id, CAST(SUM(greeted_in_time) AS SIGNED) AS numerator, COUNT(*) AS denominator
                 FROM visit
                 WHERE state IN ('GREETED', 'OPEN', 'CLOSED') AND arrival_time >= :month_ago
                   AND greet_time IS NOT NULL
                 GROUP BY store_id)"},
      {.name = "reception_unidentified_visits",
       .help = "Open visits of a vehicle whose customer or vehicle archive is not linked (R-05, R-15).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM visit
                 WHERE state = 'OPEN' AND without_vehicle = 0 AND (customer_id IS NULL OR vehicle_id IS NULL)
                 GROUP BY store_id)"},
      {.name = "reception_check_ins_incomplete",
       .help = "Open visits for diagnosis or repair that lack the walk-around, the belongings, papers and keys or the "
               "customer's archive (R-12, R-13, R-15).",
       .sql = R"(SELECT v.store_id, COUNT(*) AS value
                 FROM visit v
                   LEFT JOIN walk_around w ON w.store_id = v.store_id AND w.visit_id = v.visit_id
                   LEFT JOIN belongings b ON b.store_id = v.store_id AND b.visit_id = v.visit_id
                   LEFT JOIN custody c ON c.store_id = v.store_id AND c.visit_id = v.visit_id
                 WHERE v.state = 'OPEN' AND v.without_vehicle = 0
                   AND v.purpose IN ('DIAGNOSIS', 'REPAIR', 'INSURANCE_REPAIR')
                   AND (w.visit_id IS NULL OR b.visit_id IS NULL OR c.visit_id IS NULL
                        OR v.customer_id IS NULL OR v.vehicle_id IS NULL)
                 GROUP BY v.store_id)"},
      {.name = "reception_visits_without_statement",
       .help = "Open visits for diagnosis or repair without the customer's own words (R-14).",
       .sql = R"(SELECT v.store_id, COUNT(*) AS value
                 FROM visit v
                 WHERE v.state = 'OPEN' AND v.purpose IN ('DIAGNOSIS', 'REPAIR', 'INSURANCE_REPAIR')
                   AND NOT EXISTS (SELECT 1 FROM customer_statement s
                                   WHERE s.store_id = v.store_id AND s.visit_id = v.visit_id)
                 GROUP BY v.store_id)"},
      {.name = "reception_keys_held",
       .help = "Vehicles of open visits whose keys hang in the store (R-13).",
       .sql = R"(SELECT v.store_id, COUNT(*) AS value
                 FROM visit v
                   JOIN custody c ON c.store_id = v.store_id AND c.visit_id = v.visit_id
                 WHERE v.state = 'OPEN' AND c.held_key_tag IS NOT NULL
                 GROUP BY v.store_id)"},
  };
}

std::vector<Family> OfTheBoard() {
  return {
      {.name = "reception_board_vehicles",
       .help = "Vehicles in the store, by stage (R-34).",
       .labels = {{"stage",
                   {"vehicle_received", "evaluation", "proposal_build", "awaiting_customer_authorization",
                    "waiting_for_workshop", "work_in_progress", "parts_ordered", "quality_assurance", "detailing",
                    "completed", "invoice", "checkout"}}},
       .sql = R"(SELECT store_id, stage, COUNT(*) AS value
                 FROM board_entry
                 WHERE on_board = 1
                 GROUP BY store_id, stage)"},
      {.name = "reception_board_late_vehicles",
       .help = "Vehicles in the store past their promised time, by stage (R-34).",
       .labels = {{"stage",
                   {"vehicle_received", "evaluation", "proposal_build", "awaiting_customer_authorization",
                    "waiting_for_workshop", "work_in_progress", "parts_ordered", "quality_assurance", "detailing"}}},
       .sql = R"(SELECT store_id, stage, COUNT(*) AS value
                 FROM board_entry
                 WHERE on_board = 1 AND promised_time < :now
                   AND stage NOT IN ('COMPLETED', 'INVOICE', 'CHECKOUT')
                 GROUP BY store_id, stage)"},
      {.name = "reception_vehicles_waiting_take_back",
       .help = "Vehicles the workshop has finished and the adviser has not taken back (R-40).",
       .sql = R"(SELECT o.store_id, COUNT(*) AS value
                 FROM repair_order o
                   JOIN board_entry b ON b.store_id = o.store_id AND b.visit_id = o.visit_id
                 WHERE o.state = 'RELEASED' AND b.on_board = 1 AND b.stage = 'COMPLETED'
                 GROUP BY o.store_id)"},
      {.name = "reception_vehicles_waiting_pick_up",
       .help = "Vehicles taken back that still stand in the store (R-41).",
       .sql = R"(SELECT o.store_id, COUNT(*) AS value
                 FROM repair_order o
                   JOIN board_entry b ON b.store_id = o.store_id AND b.visit_id = o.visit_id
                 WHERE o.state IN ('COMPLETED', 'SETTLED') AND b.on_board = 1
                 GROUP BY o.store_id)"},
  };
}

std::vector<Family> OfOrders() {
  return {
      {.name = "reception_diagnoses_open",
       .help = "Diagnosis reports not completed, by state (R-20).",
       .labels = {{"state", {"open", "escalated"}}},
       .sql = R"(SELECT store_id, state, COUNT(*) AS value
                 FROM diagnosis
                 WHERE state IN ('OPEN', 'ESCALATED')
                 GROUP BY store_id, state)"},
      {.name = "reception_coverage_undecided_lines",
       .help = "Lines of orders before settlement for which nobody has decided who pays (R-21).",
       .sql = R"(SELECT o.store_id, COUNT(*) AS value
                 FROM repair_order o
                   JOIN repair_order_line l ON l.store_id = o.store_id AND l.repair_order_id = o.repair_order_id
                 WHERE o.state IN ('DRAFT', 'ESTIMATED', 'SIGNED', 'RELEASING', 'RELEASED', 'CANCELLING', 'COMPLETED')
                   AND l.coverage NOT IN ('IN_WARRANTY', 'OUT_OF_WARRANTY')
                   AND l.final_coverage NOT IN ('IN_WARRANTY', 'OUT_OF_WARRANTY')
                   AND l.authorization NOT IN ('DECLINED', 'REVOKED')
                 GROUP BY o.store_id)"},
      {.name = "reception_estimates_unsigned",
       .help = "Orders whose estimate the customer has not signed (R-22).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM repair_order
                 WHERE state = 'ESTIMATED'
                 GROUP BY store_id)"},
      {.name = "reception_lines_by_supply",
       .help = "Part lines of the orders opened in the last 30 days and not cancelled, by where the part comes from "
               "(R-23).",
       .labels = {{"supply", {"store_original", "store_aftermarket", "customer_supplied"}}},
       .sql = R"(SELECT o.store_id, l.supply_source AS supply, COUNT(*) AS value
                 FROM repair_order o
                   JOIN repair_order_line l ON l.store_id = o.store_id AND l.repair_order_id = o.repair_order_id
                 WHERE o.state IN ('DRAFT', 'ESTIMATED', 'SIGNED', 'RELEASING', 'RELEASED', 'CANCELLING', 'COMPLETED',
                                   'SETTLED', 'DELIVERED')
                   AND o.create_time >= :month_ago AND l.kind = 'PART'
                 GROUP BY o.store_id, l.supply_source)",
       .every = kWindowEvery},
      {.name = "reception_lines_waiting_for_parts",
       .help = "Part lines the store supplies of orders whose work rests for parts (R-24).",
       .sql = R"(SELECT b.store_id, COUNT(*) AS value
                 FROM board_entry b
                   JOIN repair_order_line l ON l.store_id = b.store_id AND l.repair_order_id = b.repair_order_id
                 WHERE b.on_board = 1 AND b.stage = 'PARTS_ORDERED'
                   AND l.supply_source IN ('STORE_ORIGINAL', 'STORE_AFTERMARKET') AND l.authorization = 'APPROVED'
                 GROUP BY b.store_id)"},
      {.name = "reception_repair_orders",
       .help = "Repair orders neither delivered nor cancelled, by state (R-26).",
       .labels = {{"state",
                   {"draft", "estimated", "signed", "releasing", "released", "cancelling", "completed", "settled"}}},
       .sql = R"(SELECT store_id, state, COUNT(*) AS value
                 FROM repair_order
                 WHERE state IN ('DRAFT', 'ESTIMATED', 'SIGNED', 'RELEASING', 'RELEASED', 'CANCELLING', 'COMPLETED',
                                 'SETTLED')
                 GROUP BY store_id, state)"},
      {.name = "reception_repair_orders_cancelled",
       .help = "Repair orders opened in the last 30 days and cancelled since (R-27).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM repair_order
                 WHERE state = 'CANCELLED' AND create_time >= :month_ago
                 GROUP BY store_id)",
       .every = kWindowEvery},
      {.name = "reception_declined_amount",
       .help =
           "Work customers declined, with tax: lines of the orders opened in the last 30 days, and add-ons raised in "
           "them (R-28).",
       .sql = R"(SELECT store_id, CAST(SUM(amount) AS SIGNED) AS value
                 FROM (SELECT o.store_id, l.gross_amount AS amount
                       FROM repair_order o
                         JOIN repair_order_line l ON l.store_id = o.store_id
                                                 AND l.repair_order_id = o.repair_order_id
                       WHERE o.state IN ('DRAFT', 'ESTIMATED', 'SIGNED', 'RELEASING', 'RELEASED', 'CANCELLING',
                                         'COMPLETED', 'SETTLED', 'DELIVERED', 'CANCELLED')
                         AND o.create_time >= :month_ago AND l.authorization = 'DECLINED'
                       UNION ALL
                       SELECT store_id, total_amount
                       FROM add_on
                       WHERE state = 'DECLINED' AND create_time >= :month_ago) declined
                 GROUP BY store_id)",
       .every = kWindowEvery},
  };
}

std::vector<Family> OfWork() {
  return {
      {.name = "reception_promises_missed",
       .help = "Orders signed and not taken back whose agreed time has passed (R-25).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM repair_order
                 WHERE state IN ('SIGNED', 'RELEASING', 'RELEASED') AND agreed_time < :now
                 GROUP BY store_id)"},
      // The moment lies in the order's take-back, which is one JSON column.
      {.name = "reception_on_time_delivery_ratio",
       .help =
           "Share of the vehicles delivered in the last 30 days that were taken back, ready for the customer, by the "
           "time last agreed (R-25, R-33).",
       .sql = R"(SELECT d.store_id,
                        CAST(SUM(SUBSTRING_INDEX(SUBSTRING_INDEX(o.take_back, '"take_back_time":"', -1), '"', 1)
                                 <= DATE_FORMAT(o.agreed_time, '%Y-%m-%dT%TZ')) AS SIGNED) AS numerator,
                        COUNT(*) AS denominator
                 FROM delivery d
                   JOIN repair_order o ON o.store_id = d.store_id AND o.repair_order_id = d.repair_order_id
                 WHERE d.create_time >= :month_ago AND o.agreed_time IS NOT NULL
                 GROUP BY d.store_id)"},
      {.name = "reception_handovers_late",
       .help = "Orders opened in the last 30 days whose handover to the workshop was recorded late, with the reason "
               "(R-30).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM repair_order
                 WHERE state IN ('RELEASED', 'CANCELLING', 'COMPLETED', 'SETTLED', 'DELIVERED', 'CANCELLED')
                   AND create_time >= :month_ago AND handover LIKE '%"late_reason":"_%'
                 GROUP BY store_id)",
       .every = kWindowEvery},
      {.name = "reception_progress_checks_open",
       .help = "Checks of a vehicle's progress in the workshop that are still to be made (R-31).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM duty
                 WHERE state = 'OPEN' AND kind = 'progress_check'
                 GROUP BY store_id)"},
      {.name = "reception_add_ons_open",
       .help = "Add-ons the customer has not answered, by state (R-32).",
       .labels = {{"state", {"raised", "offered", "booking"}}},
       .sql = R"(SELECT store_id, state, COUNT(*) AS value
                 FROM add_on
                 WHERE state IN ('RAISED', 'OFFERED', 'BOOKING')
                 GROUP BY store_id, state)"},
      {.name = "reception_add_on_acceptance_ratio",
       .help = "Share of the add-ons raised in the last 30 days that the customer agreed to, of those answered (R-32).",
       .sql = R"(SELECT store_id, CAST(SUM(state = 'APPROVED') AS SIGNED) AS numerator, COUNT(*) AS denominator
                 FROM add_on
                 WHERE state IN ('APPROVED', 'DECLINED') AND create_time >= :month_ago
                 GROUP BY store_id)"},
      {.name = "reception_delay_notices",
       .help = "Delays of the last 30 days of which the customer was told (R-33).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM duty
                 WHERE state = 'DONE' AND due_time >= :month_ago AND kind = 'delay_notice'
                 GROUP BY store_id)",
       .every = kWindowEvery},
  };
}

std::vector<Family> OfBills() {
  return {
      {.name = "reception_settlements",
       .help = "Settlements: drafts now, and those issued in the last 30 days (R-42).",
       .labels = {{"state", {"draft", "issued"}}},
       .sql = R"(SELECT store_id, state, COUNT(*) AS value
                 FROM settlement
                 WHERE state = 'DRAFT' OR (state = 'ISSUED' AND issue_time >= :month_ago)
                 GROUP BY store_id, state)"},
      {.name = "reception_estimate_accuracy_ratio",
       .help = "How near the bills of the last 30 days are to the signed estimates: the smaller of both, summed, over "
               "the larger (R-42, R-22).",
       .sql = R"(SELECT store_id, CAST(SUM(LEAST(total_amount, estimated_amount)) AS SIGNED) AS numerator,
                        CAST(SUM(GREATEST(total_amount, estimated_amount)) AS SIGNED) AS denominator
                 FROM settlement
                 WHERE state = 'ISSUED' AND issue_time >= :month_ago
                 GROUP BY store_id)"},
      {.name = "reception_discount_amount",
       .help = "Discounts on the bills of the last 30 days, before tax (R-42).",
       .sql = R"(SELECT store_id, CAST(SUM(discount_amount) AS SIGNED) AS value
                 FROM settlement
                 WHERE state = 'ISSUED' AND issue_time >= :month_ago
                 GROUP BY store_id)",
       .every = kWindowEvery},
      {.name = "reception_revenue_amount",
       .help = "Billed in the last 30 days, after discounts and before tax, by labour and parts (R-42).",
       .labels = {{"kind", {"labour", "parts"}}},
       .sql = R"(SELECT store_id, 'labour' AS kind, CAST(SUM(labour_amount) AS SIGNED) AS value
                 FROM settlement
                 WHERE state = 'ISSUED' AND issue_time >= :month_ago
                 GROUP BY store_id
                 UNION ALL
                 SELECT store_id, 'parts', CAST(SUM(parts_amount) AS SIGNED)
                 FROM settlement
                 WHERE state = 'ISSUED' AND issue_time >= :month_ago
                 GROUP BY store_id)",
       .every = kWindowEvery},
      // Hours are kept in thousandths.
      {.name = "reception_effective_labour_rate_amount",
       .help = "Labour billed in the last 30 days per hour sold, after discounts and before tax (R-42).",
       .sql = R"(SELECT s.store_id, CAST(SUM(l.net_amount) * 1000 AS SIGNED) AS numerator,
                        CAST(SUM(l.quantity_milli) AS SIGNED) AS denominator
                 FROM settlement s
                   JOIN settlement_line l ON l.store_id = s.store_id AND l.settlement_id = s.settlement_id
                 WHERE s.state = 'ISSUED' AND s.issue_time >= :month_ago AND l.kind = 'LABOUR'
                 GROUP BY s.store_id)"},
      {.name = "reception_price_changes_pending",
       .help = "Price changes that wait for their approval (R-50).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM price_change
                 WHERE state = 'PROPOSED'
                 GROUP BY store_id)"},
  };
}

std::vector<Family> OfMoney() {
  return {
      {.name = "reception_receivables_open_amount",
       .help = "What is owed for settled orders, on account or not, by who owes it (R-43).",
       .labels = {{"payer", {"customer", "warranty", "insurance", "manufacturer"}}},
       .sql = R"(SELECT store_id, 'customer' AS payer, CAST(SUM(open_amount + on_account_amount) AS SIGNED) AS value
                 FROM receivable
                 WHERE state IN ('OPEN', 'ON_ACCOUNT')
                 GROUP BY store_id
                 UNION ALL
                 SELECT store_id, payer, CAST(SUM(open_amount) AS SIGNED)
                 FROM payer_share
                 WHERE state IN ('OPEN', 'PARTLY_COLLECTED')
                 GROUP BY store_id, payer)"},
      {.name = "reception_receivables_overdue_amount",
       .help = "What customers owe on account past its due date; other payers' shares have none (R-43).",
       .labels = {{"payer", {"customer"}}},
       .sql = R"(SELECT store_id, 'customer' AS payer, CAST(SUM(on_account_amount) AS SIGNED) AS value
                 FROM receivable
                 WHERE state = 'ON_ACCOUNT' AND due_date < DATE(:now)
                 GROUP BY store_id)"},
      {.name = "reception_payments_amount",
       .help = "Paid for settled orders in the last 30 days less what was refunded, by method (R-43).",
       .labels = {{"method", {"cash", "card", "wechat_pay", "alipay", "transfer", "on_account"}}},
       .sql = R"(SELECT store_id, method,
                        CAST(SUM(CASE kind WHEN 'REFUND' THEN -amount ELSE amount END) AS SIGNED) AS value
                 FROM payment
                 WHERE create_time >= :month_ago
                 GROUP BY store_id, method)",
       .every = kWindowEvery},
  };
}

std::vector<Family> OfLeaving() {
  return {
      {.name = "reception_gate_passes_open",
       .help = "Gate passes issued whose vehicle has not left (R-44).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM gate_pass
                 WHERE state = 'ISSUED'
                 GROUP BY store_id)"},
      {.name = "reception_deliveries",
       .help = "Vehicles delivered in the last 30 days (R-45).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM delivery
                 WHERE create_time >= :month_ago
                 GROUP BY store_id)",
       .every = kWindowEvery},
      {.name = "reception_next_maintenance_promised",
       .help = "Vehicles delivered in the last 30 days whose customer was told the next maintenance (R-46).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM delivery
                 WHERE create_time >= :month_ago AND (next_maintenance_date IS NOT NULL OR next_maintenance_km > 0)
                 GROUP BY store_id)",
       .every = kWindowEvery},
  };
}

}  // namespace

std::vector<Family> Figures() {
  std::vector<Family> all;
  for (std::vector<Family> some :
       {OfAppointments(), OfVisits(), OfTheBoard(), OfOrders(), OfWork(), OfBills(), OfMoney(), OfLeaving()}) {
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace reception
