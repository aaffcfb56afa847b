"""Serials: they prove themselves, hide their position, and survive no slip of the hand."""

import hmac
import itertools
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.proofs import tries
from trace import serials
from trace.errors import TraceError
from trace.keys import ALPHABET, KeyRing, KeyState, SerialKey
from trace.serials import SealedPosition, check_character, has_valid_check, normalise, open_serial, seal, seal_many

DOCUMENT = Path(serials.__file__).parents[1] / "docs" / "serials.md"
INSTANCE = "0d6f3a0e-6c1e-4b6e-9a55-2f1f0c7f5e21"
GTIN = "06901234567892"


def seeded(seed: int | str) -> random.Random:
    """Return a generator that makes a test the same each time."""
    return random.Random(seed)  # noqa: S311 -- nothing here is kept secret


def make_key(key_id: str, state: KeyState = KeyState.VERIFYING, seed: int = 0) -> SerialKey:
    """Return a key with a secret fixed by its id and the seed."""
    secret = seeded(f"{key_id}{seed}").randbytes(32)
    return SerialKey(id=key_id, state=state, created_at=datetime(2026, 4, 1, tzinfo=UTC), secret=secret)


def make_ring(*keys: SerialKey) -> KeyRing:
    """Return a ring of these keys."""
    return KeyRing({key.id: key for key in keys})


SIGNING = make_key("7", KeyState.SIGNING)
RING = make_ring(SIGNING, make_key("3"), make_key("Z", KeyState.DISTRUSTED))


def opens(serial: str, gtin: str = GTIN, instance: str = INSTANCE, ring: KeyRing = RING) -> bool:
    """Return whether a code is accepted."""
    try:
        open_serial(ring, instance, gtin, serial)
    except serials.ForgedSerialError:
        return False
    return True


@pytest.mark.parametrize("gtin", [GTIN, ""])
@pytest.mark.parametrize(
    ("pack", "position"), [(1, 1), (8, 1234), (2**27 - 1, 2**22 - 1), (1, 2**22 - 1), (2**27 - 1, 1)]
)
def test_a_serial_opens_to_the_position_it_was_made_for(gtin: str, pack: int, position: int) -> None:
    serial = seal(SIGNING, INSTANCE, gtin, pack, position)
    assert re.fullmatch("7[0-9A-HJKMNP-TV-Z]{19}", serial)
    assert open_serial(RING, INSTANCE, gtin, serial) == SealedPosition(pack, position, "7")


def test_a_reprint_is_the_same_code_and_many_are_made_as_one() -> None:
    first = list(seal_many(SIGNING, INSTANCE, GTIN, 8, range(1, 200)))
    assert first == [seal(SIGNING, INSTANCE, GTIN, 8, position) for position in range(1, 200)]


def test_a_reprint_after_a_rotation_uses_the_former_key() -> None:
    before = seal(make_key("3", KeyState.SIGNING), INSTANCE, GTIN, 8, 5)
    assert seal(make_key("3", KeyState.VERIFYING), INSTANCE, GTIN, 8, 5) == before
    assert open_serial(RING, INSTANCE, GTIN, before) == SealedPosition(8, 5, "3")


@pytest.mark.parametrize(("pack", "position"), [(0, 1), (2**27, 1), (-1, 1), (1, 0), (1, 2**22), (1, -1)])
def test_a_pack_or_position_that_does_not_fit_is_refused(pack: int, position: int) -> None:
    with pytest.raises(serials.SerialRangeError):
        seal(SIGNING, INSTANCE, GTIN, pack, position)


@pytest.mark.parametrize(
    "gtin", ["6901234567892", "069012345678920", "0690123456789X", "０6901234567892", f"{GTIN}\n", " "]
)
def test_a_gtin_of_another_form_is_refused_before_it_is_printed(gtin: str) -> None:
    with pytest.raises(serials.SerialGtinError):
        seal(SIGNING, INSTANCE, gtin, 1, 1)


def test_a_distrusted_key_makes_no_serials() -> None:
    with pytest.raises(serials.KeyDistrustedError):
        seal_many(RING.keys["Z"], INSTANCE, GTIN, 1, range(1, 3))


def test_a_code_of_a_distrusted_key_is_forged_and_says_why() -> None:
    serial = seal(make_key("Z"), INSTANCE, GTIN, 8, 1234)
    with pytest.raises(serials.DistrustedSerialError) as refusal:
        open_serial(RING, INSTANCE, GTIN, serial)
    assert isinstance(refusal.value, serials.ForgedSerialError)
    assert refusal.value.facts == {"serial": serial, "key_id": "Z"}


