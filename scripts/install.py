"""Install into the environment that runs this script: with uv where there is one, else with pip.

Called by the Makefile with the arguments of `pip install`. It chooses no versions.
"""

import subprocess
import sys
from importlib.util import find_spec

_UV = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
_PIP = [sys.executable, "-m", "pip", "install", "--quiet"]

if __name__ == "__main__":
    command = _UV if find_spec("uv") else _PIP
    sys.exit(subprocess.run([*command, *sys.argv[1:]], check=False).returncode)
