import sys

from drf_compat import auth

sys.modules[__name__] = auth
