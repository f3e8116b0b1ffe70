// Definitions that others wrote: valid ones load, what AWS refused is refused with a place, and what is said
// of the samples' structure is what was found out elsewhere. The material lies beside the project; each test
// is skipped by name without it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <utility>

#include <fmt/format.h>
#include "formats/asl/outline.hpp"
#include "formats/asl_score.hpp"

namespace spillway::asl {
namespace {

TEST(AslDefinitions, definitions_that_aws_refused_are_refused_with_a_place) {
  Score score;
  const std::string folder = shared_path("corpus/asl-recorded");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no recordings beside the project";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const Json content = shared_json("corpus/asl-recorded/" + file.path().filename().string());
    for (const Json& one : content.is_array() ? content : content["cases"]) {
      if (one.value("kind", "") != "create_error") continue;
      const std::string refusal = shown(one["expected"]);
      // What is wrong with the request around a definition is not for its loader.
      if (refusal.find("LoggingConfiguration") != std::string::npos) continue;
      if (shown(one["definition"]).find("MOCK:") != std::string::npos) continue;  // its ARN is not recorded
      LoadOptions options;
      options.express = refusal.find("Express state machine") != std::string::npos;
      const Loaded loaded = load(shown(one["definition"]), options);
      const bool refused = !loaded.machine && loaded.problems.at(0).at.line > 0;
      score.add("refused", one["id"], refused ? "" : "loads");
    }
  }
  EXPECT_EQ(fraction_of(score), 1.0) << score.text();
  std::cout << score.text();
}

TEST(AslDefinitions, valid_definitions_load_and_invalid_ones_name_a_line) {
  const std::string folder = shared_path("corpus/asl-validity-dev");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no definitions beside the project";
  Score score;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string name = file.path().filename().string();
    std::string text;
    ASSERT_TRUE(read_shared("corpus/asl-validity-dev/" + name, text));
    const Loaded loaded = load(text);
    const bool valid = name.starts_with("valid");
    std::string wrong;
    if (valid && !loaded.machine) wrong = problem_text(loaded.problems.at(0));
    if (!valid && loaded.machine) wrong = "loads";
    if (!valid && !loaded.machine && loaded.problems.at(0).at.line == 0) wrong = "no line";
    score.add(valid ? "valid" : "invalid", name, wrong);
  }
  EXPECT_EQ(fraction_of(score), 1.0) << score.text();
  std::cout << score.text();
}

// ---- static facts of a definition, as the corpus states them ----

Json value_of(const std::optional<Template>& field) {
  if (!field) return nullptr;
  return field->kind == Template::Kind::constant ? field->constant : Json(field->text);
}

/// What is written as a number; a path is none.
Json literal(const std::optional<Template>& field) {
  return field && field->kind == Template::Kind::constant ? field->constant : Json();
}

/// The outline in the words of the corpus.
class Facts {
 public:
  explicit Facts(const Machine& machine) : machine_(machine), outline_(outline(machine)) {
    facts_ = {{"query", machine.language == Language::jsonata ? "JSONata" : "JSONPath"},
              {"timeout", machine.timeout_seconds ? Json(*machine.timeout_seconds) : Json()},
              {"states", machine.states.size()},
              {"depth", outline_.depth}};
    for (const char* list : {"transitions", "retries", "catches", "tasks", "terminal", "unreachable", "maps",
                             "parallel", "waits"}) {
      facts_[list] = Json::array();
    }
    facts_["types"] = Json::object();
    for (const StateOutline& state : outline_.states) add(machine.states[state.index], state);
  }
  [[nodiscard]] const Json& all() const { return facts_; }

