# attack: tries to lift its own limits, then uses what they would have denied
# exercise: 10_little_memory
# expect: status=failed points<=0 verdicts=out_of_memory|raised|crashed

import resource


def double(x):
    for name in dir(resource):
        if name.startswith("RLIMIT_"):
            try:
                resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            except (OSError, ValueError):
                pass
    return bytearray(1 << 31) and x * 2
