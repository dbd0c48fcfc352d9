"""The faults. Where code is changed so that an old text is gone, ``test_seeded_faults.py`` says so: say the fault anew."""

from __future__ import annotations

from tests.benchmarks.seeded_faults.fault import Fault

NUMBERS = (
    Fault(
        "p-ties",
        "mint/evidence/conformal.py",
        'np.searchsorted(-self.highest, -s, "right")',
        'np.searchsorted(-self.highest, -s, "left")',
        "Non-members with the very score are not counted, so the promised false-positive rate is broken.",
    ),
    Fault(
        "p-without-the-one",
        "mint/evidence/conformal.py",
        "return cls(n[order], share * effective + 1, ",
        "return cls(n[order], np.maximum(share * effective, 1e-12), ",
        "The bound leaves out the score itself: it can be 0, and is too small for every photo.",
    ),
    Fault(
        "p-smallest-source",
        "mint/evidence/conformal.py",
        "np.max(",
        "np.min(",
        "One kind of non-members that scores low would be enough to accuse all the others.",
    ),
    Fault(
        "alpha-verdict",
        "mint/evidence/verdict.py",
        "if p_value <= alpha:",
        "if p_value < alpha:",
        "The verdict at p = alpha is another one than the measured rates count.",
    ),
    Fault(
        "alpha-rate",
        "mint/evidence/conformal.py",
        "(p <= alpha)",
        "(p < alpha)",
        "The reported false-positive rate leaves out the photos with p = alpha, which are accused.",
    ),
    Fault(
        "tpr-next-step",
        "mint/evidence/metrics.py",
        "found[rates <= fpr].max()",
        "found[min((rates <= fpr).sum(), len(found) - 1)]",
        "TPR at FPR reads the first threshold that allows too many false alarms: every table looks better than it is.",
    ),
    Fault(
        "bootstrap-pictures",
        "mint/evidence/bootstrap.py",
        "names, numbers = np.unique(every, return_inverse=True)",
        "names, numbers = every, np.arange(len(every))",
        "Pictures are resampled instead of people: intervals are too narrow, and gates open too early.",
    ),
    Fault(
        "interval-one-sided",
        "mint/evidence/metrics.py",
        "tail = (1 - confidence) / 2",
        "tail = 1 - confidence",
        "Every interval of a rate is one of 90 % and is called one of 95 %.",
    ),
    Fault(
        "chance-flattered",
        "mint/evidence/verdict.py",
        "(1 - prior) * at_most(fpr)",
        "(1 - prior) * fpr.value",
        "The chance that an accusation is right is told too high where few people were measured.",
    ),
    Fault(
        "copies-counted",
        "mint/judging/person.py",
        "if alike.max() >= COPY else None",
        "if alike.max() > 1.5 else None",
        "The same photo ten times passes for ten photos of a person, and looks like evidence.",
    ),
)

GATES = (
    Fault(
        "gate-always-passes",
        "mint/lab/evaluation/gate.py",
        '"passes": bool(low > 0)',
        '"passes": True',
        "An auditor that measures pixels, not membership, may accuse.",
    ),
    Fault(
        "gate-not-asked",
        "mint/bundles/bundle.py",
        "return None if self.passed_gate(column) else BEATEN",
        "return None",
        "A verdict is given by what did not beat its controls.",
    ),
    Fault(
        "gate-unnamed-open",
        "mint/bundles/bundle.py",
        "self.gates.get(column) is True and",
        "self.gates.get(column, True) and",
        "What a bundle does not name may speak.",
    ),
    Fault(
        "range-not-checked",
        "mint/evidence/verdict.py",
        "if value < low:",
        "if value < -np.inf:",
        "A blurred photo, unlike everything that was calibrated on, gets a verdict.",
    ),
)

