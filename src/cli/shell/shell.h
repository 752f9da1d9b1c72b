#pragma once

#include <array>
#include <span>
#include <string_view>

namespace inkling::cli {

enum class Shell { bash, zsh, fish };
constexpr std::array<std::string_view, 3> shell_names{"bash", "zsh", "fish"};
constexpr std::span<const std::string_view> names_of(Shell) { return shell_names; }

}  // namespace inkling::cli
