// What requests cost on small topologies, through the public C++ interface, with metrics and ledger
// listening.
//
//   P3  M/M/1, customers a second, against the usual loop: a std::priority_queue of std::functions
//   P4  one function: Poisson arrivals, warm pool, cold starts, keep-alive, lognormal service; 1e3 and 1e5 in
//   flight
//   P5  a chain of eight services, each calling the next, 1 % retries with back-off; 1e3 and 1e4 in flight
//   P6  memory for one open call on P5, with its pending event and its share of the journey
//   P7  what metrics and ledger add to P5
//
// The goals of P4 and P5 are requests a second on another machine. Beside them stands the share of what the
// same model reaches here when it is written by hand on the engine: that carries over.

#include <queue>
#include <random>

#include "alternatives/bare_models.hpp"
#include "observe/ledger.hpp"
#include "observe/metrics.hpp"
#include "report.hpp"
#include "services/client.hpp"
#include "services/function.hpp"
#include "spillway/world.hpp"

namespace spillway::bench {
namespace {

Duration exponential_ns(Draws draws, double mean_ns) {
  return Duration{static_cast<std::int64_t>(math::exponential_of_draw(draws.bits()) * mean_ns)};
}

// ---- P3: M/M/1 -----------------------------------------------------------------------------------------

constexpr double kServiceNs = 1e9;
constexpr double kGapNs = kServiceNs / 0.9;

/// One queue and one server on the engine alone. Gaps and services are drawn one ahead, while the event
/// before is being dispatched.
class SingleServer final : public Actor {
 public:
  SingleServer(Simulation& simulation, std::uint64_t customers) : Actor(simulation), left_(customers) {
    after<&SingleServer::arrive>(gap());
  }
  void arrive() {
    if (++waiting_ == 1) after<&SingleServer::leave>(service());
    if (--left_ > 0) after<&SingleServer::arrive>(gap());
  }
  void leave() {
    ++served_;
    if (--waiting_ > 0) after<&SingleServer::leave>(service());
  }
  std::uint64_t served() const { return served_; }

 private:
  Duration gap() { return std::exchange(next_gap_, gap_.duration(gaps_)); }
  Duration service() { return std::exchange(next_service_, service_.duration(services_)); }

  Distribution gap_ = Distribution::exponential(kGapNs);
  Distribution service_ = Distribution::exponential(kServiceNs);
  Draws gaps_ = Stream{1, "gaps"}.at(0);
  Draws services_ = Stream{1, "services"}.at(0);
  Duration next_gap_ = gap_.duration(gaps_);
  Duration next_service_ = service_.duration(services_);
  std::uint64_t left_;
  std::uint64_t waiting_ = 0;
  std::uint64_t served_ = 0;
};

/// The same model on the loop that most people write first, with the standard library's generator and
/// distribution.
class PlainLoop {
 public:
  std::uint64_t run(std::uint64_t customers) {
    left_ = customers;
    schedule(gap(), [this] { arrive(); });
    while (!events_.empty()) {
      Event event = std::move(const_cast<Event&>(events_.top()));  // the usual trick to move out of a queue
      events_.pop();
      now_ = event.time;
      event.action();
    }
    return served_;
  }

 private:
  struct Event {
    std::int64_t time;
    std::uint64_t order;
    std::function<void()> action;
    bool operator<(const Event& other) const {
      return time != other.time ? time > other.time : order > other.order;
    }
  };
  void schedule(Duration delay, std::function<void()> action) {
    events_.push({now_ + delay.count(), ++order_, std::move(action)});
  }
  void arrive() {
    if (++waiting_ == 1) schedule(service(), [this] { leave(); });
    if (--left_ > 0) schedule(gap(), [this] { arrive(); });
  }
  void leave() {
    ++served_;
    if (--waiting_ > 0) schedule(service(), [this] { leave(); });
  }
  Duration gap() { return Duration{static_cast<std::int64_t>(gap_(random_))}; }
  Duration service() { return Duration{static_cast<std::int64_t>(service_(random_))}; }

