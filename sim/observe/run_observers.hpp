#pragma once
/// The observers of one world, and the result that they make when its run is over.
///
///   World world{…};                            // services and ports
///   RunObservers observers{world, {.horizon = 2h, .clients = {"shoppers"}}};
///   world.start();
///   observers.run(kStart + 2h);                // or in slices, to show progress
///   RunResult result = observers.result();
///
/// Make them before World::start(), which tells the first facts. With a warm-up, run the world through run():
/// at the end of the warm-up it settles what is billed by time and forgets what was counted.

#include <optional>

#include "observe/breakdown.hpp"
#include "observe/fact_hash.hpp"
#include "observe/ledger.hpp"
#include "observe/metrics.hpp"
#include "observe/result.hpp"
#include "observe/series.hpp"
#include "observe/spending.hpp"
#include "observe/traces.hpp"

namespace spillway {

struct ObserveOptions {
  Duration warm_up{};
  Duration horizon{};  ///< decides the width of the series' buckets, unless `bucket` is given
  Duration bucket{};
  std::vector<std::string> clients{};  ///< by number; a client's own service has the same name
  std::vector<std::string> classes{};  ///< traffic classes, by number
  bool series = true;                  ///< the time lines, and where the time went
  bool story = false;                  ///< the bill over time, and the hops of the slowest journeys
  bool fact_hash = true;               ///< hears every fact
};

class RunObservers {
 public:
  RunObservers(World& world, ObserveOptions options);

  /// Runs the world until `end`; may be called again with a later end.
  void run(Time end);

  /// Settles what is billed by time, checks conservation and tells what happened. Once, when the run has
  /// ended.
  RunResult result();

  Metrics& metrics() { return metrics_; }

 private:
  void end_warm_up();
  void account();

  World& world_;
  ObserveOptions options_;
  Metrics metrics_;
  Ledger ledger_;
  std::optional<Series> series_;
  std::optional<BreakdownObserver> breakdown_;
  std::optional<Spending> spending_;
  std::optional<Traces> traces_;
  std::optional<FactHash> hash_;
  bool warm_ = false;
};

}  // namespace spillway
