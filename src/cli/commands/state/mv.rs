use addrs::{AbsResourceInstance, InstanceKey, ModuleInstance, ModuleStep, Target};
use diag::Diagnostic;
use state::State;
use state::manager::LocalState;

use super::{matching, no_match, with_own_backup};
use crate::cli::arguments::{StateFile, StateMvArgs};
use crate::cli::context::{Context, Failed, state_error};
use crate::cli::exit::Exit;

/// `groma state mv SOURCE DESTINATION`, within a state or into another one (`-state-out`).
pub fn run(context: &Context, args: &StateMvArgs) -> Result<Exit, Failed> {
    let (config, _) = context.try_load_config();
    let mut files = args.state.clone();
    let out = files.state_out.take();
    let location = with_own_backup(context.state(&config, &files)?, &files);
    let (mut locked, opened) = context.lock_state(&location, &args.lock, "OperationTypeStateMv")?;
    let mut source = opened.state;
    let other = out.map(|path| {
        let location = LocalState::new(path);
        let location = match &args.backup_out {
            Some(backup) => location.with_backup(Some(backup.clone())),
            None => with_own_backup(location, &StateFile::default()),
        };
        context.lock_state(&location, &args.lock, "OperationTypeStateMv")
    });
    let mut other = other.transpose()?;
    let mut destination = other.as_ref().map_or_else(|| source.clone(), |(_, opened)| opened.state.clone());
    let moves = moves(context, &source, &args.source, &args.destination)?;
    if let Some((from, _)) = moves.iter().find(|(from, to)| other.is_none() && from == to) {
        return Err(context.fail(Diagnostic::error(
            "Invalid target address",
            format!("Cannot move to {}: that is where {from} is already.", args.destination),
        )));
    }
    if let Some((from, to)) = moves.iter().find(|(_, to)| destination.instance(to).is_some()) {
        return Err(context.fail(Diagnostic::error(
            "Invalid target address",
            format!("Cannot move {from} to {to}: there is already an object at that address in the state."),
        )));
    }
    let verb = if args.dry_run { "Would move" } else { "Move" };
    for (from, to) in &moves {
        context.view.note(&format!("{verb} {:?} to {:?}\n", from.to_string(), to.to_string()));
    }
    if args.dry_run {
        return Ok(Exit::Success);
    }
    for (from, to) in &moves {
        let provider = source.resources.get(&from.containing()).map(|resource| resource.provider.clone());
        let instance = source.instance(from).cloned();
        let (Some(provider), Some(instance)) = (provider, instance) else { continue };
        source.take_instance(from);
        if other.is_none() {
            destination.take_instance(from);
        }
        destination.set_current(to, &provider, instance.current);
        for (key, object) in instance.deposed {
            destination.set_deposed(to, &provider, key, Some(object));
        }
    }
    let failed = |error| context.fail(state_error(&error));
    match &mut other {
        // The destination first: an object in both states can be mended, one in neither cannot.
        Some((other, opened_other)) => {
            other.write(destination, &opened_other.unresolved).map_err(failed)?;
            locked.write(source, &opened.unresolved).map_err(failed)?;
        }
        None => {
            locked.write(destination, &opened.unresolved).map_err(failed)?;
        }
    }
    context.view.note(&format!("Successfully moved {} object(s).\n", moves.len()));
    Ok(Exit::Success)
}

/// Every instance that moves, with where it goes.
fn moves(
    context: &Context,
    state: &State,
    from: &Target,
    to: &Target,
) -> Result<Vec<(AbsResourceInstance, AbsResourceInstance)>, Failed> {
    let found: Vec<AbsResourceInstance> = match from {
        // As a source, a resource without a key names the instance without a key if there is one.
        Target::Resource(resource) => {
            let all = matching(state, from);
            let single = resource.instance(InstanceKey::None);
            if all.contains(&single) { vec![single] } else { all }
        }
        _ => matching(state, from),
    };
    if found.is_empty() {
        return Err(no_match(context, from));
    }
    let moved: Option<Vec<_>> =
        found.into_iter().map(|address| Some((address.clone(), moved(&address, from, to)?))).collect();
    let moved = moved.filter(|moved| moved.len() == 1 || !matches!(to, Target::Instance(_)));
    let same_type = |(a, b): &(AbsResourceInstance, AbsResourceInstance)| {
        a.resource.ty == b.resource.ty && a.resource.mode == b.resource.mode
    };
    match moved {
        Some(moved) if moved.iter().all(same_type) => Ok(moved),
        Some(_) => Err(context.fail(Diagnostic::error(
            "Invalid state move request",
            format!("Cannot move {from} to {to}: resource types don't match."),
        ))),
        None => Err(context.fail(Diagnostic::error(
            "Invalid state move request",
            format!("Cannot move {from} to {to}: the source and the destination must both be modules, or both be resources or \
                     their instances."),
        ))),
    }
}

fn moved(address: &AbsResourceInstance, from: &Target, to: &Target) -> Option<AbsResourceInstance> {
    match (from, to) {
        (Target::Module(from), Target::Module(to)) => {
            let rest = &address.module.steps()[from.steps().len()..];
            let mut steps: Vec<ModuleStep> = to.steps().to_vec();
            // A module named without a key stands for all its instances, which keep their keys.
            if let (Some(step), Some(old), Some(asked)) =
                (steps.last_mut(), address.module.steps().get(from.steps().len() - 1), from.steps().last())
                && step.key.is_none()
                && asked.key.is_none()
            {
                step.key = old.key.clone();
            }
            steps.extend(rest.iter().cloned());
            let module = ModuleInstance::new(steps);
            Some(AbsResourceInstance { module, resource: address.resource.clone(), key: address.key.clone() })
        }
        (Target::Resource(_), Target::Resource(to)) => Some(to.instance(address.key.clone())),
        (Target::Instance(_), Target::Resource(to)) => Some(to.instance(InstanceKey::None)),
        (Target::Resource(_) | Target::Instance(_), Target::Instance(to)) => Some(to.clone()),
        _ => None,
    }
}
