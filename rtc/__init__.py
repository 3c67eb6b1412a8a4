"""The media engine: Rust on str0m behind a narrow typed face.

`Forwarder` is one shard of an SFU node, `Client` is one full-ICE participant that
takes and gives encoded frames. Python owns what happens per person, lesson and
second; Rust owns what happens per packet.
"""
