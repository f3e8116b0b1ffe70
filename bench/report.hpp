#pragma once
/// What all benchmarks share: options, clock, medians of interleaved competitors, and the rows they print.
///
/// A row is `P1  HOLD exponential 1e6   figure  goal  verdict`. Absolute times move with the machine and its
/// neighbours, so goals are ratios wherever they can be: competitors take turns in one process, and the
/// median of the rounds is compared. `--smoke` runs everything small, so that the tests can prove that a
/// benchmark still works; it gives no verdicts, because a small run says nothing about speed.
/// Every benchmark prints a hash of what it computed: a fast wrong answer shows as another hash.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

namespace spillway::bench {

struct Options {
  bool smoke = false;  ///< tiny sizes, one round, no verdicts
  int rounds = 5;      ///< how often each competitor runs; the median counts
  std::string only;    ///< run only the parts whose name contains this

  /// n in a real run, the small one in a smoke run.
  [[nodiscard]] std::size_t size(std::size_t real, std::size_t small) const { return smoke ? small : real; }
  [[nodiscard]] bool wants(std::string_view part) const {
    return only.empty() || part.find(only) != std::string_view::npos;
  }
};

/// `--smoke`, `--rounds N`, `--only PART`. Anything else is the user's mistake: exit 2.
inline Options parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--smoke") {
      options.smoke = true;
      options.rounds = 1;
    } else if (argument == "--rounds" && i + 1 < argc && std::atoi(argv[i + 1]) > 0) {
      options.rounds = std::atoi(argv[++i]);
    } else if (argument == "--only" && i + 1 < argc) {
      options.only = argv[++i];
    } else {
      fmt::print(stderr, "usage: {} [--smoke] [--rounds N] [--only PART]\n", argv[0]);
      std::exit(2);
    }
  }
  return options;
}

/// CPU time of one call on this thread: what a benchmark of a single thread is compared by, because a
/// neighbour who takes the core away does not count.
template <typename Work>
double cpu_seconds(Work&& work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double start = now();
  std::forward<Work>(work)();
  return now() - start;
}

/// Wall time of one call.
template <typename Work>
double seconds(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  std::forward<Work>(work)();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// Keeps the compiler from dropping a computation whose result nobody reads.
template <typename Value>
void keep(const Value& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

/// An order-dependent hash of results.
class Hash {
 public:
  void add(std::uint64_t value) {
    state_ = (state_ ^ value) * 0x9E3779B97F4A7C15U;
    state_ ^= state_ >> 29U;
  }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0xCBF29CE484222325U;
};

/// One of several ways to do the same work. `run` returns the figure (ns per operation, operations per
/// second...).
struct Competitor {
  std::string name;
  std::function<double()> run;
};

/// Every figure of every competitor: result[competitor][round]. They take turns, so that a noisy minute
/// hits all of them alike.
inline std::vector<std::vector<double>> interleave(const std::vector<Competitor>& competitors, int rounds) {
  std::vector<std::vector<double>> figures(competitors.size());
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < competitors.size(); ++i) figures[i].push_back(competitors[i].run());
  }
  return figures;
}

/// The median of each competitor over interleaved rounds.
inline std::vector<double> medians(const std::vector<Competitor>& competitors, int rounds) {
  std::vector<double> result;
  for (auto& figures : interleave(competitors, rounds)) result.push_back(median(std::move(figures)));
  return result;
}

/// The median over rounds of figures[of] / figures[to]: paired, so that slow drift of the machine cancels.
inline double median_ratio(const std::vector<double>& of, const std::vector<double>& to) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(of.size(), to.size()); ++i) ratios.push_back(of[i] / to[i]);
  return median(std::move(ratios));
}

/// Prints the rows and remembers whether a goal was missed.
class Report {
 public:
  Report(std::string_view title, const Options& options) : smoke_(options.smoke) {
    fmt::print("{}{}\n", title, smoke_ ? " (smoke run: small sizes, no verdicts)" : "");
  }

  void at_least(std::string_view id, std::string_view what, double figure, double goal,
                std::string_view unit) {
    row(id, what, fmt::format("{:.4g}{}", figure, unit), fmt::format(">= {:g}{}", goal, unit),
        verdict(figure >= goal));
  }
  void at_most(std::string_view id, std::string_view what, double figure, double goal,
               std::string_view unit) {
    row(id, what, fmt::format("{:.4g}{}", figure, unit), fmt::format("<= {:g}{}", goal, unit),
        verdict(figure <= goal));
  }
  /// A figure without a goal.
  void figure(std::string_view id, std::string_view what, double figure, std::string_view unit) {
    row(id, what, fmt::format("{:.4g}{}", figure, unit), "", "");
  }
  void hash(std::string_view what, const Hash& hash) {
    row("hash", what, fmt::format("{:016x}", hash.value()), "", "");
  }
  /// What main() returns: 1 if a goal was missed.
  [[nodiscard]] int exit_code() const { return missed_ ? 1 : 0; }

 private:
  std::string_view verdict(bool reached) {
    if (smoke_) return "-";
    missed_ = missed_ || !reached;
    return reached ? "reached" : "MISSED";
  }
  static void row(std::string_view id, std::string_view what, std::string_view figure, std::string_view goal,
                  std::string_view verdict) {
    fmt::print("{:<5} {:<52} {:>18}  {:>12}  {}\n", id, what, figure, goal, verdict);
    std::fflush(stdout);
  }

  bool smoke_;
  bool missed_ = false;
};

}  // namespace spillway::bench
