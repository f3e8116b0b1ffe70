#pragma once
/// How a function is invoked by those who wait for its response, and how large that may be: by Invoke, by
/// InvokeWithResponseStream, or by the function's URL, which needs no gateway in front.
///
/// A URL has no charge of its own and no time limit but the function's timeout. It is throttled as the
/// function is: 429 over its concurrency, or over ten requests a second for each unit of its reserved
/// concurrency; with none reserved it is turned off. Its AuthType adds no latency.
///
/// A response is buffered, or streamed: then what is beyond its first 6 MB flows at 2 MB a second, and the
/// environment is busy, and billed, until it has passed.
///
/// Rules: Lambda Developer Guide, "Creating and managing Lambda function URLs", "Response streaming" and
/// quotas (6 MB for a request and for a buffered response, 200 MB for a streamed one), 2023-26; Lambda
/// pricing, 2026. That a function error reaches the caller of a URL as a 502 is common knowledge.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/internet_egress.hpp"
#include "spillway/distribution.hpp"
#include "spillway/settings.hpp"
#include "spillway/world.hpp"

namespace spillway {

constexpr std::int64_t kPayload = std::int64_t{6} << 20;  ///< of a request, and of a buffered response

/// By which operation a function is invoked; the numbers are those that ports carry.
enum class Invocation : std::uint16_t { invoke, url, response_stream };
/// Negative: there is none of that name.
int invocation_named(std::string_view name);

/// A URL speaks HTTP: a function error is a 502.
constexpr Outcome seen_as(Invocation invocation, Outcome outcome) {
  return invocation == Invocation::url && outcome == Outcome::error ? Outcome::fault : outcome;
}

struct ResponseConfig {
  Distribution bytes = Distribution::constant(0);
  bool streams = false;  ///< the URL's InvokeMode is RESPONSE_STREAM
  bool internet = true;  ///< the URL's callers are outside: its responses are data transfer out
};

/// What becomes of a streamed response.
struct StreamedResponse {
  Outcome outcome = Outcome::ok;
  std::int64_t sent = 0;    ///< bytes
  std::int64_t billed = 0;  ///< of them, those beyond the first 6 MB
  Duration takes{};         ///< what is beyond them, unless the timeout comes first
};
/// `left`: until the timeout, which cuts the response off.
StreamedResponse stream_response(std::int64_t bytes, Duration left);

class FunctionResponse {
 public:
  FunctionResponse(World& world, const std::string& function, ResponseConfig config);

  std::int64_t draw_bytes(World& world, const Call& call) const;

  bool streams(Invocation invocation) const {
    return invocation == Invocation::response_stream || (invocation == Invocation::url && config_.streams);
  }
  MeterId streaming() const { return streaming_; }

  /// A buffered response that is too large fails: over HTTP with a 413.
  static Outcome outcome(Invocation invocation, std::int64_t bytes) {
    if (bytes <= kPayload) return Outcome::ok;
    return invocation == Invocation::url ? Outcome::refused : Outcome::error;
  }
  /// Only what goes to the callers of the URL leaves.
  InternetEgress::Billed egress(Invocation invocation, Outcome outcome, std::int64_t bytes) const {
    return invocation == Invocation::url ? egress_.of(outcome, bytes) : InternetEgress::Billed{};
  }

 private:
  ResponseConfig config_;
  InternetEgress egress_;
  MeterId streaming_;
  Stream draws_;
};

Settings describe_response();
std::optional<ResponseConfig> response_config(const Value& settings);

}  // namespace spillway
