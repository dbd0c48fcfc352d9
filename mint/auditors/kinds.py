"""Every kind of auditor that there is, one line each, in the order of tables."""
# isort: skip_file

from __future__ import annotations

from mint.auditors.vanilla import Vanilla as Vanilla
from mint.auditors.cnn import Cnn as Cnn
from mint.auditors.norm import Norm as Norm
from mint.auditors.consistency import Consistency as Consistency
from mint.auditors.prototype import Prototype as Prototype
from mint.auditors.recall import Recall as Recall
