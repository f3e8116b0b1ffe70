// Map states: the processor and its mode, where the items come from, and what bounds them.

#include <array>
#include <set>

#include <fmt/format.h>
#include "formats/asl/loader.hpp"

namespace spillway::asl {

namespace {

constexpr std::size_t kLongestLabel = 40;

bool bad_label(std::string_view label) {
  for (std::size_t i = 0; i < label.size(); ++i) {
    const auto c = static_cast<unsigned char>(label[i]);
    if (c <= 0x20U || c == 0x7FU) return true;
    if (c == 0xC2U && i + 1 < label.size() && static_cast<unsigned char>(label[i + 1]) < 0xA0U) return true;
    if (std::string_view{"?*<>{}[]:;,\\|^~$#%&`\"/"}.find(label[i]) != std::string_view::npos) return true;
  }
  return label.empty();
}

}  // namespace

MapFields Loader::read_map(const Part& part, StateIndex index, const State& state) {
  MapFields map;
  const char* name = part.has("ItemProcessor") ? "ItemProcessor" : "Iterator";
  if (part.has("ItemProcessor") && part.has("Iterator")) {
    problem(part.to("Iterator"), "'ItemProcessor' and its older name 'Iterator' exclude each other");
  }
  if (!part.has(name)) {
    problem(part.pointer, "'ItemProcessor' is missing");
  } else if (const Json* value = object(part, name)) {
    const Part processor{*value, part.to(name)};
    static constexpr std::array<std::string_view, 5> kKnown{"Comment", "ProcessorConfig", "QueryLanguage",
                                                            "StartAt", "States"};
    check_keys(processor, kKnown, fmt::format("'{}'", name));
    read_map_mode(processor, map);
    map.processor = read_flow(processor, index, machine_.language);
  }
  if (state.language == Language::json_path) {
    map.items = query(part, "ItemsPath");
  } else {
    map.items = payload(part, "Items", state.language);
  }
  const bool older = part.has("Parameters") && !part.has("ItemSelector");
  map.item_selector = payload(part, older ? "Parameters" : "ItemSelector", state.language);
  map.max_concurrency = number(part, "MaxConcurrency", "MaxConcurrencyPath", state.language, {0, 99'999'999});
  map.tolerated_count =
      number(part, "ToleratedFailureCount", "ToleratedFailureCountPath", state.language, {0, 99'999'999});
  map.tolerated_percentage =
      number(part, "ToleratedFailurePercentage", "ToleratedFailurePercentagePath", state.language, {0, 100});
  map.label = text(part, "Label").value_or("");
  if (part.has("Label") && (bad_label(map.label) || map.label.size() > kLongestLabel)) {
    problem(
        part.to("Label"),
        fmt::format("'Label' must have 1 to {} letters, no blanks, wildcards, brackets or special characters",
                    kLongestLabel));
  }
  if (const Json* reader = object(part, "ItemReader")) {
    map.reader = read_item_reader({*reader, part.to("ItemReader")}, state.language);
  }
  if (const Json* batcher = object(part, "ItemBatcher")) {
    map.batcher = read_item_batcher({*batcher, part.to("ItemBatcher")}, state.language);
  }
  if (const Json* writer = object(part, "ResultWriter")) {
    map.writer = read_result_writer({*writer, part.to("ResultWriter")}, state.language);
  }
  for (const char* field : {"ItemReader", "ItemBatcher", "ResultWriter"}) {
    if (part.has(field) && !map.distributed) {
      key_problem(part.to(field), fmt::format("'{}' needs a processor whose mode is DISTRIBUTED", field));
    }
  }
  return map;
}

void Loader::read_map_mode(const Part& processor, MapFields& map) {
  const Json* value = object(processor, "ProcessorConfig");
  if (value == nullptr) return;
  const Part config{*value, processor.to("ProcessorConfig")};
  static constexpr std::array<std::string_view, 2> kKnown{"ExecutionType", "Mode"};
  check_keys(config, kKnown, "'ProcessorConfig'");
  static constexpr std::array<std::string_view, 2> kModes{"INLINE", "DISTRIBUTED"};
  static constexpr std::array<std::string_view, 2> kTypes{"STANDARD", "EXPRESS"};
  map.distributed = one_of(config, "Mode", kModes, "INLINE") == "DISTRIBUTED";
  map.express = one_of(config, "ExecutionType", kTypes, "STANDARD") == "EXPRESS";
  if (map.distributed && !config.has("ExecutionType")) {
    problem(config.pointer,
            "'ExecutionType' is missing: a distributed Map's children are STANDARD or EXPRESS");
  }
  if (map.distributed && express_) {
    problem(config.to("Mode"), "an Express state machine does not support a distributed Map");
  }
}

ItemReader Loader::read_item_reader(const Part& part, Language language) {
  ItemReader reader;
  static constexpr std::array<std::string_view, 4> kKnown{"Arguments", "Parameters", "ReaderConfig",
                                                          "Resource"};
  check_keys(part, kKnown, "'ItemReader'");
  reader.resource = text(part, "Resource", true).value_or("");
  reader.arguments = payload(part, language == Language::jsonata ? "Arguments" : "Parameters", language);
  const Json* value = object(part, "ReaderConfig");
  if (value == nullptr) return reader;
  const Part config{*value, part.to("ReaderConfig")};
  static constexpr std::array<std::string_view, 9> kConfig{
      "CSVDelimiter", "CSVHeaderLocation", "CSVHeaders",     "InputType",   "ManifestType",
      "MaxItems",     "MaxItemsPath",      "Transformation", "ItemsPointer"};
  check_keys(config, kConfig, "'ReaderConfig'");
  static constexpr std::array<std::string_view, 5> kTypes{"CSV", "JSON", "JSONL", "MANIFEST", "PARQUET"};
  reader.input_type = one_of(config, "InputType", kTypes, "");
  if (const Json* headers = list(config, "CSVHeaders")) {
    for (const Json& header : *headers) {
      if (header.is_string()) reader.csv_headers.push_back(header.get<std::string>());
    }
  }
  reader.max_items = number(config, "MaxItems", "MaxItemsPath", language, {0, 100'000'000});
  return reader;
}

ItemBatcher Loader::read_item_batcher(const Part& part, Language language) {
  ItemBatcher batcher;
  static constexpr std::array<std::string_view, 5> kKnown{"BatchInput", "MaxInputBytesPerBatch",
                                                          "MaxInputBytesPerBatchPath", "MaxItemsPerBatch",
                                                          "MaxItemsPerBatchPath"};
  check_keys(part, kKnown, "'ItemBatcher'");
  batcher.batch_input = payload(part, "BatchInput", language);
  batcher.max_items = number(part, "MaxItemsPerBatch", "MaxItemsPerBatchPath", language, {1, 99'999'999});
  batcher.max_bytes =
      number(part, "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath", language, {1, 262'144});
  if (!batcher.max_items && !batcher.max_bytes) {
    problem(part.pointer, "'MaxItemsPerBatch' or 'MaxInputBytesPerBatch' must be given");
  }
  return batcher;
}

ResultWriter Loader::read_result_writer(const Part& part, Language language) {
  ResultWriter writer;
  static constexpr std::array<std::string_view, 4> kKnown{"Arguments", "Parameters", "Resource",
                                                          "WriterConfig"};
  check_keys(part, kKnown, "'ResultWriter'");
  writer.resource = text(part, "Resource").value_or("");
  writer.arguments = payload(part, language == Language::jsonata ? "Arguments" : "Parameters", language);
  return writer;
}

}  // namespace spillway::asl
