#pragma once

#include <array>
#include <span>
#include <string_view>

namespace inkling::nn {

// What the factors of matrix products are stored in; sums, states and master weights are float32
// always. automatic: bfloat16 where this processor multiplies it faster than float32, else float32.
// int8: for stepping alone; the weights of each column in 8 bits and one scale (see
// nn/panel_matrix.h).
enum class Precision { automatic, f32, bf16, int8 };
constexpr std::array<std::string_view, 4> precision_names{"auto", "f32", "bf16", "int8"};
constexpr std::span<const std::string_view> names_of(Precision) { return precision_names; }

}  // namespace inkling::nn
