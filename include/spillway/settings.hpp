#pragma once
/// Settings: each setting of a service is described once, by its `describe()`. The scenario reader, the JSON
/// Schema, the table in the docs and `spillway explain` are all made from that one description.
///
///   Settings describe() {
///     return {
///         duration("timeout", "How long one invocation may run.").fallback("3s").between(1s, 900s),
///         choice("mode", "How capacity is bought.", {"on_demand", "provisioned"}).fallback("on_demand"),
///         reference("to", "Where a message goes that was received too often.").required(),
///     };
///   }
///
/// The reader turns the user's text into a tree of Values: typed, defaults filled in, bounds checked. So a
/// service never parses text and never meets a value out of bounds: `settings["timeout"].duration()`.
///
/// Invariants: every setting that was described is a member of its object's Value, set or not; asking for a
/// name that was not described, for a value as another kind, or for one that is not set, is our mistake and
/// aborts.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spillway/time.hpp"

namespace spillway {

class Distribution;

/// What a setting's text means. `reference` names another resource; `document` is any JSON, kept as it is.
enum class Kind : std::uint8_t {
  duration,
  bytes,
  rate,
  count,
  number,
  probability,
  boolean,
  text,
  choice,
  reference,
  distribution,
  bytes_distribution,
  retry,
  program,
  object,
  list,
  map,
  document,
};

/// The kind's name as the docs and diagnostics write it, e.g. "a duration".
std::string_view kind_name(Kind kind);

struct Setting {
  std::string name;
  Kind kind = Kind::text;
  std::string help;
  /// The default as scenario text ("30s", "10", "{ constant: 4ms }"). Empty: not set unless the user sets it.
  /// An object without one is filled in from its members' defaults, unless it is `optional` or has a required
  /// member.
  std::string fallback;
  bool required = false;
  std::string unit;  ///< shown in the docs, e.g. "ms"; "number" makes a distribution one over plain numbers
  /// Bounds in the canonical unit (seconds, bytes, per second); of a list or a map: of its length.
  std::optional<double> at_least;
  std::optional<double> at_most;
  std::vector<std::string>
      choices;  ///< of a choice: what it may be; of a reference: the types it may name, or any
  std::vector<std::string> words;        ///< plain words accepted in place of the value, e.g. "unlimited"
  std::vector<Setting> fields;           ///< object: its members; list and map: exactly one, the element
  std::vector<std::string> exactly_one;  ///< of an object: members of which the user gives exactly one
  std::string shorthand;                 ///< of an object: the member that a bare scalar (or list) fills
  std::string source;                    ///< where the default and bounds come from, or "assumption"
  bool adjustable = false;               ///< the provider raises this limit on request: a soft quota
  bool optional = false;                 ///< an object that stays unset unless the user writes it
  bool names_class = false;              ///< a text, or a map's keys: they name traffic classes
  /// Members that the shorthand means beside the one that it fills, by name and scenario text.
  std::vector<std::pair<std::string, std::string>> shorthand_means{};
};
using Settings = std::vector<Setting>;

/// Where a value was written. `file` indexes the Sources that the reader keeps; line and column start at 1,
/// and line 0 means nowhere: a default. The length is in columns.
struct Position {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 0;

  friend bool operator==(const Position&, const Position&) = default;
};

struct Member;

/// What a resolved value holds; only the reader fills one. Which fields count depends on the kind.
struct ValueData {
  Kind kind = Kind::text;
  bool set = false;
  bool fallback = false;        ///< a default, not the user's words
  Position position;            ///< of the value
  Position key;                 ///< of the key it was written under
  std::int64_t integer = 0;     ///< nanoseconds, bytes, a count, a choice's index, 0 or 1
  double number = 0;            ///< a rate per second, a number, a probability
  std::string text;             ///< text, choice, reference; the form of a distribution; a document as JSON
  bool is_word = false;         ///< the text is one of the setting's plain words
  std::vector<double> numbers;  ///< samples read from a file, in ns, bytes or plain
};

/// A setting's value after reading: a tree, immutable, that knows where each of its parts was written.
class Value {
 public:
  Value();
  explicit Value(ValueData data);
  Value(ValueData data, std::vector<Value> items);
  Value(ValueData data, std::vector<Member> members);
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();

  [[nodiscard]] Kind kind() const { return data_.kind; }
  [[nodiscard]] bool is_set() const { return data_.set; }
  /// True when the user did not write it (and neither an extended file nor --set did).
  [[nodiscard]] bool is_default() const { return data_.fallback; }
  [[nodiscard]] const Position& position() const { return data_.position; }
  [[nodiscard]] const Position& key_position() const { return data_.key; }

