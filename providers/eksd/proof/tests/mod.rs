mod engine;
mod growth;
mod laws;
mod rollout;
mod rules;
mod sketch;
