//! Network ACLs, security groups with their rules, and key pairs of the fake.

use super::{World, found, refused, tag_values};
use crate::api::*;

impl World {
    pub fn network_acls(&mut self) -> Vec<NetworkAcl> {
        let vpcs = self.vpcs.keys().cloned();
        vpcs.map(|vpc_id| NetworkAcl { network_acl_id: format!("acl-of-{vpc_id}"), vpc_id, is_default: true })
            .collect()
    }

    pub fn create_group(&mut self, request: &CreateSecurityGroup) -> ApiResult<String> {
        let vpc = request.vpc_id.clone().unwrap_or_default();
        if self.groups.values().any(|g| g.vpc_id == vpc && g.group_name == request.group_name) {
            return Err(refused("InvalidGroup.Duplicate"));
        }
        Ok(self.new_group(&vpc, &request.group_name, &request.description, request.tags.clone()))
    }

    pub fn delete_group(&mut self, group_id: &str) -> ApiResult<()> {
        found(self.groups.remove(group_id), "InvalidGroup.NotFound")?;
        self.rules.retain(|_, r| r.group_id != group_id);
        Ok(())
    }

    pub fn revoke_rules(
        &mut self,
        group_id: &str,
        direction: Direction,
        rule_ids: &[String],
    ) -> ApiResult<()> {
        found(self.groups.get(group_id), "InvalidGroup.NotFound")?;
        for id in rule_ids {
            let rule = found(self.rules.remove(id), "InvalidSecurityGroupRuleId.NotFound")?;
            assert_eq!(rule.is_egress, direction == Direction::Egress);
        }
        Ok(())
    }

    pub fn modify_rule(
        &mut self,
        group_id: &str,
        rule_id: &str,
        rule: &SecurityGroupRuleChange,
    ) -> ApiResult<()> {
        let r = found(self.rules.get_mut(rule_id), "InvalidSecurityGroupRuleId.NotFound")?;
        assert_eq!(r.group_id, group_id);
        r.ip_protocol.clone_from(&rule.ip_protocol);
        r.from_port = rule.from_port.or(Some(-1));
        r.to_port = rule.to_port.or(Some(-1));
        r.peer = Some(rule.peer.clone());
        r.description = rule.description.clone().unwrap_or_default();
        Ok(())
    }

    pub fn import_key(&mut self, key_name: &str, public_key: &str, tags: &Tags) -> ApiResult<KeyPair> {
        if self.keys.contains_key(key_name) {
            return Err(refused("InvalidKeyPair.Duplicate"));
        }
        let pair = KeyPair {
            key_pair_id: self.new_id("key"),
            key_name: key_name.to_owned(),
            key_type: "ed25519".into(),
            fingerprint: "aa:bb".into(),
            public_key: format!("{} {key_name}", public_key.split(' ').take(2).collect::<Vec<_>>().join(" ")),
            tags: tags.clone(),
        };
        self.keys.insert(key_name.to_owned(), pair.clone());
        Ok(pair)
    }

    pub fn new_group(&mut self, vpc: &str, name: &str, description: &str, tags: Tags) -> String {
        let id = self.new_id("sg");
        let everyone = IpPermission {
            ip_protocol: "-1".into(),
            peers: vec![(Peer::Ipv4("0.0.0.0/0".into()), None)],
            ..IpPermission::default()
        };
        self.groups.insert(
            id.clone(),
            SecurityGroup {
                group_id: id.clone(),
                group_name: name.to_owned(),
                description: description.to_owned(),
                owner_id: OWNER.into(),
                vpc_id: vpc.to_owned(),
                tags,
                ..SecurityGroup::default()
            },
        );
        // A group without rules cannot refuse one.
        let _ = self.authorize(&id, Direction::Egress, &[everyone], &Tags::new());
        id
    }

