// The stage on which the main job is played: the suite behind one door, a token per person, the clock that can be
// moved, and the narrator. The demo plays it against `./dev up`, the end-to-end test against services in its own
// process.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/common/v1/signature.pb.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/client/suite_client.h"
#include "chassis/identity/identity.h"
#include "chassis/status/refusal.h"
#include "chassis/time/clock.h"

namespace demo {

// A step that had to succeed did not, or one that had to be refused was not. Ends the play.
class StepFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Somebody with a post in a store. `store_id` empty: acts for the group.
struct Person {
  std::string subject;
  aftersales::options::v1::Role role;
  std::string store_id;
};

// How refusals are read on this stage: every store of tests/data is in Shanghai.
inline const chassis::Presentation kReaders{"CNY", "Asia/Shanghai"};

class Narrator {
 public:
  virtual ~Narrator() = default;
  virtual void Chapter(std::string_view title) = 0;
  // One step: what happened, the document's number and its state.
  virtual void Step(std::string_view what, std::string_view number, std::string_view state) = 0;
  virtual void Refused(std::string_view what, std::string_view why) = 0;
  virtual void Table(std::string_view title, const std::vector<std::vector<std::string>>& rows) = 0;
};

class TimeMachine {
 public:
  virtual ~TimeMachine() = default;
  virtual absl::Time Now() = 0;
  // Forward only.
  virtual void MoveTo(absl::Time time) = 0;
  // Lets events travel: called between looks at something that another service still has to learn.
  virtual void LetEventsTravel() = 0;
};

class Stage {
 public:
  Stage(chassis::SuiteClient& suite, chassis::identity::TokenIssuer& issuer, TimeMachine& time, Narrator& narrator)
      : suite_(suite), issuer_(issuer), time_(time), narrator_(narrator), ids_(system_clock_) {}

  absl::Time Now() { return time_.Now(); }
  void MoveTo(absl::Time time) { time_.MoveTo(time); }
  void Pass(absl::Duration duration) { time_.MoveTo(time_.Now() + duration); }
  Narrator& narrator() { return narrator_; }

  // A command or query that must succeed. A mutating request gets its request_id here.
  template <typename Response, typename Request>
  Response Do(const Person& person, Request request) {
    absl::StatusOr<Response> response = Try<Response>(person, std::move(request));
    if (!response.ok()) Fail(Request::descriptor()->name(), response.status());
    return *std::move(response);
  }
  template <typename Response, typename Request>
  absl::StatusOr<Response> Try(const Person& person, Request request) {
    GiveRequestId(request);
    return suite_.Call<Response>({.token = TokenOf(person), .language = "zh-CN"}, request);
  }
  // Requests every service shares, by "parts.DutyService/ListDuties".
  template <typename Response, typename Request>
  Response DoNamed(const Person& person, const std::string& method, Request request) {
    GiveRequestId(request);
    const size_t dot = method.find('.');
    absl::StatusOr<Response> response =
        suite_.CallNamed<Response>({.token = TokenOf(person), .language = "zh-CN"},
                                   "aftersales." + method.substr(0, dot) + ".v1." + method.substr(dot + 1), request);
    if (!response.ok()) Fail(method, response.status());
    return *std::move(response);
  }
  // A command that must be refused for exactly this reason; narrated.
  template <typename Response, typename Request, typename Reason>
  void Refused(const Person& person, Request request, Reason reason, std::string_view what) {
    const absl::StatusOr<Response> response = Try<Response>(person, std::move(request));
    if (response.ok()) throw StepFailed(std::string(what) + ": was not refused");
    if (!chassis::IsRefusal(response.status(), reason)) Fail(what, response.status());
    narrator_.Refused(what, chassis::Worded(chassis::RefusalIn(response.status()), "zh-CN", kReaders));
  }
  // Looks again until `seen` says true, while events travel; at most ten seconds of tries.
  void Await(std::string_view what, const std::function<bool()>& seen);

  chassis::SuiteClient& suite() { return suite_; }
  std::string TokenOf(const Person& person);

 private:
  void GiveRequestId(google::protobuf::Message& request);
  [[noreturn]] static void Fail(std::string_view what, const absl::Status& status);

  chassis::SuiteClient& suite_;
  chassis::identity::TokenIssuer& issuer_;
  TimeMachine& time_;
  Narrator& narrator_;
  chassis::SystemClock system_clock_;
  chassis::RandomIds ids_;
  struct KeptToken {
    std::string token;
    absl::Time until;
  };
  std::map<std::string, KeptToken> tokens_;
};

// "RELEASED" of any message with an enum field `state`.
std::string StateOf(const google::protobuf::Message& document);
// 12,345.67 from minor units.
std::string Yuan(int64_t amount);
// 4.5 from thousandths.
std::string Quantity(int64_t quantity_milli);
aftersales::common::v1::Signature SignedBy(std::string name, aftersales::common::v1::Signature::SignerRole role,
                                           aftersales::common::v1::Signature::AuthorizationMethod method,
                                           std::string evidence);

}  // namespace demo
