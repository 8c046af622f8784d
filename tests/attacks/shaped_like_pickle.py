# attack: returns bytes and text that run code when unpickled or evaluated; counting is honest
# exercise: 05_values
# expect: status=failed points<=1 verdicts=wrong_type|wrong_value|wrong_shape

import pickle


class Payload:
    def __reduce__(self):
        return __import__, ("antigravity",)


def echo(value):
    return pickle.dumps(Payload()) if isinstance(value, bytes) else "__import__('os').abort()"


def count(values):
    return {v: values.count(v) for v in values}
