"""Does the suite see it when the code is wrong? Small wrong changes, one at a time, each with the tests that pass through it.

`sites` finds the changes, `recording` which test runs which line, `server` tries them in forks of one loaded pytest, `table`
writes docs/mutants.md, `__main__` is the command line. Nothing in the tree is changed: a mutant lives in the memory of its fork.
"""
