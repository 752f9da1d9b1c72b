#pragma once

#include <vector>

#include "nn/scalar_math.h"

// Layer normalisation (Ba, Kiros and Hinton 2016), plain version: over a whole row of n numbers,
// biased variance,
//     x_hat = (x - mean) / sqrt(variance + 1e-5),   y = gain * x_hat
namespace inkling::nn {

constexpr double layer_norm_epsilon = 1e-5;

template <class T>
struct NormalizedRow {
  std::vector<T> x_hat;
  T rstd;  // 1 / sqrt(variance + epsilon)
};

template <class T>
NormalizedRow<T> normalize_row(const std::vector<T>& x) {
  const T n(static_cast<double>(x.size()));
  T mean(0), variance(0);
  for (const T& value : x) mean += value / n;
  for (const T& value : x) variance += (value - mean) * (value - mean) / n;
  NormalizedRow<T> row{x, T(1) / sqrt(variance + T(layer_norm_epsilon))};
  for (T& value : row.x_hat) value = (value - mean) * row.rstd;
  return row;
}

template <class T>
std::vector<T> scaled(const NormalizedRow<T>& row, const T* gain) {
  std::vector<T> y(row.x_hat);
  for (size_t j = 0; j < y.size(); ++j) y[j] *= gain[j];
  return y;
}

// Returns dx; dgain += .
template <class T>
std::vector<T> normalize_row_backward(const NormalizedRow<T>& row, const std::vector<T>& dy,
                                      const T* gain, T* dgain) {
  const T n(static_cast<double>(dy.size()));
  T mean_d(0), mean_dx(0);
  std::vector<T> dx(dy.size());
  for (size_t j = 0; j < dy.size(); ++j) {
    dgain[j] += dy[j] * row.x_hat[j];
    dx[j] = dy[j] * gain[j];
    mean_d += dx[j] / n;
    mean_dx += dx[j] * row.x_hat[j] / n;
  }
  for (size_t j = 0; j < dy.size(); ++j)
    dx[j] = row.rstd * (dx[j] - mean_d - row.x_hat[j] * mean_dx);
  return dx;
}

}  // namespace inkling::nn
