"""What is hostile in any XML file, whatever its elements mean."""

from __future__ import annotations

from random import Random

from tests.hostile.packing import MEGABYTE, Files, cut

_TEN_MEGABYTES = 10 * MEGABYTE


class XmlText:
    """Files around a good one."""

    def __init__(self, good: bytes, value: bytes) -> None:
        """``value`` is the text of an element, after which nothing depends on the order of elements."""
        self._good = good
        self._value = value
        start = good.index(b"<", good.index(b"?>"))
        self._prolog, self._body = good[:start], good[start:]
        self._root = self._body[1 : self._body.index(b" ")]

    def groups(self) -> list[Files]:
        """Return what makes each file."""
        return [self.entities(), self._sizes(), self._encodings(), self._structures()]

    def entities(self) -> Files:
        """Return what makes the files that declare what XML may stand for."""
        laughs = b"".join(b'<!ENTITY %c "%s">' % (c + 1, b"&%c;" % c * 10) for c in range(ord("a"), ord("j")))
        long = b'[<!ENTITY a "' + b"a" * MEGABYTE + b'">]'
        include = b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="file:///etc/passwd"/>'
        return {
            "a billion laughs": lambda: self._with_doctype(b'[<!ENTITY a "ha">' + laughs + b"]", b"&j;"),
            "a file as an entity": lambda: self._with_doctype(b'[<!ENTITY a SYSTEM "file:///etc/passwd">]'),
            "an entity of 1 MB used many times": lambda: self._with_doctype(long, b"&a;" * 10_000),
            "parameter entities": lambda: self._with_doctype(b'[<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]', b"a"),
            "an entity that holds itself": lambda: self._with_doctype(b'[<!ENTITY a "&b;"><!ENTITY b "&a;">]'),
            "a URL as an entity": lambda: self._with_doctype(b'[<!ENTITY a SYSTEM "http://127.0.0.1:9/a">]'),
            "a DTD elsewhere": lambda: self._with_doctype(b'SYSTEM "http://127.0.0.1:9/a.dtd"', b"a"),
            "an unknown entity": lambda: self._with_value(b"&nbsp;"),
            "a file included": lambda: self._with_value(include),
            "a style sheet": lambda: self._prolog + b'<?xml-stylesheet href="file:///etc/passwd"?>' + self._body,
        }

    def _sizes(self) -> Files:
        return {
            "a value of 10 MB": lambda: self._with_value(b"x" * _TEN_MEGABYTES),
            "a name of 10 MB": lambda: self._in_root(b"<" + b"a" * _TEN_MEGABYTES + b"/>"),
            "100,000 names": lambda: self._in_root(b"".join(b"<a%d/>" % n for n in range(100_000))),
            "an attribute of 10 MB": lambda: self._in_root(b'<a b="' + b"x" * _TEN_MEGABYTES + b'"/>'),
            "a value of 10 MB of line ends": lambda: self._with_value(b"\n" * _TEN_MEGABYTES),
            "a value of 10 MB of references": lambda: self._with_value(b"&#38;" * (_TEN_MEGABYTES // 5)),
            "a CDATA section of 10 MB": lambda: self._with_value(b"<![CDATA[" + b"]]" * (_TEN_MEGABYTES // 2) + b"]]>"),
            "a comment of 10 MB": lambda: self._in_root(b"<!--" + b"x" * _TEN_MEGABYTES + b"-->"),
            "a comment that never ends": lambda: self._good[:-20] + b"<!--" + b"x" * _TEN_MEGABYTES,
            "a processing instruction of 10 MB": lambda: self._in_root(b"<?a " + b"x" * _TEN_MEGABYTES + b"?>"),
            "100,000 attributes": lambda: self._in_root(
                b"<a " + b" ".join(b'a%d=""' % n for n in range(100_000)) + b"/>"
            ),
            "100,000 namespaces": lambda: self._in_root(b"".join(b'<a xmlns="urn:%d"/>' % n for n in range(100_000))),
            "a million empty elements": lambda: self._in_root(b"<a/>" * MEGABYTE),
        }

    def _encodings(self) -> Files:
        return {
            "UTF-16": lambda: self._good.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
            "NULs": lambda: self._with_value(self._value + b"\0\0"),
            "Latin-1": lambda: self._with_value("Hütte".encode("latin-1")),
            "bytes at random inside": lambda: self._in_root(Random(5).randbytes(MEGABYTE)),
            "text that says that it is UTF-16": lambda: self._good.replace(b"UTF-8", b"UTF-16", 1),
            "text that says that it is UTF-7": lambda: self._good.replace(b"UTF-8", b"UTF-7", 1),
            "overlong UTF-8": lambda: self._with_value(b"\xc0\xbcscript\xc0\xbe"),
            "surrogates in UTF-8": lambda: self._with_value(b"\xed\xa0\x80"),
            "a reference to NUL": lambda: self._with_value(b"&#0;"),
            "a reference to a surrogate": lambda: self._with_value(b"&#xD800;"),
            "a reference beyond Unicode": lambda: self._with_value(b"&#99999999999999;"),
            "bytes at random": lambda: Random(4).randbytes(MEGABYTE),
        }

    def _structures(self) -> Files:
        return {
            "elements 100,000 deep": lambda: self._in_root(b"<a>" * 100_000 + b"</a>" * 100_000),
            "cut in the middle": lambda: cut(self._good, 0.5),
            "elements never closed": lambda: cut(self._good, 0.8) + b"<a>" * MEGABYTE,
            "two roots": lambda: self._good + self._body,
            "an element closed twice": lambda: self._good + b"</" + self._root + b">",
            "the same attribute twice": lambda: self._in_root(b'<a b="" b=""/>'),
            "prefixes that are not declared": lambda: self._in_root(b"<x:a/>"),
            "cut in the first element": lambda: self._prolog + self._body[:20],
            "cut before the last byte": lambda: self._good[:-1],
            "the prolog alone": lambda: self._prolog,
            "no XML": lambda: b"EntityID,Name\n1,a\n",
            "nothing": lambda: b"",
        }

    def _with_value(self, other: bytes) -> bytes:
        return self._good.replace(b">" + self._value + b"<", b">" + other + b"<", 1)

    def _with_doctype(self, inside: bytes, value: bytes = b"&a;") -> bytes:
        return (
            self._prolog
            + b"<!DOCTYPE "
            + self._root
            + b" "
            + inside
            + b">"
            + self._with_value(value)[len(self._prolog) :]
        )

    def _in_root(self, more: bytes) -> bytes:
        at = self._good.rindex(b"</")
        return self._good[:at] + more + self._good[at:]
