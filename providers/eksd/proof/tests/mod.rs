mod engine;
mod growth;
mod laws;
mod quorum;
mod rollout;
mod rules;
mod sketch;
