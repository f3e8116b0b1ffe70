#pragma once
/// Provisioned concurrency: how many environments stand ready ahead of demand, and when. A request for more
/// is prepared, then allocated at a rate, and none of it is usable before all of it is; a request for less
/// counts at once. Schedules and target tracking make such requests. It is paid for from the request on until
/// it is turned off, in steps of five minutes.
///
/// Rules: Lambda Developer Guide, "Configuring provisioned concurrency", 2025-26: preparation of "a minute or
/// two", 6,000 environments a minute, target tracking of ProvisionedConcurrencyUtilization by two alarms of
/// three one-minute points each (above the target; below nine tenths of it), no data while the function is
/// idle, no cooldown. Lambda pricing, 2026.
///
/// The function owns the environments; here are only the numbers and the clock.

#include <cstdint>
#include <optional>
#include <vector>

#include "model/concurrency_pool.hpp"
#include "spillway/simulation.hpp"

namespace spillway {

/// A scheduled action: at this time, and again each time that `every` has passed.
struct ProvisionedChange {
  Duration at{};
  std::int64_t environments = 0;
  Duration every{};  ///< zero: once
};

/// Target tracking by Application Auto Scaling.
struct ProvisionedScaling {
  std::int64_t minimum = 1;
  std::int64_t maximum = 1;
  std::int64_t target_permille = 700;
};

struct ProvisionedConfig {
  std::int64_t environments = 0;  ///< ready at the start
  std::vector<ProvisionedChange> schedule{};
  std::optional<ProvisionedScaling> scaling{};
  Duration preparation = 60s;
  std::int64_t environments_per_minute = 6000;
};

class ProvisionedConcurrency final : public Actor {
 public:
  class Owner {
   public:
    /// So many are asked for now: they are taken out of what requests on demand may use.
    virtual void provisioned_requested(std::int64_t before, std::int64_t after) = 0;
    /// So many are ready now.
    virtual void provisioned_ready(std::int64_t environments) = 0;

   protected:
    ~Owner() = default;
  };

  /// `rate_per_concurrency` requests a second for each environment; zero: any number.
  ProvisionedConcurrency(Simulation& simulation, Owner& owner, ProvisionedConfig config,
                         std::int64_t rate_per_concurrency);

  void start();

  /// Whether one more request may go to the environments that are ready.
  bool take_rate() { return rate_.take(now()); }
  void busy_changed(std::int64_t by);

  /// Milliseconds of environments to bill since the last time that it was asked.
  std::int64_t billable_ms();

 private:
  void request(std::int64_t environments);
  void allocated(std::uint32_t generation);
  void scheduled(std::uint32_t row);
  void minute_passed();
  void serve(std::int64_t environments);
  void track(std::int64_t utilization_permille);

  Owner& owner_;
  ProvisionedConfig config_;
  std::int64_t rate_per_concurrency_;
  RequestRate rate_;
  std::int64_t requested_ = 0;
  std::int64_t ready_ = 0;
  std::uint32_t generation_ = 0;

  Time enabled_ = kStart;    ///< when it was last turned on
  Time accounted_ = kStart;  ///< until when it has been billed
  std::int64_t unbilled_ms_ = 0;

  std::int64_t busy_ = 0;
  Time busy_since_ = kStart;
  std::int64_t busy_ns_ = 0;  ///< of environments, in the present minute
  bool active_ = false;       ///< in the present minute
  int points_above_ = 0;
  int points_below_ = 0;
};

}  // namespace spillway
