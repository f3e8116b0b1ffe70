// The execution environments of a function: how they are made, kept while they are idle, and ended; and those
// that provisioned concurrency keeps ready.

#include <algorithm>

#include "services/function.hpp"

namespace spillway {

namespace {

constexpr auto by_expiry = [](const auto& environment) { return environment.expires; };

}  // namespace

// ---- On demand ----------------------------------------------------------------------------------------

/// The most recently used idle environment that has not passed its age, if there is one.
Function::EnvironmentId Function::idle_environment(std::uint8_t version) {
  Idle& idle = idle_[version];
  while (!idle.empty()) {
    const EnvironmentId id = idle.back();
    const Environment& environment = environments_[id];
    if (config_.keep_alive.maximum_age > Duration::zero() &&
        now() - environment.born >= config_.keep_alive.maximum_age) {
      end_environment(id, true);
      continue;
    }
    idle.pop_back(environments_);
    if (!ends_by_last_use_) expiry_.remove(environments_, id);
    --idle_count_;
    return id;
  }
  return kNoEnvironment;
}

Duration Function::draw_init(const Environment& environment, Draws& draws) const {
  const Distribution& own = environment.version == 0 ? config_.init : config_.additional_version->init;
  Duration takes = own.duration(draws);
  for (std::int64_t i = 0; i < config_.secrets.count; ++i) takes += config_.secrets.takes.duration(draws);
  return takes;
}

void Function::fetch_secrets() {
  if (config_.secrets.count > 0) use(secret_calls_, config_.secrets.count);
}

/// INIT that does not end within its limit is broken off, and runs again inside the invocation. With
/// SnapStart there is no INIT: the environment is restored, or the invocation fails.
void Function::start_environment(CallId id, std::uint8_t version) {
  const EnvironmentId made = environments_.take();
  Draws draws = world().draws(init_draws_, record(id).journey, record(id).lineage);
  environments_[made] = {.born = now(), .first_call = id, .version = version};
  const bool restores = config_.snap_start.has_value();
  const Duration limit = restores ? config_.snap_start->limit : config_.init_limit;
  const Duration takes =
      restores ? config_.snap_start->restore.duration(draws) : draw_init(environments_[made], draws);
  if (!restores) fetch_secrets();
  mark(Mark::cold_start);
  show_levels();
  if (restores && config_.snap_start->billed) use(restores_, config_.memory_mib, record(id));
  if (takes > limit) {
    mark(Mark::init_timed_out);
    environments_[made].rerun = restores ? Duration::zero() : takes;
    restores ? after<&Function::restore_failed>(limit, made) : after<&Function::initialised>(limit, made);
    return;
  }
  environments_[made].init = restores ? Duration::zero() : takes;
  if (takes > Duration::zero()) {
    after<&Function::initialised>(takes, made);
  } else {
    run_in(made, id);
  }
}

void Function::initialised(EnvironmentId id) {
  const CallId call = environments_[id].first_call;
  record(call).waits.cold += now() - environments_[id].born;
  run_in(id, call);
}

void Function::restore_failed(EnvironmentId id) {
  const CallId call = environments_[id].first_call;
  record(call).waits.cold += now() - environments_[id].born;
  end_environment(id, false);
  leave();
  show_levels();
  answer(call, Outcome::error);
}

void Function::keep(EnvironmentId id, Environment& environment) {
  const KeepAlive& policy = config_.keep_alive;
  Duration idle = policy.idle;
  if (policy.idle_time) {
    Draws draws = idle_draws_.at(idlings_++);
    idle = policy.idle_time({.now = now(), .born = environment.born, .idle = idle_count_}, draws);
  }
  environment.expires = now() + idle;
  if (policy.maximum_age > Duration::zero()) {
    environment.expires =
        std::max(now(), std::min(environment.expires, environment.born + policy.maximum_age));
  }
  idle_[environment.version].push_back(environments_, id);
  if (!ends_by_last_use_) expiry_.insert_ordered(environments_, id, by_expiry);
  ++idle_count_;
  const bool together = policy.halving > Duration::zero() || policy.function_idle > Duration::zero();
  if (environment.expires < expiry_timer_ || together) [[unlikely]]
    arm_expiry();
}

void Function::end_environment(EnvironmentId id, bool idle) {
  if (idle) {
    idle_[environments_[id].version].remove(environments_, id);
    if (!ends_by_last_use_) expiry_.remove(environments_, id);
    --idle_count_;
  }
  lose_memory(static_cast<std::uint32_t>(id));
  environments_.release(id);
}

/// One timer for all idle environments, armed for the soonest end; it is late for none.
void Function::arm_expiry() {
  if (config_.keep_alive.halving > Duration::zero() && !halving_armed_) {
    halving_armed_ = true;
    after<&Function::halve>(config_.keep_alive.halving);
  }
  if (idle_count_ == 0) return;
  Time due = environments_[soonest()].expires;
  if (config_.keep_alive.function_idle > Duration::zero() && busy() == 0) {
    due = std::min(due, std::max(now(), last_activity_ + config_.keep_alive.function_idle));
  }
  if (expiry_timer_ <= due) return;
  expiry_timer_ = due;
  at<&Function::idle_expired>(due);
}

void Function::idle_expired() {
  if (now() < expiry_timer_) return;  // a sooner end was armed later, and came
  expiry_timer_ = kNever;
  const Duration quiet = config_.keep_alive.function_idle;
  const bool all = quiet > Duration::zero() && busy() == 0 && now() - last_activity_ >= quiet;
  while (idle_count_ > 0 && (all || environments_[soonest()].expires <= now()))
    end_environment(soonest(), true);
  arm_expiry();
  show_levels();
}

void Function::halve() {
  halving_armed_ = false;
  for (std::int64_t ends = (idle_count_ + 1) / 2; ends > 0; --ends)
    end_environment(idle_[idle_[0].empty() ? 1 : 0].front(), true);
  if (idle_count_ > 0) arm_expiry();
  show_levels();
}

// ---- Provisioned concurrency --------------------------------------------------------------------------

/// One that is ready, as long as the rate that goes with provisioned concurrency allows. Else the request
/// spills over to environments on demand.
Function::EnvironmentId Function::provisioned_environment() {
  if (provisioned_wanted_ == 0) return kNoEnvironment;
  if (provisioned_idle_.empty() || !provisioned_->take_rate()) {
    mark(Mark::spilled_over);
    return kNoEnvironment;
  }
  const EnvironmentId id = provisioned_idle_.back();
  provisioned_idle_.remove(environments_, id);
  ++provisioned_busy_;
  provisioned_->busy_changed(1);
  level(Gauge::provisioned_in_use, provisioned_busy_);
  return id;
}

void Function::return_provisioned(EnvironmentId id) {
  --provisioned_busy_;
  provisioned_->busy_changed(-1);
  level(Gauge::provisioned_in_use, provisioned_busy_);
  if (provisioned_count_ > provisioned_wanted_) {
    --provisioned_count_;
    end_environment(id, false);
  } else {
    provisioned_idle_.push_back(environments_, id);
  }
}

void Function::provisioned_requested(std::int64_t before, std::int64_t after) {
  if (config_.reserved_concurrency) {
    on_demand_limit_ -= after - before;
  } else {
    account_.reserve(after - before);
  }
}

/// Their INIT is billed whether they ever serve a request or not; what stands ready at the start was
/// initialised before it.
void Function::provisioned_ready(std::int64_t wanted) {
  provisioned_wanted_ = wanted;
  for (; provisioned_count_ < wanted; ++provisioned_count_) {
    const EnvironmentId made = environments_.take();
    environments_[made] = {.born = now(), .provisioned = true};
    provisioned_idle_.push_back(environments_, made);
    if (now() == kStart) continue;
    Draws draws = provisioned_draws_.at(provisionings_++);
    const std::int64_t init_ns = draw_init(environments_[made], draws).count();
    fetch_secrets();
    use(provisioned_duration_, (init_ns + 999'999) / 1'000'000 * config_.memory_mib);
  }
  for (; provisioned_count_ > wanted && !provisioned_idle_.empty(); --provisioned_count_) {
    const EnvironmentId ended = provisioned_idle_.front();
    provisioned_idle_.remove(environments_, ended);
    end_environment(ended, false);
  }
  level(Gauge::provisioned, wanted);
  show_levels();
}

void Function::show_levels() {
  level(Gauge::concurrency, busy());
  level(Gauge::environments, environments_.alive());
}

}  // namespace spillway
