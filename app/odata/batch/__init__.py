"""$batch: many requests in one, some of them as a whole or not at all (Protocol 4.01 §11.7)."""

from app.odata.batch.answering import Batches

__all__ = ["Batches"]
