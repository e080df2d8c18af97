"""What may be seen: the allow-list of types and fields, and the cleaning of every text in them. Pure.

`screen(raw, now_ms)` is the only way from an untrusted mapping to an event that is stored or sent. It builds
the event by copying named fields into a model (`models`); what nobody named is never touched, and so cannot
leak. Each text goes through `clean`: redaction (`redact`), terminal safety (`relay.protocol.text`), length.
"""
