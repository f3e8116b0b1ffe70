#pragma once
/// One world: the clock, the records in flight, the services and the ports between them, and who hears the
/// facts. It owns everything and there is nothing beside it, so many worlds may live in one process, one a
/// thread.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/answer_path.hpp"
#include "model/deadlines.hpp"
#include "model/port_guards.hpp"
#include "model/retry_policy.hpp"
#include "model/tally.hpp"
#include "spillway/fact.hpp"
#include "spillway/journey.hpp"
#include "spillway/random.hpp"
#include "spillway/service.hpp"
#include "spillway/simulation.hpp"

namespace spillway {

/// How one service calls another: a place in its configuration or program that names the callee.
struct PortConfig {
  std::string operation{};  ///< what is asked of the callee; empty: its only or default operation
  Duration timeout{};       ///< how long an attempt may take; zero: for ever
  Duration latency{};       ///< one way, on the network between the two
  RetryPolicy retry{};
  std::optional<CircuitBreakerPolicy> circuit_breaker{};
  std::optional<HedgingPolicy> hedging{};
  std::uint32_t sibling = 0;  ///< the n-th place in the same program that calls the same operation
  bool keyed = false;         ///< the callee knows a repeated request by a key, and does nothing again
};

/// A configuration, and what is remembered between calls. What every call reads of it stands on the first
/// line, from the start of the run on.
struct alignas(64) Port {
  Service* callee = nullptr;
  Service* caller = nullptr;
  CallTally* tally = nullptr;  ///< lent, or null
  Duration timeout{};
  Duration latency{};
  std::uint32_t sibling = 0;
  std::uint32_t salt = 0;  ///< tells its attempts apart from those of other ports
  std::uint16_t operation = 0;
  bool watched = false;  ///< whoever adapts, hedges or breaks circuits sees each attempt and each answer
  bool tries_again = false;
  bool has_quota = false;
  bool timer_armed = false;
  bool nested = false;    ///< calls through it were made for the sake of others
  std::uint32_t bit = 0;  ///< its own in the masks of a journey; zero: they have no place for it
  Deadlines<Call, CallId> deadlines{};
  RetryState retries;
  Stream draws{};                       ///< of its back-offs
  RetryLayer layer = RetryLayer::none;  ///< to which the attempts belong that it repeats
  ServiceId from{};
  ServiceId to{};
  PortConfig config;
  std::unique_ptr<PortGuards> guards{};  ///< null: neither a circuit breaker nor hedging

  Port(ServiceId caller_id, ServiceId callee_id, PortConfig how)
      : retries(how.retry), from(caller_id), to(callee_id), config(std::move(how)) {}
};

/// Something that several services of one world share, such as an account's quota.
struct Shared {
  virtual ~Shared() = default;
};

class World {
 public:
  struct Options {
    std::uint64_t seed = 1;
    Simulation::EventSet event_set = Simulation::EventSet::ladder;
  };

  explicit World(const Options& options) : simulation_(options.event_set), seed_(options.seed) {}
  World() : World(Options{}) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Adds a service; ids count from zero in the order of adding.
  template <class S, class... Arguments>
  S& add(std::string name, Arguments&&... arguments) {
    auto service = std::make_unique<S>(*this, std::move(name), std::forward<Arguments>(arguments)...);
    S& added = *service;
    services_.push_back(std::move(service));
    lend_tallies();
    return added;
  }

  /// A port from one service to another; both may be added later. At most 65,535.
  PortId connect(ServiceId from, ServiceId to, PortConfig config = {});

  /// Resolves the operations of the ports and starts every service. False, with the port, when a callee has
  /// no such operation.
  struct UnknownOperation {
    PortId port;
    std::string_view operation;
  };
  std::optional<UnknownOperation> start();

  void run(Time end) { simulation_.run(end); }

  /// A billed quantity's number, by its name in the price file.
  MeterId meter(std::string_view name);
  const std::vector<std::string>& meters() const { return meters_; }

  /// What several services share under one name; made, by the first who asks, from `arguments`.
  template <class S, class... Arguments>
  S& shared(std::string_view name, Arguments&&... arguments) {
    for (const auto& [known, thing] : shared_) {
      if (known == name) return static_cast<S&>(*thing);
    }
    shared_.emplace_back(name, std::make_unique<S>(std::forward<Arguments>(arguments)...));
    return static_cast<S&>(*shared_.back().second);
  }

  /// A named stream of random draws.
  Stream stream(std::string_view name) const { return Stream(seed_, name); }

  /// The lineage-aware draws of one piece of work.
  Draws draws(const Stream& stream, JourneyId journey, Lineage lineage) {
    return stream.at(journeys_[journey].ordinal, lineage.word);
  }

  /// It is born now, with one branch, its client's own.
  [[gnu::always_inline]] JourneyId begin_journey(const Journey& journey) {
    const JourneyId id = journeys_.take([&](void* place) {
      new (place) Journey{.born = now(),
                          .ordinal = journey.ordinal,
                          .key = journey.key,
                          .work_ns = journey.work_ns,
                          .references = 1,  // its own, until it ends
                          .bytes = journey.bytes,
                          .branches = 1,
                          .traffic_class = journey.traffic_class,
                          .client = journey.client,
                          .counted = journey.counted};
    });
    const Journey& born = journeys_[id];
    if (journey_tally_ != nullptr) [[likely]]
      journey_tally_->born(born);
    if (facts_.heard(FactKind::born)) [[unlikely]]
      facts_.publish({now(), 0, 0, static_cast<std::uint32_t>(id), born.client, FactKind::born, 0});
    return id;
  }
  /// Its client has the final answer, and with it the client's own branch has ended.
  void respond(CallId answered);
  void begin_branch(JourneyId journey) { ++journeys_[journey].branches; }
  /// Ends one branch; the journey ends with its last branch, once: a branch that begins later, as when a dead
  /// letter is handled after all, changes its end no more.
  void end_branch(JourneyId journey, Ending ending);
  void refer(JourneyId journey) { ++journeys_[journey].references; }
  void unrefer(JourneyId id) {
    Journey& journey = journeys_[id];
    if (--journey.references > 0) return;
    if (journey.waits != kNoWaits) waits_.release(journey.waits);
    journeys_.release(id);
  }

