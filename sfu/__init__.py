"""The selective forwarding node.

signalling → room → policy → allocation → media engine. Pure files (`room`, `policy`,
`allocation`, `estimate`, `flow`, `demand`, `speaker`, `uplink`) take time as an
argument and open nothing.
"""
