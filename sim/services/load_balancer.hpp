#pragma once
/// aws.elb.application: an Application Load Balancer. Rules, each with a group of targets; a request is
/// handed to one of them, and its connection ends when nothing has come back within the idle timeout.
///
/// It keeps no queue, throttles nothing and never tries again. It is billed by the hour, and by capacity
/// units: in each hour the greatest of new connections, active connections, bytes and rule evaluations.
///
/// Sources: Elastic Load Balancing User Guide for Application Load Balancers (2023); Elastic Load Balancing
/// pricing.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/math.hpp"
#include "services/internet_egress.hpp"
#include "spillway/distribution.hpp"
#include "spillway/service.hpp"
#include "spillway/settings.hpp"
#include "spillway/world.hpp"

namespace spillway {

/// What capacity units measure, counted over one hour. One unit is 25 new connections a second, 3,000 active
/// connections a minute, 1 GB an hour (0.4 GB towards functions) or 1,000 rule evaluations a second.
class CapacityUnits {
 public:
  struct Request {
    std::int64_t bytes = 0;  ///< request and response
    bool to_function = false;
    std::int64_t evaluations = 0;     ///< rules beyond the ten free ones
    std::int64_t connection_ns = 0;   ///< its share of the life of its connection
    std::int64_t connection_ppm = 0;  ///< its share of a new connection, in millionths
  };
  void add(const Request& request);
  /// Thousandths of a unit, the average over a whole hour.
  std::int64_t of_hour() const;

 private:
  Int128 connection_ppm_ = 0;
  Int128 connection_ns_ = 0;
  Int128 weighted_bytes_ = 0;  ///< tenths of the bytes: 10 for each byte, 25 where it went to a function
  Int128 evaluations_ = 0;
};

struct LoadBalancerConfig {
  Distribution overhead = Distribution::constant(0);
  Duration connection_lasts{};  ///< how long a client's connection stays open
  std::int64_t requests_per_connection = 1;
  std::int64_t function_body = 1024 * 1024;  ///< larger bodies do not reach a function
  bool internet = true;                      ///< it faces the internet: responses are data transfer out
};

struct LoadBalancerRule {
  enum class Algorithm : std::uint8_t { round_robin, least_outstanding };

  std::string name;  ///< "/orders/*", or "default"
  Algorithm algorithm = Algorithm::round_robin;
  std::int64_t response_bytes = 0;
};

class LoadBalancer final : public Service {
 public:
  LoadBalancer(World& world, std::string name, LoadBalancerConfig config);

  /// Rules are evaluated in the order in which they are added. `port.timeout` is the idle timeout.
  void add_rule(LoadBalancerRule rule);
  /// Another target of the rule that was added last.
  void add_target(ServiceId to, bool is_function, PortConfig port);

  void start() override;
  void on_call(CallId call) override;
  void on_answer(CallId call) override;
  void account() override;

  /// The number of a rule; of what no rule names the default rule's.
  int operation(std::string_view name) const override;

 private:
  struct Target {
    PortId port;
    bool is_function;
    std::int64_t outstanding = 0;
  };
  struct Rule {
    LoadBalancerRule is;
    std::vector<Target> targets{};
    std::size_t next = 0;  ///< whose turn it is
  };

  void forwarded(CallId call);
  void hour_over();
  void count(const Call& call, const Rule& rule, const Target& target);
  void bill_hour();
  static Target& choose(Rule& rule);
  Target& target_of(const Call& settled);
  Rule& rule_of(const Call& call) { return rules_[world().port(PortId{call.port}).operation]; }

  LoadBalancerConfig config_;
  Stream overhead_draws_;
  MeterId time_;
  MeterId capacity_;
  InternetEgress egress_;
  std::vector<Rule> rules_;
  CapacityUnits hour_;
  Time accounted_ = kStart;
  std::int64_t active_ = 0;
};

class Wiring;
Settings describe_load_balancer();
Service& make_load_balancer(Wiring& wiring, std::string name, const Value& settings);
void connect_load_balancer(Wiring& wiring, Service& balancer, const Value& settings);

}  // namespace spillway
