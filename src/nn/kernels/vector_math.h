#pragma once

namespace inkling::nn {

// exp(r) - 1 = r + r^2 p(r) on |r| <= ln 2 / 2: the fit with the least largest relative error
// (1.6e-8 before rounding).
constexpr float exp_series[5] = {0.5F, 0.16666543F, 0.04166628F, 0.0083666109F, 0.0013946497F};

// 2^f on 0 <= f < 1, the same (2.7e-6).
constexpr float power_series[5] = {1.0000026F, 0.69300383F, 0.24144275F, 0.05201146F, 0.013534168F};

}  // namespace inkling::nn
