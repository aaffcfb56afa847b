"""Files that people keep: spreadsheets and tables of text, read into sheets of cells."""

from trace.exchange.files import (
    MOST_ROWS,
    Book,
    FileEmptyError,
    FileEncodingError,
    FileTooLongError,
    SheetUnknownError,
    TableBrokenError,
    WorkbookLockedError,
    WorkbookTooLargeError,
    WorkbookUnreadableError,
    read_file,
)
from trace.exchange.sheets import Cell, CellError, Sheet, escape_formula, letters_of

__all__ = [
    "MOST_ROWS",
    "Book",
    "Cell",
    "CellError",
    "FileEmptyError",
    "FileEncodingError",
    "FileTooLongError",
    "Sheet",
    "SheetUnknownError",
    "TableBrokenError",
    "WorkbookLockedError",
    "WorkbookTooLargeError",
    "WorkbookUnreadableError",
    "escape_formula",
    "letters_of",
    "read_file",
]
