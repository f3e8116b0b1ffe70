#include "services/function.hpp"

#include <algorithm>

#include "services/function_events.hpp"
#include "services/recursive_loops.hpp"
#include "services/sqs_event_source.hpp"

namespace spillway {

namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

/// Rounded up to the step in which durations are billed.
std::int64_t billed_ms(Duration ran, Duration step) {
  if (step == Duration{1ms}) return (ran.count() + kNsPerMs - 1) / kNsPerMs;
  return (ran.count() + step.count() - 1) / step.count() * (step.count() / kNsPerMs);
}

}  // namespace

Function::Function(World& world, std::string name, FunctionConfig config)
    : Handler(world, std::move(name)),
      config_(std::move(config)),
      account_(world.shared<ConcurrencyPool>("lambda concurrency", config_.account_concurrency)),
      scaling_(static_cast<std::int64_t>(Int128{config_.scaling_environments} * 1'000'000'000'000 /
                                         config_.scaling_period.count()),
               config_.scaling_environments),
      requests_(world.meter("lambda.requests")),
      duration_(world.meter(config_.arm ? "lambda.duration.arm" : "lambda.duration.x86")),
      init_draws_(world.stream(this->name() + "/init")),
      idle_draws_(world.stream(this->name() + "/idle")),
      provisioned_draws_(world.stream(this->name() + "/provisioned")),
      ends_by_last_use_(!config_.keep_alive.idle_time && config_.keep_alive.maximum_age == Duration::zero() &&
                        !config_.additional_version),
      on_demand_limit_(config_.reserved_concurrency.value_or(0)),
      version_draws_(world.stream(this->name() + "/version")),
      async_(std::make_unique<AsyncConfig>()) {
  running_.set_wait(config_.timeout);
  if (config_.reserved_concurrency) account_.reserve(*config_.reserved_concurrency);
  if (config_.rate_per_concurrency > 0) {
    account_.limit_rate(account_.limit() * config_.rate_per_concurrency);
    if (config_.reserved_concurrency.value_or(0) > 0)  // with none at all it is concurrency that refuses
      reserved_rate_.limit(*config_.reserved_concurrency * config_.rate_per_concurrency);
  }
  if (config_.billed_storage_mib > 0) storage_ = world.meter("lambda.ephemeral_storage");
  if (config_.log_bytes > 0) logs_ = world.meter("cloudwatch.logs.ingest");
  if (config_.secrets.count > 0) secret_calls_ = world.meter("secretsmanager.calls");
  if (config_.snap_start && config_.snap_start->billed) {
    snapshot_ = world.meter("lambda.snapstart.cache");
    restores_ = world.meter("lambda.snapstart.restore");
  }
  if (config_.provisioned) {
    const char* const architecture = config_.arm ? "arm" : "x86";
    provisioned_time_ = world.meter(std::string("lambda.provisioned_concurrency.") + architecture);
    provisioned_duration_ = world.meter(std::string("lambda.provisioned_duration.") + architecture);
    provisioned_ = std::make_unique<ProvisionedConcurrency>(world.simulation(), *this, *config_.provisioned,
                                                            config_.rate_per_concurrency);
  }
  if (config_.response)
    response_ = std::make_unique<FunctionResponse>(world, this->name(), *config_.response);
}

Function::~Function() = default;

void Function::set_async(const AsyncConfig& config) { *async_ = config; }

void Function::start() {
  Handler::start();
  if (config_.reserved_concurrency) {
    mark(Mark::reserved_concurrency_throttled, 0);
    mark(Mark::reserved_rate_throttled, 0);
  }
  if (config_.additional_version) {
    const auto& shifts = config_.additional_version->shifts;
    additional_weight_ = config_.additional_version->weight;
    for (std::uint32_t row = 0; row < shifts.size(); ++row) after<&Function::shifted>(shifts[row].at, row);
  }
  auto& loops = world().shared<RecursiveLoops>("lambda recursive loops", world());
  if (config_.stops_loops && loops.lead_back(id())) loops_ = &loops;
  if (provisioned_) {
    mark(Mark::spilled_over, 0);
    provisioned_->start();
  }
  level(Gauge::limit, config_.reserved_concurrency.value_or(account_.unreserved()));
}

