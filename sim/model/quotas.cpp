// See quotas.hpp. The file is read once, when a quota is first asked for; it cannot change afterwards.
#include "model/quotas.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "model/data.hpp"
#include "spillway/check.hpp"

namespace spillway {
namespace {

constexpr std::array<std::pair<QuotaLimit, std::string_view>, 4> kLimits = {{
    {QuotaLimit::hard, "hard"},
    {QuotaLimit::soft, "soft"},
    {QuotaLimit::by_default, "default"},
    {QuotaLimit::assumption, "assumption"},
}};

QuotaLimit limit_from(std::string_view text) {
  for (const auto& [limit, name] : kLimits) {
    if (name == text) return limit;
  }
  check(false, "a quota is neither hard, soft, default nor assumption");
  return QuotaLimit::hard;
}

std::vector<Quota> read_quotas() {
  const auto file = nlohmann::json::parse(embedded("data/quotas/aws.json"));
  std::vector<Quota> all;
  for (const auto& row : file.at("quotas")) {
    all.push_back({.name = row.at("name"),
                   .value = row.at("value"),
                   .unit = row.at("unit"),
                   .limit = limit_from(row.at("adjustable").get<std::string>()),
                   .source = row.at("source"),
                   .date = row.at("date"),
                   .note = row.value("note", "")});
  }
  std::sort(all.begin(), all.end(), [](const Quota& a, const Quota& b) { return a.name < b.name; });
  return all;
}

}  // namespace

std::string_view to_text(QuotaLimit limit) {
  for (const auto& [value, name] : kLimits) {
    if (value == limit) return name;
  }
  return {};
}

std::span<const Quota> quotas() {
  static const std::vector<Quota> all = read_quotas();
  return all;
}

const Quota* find_quota(std::string_view name) {
  const std::span<const Quota> all = quotas();
  const auto place = std::lower_bound(all.begin(), all.end(), name,
                                      [](const Quota& a, std::string_view b) { return a.name < b; });
  return place != all.end() && place->name == name ? &*place : nullptr;
}

std::string_view quota(std::string_view name) {
  const Quota* found = find_quota(name);
  check(found != nullptr, fmt::format("no quota is called '{}'", name).c_str());
  return found->value;
}

}  // namespace spillway
