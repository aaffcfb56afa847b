"""GS1 application identifiers: format, meaning, companions and place in a Digital Link, in one table.

A row reads: identifiers | components | needs one of | goes not with | qualifiers when it is a primary key.
A component is a character set (N digits, X the 82 GS1 characters, Y the 39, Z file-safe base64), a length or
`..` and the greatest length, and the checks on it; one in brackets may be missing. `a+b` needs both; an `n` in a
pattern stands for any digit. `-` makes a key without qualifiers, `/` separates alternatives.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from trace.digital_link.checks import CHECKS


def expand(ranges: str) -> Iterator[str]:
    """Yield each identifier of a text such as `00 31-36`, in order, with its leading zeros."""
    for word in ranges.split():
        first, _, last = word.partition("-")
        for number in range(int(first), int(last or first) + 1):
            yield str(number).zfill(len(first))


_ITEM = "01 02 03 8006 8026"

_ROWS = f"""
00              | N18,check-digit                          |                    |                           | -
01              | N14,check-digit                          |                    | 255 37                  | 22 10 21/235
02              | N14,check-digit                          | 37                 | 01 03                     |
03              | N14,check-digit                          |                    | 01 02 37 235              |
10              | X..20                                    | {_ITEM}            |                           |
11 13 15 16     | N6,date-or-month                         | {_ITEM}            |                           |
12              | N6,date-or-month                         | 8020               |                           |
17              | N6,date-or-month                         | {_ITEM} 255        |                           |
20              | N2                                       | {_ITEM}            |                           |
21              | X..20                                    | 01 03 8006         | 235                       |
22              | X..20                                    | 01                 |                           |
235             | X..28                                    | 01                 |                           |
240 241         | X..30                                    | {_ITEM}            |                           |
242             | N..6                                     | 01 02 8006 8026    |                           |
243             | X..20                                    | 01 03              |                           |
250             | X..30                                    | 01+21 03+21 8006+21 |                          |
251             | X..30                                    | 01 03 8006         |                           |
253             | N13,check-digit [X..17]                  |                    |                           | -
254             | X..20                                    | 414                |                           |
255             | N13,check-digit [N..12]                  |                    | 01 02 415 8006 8020 8026  | -
30              | N..8                                     | 01 02              |                           |
3370-3375       | N6                                       | 01                 | 337n                      |
37              | N..8                                     | 00+02 00+8026      |                           |
3900-3909       | N..15                                    | 255 8020           | 390n 391n 394n 8111       |
3910-3919       | N3,currency N..15                        | 8020               | 391n                      |
3920-3929       | N..15                                    | 01+30 01+31nn 01+32nn 01+35nn 01+36nn | 392n 393n |
3930-3939       | N3,currency N..15                        | 30 31nn 32nn 35nn 36nn | 393n                  |
3940-3943       | N4                                       | 255                | 394n 8111                 |
3950-3955       | N6                                       | 30 31nn 32nn 35nn 36nn | 392n 393n 395n 8005   |
400             | X..30                                    |                    |                           |
401             | X..30,company-prefix                     |                    |                           | -
402             | N17,check-digit                          |                    |                           | -
403             | X..30                                    | 00                 |                           |
410-413 416     | N13,check-digit                          |                    |                           |
414             | N13,check-digit                          |                    |                           | 254/7040
415             | N13,check-digit                          | 8020               |                           | 8020
417             | N13,check-digit                          |                    |                           | 7040
420             | X..20                                    |                    | 421                       |
421             | N3,country X..9                          |                    | 4307                      |
422             | N3,country                               | {_ITEM}            | 426                       |
423 425         | N3,country [N3],country [N3],country [N3],country [N3],country | 01 02 03 | 426          |
424             | N3,country                               | 01 02 03           | 426                       |
426             | N3,country                               | 01 02 03           |                           |
427             | X..3                                     | 01+422 02+422 03+422 |                         |
4300 4301       | X..35,percent                            | 00                 |                           |
4302 4304-4306  | X..70,percent                            | 00                 |                           |
4303            | X..70,percent                            | 4302               |                           |
4307 4317       | X2,country-letters                       | 00                 |                           |
4308 4319       | X..30                                    | 00                 |                           |
4309            | N10,latitude N10,longitude               | 00                 |                           |
4310 4311 4320  | X..35,percent                            | 00                 |                           |
4312 4314-4316  | X..70,percent                            | 00                 |                           |
4313            | X..70,percent                            | 4312               |                           |
4318            | X..20                                    | 00                 |                           |
4321-4323       | N1,yes-no                                | 00                 |                           |
4324 4325       | N6,date-or-month N4,time                 | 00                 |                           |
4326            | N6,date                                  | 00                 |                           |
4330            | N6 [X1],minus                            | 00                 | 4331                      |
4331            | N6 [X1],minus                            | 00                 | 4330                      |
4332            | N6 [X1],minus                            | 00                 | 4333                      |
4333            | N6 [X1],minus                            | 00                 | 4332                      |
7001            | N13                                      | 01 02 8006 8026    |                           |
7002            | X..30                                    | 01 02              |                           |
7003            | N6,date N4,time                          | 01 02 03           |                           |
7004            | N..4                                     | 01+10 03+10        |                           |
7005            | X..12                                    | 01 02              |                           |
7006            | N6,date                                  | 01 02              |                           |
7007            | N6,date [N6],date                        | 01 02              |                           |
7008            | X..3                                     | 01 02              |                           |
7009            | X..10                                    | 01 02              |                           |
7010            | X..2                                     | 01 02 03           |                           |
7011            | N6,date [N4],time                        | 01 02 03           |                           |
7020            | X..20                                    | 01+416 03+416 8006+416 |                       |
7021            | X..20                                    | 01 03 8006         |                           |
7022            | X..20                                    | 01+7021 03+7021 8006+7021 |                    |
7023            | X..30,company-prefix                     |                    |                           |
7030-7039       | N3,country-or-999 X..27                  | 01 02              |                           |
7040            | N1 X1 X1 X1,importer-index               |                    |                           |
7041            | X..4                                     | 00                 |                           |
710-717         | X..20                                    | 01                 |                           |
7230-7239       | X2 X..28                                 | 01 8004            |                           |
7240            | X..20                                    | 01 8006            | 03                        |
7241            | N2,media-type                            | 8017 8018          |                           |
7242            | X..25                                    | 8017 8018          |                           |
7250            | N8,long-date                             | 8018               | 7251                      |
7251            | N8,long-date N4,time                     | 8018               | 7250                      |
7252            | N1,sex                                   | 8018               |                           |
7253 7254       | X..40,percent                            | 8017 8018          | 7256 7259                 |
7255            | X..10                                    | 8017 8018          | 7256 7259                 |
7256            | X..90,percent                            | 8017 8018          |                           |
7257            | X..70,percent                            | 8018               |                           |
7258            | X3,position                              | 8018+7259          |                           |
7259            | X..40,percent                            | 8018               | 7256                      |
8001            | N4,size N5,size N3,size N1,winding N1    | 01                 |                           |
8002            | X..20                                    |                    |                           |
8003            | N1,filler N13,check-digit [X..16]        |                    |                           | -
8004            | X..30,company-prefix                     |                    |                           | 7040
8005            | N6                                       | 01 02              |                           |
8006            | N14,check-digit N4,piece                 |                    | 01 03 37                  | 22 10 21
8007            | X..34,iban                               | 415                |                           |
8008            | N6,date N2,hour [N2],minute [N2],second  | 01 02 03           |                           |
8009            | X..50                                    | 00 01 03           |                           |
8010            | Y..30,company-prefix                     |                    |                           | 8011
8011            | N..12,leading-digit                      | 8010               |                           |
8012            | X..20                                    | 01 03 8006         |                           |
8013            | X..25,check-pair,company-prefix          |                    |                           | -
8014            | X..25,check-pair,company-prefix,letter   | 01                 |                           |
8017            | N18,check-digit                          |                    | 8018                      | 8019
8018            | N18,check-digit                          |                    | 8017                      | 8019
8019            | N..10                                    | 8017 8018          |                           |
8020            | X..25                                    | 415                |                           |
8026            | N14,check-digit N4,piece                 | 37                 | 02 03 8006                |
8030 | Z..90,padding | 00 01+21 03+21 253 255 8003 8004 8006+21 8010+8011 8017 8018       |                           |
8040            | N15                                      | 01+21              |                           |
8041            | N15                                      | 01+21+8040         |                           |
8042            | N32                                      | 01+21+8040         |                           |
8043            | N18 [N..2]                               | 01+21+8040         |                           |
8110            | X..70,coupon                             |                    |                           |
8111            | N4                                       | 255                |                           |
8112            | X..70,coupon-offer                       |                    |                           |
8200            | X..70                                    | 01                 |                           |
90              | X..30                                    |                    |                           |
91-99           | X..90                                    |                    |                           |
"""

# Measures: the first three digits say what is measured, the fourth where the decimal point stands. Trade measures
# belong to an item, logistic ones to an item or a logistic unit; one measure is given once.
_TRADE_MEASURES = "310-316 320-329 350-352 356 357 360 361 364-366"
_LOGISTIC_MEASURES = "330-336 340-349 353-355 362 363 367-369"

# Not allowed as a query parameter: keys' qualifiers and what a link says otherwise or not at all. 7041 is therefore
# in no valid link, and its list of package types (UN/ECE Rec. 21) is not kept here.
_NOT_ATTRIBUTES = frozenset(expand("03 21 22 235 254 7040 7041 8011 8014 8019 8020 8040-8043 8200"))

_CHARACTERS = {"N": "[0-9]", "X": "[!\"%&'()*+,./0-9:;<=>?A-Z_a-z-]", "Y": "[#/0-9A-Z-]", "Z": "[A-Za-z0-9_=-]"}
_COMPONENT = re.compile(
    r"(?P<option>\[?)(?P<charset>[NXYZ])(?P<upto>(?:\.\.)?)(?P<length>\d+)\]?(?P<checks>[a-z0-9,-]*)"
)


@dataclass(frozen=True, slots=True)
class Component:
    """A part of an element value."""

    charset: str
    shortest: int
    longest: int
    optional: bool
    checks: tuple[str, ...]

    def expression(self) -> str:
        """Return the regular expression group that matches the component."""
        return f"({_CHARACTERS[self.charset]}{{{self.shortest},{self.longest}}})" + "?" * self.optional


@dataclass(frozen=True, slots=True)
class Identifier:
    """An application identifier: what its value looks like, and what it goes with."""

    ai: str
    components: tuple[Component, ...]
    needs: tuple[tuple[str, ...], ...]
    excludes: tuple[str, ...]
    qualifiers: tuple[tuple[str, ...], ...] | None
    shortest: int
    longest: int
    matches: Callable[[str], re.Match[str] | None]
    checks: tuple[tuple[int, str, Callable[[str], bool]], ...]

    @property
    def is_key(self) -> bool:
        """Tell whether a link may be about this identifier."""
        return self.qualifiers is not None

    @property
    def is_attribute(self) -> bool:
        """Tell whether the identifier may stand in the query of a link."""
        return self.ai not in _NOT_ATTRIBUTES


def _component(match: re.Match[str]) -> Component:
    longest = int(match["length"])
    checks = tuple(check for check in match["checks"].split(",") if check)
    return Component(match["charset"], 1 if match["upto"] else longest, longest, bool(match["option"]), checks)


def _identifier(ai: str, cells: list[str]) -> Identifier:
    form, needs, excludes, key = cells
    components = tuple(_component(match) for match in _COMPONENT.finditer(form))
    pattern = re.compile("".join(component.expression() for component in components))
    return Identifier(
        ai=ai,
        components=components,
        needs=tuple(tuple(group.split("+")) for group in needs.split()),
        excludes=tuple(excludes.split()),
        qualifiers=tuple(tuple(way.split()) for way in key.strip("-").split("/")) if key else None,
        shortest=sum(component.shortest for component in components if not component.optional),
        longest=sum(component.longest for component in components),
        matches=pattern.fullmatch,
        checks=tuple(
            (place, name, CHECKS[name])
            for place, component in enumerate(components, start=1)
            for name in component.checks
        ),
    )


def _identifiers() -> Iterator[Identifier]:
    for row in _ROWS.strip().splitlines():
        ranges, *cells = (cell.strip() for cell in row.split("|"))
        for ai in expand(ranges):
            yield _identifier(ai, cells)
    for measures, needs in ((_TRADE_MEASURES, "01 02"), (_LOGISTIC_MEASURES, "00 01")):
        for measure in expand(measures):
            for decimals in range(6):
                yield _identifier(f"{measure}{decimals}", ["N6", needs, f"{measure}n", ""])


IDENTIFIERS: dict[str, Identifier] = {identifier.ai: identifier for identifier in _identifiers()}