// ---- Admission ----------------------------------------------------------------------------------------

void Function::on_call(CallId id) {
  const Call& call = record(id);
  // An event source minds the size of its batches itself.
  if (call.bytes > kPayload && call.batch == kNoReceipt) [[unlikely]]
    return answer(id, Outcome::refused);  // 413, RequestTooLargeException
  if (loops_ != nullptr && looped(call)) [[unlikely]]
    return answer(id, Outcome::refused);  // 400, RecursiveInvocationException
  last_activity_ = now();
  if (!within_rate()) [[unlikely]]
    return throttle(id, Mark::rate_throttled);
  const std::uint8_t version = config_.additional_version ? draw_version(call) : std::uint8_t{0};
  if (provisioned_ && version == 0) {
    if (const auto ready = provisioned_environment(); ready != kNoEnvironment) {
      level(Gauge::concurrency, busy());
      return run_in(ready, id);
    }
  }
  if (!admit()) [[unlikely]]
    return refuse(id, Mark::concurrency_throttled);
  if (const auto idle = idle_environment(version); idle != kNoEnvironment) [[likely]] {
    level(Gauge::concurrency, busy());
    return run_in(idle, id);
  }
  if (!scaling_.take(now())) {
    leave();
    return refuse(id, Mark::scaling_throttled);
  }
  start_environment(id, version);
}

/// Each invocation of a weighted alias goes to one of its two versions by a draw of its own.
std::uint8_t Function::draw_version(const Call& call) {
  Draws draws = world().draws(version_draws_, call.journey, call.lineage);
  return draws.chance(additional_weight_) ? 1 : 0;
}

void Function::shifted(std::uint32_t row) {
  additional_weight_ = config_.additional_version->shifts[row].weight;
}

/// Ten requests a second for each unit of concurrency: of the function, when it has its own, and of the
/// account.
[[gnu::always_inline]] inline bool Function::within_rate() {
  if (config_.reserved_concurrency && !reserved_rate_.take(now())) [[unlikely]] {
    mark(Mark::reserved_rate_throttled);
    return false;
  }
  if (account_.take_rate(now())) return true;
  if (config_.reserved_concurrency) reserved_rate_.give();
  return false;
}

/// Takes one unit of concurrency on demand.
[[gnu::always_inline]] inline bool Function::admit() {
  if (!config_.reserved_concurrency) {
    if (!account_.take()) return false;
  } else if (in_use_ >= on_demand_limit_) {
    mark(Mark::reserved_concurrency_throttled);
    return false;
  }
  ++in_use_;
  return true;
}

void Function::leave() {
  --in_use_;
  if (!config_.reserved_concurrency) account_.give();
}

/// For another reason than the rate, which only requests that run use up.
void Function::refuse(CallId id, Mark reason) {
  account_.give_rate();
  if (config_.reserved_concurrency) reserved_rate_.give();
  throttle(id, reason);
}

void Function::throttle(CallId id, Mark reason) {
  if (loops_ != nullptr) [[unlikely]]
    loops_->not_run(this->id(), record(id));
  mark(reason);
  answer(id, Outcome::throttled);
}

// ---- Invocations --------------------------------------------------------------------------------------

void Function::run_in(EnvironmentId id, CallId call) {
  const FrameId running = prepare(call, static_cast<std::uint32_t>(id));
  Frame& frame = this->frame(running);
  running_.enter(now());
  frame.timed = true;
  if (!timeout_armed_) [[unlikely]] {
    timeout_armed_ = true;
    after<&Function::timeout_passed>(config_.timeout);
  }
  Environment& environment = environments_[id];
  if (environment.reset) [[unlikely]] {
    environment.reset = false;
    Draws draws = world().draws(init_draws_, record(call).journey, record(call).lineage);
    environment.rerun = draw_init(environment, draws);
  }
  if (environment.version != 0) [[unlikely]]
    frame.start = frame.place = additional_start_;
  if (environment.rerun > Duration::zero()) [[unlikely]]
    return run_init_again(environment, running);
  run(running);
}

