"""What the cookbook's programs need of packages that are not among the developers' ones.

The suite puts these modules into `sys.modules`, and `scripts.project.documented_code` checks the
programs against their types. `make cookbook` runs the same programs with the packages themselves.
"""
