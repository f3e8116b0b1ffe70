#pragma once
/// Traffic given as counts: so many requests in each minute (or any step), from a file or from a list.
///
/// How a step's requests lie inside it is a choice, since a count does not tell:
///   evenly    the j-th of k at (j + 1/2) / k of the step
///   randomly  k independent uniform moments: the count is exact, the places are random
///   poisson   a Poisson process with the step's rate: the count itself is random
///   together  all at the step's first moment, as schedulers that fire on the minute do
/// Scaled counts of the first, second and fourth kind are rounded on their running sum, so that a day's total
/// is the scaled total to within half a request, however few come in a step.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "formats/traffic_file.hpp"
#include "scenario/traffic/curve.hpp"
#include "scenario/traffic/file_bytes.hpp"
#include "scenario/traffic/ratio.hpp"

namespace spillway {

/// Counts step by step: those of a file, or those of a list.
class CountSource {
 public:
  virtual ~CountSource() = default;
  /// The next stretch of time with requests in it (or without); false at the end or at a problem.
  virtual bool next(CountRow& row) = 0;
  virtual Duration step() const = 0;
  /// A source like this one at its beginning, for looking at the same counts once more.
  virtual std::unique_ptr<CountSource> again() const = 0;
  virtual std::string_view problem() const { return {}; }
};

struct CountFileSettings {
  std::string path;
  CountColumns columns{};
  bool repeat = false;
};
tl::expected<std::unique_ptr<CountSource>, std::string> counts_from_file(const CountFileSettings& settings);
/// Millionths of a request for each step, from time zero on.
std::unique_ptr<CountSource> counts_from_list(std::vector<std::int64_t> millionths, Duration step,
                                              bool repeat);

enum class Within : std::uint8_t { evenly, randomly, poisson, together };

inline constexpr std::int64_t kLargestScale = 100'000;

/// `scale`, up to kLargestScale, multiplies every count.
std::unique_ptr<Arrivals> arrivals_by_count(std::unique_ptr<CountSource> counts, Ratio scale, Within within,
                                            Stream gaps);

}  // namespace spillway
