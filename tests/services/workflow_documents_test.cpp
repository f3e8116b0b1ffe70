// Documents are held once, counted, and freed.

#include "services/workflow_documents.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(Documents, EqualOnesAreOne) {
  Documents documents;
  const DocumentId a = documents.share({{"total", 5}});
  const DocumentId b = documents.share({{"total", 5}});
  const DocumentId other = documents.share({{"total", 6}});
  EXPECT_EQ(a, b);
  EXPECT_NE(a, other);
  EXPECT_EQ(documents.alive(), 2u);
  EXPECT_EQ(documents.bytes(a), 11);
}

TEST(Documents, TheOrderOfKeysMakesAnother) {
  Documents documents;
  EXPECT_NE(documents.share(Json::parse(R"({"a": 1, "b": 2})")),
            documents.share(Json::parse(R"({"b": 2, "a": 1})")));
}

TEST(Documents, AreFreedWithTheirLastReference) {
  Documents documents;
  const DocumentId a = documents.share("text");
  documents.refer(a);
  documents.unrefer(a);
  EXPECT_EQ(documents.alive(), 1u);
  documents.unrefer(a);
  EXPECT_EQ(documents.alive(), 0u);
  EXPECT_EQ(documents[documents.share("another")], "another");
}

TEST(Documents, FreshOnesAreNeverShared) {
  Documents documents;
  const DocumentId a = documents.keep_fresh(7);
  EXPECT_TRUE(documents.fresh(a));
  EXPECT_NE(a, documents.share(7));
  EXPECT_FALSE(documents.fresh(kNoDocument));
}

}  // namespace
}  // namespace spillway