  /// Notes that `service` did its work for the journey that came through `port`; true when it had done so
  /// before.
  bool note_done(JourneyId journey, const Port& port, bool repeat) {
    std::uint32_t& done = journeys_[journey].done;
    const bool before = repeat && (port.bit == 0 || (done & port.bit) != 0);
    done |= port.bit;
    return before;
  }
  bool note_done(JourneyId journey, PortId port, bool repeat) {
    return note_done(journey, this->port(port), repeat);
  }

  /// What the branches of a journey waited for, those that have ended: the client's own, which ends with its
  /// answer, and those that ended in a queue's consumer.
  Waits branch_waits(JourneyId id) const {
    const WaitsId waits = journeys_[id].waits;
    return waits != kNoWaits ? waits_[waits] : Waits{};
  }
  void add_branch_waits(JourneyId id, const Waits& waits);

  /// Adds whose tallies are counted in. A port and a service's gauges and meters have one tally each.
  void add_tallier(Tallier& tallier) {
    talliers_.push_back(&tallier);
    tallier.lend();
  }
  void lend(PortId port, CallTally& tally) { this->port(port).tally = &tally; }
  void lend(JourneyTally& tally) { journey_tally_ = &tally; }
  void lend(ServiceId id, GaugeTally& tally) { service(id).gauges_ = &tally; }
  /// By the number of the meter, for each of meters().
  void lend(ServiceId id, MeterTally* tallies) { service(id).used_ = tallies; }

  Simulation& simulation() { return simulation_; }
  Time now() const { return simulation_.now(); }
  std::uint64_t seed() const { return seed_; }
  FactBus& facts() { return facts_; }
  Pool<Journey, JourneyId>& journeys() { return journeys_; }
  Pool<Call, CallId>& calls() { return calls_; }
  Pool<Message, MessageId>& messages() { return messages_; }
  Pool<Receipt, ReceiptId>& receipts() { return receipts_; }
  const std::vector<std::unique_ptr<Service>>& services() const { return services_; }
  Service& service(ServiceId id) { return *services_[static_cast<std::size_t>(id)]; }
  Port& port(PortId id) { return *ports_[static_cast<std::size_t>(id)]; }
  std::size_t port_count() const { return ports_.size(); }

  /// Bytes of the records and the pending events, for memory goals.
  std::size_t bytes() const;

 private:
  friend class Service;
  friend class PortGuards;

  bool resolve(Port& port);
  void publish_ended(JourneyId id, const Journey& journey) const;
  void lend_tallies() {
    for (Tallier* const tallier : talliers_) tallier->lend();
  }

  Simulation simulation_;
  std::uint64_t seed_;
  FactBus facts_;
  Pool<Journey, JourneyId> journeys_;
  Pool<Call, CallId> calls_;
  AnswerPath path_;
  Pool<Message, MessageId> messages_;
  Pool<Receipt, ReceiptId> receipts_;
  Pool<Waits, WaitsId> waits_;  ///< of journeys
  std::vector<Tallier*> talliers_;
  JourneyTally* journey_tally_ = nullptr;  ///< lent, or null
  std::vector<std::unique_ptr<Port>> ports_;
  std::vector<std::unique_ptr<Service>> services_;
  std::vector<std::string> meters_;
  std::vector<std::pair<std::string, std::unique_ptr<Shared>>> shared_;
  bool started_ = false;
  int depth_ = 0;  ///< hand-offs without delay that stand on the stack
};

// The verbs that only note something cost a few instructions, and nothing where nobody listens.

inline Call& Service::record(CallId call) { return world_.calls_[call]; }
inline Service::Request Service::on_behalf_of(CallId served) const {
  const Call& call = world_.calls_[served];
  return {.journey = call.journey,
          .tag = static_cast<std::uint32_t>(served),
          .bytes = call.bytes,
          .lineage = call.lineage,
          .served = served};
}
inline Journey& Service::journey(JourneyId id) { return world_.journeys_[id]; }

inline void Service::publish(FactKind kind, std::uint32_t subject, std::int64_t value, std::int64_t extra,
                             std::uint8_t detail) {
  const FactBus& facts = world_.facts_;
  if (!facts.heard(kind)) return;
  facts.publish({now(), value, extra, subject, static_cast<std::uint16_t>(id_), kind, detail});
}

inline void Service::use(MeterId meter, std::int64_t quantity) {
  if (used_ != nullptr) used_[static_cast<std::size_t>(meter)].add(quantity);
  publish(FactKind::used, static_cast<std::uint32_t>(meter), quantity, 0, 0);
}

inline void Service::level(Gauge gauge, std::int64_t value) {
  if (gauges_ != nullptr) gauges_->levelled(gauge, now(), value);
  publish(FactKind::levelled, static_cast<std::uint32_t>(gauge), value, 0, 0);
}

inline void Service::mark(Mark mark, std::int64_t count) {
  publish(FactKind::marked, static_cast<std::uint32_t>(mark), count, 0, 0);
}

[[gnu::always_inline]] inline void Service::foresee(CallId call, Foresight what) {
  if (what == Foresight::record) return world_.calls_.fetch(call);
  const Call& known = world_.calls_[call];
  world_.journeys_.fetch(known.journey);
}

}  // namespace spillway
