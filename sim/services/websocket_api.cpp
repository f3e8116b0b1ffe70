#include "services/websocket_api.hpp"

#include <algorithm>

// Messages: what clients send, what answers them, and what is posted to them. How connections come and go
// stands in websocket_api_connections.cpp.

namespace spillway {

namespace {

constexpr std::int64_t kMessageUnit = 32 * 1024;  // each 32 KB of a message count once (pricing, 2025-11-02)

std::int64_t units(std::int64_t bytes) {
  return std::max<std::int64_t>(1, (bytes + kMessageUnit - 1) / kMessageUnit);
}

}  // namespace

WebSocketApi::WebSocketApi(World& world, std::string name, WebSocketConfig config)
    : Service(world, std::move(name)),
      config_(std::move(config)),
      account_(world.shared<AccountThrottle>("apigateway account " + config_.account)),
      new_connections_(world.shared<AccountThrottle>("apigateway new connections " + config_.account)),
      messages_(world.meter("apigateway.websocket.messages")),
      connection_time_(world.meter("apigateway.websocket.connections")),
      egress_(config_.internet),
      overhead_draws_(world.stream(this->name() + "/overhead")),
      handshake_draws_(world.stream(this->name() + "/handshake")),
      post_draws_(world.stream(this->name() + "/post")),
      stay_draws_(world.stream(this->name() + "/stay")),
      return_draws_(world.stream(this->name() + "/return")),
      verdict_draws_(world.stream(this->name() + "/authorizer")) {
  account_.agree(config_.account_rate_millis, config_.account_burst);
  new_connections_.agree(config_.new_rate_millis, config_.new_burst);
  egress_.expect(world, 1);  // posts may be of any size
}

void WebSocketApi::add_route(WebSocketRoute route, ServiceId to, PortConfig port) {
  check(port.retry.max_attempts == 1, "a gateway never retries its integration");
  // One handler may serve all three for one journey: its draws are told apart.
  if (route.name == kConnect) port.sibling = 1;
  if (route.name == kDisconnect) port.sibling = 2;
  const PortId integration = world().connect(id(), to, std::move(port));
  if (route.name == kDisconnect) {
    disconnect_ = integration;
  } else if (route.name == kConnect) {
    connect_ = {std::move(route), integration};
  } else {
    routes_.push_back({std::move(route), integration});
  }
}

/// What begins with a sign is no route key, and never falls to `$default`.
int WebSocketApi::operation(std::string_view name) const {
  if (name == kConnect) return to_connect;
  if (name == kPost) return to_post;
  if (name == kPostToAll) return to_post_to_all;
  const auto numbered = [&](std::string_view wanted) {
    const auto found = std::ranges::find(routes_, wanted,
                                         [](const Route& route) { return std::string_view(route.is.name); });
    return found == routes_.end() ? -1 : first_route + static_cast<int>(found - routes_.begin());
  };
  if (name.empty()) return routes_.size() == 1 ? +first_route : numbered(kDefault);
  const int exact = numbered(name);
  return exact >= 0 || name.front() == '$' || name.front() == '@' ? exact : numbered(kDefault);
}

WebSocketApi::Route& WebSocketApi::route_of(const Call& call) {
  return routes_[world().port(PortId{call.port}).operation - first_route];
}

void WebSocketApi::on_call(CallId id) {
  switch (world().port(PortId{record(id).port}).operation) {
    case to_connect: return connect(id);
    case to_post: return post(id);
    case to_post_to_all: return post_to_all(id);
    default: return say(id);
  }
}

void WebSocketApi::on_answer(CallId id) {
  const Call& settled = record(id);
  const PortId port{settled.port};
  const std::uint32_t tag = settled.tag;
  if (port == disconnect_) return;  // delivered on a best-effort basis
  if (port == returns_) {
    if (settled.outcome != Outcome::ok) give_up(tag, settled.outcome);
    return;
  }
  if (port == authorizer_ || port == connect_.integration) {
    record(connections_[tag].opener).waits += settled.waits;
    if (port == authorizer_) return judged(tag, settled.outcome);
    const Outcome outcome = outcome_for_client(settled.outcome, connect_.is.passes_status);
    return outcome == Outcome::ok ? connected(tag) : not_connected(tag, outcome);
  }
  record(CallId{tag}).waits += settled.waits;
  answered(CallId{tag}, settled.outcome);
}

/// Each throttle in turn: what a later one refuses has still taken its token from the earlier ones.
bool WebSocketApi::admit(TokenBucket& route) {
  if (route.take(now()) && config_.stage.take(now()) && account_.bucket.take(now())) return true;
  mark(Mark::rate_throttled);
  return false;
}

// ---- From clients
// -------------------------------------------------------------------------------------------------

/// A client has a message: over his connection, when that is open, or once it is.
void WebSocketApi::say(CallId id) {
  const std::uint32_t connection = connections_.find(journey(record(id).journey).key);
  if (connection == WebSocketConnections::kNone) return handshake(begin(id));
  if (connections_[connection].state == WebSocketConnection::State::open) return receive(id, connection);
  connections_.wait(connection, id, now());
}

bool WebSocketApi::is_too_large(std::int64_t bytes) const {
  return bytes > config_.message_limit || (!config_.splits_frames && bytes > config_.frame_limit);
}

void WebSocketApi::receive(CallId id, std::uint32_t connection) {
  const Call& asked = record(id);
  connections_[connection].used = now();
  if (is_too_large(asked.bytes)) {
    close(connection, Mark::message_too_large);  // with code 1009
    return answer(id, Outcome::refused);
  }
  if (!admit(route_of(asked).is.throttle)) return answer(id, Outcome::throttled);
  use(messages_, units(asked.bytes), asked);
  level(Gauge::concurrency, ++active_);
  Draws draws = world().draws(overhead_draws_, asked.journey, asked.lineage);
  const Duration overhead = config_.overhead.duration(draws);
  overhead > Duration::zero() ? after<&WebSocketApi::passed_on>(overhead, id) : passed_on(id);
}

void WebSocketApi::passed_on(CallId id) { call(route_of(record(id)).integration, on_behalf_of(id)); }

/// A response that finds its connection closed is lost, though the work is done.
void WebSocketApi::answered(CallId id, Outcome integration) {
  level(Gauge::concurrency, --active_);
  const Call& asked = record(id);
  const WebSocketRoute& route = route_of(asked).is;
  Outcome outcome = outcome_for_client(integration, route.passes_status);
  if (outcome == Outcome::ok && route.response_bytes > 0) {
    const std::uint32_t connection = connections_.find(journey(asked.journey).key);
    if (!carry(connection, route.response_bytes, asked)) outcome = Outcome::fault;
  }
  answer(id, outcome);
}

// ---- To clients
// ---------------------------------------------------------------------------------------------------

/// Sends a message over a connection; false when it is not open.
bool WebSocketApi::carry(std::uint32_t connection, std::int64_t bytes, const Call& cause) {
  if (connection == WebSocketConnections::kNone ||
      connections_[connection].state != WebSocketConnection::State::open) {
    mark(Mark::connection_gone);
    return false;
  }
  connections_[connection].used = now();
  use(messages_, units(bytes), cause);
  if (const auto out = egress_.of(Outcome::ok, bytes)) use(out.meter, out.bytes, cause);
  return true;
}

void WebSocketApi::post(CallId id) {
  const Call& asked = record(id);
  if (asked.bytes > config_.message_limit) {
    mark(Mark::message_too_large);
    return answer(id, Outcome::refused);  // 413
  }
  if (!account_.bucket.take(now())) {
    mark(Mark::rate_throttled);
    return answer(id, Outcome::throttled);
  }
  Draws draws = world().draws(post_draws_, asked.journey, asked.lineage);
  const Duration overhead = config_.overhead.duration(draws);
  overhead > Duration::zero() ? after<&WebSocketApi::posted>(overhead, id) : posted(id);
}

void WebSocketApi::posted(CallId id) {
  const Call& asked = record(id);
  const bool there = carry(connections_.find(journey(asked.journey).key), asked.bytes, asked);
  answer(id, there ? Outcome::ok : Outcome::refused);  // 410
}

void WebSocketApi::post_to_all(CallId id) {
  if (record(id).bytes > config_.message_limit) {
    mark(Mark::message_too_large);
    return answer(id, Outcome::refused);
  }
  const SweepId sweep = sweeps_.take();
  sweeps_[sweep] = {.call = id, .end = connections_.size(), .since = now()};
  next_wave(sweep);
}

/// So many posts at once, then their latency; a post without a token waits for one, as a sender that tries
/// again at the right moment.
void WebSocketApi::next_wave(SweepId id) {
  Sweep& sweep = sweeps_[id];
  const Call& asked = record(sweep.call);
  std::int64_t posts = 0;
  for (; sweep.next < sweep.end && posts < config_.posts_at_once; ++sweep.next) {
    const WebSocketConnection& to = connections_[sweep.next];
    if (to.state != WebSocketConnection::State::open || to.opened > sweep.since) continue;
    if (!account_.bucket.take(now())) break;
    carry(sweep.next, asked.bytes, asked);
    ++posts;
  }
  if (posts == 0 && sweep.next == sweep.end) {
    const CallId over = sweep.call;
    sweeps_.release(id);
    return answer(over, Outcome::ok);
  }
  if (posts > 0) {
    Draws draws = world().draws(post_draws_, asked.journey, asked.lineage.sibling(++sweep.waves));
    return after<&WebSocketApi::next_wave>(config_.overhead.duration(draws), id);
  }
  mark(Mark::rate_throttled);
  const Duration wait = account_.bucket.wait(now());
  record(sweep.call).waits.backoff += wait;
  after<&WebSocketApi::next_wave>(wait, id);
}

}  // namespace spillway
