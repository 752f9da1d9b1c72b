#include <stdexcept>

#include "amx.h"
#include "held_tiles.h"

namespace inkling::emulated {

void fault(const char* what) { throw std::logic_error(what); }

bool holds_tiles() { return tiles.configured; }

}  // namespace inkling::emulated
