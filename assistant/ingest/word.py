"""Reading DOCX files."""

from __future__ import annotations

import io
import zipfile

from assistant.errors import TooLarge, Unreadable
from assistant.ingest.extract import Extract

# Unpacked size of all parts. zipfile never reads more of a part than its directory declares, so that checking the
# declared sizes is enough.
MAX_UNPACKED = 200_000_000


def read_docx(raw: bytes) -> Extract:
    """The paragraphs and tables of a DOCX in order, with title and author from its properties. The date in its
    properties is that of the file (often of its template), not of the article, and is not read.

    Raises `Unreadable` where it is damaged, `TooLarge` where it would unpack to more than 200 MB.
    """
    import docx
    from docx.table import Table

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > MAX_UNPACKED:
            raise TooLarge(
                f"The DOCX would unpack to {unpacked / 1e6:,.0f} MB, more than {MAX_UNPACKED / 1e6:.0f} MB; "
                "remove its pictures or save it as text."
            )
        document = docx.Document(io.BytesIO(raw))
        blocks = [
            # merged cells come once for each column they cover
            "\n".join(" | ".join(dict.fromkeys(cell.text for cell in row.cells)) for row in block.rows)
            if isinstance(block, Table)
            else block.text
            for block in document.iter_inner_content()
        ]
        title, author = document.core_properties.title, document.core_properties.author
    except TooLarge:
        raise
    except Exception as error:  # damaged files raise whatever they run into
        raise Unreadable(f"The DOCX cannot be read ({type(error).__name__}); it is damaged or not a DOCX.") from error
    first = next((block for block in blocks if block.strip()), "")
    # Without a printed title the property is believed, but not the name a template or a converter left there.
    return Extract(
        text="\n\n".join(blocks),
        title=" ".join(title.split()) if title and not title.lower().endswith((".doc", ".docx")) and first else "",
        byline="" if author in ("python-docx", "Microsoft Office User", None) else author,
    )
