"""Where events come from: readers of bodies and files, mappers of other shapes, and the git follower.

Everything in here is still untrusted: a mapper arranges fields under the names that the screen knows, and
the screen alone decides what may be seen. Mappers are pure; only `git` and `lines.read_chunks` do IO.
"""
