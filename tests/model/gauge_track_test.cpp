// A gauge's track against the plain sums over every step.

#include "model/gauge_track.hpp"

#include <gtest/gtest.h>

#include "engine/gauge.hpp"
#include "spillway/random.hpp"

namespace spillway {
namespace {

TEST(GaugeTrack, AgreesWithTheSumsOverEveryStep) {
  Draws draws = Stream{7, "gauge"}.at(0);
  GaugeTrack track;
  Level plain;
  std::int64_t now = 0;
  std::int64_t value = 0;
  for (int step = 0; step < 5000; ++step) {
    now += static_cast<std::int64_t>(draws.below(1000));
    // Shown again, small, great, beyond 32 bits, and negative, which only a defect shows.
    switch (draws.below(5)) {
      case 0: break;
      case 1: value = static_cast<std::int64_t>(draws.below(70)); break;
      case 2: value = static_cast<std::int64_t>(draws.below(200'000)); break;
      case 3: value = static_cast<std::int64_t>(draws.below(std::uint64_t{1} << 36)); break;
      default: value = -static_cast<std::int64_t>(draws.below(10)); break;
    }
    track.set(now, value);
    plain.set(kStart + Duration{now}, value);
  }
  const GaugeTrack::Moments moments = track.moments(now + 500);
  const Time end = kStart + Duration{now + 500};
  EXPECT_EQ(moments.mean, plain.mean(end));
  EXPECT_EQ(moments.variance, plain.variance(end));
  EXPECT_EQ(track.peak(), plain.peak());
  EXPECT_EQ(track.low(), plain.low());
  EXPECT_EQ(track.value(), value);
}

TEST(GaugeTrack, AValueThatIsShownAgainKeepsItsTime) {
  GaugeTrack track;
  track.set(10, 3);
  track.set(20, 3);
  track.set(40, 3);
  track.set(60, 1);
  track.moments(100);
  EXPECT_EQ(track.dwell().ns[0], 10);
  EXPECT_EQ(track.dwell().ns[3], 50);
  EXPECT_EQ(track.dwell().ns[1], 40);
}

}  // namespace
}  // namespace spillway
