use std::collections::BTreeMap;

use value::Str;

/// A call of the provider's interface; `apply` is told apart by what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    Configure,
    Validate,
    Read,
    Plan,
    Create,
    Update,
    Delete,
    Import,
    Recover,
    Settle,
    ReadData,
    Open,
    Renew,
    Close,
    Review,
    Stop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Start,
    End,
}

/// The start or the end of a call on one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub phase: Phase,
    pub operation: Operation,
    pub type_name: Str,
    /// The object's `name`, else its `id`.
    pub name: Str,
}

/// What was called, in order, and how much at once.
#[derive(Clone, Debug, Default)]
pub struct Log {
    events: Vec<Event>,
    running: BTreeMap<Operation, usize>,
    most: BTreeMap<Operation, usize>,
    changing: usize,
    most_changing: usize,
    read_batches: Vec<usize>,
}

impl Log {
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The names of the objects that an operation was called for, in the order of the starts.
    pub fn names(&self, operation: Operation) -> Vec<Str> {
        self.starts().filter(|event| event.operation == operation).map(|event| event.name.clone()).collect()
    }

    pub fn count(&self, operation: Operation) -> usize {
        self.starts().filter(|event| event.operation == operation).count()
    }

    /// Whether a call ended before another started.
    pub fn ended_before(&self, first: (Operation, &str), second: (Operation, &str)) -> bool {
        let find = |phase: Phase, (operation, name): (Operation, &str)| {
            self.events.iter().position(|e| e.phase == phase && e.operation == operation && e.name == name)
        };
        match (find(Phase::End, first), find(Phase::Start, second)) {
            (Some(end), Some(start)) => end < start,
            _ => false,
        }
    }

    /// The most calls of an operation that ran at the same time.
    pub fn most_concurrent(&self, operation: Operation) -> usize {
        self.most.get(&operation).copied().unwrap_or_default()
    }

    /// The most creations, updates and deletions that ran at the same time.
    pub fn most_concurrent_changes(&self) -> usize {
        self.most_changing
    }

    /// How many objects each `read` call asked for.
    pub fn read_batches(&self) -> &[usize] {
        &self.read_batches
    }

    pub(super) fn batch(&mut self, size: usize) {
        self.read_batches.push(size);
    }

    pub(super) fn begin(&mut self, operation: Operation, type_name: &str, name: &str) {
        self.record(Phase::Start, operation, type_name, name);
        let running = self.running.entry(operation).or_default();
        *running += 1;
        let most = self.most.entry(operation).or_default();
        *most = (*most).max(*running);
        if is_change(operation) {
            self.changing += 1;
            self.most_changing = self.most_changing.max(self.changing);
        }
    }

    pub(super) fn end(&mut self, operation: Operation, type_name: &str, name: &str) {
        self.record(Phase::End, operation, type_name, name);
        if let Some(running) = self.running.get_mut(&operation) {
            *running = running.saturating_sub(1);
        }
        if is_change(operation) {
            self.changing = self.changing.saturating_sub(1);
        }
    }

    /// Forgets what was called; calls that are running stay counted.
    pub(super) fn clear(&mut self) {
        self.events.clear();
        self.read_batches.clear();
        self.most.clear();
        self.most_changing = 0;
    }

    fn starts(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(|event| event.phase == Phase::Start)
    }

    fn record(&mut self, phase: Phase, operation: Operation, type_name: &str, name: &str) {
        self.events.push(Event { phase, operation, type_name: type_name.into(), name: name.into() });
    }
}

fn is_change(operation: Operation) -> bool {
    matches!(operation, Operation::Create | Operation::Update | Operation::Delete)
}
