#include "formats/power_tuning.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <optional>

#include <nlohmann/json.hpp>

namespace spillway {

namespace {

using Json = nlohmann::json;
using Curve = std::vector<MemoryDuration>;
using Made = tl::expected<Curve, std::string>;

constexpr double kLongestMs = 1e9;  // far beyond any timeout of Lambda

Made unreadable(std::string_view why) {
  return tl::unexpected("it is no output of AWS Lambda Power Tuning: " + std::string(why));
}

std::optional<std::string> decoded(std::string_view base64) {
  std::string bytes;
  std::uint32_t word = 0;
  int bits = 0;
  for (const char c : base64) {
    if (c == '=') break;
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    word = (word << 6) | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<char>(word >> bits & 0xff));
  }
  return bytes;
}

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | static_cast<std::uint8_t>(bytes[i - 1]);
  return value;
}

/// One measurement; false when it can be none.
bool add(Curve& curve, double memory_mb, double duration_ms) {
  if (!(memory_mb >= 1 && memory_mb <= 1e6 && duration_ms > 0 && duration_ms <= kLongestMs)) return false;
  curve.push_back({static_cast<std::int64_t>(memory_mb), static_cast<std::int64_t>(duration_ms * 1e6 + 0.5)});
  return true;
}

Made sorted(Curve curve) {
  if (curve.empty()) return unreadable("it has no measurement");
  std::ranges::sort(curve, {}, &MemoryDuration::memory_mb);
  const auto same = std::ranges::adjacent_find(curve, {}, &MemoryDuration::memory_mb);
  if (same != curve.end())
    return unreadable("it has two durations for " + std::to_string(same->memory_mb) + " MB");
  return curve;
}

Made of_stats(const Json& stats) {
  Curve curve;
  for (const Json& row : stats) {
    const auto number = [&row](const char* name) {
      const auto found = row.is_object() ? row.find(name) : row.end();
      return row.is_object() && found != row.end() && found->is_number() ? found->get<double>() : -1.0;
    };
    if (!add(curve, number("value"), number("averageDuration")))
      return unreadable("each of its 'stats' needs a 'value' and an 'averageDuration' above zero");
  }
  return sorted(std::move(curve));
}

/// `https://.../#<sizes, int16>;<milliseconds, float32>;<costs>`, each in base64.
Made of_visualization(std::string_view url) {
  const std::size_t hash = url.find('#');
  const std::size_t middle = url.find(';', hash);
  const std::size_t end = url.find(';', middle + 1);
  if (hash == std::string_view::npos || middle == std::string_view::npos)
    return unreadable("its visualization has no sizes and durations");
  const auto sizes = decoded(url.substr(hash + 1, middle - hash - 1));
  const auto times = decoded(url.substr(middle + 1, end == std::string_view::npos ? end : end - middle - 1));
  if (!sizes || !times || sizes->size() % 2 != 0 || sizes->size() * 2 != times->size())
    return unreadable("the sizes and durations of its visualization do not match");
  Curve curve;
  for (std::size_t i = 0; i < sizes->size() / 2; ++i) {
    const std::string_view size = std::string_view(*sizes).substr(2 * i, 2);
    const std::string_view time = std::string_view(*times).substr(4 * i, 4);
    if (!add(curve, little_endian(size), static_cast<double>(std::bit_cast<float>(little_endian(time)))))
      return unreadable("its visualization has a size or a duration that is none");
  }
  return sorted(std::move(curve));
}

}  // namespace

Made parse_power_tuning(std::string_view text) {
  const Json root = Json::parse(text, nullptr, false);
  if (!root.is_object()) return unreadable("it is no JSON object");
  const auto results = root.find("results");
  const Json& output = results != root.end() && results->is_object() ? *results : root;
  const auto stats = output.find("stats");
  if (stats != output.end() && stats->is_array()) return of_stats(*stats);
  const auto machine = output.find("stateMachine");
  if (machine != output.end() && machine->is_object()) {
    const auto url = machine->find("visualization");
    if (url != machine->end() && url->is_string()) return of_visualization(url->get<std::string>());
  }
  return unreadable("it has neither 'stats' nor 'stateMachine.visualization'");
}

double duration_at(const Curve& curve, std::int64_t memory_mb) {
  const auto above = std::ranges::lower_bound(curve, memory_mb, {}, &MemoryDuration::memory_mb);
  if (above == curve.end()) return static_cast<double>(curve.back().duration_ns);
  if (above == curve.begin() || above->memory_mb == memory_mb) return static_cast<double>(above->duration_ns);
  const MemoryDuration& below = *std::prev(above);
  const auto inverse = [](std::int64_t memory) { return 1 / static_cast<double>(memory); };
  const double way = (inverse(below.memory_mb) - inverse(memory_mb)) /
                     (inverse(below.memory_mb) - inverse(above->memory_mb));
  const auto from = static_cast<double>(below.duration_ns);
  return from + way * (static_cast<double>(above->duration_ns) - from);
}

}  // namespace spillway
