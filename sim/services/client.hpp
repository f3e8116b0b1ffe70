#pragma once
/// client: where journeys begin and where their answers are waited for. Each entry of a scenario's traffic is
/// one.
///
/// An *open* client follows a stream of arrivals, whatever becomes of them; only the next arrival stands in
/// the event set. A *closed* client is a number of users: each thinks, asks, waits for the final answer, and
/// thinks again.
///
/// Invariant: the n-th journey of a client has the same class, key, size and work in every candidate
/// architecture. All of them are draws keyed by the journey's ordinal: (client's number << 40) + n, where n
/// counts the arrivals, or, for round r of user u of N, is r x N + u. Nothing is ever shed here.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/arrivals.hpp"
#include "model/zipf.hpp"
#include "spillway/distribution.hpp"
#include "spillway/service.hpp"
#include "spillway/settings.hpp"
#include "spillway/world.hpp"

namespace spillway {

/// What the clients of a world have in common: their names by number, and the window in which they are
/// counted.
struct Clients : Shared {
  std::vector<std::string> names;
  Time counted_from = kStart;  ///< journeys born earlier belong to the warm-up
  Time traffic_end = kNever;   ///< nothing arrives from then on
};
Clients& clients_of(World& world);

struct ClientClass {
  std::uint16_t number = 0;  ///< the traffic class, as journeys carry it
  double weight = 1;         ///< its share among the classes of this client
  std::optional<Distribution> bytes{};
};

struct ClientConfig {
  std::unique_ptr<Arrivals> arrivals{};  ///< open loop; none: closed loop
  std::uint32_t users = 0;               ///< closed loop
  Distribution think = Distribution::constant(0);
  bool think_first = true;             ///< users start by thinking, and not all at once at time zero
  std::vector<ClientClass> classes{};  ///< empty: everything is of class 0
  std::optional<Zipf> keys{};          ///< none: every journey is about something else
  Distribution bytes = Distribution::constant(0);
  std::optional<Distribution> work{};  ///< a service duration that each request brings along
};

class Client final : public Service {
 public:
  Client(World& world, std::string name, ClientConfig config);

  /// Whom the journeys ask; a class may ask somebody else.
  void set_target(ServiceId to, PortConfig port);
  void set_class_target(std::uint16_t traffic_class, ServiceId to, PortConfig port);

  void start() override;
  void on_call(CallId call) override { answer(call, Outcome::refused); }
  void on_answer(CallId call) override;
  RetryLayer tries_again_as() const override { return RetryLayer::client; }

  std::uint16_t number() const { return number_; }
  std::uint64_t journeys() const { return sent_; }

  /// Why the arrivals could not be read on, when they could not: the run has then been stopped, and has
  /// failed.
  std::string_view traffic_problem() const;

 private:
  void next_arrival();
  void arrived();
  void think(std::uint32_t user);
  void thought(std::uint32_t user);
  void launch(std::uint64_t n, const Arrival& arrival, std::uint32_t user);
  std::size_t draw_class(std::uint64_t ordinal) const;
  std::uint32_t draw_bytes(std::uint64_t ordinal, const Arrival& arrival, const ClientClass* of) const;
  const ClientClass* class_of(std::uint64_t ordinal, const Arrival& arrival) const;
  std::uint64_t ordinal(std::uint64_t n) const { return (std::uint64_t{number_} << 40) + n; }
  std::uint64_t round_of(std::uint32_t user) const { return rounds_[user] * rounds_.size() + user; }

  ClientConfig config_;
  Clients& clients_;
  std::uint16_t number_;
  double weights_ = 0;                          ///< of all classes
  std::optional<std::uint32_t> fixed_bytes_{};  ///< of every request, unless its class or arrival says other
  Stream class_draws_;
  Stream key_draws_;
  Stream bytes_draws_;
  Stream work_draws_;
  Stream think_draws_;
  PortId target_ = kNoPort;
  std::vector<PortId> class_targets_;  ///< by the number of the class
  std::vector<std::uint64_t> rounds_;  ///< of each user
  Arrival next_{};
  std::uint64_t sent_ = 0;
};

class Wiring;
/// All settings but `arrivals`, whose forms the scenario reader knows and adds.
Settings describe_client();
Service& make_client(Wiring& wiring, std::string name, const Value& settings);
void connect_client(Wiring& wiring, Service& client, const Value& settings);

}  // namespace spillway
