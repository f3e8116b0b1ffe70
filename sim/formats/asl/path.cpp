#include "formats/asl/path.hpp"

// The search: each step turns the list of values found so far into the next. Nothing is copied before the
// end.

#include <algorithm>
#include <cmath>
#include <deque>

namespace spillway::asl {

namespace {

// What one search may touch: a deep scan of a deep scan multiplies.
constexpr std::size_t kMostTouched = 2'000'000;

struct TooMuch {};

using Found = std::vector<const Json*>;

class Search {
 public:
  explicit Search(const Json& document) : document_(document) {}

  /// Nothing where a definite path leads nowhere.
  std::optional<Json> run(const Path& path, const Json& start) {
    Found found{&start};
    bool many = false;
    for (const PathStep& step : path.steps) {
      if (step.kind == PathStep::Kind::function) return call(step.names[0], found, many);
      found = next(step, found);
      many = many || !step.definite();
      if (!many && found.empty()) return std::nullopt;
    }
    if (!many) return *found.front();
    return listed(found);
  }

 private:
  static Json listed(const Found& found) {
    Json list = Json::array();
    for (const Json* one : found) list.push_back(*one);
    return list;
  }

  void touch(std::size_t count) {
    touched_ += count;
    if (touched_ > kMostTouched) throw TooMuch{};
  }

  Found next(const PathStep& step, const Found& from) {
    Found into;
    for (const Json* one : from) {
      if (!step.deep) {
        apply(step, *one, into);
        continue;
      }
      std::vector<const Json*> open{one};
      while (!open.empty()) {
        const Json* at = open.back();
        open.pop_back();
        touch(1);
        apply(step, *at, into);
        if (!at->is_structured()) continue;
        for (auto child = at->rbegin(); child != at->rend(); ++child) open.push_back(&*child);
      }
    }
    return into;
  }

  void apply(const PathStep& step, const Json& value, Found& into) {
    touch(1);
    switch (step.kind) {
      case PathStep::Kind::names:
        if (!value.is_object()) return;
        for (const std::string& name : step.names) {
          if (const auto member = value.find(name); member != value.end()) into.push_back(&*member);
        }
        return;
      case PathStep::Kind::indices:
        if (!value.is_array()) return;
        for (const std::int64_t index : step.indices) {
          if (const Json* element = at(value, index)) into.push_back(element);
        }
        return;
      case PathStep::Kind::slice: return slice(step, value, into);
      case PathStep::Kind::wildcard:
        if (!value.is_structured()) return;
        touch(value.size());
        for (const Json& child : value) into.push_back(&child);
        return;
      case PathStep::Kind::filter:
        // A filter looks at a list's elements; at an object, it looks at the object itself.
        if (value.is_object() && holds(step.filter, value)) into.push_back(&value);
        if (!value.is_array()) return;
        for (const Json& child : value) {
          if (holds(step.filter, child)) into.push_back(&child);
        }
        return;
      case PathStep::Kind::function: return;
    }
  }

  static const Json* at(const Json& list, std::int64_t index) {
    const auto size = static_cast<std::int64_t>(list.size());
    const std::int64_t from_start = index < 0 ? index + size : index;
    if (from_start < 0 || from_start >= size) return nullptr;
    return &list[static_cast<std::size_t>(from_start)];
  }

  void slice(const PathStep& step, const Json& value, Found& into) {
    if (!value.is_array()) return;
    const auto size = static_cast<std::int64_t>(value.size());
    const auto clamp = [size](std::int64_t index) {
      return std::clamp<std::int64_t>(index < 0 ? std::max(index, -size) + size : index, 0, size);
    };
    const std::int64_t from = clamp(step.from.value_or(0));
    const std::int64_t to = clamp(step.to.value_or(size));
    for (std::int64_t i = from; i < to; i += std::min(step.stride, size)) {
      touch(1);
      into.push_back(&value[static_cast<std::size_t>(i)]);
    }
  }

  // ---- filters ----

  /// A value on the filter's stack: absent where a path led nowhere.
  using Value = std::optional<Json>;

  bool holds(const std::vector<PathFilter>& filter, const Json& current) {
    touch(filter.size());
    std::vector<Value> stack;
    const auto pop = [&stack] {
      Value value = std::move(stack.back());
      stack.pop_back();
      return value;
    };
    const auto truth = [](const Value& value) { return value && value->is_boolean() && value->get<bool>(); };
    for (const PathFilter& element : filter) {
      switch (element.kind) {
        case PathFilter::Kind::literal: stack.emplace_back(element.literal); break;
        case PathFilter::Kind::path:
          stack.push_back(run(element.path, element.path.root == Path::Root::current ? current : document_));
          break;
        case PathFilter::Kind::exists: stack.emplace_back(Json(pop().has_value())); break;
        case PathFilter::Kind::negate: stack.emplace_back(Json(!truth(pop()))); break;
        default: {
          const Value right = pop();
          const Value left = pop();
          const bool result = element.kind == PathFilter::Kind::all   ? truth(left) && truth(right)
                              : element.kind == PathFilter::Kind::any ? truth(left) || truth(right)
                                                                      : compare(element.compare, left, right);
          stack.emplace_back(Json(result));
        }
      }
    }
    return truth(stack.back());
  }

