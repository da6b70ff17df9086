"""Try every command of `comfy-cloud` under bad and good circumstances, and judge what it prints.

`invocations` has arguments for each command, `account` what they are about, `processes` runs
programs on terminals and pipes, `circumstances` lists what each command is tried under, `rules`
says what must hold of the output, and `page` writes it down. Run by `make command-table`.
"""
