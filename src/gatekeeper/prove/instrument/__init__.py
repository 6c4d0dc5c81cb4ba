"""What is put into the Python processes of a proof; `shadow` copies these modules beside them.

They run in the interpreter of the judged repository, which may be older than ours, and know
nothing of gatekeeper but `settings`, a file beside them whose fields end in NUL: working copy,
worktree, folder for what is seen, folder for bytecode. `gatekeeper_site` is imported by each
interpreter of a shadow, `gatekeeper_pytest` is a plug-in of pytest, `gatekeeper_seen` writes down
what both see.
"""
