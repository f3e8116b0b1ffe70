// The life of a connection: handshake, open, and how it ends. Its client may want it back.

#include <algorithm>

#include "services/websocket_api.hpp"

namespace spillway {

using State = WebSocketConnection::State;

void WebSocketApi::start() {
  mark(Mark::connection_throttled, 0);  // a threshold on it is to hold, and not to be unmeasured
  for (const Duration drop : config_.drops) after<&WebSocketApi::drop_all>(drop);
}

void WebSocketApi::ask_authorizer(double denies, ServiceId function, PortConfig port) {
  check(port.retry.max_attempts == 1, "a gateway never retries its authorizer");
  denies_ = denies;
  authorizer_ = world().connect(id(), function, std::move(port));
}

void WebSocketApi::set_return(const RetryPolicy& retry) {
  check(config_.returns_after.has_value(), "clients connect again at no moment");
  returns_ = world().connect(id(), id(), {.operation = std::string(kConnect), .retry = retry});
}

// ---- Handshake
// ----------------------------------------------------------------------------------------------------

/// Somebody who has no connection wants one; his journey lives as long as it does.
std::uint32_t WebSocketApi::begin(CallId opener) {
  const Call& asked = record(opener);
  world().refer(asked.journey);
  const std::uint32_t connection = connections_.take(journey(asked.journey).key);
  WebSocketConnection& begun = connections_[connection];
  begun.journey = asked.journey;
  begun.opener = opener;
  begun.lineage = asked.lineage;
  level(Gauge::backlog, ++wanting_);
  return connection;
}

void WebSocketApi::connect(CallId id) {
  const Call& asked = record(id);
  if (PortId{asked.port} != returns_) return handshake(begin(id));
  WebSocketConnection& lost = connections_[asked.tag];
  lost.opener = id;
  lost.state = State::connecting;
  // To open a new connection is no repetition, whatever was done for the one before.
  lost.lineage = Lineage{asked.lineage.word & ~Lineage::kRepeat};
  handshake(asked.tag);
}

void WebSocketApi::handshake(std::uint32_t connection) {
  if (!new_connections_.bucket.take(now())) {
    mark(Mark::connection_throttled);
    mark(Mark::rate_throttled);
    return not_connected(connection, Outcome::throttled);
  }
  if (!admit(connect_.is.throttle)) return not_connected(connection, Outcome::throttled);
  const WebSocketConnection& wanted = connections_[connection];
  Draws draws = world().draws(handshake_draws_, wanted.journey, wanted.lineage);
  const Duration overhead = config_.overhead.duration(draws);
  if (overhead > Duration::zero()) {
    after<&WebSocketApi::authorize>(overhead, connection);
  } else {
    authorize(connection);
  }
}

void WebSocketApi::authorize(std::uint32_t connection) {
  if (authorizer_ == kNoPort) return integrate(connection);
  const WebSocketConnection& wanted = connections_[connection];
  call(authorizer_, {.journey = wanted.journey, .tag = connection, .lineage = wanted.lineage});
}

void WebSocketApi::judged(std::uint32_t connection, Outcome authorizer) {
  if (authorizer != Outcome::ok) return not_connected(connection, Outcome::fault);  // 500
  if (verdict_draws_.at(connections_[connection].key, 1).chance(denies_)) {
    mark(Mark::denied);
    return not_connected(connection, Outcome::refused);  // 403
  }
  integrate(connection);
}

void WebSocketApi::integrate(std::uint32_t connection) {
  if (connect_.integration == kNoPort) return connected(connection);
  const WebSocketConnection& wanted = connections_[connection];
  call(connect_.integration, {.journey = wanted.journey, .tag = connection, .lineage = wanted.lineage});
}

void WebSocketApi::connected(std::uint32_t connection) {
  WebSocketConnection& made = connections_[connection];
  made.state = State::open;
  made.opened = made.used = now();
  if (made.returns == 0 && config_.stays) {
    Draws draws = world().draws(stay_draws_, made.journey, made.lineage);
    made.leaves = now() + config_.stays->duration(draws);
  }
  const CallId opener = std::exchange(made.opener, kNoCall);
  mark(Mark::connection_opened);
  level(Gauge::backlog, --wanting_);
  level(Gauge::connections, time_.change(now(), 1));
  watch(connection);
  for (WaiterId chain = connections_.take_waiters(connection); chain != kNoWaiter;) {
    const WebSocketWaiter waiter = connections_.next_waiter(chain);
    record(waiter.call).waits.queued += now() - waiter.since;
    after<&WebSocketApi::say>(Duration::zero(), waiter.call);
  }
  const std::uint16_t wish = world().port(PortId{record(opener).port}).operation;
  wish == to_connect ? answer(opener, Outcome::ok) : receive(opener, connection);
}

/// A client that lost its connection may try again; the others have their answer.
void WebSocketApi::not_connected(std::uint32_t connection, Outcome outcome) {
  WebSocketConnection& wanted = connections_[connection];
  const CallId opener = std::exchange(wanted.opener, kNoCall);
  if (PortId{record(opener).port} == returns_) {
    wanted.state = State::away;
  } else {
    give_up(connection, outcome);
  }
  answer(opener, outcome);
}

/// It will not be opened: what waited for it fails as it did.
void WebSocketApi::give_up(std::uint32_t connection, Outcome outcome) {
  const JourneyId of = connections_[connection].journey;
  WaiterId chain = connections_.take_waiters(connection);
  connections_.release(connection);
  level(Gauge::backlog, --wanting_);
  world().unrefer(of);
  while (chain != kNoWaiter) answer(connections_.next_waiter(chain).call, outcome);
}

// ---- The end
// ------------------------------------------------------------------------------------------------------

void WebSocketApi::watch(std::uint32_t connection) {
  WebSocketConnection& open = connections_[connection];
  open.due = std::min({open.leaves, open.opened + config_.longest, open.used + config_.idle_timeout});
  at<&WebSocketApi::connection_due>(open.due, connection);
}

void WebSocketApi::connection_due(std::uint32_t connection) {
  const WebSocketConnection& open = connections_[connection];
  if (open.state != State::open || open.due != now()) return;
  if (open.leaves <= now()) return close(connection, {});
  if (open.opened + config_.longest <= now()) return close(connection, Mark::connection_expired);
  if (open.used + config_.idle_timeout <= now()) return close(connection, Mark::connection_idled);
  watch(connection);
}

/// `why` it was closed against its client's wish; none: its client left.
void WebSocketApi::close(std::uint32_t connection, std::optional<Mark> why) {
  WebSocketConnection& closed = connections_[connection];
  const JourneyId of = closed.journey;
  const Lineage lineage{closed.lineage.word & ~Lineage::kRepeat};  // a connection is closed once
  if (why) mark(*why);
  level(Gauge::connections, time_.change(now(), -1));
  const bool returns = returns_ != kNoPort && why && closed.leaves > now();
  if (returns) {
    closed.state = State::away;
    level(Gauge::backlog, ++wanting_);
    Draws draws = world().draws(return_draws_, of, lineage);
    after<&WebSocketApi::come_back>(config_.returns_after->duration(draws), connection);
  } else {
    connections_.release(connection);
  }
  if (disconnect_ != kNoPort) call(disconnect_, {.journey = of, .lineage = lineage});
  if (!returns) world().unrefer(of);
}

void WebSocketApi::come_back(std::uint32_t connection) {
  WebSocketConnection& lost = connections_[connection];
  call(returns_, {.journey = lost.journey, .tag = connection, .lineage = Lineage{}.sibling(++lost.returns)});
}

void WebSocketApi::drop_all() {
  for (std::uint32_t connection = 0; connection < connections_.size(); ++connection) {
    if (connections_[connection].state == State::open) close(connection, Mark::connection_dropped);
  }
}

// ---- The bill
// -----------------------------------------------------------------------------------------------------

void WebSocketApi::account() { use(connection_time_, time_.take_seconds(now())); }

}  // namespace spillway
