//! Refreshing many objects.

use std::collections::BTreeMap;

use provider::{ReadRequest, ReadResponse};
use value::{Str, Value};

use super::{Running, seen, with_id};
use crate::connection::{Connection, Way};
use crate::failure::{Failure, Result};
use crate::{revision, write_only};

impl Running {
    /// Reads host by host, all hosts at once, and of each all objects in a few round trips.
    pub(super) async fn read_by_host(&self, requests: Vec<ReadRequest>) -> Vec<ReadResponse> {
        let mut groups: BTreeMap<(String, Str), (Connection, Vec<usize>)> = BTreeMap::new();
        let mut responses: Vec<Option<Result<Value>>> = requests.iter().map(|_| None).collect();
        for (index, request) in requests.iter().enumerate() {
            let connection = self
                .resource(&request.type_name)
                .and_then(|resource| resource.connection(&self.context, &request.current));
            match connection {
                Ok(connection) => {
                    let key = (connection.to_string(), request.type_name.clone());
                    groups.entry(key).or_insert_with(|| (connection, Vec::new())).1.push(index);
                }
                Err(failure) => responses[index] = Some(Err(failure)),
            }
        }
        let reads = groups.into_iter().map(|((_, type_name), (connection, indices))| {
            let current: Vec<Value> = indices.iter().map(|&index| requests[index].current.clone()).collect();
            async move {
                let read = match self.resource(&type_name) {
                    Ok(resource) => {
                        let host = self.pool.host(&connection);
                        let _pass = host.enter().await;
                        let read = resource.read_all(&host, &current).await;
                        let read = read.into_iter().zip(&current);
                        read.map(|(read, current)| {
                            let names = resource.revised_by();
                            seen(&*resource, read, current)
                                .map(|read| with_id(resource, &revision::seen(names, current, read)))
                        })
                        .collect()
                    }
                    Err(failure) => vec![Err(failure); current.len()],
                };
                (connection, indices, read)
            }
        });
        // One finding says it for all objects of a host; what is not the host's trouble is each object's own.
        let mut troubled: BTreeMap<(String, bool), (usize, Connection, usize)> = BTreeMap::new();
        for (connection, indices, read) in futures::future::join_all(reads).await {
            for (index, mut read) in indices.into_iter().zip(read) {
                if let Err(failure) = &read
                    && failure.of_host
                {
                    let trouble = troubled.entry((connection.to_string(), failure.may_wait));
                    let (first, _, count) = trouble.or_insert_with(|| (index, connection.clone(), 0));
                    *count += 1;
                    if *first != index {
                        read = Ok(requests[index].current.clone());
                    }
                }
                responses[index] = Some(read);
            }
        }
        for ((_, may_wait), (index, connection, count)) in troubled {
            if !may_wait && let Some(Err(failure)) = &mut responses[index] {
                *failure = failure.clone().with_note(&self.ways_out(&connection, count));
            }
        }
        let answered = responses.into_iter().zip(requests);
        answered
            .map(|(read, request)| match read {
                Some(Ok(state)) => ReadResponse::ok(self.kept(&request.type_name, &state), request.private),
                Some(Err(failure)) if failure.may_wait => ReadResponse {
                    diagnostics: failure.warning().into(),
                    ..ReadResponse::ok(self.kept(&request.type_name, &request.current), request.private)
                },
                Some(Err(failure)) => ReadResponse::failed(request, failure),
                None => ReadResponse::failed(
                    request,
                    Failure::new(
                        "Object was not read",
                        "The host answered for fewer objects than it was asked for.",
                    ),
                ),
            })
            .collect()
    }

    /// What can be done about a host whose objects cannot be read, so that nothing can be planned.
    fn ways_out(&self, connection: &Connection, count: usize) -> String {
        let what = match count {
            1 => "One resource there could not be read".into(),
            _ => format!("{count} resources there could not be read"),
        };
        let gone = match &connection.way {
            Way::Ssh(target) => Some(&target.address),
            Way::Root(folder) => Some(folder),
            Way::Local => None,
        };
        let gone = gone.map_or_else(String::new, |place| {
            format!(
                " If the host will not come back, put {place:?} into lost_hosts of the provider {:?}: what was on it then counts as \
                 gone.",
                self.name
            )
        });
        format!(
            "{what}, so nothing was planned. Mend this and plan again; or plan only for other hosts, with -target=ADDRESS; or plan \
             with what was last known, with -refresh=false.{gone}"
        )
    }

    /// The object as the state is to have it.
    fn kept(&self, type_name: &str, object: &Value) -> Value {
        match self.schema.resource(type_name) {
            Some(schema) => write_only::cleared(&schema.block, object),
            None => object.clone(),
        }
    }
}
