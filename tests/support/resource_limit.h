#pragma once

#include <sys/resource.h>

namespace inkling::testing {

// A limit of this process, lowered as long as this lives.
class ResourceLimit {
 public:
  using Resource = decltype(RLIMIT_NOFILE);

  ResourceLimit(Resource resource, rlim_t most) : resource_(resource) {
    getrlimit(resource_, &before_);
    const rlimit lowered{most, before_.rlim_max};
    setrlimit(resource_, &lowered);
  }
  ~ResourceLimit() { setrlimit(resource_, &before_); }
  ResourceLimit(const ResourceLimit&) = delete;
  ResourceLimit& operator=(const ResourceLimit&) = delete;

 private:
  Resource resource_;
  rlimit before_{};
};

}  // namespace inkling::testing
