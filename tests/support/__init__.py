"""What the tests share: real processes, clients that know nothing of ours, a terminal, a clock to wind."""
