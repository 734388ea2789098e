#include "crm-svc/follow_up/follow_up_rules.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "aftersales/crm/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"

namespace crm {

using namespace aftersales::crm::v1;  // NOLINT: this file speaks the package's words
using aftersales::common::v1::Store;
using chassis::Refuse;

namespace {

constexpr int kSatisfied = 4;

absl::Duration Days(int32_t days) { return absl::Hours(24) * days; }

absl::TimeZone ZoneOf(const std::string& name) {
  absl::TimeZone zone;
  return absl::LoadTimeZone(name, &zone) ? zone : absl::UTCTimeZone();
}

void SetTimes(absl::Time earliest, absl::Time due, absl::Time latest, const Store& store, FollowUp& follow_up) {
  const absl::Time preferred = AtPreferredTime(due, follow_up.preferred_contact_time(), store.time_zone());
  *follow_up.mutable_earliest_time() = chassis::ToProto(earliest);
  // A chosen time that would fall before the window opens is not a time to call at.
  *follow_up.mutable_due_time() = chassis::ToProto(preferred < earliest ? due : preferred);
  *follow_up.mutable_latest_time() = chassis::ToProto(latest);
}

// "HH:MM" as minutes of the day; -1 when it is none.
int MinuteOfDay(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  int hour = 0;
  int minute = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &hour) || !absl::SimpleAtoi(parts[1], &minute)) return -1;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return -1;
  return hour * 60 + minute;
}

}  // namespace

absl::Time AtPreferredTime(absl::Time due, const std::string& preferred, const std::string& time_zone) {
  const std::vector<absl::string_view> window = absl::StrSplit(preferred, '-');
  const int end = MinuteOfDay(window.back());
  if (preferred.empty() || end < 0) return due;
  const absl::TimeZone zone = ZoneOf(time_zone);
  const absl::CivilDay day = absl::ToCivilDay(due, zone);
  const auto at = [&](absl::CivilDay on) {
    return absl::FromCivil(absl::CivilMinute(on.year(), on.month(), on.day(), end / 60, end % 60), zone);
  };
  return at(day) <= due ? at(day) : at(day - 1);
}

void PlanFirst(absl::Time delivery, const Store& store, FollowUp& follow_up) {
  const auto& settings = store.settings();
  SetTimes(delivery + Days(settings.first_follow_up_earliest_days()), delivery + Days(settings.first_follow_up_days()),
           delivery + Days(settings.first_follow_up_latest_days()), store, follow_up);
}

void PlanSecond(absl::Time first_end, const Store& store, FollowUp& follow_up) {
  const absl::Time due = first_end + Days(store.settings().second_follow_up_days());
  SetTimes(first_end + Days(1), due, due + Days(7), store, follow_up);
}

bool HasEnded(const FollowUp& follow_up) {
  return follow_up.state() != FollowUp::STATE_OPEN && follow_up.state() != FollowUp::STATE_WAITING;
}

bool IsDissatisfied(const FollowUp& follow_up) {
  return follow_up.satisfaction_score() > 0 && follow_up.satisfaction_score() < kSatisfied;
}

bool NeedsCorrection(FollowUpAttempt::Result result) {
  return result == FollowUpAttempt::RESULT_NUMBER_NOT_IN_SERVICE || result == FollowUpAttempt::RESULT_WRONG_NUMBER;
}

absl::Status ApplyAttempt(const RecordFollowUpAttemptRequest& request, const FollowUpAttempt& attempt,
                          FollowUp& follow_up) {
  if (follow_up.state() == FollowUp::STATE_WAITING) {
    return Refuse(ERROR_REASON_FIRST_FOLLOW_UP_OPEN)
        .At("follow_up_id", "请先完成首次回访", "end the first follow-up before this one");
  }
  RETURN_IF_ERROR(chassis::RequireState(follow_up, {FollowUp::STATE_OPEN}));
  if (chassis::FromProto(attempt.attempt_time()) < chassis::FromProto(follow_up.earliest_time()) &&
      !request.customer_asked()) {
    return Refuse(ERROR_REASON_TOO_EARLY)
        .With("earliest", chassis::FromProto(follow_up.earliest_time()))
        .At("customer_asked", "客户主动要求时请注明", "set it when the customer asked for an earlier call");
  }
  const bool reached = request.result() == FollowUpAttempt::RESULT_REACHED;
  if (reached && request.satisfaction_score() == 0) {
    return Refuse(ERROR_REASON_SCORE_MISSING).At("satisfaction_score", "1 至 5", "1 to 5");
  }
  if (!reached && request.satisfaction_score() != 0) {
    return Refuse(ERROR_REASON_SCORE_WITHOUT_ANSWER).At("satisfaction_score", "应为 0", "must be 0");
  }
  if (reached && request.satisfaction_score() < kSatisfied && request.dissatisfied_topics().empty()) {
    return Refuse(ERROR_REASON_TOPIC_MISSING).At("dissatisfied_topics", "至少一项", "at least one");
  }

  *follow_up.add_attempts() = attempt;
  FollowUp::State next = FollowUp::STATE_OPEN;
  if (reached || request.result() == FollowUpAttempt::RESULT_DECLINED) next = FollowUp::STATE_DONE;
  if (next == FollowUp::STATE_OPEN && follow_up.attempts_size() >= kAttemptsMax) next = FollowUp::STATE_UNREACHABLE;
  if (next == FollowUp::STATE_OPEN) return absl::OkStatus();

  RETURN_IF_ERROR(chassis::MoveTo(follow_up, next));
  *follow_up.mutable_done_time() = attempt.attempt_time();
  follow_up.set_satisfaction_score(request.satisfaction_score());
  *follow_up.mutable_dissatisfied_topics() = request.dissatisfied_topics();
  follow_up.set_customer_request(request.customer_request());
  return absl::OkStatus();
}

}  // namespace crm
