#include "nn/network_spec.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/error.h"

using namespace inkling::nn;

TEST_CASE("networks side by side are copies that share the input and the head") {
  const NetworkSpec one = NetworkSpec::chain(9, 0, CellKind::gru, 2, 5);
  const NetworkSpec three = one.side_by_side(3);
  REQUIRE(three.layers.size() == 6);
  const std::vector<int> input{LayerSpec::network_input};
  for (const size_t first : {size_t{0}, size_t{2}, size_t{4}}) {
    CHECK(three.layers[first].inputs == input);
    CHECK(three.layers[first + 1].inputs == std::vector<int>{static_cast<int>(first)});
  }
  CHECK(three.head_inputs == std::vector<int>{1, 3, 5});
  CHECK(three.stacks() == 3);
  CHECK(three.size_text() == "3 stacks of 2 layers of 5");
  CHECK_FALSE(three.is_chain());
  CHECK_NOTHROW(three.validate());
  CHECK(one.side_by_side(1) == one);
  CHECK(one.stacks() == 1);
  CHECK(one.size_text() == "2 layers of 5");
  CHECK(NetworkSpec::chain(9, 0, CellKind::rnn, 1, 3).size_text() == "1 layer of 3");
}

TEST_CASE("a mixture of networks that are not alike is refused") {
  const NetworkSpec two = NetworkSpec::chain(9, 0, CellKind::gru, 2, 5).side_by_side(2);
  NetworkSpec crossed = two, odd = two, single = two, larger = two;
  crossed.layers[3].inputs = {0};
  odd.layers.pop_back(), odd.head_inputs = {1, 2};
  single.head_inputs = {1};
  larger.layers[2].hidden_size = 6;
  for (const NetworkSpec& spec : {crossed, odd, single, larger})
    CHECK_THROWS_AS(spec.validate(), inkling::UsageError);
}

TEST_CASE("a chain has layers of one size, each fed by the one before, the head by the last") {
  const NetworkSpec chain = NetworkSpec::chain(9, 0, CellKind::gru, 3, 5);
  CHECK(chain.is_chain());
  NetworkSpec larger = chain, skips = chain, both = chain, early = chain;
  larger.layers[2].hidden_size = 6;
  skips.layers[2].inputs = {0};
  both.layers[1].inputs = {LayerSpec::network_input, 0};
  early.head_inputs = {1};
  for (const NetworkSpec& spec : {larger, skips, both, early}) {
    CHECK_NOTHROW(spec.validate());
    CHECK_FALSE(spec.is_chain());
  }
}

TEST_CASE("a network that cannot be is refused with the reason") {
  struct Case {
    const char* sentence;
    void (*set)(NetworkSpec&);
  };
  const Case cases[] = {
      {"at least one token, not 0", [](NetworkSpec& s) { s.vocab_size = 0; }},
      {"must not be negative, but is -1", [](NetworkSpec& s) { s.embedding_size = -1; }},
      {"at least one recurrent layer", [](NetworkSpec& s) { s.layers.clear(); }},
      {"layer 1 needs at least one unit", [](NetworkSpec& s) { s.layers[1].hidden_size = 0; }},
      {"layer 0 has no input", [](NetworkSpec& s) { s.layers[0].inputs.clear(); }},
      {"layer 1 cannot be fed by layer 1",
       [](NetworkSpec& s) {
         s.layers[1].inputs = {0, 1};
       }},
      {"layer 1 cannot be fed by layer -2", [](NetworkSpec& s) { s.layers[1].inputs = {-2}; }},
      {"nothing feeds the softmax head", [](NetworkSpec& s) { s.head_inputs.clear(); }},
      {"the head cannot be fed by layer 2", [](NetworkSpec& s) { s.head_inputs = {2}; }},
      {"the head cannot be fed by layer -1",
       [](NetworkSpec& s) {
         s.head_inputs = {1, -1};
       }},
  };
  for (const Case& c : cases) {
    NetworkSpec spec = NetworkSpec::chain(9, 0, CellKind::gru, 2, 5);
    c.set(spec);
    std::string message;
    try {
      spec.validate();
    } catch (const inkling::UsageError& error) {
      message = error.what();
    }
    CHECK_MESSAGE(message.find(c.sentence) != std::string::npos, c.sentence, " gave: ", message);
  }
}
