#pragma once
/// A world whose services are made from the text of their settings, without a scenario around them.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "scenario/resolve.hpp"
#include "services/catalogue.hpp"
#include "support/small_world.hpp"

namespace spillway::testing {

/// References are names of services of the world; classes are numbered as they come.
class SmallWiring final : public Wiring {
 public:
  World& world() override { return world_; }
  ServiceId service(const Value& reference) override {
    for (const auto& service : world_.services()) {
      if (service->name() == reference.text()) return service->id();
    }
    ADD_FAILURE() << "nobody is called " << reference.text();
    return ServiceId{0};
  }
  std::uint16_t traffic_class(std::string_view name) override {
    return classes_.emplace(name, static_cast<std::uint16_t>(classes_.size())).first->second;
  }
  std::unique_ptr<Arrivals> arrivals(const Value&, std::string_view) override { return nullptr; }
  void reject(const Value&, const std::string& why) override { rejections.push_back(why); }
  tl::expected<std::string, std::string> file(const Value& name) override {
    const auto found = files.find(name.text());
    if (found == files.end()) return tl::unexpected<std::string>("it does not exist");
    return found->second;
  }
  std::uint16_t classes() override {
    return static_cast<std::uint16_t>(std::max<std::size_t>(1, documents.size()));
  }
  std::string class_document(std::uint16_t number) override {
    return number < documents.size() ? documents[number] : std::string();
  }
  std::vector<std::string> rejections;
  std::vector<std::string> documents;  ///< of the traffic classes
  std::map<std::string, std::string, std::less<>> files;

  /// Makes and connects a service of this type from a text.
  Service& build(std::string_view type, std::string name, std::string_view yaml) {
    const ServiceType* const row = find_service_type(type);
    const auto value = value_of(yaml, row->describe());
    if (!value) ADD_FAILURE() << value.error();
    Service& made = row->make(*this, std::move(name), *value);
    row->connect(*this, made, *value);
    return made;
  }
  void run(Duration end) {
    complete(world_);
    EXPECT_FALSE(world_.start().has_value());
    world_.run(at(end));
    for (const auto& service : world_.services()) service->account();
  }

 private:
  World world_;
  std::map<std::string, std::uint16_t, std::less<>> classes_;
};

}  // namespace spillway::testing
