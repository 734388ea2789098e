#include "gateway/web/rest_dialect.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "aftersales/common/v1/door_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "gateway/headers.h"
#include "gateway/refusals.h"
#include "gateway/web/http_fields.h"
#include "google/rpc/error_details.pb.h"

namespace gateway::web {
namespace {

namespace common = aftersales::common::v1;

constexpr char kJson[] = "application/json";
constexpr char kLines[] = "application/x-ndjson";
constexpr char kEvents[] = "text/event-stream";

template <typename Detail>
bool Find(const google::rpc::Status& status, Detail& detail) {
  for (const auto& any : status.details()) {
    if (any.Is<Detail>()) return any.UnpackTo(&detail);
  }
  return false;
}

absl::Status WrongType(std::string_view given, std::string_view need) {
  return chassis::Refuse(common::DOOR_ERROR_REASON_MEDIA_TYPE)
      .With("given", given.empty() ? std::string_view("(none)") : given)
      .With("need", need);
}

}  // namespace

// ---------------------------------------------------------------- refusals

google::rpc::Status WireOf(const grpc::Status& status) {
  google::rpc::Status wire;
  if (!status.error_details().empty() && wire.ParseFromString(status.error_details()) &&
      wire.code() == static_cast<int>(status.error_code())) {
    return wire;
  }
  wire.Clear();
  wire.set_code(static_cast<int>(status.error_code()));
  wire.set_message(status.error_message());
  return wire;
}

HttpAnswer RefusalHead(const google::rpc::Status& status) {
  HttpAnswer head;
  head.status = rest::HttpStatusOf(status);
  if (head.status == 401) head.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"aftersales\"");
  google::rpc::RetryInfo retry;
  if (Find(status, retry)) {
    // In whole seconds; coming back early is what it shall prevent.
    const int64_t seconds = retry.retry_delay().seconds() + (retry.retry_delay().nanos() > 0 ? 1 : 0);
    head.fields.emplace_back("Retry-After", absl::StrCat(seconds));
  }
  google::rpc::LocalizedMessage message;
  if (Find(status, message)) head.fields.emplace_back("Content-Language", message.locale());
  return head;
}

// ---------------------------------------------------------------- requests

RestDialect::RestDialect(const rest::Transcoder& transcoder, const rest::Call* call, const HttpRequest& request,
                         int64_t body_bytes_max)
    : transcoder_(transcoder), call_(call), request_(request), body_bytes_max_(body_bytes_max) {}

absl::Status RestDialect::CheckHeader() {
  RETURN_IF_ERROR(ChooseForm());
  if (!request_.HasBody()) return absl::OkStatus();
  if (!lines_in() && request_.content_length.value_or(0) > static_cast<uint64_t>(body_bytes_max_)) {
    return TooLarge({"request", "请求"}, body_bytes_max_);
  }
  return CheckContentType();
}

absl::Status RestDialect::CheckContentType() const {
  const std::string_view given = request_.Field("content-type");
  const std::string_view need = lines_in() ? kLines : kJson;
  if (request_.Count("content-encoding") > 0) return WrongType(request_.Field("content-encoding"), "identity");
  if (request_.Count("content-type") != 1) return WrongType(given, need);
  const MediaType media = ReadMediaType(given);
  const bool fits =
      media.type == need || (lines_in() && (media.type == "application/ndjson" || media.type == "application/jsonl"));
  if (!fits) return WrongType(given, need);
  if (!media.charset.empty() && media.charset != "utf-8")
    return WrongType(given, absl::StrCat(chassis::Absl(need), "; charset=utf-8"));
  return absl::OkStatus();
}

absl::Status RestDialect::ChooseForm() {
  const rest::RestMethod& method = *call_->method;
  const std::string_view accept = request_.Field("accept");
  const Taken json = Takes(accept, kJson);
  const auto nothing = [](std::string_view offered) {
    return chassis::Refuse(common::DOOR_ERROR_REASON_NOT_ACCEPTABLE).With("offered", offered);
  };
  if (method.server_streams && Takes(accept, kEvents) == Taken::kByName) {
    form_ = Form::kEvents;
    return absl::OkStatus();
  }
  const Taken lines = Takes(accept, kLines);
  if (method.is_file) {
    // Which media type the file will have is known only with it.
    const bool as_json = json == Taken::kByName || lines == Taken::kByName;
    form_ = !as_json ? Form::kFile : method.server_streams ? Form::kLines : Form::kJson;
    return absl::OkStatus();
  }
  if (method.server_streams) {
    form_ = Form::kLines;
    if (lines == Taken::kNo && json == Taken::kNo) return nothing("application/x-ndjson, text/event-stream");
    return absl::OkStatus();
  }
  form_ = Form::kJson;
  if (json == Taken::kNo) return nothing(kJson);
  return absl::OkStatus();
}

absl::Status RestDialect::Feed(std::string_view piece) {
  if (cut_ > 0) {
    body_.erase(0, cut_);
    cut_ = 0;
  }
  body_.append(piece);
  if (!lines_in() && static_cast<int64_t>(body_.size()) > body_bytes_max_) {
    return TooLarge({"request", "请求"}, body_bytes_max_);
  }
  return absl::OkStatus();
}

