#include "scenario/static/limits.hpp"

#include <algorithm>
#include <charconv>

#include "engine/math.hpp"
#include "model/quotas.hpp"
#include "scenario/static/table_access.hpp"
#include "services/websocket_api.hpp"
#include "spillway/distribution.hpp"

namespace spillway {

namespace {

// What one partition of a table serves (DynamoDB Developer Guide, burst and adaptive capacity, 2026-04-13).
constexpr double kPartitionReads = 3'000;
constexpr double kPartitionWrites = 1'000;

double quota_number(std::string_view name) {
  const std::string_view text = quota(name);
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc{} ? value : kNoLimit;
}

/// The share of requests about the most asked-for of `keys` keys: 1 / (1 + 2^-s + 3^-s + ...). The sum's tail
/// is the integral from the last counted term on.
double hottest_share(double keys, double exponent) {
  constexpr double kCounted = 10'000;
  const auto term = [exponent](double k) { return math::exp(-exponent * math::log(k)); };
  double sum = 0;
  for (double k = 1; k <= std::min(keys, kCounted); ++k) sum += term(k);
  if (keys > kCounted) {
    const double from = kCounted + 0.5;
    const double to = keys + 0.5;
    sum += exponent == 1 ? math::log(to / from) : (to * term(to) - from * term(from)) / (1 - exponent);
  }
  return 1 / sum;
}

double hottest_key(const Value& client) {
  const Value& keys = client["keys"];
  if (!keys.is_set()) return 0;
  if (keys["uniform"].is_set()) return 1 / static_cast<double>(keys["uniform"].count());
  return hottest_share(static_cast<double>(keys["zipf"]["keys"].count()), keys["zipf"]["exponent"].number());
}

class Reader {
 public:
  Reader(const Topology& topology, const Loads& loads) : topology_(topology), loads_(loads) {}

  std::vector<Demand> read() {
    struct Row {
      std::string_view type;
      void (Reader::*read)(std::size_t, const Value&);
    };
    static constexpr Row kRows[] = {
        {"aws.apigateway.http", &Reader::gateway},
        {"aws.apigateway.rest", &Reader::gateway},
        {"aws.apigateway.websocket", &Reader::websocket_api},
        {"aws.dynamodb.table", &Reader::table},
        {"aws.lambda.function", &Reader::function},
        {"aws.sqs.queue", &Reader::queue},
        {"http.endpoint", &Reader::endpoint},
    };
    for (std::size_t vertex = 0; vertex < topology_.resources(); ++vertex) {
      const auto* const row = std::ranges::find(kRows, topology_.type(vertex), &Row::type);
      if (row != std::ranges::end(kRows)) (this->*row->read)(vertex, topology_.member(vertex).value);
    }
    return std::move(found_);
  }

 private:
  /// Fills in all four figures by one rule.
  template <class Rule>
  static Rates rates(const Rule& rule) {
    Rates all;
    for (const auto which : kRates) all.*which = rule(which);
    return all;
  }

  Rates arrived(std::size_t vertex) const {
    return rates([&](auto which) { return arrived_at(topology_, loads_.of(which), vertex); });
  }

  void add(std::size_t vertex, std::string what, const Rates& need, double limit, std::string limited_by,
           const Value& written) {
    const Position own = topology_.member(vertex).value.key_position();
    const bool said = written.is_set() && !written.is_default() && written.position().line > 0;
    found_.push_back({.vertex = vertex,
                      .what = std::move(what),
                      .need = need,
                      .limit = limit,
                      .limited_by = std::move(limited_by),
                      .at = said ? written.position() : own});
  }

  Rates arrived_at_place(std::size_t place) const {
    return rates([&](auto which) {
      double sum = 0;
      for (const double rate : loads_.of(which).arrived[place]) sum += rate;
      return sum;
    });
  }

  void gateway(std::size_t vertex, const Value& settings) {
    const Rates all = arrived(vertex);
    for (std::size_t place = 0; place < topology_.places.size(); ++place) {
      const Place& route = topology_.places[place];
      if (route.vertex != vertex) continue;
      const Value* const described = settings["routes"].find(route.label);
      if (described == nullptr || !(*described)["throttle"].is_set()) continue;
      const Rates here = arrived_at_place(place);
      const Value& throttle = (*described)["throttle"]["rate"];
      add(vertex, "requests/s", here, throttle.rate(), "throttle of " + route.label, throttle);
    }
    if (const Value* const stage = given(settings, "throttle"))
      add(vertex, "requests/s", all, (*stage)["rate"].rate(), "throttle of the stage", (*stage)["rate"]);
    const std::string& account = settings["account"].text();
    const Rates shared = rates([&](auto which) {
      double sum = 0;
      for (std::size_t other = 0; other < topology_.resources(); ++other) {
        const Value* const name = given(topology_.member(other).value, "account_throttle");
        if (name != nullptr && topology_.member(other).value["account"].text() == account)
          sum += arrived_at(topology_, loads_.of(which), other);
      }
      return sum;
    });
    const Value& throttle = settings["account_throttle"]["rate"];
    add(vertex, "requests/s of the account", shared, throttle.rate(), "account_throttle", throttle);
  }

