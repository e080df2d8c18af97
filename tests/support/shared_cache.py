"""A shared cache as RFC 9111 describes it, to see what one may do with the relay's answers.

Written from the RFC, strict where it leaves a choice, and without heuristics: what says nothing is not kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from support.plain_http import Answer, fetch

_KEPT_STATUS = 200


@dataclass
class _Stored:
    answer: Answer
    asked: dict[str, str]
    at_s: float


class SharedCache:
    """What stands between many clients and one relay.

    Attributes:
        now_s: The cache's clock, for a test to wind.
        seen: What became of each call: `hit`, `miss` or `revalidated`.
    """

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._stored: dict[str, list[_Stored]] = {}
        self.now_s = 0.0
        self.seen: list[str] = []

    def get(self, path: str, **headers: str) -> Answer:
        """Answer a GET as the cache would; header names have `_` for `-`."""
        asked = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        candidates = [stored for stored in self._stored.get(path, ()) if _selected(stored, asked)]
        for stored in candidates:
            if self.now_s - stored.at_s < _lifetime_s(stored.answer):
                self.seen.append("hit")
                return stored.answer
        for stored in candidates:
            # 4.3: the copy may still be good.
            tag = stored.answer.headers.get("etag")
            if tag is None:
                continue
            answer = fetch(self._origin, path, headers=asked | {"If-None-Match": tag})
            if answer.status == 304:
                assert answer.headers["etag"] == tag
                # 4.3.4: what the 304 says holds from now on.
                stored.answer = Answer(
                    stored.answer.status, stored.answer.headers | answer.headers, stored.answer.raw
                )
                stored.at_s = self.now_s
                if not _may_be_kept(stored.answer, asked):
                    self._stored[path].remove(stored)
                self.seen.append("revalidated")
                return stored.answer
            self._stored[path].remove(stored)
            return self._keep(path, asked, answer)
        return self._keep(path, asked, fetch(self._origin, path, headers=asked))

    def _keep(self, path: str, asked: dict[str, str], answer: Answer) -> Answer:
        self.seen.append("miss")
        if _may_be_kept(answer, asked):
            self._stored.setdefault(path, []).append(_Stored(answer, asked, self.now_s))
        return answer


def _may_be_kept(answer: Answer, asked: dict[str, str]) -> bool:
    """Section 3, and 3.5 for what was asked for with a token."""
    if answer.status != _KEPT_STATUS or {"no-store", "private"} & answer.cache or "*" in answer.vary:
        return False
    return "authorization" not in asked or "public" in answer.cache


def _selected(stored: _Stored, asked: dict[str, str]) -> bool:
    """Section 4.1: what the answer hung on is the same."""
    return all(stored.asked.get(name) == asked.get(name) for name in stored.answer.vary if name)


def _lifetime_s(answer: Answer) -> float:
    """Section 4.2.1; `no-cache` is 4, and has every use asked about."""
    said = dict(part.partition("=")[::2] for part in answer.cache)
    if "no-cache" in said:
        return 0
    return float(said.get("s-maxage") or said.get("max-age") or 0)
