// Base64 and percent-encoding. Base64 is of the characters' codes up to 255, one byte each, as a browser's
// btoa() and atob() have it.
#include <array>
#include <string>

#include "formats/jsonata/evaluator.hpp"
#include "formats/jsonata/failure.hpp"
#include "formats/jsonata/functions.hpp"
#include "formats/jsonata/text.hpp"

namespace spillway::jsonata {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kPlain = "-_.!~*'()";
constexpr std::string_view kReserved = ";,/?:@&=+$#";

Value base64_encode(Call& call) {
  if (call[0].is_undefined()) return {};
  std::string bytes;
  const std::string_view text = call[0].text();
  for (std::size_t at = 0; at < text.size();) {
    char32_t point = next_point(text, at);
    if (point >= 0x10000) {  // two UTF-16 units, of each the lower byte
      point -= 0x10000;
      bytes.push_back(static_cast<char>((0xD800 + (point >> 10U)) & 0xFFU));
      point = 0xDC00 + (point & 0x3FFU);
    }
    bytes.push_back(static_cast<char>(point & 0xFFU));
  }
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = (bits << 8U) | (i + j < bytes.size() ? static_cast<std::uint8_t>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const bool filler = i + j > bytes.size();
      out.push_back(filler ? '=' : kBase64[(bits >> (18U - 6U * j)) & 0x3FU]);
    }
  }
  return call.evaluator.memory().string(out);
}

Value base64_decode(Call& call) {
  if (call[0].is_undefined()) return {};
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : call[0].text()) {
    if (c == '=') break;
    const std::size_t value = kBase64.find(c == '-' ? '+' : c == '_' ? '/' : c);
    if (value == std::string_view::npos) continue;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      append_point(out, (bits >> held) & 0xFFU);
    }
  }
  return call.evaluator.memory().string(out);
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

[[noreturn]] void malformed(std::string_view function, std::string_view text) {
  fail("D3140", "Malformed URL passed to ${}(): \"{}\"", function, well_formed(text));
}

Value encode(Call& call, std::string_view kept, std::string_view function) {
  if (call[0].is_undefined()) return {};
  const std::string_view text = call[0].text();
  if (well_formed(text) != text) malformed(function, text);
  std::string out;
  for (const char c : text) {
    const bool plain = is_alphanumeric(c) || kPlain.find(c) != std::string_view::npos;
    if (plain || kept.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02X}", static_cast<std::uint8_t>(c));
    }
  }
  return call.evaluator.memory().string(out);
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

Value decode(Call& call, std::string_view kept, std::string_view function) {
  if (call[0].is_undefined()) return {};
  const std::string_view text = call[0].text();
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const bool whole = i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0;
    if (!whole) malformed(function, text);
    const char byte = static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
    if (kept.find(byte) != std::string_view::npos) {
      out.append(text.substr(i, 3));
    } else {
      out.push_back(byte);
    }
    i += 2;
  }
  if (well_formed(out) != out) malformed(function, text);
  return call.evaluator.memory().string(out);
}

Value encode_component(Call& call) { return encode(call, {}, "encodeUrlComponent"); }
Value encode_url(Call& call) { return encode(call, kReserved, "encodeUrl"); }
Value decode_component(Call& call) { return decode(call, {}, "decodeUrlComponent"); }
Value decode_url(Call& call) { return decode(call, kReserved, "decodeUrl"); }

constexpr Native kFunctions[] = {
    {"base64encode", "<s-:s>", 1, 1, base64_encode},          {"base64decode", "<s-:s>", 1, 1, base64_decode},
    {"encodeUrlComponent", "<s-:s>", 1, 1, encode_component}, {"encodeUrl", "<s-:s>", 1, 1, encode_url},
    {"decodeUrlComponent", "<s-:s>", 1, 1, decode_component}, {"decodeUrl", "<s-:s>", 1, 1, decode_url},
};

}  // namespace

std::span<const Native> encoding_functions() { return kFunctions; }

}  // namespace spillway::jsonata
