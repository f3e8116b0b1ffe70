#include "services/function.hpp"

#include <algorithm>

#include "services/sqs_event_source.hpp"

namespace spillway {

namespace {

constexpr auto by_expiry = [](const auto& environment) { return environment.expires; };

}  // namespace

Function::Function(World& world, std::string name, FunctionConfig config)
    : Handler(world, std::move(name)),
      config_(std::move(config)),
      account_(world.shared<ConcurrencyPool>("lambda concurrency", config_.account_concurrency)),
      scaling_(config_.scaling_environments * 1'000'000'000'000 / config_.scaling_period.count(),
               config_.scaling_environments),
      requests_(world.meter("lambda.requests")),
      duration_(world.meter(config_.arm ? "lambda.duration.arm" : "lambda.duration.x86")),
      init_draws_(world.stream(this->name() + "/init")),
      idle_draws_(world.stream(this->name() + "/idle")) {
  if (config_.reserved_concurrency) account_.reserve(*config_.reserved_concurrency);
}

void Function::start() {
  Handler::start();
  level(Gauge::limit, config_.reserved_concurrency.value_or(account_.unreserved()));
}

void Function::on_call(CallId id) {
  last_activity_ = now();
  if (!admit()) {
    mark(Mark::concurrency_throttled);
    answer(id, Outcome::throttled);
    return;
  }
  if (const auto idle = idle_environment()) {
    show_levels();
    run_in(*idle, id);
    return;
  }
  if (!scaling_.take(now())) {
    --in_use_;
    if (!config_.reserved_concurrency) account_.give();
    mark(Mark::scaling_throttled);
    answer(id, Outcome::throttled);
    return;
  }
  const EnvironmentId made = environments_.take();
  Draws draws = world().draws(init_draws_, record(id).journey, record(id).lineage);
  environments_[made] = {.born = now(), .init = config_.init.duration(draws), .first_call = id};
  mark(Mark::cold_start);
  show_levels();
  if (environments_[made].init > Duration::zero()) {
    after<&Function::initialised>(environments_[made].init, made);
  } else {
    run_in(made, id);
  }
}

/// Takes one unit of concurrency.
bool Function::admit() {
  if (config_.reserved_concurrency ? in_use_ >= *config_.reserved_concurrency : !account_.take())
    return false;
  ++in_use_;
  return true;
}

/// The most recently used idle environment that has not passed its age.
std::optional<Function::EnvironmentId> Function::idle_environment() {
  while (!idle_.empty()) {
    const EnvironmentId id = idle_.back();
    const Environment& environment = environments_[id];
    if (config_.keep_alive.maximum_age > Duration::zero() &&
        now() - environment.born >= config_.keep_alive.maximum_age) {
      end_environment(id, true);
      continue;
    }
    idle_.remove(environments_, id);
    expiry_.remove(environments_, id);
    --idle_count_;
    return id;
  }
  return std::nullopt;
}

void Function::initialised(EnvironmentId id) {
  const CallId call = environments_[id].first_call;
  record(call).waits.cold += environments_[id].init;
  run_in(id, call);
}

void Function::run_in(EnvironmentId environment, CallId call) {
  environments_[environment].used = now();
  const FrameId frame = take_frame();
  running_.push_back(frames(), frame);
  if (!timeout_armed_) {
    timeout_armed_ = true;
    after<&Function::timeout_passed>(config_.timeout);
  }
  run_program(call, static_cast<std::uint32_t>(environment), frame);
}

/// One timer for all: the invocations end in the order in which they began, if they end by their timeout.
void Function::timeout_passed() {
  while (!running_.empty()) {
    const FrameId oldest = running_.front();
    const Time due = frame(oldest).started + config_.timeout;
    if (due > now()) {
      at<&Function::timeout_passed>(due);
      return;
    }
    mark(Mark::function_timeout);
    cancel(oldest);
    finish(oldest, Outcome::error);
  }
  timeout_armed_ = false;
}

void Function::program_done(FrameId id) { finish(id, frame(id).outcome); }

bool Function::partial_responses(CallId call) {
  const auto* source =
      dynamic_cast<const SqsEventSource*>(&world().service(world().port(PortId{record(call).port}).from));
  return source != nullptr && source->partial_responses();
}

/// The invocation ends: bill it, free its environment and its concurrency, answer.
void Function::finish(FrameId id, Outcome outcome) {
  const Frame ended = frame(id);
  running_.remove(frames(), id);
  const auto environment = EnvironmentId{ended.owner};
  Call& call = record(ended.serving);
  call.waits += ended.waits;
  bill(ended, environments_[environment]);
  if (outcome == Outcome::ok && call.batch != kNoReceipt) count_duplicates(call);
  --in_use_;
  if (!config_.reserved_concurrency) account_.give();
  last_activity_ = now();
  if (ended.cancelled) {
    end_environment(environment, false);
  } else {
    keep(environment);
  }
  arm_expiry();
  show_levels();
  answer(ended.serving, outcome);
}

/// Billed duration = INIT + invocation, rounded up to 1 ms, times memory (Lambda pricing, 2026).
void Function::bill(const Frame& frame, Environment& environment) {
  const Call& call = record(frame.serving);
  Duration ran = now() - frame.started;
  if (config_.bill_init) ran += environment.init;
  environment.init = {};
  const std::int64_t billed_ms = (ran.count() + 999'999) / 1'000'000;
  use(requests_, 1, call);
  use(duration_, billed_ms * config_.memory_mib, call);
}

void Function::count_duplicates(const Call& call) {
  std::int64_t again = 0;
  for (ReceiptId id = call.batch; id != kNoReceipt;) {
    const Receipt& receipt = world().receipts()[id];
    if (receipt.outcome == Outcome::ok && !receipt.suppressed &&
        world().note_done(receipt.journey, PortId{call.port}, receipt.lineage.repeat())) {
      ++again;
    }
    id = receipt.next;
  }
  if (again > 0) mark(Mark::duplicate, again);
}

void Function::keep(EnvironmentId id) {
  Environment& environment = environments_[id];
  const KeepAlive& policy = config_.keep_alive;
  Duration idle = policy.idle;
  if (policy.random_idle) {
    Draws draws = idle_draws_.at(idlings_++);
    idle = policy.random_idle->duration(draws);
  }
  environment.used = now();
  environment.expires = now() + idle;
  if (policy.maximum_age > Duration::zero()) {
    environment.expires =
        std::max(now(), std::min(environment.expires, environment.born + policy.maximum_age));
  }
  idle_.push_back(environments_, id);
  expiry_.insert_ordered(environments_, id, by_expiry);
  ++idle_count_;
}

void Function::end_environment(EnvironmentId id, bool idle) {
  if (idle) {
    idle_.remove(environments_, id);
    expiry_.remove(environments_, id);
    --idle_count_;
  }
  environments_.release(id);
}

/// One timer for all idle environments, armed for the soonest end; it is late for none.
void Function::arm_expiry() {
  if (config_.keep_alive.halving > Duration::zero() && !halving_armed_) {
    halving_armed_ = true;
    after<&Function::halve>(config_.keep_alive.halving);
  }
  if (expiry_.empty()) return;
  Time due = environments_[expiry_.front()].expires;
  if (config_.keep_alive.function_idle > Duration::zero() && in_use_ == 0) {
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
  const bool all = quiet > Duration::zero() && in_use_ == 0 && now() - last_activity_ >= quiet;
  while (!expiry_.empty() && (all || environments_[expiry_.front()].expires <= now())) {
    end_environment(expiry_.front(), true);
  }
  arm_expiry();
  show_levels();
}

void Function::halve() {
  halving_armed_ = false;
  for (std::int64_t ends = (idle_count_ + 1) / 2; ends > 0; --ends) end_environment(idle_.front(), true);
  if (idle_count_ > 0) arm_expiry();
  show_levels();
}

void Function::show_levels() {
  level(Gauge::concurrency, in_use_);
  level(Gauge::environments, environments_.alive());
}

}  // namespace spillway
