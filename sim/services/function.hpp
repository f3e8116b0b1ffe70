#pragma once
/// aws.lambda.function: execution environments that are made when none is idle, run one request each, stay
/// for a while, and end. Admission in the documented order: the rate of requests, provisioned concurrency,
/// concurrency (reserved, or the account's unreserved pool), then an idle environment, then the function's
/// scaling rate.
///
///     CREATING -> INIT (or RESTORE) -> idle <-> INVOKE -> (RESET) -> SHUTDOWN
///
/// Rules: Lambda Developer Guide (concurrency, scaling, runtime environment, quotas), Lambda pricing, 2026.
/// A request goes to the most recently used idle environment: 22,287 of 22,290 choices recorded in 2020 did.
///
/// function.cpp admits, runs and ends invocations; function_environments.cpp makes, keeps and ends
/// environments; function_provisioned.* keeps environments ready; function_events.* is the queue of
/// asynchronous events; function_response.* is what callers get back, by the function's URL too;
/// recursive_loops.* stops chains that lead back to it; function_settings.cpp reads all of it.

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "model/concurrency_pool.hpp"
#include "model/handler.hpp"
#include "model/keep_alive.hpp"
#include "model/linked_list.hpp"
#include "model/token_bucket.hpp"
#include "services/function_provisioned.hpp"
#include "services/function_response.hpp"
#include "spillway/settings.hpp"

namespace spillway {

class RecursiveLoops;
class SqsEventSource;
struct AsyncConfig;

/// SnapStart: a new environment is restored from a snapshot in place of its INIT.
struct SnapStartConfig {
  Distribution restore = Distribution::constant(0);
  Duration limit = 10s;  ///< then the invocation fails (SnapStartTimeoutException)
  bool billed = false;   ///< every runtime but Java's pays for the snapshot and for each restore
};

/// The other version of a weighted alias. It has environments of its own, and shares everything that is the
/// function's.
struct AdditionalVersion {
  struct Shift {
    Duration at{};
    double weight = 0;
  };
  double weight = 0;            ///< its share of the invocations, each drawn by itself
  std::vector<Shift> shifts{};  ///< other weights later on, as a deployment shifts traffic
  Distribution init = Distribution::constant(0);
};

/// What the code of INIT fetches from Secrets Manager, one after the other.
struct SecretsConfig {
  std::int64_t count = 0;
  Distribution takes = Distribution::constant(0);  ///< each of them
};

struct FunctionConfig {
  std::int64_t memory_mib = 128;
  bool arm = false;
  Duration timeout = 3s;
  std::optional<std::int64_t> reserved_concurrency{};
  Distribution init = Distribution::constant(0);  ///< of a new environment
  bool bill_init = true;                          ///< since 1 August 2025
  KeepAlive keep_alive{};
  std::int64_t scaling_environments = 1000;  ///< new environments in each scaling period
  Duration scaling_period = 10s;
  std::int64_t account_concurrency = 1000;
  std::int64_t rate_per_concurrency = 10;  ///< requests a second for each unit of it; zero: any number
  Duration init_limit = 10s;               ///< of INIT on demand; then it runs again inside the invocation
  Duration billing_step = 1ms;             ///< durations are rounded up to it; 100 ms until December 2020
  std::int64_t billed_storage_mib = 0;     ///< ephemeral storage beyond what is free
  std::int64_t log_bytes = 0;              ///< written to CloudWatch Logs by each invocation
  SecretsConfig secrets{};
  std::optional<SnapStartConfig> snap_start{};
  std::optional<ProvisionedConfig> provisioned{};
  std::optional<AdditionalVersion> additional_version{};
  bool stops_loops = true;                   ///< RecursiveLoop is Terminate
  std::optional<ResponseConfig> response{};  ///< none: a response has no size
};

class Function final : public Handler, public ProvisionedConcurrency::Owner {
 public:
  Function(World& world, std::string name, FunctionConfig config);
  ~Function() override;

  void on_call(CallId call) override;
  int operation(std::string_view name) const override { return invocation_named(name); }
  void start() override;
  void account() override;
  std::string details() const override;

  /// Where in the program the code of the additional version begins.
  void set_additional_program(std::uint16_t start) { additional_start_ = start; }

  /// What is to become of events, should anybody invoke it asynchronously.
  void set_async(const AsyncConfig& config);
  const AsyncConfig& async() const { return *async_; }

  /// What happens to its events is counted as its own.
  void note(Mark what, std::int64_t count = 1) { mark(what, count); }

  const FunctionConfig& config() const { return config_; }
  const ConcurrencyPool& account_pool() const { return account_; }
  std::int64_t environments() const { return environments_.alive(); }
  std::int64_t provisioned() const { return provisioned_count_; }

 protected:
  void program_done(FrameId frame) override;
  bool partial_responses(CallId call) override;
  void foresee_owner(std::uint32_t environment) override { environments_.fetch(EnvironmentId{environment}); }
  Time deadline(const Frame& frame) const override { return frame.started + config_.timeout; }

