#!/usr/bin/env python3
"""Reads in PyTorch every model that inkling writes, and saves it. Needs torch (1.13 or later) and numpy, nothing else.

    model = inkling_torch.load("book.safetensors")    # an nn.Module; model.config, model.characters
    model.loss("Some text.")                          # nats per character
    model.generate("The cat sat on the", 100, temperature=0.7)
    logits, state = model(tokens)                     # tokens [T, B] -> logits [T, B, V]
    plain = model.as_torch()                          # nn.Embedding / nn.LSTM / nn.Linear, where they can express it
    model.save("tuned.safetensors")                   # with its weights as they are now; inkling reads it

    python3 inkling_torch.py MODEL TEXTFILE           # prints the loss
    python3 inkling_torch.py --check MODEL            # loads it with load_state_dict(strict=True)

FORMAT.md beside this file describes the format.

A text becomes the tokens that it becomes in inkling, with three exceptions. Of what inkling does with a character that
the vocabulary lacks, ICU's Latin-ASCII is missing here: curly quotes, long dashes, letters as ø or ł are unknown where
inkling may read them as ASCII. And characters younger than Python's Unicode (unicodedata.unidata_version) have no
properties: marks among them stand alone, and none folds. And of more than 128 marks in a row inkling puts each 128 in
order by themselves.
"""

import argparse
import contextlib
import json
import math
import os
import re
import stat
import struct
import sys
import unicodedata

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

SCALAR_VALUES = 1_112_064  # of Unicode: what an unknown code point could have been
NETWORK_INPUT = -1
UNKNOWN_LOSSES = {"train_loss": None, "val_loss": None}
CHANGED_HERE = "; weights changed in PyTorch"


# ---- XXH3 with 64 bits, seed 0 and the default secret, as xxHash's specification has it.

LOW_64, LOW_32 = (1 << 64) - 1, (1 << 32) - 1
PRIME32 = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)
PRIME64 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)
SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221"
    "b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb"
    "170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e"
)
STRIPE, STRIPES = 64, 16  # bytes; of a block, after which the accumulators are scrambled
BLOCK = STRIPE * STRIPES
LANES = (PRIME32[2], *PRIME64[:4], PRIME32[1], PRIME64[4], PRIME32[0])  # the accumulators at first


def _word(data, at, size=8):
    return int.from_bytes(data[at : at + size], "little")


def _words(data, at, count):
    return np.frombuffer(data, "<u8", count, at)


def _fold(a, b):
    product = a * b
    return (product & LOW_64) ^ (product >> 64)


def _mix(data, at, key):
    return _fold(_word(data, at) ^ _word(SECRET, key), _word(data, at + 8) ^ _word(SECRET, key + 8))


def _avalanche(x):
    x &= LOW_64
    x = (x ^ x >> 37) * 0x165667919E3779F9 & LOW_64
    return x ^ x >> 32


def _avalanche_xxh64(x):
    x = (x ^ x >> 33) * PRIME64[1] & LOW_64
    x = (x ^ x >> 29) * PRIME64[2] & LOW_64
    return x ^ x >> 32


def _xxh3_to_16(data):
    size = len(data)
    if size > 8:
        low = _word(data, 0) ^ _word(SECRET, 24) ^ _word(SECRET, 32)
        high = _word(data, size - 8) ^ _word(SECRET, 40) ^ _word(SECRET, 48)
        swapped = int.from_bytes(low.to_bytes(8, "little"), "big")
        return _avalanche(size + swapped + high + _fold(low, high))
    if size >= 4:
        x = _word(data, size - 4, 4) + (_word(data, 0, 4) << 32) ^ _word(SECRET, 8) ^ _word(SECRET, 16)
        x ^= (x << 49 | x >> 15) & LOW_64 ^ (x << 24 | x >> 40) & LOW_64
        x = x * 0x9FB21C651E98DF25 & LOW_64
        x = (x ^ (x >> 35) + size) * 0x9FB21C651E98DF25 & LOW_64
        return x ^ x >> 28
    if size > 0:
        x = data[0] << 16 | data[size >> 1] << 24 | data[-1] | size << 8
        return _avalanche_xxh64(x ^ _word(SECRET, 0, 4) ^ _word(SECRET, 4, 4))
    return _avalanche_xxh64(_word(SECRET, 56) ^ _word(SECRET, 64))


