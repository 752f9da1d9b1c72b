#include "base/memory.h"

#include <doctest/doctest.h>

#include <limits>

#include "base/limits.h"
#include "support/refusal.h"
#include "support/temp_dir.h"

using inkling::available_memory;
using inkling::MemorySources;
using inkling::require_memory;
using inkling::testing::refusal;
using inkling::testing::says;
using inkling::testing::TempDir;

TEST_CASE("what is free is the least of the system's, the control groups' and the limit's") {
  const TempDir folder;
  const MemorySources sources{folder.file("proc"), folder.file("cgroup")};
  const auto group = [&](const std::string& name, const char* limit, const char* used,
                         const char* droppable) {
    folder.write("cgroup/" + name + "memory.max", limit);
    folder.write("cgroup/" + name + "memory.current", used);
    folder.write("cgroup/" + name + "memory.stat",
                 std::string("anon 7\nfile 9\ninactive_file ") + droppable + "\nactive_file 1\n");
  };
  CHECK(available_memory(sources) == std::numeric_limits<int64_t>::max());
  folder.write("proc/meminfo", "MemTotal: 9000 kB\nMemFree: 1 kB\nMemAvailable:   5000 kB\n");
  CHECK(available_memory(sources) == 5000 * 1024);
  group("", "max\n", "100\n", "0");
  CHECK(available_memory(sources) == 5000 * 1024);
  group("", "3000000\n", "1000000\n", "0");
  CHECK(available_memory(sources) == 2000000);
  // What the group read of files is given back when somebody asks for memory.
  group("", "3000000\n", "2900000\n", "2800000");
  CHECK(available_memory(sources) == 2900000);
  group("", "3000000\n", "4000000\n", "0");
  CHECK(available_memory(sources) == 0);

  group("", "max\n", "100\n", "0");
  folder.write("proc/self/cgroup", "1:name=other:/elsewhere\n0::/user/shell\n");
  group("user/shell/", "max\n", "100\n", "0");
  group("user/", "500000\n", "100000\n", "0");
  CHECK(available_memory(sources) == 400000);
  group("user/shell/", "150000\n", "100000\n", "0");
  CHECK(available_memory(sources) == 50000);
}

TEST_CASE("more memory than there is is refused with both numbers, a little is never asked for") {
  CHECK(available_memory() > 0);
  require_memory(inkling::limits::small_memory, "a little", "");
  const std::string message =
      refusal([] { require_memory(int64_t{1} << 60, "the corpus", "give a shorter text"); });
  CHECK(message.starts_with("the corpus needs 1099511627776 MB of memory, and "));
  CHECK(message.ends_with(" MB are free; give a shorter text"));
}
