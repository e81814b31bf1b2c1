"""What QtMultimedia captures, as frames; only where the system has what it needs."""

import pytest
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame
from PySide6.QtCore import QBuffer, QByteArray
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

multimedia = pytest.importorskip("PySide6.QtMultimedia", exc_type=ImportError)


async def test_sound_comes_in_frames_of_20_ms_and_the_rest_waits(application: QApplication) -> None:
    from clients.clinician.models.call.qt_devices import Microphone

    microphone, samples = Microphone(multimedia.QAudioDevice()), QBuffer()
    assert not microphone.works, "there is no such device"
    samples.setData(QByteArray(b"\x01\x02" * 2000))
    samples.open(QBuffer.OpenModeFlag.ReadOnly)
    microphone._stream = samples
    microphone._read()
    microphone.stop()
    frames = [await microphone.recv(), await microphone.recv()]
    assert all(isinstance(frame, AudioFrame) and frame.samples == 960 for frame in frames)
    with pytest.raises(MediaStreamError):
        await microphone.recv()


async def test_a_camera_gives_pictures_until_it_is_off(application: QApplication) -> None:
    from clients.clinician.models.call.qt_devices import Camera

    camera, image = Camera(multimedia.QCameraDevice()), QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(QColor("#102030"))
    camera._take(multimedia.QVideoFrame(image))
    camera._take(multimedia.QVideoFrame(image))
    camera.stop()
    frame = await camera.recv()
    assert isinstance(frame, VideoFrame)
    assert tuple(frame.to_ndarray(format="rgb24")[5, 5]) == (0x10, 0x20, 0x30)
    with pytest.raises(MediaStreamError):  # the second one came too soon
        await camera.recv()
