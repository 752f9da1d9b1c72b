#pragma once

#include <cstdint>

// What a file or a text of a stranger may ask for. Each number bounds memory or time before either
// is spent, and lies far above what an honest one needs. Sizes that the machine bounds, not this
// list, are compared with require_memory() (base/memory.h) before anything is allocated.
namespace inkling::limits {

// A model file. The longest honest header is a vocabulary of 262,144 characters with its counts:
// about 8 MiB.
constexpr uint64_t header_bytes = uint64_t{16} << 20;
// 32 LSTM layers with layer normalisation and learned states have 323 tensors; with two moments for
// each, 969.
constexpr int64_t tensors = 1024;
constexpr int64_t tensor_name_bytes = 256;
constexpr int64_t rank = 4;  // ours have 1 or 2
constexpr int64_t dimension = int64_t{1} << 31;
constexpr int64_t metadata_keys = 256;

// The JSON in it. Whole numbers: beyond 2^53 readers that keep numbers as doubles disagree.
constexpr int64_t json_integer = int64_t{1} << 53;
constexpr int json_depth = 4;  // config: object, layers, layer, inputs
// Values in one JSON text; a value costs some 100 bytes of memory.
constexpr int64_t header_values = 65'536;
constexpr int64_t config_values = 4'096;
constexpr int64_t history_values = 4'096;

// A network.
constexpr int64_t layers = 32;
constexpr int64_t hidden_size = 16'384;
constexpr int64_t embedding_size = 16'384;
constexpr int64_t context = 65'536;
constexpr int64_t parameters = int64_t{1} << 31;  // 8 GiB as float32

// A text and its vocabulary.
constexpr int64_t character_code_points = 32;  // a longer grapheme cluster is cut into such pieces
constexpr int64_t character_bytes = 4 * character_code_points;
constexpr int64_t vocab_size_low = 2;  // one character and <unk>
constexpr int64_t vocab_size_high = 262'144;
constexpr int64_t vocabulary_characters = vocab_size_high - 2;  // without <unk> and the end token
constexpr int64_t vocabulary_values = 2 * vocab_size_high + 16;
// Marks in a row that are brought into their order together: sorting them takes the square of their
// number.
constexpr int64_t marks_in_order = 128;
// A line of standard input.
constexpr int64_t line_bytes = int64_t{64} << 20;
// From a device, which may have no end; files and pipes are bounded by memory alone.
constexpr int64_t device_bytes = int64_t{256} << 20;

// Less than this is allocated without asking how much is free.
constexpr int64_t small_memory = int64_t{64} << 20;

}  // namespace inkling::limits
