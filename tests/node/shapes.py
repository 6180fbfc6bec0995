"""Pipes that hop in every way there is, each with what a change in "h", "i" or "j" leads back to in "s"."""

from node.pipes import reader


def hops(*specs, **more):
    return ["hops", *({**spec, **(more if spec is specs[-1] else {})} for spec in specs)]


def spec(datasets, *where, **more):
    return {"datasets": datasets if type(datasets) is list else [datasets], "where": list(where), **more}


def adding(*expressions):
    """A rule that keeps the source and adds what expressions give."""
    return [["copy", "*"], *(["add", f"found{n}", expression] for n, expression in enumerate(expressions))]


def dtl(default, **rules):
    return {"type": "dtl", "rules": {"default": default, **rules}}


H = spec("h h", ["eq", "_S.k", "h.k"])
I_OF_H = spec("i i", ["eq", "_S.ref", "i._id"])
UP = spec("h h", ["eq", "_S.up", "h._id"], recurse=True)
WHOLE = {"return": ["list", "h._id", "h.n"]}

# name -> transform. Every one is followed the other way round.
FOLLOWED = {
    "one": dtl(adding(hops(H, **{"return": "h.n"}))),
    "by-id": dtl(adding(hops(spec("h h", ["eq", "_S.ref", "h._id"]), **WHOLE))),
    "to-id": dtl(adding(hops(spec("h h", ["eq", "_S._id", "h.of"]), **WHOLE))),
    "two": dtl(
        adding(hops(spec(["h h", "i i"], ["eq", "_S.k", "h.k"], ["eq", "h.ref", "i._id"]), **{"return": "i.n"}))
    ),
    "both": dtl(
        adding(
            hops(
                spec(["h h", "i i"], ["eq", "_S.k", "h.k"], ["eq", "_S.ref", "i._id"], ["neq", "h.n", "i.n"]),
                **{"return": ["list", "h._id", "i._id"]},
            )
        )
    ),
    "filtered": dtl(adding(hops(spec("h h", ["eq", "_S.k", "h.k"], ["gt", "h.n", "_S.n"]), **WHOLE))),
    "chained": dtl(adding(hops(H, spec("i i", ["eq", "_S.ref", "i._id"]), **{"return": "i.n"}))),
    "or": dtl(adding(hops(spec("h h", ["or", ["eq", "_S.k", "h.k"], ["eq", "_S.ref", "h._id"]]), **WHOLE))),
    "tuples": dtl(
        adding(hops(spec("h h", ["eq", ["tuples", "_S.k", "_S.n"], ["tuples", "h.k", "h.n"]]), **{"return": "h._id"}))
    ),
    "computed": dtl(
        adding(
            hops(
                spec("h h", ["eq", ["map", ["upper", "_."], "_S.k"], ["map", ["upper", ["concat", "_.", ""]], "h.k"]]),
                **WHOLE,
            )
        )
    ),
    "subset": dtl(adding(hops(spec("h h", ["eq", "_S.k", "h.k"], subsets={"h": ["eq", "_S.n", 1]}), **WHOLE))),
    "self": dtl(adding(hops(spec("s o", ["eq", "_S.k", "o.k"]), **{"return": ["list", "o._id", "o.n"]}))),
    "upwards": dtl(adding(["map", "_._id", hops(UP)], ["map", "_.n", hops({**UP, "exclude_root": True})])),
    "not-far-up": dtl(adding(["map", "_.n", hops({**UP, "max_depth": 2, "exclude_root": True})])),
    "endlessly-up": dtl(adding(["map", "_.n", hops({**UP, "max_depth": None, "exclude_root": True})])),
    "two-at-a-time": dtl(
        adding(
            [
                "map",
                "_.n",
                hops(
                    spec(
                        ["i i", "h h"],
                        ["eq", "_S.ref", "i._id"],
                        ["eq", "i.up", "h._id"],
                        recurse=True,
                        exclude_root=True,
                        max_depth=2,
                    )
                ),
            ]
        )
    ),
    "up-and-out": dtl(adding(hops({**UP, "exclude_root": True}, I_OF_H, **{"return": "i.n"}))),
    "root-and-out": dtl(adding(hops({**UP, "max_depth": 1}, I_OF_H, **{"return": "i.n"}))),
    "up-and-up": dtl(
        adding(
            [
                "map",
                "_.n",
                hops(
                    {**UP, "exclude_root": True, "max_depth": 2},
                    spec("i i", ["eq", "_S.up", "i._id"], recurse=True, exclude_root=True, max_depth=2),
                ),
            ]
        )
    ),
    "choosing-upwards": dtl(
        adding(["map", "_.n", hops({**UP, "where": [*UP["where"], ["in", "h.n", hops(I_OF_H, **{"return": "i.n"})]]})])
    ),
    "out-and-up": dtl(adding(["map", "_.n", hops(H, {**UP, "max_depth": 1})])),
    "applied": dtl(
        adding(["apply-hops", "h", H]),
        h=[["add", "n", "_S.n"], ["add", "i", hops(I_OF_H, **{"return": "i.n"})]],
    ),
    "around": dtl(
        adding(["apply-hops", "h", H]),
        h=[["add", "i", hops(spec("i i", ["eq", "_P._S.ref", "i._id"]), **{"return": "i.n"})]],
    ),
    "around-all": dtl(
        adding(["apply-hops", "h", H]),
        h=[["add", "deep", ["apply-hops", "i", I_OF_H]]],
        i=[["add", "r", hops(spec("j j", ["eq", "_R._S.ref", "j._id"]), **{"return": "j.n"})]],
    ),
    "around-deeper": dtl(
        adding(["apply-hops", "h", H]),
        h=[["add", "deep", ["apply-hops", "i", I_OF_H]]],
        i=[["add", "of", hops(spec("j j", ["eq", "_P._S.ref", "j._id"]), **{"return": "j.n"})]],
    ),
    "applied-to-both": dtl(
        adding(
            [
                "apply-hops",
                "any",
                spec(["h h", "i i"], ["eq", "_S.k", "h.k"], ["eq", "h.ref", "i._id"], **{"return": "h, i"}),
            ]
        ),
        any=[["add", "n", "_S.n"], ["add", "j", hops(spec("j j", ["eq", "_S.k", "j.k"]), **{"return": "j.n"})]],
    ),
    "applied-upwards": dtl(
        adding(["apply-hops", "any", UP]),
        any=[["add", "n", "_S.n"], ["add", "i", hops(I_OF_H, **{"return": "i.n"})]],
    ),
    "applying-itself": dtl(
        adding(["apply-hops", "h", H]),
        h=[
            ["add", "n", "_S.n"],
            ["add", "up", ["apply-hops", "h", spec("h h", ["eq", "_S.up", "h._id"], ["lt", "h._id", "_S._id"])]],
        ],
    ),
    "in-return": dtl(
        adding(
            hops(H, **{"return": ["list", "h.n", hops(spec("i i", ["eq", "_S.ref", "i._id"]), **{"return": "i.n"})]})
        )
    ),
    "in-filter": dtl(
        adding(hops(spec("h h", ["eq", "_S.k", "h.k"], ["in", "h.n", hops(I_OF_H, **{"return": "i.n"})]), **WHOLE))
    ),
    "in-condition": dtl(
        [["copy", "*"], ["if", ["is-not-empty", hops(H)], ["add", "i", hops(I_OF_H, **{"return": "i.n"})], ["filter"]]]
    ),
    "revived": dtl([*adding(hops(H, **WHOLE)), ["add", "_deleted", False]]),
    "renamed-before": [
        dtl([["rename", "k", "kind"], ["add", "up", ["list", "_S.up", "_S.ref"]]]),
        dtl(adding(hops(spec("h h", ["eq", "_S.kind", "h.k"]), **WHOLE))),
    ],
    "split-before": [
        dtl(
            [
                [
                    "create-child",
                    ["map", ["dict", "_id", ["concat", "_S._id", "-", "_."], "k", "_S.k"], ["list", "a", "b"]],
                ]
            ]
        ),
        {"type": "emit_children"},
        dtl(adding(hops(H, **WHOLE))),
    ],
    "hops-before": [dtl(adding(hops(I_OF_H, **{"return": "i.n"}))), dtl(adding("_S.found0", hops(H, **WHOLE)))],
    "triggered": [
        {**dtl([["rename", "k", "kind"]]), "trigger_on": {"key": "n", "value": 1}},
        dtl(adding(hops(spec("h h", ["eq", ["union", "_S.k", "_S.kind"], "h.k"]), **WHOLE))),
    ],
}

