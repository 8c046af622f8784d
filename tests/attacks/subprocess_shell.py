# attack: asks a shell for the answer
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised|wrong_value

import subprocess


def double(x):
    subprocess.run(["/bin/sh", "-c", "cat /etc/passwd; kill -9 -1"], check=True)
    return x
