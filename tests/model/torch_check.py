"""Prints a JSON line of what inkling_torch computes without a model, then for each pair MODEL TEXTFILE one of what it
computes from the model.

Without a model:
    xxh3     {length: 16 digits}, of the bytes i * i + i // 251

From a model:
    strict   the sentence of inkling_torch.check(): the weights loaded with strict=True
    plain    whether PyTorch's own layers can express the network
    loss     of inkling_torch.InklingModel, nats per character
    torch_loss   of PyTorch's own layers, null where they cannot express the network or the shape
    characters   predicted
    folded, unknown   characters read as another, and as <unk>
    nothing  whether the loss of an empty text is NaN
    same     whether the model is saved with the bytes that were loaded
    prompts  {prompt: tokens that are read before it is continued}
    saved    of the model saved with other weights: path, loss, loaded_loss (when read back), val_loss
"""

import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "models"))

import inkling_torch  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

# Around each length at which XXH3 goes another way.
HASHED_LENGTHS = (0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33, 64, 65, 96, 97, 128, 129, 144, 239, 240, 241, 255, 256, 1023)
HASHED_LENGTHS += (1024, 1025, 1088, 1089, 2048, 2049, 10_000, 1_048_576, 1_048_577, 1_049_601)

PROMPTS = ("", "The cat", " cat", "\nThe cat", "\tcat")


def hashes():
    data = bytes((i * i + i // 251) % 256 for i in range(max(HASHED_LENGTHS)))
    return {size: f"{inkling_torch.xxh3_64(data[:size]):016x}" for size in HASHED_LENGTHS}


def torch_loss(model, text):
    """The loss of a running text by nn.Embedding, nn.RNN / LSTM / GRU and nn.Linear."""
    tokens = torch.tensor(model.encode(text))
    logits, _ = model.as_torch()(tokens[:-1, None])
    nats = F.cross_entropy(logits[:, 0], tokens[1:], reduction="sum").item()
    return (nats + model.spelling_nats(model.split(text)[1:])) / (len(tokens) - 1)


def is_saved_alike(model, path):
    copy = path.with_suffix(".copy")
    model.save(copy)
    return copy.read_bytes() == path.read_bytes()


def save_changed(model, path, text):
    saved = path.with_suffix(".changed.safetensors")
    for parameter in model.parameters():
        parameter.mul_(0.9)
    model.save(saved)
    loaded = inkling_torch.load(saved)
    return {
        "path": str(saved),
        "loss": model.loss(text),
        "loaded_loss": loaded.loss(text),
        "val_loss": loaded.history["val_loss"],
    }


def report(path, text):
    model = inkling_torch.load(path)
    nats, characters = model.loss_sum(text)
    runs_on = model.end is None and model.config["shape"] == "many-to-many"
    folded, unknown = model.inexact(text)
    return {
        "strict": inkling_torch.check(model),
        "plain": model.is_plain(),
        "loss": nats / characters,
        "torch_loss": torch_loss(model, text) if model.is_plain() and runs_on else None,
        "characters": characters,
        "folded": folded,
        "unknown": unknown,
        "nothing": math.isnan(model.loss("")),
        "prompts": {prompt: model.prompt_tokens(prompt) for prompt in PROMPTS},
        "same": is_saved_alike(model, path),
        "saved": save_changed(model, path, text),
    }


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    print(json.dumps({"xxh3": hashes()}))
    arguments = [pathlib.Path(argument) for argument in sys.argv[1:]]
    for path, text_path in zip(arguments[::2], arguments[1::2]):
        print(json.dumps(report(path, text_path.read_text(encoding="utf-8"))))


main()