  static bool contains(const Json& list, const Json& value) {
    return std::any_of(list.begin(), list.end(), [&](const Json& one) { return same(one, value); });
  }

  static bool compare(PathFilter::Compare how, const Value& left, const Value& right) {
    using C = PathFilter::Compare;
    if (!left || !right) return how == C::ne && left.has_value() != right.has_value();
    switch (how) {
      case C::eq: return same(*left, *right);
      case C::ne: return !same(*left, *right);
      case C::in: return right->is_array() && contains(*right, *left);
      case C::nin: return right->is_array() && !contains(*right, *left);
      case C::contains:
        if (left->is_array()) return contains(*left, *right);
        return left->is_string() && right->is_string() &&
               left->get_ref<const std::string&>().find(right->get_ref<const std::string&>()) !=
                   std::string::npos;
      case C::size:
      case C::empty: {
        if (!left->is_array() && !left->is_string()) return false;
        const std::size_t size = left->is_array() ? left->size() : left->get_ref<const std::string&>().size();
        return how == C::size ? right->is_number() && same(Json(size), *right)
                              : right->is_boolean() && right->get<bool>() == (size == 0);
      }
      default: return ordered(how, *left, *right);
    }
  }

  static bool ordered(PathFilter::Compare how, const Json& left, const Json& right) {
    using C = PathFilter::Compare;
    const bool numbers = left.is_number() && right.is_number();
    if (!numbers && !(left.is_string() && right.is_string())) return false;
    const int sign = left < right ? -1 : right < left ? 1 : 0;
    return how == C::lt ? sign < 0 : how == C::le ? sign <= 0 : how == C::gt ? sign > 0 : sign >= 0;
  }

  // ---- functions ----

  static std::optional<Json> call(const std::string& name, const Found& found, bool many) {
    if (found.empty() && !many) return std::nullopt;
    const Json value = many ? listed(found) : *found.front();
    if (name == "length" || name == "size") {
      if (value.is_string()) return Json(value.get_ref<const std::string&>().size());
      if (value.is_structured()) return Json(value.size());
      return std::nullopt;
    }
    if (name == "keys") {
      if (!value.is_object()) return std::nullopt;
      Json keys = Json::array();
      for (const auto& member : value.items()) keys.push_back(member.key());
      return keys;
    }
    return statistic(name, value);
  }

  static std::optional<Json> statistic(const std::string& name, const Json& list) {
    if (!list.is_array()) return std::nullopt;
    std::vector<double> numbers;
    for (const Json& one : list) {
      if (one.is_number()) numbers.push_back(one.get<double>());
    }
    if (numbers.empty()) return std::nullopt;
    if (name == "min") return Json(*std::min_element(numbers.begin(), numbers.end()));
    if (name == "max") return Json(*std::max_element(numbers.begin(), numbers.end()));
    double sum = 0;
    double squares = 0;
    for (const double number : numbers) {
      sum += number;
      squares += number * number;
    }
    const auto count = static_cast<double>(numbers.size());
    if (name == "sum") return Json(sum);
    if (name == "avg") return Json(sum / count);
    return Json(std::sqrt(std::max(0.0, squares / count - sum * sum / count / count)));
  }

  const Json& document_;
  std::size_t touched_ = 0;
};

}  // namespace

bool PathStep::definite() const {
  if (deep) return false;
  return (kind == Kind::names && names.size() == 1) || (kind == Kind::indices && indices.size() == 1) ||
         kind == Kind::function;
}

bool Path::definite() const {
  return std::all_of(steps.begin(), steps.end(), [](const PathStep& step) { return step.definite(); });
}

bool Path::is_reference() const {
  return definite() && (steps.empty() || steps.back().kind != PathStep::Kind::function) &&
         std::none_of(steps.begin(), steps.end(), [](const PathStep& step) {
           return step.kind == PathStep::Kind::indices && step.indices[0] < 0;
         });
}

std::optional<Json> Path::find(const Json& document) const {
  try {
    return Search(document).run(*this, document);
  } catch (const TooMuch&) {
    return std::nullopt;
  }
}

std::optional<Json> put(Json document, const Path& reference, Json value) {
  Json* at = &document;
  for (const PathStep& step : reference.steps) {
    if (step.kind == PathStep::Kind::indices) {
      const auto index = static_cast<std::size_t>(step.indices[0]);
      if (!at->is_array() || index >= at->size()) return std::nullopt;
      at = &(*at)[index];
      continue;
    }
    if (at->is_null() && at != &document) *at = Json::object();
    if (!at->is_object()) return std::nullopt;
    at = &(*at)[step.names[0]];
  }
  *at = std::move(value);
  return document;
}

}  // namespace spillway::asl
