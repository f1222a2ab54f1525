use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use addrs::{InstanceKey, ModuleInstance};
use value::Value;

use super::{Expansion, Repetition};
use crate::program::{ModuleId, ModuleInfo, Program, ResourceId};

/// What is evaluated already, by module instance. Filled by the walk in dependency order; a slot is written once.
pub(crate) struct Tables {
    by_module: Vec<RwLock<Vec<Arc<ModuleTable>>>>,
    by_address: RwLock<HashMap<ModuleInstance, Arc<ModuleTable>>>,
}

/// The values of one module instance.
pub(crate) struct ModuleTable {
    pub address: ModuleInstance,
    pub module: ModuleId,
    pub parent: Option<Arc<ModuleTable>>,
    /// What `each` and `count` are in the call's arguments.
    pub repetition: Repetition,
    pub variables: Box<[OnceLock<Value>]>,
    pub locals: Box<[OnceLock<Value>]>,
    pub outputs: Box<[OnceLock<Value>]>,
    /// Whole resources, by slot.
    pub resources: Box<[OnceLock<Value>]>,
    pub expansions: Box<[OnceLock<Expansion>]>,
    /// Of the module calls in this module instance.
    pub calls: HashMap<ModuleId, CallSlot>,
}

/// A module call in one instance of the calling module.
#[derive(Default)]
pub(crate) struct CallSlot {
    pub expansion: OnceLock<Expansion>,
    /// The value of `module.x`, and of `module.x` with one output only, built when first asked for.
    whole: OnceLock<Value>,
    outputs: Box<[OnceLock<Value>]>,
}

impl Tables {
    /// Only the root module instance exists at first.
    pub fn new(program: &Program) -> Self {
        let tables = Self {
            by_module: program.modules.iter().map(|_| RwLock::default()).collect(),
            by_address: RwLock::default(),
        };
        tables.add(ModuleTable::new(
            program,
            &program.modules[0],
            ModuleInstance::root(),
            None,
            Repetition::default(),
        ));
        tables
    }

    /// The instances of a module in address order.
    pub fn instances(&self, module: ModuleId) -> Vec<Arc<ModuleTable>> {
        self.by_module[module.0 as usize].read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn root(&self) -> Arc<ModuleTable> {
        Arc::clone(&self.by_module[0].read().unwrap_or_else(PoisonError::into_inner)[0])
    }

    pub fn get(&self, address: &ModuleInstance) -> Option<Arc<ModuleTable>> {
        self.by_address.read().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }

    /// Creates the instances of a child module that an expansion asks for.
    pub fn expand(
        &self,
        program: &Program,
        parent: &Arc<ModuleTable>,
        child: &ModuleInfo,
        expansion: Expansion,
    ) {
        let Some((_, name)) = child.path.parent() else { return };
        for (key, repetition) in expansion.instances() {
            let address = parent.address.child(name.clone(), key);
            self.add(ModuleTable::new(program, child, address, Some(Arc::clone(parent)), repetition));
        }
        if let Some(slot) = parent.calls.get(&child.id) {
            let _ = slot.expansion.set(expansion);
        }
    }

    /// One instance for whatever there may be, for checking without values. The value of a repeated module is then
    /// not known.
    pub fn expand_any(
        &self,
        program: &Program,
        parent: &Arc<ModuleTable>,
        child: &ModuleInfo,
        repetition: Repetition,
        keyed: bool,
    ) {
        let Some((_, name)) = child.path.parent() else { return };
        let address = parent.address.child(name.clone(), InstanceKey::None);
        self.add(ModuleTable::new(program, child, address, Some(Arc::clone(parent)), repetition));
        if !keyed && let Some(slot) = parent.calls.get(&child.id) {
            let _ = slot.expansion.set(Expansion::Single);
        }
    }

    fn add(&self, table: ModuleTable) {
        let table = Arc::new(table);
        self.by_address
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(table.address.clone(), Arc::clone(&table));
        self.by_module[table.module.0 as usize].write().unwrap_or_else(PoisonError::into_inner).push(table);
    }

    /// `module.x` as the calling module instance sees it; all outputs have been evaluated.
    pub fn call_value(&self, program: &Program, caller: &ModuleTable, child: ModuleId) -> Option<Value> {
        let slot = caller.calls.get(&child)?;
        let expansion = slot.expansion.get()?;
        Some(
            slot.whole
                .get_or_init(|| {
                    let info = program.module(child);
                    expansion.assemble(|key| {
                        let table = self.child(caller, info, key)?;
                        let outputs = info.outputs.items.iter().enumerate();
                        Some(Value::object_of(outputs.filter_map(|(at, output)| {
                            Some((output.name.clone(), table.outputs[at].get()?.clone()))
                        })))
                    })
                })
                .clone(),
        )
    }

    /// `module.x` with one output in it: what `module.x.name` needs, when others may not be evaluated yet.
    pub fn call_output(
        &self,
        program: &Program,
        caller: &ModuleTable,
        child: ModuleId,
        at: u32,
    ) -> Option<Value> {
        let slot = caller.calls.get(&child)?;
        let expansion = slot.expansion.get()?;
        let info = program.module(child);
        let name = &info.outputs.get(at).name;
        Some(
            slot.outputs[at as usize]
                .get_or_init(|| {
                    expansion.assemble(|key| {
                        let value = self.child(caller, info, key)?.outputs[at as usize].get()?.clone();
                        Some(Value::object_of([(name.clone(), value)]))
                    })
                })
                .clone(),
        )
    }

    fn child(&self, caller: &ModuleTable, child: &ModuleInfo, key: &InstanceKey) -> Option<Arc<ModuleTable>> {
        let (_, name) = child.path.parent()?;
        self.get(&caller.address.child(name.clone(), key.clone()))
    }
}

impl ModuleTable {
    fn new(
        program: &Program,
        module: &ModuleInfo,
        address: ModuleInstance,
        parent: Option<Arc<Self>>,
        repetition: Repetition,
    ) -> Self {
        Self {
            address,
            module: module.id,
            parent,
            repetition,
            variables: slots(module.variables.len()),
            locals: slots(module.locals.len()),
            outputs: slots(module.outputs.len()),
            resources: slots(module.slots as usize),
            expansions: slots(module.slots as usize),
            calls: module
                .children
                .values()
                .map(|child| {
                    let outputs = slots(program.module(*child).outputs.len());
                    (*child, CallSlot { outputs, ..CallSlot::default() })
                })
                .collect(),
        }
    }

    pub fn expansion(&self, program: &Program, resource: ResourceId) -> Option<&Expansion> {
        self.expansions.get(program.resource(resource).slot as usize)?.get()
    }
}

fn slots<T>(n: usize) -> Box<[OnceLock<T>]> {
    (0..n).map(|_| OnceLock::new()).collect()
}
