"""Networks from ONNX files: checked, tapped at their stages, run by ONNX Runtime."""