def test_a_made_up_code_of_a_distrusted_key_is_only_forged() -> None:
    serial = seal(make_key("Z", seed=1), INSTANCE, GTIN, 8, 1234)
    with pytest.raises(serials.ForgedSerialError) as refusal:
        open_serial(RING, INSTANCE, GTIN, serial)
    assert refusal.type is serials.ForgedSerialError


def test_a_code_is_bound_to_gtin_instance_and_key() -> None:
    serial = seal(SIGNING, INSTANCE, GTIN, 8, 1234)
    assert opens(serial)
    assert not opens(serial, gtin="06901234567885")
    assert not opens(serial, gtin="")
    assert not opens(serial, instance="0d6f3a0e-6c1e-4b6e-9a55-2f1f0c7f5e22")
    assert not opens(serial, ring=make_ring(make_key("7", KeyState.SIGNING, seed=1)))
    assert not opens(serial, ring=make_ring(make_key("3", KeyState.SIGNING)))


def test_instance_and_gtin_cannot_run_into_each_other() -> None:
    with_gtin = seal(SIGNING, "town", "00000000000000", 1, 1)
    assert with_gtin != seal(SIGNING, "town00000000000000", "", 1, 1)
    assert not opens(with_gtin, gtin="", instance="town00000000000000")


@pytest.mark.parametrize(
    "damage", [str.lower, lambda code: code[:-1], lambda code: code + "0", lambda _: "", lambda _: "０" * 20]
)
def test_a_code_in_a_link_is_exact(damage: Callable[[str], str]) -> None:
    damaged = damage(seal(SIGNING, INSTANCE, GTIN, 8, 1234))
    assert not has_valid_check(damaged)
    assert not opens(damaged)


@pytest.mark.parametrize(
    "body", ["0" * 17 + "_", " " + "0" * 17, "+" + "0" * 17, "0" * 17 + "\n", "0" * 17 + "U", "0" * 17 + "\u0660"]
)
def test_what_a_number_may_hold_and_a_code_may_not_is_refused(body: str) -> None:
    for last in ALPHABET:
        assert not has_valid_check(f"7{body}{last}")


def test_a_code_typed_by_hand_is_read_as_printed() -> None:
    assert normalise(" 7nyd-rw3n kkrv–arfe  jrnf\n") == "7NYDRW3NKKRVARFEJRNF"
    assert normalise("oOiIlL") == "001111"
    assert normalise("７ＮＹＤ－ＲＷ３Ｎ　ｋｋｒｖ") == "7NYDRW3NKKRV"
    assert not has_valid_check(normalise("u" * 20))


def test_a_check_character_is_only_given_to_the_alphabet() -> None:
    assert check_character("") == "0"
    with pytest.raises(serials.SerialAlphabetError) as refusal:
        check_character("7NYDU")
    assert refusal.value.facts == {"character": "U"}


def test_the_check_of_made_serials_is_the_one_of_the_scheme() -> None:
    assert all(has_valid_check(serial) for serial in seal_many(SIGNING, INSTANCE, GTIN, 3, range(1, 3000)))


def test_the_quasigroup_of_the_check_is_totally_anti_symmetric() -> None:
    for first, second in itertools.combinations(ALPHABET, 2):
        assert check_character(first + second) != check_character(second + first)
        for before in ALPHABET:
            assert check_character(before + first + second) != check_character(before + second + first)


def completed(symbols: dict[int, str], rng: random.Random) -> list[str]:
    """Return a random code that passes the check and has these symbols at these places, the check's own place too."""
    code = rng.choices(ALPHABET, k=20)
    for place, symbol in symbols.items():
        code[place] = symbol
    free = max(set(range(20)) - symbols.keys())
    if free == 19:
        code[19] = check_character("".join(code[:19]))
        return code
    return next(
        candidate
        for symbol in ALPHABET
        if has_valid_check("".join(candidate := [*code[:free], symbol, *code[free + 1 :]]))
    )


def test_every_single_wrong_character_is_caught() -> None:
    rng = seeded(1)
    for place, right in itertools.product(range(20), ALPHABET):
        code = completed({place: right}, rng)
        for symbol in ALPHABET:
            assert has_valid_check("".join([*code[:place], symbol, *code[place + 1 :]])) is (symbol == right)


@pytest.mark.prove
def test_every_exchange_of_two_characters_is_caught_at_any_distance() -> None:
    rng = seeded(2)
    pairs = list(itertools.permutations(ALPHABET, 2))
    for first, second in itertools.combinations(range(20), 2):
        for left, right in rng.sample(pairs, tries(100, len(pairs))):
            code = completed({first: left, second: right}, rng)
            assert has_valid_check("".join(code))
            code[first], code[second] = right, left
            assert not has_valid_check("".join(code))


