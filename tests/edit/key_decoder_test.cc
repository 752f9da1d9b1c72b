#include "edit/key_decoder.h"

#include <doctest/doctest.h>

#include <vector>

using namespace inkling::edit;
using Name = Key::Name;

namespace {

std::vector<Key> keys_of(KeyDecoder& decoder) {
  std::vector<Key> keys;
  while (const std::optional<Key> key = decoder.next()) keys.push_back(*key);
  return keys;
}

std::vector<Key> decode(std::string_view bytes) {
  KeyDecoder decoder;
  decoder.add(bytes);
  return keys_of(decoder);
}

void check_one(std::string_view bytes, const Key& expected) {
  CAPTURE(std::string(bytes.substr(bytes.starts_with('\033') ? 1 : 0)));
  const std::vector<Key> keys = decode(bytes);
  REQUIRE(keys.size() == 1);
  CHECK(keys[0] == expected);
}

}  // namespace

TEST_CASE("every key has the bytes that terminals send for it") {
  const std::vector<std::pair<std::string_view, Name>> named{
      {"\r", Name::enter},
      {"\n", Name::new_line},
      {"\033\r", Name::new_line},
      {"\033[13;2u", Name::new_line},
      {"\033[27;2;13~", Name::new_line},
      {"\t", Name::tab},
      {"\033[Z", Name::back_tab},
      {"\033[9;2u", Name::back_tab},
      {"\033\t", Name::back_tab},
      {"\033[13u", Name::enter},
      {"\033[9u", Name::tab},
      {"\033[9;5u", Name::tab},
      {"\033[27u", Name::escape},
      {"\033[127;5u", Name::word_backspace},
      {"\x7f", Name::backspace},
      {"\x08", Name::backspace},
      {"\033\x7f", Name::word_backspace},
      {"\033[3~", Name::remove},
      {"\033[3;5~", Name::word_remove},
      {"\033[A", Name::up},
      {"\033OA", Name::up},
      {"\033[B", Name::down},
      {"\033[C", Name::right},
      {"\033OC", Name::right},
      {"\033[D", Name::left},
      {"\033[1;5C", Name::word_right},
      {"\033[1;3D", Name::word_left},
      {"\033\033[D", Name::word_left},
      {"\033Oc", Name::word_right},
      {"\033Od", Name::word_left},
      {"\033[H", Name::home},
      {"\033[1~", Name::home},
      {"\033OH", Name::home},
      {"\033[7~", Name::home},
      {"\033[F", Name::end},
      {"\033[4~", Name::end},
      {"\033[1;5H", Name::text_begin},
      {"\033[1;5F", Name::text_end},
      {"\033OM", Name::enter},
      {"\033[5~", Name::other},
      {"\033[[A", Name::other},
      {"\033[15;2~", Name::other},
      {"\033[I", Name::other},
  };
  for (const auto& [bytes, name] : named) check_one(bytes, {.name = name});
  check_one("\x01", {.name = Name::control, .letter = 'a'});
  check_one("\x1f", {.name = Name::control, .letter = '_'});
  check_one("\x1c", {.name = Name::control, .letter = '\\'});
  check_one("\033[97;5u", {.name = Name::control, .letter = 'a'});
  check_one("\033[65;6u", {.name = Name::control, .letter = 'a'});
  check_one("\033[123;5u", {.name = Name::control, .letter = '{'});
  check_one("\033[91;5u", {.name = Name::control, .letter = '['});
  check_one("\033[95;5u", {.name = Name::control, .letter = '_'});
  check_one("\033b", {.name = Name::alt, .letter = 'b'});
  check_one("\033[97u", {.name = Name::text, .text = "a"});
  check_one("\033[98;3u", {.name = Name::alt, .letter = 'b'});
  check_one("\033[12;40R", {.name = Name::report, .column = 39});
  check_one("h\xc3\xa9猫👩‍🚀", {.name = Name::text, .text = "hé猫👩‍🚀"});
}

