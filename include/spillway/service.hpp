#pragma once
/// A service: something that is called and answers. It has five verbs and no others:
///
///   call(port, …)    asks another service; the final answer comes to on_answer, after retries and timeouts
///   answer(call, …)  answers a call that came to on_call
///   use(meter, n)    a billed quantity
///   level(gauge, n)  what it holds now
///   after<>(…)       what runs next
///
/// Retries, back-off, timeouts, amplification and latency are defined here and nowhere else. `call` and
/// `answer` run the other side at once when there is no delay between them: make them the last thing that a
/// member does.

#include <string>

#include "spillway/fact.hpp"
#include "spillway/journey.hpp"
#include "spillway/simulation.hpp"

namespace spillway {

class World;
class GaugeTally;
class PortGuards;
struct MeterTally;
struct Port;

class Service : public Actor {
 public:
  Service(World& world, std::string name);

  const std::string& name() const { return name_; }
  ServiceId id() const { return id_; }
  World& world() { return world_; }

  /// Somebody asks. Answer now or later, once.
  virtual void on_call(CallId call) = 0;

  /// A call of this service has its final answer. The record is released when this returns.
  virtual void on_answer(CallId) {}

  /// The number of an operation or route that callers may name; negative: there is none of that name.
  virtual int operation(std::string_view name) const { return name.empty() ? 0 : -1; }

  /// The retry profile that the provider's SDK uses towards this service.
  virtual std::string_view default_retry() const { return "sdk-standard"; }

  /// The layer to which attempts belong that its own ports repeat.
  virtual RetryLayer tries_again_as() const { return RetryLayer::sdk; }

  /// How long it asks those to wait who meet this outcome; zero: it says nothing.
  virtual Duration retry_after(Outcome) const { return Duration::zero(); }

  /// Fetches what an event about a call will touch.
  void foresee(CallId call, Foresight what);

  /// Fetches what its on_answer will touch of its own, by the tag of the call that is being answered.
  virtual void foresee_answer(std::uint32_t) {}

  /// Called once when the topology is whole, before the first event.
  virtual void start() {}

  /// Writes what is billed by time and not by request (idle polls, provisioned capacity) up to now.
  virtual void account() {}

  /// What it knows at the end beyond the facts, as a JSON object for the results; empty: nothing.
  virtual std::string details() const { return {}; }

 protected:
  /// What a call carries.
  struct Request {
    JourneyId journey = kNoJourney;
    std::uint32_t tag = 0;
    std::uint32_t bytes = 0;
    Lineage lineage{};
    ReceiptId batch = kNoReceipt;
    std::int32_t items = 1;    ///< messages carried, 1 for a plain request
    std::int32_t repeats = 0;  ///< of them, already tried before
    CallId served = kNoCall;   ///< the call that the caller is likely to answer when this one is answered
  };
  /// What asks another for the sake of a call that is being handled, of its size; the tag is its number.
  Request on_behalf_of(CallId served) const;
  CallId call(PortId port, const Request& request);

  /// Answers, now.
  void answer(CallId call, Outcome outcome);

  void use(MeterId meter, std::int64_t quantity);
  /// `repeats` is the part of the quantity that what `layer` did again caused.
  void use(MeterId meter, std::int64_t quantity, std::int64_t repeats, RetryLayer layer);
  /// All of it is for `cause`, and so for the layer that repeated that call, if one did.
  void use(MeterId meter, std::int64_t quantity, const Call& cause) {
    if (cause.repeat) [[unlikely]]
      return use(meter, quantity, quantity, cause.lineage.layer());
    use(meter, quantity);
  }

  void level(Gauge gauge, std::int64_t value);
  void mark(Mark mark, std::int64_t count = 1);

  Call& record(CallId call);
  Journey& journey(JourneyId id);

 private:
  friend class World;
  friend class PortGuards;

  // The events of a call's life, which know it by its number,
  void send_again(CallId call);
  void deliver(CallId call);
  void settle(CallId call);
  void deadline_passed(PortId port);
  void time_out(CallId call);
  // and what they do, with the records in hand.
  bool held_back(CallId id, Call& call, Port& port);
  void arm_timer(PortId id, Port& port);
  inline void send(CallId id, Call& call, Port& port, std::int32_t items, std::int32_t repeats);
  inline void conclude(CallId id, Call& call, Port& port, Outcome outcome);
  bool conclude_otherwise(CallId id, Call& call, Port& port);
  bool goes_on(CallId id, Call& call, Port& port, Service& callee);
  bool tries_again(CallId id, Call& call, Port& port, Service& callee);
  void drop_late(CallId id, const Call& call);
  inline void forget(CallId id, const Call& call);
  void publish(FactKind kind, std::uint32_t subject, std::int64_t value, std::int64_t extra,
               std::uint8_t detail);
  void publish_end(FactKind kind, CallId id, Time began, Outcome outcome);

  World& world_;
  GaugeTally* gauges_ = nullptr;  ///< lent, or null
  MeterTally* used_ = nullptr;    ///< by meter: lent, or null
  ServiceId id_;
  std::string name_;
};

}  // namespace spillway
