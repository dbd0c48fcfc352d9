"""Sentences of every report: limits, what was not tested, and references."""

from __future__ import annotations

LIMITS = (
    "An answer is about the one network file named here, recognised by its hash. It says nothing about any other "
    "network, product or company.",
    "“No sign of use” is the absence of a trace, not a proof that something was not used.",
    "“Evidence of use” is a statistical statement with a known rate of false alarms. It is not a proof, and by itself "
    "no ground for an accusation.",
    "Whoever tests many faces must expect false alarms: one in a hundred at a limit of 1 %.",
    "A network trained on few pictures remembers each of them well; one trained on millions remembers each far less, and "
    "a test of it is weaker. The rates in this report were measured on the networks named here.",
    "The test was checked on the kinds of faces listed under “How the test was checked”. For faces unlike all of them it "
    "answers “cannot say”, but it cannot notice every way in which a face may differ.",
    "Anybody can edit a file. Trust this report as far as you can compute it again.",
)

# The other attacks that supervisory authorities name: an answer here says nothing about them.
NOT_TESTED = (
    {
        "test": "model inversion",
        "what": "Whether a face like those it was trained on can be computed back from the network.",
    },
    {
        "test": "attribute inference",
        "what": "Whether a trait of a person, such as age or origin, can be read from the network or its embeddings.",
    },
    {
        "test": "extraction by query",
        "what": "Whether somebody who can only ask the network, and not open its file, gets training data out of it.",
    },
)

REFERENCES = (
    {
        "authors": "DeAlcala, Morales, Fierrez, Mancera, Tolosana, Vera-Rodriguez, Ortega-Garcia",
        "title": "MINT-Demo: Membership Inference Test Demonstrator",
        "where": "arXiv:2503.08332",
        "year": 2025,
        "url": "https://arxiv.org/abs/2503.08332",
    },
    {
        "authors": "DeAlcala, Morales, Fierrez, Mancera, Tolosana, Ortega-Garcia",
        "title": "Is My Data in Your AI? Membership Inference Test (MINT) applied to Face Biometrics",
        "where": "IEEE Access 13",
        "year": 2025,
        "url": "https://arxiv.org/abs/2402.09225",
    },
    {
        "authors": "Zhang, Das, Kamath, Tramèr",
        "title": "Membership Inference Attacks Cannot Prove that a Model Was Trained On Your Data",
        "where": "arXiv:2409.19798",
        "year": 2024,
        "url": "https://arxiv.org/abs/2409.19798",
    },
    {
        "authors": "Vovk, Gammerman, Shafer",
        "title": "Algorithmic Learning in a Random World",
        "where": "Springer",
        "year": 2005,
        "url": None,
    },
    {
        "authors": "Clopper, Pearson",
        "title": "The use of confidence or fiducial limits illustrated in the case of the binomial",
        "where": "Biometrika 26",
        "year": 1934,
        "url": "https://doi.org/10.1093/biomet/26.4.404",
    },
)
