"""What is sent is read as UTF-8, whatever the request says about itself."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class Utf8Middleware:
    """Our pages send nothing else. Under a charset of their own choosing somebody could send what no text may hold, such as
    half a surrogate pair in UTF-7, which neither database stores and no page prints.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.encoding:
            request.encoding = "utf-8"
        return self.get_response(request)
