"""An emulated cloud as a whole: settings, accounts, the application of each, and the job time."""