  /// Connections that clients open by themselves, and how many are open at once (Little): the account may
  /// have as many as it may open while one lasts.
  void websocket_api(std::size_t vertex, const Value& settings) {
    gateway(vertex, settings);
    const Value& connections = settings["connections"];
    const Value& throttle = connections["throttle"]["rate"];
    double lasts_s = static_cast<double>(connections["duration"].duration().count()) * 1e-9;
    const double most = throttle.rate() * lasts_s;
    if (connections["stays"].is_set())
      lasts_s = std::min(lasts_s, connections["stays"].distribution().mean() * 1e-9);
    for (std::size_t place = 0; place < topology_.places.size(); ++place) {
      const Place& opening = topology_.places[place];
      if (opening.vertex != vertex || opening.label != WebSocketApi::kConnect) continue;
      const Rates opened = arrived_at_place(place);
      add(vertex, "new connections/s", opened, throttle.rate(), "connections.throttle", throttle);
      const Rates open = rates([&](auto which) { return opened.*which * lasts_s; });
      add(vertex, "connections", open, most, "new connections while one lasts", throttle);
    }
  }

  /// Requests in progress: how many are worked on a second, times how long one takes.
  double in_progress(std::size_t place, double Rates::* which) const {
    const Load& load = loads_.of(which);
    double sum = 0;
    for (std::size_t of = 0; of < topology_.classes; ++of) {
      if (load.worked[place][of] > 0 && load.held[place][of] > 0)
        sum += load.worked[place][of] * load.held[place][of];
    }
    return sum;
  }

  double concurrency(std::size_t vertex, double Rates::* which) const {
    double sum = 0;
    for (std::size_t place = 0; place < topology_.places.size(); ++place) {
      if (topology_.places[place].vertex == vertex) sum += in_progress(place, which);
    }
    return sum;
  }

  void function(std::size_t vertex, const Value& settings) {
    const Value& reserved = settings["reserved_concurrency"];
    if (reserved.is_set()) {
      add(vertex, "invocations at once", rates([&](auto which) { return concurrency(vertex, which); }),
          static_cast<double>(reserved.count()), "reserved_concurrency", reserved);
    } else {
      add(vertex, "invocations at once of the account", rates([&](auto which) { return unreserved(which); }),
          account_rest(settings), "account_concurrency less what is reserved",
          settings["account_concurrency"]);
    }
    for (std::size_t place = 0; place < topology_.places.size(); ++place) {
      const Place& polled = topology_.places[place];
      if (polled.vertex != vertex || polled.operation >= 0) continue;
      const auto index = static_cast<std::size_t>(-polled.operation - 1);
      const Value& most = settings["event_sources"].items()[index]["maximum_concurrency"];
      add(vertex, "batches of " + polled.label, rates([&](auto which) { return in_progress(place, which); }),
          most.is_set() ? static_cast<double>(most.count()) : quota_number("esm.sqs.cap"),
          most.is_set() ? "maximum_concurrency" : "the event source's cap", most);
      found_.back().queued = true;
    }
  }

  bool shares_account(std::size_t vertex) const {
    return topology_.type(vertex) == "aws.lambda.function" &&
           !topology_.member(vertex).value["reserved_concurrency"].is_set();
  }

  double unreserved(double Rates::* which) const {
    double sum = 0;
    for (std::size_t other = 0; other < topology_.resources(); ++other)
      sum += shares_account(other) ? concurrency(other, which) : 0;
    return sum;
  }

  double account_rest(const Value& settings) const {
    double rest = static_cast<double>(settings["account_concurrency"].count());
    for (std::size_t other = 0; other < topology_.resources(); ++other) {
      if (topology_.type(other) != "aws.lambda.function" || shares_account(other)) continue;
      rest -= static_cast<double>(topology_.member(other).value["reserved_concurrency"].count());
    }
    return std::max(0.0, rest);
  }

