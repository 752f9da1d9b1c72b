#include "generate/logit_filters.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace inkling::generate {
namespace {

constexpr auto more_probable = [](const Candidate& a, const Candidate& b) {
  return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
};

void sort(Candidates& candidates) {
  if (!std::is_sorted(candidates.begin(), candidates.end(), more_probable)) {
    std::sort(candidates.begin(), candidates.end(), more_probable);
  }
}

void keep(Candidates& candidates, size_t n) {
  candidates.resize(std::clamp<size_t>(n, 1, candidates.size()));
}

// Beyond the largest numbers there are infinities, from which no distribution comes.
float finite(double logit) {
  constexpr double most = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(logit, -most, most));
}

// How many of the first hold `share` together.
size_t holding(const Candidates& candidates, double share) {
  double sum = 0;
  for (size_t i = 0; i < candidates.size(); ++i) {
    sum += candidates[i].p;
    if (sum >= share) return i + 1;
  }
  return candidates.size();
}

}  // namespace

void normalise(Candidates& candidates) {
  float greatest = candidates.front().logit;
  for (const Candidate& c : candidates) greatest = std::max(greatest, c.logit);
  double sum = 0;
  for (Candidate& c : candidates) sum += c.p = std::exp(static_cast<double>(c.logit) - greatest);
  for (Candidate& c : candidates) c.p /= sum;
}

void logit_bias(Candidates& candidates, std::span<const float> bias) {
  for (Candidate& c : candidates) {
    const double logit = static_cast<double>(c.logit) + bias[static_cast<size_t>(c.token)];
    c.logit = std::isfinite(logit) ? finite(logit) : static_cast<float>(logit);
  }
}

void keep_allowed(Candidates& candidates, std::span<const uint8_t> allowed) {
  std::erase_if(candidates,
                [&](const Candidate& c) { return allowed[static_cast<size_t>(c.token)] == 0; });
}

void repeat_penalty(Candidates& candidates, std::span<const int32_t> count, double penalty) {
  if (penalty == 1) return;
  for (Candidate& c : candidates) {
    if (count[static_cast<size_t>(c.token)] == 0) continue;
    if (!std::isfinite(c.logit)) continue;
    c.logit = finite(c.logit > 0 ? c.logit / penalty : c.logit * penalty);
  }
}

void presence_penalty(Candidates& candidates, std::span<const int32_t> count, double penalty) {
  if (penalty == 0) return;
  for (Candidate& c : candidates) {
    if (count[static_cast<size_t>(c.token)] == 0 || !std::isfinite(c.logit)) continue;
    c.logit = finite(c.logit - penalty);
  }
}

void frequency_penalty(Candidates& candidates, std::span<const int32_t> count, double penalty) {
  if (penalty == 0) return;
  for (Candidate& c : candidates) {
    if (std::isfinite(c.logit))
      c.logit = finite(c.logit - penalty * count[static_cast<size_t>(c.token)]);
  }
}

void dry(Candidates& candidates, std::span<const int32_t> length, double multiplier, double base,
         int64_t allowed) {
  constexpr double most = 1e6;  // as good as forbidden, and still a number
  if (multiplier == 0) return;
  for (Candidate& c : candidates) {
    const int32_t repeated = length[static_cast<size_t>(c.token)];
    if (repeated == 0 || repeated < allowed) continue;
    const double penalty = multiplier * std::pow(base, static_cast<double>(repeated - allowed));
    c.logit -= static_cast<float>(std::min(penalty, most));
  }
}

void top_k(Candidates& candidates, int64_t k) {
  const size_t n = candidates.size();
  if (k > 0 && static_cast<size_t>(k) < n) {
    // A few of many come soonest from a heap, a good part of them from a cut and a sort.
    constexpr size_t many = 8;
    const auto middle = candidates.begin() + k;
    if (static_cast<size_t>(k) < n / many) {
      std::partial_sort(candidates.begin(), middle, candidates.end(), more_probable);
    } else {
      std::nth_element(candidates.begin(), middle, candidates.end(), more_probable);
      std::sort(candidates.begin(), middle, more_probable);
    }
    keep(candidates, static_cast<size_t>(k));
  } else {
    sort(candidates);
  }
}

void typical(Candidates& candidates, double share) {
  if (share >= 1) return sort(candidates);
  normalise(candidates);
  double entropy = 0;
  for (const Candidate& c : candidates) {
    if (c.p > 0) entropy -= c.p * std::log(c.p);
  }
  const auto distance = [entropy](const Candidate& c) {
    return std::abs(-std::log(c.p) - entropy);
  };
  std::sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
    const double da = distance(a), db = distance(b);
    return da != db ? da < db : more_probable(a, b);
  });
  keep(candidates, holding(candidates, share));
  sort(candidates);
  normalise(candidates);
}

void top_p(Candidates& candidates, double share) {
  sort(candidates);
  if (share >= 1) return;
  normalise(candidates);
  keep(candidates, holding(candidates, share));
  normalise(candidates);
}

void min_p(Candidates& candidates, double share) {
  sort(candidates);
  if (share <= 0) return;
  normalise(candidates);
  const double least = share * candidates.front().p;
  const auto below = [least](const Candidate& c) { return c.p < least; };
  const auto first = std::find_if(candidates.begin(), candidates.end(), below);
  keep(candidates, static_cast<size_t>(first - candidates.begin()));
  normalise(candidates);
}

void mirostat(Candidates& candidates, double limit) {
  sort(candidates);
  normalise(candidates);
  const auto surprising = [limit](const Candidate& c) { return -std::log2(c.p) > limit; };
  const auto first = std::find_if(candidates.begin(), candidates.end(), surprising);
  keep(candidates, static_cast<size_t>(first - candidates.begin()));
  normalise(candidates);
}

double mirostat_limit(double limit, double surprise, double target, double rate) {
  constexpr double most = 30;
  return std::min(limit - rate * (surprise - target), most);
}

void temperature(Candidates& candidates, double t) {
  if (t > 0) {
    float greatest = candidates.front().logit;
    for (const Candidate& c : candidates) greatest = std::max(greatest, c.logit);
    // From the greatest down, so that a tiny t ends in 0 and -infinity and not in two infinities.
    for (Candidate& c : candidates) {
      c.logit = static_cast<float>((static_cast<double>(c.logit) - greatest) / t);
    }
  } else {
    top_k(candidates, 1);
  }
  normalise(candidates);
}

}  // namespace inkling::generate
