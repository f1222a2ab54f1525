//! What can be changed on an instance while it runs, beside its attributes.

use async_trait::async_trait;
use aws_sdk_ec2::types as sdk;
use provider_aws::api::*;

use super::{Ec2, pages, profile, send};
use crate::convert::{self, filters, ints, some, text};

#[async_trait]
impl InstanceOptionsApi for Ec2 {
    async fn modify_instance_metadata_options(&self, id: &str, o: &MetadataOptions) -> ApiResult<()> {
        let request = self
            .client
            .modify_instance_metadata_options()
            .instance_id(id)
            .set_http_endpoint(o.http_endpoint.as_deref().map(Into::into))
            .set_http_protocol_ipv6(o.http_protocol_ipv6.as_deref().map(Into::into))
            .set_http_put_response_hop_limit(ints(o.http_put_response_hop_limit))
            .set_http_tokens(o.http_tokens.as_deref().map(Into::into))
            .set_instance_metadata_tags(o.instance_metadata_tags.as_deref().map(Into::into));
        send!(self, "ModifyInstanceMetadataOptions", request)?;
        Ok(())
    }

    async fn modify_instance_maintenance_options(&self, id: &str, auto_recovery: &str) -> ApiResult<()> {
        send!(
            self,
            "ModifyInstanceMaintenanceOptions",
            self.client
                .modify_instance_maintenance_options()
                .instance_id(id)
                .auto_recovery(auto_recovery.into())
        )?;
        Ok(())
    }

    async fn modify_private_dns_name_options(&self, id: &str, o: &PrivateDnsNameOptions) -> ApiResult<()> {
        let request = self
            .client
            .modify_private_dns_name_options()
            .instance_id(id)
            .set_private_dns_hostname_type(o.hostname_type.as_deref().map(Into::into))
            .set_enable_resource_name_dns_a_record(o.enable_resource_name_dns_a_record)
            .set_enable_resource_name_dns_aaaa_record(o.enable_resource_name_dns_aaaa_record);
        send!(self, "ModifyPrivateDnsNameOptions", request)?;
        Ok(())
    }

    async fn modify_instance_capacity_reservation_attributes(
        &self,
        id: &str,
        specification: &CapacityReservationSpecification,
    ) -> ApiResult<()> {
        send!(
            self,
            "ModifyInstanceCapacityReservationAttributes",
            self.client
                .modify_instance_capacity_reservation_attributes()
                .instance_id(id)
                .capacity_reservation_specification(convert::sdk_capacity_reservation(specification))
        )?;
        Ok(())
    }

    async fn describe_instance_credit_specifications(
        &self,
        ids: &[String],
    ) -> ApiResult<Vec<(String, String)>> {
        let request =
            self.client.describe_instance_credit_specifications().set_instance_ids(some(ids.to_vec()));
        let credits = pages!(self, "DescribeInstanceCreditSpecifications", request)?;
        Ok(credits.iter().map(|c| (text(&c.instance_id), text(&c.cpu_credits))).collect())
    }

    async fn modify_instance_credit_specification(&self, id: &str, cpu_credits: &str) -> ApiResult<()> {
        let change = sdk::InstanceCreditSpecificationRequest::builder()
            .instance_id(id)
            .cpu_credits(cpu_credits)
            .build();
        let request =
            self.client.modify_instance_credit_specification().instance_credit_specifications(change);
        send!(self, "ModifyInstanceCreditSpecification", request)?;
        Ok(())
    }

    async fn describe_iam_instance_profile_associations(
        &self,
        id: &str,
    ) -> ApiResult<Vec<IamProfileAssociation>> {
        let wanted = [Filter::new("instance-id", [id])];
        let request = self.client.describe_iam_instance_profile_associations().set_filters(filters(&wanted));
        let found = pages!(self, "DescribeIamInstanceProfileAssociations", request)?;
        Ok(found
            .iter()
            .map(|a| IamProfileAssociation {
                association_id: text(&a.association_id),
                arn: a.iam_instance_profile.as_ref().map(|p| text(&p.arn)).unwrap_or_default(),
                state: text(&a.state),
            })
            .collect())
    }

    async fn associate_iam_instance_profile(&self, id: &str, name: &str) -> ApiResult<()> {
        send!(
            self,
            "AssociateIamInstanceProfile",
            self.client.associate_iam_instance_profile().instance_id(id).iam_instance_profile(profile(name))
        )?;
        Ok(())
    }

    async fn replace_iam_instance_profile_association(
        &self,
        association_id: &str,
        name: &str,
    ) -> ApiResult<()> {
        send!(
            self,
            "ReplaceIamInstanceProfileAssociation",
            self.client
                .replace_iam_instance_profile_association()
                .association_id(association_id)
                .iam_instance_profile(profile(name))
        )?;
        Ok(())
    }

    async fn disassociate_iam_instance_profile(&self, association_id: &str) -> ApiResult<()> {
        send!(
            self,
            "DisassociateIamInstanceProfile",
            self.client.disassociate_iam_instance_profile().association_id(association_id)
        )?;
        Ok(())
    }
}
