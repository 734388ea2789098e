// Rules of the two follow-ups (C-05): when each is due, what an attempt must say, and where it leads.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/common/v1/store.pb.h"
#include "aftersales/crm/v1/follow_up.pb.h"

namespace crm {

inline constexpr int kAttemptsMax = 3;

// The customer's chosen time of day ("18:00-20:00") nearest before `due`, in the store's zone: the end of that window
// on the last day on which it still lies before `due`. `due` itself when nothing was chosen or it cannot be read.
absl::Time AtPreferredTime(absl::Time due, const std::string& preferred, const std::string& time_zone);

// Times of the first follow-up after `delivery` and of the second, provisionally after the first's due time.
void PlanFirst(absl::Time delivery, const aftersales::common::v1::Store& store,
               aftersales::crm::v1::FollowUp& follow_up);
// Times of the second, counted from when the first ended (or is due).
void PlanSecond(absl::Time first_end, const aftersales::common::v1::Store& store,
                aftersales::crm::v1::FollowUp& follow_up);

// Adds the attempt and moves the state. TOO_EARLY, FIRST_FOLLOW_UP_OPEN (state WAITING), SCORE_MISSING,
// SCORE_WITHOUT_ANSWER, TOPIC_MISSING, WRONG_STATE. `attempt` carries id, time, channel, result, actor, note.
absl::Status ApplyAttempt(const aftersales::crm::v1::RecordFollowUpAttemptRequest& request,
                          const aftersales::crm::v1::FollowUpAttempt& attempt,
                          aftersales::crm::v1::FollowUp& follow_up);

bool HasEnded(const aftersales::crm::v1::FollowUp& follow_up);
// Below "satisfied" (4 of 5).
bool IsDissatisfied(const aftersales::crm::v1::FollowUp& follow_up);
// The contact data itself is wrong: somebody must correct it (C-04).
bool NeedsCorrection(aftersales::crm::v1::FollowUpAttempt::Result result);

}  // namespace crm
