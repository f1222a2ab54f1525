//! Security groups and their rules.

use async_trait::async_trait;
use aws_sdk_ec2::types as sdk;
use provider_aws::api::*;

use super::{Ec2, pages, send};
use crate::convert::{self, filters, ints, list, some, tag_specification};

/// Sends a request about incoming or outgoing rules: two operations of the API, whose requests and answers look alike.
macro_rules! directed {
    (
        $self:ident, $direction:expr, $operation:literal, $ingress:ident, $egress:ident,
        |$request:ident| $filled:expr, |$answer:ident| $result:expr
    ) => {
        match $direction {
            Direction::Ingress => {
                let $request = $self.client.$ingress();
                let $answer = send!($self, concat!($operation, "Ingress"), $filled)?;
                Ok($result)
            }
            Direction::Egress => {
                let $request = $self.client.$egress();
                let $answer = send!($self, concat!($operation, "Egress"), $filled)?;
                Ok($result)
            }
        }
    };
}

#[async_trait]
impl SecurityGroupApi for Ec2 {
    async fn create_security_group(&self, r: &CreateSecurityGroup) -> ApiResult<String> {
        let request = self
            .client
            .create_security_group()
            .group_name(&r.group_name)
            .description(&r.description)
            .set_vpc_id(r.vpc_id.clone())
            .set_tag_specifications(tag_specification(sdk::ResourceType::SecurityGroup, &r.tags));
        let answer = send!(self, "CreateSecurityGroup", request)?;
        answer.group_id.ok_or_else(|| Self::incomplete("CreateSecurityGroup"))
    }

    async fn delete_security_group(&self, group_id: &str) -> ApiResult<()> {
        send!(self, "DeleteSecurityGroup", self.client.delete_security_group().group_id(group_id))?;
        Ok(())
    }

    async fn describe_security_groups(&self, wanted: &[Filter]) -> ApiResult<Vec<SecurityGroup>> {
        let request = self.client.describe_security_groups().set_filters(filters(wanted));
        Ok(pages!(self, "DescribeSecurityGroups", request)?.iter().map(convert::security_group).collect())
    }

    async fn describe_security_group_rules(&self, wanted: &[Filter]) -> ApiResult<Vec<SecurityGroupRule>> {
        let request = self.client.describe_security_group_rules().set_filters(filters(wanted));
        Ok(pages!(self, "DescribeSecurityGroupRules", request)?
            .iter()
            .map(convert::security_group_rule)
            .collect())
    }

    async fn authorize_security_group(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[IpPermission],
        tags: &Tags,
    ) -> ApiResult<Vec<SecurityGroupRule>> {
        directed!(
            self,
            direction,
            "AuthorizeSecurityGroup",
            authorize_security_group_ingress,
            authorize_security_group_egress,
            |request| request
                .group_id(group_id)
                .set_ip_permissions(sdk_permissions(permissions))
                .set_tag_specifications(tag_specification(sdk::ResourceType::SecurityGroupRule, tags)),
            |answer| list(&answer.security_group_rules, convert::security_group_rule)
        )
    }

    async fn revoke_security_group(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[IpPermission],
    ) -> ApiResult<()> {
        directed!(
            self,
            direction,
            "RevokeSecurityGroup",
            revoke_security_group_ingress,
            revoke_security_group_egress,
            |request| request.group_id(group_id).set_ip_permissions(sdk_permissions(permissions)),
            |_answer| ()
        )
    }

    async fn revoke_security_group_rules(
        &self,
        group_id: &str,
        direction: Direction,
        rule_ids: &[String],
    ) -> ApiResult<()> {
        directed!(
            self,
            direction,
            "RevokeSecurityGroup",
            revoke_security_group_ingress,
            revoke_security_group_egress,
            |request| request.group_id(group_id).set_security_group_rule_ids(some(rule_ids.to_vec())),
            |_answer| ()
        )
    }

    async fn modify_security_group_rule(
        &self,
        group_id: &str,
        rule_id: &str,
        rule: &SecurityGroupRuleChange,
    ) -> ApiResult<()> {
        let change = sdk::SecurityGroupRuleRequest::builder()
            .ip_protocol(&rule.ip_protocol)
            .set_from_port(ints(rule.from_port))
            .set_to_port(ints(rule.to_port))
            .set_description(rule.description.clone());
        let change = match &rule.peer {
            Peer::Ipv4(cidr) => change.cidr_ipv4(cidr),
            Peer::Ipv6(cidr) => change.cidr_ipv6(cidr),
            Peer::PrefixList(id) => change.prefix_list_id(id),
            Peer::Group { group_id, .. } => change.referenced_group_id(group_id),
        };
        let update = sdk::SecurityGroupRuleUpdate::builder()
            .security_group_rule_id(rule_id)
            .security_group_rule(change.build())
            .build();
        let request =
            self.client.modify_security_group_rules().group_id(group_id).security_group_rules(update);
        send!(self, "ModifySecurityGroupRules", request)?;
        Ok(())
    }

    async fn update_security_group_rule_descriptions(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[IpPermission],
    ) -> ApiResult<()> {
        directed!(
            self,
            direction,
            "UpdateSecurityGroupRuleDescriptions",
            update_security_group_rule_descriptions_ingress,
            update_security_group_rule_descriptions_egress,
            |request| request.group_id(group_id).set_ip_permissions(sdk_permissions(permissions)),
            |_answer| ()
        )
    }
}

fn sdk_permissions(permissions: &[IpPermission]) -> Option<Vec<sdk::IpPermission>> {
    some(permissions.iter().map(convert::sdk_permission).collect())
}
