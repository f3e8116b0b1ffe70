#include "scenario/scenario.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "observe/metrics_registry.hpp"
#include "observe/series.hpp"
#include "scenario/build.hpp"
#include "scenario/class_documents.hpp"
#include "scenario/design_rule.hpp"
#include "scenario/references.hpp"
#include "scenario/traffic/settings.hpp"
#include "scenario/units.hpp"
#include "spillway/check.hpp"

namespace spillway {

namespace {

/// Loads one scenario; each step adds what it finds wrong.
class Loader {
 public:
  Loader(Sources& sources, Files& files, Diagnostics& diagnostics)
      : sources_(sources), files_(files), diagnostics_(diagnostics), resolver_(sources, files, diagnostics) {}

  std::optional<Scenario> load(const std::string& path, std::span<const std::string> sets) {
    std::optional<Node> tree = compose(path, sets, scenario_rules(), sources_, files_, diagnostics_);
    if (!tree) return std::nullopt;
    read_class_documents(*tree, sources_, files_, diagnostics_);
    scenario_.path = path;
    scenario_.sources = &sources_;
    resolve(*tree);
    // What follows looks at names and values that must be sound.
    if (diagnostics_.has_errors()) return std::nullopt;
    read_root();
    check_names();
    check_acceptances();
    read_prices();
    if (const Node* const thresholds = tree->find("thresholds")) read_thresholds(*thresholds);
    if (!diagnostics_.has_errors()) try_building();
    if (diagnostics_.has_errors()) return std::nullopt;
    return std::move(scenario_);
  }

 private:
  void resolve(const Node& tree) {
    if (!tree.is_map()) {
      diagnostics_.add(Rule::empty_document, tree.at,
                       fmt::format("a scenario is a map, not {}", described(tree)));
      return;
    }
    Node rest = tree;
    std::erase_if(rest.entries, [](const Entry& entry) { return entry.name == "resources"; });
    root_ = resolver_.object(rest, scenario_settings());
    const Entry* const resources = tree.entry("resources");
    if (resources == nullptr) {
      diagnostics_.add(Rule::missing_property, tree.at, "a scenario needs 'resources'");
      return;
    }
    const std::vector<TypedSettings> types = resource_types();
    resources_ = resolver_.typed_map(resources->value, types, resources->at);
  }

  void read_root() {
    scenario_.name = root_["name"].is_set() ? root_["name"].text() : scenario_.path;
    scenario_.horizon = root_["horizon"].duration();
    scenario_.warm_up = root_["warm_up"].duration();
    scenario_.drain = root_["drain"].duration();
    if (root_["interval"].is_set()) scenario_.interval = root_["interval"].duration();
    scenario_.seed = static_cast<std::uint64_t>(root_["seed"].count());
    scenario_.free_tier = root_["free_tier"].boolean();
    scenario_.resources = resources_.members();
    scenario_.traffic = root_["traffic"].members();
    if (scenario_.warm_up >= scenario_.horizon) {
      diagnostics_.add(Rule::out_of_bounds, root_["warm_up"].position(),
                       "the warm-up must be shorter than the horizon");
    }
    check_interval(scenario_.horizon + scenario_.drain);
    std::vector<Member> members = root_.members();
    members.push_back({"resources", resources_});
    scenario_.root = Value(root_.data(), std::move(members));
    read_classes();
  }

  void check_interval(Duration simulated) {
    if (scenario_.interval == Duration::zero() || buckets_in(simulated, scenario_.interval) <= kMostBuckets)
      return;
    diagnostics_.add(
        Rule::out_of_bounds, root_["interval"].position(),
        fmt::format("{} of simulated time in intervals of {} are {} points a time line, and it holds {}; "
                    "at this length take {} or more",
                    print_duration(simulated.count()), print_duration(scenario_.interval.count()),
                    buckets_in(simulated, scenario_.interval), kMostBuckets,
                    print_duration(bucket_width(simulated).count())));
  }

