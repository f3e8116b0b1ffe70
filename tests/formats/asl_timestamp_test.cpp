// Timestamps: which texts are any, and which moment they mean.
#include "formats/asl/timestamp.hpp"

#include <gtest/gtest.h>

namespace spillway::asl {
namespace {

TEST(AslTimestamp, moments_count_from_1970_in_utc) {
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00Z")->seconds, 0);
  EXPECT_EQ(parse_timestamp("2016-03-14T01:59:00Z")->seconds, 1'457'920'740);
  EXPECT_EQ(parse_timestamp("2012-10-09T19:00:55+01:00"), parse_timestamp("2012-10-09T18:00:55Z"));
  EXPECT_EQ(parse_timestamp("2016-03-05T21:29:29.243167252Z")->nanoseconds, 243'167'252);
  EXPECT_LT(*parse_timestamp("2016-03-05T21:29:29.1Z"), *parse_timestamp("2016-03-05T21:29:29.11Z"));
}

TEST(AslTimestamp, what_is_not_rfc_3339_is_none) {
  for (const char* text :
       {"", "2016-12-05T21:29:29", "2016-12-05 21:29:29Z", "2016-12-05t21:29:29Z", "2016-13-05T21:29:29Z",
        "2016-02-30T00:00:00Z", "2016-12-05T25:29:29Z", "05-12-2016T21:29:29Z", "2016-12-05T21:29:29.Z",
        "2016-12-05T21:29:29+1:00", "2016-12-05T21:29:29Zx", "2023-02-24"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

TEST(AslTimestamp, a_moment_is_written_as_the_context_object_has_it) {
  EXPECT_EQ(timestamp_text(*parse_timestamp("2026-11-22T03:24:22.5+00:00")), "2026-11-22T03:24:22.500Z");
  EXPECT_EQ(timestamp_text(*parse_timestamp("1969-12-31T23:59:59Z")), "1969-12-31T23:59:59.000Z");
}

}  // namespace
}  // namespace spillway::asl