 private:
  void add(const State& state, const StateOutline& own) {
    const std::string type(type_name(state.type));
    facts_["types"][type] = facts_["types"].value(type, 0) + 1;
    if (own.terminal) facts_["terminal"].push_back(own.name);
    if (!own.reachable) facts_["unreachable"].push_back(own.name);
    static constexpr std::array<const char*, 4> kKinds{"next", "choice", "default", "catch"};
    for (const Way& way : ways(state)) {
      facts_["transitions"].push_back(
          {own.name, outline_.states[way.to].name, kKinds[static_cast<std::size_t>(way.kind)]});
    }
    for (const Retrier& retrier : state.retry) {
      facts_["retries"].push_back({own.name, retrier.errors, retrier.interval_seconds, retrier.max_attempts,
                                   retrier.backoff_rate,
                                   retrier.max_delay_seconds ? Json(*retrier.max_delay_seconds) : Json(),
                                   retrier.full_jitter ? "FULL" : "NONE"});
    }
    for (const Catcher& catcher : state.catchers) {
      facts_["catches"].push_back({own.name, catcher.errors, machine_.states[catcher.next].name});
    }
    if (const auto* task = std::get_if<TaskFields>(&state.what)) {
      facts_["tasks"].push_back({own.name, task->resource, literal(task->timeout), literal(task->heartbeat)});
    } else if (const auto* parallel = std::get_if<ParallelFields>(&state.what)) {
      facts_["parallel"].push_back({own.name, parallel->branches.size()});
    } else if (const auto* map = std::get_if<MapFields>(&state.what)) {
      const Json most = value_of(map->max_concurrency);
      facts_["maps"].push_back({own.name, map->distributed ? "DISTRIBUTED" : "INLINE",
                                most.is_null() ? Json(0) : most, value_of(map->tolerated_percentage),
                                value_of(map->tolerated_count)});
    } else if (const auto* wait = std::get_if<WaitFields>(&state.what)) {
      const auto part = [](const std::optional<Template>& field, bool by_path) {
        return field && (field->kind == Template::Kind::path) == by_path ? value_of(field) : Json();
      };
      facts_["waits"].push_back({own.name, part(wait->seconds, false), part(wait->seconds, true),
                                 part(wait->timestamp, false), part(wait->timestamp, true)});
    }
  }

  const Machine& machine_;
  Outline outline_;
  Json facts_;
};

/// Lists of facts are sets: the order of states is not a fact.
std::string differing(const Json& ours, const Json& theirs) {
  for (const auto& member : theirs.items()) {
    Json mine = ours.value(member.key(), Json());
    Json other = member.value();
    if (mine.is_array() && other.is_array()) {
      const auto by_text = [](const Json& a, const Json& b) { return shown(a) < shown(b); };
      for (Json* list : {&mine, &other}) {
        for (Json& one : *list) {
          if (!one.is_array()) continue;
          for (Json& part : one) {  // 2.0 is written 2 there
            if (part.is_number_float() &&
                part.get<double>() == static_cast<double>(part.get<std::int64_t>())) {
              part = part.get<std::int64_t>();
            }
          }
        }
        std::sort(list->begin(), list->end(), by_text);
      }
    }
    if (!same(mine, other)) return fmt::format("{}: {} not {}", member.key(), shown(mine), shown(other));
  }
  return "";
}

/// The samples of one repository lie in one folder.
bool read_dev_definition(std::string_view path, std::string& text) {
  for (const auto& [repository, folder] :
       {std::pair{"aws-samples/serverless-patterns/", "patterns/"},
        std::pair{"aws-samples/step-functions-workflows-collection/", "workflows/"}}) {
    if (!path.starts_with(repository)) continue;
    return read_shared(fmt::format("corpus/asl-dev/{}{}", folder, path.substr(std::strlen(repository))),
                       text);
  }
  return false;
}

TEST(AslDefinitions, definitions_of_aws_samples_have_the_facts_that_are_stated_of_them) {
  std::string list;
  if (!read_shared("corpus/asl-dev.txt", list)) GTEST_SKIP() << "no definitions beside the project";
  Score score;
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find('\n', begin), list.size());
    const std::string line = list.substr(begin, end - begin);
    begin = end + 1;
    if (line.empty() || line[0] == '#') continue;
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    const std::string path = line.substr(0, first);
    std::string text;
    if (!read_dev_definition(path, text)) {
      score.add("facts", path, "not found");
      continue;
    }
    LoadOptions options;
    options.format = path.ends_with("yaml") || path.ends_with("yml") ? TextFormat::yaml : TextFormat::json;
    const Loaded loaded = load(text, options);
    score.add("facts", path,
              loaded.machine ? differing(Facts(*loaded.machine).all(), Json::parse(line.substr(second + 1)))
                             : problem_text(loaded.problems.at(0)));
  }
  EXPECT_EQ(fraction_of(score), 1.0) << score.text();
  std::cout << score.text();
}

}  // namespace
}  // namespace spillway::asl
