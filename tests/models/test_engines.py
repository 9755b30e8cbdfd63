"""The engines answer alike; which one runs is the user's word, and what is missing is named."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mskus.models.cards import ModelError, card, checked_file
from mskus.models.engines import OnnxRuntime, OpenVino, engine

NAME = "muscle_fascicle"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MSKUS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("MSKUS_RUNTIME", raising=False)
    return tmp_path / "cache"


def made(name: str | None = None) -> Any:
    return engine(checked_file(NAME), sha256=card(NAME).sha256, name=name)


def test_openvino_and_onnxruntime_answer_alike() -> None:
    pytest.importorskip("onnxruntime")
    batch = np.random.default_rng(0).random((3, 1, 64, 96), np.float32)
    (one,), (two,) = made("openvino").run(batch), made("onnxruntime").run(batch)
    assert one.shape == two.shape == (3, 3, 64, 96)
    np.testing.assert_allclose(one, two, atol=2e-3)


def test_a_picture_alone_and_in_a_batch_answers_alike() -> None:
    batch = np.random.default_rng(0).random((2, 1, 64, 64), np.float32)
    each = made("openvino")
    (before,), (both,), (after,) = each.run(batch[:1]), each.run(batch), each.run(batch[:1])
    np.testing.assert_allclose(before, both[:1], atol=1e-3)
    np.testing.assert_array_equal(after, both[:1])


@pytest.mark.parametrize(("said", "kind"), [(None, OpenVino), ("", OpenVino), (" OnnxRuntime ", OnnxRuntime)])
def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch, said: str | None, kind: type) -> None:
    pytest.importorskip("onnxruntime")
    if said is not None:
        monkeypatch.setenv("MSKUS_RUNTIME", said)
    assert isinstance(made(), kind)


def test_an_unknown_runtime_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSKUS_RUNTIME", "tensorrt")
    with pytest.raises(ModelError, match="no runtime 'tensorrt'; set MSKUS_RUNTIME to openvino, onnxruntime or cuda"):
        made()


def test_a_compiled_network_is_kept_and_a_broken_one_is_made_anew(cache: Path) -> None:
    batch = np.random.default_rng(0).random((1, 1, 64, 64), np.float32)
    (first,) = made().run(batch)
    kept = list((cache / "openvino" / card(NAME).sha256[:16]).rglob("*.blob"))
    assert len(kept) == 1
    (again,) = made().run(batch)
    kept[0].write_bytes(kept[0].read_bytes()[:1000])
    (anew,) = made().run(batch)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first, anew)
    whole = bytearray(kept[0].read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 60_000] = bytes(60_000)  # weights that OpenVINO would run as they are
    kept[0].write_bytes(whole)
    np.testing.assert_array_equal(first, made().run(batch)[0])


def test_a_cache_that_cannot_be_made_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MSKUS_CACHE", str(tmp_path / "file"))
    assert made().run(np.zeros((1, 1, 64, 64), np.float32))[0].shape == (1, 3, 64, 64)


@pytest.mark.parametrize("kind", ["openvino", "onnxruntime"])
def test_pictures_that_the_file_does_not_take_are_named(kind: str) -> None:
    pytest.importorskip("onnxruntime")
    with pytest.raises(ModelError, match=r"muscle_fascicle\.onnx cannot be run"):
        made(kind).run(np.zeros((1, 3, 64, 64), np.float32))


class Session:
    """What ONNX Runtime would open, without a graphics card."""

    def __init__(self, path: str, providers: list[str]) -> None:
        self.path, self.providers = path, providers

    def get_inputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="image")]

    def run(self, _outputs: None, given: dict[str, Any]) -> list[Any]:
        return [given["image"].astype(np.float16) * 2]


def pretend(monkeypatch: pytest.MonkeyPatch, providers: list[str]) -> None:
    fake = SimpleNamespace(get_available_providers=lambda: providers, InferenceSession=Session)
    monkeypatch.setitem(sys.modules, "onnxruntime", fake)


def test_cuda_goes_first_where_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, ["CUDAExecutionProvider", "CPUExecutionProvider"])
    monkeypatch.setenv("MSKUS_RUNTIME", "cuda")
    chosen = made()
    assert chosen._session.providers == ["CUDAExecutionProvider", "CPUExecutionProvider"]
    (answer,) = chosen.run(np.ones((2, 1, 4, 4), np.float32))
    assert answer.dtype == np.float32
    assert answer.mean() == 2.0


def test_without_cuda_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, ["CPUExecutionProvider"])
    with pytest.raises(ModelError, match=r"pip install 'mskus\[cuda\]'"):
        made("cuda")


def test_without_onnxruntime_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match=r"pip install 'mskus\[learn\]'"):
        made("onnxruntime")


@pytest.mark.parametrize("kind", ["openvino", "onnxruntime"])
def test_a_file_that_is_no_network_is_named(tmp_path: Path, kind: str) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"bad\.onnx cannot be run"):
        engine(tmp_path / "bad.onnx", sha256="0" * 64, name=kind).run(np.zeros((1, 1, 8, 8), np.float32))
