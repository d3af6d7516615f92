"""The `vrae` subcommands, one file each: ``add`` declares the arguments, ``run`` returns the exit status."""
