// What a scenario says of a gateway, and how one is made from it.

#include <algorithm>

#include "model/quotas.hpp"
#include "services/api_gateway.hpp"
#include "services/catalogue.hpp"

namespace spillway {

namespace {

constexpr const char* kCachingGuide = "Amazon API Gateway Developer Guide, enable API caching, 2023-06-29";

Setting describe_authorizer() {
  return object(
             "authorizer", "Who decides whether a request is let in; without one everybody is.",
             {reference("call", "The function that is asked, a Lambda authorizer.")
                  .of_types({"aws.lambda.function"}),
              text("op", "The operation, version or alias that is asked of it."),
              distribution("jwt", "The gateway checks a token by itself, and this is how long it takes."),
              duration("timeout", "How long the function may take; then the client has a 500.")
                  .fallback(quota("apigateway.http.authorizer_timeout"))
                  .at_least(50ms)
                  .source("Amazon API Gateway quotas of HTTP APIs, 2023-06-29; for REST APIs an assumption"),
              duration("ttl", "How long the function's verdict is kept for an identity; 0s: not at all.")
                  .fallback("300s")
                  .between(0s, 3600s)
                  .source("assumption: the REST API's default, from memory"),
              probability("denies", "The share of identities, the journeys' keys, that it refuses.")
                  .fallback("0")})
      .exactly_one({"call", "jwt"})
      .optional();
}

Setting describe_plan() {
  return object("traffic class", "What the API key of this class may ask for.",
                {object("throttle", "Its rate, before all other throttles.", throttle_fields()).optional(),
                 object("quota", "Its requests in a period, the first of which begins with the run.",
                        {count("requests", "How many it may make in a period.").required().at_least(1),
                         choice("per", "A month has 30 days.", {"day", "week", "month"}).fallback("month")})
                     .optional()});
}

Setting describe_cache() {
  return object("cache", "The stage's cache of responses, by route and the journey's key.",
                {choice("size", "Its gigabytes: what it costs by the hour.",
                        {"0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"})
                     .fallback("0.5"),
                 duration("ttl", "How long a response is kept.")
                     .fallback(quota("apigateway.cache.ttl.default"))
                     .between(0s, 3600s)
                     .source(kCachingGuide)})
      .optional();
}

Setting describe_route(std::string_view kind) {
  const std::string limits = "apigateway." + std::string(kind) + ".integration_timeout";
  Described timeout = duration("timeout",
                               "How long the integration may take; then the client has a 504 and the "
                               "integration runs on.");
  timeout.fallback(quota(limits + ".default")).at_least(50ms).source("Amazon API Gateway quotas, 2023-06-29");
  // Regional and private REST APIs may be given more than the default.
  if (kind == "http") timeout.at_most(30s);
  Settings fields{
      reference("call", "The resource that the route asks."),
      text("op", "The operation or route that is asked of it."),
      reference("send", "The queue that the request is sent to."),
      timeout,
      object("throttle", "The route's own throttle.", throttle_fields()).optional(),
      choice("integration",
             "How failures behind the gateway look to the client: of a function as a fault (5xx), of an "
             "HTTP backend as they are.",
             {"function", "http"})
          .fallback("function"),
      bytes("response", "The size of a response, for metering and data transfer out.")
          .fallback("0B")
          .source("assumption"),
      boolean("open", "Whether everybody is let in, without the API's authorizer.").fallback("false"),
  };
  if (kind == "rest") {
    fields.push_back(choice("cached", "Whether responses are kept in the cache; auto: those of GET are.",
                            {"auto", "yes", "no"})
                         .fallback("auto")
                         .source(kCachingGuide));
  }
  return object("METHOD /path", "One route and what stands behind it.", std::move(fields))
      .exactly_one({"call", "send"});
}

Settings describe_api(std::string_view kind, std::string_view overhead) {
  Settings settings{
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
      describe_account(),
      describe_account_throttle(),
      bytes("payload", "Larger requests are refused (413).")
          .fallback(quota("apigateway.payload"))
          .source("Amazon API Gateway quotas, 2023-06-29"),
      boolean("bill_throttled", "Whether throttled requests are billed.")
          .fallback("false")
          .source("assumption"),
      boolean("internet", "Whether callers are outside, so that responses are billed as data transfer out.")
          .fallback("true"),
      bytes("access_log", "What a request, throttled or not, writes to the access log in CloudWatch Logs.")
          .fallback("0B")
          .source("assumption"),
      describe_authorizer(),
  };
  if (kind == "rest") {
    settings.push_back(
        map("plans", "Usage plans, by traffic class: each class has an API key of its own.", describe_plan())
            .names_class());
    settings.push_back(describe_cache());
  }
  return settings;
}

std::vector<UsagePlan> plans(Wiring& wiring, const Value& setting) {
  constexpr std::array kPeriods{Duration{24h}, Duration{7 * 24h}, Duration{30 * 24h}};
  std::vector<UsagePlan> made;
  for (const auto& [name, plan] : setting.members()) {
    const std::size_t key = wiring.traffic_class(name);
    if (made.size() <= key) made.resize(key + 1);
    made[key].throttle = throttle(plan["throttle"]);
    if (const Value& quota = plan["quota"]; quota.is_set()) {
      made[key].quota = quota["requests"].count();
      made[key].period = kPeriods[static_cast<std::size_t>(quota["per"].choice_index())];
    }
  }
  return made;
}

Service& make_api(ApiGatewayConfig::Kind kind, Wiring& wiring, std::string name, const Value& settings) {
  const Value& account = settings["account_throttle"];
  ApiGatewayConfig config{.kind = kind,
                          .overhead = settings["overhead"].distribution(),
                          .stage = throttle(settings["throttle"]),
                          .account = settings["account"].text(),
                          .account_rate_millis = thousandths(account["rate"].rate()),
                          .account_burst = account["burst"].count(),
                          .payload_limit = settings["payload"].bytes(),
                          .bill_throttled = settings["bill_throttled"].boolean(),
                          .internet = settings["internet"].boolean(),
                          .access_log = settings["access_log"].bytes()};
  if (kind == ApiGatewayConfig::Kind::rest) {
    config.plans = plans(wiring, settings["plans"]);
    if (const Value& cache = settings["cache"]; cache.is_set()) {
      config.cache_ttl = cache["ttl"].duration();
      config.cache_size = cache["size"].text();
      config.cache_bytes = static_cast<std::int64_t>(std::stod(config.cache_size) * 1e9);
    }
  }
  return wiring.world().add<ApiGateway>(std::move(name), std::move(config));
}

void set_authorizer(Wiring& wiring, ApiGateway& gateway, const Value& setting) {
  if (!setting.is_set()) return;
  GatewayAuthorizer authorizer{.denies = setting["denies"].probability()};
  if (setting["jwt"].is_set()) {
    authorizer.check = setting["jwt"].distribution();
    return gateway.check_tokens(authorizer);
  }
  authorizer.ttl = setting["ttl"].duration();
  PortConfig port{.timeout = setting["timeout"].duration()};
  if (setting["op"].is_set()) port.operation = setting["op"].text();
  gateway.ask_authorizer(authorizer, wiring.service(setting["call"]), std::move(port));
}

bool is_cached(const std::string& name, const Value& route) {
  const Value* const cached = route.find("cached");
  if (cached == nullptr) return false;
  return cached->text() == "auto" ? name.starts_with("GET ") : cached->text() == "yes";
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
  set_authorizer(wiring, gateway, settings["authorizer"]);
  for (const auto& [name, route] : settings["routes"].members()) {
    const bool sends = route["send"].is_set();
    PortConfig port{.timeout = route["timeout"].duration()};
    if (!sends && route["op"].is_set()) port.operation = route["op"].text();
    const bool streams = port.operation == "invoke_with_response_stream";
    if (streams && gateway.config().kind == ApiGatewayConfig::Kind::http)
      wiring.reject(route["op"], "an HTTP API does not stream responses: a REST API does");
    const bool keeps = gateway.config().cache_ttl > Duration::zero();
    gateway.add_route({.name = name,
                       .throttle = throttle(route["throttle"]),
                       .response_bytes = route["response"].bytes(),
                       .passes_status = route["integration"].choice_index() == 1,
                       .open = route["open"].boolean(),
                       .cached = keeps && !streams && is_cached(name, route)},
                      wiring.service(route[sends ? "send" : "call"]), std::move(port));
  }
}

}  // namespace spillway
