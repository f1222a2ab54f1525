//! Changes of an instance in place, stopping it where the service demands that.

use std::time::Duration;

use super::{describe_one, launch, volumes, wait_for_state};
use crate::api::{Instance, InstanceChange, NetworkInterfaceChange};
use crate::client::{Client, Poll};
use crate::failure::{Failure, Outcome};
use crate::object::Object;
use crate::timeouts;

const LIMIT: Duration = Duration::from_mins(10);

/// Makes the changes from `prior` to `planned`, in an order the service accepts.
pub async fn update(client: &Client, prior: &Object, planned: &Object) -> Outcome<()> {
    let update = Update {
        client,
        prior,
        planned,
        id: prior.text("id"),
        limit: timeouts::limit(planned, "update", LIMIT),
    };
    // What protects the instance from being stopped goes first when it goes, and comes last when it comes.
    if planned.bool("disable_api_stop") == Some(false) {
        update.flag("disable_api_stop", InstanceChange::DisableApiStop).await?;
    }
    update.instance_profile().await?;
    update.network().await?;
    update.while_stopped().await?;
    update.plain().await?;
    volumes::update_root(client, prior, planned, update.limit).await?;
    volumes::update_tags(client, Some(prior), planned).await
}

struct Update<'a> {
    client: &'a Client,
    prior: &'a Object,
    planned: &'a Object,
    id: String,
    limit: Duration,
}

