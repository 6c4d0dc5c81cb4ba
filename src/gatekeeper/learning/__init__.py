"""What was learned: post-mortems, incidents, their links to checks, and proofs; runs nothing."""
