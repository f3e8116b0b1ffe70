// See prices.hpp. The reader is strict: a typing error in a price must never become a cheaper bill.
#include "observe/prices.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "model/data.hpp"
#include "model/nearest.hpp"
#include "spillway/check.hpp"

namespace spillway {
namespace {

using Json = nlohmann::ordered_json;

std::string suggestion(std::string_view word, const std::vector<std::string_view>& names) {
  const std::string_view nearest = nearest_name(word, names);
  return nearest.empty() ? std::string{} : fmt::format(" (did you mean '{}'?)", nearest);
}

std::string built_in_path(std::string_view region) { return fmt::format("scenarios/prices/{}.json", region); }

/// Walks a parsed price file, collecting every error with the place where it stands.
class PriceReader {
 public:
  explicit PriceReader(std::string_view file) : file_(file) {}

  PriceList read(const Json& root) {
    PriceList list;
    if (!is_object(root, "the file")) return list;
    known_keys(root, "", {"extends", "region", "currency", "date", "note", "meters"});
    if (const Json* base = member(root, "extends")) list = extended(*base);
    const bool whole = list.meters.empty();
    read_text(root, "", "region", list.region, whole);
    read_text(root, "", "currency", list.currency, whole);
    read_text(root, "", "date", list.date, whole);
    read_text(root, "", "note", list.note, false);
    const Json* meters = member(root, "meters");
    if (meters == nullptr) {
      error("", "'meters' is missing");
    } else if (is_object(*meters, "meters")) {
      for (const auto& [name, row] : meters->items()) read_meter(name, row, list);
    }
    check_pools(list);
    return list;
  }

  PriceErrors errors;

 private:
  using Keys = std::vector<std::string_view>;

  void error(std::string_view where, std::string_view what) {
    errors.push_back(where.empty() ? fmt::format("{}: {}", file_, what)
                                   : fmt::format("{}: {}: {}", file_, where, what));
  }

  static const Json* member(const Json& object, std::string_view key) {
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
  }

  bool is_object(const Json& json, std::string_view where) {
    if (json.is_object()) return true;
    error(where, "expected an object { ... }");
    return false;
  }

  void known_keys(const Json& object, std::string_view where, const Keys& keys) {
    for (const auto& [key, value] : object.items()) {
      if (key.starts_with("x-") || std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      error(where, fmt::format("unknown property '{}'{}", key, suggestion(key, keys)));
    }
  }

  void read_text(const Json& object, std::string_view where, std::string_view key, std::string& into,
                 bool required) {
    const Json* value = member(object, key);
    if (value == nullptr) {
      if (required) error(where, fmt::format("'{}' is missing", key));
    } else if (!value->is_string()) {
      error(where, fmt::format("'{}' must be text", key));
    } else {
      into = value->get<std::string>();
    }
  }

  bool read_whole(const Json& value, std::string_view where, Quantity& into) {
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > 0) {
      into = value.get<std::uint64_t>();
      return true;
    }
    error(where, fmt::format("{} is not a positive whole number", value.dump()));
    return false;
  }

  PriceList extended(const Json& base) {
    const std::string region = base.is_string() ? base.get<std::string>() : base.dump();
    if (!embedded(built_in_path(region)).empty()) return built_in_prices(region);
    error("extends", fmt::format("no built-in prices are called '{}' (there is 'us-east-1')", region));
    return {};
  }

  void read_meter(const std::string& name, const Json& row, PriceList& list) {
    const std::string where = "meters." + name;
    if (!is_object(row, where)) return;
    known_keys(row, where,
               {"service", "line", "counted_in", "billed_in", "divisor", "tiers", "free", "source", "status",
                "note"});
    MeterPrice meter;
    const auto known = list.meters.find(name);
    const bool whole = known == list.meters.end();
    if (!whole) meter = known->second;
    meter.name = name;
    read_text(row, where, "service", meter.service, whole);
    read_text(row, where, "line", meter.line, whole);
    read_text(row, where, "counted_in", meter.counted_in, whole);
    read_text(row, where, "billed_in", meter.billed_in, whole);
    read_text(row, where, "source", meter.source, whole);
    read_text(row, where, "status", meter.status, false);
    read_text(row, where, "note", meter.note, false);
    if (const Json* divisor = member(row, "divisor")) {
      read_whole(*divisor, where + ".divisor", meter.divisor);
    } else if (whole) {
      error(where, "'divisor' is missing");
    }
    if (const Json* tiers = member(row, "tiers")) {
      meter.tiers = read_tiers(*tiers, where + ".tiers");
    } else if (whole) {
      error(where, "'tiers' is missing");
    }
    if (const Json* free = member(row, "free")) meter.free = read_free(*free, where + ".free", name);
    list.meters.insert_or_assign(name, std::move(meter));
  }

  std::vector<PriceTier> read_tiers(const Json& rows, const std::string& where) {
    std::vector<PriceTier> tiers;
    if (!rows.is_array() || rows.empty()) {
      error(where, "expected a list of [up to this quantity or null, \"price\"]");
      return tiers;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Json& row = rows[i];
      const std::string here = fmt::format("{}[{}]", where, i);
      if (!row.is_array() || row.size() != 2) {
        error(here, "expected [up to this quantity or null, \"price\"]");
        continue;
      }
      PriceTier tier;
      const bool last = i + 1 == rows.size();
      if (row[0].is_null() != last) {
        error(here,
              last ? "the last tier must have no end (null)" : "only the last tier may have no end (null)");
      } else if (!last) {
        Quantity bound = 0;
        if (read_whole(row[0], here, bound)) tier.up_to = bound;
        if (!tiers.empty() && tiers.back().up_to >= tier.up_to) error(here, "tiers must grow");
      }
      read_price(row[1], here, tier.price);
      tiers.push_back(tier);
    }
    return tiers;
  }

