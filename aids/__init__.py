"""Catalogue of aid schemes: one readable YAML file a scheme, checked, dated, sourced, searched."""
