#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace inkling {

// Every failure that a caller may report. what() is one sentence: what is wrong, where, what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The user's data or environment: an unreadable file, ill-formed text, a damaged model, a full
// disk. Exit code 1.
class DataError : public Error {
 public:
  using Error::Error;
};

// Less memory is free than something needs.
class MemoryError : public DataError {
 public:
  using DataError::DataError;
};

// What is said of a std::bad_alloc that costs no more than what was asked for.
constexpr const char* too_little_memory = "too little memory is left for this; it is not done";

// Options or arguments that cannot be. Exit code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

template <class... Args>
[[noreturn]] void data_error(fmt::format_string<Args...> format, Args&&... args) {
  throw DataError(fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
[[noreturn]] void usage_error(fmt::format_string<Args...> format, Args&&... args) {
  throw UsageError(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace inkling