    pub fn authorize(
        &mut self,
        group: &str,
        direction: Direction,
        permissions: &[IpPermission],
        tags: &Tags,
    ) -> ApiResult<Vec<SecurityGroupRule>> {
        found(self.groups.get(group), "InvalidGroup.NotFound")?;
        let is_egress = direction == Direction::Egress;
        let mut made = Vec::new();
        for permission in permissions {
            for (peer, description) in &permission.peers {
                let rule = SecurityGroupRule {
                    rule_id: self.new_id("sgr"),
                    group_id: group.to_owned(),
                    group_owner_id: OWNER.into(),
                    is_egress,
                    ip_protocol: permission.ip_protocol.clone(),
                    from_port: permission.from_port.or(Some(-1)),
                    to_port: permission.to_port.or(Some(-1)),
                    peer: Some(peer.clone()),
                    description: description.clone().unwrap_or_default(),
                    tags: tags.clone(),
                    ..SecurityGroupRule::default()
                };
                if self.rules.values().any(|r| alike(r, &rule)) {
                    return Err(refused("InvalidPermission.Duplicate"));
                }
                made.push(rule);
            }
        }
        for rule in &made {
            self.rules.insert(rule.rule_id.clone(), rule.clone());
        }
        Ok(made)
    }

    pub fn revoke(
        &mut self,
        group: &str,
        direction: Direction,
        permissions: &[IpPermission],
    ) -> ApiResult<()> {
        found(self.groups.get(group), "InvalidGroup.NotFound")?;
        for permission in permissions {
            for (peer, _) in &permission.peers {
                let wanted = SecurityGroupRule {
                    group_id: group.to_owned(),
                    is_egress: direction == Direction::Egress,
                    ip_protocol: permission.ip_protocol.clone(),
                    from_port: permission.from_port.or(Some(-1)),
                    to_port: permission.to_port.or(Some(-1)),
                    peer: Some(peer.clone()),
                    ..SecurityGroupRule::default()
                };
                let id = self.rules.values().find(|r| alike(r, &wanted)).map(|r| r.rule_id.clone());
                self.rules.remove(&found(id, "InvalidPermission.NotFound")?);
            }
        }
        Ok(())
    }

    pub fn describe_rules(
        &mut self,
        group: &str,
        direction: Direction,
        permissions: &[IpPermission],
    ) -> ApiResult<()> {
        for permission in permissions {
            for (peer, description) in &permission.peers {
                let rule = self.rules.values_mut().find(|r| {
                    r.group_id == group
                        && r.is_egress == (direction == Direction::Egress)
                        && r.ip_protocol == permission.ip_protocol
                        && r.from_port == permission.from_port.or(Some(-1))
                        && r.peer.as_ref() == Some(peer)
                });
                found(rule, "InvalidPermission.NotFound")?.description =
                    description.clone().unwrap_or_default();
            }
        }
        Ok(())
    }

    pub fn groups(&mut self, filters: &[Filter]) -> Vec<SecurityGroup> {
        let all = self
            .groups
            .values()
            .map(|group| {
                let of = |egress: bool| {
                    let rules =
                        self.rules.values().filter(|r| r.group_id == group.group_id && r.is_egress == egress);
                    rules.map(as_permission).collect::<Vec<_>>()
                };
                let group = SecurityGroup { ingress: of(false), egress: of(true), ..group.clone() };
                (group.group_id.clone(), group)
            })
            .collect();
        self.described(all, filters, |group, name| match name {
            "group-id" => vec![group.group_id.clone()],
            "group-name" => vec![group.group_name.clone()],
            "vpc-id" => vec![group.vpc_id.clone()],
            name => tag_values(&group.tags, name).unwrap_or_default(),
        })
    }

    pub fn rules(&mut self, filters: &[Filter]) -> Vec<SecurityGroupRule> {
        let all = self.rules.clone().into_iter().collect();
        self.described(all, filters, |rule, name| match name {
            "security-group-rule-id" => vec![rule.rule_id.clone()],
            "group-id" => vec![rule.group_id.clone()],
            name => tag_values(&rule.tags, name).unwrap_or_default(),
        })
    }
}

fn alike(a: &SecurityGroupRule, b: &SecurityGroupRule) -> bool {
    a.group_id == b.group_id
        && a.is_egress == b.is_egress
        && a.ip_protocol == b.ip_protocol
        && (a.from_port, a.to_port) == (b.from_port, b.to_port)
        && a.peer == b.peer
}

fn as_permission(rule: &SecurityGroupRule) -> IpPermission {
    let any = rule.ip_protocol == "-1";
    IpPermission {
        ip_protocol: rule.ip_protocol.clone(),
        from_port: rule.from_port.filter(|_| !any),
        to_port: rule.to_port.filter(|_| !any),
        peers: rule
            .peer
            .iter()
            .map(|peer| (peer.clone(), Some(rule.description.clone()).filter(|d| !d.is_empty())))
            .collect(),
    }
}
