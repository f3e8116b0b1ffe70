#include "services/function_provisioned.hpp"

#include <algorithm>

namespace spillway {

namespace {

constexpr int kDataPoints = 3;           // of one minute each, for either alarm
constexpr std::int64_t kLowShare = 900;  // permille of the target below which capacity is taken away
constexpr Duration kBillingStep = 5min;  // Lambda pricing, 2026
constexpr std::int64_t kNsPerMs = 1'000'000;

std::int64_t divided_up(std::int64_t value, std::int64_t by) { return (value + by - 1) / by; }

}  // namespace

ProvisionedConcurrency::ProvisionedConcurrency(Simulation& simulation, Owner& owner, ProvisionedConfig config,
                                               std::int64_t rate_per_concurrency)
    : Actor(simulation),
      owner_(owner),
      config_(std::move(config)),
      rate_per_concurrency_(rate_per_concurrency) {}

/// What is configured for the start was allocated before it.
void ProvisionedConcurrency::start() {
  requested_ = config_.environments;
  owner_.provisioned_requested(0, requested_);
  serve(requested_);
  for (std::uint32_t row = 0; row < config_.schedule.size(); ++row)
    after<&ProvisionedConcurrency::scheduled>(config_.schedule[row].at, row);
  if (config_.scaling) after<&ProvisionedConcurrency::minute_passed>(60s);
}

void ProvisionedConcurrency::scheduled(std::uint32_t row) {
  const ProvisionedChange& change = config_.schedule[row];
  if (change.every > Duration::zero()) after<&ProvisionedConcurrency::scheduled>(change.every, row);
  request(change.environments);
}

void ProvisionedConcurrency::request(std::int64_t environments) {
  if (environments == requested_) return;
  unbilled_ms_ += billable_ms();
  if (requested_ == 0) enabled_ = now();
  if (environments == 0) {  // paid for until the end of the step of five minutes that has begun
    const std::int64_t steps = divided_up((now() - enabled_).count(), kBillingStep.count());
    const Duration rest = enabled_ + steps * kBillingStep - now();
    unbilled_ms_ += requested_ * rest.count() / kNsPerMs;
  }
  owner_.provisioned_requested(requested_, environments);
  requested_ = environments;
  ++generation_;
  if (environments <= ready_) {
    serve(environments);
    return;
  }
  const Duration allocation = Duration{60s} * (environments - ready_) / config_.environments_per_minute;
  after<&ProvisionedConcurrency::allocated>(config_.preparation + allocation, generation_);
}

void ProvisionedConcurrency::allocated(std::uint32_t generation) {
  if (generation == generation_) serve(requested_);  // else another request came meanwhile
}

void ProvisionedConcurrency::serve(std::int64_t environments) {
  ready_ = environments;
  if (rate_per_concurrency_ > 0) rate_.limit(environments * rate_per_concurrency_);
  owner_.provisioned_ready(environments);
}

std::int64_t ProvisionedConcurrency::billable_ms() {
  const std::int64_t whole_ms = (now() - accounted_).count() / kNsPerMs;
  accounted_ += Duration{whole_ms * kNsPerMs};
  return std::exchange(unbilled_ms_, 0) + whole_ms * requested_;
}

// ---- Target tracking ----------------------------------------------------------------------------------

void ProvisionedConcurrency::busy_changed(std::int64_t by) {
  busy_ns_ += busy_ * (now() - busy_since_).count();
  busy_since_ = now();
  busy_ += by;
  active_ = true;
}

void ProvisionedConcurrency::minute_passed() {
  after<&ProvisionedConcurrency::minute_passed>(60s);
  busy_ns_ += busy_ * (now() - busy_since_).count();
  busy_since_ = now();
  const std::int64_t busy_ns = std::exchange(busy_ns_, 0);
  const bool active = std::exchange(active_, busy_ > 0);
  if (!active || ready_ == 0) return;  // the metric is not emitted: the alarms have insufficient data
  track(busy_ns / (ready_ * Duration{60s}.count() / 1000));
}

/// Capacity follows in proportion, rounded up; an alarm that stays acts again each minute.
void ProvisionedConcurrency::track(std::int64_t utilization_permille) {
  const ProvisionedScaling& scaling = *config_.scaling;
  points_above_ = utilization_permille > scaling.target_permille ? points_above_ + 1 : 0;
  const bool below = utilization_permille * 1000 < scaling.target_permille * kLowShare;
  points_below_ = below ? points_below_ + 1 : 0;
  if (points_above_ < kDataPoints && points_below_ < kDataPoints) return;
  if (requested_ != ready_) return;  // an allocation is under way
  const std::int64_t desired = divided_up(ready_ * utilization_permille, scaling.target_permille);
  request(std::clamp(desired, scaling.minimum, scaling.maximum));
}

}  // namespace spillway
