#pragma once

namespace inkling::nn {

// tanh(x) = x + x^3 p(x^2) on |x| < 0.625: a least-squares fit of the relative error (4e-9 before
// rounding).
constexpr float tanh_series[5] = {-0.33333281F, 0.13331442F, -0.053739715F, 0.020639086F,
                                  -0.005704985F};

}  // namespace inkling::nn
