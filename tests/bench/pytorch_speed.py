#!/usr/bin/env python3
"""The same network in PyTorch, for tests/bench/speed_bench: prints one JSON line with characters per second, training and sampling.

    python3 pytorch_speed.py CELL LAYERS HIDDEN BATCH BPTT VOCAB THREADS SECONDS

One-hot input, cross-entropy, norm clipped to 1, Adam; random tokens, because only time is measured.
"""
import json
import sys
import time

import torch
from torch import nn

cell, sizes, seconds = sys.argv[1], [int(x) for x in sys.argv[2:8]], float(sys.argv[8])
layers, hidden, batch, bptt, vocab, threads = sizes
torch.set_num_threads(threads)
torch.manual_seed(1)
rnn = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell](vocab, hidden, layers)
head = nn.Linear(hidden, vocab)
parameters = [*rnn.parameters(), *head.parameters()]
adam = torch.optim.Adam(parameters, lr=2e-3)
tokens = torch.randint(vocab, (bptt + 1, batch))
eye = torch.eye(vocab)


def detached(state):
    return tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


def train_step(state):
    out, state = rnn(eye[tokens[:-1]], state)
    loss = nn.functional.cross_entropy(head(out).flatten(0, 1), tokens[1:].flatten())
    adam.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(parameters, 1.0)
    adam.step()
    return detached(state)


state = train_step(None)
steps, start = 0, time.perf_counter()
while steps < 2 or time.perf_counter() - start < seconds:
    state = train_step(state)
    steps += 1
training = steps * batch * bptt / (time.perf_counter() - start)

with torch.no_grad():
    state, token, written = None, torch.zeros(1, 1, dtype=torch.long), 0
    start = time.perf_counter()
    while time.perf_counter() - start < seconds / 3:
        out, state = rnn(eye[token], state)
        token = torch.multinomial(torch.softmax(head(out)[0], -1), 1)
        written += 1
    sampling = written / (time.perf_counter() - start)
print(json.dumps({"train": training, "sample": sampling, "torch": torch.__version__}))
