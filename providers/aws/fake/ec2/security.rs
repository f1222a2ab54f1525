//! Security groups and their rules.

use async_trait::async_trait;

use crate::api::*;
use crate::fake::Fake;

#[async_trait]
impl SecurityGroupApi for Fake {
    async fn create_security_group(&self, request: &CreateSecurityGroup) -> ApiResult<String> {
        self.act("CreateSecurityGroup", |world| world.create_group(request))
    }

    async fn delete_security_group(&self, group_id: &str) -> ApiResult<()> {
        self.act("DeleteSecurityGroup", |world| world.delete_group(group_id))
    }

    async fn describe_security_groups(&self, filters: &[Filter]) -> ApiResult<Vec<SecurityGroup>> {
        self.act("DescribeSecurityGroups", |world| Ok(world.groups(filters)))
    }

    async fn describe_security_group_rules(&self, filters: &[Filter]) -> ApiResult<Vec<SecurityGroupRule>> {
        self.act("DescribeSecurityGroupRules", |world| Ok(world.rules(filters)))
    }

    async fn authorize_security_group(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[IpPermission],
        tags: &Tags,
    ) -> ApiResult<Vec<SecurityGroupRule>> {
        self.act("AuthorizeSecurityGroup", |world| world.authorize(group_id, direction, permissions, tags))
    }

    async fn revoke_security_group(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[IpPermission],
    ) -> ApiResult<()> {
        self.act("RevokeSecurityGroup", |world| world.revoke(group_id, direction, permissions))
    }

    async fn revoke_security_group_rules(
        &self,
        group_id: &str,
        direction: Direction,
        rule_ids: &[String],
    ) -> ApiResult<()> {
        self.act("RevokeSecurityGroupRules", |world| world.revoke_rules(group_id, direction, rule_ids))
    }

    async fn modify_security_group_rule(
        &self,
        group_id: &str,
        rule_id: &str,
        rule: &SecurityGroupRuleChange,
    ) -> ApiResult<()> {
        self.act("ModifySecurityGroupRule", |world| world.modify_rule(group_id, rule_id, rule))
    }

    async fn update_security_group_rule_descriptions(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[IpPermission],
    ) -> ApiResult<()> {
        self.act("UpdateSecurityGroupRuleDescriptions", |world| {
            world.describe_rules(group_id, direction, permissions)
        })
    }
}
