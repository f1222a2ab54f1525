//! Instances, from launch to termination.

use async_trait::async_trait;
use aws_sdk_ec2::types as sdk;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::{Blob, DateTime};
use provider_aws::api::*;

use super::{Ec2, attribute, flag, profile, send};
use crate::convert::{self, filters, ints, some, tag_specification};

#[async_trait]
impl InstanceApi for Ec2 {
    async fn run_instances(&self, r: &RunInstance) -> ApiResult<Instance> {
        let monitoring =
            r.monitoring.map(|on| sdk::RunInstancesMonitoringEnabled::builder().enabled(on).build());
        let hibernation =
            r.hibernation.map(|on| sdk::HibernationOptionsRequest::builder().configured(on).build());
        let enclave = r.enclave.map(|on| sdk::EnclaveOptionsRequest::builder().enabled(on).build());
        let credits = r
            .credit_specification
            .as_ref()
            .map(|credits| sdk::CreditSpecificationRequest::builder().cpu_credits(credits).build());
        let template = r.launch_template.as_ref().map(|t| {
            sdk::LaunchTemplateSpecification::builder()
                .set_launch_template_id(t.id.clone())
                .set_launch_template_name(t.name.clone())
                .set_version(t.version.clone())
                .build()
        });
        let names = r.private_dns_name_options.as_ref().map(|o| {
            sdk::PrivateDnsNameOptionsRequest::builder()
                .set_hostname_type(o.hostname_type.as_deref().map(Into::into))
                .set_enable_resource_name_dns_a_record(o.enable_resource_name_dns_a_record)
                .set_enable_resource_name_dns_aaaa_record(o.enable_resource_name_dns_aaaa_record)
                .build()
        });
        let maintenance = r.maintenance_auto_recovery.as_deref().map(|recovery| {
            sdk::InstanceMaintenanceOptionsRequest::builder().auto_recovery(recovery.into()).build()
        });
        let cpu = r.cpu_options.as_ref().map(|c| {
            sdk::CpuOptionsRequest::builder()
                .set_core_count(ints(c.core_count))
                .set_threads_per_core(ints(c.threads_per_core))
                .set_amd_sev_snp(c.amd_sev_snp.as_deref().map(Into::into))
                .build()
        });
        let mut tags = tag_specification(sdk::ResourceType::Instance, &r.tags).unwrap_or_default();
        tags.extend(tag_specification(sdk::ResourceType::Volume, &r.volume_tags).unwrap_or_default());
        let request = self
            .client
            .run_instances()
            .min_count(1)
            .max_count(1)
            .client_token(&r.client_token)
            .set_image_id(r.image_id.clone())
            .set_instance_type(r.instance_type.as_deref().map(Into::into))
            .set_key_name(r.key_name.clone())
            .set_subnet_id(r.subnet_id.clone())
            .set_security_group_ids(some(r.security_group_ids.clone()))
            .set_security_groups(some(r.security_groups.clone()))
            .set_private_ip_address(r.private_ip_address.clone())
            .set_ipv6_address_count(ints(r.ipv6_address_count))
            .set_ipv6_addresses(some(r.ipv6_addresses.iter().map(|a| convert::ipv6_address(a)).collect()))
            .set_network_interfaces(some(r.network_interfaces.iter().map(convert::sdk_interface).collect()))
            .set_user_data(r.user_data.clone())
            .set_iam_instance_profile(r.iam_instance_profile.as_deref().map(profile))
            .set_monitoring(monitoring)
            .set_ebs_optimized(r.ebs_optimized)
            .set_disable_api_termination(r.disable_api_termination)
            .set_disable_api_stop(r.disable_api_stop)
            .set_enable_primary_ipv6(r.enable_primary_ipv6)
            .set_instance_initiated_shutdown_behavior(
                r.instance_initiated_shutdown_behavior.as_deref().map(Into::into),
            )
            .set_hibernation_options(hibernation)
            .set_enclave_options(enclave)
            .set_placement(convert::sdk_placement(&r.placement))
            .set_cpu_options(cpu)
            .set_credit_specification(credits)
            .set_instance_market_options(r.market.as_ref().map(market))
            .set_launch_template(template)
            .set_metadata_options(r.metadata_options.as_ref().map(metadata))
            .set_maintenance_options(maintenance)
            .set_private_dns_name_options(names)
            .set_capacity_reservation_specification(
                r.capacity_reservation.as_ref().map(convert::sdk_capacity_reservation),
            )
            .set_block_device_mappings(some(r.block_devices.iter().map(convert::sdk_block_device).collect()))
            .set_tag_specifications(some(tags));
        let answer = send!(self, "RunInstances", request)?;
        let instance =
            answer.instances.iter().flatten().next().map(|i| convert::instance(i, &answer.owner_id));
        instance.ok_or_else(|| Self::incomplete("RunInstances"))
    }

    async fn terminate_instances(&self, id: &str) -> ApiResult<()> {
        send!(self, "TerminateInstances", self.client.terminate_instances().instance_ids(id))?;
        Ok(())
    }

    async fn start_instances(&self, id: &str) -> ApiResult<()> {
        send!(self, "StartInstances", self.client.start_instances().instance_ids(id))?;
        Ok(())
    }

    async fn stop_instances(&self, id: &str) -> ApiResult<()> {
        send!(self, "StopInstances", self.client.stop_instances().instance_ids(id))?;
        Ok(())
    }

