# attack: saves an archive whose members claim to be encrypted
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
    for signature, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = data.find(signature)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(signature, at + 4)
    return data
