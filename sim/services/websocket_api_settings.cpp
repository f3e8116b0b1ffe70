// What a scenario says of a WebSocket API, and how one is made from it.

#include <array>

#include <fmt/format.h>

#include "model/nearest.hpp"
#include "model/quotas.hpp"
#include "model/retry_setting.hpp"
#include "services/catalogue.hpp"
#include "services/websocket_api.hpp"

namespace spillway {

namespace {

constexpr const char* kQuotas = "Amazon API Gateway quotas of WebSocket APIs, 2023-06-29";

Setting describe_route() {
  return object("route key", "One route and what stands behind it.",
                {reference("call", "The resource that the route asks."),
                 text("op", "The operation or route that is asked of it."),
                 reference("send", "The queue that the message is sent to."),
                 duration("timeout",
                          "How long the integration may take; then the client is told of an error and the "
                          "integration runs on.")
                     .fallback(quota("apigateway.websocket.integration_timeout.default"))
                     .between(50ms, 29s)
                     .source(kQuotas),
                 object("throttle", "The route's own throttle.", throttle_fields()).optional(),
                 choice("integration",
                        "How failures behind the gateway look to the client: of a function as a fault (5xx), "
                        "of an HTTP backend as they are.",
                        {"function", "http"})
                     .fallback("function"),
                 bytes("response", "The size of the message that answers; 0B: none does.")
                     .fallback("0B")
                     .source("assumption")})
      .exactly_one({"call", "send"});
}

Setting describe_authorizer() {
  return object("authorizer", "Who decides whether a connection is opened; without one everybody's is.",
                {reference("call", "The function that is asked, a Lambda authorizer.")
                     .of_types({"aws.lambda.function"})
                     .required(),
                 text("op", "The operation, version or alias that is asked of it."),
                 duration("timeout", "How long the function may take; then the client has a 500.")
                     .fallback(quota("apigateway.http.authorizer_timeout"))
                     .at_least(50ms)
                     .source("assumption: as for HTTP APIs"),
                 probability("denies", "The share of identities, the journeys' keys, that it refuses.")
                     .fallback("0")})
      .optional();
}

Setting describe_return() {
  return object("returns",
                "Clients that lost a connection before they wanted to leave connect again by themselves; "
                "without it they do so with their next message.",
                {distribution("after", "How long after they lost it.")
                     .fallback("{ uniform: { from: 0s, to: 1s } }")
                     .source("assumption"),
                 retry("retry", "What they do when they are refused.")
                     .fallback("{ max_attempts: 10, base: 1s, cap: 60s, jitter: full, "
                               "on: [ throttled, fault, timed_out ] }")
                     .source("assumption")})
      .optional();
}

Setting describe_connections() {
  return object("connections", "How connections begin and end.",
                {object("throttle", "New connections of the account and region, over all its WebSocket APIs.",
                        {rate("rate", "Connections a second, in the long run.")
                             .fallback(quota("apigateway.websocket.new_connections"))
                             .at_least(0.001)
                             .source(kQuotas),
                         count("burst", "The size of the bucket.")
                             .fallback("500")
                             .at_least(1)
                             .source("assumption: what one second brings")})
                     .adjustable(),
                 duration("idle_timeout", "A connection is closed when nothing went over it for so long.")
                     .fallback(quota("apigateway.websocket.idle_timeout"))
                     .between(1s, 10min)
                     .source(kQuotas),
                 duration("duration", "A connection is closed when it has lasted so long.")
                     .fallback(quota("apigateway.websocket.connection_duration"))
                     .between(1s, 2h)
                     .source(kQuotas),
                 distribution("stays", "How long a client wants to be connected; without it, for ever."),
                 describe_return(),
                 list("drops", "When all connections are lost.", duration("moment", "One of them."))});
}

}  // namespace

Settings describe_websocket_api() {
  return {
      map("routes",
          "What is done, by route key: \"$connect\", \"$disconnect\", those of messages, \"$default\".",
          describe_route())
          .required()
          .at_least(1)
          .at_most(300)
          .source("Amazon API Gateway quotas, 2023-06-29"),
      distribution("overhead", "The gateway's own latency of a handshake, a message or a post.")
          .fallback("{ lognormal: { median: 5ms, p99: 15ms } }")
          .source("assumption: as for HTTP APIs"),
      object("throttle", "The throttle of the stage; without it only the account's.", throttle_fields())
          .optional(),
      describe_account(),
      describe_account_throttle(),
      describe_connections(),
      bytes("message", "A larger message closes its connection, and a larger post is refused.")
          .fallback(quota("apigateway.websocket.message"))
          .between(1, 128 * 1024)
          .source(kQuotas),
      bytes("frame", "A larger frame closes its connection.")
          .fallback(quota("apigateway.websocket.frame"))
          .between(1, 32 * 1024)
          .source(kQuotas),
      boolean("split_frames", "Whether clients send what is larger than a frame in several.")
          .fallback("true")
          .source("assumption"),
      count("posts_at_once", "How many posts a sender to `@connections/*` has under way.")
          .fallback("10")
          .between(1, 10'000)
          .source("assumption"),
      boolean("internet", "Whether clients are outside: what is sent to them is billed as data transfer out.")
          .fallback("true"),
      describe_authorizer(),
  };
}

Service& make_websocket_api(Wiring& wiring, std::string name, const Value& settings) {
  const Value& account = settings["account_throttle"];
  const Value& connections = settings["connections"];
  const Value& opened = connections["throttle"];
  WebSocketConfig config{.overhead = settings["overhead"].distribution(),
                         .stage = throttle(settings["throttle"]),
                         .account = settings["account"].text(),
                         .account_rate_millis = thousandths(account["rate"].rate()),
                         .account_burst = account["burst"].count(),
                         .new_rate_millis = thousandths(opened["rate"].rate()),
                         .new_burst = opened["burst"].count(),
                         .idle_timeout = connections["idle_timeout"].duration(),
                         .longest = connections["duration"].duration(),
                         .message_limit = settings["message"].bytes(),
                         .frame_limit = settings["frame"].bytes(),
                         .splits_frames = settings["split_frames"].boolean(),
                         .posts_at_once = settings["posts_at_once"].count(),
                         .internet = settings["internet"].boolean()};
  if (connections["stays"].is_set()) config.stays = connections["stays"].distribution();
  if (connections["returns"].is_set()) config.returns_after = connections["returns"]["after"].distribution();
  for (const Value& moment : connections["drops"].items()) config.drops.push_back(moment.duration());
  return wiring.world().add<WebSocketApi>(std::move(name), std::move(config));
}

namespace {

/// What the provider refuses, or what would have no effect, though each setting is sound.
void reject_what_no_route_is(Wiring& wiring, const std::string& name, const Value& route,
                             const WebSocketConfig& config) {
  constexpr std::array<std::string_view, 3> kOwn{WebSocketApi::kConnect, WebSocketApi::kDisconnect,
                                                 WebSocketApi::kDefault};
  const bool own = std::ranges::find(kOwn, name) != kOwn.end();
  const bool message = !own || name == WebSocketApi::kDefault;
  if (!own && (name.starts_with('$') || name.starts_with('@'))) {
    const std::string_view meant = nearest_name(name, kOwn);
    wiring.reject(route, fmt::format("'{}' is no route key of a message, and none of $connect, $disconnect "
                                     "and $default{}",
                                     name, meant.empty() ? "" : fmt::format(" (did you mean '{}'?)", meant)));
  }
  if (name.find(' ') != std::string::npos)
    wiring.reject(route, fmt::format("'{}' is a route of an HTTP or REST API; a message names a route key, "
                                     "such as sendMessage",
                                     name));
  const Value& response = route["response"];
  if (!message && response.bytes() > 0)
    wiring.reject(response, fmt::format("{} has no response that is a message: post it to @connections, or "
                                        "give it to the route of a message",
                                        name));
  if (response.bytes() > config.message_limit)
    wiring.reject(response, fmt::format("a message has at most {} KiB: send it in several posts to "
                                        "@connections",
                                        config.message_limit / 1024));
  if (name == WebSocketApi::kDisconnect && route["throttle"].is_set())
    wiring.reject(route["throttle"],
                  "nobody asks for $disconnect, so nothing throttles it: give $connect "
                  "the throttle");
}

void add_routes(Wiring& wiring, WebSocketApi& api, const Value& routes) {
  for (const auto& [name, route] : routes.members()) {
    reject_what_no_route_is(wiring, name, route, api.config());
    const bool sends = route["send"].is_set();
    PortConfig port{.timeout = route["timeout"].duration()};
    if (!sends && route["op"].is_set()) port.operation = route["op"].text();
    if (port.operation == "invoke_with_response_stream")
      wiring.reject(route["op"], "a WebSocket API does not stream responses: a REST API does");
    api.add_route({.name = name,
                   .throttle = throttle(route["throttle"]),
                   .response_bytes = route["response"].bytes(),
                   .passes_status = route["integration"].choice_index() == 1},
                  wiring.service(route[sends ? "send" : "call"]), std::move(port));
  }
}

}  // namespace

void connect_websocket_api(Wiring& wiring, Service& service, const Value& settings) {
  auto& api = static_cast<WebSocketApi&>(service);
  if (const Value& authorizer = settings["authorizer"]; authorizer.is_set()) {
    PortConfig port{.timeout = authorizer["timeout"].duration()};
    if (authorizer["op"].is_set()) port.operation = authorizer["op"].text();
    api.ask_authorizer(authorizer["denies"].probability(), wiring.service(authorizer["call"]),
                       std::move(port));
  }
  add_routes(wiring, api, settings["routes"]);
  if (const Value& returns = settings["connections"]["returns"]; returns.is_set())
    api.set_return(retry_policy(returns["retry"], "none"));
}

}  // namespace spillway
