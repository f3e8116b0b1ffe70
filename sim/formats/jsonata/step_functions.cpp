// What Step Functions adds to JSONata (developer guide, "Transforming data with JSONata", 2026): $partition,
// $range, $hash, $random with a seed, $uuid and $parse, which stands in for $eval. AWS documents no error
// codes for them; those here, D32xx, are ours. What $random returns for a seed is not published either: the
// same seed gives the same number, which is all that is promised.
#include <bit>
#include <cmath>

#include "formats/hash.hpp"
#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/functions.hpp"
#include "formats/jsonata/numbers.hpp"

namespace spillway::jsonata {
namespace {

Value partition(Call& call) {
  if (call[0].is_undefined() || call[1].is_undefined()) return {};
  const double size = call[1].number();
  if (!is_whole(size) || size < 1) {
    fail("D3201", "The second argument of function \"partition\" must be a positive integer: {}",
         number_text(size));
  }
  call.evaluator.spend(call[0].size());
  Array* result = call.evaluator.memory().array();
  Array* chunk = nullptr;
  for (std::size_t i = 0; i < call[0].size(); ++i) {
    if (!chunk || static_cast<double>(chunk->items.size()) >= size) {
      chunk = call.evaluator.memory().array();
      result->items.emplace_back(chunk);
    }
    chunk->items.push_back(call[0].at(i));
  }
  return Value(result);
}

Value range(Call& call) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (call[i].is_undefined()) return {};
    if (!is_whole(call[i].number())) {
      fail("D3202", "Argument {} of function \"range\" must be an integer: {}", i + 1,
           number_text(call[i].number()));
    }
  }
  const double first = call[0].number();
  const double last = call[1].number();
  const double delta = call[2].number();
  if (delta == 0) fail("D3203", "The third argument of function \"range\" must not be 0");
  const double steps = std::floor((last - first) / delta);
  Array* result = call.evaluator.memory().array();
  if (steps < 0) return Value(result);
  call.evaluator.require_room(steps > 1e15 ? SIZE_MAX : static_cast<std::size_t>(steps) + 1);
  call.evaluator.spend(static_cast<std::size_t>(steps) + 1);
  for (double i = 0; i <= steps; ++i) result->items.emplace_back(first + i * delta);
  return Value(result);
}

Value hash(Call& call) {
  if (call[0].is_undefined() || call[1].is_undefined()) return {};
  const auto digest = hash_hex(call[1].text(), call[0].text());
  if (!digest) {
    fail("D3204",
         "The second argument of function \"hash\" must be MD5, SHA-1, SHA-256, SHA-384 or SHA-512: {}",
         call[1].text());
  }
  call.evaluator.spend(call[0].text().size() / 16);
  return call.evaluator.memory().string(*digest);
}

/// Sebastiano Vigna's SplitMix64: neighbouring seeds give unrelated numbers.
std::uint64_t mixed(std::uint64_t bits) {
  bits += 0x9E3779B97F4A7C15U;
  bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
  return bits ^ (bits >> 31U);
}

Value random(Call& call) {
  const bool seeded = call[0].is(Kind::number);
  const std::uint64_t bits =
      seeded ? mixed(std::bit_cast<std::uint64_t>(call[0].number())) : call.evaluator.random_bits();
  return Value(static_cast<double>(bits >> 11U) * 0x1p-53);
}

/// Version 4 of RFC 9562: all bits random but the six that say so.
Value uuid(Call& call) {
  const std::uint64_t high = (call.evaluator.random_bits() & ~0xF000ULL) | 0x4000U;
  const std::uint64_t low = (call.evaluator.random_bits() & 0x3FFFFFFFFFFFFFFFU) | 0x8000000000000000U;
  return call.evaluator.memory().string(fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32U,
                                                    (high >> 16U) & 0xFFFFU, high & 0xFFFFU, low >> 48U,
                                                    low & 0xFFFFFFFFFFFFU));
}

Value parse(Call& call) {
  if (call[0].is_undefined()) return {};
  Json document = Json::parse(call[0].text(), nullptr, false);
  if (document.is_discarded()) fail("D3205", "The argument of function \"parse\" is not valid JSON");
  call.evaluator.spend(call[0].text().size() / 16);
  return call.evaluator.keep(std::move(document));
}

constexpr Native kFunctions[] = {
    {"partition", "<an:a<a>>", 2, 2, partition},
    {"range", "<nnn:a<n>>", 3, 3, range},
    {"hash", "<ss:s>", 2, 2, hash},
    {"random", "<n?:n>", 1, 1, random},
    {"uuid", "<:s>", 0, 0, uuid},
    {"parse", "<s-:x>", 1, 1, parse},
};

}  // namespace

std::span<const Native> step_functions() { return kFunctions; }

}  // namespace spillway::jsonata
