"""Charts as SVG that needs nothing from outside: colours come from the page's style and follow light and dark.

They are drawn 360 units wide, the width of a phone, so that their words stay readable there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from evals.statistics import Estimate

WIDTH, HEIGHT = 360, 250
LEFT, RIGHT, TOP, BOTTOM = 40, 14, 14, 40
Point = tuple[float, float]


def interval(estimate: Estimate) -> Markup:
    """A bar from 0 to 1 with its 95% interval, 140 by 14."""
    x, low, high = (140 * min(1.0, max(0.0, v)) for v in (estimate.value, estimate.low, estimate.high))
    return Markup(
        '<svg class="interval" viewBox="0 0 140 14" role="img" aria-label="{label}">'
        '<rect class="track" width="140" height="6" y="4"/><rect class="bar" width="{x:.1f}" height="6" y="4"/>'
        '<path class="whisker" d="M{low:.1f} 7H{high:.1f}M{low:.1f} 3v8M{high:.1f} 3v8"/></svg>'
    ).format(x=x, low=low, high=high, label=f"{estimate.value:.2f}, {estimate.low:.2f} to {estimate.high:.2f}")


def lines(
    series: Mapping[str, Sequence[Point]], x_label: str, y_label: str, ticks: Sequence[tuple[float, str]]
) -> Markup:
    """Lines over 0..1 upwards; x runs from the first to the last tick. A point's value shows when pointed at."""
    first, last = ticks[0][0], ticks[-1][0]
    pieces = [_frame(x_label, y_label, [((t - first) / (last - first), name) for t, name in ticks])]
    for number, (name, points) in enumerate(series.items(), 1):
        places = [(_x((x - first) / (last - first)), _y(y)) for x, y in points]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        pieces.append(Markup('<path class="line s{}" d="{}"/>').format(number, Markup(path) if places else ""))
        if len(places) <= 12:
            dot = Markup('<circle class="dot s{}" cx="{:.1f}" cy="{:.1f}" r="4"><title>{}: {:.3f}</title></circle>')
            valued = zip(places, points, strict=True)
            pieces += [dot.format(number, x, y, name, value) for (x, y), (_, value) in valued]
    return _chart(pieces, f"{y_label} by {x_label}", list(series))


def calibration(bins: Sequence[tuple[float, float, int]]) -> Markup:
    """The share of right answers by confidence, a dot's area growing with its cases, beside the diagonal."""
    pieces = [_frame("confidence", "share right", [(0, "0"), (0.5, ".5"), (1, "1")])]
    pieces.append(Markup('<path class="diagonal" d="M{} {}L{} {}"/>').format(_x(0), _y(0), _x(1), _y(1)))
    most = max((count for _, _, count in bins), default=1)
    for confidence, right, count in bins:
        circle = '<circle class="dot s1" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"><title>{}</title></circle>'
        title = f"confidence {confidence:.2f}, right {right:.2f}, {count} cases"
        pieces.append(Markup(circle).format(_x(confidence), _y(right), 3 + 9 * (count / most) ** 0.5, title))
    return _chart(pieces, "calibration", [])


def bars(rows: Mapping[str, tuple[float, float]], unit: str) -> Markup:
    """For each name a bar to its first value and a whisker to its second: p50 and p95."""
    most = max((value for pair in rows.values() for value in pair), default=0.0) or 1.0
    height = 22 * len(rows) + 8
    pieces = []
    for index, (name, (middle, high)) in enumerate(rows.items()):
        y = 22 * index + 4
        scale = 190 / most
        pieces.append(
            Markup(
                '<text x="74" y="{t}" text-anchor="end">{name}</text>'
                '<rect class="bar" x="80" y="{y}" width="{w:.1f}" height="14" rx="2"/>'
                '<path class="whisker" d="M{w80:.1f} {m}H{h:.1f}M{h:.1f} {a}v8"/>'
                '<text x="{after:.1f}" y="{t}">{middle:.3g}, {high:.3g} {unit}</text>'
            ).format(
                t=y + 11, y=y, name=name, w=max(1, middle * scale), w80=80 + middle * scale, h=80 + high * scale,
                m=y + 7, a=y + 3, after=86 + high * scale, middle=middle, high=high, unit=unit,
            )
        )  # fmt: skip
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="seconds by stage">{}</svg>').format(
        WIDTH, height, Markup("").join(pieces)
    )


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _frame(x_label: str, y_label: str, ticks: Sequence[tuple[float, str]]) -> Markup:
    """Gridlines and the words of both axes."""
    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        parts.append(Markup('<path class="grid" d="M{} {}H{}"/>').format(_x(0), _y(share), _x(1)))
        text = Markup('<text x="{}" y="{}" text-anchor="end">{:g}</text>')
        parts.append(text.format(LEFT - 6, _y(share) + 4, share))
    for share, name in ticks:
        parts.append(Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(_x(share), _y(0) + 16, name))
    label = Markup('<text x="{}" y="{}" text-anchor="middle">{}</text><text x="{}" y="10" class="axis">{}</text>')
    parts.append(label.format(_x(0.5), HEIGHT - 6, x_label, LEFT, y_label))
    return Markup("").join(parts)


def _chart(pieces: Sequence[Markup], label: str, series: Sequence[str]) -> Markup:
    legend = Markup("").join(
        Markup('<span class="key s{}">{}</span>').format(number, name) for number, name in enumerate(series, 1)
    )
    keys = Markup('<p class="legend">{}</p>').format(legend) if len(series) > 1 else Markup("")
    svg = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, escape(label), Markup("").join(pieces)
    )
    return svg + keys
