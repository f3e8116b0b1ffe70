// The words of results: each enumerator has one, and no two have the same.

#include <gtest/gtest.h>

#include <set>

#include "spillway/fact.hpp"
#include "spillway/journey.hpp"

namespace spillway {
namespace {

template <class Enum>
std::set<std::string> words(std::size_t count) {
  std::set<std::string> all;
  for (std::size_t i = 0; i < count; ++i) all.insert(name_of(static_cast<Enum>(i)));
  return all;
}

TEST(Names, TellEverythingApart) {
  EXPECT_EQ(words<Outcome>(kOutcomes).size(), kOutcomes);
  EXPECT_EQ(words<Ending>(kEndings).size(), kEndings);
  EXPECT_EQ(words<RetryLayer>(kRetryLayers).size(), kRetryLayers);
  EXPECT_EQ(words<Gauge>(kGauges).size(), kGauges);
  EXPECT_EQ(words<Mark>(kMarks).size(), kMarks);
}

/// The tables stand in the order of the enumerations: the last of each shows a row that was forgotten.
TEST(Names, StandInTheOrderOfTheirEnumerations) {
  EXPECT_STREQ(name_of(Outcome::ok), "ok");
  EXPECT_STREQ(name_of(Outcome::timed_out), "timed_out");
  EXPECT_STREQ(name_of(Ending::succeeded), "succeeded");
  EXPECT_STREQ(name_of(Ending::dead_lettered), "dead_lettered");
  EXPECT_STREQ(name_of(RetryLayer::none), "none");
  EXPECT_STREQ(name_of(RetryLayer::event_source), "event source");
  EXPECT_STREQ(name_of(RetryLayer::hedge), "hedging");
  EXPECT_STREQ(name_of(Gauge::concurrency), "concurrency");
  EXPECT_STREQ(name_of(Gauge::environments), "environments");
  EXPECT_STREQ(name_of(Gauge::oldest), "oldest");
  EXPECT_STREQ(name_of(Gauge::connections), "connections");
  EXPECT_STREQ(name_of(Mark::cold_start), "cold_starts");
  EXPECT_STREQ(name_of(Mark::queue_full), "queue_full");
  EXPECT_STREQ(name_of(Mark::quota_exhausted), "quota_exhausted");
  EXPECT_STREQ(name_of(Mark::duplicate_suppressed), "duplicates_suppressed");
  EXPECT_STREQ(name_of(Mark::message_too_large), "messages_too_large");
}

}  // namespace
}  // namespace spillway