TEST_CASE("numbers that stand for no character write nothing") {
  for (const std::string code : {"55296", "57399", "1114112", "-5", "130", "99999999999"}) {
    check_one("\033[" + code + "u", {});
  }
  check_one("\033[233u", {.name = Name::text, .text = "é"});
}

TEST_CASE("a negative number in a sequence, as no terminal sends it, counts as none") {
  check_one("\033[1;-2147483648C", {.name = Name::right});
  check_one("\033[27;-2147483648;13~", {.name = Name::enter});
  check_one("\033[1;-2147483648R", {.name = Name::report, .column = 0});
  check_one("\033[-3~", {});
}

TEST_CASE("keys come out the same, in however many pieces their bytes arrive") {
  const std::string bytes =
      "a\xc3\xa9\033[A\033[1;5Cnü\t\033[200~pasted \033[A\r\nmore\r\033[201~\033b猫\r\033[Z"
      "\033\033[C\033[" +
      std::string(100, '1') + "u";
  const auto summary = [](const std::vector<Key>& keys) {
    std::vector<Key> joined;
    for (const Key& key : keys) {
      // Runs of text may be cut anywhere between code points.
      if (key.name == Name::text && !joined.empty() && joined.back().name == Name::text) {
        joined.back().text += key.text;
      } else {
        joined.push_back(key);
      }
    }
    return joined;
  };
  const std::vector<Key> whole = summary(decode(bytes));
  REQUIRE(whole.size() == 13);
  CHECK(whole[5] == Key{.name = Name::paste, .text = "pasted \033[A\nmore\n"});
  for (const size_t piece : {size_t{1}, size_t{2}, size_t{3}, size_t{7}}) {
    KeyDecoder decoder;
    std::vector<Key> keys;
    for (size_t at = 0; at < bytes.size(); at += piece) {
      decoder.add(std::string_view(bytes).substr(at, piece));
      for (Key& key : keys_of(decoder)) keys.push_back(std::move(key));
    }
    CHECK(summary(keys) == whole);
  }
}

TEST_CASE("a lone Escape is known when nothing has followed it") {
  KeyDecoder decoder;
  CHECK_FALSE(decoder.patience());
  decoder.add("\033");
  CHECK_FALSE(decoder.next());
  REQUIRE(decoder.patience());
  decoder.settle();
  CHECK(decoder.next() == Key{.name = Name::escape});
  CHECK_FALSE(decoder.patience());
  // Two in a row, and one before another key.
  decoder.add("\033\033");
  CHECK_FALSE(decoder.next());
  decoder.settle();
  CHECK(decoder.next() == Key{.name = Name::escape});
  CHECK_FALSE(decoder.next());
  decoder.settle();
  CHECK(decoder.next() == Key{.name = Name::escape});
  decoder.add("\033[");
  CHECK_FALSE(decoder.next());
  decoder.settle();
  CHECK(decoder.next() == Key{.name = Name::alt, .letter = '['});
}

TEST_CASE("Alt with a letter beyond ASCII is nothing, and the letter is typed") {
  CHECK(decode("\033é") == std::vector<Key>{{}, {.name = Name::text, .text = "é"}});
}

TEST_CASE("UTF-8 that is cut waits for its rest, and broken UTF-8 becomes U+FFFD") {
  KeyDecoder decoder;
  decoder.add("\xe7\x8c");
  CHECK_FALSE(decoder.next());
  CHECK(decoder.patience());
  decoder.add("\xab");
  CHECK(decoder.next() == Key{.name = Name::text, .text = "猫"});
  CHECK(decode("a\xff") == std::vector<Key>{{.name = Name::text, .text = "a\uFFFD"}});
  // The rest never came: the next key must not be swallowed.
  CHECK(decode("\xe7\x8c\r") ==
        std::vector<Key>{{.name = Name::text, .text = "\uFFFD"}, {.name = Name::enter}});
  decoder.add("\xe7");
  decoder.settle();
  CHECK(decoder.next() == Key{.name = Name::text, .text = "\uFFFD"});
}

