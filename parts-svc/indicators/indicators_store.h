// The SQL of evaluations, figures of parts, indicators and transfer proposals. Figures are a projection: written in
// bulk, without an entry each in the command log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/indicators/indicators_rules.h"

namespace parts {

class IndicatorsStore {
 public:
  explicit IndicatorsStore(const chassis::privacy::Cipher& cipher)
      : evaluations_(cipher), figures_(cipher), transfers_(cipher), months_(cipher) {}

  struct Going {
    std::string store_id;
    std::string part_evaluation_id;
  };
  // Evaluations not done, of every store.
  absl::StatusOr<std::vector<Going>> Running(chassis::sql::Session& session);
  absl::StatusOr<std::optional<v1::PartEvaluation>> Latest(chassis::sql::Session& session, const std::string& store_id);

  // Inserts or replaces the figures of these parts; the ABC class of a part known already stays.
  absl::Status SaveFigures(chassis::UnitOfWork& work, const std::vector<v1::PartFigure>& figures);
  // The store's parts in the order of falling consumption after this one.
  struct Ranked {
    std::string part_id;
    int64_t consumption_amount = 0;
    std::string abc_class;
  };
  absl::StatusOr<std::vector<Ranked>> RankedAfter(chassis::sql::Session& session, const std::string& store_id,
                                                  std::optional<int64_t> last_amount, const std::string& last_part_id,
                                                  int64_t count_max);
  absl::Status SetAbcClass(chassis::UnitOfWork& work, v1::PartFigure::AbcClass abc_class,
                           const std::vector<std::string>& part_ids);

  absl::StatusOr<IndicatorFacts> Facts(chassis::sql::Session& session, const std::string& store_id,
                                       const MonthSpan& period, const absl::TimeZone& zone, absl::CivilDay today);

  absl::StatusOr<std::vector<Lack>> Lacks(chassis::sql::Session& session, const std::string& store_id);
  // What `from_store_id` could spare of the parts `store_id` lacks, less what is promised to anybody already.
  absl::StatusOr<std::vector<Spare>> SparesOf(chassis::sql::Session& session, const std::string& store_id,
                                              const std::string& from_store_id,
                                              const std::vector<std::string>& store_ids);
  // Ends the store's open proposals; they gave way to newer ones.
  absl::Status OutdateOpen(chassis::UnitOfWork& work);

  // A transfer of this store from that one.
  absl::StatusOr<bool> IsTransferFrom(chassis::sql::Session& session, const std::string& store_id,
                                      const std::string& transfer_id, const std::string& from_store_id);

  const chassis::records::Table<v1::PartEvaluation>& evaluations() const { return evaluations_; }
  const chassis::records::Table<v1::PartFigure>& figures() const { return figures_; }
  const chassis::records::Table<v1::TransferProposal>& transfers() const { return transfers_; }

 private:
  chassis::records::Table<v1::PartEvaluation> evaluations_;
  chassis::records::Table<v1::PartFigure> figures_;
  chassis::records::Table<v1::TransferProposal> transfers_;
  chassis::records::Table<v1::StockMonth> months_;
};

}  // namespace parts
