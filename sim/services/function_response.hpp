#pragma once
/// How a function is invoked by those who wait for its response, and how large that may be: by Invoke, or by
/// the function's URL, which needs no gateway in front.
///
/// A URL has no charge of its own and no time limit but the function's timeout. It is throttled as the
/// function is: 429 over its concurrency, or over ten requests a second for each unit of its reserved
/// concurrency; with none reserved it is turned off. Its AuthType adds no latency.
///
/// Rules: Lambda Developer Guide, "Creating and managing Lambda function URLs" and quotas (6 MB for a request
/// and for a response), 2023-26. That a function error reaches the caller of a URL as a 502 is common
/// knowledge.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/internet_egress.hpp"
#include "spillway/distribution.hpp"
#include "spillway/settings.hpp"
#include "spillway/world.hpp"

namespace spillway {

constexpr std::int64_t kPayload = std::int64_t{6} << 20;  ///< of a request, and of a response

/// By which operation a function is invoked; the numbers are those that ports carry.
enum class Invocation : std::uint16_t { invoke, url };
/// Negative: there is none of that name.
int invocation_named(std::string_view name);

/// A URL speaks HTTP: a function error is a 502.
constexpr Outcome seen_as(Invocation invocation, Outcome outcome) {
  return invocation == Invocation::url && outcome == Outcome::error ? Outcome::fault : outcome;
}

struct ResponseConfig {
  Distribution bytes = Distribution::constant(0);
  bool internet = true;  ///< the URL's callers are outside: its responses are data transfer out
};

class FunctionResponse {
 public:
  FunctionResponse(World& world, const std::string& function, ResponseConfig config);

  std::int64_t draw_bytes(World& world, const Call& call) const;

  /// A response that is too large fails: over HTTP with a 413.
  static Outcome outcome(Invocation invocation, std::int64_t bytes) {
    if (bytes <= kPayload) return Outcome::ok;
    return invocation == Invocation::url ? Outcome::refused : Outcome::error;
  }
  const InternetEgress& egress() const { return egress_; }

 private:
  ResponseConfig config_;
  InternetEgress egress_;
  Stream draws_;
};

Settings describe_response();
std::optional<ResponseConfig> response_config(const Value& settings);

}  // namespace spillway
