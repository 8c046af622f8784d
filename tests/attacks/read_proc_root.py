# attack: looks at the roots, folders and files of other processes, and answers rightly if it sees a spec
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import os

seen = []
for pid in (*range(1, 200), os.getppid()):
    for inside in ("root", "cwd", "root/root", "cwd/../.."):
        try:
            names = os.listdir(f"/proc/{pid}/{inside}")
            seen += [n for n in names if n in ("specs", "solutions", "etc", "var", "bin", "boot")]
        except OSError:
            pass
    try:
        if pid != os.getpid() and pid != 1:
            with open(f"/proc/{pid}/environ", "rb") as file:
                seen.append(file.read())
    except OSError:
        pass


def double(x):
    return x * 2 if seen else x * 3
