// The first draws of everything, bit for bit: tests/golden/engine-draws.txt must come out the same from every
// compiler, optimisation level and CPU. If a change is wanted, run the test with SPILLWAY_APPROVE_DRAWS=1 and
// say "results change" in the CHANGELOG.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "engine/math.hpp"
#include "engine/sketch.hpp"
#include "engine/statistics.hpp"
#include "spillway/distribution.hpp"

namespace spillway {
namespace {

std::vector<std::pair<std::string, Distribution>> distributions() {
  using D = Distribution;
  return {{"constant", D::constant(5.0)},
          {"exponential", D::exponential(3)},
          {"uniform", D::uniform(-1, 3)},
          {"truncated_normal/cut-at-zero", D::truncated_normal(10, 8, 0, kInfinity)},
          {"truncated_normal/right", D::truncated_normal(0, 1, 2, 3)},
          {"truncated_normal/left", D::truncated_normal(0, 1, -3, -2)},
          {"truncated_normal/narrow", D::truncated_normal(0, 1, 0.1, 0.3)},
          {"truncated_normal/far", D::truncated_normal(0, 1, 40, kInfinity)},
          {"lognormal/mean-cv", D::lognormal_mean_cv(10, 0.7)},
          {"lognormal/median-p99", D::lognormal_median_p99(80, 400)},
          {"gamma/shape-4", D::gamma_mean_cv(6, 0.5)},
          {"gamma/shape-quarter", D::gamma_mean_cv(6, 2)},
          {"erlang", D::erlang(3, 6)},
          {"weibull", D::weibull(0.7, 2)},
          {"pareto", D::pareto(1.1, 3)},
          {"hyperexponential", D::hyperexponential({{0.9, 1}, {0.1, 20}})},
          {"two_point", D::two_point(0.3, 1, 2)},
          {"quantiles", D::quantiles({{0, 1}, {0.5, 2}, {0.9, 10}, {1, 100}})},
          {"samples", D::samples({1, 2, 4, 8, 16})},
          {"mixture", D::mixture({{0.9, D::constant(1.0)}, {0.1, D::lognormal_mean_cv(50, 2)}})}};
}

/// A hash over many, so that a rare path (a tail, a rejection) shows as well.
std::uint64_t hash_of(const Distribution& distribution, const Stream& stream) {
  std::uint64_t hash = 0;
  for (std::uint64_t journey = 0; journey < 20'000; ++journey) {
    Draws draws = stream.at(journey);
    hash = mix_bits(hash ^ std::bit_cast<std::uint64_t>(distribution.sample(draws))) + kWeylStep;
  }
  return hash;
}

std::string drawn() {
  std::string text =
      "# name, mean, first samples (journeys 0 to 3), hash of 20000 samples; doubles as hexadecimal\n";
  for (const auto& [name, distribution] : distributions()) {
    const Stream stream{1, name};
    text += fmt::format("{} {:a}", name, distribution.mean());
    for (std::uint64_t journey = 0; journey < 4; ++journey) {
      Draws draws = stream.at(journey);
      text += fmt::format(" {:a}", distribution.sample(draws));
    }
    text += fmt::format(" {:016x}\n", hash_of(distribution, stream));
  }
  for (const std::uint64_t degrees : {1U, 4U, 9U, 30U, 5000U}) {
    text += fmt::format("student-0.975/{} {:a}\n", degrees, student_quantile(0.975, degrees));
  }
  for (const double x : {0.1, 0.7, 1.3, 40.0}) {
    text += fmt::format("functions/{} {:a} {:a} {:a} {:a} {:a} {:a} {:a}\n", x, math::log(x), math::exp(x),
                        math::cbrt(x), math::pow(x, 2.5), math::sin_turns(x), math::atan(x), math::gamma(x));
  }
  return text;
}

TEST(DrawsGolden, TheFirstDrawsOfEverythingAreBitForBitTheApprovedOnes) {
  const std::string path = SPILLWAY_SOURCE_DIR "/tests/golden/engine-draws.txt";
  const std::string now = drawn();
  if (std::getenv("SPILLWAY_APPROVE_DRAWS") != nullptr) std::ofstream{path} << now;
  std::stringstream approved;
  approved << std::ifstream{path}.rdbuf();
  EXPECT_EQ(approved.str(), now);
}

}  // namespace
}  // namespace spillway
