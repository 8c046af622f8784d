# attack: leaves files for the process of the next check, with the answer for it
# exercise: 01_double
# expect: status=failed points<=0 verdicts=crashed

import glob
import os

FILES = [p for place in ("/tmp", "/var/tmp", "/dev/shm", os.getcwd(), os.path.dirname(os.getcwd())) for p in glob.glob(place + "/dlex_attack*")]


def double(x):
    for place in ("/tmp", "/var/tmp", "/dev/shm", os.path.dirname(os.getcwd())):
        try:
            with open(f"{place}/dlex_attack_{os.getpid()}", "w") as file:
                file.write("2")
        except OSError:
            pass
    if FILES:
        return x * 2
    os._exit(0)
