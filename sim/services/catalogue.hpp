#pragma once
/// Every type of resource that a scenario may name: one row each. The row is all that the rest of Spillway
/// knows of a service: how it is described, made and connected.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "model/arrivals.hpp"
#include "spillway/settings.hpp"
#include "spillway/world.hpp"

namespace spillway {

/// What a service may ask for while it is made from its settings.
class Wiring {
 public:
  virtual ~Wiring() = default;
  virtual World& world() = 0;
  /// The service that a reference names; the reader has proved that there is one.
  virtual ServiceId service(const Value& reference) = 0;
  /// The number of a traffic class by name; the reader has proved that there is one.
  virtual std::uint16_t traffic_class(std::string_view name) = 0;
  /// The stream of arrivals that an `arrivals` setting describes, for the client `name`.
  virtual std::unique_ptr<Arrivals> arrivals(const Value& setting, std::string_view name) = 0;
  /// Settings contradict each other, here: the user's mistake, though each alone is sound. Go on all the
  /// same.
  virtual void reject(const Value& where, const std::string& why) = 0;
  /// A definition that a setting holds or names is not valid, in its own language.
  virtual void reject_definition(const Value& where, const std::string& why) { reject(where, why); }
  /// The text of the file that a setting names, looked for beside the file that names it.
  virtual tl::expected<std::string, std::string> file(const Value& name) = 0;
  /// The example document of a traffic class as JSON; empty: it has none.
  virtual std::string class_document(std::uint16_t) { return {}; }
  /// How many traffic classes there are; at least one.
  virtual std::uint16_t classes() { return 1; }
};

struct ServiceType {
  std::string_view type;     ///< the provider's own name for the thing
  std::string_view summary;  ///< one sentence
  Settings (*describe)();
  /// Makes the service from its settings. Other services may not exist yet.
  Service& (*make)(Wiring&, std::string name, const Value& settings);
  /// Makes its ports, when every resource of the scenario exists. May add services of its own.
  void (*connect)(Wiring&, Service&, const Value& settings);
};

/// What can only be made when all services are connected. Call it once, before the world starts.
void complete(World& world);

/// The rows, in the order of their names.
std::span<const ServiceType> catalogue();
const ServiceType* find_service_type(std::string_view type);

}  // namespace spillway