    async fn describe_instances(&self, wanted: &[Filter]) -> ApiResult<Vec<Instance>> {
        let request = self.client.describe_instances().set_filters(filters(wanted));
        let pages: Result<Vec<_>, _> = request.into_paginator().send().collect().await;
        let pages = self.told("DescribeInstances", pages)?;
        let reservations = pages.iter().flat_map(|page| page.reservations());
        Ok(reservations
            .flat_map(|r| r.instances().iter().map(|i| convert::instance(i, &r.owner_id)))
            .collect())
    }

    async fn describe_instance_attribute(
        &self,
        id: &str,
        name: InstanceAttribute,
    ) -> ApiResult<Option<String>> {
        let sdk_name = match name {
            InstanceAttribute::DisableApiTermination => sdk::InstanceAttributeName::DisableApiTermination,
            InstanceAttribute::DisableApiStop => sdk::InstanceAttributeName::DisableApiStop,
            InstanceAttribute::InstanceInitiatedShutdownBehavior => {
                sdk::InstanceAttributeName::InstanceInitiatedShutdownBehavior
            }
            InstanceAttribute::UserData => sdk::InstanceAttributeName::UserData,
        };
        let request = self.client.describe_instance_attribute().instance_id(id).attribute(sdk_name);
        let answer = send!(self, "DescribeInstanceAttribute", request)?;
        let shown = |value: Option<sdk::AttributeBooleanValue>| Some(value?.value?.to_string());
        Ok(match name {
            InstanceAttribute::DisableApiTermination => shown(answer.disable_api_termination),
            InstanceAttribute::DisableApiStop => shown(answer.disable_api_stop),
            InstanceAttribute::InstanceInitiatedShutdownBehavior => {
                answer.instance_initiated_shutdown_behavior.and_then(|v| v.value)
            }
            InstanceAttribute::UserData => answer.user_data.and_then(|v| v.value),
        })
    }

    async fn modify_instance_attribute(&self, id: &str, change: &InstanceChange) -> ApiResult<()> {
        let request = self.client.modify_instance_attribute().instance_id(id);
        let request = match change {
            InstanceChange::DisableApiTermination(on) => request.disable_api_termination(flag(*on)),
            InstanceChange::DisableApiStop(on) => request.disable_api_stop(flag(*on)),
            InstanceChange::InstanceInitiatedShutdownBehavior(text) => {
                request.instance_initiated_shutdown_behavior(attribute(text))
            }
            InstanceChange::InstanceType(text) => request.instance_type(attribute(text)),
            InstanceChange::UserData(bytes) => request
                .user_data(sdk::SecureBlobAttributeValue::builder().value(Blob::new(bytes.clone())).build()),
            InstanceChange::Groups(groups) => request.set_groups(Some(groups.clone())),
            InstanceChange::SourceDestCheck(on) => request.source_dest_check(flag(*on)),
            InstanceChange::DeleteOnTermination { device_name, value } => {
                let ebs =
                    sdk::EbsInstanceBlockDeviceSpecification::builder().delete_on_termination(*value).build();
                let mapping =
                    sdk::InstanceBlockDeviceMappingSpecification::builder().device_name(device_name).ebs(ebs);
                request.block_device_mappings(mapping.build())
            }
        };
        send!(self, "ModifyInstanceAttribute", request)?;
        Ok(())
    }

    async fn monitor_instances(&self, id: &str) -> ApiResult<()> {
        send!(self, "MonitorInstances", self.client.monitor_instances().instance_ids(id))?;
        Ok(())
    }

    async fn unmonitor_instances(&self, id: &str) -> ApiResult<()> {
        send!(self, "UnmonitorInstances", self.client.unmonitor_instances().instance_ids(id))?;
        Ok(())
    }

    async fn get_password_data(&self, id: &str) -> ApiResult<String> {
        let answer = send!(self, "GetPasswordData", self.client.get_password_data().instance_id(id))?;
        Ok(answer.password_data.unwrap_or_default())
    }
}

fn metadata(o: &MetadataOptions) -> sdk::InstanceMetadataOptionsRequest {
    sdk::InstanceMetadataOptionsRequest::builder()
        .set_http_endpoint(o.http_endpoint.as_deref().map(Into::into))
        .set_http_protocol_ipv6(o.http_protocol_ipv6.as_deref().map(Into::into))
        .set_http_put_response_hop_limit(ints(o.http_put_response_hop_limit))
        .set_http_tokens(o.http_tokens.as_deref().map(Into::into))
        .set_instance_metadata_tags(o.instance_metadata_tags.as_deref().map(Into::into))
        .build()
}

fn market(m: &MarketOptions) -> sdk::InstanceMarketOptionsRequest {
    let valid_until =
        m.valid_until.as_deref().and_then(|text| DateTime::from_str(text, Format::DateTime).ok());
    let spot = sdk::SpotMarketOptions::builder()
        .set_instance_interruption_behavior(m.instance_interruption_behavior.as_deref().map(Into::into))
        .set_max_price(m.max_price.clone())
        .set_spot_instance_type(m.spot_instance_type.as_deref().map(Into::into))
        .set_valid_until(valid_until)
        .build();
    sdk::InstanceMarketOptionsRequest::builder()
        .set_market_type(m.market_type.as_deref().map(Into::into))
        .spot_options(spot)
        .build()
}