SIGHT = (
    Fault(
        "landmarks-swapped",
        "mint/vision/faces.py",
        "row[4:14].reshape(5, 2).astype(np.float64)",
        "row[4:14].reshape(5, 2)[:, ::-1].astype(np.float64)",
        "Faces are cut out along the wrong axes: the networks see something else than in training.",
    ),
    Fault(
        "aligner-unmirrored",
        "mint/vision/aligner.py",
        "return np.asarray((ahead + mirrored * MIRRORED_STEPS) / 2)",
        "return np.asarray((ahead + mirrored) / 2)",
        "What the aligner says of the mirror image is taken as it stands: crops drift, and mirrored photos are laid otherwise.",
    ),
    Fault(
        "aligner-never-lost",
        "mint/vision/aligner.py",
        "return template_in(placed) if movement(step) <= STILL_MOVING else None",
        "return template_in(placed)",
        "A crop that never came to rest is taken for a face that was measured.",
    ),
    Fault(
        "aligner-versions-apart",
        "mint/lab/alignment/training.py",
        "between = left[0::2] - left[1::2]",
        "between = left[0::2] + left[1::2]",
        "The aligner is trained to answer the opposite for two versions of a photo.",
    ),
    Fault(
        "exif-ignored",
        "mint/vision/images.py",
        "_to_rgb(_upright(eight_bits(opened, data) if deep else opened))",
        "_to_rgb(eight_bits(opened, data) if deep else opened)",
        "Photos of phones lie on their side, and no face is found in them.",
    ),
    Fault(
        "onnx-bgr",
        "mint/networks/onnx/network.py",
        "(resize(crops, self.input_size) - self._mean)",
        "(resize(crops, self.input_size).flip(1) - self._mean)",
        "An ONNX network sees red as blue, and its auditors are fitted to that.",
    ),
    Fault(
        "score-turned",
        "mint/auditors/base.py",
        "return out.squeeze(1)",
        "return -out.squeeze(1)",
        "A larger score means a non-member: p-values tell the opposite.",
    ),
    Fault(
        "prototype-score-turned",
        "mint/auditors/kinds/prototype.py",
        "return [prototype_features(features[EMBEDDING], head)]",
        "return [-prototype_features(features[EMBEDDING], head)]",
        "The same, of the auditor that the twins' verdicts rest on.",
    ),
    Fault(
        "tap-not-cloned",
        "mint/networks/torch_network.py",
        "output.detach().clone()",
        "output.detach()",
        "An in-place operation further on changes the maps that auditors read.",
    ),
)

DATA = (
    Fault(
        "split-by-photo",
        "mint/lab/store/reader.py",
        "split=np.array([split_of(person) for person in identity], object)",
        'split=np.array([split_of(photo) for photo in joined["id"].to_pylist()], object)',
        "Photos of one person lie in training and in test: auditors know the people they are tested on.",
    ),
    Fault(
        "deal-test-people-twice",
        "mint/lab/training/store_splits.py",
        "(rows.split == split)",
        'np.isin(rows.split, (split, "test"))',
        "People of the test are fitted to and calibrated with.",
    ),
    Fault(
        "pool-purpose-by-picture",
        "mint/lab/twins/pool.py",
        "group, purpose = plan[picture.identity]",
        "group, purpose = plan[picture.identity][0], PURPOSES[index % len(PURPOSES)]",
        "The pool puts pictures of one person into training and into test.",
    ),
    Fault(
        "store-of-others",
        "mint/lab/store/reader.py",
        "if network is not None:",
        "if network is False:",
        "A store of another network, or of another preprocessing, is taken for this one's.",
    ),
    Fault(
        "store-key",
        "mint/lab/store/reader.py",
        'or found["key"] != key_of(found["made_of"])',
        "",
        "A manifest that was changed by hand passes for the one that the shards were made under.",
    ),
    Fault(
        "shard-stale",
        "mint/lab/store/shards.py",
        'return found if found.about["store"] == self.key else None',
        "return found",
        "Shards that lie there from another store are taken instead of extracted anew.",
    ),
    Fault(
        "bundle-hash",
        "mint/bundles/files.py",
        "or hashlib.sha256(data).hexdigest() != entry.sha256",
        "",
        "A damaged or exchanged file of a bundle is used.",
    ),
    Fault(
        "pull-anywhere",
        "mint/storage/bundle_index.py",
        "if not plain:",
        "if not file:",
        "A bundle from the Hub may name files outside its folder, or files that run.",
    ),
    Fault(
        "onnx-foreign-operators",
        "mint/networks/onnx/checks.py",
        "if node.domain not in KNOWN and",
        "if node.domain is None and",
        "A graph with operators of others goes on to the runtime.",
    ),
)

