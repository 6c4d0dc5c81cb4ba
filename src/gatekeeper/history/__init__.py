"""What machines measure: the records of runs, kept under `.gatekeeper/` and never judged by."""
