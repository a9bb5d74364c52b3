"""What a hostile upload can make of a process that reads: it says who it is, and never ends."""

import os
import sys

from geostead.formats.gis.reader_process import limit_process, write_head

if __name__ == "__main__":
    limit_process()
    write_head(sys.stdout.buffer, {"pid": os.getpid()})
    sys.stdout.flush()
    while True:
        pass
