"""`clawtank replay FILE`: a recording on the ordinary screen, at the viewer's own pace.

    FILE ─ load ─► embedded relay ─► tape ─► playback ─► reducer ─► widgets, or lines
                   (screens it)             (player: when)

`load` has a relay publish the whole file and keeps what a viewer of it receives, a `Tape`; then that relay is
gone. What a screen shows is the tape up to a position, reduced by the ordinary reducer, so going back is
beginning again and running up to there. `Player` alone decides what is due; it knows times and a clock, and
nothing of rooms. A tape need not come from a file: whatever a relay sent can be one.
"""
