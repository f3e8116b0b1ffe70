#include "formats/asl/retry.hpp"

#include <algorithm>

namespace spillway::asl {

namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;
// No delay outlives the longest execution, a year; the cap also keeps nanoseconds within 63 bits.
constexpr std::int64_t kLongestSeconds = 99'999'999;

}  // namespace

bool matches(std::span<const std::string> error_equals, const Failure& failure) {
  if (failure.is("States.Runtime")) return false;
  return std::any_of(error_equals.begin(), error_equals.end(), [&](const std::string& name) {
    if (name == "States.ALL") return true;
    if (name == "States.TaskFailed") return !failure.is("States.Timeout");
    if (name == "States.HeartbeatTimeout" && failure.heartbeat) return true;
    return failure.error && *failure.error == name;
  });
}

std::int64_t retry_delay_ns(const Retrier& retrier, std::int64_t attempt) {
  const std::int64_t cap = std::min(retrier.max_delay_seconds.value_or(kLongestSeconds), kLongestSeconds);
  // interval * rate^(attempt - 1) by squaring: the same bits everywhere, and few steps for any attempt.
  double factor = 1;
  double square = retrier.backoff_rate;
  const double enough = static_cast<double>(cap) / static_cast<double>(retrier.interval_seconds);
  for (std::int64_t rest = attempt - 1; rest > 0 && factor <= enough; rest /= 2) {
    if (rest % 2 == 1) factor *= square;
    square = std::min(square * square, 1e18);
  }
  if (!(factor < enough)) return cap * kNanoseconds;
  return static_cast<std::int64_t>(static_cast<double>(retrier.interval_seconds * kNanoseconds) * factor +
                                   0.5);
}

std::int64_t jittered(std::int64_t delay_ns, std::uint64_t bits) {
  // The upper half of the 128-bit product, by halves of 32 bits.
  const auto delay = static_cast<std::uint64_t>(delay_ns);
  const std::uint64_t low = (delay & 0xFFFFFFFFU) * (bits & 0xFFFFFFFFU);
  const std::uint64_t middle = (delay >> 32U) * (bits & 0xFFFFFFFFU) + (low >> 32U);
  const std::uint64_t other = (delay & 0xFFFFFFFFU) * (bits >> 32U) + (middle & 0xFFFFFFFFU);
  return static_cast<std::int64_t>((delay >> 32U) * (bits >> 32U) + (middle >> 32U) + (other >> 32U));
}

}  // namespace spillway::asl
