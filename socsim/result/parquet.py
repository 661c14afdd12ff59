"""Columns to Parquet and back, without pandas.

`pyarrow.array` on a numpy array imports pandas to ask whether it is one of its types, which costs more than everything
else here; arrow arrays are therefore made from buffers. The bytes of a file depend on its columns alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from socsim.errors import InputError
from socsim.result.columns import ListColumn, TextColumn

if TYPE_CHECKING:
    import pyarrow as pa

Column = TextColumn | ListColumn | NDArray[Any]

_COMPRESSION = "zstd"


def write_columns(columns: Mapping[str, Column], path: Path) -> None:
    """One Parquet file; text is dictionary-encoded, a list column is a list of int32."""
    with TableWriter(path) as writer:
        writer.add(columns)


class TableWriter:
    """A Parquet file that grows: what is added stands in row groups of its own. Columns are always the same."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, columns: Mapping[str, Column]) -> None:
        """More rows."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_arrays([_to_arrow(column) for column in columns.values()], names=list(columns))
        if self._writer is None:
            dictionaries = [name for name, column in columns.items() if isinstance(column, TextColumn)]
            self._writer = pq.ParquetWriter(
                self._path, table.schema, compression=_COMPRESSION, use_dictionary=dictionaries, write_statistics=False
            )
        self._writer.write_table(table)

    def close(self) -> None:
        """The file is whole."""
        if self._writer is not None:
            self._writer.close()


def read_columns(path: Path) -> dict[str, Column]:
    """The columns of a file that `write_columns` wrote; `InputError` where it cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            table = file.read().combine_chunks()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    except pa.ArrowException as error:
        raise InputError(f"{path}: not a Parquet file: {error}") from error
    return {field.name: _from_arrow(table.column(field.name), field.type) for field in table.schema}


def _to_arrow(column: Column) -> pa.Array:
    import pyarrow as pa

    if isinstance(column, TextColumn):
        return pa.DictionaryArray.from_arrays(_numbers(column.codes), _strings(column.values))
    if isinstance(column, ListColumn):
        return pa.ListArray.from_arrays(_numbers(column.offsets), _numbers(column.values))
    return _numbers(column)


def _numbers(values: NDArray[Any]) -> pa.Array:
    import pyarrow as pa

    values = np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(values)])


def _strings(texts: tuple[str, ...]) -> pa.Array:
    import pyarrow as pa

    encoded = [text.encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, dtype=np.int32)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded)))


def _from_arrow(column: pa.ChunkedArray, kind: pa.DataType) -> Column:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        if column.num_chunks == 0:
            return TextColumn(np.empty(0, dtype=np.int32), ())
        chunk = column.chunk(0)
        return TextColumn(_from_numbers(chunk.indices).astype(np.int32), tuple(chunk.dictionary.to_pylist()))
    if pa.types.is_list(kind):
        if column.num_chunks == 0:
            return ListColumn.of([])
        chunk = column.chunk(0)
        return ListColumn(_from_numbers(chunk.offsets), _from_numbers(chunk.values))
    if column.num_chunks == 0:
        return np.empty(0, dtype=_numpy_type(kind))
    return _from_numbers(column.chunk(0))


def _from_numbers(array: pa.Array) -> NDArray[Any]:
    numbers = np.frombuffer(array.buffers()[1], dtype=_numpy_type(array.type))
    return numbers[array.offset : array.offset + len(array)]


def _numpy_type(kind: pa.DataType) -> np.dtype[Any]:
    return np.dtype("float64" if str(kind) == "double" else str(kind))
