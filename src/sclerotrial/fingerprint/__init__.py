"""What a step's result depends on besides its inputs: the functions that its script can reach.

The closure starts at a script and follows names through the package, function by function, as
text: nothing is imported or run. Comments, docstrings and formatting do not count. Where a use
cannot be told from the text (a module handed on as a value, a package that looks its modules up),
the whole module or package counts: wrong only towards running again.

`walk` reads a statement, `scopes` its local names, `source` a module; `imported` and `classes` tell
what runs as soon as a module is imported, `lookups` what is looked up by a name made while running;
`graph` says where names lead, `closure` joins all of it for a script, and `memory` keeps what is
known of a module for as long as its text stays the same.
"""

from sclerotrial.fingerprint.closure import Code
from sclerotrial.fingerprint.digests import digest, file_sha256

__all__ = ["Code", "digest", "file_sha256"]
