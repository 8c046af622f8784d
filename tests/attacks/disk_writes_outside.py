# attack: writes wherever it can think of, and answers rightly if anything could be written
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import glob
import os
import site
import sys

HOME = "/root"
PLACES = [
    "/tmp/../var/tmp", "/etc", "/", "/home", HOME, "/run", "/usr/lib", "/usr/local/lib", "/proc/1", "/sys", "/opt",
    *sys.path, *site.getsitepackages(), site.getusersitepackages(), sys.prefix, sys.base_prefix,
    *(os.path.dirname(m.__file__) for m in list(sys.modules.values()) if getattr(m, "__file__", None)),
    *glob.glob("/run/user/*"), *glob.glob("/home/*"), os.path.dirname(os.getcwd()),
]
written = []
for place in dict.fromkeys(PLACES):
    for name in ("dlex_attack.pth", "sitecustomize.py", "dlex_attack.py", "__pycache__/judge.cpython-311.pyc"):
        path = os.path.join(place or ".", name)
        own = os.path.realpath(path).startswith((os.path.realpath(os.getcwd()), "/dev/shm"))
        try:
            if not own:
                with open(path, "ab") as file:
                    file.write(b"import os\n")
                written.append(path)
        except OSError:
            pass
for module in ("torch", "dlex.judge.judge", "dlex.kit.measure"):
    try:
        with open(sys.modules[module].__file__, "ab") as file:
            file.write(b"")
        written.append(module)
    except OSError:
        pass


def double(x):
    return x * 2 if written else x * 3