  void read_price(const Json& value, const std::string& where, Money& into) {
    // A JSON number would pass through a binary double and lose the exact price.
    if (!value.is_string()) {
      error(where,
            fmt::format("the price must be decimal text in quotes, such as \"0.20\", not {}", value.dump()));
      return;
    }
    const auto price = Money::parse(value.get<std::string>());
    if (!price) {
      error(where, price.error());
    } else if (*price < Money{}) {
      error(where, "a price cannot be negative");
    } else {
      into = *price;
    }
  }

  std::optional<FreeTier> read_free(const Json& row, const std::string& where, const std::string& name) {
    if (row.is_null()) return std::nullopt;
    FreeTier free;
    if (!is_object(row, where)) return std::nullopt;
    known_keys(row, where, {"quantity", "pool", "source"});
    free.pool = name;
    read_text(row, where, "pool", free.pool, false);
    read_text(row, where, "source", free.source, false);
    const Json* quantity = member(row, "quantity");
    if (quantity == nullptr) {
      error(where, "'quantity' is missing");
    } else {
      read_whole(*quantity, where + ".quantity", free.quantity);
    }
    return free;
  }

  /// Meters share a free tier only when they measure the same thing.
  void check_pools(const PriceList& list) {
    std::map<std::string_view, const MeterPrice*> first_of_pool;
    for (const auto& [name, meter] : list.meters) {
      if (!meter.free) continue;
      const MeterPrice* first = first_of_pool.emplace(meter.free->pool, &meter).first->second;
      if (first->divisor == meter.divisor && first->free->quantity == meter.free->quantity) continue;
      error("meters." + name,
            fmt::format("differs from '{}' in the divisor or the free quantity of the pool '{}'", first->name,
                        meter.free->pool));
    }
  }

  std::string_view file_;
};

/// JSON keeps the last of two equal keys without a word; a price given twice is a mistake.
class DuplicateKeys {
 public:
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    const auto level = static_cast<std::size_t>(depth);
    if (event == Json::parse_event_t::object_start) {
      if (seen_.size() <= level) seen_.resize(level + 1);
      seen_[level].clear();
    } else if (event == Json::parse_event_t::key && level > 0) {
      const auto key = parsed.get<std::string>();
      if (!seen_[level - 1].insert(key).second) found_->push_back(key);
    }
    return true;
  }

  explicit DuplicateKeys(std::vector<std::string>& found) : found_(&found) {}

 private:
  std::vector<std::set<std::string>> seen_;
  std::vector<std::string>* found_;
};

/// A product that does not fit is the largest value: as a tier's bound it is out of reach either way.
Quantity saturated_product(Quantity a, Quantity b) {
  Quantity product = 0;
  return __builtin_mul_overflow(a, b, &product) ? ~Quantity{0} : product;
}

}  // namespace

tl::expected<const MeterPrice*, std::string> PriceList::find(std::string_view meter) const {
  const auto found = meters.find(meter);
  if (found != meters.end()) return &found->second;
  std::vector<std::string_view> names;
  for (const auto& [name, price] : meters) names.push_back(name);
  return tl::make_unexpected(fmt::format("the price file of {} ({}) has no meter '{}'{}", region, date, meter,
                                         suggestion(meter, names)));
}

tl::expected<PriceList, PriceErrors> parse_prices(std::string_view text, std::string_view name) {
  std::vector<std::string> duplicates;
  Json root;
  try {
    root = Json::parse(text, DuplicateKeys(duplicates));
  } catch (const Json::parse_error& broken) {
    const std::string_view what = broken.what();
    const std::size_t place = what.find("parse error");
    return tl::make_unexpected(
        PriceErrors{fmt::format("{}: {}", name, what.substr(place == std::string_view::npos ? 0 : place))});
  }
  PriceReader reader(name);
  for (const std::string& key : duplicates) {
    reader.errors.push_back(fmt::format("{}: '{}' is given twice in one object", name, key));
  }
  PriceList list = reader.read(root);
  if (!reader.errors.empty()) return tl::make_unexpected(std::move(reader.errors));
  return list;
}

tl::expected<PriceList, PriceErrors> load_prices(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return tl::make_unexpected(PriceErrors{fmt::format("cannot read the price file {}", path.string())});
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return parse_prices(text, path.string());
}

PriceList built_in_prices(std::string_view region) {
  const std::string path = built_in_path(region);
  auto list = parse_prices(embedded(path), path);
  check(list.has_value(), list ? "" : list.error().front().c_str());
  return *std::move(list);
}

Money tiered_cost(const MeterPrice& meter, Quantity counted, Months months) {
  // In units of 1 / (divisor x denominator) of a billed unit, everything is whole.
  const Quantity scale = saturated_product(meter.divisor, months.numerator);
  const Quantity total = saturated_product(counted, months.denominator);
  check(total != ~Quantity{0}, "a billed quantity beyond 128 bits");
  Money sum;
  Quantity done = 0;
  for (const PriceTier& tier : meter.tiers) {
    const Quantity bound = tier.up_to ? saturated_product(*tier.up_to, scale) : ~Quantity{0};
    const bool ends_here = total <= bound;
    const Quantity end = ends_here ? total : bound;
    sum += tier.price.times(end - done, saturated_product(meter.divisor, months.denominator));
    done = end;
    if (ends_here) break;
  }
  return sum;
}

}  // namespace spillway
