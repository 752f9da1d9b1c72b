#pragma once

#include <cstddef>
#include <span>

#include "model/safetensors_header.h"
#include "nn/parameter_layout.h"

// One parameter between the order in memory, [rows, cols] of float32, and the file's: PyTorch's, as
// F32 or BF16.
namespace inkling::model {

// The shape in the file.
std::vector<int64_t> file_shape(const nn::ParameterInfo& info);

// `values` is the parameter's part of a flat buffer, `bytes` its tensor; dtype is f32 or bf16.
void decode_parameter(const nn::ParameterInfo& info, Dtype dtype, std::span<const std::byte> bytes,
                      std::span<float> values);
// To BF16 rounds to nearest, ties to even; finite numbers stay finite.
void encode_parameter(const nn::ParameterInfo& info, Dtype dtype, std::span<const float> values,
                      std::span<std::byte> bytes);

// A number as it comes back from a file that holds it as BF16.
float as_stored_in_bf16(float value);

bool all_finite(std::span<const float> values);

}  // namespace inkling::model
