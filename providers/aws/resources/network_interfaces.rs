//! Network interfaces that services leave behind and that keep a subnet or security group from being deleted.

use crate::api::{Filter, NetworkInterface};
use crate::client::Client;
use crate::failure::Outcome;

/// Deletes unattached network interfaces that a service made and forgot: those of Lambda functions, which stay for up to
/// 45 minutes, and those of the Kubernetes VPC CNI, which stay when a node dies. All others are someone's own.
pub async fn release(client: &Client, filter: &Filter) -> Outcome<()> {
    let filters = std::slice::from_ref(filter);
    let interfaces = client.call(|ec2| ec2.describe_network_interfaces(filters)).await?;
    for interface in interfaces.iter().filter(|i| is_left_behind(i)) {
        let id = &interface.network_interface_id;
        match client.call(|ec2| ec2.delete_network_interface(id)).await {
            // Attached again or gone in the meantime.
            Err(failure) if failure.is_not_found() || failure.has_code(&["InvalidParameterValue"]) => {}
            answer => answer?,
        }
    }
    Ok(())
}

fn is_left_behind(interface: &NetworkInterface) -> bool {
    interface.status == "available"
        && (interface.description.starts_with("AWS Lambda VPC ENI")
            || interface.description.starts_with("aws-K8S-"))
}
