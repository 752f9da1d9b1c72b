#pragma once

#include <cstdint>

// What a model file may ask for. A file is a stranger's: each number below bounds memory or time
// before either is spent, and lies far above what an honest model needs.
namespace inkling::model::limits {

// The longest honest header is a vocabulary of 262,144 characters with its counts: about 8 MiB.
constexpr uint64_t header_bytes = uint64_t{16} << 20;
// 32 LSTM layers with layer normalisation and learned states have 323 tensors; with two moments for
// each, 969.
constexpr int64_t tensors = 1024;
constexpr int64_t tensor_name_bytes = 256;
constexpr int64_t rank = 4;  // ours have 1 or 2
constexpr int64_t dimension = int64_t{1} << 31;
constexpr int64_t metadata_keys = 256;

constexpr int64_t vocab_size_low = 2;  // one character and <unk>
constexpr int64_t vocab_size_high = 262'144;
constexpr int64_t layers = 32;
constexpr int64_t hidden_size = 16'384;
constexpr int64_t embedding_size = 16'384;
constexpr int64_t context = 65'536;
constexpr int64_t parameters = int64_t{1} << 31;  // 8 GiB as float32

// Whole numbers in JSON: beyond 2^53 readers that keep numbers as doubles disagree.
constexpr int64_t json_integer = int64_t{1} << 53;
constexpr int json_depth = 4;  // config: object, layers, layer, inputs
// Values in one JSON text; a value costs some 100 bytes of memory.
constexpr int64_t header_values = 65'536;
constexpr int64_t config_values = 4'096;
constexpr int64_t vocabulary_values = 2 * vocab_size_high + 16;
constexpr int64_t history_values = 4'096;

}  // namespace inkling::model::limits