def framed(*values: bytes) -> bytes:
    """Join fields with their lengths, as the document says."""
    return b"".join(len(value).to_bytes(2, "big") + value for value in values)


def derived(master: bytes, label: str) -> bytes:
    """Derive a key, as the document says."""
    return HKDF(SHA256(), 32, salt=None, info=label.encode()).derive(master)


def leading_bits(digest: bytes, count: int) -> int:
    """Return the first bits of an HMAC as a number."""
    return int.from_bytes(digest, "big") >> 256 - count


def written(key_id: str, body: int) -> str:
    """Write a code one character at a time, the check by multiplying polynomials."""
    code = key_id + "".join(ALPHABET[body >> shift & 31] for shift in range(85, -1, -5))
    interim = 0
    for character in code + "0":
        interim *= 2
        interim = (interim ^ 0b100101 if interim > 31 else interim) ^ ALPHABET.index(character)
    return code + ALPHABET[interim]


def worked(example: dict[str, Any]) -> dict[str, Any]:
    """Work the document's example out anew from its inputs, by the letter of the document and slowly."""
    master, pack, position = bytes.fromhex(example["master"]), example["pack"], example["position"]
    bound = example["instance"].encode(), example["gtin"].encode()
    k_proof, k_keystream = derived(master, "chasu serial 1 proof"), derived(master, "chasu serial 1 keystream")
    proof_message = framed(*bound, pack.to_bytes(4, "big"), position.to_bytes(3, "big"))
    proof_hmac = hmac.digest(k_proof, proof_message, "sha256")
    proof = leading_bits(proof_hmac, 41)
    keystream_message = framed(*bound, proof.to_bytes(6, "big"))
    keystream_hmac = hmac.digest(k_keystream, keystream_message, "sha256")
    keystream = leading_bits(keystream_hmac, 49)
    hidden = (pack * 2**22 + position) ^ keystream
    body = proof * 2**49 + hidden
    return {
        **{name: example[name] for name in ("key_id", "master", "instance", "gtin", "pack", "position")},
        "k_proof": k_proof.hex(),
        "k_keystream": k_keystream.hex(),
        "proof_message": proof_message.hex(),
        "proof_hmac": proof_hmac.hex(),
        "proof": f"{proof:x}",
        "keystream_message": keystream_message.hex(),
        "keystream_hmac": keystream_hmac.hex(),
        "keystream": f"{keystream:x}",
        "hidden": f"{hidden:x}",
        "body": f"{body:x}",
        "serial": written(example["key_id"], body),
    }