  /// A message is in flight as long as its batch is worked on; one that always fails, as long as it is
  /// hidden.
  void queue(std::size_t vertex, const Value& settings) {
    const double hidden_s = static_cast<double>(settings["visibility_timeout"].duration().count()) * 1e-9;
    const Rates need = rates([&](auto which) {
      const bool worst = which == &Rates::mean_worst || which == &Rates::peak_worst;
      double sum = 0;
      for (const Place& place : topology_.places) {
        if (place.vertex != vertex) continue;
        for (const Hop& hop : place.hops) {
          if (hop.kind != Hop::Kind::poll) continue;
          if (!worst) sum += in_progress(hop.to, which) * topology_.places[hop.to].batch;
          for (const double rate : loads_.of(which).worked[hop.to]) sum += worst ? rate * hidden_s : 0;
        }
      }
      return sum;
    });
    const Value& limit = settings["in_flight_limit"];
    add(vertex, "messages in flight", need, static_cast<double>(limit.count()), "in_flight_limit", limit);
  }

  struct Units {
    double all = 0;
    double hottest = 0;  ///< of them, about one key
  };

  /// Units a second in one direction: each request's by its mean size, rounded up as the table does.
  Units units(std::size_t vertex, bool writes, double Rates::* which) const {
    const Load& load = loads_.of(which);
    const bool worst = which == &Rates::mean_worst || which == &Rates::peak_worst;
    Units sum;
    for (std::size_t from = 0; from < topology_.places.size(); ++from) {
      for (const Hop& hop : topology_.places[from].hops) {
        const Place& to = topology_.places[hop.to];
        if (to.vertex != vertex) continue;
        for (std::size_t of = 0; of < topology_.classes; ++of) {
          const double rate = load.worked[from][of];
          const TableAccess access = table_access(to.label, item_bytes(vertex, hop, of));
          if (rate <= 0 || hop.share[of] <= 0 || access.writes != writes) continue;
          const double here = rate * hop.share[of] * (worst ? hop.sent() : 1) * access.units;
          sum.all += here;
          sum.hottest += here * hottest();
        }
      }
    }
    return sum;
  }

  double item_bytes(std::size_t vertex, const Hop& hop, std::size_t of) const {
    const double said = hop.bytes >= 0 ? hop.bytes : bytes(of);
    return said >= 1 ? said : static_cast<double>(topology_.member(vertex).value["item_size"].bytes());
  }

  /// The mean size of a request of this class, over the clients by their traffic.
  double bytes(std::size_t of) const {
    const auto& classes = topology_.scenario->classes;
    return over_clients([&](const Value& client) {
      const Value* const own = of < classes.size() ? client["classes"].find(classes[of]) : nullptr;
      const bool said = own != nullptr && (*own)["bytes"].is_set();
      return (said ? (*own)["bytes"] : client["bytes"]).distribution().mean();
    });
  }

  double hottest() const {
    return over_clients([](const Value& client) { return hottest_key(client); });
  }

  template <class Figure>
  double over_clients(const Figure& figure) const {
    double sum = 0;
    double traffic = 0;
    for (std::size_t client = 0; client < loads_.traffic.size(); ++client) {
      const double rate = loads_.traffic[client].mean;
      if (!(rate > 0) || rate == kUnlimited) continue;
      traffic += rate;
      sum += rate * figure(topology_.scenario->traffic[client].value);
    }
    return traffic > 0 ? sum / traffic : 0;
  }

  void table(std::size_t vertex, const Value& settings) {
    const bool provisioned = settings["mode"].text() == "provisioned";
    const std::string by = provisioned ? "capacity" : "warm_throughput";
    for (const bool writes : {false, true}) {
      const std::string direction = writes ? "write" : "read";
      const Rates all = rates([&](auto which) { return units(vertex, writes, which).all; });
      if (all.peak <= 0) continue;
      const Value& capacity = settings[by][direction];
      add(vertex, direction + " units/s", all, static_cast<double>(capacity.count()), by, capacity);
      const Rates hot = rates([&](auto which) { return units(vertex, writes, which).hottest; });
      if (hot.peak <= 0) continue;
      add(vertex, direction + " units/s of one key", hot, writes ? kPartitionWrites : kPartitionReads,
          "one partition", Value());
    }
  }

  void endpoint(std::size_t vertex, const Value& settings) {
    if (!settings["servers"].is_word()) {
      add(vertex, "busy servers", rates([&](auto which) { return concurrency(vertex, which); }),
          static_cast<double>(settings["servers"].count()), "servers", settings["servers"]);
    }
    if (const Value* const limit = given(settings, "limit"))
      add(vertex, "requests/s", arrived(vertex), (*limit)["rate"].rate(), "limit", (*limit)["rate"]);
  }

  const Topology& topology_;
  const Loads& loads_;
  std::vector<Demand> found_;
};

}  // namespace

std::vector<Demand> demands(const Topology& topology, const Loads& loads) {
  return Reader(topology, loads).read();
}

}  // namespace spillway
