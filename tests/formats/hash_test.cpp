// Digests, against the examples of their standards.
#include "formats/hash.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(Hash, digests_are_those_of_the_standards) {
  EXPECT_EQ(hash_hex("MD5", "abc"), "900150983cd24fb0d6963f7d28e17f72");            // RFC 1321
  EXPECT_EQ(hash_hex("SHA-1", "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");  // FIPS 180
  EXPECT_EQ(hash_hex("SHA-256", "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_hex("SHA-384", "abc")->size(), 96U);
  EXPECT_EQ(hash_hex("SHA-512", "abc")->substr(0, 16), "ddaf35a193617aba");
}

TEST(Hash, an_algorithm_of_another_name_has_no_digest) {
  EXPECT_FALSE(hash_hex("SHA256", "abc"));
  EXPECT_FALSE(hash_hex("", "abc"));
}

}  // namespace
}  // namespace spillway
