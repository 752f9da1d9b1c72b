#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace inkling::testing {

// Serves bytes over HTTP/1.1 on a port of its own of the loopback address, one connection after the
// other, from a thread of its own. Knows GET, HEAD and "Range: bytes=N-".
class HttpServer {
 public:
  struct Request {
    std::string path;
    std::optional<size_t> from;  // the N of its Range
    bool operator==(const Request&) const = default;
  };

  HttpServer();
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string address() const;  // "http://127.0.0.1:PORT"
  // What `path` (with its leading slash) gives from now on; any other path gives 404.
  void serve(const std::string& path, std::string bytes);
  // From now on a Range is passed over, and the whole is sent.
  void forget_ranges();
  // The next answer promises the whole and ends, without a word, after so many bytes of it.
  void break_after(size_t bytes);
  // The GETs so far.
  std::vector<Request> requests() const;

 private:
  void run();
  void answer(int connection);

  int listening_ = -1;
  int port_ = 0;
  int stop_[2] = {-1, -1};    // a pipe: closing [1] ends run()
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, std::string> files_;
  std::vector<Request> requests_;
  std::optional<size_t> break_after_;
  bool ranges_ = true;
  std::thread thread_;
};

// A port of the loopback address on which nobody listens.
std::string closed_address();

}  // namespace inkling::testing
