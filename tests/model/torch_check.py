"""For each pair MODEL TEXTFILE prints a JSON line: what PyTorch computes from the model.

    strict   the sentence of inkling_torch.check(): the weights loaded with strict=True
    plain    whether PyTorch's own layers can express the network
    loss     of inkling_torch.InklingModel, nats per character
    torch_loss   of PyTorch's own layers, null where they cannot express the network or the shape
    characters   predicted
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "models"))

import inkling_torch  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402


def torch_loss(model, text):
    """The loss of a running text by nn.Embedding, nn.RNN / LSTM / GRU and nn.Linear."""
    tokens = torch.tensor(model.encode(text))
    logits, _ = model.as_torch()(tokens[:-1, None])
    nats = F.cross_entropy(logits[:, 0], tokens[1:], reduction="sum").item()
    rest = text[len(model.split(text)[0]) :]
    return (nats + model.spelling_nats(rest)) / (len(tokens) - 1)


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    arguments = sys.argv[1:]
    for path, text_path in zip(arguments[::2], arguments[1::2]):
        model = inkling_torch.load(path)
        text = pathlib.Path(text_path).read_text(encoding="utf-8")
        nats, characters = model.loss_sum(text)
        runs_on = model.end is None and model.config["shape"] == "many-to-many"
        report = {
            "strict": inkling_torch.check(model),
            "plain": model.is_plain(),
            "loss": nats / characters,
            "torch_loss": torch_loss(model, text) if model.is_plain() and runs_on else None,
            "characters": characters,
        }
        print(json.dumps(report))


main()
