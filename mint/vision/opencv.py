"""Import OpenCV, which needs system libraries; nothing else imports it.

``insightface`` asks for ``opencv-python``, the build with windows, so that is the one installed: two
builds of OpenCV unpack into the same folder. It links libGL, which servers and containers often
have not.
"""

from __future__ import annotations

from mint.errors import LibraryMissing

try:
    import cv2
except ImportError as error:
    if isinstance(error, ModuleNotFoundError):
        advice = "Install it: pip install -r requirements.txt"
    else:
        advice = "Install what it links to: apt-get install -y libgl1 libglib2.0-0"
    raise LibraryMissing("{problem}. {advice}", problem=f"OpenCV cannot be loaded ({error})", advice=advice) from error

__all__ = ["cv2"]
