#pragma once
/// What AWS Lambda Power Tuning found out: the average duration of a function at each memory that it tried.
/// Its output is read in both forms in which it has them: `stats`, and the URL of its visualization, which
/// carries the sizes and durations in its fragment (README-INPUT-OUTPUT.md of
/// github.com/alexcasalboni/aws-lambda-power-tuning, 2024).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace spillway {

struct MemoryDuration {
  std::int64_t memory_mb = 0;
  std::int64_t duration_ns = 0;

  friend bool operator==(const MemoryDuration&, const MemoryDuration&) = default;
};

/// By memory, ascending; never empty. The error says what is wrong with the text.
tl::expected<std::vector<MemoryDuration>, std::string> parse_power_tuning(std::string_view json);

/// The duration in nanoseconds at a memory: linear in its inverse between the two nearest measurements (a
/// part that waits, and a part that computes at a speed in proportion to memory), and that of the nearest one
/// beyond them. `curve` is as parse_power_tuning() returns it.
double duration_at(const std::vector<MemoryDuration>& curve, std::int64_t memory_mb);

}  // namespace spillway
