// W3C trace context: which trace a call belongs to, carried from the first client through every service.
#pragma once

#include <string>
#include <string_view>

namespace chassis {

struct TraceContext {
  std::string trace_id;  // 32 hex digits
  std::string span_id;   // 16 hex digits: this call
  bool sampled = false;

  // A span within the trace of `traceparent`; within a new trace when the header is missing or malformed.
  static TraceContext ChildOf(std::string_view traceparent);
  std::string Header() const;  // "00-<trace>-<span>-01"
};

}  // namespace chassis
