#pragma once

// 1 in a build with that sanitizer, for tests of what it changes: memory and addresses.
#ifdef __has_feature  // clang
#define INKLING_ADDRESS_SANITIZER __has_feature(address_sanitizer)
#define INKLING_THREAD_SANITIZER __has_feature(thread_sanitizer)
#else
#ifdef __SANITIZE_ADDRESS__
#define INKLING_ADDRESS_SANITIZER 1
#else
#define INKLING_ADDRESS_SANITIZER 0
#endif
#ifdef __SANITIZE_THREAD__
#define INKLING_THREAD_SANITIZER 1
#else
#define INKLING_THREAD_SANITIZER 0
#endif
#endif
