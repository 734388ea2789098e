#include "gateway/web/grammar.h"

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "chassis/status/text.h"

namespace gateway::web {

namespace http = boost::beast::http;

namespace {

constexpr size_t kTargetBytesMax = 8192;
constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

RequestParser::RequestParser(HttpRequest& request, size_t header_bytes_max) : request_(request) {
  header_limit(static_cast<std::uint32_t>(header_bytes_max));
  // Whoever reads the body knows how much is too much. (Boost 1.74 takes `none` for a limit of nothing.)
  body_limit(std::numeric_limits<std::uint64_t>::max());
}

void RequestParser::on_request_impl(http::verb, Text method, Text target, int version, ErrorCode&) {
  request_.method = std::string(View(method));
  request_.target = std::string(View(target));
  request_.minor_version = version % 10;
}

void RequestParser::on_field_impl(http::field, Text name, Text value, ErrorCode&) {
  // What a chunked body appends cannot be told from what the header said: it is left out.
  if (header_read_) return;
  std::string key = absl::AsciiStrToLower(chassis::Absl(View(name)));
  if (key == "transfer-encoding") {
    absl::StrAppend(&transfer_encoding, transfer_encoding.empty() ? "" : ",",
                    absl::AsciiStrToLower(chassis::Absl(View(value))));
  }
  request_.fields.emplace_back(std::move(key), std::string(View(value)));
}

std::size_t RequestParser::on_body_impl(Text piece, ErrorCode&) {
  body.append(piece.data(), piece.size());
  return piece.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text piece, ErrorCode&) {
  body.append(piece.data(), piece.size());
  return piece.size();
}

Problem ProblemOf(const HttpRequest& request, const RequestParser& parser) {
  if (std::find(std::begin(kMethods), std::end(kMethods), request.method) == std::end(kMethods)) {
    return {501, "this HTTP method is not served"};
  }
  if (request.target.empty() || request.target.front() != '/') {
    return {400, "the request target must be a path (origin form)"};
  }
  if (request.target.size() > kTargetBytesMax) return {414, "the request target is too long"};
  if (request.target.find('#') != std::string::npos) return {400, "a request target has no fragment"};
  const size_t hosts = request.Count("host");
  if (hosts > 1 || (hosts == 0 && request.minor_version >= 1)) return {400, "exactly one Host is needed"};
  const bool coded = request.Count("transfer-encoding") > 0;
  // Two lengths of one body are how requests are smuggled past whoever reads the other one.
  if (coded && request.Count("content-length") > 0)
    return {400, "Content-Length and Transfer-Encoding exclude each other"};
  if (request.Count("content-length") > 1) return {400, "more than one Content-Length"};
  if (coded && request.minor_version == 0) return {400, "HTTP/1.0 has no Transfer-Encoding"};
  if (coded && parser.transfer_encoding != "chunked") return {501, "no Transfer-Encoding but chunked is served"};
  const std::string_view expectation = request.Field("expect");
  if (!expectation.empty() && !absl::EqualsIgnoreCase(chassis::Absl(expectation), "100-continue")) {
    return {417, "no expectation but 100-continue is met"};
  }
  return {};
}

Problem ProblemOf(const boost::system::error_code& failure) {
  if (failure == http::error::header_limit) return {431, "the request's header is too large"};
  if (failure == http::error::bad_version) return {505, "only HTTP/1.1 and HTTP/1.0 are served"};
  if (failure == http::error::bad_method) return {400, "the method is malformed"};
  if (failure == http::error::bad_target) return {400, "the request target is malformed"};
  if (failure == http::error::bad_field) return {400, "a header field's name is malformed"};
  if (failure == http::error::bad_value) return {400, "a header field's value is malformed"};
  if (failure == http::error::bad_content_length) return {400, "Content-Length is malformed"};
  if (failure == http::error::bad_transfer_encoding) return {400, "Transfer-Encoding is malformed"};
  return {400, "this is no HTTP/1.1 request"};
}

std::string_view ReasonPhrase(int status) {
  return View(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status))));
}

}  // namespace gateway::web
