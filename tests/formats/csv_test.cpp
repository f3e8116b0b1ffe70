// The CSV reader: what it reads, and that whatever it cannot read it names by line and column.
#include "formats/csv.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace spillway {
namespace {

using Rows = std::vector<std::vector<std::string>>;

/// Hands out a few bytes at a time, as a pipe may.
class Dripping final : public ByteSource {
 public:
  Dripping(std::string_view text, std::size_t drop) : text_(text), drop_(drop) {}
  std::size_t read(char* into, std::size_t room) override { return text_.read(into, std::min(room, drop_)); }
  bool rewind() override { return text_.rewind(); }

 private:
  TextBytes text_;
  std::size_t drop_;
};

Rows read_all(CsvReader& csv) {
  Rows rows;
  while (csv.next()) {
    rows.emplace_back();
    for (std::size_t i = 0; i < csv.size(); ++i) rows.back().emplace_back(csv[i]);
  }
  return rows;
}

Rows rows_of(std::string_view text) {
  TextBytes bytes(text);
  CsvReader csv(bytes);
  Rows rows = read_all(csv);
  EXPECT_FALSE(csv.error()) << csv.error()->message;
  return rows;
}

CsvError error_of(std::string_view text) {
  TextBytes bytes(text);
  CsvReader csv(bytes);
  read_all(csv);
  EXPECT_TRUE(csv.error()) << "no error in: " << text;
  return csv.error().value_or(CsvError{});
}

TEST(Csv, FieldsAreSplitAtCommasAndRowsAtLineEnds) {
  EXPECT_EQ(rows_of("a,b\n1,2\n"), (Rows{{"a", "b"}, {"1", "2"}}));
}

TEST(Csv, EmptyFieldsAreFields) { EXPECT_EQ(rows_of(",\na,,\n"), (Rows{{"", ""}, {"a", "", ""}})); }

TEST(Csv, TheLastLineNeedsNoLineEnd) {
  EXPECT_EQ(rows_of("a,b\n1,2"), (Rows{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(rows_of("a\n1,"), (Rows{{"a"}, {"1", ""}}));
  EXPECT_EQ(rows_of("\"x\""), (Rows{{"x"}}));
}

TEST(Csv, WindowsLineEndsAreLineEnds) {
  EXPECT_EQ(rows_of("a,b\r\n1,2\r\n\r\n3,\"4\"\r\n5,6\r"),
            (Rows{{"a", "b"}, {"1", "2"}, {"3", "4"}, {"5", "6"}}));
}

TEST(Csv, AByteOrderMarkIsNotPartOfTheFirstName) {
  EXPECT_EQ(rows_of("\xEF\xBB\xBFt,x\n"), (Rows{{"t", "x"}}));
}

TEST(Csv, CommentsAndBlankLinesAreNoRows) {
  EXPECT_EQ(rows_of("# one, \"two\n\na\n\n# three\n1\n# end"), (Rows{{"a"}, {"1"}}));
}

TEST(Csv, ALineOfOneEmptyQuotedFieldIsARow) { EXPECT_EQ(rows_of("a\n\"\"\n"), (Rows{{"a"}, {""}})); }

TEST(Csv, QuotesHoldCommasQuotesAndLineEnds) {
  EXPECT_EQ(rows_of("\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\n\"\"\"\",x\n"),
            (Rows{{"a,b", "say \"hi\"", "two\nlines"}, {"\"", "x"}}));
}

TEST(Csv, LinesAreCountedThroughQuotesCommentsAndBlankLines) {
  TextBytes bytes("# c\nh,\"a\nb\"\n\nx,y\n");
  CsvReader csv(bytes);
  ASSERT_TRUE(csv.next());
  EXPECT_EQ(csv.line(), 2U);
  ASSERT_TRUE(csv.next());
  EXPECT_EQ(csv.line(), 5U);
}

TEST(Csv, ANoticedErrorCarriesTheLineAndColumnOfItsField) {
  TextBytes bytes("h,i\n\"a\nb\",xy,z\n");
  CsvReader csv(bytes);
  ASSERT_TRUE(csv.next() && csv.next());
  csv.fail_at(1, "bad");
  ASSERT_TRUE(csv.error());
  EXPECT_EQ(csv.error()->line, 3U);
  EXPECT_EQ(csv.error()->column, 4U);
  EXPECT_FALSE(csv.next());
}

TEST(Csv, AQuoteInsideAnUnquotedFieldIsAnError) {
  const CsvError error = error_of("a,b\n1,2\"3\n");
  EXPECT_EQ(error.line, 2U);
  EXPECT_EQ(error.column, 4U);
}

TEST(Csv, TextBehindAClosingQuoteIsAnError) {
  const CsvError error = error_of("a\n\"x\"y\n");
  EXPECT_EQ(error.line, 2U);
  EXPECT_EQ(error.column, 4U);
}

TEST(Csv, AQuoteThatIsNeverClosedIsNamedWhereItOpens) {
  const CsvError error = error_of("a,b\n1,\"open\n2,3\n4,5\n");
  EXPECT_EQ(error.line, 2U);
  EXPECT_EQ(error.column, 3U);
}

TEST(Csv, TextIn16BitUnitsIsAnError) {
  EXPECT_NE(error_of(std::string("\xFF\xFEt\0,\0", 6)).message.find("UTF-8"), std::string::npos);
}

TEST(Csv, ARowWithoutAnEndIsAnErrorAndNotAllOfMemory) {
  const std::string text = "a,b\n" + std::string(std::size_t{10} << 20U, 'x');
  EXPECT_EQ(error_of(text).line, 2U);
}

TEST(Csv, ARowLongerThanAChunkIsRead) {
  const std::string wide(700'000, 'w');
  EXPECT_EQ(rows_of("a,b\n" + wide + ",\"" + wide + "\"\"\"\n1,2\n"),
            (Rows{{"a", "b"}, {wide, wide + "\""}, {"1", "2"}}));
}

TEST(Csv, RewindStartsAtTheFirstRowAgainEvenAfterAnError) {
  TextBytes bytes("a\n1\n\"");
  CsvReader csv(bytes);
  const Rows first = read_all(csv);
  ASSERT_TRUE(csv.error());
  ASSERT_TRUE(csv.rewind());
  EXPECT_EQ(read_all(csv), first);
}

std::string quoted(const std::string& field) {
  std::string text = "\"";
  for (const char c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

RC_GTEST_PROP(Csv, WhatIsWrittenWithQuotesIsReadBack, (const Rows& wanted)) {
  std::string text;
  Rows rows;
  for (const auto& row : wanted) {
    if (row.empty()) continue;
    rows.push_back(row);
    for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : ",") + quoted(row[i]);
    text += *rc::gen::element("\n", "\r\n");
  }
  TextBytes bytes(text);
  CsvReader csv(bytes);
  RC_ASSERT(read_all(csv) == rows);
  RC_ASSERT(!csv.error());
}

RC_GTEST_PROP(Csv, TheSizeOfTheChunksChangesNothing, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::element('a', '1', ',', '"', '\n', '\r', '#', '\xEF', ' '));
  TextBytes whole(text);
  Dripping drops(text, *rc::gen::inRange<std::size_t>(1, 5));
  CsvReader one(whole);
  CsvReader other(drops);
  RC_ASSERT(read_all(one) == read_all(other));
  RC_ASSERT(one.error().has_value() == other.error().has_value());
  if (one.error()) {
    RC_ASSERT(one.error()->line == other.error()->line);
    RC_ASSERT(one.error()->column == other.error()->column);
  }
}

/// Rows of many shapes over several buffers' length: the cuts fall on every kind of byte.
TEST(Csv, RowsAcrossTheBuffersEndAreWhole) {
  std::string text;
  Rows wanted;
  for (int i = 0; i < 60'000; ++i) {
    const std::string n = std::to_string(i);
    wanted.push_back({n, "q\"" + n + "\n", std::string(static_cast<std::size_t>(i % 7), 'z')});
    text += n + ",\"q\"\"" + n + "\n\"," + wanted.back()[2] + (i % 3 == 0 ? "\r\n" : "\n");
  }
  EXPECT_TRUE(rows_of(text) == wanted);
}

}  // namespace
}  // namespace spillway
