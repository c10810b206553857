"""The subcommand `sclerotrial simulate`."""

from __future__ import annotations

import argparse

from sclerotrial.errors import Problem, raise_if_any
from sclerotrial.simulate.options import SEED, Options, default_calibration
from sclerotrial.simulate.plants import KINDS
from sclerotrial.simulate.write import write_study


def add_parser(sub: argparse._SubParsersAction) -> None:
    """Register the subcommand."""
    p = sub.add_parser(
        "simulate", help="write a simulated study: raw exports, configuration, answer key"
    )
    p.add_argument("--out", required=True, metavar="DIR", help="folder of the study")
    p.add_argument("--seed", type=int, default=SEED)
    p.add_argument("--patients", type=int, default=10, help="number randomised")
    p.add_argument("--arms", default="4:1", metavar="A:B", help="ratio imatinib to placebo")
    p.add_argument("--genes", type=int, default=0, help="features of an expression matrix")
    p.add_argument("--defects", default="default", metavar="default|every|none|RATE")
    p.add_argument(
        "--calibrate",
        metavar="published|none",
        help="hold the draws to the abstract; default: published for its size and design",
    )
    p.add_argument(
        "--effect",
        action="append",
        nargs="+",
        default=[],
        metavar="PARAM=DELTA",
        help="shift of the imatinib arm at month 6, such as MRSS=-5",
    )
    p.add_argument("--dropout", type=float, metavar="P", help="probability to stop the drug")
    p.add_argument("--skew", default="normal", metavar="normal|lognormal")
    p.add_argument(
        "--plant",
        action="append",
        nargs="+",
        default=[],
        metavar="KIND",
        help=f"fault that must stop the pipeline: {', '.join(KINDS)}",
    )
    p.add_argument("--config", metavar="DIR", help="configuration to copy (default ./config)")
    p.add_argument("--key", metavar="FILE", help="answer key (default DIR/answer_key.json)")
    p.set_defaults(run=run)


def _effects(words: list[str], found: list[Problem]) -> dict[str, float]:
    out = {}
    for word in words:
        name, sign, text = word.partition("=")
        try:
            out[name.strip().upper()] = float(text)
        except ValueError:
            sign = ""
        if not sign:
            found.append(
                Problem(
                    f"unreadable effect {word!r}",
                    "option --effect",
                    "write it as PARAM=DELTA, such as MRSS=-5",
                )
            )
    return out


def _arms(text: str, found: list[Problem]) -> tuple[int, int]:
    parts = text.split(":")
    if len(parts) == 2 and all(p.strip().isdigit() for p in parts):
        return int(parts[0]), int(parts[1])
    found.append(Problem(f"unreadable ratio {text!r}", "option --arms", "write it as 4:1"))
    return (4, 1)


def options_of(args: argparse.Namespace) -> Options:
    """Options from the arguments; unreadable ones are told together.

    Raises
    ------
    InputErrors
        For arguments that cannot be read.
    """
    found: list[Problem] = []
    effect = _effects([w for words in args.effect for w in words], found)
    arms = _arms(args.arms, found)
    raise_if_any(found)
    calibrate = args.calibrate or default_calibration(
        args.patients, arms, effect, args.dropout, args.skew
    )
    return Options(
        seed=args.seed,
        patients=args.patients,
        arms=arms,
        genes=args.genes,
        defects=args.defects,
        calibrate=calibrate,
        effect=effect,
        dropout=args.dropout,
        skew=args.skew,
        plant=tuple(dict.fromkeys(k for ks in args.plant for k in ks)),
    )


def run(args: argparse.Namespace) -> int:
    """Write the study and say what was made."""
    options = options_of(args)
    written = write_study(args.out, options, args.config, args.key)
    for path in written:
        print(path.as_posix())
    print(
        f"simulated: {options.patients} patients, seed {options.seed}, "
        f"calibration {options.calibrate}"
    )
    return 0
