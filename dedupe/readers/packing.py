"""Bytes of UTF-8 -> code points, eight bytes at a time without a branch.

Each byte is decoded as if a character ended there, and what ends none is dropped by a shuffle of
the register, which a table knows for each of 256 cases; so the place of the next eight waits for a
count of bits only. NumPy and Numba have no name for that, hence the instructions by hand. Where the
processor has no shuffle of bytes, what is dropped is overwritten, value by value.
"""
# Kernels depend on this file, which `dedupe.jit` tells by its own name being in it.

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["LANES", "decode_lanes"]

LANES = 8
"""Bytes that `decode_lanes` takes, and code points that it has to have room for."""
_CONTINUING = -64
"""Bytes that continue a character are below this as signed numbers."""


def _choices() -> list[list[int]]:
    """For each byte of flags, which bytes of eight 16-bit lanes are to come first."""
    rows = []
    for flags in range(1 << LANES):
        kept = [lane for lane in range(LANES) if flags >> lane & 1]
        places = [2 * lane + half for lane in kept for half in (0, 1)]
        rows.append((places + [0x80] * 2 * LANES)[: 2 * LANES])
    return rows


def _table(module: ir.Module) -> ir.GlobalVariable:
    row = ir.VectorType(ir.IntType(8), 2 * LANES)
    kind = ir.ArrayType(row, 1 << LANES)
    table = cgutils.add_global_variable(  # type: ignore[no-untyped-call]
        module, kind, module.get_unique_name("choices")
    )
    table.linkage = "internal"
    table.global_constant = True
    table.initializer = ir.Constant(kind, [ir.Constant(row, choice) for choice in _choices()])
    return table


def _shuffles(context: Any) -> bool:  # noqa: ANN401 - Numba has no types
    """Whether the processor that is compiled for has SSSE3, whose shuffle is called by its name."""
    return "+ssse3" in context.codegen().magic_tuple()[2].split(",")


def _same(like: Any, number: int) -> ir.Constant:  # noqa: ANN401
    return ir.Constant(like.type, [number] * LANES)


def _load_bytes(builder: Any, data: Any, at: Any, beyond: int) -> Any:  # noqa: ANN401
    """Eight bytes from `at + beyond` on."""
    kind = ir.VectorType(ir.IntType(8), LANES)
    place = builder.add(at, ir.Constant(at.type, beyond))
    loaded = builder.load(builder.bitcast(builder.gep(data, [place]), kind.as_pointer()))
    loaded.align = 1
    return loaded


def _decode(builder: Any, data: Any, at: Any) -> Any:  # noqa: ANN401
    """What ends at each of eight bytes, if a character does: eight 16-bit values."""
    wide = ir.VectorType(ir.IntType(16), LANES)
    here, one, two = (
        builder.zext(_load_bytes(builder, data, at, -back), wide) for back in range(3)
    )
    low = builder.and_(here, _same(here, 0x3F))
    middle = builder.shl(builder.and_(one, _same(here, 0x3F)), _same(here, 6))
    high = builder.shl(builder.and_(two, _same(here, 0x0F)), _same(here, 12))
    of_three = builder.icmp_unsigned(">=", two, _same(here, 0xE0))
    high = builder.select(of_three, high, _same(here, 0))
    value = builder.or_(builder.or_(low, middle), high)
    continues = builder.icmp_unsigned(
        "==", builder.and_(here, _same(here, 0xC0)), _same(here, 0x80)
    )
    return builder.select(continues, value, here)


def _shuffle(builder: Any, lanes: Any, flags: Any) -> Any:  # noqa: ANN401
    """The flagged lanes first."""
    wide = ir.VectorType(ir.IntType(8), 2 * LANES)
    zero, number = ir.Constant(ir.IntType(64), 0), builder.zext(flags, ir.IntType(64))
    choice = builder.load(builder.gep(_table(builder.module), [zero, number]))
    kind = ir.FunctionType(wide, [wide, wide])
    shuffle = builder.module.declare_intrinsic("llvm.x86.ssse3.pshuf.b.128", (), kind)
    return builder.call(shuffle, [builder.bitcast(lanes, wide), choice])


def _declare(_typing: Any, data: Any, at: Any, codes: Any, place: Any) -> Any:  # noqa: ANN401
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        def begin_of(which: int) -> Any:  # noqa: ANN401
            array = context.make_array(signature.args[which])
            return array(context, builder, arguments[which]).data

        _, at, _, place = arguments
        lanes = _decode(builder, begin_of(0), at)
        behind = _load_bytes(builder, begin_of(0), at, 1)
        ends = builder.icmp_signed(">=", behind, _same(behind, _CONTINUING))
        target = begin_of(2)
        if _shuffles(context):
            flags = builder.bitcast(ends, ir.IntType(LANES))
            packed = _shuffle(builder, lanes, flags)
            begin = builder.bitcast(builder.gep(target, [place]), packed.type.as_pointer())
            builder.store(packed, begin).align = 1
            return builder.add(place, builder.zext(builder.ctpop(flags), place.type))
        for lane in range(LANES):
            number = ir.Constant(ir.IntType(32), lane)
            builder.store(builder.extract_element(lanes, number), builder.gep(target, [place]))
            kept = builder.extract_element(ends, number)
            place = builder.add(place, builder.zext(kept, place.type))
        return place

    number = numba.types.uint64
    return number(data, number, codes, number), generate


decode_lanes: Callable[..., np.uint64] = intrinsic(_declare)
"""In kernels: `decode_lanes(data, at, codes, place)`, which returns the new place.

Characters that end in `data[at:at + LANES]` go to `codes[place:]`, as far as they are of up to
three bytes each. `data` uint8, of which two bytes before `at` and one behind the last have to be
there; `codes` uint16, `at`, `place` uint64. Behind the new place is rubbish.
"""
