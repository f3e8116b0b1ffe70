#pragma once
/// The reader of definitions: it walks the document once, and notes every mistake with its place.
///
/// Which field a state may have is a table (load_fields.cpp); what a field means is read by the part that
/// owns it: flows (load.cpp), what states share (load_state.cpp), each type (load_types.cpp, load_map.cpp,
/// load_choice.cpp), errors (load_errors.cpp).

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/asl/definition.hpp"

namespace spillway::asl {

/// An object of the definition and the pointer to it.
struct Part {
  const Json& value;
  std::string pointer;

  [[nodiscard]] const Json* find(const char* name) const {
    const auto found = value.find(name);
    return found == value.end() ? nullptr : &*found;
  }
  [[nodiscard]] bool has(const char* name) const { return find(name) != nullptr; }
  [[nodiscard]] std::string to(std::string_view name) const { return pointer + '/' + std::string(name); }
};

/// What a number may be.
struct Bounds {
  std::int64_t least = 0;
  std::int64_t most = 99'999'999;
};

class Loader {
 public:
  Loader(const LocatedJson& document, bool express) : document_(document), express_(express) {}
  Loaded run();

 private:
  using Names = std::map<std::string, StateIndex, std::less<>>;

  // load.cpp: flows, references, mistakes
  void read_machine(const Part& top);
  FlowIndex read_flow(const Part& part, StateIndex owner, Language language);
  StateIndex target(const Part& part, const char* field, const Names& names);
  /// Past this many, mistakes are not looked for: their suggestions would take long.
  [[nodiscard]] bool full() const { return problems_.size() >= 1000; }
  void problem(std::string pointer, std::string message, std::string suggestion = {});
  void key_problem(std::string pointer, std::string message, std::string suggestion = {});
  void check_keys(const Part& part, std::span<const std::string_view> known, std::string_view what);

  // load_fields.cpp: kinds of values
  std::optional<std::string> text(const Part& part, const char* field, bool required = false);
  std::optional<std::int64_t> whole(const Part& part, const char* field, Bounds bounds);
  bool flag(const Part& part, const char* field);
  const Json* object(const Part& part, const char* field, bool required = false);
  const Json* list(const Part& part, const char* field, bool required = false);
  std::string one_of(const Part& part, const char* field, std::span<const std::string_view> values,
                     std::string_view otherwise);
  std::optional<Template> payload(const Part& part, const char* field, Language language);
  std::optional<Template> query(const Part& part, const char* field);
  /// A number, an expression in JSONata, or the form of JSONPath whose name ends in Path.
  std::optional<Template> number(const Part& part, const char* field, const char* path_field,
                                 Language language, Bounds bounds);
  /// The same for a text.
  std::optional<Template> words(const Part& part, const char* field, const char* path_field,
                                Language language);
  std::optional<Selector> selector(const Part& part, const char* field, bool reference);
  std::optional<Template> assignments(const Part& part, Language language);
  void check_state_keys(const Part& part, StateType type, Language language);

  // load_state.cpp and the others: states
  void read_state(const Part& part, StateIndex index, const Names& names, Language language);
  void read_common(const Part& part, State& state, const Names& names);
  PassFields read_pass(const Part& part);
  TaskFields read_task(const Part& part, const State& state);
  void check_resource(const Part& part, const std::string& resource);
  WaitFields read_wait(const Part& part, const State& state);
  FailFields read_fail(const Part& part, const State& state);
  ParallelFields read_parallel(const Part& part, StateIndex index, Language language);
  MapFields read_map(const Part& part, StateIndex index, const State& state);
  void read_map_mode(const Part& processor, MapFields& map);
  ItemReader read_item_reader(const Part& part, Language language);
  ItemBatcher read_item_batcher(const Part& part, Language language);
  ResultWriter read_result_writer(const Part& part, Language language);
  ChoiceFields read_choice(const Part& part, const State& state, const Names& names);
  Condition read_condition(const Part& part, Language language, bool inner);
  Condition read_comparison(const Part& part);
  std::vector<std::string> error_equals(const Part& part, bool last);
  Retrier read_retrier(const Part& part, bool last);
  Catcher read_catcher(const Part& part, bool last, const State& state, const Names& names);

  const LocatedJson& document_;
  bool express_;
  Machine machine_;
  std::vector<Problem> problems_;
  std::set<std::string, std::less<>> all_names_;
};

/// The name with the fewest edits, when few enough to have been meant; empty otherwise.
std::string closest(std::string_view word, std::span<const std::string_view> names);

}  // namespace spillway::asl
