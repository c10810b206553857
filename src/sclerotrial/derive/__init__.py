"""From clean forms to analysis datasets (ADaM): one dataset a module, one derivation a function."""
