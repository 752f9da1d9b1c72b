#!/usr/bin/env python3
"""Writes training.json: what PyTorch computes in double for ten training steps of each cell.

    apt-get install python3-torch python3-numpy
    /usr/bin/python3 make_golden.py > training.json

Two layers of 5 units, 7 tokens, chunks of 6 steps for 3 streams, the state carried from chunk to chunk. Weights and tokens are
formulas, so that only results are stored: weight k, counted over all tensors in the file's order, is sin(1.7 k + 0.3) / 2;
token k is (k^2 + 3 floor(k / 4)) mod 7. "sgd": plain steps of 0.5, losses, and the gradient of the first and the last step.
"adam": Adam with learning rate 0.01 after clipping the norm to 1, losses alone.
"""
import json
import math

import torch
from torch import nn

V, H, L, T, B, STEPS = 7, 5, 2, 6, 3, 10
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def token(k):
    return (k * k + 3 * (k // 4)) % V


class Net(nn.Module):
    def __init__(self, cell):
        super().__init__()
        kinds = {"rnn-tanh": (nn.RNN, {"nonlinearity": "tanh"}), "rnn-relu": (nn.RNN, {"nonlinearity": "relu"}),
                 "lstm": (nn.LSTM, {}), "gru": (nn.GRU, {})}
        kind, extra = kinds[cell]
        self.rnn = kind(V, H, L, **extra)
        self.fc = nn.Linear(H, V)
        k = 0
        for p in self.parameters():
            flat = p.data.view(-1)
            for i in range(flat.numel()):
                flat[i] = math.sin(1.7 * k + 0.3) / 2
                k += 1


def run(cell, optimizer_of, clip, with_gradients):
    net = Net(cell)
    optimizer = optimizer_of(net.parameters())
    state, losses, gradients = None, [], []
    for step in range(STEPS):
        first = step * T * B
        x = torch.tensor([token(first + i) for i in range(T * B)]).view(T, B)
        y = torch.tensor([token(first + i + B) for i in range(T * B)]).view(T, B)
        out, state = net.rnn(nn.functional.one_hot(x, V).double(), state)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        loss = nn.functional.cross_entropy(net.fc(out).reshape(-1, V), y.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        if with_gradients and step in (0, STEPS - 1):
            gradients.append({name: p.grad.reshape(-1).tolist() for name, p in net.named_parameters()})
        if clip:
            nn.utils.clip_grad_norm_(net.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
    return {"losses": losses, **({"gradients": gradients} if with_gradients else {})}


golden = {}
for cell in ["rnn-tanh", "rnn-relu", "lstm", "gru"]:
    golden[cell] = {"sgd": run(cell, lambda p: torch.optim.SGD(p, lr=0.5), 0, True),
                    "adam": run(cell, lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.9, 0.99)), 1.0, False)}
print(json.dumps({"torch": torch.__version__, "vocab": V, "hidden": H, "layers": L, "steps": T, "batch": B, "cells": golden}))