def read_example() -> dict[str, Any]:
    """Return the worked example of the document."""
    found = re.search(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    example: dict[str, Any] = json.loads(found[1])
    return example


def test_the_worked_example_follows_from_the_document() -> None:
    example = read_example()
    others = ("serial_of_the_position_before", "serial_of_the_position_after", "serial_without_gtin")
    assert worked(example) == {name: value for name, value in example.items() if name not in others}


def test_the_code_makes_the_serials_of_the_worked_example() -> None:
    example = read_example()
    key = replace(make_key("7", KeyState.SIGNING), secret=bytes.fromhex(example["master"]))
    positions = range(example["position"] - 1, example["position"] + 2)
    assert list(seal_many(key, example["instance"], example["gtin"], example["pack"], positions)) == [
        example["serial_of_the_position_before"],
        example["serial"],
        example["serial_of_the_position_after"],
    ]
    assert seal(key, example["instance"], "", example["pack"], example["position"]) == example["serial_without_gtin"]


def test_serials_are_those_of_the_slow_reading_of_the_document() -> None:
    rng = seeded(3)
    for _ in range(500):
        pack, position = rng.randrange(1, 2**27), rng.randrange(1, 2**22)
        inputs = {"key_id": "7", "master": SIGNING.secret.hex(), "instance": "茶鄉", "gtin": rng.choice([GTIN, ""])}
        slow = worked(inputs | {"pack": pack, "position": position})
        assert seal(SIGNING, inputs["instance"], inputs["gtin"], pack, position) == slow["serial"]


@pytest.mark.parametrize(("pack", "position", "exists"), [(0, 5, False), (5, 0, False), (0, 0, False), (5, 5, True)])
def test_pack_0_and_position_0_do_not_exist_even_with_a_proof(pack: int, position: int, exists: bool) -> None:
    inputs = {"key_id": "7", "master": SIGNING.secret.hex(), "instance": INSTANCE, "gtin": GTIN}
    assert opens(worked(inputs | {"pack": pack, "position": position})["serial"]) is exists


def test_the_document_names_the_alphabet() -> None:
    assert f"`{ALPHABET}`" in DOCUMENT.read_text(encoding="utf-8")


def test_every_refusal_has_a_code_of_its_own() -> None:
    refusals = [kind for kind in vars(serials).values() if isinstance(kind, type) and issubclass(kind, TraceError)]
    assert len({kind.code for kind in refusals}) == len(refusals)


def test_neighbours_differ_in_many_characters() -> None:
    run = list(seal_many(SIGNING, INSTANCE, GTIN, 8, range(1, 5001)))
    differences = [sum(map(str.__ne__, one, other)) for one, other in itertools.pairwise(run)]
    assert min(differences) >= 12
    assert sum(differences) / len(differences) == pytest.approx(19 * 31 / 32, abs=0.1)  # 19 characters that may differ


def test_the_order_of_serials_says_nothing_of_the_order_of_positions() -> None:
    run = list(seal_many(SIGNING, INSTANCE, GTIN, 8, range(1, 5001)))
    for place in (1, 9, 10, 15, 18):  # the beginning, where the hidden part begins, and where the position begins
        ranks = sorted(range(5000), key=lambda index: run[index][place:])
        distance = sum((rank - index) ** 2 for rank, index in enumerate(ranks))
        spearman = 1 - 6 * distance / (5000 * (5000**2 - 1))
        assert abs(spearman) < 4 / 5000**0.5  # four standard deviations of unrelated orders


def test_every_character_is_spread_evenly() -> None:
    run = list(seal_many(SIGNING, INSTANCE, GTIN, 8, range(1, 20_001)))
    for column in list(zip(*run, strict=True))[1:]:
        counts = Counter(column)
        chi_squared = sum((counts[symbol] - 625) ** 2 / 625 for symbol in ALPHABET)
        assert chi_squared < 80  # 31 degrees of freedom: more than this in 4 of a million columns


def test_a_run_has_no_serial_twice() -> None:
    run = [serial for pack in (1, 2) for serial in seal_many(SIGNING, INSTANCE, GTIN, pack, range(1, 20_001))]
    assert len(set(run)) == 40_000


@pytest.mark.prove
def test_no_made_up_code_is_accepted() -> None:
    rng = seeded(4)
    for _ in range(tries(20_000, 1_000_000)):
        code = rng.choice("73Z") + "".join(rng.choices(ALPHABET, k=18))
        code += check_character(code)
        with pytest.raises(serials.ForgedSerialError) as refusal:
            open_serial(RING, INSTANCE, GTIN, code)
        assert refusal.type is serials.ForgedSerialError


def changed(serial: str, places: Iterable[int], rng: random.Random) -> str:
    """Return the serial with another symbol at each of these places."""
    code = list(serial)
    for place in places:
        code[place] = rng.choice([symbol for symbol in ALPHABET if symbol != code[place]])
    return "".join(code)


def near_misses(serial: str, rng: random.Random) -> Iterator[str]:
    """Give codes that are almost this one: slips, and changes by somebody who knows the check character."""
    yield changed(serial, [rng.randrange(20)], rng)
    yield changed(serial, rng.sample(range(20), 2), rng)
    for count in (1, 2):
        body = changed(serial, rng.sample(range(1, 19), count), rng)[:-1]
        yield body + check_character(body)
    body = rng.choice("3Z") + serial[1:-1]
    yield body + check_character(body)
    place = next(place for place in rng.sample(range(1, 18), 17) if serial[place] != serial[place + 1])
    swapped = serial[:place] + serial[place + 1] + serial[place] + serial[place + 2 :]
    yield swapped
    yield swapped[:-1] + check_character(swapped[:-1])


@pytest.mark.prove
def test_no_near_miss_is_accepted() -> None:
    rng = seeded(5)
    other_ring = make_ring(make_key("7", KeyState.SIGNING, seed=1))
    tried = 0
    while tried < tries(5_000, 100_000):
        serial = seal(SIGNING, INSTANCE, GTIN, rng.randrange(1, 3000), rng.randrange(1, 100_000))
        misses = list(near_misses(serial, rng))
        assert not any(opens(miss) for miss in misses)
        assert not opens(serial, gtin=rng.choice(["06901234567885", "16901234567892", ""]))
        assert not opens(serial, instance=INSTANCE[:-1] + "2")
        assert not opens(serial, ring=other_ring)
        assert opens(serial)
        tried += len(misses) + 3