/// INIT that did not end in its time, or whose environment broke, runs again at the beginning of the
/// invocation: under the function's timeout, and billed as its duration.
void Function::run_init_again(Environment& environment, FrameId running) {
  const Duration init = std::exchange(environment.rerun, Duration::zero());
  fetch_secrets();
  frame(running).waits.cold += std::min(init, config_.timeout);
  after<&Function::resume>(init, running);
}

/// One timer for all: the invocations end in the order in which they began, if they end by their timeout.
void Function::timeout_passed() {
  const auto started = [](const Frame& frame) {
    return frame.timed ? std::optional(frame.started) : std::nullopt;
  };
  auto next = running_.next(now(), frames(), started);
  for (; next.at <= now(); next = running_.next(now(), frames(), started)) {
    mark(Mark::function_timeout);
    cancel(next.id);
    finish(next.id, Outcome::error);
  }
  timeout_armed_ = next.at != kNever;
  if (timeout_armed_) at<&Function::timeout_passed>(next.at);
}

void Function::program_done(FrameId id) {
  response_ == nullptr ? finish(id, frame(id).outcome) : respond(id);
}

bool Function::partial_responses(CallId call) {
  const auto* source =
      dynamic_cast<const SqsEventSource*>(&world().service(world().port(PortId{record(call).port}).from));
  return source != nullptr && source->partial_responses();
}

/// The invocation ends: bill it, free its environment and its concurrency, answer. An environment that was
/// stopped at the timeout is reset: its next invocation begins with INIT.
void Function::finish(FrameId id, Outcome outcome) {
  Frame& ended = frame(id);
  ended.timed = false;
  running_.leave(ended.started);
  const auto used = EnvironmentId{ended.above};
  Environment& environment = environments_[used];
  Call& call = record(ended.serving);
  call.waits += ended.waits;
  bill(ended, call, environment);
  if (outcome == Outcome::ok && call.batch != kNoReceipt) count_duplicates(call);
  last_activity_ = now();
  if (ended.cancelled) [[unlikely]] {
    environment.reset = true;
    lose_memory(ended.above);
  }
  if (environment.provisioned) [[unlikely]] {
    return_provisioned(used);
    arm_expiry();
    show_levels();
  } else {
    leave();
    keep(used, environment);
    level(Gauge::concurrency, busy());
  }
  answer(ended.serving, outcome);
}

/// Billed duration = INIT + invocation, rounded up to 1 ms, times memory (Lambda pricing, 2026).
[[gnu::always_inline]] inline void Function::bill(const Frame& frame, const Call& call,
                                                  Environment& environment) {
  Duration ran = now() - frame.started;
  if (config_.bill_init) ran += environment.init;
  environment.init = {};
  const std::int64_t ms = billed_ms(ran, config_.billing_step);
  use(requests_, 1, call);
  use(environment.provisioned ? provisioned_duration_ : duration_, ms * config_.memory_mib, call);
  if (config_.billed_storage_mib > 0) use(storage_, ms * config_.billed_storage_mib, call);
  if (config_.log_bytes > 0) use(logs_, config_.log_bytes, call);
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

/// What is paid for by time: provisioned concurrency, and the snapshot of SnapStart.
void Function::account() {
  if (provisioned_) {
    const std::int64_t ms = provisioned_->billable_ms();
    if (ms > 0) use(provisioned_time_, ms * config_.memory_mib);
  }
  if (config_.snap_start && config_.snap_start->billed) {
    const std::int64_t ms = (now() - accounted_).count() / kNsPerMs;
    accounted_ += Duration{ms * kNsPerMs};
    if (ms > 0) use(snapshot_, ms * config_.memory_mib);
  }
}

}  // namespace spillway
