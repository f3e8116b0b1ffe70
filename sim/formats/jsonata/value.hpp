#pragma once
/// The values that an evaluation computes with: JSON, "undefined" and functions.
///
/// A value is 16 bytes and copied freely. Documents that the caller gave are not converted: a value can be a
/// view of a Json node. What the evaluation makes itself lives in its Memory until the evaluation ends; so
/// values own nothing, and cycles (a closure that knows itself) need no thought.
/// Invariant: an Array or Object that is reachable from a Value was made by this evaluation's Memory.

#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "formats/json.hpp"

namespace spillway::jsonata {

struct Array;
struct Object;
struct Function;

enum class Kind : std::uint8_t { undefined, null, boolean, number, string, array, object, function };

class Value {
 public:
  Value() = default;
  explicit Value(bool value) : kind_(Kind::boolean) { held_.truth = value; }
  explicit Value(double value) : kind_(Kind::number) { held_.number = value; }
  explicit Value(Array* value) : kind_(Kind::array) { held_.array = value; }
  explicit Value(Object* value) : kind_(Kind::object) { held_.object = value; }
  explicit Value(const Function* value) : kind_(Kind::function) { held_.function = value; }
  /// The bytes must outlive the evaluation: a literal's, a document's, or Memory's.
  explicit Value(std::string_view stable)
      : kind_(Kind::string), size_(static_cast<std::uint32_t>(stable.size())) {
    held_.text = stable.data();
  }
  static Value null();
  /// A view of a node of a document.
  static Value of(const Json& node);

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool is_undefined() const { return kind_ == Kind::undefined; }

  bool truth() const { return held_.truth; }
  double number() const { return held_.number; }
  std::string_view text() const { return {held_.text, size_}; }
  const Function& function() const { return *held_.function; }

  /// How many elements an array, or members an object, has.
  std::size_t size() const;
  /// An element of an array; undefined beyond its end.
  Value at(std::size_t i) const;
  /// A member of an object; undefined when it has none of that name.
  Value member(std::string_view name) const;

  /// Null when the value is no array, or a document's.
  Array* own_array() const { return kind_ == Kind::array && !document_ ? held_.array : nullptr; }
  Object* own_object() const { return kind_ == Kind::object && !document_ ? held_.object : nullptr; }
  /// Whether it is an array that a path or query has built, which collapses when it holds one element.
  bool is_sequence() const;
  bool is_tuple_stream() const;

  /// Whether both are the same thing: scalars by value, the rest by identity.
  friend bool identical(const Value& a, const Value& b);

 private:
  friend struct Members;
  Kind kind_ = Kind::undefined;
  bool document_ = false;
  std::uint32_t size_ = 0;
  union {
    bool truth;
    double number;
    const char* text;
    Array* array;
    Object* object;
    const Function* function;
    const Json* node;
  } held_ = {};
};

struct Array {
  explicit Array(std::pmr::memory_resource* memory) : items(memory) {}
  std::pmr::vector<Value> items;
  bool sequence = false;
  bool keep_singleton = false;
  bool constructed = false;   ///< by `[...]` as a step: stays whole when its path is flattened
  bool tuple_stream = false;  ///< items are objects: "@" the value, and the variables bound beside it
  bool wraps_input = false;   ///< holds the input, itself an array, so that it counts as one value
};

struct Object {
  explicit Object(std::pmr::memory_resource* memory) : members(memory), index(memory) {}
  std::pmr::vector<std::pair<std::string_view, Value>> members;
  std::pmr::unordered_map<std::string_view, std::size_t> index;  ///< kept once the members are many

  const Value* find(std::string_view name) const;
  void set(std::string_view name, const Value& value);
  void erase(std::string_view name);
};

/// The members of an object in JavaScript's order: names that are array indexes first, by number.
struct Members {
  explicit Members(const Value& object);
  std::vector<std::pair<std::string_view, Value>> list;
};

/// What one evaluation allocates: freed as a whole, and limited.
class Memory {
 public:
  explicit Memory(std::size_t limit);
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory();

  Array* array();
  Array* sequence();
  Object* object();
  std::string_view text(std::string_view bytes);
  Value string(std::string_view bytes) { return Value(text(bytes)); }
  Function* function();
  template <typename Thing, typename... Arguments>
  Thing* make(Arguments&&... arguments) {
    return ::new (pool_.allocate(sizeof(Thing), alignof(Thing))) Thing(std::forward<Arguments>(arguments)...);
  }
  std::pmr::memory_resource* resource() { return &pool_; }

 private:
  class Limited final : public std::pmr::memory_resource {
   public:
    explicit Limited(std::size_t limit) : left_(limit) {}

   private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override;
    void do_deallocate(void* at, std::size_t bytes, std::size_t alignment) override;
    bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
      return this == &other;
    }
    std::size_t left_;
  };
  alignas(16) char first_[2048];
  Limited limited_;
  std::pmr::monotonic_buffer_resource pool_;
};

/// Deep equality, as `=` means it.
bool equal(const Value& a, const Value& b);
/// A string's order by UTF-16 code units, as JavaScript compares: negative, 0 or positive.
int compare_text(std::string_view a, std::string_view b);
/// "undefined", "null", "number", ... for messages.
std::string_view kind_name(Kind kind);

}  // namespace spillway::jsonata
