"""Everything that crosses a wire between parts, as typed models.

`signalling`  participant ⇄ SFU, WebSocket
`control`     classroom agent ⇄ scheduler, WebSocket
`events`      service → services, on the bus
"""