impl Update<'_> {
    /// Whether an attribute is to be changed to a known value.
    fn changes(&self, name: &str) -> bool {
        let (before, after) = (self.prior.get(name), self.planned.get(name));
        after.is_some_and(value::Value::is_known)
            && before != after
            && !before.zip(after).is_some_and(|(before, after)| super::same_instance(name, before, after))
    }

    async fn modify(&self, change: InstanceChange) -> Outcome<()> {
        self.client.call(|ec2| ec2.modify_instance_attribute(&self.id, &change)).await
    }

    async fn flag(&self, name: &str, change: fn(bool) -> InstanceChange) -> Outcome<()> {
        match self.planned.bool(name) {
            Some(value) if self.changes(name) => self.modify(change(value)).await,
            _ => Ok(()),
        }
    }

    async fn instance(&self) -> Outcome<Instance> {
        let gone = || Failure::Other("The instance does not exist any more.".into());
        describe_one(self.client, &self.id).await?.ok_or_else(gone)
    }

    async fn instance_profile(&self) -> Outcome<()> {
        if !self.changes("iam_instance_profile") {
            return Ok(());
        }
        let associations =
            self.client.call(|ec2| ec2.describe_iam_instance_profile_associations(&self.id)).await?;
        let current =
            associations.into_iter().find(|a| matches!(a.state.as_str(), "associated" | "associating"));
        // A new instance profile takes a while to be known to EC2.
        let codes = &["InvalidParameterValue"];
        match (current, self.planned.string("iam_instance_profile")) {
            (Some(current), Some(name)) => {
                let id = current.association_id;
                self.client
                    .call_when_visible(codes, |ec2| ec2.replace_iam_instance_profile_association(&id, &name))
                    .await
            }
            (Some(current), None) => {
                let id = current.association_id;
                self.client.call(|ec2| ec2.disassociate_iam_instance_profile(&id)).await
            }
            (None, Some(name)) => {
                self.client
                    .call_when_visible(codes, |ec2| ec2.associate_iam_instance_profile(&self.id, &name))
                    .await
            }
            (None, None) => Ok(()),
        }
    }

    async fn network(&self) -> Outcome<()> {
        let own_interfaces = self.planned.blocks("network_interface").is_empty();
        if own_interfaces {
            self.flag("source_dest_check", InstanceChange::SourceDestCheck).await?;
        }
        let names = ["secondary_private_ips", "vpc_security_group_ids", "ipv6_address_count"];
        if !names.iter().any(|name| self.changes(name)) {
            return Ok(());
        }
        let instance = self.instance().await?;
        let primary = instance.network_interfaces.iter().find(|i| i.device_index == 0);
        let interface = primary.map(|i| i.network_interface_id.clone());
        if self.changes("vpc_security_group_ids") {
            let groups = self.planned.strings("vpc_security_group_ids");
            self.groups(interface.as_deref(), groups).await?;
        }
        let Some(interface) = interface else { return Ok(()) };
        if self.changes("secondary_private_ips") {
            self.secondary_addresses(&interface).await?;
        }
        if self.changes("ipv6_address_count") {
            let addresses = primary.map(|i| i.ipv6_addresses.clone()).unwrap_or_default();
            self.ipv6_count(&interface, addresses).await?;
        }
        Ok(())
    }

    /// An instance with several interfaces takes groups for each of them only.
    async fn groups(&self, interface: Option<&str>, groups: Vec<String>) -> Outcome<()> {
        let several = InstanceChange::Groups(groups.clone());
        match (self.modify(several).await, interface) {
            (Err(failure), Some(interface)) if failure.has_code(&["InvalidInstanceID"]) => {
                let change = NetworkInterfaceChange::Groups(groups);
                self.client.call(|ec2| ec2.modify_network_interface(interface, &change)).await
            }
            (answer, _) => answer,
        }
    }

    async fn secondary_addresses(&self, interface: &str) -> Outcome<()> {
        let (before, after) =
            (self.prior.strings("secondary_private_ips"), self.planned.strings("secondary_private_ips"));
        let only = |these: &[String], others: &[String]| -> Vec<String> {
            these.iter().filter(|address| !others.contains(address)).cloned().collect()
        };
        let (removed, added) = (only(&before, &after), only(&after, &before));
        if !removed.is_empty() {
            self.client.call(|ec2| ec2.unassign_private_ip_addresses(interface, &removed)).await?;
        }
        if !added.is_empty() {
            self.client.call(|ec2| ec2.assign_private_ip_addresses(interface, &added)).await?;
        }
        Ok(())
    }

    async fn ipv6_count(&self, interface: &str, addresses: Vec<String>) -> Outcome<()> {
        let wanted = usize::try_from(self.planned.int("ipv6_address_count").unwrap_or(0)).unwrap_or(0);
        if wanted > addresses.len() {
            let more = i64::try_from(wanted - addresses.len()).unwrap_or(i64::MAX);
            self.client.once(|ec2| ec2.assign_ipv6_addresses(interface, more)).await
        } else {
            let surplus: Vec<String> = addresses.into_iter().skip(wanted).collect();
            self.client.call(|ec2| ec2.unassign_ipv6_addresses(interface, &surplus)).await
        }
    }

    /// Stops the instance for the changes that need it, and starts it again if it ran.
    async fn while_stopped(&self) -> Outcome<()> {
        let hostname = |object: &Object| {
            object.block("private_dns_name_options").map(|b| b.text("hostname_type")).unwrap_or_default()
        };
        let renamed = hostname(self.prior) != hostname(self.planned) && !hostname(self.planned).is_empty();
        let restarting = super::RESTARTING.iter().any(|name| self.changes(name));
        if !restarting && !renamed {
            return self.private_dns_names().await;
        }
        let ran = matches!(self.instance().await?.state.as_str(), "running" | "pending");
        if ran {
            self.client.call(|ec2| ec2.stop_instances(&self.id)).await?;
            wait_for_state(self.client, &self.id, "stopped", &["pending", "running", "stopping"], self.limit)
                .await?;
        }
        let changed = self.stopped_changes().await;
        if ran {
            self.start().await?;
        }
        changed
    }

    async fn stopped_changes(&self) -> Outcome<()> {
        if let Some(kind) = self.planned.string("instance_type").filter(|_| self.changes("instance_type")) {
            self.modify(InstanceChange::InstanceType(kind)).await?;
        }
        if self.changes("user_data") || self.changes("user_data_base64") {
            let text =
                self.planned.str("user_data_base64").or(self.planned.str("user_data")).unwrap_or_default();
            self.modify(InstanceChange::UserData(launch::user_data_bytes(text))).await?;
        }
        self.private_dns_names().await
    }

    async fn private_dns_names(&self) -> Outcome<()> {
        match self.planned.block("private_dns_name_options") {
            Some(block) if self.changes("private_dns_name_options") => {
                let options = launch::private_dns_name_options(&block);
                self.client.call(|ec2| ec2.modify_private_dns_name_options(&self.id, &options)).await
            }
            _ => Ok(()),
        }
    }

    async fn start(&self) -> Outcome<()> {
        // A type that was just changed may not be known to the host yet.
        let codes = &["InvalidParameterValue", "IncorrectInstanceState"];
        self.client.retry_codes(self.limit, codes, |ec2| ec2.start_instances(&self.id)).await?;
        wait_for_state(self.client, &self.id, "running", &["", "pending", "stopped", "stopping"], self.limit)
            .await
    }

    /// Changes that an instance takes in any state.
    async fn plain(&self) -> Outcome<()> {
        self.flag("disable_api_termination", InstanceChange::DisableApiTermination).await?;
        self.flag("disable_api_stop", InstanceChange::DisableApiStop).await?;
        if let Some(behaviour) = self.planned.string("instance_initiated_shutdown_behavior")
            && self.changes("instance_initiated_shutdown_behavior")
        {
            self.modify(InstanceChange::InstanceInitiatedShutdownBehavior(behaviour)).await?;
        }
        if self.changes("monitoring") {
            if self.planned.is_true("monitoring") {
                self.client.call(|ec2| ec2.monitor_instances(&self.id)).await?;
            } else {
                self.client.call(|ec2| ec2.unmonitor_instances(&self.id)).await?;
            }
        }
        self.options().await
    }

    async fn options(&self) -> Outcome<()> {
        let block = |name: &str| self.planned.block(name).filter(|_| self.changes(name));
        if let Some(block) = block("metadata_options") {
            let options = launch::metadata_options(&block);
            self.client.call(|ec2| ec2.modify_instance_metadata_options(&self.id, &options)).await?;
            self.metadata_options_applied().await?;
        }
        if let Some(recovery) = block("maintenance_options").and_then(|b| b.string("auto_recovery")) {
            self.client.call(|ec2| ec2.modify_instance_maintenance_options(&self.id, &recovery)).await?;
        }
        if let Some(credits) = block("credit_specification").and_then(|b| b.string("cpu_credits")) {
            self.client.call(|ec2| ec2.modify_instance_credit_specification(&self.id, &credits)).await?;
        }
        if let Some(block) = block("capacity_reservation_specification") {
            let specification = launch::capacity_reservation(&block);
            self.client
                .call(|ec2| ec2.modify_instance_capacity_reservation_attributes(&self.id, &specification))
                .await?;
        }
        Ok(())
    }

    async fn metadata_options_applied(&self) -> Outcome<()> {
        let wanted = self.planned.block("metadata_options").map(|b| launch::metadata_options(&b));
        let what = format!("the metadata options of EC2 Instance ({}) to be applied", self.id);
        self.client
            .wait(&what, self.limit, || async {
                let options = self.instance().await?.metadata_options;
                let tokens =
                    |o: &Option<crate::api::MetadataOptions>| o.as_ref().and_then(|o| o.http_tokens.clone());
                let applied =
                    options.is_none() || tokens(&wanted).is_none() || tokens(&options) == tokens(&wanted);
                Ok(if applied { Poll::Done(()) } else { Poll::Pending("pending".into()) })
            })
            .await
    }
}
