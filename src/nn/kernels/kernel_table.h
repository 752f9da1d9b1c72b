#pragma once

#include <cstdint>

#include "nn/kernels/bf16.h"

// The arithmetic between the matrix products: one set of functions for each instruction set, chosen
// at run time. All work on rows of floats of any length at any alignment, allocate nothing, and may
// be called from any thread. Operand is the type in which factors of matrix products are stored:
// float or Bf16.
namespace inkling::nn {

// Dropout of one row's outputs; threshold 0 = off. See nn/chunk.h.
struct RowDropout {
  uint32_t threshold;
  float scale;
  const uint32_t* keys;  // [rows]
};

// One time step of one layer, B rows of H units. Pointer arrays have one pointer for each row.
//
// What a layer keeps for itself - h, c, their gradients and the tape - LayerKernels take in strips:
// 16 units of all rows, row after row, then the next 16 units. So one step is written and read from
// end to end. An array pointing to rows then points to the first strip's; the tape is in float16
// there, [rows, K, 16] in each strip.
template <class Operand>
struct ForwardStep {
  int64_t rows, hidden;
  const float* const* ax;      // rows of [G*H]
  const float* ah;             // [rows, G*H]; not read by LayerKernels
  const Operand* h_before;     // [rows, H] the hidden state as a factor; LayerKernels alone
  const float* bias_x;         // [G*H] added to ax; nullptr = none
  const float* bias_h;         // [G*H] added to ah; nullptr = none
  const float* const* prev_h;  // rows of [H]; only for cells that read h
  const float* const* prev_c;  // rows of [H]; only for cells with a cell state
  float* next_h;               // [rows, H] or nullptr: not wanted
  float* next_c;               // [rows, H] or nullptr
  void* tape;                  // [rows, K*H] floats, or nullptr: nothing is kept
  Operand* h_operand;          // [rows, H]: next_h as a factor of the next step's product
  Operand* out;  // [rows, H]: what other layers read, after dropout; nullptr = h_operand serves
  RowDropout dropout;
  // Layer normalisation of the new cell state (cells with output()); gain_c == nullptr = off.
  const float* gain_c;
  const float* bias_c;
  float* c_hat;   // [rows, H] normalised, kept
  float* c_rstd;  // [rows]
};

template <class Operand>
struct BackwardStep {
  int64_t rows, hidden;
  const void* tape;  // [rows, K*H] floats
  const float* const* prev_h;
  const float* const* prev_c;
  const float* next_c;      // [rows, H]
  const float* dout;        // [rows, H] from the layers above; nullptr = zero
  const float* dh_product;  // [rows, H] from the next step through its product; nullptr = zero
  const Operand* next_dah;  // [rows, G*H] of the next step; nullptr = zero; LayerKernels alone
  float* dh_direct;         // [rows, H] in: from the next step; out: for the step before; only
                            // for cells that read h
  float* dc;                // [rows, H] the same for the cell state; nullptr without one
  const uint8_t* cut;       // [rows] 1: nothing comes from the next step; nullptr = none is cut
  Operand* dax;             // [rows, G*H]
  Operand* dah;             // [rows, G*H]; nullptr where it equals dax
  float* dax_f32;           // layer normalisation: written instead of the operands
  float* dah_f32;
  RowDropout dropout;
  const float* gain_c;
  const float* c_hat;
  const float* c_rstd;
  const float* bias_c;
  float* dgain_c;  // [H] +=
  float* dbias_c;  // [H] +=
};

template <class Operand>
struct CellKernels {
  void (*forward)(const ForwardStep<Operand>&);
  void (*backward)(const BackwardStep<Operand>&);
};

// Product and cell of one time step in one pass, over units [unit_begin, unit_end), multiples of
// unit_multiple, of `shards` that all have a multiple of row_multiple rows. Not with layer
// normalisation.
struct LayerKernels {
  static constexpr int64_t unit_multiple = 32, row_multiple = 16, strip_units = 16;
  void (*forward)(const ForwardStep<Bf16>* shards, int64_t count, const Bf16* panels,
                  int64_t unit_begin, int64_t unit_end);
  void (*backward)(const BackwardStep<Bf16>* shards, int64_t count, const Bf16* panels,
                   int64_t unit_begin, int64_t unit_end);
  // Recurrent weights [H, G*H] into the panels of both, each of their size.
  void (*pack_forward)(const float* weights, int64_t hidden, Bf16* panels, int64_t unit_begin,
                       int64_t unit_end);
  void (*pack_backward)(const float* weights, int64_t hidden, Bf16* panels, int64_t unit_begin,
                        int64_t unit_end);
};

// x_hat, rstd kept; y = gain * x_hat + bias. Rows of n, in place allowed (y == x).
struct LayerNormRows {
  int64_t rows, n;
  const float* const* x;  // rows
  const float* gain;
  const float* bias;
  float* x_hat;  // [rows, n]
  float* rstd;   // [rows]
  float* y;      // [rows, n]
};

template <class Operand>
struct LayerNormBackwardRows {
  int64_t rows, n;
  const float* dy;  // [rows, n]
  const float* x_hat;
  const float* rstd;
  const float* gain;
  float* dgain;  // [n] +=
  float* dbias;  // [n] +=
  Operand* dx;   // [rows, n]
};

// Softmax and cross-entropy of rows of logits, with their gradient, in one pass.
template <class Operand>
struct SoftmaxLoss {
  int64_t rows, vocab, stride;    // stride: of logits and dlogits
  float* logits;                  // [rows, stride]; overwritten
  const float* bias;              // [vocab]
  const int32_t* const* targets;  // one pointer a row; negative = not scored (its gradient is zero)
  float gradient_scale;
  float* nats;               // [rows] out; 0 where not scored
  double* probability_sums;  // [rows] out of those scored, or nullptr: what the probabilities by
                             // which nats was computed add up to
  Operand* dlogits;          // [rows, stride] or nullptr: the loss alone; logits itself is allowed
};

struct AdamStep {
  float clip;        // gradients are multiplied by it
  float clip_value;  // then each is limited to this size; 0 = off
  float learning_rate;
  float beta1, beta2;
  float share2;                    // of the gradient's square in the second moment: 1 - beta2
  float correction1, correction2;  // 1 / (1 - beta^t)
  float epsilon;
  float decay;  // learning_rate * weight_decay
};

struct SimpleStep {  // SGD with momentum, RMSProp
  float clip, clip_value, learning_rate, momentum, beta2;
  float share;  // sgd: of the gradient in the velocity, 1; rmsprop: of its square, 1 - beta2
  float epsilon, decay;
};

// Where a weight of row k and a panel's column stands among the panel's floats, of panels `width`
// wide and an even depth: [halves of the columns][even k, odd k][depth / 2][width / 2], so that
// what is summed up together is read from end to end.
constexpr int64_t place_in_panel(int64_t k, int64_t column, int64_t width, int64_t depth) {
  const int64_t half = width / 2;
  return ((column / half * 2 + k % 2) * (depth / 2) + k / 2) * half + column % half;
}

// y [m, n] = x [m, k] W for few rows, W packed in panels (see nn/panel_matrix.h), stored in
// float32, bfloat16 or 8 bits.
struct SmallProduct {
  int64_t m, k, n;
  const float* x;  // [m, x_stride]
  int64_t x_stride;
  const void* panels;
  float* y;  // [m, y_stride]
  int64_t y_stride;
  const float* bias;               // [n] or nullptr
  bool accumulate;                 // y +=
  int64_t panel_begin, panel_end;  // the panels this call computes
  const float* scales = nullptr;   // [n] of columns of 8 bits
  const int32_t* sums = nullptr;   // [n] the same columns' sums of steps
};

// y [rows, n] = or += x [rows, k] W, W in panels of tile_width columns, [n /
// tile_width][k][tile_width], the last one padded.
struct TileProduct {
  int64_t rows, k, n;
  const float* x;  // [rows, x_stride]
  int64_t x_stride;
  const float* panels;
  float* y;  // [rows, y_stride]
  int64_t y_stride;
  bool accumulate;
};

// y [rows, n] = or += x W, W [k, n] in tiles by pack_row_tiles(); k and n multiples of `multiple`.
struct RowTiles {
  static constexpr int64_t multiple = 32;
  int64_t rows, k, n;
  const Bf16* x;
  int64_t x_stride;
  const Bf16* tiles;  // [k * n]
  float* y;
  int64_t y_stride;
  bool accumulate;
};

// c [m, n] = or += a' b, a [rows, m], b [rows, n].
template <class Number>
struct WeightGradient {
  int64_t m, n, rows;
  const Number* a;
  int64_t a_stride;
  const Number* b;
  int64_t b_stride;
  float* c;
  int64_t c_stride;
  bool accumulate;
  Number* room;  // [room_size] for the packed parts, on a cache line's boundary
};

// rows, m and n are multiples of `multiple`, m and n at most most_columns.
struct GradientTiles : WeightGradient<Bf16> {
  static constexpr int64_t multiple = 32, most_columns = 1024;
  static constexpr int64_t part_rows = 512;  // of a and b that are packed at a time
  static constexpr int64_t room_size = 2 * most_columns * part_rows;
};

// Of any sizes above 0.
struct FloatGradient : WeightGradient<float> {
  static constexpr int64_t part_rows = 256;            // of a and b that are packed at a time,
  static constexpr int64_t part_m = 96, part_n = 256;  // and their columns
  static constexpr int64_t room_size = (part_m + part_n) * part_rows;
};

struct KernelTable {
  const char* name;
  int64_t panel_width;              // columns in a panel of small_product
  CellKernels<float> cells_f32[4];  // by cell_index()
  CellKernels<Bf16> cells_bf16[4];  // with quick activations: see quick_activations.inc
  LayerKernels layers[4];           // nullptrs where the instruction set has none
  void (*layer_norm)(const LayerNormRows&);
  void (*layer_norm_backward_f32)(const LayerNormBackwardRows<float>&);
  void (*layer_norm_backward_bf16)(const LayerNormBackwardRows<Bf16>&);
  void (*softmax_loss_f32)(const SoftmaxLoss<float>&);
  void (*softmax_loss_bf16)(const SoftmaxLoss<Bf16>&);
  // to [n] = from [n]
  void (*round_to_bf16)(const float* from, Bf16* to, int64_t n);
  // sums[j] += rows[i][j] for i in order
  void (*add_rows_f32)(const float* rows, int64_t count, int64_t stride, int64_t n, float* sums);
  void (*add_rows_bf16)(const Bf16* rows, int64_t count, int64_t stride, int64_t n, float* sums);
  // sums[tokens[i]][j] += rows[i][j] for i in order, j < n; a negative token is passed over
  void (*scatter_rows_f32)(const float* rows, const int32_t* tokens, int64_t count, int64_t stride,
                           int64_t n, float* sums, int64_t sums_stride);
  void (*scatter_rows_bf16)(const Bf16* rows, const int32_t* tokens, int64_t count, int64_t stride,
                            int64_t n, float* sums, int64_t sums_stride);
  double (*squared_norm)(const float* x, int64_t n);
  void (*adam)(const AdamStep&, int64_t n, const float* gradient, float* weights, float* first,
               float* second);
  void (*rmsprop)(const SimpleStep&, int64_t n, const float* gradient, float* weights,
                  float* second);
  void (*sgd)(const SimpleStep&, int64_t n, const float* gradient, float* weights, float* velocity);
  void (*small_product_f32)(const SmallProduct&);
  void (*small_product_bf16)(const SmallProduct&);
  void (*small_product_int8)(const SmallProduct&);
  int64_t tile_width;
  void (*tile_product)(const TileProduct&);
  void (*float_gradient)(const FloatGradient&);  // these are nullptr where the set has none
  void (*gradient_tiles)(const GradientTiles&);
  void (*row_tiles)(const RowTiles&);
  // From w [k, n], or transposed from w [n, k].
  void (*pack_row_tiles)(const float* w, int64_t k, int64_t n, bool transposed, Bf16* tiles);
  // y = f(x): exposed so that tests can measure their error over the whole range.
  void (*exp)(const float* x, float* y, int64_t n);
  void (*tanh)(const float* x, float* y, int64_t n);
  void (*sigmoid)(const float* x, float* y, int64_t n);
  // The same as the cells for bfloat16 have them.
  void (*quick_tanh)(const float* x, float* y, int64_t n);
  void (*quick_sigmoid)(const float* x, float* y, int64_t n);
};

template <class Operand>
const CellKernels<Operand>& cell_kernels(const KernelTable& table, int cell);
template <>
inline const CellKernels<float>& cell_kernels<float>(const KernelTable& table, int cell) {
  return table.cells_f32[cell];
}
template <>
inline const CellKernels<Bf16>& cell_kernels<Bf16>(const KernelTable& table, int cell) {
  return table.cells_bf16[cell];
}

}  // namespace inkling::nn
