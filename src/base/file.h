#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/file_calls.h"

namespace inkling {

// All bytes of a file, a pipe or a device that ends. Throws DataError with the path and the reason,
// and where they are more than memory is free, or than limits::device_bytes from a device.
std::string read_file(const std::string& path, FileCalls& calls = system_calls());
// All bytes of standard input; errors name it "standard input".
std::string read_standard_input(FileCalls& calls = system_calls());

using ByteSink = std::function<void(std::span<const std::byte>)>;

struct WriteOptions {
  // The old file becomes this one, once the new one is verified, and replaces what was there; "" =
  // it goes. Where it cannot be renamed so (another file system) it goes too.
  std::string keep_old_as = {};
  FileCalls* calls = &system_calls();
};

// Replaces `path` by what `write` gives to its sink, all or nothing, durably: a temporary file
// .NAME.PID.tmp in the same folder, fsync, read back and compared, renamed, fsync of the folder.
// Small pieces are buffered. A symbolic link stays and the file it points to is replaced; the
// permissions of an existing file are kept; what is neither missing nor a regular file is refused.
// Throws DataError with the path, the reason and what to do, and passes on what `write` throws; the
// old file is then untouched and the temporary one removed. Only when the last fsync fails has the
// new file taken its place: the message says so.
void write_atomically(const std::string& path, const std::function<void(const ByteSink&)>& write,
                      const WriteOptions& options = {});
void write_atomically(const std::string& path, std::span<const std::byte> bytes,
                      const WriteOptions& options = {});
inline void write_atomically(const std::string& path, std::string_view bytes,
                             const WriteOptions& options = {}) {
  write_atomically(path, std::as_bytes(std::span(bytes)), options);
}

// The file that `path` names in the end, whether or not it exists yet: symbolic links followed.
// Throws DataError where they never end.
std::string without_links(const std::string& path);

// Removes a file, or the one that a symbolic link names in the end; none may be there. False, with
// errno set, where it cannot be.
bool remove_file(const std::string& path, FileCalls& calls = system_calls());

// Removes the temporary files that killed processes have left of writing `path`. For those who know
// that nobody else is writing it.
void remove_stale_temporaries(const std::string& path);

}  // namespace inkling
