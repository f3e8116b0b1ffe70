#include "formats/jsonata/value.hpp"

#include <algorithm>
#include <charconv>
#include <new>

#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/function.hpp"

namespace spillway::jsonata {
namespace {

constexpr std::size_t kIndexFrom = 16;  // members: fewer are found sooner by looking at each
constexpr std::size_t kDepth = 1000;    // of documents that are compared

/// The name as an array index, which JavaScript puts before other keys; -1 when it is none.
std::int64_t array_index(std::string_view name) {
  if (name.empty() || name.size() > 10 || name[0] < '0' || name[0] > '9') return -1;
  if (name[0] == '0' && name.size() > 1) return -1;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool whole = error == std::errc{} && end == name.data() + name.size();
  return whole && number < 4294967295 ? number : -1;
}

const Json* find_member(const Json& object, std::string_view name) {
  for (const auto& [key, value] : object.get_ref<const Json::object_t&>()) {
    if (key == name) return &value;
  }
  return nullptr;
}

bool equal_at(const Value& a, const Value& b, std::size_t depth) {
  if (depth > kDepth) fail("D1011", "Values nested deeper than {} levels cannot be compared", kDepth);
  if (identical(a, b)) return true;
  if (a.kind() != b.kind()) return false;
  if (a.is(Kind::array)) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!equal_at(a.at(i), b.at(i), depth + 1)) return false;
    }
    return true;
  }
  if (!a.is(Kind::object) || a.size() != b.size()) return false;
  for (const auto& [name, value] : Members(a).list) {
    const Value other = b.member(name);
    if (other.is_undefined() || !equal_at(value, other, depth + 1)) return false;
  }
  return true;
}

}  // namespace

Value Value::null() {
  Value value;
  value.kind_ = Kind::null;
  return value;
}

Value Value::of(const Json& node) {
  switch (node.type()) {
    case Json::value_t::boolean: return Value(node.get<bool>());
    case Json::value_t::string: return Value(std::string_view(node.get_ref<const std::string&>()));
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
    case Json::value_t::number_float: return Value(node.get<double>());
    case Json::value_t::array:
    case Json::value_t::object: {
      Value value;
      value.kind_ = node.is_array() ? Kind::array : Kind::object;
      value.document_ = true;
      value.held_.node = &node;
      return value;
    }
    case Json::value_t::discarded: return {};
    default: return null();
  }
}

std::size_t Value::size() const {
  if (document_) return held_.node->size();
  return kind_ == Kind::array ? held_.array->items.size() : held_.object->members.size();
}

Value Value::at(std::size_t i) const {
  if (i >= size()) return {};
  return document_ ? of((*held_.node)[i]) : held_.array->items[i];
}

Value Value::member(std::string_view name) const {
  if (!document_) {
    const Value* found = held_.object->find(name);
    return found ? *found : Value();
  }
  const Json* found = find_member(*held_.node, name);
  return found ? of(*found) : Value();
}

bool Value::is_sequence() const {
  const Array* array = own_array();
  return array && array->sequence;
}

bool Value::is_tuple_stream() const {
  const Array* array = own_array();
  return array && array->tuple_stream;
}

bool identical(const Value& a, const Value& b) {
  if (a.kind_ != b.kind_) return false;
  switch (a.kind_) {
    case Kind::undefined:
    case Kind::null: return true;
    case Kind::boolean: return a.held_.truth == b.held_.truth;
    case Kind::number: return a.held_.number == b.held_.number;
    case Kind::string: return a.text() == b.text();
    default: return a.document_ == b.document_ && a.held_.node == b.held_.node;
  }
}

const Value* Object::find(std::string_view name) const {
  if (!index.empty()) {
    const auto found = index.find(name);
    return found == index.end() ? nullptr : &members[found->second].second;
  }
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

void Object::set(std::string_view name, const Value& value) {
  if (const Value* found = find(name)) {
    *const_cast<Value*>(found) = value;
    return;
  }
  members.emplace_back(name, value);
  if (!index.empty()) {
    index.emplace(name, members.size() - 1);
  } else if (members.size() > kIndexFrom) {
    for (std::size_t i = 0; i < members.size(); ++i) index.emplace(members[i].first, i);
  }
}

void Object::erase(std::string_view name) {
  const auto same_name = [&](const auto& member) { return member.first == name; };
  const auto found = std::find_if(members.begin(), members.end(), same_name);
  if (found == members.end()) return;
  members.erase(found);
  index.clear();
  if (members.size() <= kIndexFrom) return;
  for (std::size_t i = 0; i < members.size(); ++i) index.emplace(members[i].first, i);
}

Members::Members(const Value& object) {
  if (!object.is(Kind::object)) return;
  std::vector<std::pair<std::int64_t, std::size_t>> indexes;  // of names that are array indexes, their places
  list.reserve(object.size());
  const auto add = [&](std::string_view name, const Value& value) {
    if (const std::int64_t index = array_index(name); index >= 0) indexes.emplace_back(index, list.size());
    list.emplace_back(name, value);
  };
  if (object.document_) {
    for (const auto& [name, node] : object.held_.node->get_ref<const Json::object_t&>()) {
      add(name, Value::of(node));
    }
  } else {
    for (const auto& [name, value] : object.held_.object->members) add(name, value);
  }
  if (indexes.empty()) return;
  std::sort(indexes.begin(), indexes.end());
  std::vector<std::pair<std::string_view, Value>> ordered;
  ordered.reserve(list.size());
  for (const auto& [index, place] : indexes) ordered.push_back(list[place]);
  for (const auto& member : list) {
    if (array_index(member.first) < 0) ordered.push_back(member);
  }
  list = std::move(ordered);
}

Memory::Memory(std::size_t limit) : limited_(limit), pool_(first_, sizeof first_, &limited_) {}

// Nothing made here owns more than the pool's bytes, so nothing is destroyed one by one.
Memory::~Memory() = default;

Array* Memory::array() { return make<Array>(&pool_); }

Array* Memory::sequence() {
  Array* made = array();
  made->sequence = true;
  return made;
}

Object* Memory::object() { return make<Object>(&pool_); }

Function* Memory::function() { return make<Function>(&pool_); }

std::string_view Memory::text(std::string_view bytes) {
  if (bytes.empty()) return "";
  char* copy = static_cast<char*>(pool_.allocate(bytes.size(), 1));
  std::copy(bytes.begin(), bytes.end(), copy);
  return {copy, bytes.size()};
}

void* Memory::Limited::do_allocate(std::size_t bytes, std::size_t alignment) {
  if (bytes > left_) fail("D2015", "The evaluation needs more memory than an expression may take");
  left_ -= bytes;
  return ::operator new(bytes, std::align_val_t(alignment));
}

void Memory::Limited::do_deallocate(void* at, std::size_t /*bytes*/, std::size_t alignment) {
  ::operator delete(at, std::align_val_t(alignment));
}

bool equal(const Value& a, const Value& b) { return equal_at(a, b, 0); }

int compare_text(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const auto x = static_cast<unsigned char>(a[i]);
    const auto y = static_cast<unsigned char>(b[i]);
    if (x == y) continue;
    // Beyond the basic plane UTF-16 writes surrogates, which stand before U+E000.
    const bool x_far = x >= 0xF0;
    const bool y_far = y >= 0xF0;
    if (x_far != y_far && std::min(x, y) >= 0xEE) return x_far ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

std::string_view kind_name(Kind kind) {
  constexpr std::string_view kNames[] = {"undefined", "null",  "boolean", "number",
                                         "string",    "array", "object",  "function"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace spillway::jsonata
