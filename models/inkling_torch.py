#!/usr/bin/env python3
"""Reads in PyTorch every model that inkling writes. Needs torch (1.13 or later) and numpy, nothing else.

    model = inkling_torch.load("book.safetensors")    # an nn.Module; model.config, model.characters
    model.loss("Some text.")                          # nats per character
    model.generate("The cat sat on the", 100, temperature=0.7)
    logits, state = model(tokens)                     # tokens [T, B] -> logits [T, B, V]
    plain = model.as_torch()                          # nn.Embedding / nn.LSTM / nn.Linear, where they can express it

    python3 inkling_torch.py MODEL TEXTFILE           # prints the loss
    python3 inkling_torch.py --check MODEL            # loads it with load_state_dict(strict=True)

FORMAT.md beside this file describes the format. The file's checksum is not verified here.
"""

import argparse
import json
import math
import re
import struct
import sys
import unicodedata

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

SCALAR_VALUES = 1_112_064  # of Unicode: what an unknown code point could have been
NETWORK_INPUT = -1


def read_safetensors(path):
    """{name: float32 or integer tensor}, {metadata key: string}."""
    with open(path, "rb") as file:
        data = file.read()
    (header_size,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + header_size])
    metadata = header.pop("__metadata__", {})
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


def load(path):
    tensors, metadata = read_safetensors(path)
    if metadata.get("inkling") not in ("1", "2"):
        raise ValueError(f"{path}: not an inkling model of format 1 or 2")
    return InklingModel(tensors, metadata)


class Group(nn.Module):
    """Parameters under one name: rnn.weight_ih_l0 is Group `rnn`, parameter `weight_ih_l0`."""


class InklingModel(nn.Module):
    """A network of any configuration that inkling trains, with the file's names for its parameters."""

    def __init__(self, tensors, metadata):
        super().__init__()
        self.config = json.loads(metadata["config"])
        self.text_options = json.loads(metadata["tokenizer"])
        self.history = json.loads(metadata["history"])
        self.vocab_size = self.config["vocab_size"]

        vocabulary = json.loads(metadata["vocabulary"])
        self.unit = self.text_options["unit"]
        self.characters = [
            bytes([c]) if self.unit == "byte" else c for c in vocabulary["characters"]
        ]
        self.counts = vocabulary["counts"]
        self.token_of = {c: token for token, c in enumerate(self.characters)}
        self.longest = max(len(c) for c in self.characters)
        self.end = None if vocabulary["end_count"] is None else len(self.characters)
        self.unknown = self.vocab_size - 1

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
            outputs = {NETWORK_INPUT: F.embedding(tokens, self.embed.weight)}
        else:  # <unk>'s column is zero in the weights: its input counts as a zero vector
            one_hot = F.one_hot(tokens, self.vocab_size).to(self.fc.bias.dtype)
            outputs = {NETWORK_INPUT: one_hot}
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
        plain.load_state_dict(self.tensors, strict=True)
        return plain

    # ---- Text.

    def normalize(self, text):
        if self.text_options["line_ends"] == "lf":
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        form = self.text_options["normalize"]
        return text if form == "none" or self.unit == "byte" else unicodedata.normalize(form.upper(), text)

    def split(self, text):
        """The text's characters: those of the vocabulary, the longest first. What it lacks comes
        out by code point, where inkling takes whole grapheme clusters (and folds them to known
        characters where Unicode says how)."""
        text = self.normalize(text)
        if self.unit == "byte":
            text = text.encode("utf-8", errors="surrogateescape")
        pieces, at = [], 0
        while at < len(text):
            lengths = range(min(self.longest, len(text) - at), 0, -1)
            length = next((n for n in lengths if text[at : at + n] in self.token_of), 1)
            pieces.append(text[at : at + length])
            at += length
        return pieces

    def encode(self, text):
        return [self.token_of.get(piece, self.unknown) for piece in self.split(text)]

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
        text = self.normalize(text)
        kind = self.text_options["documents"]
        if kind == "line":
            return [line for line in text.split("\n") if line]
        if kind == "blank-line":
            return [part.strip("\n") for part in re.split(r"\n[ \t]*\n", text) if part.strip("\n")]
        return [text]

    def spelling_nats(self, text):
        """What spelling the unknown characters of a text costs, to be added to its loss."""
        each = math.log(256) if self.unit == "byte" else math.log(SCALAR_VALUES) + math.log(2)
        return each * sum(piece not in self.token_of for piece in self.split(text))

    @torch.no_grad()
    def loss_sum(self, text):
        """(nats, predicted characters), the state carried through the text (or through each of its documents)."""
        nats, count = 0.0, 0
        for document in self.documents(text):
            tokens = self.encode(document)
            # The first character of a running text has nothing before it, and is not predicted.
            known = document if self.end is not None else document[len(self.split(document)[0]) :]
            if self.end is not None:
                tokens = [self.end, *tokens, self.end]
            if len(tokens) < 2:
                continue
            sequence = torch.tensor(tokens)
            if self.config["shape"] == "many-to-one":
                nats += self._sliding_nats(sequence)
            else:
                nats += self._stateful_nats(sequence)
            nats += self.spelling_nats(known)
            count += len(tokens) - 1
        return nats, count

    def loss(self, text):
        """Nats per character."""
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

    def start_token(self):
        if self.end is not None:
            return self.end
        line_feed = b"\n" if self.unit == "byte" else "\n"
        most_frequent = max(range(len(self.counts)), key=self.counts.__getitem__)
        return self.token_of.get(line_feed, most_frequent)

    @torch.no_grad()
    def generate(self, prompt="", n=200, temperature=1.0, generator=None):
        """The prompt's continuation: n characters, or up to the end of the document. Temperature 0
        takes the most likely."""
        tokens = self.encode(prompt)
        if self.end is not None or not tokens:
            tokens = [self.start_token(), *tokens]
        written = []
        sliding = self.config["shape"] == "many-to-one"
        context = tokens[-self.config["context"] :] if sliding else tokens
        state = None
        while len(written) < n:
            logits, state = self(torch.tensor(context)[:, None], None if sliding else state)
            scores = logits[-1, 0]
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
            self.embed = nn.Embedding(self.vocab_size, input_size)
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
            x = F.one_hot(tokens, self.vocab_size).to(self.fc.bias.dtype)
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
            errors = "surrogateescape" if model.unit == "byte" else "strict"
            with open(options.text, encoding="utf-8-sig", errors=errors, newline="") as file:
                nats, count = model.loss_sum(file.read())
            if count == 0:
                raise ValueError(f"{options.text}: too short: nothing to predict")
            print(f"{nats / count:.6f} nats per character over {count} characters")
    except (OSError, ValueError) as error:
        sys.exit(f"inkling_torch: {error}")


if __name__ == "__main__":
    main()
