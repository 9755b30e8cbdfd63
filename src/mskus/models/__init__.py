"""Shipped networks (ONNX), their cards and the runtime."""
