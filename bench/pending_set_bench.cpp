// The pending-event set: goals P1 and P2, its behaviour under loads meant to hurt it, and a comparison with
// seven other sets (`--only comparison`, some minutes). Times are CPU times of the only thread.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "alternatives/calendars.hpp"
#include "alternatives/heaps.hpp"
#include "alternatives/ladder_queue.hpp"
#include "alternatives/loads.hpp"
#include "engine/pending_set.hpp"
#include "engine/sorted_set.hpp"
#include "report.hpp"

namespace spillway::bench {
namespace {

std::string short_size(std::size_t n) {
  return fmt::format("1e{}", std::lround(std::log10(static_cast<double>(n))));
}

/// P1: the ladder and std::priority_queue take turns at a million pending entries.
void p1(const Options& options, Report& report) {
  const std::size_t pending = options.size(1'000'000, 2000);
  const std::size_t operations = options.size(1'000'000, 5000);
  Hash ladder;
  Hash heap;
  const auto figures =
      interleave({{"ladder", [&] { return hold<RadixLadder>(kLoads[0], pending, operations, ladder); }},
                  {"heap", [&] { return hold<StandardHeap>(kLoads[0], pending, operations, heap); }}},
                 options.rounds);
  const std::string what = fmt::format("HOLD exponential {}", short_size(pending));
  report.figure("P1", what + ", radix ladder", median(figures[0]), " ns");
  report.figure("P1", what + ", std::priority_queue", median(figures[1]), " ns");
  report.at_least("P1", what, median_ratio(figures[1], figures[0]), 30, "x faster");
  report.hash("P1, radix ladder", ladder);
  report.hash("P1, std::priority_queue", heap);
}

/// P2: the worst of eight distributions and five sizes, against the best size of the common distribution, the
/// exponential: how much slower an event can get by what is simulated. (Against the best cell of all a set
/// would be punished for being fast where there is nothing to do, as with 100 events at one instant.)
void p2(const Options& options, Report& report) {
  std::vector<std::size_t> sizes{100, 1000, 10'000, 100'000, 1'000'000};
  if (options.smoke) sizes = {100, 1000};
  std::vector<Competitor> cells;
  Hash hash;
  for (const Load& load : kLoads) {
    for (const std::size_t size : sizes) {
      cells.push_back(
          {fmt::format("HOLD {} {}", load.name, short_size(size)), [&options, &load, &hash, size] {
             return hold<RadixLadder>(load, size, options.size(1'000'000, 2000), hash);
           }});
    }
  }
  const std::vector<double> figures = medians(cells, options.rounds);
  for (std::size_t i = 0; i < cells.size(); ++i) report.figure("P2", cells[i].name, figures[i], " ns");
  const double worst = *std::max_element(figures.begin(), figures.end());
  const auto exponential_end = figures.begin() + static_cast<std::ptrdiff_t>(sizes.size());
  report.figure("P2", "HOLD, worst of all", worst, " ns");
  report.at_most("P2", "HOLD, worst of all / best of exponential",
                 worst / *std::min_element(figures.begin(), exponential_end), 2.5, "x");
  report.figure("P2", "HOLD, worst of all / best of all",
                worst / *std::min_element(figures.begin(), figures.end()), "x");
  report.hash("P2", hash);
}

/// Beyond the goals: ten million pending entries.
void ten_million(const Options& options, Report& report) {
  const std::size_t pending = options.size(10'000'000, 20'000);
  Hash hash;
  for (const Load& load : kLoads) {
    const double figure = medians({{"", [&] { return hold<RadixLadder>(load, pending, pending / 5, hash); }}},
                                  std::min(options.rounds, 3))[0];
    report.figure("1e7", fmt::format("HOLD {} {}", load.name, short_size(pending)), figure, " ns");
  }
  report.hash("1e7", hash);
}

/// Loads meant to hurt. Each returns ns per event, for any set.
struct Patterns {
  std::size_t count;
  Hash* hash;

  template <typename Set, typename Work>
  [[nodiscard]] double per_event(std::size_t events, const Work& work) const {
    const auto set = std::make_unique<Set>();
    std::uint64_t words = 0;
    const double elapsed = cpu_seconds([&] { words = work(*set); });
    hash->add(words);
    return elapsed * 1e9 / static_cast<double>(events);
  }

  template <typename Set>
  static std::uint64_t drain(Set& set, std::size_t pending) {
    std::uint64_t words = 0;
    for (std::size_t i = 0; i < pending; ++i) words = words * 3 + set.pop().word;
    return words;
  }

  template <typename Set>
  [[nodiscard]] double one_instant() const {
    return per_event<Set>(count, [this](Set& set) {
      for (std::size_t i = 0; i < count; ++i) set.push({1'000'000'000, i});
      return drain(set, count);
    });
  }
  template <typename Set>
  [[nodiscard]] double decreasing() const {
    return per_event<Set>(count, [this](Set& set) {
      for (std::size_t i = 0; i < count; ++i) set.push({1000 * (count - i), i});
      return drain(set, count);
    });
  }
  /// Each event schedules the next for the same nanosecond, while timers wait.
  template <typename Set>
  [[nodiscard]] double zero_delay_chain() const {
    return per_event<Set>(count, [this](Set& set) {
      for (std::size_t i = 0; i < 10'000; ++i) set.push({1'000'000'000 + 1000 * i, i});
      set.push({5, 77});
      std::uint64_t words = 0;
      for (std::size_t i = 0; i < count; ++i) {
        PendingEvent entry = set.pop();
        words = words * 3 + entry.word;
        if (i % 16 == 15) entry.time += 900;
        set.push(entry);
      }
      return words;
    });
  }
  /// Each event schedules up to two more within the next microsecond, where the sorted run is.
  template <typename Set>
  [[nodiscard]] double flood_in_window() const {
    return per_event<Set>(count, [this](Set& set) {
      Draws draws(7);
      for (std::size_t i = 0; i < 1000; ++i) set.push({draws.below(1000), i});
      std::uint64_t words = 0;
      std::size_t pending = 1000;
      for (std::size_t i = 0; i < count; ++i) {
        const PendingEvent entry = set.pop();
        words = words * 3 + entry.word;
        --pending;
        for (std::uint64_t more = pending < 500 ? 2 : draws.below(3); more > 0; --more, ++pending) {
          set.push({entry.time + draws.below(1000), i});
        }
      }
      return words;
    });
  }
  /// A ticker of 1 us in front of a million timers.
  template <typename Set>
  [[nodiscard]] double ticker() const {
    const auto set = std::make_unique<Set>();
    Draws draws(8);
    for (std::size_t i = 0; i < count; ++i) set->push({600'000'000'000 + draws.below(600'000'000'000), i});
    set->push({0, 1});
    std::uint64_t words = 0;
    const double elapsed = cpu_seconds([&] {
      for (std::size_t i = 0; i < count; ++i) {
        PendingEvent entry = set->pop();
        words += entry.time;
        entry.time += 1000;
        set->push(entry);
      }
    });
    hash->add(words);
    return elapsed * 1e9 / static_cast<double>(count);
  }
};

void adversaries(const Options& options, Report& report) {
  Hash ladder_hash;
  Hash heap_hash;
  const Patterns a{options.size(1'000'000, 5000), &ladder_hash};
  const Patterns b{a.count, &heap_hash};
  const auto compare = [&](const std::string& what, const auto& ladder, const auto& heap) {
    const auto figures = interleave({{"ladder", ladder}, {"heap", heap}}, options.rounds);
    report.figure("hard", what + ", radix ladder", median(figures[0]), " ns");
    report.figure("hard", what + ", std::priority_queue", median(figures[1]), " ns");
  };
  using Ladder = RadixLadder;
  using Heap = StandardHeap;
  compare(
      "all at one instant", [&] { return a.one_instant<Ladder>(); }, [&] { return b.one_instant<Heap>(); });
  compare("decreasing times", [&] { return a.decreasing<Ladder>(); }, [&] { return b.decreasing<Heap>(); });
  compare(
      "zero-delay chains", [&] { return a.zero_delay_chain<Ladder>(); },
      [&] { return b.zero_delay_chain<Heap>(); });
  compare(
      "flood in the window", [&] { return a.flood_in_window<Ladder>(); },
      [&] { return b.flood_in_window<Heap>(); });
  compare(
      "far timers and a 1 us ticker", [&] { return a.ticker<Ladder>(); }, [&] { return b.ticker<Heap>(); });
  report.hash("hard, radix ladder", ladder_hash);
  report.hash("hard, std::priority_queue", heap_hash);
}

/// The table of docs/performance.md, in Markdown. Sets that disagree on what was popped are called out.
void comparison(const Options& options) {
  static constexpr std::array<const char*, 8> kNames{"radix ladder", "priority_queue", "multimap",
                                                     "4-ary heap",   "pairing heap",   "calendar",
                                                     "wheel",        "ladder queue"};
  fmt::print("| HOLD, ns per pop+push |");
  for (const char* name : kNames) fmt::print(" {} |", name);
  fmt::print("\n|---|---|---|---|---|---|---|---|---|\n");
  const std::size_t operations = options.size(300'000, 2000);
  for (const Load& load : kLoads) {
    if (load.name == "constant") continue;  // quadratic for the calendar, as all entries share a day
    for (const std::size_t size :
         {options.size(1000, 200), options.size(100'000, 500), options.size(1'000'000, 1000)}) {
      std::array<Hash, kNames.size()> hashes;
      const auto figures =
          medians({{"", [&] { return hold<RadixLadder>(load, size, operations, hashes[0]); }},
                   {"", [&] { return hold<StandardHeap>(load, size, operations, hashes[1]); }},
                   {"", [&] { return hold<SortedSet>(load, size, operations, hashes[2]); }},
                   {"", [&] { return hold<FourHeap>(load, size, operations, hashes[3]); }},
                   {"", [&] { return hold<PairingHeap>(load, size, operations, hashes[4]); }},
                   {"", [&] { return hold<CalendarQueue>(load, size, operations, hashes[5]); }},
                   {"", [&] { return hold<TimingWheel>(load, size, operations, hashes[6]); }},
                   {"", [&] { return hold<LadderQueue>(load, size, operations, hashes[7]); }}},
                  options.rounds);
      fmt::print("| {} {} |", load.name, size);
      for (std::size_t i = 0; i < figures.size(); ++i) {
        if (std::isinf(figures[i])) {
          fmt::print(" gave up |");
        } else {
          fmt::print(" {:.0f}{} |", figures[i],
                     hashes[i].value() == hashes[0].value() ? "" : " (wrong order)");
        }
      }
      fmt::print("\n");
      std::fflush(stdout);
    }
  }
}

}  // namespace
}  // namespace spillway::bench

int main(int argc, char** argv) {
  using namespace spillway::bench;
  const Options options = parse_options(argc, argv);
  Report report("Pending-event set", options);
  if (options.wants("p1")) p1(options, report);
  if (options.wants("p2")) p2(options, report);
  if (options.wants("1e7")) ten_million(options, report);
  if (options.wants("hard")) adversaries(options, report);
  if (options.smoke || options.only == "comparison") comparison(options);
  return report.exit_code();
}
