//! What can be changed on an instance while it runs, beside its attributes.

use async_trait::async_trait;

use crate::api::*;
use crate::fake::Fake;

#[async_trait]
impl InstanceOptionsApi for Fake {
    async fn modify_instance_metadata_options(
        &self,
        instance_id: &str,
        options: &MetadataOptions,
    ) -> ApiResult<()> {
        self.change("ModifyInstanceMetadataOptions", instance_id, |instance| {
            instance.metadata_options = Some(options.clone());
        })
    }

    async fn modify_instance_maintenance_options(
        &self,
        instance_id: &str,
        auto_recovery: &str,
    ) -> ApiResult<()> {
        self.change("ModifyInstanceMaintenanceOptions", instance_id, |instance| {
            instance.maintenance_auto_recovery = Some(auto_recovery.to_owned());
        })
    }

    async fn modify_private_dns_name_options(
        &self,
        instance_id: &str,
        options: &PrivateDnsNameOptions,
    ) -> ApiResult<()> {
        self.change("ModifyPrivateDnsNameOptions", instance_id, |instance| {
            instance.private_dns_name_options = Some(options.clone());
        })
    }

    async fn modify_instance_capacity_reservation_attributes(
        &self,
        instance_id: &str,
        specification: &CapacityReservationSpecification,
    ) -> ApiResult<()> {
        self.change("ModifyInstanceCapacityReservationAttributes", instance_id, |instance| {
            instance.capacity_reservation = Some(specification.clone());
        })
    }

    async fn describe_instance_credit_specifications(
        &self,
        instance_ids: &[String],
    ) -> ApiResult<Vec<(String, String)>> {
        self.act("DescribeInstanceCreditSpecifications", |world| {
            let _ = world;
            Ok(instance_ids.iter().map(|id| (id.clone(), "unlimited".to_owned())).collect())
        })
    }

    async fn modify_instance_credit_specification(
        &self,
        _instance_id: &str,
        _cpu_credits: &str,
    ) -> ApiResult<()> {
        self.refuse("ModifyInstanceCreditSpecification")
    }

    async fn describe_iam_instance_profile_associations(
        &self,
        _instance_id: &str,
    ) -> ApiResult<Vec<IamProfileAssociation>> {
        self.refuse("DescribeIamInstanceProfileAssociations")
    }

    async fn associate_iam_instance_profile(&self, _instance_id: &str, _name: &str) -> ApiResult<()> {
        self.refuse("AssociateIamInstanceProfile")
    }

    async fn replace_iam_instance_profile_association(
        &self,
        _association_id: &str,
        _name: &str,
    ) -> ApiResult<()> {
        self.refuse("ReplaceIamInstanceProfileAssociation")
    }

    async fn disassociate_iam_instance_profile(&self, _association_id: &str) -> ApiResult<()> {
        self.refuse("DisassociateIamInstanceProfile")
    }
}
