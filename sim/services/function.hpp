#pragma once
/// aws.lambda.function: execution environments that are made when none is idle, run one request each, stay
/// for a while, and end. Admission in the documented order: concurrency (reserved, or the account's
/// unreserved pool), then an idle environment, then the function's scaling rate.
///
/// Rules: Lambda Developer Guide (concurrency, scaling, runtime environment, quotas), Lambda pricing, 2026.
/// A request goes to the most recently used idle environment: 22,287 of 22,290 choices recorded in 2020 did.

#include <optional>

#include "model/concurrency_pool.hpp"
#include "model/handler.hpp"
#include "model/keep_alive.hpp"
#include "model/token_bucket.hpp"
#include "spillway/settings.hpp"

namespace spillway {

class SqsEventSource;

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
};

class Function final : public Handler {
 public:
  Function(World& world, std::string name, FunctionConfig config);

  void on_call(CallId call) override;
  int operation(std::string_view name) const override { return name.empty() || name == "invoke" ? 0 : -1; }
  void start() override;

  const FunctionConfig& config() const { return config_; }
  std::int64_t environments() const { return environments_.alive(); }

 protected:
  void program_done(FrameId frame) override;
  bool partial_responses(CallId call) override;
  Time deadline(const Frame& frame) const override { return frame.started + config_.timeout; }

 private:
  enum class EnvironmentId : std::uint32_t {};
  struct Environment {
    Time born{};
    Time expires{};
    Time used{};
    Duration init{};  ///< of its INIT, until it has been billed
    CallId first_call = kNoCall;
    EnvironmentId previous{UINT32_MAX}, next{UINT32_MAX};  ///< by last use
    EnvironmentId earlier{UINT32_MAX}, later{UINT32_MAX};  ///< by expiry
  };
  using Idle = LinkedList<Environment, EnvironmentId, &Environment::previous, &Environment::next>;
  using Expiry = LinkedList<Environment, EnvironmentId, &Environment::earlier, &Environment::later>;
  using Running = LinkedList<Frame, FrameId, &Frame::previous, &Frame::next>;

  bool admit();
  std::optional<EnvironmentId> idle_environment();
  void initialised(EnvironmentId environment);
  void run_in(EnvironmentId environment, CallId call);
  void timeout_passed();
  void finish(FrameId frame, Outcome outcome);
  void bill(const Frame& frame, Environment& environment);
  void count_duplicates(const Call& call);

  void keep(EnvironmentId environment);
  void end_environment(EnvironmentId environment, bool idle);
  void idle_expired();
  void halve();
  void arm_expiry();
  void show_levels();

  FunctionConfig config_;
  ConcurrencyPool& account_;
  TokenBucket scaling_;
  MeterId requests_;
  MeterId duration_;
  Stream init_draws_;
  Stream idle_draws_;
  Pool<Environment, EnvironmentId> environments_;
  Idle idle_;      ///< least recently used first
  Expiry expiry_;  ///< of the idle ones, soonest first
  Running running_;
  std::int64_t idle_count_ = 0;
  std::int64_t in_use_ = 0;
  std::uint64_t idlings_ = 0;
  Time last_activity_ = kStart;
  Time expiry_timer_ = kNever;
  bool timeout_armed_ = false;
  bool halving_armed_ = false;
};

Settings describe_function();
Service& make_function(class Wiring& wiring, std::string name, const Value& settings);
void connect_function(class Wiring& wiring, Service& function, const Value& settings);

}  // namespace spillway
