// The JSON Schema: valid itself, and of one mind with the reader about good and bad scenarios.

#include "scenario/schema.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "scenario/reading.hpp"

#if __has_include(<valijson/validator.hpp>)
#define SPILLWAY_HAS_VALIJSON 1
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#pragma GCC diagnostic pop
#else
#define SPILLWAY_HAS_VALIJSON 0
#endif

namespace spillway::testing {
namespace {

using Json = nlohmann::json;

const Json& example_schema() {
  static const Json schema = Json::parse(json_schema({example_root(), example_types()}));
  return schema;
}

/// What an editor says of the scenario.
bool schema_accepts([[maybe_unused]] const Json& scenario) {
#if SPILLWAY_HAS_VALIJSON
  valijson::Schema schema;
  valijson::SchemaParser parser;
  const valijson::adapters::NlohmannJsonAdapter source{example_schema()};
  parser.populateSchema(source, schema);
  valijson::Validator validator;
  const valijson::adapters::NlohmannJsonAdapter target{scenario};
  return validator.validate(schema, target, nullptr);
#else
  return false;
#endif
}

bool reader_accepts(const Json& scenario) {
  MapFiles files{{{"a.json", scenario.dump()}}};
  return read_example("a.json", files).diagnostics.empty();
}

/// A scenario whose function has these settings beside its type.
Json with_worker(const std::string& settings) {
  Json scenario = Json::parse(R"({"spillway":1,"resources":{"worker":{"type":"aws.lambda.function"}},
                                  "traffic":{"shoppers":{"to":"worker","arrivals":"10/s"}}})");
  scenario["resources"]["worker"].update(Json::parse(settings));
  return scenario;
}

const std::vector<std::string> kGood{
    "{}",
    R"({"memory":"512MiB","timeout":"2m30s","architecture":"arm","runtime":"nodejs22.x"})",
    R"({"concurrency":5,"error_probability":"5 %","snap_start":true,"speed":2.5})",
    R"({"concurrency":"unlimited","error_probability":0.05,"speed":"0.5"})",
    R"({"concurrency":"1_000","x-mine":{"any":[1]}})",
    R"({"event_sources":[{"from":"q"},{"from":"r","batch_size":100}]})",
    R"({"response":"2KiB","fan_out":3,"event":[1,{"a":null}]})",
    R"({"response":{"lognormal":{"median":"2KiB","p99":"64KiB"}},"fan_out":{"uniform":{"from":1,"to":3}}})",
    R"({"retry":"none"})",
    R"({"retry":{"max_attempts":3,"base":"100ms","jitter":"full","on":["throttled"]}})",
    R"({"program":[{"compute":{"quantiles":{"p0":"1ms","p99.9":"2ms"}}},)"
    R"({"call":"q","op":"put","bytes":"2KiB"}]})",
    R"({"program":[{"parallel":[[{"compute":"1ms"}],[{"once":[{"emit":"q"}]}]]},{"fail":0.1}]})",
    R"({"program":[{"branch":[{"probability":0.1,"steps":[]},{"steps":[{"compute":"request"}]}]}]})",
    R"({"program":[{"compute":{"mixture":[{"weight":1,"of":"5ms"},)"
    R"({"weight":2,"of":{"exponential":"9ms"}}]}}]})",
};

const std::vector<std::string> kBad{
    R"({"memmory":"512MiB"})",
    R"({"memory":512})",
    R"({"memory":"512"})",
    R"({"memory":"512mb"})",
    R"({"timeout":30})",
    R"({"timeout":"30"})",
    R"({"timeout":"30sec"})",
    R"({"timeout":null})",
    R"({"architecture":"mips"})",
    R"({"runtime":3})",
    R"({"runtime":""})",
    R"({"concurrency":-1})",
    R"({"concurrency":2.5})",
    R"({"concurrency":"unlimitd"})",
    R"({"error_probability":2})",
    R"({"snap_start":"yes"})",
    R"({"snap_start":1})",
    R"({"speed":100})",
    R"({"event_sources":{"from":"q"}})",
    R"({"event_sources":[{"batch_size":10}]})",
    R"({"event_sources":[{"from":"q","batch_size":0}]})",
    R"({"response":"fast"})",
    R"({"response":{"lognormal":{"median":"2KiB","p99":"64KiB"},"constant":"1B"}})",
    R"({"response":{}})",
    R"({"response":{"lognoraml":{"median":"2KiB","p99":"64KiB"}}})",
    R"({"fan_out":"5ms"})",
    R"({"retry":"sdk-standart"})",
    R"({"retry":{"max_attempts":0}})",
    R"({"program":{"compute":"5ms"}})",
    R"({"program":["compute"]})",
    R"({"program":[{"wait":"5ms"}]})",
    R"({"program":[{"compute":"5ms","call":"q"}]})",
    R"({"program":[{"call":"q","operation":"put"}]})",
    R"({"program":[{"compute":{"quantiles":{"median":"5ms"}}}]})",
    R"({"program":[{"branch":[{"probability":0.1}]}]})",
    R"({"type":"aws.lambda.fucntion"})",
    R"({"type":"aws.sqs.queue","memory":"512MiB"})",
};

TEST(Schema, AgreesWithTheReaderOnGoodScenarios) {
  if (SPILLWAY_HAS_VALIJSON == 0) GTEST_SKIP() << "valijson (libvalijson-dev) is not installed";
  for (const std::string& good : kGood) {
    EXPECT_TRUE(reader_accepts(with_worker(good))) << good;
    EXPECT_TRUE(schema_accepts(with_worker(good))) << good;
  }
}

TEST(Schema, AgreesWithTheReaderOnBadScenarios) {
  if (SPILLWAY_HAS_VALIJSON == 0) GTEST_SKIP() << "valijson (libvalijson-dev) is not installed";
  for (const std::string& bad : kBad) {
    EXPECT_FALSE(reader_accepts(with_worker(bad))) << bad;
    EXPECT_FALSE(schema_accepts(with_worker(bad))) << bad;
  }
}

TEST(Schema, AcceptsItsOwnDefaults) {
  if (SPILLWAY_HAS_VALIJSON == 0) GTEST_SKIP() << "valijson (libvalijson-dev) is not installed";
  MapFiles files{{{"a.json", with_worker("{}").dump()}}};
  const Reading reading = read_example("a.json", files);
  Json scenario = with_worker("{}");
  scenario["resources"] = Json::parse(scenario_json(reading.resources));
  EXPECT_TRUE(schema_accepts(scenario)) << scenario.dump(2);
}

TEST(Schema, LetsACandidateLeaveOutWhatItsBaseSays) {
  if (SPILLWAY_HAS_VALIJSON == 0) GTEST_SKIP() << "valijson (libvalijson-dev) is not installed";
  EXPECT_FALSE(schema_accepts(Json::parse(R"({"resources":{"worker":{"memory":"1GiB"}}})")));
  EXPECT_TRUE(schema_accepts(
      Json::parse(R"({"extends":"base.yaml","resources":{"worker":{"memory":"1GiB"},"old":null}})")));
  EXPECT_TRUE(schema_accepts(Json::parse(R"({"spillway":1,"resources":{},"traffic":"traffic.yaml"})")));
}

TEST(Schema, ShowsHelpDefaultAndSource) {
  const Json& cases = example_schema().at("definitions").at("resource").at("allOf");
  for (const Json& one : cases) {
    if (one.at("if").at("properties").at("type").at("const") != "aws.lambda.function") continue;
    const Json& timeout = one.at("then").at("properties").at("timeout");
    EXPECT_EQ(timeout.at("default"), "3s");
    EXPECT_EQ(timeout.at("description"), "How long one invocation may run. Default: 3s.");
    return;
  }
  FAIL() << "no case for the function";
}

}  // namespace
}  // namespace spillway::testing
