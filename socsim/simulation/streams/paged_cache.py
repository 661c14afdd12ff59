"""A key-value cache in pages: who holds how many, and which prompt prefix they share.

**Source:** Kwon et al., Efficient memory management for large language model serving with PagedAttention, SOSP 2023.
"""

from __future__ import annotations


class PagedCache:
    """A pool of `num_pages` pages of `page_tokens` tokens. A request also holds `fixed_pages` for state that does not
    grow. The first `shared_prefix` tokens of all prompts are the same: their full pages are kept once, for everyone,
    from when a request has computed them until the room is needed and nobody uses them."""

    def __init__(self, num_pages: int, page_tokens: int, shared_prefix: int = 0, fixed_pages: int = 0) -> None:
        self.num_pages = num_pages
        self.page_tokens = page_tokens
        self._fixed_pages = fixed_pages
        self._prefix_pages = shared_prefix // page_tokens
        self._has_prefix = False
        self._sharers: list[int] = []
        self._held: dict[int, int] = {}
        self.most_used = 0

    @property
    def free_pages(self) -> int:
        """Pages that nobody holds."""
        shared = self._prefix_pages if self._has_prefix else 0
        return self.num_pages - shared - sum(self._held.values())

    def pages_for(self, tokens: int) -> int:
        """Pages that one request alone needs for so many tokens."""
        return self._fixed_pages + -(-tokens // self.page_tokens)

    def tokens_that_fit(self) -> int:
        """The longest request that the whole pool holds."""
        return max(0, self.num_pages - self._fixed_pages) * self.page_tokens

    def found(self, prompt: int) -> int:
        """Leading tokens of a prompt that are in the cache already; the last token always has to be computed."""
        shared = self._prefix_pages * self.page_tokens
        return shared if self._has_prefix and shared < prompt else 0

    def open(self, request: int, prompt: int, tokens: int) -> int | None:
        """Give a request pages for so many tokens. Returns how many of its prompt's are there already; None where the
        room does not suffice, and nothing has changed."""
        found = self.found(prompt)
        own = self.pages_for(tokens) - found // self.page_tokens
        if own > self.free_pages and not found:
            self._drop_prefix()
        if own > self.free_pages:
            return None
        self._held[request] = own
        if found:
            self._sharers.append(request)
        self._note_use()
        return found

    def grow(self, request: int, tokens: int) -> bool:
        """Give a request what it lacks to hold so many tokens; False where the room does not suffice."""
        shared = self._prefix_pages if request in self._sharers else 0
        more = self.pages_for(tokens) - shared - self._held[request]
        if more > self.free_pages:
            self._drop_prefix()
        if more > self.free_pages:
            return False
        self._held[request] += max(0, more)
        self._note_use()
        return True

    def share_prefix(self, request: int, tokens: int) -> None:
        """A request holds the first `tokens` tokens of its prompt: hand its pages of the prefix over to everyone."""
        if self._prefix_pages and not self._has_prefix and tokens >= self._prefix_pages * self.page_tokens:
            self._held[request] -= self._prefix_pages
            self._sharers.append(request)
            self._has_prefix = True

    def close(self, request: int) -> None:
        """A request gives its pages back."""
        del self._held[request]
        if request in self._sharers:
            self._sharers.remove(request)

    def _drop_prefix(self) -> None:
        if not self._sharers:
            self._has_prefix = False

    def _note_use(self) -> None:
        self.most_used = max(self.most_used, self.num_pages - self.free_pages)
