"""The shipped model, trained here from the full corpus only when none is packaged."""

from pathlib import Path

import pytest

from classifier.examples import Example, read
from classifier.files import MODEL_FOLDER, read_meta
from classifier.model import Classifier, load
from classifier.train import train


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if read_meta(MODEL_FOLDER):
        return MODEL_FOLDER
    folder = tmp_path_factory.mktemp("classifier") / "model"
    train(folder, say=lambda line: None)
    return folder


@pytest.fixture(scope="session")
def classifier(model_folder: Path) -> Classifier:
    return load(model_folder)


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    return read()