 private:
  enum class EnvironmentId : std::uint32_t {};
  static constexpr EnvironmentId kNoEnvironment{UINT32_MAX};
  struct alignas(64) Environment {
    Time born{};
    Time expires{};
    Duration init{};   ///< of its INIT, until it has been billed
    Duration rerun{};  ///< INIT that its next invocation begins with
    CallId first_call = kNoCall;
    EnvironmentId previous{UINT32_MAX}, next{UINT32_MAX};  ///< by last use
    EnvironmentId earlier{UINT32_MAX}, later{UINT32_MAX};  ///< by expiry
    bool reset = false;                                    ///< its last invocation broke it
    bool provisioned = false;
    std::uint8_t version = 0;  ///< 1: the alias's additional one
  };
  using Idle = LinkedList<Environment, EnvironmentId, &Environment::previous, &Environment::next>;
  using Expiry = LinkedList<Environment, EnvironmentId, &Environment::earlier, &Environment::later>;

  // Invocations
  bool within_rate();
  std::uint8_t draw_version(const Call& call);
  void shifted(std::uint32_t row);
  Duration draw_init(const Environment& environment, Draws& draws) const;
  void fetch_secrets();
  bool admit();
  void leave();
  void refuse(CallId call, Mark reason);
  void throttle(CallId call, Mark reason);
  Invocation invocation(const Call& call) { return Invocation{world().port(PortId{call.port}).operation}; }
  /// Every answer, as the caller sees it.
  void answer(CallId id, Outcome outcome) {
    Service::answer(id, outcome == Outcome::error ? seen_as(invocation(record(id)), outcome) : outcome);
  }
  bool gets_response(const Call& call);
  void respond(FrameId frame);
  void stream(FrameId ended, std::int64_t bytes);
  void streamed(FrameId frame);
  bool looped(const Call& call);
  void run_in(EnvironmentId environment, CallId call);
  void run_init_again(Environment& environment, FrameId frame);
  void timeout_passed();
  void finish(FrameId frame, Outcome outcome);
  void bill(const Frame& frame, const Call& call, Environment& environment);
  void count_duplicates(const Call& call);
  std::int64_t busy() const { return in_use_ + provisioned_busy_; }

  // Environments on demand
  EnvironmentId idle_environment(std::uint8_t version);
  void start_environment(CallId call, std::uint8_t version);
  void initialised(EnvironmentId environment);
  void restore_failed(EnvironmentId environment);
  void keep(EnvironmentId id, Environment& environment);
  void end_environment(EnvironmentId environment, bool idle);
  void idle_expired();
  void halve();
  void arm_expiry();
  EnvironmentId soonest() const { return ends_by_last_use_ ? idle_[0].front() : expiry_.front(); }
  void show_levels();

  // Provisioned environments
  EnvironmentId provisioned_environment();
  void return_provisioned(EnvironmentId environment);
  void provisioned_requested(std::int64_t before, std::int64_t after) override;
  void provisioned_ready(std::int64_t environments) override;

  FunctionConfig config_;
  ConcurrencyPool& account_;
  RequestRate reserved_rate_;
  TokenBucket scaling_;
  MeterId requests_;
  MeterId duration_;
  MeterId provisioned_duration_{};  ///< these are asked for only by whom they concern
  MeterId provisioned_time_{};
  MeterId storage_{};
  MeterId logs_{};
  MeterId secret_calls_{};
  MeterId snapshot_{};
  MeterId restores_{};
  Stream init_draws_;
  Stream idle_draws_;
  Stream provisioned_draws_;
  Pool<Environment, EnvironmentId> environments_;
  std::array<Idle, 2> idle_;  ///< by version, least recently used first
  Expiry expiry_;  ///< of the idle ones, soonest first; unless they end in the order of their last use
  bool ends_by_last_use_;
  Deadlines<Frame, FrameId> running_;
  std::int64_t on_demand_limit_;  ///< of reserved concurrency, what is not provisioned
  std::int64_t idle_count_ = 0;
  std::int64_t in_use_ = 0;  ///< on demand
  std::uint64_t idlings_ = 0;
  Time last_activity_ = kStart;
  Time expiry_timer_ = kNever;
  bool timeout_armed_ = false;
  bool halving_armed_ = false;

  std::unique_ptr<ProvisionedConcurrency> provisioned_;
  Idle provisioned_idle_;
  std::int64_t provisioned_count_ = 0;   ///< environments, those included that end when they are done
  std::int64_t provisioned_wanted_ = 0;  ///< how many there should be
  std::int64_t provisioned_busy_ = 0;
  std::uint64_t provisionings_ = 0;

  double additional_weight_ = 0;
  std::uint16_t additional_start_ = 0;
  Stream version_draws_;

  std::unique_ptr<AsyncConfig> async_;
  std::unique_ptr<FunctionResponse> response_;
  RecursiveLoops* loops_ = nullptr;  ///< unless nothing leads back to the function
  std::int64_t loops_dropped_ = 0;
  Time accounted_ = kStart;  ///< until when the snapshot is billed
};

Settings describe_function();
Service& make_function(class Wiring& wiring, std::string name, const Value& settings);
void connect_function(class Wiring& wiring, Service& function, const Value& settings);
/// Puts a queue of events before every function that some port invokes asynchronously.
void connect_function_events(World& world);

}  // namespace spillway