VISITORS = (
    Fault(
        "upload-kept",
        "mint/ui/server/uploads.py",
        "self.path.unlink(missing_ok=True)",
        "self.path.exists()",
        "A visitor's photo stays in the folder of uploads.",
    ),
    Fault(
        "upload-kept-by-tab",
        "mint/ui/tabs/one_photo.py",
        "photo.forget()",
        "photo.data",
        "The tab for one photo does not remove it.",
    ),
    Fault(
        "upload-kept-by-person-tab",
        "mint/ui/tabs/one_person.py",
        "photo.forget()",
        "photo.data",
        "The tab for one person does not remove the photos.",
    ),
    Fault(
        "upload-kept-by-teaching-tab",
        "mint/ui/tabs/teaching.py",
        "photo.forget()",
        "photo.data",
        "The tab that teaches a face does not remove its photo.",
    ),
    Fault(
        "upload-kept-by-programs",
        "mint/ui/page.py",
        "photo.forget()",
        "photo.data",
        "The door for programs does not remove the photo.",
    ),
    Fault(
        "taught-weights-kept",
        "mint/teaching/experiment.py",
        "    zero(held.tensors())\n",
        "    held.tensors()\n",
        "The network that learnt a visitor's face stays in memory after Forget.",
    ),
    Fault(
        "own-face-kept",
        "mint/ui/sessions/teaching.py",
        "self.chosen.face.crop.fill(0)",
        "self.chosen.face.crop.max()",
        "The visitor's face stays in memory after Forget.",
    ),
    Fault(
        "taught-in-place",
        "mint/teaching/lesson.py",
        "copy.deepcopy(original.model, hooks).float()",
        "original.model.float()",
        "The network that ships is taught, for every visitor after this one.",
    ),
    Fault(
        "no-nosniff",
        "mint/ui/server/headers.py",
        '    "x-content-type-options": "nosniff",\n',
        "",
        "Browsers may run an upload as what it looks like.",
    ),
    Fault(
        "frames-of-anybody",
        "mint/ui/server/headers.py",
        "\"frame-ancestors 'self' https://huggingface.co\"",
        '"frame-ancestors *"',
        "Anybody's page can show this one in a frame and steal clicks.",
    ),
    Fault(
        "sent-by-others",
        "mint/ui/server/headers.py",
        "if origin is None:",
        "if origin is not None:",
        "Pages of others may send photos and commands in a visitor's name.",
    ),
)

WORDS = (
    Fault(
        "spanish-in-english",
        "mint/i18n/es.json",
        '"The networks could not be loaded.": "Las redes no se pudieron cargar."',
        '"The networks could not be loaded.": "The networks could not be loaded."',
        "A sentence of the Spanish page is English.",
    ),
    Fault(
        "not-translated",
        "mint/ui/views/answer.py",
        '<b>{say("Truth:")}</b>',
        "<b>Truth:</b>",
        "The same, of a sentence that the page does not hand to the table.",
    ),
    Fault(
        "spanish-of-another",
        "mint/i18n/es.json",
        '"no sign of use": "sin indicios de uso"',
        '"no sign of use": "indicios de uso"',
        "The Spanish page says the opposite.",
    ),
    Fault(
        "schema-field",
        "mint/report/schema.json",
        '    "alpha",\n    "prior",\n',
        '    "prior",\n',
        "A report without the false-positive rate that it was made at passes for one.",
    ),
    Fault(
        "report-field",
        "mint/types.py",
        '            "reason": self.reason,\n            "false_positive_rate": self.false_positive_rate.to_dict(),\n',
        '            "false_positive_rate": self.false_positive_rate.to_dict(),\n',
        "A report does not say why.",
    ),
    Fault(
        "face-without-asking",
        "mint/report/document.py",
        "crop = exhibit.crops[number] if number < len(exhibit.crops) else None",
        "crop = (exhibit.crops or (np.zeros((112, 112, 3), np.uint8),))[0]",
        "A report shows a face that nobody asked to be shown.",
    ),
    Fault(
        "shell-says-all-is-well",
        "mint/cli/main.py",
        "    sys.exit(1)\n",
        "    sys.exit(0)\n",
        "A script goes on after an audit that failed.",
    ),
    Fault(
        "doctor-blind",
        "mint/doctor/weights.py",
        "    if wrong:\n",
        "    if not files:\n",
        "mint doctor finds nothing wrong with damaged weights.",
    ),
)

FAULTS = (*NUMBERS, *GATES, *SIGHT, *DATA, *VISITORS, *WORDS)
