#include "base/memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "base/error.h"
#include "base/limits.h"

namespace inkling {
namespace {

constexpr int64_t unlimited = std::numeric_limits<int64_t>::max();

// The first number of a file, -1 where there is none ("max" included).
int64_t number_in(const std::string& path) {
  std::ifstream file(path);
  int64_t value = -1;
  return file >> value ? value : -1;
}

// The number after a word, -1 where it is missing.
int64_t number_after(const std::string& path, std::string_view word) {
  std::ifstream file(path);
  for (std::string name; file >> name;) {
    int64_t value = -1;
    if (name == word) return file >> value ? value : -1;
    std::getline(file, name);
  }
  return -1;
}

int64_t left_by_group(const std::string& folder) {
  const int64_t limit = number_in(folder + "/memory.max");
  const int64_t used = number_in(folder + "/memory.current");
  if (limit < 0 || used < 0) return unlimited;
  const int64_t droppable = number_after(folder + "/memory.stat", "inactive_file");
  return std::max<int64_t>(0, limit - (used - std::clamp<int64_t>(droppable, 0, used)));
}

// What the group of this process and the groups around it leave.
int64_t left_by_groups(const MemorySources& sources) {
  int64_t left = left_by_group(sources.cgroup);
  std::ifstream groups(sources.proc + "/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (!line.starts_with("0::/")) continue;
    for (std::string path = line.substr(3); path.size() > 1; path.resize(path.rfind('/'))) {
      left = std::min(left, left_by_group(sources.cgroup + path));
    }
  }
  return left;
}

// Addresses are used up faster than memory: by what lies between large pages, and by what the
// library of matrix products takes while it compiles, which it does not survive having none.
int64_t left_of_addresses(const MemorySources& sources) {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return unlimited;
  const int64_t pages = number_in(sources.proc + "/self/statm");
  const auto most = static_cast<int64_t>(std::min<rlim_t>(limit.rlim_cur, unlimited));
  const int64_t left = most - std::max<int64_t>(0, pages) * sysconf(_SC_PAGESIZE);
  return std::max<int64_t>(0, left / 5 * 4 - (int64_t{32} << 20));
}

}  // namespace

int64_t available_memory(const MemorySources& sources) {
  const int64_t kilobytes = number_after(sources.proc + "/meminfo", "MemAvailable:");
  const int64_t system = kilobytes < 0 ? unlimited : kilobytes * 1024;
  return std::min({system, left_by_groups(sources), left_of_addresses(sources)});
}

void require_memory(int64_t bytes, std::string_view what, std::string_view advice) {
  if (bytes <= limits::small_memory) return;
  const int64_t available = available_memory();
  if (bytes <= available) return;
  throw MemoryError(fmt::format("{} needs {} MB of memory, and {} MB are free; {}", what,
                                bytes >> 20, available >> 20, advice));
}

}  // namespace inkling
