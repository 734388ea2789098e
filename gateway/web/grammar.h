// What of HTTP/1.1's grammar is let in: Boost's parser takes a request apart, and what it lets through too easily is
// refused with its reason. No sockets.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/web/exchange.h"

namespace gateway::web {

// Takes a request apart with Boost's parser. Pieces of the body are appended to `body`.
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  RequestParser(HttpRequest& request, size_t header_bytes_max);

  std::string body;
  // Transfer codings as they came; only "chunked" alone is served.
  std::string transfer_encoding;

 private:
  using ErrorCode = boost::system::error_code;
  using Text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb, Text method, Text target, int version, ErrorCode&) override;
  void on_response_impl(int, Text, int, ErrorCode&) override {}
  void on_field_impl(boost::beast::http::field, Text name, Text value, ErrorCode&) override;
  void on_header_impl(ErrorCode&) override { header_read_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(Text piece, ErrorCode&) override;
  void on_chunk_header_impl(std::uint64_t, Text, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text piece, ErrorCode&) override;
  void on_finish_impl(ErrorCode&) override {}

  HttpRequest& request_;
  bool header_read_ = false;
};

// What is wrong with a request that Boost's parser let through; status 0: nothing.
struct Problem {
  int status = 0;
  std::string_view why;
};

// Status 0: nothing.
Problem ProblemOf(const HttpRequest& request, const RequestParser& parser);
// What the parser itself refused.
Problem ProblemOf(const boost::system::error_code& failure);

// "Not Found"; for statuses HTTP does not know something neutral.
std::string_view ReasonPhrase(int status);

}  // namespace gateway::web
