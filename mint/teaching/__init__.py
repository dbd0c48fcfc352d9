"""The memorisation demo: fine-tune a copy of a twin on one face, and audit it before and after."""