# What the join depends on is not to be found among the entities of "s": a change in "h", or in these, runs everything again.
STARTS = {"behind-target": "i", "returned-value": "i"}
NOT_FOLLOWED = {
    "target": dtl(
        [["copy", "*"], ["add", "kk", "_S.k"], ["add", "f", hops(spec("h h", ["eq", "_T.kk", "h.k"]), **WHOLE)]]
    ),
    "behind-target": dtl(
        [
            ["copy", "*"],
            ["add", "kk", "_S.k"],
            [
                "add",
                "f",
                hops(spec(["h h", "i i"], ["eq", "_T.kk", "h.k"], ["eq", "h.ref", "i._id"]), **{"return": "i.n"}),
            ],
        ]
    ),
    "current": dtl(adding(["map", hops(spec("h h", ["eq", "_.", "h.k"]), **WHOLE), "_S.k"])),
    "hops-in-join": dtl(
        adding(
            hops(spec("h h", ["eq", ["flatten", ["list", "_S.k", hops(I_OF_H, **{"return": "i.k"})]], "h.k"]), **WHOLE)
        )
    ),
    "after-what-is-hopped-to": [
        dtl([["copy", "_id"], ["add", "kk", hops(I_OF_H, **{"return": "i.k"})]]),
        dtl(adding(hops(spec("h h", ["eq", ["flatten", "_S.kk"], "h.k"]), **WHOLE))),
    ],
    "returned-value": dtl(
        adding(["apply-hops", "v", {**H, "return": ["dict", "ref", "h.ref"]}]),
        v=[["add", "i", hops(I_OF_H, **{"return": "i.n"})]],
    ),
    "two-variables": dtl(
        [
            *adding(),
            ["add", "m", "_S.n"],
            ["add", "f", hops(spec("h h", ["eq", ["list", "_S.k", "_T.m"], "h.k"]), **WHOLE)],
        ]
    ),
}


def shaped(name, transform, **properties):
    """The pipe of a shape; its source is the dataset "s"."""
    return {**reader(name, "s"), "transform": transform, **properties}
