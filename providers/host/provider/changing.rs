//! Making changes.

use std::time::{Duration, Instant};

use diag::Diagnostics;
use provider::with_nulls;
use value::Value;

use super::{Running, with_id};
use crate::failure::{Failure, Result};
use crate::patience::PATIENCE;
use crate::resource::Resource;
use crate::revision;

impl Running {
    /// Makes a change, again for as long as only the connection is the trouble; `said` takes warnings.
    pub(super) async fn change(
        &self,
        resource: &dyn Resource,
        prior: &Value,
        planned: &Value,
        said: &mut Diagnostics,
    ) -> Result<Value> {
        let object = if planned.is_null() { prior } else { planned };
        let mut host = self.host(resource, object).map_err(Failure::untouched)?;
        let _pass = match resource.shares_host() && resource.is_on_host() {
            true => {
                let pass = self.context.unless_stopped(host.enter()).await;
                Some(pass.ok_or_else(|| host.not_begun())?)
            }
            false => None,
        };
        let patience = resource.is_on_host().then_some(&self.patience);
        if let Some(refusal) = patience.and_then(|known| known.refusal(host.name(), Instant::now())) {
            return Err(refusal);
        }
        if resource.has_host()
            && let Some(refusal) = host.refusal().await
        {
            return Err(Failure::from(refusal).untouched());
        }
        let begun = Instant::now();
        let mut pause = Duration::from_millis(500);
        loop {
            let result = match (prior.is_null(), planned.is_null()) {
                (true, _) => resource.create(&self.context, &host, planned).await,
                (false, false) => resource.update(&self.context, &host, prior, planned).await,
                (false, true) => match resource.delete(&self.context, &host, prior).await {
                    Err(failure) if failure.other_machine => Ok(planned.clone()),
                    result => result.map(|()| planned.clone()),
                },
            };
            said.extend(host.warnings());
            match result {
                Err(failure)
                    if failure.transient
                        && failure.of_host
                        && begun.elapsed() < PATIENCE
                        && !self.context.is_stopped() =>
                {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                    // Another change may have moved it to another address meanwhile.
                    host = self.host(resource, object)?;
                }
                result => {
                    if let Some(patience) = patience {
                        patience.note(host.name(), &result, Instant::now());
                    }
                    let names = resource.revised_by();
                    return result
                        .map(|made| with_id(resource, &revision::made(names, prior, planned, made)));
                }
            }
        }
    }

    /// What exists after a change that failed, as far as can be told.
    pub(super) async fn left(
        &self,
        resource: &dyn Resource,
        block: &provider::Block,
        prior: &Value,
        planned: &Value,
        failure: &Failure,
    ) -> Value {
        if failure.untouched {
            return prior.clone();
        }
        if let Some(left) = failure.left() {
            return with_id(resource, &with_nulls(block, left));
        }
        let object = if planned.is_null() { prior.clone() } else { with_nulls(block, planned) };
        if failure.of_host && failure.transient {
            // It may be there or not: said to be there, as it was or as it was to become, it is looked for next time.
            return if prior.is_null() { object } else { prior.clone() };
        }
        if prior.is_null() {
            return self.read_made(resource, &object).await.unwrap_or(object);
        }
        self.read_one(resource, &object).await.unwrap_or(prior.clone())
    }
}