  std::priority_queue<Event> events_;
  std::mt19937_64 random_{1};
  std::exponential_distribution<double> gap_{1 / kGapNs};
  std::exponential_distribution<double> service_{1 / kServiceNs};
  std::uint64_t left_ = 0;
  std::uint64_t waiting_ = 0;
  std::uint64_t served_ = 0;
  std::uint64_t order_ = 0;
  std::int64_t now_ = 0;
};

void single_server(Report& report, const Options& options) {
  const std::uint64_t customers = options.size(3'000'000, 20'000);
  const std::vector<Competitor> competitors{
      {"engine",
       [=] {
         Simulation simulation;
         SingleServer server(simulation, customers);
         return static_cast<double>(customers) / cpu_seconds([&] { simulation.run(kNever); });
       }},
      {"plain loop", [=] {
         PlainLoop loop;
         return static_cast<double>(customers) / cpu_seconds([&] { keep(loop.run(customers)); });
       }}};
  const auto figures = interleave(competitors, options.rounds);
  const double ratio = median_ratio(figures[0], figures[1]);
  report.at_least("P3", "M/M/1 against priority_queue + function", ratio, 3, "x");
  report.figure("P3", "M/M/1", median(figures[0]) * 1e-6, " M customers/s");
}

// ---- Traffic at a steady rate ---------------------------------------------------------------------------

class Poisson final : public Arrivals {
 public:
  explicit Poisson(double rate) : mean_gap_ns_(1e9 / rate) {}
  bool next(Arrival& arrival) override {
    now_ += exponential_ns(gaps_.at(n_++), mean_gap_ns_);
    arrival.set_plain(now_);
    return true;
  }
  double mean_rate(Time, Time) const override { return 1e9 / mean_gap_ns_; }

 private:
  Stream gaps_{1, "arrivals"};
  double mean_gap_ns_;
  std::uint64_t n_ = 0;
  Time now_ = kStart;
};

Client& add_client(World& world, double rate) {
  ClientConfig config;
  config.arrivals = std::make_unique<Poisson>(rate);
  return world.add<Client>("client", std::move(config));
}

// ---- P4: one function -----------------------------------------------------------------------------------

double function_rate(double in_flight, std::uint64_t requests) {
  World world;
  const double rate = in_flight / 0.1;
  Client& client = add_client(world, rate);
  auto& function = world.add<Function>("function", FunctionConfig{.init = Distribution::constant(150e6),
                                                                  .keep_alive = KeepAlive::fixed(600s),
                                                                  .scaling_environments = 10'000'000,
                                                                  .account_concurrency = 10'000'000});
  Program program;
  program.add({.verb = Step::Verb::compute,
               .duration = Distribution::lognormal_mean_cv(100e6, 0.5),
               .draws = world.stream("function/compute")});
  program.add({.verb = Step::Verb::end});
  function.set_program(std::move(program));
  client.set_target(function.id(), {});
  Metrics metrics(world);
  Ledger ledger(world);
  check(!world.start().has_value(), "the benchmark's topology is wrong");
  const auto lasts = Duration{static_cast<std::int64_t>(static_cast<double>(requests) / rate * 1e9)};
  world.run(kStart + 1s);  // the pool is warm
  const std::uint64_t before = client.journeys();
  const double spent = cpu_seconds([&] { world.run(kStart + 1s + lasts); });
  return static_cast<double>(client.journeys() - before) / spent;
}

// ---- P5, P6, P7: a chain --------------------------------------------------------------------------------

/// Works for a while, asks the next, answers when it is answered. One in a hundred answers is a fault.
class Hop final : public Service {
 public:
  Hop(World& world, std::string name, MeterId meter)
      : Service(world, std::move(name)), meter_(meter), draws_(world.stream(this->name())) {}

  void set_next(PortId port) { next_ = port; }
  void on_call(CallId id) override {
    level(Gauge::concurrency, ++busy_);
    Draws draws = world().draws(draws_, record(id).journey, record(id).lineage);
    after<&Hop::worked>(work_.duration(draws), id);
  }
  void on_answer(CallId id) override { done(CallId{record(id).tag}, record(id).outcome); }

 private:
  void worked(CallId id) {
    next_ == kNoPort ? done(id, Outcome::ok) : static_cast<void>(call(next_, on_behalf_of(id)));
  }
  void done(CallId id, Outcome outcome) {
    level(Gauge::concurrency, --busy_);
    use(meter_, 1, record(id));
    Draws draws = world().draws(draws_, record(id).journey, record(id).lineage);
    draws.bits();
    if (outcome == Outcome::ok && draws.chance(0.01)) outcome = Outcome::fault;
    answer(id, outcome);
  }

  MeterId meter_;
  Stream draws_;
  Distribution work_ = Distribution::lognormal_mean_cv(20e6, 0.5);
  PortId next_ = kNoPort;
  std::int64_t busy_ = 0;
};

struct Chain {
  explicit Chain(double in_flight, bool observed) {
    client = &add_client(world, in_flight / (8 * 0.02));
    std::vector<Hop*> hops;
    for (int i = 0; i < 8; ++i)
      hops.push_back(&world.add<Hop>(fmt::format("hop{}", i), world.meter(fmt::format("meter{}", i))));
    const RetryPolicy retry{.max_attempts = 3, .base = 50ms, .cap = 1s, .retry_on = kRetryTransient};
    for (std::size_t i = 0; i + 1 < hops.size(); ++i) {
      hops[i]->set_next(world.connect(hops[i]->id(), hops[i + 1]->id(), {.timeout = 30s, .retry = retry}));
    }
    client->set_target(hops.front()->id(), {.timeout = 30s, .retry = retry});
    if (observed) {
      metrics.emplace(world);
      ledger.emplace(world);
    }
    check(!world.start().has_value(), "the benchmark's topology is wrong");
    world.run(kStart + 2s);
  }
  /// Requests a second of CPU time.
  double rate(std::uint64_t requests) {
    const std::uint64_t before = client->journeys();
    return static_cast<double>(requests) / cpu_seconds([&] {
             while (client->journeys() - before < requests) world.run(world.now() + 100ms);
           });
  }

  World world;
  Client* client;
  std::optional<Metrics> metrics;
  std::optional<Ledger> ledger;
};

void function_rows(Report& report, const Options& options) {
  const std::uint64_t requests = options.size(4'000'000, 20'000);
  for (const auto& [in_flight, goal] : {std::pair{1e3, 6.0}, {1e5, 4.0}}) {
    if (options.smoke && in_flight > 1e4) continue;
    const std::vector<Competitor> competitors{
        {"function", [=] { return function_rate(in_flight, requests); }},
        {"by hand", [=] { return bare_rate<BareFunction>(in_flight, requests); }}};
    const auto figures = interleave(competitors, options.rounds);
    report.at_least("P4", fmt::format("one function, {:.0e} in flight", in_flight), median(figures[0]) * 1e-6,
                    goal, " M requests/s");
    report.figure("P4", fmt::format("  by hand, {:.0e} in flight", in_flight), median(figures[1]) * 1e-6,
                  " M requests/s");
    report.figure("P4", "  share of it", median_ratio(figures[0], figures[1]) * 100, " %");
  }
}

void chain_rows(Report& report, const Options& options) {
  const std::uint64_t requests = options.size(1'000'000, 5'000);
  for (const double in_flight : {1e3, 1e4}) {
    const std::vector<Competitor> competitors{
        {"observed", [=] { return Chain(in_flight, true).rate(requests); }},
        {"not observed", [=] { return Chain(in_flight, false).rate(requests); }},
        {"by hand", [=] { return bare_rate<BareChain>(in_flight, requests); }}};
    const auto figures = interleave(competitors, options.rounds);
    const double rate = median(figures[0]) * 1e-6;
    report.at_least("P5", fmt::format("chain of 8, {:.0e} in flight", in_flight), rate, 1.2, " M requests/s");
    report.figure("P5", fmt::format("  by hand, {:.0e} in flight", in_flight), median(figures[2]) * 1e-6,
                  " M requests/s");
    report.figure("P5", "  share of it", median_ratio(figures[0], figures[2]) * 100, " %");
    const double cost = median_ratio(figures[1], figures[0]) - 1;
    report.at_most("P7", fmt::format("metrics + ledger, {:.0e} in flight", in_flight), cost * 100, 25, " %");
  }
}

void memory_row(Report& report, const Options& options) {
  const double in_flight = options.smoke ? 1e3 : 1e5;
  Chain chain(in_flight, false);
  // At the end of what a chunk of records holds, the share of the free ones is small; the pools only grow.
  const double open = chain.world.calls().alive();
  const double bytes = static_cast<double>(chain.world.bytes()) / open;
  report.at_most("P6", fmt::format("memory of an open call, {:.0f} open", open), bytes, 96, " bytes");
}

int run(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  Report report("Topologies", options);
  if (options.wants("P3")) single_server(report, options);
  if (options.wants("P4")) function_rows(report, options);
  if (options.wants("P5")) chain_rows(report, options);
  if (options.wants("P6")) memory_row(report, options);
  return report.exit_code();
}

}  // namespace
}  // namespace spillway::bench

int main(int argc, char** argv) { return spillway::bench::run(argc, argv); }
