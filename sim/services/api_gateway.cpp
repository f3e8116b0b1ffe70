#include "services/api_gateway.hpp"

#include <algorithm>

namespace spillway {

namespace {

constexpr std::int64_t kHttpUnit =
    512 * 1024;  // an HTTP API's request counts once for each 512 KB (pricing, 2025-11-02)
constexpr std::string_view kDefaultRoute = "$default";
constexpr std::int64_t kCacheEntry =
    1024 * 1024;                            // larger responses are not kept (caching guide, 2023-06-29)
constexpr std::int64_t kLeastEntry = 1024;  // assumption: what an entry takes at least

}  // namespace

ApiGateway::ApiGateway(World& world, std::string name, ApiGatewayConfig config)
    : Service(world, std::move(name)),
      config_(std::move(config)),
      account_(world.shared<AccountThrottle>("apigateway account " + config_.account)),
      requests_(world.meter(config_.kind == ApiGatewayConfig::Kind::http ? "apigateway.http.requests"
                                                                         : "apigateway.rest.requests")),
      overhead_draws_(world.stream(this->name() + "/overhead")),
      cache_(config_.cache_ttl, config_.cache_bytes),
      egress_(config_.internet) {
  account_.agree(config_.account_rate_millis, config_.account_burst);
  if (config_.access_log > 0) logs_ = world.meter("cloudwatch.logs.ingest");
  if (!config_.cache_size.empty()) cache_time_ = world.meter("apigateway.cache." + config_.cache_size);
}

void ApiGateway::ask_authorizer(const GatewayAuthorizer& authorizer, ServiceId function, PortConfig port) {
  check(port.retry.max_attempts == 1, "a gateway never retries its authorizer");
  authorizer_.reset(new Authorizer{authorizer, world().connect(id(), function, std::move(port)),
                                   world().stream(name() + "/authorizer"), TtlCache(authorizer.ttl)});
}

void ApiGateway::check_tokens(const GatewayAuthorizer& authorizer) {
  authorizer_.reset(new Authorizer{authorizer, kNoPort, world().stream(name() + "/authorizer"),
                                   TtlCache(Duration::zero())});
}

void ApiGateway::add_route(GatewayRoute route, ServiceId to, PortConfig port) {
  check(port.retry.max_attempts == 1, "a gateway never retries its integration");
  egress_.expect(world(), route.response_bytes);
  routes_.push_back({std::move(route), world().connect(id(), to, std::move(port))});
}

int ApiGateway::find(std::string_view name) const {
  const auto found =
      std::ranges::find(routes_, name, [](const Route& route) { return std::string_view(route.is.name); });
  return found == routes_.end() ? -1 : static_cast<int>(found - routes_.begin());
}

int ApiGateway::operation(std::string_view name) const {
  if (name.empty()) return routes_.size() == 1 ? 0 : find(kDefaultRoute);
  if (const int exact = find(name); exact >= 0) return exact;
  if (const auto space = name.find(' '); space != std::string_view::npos) {
    const int any = find("ANY" + std::string(name.substr(space)));
    if (any >= 0) return any;
  }
  return find(kDefaultRoute);
}

// ---- Letting in
// ---------------------------------------------------------------------------------------------------

bool UsagePlan::spend(Time now) {
  if (quota == 0) return true;
  const std::int64_t number = (now - kStart) / period;
  if (number != current) spent = 0;
  current = number;
  if (spent == quota) return false;
  ++spent;
  return true;
}

/// The plan of the key that the request brought; marks what refuses it.
bool ApiGateway::within_plan(const Call& call) {
  const std::size_t key = journey(call.journey).traffic_class;
  if (key >= config_.plans.size()) return true;
  UsagePlan& plan = config_.plans[key];
  if (!plan.throttle.take(now())) {
    mark(Mark::rate_throttled);
    return false;
  }
  if (plan.spend(now())) return true;
  mark(Mark::quota_exceeded);
  return false;
}

/// Each throttle in turn: what a later one refuses has still taken its token from the earlier ones.
bool ApiGateway::admit(Route& route) {
  if (route.is.throttle.take(now()) && config_.stage.take(now()) && account_.bucket.take(now())) return true;
  mark(Mark::rate_throttled);
  return false;
}

void ApiGateway::bill(const Call& call, const Route& route) {
  std::int64_t units = 1;
  if (config_.kind == ApiGatewayConfig::Kind::http) {
    const std::int64_t bytes = std::max<std::int64_t>(call.bytes, route.is.response_bytes);
    units = std::max<std::int64_t>(1, (bytes + kHttpUnit - 1) / kHttpUnit);
  }
  use(requests_, units, call);
}

void ApiGateway::on_call(CallId id) {
  const Call& asked = record(id);
  Route& route = route_of(asked);
  const bool admitted = within_plan(asked) && admit(route);
  if (config_.access_log > 0) use(logs_, config_.access_log, asked);
  if (admitted || config_.bill_throttled) bill(asked, route);
  if (!admitted) return answer(id, Outcome::throttled);                          // 429
  if (asked.bytes > config_.payload_limit) return answer(id, Outcome::refused);  // 413
  level(Gauge::concurrency, ++active_);
  Draws draws = world().draws(overhead_draws_, asked.journey, asked.lineage);
  const Duration overhead = config_.overhead.duration(draws);
  if (overhead > Duration::zero()) {
    after<&ApiGateway::received>(overhead, id);
  } else {
    received(id);
  }
}

void ApiGateway::received(CallId id) {
  const Call& asked = record(id);
  if (authorizer_ == nullptr || route_of(asked).is.open) return let_in(id);
  if (authorizer_->function == kNoPort) {
    Draws draws = world().draws(authorizer_->draws, asked.journey, asked.lineage);
    after<&ApiGateway::judged>(authorizer_->is.check.duration(draws), id);
  } else if (authorizer_->verdicts.holds(now(), journey(asked.journey).key)) {
    judged(id);
  } else {
    call(authorizer_->function, on_behalf_of(id));
  }
}

void ApiGateway::judged(CallId id) {
  if (authorizer_->draws.at(journey(record(id).journey).key, 1).chance(authorizer_->is.denies)) {
    mark(Mark::denied);
    return done(id, Outcome::refused);  // 403
  }
  let_in(id);
}

// ---- Behind the gateway
// -------------------------------------------------------------------------------------------

std::uint64_t ApiGateway::cache_key(const Call& call) {
  const std::uint64_t route = world().port(PortId{call.port}).operation;
  return mix_bits(journey(call.journey).key + route * kWeylStep);
}

void ApiGateway::let_in(CallId id) {
  const Call& asked = record(id);
  const Route& route = route_of(asked);
  if (route.is.cached && cache_.holds(now(), cache_key(asked))) {
    mark(Mark::cache_hit);
    return done(id, Outcome::ok);
  }
  call(route.integration, on_behalf_of(id));
}

void ApiGateway::on_answer(CallId id) {
  const Call& settled = record(id);
  const auto asked = CallId{settled.tag};
  record(asked).waits += settled.waits;
  const bool by_authorizer = authorizer_ != nullptr && authorizer_->function == PortId{settled.port};
  if (!by_authorizer) return answered(asked, settled.outcome);
  if (settled.outcome != Outcome::ok) return done(asked, Outcome::fault);  // 500, AUTHORIZER_FAILURE
  authorizer_->verdicts.store(now(), journey(settled.journey).key, 0);
  judged(asked);
}

void ApiGateway::answered(CallId id, Outcome integration) {
  const Call& asked = record(id);
  const Route& route = route_of(asked);
  if (route.is.cached && integration == Outcome::ok && route.is.response_bytes <= kCacheEntry) {
    cache_.store(now(), cache_key(asked), std::max(route.is.response_bytes, kLeastEntry));
  }
  done(id, outcome_for_client(integration, route.is.passes_status));
}

void ApiGateway::done(CallId id, Outcome outcome) {
  level(Gauge::concurrency, --active_);
  const Call& asked = record(id);
  if (const auto out = egress_.of(outcome, route_of(asked).is.response_bytes))
    use(out.meter, out.bytes, asked);
  answer(id, outcome);
}

void ApiGateway::account() {
  if (config_.cache_size.empty()) return;
  const auto whole = [](Time time) { return (time - kStart) / 1s; };
  use(cache_time_, whole(now()) - whole(accounted_));
  accounted_ = now();
}

}  // namespace spillway
