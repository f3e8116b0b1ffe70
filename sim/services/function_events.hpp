#pragma once
/// The queue of events of a function that is invoked asynchronously (Invoke with InvocationType Event, here
/// the operation "invoke_async"). An event is answered when it is accepted; then it is Lambda that invokes
/// the function, tries again, and gives up.
///
///     queued -> running -> (done | waiting -> running ... | discarded)
///
/// Rules: Lambda Developer Guide, "Error handling for asynchronous invocation", 2025-26:
/// - a function error, its timeout included, is tried again after one minute and then after two, at most
///   twice;
/// - a throttle (429) or a system error (5xx) is tried again with a back-off that grows from a second to five
///   minutes, until the event has reached its maximum age;
/// - what is given up goes to the dead-letter queue, the on-failure destination, or both;
/// - with a reserved concurrency of zero events are given up at once.
/// Lambda pricing, 2026: a request for each 64 KB of an event beyond 256 KB, beside those of the invocations.
///
/// It stands between the callers and the function, as an event source mapping does, so that the calls to the
/// function are those that Lambda makes.

#include <optional>

#include "services/function.hpp"

namespace spillway {

struct AsyncConfig {
  std::int32_t maximum_retries = 2;
  Duration maximum_age = 6h;
  Duration first_wait = 60s;
  Duration second_wait = 120s;
  Duration backoff = 1s;
  std::int64_t backoff_factor = 2;
  Duration backoff_cap = 300s;
  std::int64_t maximum_bytes = 1 << 20;
  double duplicates = 0;  ///< probability that an accepted event is delivered twice
  Distribution delivery_latency = Distribution::constant(0);
  std::optional<ServiceId> on_success{};
  std::optional<ServiceId> on_failure{};
  std::optional<ServiceId> dead_letters{};
};

class FunctionEvents final : public Service {
 public:
  FunctionEvents(World& world, std::string name, Function& function);

  void on_call(CallId call) override;
  void on_answer(CallId call) override;
  int operation(std::string_view name) const override { return name == "invoke_async" ? 0 : -1; }
  void start() override;

 private:
  enum class EventId : std::uint32_t {};
  struct Event {
    Time accepted{};
    Time waits_since{};
    Duration queued{};
    Duration backoff{};
    JourneyId journey = kNoJourney;
    Lineage lineage{};
    std::uint32_t bytes = 0;
    std::uint16_t attempts = 0;   ///< invocations that were asked for
    std::uint16_t throttles = 0;  ///< since it last ran
    std::uint8_t errors = 0;
    std::uint8_t deliveries = 0;  ///< to destinations, not yet answered; and one as long as more may come
    Ending ending = Ending::succeeded;
  };

  PortId destination(ServiceId to, bool dead);
  void accept(JourneyId journey, Lineage lineage, std::uint32_t bytes);
  void invoke(EventId id);
  void invoked(EventId id, const Call& call);
  void wait(EventId id, Duration delay);
  void back_off(EventId id);
  void give_up(EventId id, Mark why, Ending ending);
  void deliver(EventId id, PortId port);
  void delivered(EventId id, const Call& call);
  void end(EventId id);
  void show_levels();

  Function& function_;
  const AsyncConfig& config_;
  MeterId requests_;
  Stream duplicate_draws_;
  Stream delivery_draws_;
  std::uint32_t salt_;
  PortId invocations_ = kNoPort;
  PortId on_success_ = kNoPort;
  PortId on_failure_ = kNoPort;
  PortId dead_letters_ = kNoPort;
  bool failure_is_final_ = false;  ///< nobody reads the on-failure queue: there the journey ends
  Pool<Event, EventId> events_;
  std::int64_t waiting_ = 0;
};

}  // namespace spillway
