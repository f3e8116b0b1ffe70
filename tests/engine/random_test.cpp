// Counter-based draws: that they are the promised function, and that counters which differ by one give
// unrelated bits. Every test has a fixed seed, so none can fail by chance; limits are about five standard
// deviations.
#include "spillway/random.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>
#include <boost/math/distributions/chi_squared.hpp>

namespace spillway {
namespace {

static_assert(std::is_trivially_copyable_v<Draws> && sizeof(Draws) <= 16);
static_assert(std::is_trivially_copyable_v<Stream> && sizeof(Stream) == 8);

/// A way to walk through neighbouring keys: the i-th 64-bit draw.
struct Walk {
  std::string name;
  std::function<std::uint64_t(std::uint64_t)> bits;
};

std::vector<Walk> walks() {
  const Stream stream{42, "worker/compute"};
  return {
      {"journeys", [stream](std::uint64_t i) { return stream.at(i).bits(); }},
      {"journeys, far on",
       [stream](std::uint64_t i) { return stream.at((std::uint64_t{1} << 40) + i).bits(); }},
      {"every 4096th journey", [stream](std::uint64_t i) { return stream.at(i << 12).bits(); }},
      {"attempts", [stream](std::uint64_t i) { return stream.at(7, static_cast<std::uint32_t>(i)).bits(); }},
      {"draws", [draws = stream.at(7)](std::uint64_t) mutable { return draws.bits(); }},
      {"third draws of journeys",
       [stream](std::uint64_t i) {
         Draws draws = stream.at(i);
         draws.bits();
         draws.bits();
         return draws.bits();
       }},
      {"two draws of each journey",
       [stream](std::uint64_t i) {
         Draws draws = stream.at(i / 2);
         if (i % 2 == 1) draws.bits();
         return draws.bits();
       }},
      {"seeds", [](std::uint64_t i) { return Stream{i, "worker/compute"}.at(7).bits(); }},
      {"names", [](std::uint64_t i) { return Stream{1, "service-" + std::to_string(i)}.at(7).bits(); }},
      {"the unnamed stream", [](std::uint64_t i) { return Stream{}.at(i).bits(); }},
  };
}

/// Both tails: too even is as wrong as too uneven.
void expect_plausible(const std::vector<std::uint64_t>& counts, std::uint64_t total,
                      const std::string& what) {
  const double expected = static_cast<double>(total) / static_cast<double>(counts.size());
  double chi = 0;
  for (const std::uint64_t count : counts) {
    const double off = static_cast<double>(count) - expected;
    chi += off * off / expected;
  }
  const boost::math::chi_squared law{static_cast<double>(counts.size() - 1)};
  const double p = boost::math::cdf(law, chi);
  EXPECT_GT(p, 1e-5) << what;
  EXPECT_LT(p, 1 - 1e-5) << what;
}

TEST(Random, TheBitsAreWhatTheyHaveAlwaysBeen) {
  // Changing any of these changes every result of every scenario: the CHANGELOG must say so.
  Draws draws = Stream(1, "worker/compute").at(5, 2);
  EXPECT_EQ(draws.bits(), 0x8DC7AD11166B7F3EU);
  EXPECT_EQ(draws.bits(), 0x98959605CE5A097DU);
  EXPECT_EQ(Stream().at(0).bits(), 0xB70FB2CC55AF013FU);
}

TEST(Random, ADrawDependsOnItsKeyAndPositionAlone) {
  const Stream stream{9, "a"};
  Draws first = stream.at(3, 1);
  stream.at(4).bits();
  const Draws copy = first;
  Draws again = Stream(9, "a").at(3, 1);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(first.bits(), again.bits());
  again = copy;
  EXPECT_EQ(again.bits(), stream.at(3, 1).bits());
}

TEST(Random, SeedNameJourneyAttemptAndPositionAllTell) {
  std::vector<std::uint64_t> bits;
  for (const std::uint64_t seed : {1U, 2U}) {
    for (const char* name : {"a", "b", "ab", "ba", ""}) {
      for (std::uint64_t journey = 0; journey < 3; ++journey) {
        for (std::uint32_t attempt = 0; attempt < 3; ++attempt) {
          Draws draws = Stream(seed, name).at(journey, attempt);
          for (int n = 0; n < 3; ++n) bits.push_back(draws.bits());
        }
      }
    }
  }
  std::sort(bits.begin(), bits.end());
  EXPECT_EQ(std::adjacent_find(bits.begin(), bits.end()), bits.end());
}

TEST(Random, NoTwoOfAMillionJourneysAndAttemptsShareAKey) {
  const Stream stream{1, "keys"};
  std::vector<std::uint64_t> bits;
  for (std::uint64_t journey = 0; journey < 100'000; ++journey) {
    for (std::uint32_t attempt = 0; attempt < 10; ++attempt)
      bits.push_back(stream.at(journey, attempt).bits());
  }
  std::sort(bits.begin(), bits.end());
  EXPECT_EQ(std::adjacent_find(bits.begin(), bits.end()), bits.end());
}

TEST(Random, EachBitOfJourneyAndAttemptFlipsEachBitOfTheDrawHalfTheTime) {
  const Stream stream{3, "avalanche"};
  constexpr int kSamples = 4096;
  for (int in = 0; in < 64 + 32; ++in) {
    std::array<int, 64> flips{};
    for (int sample = 0; sample < kSamples; ++sample) {
      const auto journey = static_cast<std::uint64_t>(sample);  // a counter, as in a run
      const auto flip_journey = in < 64 ? std::uint64_t{1} << in : 0;
      const auto flip_attempt = in < 64 ? 0U : 1U << (in - 64);
      const std::uint64_t changed =
          stream.at(journey, 1).bits() ^ stream.at(journey ^ flip_journey, 1U ^ flip_attempt).bits();
      for (std::size_t out = 0; out < 64; ++out) flips[out] += static_cast<int>(changed >> out & 1);
    }
    for (const int count : flips) EXPECT_NEAR(count, kSamples / 2, 5.5 * 32) << "input bit " << in;
  }
}

TEST(Random, EveryByteOfNeighbouringDrawsIsEvenlySpread) {
  constexpr std::uint64_t kDraws = 100'000;
  for (Walk& walk : walks()) {
    std::array<std::vector<std::uint64_t>, 8> counts;
    counts.fill(std::vector<std::uint64_t>(256));
    for (std::uint64_t i = 0; i < kDraws; ++i) {
      const std::uint64_t bits = walk.bits(i);
      for (std::size_t byte = 0; byte < 8; ++byte) ++counts[byte][bits >> (8 * byte) & 255];
    }
    for (std::size_t byte = 0; byte < 8; ++byte) {
      expect_plausible(counts[byte], kDraws, walk.name + ", byte " + std::to_string(byte));
    }
  }
}

TEST(Random, PairsAndTriplesOfNeighboursFillTheirCubeEvenly) {
  constexpr std::uint64_t kDraws = 200'000;
  for (Walk& walk : walks()) {
    std::vector<std::uint64_t> pairs(32 * 32);
    std::vector<std::uint64_t> triples(16 * 16 * 16);
    std::uint64_t before = walk.bits(0);
    std::uint64_t earlier = walk.bits(1);
    for (std::uint64_t i = 2; i < kDraws + 2; ++i) {
      const std::uint64_t bits = walk.bits(i);
      if (i % 2 == 0) ++pairs[(bits >> 59) * 32 + (earlier >> 59)];
      if (i % 3 == 0) ++triples[((bits >> 60) * 16 + (earlier >> 60)) * 16 + (before >> 60)];
      before = earlier;
      earlier = bits;
    }
    expect_plausible(pairs, kDraws / 2, walk.name + ", pairs");
    expect_plausible(triples, kDraws / 3, walk.name + ", triples");
  }
}

TEST(Random, NeighboursAreUncorrelated) {
  constexpr std::uint64_t kDraws = 200'000;
  for (Walk& walk : walks()) {
    std::vector<double> values;
    for (std::uint64_t i = 0; i < kDraws; ++i)
      values.push_back(static_cast<double>(walk.bits(i) >> 11) * 0x1p-53 - 0.5);
    for (const std::size_t lag : {1U, 2U, 3U, 4U, 8U, 16U, 64U, 256U, 4096U}) {
      double product = 0;
      for (std::size_t i = lag; i < values.size(); ++i) product += values[i] * values[i - lag];
      const double correlation = 12 * product / static_cast<double>(values.size() - lag);
      EXPECT_LT(std::abs(correlation), 5 / std::sqrt(static_cast<double>(kDraws)))
          << walk.name << ", lag " << lag;
    }
  }
}

TEST(Random, BirthdaysCoincideAsOftenAsChanceSays) {
  // 2^18 draws cut to 32 bits: 8 coincidences expected; a generator that repeats or avoids itself shows here.
  for (Walk& walk : walks()) {
    for (const int shift : {0, 16, 32}) {
      std::vector<std::uint32_t> days;
      for (std::uint64_t i = 0; i < 1U << 18; ++i)
        days.push_back(static_cast<std::uint32_t>(walk.bits(i) >> shift));
      std::sort(days.begin(), days.end());
      std::size_t coincidences = 0;
      for (std::size_t i = 1; i < days.size(); ++i) coincidences += days[i] == days[i - 1] ? 1U : 0U;
      EXPECT_LE(coincidences, 24U) << walk.name;
      EXPECT_GE(coincidences, 1U) << walk.name;
    }
  }
}

TEST(Random, UniformsStayInsideTheirInterval) {
  Draws draws{1};
  double sum = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const double u = draws.uniform();
    const double open = draws.open01();
    ASSERT_TRUE(u >= 0 && u < 1);
    ASSERT_TRUE(open > 0 && open < 1);
    ASSERT_EQ(1.0 - (1.0 - open), open);  // the complement is exact
    sum += u + open;
  }
  EXPECT_NEAR(sum / 2e6, 0.5, 5 * 0.2887 / std::sqrt(2e6));
}

TEST(Random, AChanceTakesOneDrawWhateverItsProbability) {
  for (const double p : {-1.0, 0.0, 0.3, 1.0, 2.0}) {
    Draws chance{5};
    Draws plain{5};
    EXPECT_EQ(chance.chance(p), plain.uniform() < p);
    EXPECT_EQ(chance.bits(), plain.bits());
  }
  for (std::uint64_t key = 0; key < 1000; ++key) {
    const double u = Draws{key}.uniform();
    EXPECT_FALSE(Draws{key}.chance(u)) << "below it, and not at it";
    EXPECT_TRUE(Draws{key}.chance(std::nextafter(u, 1.0)));
  }
  int hits = 0;
  Draws draws{6};
  for (int i = 0; i < 100'000; ++i) {
    hits += draws.chance(0.3) ? 1 : 0;
    ASSERT_FALSE(draws.chance(0.0));
    ASSERT_TRUE(draws.chance(1.0));
  }
  EXPECT_NEAR(hits, 30'000, 5 * 145);
}

TEST(Random, BelowIsEvenAlsoWhereSixtyFourBitsDoNotDivide) {
  const std::uint64_t n = std::uint64_t{3}
                          << 62;  // the naive product would favour a third of the values by half
  Draws draws{8};
  std::vector<std::uint64_t> thirds(3);
  for (int i = 0; i < 300'000; ++i) {
    const std::uint64_t value = draws.below(n);
    ASSERT_LT(value, n);
    ++thirds[value >> 62];
  }
  expect_plausible(thirds, 300'000, "thirds");
  std::vector<std::uint64_t> residues(3);
  for (int i = 0; i < 300'000; ++i) ++residues[draws.below(n) % 3];
  expect_plausible(residues, 300'000, "residues");
  std::vector<std::uint64_t> counts(7);
  for (int i = 0; i < 70'000; ++i) ++counts[draws.below(7)];
  expect_plausible(counts, 70'000, "below 7");
  EXPECT_EQ(draws.below(1), 0U);
}

}  // namespace
}  // namespace spillway
