// Old parts (P-15): which issued part owes one, what may become of it, what a monthly run proposes. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/parts/v1/issue.pb.h"
#include "aftersales/parts/v1/location.pb.h"
#include "aftersales/parts/v1/old_part.pb.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

// Why the part that is issued owes an old one; UNSPECIFIED: it owes none.
enum class OldPartAsked { kNo, kByWhoIssues };
v1::OldPart::Cause CauseOf(const v1::Part& part, bool under_requisition, OldPartAsked asked);

// The old part that is expected for a line of an issue note.
v1::OldPart Expected(const v1::Issue& note, const v1::IssueLine& line, v1::OldPart::Cause cause,
                     const std::string& requisition_id, absl::Time due_time);

// `quantity_milli` new ones came back unused: so much less is expected. What came back already stays.
absl::Status ComeBackUnused(int64_t quantity_milli, v1::OldPart& old_part);

// NOT_AN_OLD_PART_BIN.
absl::Status CheckOldPartBin(const v1::Location& location);

// What holds an old part back.
struct Binding {
  bool requisition_open = false;  // of a requisition that is not written off yet
  bool postage_missing = false;   // of a requisition whose postage nobody approved
};
using Bindings = std::map<std::string, Binding>;  // by old part id; none: nothing holds it

// OLD_PART_BOUND: what proves an open claim is not given up before the claim. A requisition takes the exception itself
// in the old part's place.
absl::Status CheckException(const v1::OldPart& old_part);
// Whether it lies in a bin for old parts.
bool IsInStore(const v1::OldPart& old_part);
// OLD_PART_BOUND.
absl::Status CheckHandOver(const v1::OldPart& old_part);
// POSTAGE_NOT_APPROVED.
absl::Status CheckSend(const v1::OldPart& old_part, const Binding& binding);
// OLD_PART_BOUND, OLD_PART_RETENTION.
absl::Status CheckScrap(const v1::OldPart& old_part, const Binding& binding, int retention_days, absl::Time now);
// Whichever of these the decision takes.
absl::Status CheckDecision(const v1::OldPart& old_part, const Binding& binding, v1::OldPartDecision decision,
                           int retention_days, absl::Time now);

// What a run proposes: send what the manufacturer wants, scrap what nothing holds, keep the rest.
v1::OldPartRunLine Propose(const v1::OldPart& old_part, const Binding& binding, int retention_days, absl::Time now);

// How many of it there are.
int64_t CountOf(const v1::OldPart& old_part);

}  // namespace parts
