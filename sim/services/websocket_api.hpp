#pragma once
/// aws.apigateway.websocket: connections that clients hold open, messages that go over them both ways.
///
/// Who calls a route sends a message over his connection, and opens one when he has none; a handshake passes
/// the account's rate of new connections, the throttles, an authorizer and the `$connect` route. A connection
/// ends when its client leaves, when nothing has gone over it for the idle timeout, when it has lasted as
/// long as one may, or with a message that is too large; then the `$disconnect` route is told. What stands
/// behind posts back through `@connections`. Messages are metered by 32 KB both ways, and open connections by
/// time.
///
/// Invariants: a connection keeps the journey that opened it alive. An event about a connection that has
/// changed since finds another `due` than its own moment, and does nothing.
///
/// Sources: Amazon API Gateway Developer Guide, quotas of WebSocket APIs, "Throttle requests to your API"
/// (2023-06-29); Amazon API Gateway pricing (2025-11-02).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/journey_holder.hpp"
#include "services/gateway_throttle.hpp"
#include "services/internet_egress.hpp"
#include "services/websocket_connections.hpp"
#include "spillway/distribution.hpp"
#include "spillway/service.hpp"
#include "spillway/settings.hpp"
#include "spillway/world.hpp"

namespace spillway {

struct WebSocketConfig {
  Distribution overhead = Distribution::constant(0);  ///< the gateway's own latency
  TokenBucket stage{};
  std::string account = "default";
  std::int64_t account_rate_millis = 10'000'000;
  std::int64_t account_burst = 5'000;
  std::int64_t new_rate_millis = 500'000;  ///< connections that the account opens a second
  std::int64_t new_burst = 500;
  Duration idle_timeout = 10min;
  Duration longest = 2h;                        ///< that a connection lasts
  std::optional<Distribution> stays{};          ///< how long a client wants to be connected; none: for ever
  std::optional<Distribution> returns_after{};  ///< when a client that lost its connection connects again;
                                                ///< none: with its next message
  std::vector<Duration> drops{};                ///< when all connections are lost
  std::int64_t message_limit = 128 * 1024;
  std::int64_t frame_limit = 32 * 1024;
  bool splits_frames = true;       ///< clients send a large message in several frames
  std::int64_t posts_at_once = 1;  ///< of a sender that posts to everybody
  bool internet = true;            ///< clients are outside: what is sent to them is data transfer out
};

struct WebSocketRoute {
  std::string name;  ///< "$connect", "$disconnect", "$default" or a route key
  TokenBucket throttle{};
  std::int64_t response_bytes = 0;  ///< the message that answers; zero: none
  bool passes_status = false;
};

class WebSocketApi final : public Service, public JourneyHolder {
 public:
  /// What callers may name beside the routes of messages.
  static constexpr std::string_view kConnect = "$connect";
  static constexpr std::string_view kDisconnect = "$disconnect";
  static constexpr std::string_view kDefault = "$default";
  static constexpr std::string_view kPost = "@connections";         ///< to the caller's own connection
  static constexpr std::string_view kPostToAll = "@connections/*";  ///< to each that is open, one by one

  WebSocketApi(World& world, std::string name, WebSocketConfig config);

  /// `port.timeout` is the integration's time limit; a retry policy in it would be a mistake.
  void add_route(WebSocketRoute route, ServiceId to, PortConfig port);
  /// Who lets connections in, in place of whoever comes. Of the identities a share `denies` is refused.
  void ask_authorizer(double denies, ServiceId function, PortConfig port);
  /// How clients try again that lost their connection and want it back.
  void set_return(const RetryPolicy& retry);

  void start() override;
  void on_call(CallId call) override;
  void on_answer(CallId call) override;
  void account() override;
  int operation(std::string_view name) const override;
  /// Its only calls that are repeated are those of clients that come back.
  RetryLayer tries_again_as() const override { return RetryLayer::client; }

  std::uint64_t journeys_held() const override { return connections_.held(); }

  const WebSocketConfig& config() const { return config_; }

 private:
  enum Operation : std::uint16_t { to_connect, to_post, to_post_to_all, first_route };

  struct Route {
    WebSocketRoute is;
    PortId integration;
  };
  /// One who posts to all connections that were open at `since`.
  struct Sweep {
    CallId call = kNoCall;
    std::uint32_t next = 0;  ///< connection
    std::uint32_t end = 0;
    std::uint32_t waves = 0;
    Time since{};
  };
  enum class SweepId : std::uint32_t {};

  // Messages
  void say(CallId call);
  void receive(CallId call, std::uint32_t connection);
  void passed_on(CallId call);
  void answered(CallId call, Outcome integration);
  void post(CallId call);
  void posted(CallId call);
  void post_to_all(CallId call);
  void next_wave(SweepId sweep);
  bool is_too_large(std::int64_t bytes) const;
  bool carry(std::uint32_t connection, std::int64_t bytes, const Call& cause);
  bool admit(TokenBucket& route);
  Route& route_of(const Call& call);

  // Connections: websocket_api_connections.cpp
  std::uint32_t begin(CallId opener);
  void connect(CallId call);
  void handshake(std::uint32_t connection);
  void authorize(std::uint32_t connection);
  void judged(std::uint32_t connection, Outcome authorizer);
  void integrate(std::uint32_t connection);
  void connected(std::uint32_t connection);
  void not_connected(std::uint32_t connection, Outcome outcome);
  void give_up(std::uint32_t connection, Outcome outcome);
  void watch(std::uint32_t connection);
  void connection_due(std::uint32_t connection);
  void close(std::uint32_t connection, std::optional<Mark> why);
  void come_back(std::uint32_t connection);
  void drop_all();

  WebSocketConfig config_;
  AccountThrottle& account_;
  AccountThrottle& new_connections_;
  MeterId messages_;
  MeterId connection_time_;
  InternetEgress egress_;
  Stream overhead_draws_;
  Stream handshake_draws_;
  Stream post_draws_;
  Stream stay_draws_;
  Stream return_draws_;
  Stream verdict_draws_;
  std::vector<Route> routes_;  ///< of messages
  Route connect_{{.name = std::string(kConnect)}, kNoPort};
  PortId disconnect_ = kNoPort;
  PortId authorizer_ = kNoPort;
  PortId returns_ = kNoPort;  ///< from clients that lost their connection: a port of the API to itself
  double denies_ = 0;
  WebSocketConnections connections_;
  ConnectionTime time_;
  Pool<Sweep, SweepId> sweeps_;
  std::int64_t active_ = 0;   ///< messages that are worked on
  std::int64_t wanting_ = 0;  ///< clients that want a connection and have none
};

class Wiring;
Settings describe_websocket_api();
Service& make_websocket_api(Wiring& wiring, std::string name, const Value& settings);
void connect_websocket_api(Wiring& wiring, Service& api, const Value& settings);

}  // namespace spillway