absl::Status RestDialect::EndOfBody() {
  ended_ = true;
  return absl::OkStatus();
}

absl::StatusOr<bool> RestDialect::Next(std::string& message) {
  if (!lines_in()) {
    if (!ended_ || given_) return false;
    given_ = true;
    ASSIGN_OR_RETURN(message, transcoder_.Request(*call_, body_, request_.Field("last-event-id")));
    std::string().swap(body_);
    return true;
  }
  for (;;) {
    const std::string_view rest = std::string_view(body_).substr(cut_);
    const size_t end = rest.find('\n');
    if (static_cast<int64_t>(std::min(end, rest.size())) > body_bytes_max_) {
      return TooLarge({"request", "请求"}, body_bytes_max_);
    }
    if (end == std::string_view::npos && (!ended_ || rest.empty())) return false;
    // The last line may do without its end.
    const std::string_view line = rest.substr(0, end);
    cut_ += end == std::string_view::npos ? rest.size() : end + 1;
    if (absl::StripAsciiWhitespace(chassis::Absl(line)).empty()) continue;
    ASSIGN_OR_RETURN(message, transcoder_.RequestLine(*call_, line));
    return true;
  }
}

// ---------------------------------------------------------------- answers

namespace {

// What the service says beside its answer, as far as it concerns a REST client.
void Tell(const Fields& trailers, Fields& fields) {
  for (const auto& [name, value] : trailers) {
    if (IsToldOverRest(name) && IsMetadataValue(value)) fields.emplace_back(name, value);
  }
}

}  // namespace

Fields RestDialect::FileFields(const rest::FilePart& part) const {
  const bool sound = !ReadMediaType(part.media_type).type.empty() && IsMetadataValue(part.media_type);
  return {{"Content-Type", sound ? part.media_type : "application/octet-stream"},
          {"Content-Disposition", AttachmentNamed(part.file_name)},
          // Forms are HTML: opened in a browser they may show themselves and do nothing in this origin's name.
          {"Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"}};
}

absl::StatusOr<Dialect::Whole> RestDialect::Answer(const std::string& message, const Ending& ending) {
  Whole whole;
  if (form_ == Form::kFile) {
    ASSIGN_OR_RETURN(rest::FilePart part, transcoder_.AnswerFile(*call_, message));
    whole.head.fields = FileFields(part);
    whole.body = std::move(part.content);
  } else {
    ASSIGN_OR_RETURN(whole.body, transcoder_.Answer(*call_, message));
    whole.head.fields = {{"Content-Type", kJson}};
  }
  Tell(ending.trailers, whole.head.fields);
  return whole;
}

Dialect::Whole RestDialect::Failure(const Ending& ending) {
  const google::rpc::Status wire = WireOf(ending.status);
  Whole whole{RefusalHead(wire), transcoder_.Error(wire)};
  whole.head.fields.emplace_back("Content-Type", kJson);
  Tell(ending.trailers, whole.head.fields);
  return whole;
}

absl::StatusOr<HttpAnswer> RestDialect::Begin(const std::string* first) {
  HttpAnswer head;
  if (form_ == Form::kFile) {
    rest::FilePart part;
    if (first != nullptr) {
      ASSIGN_OR_RETURN(part, transcoder_.AnswerFile(*call_, *first));
    }
    head.fields = FileFields(part);
    return head;
  }
  head.fields = {{"Content-Type", form_ == Form::kEvents ? kEvents : kLines}};
  // Proxies on the way shall not collect what is to be seen at once.
  if (form_ == Form::kEvents) head.fields.emplace_back("X-Accel-Buffering", "no");
  return head;
}

absl::StatusOr<std::string> RestDialect::Piece(const std::string& message) {
  if (form_ == Form::kFile) {
    ASSIGN_OR_RETURN(rest::FilePart part, transcoder_.AnswerFile(*call_, message));
    return std::move(part.content);
  }
  ASSIGN_OR_RETURN(const std::string json, transcoder_.Answer(*call_, message));
  if (form_ == Form::kLines) return absl::StrCat("{\"result\":", json, "}\n");
  const std::string position = transcoder_.Position(*call_, message);
  const bool sound = !position.empty() && IsMetadataValue(position);
  return absl::StrCat(sound ? absl::StrCat("id: ", position, "\n") : "", "data: ", json, "\n\n");
}

std::optional<std::string> RestDialect::Tail(const Ending& ending) {
  if (ending.status.ok()) return "";
  if (form_ == Form::kFile) return std::nullopt;
  const std::string error = transcoder_.Error(WireOf(ending.status));
  return form_ == Form::kEvents ? absl::StrCat("event: error\ndata: ", error, "\n\n") : absl::StrCat(error, "\n");
}

std::string_view RestDialect::KeepAlive() const { return form_ == Form::kEvents ? ":\n\n" : ""; }

}  // namespace gateway::web
