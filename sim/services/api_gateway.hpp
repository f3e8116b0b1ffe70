#pragma once
/// aws.apigateway.http and aws.apigateway.rest: routes, each with one integration behind it.
///
/// A request passes the throttles in the documented order (usage plan, route, stage, account), spends the
/// gateway's own latency, is authorized, and is answered from the cache or asks the integration, which has a
/// time limit. The gateway never tries again; what it asked runs on when the limit has passed. The account's
/// throttle is one bucket that all gateways of an account share.
///
/// Sources: Amazon API Gateway Developer Guide, "Throttle requests to your API", quotas, gateway response
/// types (2023-06-29); Amazon API Gateway pricing (2025-11-02).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/token_bucket.hpp"
#include "model/ttl_cache.hpp"
#include "services/gateway_throttle.hpp"
#include "services/internet_egress.hpp"
#include "spillway/distribution.hpp"
#include "spillway/service.hpp"
#include "spillway/settings.hpp"
#include "spillway/world.hpp"

namespace spillway {

/// What one API key may ask for: a rate, and so many requests a period. Each traffic class has a key of its
/// own.
struct UsagePlan {
  TokenBucket throttle{};
  std::int64_t quota = 0;  ///< zero: none
  Duration period{};       ///< the first begins with the run
  std::int64_t spent = 0;  ///< in the period of this number
  std::int64_t current = 0;

  /// Takes one request from the quota, if there is one.
  bool spend(Time now);
};

/// Who decides whether a request is let in. Its identity is the journey's key, so that one user meets the
/// same verdict every time.
struct GatewayAuthorizer {
  Distribution check = Distribution::constant(0);  ///< of a token that the gateway checks by itself
  double denies = 0;                               ///< the share of identities that it refuses
  Duration ttl{};                                  ///< how long a function's verdict is kept
};

struct ApiGatewayConfig {
  enum class Kind : std::uint8_t { http, rest };

  Kind kind = Kind::http;
  Distribution overhead = Distribution::constant(0);  ///< the gateway's own latency
  TokenBucket stage{};
  std::string account = "default";  ///< gateways of one account share its throttle
  std::int64_t account_rate_millis = 10'000'000;
  std::int64_t account_burst = 5'000;
  std::int64_t payload_limit = 10 * 1024 * 1024;
  bool bill_throttled = false;
  bool internet = true;            ///< callers are outside: responses are data transfer out
  std::int64_t access_log = 0;     ///< bytes that each request writes to CloudWatch Logs
  std::vector<UsagePlan> plans{};  ///< by traffic class; a class beyond has none
  Duration cache_ttl{};            ///< zero: there is no cache
  std::int64_t cache_bytes = 0;
  std::string cache_size{};  ///< as its meter names it: "0.5"
};

struct GatewayRoute {
  std::string name;  ///< "POST /orders", "ANY /orders" or "$default"
  TokenBucket throttle{};
  std::int64_t response_bytes = 0;
  /// The integration's own status reaches the client, as with an HTTP proxy. Otherwise whatever fails behind
  /// the gateway is a fault to the client (502, 503, 504), as with a function.
  bool passes_status = false;
  bool open = false;  ///< everybody is let in, whatever the authorizer says
  bool cached = false;
};

class ApiGateway final : public Service {
 public:
  ApiGateway(World& world, std::string name, ApiGatewayConfig config);

  /// `port.timeout` is the integration's time limit; a retry policy in it would be a mistake.
  void add_route(GatewayRoute route, ServiceId to, PortConfig port);
  /// Who lets requests in, in place of whoever comes: a function that is asked, or a check of tokens by the
  /// gateway itself.
  void ask_authorizer(const GatewayAuthorizer& authorizer, ServiceId function, PortConfig port);
  void check_tokens(const GatewayAuthorizer& authorizer);

  void on_call(CallId call) override;
  void on_answer(CallId call) override;
  void account() override;

  /// The route's number: of that very name, else ANY method of its path, else "$default".
  int operation(std::string_view name) const override;

  const ApiGatewayConfig& config() const { return config_; }

 private:
  struct Route {
    GatewayRoute is;
    PortId integration;
  };

  struct Authorizer {
    GatewayAuthorizer is;
    PortId function;  ///< whom it asks; kNoPort: it checks tokens by itself
    Stream draws;
    TtlCache verdicts;
  };

  void received(CallId call);
  void judged(CallId call);
  void let_in(CallId call);
  void answered(CallId call, Outcome integration);
  void done(CallId call, Outcome outcome);

  bool within_plan(const Call& call);
  bool admit(Route& route);
  void bill(const Call& call, const Route& route);
  int find(std::string_view name) const;
  Route& route_of(const Call& call) { return routes_[world().port(PortId{call.port}).operation]; }
  std::uint64_t cache_key(const Call& call);

  ApiGatewayConfig config_;
  AccountThrottle& account_;
  MeterId requests_;
  Stream overhead_draws_;
  std::vector<Route> routes_;
  std::unique_ptr<Authorizer> authorizer_;
  TtlCache cache_;
  MeterId cache_time_{};
  InternetEgress egress_;
  MeterId logs_{};
  Time accounted_ = kStart;
  std::int64_t active_ = 0;
};

class Wiring;
Settings describe_http_api();
Settings describe_rest_api();
Service& make_http_api(Wiring& wiring, std::string name, const Value& settings);
Service& make_rest_api(Wiring& wiring, std::string name, const Value& settings);
void connect_api_gateway(Wiring& wiring, Service& gateway, const Value& settings);

}  // namespace spillway
