#!/usr/bin/env python3
"""Draws loss against minutes as SVG: plot_curve.py curve.jsonl > loss_over_time.svg (lines of recipe_curve.sh).

Lines of another, slower processor may be given with the recipe named "recipe, AVX2"."""

import json
import math
import sys

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 40, 52
COLOURS = {"recipe": "#0b6e4f", "char-rnn": "#9a6b00", "recipe, AVX2": "#2a5db0"}
NAMES = {"recipe": "inkling train --time", "char-rnn": "char-rnn's defaults, in inkling", "recipe, AVX2": "with AVX2 alone"}
# What others publish for this split in windows of 256: (minutes, nats, what).
PUBLISHED = [
    (3, 1.4697, "nanoGPT, A100"),
    (3, 1.88, "nanoGPT, its CPU recipe"),
]


def mean_curve(rows, recipe):
    by_time = {}
    for row in rows:
        if row["recipe"] == recipe:
            by_time.setdefault(row["seconds"] / 60, []).append(row["windowed_256"])
    return [(minutes, sum(losses) / len(losses)) for minutes, losses in sorted(by_time.items())]


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    curves = {recipe: mean_curve(rows, recipe) for recipe in NAMES}
    points = [p for curve in curves.values() for p in curve] + [p[:2] for p in PUBLISHED]
    shortest, longest = min(p[0] for p in points) / 1.3, max(p[0] for p in points) * 1.6
    lowest, highest = min(p[1] for p in points) - 0.06, max(p[1] for p in points) + 0.05

    def x(minutes):
        share = math.log(minutes / shortest) / math.log(longest / shortest)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(nats):
        return TOP + (highest - nats) / (highest - lowest) * (HEIGHT - TOP - BOTTOM)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="22" font-size="15">Validation loss after so many minutes of training, two CPU cores</text>',
    ]

    def text(at_x, at_y, words, anchor="start", fill="#333"):
        out.append(f'<text x="{at_x:.1f}" y="{at_y:.1f}" text-anchor="{anchor}" fill="{fill}">{words}</text>')

    for tick in range(math.ceil(lowest * 10), math.floor(highest * 10) + 1):
        level = y(tick / 10)
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{level:.1f}" y2="{level:.1f}" stroke="#ddd"/>')
        text(LEFT - 8, level + 4, f"{tick / 10:.1f}", "end")
    for minutes in (0.1, 0.25, 0.5, 1, 3, 10, 30, 60):
        if shortest < minutes < longest:
            out.append(f'<line x1="{x(minutes):.1f}" x2="{x(minutes):.1f}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM + 5}" stroke="#333"/>')
            text(x(minutes), HEIGHT - BOTTOM + 19, f"{minutes:g}", "middle")
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, "minutes of training; nats per character in windows of 256", "middle")

    for recipe, curve in curves.items():
        if not curve:
            continue
        path = " ".join(f"{x(m):.1f},{y(n):.1f}" for m, n in curve)
        out.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[recipe]}" stroke-width="2"/>')
        for minutes, nats in curve:
            out.append(f'<circle cx="{x(minutes):.1f}" cy="{y(nats):.1f}" r="3.5" fill="{COLOURS[recipe]}"/>')
            text(x(minutes), y(nats) + 18, f"{nats:.3f}", "middle", COLOURS[recipe])
        minutes, nats = curve[0]
        at_edge = x(minutes) > WIDTH * 0.8
        text(x(minutes) + (-8 if at_edge else 8), y(nats) - 8, NAMES[recipe], "end" if at_edge else "start", COLOURS[recipe])
    for minutes, nats, what in PUBLISHED:
        out.append(f'<rect x="{x(minutes) - 4:.1f}" y="{y(nats) - 4:.1f}" width="8" height="8" fill="#a4243b"/>')
        text(x(minutes) + 10, y(nats) - 6, f"{what}: {nats:g}", fill="#a4243b")
    out.append("</svg>")
    print("\n".join(out))


if __name__ == "__main__":
    main()
