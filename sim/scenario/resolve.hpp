#pragma once
/// Resolving: a tree of text and the descriptions of settings become a tree of typed Values. Defaults are
/// filled in, bounds checked, and everything unknown, missing or of the wrong kind is reported at once, where
/// it stands.
///
/// Invariant: when no diagnostic was added, every Value that was resolved can be asked as its description
/// says, and every distribution in it can be built.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "scenario/document.hpp"
#include "scenario/units.hpp"
#include "spillway/settings.hpp"

namespace spillway {

/// Where files that a scenario names are read from; tests and fuzzers give them from memory.
class Files {
 public:
  virtual ~Files() = default;
  /// The text, or why it cannot be read ("no such file").
  virtual tl::expected<std::string, std::string> read(const std::string& path) = 0;
};

class DiskFiles final : public Files {
 public:
  tl::expected<std::string, std::string> read(const std::string& path) override;
};

/// The settings of one type of resource, or of traffic: the member `type` chooses among several of these.
struct TypedSettings {
  std::string type;
  std::string help;
  Settings settings;
};

class Resolver {
 public:
  Resolver(const Sources& sources, Files& files, Diagnostics& diagnostics)
      : sources_(sources), files_(files), diagnostics_(diagnostics) {}

  /// A map as an object with these members. `key` is where the map's own key stands.
  Value object(const Node& node, const Settings& fields, const Position& key = {});
  /// A map whose member `type` says which settings the others are. The Value has a member `type` too.
  Value typed(const Node& node, std::span<const TypedSettings> types, const Position& key = {});
  /// A map of such maps, under any names, such as `resources`.
  Value typed_map(const Node& node, std::span<const TypedSettings> types, const Position& key = {});
  /// One setting; without a node it has its default.
  Value setting(const Setting& setting, const Node* node, const Position& key = {});

 private:
  ValueData start(const Setting& setting, const Node& node) const;
  Value unset(const Setting& setting, const Position& key) const;
  Value fallback(const Setting& setting, const Position& key);
  Value from_node(const Setting& setting, const Node& node, const Position& place);
  Value from_scalar(const Setting& setting, const Node& node);
  Value from_quantity(const Setting& setting, const Node& node);
  Value from_boolean(const Setting& setting, const Node& node);
  Value from_text(const Setting& setting, const Node& node);
  Value from_choice(const Setting& setting, const Node& node);
  Value from_fields(const Setting& setting, const Node& node, const Position& place);
  Value from_list(const Setting& setting, const Node& node);
  Value from_map(const Setting& setting, const Node& node);
  Value from_distribution(const Setting& setting, const Node& node);
  Value from_samples(const Setting& setting, const Node& node, Value form);
  Value from_program(const Setting& setting, const Node& node);
  Value from_step(const Node& node);
  Value from_document(const Setting& setting, const Node& node);
  Value document_value(const Node& node);

  std::vector<Member> members_of(const Node& node, const Settings& fields, const Position& place,
                                 std::string_view ignored = {});
  void refuse_unknown(const Node& node, const Settings& fields, std::string_view ignored);
  void check_exactly_one(const Setting& setting, const Node& node, const Position& place);
  void check_length(const Setting& setting, const Node& node, std::size_t length);
  bool check_bounds(const Setting& setting, const Node& node, double value);
  void check_distribution(const Setting& setting, const Node& node, const Value& value);
  Value refuse(const Setting& setting, const Position& at, Rule rule, std::string message,
               std::string meant = {});
  Value refuse_kind(const Setting& setting, const Node& node);

  const Sources& sources_;
  Files& files_;
  Diagnostics& diagnostics_;
  bool in_default_ = false;
  std::size_t program_depth_ = 0;
};

/// The numbers of a file of samples: one a line, or the named column of a CSV file. The error says line and
/// reason.
struct SamplesError {
  std::uint32_t line = 0;
  std::string why;
};
tl::expected<std::vector<double>, SamplesError> read_samples(std::string_view text, std::string_view column,
                                                             double unit);

/// Settings from a YAML text, for tests of services; the error is what a user would read.
tl::expected<Value, std::string> value_of(std::string_view yaml, const Settings& settings);

/// A resolved value as canonical scenario JSON: defaults included, quantities with units, unset members left
/// out.
std::string scenario_json(const Value& value);
/// The same with a member `x-positions`: for each place in the scenario "file:line:col", or "default".
std::string lock_json(const Value& value, const Sources& sources);

}  // namespace spillway