  void read_classes() {
    for (const Member& client : scenario_.traffic) {
      for (const Member& of : client.value["classes"].members()) {
        if (std::ranges::find(scenario_.classes, of.name) == scenario_.classes.end())
          scenario_.classes.push_back(of.name);
      }
    }
  }

  void check_names() {
    Names names{.resources = {}, .types = {}, .classes = scenario_.classes};
    for (const Member& resource : scenario_.resources) {
      names.resources.push_back(resource.name);
      names.types.push_back(resource.value["type"].text());
    }
    for (const Member& resource : scenario_.resources) {
      check_references(find_service_type(resource.value["type"].text())->describe(), resource.value, names,
                       diagnostics_);
    }
    const Settings clients = client_settings();
    for (const Member& client : scenario_.traffic) {
      check_references(clients, client.value, names, diagnostics_);
      check_client(client);
      if (std::ranges::find(names.resources, client.name) != names.resources.end()) {
        diagnostics_.add(Rule::name_taken, client.value.key_position(),
                         fmt::format("'{}' is the name of a resource and of traffic", client.name));
      }
    }
  }

  void check_client(const Member& client) {
    if (client.value["arrivals"].is_set() != client.value["closed"].is_set()) return;
    diagnostics_.add(Rule::exactly_one, client.value.key_position(),
                     fmt::format("traffic '{}' needs either 'arrivals' or 'closed'", client.name));
  }

  void check_acceptances() {
    for (const Value& entry : root_["accept"].items()) {
      const RuleInfo* const rule = find_rule(entry["rule"].text());
      if (rule == nullptr || !is_design_rule(rule->rule)) {
        diagnostics_.add(Rule::not_a_choice, entry["rule"].position(),
                         fmt::format("'{}' is no design rule: those are {} to {}", entry["rule"].text(),
                                     rule_id(design::cycle), rule_id(design::needless_acceptance)));
      }
      const std::vector<std::string> names = subjects();
      if (!entry["of"].is_set() || std::ranges::find(names, entry["of"].text()) != names.end()) continue;
      diagnostics_.add(Rule::unknown_resource, entry["of"].position(),
                       fmt::format("there is no resource or traffic '{}'", entry["of"].text()),
                       nearest(entry["of"].text(), names));
    }
  }

  void read_prices() {
    const Value& prices = root_["prices"];
    if (!prices.is_set()) {
      scenario_.prices = built_in_prices();
      return;
    }
    const std::string path = sources_.folder(prices.position()) + prices.text();
    auto text = files_.read(path);
    if (!text) {
      diagnostics_.add(Rule::referenced_file, prices.position(),
                       fmt::format("cannot read '{}': {}", path, text.error()));
      return;
    }
    auto read = parse_prices(*text, path);
    if (read) {
      scenario_.prices = std::move(*read);
      return;
    }
    for (const std::string& error : read.error())
      diagnostics_.add(Rule::referenced_file, prices.position(), error);
  }

  void read_thresholds(const Node& thresholds) {
    for (const Entry& entry : thresholds.entries) {
      if (entry.name.starts_with("x-")) continue;
      const auto key = split_threshold_key(entry.name);
      if (!key) {
        threshold_error(entry.at, key.error());
        continue;
      }
      const auto metrics = metrics_of_subject(key->subject);
      if (metrics.empty()) {
        diagnostics_.add(
            Rule::bad_threshold, entry.at,
            fmt::format("a threshold is about 'journeys' or a resource, and '{}' is neither", key->subject),
            nearest(key->subject, subjects()));
        continue;
      }
      if (entry.value.is_scalar()) {
        read_threshold(*key, entry, entry.value, metrics);
      } else {
        for (const Node& item : entry.value.items) read_threshold(*key, entry, item, metrics);
      }
    }
  }

  void read_threshold(const ThresholdKey& key, const Entry& entry, const Node& text,
                      std::span<const MetricInfo> metrics) {
    auto parsed = parse_threshold(key, text.text, metrics);
    if (parsed) {
      scenario_.thresholds.push_back({std::move(*parsed), text.at});
    } else {
      threshold_error(parsed.error().in == ThresholdError::In::key ? entry.at : text.at, parsed.error());
    }
  }

