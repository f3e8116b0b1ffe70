#include "services/api_gateway.hpp"

#include <algorithm>

#include "model/quotas.hpp"
#include "services/catalogue.hpp"

namespace spillway {

namespace {

constexpr std::int64_t kHttpUnit =
    512 * 1024;  // an HTTP API's request counts once for each 512 KB (pricing, 2025-11-02)
constexpr std::string_view kDefaultRoute = "$default";

Outcome outcome_for_client(Outcome integration, bool passes_status) {
  switch (integration) {
    case Outcome::ok:
    case Outcome::refused: return integration;
    case Outcome::timed_out: return Outcome::fault;  // 504
    default: return passes_status ? integration : Outcome::fault;
  }
}

}  // namespace

ApiGateway::ApiGateway(World& world, std::string name, ApiGatewayConfig config)
    : Service(world, std::move(name)),
      config_(std::move(config)),
      account_(world.shared<AccountThrottle>("apigateway account " + config_.account)),
      requests_(world.meter(config_.kind == ApiGatewayConfig::Kind::http ? "apigateway.http.requests"
                                                                         : "apigateway.rest.requests")),
      overhead_draws_(world.stream(this->name() + "/overhead")) {
  account_.agree(config_.account_rate_millis, config_.account_burst);
}

void ApiGateway::add_route(GatewayRoute route, ServiceId to, PortConfig port) {
  check(port.retry.max_attempts == 1, "a gateway never retries its integration");
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

/// Each throttle in turn: what a later one refuses has still taken its token from the earlier ones.
bool ApiGateway::admit(Route& route) {
  return route.is.throttle.take(now()) && config_.stage.take(now()) && account_.bucket.take(now());
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
  const bool admitted = admit(route);
  if (admitted || config_.bill_throttled) bill(asked, route);
  if (!admitted) {
    mark(Mark::rate_throttled);
    return answer(id, Outcome::throttled);  // 429
  }
  if (asked.bytes > config_.payload_limit) return answer(id, Outcome::refused);  // 413
  level(Gauge::concurrency, ++active_);
  Draws draws = world().draws(overhead_draws_, asked.journey, asked.lineage);
  const Duration overhead = config_.overhead.duration(draws);
  if (overhead > Duration::zero()) {
    after<&ApiGateway::forwarded>(overhead, id);
  } else {
    forwarded(id);
  }
}

void ApiGateway::forwarded(CallId id) {
  const Call& asked = record(id);
  call(route_of(asked).integration, {.journey = asked.journey,
                                     .tag = static_cast<std::uint32_t>(id),
                                     .bytes = asked.bytes,
                                     .lineage = asked.lineage});
}

void ApiGateway::on_answer(CallId id) {
  const Call& settled = record(id);
  const auto asked = CallId{settled.tag};
  record(asked).waits += settled.waits;
  const Outcome outcome = outcome_for_client(settled.outcome, route_of(record(asked)).is.passes_status);
  level(Gauge::concurrency, --active_);
  answer(asked, outcome);
}

// ---- Settings
// -----------------------------------------------------------------------------------------------------

namespace {

Settings throttle_fields() {
  return {rate("rate", "Requests a second, in the long run.").required().at_least(0.001),
          count("burst", "Requests at once: the size of the bucket.").required().at_least(1)};
}

Setting describe_route(std::string_view kind) {
  const std::string limits = "apigateway." + std::string(kind) + ".integration_timeout";
  Described timeout = duration("timeout",
                               "How long the integration may take; then the client has a 504 and the "
                               "integration runs on.");
  timeout.fallback(quota(limits + ".default")).at_least(50ms).source("Amazon API Gateway quotas, 2023-06-29");
  // Regional and private REST APIs may be given more than the default.
  if (kind == "http") timeout.at_most(30s);
  return object(
             "METHOD /path", "One route and what stands behind it.",
             {reference("call", "The resource that the route asks."),
              text("op", "The operation or route that is asked of it."),
              reference("send", "The queue that the request is sent to."), timeout,
              object("throttle", "The route's own throttle.", throttle_fields()).optional(),
              choice(
                  "integration",
                  "How failures behind the gateway look to the client: of a function as a fault (5xx), of an "
                  "HTTP backend as they are.",
                  {"function", "http"})
                  .fallback("function"),
              bytes("response", "The size of a response, for metering.").fallback("0B").source("assumption")})
      .exactly_one({"call", "send"});
}

Settings describe_api(std::string_view kind, std::string_view overhead) {
  return {
      map("routes", "What the gateway serves, by \"METHOD /path\", \"ANY /path\" or \"$default\".",
          describe_route(kind))
          .required()
          .at_least(1)
          .at_most(300)
          .source("Amazon API Gateway quotas, 2023-06-29"),
      distribution("overhead", "The gateway's own latency, spent before the integration is asked.")
          .fallback(overhead)
          .source(
              "assumption: AWS publishes no figure but that HTTP APIs are up to 60 % faster than REST APIs"),
      object("throttle", "The throttle of the stage; without it only the account's.", throttle_fields())
          .optional(),
      text("account", "Whose throttle it shares: gateways that name the same account have one.")
          .fallback("default"),
      object("account_throttle", "The throttle of the account and region.",
             {rate("rate", "Requests a second, in the long run.")
                  .fallback(quota("apigateway.rate"))
                  .at_least(0.001),
              count("burst", "The size of the bucket.").fallback(quota("apigateway.burst")).at_least(1)})
          .source("Amazon API Gateway quotas, 2023-06-29")
          .adjustable(),
      bytes("payload", "Larger requests are refused (413).")
          .fallback(quota("apigateway.payload"))
          .source("Amazon API Gateway quotas, 2023-06-29"),
      boolean("bill_throttled", "Whether throttled requests are billed.")
          .fallback("false")
          .source("assumption"),
  };
}

std::int64_t thousandths(double rate) { return static_cast<std::int64_t>(rate * 1e3 + 0.5); }

TokenBucket throttle(const Value& setting) {
  if (!setting.is_set()) return {};
  return TokenBucket(thousandths(setting["rate"].rate()), setting["burst"].count());
}

Service& make_api(ApiGatewayConfig::Kind kind, Wiring& wiring, std::string name, const Value& settings) {
  const Value& account = settings["account_throttle"];
  return wiring.world().add<ApiGateway>(
      std::move(name), ApiGatewayConfig{.kind = kind,
                                        .overhead = settings["overhead"].distribution(),
                                        .stage = throttle(settings["throttle"]),
                                        .account = settings["account"].text(),
                                        .account_rate_millis = thousandths(account["rate"].rate()),
                                        .account_burst = account["burst"].count(),
                                        .payload_limit = settings["payload"].bytes(),
                                        .bill_throttled = settings["bill_throttled"].boolean()});
}

}  // namespace

Settings describe_http_api() { return describe_api("http", "{ lognormal: { median: 5ms, p99: 15ms } }"); }
Settings describe_rest_api() { return describe_api("rest", "{ lognormal: { median: 9ms, p99: 30ms } }"); }

Service& make_http_api(Wiring& wiring, std::string name, const Value& settings) {
  return make_api(ApiGatewayConfig::Kind::http, wiring, std::move(name), settings);
}
Service& make_rest_api(Wiring& wiring, std::string name, const Value& settings) {
  return make_api(ApiGatewayConfig::Kind::rest, wiring, std::move(name), settings);
}

void connect_api_gateway(Wiring& wiring, Service& service, const Value& settings) {
  auto& gateway = static_cast<ApiGateway&>(service);
  for (const auto& [name, route] : settings["routes"].members()) {
    const bool sends = route["send"].is_set();
    PortConfig port{.timeout = route["timeout"].duration()};
    if (!sends && route["op"].is_set()) port.operation = route["op"].text();
    gateway.add_route({.name = name,
                       .throttle = throttle(route["throttle"]),
                       .response_bytes = route["response"].bytes(),
                       .passes_status = route["integration"].choice_index() == 1},
                      wiring.service(route[sends ? "send" : "call"]), std::move(port));
  }
}

}  // namespace spillway