def _xxh3_to_240(data):
    size = len(data)
    x = size * PRIME64[0]
    if size <= 128:
        for i in range((size - 1) // 32 + 1):
            x += _mix(data, 16 * i, 32 * i) + _mix(data, size - 16 * (i + 1), 32 * i + 16)
        return _avalanche(x)
    x = _avalanche(x + sum(_mix(data, 16 * i, 16 * i) for i in range(8)))
    x += sum(_mix(data, 16 * i, 16 * (i - 8) + 3) for i in range(8, size // 16))
    return _avalanche(x + _mix(data, size - 16, 119))


def _stripe_sums(stripes, keys):
    """What a block's stripes add to the accumulators: stripes [blocks, stripes, 8] -> [blocks, 8]."""
    keyed = stripes ^ keys
    products = ((keyed & LOW_32) * (keyed >> 32)).sum(axis=1)
    return products + stripes.sum(axis=1)[:, [1, 0, 3, 2, 5, 4, 7, 6]]


def _xxh3_long(data, blocks_at_once=1024):
    size = len(data)
    lanes = np.array(LANES, "<u8")
    keys = np.stack([_words(SECRET, 8 * i, 8) for i in range(STRIPES)])
    scramble = _words(SECRET, 128, 8)
    blocks = (size - 1) // BLOCK
    for begin in range(0, blocks, blocks_at_once):
        count = min(blocks_at_once, blocks - begin)
        stripes = _words(data, begin * BLOCK, count * BLOCK // 8).reshape(count, STRIPES, 8)
        for sums in _stripe_sums(stripes, keys):
            lanes += sums
            lanes = (lanes ^ lanes >> 47 ^ scramble) * PRIME32[0]
    left = (size - 1 - blocks * BLOCK) // STRIPE
    stripes = _words(data, blocks * BLOCK, left * 8).reshape(1, left, 8)
    lanes += _stripe_sums(stripes, keys[:left])[0]
    lanes += _stripe_sums(_words(data, size - STRIPE, 8).reshape(1, 1, 8), _words(SECRET, 121, 8))[0]
    lanes = (lanes ^ _words(SECRET, 11, 8)).tolist()
    return _avalanche(size * PRIME64[0] + sum(map(_fold, lanes[::2], lanes[1::2])))


def xxh3_64(data):
    """XXH3-64 of bytes."""
    if len(data) <= 16:
        return _xxh3_to_16(data)
    return _xxh3_to_240(data) if len(data) <= 240 else _xxh3_long(data)


# ---- The file.


def seal(data):
    """Puts the checksum of a whole file (a bytearray) into its header; returns whether it stood there."""
    key = b'"checksum":"'
    at = data.find(key) + len(key)
    if at < len(key):
        return False
    before = data[at : at + 16]
    data[at : at + 16] = b"0" * 16
    data[at : at + 16] = b"%016x" % xxh3_64(data)
    return data[at : at + 16] == before


def read_safetensors(path):
    """{name: float32 or integer tensor}, {metadata key: string}. A checksum, where there is one, is verified."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    header_size = _word(data, 0)
    if not 2 <= header_size <= len(data) - 8:
        raise ValueError(f"{path}: not a whole safetensors file")
    header = json.loads(data[8 : 8 + header_size])
    metadata = header.pop("__metadata__", {})
    if "checksum" in metadata and not seal(data):
        raise ValueError(f"{path}: damaged: its checksum does not fit its contents")
    types = {"F32": "<f4", "BF16": "<u2", "U64": "<u8", "I64": "<i8", "U8": "u1"}
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + header_size + offset for offset in entry["data_offsets"])
        array = np.frombuffer(data[begin:end], dtype=types[entry["dtype"]])
        if entry["dtype"] == "BF16":  # the upper half of a float32
            array = (array.astype("<u4") << 16).view("<f4")
        if entry["dtype"] == "U64":  # torch has no such type
            array = array.view("<i8")
        tensors[name] = torch.from_numpy(array.reshape(entry["shape"]).copy())
    return tensors, metadata


def _encoded(arrays):
    """The type and the bytes of float32 arrays: BF16 where that loses nothing, as of a file that had it."""
    bits = [array.astype("<f4").view("<u4") for array in arrays]
    if any((b & 0xFFFF).any() for b in bits):
        return "F32", [b.tobytes() for b in bits]
    return "BF16", [(b >> 16).astype("<u2").tobytes() for b in bits]


def safetensors_bytes(arrays, metadata):
    """A whole file, sealed: {name: float32 array}, {metadata key: string}."""
    header = {"__metadata__": dict(sorted({**metadata, "checksum": "0" * 16}.items()))}
    dtype, parts = _encoded(arrays.values())
    end = 0
    for (name, array), part in zip(arrays.items(), parts):
        begin, end = end, end + len(part)
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [begin, end]}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    data = bytearray(struct.pack("<Q", len(text)) + text + b"".join(parts))
    seal(data)
    return data


def write_atomically(path, data):
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            with contextlib.suppress(FileNotFoundError):
                os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)
        raise


def load(path):
    tensors, metadata = read_safetensors(path)
    if metadata.get("inkling") not in ("1", "2"):
        raise ValueError(f"{path}: not an inkling model of format 1 or 2")
    return InklingModel(tensors, metadata)


# ---- Characters: grapheme clusters as ICU finds them, and what stands for one that a vocabulary lacks.

# Of each code point a class: r CR, n LF, c control, e Extend, m Extend of a combining class, v virama that binds
# consonants, z ZWJ, s SpacingMark, p Prepend, L V T A B the jamo L V T and the syllables LV LVT, R regional indicator,
# x Extended_Pictographic, k consonant that a virama binds, o other. Here is what the general category does not tell.
CLUSTER_CLASSES = {
    "r": "D",
    "n": "A",
    "c": "2065 FFF0-FFF8 E0000-E001F E0080-E00FF E01F0-E0FFF",
    "e": "9BE 9D7 B3E B57 BBE BD7 CC2 CD5-CD6 D3E D57 DCF DDF 1B35 200C FF9E-FF9F 1133E 11357 114B0 114BD 115AF 11930 "
    "1F3FB-1F3FF E0020-E007F",
    "m": "302E-302F 1D165 1D16E-1D172",
    "v": "94D 9CD ACD B4D C4D D4D",
    "z": "200D",
    "s": "E33 EB3",
    "p": "600-605 6DD 70F 890-891 8E2 D4E 110BD 110CD 111C2-111C3 1193F 11941 11A3A 11A84-11A89 11D46 11F02",
    "L": "1100-115F A960-A97C",
    "V": "1160-11A7 D7B0-D7C6",
    "T": "11A8-11FF D7CB-D7FB",
    "B": "AC00-D7A3",
    "A": " ".join(f"{lv:X}" for lv in range(0xAC00, 0xD7A4, 28)),
    "R": "1F1E6-1F1FF",
    "x": "A9 AE 203C 2049 2122 2139 2194-2199 21A9-21AA 231A-231B 2328 2388 23CF 23E9-23F3 23F8-23FA 24C2 25AA-25AB "
    "25B6 25C0 25FB-25FE 2600-2605 2607-2612 2614-2685 2690-2705 2708-2712 2714 2716 271D 2721 2728 2733-2734 2744 2747 "
    "274C 274E 2753-2755 2757 2763-2767 2795-2797 27A1 27B0 27BF 2934-2935 2B05-2B07 2B1B-2B1C 2B50 2B55 3030 303D 3297 "
    "3299 1F000-1F0FF 1F10D-1F10F 1F12F 1F16C-1F171 1F17E-1F17F 1F18E 1F191-1F19A 1F1AD-1F1E5 1F201-1F20F 1F21A 1F22F "
    "1F232-1F23A 1F23C-1F23F 1F249-1F3FA 1F400-1F53D 1F546-1F64F 1F680-1F6FF 1F774-1F77F 1F7D5-1F7FF 1F80C-1F80F "
    "1F848-1F84F 1F85A-1F85F 1F888-1F88F 1F8AE-1F8FF 1F90C-1F93A 1F93C-1F945 1F947-1FAFF 1FC00-1FFFD",
    "k": "915-939 958-95F 978-97F 995-9A8 9AA-9B0 9B2 9B6-9B9 9DC-9DD 9DF 9F0-9F1 A95-AA8 AAA-AB0 AB2-AB3 AB5-AB9 AF9 "
    "B15-B28 B2A-B30 B32-B33 B35-B39 B5C-B5D B5F B71 C15-C28 C2A-C39 C58-C5A D15-D3A",
    "o": "102B-102C 1038 1062-1064 1067-106D 1083 1087-108C 108F 109A-109C 1A61 1A63-1A64 AA7B AA7D 11720-11721",
}
# The rules of UAX #29, and ICU's own for conjunct consonants.
CLUSTER = re.compile(
    "rn|[rnc]|p*(?:L*(?:V+|AV*|B)T*|L+|T+|RR|x(?:[emv]*zx)*|k(?:[mz]*v[mvz]*k)*|[^rnc])[emvzs]*"
)
LONGEST_CLUSTER = 32  # code points


class ClusterClasses(dict):
    """For str.translate(): code point -> class."""

    def __init__(self):
        super().__init__()
        for kind, spans in CLUSTER_CLASSES.items():
            for span in spans.split():
                first, _, last = span.partition("-")
                self.update(dict.fromkeys(range(int(first, 16), int(last or first, 16) + 1), kind))

    def __missing__(self, code_point):
        character = chr(code_point)
        category = unicodedata.category(character)
        if category in ("Mn", "Me"):
            kind = "m" if unicodedata.combining(character) else "e"
        elif category in ("Cc", "Cf", "Zl", "Zp"):
            kind = "c"
        else:
            kind = "s" if category == "Mc" else "o"
        self[code_point] = kind
        return kind


cluster_classes = ClusterClasses()


def clusters(text):
    """The grapheme clusters, a long one in pieces."""
    found = CLUSTER.finditer(text.translate(cluster_classes))
    return [
        text[at : min(at + LONGEST_CLUSTER, match.end())]
        for match in found
        for at in range(match.start(), match.end(), LONGEST_CLUSTER)
    ]


def lower_case(text):
    """By Unicode's simple mapping, code point for code point."""
    return "".join(c.lower()[0] for c in text)


def upper_case(text):
    def simple(c):
        return next((mapped for mapped in (c.upper(), c.title()) if len(mapped) == 1), c)

    return "".join(map(simple, text))


def without_marks(text):
    decomposed = unicodedata.normalize("NFD", text)
    base = "".join(c for c in decomposed if not unicodedata.category(c).startswith("M"))
    return unicodedata.normalize("NFC", base)


def fold_candidates(character):
    """What Unicode offers in place of a character, the nearest first. inkling has ICU's Latin-ASCII form, too, after the
    one without marks, and its cases at the end: where only these are known, a character is unknown here."""
    compatible, base = unicodedata.normalize("NFKC", character), without_marks(character)
    candidates = [compatible, lower_case(character), upper_case(character), base]
    for other in (compatible, base):
        candidates += [lower_case(other), upper_case(other)]
    return candidates


def one_hot_input(tokens, vocab_size, dtype):
    """For <unk>, the last token, a zero vector: its column of the weights stays zero when they are trained."""
    x = F.one_hot(tokens, vocab_size).to(dtype)
    x[..., -1] = 0
    return x


class Group(nn.Module):
    """Parameters under one name: rnn.weight_ih_l0 is Group `rnn`, parameter `weight_ih_l0`."""


def blocks_of_lines(text):
    """What blank lines part."""
    blocks, lines = [], []
    for line in [*text.split("\n"), ""]:
        if line.strip(" \t\r"):
            lines.append(line)
        elif lines:
            blocks.append("\n".join(lines).removesuffix("\r"))
            lines = []
    return blocks


class InklingModel(nn.Module):
    """A network of any configuration that inkling trains, with the file's names for its parameters."""

    def __init__(self, tensors, metadata):
        super().__init__()
        self.config = json.loads(metadata["config"])
        self.text_options = json.loads(metadata["tokenizer"])
        self.history = json.loads(metadata["history"])
        self.metadata = {key: value for key, value in metadata.items() if not key.startswith("state.")}
        self.vocab_size = self.config["vocab_size"]

        vocabulary = json.loads(metadata["vocabulary"])
        self.unit = self.text_options["unit"]
        self.characters = [
            bytes([c]) if self.unit == "byte" else c for c in vocabulary["characters"]
        ]
        self.counts = vocabulary["counts"]
        self.token_of = {c: token for token, c in enumerate(self.characters)}
        self.end = None if vocabulary["end_count"] is None else len(self.characters)
        self.unknown = self.vocab_size - 1
        self.folded = {}  # characters that the vocabulary lacks -> what is read for them

        self.tensors = {name: t for name, t in tensors.items() if not name.startswith("state.")}
        for name, tensor in self.tensors.items():
            group, leaf = name.split(".", 1)
            if not hasattr(self, group):
                self.add_module(group, Group())
            getattr(self, group).register_parameter(leaf, nn.Parameter(tensor.clone()))

    # ---- The network.

    def initial_state(self, batch_size=1):
        """A list of (h,) or (h, c) for each layer, each [B, H]."""
        names = ("h", "c") if self.config["cell"] == "lstm" else ("h",)
        state = []
        for k, layer in enumerate(self.config["layers"]):
            shape = (batch_size, layer["hidden_size"])
            if self.config["initial_state"] == "learned":
                first = [getattr(self.init, f"{name}_l{k}").expand(shape) for name in names]
            else:
                first = [self.fc.bias.new_zeros(shape) for _ in names]
            state.append(tuple(first))
        return state

    def forward(self, tokens, state=None):
        """tokens [T, B] -> logits of the next character [T, B, V], and the state after them."""
        if state is None:
            state = self.initial_state(tokens.shape[1])
        if self.config["embedding_size"] > 0:
            embedded = F.embedding(tokens, self.embed.weight, padding_idx=self.unknown)
            outputs = {NETWORK_INPUT: embedded}
        else:
            outputs = {NETWORK_INPUT: one_hot_input(tokens, self.vocab_size, self.fc.bias.dtype)}
        after = []
        for k, layer in enumerate(self.config["layers"]):
            x = torch.cat([outputs[i] for i in layer["inputs"]], dim=-1)
            outputs[k], last = self._layer(k, x, state[k])
            after.append(last)
        tops = [outputs[i] for i in self.config["head_inputs"]]
        if not self.config.get("mixture", False):
            return F.linear(torch.cat(tops, dim=-1), self.fc.weight, self.fc.bias), after
        weights = self.fc.weight.split([top.shape[-1] for top in tops], dim=1)
        logs = [F.log_softmax(F.linear(y, w, self.fc.bias), dim=-1) for y, w in zip(tops, weights)]
        return torch.stack(logs).logsumexp(dim=0) - math.log(len(logs)), after

    def _layer(self, k, x, state):
        def get(group, name):
            return getattr(getattr(self, group), f"{name}_l{k}")

        def gates(product, side):
            """Both biases are added after the normalisation; its gain stands for each gate row."""
            if not self.config["layer_norm"]:
                return product + get("rnn", f"bias_{side}")
            shape = product.shape[-1:]
            return F.layer_norm(product, shape, get("norm", f"gain_{side}"), get("rnn", f"bias_{side}"))

        ax = gates(F.linear(x, get("rnn", "weight_ih")), "ih")
        outputs = []
        for step in ax:
            ah = gates(F.linear(state[0], get("rnn", "weight_hh")), "hh")
            state = self._cell(k, step, ah, state)
            outputs.append(state[0])
        return torch.stack(outputs), state

    def _cell(self, k, ax, ah, state):
        cell = self.config["cell"]
        if cell == "rnn":
            squash = torch.relu if self.config["activation"] == "relu" else torch.tanh
            return (squash(ax + ah),)
        if cell == "gru":
            ax_r, ax_z, ax_n = ax.chunk(3, dim=-1)
            ah_r, ah_z, ah_n = ah.chunk(3, dim=-1)
            r, z = torch.sigmoid(ax_r + ah_r), torch.sigmoid(ax_z + ah_z)
            n = torch.tanh(ax_n + r * ah_n)
            return ((1 - z) * n + z * state[0],)
        i, f, g, o = (ax + ah).chunk(4, dim=-1)
        c = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
        u = c
        if self.config["layer_norm"]:  # of what the output sees; the cell state itself is carried as it is
            gain, bias = getattr(self.norm, f"gain_c_l{k}"), getattr(self.norm, f"bias_c_l{k}")
            u = F.layer_norm(c, c.shape[-1:], gain, bias)
        return torch.sigmoid(o) * torch.tanh(u), c

    def is_plain(self):
        """Whether PyTorch's own modules can express this network."""
        layers = self.config["layers"]
        chain = all(layer["inputs"] == [k - 1] for k, layer in enumerate(layers))
        same_size = len({layer["hidden_size"] for layer in layers}) == 1
        return (
            chain
            and same_size
            and not self.config.get("mixture", False)
            and self.config["head_inputs"] == [len(layers) - 1]
            and not self.config["layer_norm"]
            and self.config["initial_state"] == "zero"
        )

    def as_torch(self):
        """A module of PyTorch's own layers with this model's weights."""
        if not self.is_plain():
            raise ValueError("PyTorch's modules cannot express this network: use InklingModel itself")
        plain = PlainModel(self.config)
        plain.load_state_dict(self.state_dict(), strict=True)
        return plain

    # ---- Writing.

    def save(self, path):
        """Writes the model, with its weights as they are now, to a file that inkling reads; one that is there is replaced
        in one step. Of a checkpoint that is the model alone. Losses measured before the weights were changed are left
        out. Those of as_torch() come back with load_state_dict(plain.state_dict())."""
        weights = {name: self.get_parameter(name).detach().float().cpu() for name in self.tensors}
        for name, tensor in weights.items():
            if tensor.shape != self.tensors[name].shape:
                raise ValueError(f"{path}: cannot be saved: {name} has another shape than the model's")
            if not tensor.isfinite().all():
                raise ValueError(f"{path}: cannot be saved: {name} is not finite")
        metadata = dict(self.metadata)
        if not all(torch.equal(weights[name], tensor) for name, tensor in self.tensors.items()):
            metadata["history"] = self._changed_history()
        arrays = {name: tensor.numpy() for name, tensor in weights.items()}
        write_atomically(path, safetensors_bytes(arrays, metadata))

    def _changed_history(self):
        command = self.history["command"].removesuffix(CHANGED_HERE) + CHANGED_HERE
        history = {**self.history, **UNKNOWN_LOSSES, "command": command}
        return json.dumps(history, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    # ---- Text.

    def normalize(self, text):
        if self.text_options["line_ends"] == "lf":
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        form = self.text_options["normalize"]
        return text if form == "none" or self.unit == "byte" else unicodedata.normalize(form.upper(), text)

    def split(self, text):
        """The text's characters, by the model's unit."""
        text = self.normalize(text)
        if self.unit == "byte":
            data = text.encode("utf-8", errors="surrogateescape")
            return [data[at : at + 1] for at in range(len(data))]
        return clusters(text) if self.unit == "grapheme" else list(text)

    def token(self, character):
        """Of what split() gives. One that the vocabulary lacks is read as the first of its fold_candidates() that it
        has, or as <unk>."""
        known = self.token_of.get(character)
        if known is not None:
            return known
        if character not in self.folded:
            self.folded[character] = self._fold(character)
        return self.folded[character]

    def _fold(self, character):
        if self.unit == "byte":  # single ones of several that are a character do not fold
            candidates = [c.encode() for c in fold_candidates(character.decode())] if character.isascii() else []
        else:
            candidates = fold_candidates(character)
        return next((self.token_of[c] for c in candidates if c in self.token_of), self.unknown)

    def encode(self, text):
        return [self.token(character) for character in self.split(text)]

    def inexact(self, text):
        """(characters read as another, unknown characters) of those that are predicted"""
        characters = [c for document in self.documents(text) for c in self.split(document)]
        if self.end is None:  # nothing stands before the first
            characters = characters[1:]
        tokens = [self.token(c) for c in characters if c not in self.token_of]
        unknown = tokens.count(self.unknown)
        return len(tokens) - unknown, unknown

    def decode(self, tokens):
        replacement = b"?" if self.unit == "byte" else "\N{REPLACEMENT CHARACTER}"
        pieces = []
        for token in tokens:
            if token < len(self.characters):
                pieces.append(self.characters[token])
            elif token != self.end:
                pieces.append(replacement)
        if self.unit == "byte":
            return b"".join(pieces).decode("utf-8", errors="replace")
        return "".join(pieces)

    def documents(self, text):
        """The texts that the model reads each from its initial state; none is empty."""
        text = self.normalize(text)
        kind = self.text_options["documents"] if self.end is not None else "none"
        if kind == "line":
            parts = [line.removesuffix("\r") for line in text.split("\n")]
        elif kind == "blank-line":
            parts = blocks_of_lines(text)
        else:
            parts = [text]
        return [part for part in parts if part]

    def spelling_nats(self, characters):
        """What spelling those that the vocabulary lacks costs, to be added to a loss; also where they are folded."""
        each = math.log(256) if self.unit == "byte" else math.log(SCALAR_VALUES) + math.log(2)
        return each * sum(len(c) for c in characters if c not in self.token_of)

    @torch.no_grad()
    def loss_sum(self, text):
        """(nats, predicted characters), the state carried through the text (or through each of its documents)."""
        nats, count = 0.0, 0
        for document in self.documents(text):
            characters = self.split(document)
            tokens = [self.token(c) for c in characters]
            if self.end is not None:
                tokens = [self.end, *tokens, self.end]
            else:  # the first character of a running text has nothing before it, and is not predicted
                characters = characters[1:]
            if len(tokens) < 2:
                continue
            sequence = torch.tensor(tokens)
            if self.config["shape"] == "many-to-one":
                nats += self._sliding_nats(sequence)
            else:
                nats += self._stateful_nats(sequence)
            nats += self.spelling_nats(characters)
            count += len(tokens) - 1
        return nats, count

    def loss(self, text):
        """Nats per character; NaN where the text is too short to predict any."""
        nats, count = self.loss_sum(text)
        return nats / count if count else math.nan

    def _stateful_nats(self, sequence, chunk=1024):
        nats, state = 0.0, None
        for begin in range(0, len(sequence) - 1, chunk):
            piece = sequence[begin : begin + chunk + 1]
            logits, state = self(piece[:-1, None], state)
            nats += F.cross_entropy(logits[:, 0], piece[1:], reduction="sum").item()
        return nats

    def _sliding_nats(self, sequence, batch_size=256):
        """Many-to-one: each character from a window of up to `context` before it."""
        context = self.config["context"]
        nats = 0.0
        first_full = min(context, len(sequence))
        for at in range(1, first_full):
            logits, _ = self(sequence[:at, None])
            nats += F.cross_entropy(logits[-1], sequence[at : at + 1], reduction="sum").item()
        for begin in range(first_full, len(sequence), batch_size):
            targets = torch.arange(begin, min(begin + batch_size, len(sequence)))
            windows = sequence[targets[None] - context + torch.arange(context)[:, None]]
            logits, _ = self(windows)
            nats += F.cross_entropy(logits[-1], sequence[targets], reduction="sum").item()
        return nats

    def line_feed(self):
        return self.token_of.get(b"\n" if self.unit == "byte" else "\n")

    def start_token(self):
        if self.end is not None:
            return self.end
        most_frequent = max(range(len(self.counts)), key=self.counts.__getitem__)
        return most_frequent if self.line_feed() is None else self.line_feed()

    def prompt_tokens(self, prompt):
        """What is read before the prompt is continued: as the begin of a document, or else of a line."""
        tokens, start = self.encode(prompt), self.start_token()
        begins_line = start == self.line_feed() and not prompt.startswith((" ", "\n", "\r"))
        return [start, *tokens] if self.end is not None or begins_line or not tokens else tokens

    @torch.no_grad()
    def generate(self, prompt="", n=200, temperature=1.0, generator=None):
        """The prompt's continuation: n characters, or up to the end of the document. Temperature 0
        takes the most likely."""
        tokens = self.prompt_tokens(prompt)
        written = []
        sliding = self.config["shape"] == "many-to-one"
        context = tokens[-self.config["context"] :] if sliding else tokens
        state = None
        empty_lines = 2 if not prompt and tokens == [self.line_feed()] else 0  # at most: read, not written
        while len(written) < n:
            logits, state = self(torch.tensor(context)[:, None], None if sliding else state)
            scores = logits[-1, 0]
            if empty_lines > 0 and int(scores.argmax()) == self.line_feed():
                empty_lines -= 1
                context = (context + tokens)[-self.config["context"] :] if sliding else tokens
                continue
            empty_lines = 0
            scores[self.unknown] = -math.inf
            if temperature == 0:
                token = int(scores.argmax())
            else:
                probs = torch.softmax(scores / temperature, dim=0)
                token = int(torch.multinomial(probs, 1, generator=generator))
            if token == self.end:
                break
            written.append(token)
            context = (context + [token])[-self.config["context"] :] if sliding else [token]
        return self.decode(written)


class PlainModel(nn.Module):
    """The network in PyTorch's own layers; its state dict has exactly the names in the file."""

    def __init__(self, config):
        super().__init__()
        self.vocab_size = config["vocab_size"]
        input_size = config["embedding_size"] or self.vocab_size
        hidden_size, num_layers = config["layers"][0]["hidden_size"], len(config["layers"])
        if config["embedding_size"] > 0:
            self.embed = nn.Embedding(self.vocab_size, input_size, padding_idx=self.vocab_size - 1)
        if config["cell"] == "rnn":
            self.rnn = nn.RNN(input_size, hidden_size, num_layers, nonlinearity=config["activation"])
        else:
            kind = nn.LSTM if config["cell"] == "lstm" else nn.GRU
            self.rnn = kind(input_size, hidden_size, num_layers)
        self.fc = nn.Linear(hidden_size, self.vocab_size)

    def forward(self, tokens, state=None):
        """tokens [T, B] -> logits [T, B, V], and PyTorch's state."""
        if hasattr(self, "embed"):
            x = self.embed(tokens)
        else:
            x = one_hot_input(tokens, self.vocab_size, self.fc.bias.dtype)
        y, state = self.rnn(x, state)
        return self.fc(y), state


@torch.no_grad()
def check(model):
    """Loads a model strictly; plain ones into PyTorch's own layers, whose logits must agree. Returns a sentence."""
    model.load_state_dict(model.tensors, strict=True)
    if not model.is_plain():
        return "loads strictly into InklingModel (PyTorch's own layers cannot express it)"
    tokens = torch.randint(model.vocab_size, (40, 3), generator=torch.Generator().manual_seed(1))
    difference = (model(tokens)[0] - model.as_torch()(tokens)[0]).abs().max().item()
    if not difference < 1e-4:
        raise ValueError(f"PyTorch's own layers give other logits: they differ by {difference:g}")
    return f"loads strictly into PyTorch's own layers; logits agree within {difference:.1g}"


def score(model, path):
    """Prints the loss of a text file; of characters that the model does not know, a note."""
    errors = "surrogateescape" if model.unit == "byte" else "strict"
    with open(path, encoding="utf-8-sig", errors=errors, newline="") as file:
        text = file.read()
    nats, count = model.loss_sum(text)
    if count == 0:
        raise ValueError(f"{path}: the text is too short: there is no character to predict")
    print(f"{nats / count:.6f} nats per character over {count} characters")
    folded, unknown = model.inexact(text)
    if folded + unknown > 0:
        note = f"inkling_torch: {folded} characters read as another, {unknown} unknown to the model"
        if unknown > 0 and model.unit != "byte":
            note += "; inkling may read some of these as ASCII (ICU's Latin-ASCII)"
        print(note, file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description="Scores a text with an inkling model, in PyTorch.")
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("text", metavar="TEXTFILE", nargs="?", help="UTF-8")
    parser.add_argument("--check", action="store_true", help="load the weights strictly and compare")
    options = parser.parse_args()
    if options.text is None and not options.check:
        parser.error("a TEXTFILE or --check is needed")
    torch.set_num_threads(1)  # small products: more threads cost more than they give
    try:
        model = load(options.model)
        if options.check:
            print(check(model))
        if options.text is not None:
            score(model, options.text)
    except (OSError, ValueError) as error:
        sys.exit(f"inkling_torch: {error}")


if __name__ == "__main__":
    main()
