"""The guidelines as data (YAML, one folder an organisation) and the models, loader and checker for them."""
