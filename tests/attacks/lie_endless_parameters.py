# attack: returns a list that never ends
# exercise: 02_once
# expect: status=failed points<=0 verdicts=timeout|wrong_type|wrong_value|out_of_memory|raised|crashed

class Endless(list):
    def __iter__(self):
        while True:
            yield 1.0

    def __len__(self):
        return 5


def double(x):
    return (value for value in Endless())
