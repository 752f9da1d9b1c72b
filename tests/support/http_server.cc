#include "support/http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace inkling::testing {
namespace {

struct Listener {
  int descriptor = -1;
  int port = 0;
};

Listener listen_on_loopback() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  auto* const address = reinterpret_cast<sockaddr*>(&where);
  if (descriptor < 0 || bind(descriptor, address, size) != 0 || listen(descriptor, 8) != 0 ||
      getsockname(descriptor, address, &size) != 0) {
    throw std::runtime_error("cannot listen on the loopback address");
  }
  return {descriptor, ntohs(where.sin_port)};
}

// Up to the empty line; "" when it does not come.
std::string read_request(int connection) {
  std::string request;
  std::array<char, 4096> bytes;
  while (request.find("\r\n\r\n") == request.npos) {
    const ssize_t got = recv(connection, bytes.data(), bytes.size(), 0);
    if (got <= 0) return "";
    request.append(bytes.data(), static_cast<size_t>(got));
  }
  return request;
}

std::optional<size_t> range_start(std::string_view request) {
  constexpr std::string_view field = "\r\nRange: bytes=";
  const size_t at = request.find(field);
  if (at == request.npos) return std::nullopt;
  const std::string_view digits = request.substr(at + field.size());
  size_t start = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), start);
  return start;
}

void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

}  // namespace

HttpServer::HttpServer() {
  const Listener listener = listen_on_loopback();
  listening_ = listener.descriptor;
  port_ = listener.port;
  if (pipe2(stop_, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  thread_ = std::thread([this] { run(); });
}

HttpServer::~HttpServer() {
  close(stop_[1]);
  thread_.join();
  close(stop_[0]);
  close(listening_);
}

std::string HttpServer::address() const { return fmt::format("http://127.0.0.1:{}", port_); }

void HttpServer::serve(const std::string& path, std::string bytes) {
  const std::lock_guard lock(mutex_);
  files_[path] = std::move(bytes);
}

void HttpServer::forget_ranges() {
  const std::lock_guard lock(mutex_);
  ranges_ = false;
}

void HttpServer::break_after(size_t bytes) {
  const std::lock_guard lock(mutex_);
  break_after_ = bytes;
}

std::vector<HttpServer::Request> HttpServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpServer::run() {
  std::array<pollfd, 2> waiting{{{listening_, POLLIN, 0}, {stop_[0], POLLIN, 0}}};
  for (;;) {
    if (poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if (waiting[1].revents != 0) return;
    const int connection = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    // A client that says nothing must not hold up the end of a test.
    const timeval patience{10, 0};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    answer(connection);
    close(connection);
  }
}

void HttpServer::answer(int connection) {
  const std::string request = read_request(connection);
  const size_t method_end = request.find(' ');
  if (method_end == request.npos) return;
  const std::string path =
      request.substr(method_end + 1, request.find(' ', method_end + 1) - method_end - 1);
  const bool get = request.starts_with("GET ");

  const std::lock_guard lock(mutex_);
  auto from = range_start(request);
  if (get) requests_.push_back({path, from});
  const auto found = files_.find(path);
  const auto respond = [&](std::string_view status, std::string_view fields,
                           std::string_view body) {
    send_all(connection, fmt::format("HTTP/1.1 {}\r\nConnection: close\r\nContent-Length: {}\r\n"
                                     "{}\r\n",
                                     status, body.size(), fields));
    if (get) send_all(connection, body.substr(0, break_after_.value_or(body.npos)));
    break_after_.reset();
  };
  if (found == files_.end()) return respond("404 Not Found", "", "nothing here\n");
  const std::string_view bytes = found->second;
  if (!ranges_) from.reset();
  if (!from) return respond("200 OK", ranges_ ? "Accept-Ranges: bytes\r\n" : "", bytes);
  if (*from >= bytes.size()) {
    return respond("416 Range Not Satisfiable",
                   fmt::format("Content-Range: bytes */{}\r\n", bytes.size()), "");
  }
  respond("206 Partial Content",
          fmt::format("Content-Range: bytes {}-{}/{}\r\n", *from, bytes.size() - 1, bytes.size()),
          bytes.substr(*from));
}

std::string closed_address() {
  const Listener listener = listen_on_loopback();
  close(listener.descriptor);
  return fmt::format("http://127.0.0.1:{}", listener.port);
}

}  // namespace inkling::testing