  void threshold_error(Position at, const ThresholdError& error) {
    at.column += static_cast<std::uint32_t>(error.from);
    at.length = static_cast<std::uint32_t>(std::max<std::size_t>(1, error.to - error.from));
    diagnostics_.add(Rule::bad_threshold, at, error.message, error.nearest);
  }

  std::vector<std::string> subjects() const {
    std::vector<std::string> names{"journeys"};
    for (const Member& resource : scenario_.resources) names.push_back(resource.name);
    for (const Member& client : scenario_.traffic) names.push_back(client.name);
    return names;
  }

  std::span<const MetricInfo> metrics_of_subject(std::string_view subject) const {
    const auto named = [&](const Member& member) { return member.name == subject; };
    if (subject == "journeys" || subject.starts_with("journeys{") ||
        std::ranges::any_of(scenario_.traffic, named)) {
      return journey_metrics();
    }
    const bool resource = std::ranges::any_of(scenario_.resources, named);
    return resource ? resource_metrics() : std::span<const MetricInfo>{};
  }

  /// Routes and traffic files are proved by building a world once.
  void try_building() {
    for (const BuildProblem& problem : build_problems(scenario_)) {
      diagnostics_.add(problem.rule, problem.at, problem.message, problem.suggestion);
    }
  }

  Sources& sources_;
  Files& files_;
  Diagnostics& diagnostics_;
  Resolver resolver_;
  Scenario scenario_;
  Value root_;
  Value resources_;
};

}  // namespace

std::vector<std::string> Scenario::client_names() const {
  std::vector<std::string> names;
  for (const Member& client : traffic) names.push_back(client.name);
  return names;
}

std::optional<Scenario> load_scenario(const std::string& path, std::span<const std::string> sets,
                                      Sources& sources, Files& files, Diagnostics& diagnostics) {
  return Loader(sources, files, diagnostics).load(path, sets);
}

Settings client_settings() {
  Settings settings = find_service_type("client")->describe();
  const auto classes = std::ranges::find(settings, "classes", &Setting::name);
  check(classes != settings.end(), "a client has no classes");
  std::ranges::move(class_document_settings(), std::back_inserter(classes->fields.front().fields));
  settings.push_back(arrivals_setting());
  return settings;
}

Settings scenario_settings() {
  return {
      count("spillway", "The version of the scenario language.").required().between(1, 1),
      text("name", "What results and reports call it."),
      text("description", "What it is for."),
      duration("horizon", "How much time is simulated; traffic ends with it.")
          .fallback("1h")
          .at_least(Duration{1}),
      duration("warm_up", "The first part of the horizon, which results leave out.").fallback("0s"),
      duration("drain", "How long, at most, what is in flight at the horizon may go on without new traffic.")
          .fallback("0s"),
      duration("interval", "The width of a bucket of the time lines; unset: chosen by the horizon.")
          .at_least(Duration{1}),
      count("seed", "The seed of all random draws.").fallback("1").between(0, 9.2e18),
      text("prices", "A price file in place of the built-in one."),
      boolean("free_tier", "Whether a month's bill takes the free tier into account.").fallback("false"),
      map("traffic", "Who sends what to whom, or the name of a file that says so.",
          object("client", "One source of traffic.", client_settings()))
          .required(),
      list("accept", "Design rules that the scenario breaks on purpose; 'spillway validate' leaves them out.",
           object("acceptance", "One rule.",
                  {text("rule", "Its number, such as SW106.").required(),
                   text("of", "The resource or traffic that breaks it; unset: all of them."),
                   text("because", "Why it is meant.").required()})),
      map("thresholds", "What a run must reach, such as journeys.latency: [ \"p(99) < 800ms\" ].",
          document("metric", "One condition or a list of them.")),
  };
}

std::vector<TypedSettings> resource_types() {
  std::vector<TypedSettings> types;
  for (const ServiceType& type : catalogue()) {
    if (type.type == "client") continue;
    types.push_back({std::string(type.type), std::string(type.summary), type.describe()});
  }
  return types;
}

}  // namespace spillway