  [[nodiscard]] Duration duration() const;
  [[nodiscard]] std::int64_t bytes() const;
  [[nodiscard]] double rate() const;  ///< per second
  [[nodiscard]] std::int64_t count() const;
  [[nodiscard]] double number() const;
  [[nodiscard]] double probability() const;
  [[nodiscard]] bool boolean() const;
  /// Text, a choice, a reference, a word; a program step's verb; a document as compact JSON.
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] std::size_t choice_index() const;
  /// The choice as an enumeration whose values stand in the order of `choices`.
  template <class Enum>
  [[nodiscard]] Enum choice() const {
    return static_cast<Enum>(choice_index());
  }
  /// Whether the user wrote this plain word in place of a value, e.g. `concurrency: unlimited`.
  [[nodiscard]] bool is_word(std::string_view word) const { return data_.is_word && data_.text == word; }
  [[nodiscard]] bool is_word() const { return data_.is_word; }
  /// Built anew at each call, in ns, bytes or plain numbers: ask once, when the world is built.
  [[nodiscard]] Distribution distribution() const;

  /// The elements of a list; the steps of a program.
  [[nodiscard]] const std::vector<Value>& items() const { return items_; }
  /// The members of an object or a map, in the order of the description (object) or of the file (map).
  [[nodiscard]] const std::vector<Member>& members() const { return members_; }
  /// A described member of an object, or a key that a map has.
  [[nodiscard]] const Value& operator[](std::string_view name) const;
  [[nodiscard]] const Value* find(std::string_view name) const;
  /// The one member of an `exactly_one` object that the user gave.
  [[nodiscard]] const Member& given() const;

  [[nodiscard]] const ValueData& data() const { return data_; }
  /// The same value, written under a key that stands there.
  [[nodiscard]] Value under(const Position& key) &&;

 private:
  void expect(Kind kind) const;

  ValueData data_;
  std::vector<Value> items_;
  std::vector<Member> members_;
};

struct Member {
  std::string name;
  Value value;
};

/// Writes a Setting so that a describe() reads as a table; see the builders below.
class Described {
 public:
  Described(Kind kind, std::string_view name, std::string_view help);

  Described& fallback(std::string_view text);
  Described& required();
  Described& optional();
  Described& at_least(double bound);
  Described& at_least(Duration bound);
  Described& at_most(double bound);
  Described& at_most(Duration bound);
  Described& between(double low, double high);
  Described& between(Duration low, Duration high);
  Described& unit(std::string_view name);
  Described& words(std::vector<std::string> words);     ///< also accepts these plain words
  Described& of_types(std::vector<std::string> types);  ///< of a reference: the types it may name
  Described& exactly_one(
      std::vector<std::string> names);  ///< of an object: members of which one only is given
  /// Of an object: a bare scalar fills this member, and means the others too: `shorthand("idle", {{"rule",
  /// "fixed"}})` reads `3000s` as `{ rule: fixed, idle: 3000s }`.
  Described& shorthand(std::string_view member, std::vector<std::pair<std::string, std::string>> means = {});
  Described& source(std::string_view where);
  Described& adjustable();
  Described& names_class();  ///< a text, or a map's keys: they name traffic classes

  operator Setting() const { return setting_; }  // NOLINT: implicit, so that a list of these is a Settings

 private:
  friend Described choice(std::string_view, std::string_view, std::vector<std::string>);
  friend Described object(std::string_view, std::string_view, Settings);
  friend Described list(std::string_view, std::string_view, Setting);
  friend Described map(std::string_view, std::string_view, Setting);

  Setting setting_;
};

Described duration(std::string_view name, std::string_view help);
Described bytes(std::string_view name, std::string_view help);
Described rate(std::string_view name, std::string_view help);
Described count(std::string_view name, std::string_view help);
Described number(std::string_view name, std::string_view help);
Described probability(std::string_view name, std::string_view help);
Described boolean(std::string_view name, std::string_view help);
Described text(std::string_view name, std::string_view help);
Described choice(std::string_view name, std::string_view help, std::vector<std::string> choices);
Described reference(std::string_view name, std::string_view help);
Described distribution(std::string_view name, std::string_view help);
Described bytes_distribution(std::string_view name, std::string_view help);
/// A distribution over plain numbers, e.g. a batch size.
Described number_distribution(std::string_view name, std::string_view help);
Described retry(std::string_view name, std::string_view help);
Described program(std::string_view name, std::string_view help);
Described object(std::string_view name, std::string_view help, Settings fields);
/// The element describes each item; its name says what one is called in the docs.
Described list(std::string_view name, std::string_view help, Setting element);
/// The element describes each value; its name says in the docs what the keys are.
Described map(std::string_view name, std::string_view help, Setting element);
Described document(std::string_view name, std::string_view help);

}  // namespace spillway
