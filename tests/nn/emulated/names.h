#pragma once

// The namespaces of kernels in their emulated copies, which would else be those of the program.
#define avx512 emulated_avx512
#define avx512_vnni emulated_avx512_vnni
#define avx512_bf16 emulated_avx512_bf16
#define amx emulated_amx
#define amx_layer emulated_amx_layer
#define amx_product emulated_amx_product
#define amx_gradient emulated_amx_gradient
