#pragma once

#include <cmath>
#include <complex>

// The functions that a cell's arithmetic calls, for plain numbers. Comparisons look at the real
// part, so that a complex step does not change the branch taken.
namespace inkling::nn {

using std::exp;
using std::log;
using std::sqrt;
using std::tanh;

template <class T>
T sigmoid(const T& x) {
  return T(1) / (T(1) + exp(-x));
}

template <class T>
T relu(const T& x) {
  return std::real(x) > 0 ? x : T(0);
}

// d where the real part of x is positive, else 0.
template <class T>
T where_positive(const T& x, const T& d) {
  return std::real(x) > 0 ? d : T(0);
}

}  // namespace inkling::nn
