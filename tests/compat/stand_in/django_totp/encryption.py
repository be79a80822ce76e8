import sys

from drf_compat import encryption

sys.modules[__name__] = encryption
