#include "services/load_balancer.hpp"

#include <algorithm>

#include "services/catalogue.hpp"
#include "services/function.hpp"

// The capacity units of an hour are known when it is over, so an event comes at each full hour; a run that
// ends within one is billed for what the hour has had, as if nothing more came in it.

namespace spillway {

namespace {

// One capacity unit, over an hour (Elastic Load Balancing pricing).
constexpr Int128 kConnectionsPpm = Int128{25} * 3600 * 1'000'000;
constexpr Int128 kActiveNs =
    Int128{3000} * 3'600'000'000'000;  // 3,000 connections that are open all the time
constexpr Int128 kWeightedBytes = Int128{1'000'000'000} * 10;
constexpr Int128 kEvaluations = Int128{1000} * 3600;
constexpr std::int64_t kFreeRules = 10;

/// Thousandths, upwards.
std::int64_t milli(Int128 used, Int128 unit) {
  return static_cast<std::int64_t>((used * 1000 + unit - 1) / unit);
}

}  // namespace

void CapacityUnits::add(const Request& request) {
  connection_ppm_ += request.connection_ppm;
  connection_ns_ += request.connection_ns;
  weighted_bytes_ += Int128{request.bytes} * (request.to_function ? 25 : 10);
  evaluations_ += request.evaluations;
}

std::int64_t CapacityUnits::of_hour() const {
  return std::max({milli(connection_ppm_, kConnectionsPpm), milli(connection_ns_, kActiveNs),
                   milli(weighted_bytes_, kWeightedBytes), milli(evaluations_, kEvaluations)});
}

LoadBalancer::LoadBalancer(World& world, std::string name, LoadBalancerConfig config)
    : Service(world, std::move(name)),
      config_(std::move(config)),
      overhead_draws_(world.stream(this->name() + "/overhead")),
      time_(world.meter("alb.time")),
      capacity_(world.meter("alb.capacity")),
      egress_(config_.internet) {}

void LoadBalancer::add_rule(LoadBalancerRule rule) {
  egress_.expect(world(), rule.response_bytes);
  rules_.push_back({std::move(rule)});
}

void LoadBalancer::add_target(ServiceId to, bool is_function, PortConfig port) {
  check(port.retry.max_attempts == 1, "a load balancer never tries again");
  rules_.back().targets.push_back({world().connect(id(), to, std::move(port)), is_function});
}

int LoadBalancer::operation(std::string_view name) const {
  const auto named = [&](std::string_view wanted) {
    const auto found =
        std::ranges::find(rules_, wanted, [](const Rule& rule) { return std::string_view(rule.is.name); });
    return found == rules_.end() ? -1 : static_cast<int>(found - rules_.begin());
  };
  if (name.empty()) return rules_.size() == 1 ? 0 : named("default");
  const int exact = named(name);
  return exact >= 0 ? exact : named("default");
}

// ---- Requests
// -----------------------------------------------------------------------------------------------------

void LoadBalancer::start() { after<&LoadBalancer::hour_over>(1h); }

void LoadBalancer::on_call(CallId id) {
  level(Gauge::concurrency, ++active_);
  const Call& asked = record(id);
  Draws draws = world().draws(overhead_draws_, asked.journey, asked.lineage);
  const Duration overhead = config_.overhead.duration(draws);
  overhead > Duration::zero() ? after<&LoadBalancer::forwarded>(overhead, id) : forwarded(id);
}

LoadBalancer::Target& LoadBalancer::choose(Rule& rule) {
  if (rule.is.algorithm == LoadBalancerRule::Algorithm::least_outstanding) {
    return *std::ranges::min_element(rule.targets, {}, &Target::outstanding);
  }
  Target& target = rule.targets[rule.next];
  rule.next = (rule.next + 1) % rule.targets.size();
  return target;
}

void LoadBalancer::count(const Call& call, const Rule& rule, const Target& target) {
  const auto number = static_cast<std::int64_t>(rules_.size());
  hour_.add({.bytes = std::int64_t{call.bytes} + rule.is.response_bytes,
             .to_function = target.is_function,
             .evaluations = std::max<std::int64_t>(0, number - kFreeRules),
             .connection_ns = config_.connection_lasts.count() / config_.requests_per_connection,
             .connection_ppm = 1'000'000 / config_.requests_per_connection});
}

void LoadBalancer::forwarded(CallId id) {
  const Call& asked = record(id);
  Rule& rule = rule_of(asked);
  Target& target = choose(rule);
  count(asked, rule, target);
  if (target.is_function && asked.bytes > config_.function_body) {
    level(Gauge::concurrency, --active_);
    return answer(id, Outcome::refused);  // 413
  }
  ++target.outstanding;
  call(target.port, on_behalf_of(id));
}

LoadBalancer::Target& LoadBalancer::target_of(const Call& settled) {
  for (Target& target : rule_of(record(CallId{settled.tag})).targets) {
    if (target.port == PortId{settled.port}) return target;
  }
  check(false, "a load balancer has an answer from no target of its own");
  return rules_.front().targets.front();
}

void LoadBalancer::on_answer(CallId id) {
  const Call& settled = record(id);
  const auto asked = CallId{settled.tag};
  const Target& target = target_of(settled);
  --target_of(settled).outstanding;
  record(asked).waits += settled.waits;
  level(Gauge::concurrency, --active_);
  Outcome outcome = settled.outcome;
  // 504, and 502 for whatever a function does wrong; another target's own status reaches the client.
  const bool failed = outcome != Outcome::ok && outcome != Outcome::refused;
  if (outcome == Outcome::timed_out || (failed && target.is_function)) outcome = Outcome::fault;
  if (const auto out = egress_.of(outcome, rule_of(record(asked)).is.response_bytes))
    use(out.meter, out.bytes, record(asked));
  answer(asked, outcome);
}

// ---- The bill
// -----------------------------------------------------------------------------------------------------

void LoadBalancer::bill_hour() {
  if (const std::int64_t units = hour_.of_hour(); units > 0) use(capacity_, units * 3600);
  hour_ = CapacityUnits();
}

void LoadBalancer::hour_over() {
  bill_hour();
  after<&LoadBalancer::hour_over>(1h);
}

void LoadBalancer::account() {
  bill_hour();
  const auto whole = [](Time time) { return (time - kStart) / 1s; };
  use(time_, whole(now()) - whole(accounted_));
  accounted_ = now();
}

// ---- Settings
// -----------------------------------------------------------------------------------------------------

namespace {

constexpr const char* kGuide = "Elastic Load Balancing User Guide, Application Load Balancers, 2023";

Setting describe_rule() {
  return object("path", "One rule and its group of targets.",
                {list("targets", "The resources that take turns; a function stands alone in its group.",
                      reference("target", "One of them."))
                     .required()
                     .at_least(1)
                     .at_most(1000)
                     .source(kGuide),
                 text("op", "The operation or route that is asked of them."),
                 choice("algorithm", "Who is next.", {"round_robin", "least_outstanding"})
                     .fallback("round_robin")
                     .source(kGuide),
                 bytes("response", "The size of a response, for capacity units and data transfer out.")
                     .fallback("0B")
                     .source("assumption")});
}

}  // namespace

Settings describe_load_balancer() {
  return {
      map("rules", "What is served, by path, in the order of evaluation; \"default\" takes the rest.",
          describe_rule())
          .required()
          .at_least(1)
          .at_most(101)
          .source(kGuide),
      distribution("overhead", "The load balancer's own latency, spent before a target is asked.")
          .fallback("1ms")
          .source("assumption"),
      duration("idle_timeout", "How long a target may keep its connection silent; then the client has a 504.")
          .fallback("60s")
          .between(1s, 4000s)
          .source(kGuide),
      bytes("function_body", "Larger bodies do not reach a function (413).")
          .fallback("1MiB")
          .source("assumption: from memory"),
      boolean("internet", "Whether it faces the internet, so that responses are billed as data transfer out.")
          .fallback("true"),
      object("connections", "How clients use connections, for capacity units.",
             {count("requests", "How many requests one carries.").fallback("1").at_least(1),
              duration("lasts", "How long one stays open.").fallback("0s")})
          .source("assumption"),
  };
}

Service& make_load_balancer(Wiring& wiring, std::string name, const Value& settings) {
  const Value& connections = settings["connections"];
  return wiring.world().add<LoadBalancer>(
      std::move(name), LoadBalancerConfig{.overhead = settings["overhead"].distribution(),
                                          .connection_lasts = connections["lasts"].duration(),
                                          .requests_per_connection = connections["requests"].count(),
                                          .function_body = settings["function_body"].bytes(),
                                          .internet = settings["internet"].boolean()});
}

void connect_load_balancer(Wiring& wiring, Service& service, const Value& settings) {
  auto& balancer = static_cast<LoadBalancer&>(service);
  for (const auto& [name, rule] : settings["rules"].members()) {
    balancer.add_rule({.name = name,
                       .algorithm = rule["algorithm"].choice<LoadBalancerRule::Algorithm>(),
                       .response_bytes = rule["response"].bytes()});
    PortConfig port{.timeout = settings["idle_timeout"].duration()};
    if (rule["op"].is_set()) port.operation = rule["op"].text();
    for (const Value& target : rule["targets"].items()) {
      const ServiceId to = wiring.service(target);
      const bool is_function = dynamic_cast<const Function*>(&wiring.world().service(to)) != nullptr;
      balancer.add_target(to, is_function, port);
    }
  }
}

}  // namespace spillway
