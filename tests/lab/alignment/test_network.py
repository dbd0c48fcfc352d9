"""The aligner's graph says what the network in torch says."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch

from mint.lab.alignment.network import AlignerNetwork, aligner_graph
from mint.vision.aligner import FRAME_SIDE


@pytest.mark.parametrize("width", [4, 16])
def test_the_graph_answers_as_the_network_for_any_number_of_frames(width: int) -> None:
    torch.manual_seed(0)
    network = AlignerNetwork(width)
    frames = torch.randint(0, 256, (5, 1, FRAME_SIDE, FRAME_SIDE)).float()
    network.train()(frames)  # so that the norms have moments of their own
    graph = aligner_graph(network)
    with torch.inference_mode():
        wanted = network.eval()(frames).numpy()
    session = onnxruntime.InferenceSession(graph)
    for part in (slice(0, 5), slice(2, 3)):
        (found,) = session.run(None, {"frames": frames[part].numpy()})
        np.testing.assert_allclose(found, wanted[part], atol=1e-4)
    assert wanted.shape == (5, 4)
    assert np.ptp(wanted, axis=0).min() > 0
