//! A provider that keeps its objects in memory, for tests of the engine: every behaviour and fault can be set.