TEST_CASE("a sequence that is broken off takes no later key with it") {
  const std::vector<Key> keys = decode("\033[1;\r");
  REQUIRE(keys.size() == 2);
  CHECK(keys[0].name == Name::other);
  CHECK(keys[1].name == Name::enter);
  KeyDecoder decoder;
  decoder.add("\033[1;");
  CHECK_FALSE(decoder.next());
  decoder.settle();
  CHECK(decoder.next() == Key{});
  decoder.add("5C");
  CHECK(decoder.next() == Key{.name = Name::text, .text = "5C"});
  decoder.add("\033[" + std::string(1000, '1'));
  CHECK(decoder.next() == Key{});
}

TEST_CASE("what a terminal says of its own accord is no key") {
  for (const std::string_view said :
       {"\033]11;rgb:0000/0000/0000\033\\", "\033]0;a title\a", "\033P+q544e\033\\",
        "\033P1$r0m\033\\", "\033[<0;10;10M", "\033[<0;10;10m", "\033[M !!", "\033[35;10;10M"}) {
    CAPTURE(std::string(said.substr(1)));
    for (size_t cut = 1; cut < said.size(); ++cut) {
      KeyDecoder decoder;
      decoder.add(said.substr(0, cut));
      for (const Key& key : keys_of(decoder)) CHECK(key.name == Name::other);
      decoder.add(said.substr(cut));
      decoder.add("a");
      const std::vector<Key> keys = keys_of(decoder);
      REQUIRE_FALSE(keys.empty());
      CHECK(keys.back() == Key{.name = Name::text, .text = "a"});
      for (size_t i = 0; i + 1 < keys.size(); ++i) CHECK(keys[i].name == Name::other);
    }
  }
  check_one("\033OM", {.name = Name::enter});
  // Alt with these letters, by a person.
  for (const char letter : {']', 'P'}) {
    KeyDecoder decoder;
    decoder.add(std::string("\033") + letter);
    CHECK(keys_of(decoder).empty());
    decoder.settle();
    CHECK(keys_of(decoder) == std::vector<Key>{{.name = Name::alt, .letter = letter}});
  }
  CHECK(decode("\033]x") ==
        std::vector<Key>{{.name = Name::alt, .letter = ']'}, {.name = Name::text, .text = "x"}});
}

TEST_CASE("Ctrl-C comes through a paste whose end never comes, soon") {
  KeyDecoder decoder;
  decoder.add("\033[200~some text");
  CHECK(keys_of(decoder).empty());
  const auto patience = decoder.patience();
  decoder.add("\x03");
  CHECK(keys_of(decoder).empty());
  CHECK(*decoder.patience() < *patience);
  decoder.settle();
  CHECK(keys_of(decoder) == std::vector<Key>{{.name = Name::paste, .text = "some text"},
                                             {.name = Name::control, .letter = 'c'}});
  CHECK_FALSE(decoder.patience());
}

TEST_CASE("a megabyte is pasted as one key, its end mark wherever it is cut") {
  std::string text;
  while (text.size() < (size_t{1} << 20)) text += "Zeile für Zeile 猫\n";
  const std::string bytes = "\033[200~" + text + "\033[201~x";
  KeyDecoder decoder;
  std::vector<Key> keys;
  for (size_t at = 0; at < bytes.size(); at += 4093) {
    decoder.add(std::string_view(bytes).substr(at, 4093));
    for (Key& key : keys_of(decoder)) keys.push_back(std::move(key));
  }
  REQUIRE(keys.size() == 2);
  CHECK(keys[0].name == Name::paste);
  CHECK(keys[0].text == text);
  CHECK(keys[1].text == "x");
}

TEST_CASE("a paste whose end never comes ends by itself") {
  KeyDecoder decoder;
  decoder.add("\033[200~abc");
  CHECK_FALSE(decoder.next());
  decoder.settle();
  CHECK(decoder.next() == Key{.name = Name::paste, .text = "abc"});
  decoder.add("d");
  CHECK(decoder.next() == Key{.name = Name::text, .text = "d"});
}
