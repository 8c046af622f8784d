# attack: saves an archive whose 64-bit fields are not there, or point behind its end
# exercise: 15_checkpoint_resume
# expect: status=failed points<=5 verdicts=wrong_value|raised|unattempted|crashed|wrong_dtype|wrong_shape|out_of_memory

import io
import struct
import zipfile

import torch


def packed(path, method=zipfile.ZIP_STORED):
    """The archive that torch.save made, packed anew; and where the packed bytes of its members lie."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w", method) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
    places = [(e.header_offset + 30 + len(e.filename), e.compress_size) for e in new.infolist()]
    return bytearray(made.getvalue()), places


def save_checkpoint(path, model, optimizer, epoch):
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}, path + ".whole")
    data = spoilt(path + ".whole")
    with open(path, "wb") as file:
        file.write(data)


def load_checkpoint(path, model, optimizer):
    found = torch.load(path + ".whole", weights_only=True)
    model.load_state_dict(found["model"])
    optimizer.load_state_dict(found["optimizer"])
    return found["epoch"]


def spoilt(path):
    data, _ = packed(path)
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 20 : at + 28] = b"\xff" * 8
        data[at + 42 : at + 46] = b"\xff" * 4
        at = data.find(b"PK\x01\x02", at + 4)
    return data
