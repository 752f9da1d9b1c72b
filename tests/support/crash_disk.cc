#include "support/crash_disk.h"

#include <fcntl.h>

#include <filesystem>
#include <set>
#include <string_view>

namespace inkling::testing {
namespace {

std::string name_of(const char* path) { return std::filesystem::path(path).filename().string(); }

// What may be there of a file of which `synced` and then `unsynced` were written.
std::vector<std::string> remains(const std::string& synced, const std::string& unsynced) {
  if (unsynced.empty()) return {synced};
  std::string garbled = unsynced;
  for (size_t i = garbled.size() / 3; i < garbled.size(); ++i) garbled[i] ^= 0x55;
  return {synced + unsynced, synced, synced + unsynced.substr(0, unsynced.size() / 2),
          synced + std::string(unsynced.size(), '\0'), synced + garbled};
}

}  // namespace

int CrashDisk::open(const char* path, int flags, mode_t mode) {
  const int descriptor = FileCalls::open(path, flags, mode);
  if (descriptor < 0) return descriptor;
  const std::string name = name_of(path);
  if ((flags & O_DIRECTORY) != 0) {
    open_[descriptor] = folder_;
    return descriptor;
  }
  if ((flags & O_CREAT) != 0 && !names_.contains(name)) {
    names_[name] = files_;
    log_.push_back({.kind = Call::Kind::create, .file = files_, .name = name});
    ++files_;
  }
  open_[descriptor] = names_.at(name);
  return descriptor;
}

ssize_t CrashDisk::write(int descriptor, const void* bytes, size_t size) {
  const ssize_t put = FileCalls::write(descriptor, bytes, size);
  if (put > 0) {
    log_.push_back({.kind = Call::Kind::write,
                    .file = open_.at(descriptor),
                    .bytes = {static_cast<const char*>(bytes), static_cast<size_t>(put)}});
  }
  return put;
}

int CrashDisk::sync(int descriptor) {
  const int file = open_.at(descriptor);
  log_.push_back(
      {.kind = file == folder_ ? Call::Kind::sync_folder : Call::Kind::sync, .file = file});
  return 0;
}

int CrashDisk::close(int descriptor) {
  open_.erase(descriptor);
  return FileCalls::close(descriptor);
}

int CrashDisk::rename(const char* from, const char* to) {
  const int result = FileCalls::rename(from, to);
  if (result != 0) return result;
  const int file = names_.at(name_of(from));
  log_.push_back(
      {.kind = Call::Kind::rename, .file = file, .name = name_of(from), .to = name_of(to)});
  names_.erase(name_of(from));
  names_[name_of(to)] = file;
  return result;
}

int CrashDisk::unlink(const char* path) {
  const int result = FileCalls::unlink(path);
  if (result != 0) return result;
  const std::string name = name_of(path);
  log_.push_back({.kind = Call::Kind::unlink, .file = names_.at(name), .name = name});
  names_.erase(name);
  return result;
}

// What is safe on the disk after some calls, and what may be lost.
struct CrashDisk::Disk {
  std::map<std::string, int> names;     // synced
  std::vector<const Call*> renamings;   // calls on names since then
  std::map<int, std::string> contents;  // synced
  std::map<int, std::string> unsynced;  // bytes since then

  static void apply(const Call& call, std::map<std::string, int>& to) {
    const auto named = to.find(call.name);
    const bool is_there = named != to.end() && named->second == call.file;
    if (call.kind == Call::Kind::create) to[call.name] = call.file;
    if (call.kind != Call::Kind::create && is_there) to.erase(named);
    if (call.kind == Call::Kind::rename) to[call.to] = call.file;
  }

  void take(const Call& call) {
    switch (call.kind) {
      case Call::Kind::write:
        unsynced[call.file] += call.bytes;
        break;
      case Call::Kind::sync:
        contents[call.file] += unsynced[call.file];
        unsynced.erase(call.file);
        break;
      case Call::Kind::sync_folder:
        for (const Call* renaming : renamings) apply(*renaming, names);
        renamings.clear();
        break;
      default:
        renamings.push_back(&call);
    }
  }
};

void CrashDisk::for_each_crash(size_t calls, const std::function<void(const Files&)>& visit) const {
  Disk disk;
  for (size_t i = 0; i < calls; ++i) disk.take(log_[i]);
  std::set<Files> seen;
  for (size_t kept = 0; kept < size_t{1} << disk.renamings.size(); ++kept) {
    std::map<std::string, int> names = disk.names;
    for (size_t i = 0; i < disk.renamings.size(); ++i) {
      if ((kept >> i & 1) != 0) Disk::apply(*disk.renamings[i], names);
    }
    constexpr size_t ways = 5;
    for (size_t way = 0; way < ways; ++way) {
      Files files;
      for (const auto& [name, file] : names) {
        const auto synced = disk.contents.find(file);
        const auto unsynced = disk.unsynced.find(file);
        const std::vector<std::string> all =
            remains(synced == disk.contents.end() ? "" : synced->second,
                    unsynced == disk.unsynced.end() ? "" : unsynced->second);
        files[name] = all[std::min(way, all.size() - 1)];
      }
      if (seen.insert(files).second) visit(files);
    }
  }
}

}  // namespace inkling::testing
