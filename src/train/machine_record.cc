#include "train/machine_record.h"

#include <fmt/format.h>
#include <gnu/libc-version.h>

#include <vector>

#include "base/option.h"
#include "nn/kernels/instruction_set.h"
#include "text/unicode_version.h"

namespace inkling::train {

std::map<std::string, std::string> machine_record() {
  return {{"state.machine.instruction_set", std::string(name_of(nn::instruction_set()))},
          {"state.machine.products", nn::product_library()},
          {"state.machine.program", "inkling " INKLING_VERSION},
          {"state.machine.system", std::string("glibc ") + gnu_get_libc_version()},
          {"state.machine.text", text::unicode_version()}};
}

std::string machine_changes(const std::map<std::string, std::string>& metadata) {
  std::vector<std::string> then, now;
  for (const auto& [key, value] : machine_record()) {
    const auto found = metadata.find(key);
    const std::string before = found == metadata.end() ? "unknown" : found->second;
    if (before == value) continue;
    then.push_back(before), now.push_back(value);
  }
  if (now.empty()) return "";
  return fmt::format(
      "the checkpoint was written with {}, and this is {}: from here on the bits of the run may "
      "differ from those of the unbroken one",
      fmt::join(then, ", "), fmt::join(now, ", "));
}

}  // namespace inkling::train
