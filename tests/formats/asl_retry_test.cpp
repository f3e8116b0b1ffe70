// Which errors a retrier or catcher names, and how long a retry waits.
#include "formats/asl/retry.hpp"

#include <gtest/gtest.h>

namespace spillway::asl {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

Failure failure(const char* error) {
  Failure made;
  made.error = error;
  return made;
}

bool caught(const char* name, const Failure& error) {
  const std::vector<std::string> names{name};
  return matches(names, error);
}

TEST(AslRetry, names_match_themselves_and_wildcards_match_as_documented) {
  EXPECT_TRUE(caught("ErrorA", failure("ErrorA")));
  EXPECT_FALSE(caught("ErrorA", failure("ErrorB")));
  EXPECT_TRUE(caught("States.ALL", failure("ErrorB")));
  EXPECT_TRUE(caught("States.ALL", Failure{}));  // a Fail state that names no error
  EXPECT_TRUE(caught("States.TaskFailed", failure("ErrorB")));
  EXPECT_FALSE(caught("States.TaskFailed", failure("States.Timeout")));
  EXPECT_TRUE(caught("States.ALL", failure("States.DataLimitExceeded")));  // as recorded
}

TEST(AslRetry, a_runtime_error_is_found_by_no_name) {
  EXPECT_FALSE(caught("States.ALL", failure("States.Runtime")));
  EXPECT_FALSE(caught("States.Runtime", failure("States.Runtime")));
}

TEST(AslRetry, a_missed_heartbeat_is_a_timeout_by_both_names) {
  Failure missed = failure("States.Timeout");
  EXPECT_FALSE(caught("States.HeartbeatTimeout", missed));
  missed.heartbeat = true;
  EXPECT_TRUE(caught("States.HeartbeatTimeout", missed));
  EXPECT_TRUE(caught("States.Timeout", missed));
}

TEST(AslRetry, delays_grow_by_the_rate_up_to_the_longest) {
  Retrier retrier;
  retrier.interval_seconds = 3;
  EXPECT_EQ(retry_delay_ns(retrier, 1), 3 * kSecond);
  EXPECT_EQ(retry_delay_ns(retrier, 3), 12 * kSecond);
  retrier.max_delay_seconds = 5;
  EXPECT_EQ(retry_delay_ns(retrier, 2), 5 * kSecond);
  retrier.max_delay_seconds.reset();
  retrier.backoff_rate = 1.5;
  EXPECT_EQ(retry_delay_ns(retrier, 3), 6'750'000'000);
  retrier.backoff_rate = 1.0;
  EXPECT_EQ(retry_delay_ns(retrier, 99'999'999), 3 * kSecond);
}

TEST(AslRetry, no_attempt_makes_a_delay_overflow) {
  Retrier retrier;
  retrier.interval_seconds = 99'999'999;
  retrier.backoff_rate = 1e300;
  EXPECT_EQ(retry_delay_ns(retrier, 1), 99'999'999 * kSecond);
  EXPECT_EQ(retry_delay_ns(retrier, 99'999'999), 99'999'999 * kSecond);
}

TEST(AslRetry, jitter_takes_the_drawn_part_of_the_delay) {
  EXPECT_EQ(jittered(12 * kSecond, 0), 0);
  EXPECT_EQ(jittered(12 * kSecond, std::uint64_t{1} << 63U), 6 * kSecond);
  EXPECT_EQ(jittered(12 * kSecond, std::uint64_t{1} << 62U), 3 * kSecond);
  EXPECT_EQ(jittered(12 * kSecond, UINT64_MAX), 12 * kSecond - 1);
}

}  // namespace
}  // namespace spillway::asl
